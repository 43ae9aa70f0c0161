//! Duplicates through the engine on both databases: who is found and who is left alone, that decisions of people outlive
//! the runs, that merges at any door count, and that a run that was given up goes on where it stopped.

use crate::support::{Kind, identifier, place, request, shop};
use domain::ids::AccountId;
use domain::member::{Identifier, IdentifierKind, Profile};
use operations::{
    Agreement, Answer, Command, DuplicateDecision, DuplicateFigures, DuplicateRunState, DuplicateState,
    DuplicateView, Engine, EvidenceField, MemberReference, OperationError,
};
use store::Faults;

/// Enrols somebody: name, date of birth, phone, e-mail.
async fn enrol(engine: &Engine, name: &str, born_on: &str, phone: &str, email: &str) -> AccountId {
    let mut identifiers = Vec::new();
    for (kind, value) in [(IdentifierKind::Phone, phone), (IdentifierKind::Email, email)] {
        if !value.is_empty() {
            identifiers.push(Identifier::new(kind, value, Some("CN")).expect("an identifier"));
        }
    }
    let born_on = (!born_on.is_empty()).then(|| born_on.parse().expect("a day"));
    let profile = Profile { name: Some(name.to_owned()), born_on, ..Profile::default() };
    done(engine, Command::EnrolMember { identifiers, profile, enrolled_at: None }).await
}

async fn done(engine: &Engine, command: Command) -> AccountId {
    match engine.carry_out(request(command)).await {
        Ok(Answer::Recorded(recorded)) => recorded.entry.id.account_id,
        other => panic!("expected an entry, got {other:?}"),
    }
}

async fn find(engine: &Engine) -> DuplicateFigures {
    let run = engine.find_duplicates("owner", &mut |_| ()).await.expect("a run").expect("a run");
    assert_eq!(run.state, DuplicateRunState::Finished, "{run:?}");
    engine.view_duplicates().await.expect("figures")
}

async fn listed(engine: &Engine, state: DuplicateState) -> Vec<(AccountId, AccountId)> {
    let page = engine.list_duplicates(state, None, 100).await.expect("a page");
    page.pairs.iter().map(|pair| (pair.left.member_id, pair.right.member_id)).collect()
}

async fn decide(engine: &Engine, pair: (AccountId, AccountId), decision: DuplicateDecision) -> DuplicateView {
    engine.decide_duplicate(pair, &decision, "ada").await.expect("decided")
}

fn merge(survivor: AccountId) -> DuplicateDecision {
    DuplicateDecision::Merge { survivor, reason: "one person, two cards".to_owned() }
}

/// Forty people who have nothing to do with one another, twins and a mother, and three who enrolled twice.
async fn town(engine: &Engine) -> [(AccountId, AccountId); 3] {
    let given = ["伟", "秀英", "建国", "丽华", "志强", "海燕", "文博", "雪梅"];
    for (number, family) in ["赵", "钱", "孙", "周", "吴"].iter().enumerate() {
        for (other, name) in given.iter().enumerate() {
            let at = number * given.len() + other;
            let born = format!("19{}-{:02}-{:02}", 50 + at, 1 + at % 12, 1 + at % 27);
            let phone = format!("+86137{:08}", 12_345_679 * (at + 1) % 100_000_000);
            enrol(engine, &format!("{family}{name}"), &born, &phone, "").await;
        }
    }
    // Twins and their mother: one surname, neighbouring numbers, one mailbox at two hosts.
    enrol(engine, "王芳", "1992-03-04", "+8613900001111", "wangjia@qq.com").await;
    enrol(engine, "王静", "1992-03-04", "+8613900001112", "wangjia@163.com").await;
    enrol(engine, "王桂兰", "1965-07-21", "+8613900001113", "").await;
    let pairs = [
        // The other script, and a digit of the number mistyped.
        (("李晓明", "1990-05-01", "+8613800138000", ""), ("Xiaoming LI", "1990-05-01", "+8613800138009", "")),
        // A character of the same sound, the same mailbox elsewhere.
        (
            ("陈伟文", "1988-11-30", "", "weiwen.chen@qq.com"),
            ("陈玮文", "1988-11-30", "", "weiwen.chen@gmail.com"),
        ),
        // A wrong day, and the words of the name turned.
        (
            ("Ada Lovelace", "1985-12-10", "+447700900123", ""),
            ("LOVELACE, Ada", "1985-12-11", "+447700900132", ""),
        ),
    ];
    let mut found = Vec::new();
    for (one, other) in pairs {
        let left = enrol(engine, one.0, one.1, one.2, one.3).await;
        let right = enrol(engine, other.0, other.1, other.2, other.3).await;
        found.push((left, right));
    }
    found.try_into().expect("three")
}

