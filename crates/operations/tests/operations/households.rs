//! Households through the engine on both databases: what is pooled and when, who spends it, what who leaves takes along,
//! and that whatever races with joining, leaving and holding has one outcome (TS-15).

use crate::support::{
    Kind, adjust, after_minutes, cancel, capture, engine, enrol, everything, hold, identifier, member, place,
    purchase, receipt, redeem, request, rounds, shop, spent_by, start, take_back, transfer, void,
};
use domain::code::Code;
use domain::ids::AccountId;
use operations::{
    Answer, Command, Engine, HouseholdFilter, MemberReference, MemberView, OperationError, OverviewQuery,
    Reply, Request,
};
use store::Faults;

/// Rounds of each race on each database; `PERENNIAL_RACE_ROUNDS` asks for more.
const ROUNDS: u32 = 40;
const DAY_MINUTES: i64 = 1_440;

fn join(household: AccountId, who: &str, may_spend: bool) -> Request {
    request(Command::JoinHousehold { household, member: member(who), may_spend })
}

fn leave(household: AccountId, who: &str) -> Request {
    request(Command::LeaveHousehold { household, member: member(who) })
}

fn code(reply: &Reply) -> &'static str {
    match reply {
        Err(OperationError::Refused(refusal)) => refusal.code(),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

async fn done(engine: &Engine, request: Request) -> AccountId {
    match engine.carry_out(request).await {
        Ok(Answer::Recorded(recorded)) => recorded.entry.id.account_id,
        other => panic!("expected an entry, got {other:?}"),
    }
}

async fn refused(engine: &Engine, command: Command) -> &'static str {
    code(&engine.carry_out(request(command)).await)
}

async fn id(engine: &Engine, name: &str) -> AccountId {
    engine.find_member(&member(name)).await.expect("a member")
}

/// A household that is found under its name, like a member.
async fn home(engine: &Engine, name: &str) -> AccountId {
    let household = done(engine, request(Command::CreateHousehold { name: name.to_owned() })).await;
    let known =
        Command::LinkIdentifier { member: MemberReference::Id(household), identifier: identifier(name) };
    done(engine, request(known)).await;
    household
}

/// Available, pending and owed, as the entries say, too.
async fn points(engine: &Engine, name: &str) -> (i64, i64, i64) {
    everything(engine, name).await;
    let view = engine.view_member(&member(name)).await.expect("a member");
    let balance = view.state.balance(Code::constant("points"));
    (balance.available, balance.pending, balance.debt)
}

/// Everything adds up, account by account and pair by pair.
async fn verified(engine: &Engine) {
    let report = engine.verify(true, &mut |_| {}).await.expect("a report");
    assert!(report.is_clean(), "{report:?}");
}

/// Two members with 40 and 30 points and a household they have joined: the first may spend its points.
async fn family(engine: &Engine) -> AccountId {
    for (name, given) in [("ada", 40), ("ben", 30)] {
        done(engine, request(enrol(name))).await;
        done(engine, request(adjust(name, given, start()))).await;
    }
    let household = home(engine, "home").await;
    done(engine, join(household, "ada", true)).await;
    done(engine, join(household, "ben", false)).await;
    household
}

