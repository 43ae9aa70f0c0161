//! Audiences through the engine on both databases: rules read the set that stands at that moment, on every server; a set
//! is replaced whole or not at all; the feed tells each entry and exit once; a merged member is where their accounts are.

use std::sync::mpsc;

use crate::support::{
    Kind, Place, adjust, engine, engines, enrol, everything, member, place, purchase, redeem, request, start,
};
use domain::code::Code;
use domain::ids::AccountId;
use domain::ledger::{Entry, Fact};
use jiff::ToSpan;
use operations::{
    AUDIENCE_PAGE_ROWS, AnnounceReport, Answer, AudienceOrder, AudienceReport, AudienceRow, Command, Engine,
    MemberReference, MemberSearch, OperationError, Reply,
};
use store::Faults;

pub(crate) const KINDS: [Kind; 2] = [Kind::Sqlite, Kind::Postgres];

/// A bonus and a reward for early birds alone.
const SEGMENTS: &str = r#"
[[segments]]
code = "early"
name = { zh = "早鸟", en = "Early birds" }

[[segments]]
code = "lapsing"
name = { zh = "将流失", en = "Lapsing" }

[[rules]]
code = "early_birds"
name = { zh = "早", en = "Early" }
unit = "points"
conditions = { segment = ["early"] }
effect = { bonus = { points = 100 } }

[[rewards]]
code = "tea"
name = { zh = "茶", en = "Tea" }
unit = "points"
price = { points = 3 }
segment = ["early"]
"#;

async fn shop(kind: Kind) -> Option<(Place, Engine)> {
    shop_with(kind, SEGMENTS).await
}

/// Three members with points under a programme that has segments in it.
pub(crate) async fn shop_with(kind: Kind, segments: &str) -> Option<(Place, Engine)> {
    let place = place(kind)?;
    let engine = engine(&place.url, 1, Faults::default()).await;
    let from = start().checked_sub((24 * 60).hours()).expect("in range");
    let programme = format!("{}{segments}", crate::support::PROGRAMME);
    engine.publish_programme(&programme, from, "owner").await.expect("published");
    for name in ["ada", "ben", "cleo"] {
        done(&engine.carry_out(request(enrol(name))).await);
        done(&engine.carry_out(request(adjust(name, 40, start()))).await);
    }
    Some((place, engine))
}

pub(crate) fn done(reply: &Reply) -> &Entry {
    match reply {
        Ok(Answer::Recorded(recorded)) => &recorded.entry,
        other => panic!("expected an entry, got {other:?}"),
    }
}

fn order(segment: &str, version: Option<u64>) -> AudienceOrder {
    let segment = Code::new(segment).expect("a code");
    AudienceOrder { segment, version, source: "basket-dna 3".to_owned(), actor: "analyst".to_owned() }
}

/// Rows that name members, a header's line above them.
fn rows(members: &[&str]) -> Vec<AudienceRow> {
    (2..).zip(members).map(|(line, member)| AudienceRow { line, member: (*member).to_owned() }).collect()
}

async fn replace_with(
    engine: &Engine,
    order: &AudienceOrder,
    members: &[&str],
) -> Result<AudienceReport, OperationError> {
    let mut rows = rows(members).into_iter();
    engine.replace_audience(order, &mut || Ok(rows.by_ref().take(AUDIENCE_PAGE_ROWS).collect())).await
}

pub(crate) async fn replace(engine: &Engine, segment: &str, members: &[&str]) -> AudienceReport {
    replace_with(engine, &order(segment, None), members).await.expect("replaced")
}

pub(crate) async fn announce(engine: &Engine) -> AnnounceReport {
    engine.announce_audiences(&mut |_| {}).await.expect("told")
}

/// The segments that a purchase was judged under, and whether the bonus came of it.
async fn bought(engine: &Engine, name: &str, reference: &str) -> (Vec<String>, bool) {
    let reply = engine.carry_out(request(purchase(name, reference, None, start(), &[1_000]))).await;
    let Fact::PurchaseRecorded { circumstances, awards, .. } = &done(&reply).fact else {
        panic!("{reply:?}")
    };
    let segments = circumstances.segments.iter().map(ToString::to_string).collect();
    (segments, awards.iter().any(|award| award.rule.as_str() == "early_birds"))
}