async fn finds_on(kind: Kind) {
    let Some(place) = place(kind) else { return };
    let engine = shop(&place.url, Faults::default()).await;
    assert_eq!(engine.view_duplicates().await.expect("figures").run, None);
    let [li, chen, ada] = town(&engine).await;
    let household = done(&engine, Command::CreateHousehold { name: "王家".to_owned() }).await;
    done(
        &engine,
        Command::LinkIdentifier { member: MemberReference::Id(household), identifier: identifier("home") },
    )
    .await;

    let figures = find(&engine).await;
    let run = figures.run.as_ref().expect("a run");
    assert_eq!((run.run_no, run.members, run.merged, run.pairs_over_limit), (1, 49, 0, 0), "no household");
    assert!(run.compared > 0 && run.compared < 200, "{run:?}");
    let open = listed(&engine, DuplicateState::Open).await;
    for pair in [li, chen, ada] {
        assert!(open.contains(&pair), "{pair:?} in {open:?}");
    }
    assert_eq!((figures.open_likely, figures.precision), (3, None), "{figures:?}");
    assert!((figures.match_rate.expect("a rate") - 6.0 / 49.0).abs() < 1e-9, "{figures:?}");

    let pair = engine.view_duplicate(li.1, li.0).await.expect("in either order");
    assert!(pair.likely && pair.probability > 0.95, "{pair:?}");
    let said = |field| pair.evidence.iter().find(|one| one.field == field).expect("a field");
    assert_eq!(said(EvidenceField::GivenName).agreement, Agreement::SoundsSame);
    assert_eq!(said(EvidenceField::BornOn).agreement, Agreement::Same);
    assert_eq!(said(EvidenceField::Phone).agreement, Agreement::Near);
    assert_eq!(said(EvidenceField::Email).agreement, Agreement::Missing);
    let sum: f64 = pair.evidence.iter().map(|one| one.bits).sum();
    assert!((sum + pair.prior_bits + pair.household_bits - pair.weight_bits).abs() < 1e-9, "{pair:?}");
    engine.shut_down().await;
}