async fn ts_15_on(kind: Kind) {
    let Some(place) = place(kind) else { return };
    let engine = shop(&place.url, Faults::default()).await;
    let household = family(&engine).await;
    let (ada, ben) = (id(&engine, "ada").await, id(&engine, "ben").await);
    done(&engine, request(purchase("ben", "R1", None, start(), &[1_000]))).await;
    assert_eq!(points(&engine, "home").await, (70, 0, 0));
    assert_eq!((points(&engine, "ada").await, points(&engine, "ben").await), ((0, 0, 0), (0, 15, 0)));

    // Who may spend.
    let asked = || hold("home", "H1", 60, start());
    assert_eq!(refused(&engine, asked()).await, "spender_needed");
    assert_eq!(refused(&engine, spent_by(ben, asked())).await, "spender_not_allowed");
    assert_eq!(refused(&engine, spent_by(ada, hold("ada", "H0", 5, start()))).await, "not_a_household");
    done(&engine, request(spent_by(ada, asked()))).await;

    // Whether somebody may spend is changed without anything moving.
    let change =
        |who: &str, may_spend| Command::ChangeHouseholdMember { household, member: member(who), may_spend };
    done(&engine, request(change("ben", true))).await;
    done(&engine, request(spent_by(ben, hold("home", "H2", 5, start())))).await;
    done(&engine, request(change("ben", false))).await;
    assert_eq!(refused(&engine, spent_by(ben, hold("home", "H3", 1, start()))).await, "spender_not_allowed");
    done(&engine, request(void("V2", "H2", start()))).await;
    assert_eq!(points(&engine, "home").await, (10, 0, 0));
    let stranger = Command::ChangeHouseholdMember { household: ada, member: member("ben"), may_spend: true };
    assert_eq!(refused(&engine, stranger).await, "not_a_household");

    // The hold must end first; then the share goes along, and what is pending was never anywhere else.
    assert_eq!(code(&engine.carry_out(leave(household, "ben")).await), "household_waits");
    done(&engine, request(void("V1", "H1", start()))).await;
    let trial = engine.carry_out(leave(household, "ben").dry_run(true)).await;
    assert!(matches!(&trial, Ok(Answer::Recorded(recorded)) if recorded.dry_run), "{trial:?}");
    assert_eq!(points(&engine, "home").await, (70, 0, 0), "a trial moves nothing");
    let keyed = leave(household, "ben").with_key(Some("leave".to_owned()));
    let first = engine.carry_out(keyed.clone()).await;
    assert_eq!(receipt(&first), receipt(&engine.carry_out(keyed).await), "the same key, the same receipt");
    assert_eq!((points(&engine, "home").await, points(&engine, "ben").await), ((40, 0, 0), (30, 15, 0)));
    engine.clock().set(after_minutes(3 * DAY_MINUTES));
    done(&engine, request(adjust("ben", -45, after_minutes(3 * DAY_MINUTES)))).await;
    assert_eq!((points(&engine, "home").await, points(&engine, "ben").await), ((40, 0, 0), (0, 0, 0)));
    verified(&engine).await;
    engine.shut_down().await;
}

async fn pools_on(kind: Kind) {
    let Some(place) = place(kind) else { return };
    let engine = shop(&place.url, Faults::default()).await;
    let household = family(&engine).await;
    let ada = id(&engine, "ada").await;

    // What is due on a member's account counts for the pool, whether or not the sweep has come.
    done(&engine, request(purchase("ben", "R1", None, start(), &[2_000]))).await;
    let later = after_minutes(3 * DAY_MINUTES);
    engine.clock().set(later);
    assert_eq!(refused(&engine, spent_by(ada, hold("home", "H0", 101, later))).await, "insufficient_points");
    done(&engine, request(spent_by(ada, hold("home", "H1", 100, later)))).await;
    done(&engine, request(capture("C1", "H1", None, later))).await;
    assert_eq!((points(&engine, "home").await, points(&engine, "ben").await), ((0, 0, 0), (0, 0, 0)));

    // A return of a member's purchase is the pool's debt, and the next points repay it.
    done(&engine, request(take_back("B1", "R1", later, &[(0, 2_000)]))).await;
    assert_eq!((points(&engine, "home").await, points(&engine, "ben").await), ((0, 0, 30), (0, 0, 0)));
    done(&engine, request(adjust("ada", 50, later))).await;
    assert_eq!((points(&engine, "home").await, points(&engine, "ada").await), ((20, 0, 0), (0, 0, 0)));

    // What others give a member is pooled as well, in one batch with the purchase of another reward.
    done(&engine, request(enrol("cid"))).await;
    done(&engine, request(adjust("cid", 10, later))).await;
    let offer = engine.carry_out(request(transfer("cid", "ben", 4))).await;
    let transfer = offer.expect("offered").recorded().expect("an entry").entry.id;
    let accept = request(Command::AcceptTransfer { member: member("ben"), transfer });
    let pen = request(spent_by(ada, redeem("home", "pen1", "pen", later)));
    let replies = engine.submit(vec![accept, pen]).await.expect("answers");
    assert!(replies.iter().all(Result::is_ok), "{replies:?}");
    assert_eq!((points(&engine, "home").await, points(&engine, "ben").await), ((17, 0, 0), (0, 0, 0)));
    done(&engine, request(cancel("X1", "pen1", later))).await;
    assert_eq!(points(&engine, "home").await, (24, 0, 0));

    // A household holds and spends, nothing else; its members stay who they are.
    let bought = purchase("home", "R2", None, later, &[100]);
    assert_eq!(refused(&engine, bought).await, "is_household");
    let merge = |absorbed: &str, into: &str| Command::MergeMembers {
        absorbed: member(absorbed),
        into: member(into),
        reason: "one person".to_owned(),
    };
    assert_eq!(refused(&engine, merge("ada", "cid")).await, "in_household");
    assert_eq!(refused(&engine, merge("cid", "home")).await, "is_household");
    assert_eq!(refused(&engine, crate::support::transfer("home", "cid", 1)).await, "is_household");
    assert_eq!(code(&engine.carry_out(join(household, "ada", true)).await), "in_household");
    assert_eq!(code(&engine.carry_out(leave(household, "cid")).await), "not_in_household");
    assert_eq!(refused(&engine, Command::CreateHousehold { name: " ".to_owned() }).await, "field_invalid");

    // Whoever counts members counts persons.
    let query = OverviewQuery {
        from: "2028-02-19".parse().unwrap(),
        to: "2028-02-25".parse().unwrap(),
        compare: false,
    };
    let seen = engine.view_overview(&query).await.expect("an overview").expect("a programme");
    assert_eq!((seen.current.members, seen.current.new_members), (3, 3));

    // The last one turns off the light.
    done(&engine, leave(household, "ben")).await;
    done(&engine, leave(household, "ada")).await;
    let sum = points(&engine, "ada").await.0 + points(&engine, "ben").await.0;
    assert_eq!((points(&engine, "home").await, sum), ((0, 0, 0), 24));
    verified(&engine).await;
    engine.shut_down().await;
}