/// What the ledger tells of a member's audiences, oldest first.
pub(crate) async fn told(engine: &Engine, account_id: AccountId) -> Vec<String> {
    let mut told = Vec::new();
    for entry in engine.list_entries(account_id, None, 100).await.expect("entries").entries.iter().rev() {
        match &entry.fact {
            Fact::AudienceEntered { segment, version } => told.push(format!("+{segment} {version}")),
            Fact::AudienceLeft { segment, version } => told.push(format!("-{segment} {version}")),
            _ => {}
        }
    }
    told
}

pub(crate) async fn id(engine: &Engine, name: &str) -> AccountId {
    engine.find_member(&member(name)).await.expect("a member")
}

pub(crate) async fn verified(engine: &Engine) {
    let report = engine.verify(true, &mut |_| {}).await.expect("a report");
    assert!(report.is_clean(), "{report:?}");
}

fn refused(result: Result<AudienceReport, OperationError>) -> String {
    match result {
        Err(OperationError::Refused(refusal)) => refusal.to_string(),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_that_names_an_audience_earns_for_its_members_alone_on_every_server() {
    for kind in KINDS {
        let Some((place, first)) = shop(kind).await else { continue };
        let servers = engines(first, &place, kind).await;
        let (one, other) = (&servers[0], &servers[servers.len() - 1]);
        assert_eq!(bought(one, "ada", "R1").await, (vec![], false), "no set was sent yet");

        let report = replace(one, "early", &["external:ada"]).await;
        let audience = &report.audience;
        assert_eq!((audience.version, audience.size, audience.entered, audience.left), (1, 1, 1, 0));
        for (number, server) in servers.iter().enumerate() {
            let mine = format!("R2-{number}");
            assert_eq!(bought(server, "ada", &mine).await, (vec!["early".to_owned()], true));
        }
        assert_eq!(bought(other, "ben", "R3").await, (vec![], false));
        let tea = |name: &str| request(redeem(name, &format!("tea-{name}"), "tea", start()));
        assert!(
            matches!(&other.carry_out(tea("ben")).await, Err(OperationError::Refused(no)) if no.code() == "reward_not_for_member")
        );
        done(&one.carry_out(tea("ada")).await);

        // Another server replaces the set: from its answer on all others judge by it.
        let report = replace(other, "early", &["ben", "cleo"]).await;
        let audience = &report.audience;
        assert_eq!((audience.version, audience.size, audience.entered, audience.left), (2, 2, 2, 1));
        for (number, server) in servers.iter().enumerate() {
            assert_eq!(bought(server, "ada", &format!("R4-{number}")).await, (vec![], false));
            let mine = format!("R5-{number}");
            assert_eq!(bought(server, "ben", &mine).await, (vec!["early".to_owned()], true));
        }
        done(&one.carry_out(tea("ben")).await);
        let view = one.view_member(&member("ben")).await.expect("a member");
        assert_eq!(view.audiences, [Code::new("early").unwrap()]);
        announce(one).await;
        for name in ["ada", "ben", "cleo"] {
            everything(one, name).await;
        }
        verified(one).await;
        for server in servers {
            server.shut_down().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn segments_of_the_profile_and_of_audiences_add_up() {
    for kind in KINDS {
        let Some((_place, engine)) = shop(kind).await else { continue };
        let profile = domain::member::Profile {
            segments: vec![Code::new("lapsing").unwrap()],
            ..domain::member::Profile::default()
        };
        let update = Command::UpdateMember {
            member: member("ada"),
            profile,
            fields: vec!["segments".to_owned()],
            expected_version: None,
        };
        done(&engine.carry_out(request(update)).await);
        replace(&engine, "early", &["ada"]).await;
        replace(&engine, "lapsing", &["ada", "ben"]).await;
        let both = ["lapsing".to_owned(), "early".to_owned()];
        assert_eq!(bought(&engine, "ada", "R1").await, (both.to_vec(), true));
        // An empty set takes its members away, and nothing from the profile.
        let report = replace(&engine, "lapsing", &[]).await;
        assert_eq!((report.audience.size, report.audience.left), (0, 2));
        assert_eq!(bought(&engine, "ada", "R2").await, (both.to_vec(), true));
        assert_eq!(bought(&engine, "ben", "R3").await, (vec![], false));
        engine.shut_down().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_entry_and_exit_is_told_once_whoever_tells_it_and_after_a_crash() {
    for kind in KINDS {
        let Some((place, first)) = shop(kind).await else { continue };
        let (ada, ben, cleo) = (id(&first, "ada").await, id(&first, "ben").await, id(&first, "cleo").await);
        replace(&first, "early", &["ada", "ben"]).await;
        assert_eq!(told(&first, ada).await, [""; 0], "the set stands before it is told of");
        // The process ends when one of them has been told; the next one goes on.
        let one = Command::AnnounceAudiences { account_id: ada };
        assert!(first.carry_out(request(one)).await.is_ok());
        first.shut_down().await;
        drop(first);
        let engine = engine(&place.url, 7, Faults::default()).await;
        assert_eq!(announce(&engine).await, AnnounceReport { events: 1, members: 2, failed: 0 });
        assert_eq!(announce(&engine).await, AnnounceReport::default());
        assert_eq!(
            (told(&engine, ada).await, told(&engine, ben).await),
            (vec!["+early 1".to_owned()], vec!["+early 1".to_owned()])
        );

        // Two sets between two tellings: only what changed in the end is told, in the version that stands then.
        replace(&engine, "early", &["cleo"]).await;
        replace(&engine, "early", &["ada", "cleo"]).await;
        replace(&engine, "lapsing", &["ada"]).await;
        assert_eq!(announce(&engine).await.events, 3);
        assert_eq!(told(&engine, ada).await, ["+early 1", "+lapsing 1"]);
        assert_eq!(told(&engine, ben).await, ["+early 1", "-early 3"]);
        assert_eq!(told(&engine, cleo).await, ["+early 3"]);
        assert!(engine.list_audiences().await.unwrap().iter().all(|audience| audience.untold == 0));

        if kind == Kind::Sqlite {
            let page = engine.list_events(None, 1_000).await.expect("events");
            let events = page.events.iter().filter(|entry| entry.fact.event().starts_with("audience_"));
            assert_eq!(events.count(), 5, "a follower sees each of them once");
        }
        for name in ["ada", "ben", "cleo"] {
            everything(&engine, name).await;
        }
        verified(&engine).await;
        engine.shut_down().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_writers_the_one_whose_set_is_older_gives_way() {
    for kind in KINDS {
        let Some((place, first)) = shop(kind).await else { continue };
        let servers = engines(first, &place, kind).await;
        let (one, other) = (servers[0].clone(), servers[servers.len() - 1].clone());
        replace(&one, "early", &["ada"]).await;
        for (version, lands) in [(None, false), (Some(9), true)] {
            let ((began, has_begun), (go, may_go)) = (mpsc::channel(), mpsc::channel::<()>());
            let slow = one.clone();
            let slow = tokio::spawn(async move {
                let mut waiting = Some(rows(&["ada", "ben"]));
                let mut page = move || {
                    let page = waiting.take();
                    if page.is_some() {
                        began.send(()).expect("heard");
                        may_go.recv().expect("told");
                    }
                    Ok(page.unwrap_or_default())
                };
                slow.replace_audience(&order("early", version), &mut page).await
            });
            has_begun.recv().expect("begun");
            let quick = replace(&other, "early", &["cleo"]).await;
            go.send(()).expect("waiting");
            let slow = slow.await.expect("no panic");
            if lands {
                // Told to be newer, it takes the place of the set that came in between, and is compared with that one.
                let audience = slow.expect("replaced").audience;
                let numbers = (audience.version, audience.size, audience.entered, audience.left);
                assert_eq!(numbers, (9, 2, 2, 1));
            } else {
                let standing = quick.audience.version;
                assert!(refused(slow).contains(&format!("not newer than {standing}, which stands")));
            }
        }
        let stale = replace_with(&other, &order("early", Some(9)), &["cleo"]).await;
        assert!(refused(stale).starts_with("version 9 of audience early is not newer than 9"));
        let history = one.view_audience(Code::new("early").unwrap()).await.unwrap();
        let versions: Vec<(u64, u64)> = history.versions.iter().map(|one| (one.version, one.size)).collect();
        assert_eq!(versions, [(9, 2), (3, 1), (2, 1), (1, 1)]);
        for server in servers {
            server.shut_down().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_goes_on_after_a_merge_is_in_the_audiences_of_both() {
    for kind in KINDS {
        let Some((_place, engine)) = shop(kind).await else { continue };
        let (ada, ben) = (id(&engine, "ada").await, id(&engine, "ben").await);
        replace(&engine, "early", &["ada"]).await;
        announce(&engine).await;
        let reason = "one person".to_owned();
        let merge = Command::MergeMembers { absorbed: member("ada"), into: member("ben"), reason };
        done(&engine.carry_out(request(merge)).await);
        assert_eq!(told(&engine, ada).await, ["+early 1", "-early 1"]);
        assert_eq!(told(&engine, ben).await, ["+early 1"]);
        assert_eq!(bought(&engine, "ada", "R1").await, (vec!["early".to_owned()], true), "by either card");
        assert_eq!(bought(&engine, "ben", "R2").await, (vec!["early".to_owned()], true));

        // A set that names the account given up means the member who goes on.
        replace(&engine, "lapsing", &["ada"]).await;
        announce(&engine).await;
        assert_eq!(told(&engine, ben).await, ["+early 1", "+lapsing 1"]);
        everything(&engine, "ben").await;

        let reason = "two persons".to_owned();
        done(&engine.carry_out(request(Command::UndoMerge { absorbed: ada, reason })).await);
        assert_eq!(told(&engine, ada).await, ["+early 1", "-early 1", "+early 1", "+lapsing 1"]);
        assert_eq!(told(&engine, ben).await, ["+early 1", "+lapsing 1", "-early 1", "-lapsing 1"]);
        assert_eq!(bought(&engine, "ben", "R3").await, (vec![], false));
        for name in ["ada", "ben"] {
            everything(&engine, name).await;
        }
        verified(&engine).await;
        engine.shut_down().await;
    }
}

/// Whom a list of the members of a segment has in it, by the name they enrolled under.
async fn listed(engine: &Engine, segment: &str) -> Vec<String> {
    let search = MemberSearch { segment: Some(Code::new(segment).unwrap()), ..MemberSearch::default() };
    let page = engine.search_members(&search).await.expect("a page");
    assert_eq!(page.total, page.members.len() as u64, "counted and listed alike");
    let mut names: Vec<String> =
        page.members.iter().map(|row| row.identifiers[0].value.to_string()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_a_segments_members_has_those_of_the_profile_and_of_the_audience_in_it() {
    for kind in KINDS {
        let Some((_place, engine)) = shop(kind).await else { continue };
        for number in 0..20 {
            done(&engine.carry_out(request(enrol(&format!("m{number:02}")))).await);
        }
        let set = |name: &str, segments: &[&str], declined: &[&str]| {
            let codes = |names: &[&str]| names.iter().map(|name| Code::new(name).unwrap()).collect();
            let profile = domain::member::Profile {
                segments: codes(segments),
                declined_segments: codes(declined),
                ..domain::member::Profile::default()
            };
            let fields = vec!["segments".to_owned(), "declined_segments".to_owned()];
            Command::UpdateMember { member: member(name), profile, fields, expected_version: None }
        };
        done(&engine.carry_out(request(set("cleo", &["early"], &[]))).await);
        assert_eq!(listed(&engine, "early").await, ["cleo"], "no audience yet");
        // Numbers beyond one byte, with gaps, some of them of nobody in this audience.
        let all: Vec<String> = (0..20).map(|number| format!("m{number:02}")).collect();
        replace(&engine, "lapsing", &all.iter().map(String::as_str).collect::<Vec<_>>()).await;
        replace(&engine, "early", &["ada", "m00", "m07", "m08", "m15", "m19"]).await;
        assert_eq!(listed(&engine, "early").await, ["ada", "cleo", "m00", "m07", "m08", "m15", "m19"]);
        assert_eq!(listed(&engine, "lapsing").await, all);

        done(&engine.carry_out(request(set("m07", &[], &["early"]))).await);
        assert_eq!(listed(&engine, "early").await, ["ada", "cleo", "m00", "m08", "m15", "m19"]);
        // One after the other into Ben, who is in no audience himself.
        for (absorbed, into) in [("ada", "m01"), ("m01", "ben")] {
            let reason = "one person".to_owned();
            let merge = Command::MergeMembers { absorbed: member(absorbed), into: member(into), reason };
            done(&engine.carry_out(request(merge)).await);
        }
        assert_eq!(listed(&engine, "early").await, ["ben", "cleo", "m00", "m08", "m15", "m19"]);
        let reason = "one person".to_owned();
        let merge = Command::MergeMembers { absorbed: member("m07"), into: member("m08"), reason };
        done(&engine.carry_out(request(merge)).await);
        assert_eq!(listed(&engine, "early").await, ["ben", "cleo", "m00", "m15", "m19"], "m07 declined it");
        assert_eq!(listed(&engine, "nobody").await, Vec::<String>::new());

        // As each of them sees it.
        for name in ["ada", "ben", "cleo", "m00", "m01", "m07", "m08", "m15", "m16", "m19"] {
            let view = engine.view_member(&member(name)).await.expect("a member");
            for segment in ["early", "lapsing"] {
                let code = Code::new(segment).unwrap();
                let is_in = view.profile.segments.contains(&code) || view.audiences.contains(&code);
                let own = engine.view_member(&MemberReference::Id(view.member_id)).await.expect("a member");
                let first = own.identifiers[0].value.to_string();
                assert_eq!(listed(&engine, segment).await.contains(&first), is_in, "{name} in {segment}");
            }
        }
        engine.shut_down().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_without_a_member_are_told_with_their_lines_and_a_wrong_file_changes_nothing() {
    for kind in KINDS {
        let Some((_place, engine)) = shop(kind).await else { continue };
        let ada = id(&engine, "ada").await.to_string();
        let named = ["nobody", &ada, "external:ben", "card:9", "ben", "mem_0000000000009", ""];
        let report = replace(&engine, "early", &named).await;
        assert_eq!((report.audience.size, report.rows, report.repeated, report.unknown), (2, 7, 1, 4));
        let unknown: Vec<(u64, &str)> =
            report.unknown_rows.iter().map(|row| (row.line, row.member.as_str())).collect();
        assert_eq!(unknown, [(2, "nobody"), (5, "card:9"), (7, "mem_0000000000009"), (8, "")]);

        let wrong = replace_with(&engine, &order("early", None), &["x", "y"]).await;
        assert!(refused(wrong).starts_with("member is “x”: not one row names a member"));
        let undeclared = replace_with(&engine, &order("pilots", None), &["ada"]).await;
        assert!(
            refused(undeclared)
                .starts_with("segment is “pilots”: it is not a segment of this programme: declare it")
        );
        let unsaid = AudienceOrder { source: String::new(), ..order("early", None) };
        assert!(refused(replace_with(&engine, &unsaid, &["ada"]).await).starts_with("source is “”"));
        assert_eq!(engine.list_audiences().await.unwrap()[0].version, 1);
        engine.shut_down().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_set_of_several_pages_is_replaced_and_told_whole() {
    for kind in KINDS {
        let Some((_place, engine)) = shop(kind).await else { continue };
        let names: Vec<String> = (0..AUDIENCE_PAGE_ROWS + 500).map(|number| format!("m{number}")).collect();
        for part in names.chunks(1_000) {
            let replies = engine.submit(part.iter().map(|name| request(enrol(name))).collect()).await;
            assert!(replies.expect("answers").iter().all(Result::is_ok));
        }
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        let report = replace(&engine, "early", &all).await;
        assert_eq!((report.audience.size, report.unknown), (all.len() as u64, 0));
        let told_of = announce(&engine).await;
        assert_eq!((told_of.events, told_of.members), (all.len() as u64, all.len() as u64));
        let report = replace(&engine, "early", &all[10..]).await;
        assert_eq!((report.audience.entered, report.audience.left, report.audience.untold), (0, 10, 10));
        assert_eq!(announce(&engine).await.events, 10);
        engine.shut_down().await;
    }
}