async fn remembers_on(kind: Kind) {
    let Some(place) = place(kind) else { return };
    let engine = shop(&place.url, Faults::default()).await;
    let [li, chen, ada] = town(&engine).await;
    find(&engine).await;
    decide(&engine, li, DuplicateDecision::NotSame).await;
    decide(&engine, chen, DuplicateDecision::Later).await;
    let figures = find(&engine).await;
    assert_eq!(
        (figures.not_same, figures.later, figures.merged),
        (1, 1, 0),
        "a second run asks again nothing"
    );
    assert_eq!(listed(&engine, DuplicateState::NotSame).await, [li]);
    assert!(!listed(&engine, DuplicateState::Open).await.contains(&li));

    // What is known of one of them changes: somebody has to look again.
    let mail = Identifier::new(IdentifierKind::Email, "xiaoming@example.org", None).expect("an address");
    done(&engine, Command::LinkIdentifier { member: MemberReference::Id(li.0), identifier: mail }).await;
    assert_eq!(find(&engine).await.not_same, 0);
    assert!(listed(&engine, DuplicateState::Open).await.contains(&li));

    // Merged from the queue, by whom and why as always; sent twice, it is done once.
    let merged = decide(&engine, li, merge(li.1)).await;
    assert_eq!((merged.state, merged.decided_by.as_deref()), (DuplicateState::Merged, Some("ada")));
    decide(&engine, li, merge(li.1)).await;
    assert_eq!(engine.find_member(&MemberReference::Id(li.0)).await.expect("a member"), li.1);
    let stranger = engine.decide_duplicate(chen, &merge(ada.0), "ada").await;
    assert!(matches!(&stranger, Err(OperationError::Refused(refusal)) if refusal.code() == "field_invalid"));
    let taken_back = engine.decide_duplicate(li, &DuplicateDecision::NotSame, "ada").await;
    assert!(
        matches!(&taken_back, Err(OperationError::Refused(refusal)) if refusal.code() == "field_invalid")
    );
    let unknown = engine.decide_duplicate((li.0, ada.0), &DuplicateDecision::Later, "ada").await;
    assert!(
        matches!(&unknown, Err(OperationError::Refused(refusal)) if refusal.code() == "unknown"),
        "{unknown:?}"
    );

    // Merged at another door: it waits no longer at once, and the next run counts it.
    let command = Command::MergeMembers {
        absorbed: MemberReference::Id(ada.1),
        into: MemberReference::Id(ada.0),
        reason: "at the desk".to_owned(),
    };
    done(&engine, command).await;
    assert!(!listed(&engine, DuplicateState::Open).await.contains(&ada));
    let figures = find(&engine).await;
    assert_eq!(
        (figures.merged, figures.run.as_ref().map(|run| (run.members, run.merged))),
        (2, Some((47, 2)))
    );
    let share = figures.precision.expect("two judged");
    // Wilson at 2 of 2, 95 per cent: 2 / (2 + 1.96²) = 0.3424 to 1.
    assert!(share.part == 2 && share.whole == 2 && (share.low - 0.342_4).abs() < 5e-4, "{share:?}");

    let lineage = engine.view_lineage(&MemberReference::Id(li.0)).await.expect("a lineage");
    let told: Vec<_> =
        lineage.iter().map(|one| (one.member_id, one.merged_into, one.reason.as_deref())).collect();
    assert_eq!(told, [(li.1, None, None), (li.0, Some(li.1), Some("one person, two cards"))]);
    assert!(lineage[1].merged_at.is_some() && lineage[1].merged_by.as_deref() == Some("ada"), "{lineage:?}");

    // Undone at another door: the search was wrong about that pair.
    done(&engine, Command::UndoMerge { absorbed: ada.1, reason: "two persons after all".to_owned() }).await;
    let figures = find(&engine).await;
    let share = figures.precision.expect("two judged");
    assert_eq!((figures.merged, figures.not_same, share.part, share.whole), (1, 1, 1, 2));
    let report = engine.verify(true, &mut |_| {}).await.expect("a report");
    assert!(report.is_clean(), "{report:?}");
    engine.shut_down().await;
}

async fn resumes_on(kind: Kind) {
    let Some(place) = place(kind) else { return };
    let engine = shop(&place.url, Faults::default()).await;
    town(&engine).await;
    let giving_up = engine.clone();
    let mut tell = |run: &operations::DuplicateRunView| {
        if run.rules_done == 2 {
            let cancel = giving_up.cancel_find_duplicates();
            let given_up = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(cancel));
            assert!(given_up.expect("given up"));
        }
    };
    let run = engine.find_duplicates("owner", &mut tell).await.expect("a run").expect("a run");
    assert_eq!((run.state, run.run_no, run.rules_done), (DuplicateRunState::Cancelled, 1, 2), "{run:?}");
    assert!(!engine.cancel_find_duplicates().await.expect("none"), "nothing is under way any more");
    let half = listed(&engine, DuplicateState::Open).await;
    let mut begun = Vec::new();
    let mut tell = |run: &operations::DuplicateRunView| begun.push(run.rules_done);
    let run = engine.find_duplicates("owner", &mut tell).await.expect("a run").expect("a run");
    assert_eq!((run.state, run.run_no, run.rules_done), (DuplicateRunState::Finished, 1, run.rules_total));
    assert_eq!(begun, [2, 2, 3, 4, 5, 6, 7], "it went on with the rule it stopped before");
    let whole = listed(&engine, DuplicateState::Open).await;
    assert!(half.iter().all(|pair| whole.contains(pair)) && whole.len() >= 3, "{half:?} {whole:?}");
    // A finished run is followed by a new one, which finds the same.
    assert_eq!(find(&engine).await.run.map(|run| (run.run_no, run.pairs)), Some((2, run.pairs)));
    assert_eq!(listed(&engine, DuplicateState::Open).await, whole);
    engine.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_who_enrolled_twice_are_found_on_sqlite() {
    finds_on(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_who_enrolled_twice_are_found_on_postgres() {
    finds_on(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_decided_about_a_pair_stays_until_the_data_change_on_sqlite() {
    remembers_on(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_decided_about_a_pair_stays_until_the_data_change_on_postgres() {
    remembers_on(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_that_was_given_up_goes_on_where_it_stopped_on_sqlite() {
    resumes_on(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_that_was_given_up_goes_on_where_it_stopped_on_postgres() {
    resumes_on(Kind::Postgres).await;
}