/// A household is told as whoever spends or leaves will find it, and found by its name, its members' names and numbers.
async fn told_on(kind: Kind) {
    let Some(place) = place(kind) else { return };
    let engine = shop(&place.url, Faults::default()).await;
    let household = family(&engine).await;
    let (ada, ben) = (id(&engine, "ada").await, id(&engine, "ben").await);
    done(&engine, request(purchase("ben", "R1", None, start(), &[2_000]))).await;
    let share = async |who: AccountId| {
        let view = engine.view_household(household).await.expect("a household");
        let member = view.member(who).expect("a member").clone();
        let pending: i64 = member.own.iter().map(|own| own.pending).sum();
        (member.share.iter().map(|share| share.points).sum::<i64>(), pending)
    };
    assert_eq!((share(ada).await, share(ben).await), ((40, 0), (30, 30)));

    // What time has released counts in every answer before anybody has posted it, and afterwards alike.
    engine.clock().set(after_minutes(3 * DAY_MINUTES));
    for _ in 0..2 {
        assert_eq!((share(ada).await, share(ben).await), ((40, 0), (60, 0)));
        let pool = engine.view_member(&MemberReference::Id(household)).await.expect("a pool");
        let own = engine.view_member(&MemberReference::Id(ben)).await.expect("a member");
        let available =
            |view: &MemberView| view.standing.balances.iter().map(|one| one.available).sum::<i64>();
        assert_eq!((available(&pool), available(&own)), (100, 0));
        assert_eq!(own.household.as_ref().map(|one| one.household_id), Some(household));
        engine.expire_points(after_minutes(3 * DAY_MINUTES), &mut |_| ()).await.expect("a sweep");
    }
    assert_eq!(code(&engine.carry_out(leave(household, "cid")).await), "member_unknown");

    let second = home(&engine, "second").await;
    let found = async |text: Option<&str>, who: Option<AccountId>| {
        let member = who.map(MemberReference::Id);
        let filter = HouseholdFilter { text: text.map(str::to_owned), member };
        let page = engine.list_households(&filter, None, 100).await.expect("a page");
        page.households.iter().map(|one| one.household_id).collect::<Vec<_>>()
    };
    assert_eq!(found(None, None).await, [second, household], "newest first");
    assert_eq!(found(Some("SECOND"), None).await, [second]);
    assert_eq!(found(Some("nothing of the kind"), None).await, []);
    assert_eq!(found(None, Some(ben)).await, [household]);
    assert_eq!(found(None, Some(second)).await, [second]);
    assert_eq!(found(Some("second"), Some(ben)).await, []);
    let first = engine.list_households(&HouseholdFilter::default(), None, 1).await.expect("a page");
    let next = engine.list_households(&HouseholdFilter::default(), first.next.as_deref(), 1).await;
    let next = next.expect("a page");
    assert_eq!((first.has_more, next.has_more, next.households[0].household_id), (true, false, household));
    let none = engine.view_household(ben).await;
    assert!(
        matches!(&none, Err(OperationError::Refused(refusal)) if refusal.code() == "unknown"),
        "{none:?}"
    );
    engine.shut_down().await;
}

/// Two joins of one member at once; leaving against a hold; a return against the pool's last points.
async fn races_on(kind: Kind) {
    let Some(place) = place(kind) else { return };
    let mut engines = vec![shop(&place.url, Faults::default()).await];
    if kind == Kind::Postgres {
        engines.push(engine(&place.url, 1_000_000, Faults::default()).await);
    }
    let (here, there) = (engines[0].clone(), engines[engines.len() - 1].clone());
    for round in 0..rounds(ROUNDS) {
        let named = |what: &str| format!("{what}{round}");
        let (ada, ben) = (named("ada"), named("ben"));
        for name in [&ada, &ben] {
            done(&here, request(enrol(name))).await;
            done(&here, request(adjust(name, 10, start()))).await;
        }
        let homes = [home(&here, &named("one")).await, home(&here, &named("two")).await];
        let (one, other) = tokio::join!(
            here.carry_out(join(homes[0], &ada, true)),
            there.carry_out(join(homes[1], &ada, true)),
        );
        assert!(one.is_ok() != other.is_ok(), "a member is in one household: {one:?} {other:?}");
        let refusal = if one.is_ok() { &other } else { &one };
        assert_eq!(code(refusal), "in_household");
        let (household, name) = if one.is_ok() { (homes[0], named("one")) } else { (homes[1], named("two")) };
        done(&here, join(household, &ben, false)).await;

        let spender = id(&here, &ada).await;
        let held = request(spent_by(spender, hold(&name, &named("hold"), 15, start())));
        let bought = named("bought");
        let (left, held, bought) = tokio::join!(
            there.carry_out(leave(household, &ben)),
            here.carry_out(held),
            there.carry_out(request(purchase(&ada, &bought, None, start(), &[1_000]))),
        );
        assert!(left.is_ok() != held.is_ok(), "round {round}: one of the two: {left:?} {held:?}");
        if held.is_ok() {
            assert_eq!(code(&left), "household_waits");
            done(&here, request(void(&named("void"), &named("hold"), start()))).await;
            done(&here, leave(household, &ben)).await;
        } else {
            assert_eq!(code(&held), "insufficient_points");
        }
        assert!(bought.is_ok(), "{bought:?}");
        let (pool, own) = (points(&here, &name).await, points(&here, &ben).await);
        assert_eq!((pool, own), ((10, 0, 0), (10, 0, 0)), "round {round}: nothing made or lost");
        assert_eq!(points(&here, &ada).await, (0, 15, 0), "round {round}");
    }
    verified(&here).await;
    for engine in engines {
        engine.shut_down().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ts_15_a_member_leaves_with_a_pending_earn_and_an_open_hold_on_sqlite() {
    ts_15_on(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ts_15_a_member_leaves_with_a_pending_earn_and_an_open_hold_on_postgres() {
    ts_15_on(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_household_pools_what_its_members_can_spend_on_sqlite() {
    pools_on(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_household_pools_what_its_members_can_spend_on_postgres() {
    pools_on(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_household_is_told_as_whoever_spends_or_leaves_will_find_it_on_sqlite() {
    told_on(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_household_is_told_as_whoever_spends_or_leaves_will_find_it_on_postgres() {
    told_on(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ts_15_what_races_with_joining_and_leaving_has_one_outcome_on_sqlite() {
    races_on(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ts_15_what_races_with_joining_and_leaving_has_one_outcome_on_postgres() {
    races_on(Kind::Postgres).await;
}
