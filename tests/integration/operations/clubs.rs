//! Interest clubs through the engine on both databases: what members choose holds against every set, on every server, also
//! for whom they were merged into, and it is told.

use domain::code::Code;
use domain::ledger::Fact;
use domain::member::Profile;
use operations::{ClubStanding, Command, Engine, OperationError};

use crate::audiences::{KINDS, announce, done, id, replace, shop_with, told, verified};
use crate::support::{engines, everything, member, purchase, redeem, request, start};

/// A club with a bonus and a reward for its members alone, and a segment that is no club.
const CLUBS: &str = r#"
[[segments]]
code = "coffee"
name = { zh = "咖啡", en = "Coffee" }
interest_club = { reason = { zh = "常买咖啡", en = "You often buy coffee" } }

[[segments]]
code = "lapsing"
name = { zh = "将流失", en = "Lapsing" }

[[rules]]
code = "coffee_bonus"
name = { zh = "咖啡", en = "Coffee" }
unit = "points"
conditions = { segment = ["coffee"] }
effect = { bonus = { points = 100 } }

[[rewards]]
code = "cup"
name = { zh = "杯", en = "Cup" }
unit = "points"
price = { points = 3 }
segment = ["coffee"]
"#;

fn coffee() -> Code {
    Code::new("coffee").expect("a code")
}

async fn choose(engine: &Engine, name: &str, joins: bool) -> ClubStanding {
    engine.choose_club(&member(name), (coffee(), joins), "ada").await.expect("chosen").standing
}

async fn standing(engine: &Engine, name: &str) -> ClubStanding {
    let clubs = engine.list_clubs(&member(name)).await.expect("clubs");
    assert_eq!(clubs.len(), 1, "a segment that is no club is none of a member's choosing: {clubs:?}");
    clubs[0].standing
}

/// Whether a purchase got what the club's members get.
async fn gets_the_bonus(engine: &Engine, name: &str, reference: &str) -> bool {
    let reply = engine.carry_out(request(purchase(name, reference, None, start(), &[1_000]))).await;
    let Fact::PurchaseRecorded { awards, .. } = &done(&reply).fact else { panic!("{reply:?}") };
    awards.iter().any(|award| award.rule.as_str() == "coffee_bonus")
}

/// What the ledger tells of a member's choices, oldest first.
async fn choices(engine: &Engine, name: &str) -> Vec<&'static str> {
    let found = engine.list_entries(id(engine, name).await, None, 100).await.expect("entries").entries;
    let events = found.iter().rev().map(|entry| entry.fact.event());
    events.filter(|event| event.starts_with("club_")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_leaves_a_club_stays_out_of_it_whatever_sets_say_until_they_join() {
    for kind in KINDS {
        let Some((place, first)) = shop_with(kind, CLUBS).await else { continue };
        let servers = engines(first, &place, kind).await;
        let (one, other) = (&servers[0], &servers[servers.len() - 1]);
        let ada = id(one, "ada").await;
        assert_eq!(standing(one, "ada").await, ClubStanding::Outside);
        replace(one, "coffee", &["ada", "ben"]).await;
        announce(one).await;
        assert_eq!(standing(other, "ada").await, ClubStanding::Placed);
        assert!(gets_the_bonus(other, "ada", "R1").await);

        assert_eq!(choose(one, "ada", false).await, ClubStanding::Left);
        assert_eq!(standing(other, "ada").await, ClubStanding::Left);
        assert_eq!(told(one, ada).await, ["+coffee 1", "-coffee 1"], "told with the choice itself");
        for (number, server) in servers.iter().enumerate() {
            assert!(!gets_the_bonus(server, "ada", &format!("R2-{number}")).await);
        }
        let cup = || request(redeem("ada", "cup-ada", "cup", start()));
        assert!(
            matches!(&other.carry_out(cup()).await, Err(OperationError::Refused(no)) if no.code() == "reward_not_for_member")
        );
        let offered = other.list_rewards(Some(&member("ada"))).await.expect("a catalogue");
        assert!(
            offered.offers.iter().any(|offer| offer.reward.code.as_str() == "cup" && offer.refusal.is_some())
        );

        // The next set of the same analysis names them again.
        replace(other, "coffee", &["ada", "cleo"]).await;
        announce(one).await;
        assert_eq!(
            (standing(one, "ada").await, gets_the_bonus(one, "ada", "R3").await),
            (ClubStanding::Left, false)
        );
        assert_eq!(told(one, ada).await.len(), 2);
        assert_eq!(choose(other, "ada", false).await, ClubStanding::Left, "chosen already");
        assert_eq!(choices(one, "ada").await, ["club_left"]);

        assert_eq!(choose(other, "ada", true).await, ClubStanding::Joined);
        assert!(gets_the_bonus(one, "ada", "R4").await);
        done(&one.carry_out(cup()).await);
        assert_eq!(told(one, ada).await[2..], ["+coffee 2"]);
        // Who joined is in it without any set.
        replace(one, "coffee", &["cleo"]).await;
        announce(one).await;
        assert_eq!(
            (standing(other, "ada").await, gets_the_bonus(other, "ada", "R5").await),
            (ClubStanding::Joined, true)
        );
        assert_eq!(choices(one, "ada").await, ["club_left", "club_joined"]);
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
async fn what_a_member_has_left_they_have_left_by_whichever_account_they_said_it() {
    for kind in KINDS {
        let Some((_place, engine)) = shop_with(kind, CLUBS).await else { continue };
        let (ada, ben) = (id(&engine, "ada").await, id(&engine, "ben").await);
        replace(&engine, "coffee", &["ben"]).await;
        announce(&engine).await;
        // Nobody had put Ada into it: she does not want to be in it all the same.
        assert_eq!(choose(&engine, "ada", false).await, ClubStanding::Left);
        let reason = "one person".to_owned();
        let merge = Command::MergeMembers { absorbed: member("ada"), into: member("ben"), reason };
        done(&engine.carry_out(request(merge)).await);
        assert!(!gets_the_bonus(&engine, "ben", "R1").await);
        assert_eq!(told(&engine, ben).await, ["+coffee 1", "-coffee 1"]);
        assert_eq!(choose(&engine, "ben", true).await, ClubStanding::Joined, "what was said last holds");
        assert!(gets_the_bonus(&engine, "ada", "R2").await, "by either card");

        let reason = "two persons".to_owned();
        done(&engine.carry_out(request(Command::UndoMerge { absorbed: ada, reason })).await);
        assert_eq!(
            (standing(&engine, "ada").await, standing(&engine, "ben").await),
            (ClubStanding::Left, ClubStanding::Joined)
        );
        for name in ["ada", "ben"] {
            everything(&engine, name).await;
        }
        verified(&engine).await;
        engine.shut_down().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_that_is_replaced_says_what_is_declined_and_contradictions_are_refused() {
    for kind in KINDS {
        let Some((_place, engine)) = shop_with(kind, CLUBS).await else { continue };
        let ada = id(&engine, "ada").await;
        replace(&engine, "coffee", &["ada"]).await;
        announce(&engine).await;
        let update = async |segments: &[Code], declined: &[Code]| {
            let profile = Profile {
                segments: segments.to_vec(),
                declined_segments: declined.to_vec(),
                ..Profile::default()
            };
            let fields = vec!["declined_segments".to_owned()];
            let command =
                Command::UpdateMember { member: member("ada"), profile, fields, expected_version: None };
            engine.carry_out(request(command)).await
        };
        done(&update(&[], &[coffee()]).await);
        assert_eq!(told(&engine, ada).await, ["+coffee 1", "-coffee 1"]);
        let view = engine.view_member(&member("ada")).await.expect("a member");
        assert_eq!((view.profile.declined_segments, view.audiences), (vec![coffee()], vec![]));
        match update(&[coffee()], &[coffee()]).await {
            Err(OperationError::Refused(refusal)) => {
                assert!(refusal.to_string().contains("declined_segments is “coffee”"), "{refusal}");
            }
            other => panic!("{other:?}"),
        }
        done(&update(&[], &[]).await);
        assert_eq!(
            (standing(&engine, "ada").await, told(&engine, ada).await.len()),
            (ClubStanding::Placed, 3)
        );

        for club in ["lapsing", "tea"] {
            let choice = (Code::new(club).expect("a code"), true);
            let error = engine.choose_club(&member("ada"), choice, "ada").await.expect_err("no club");
            assert_eq!(error.to_string(), format!("there is no interest club “{club}”"));
        }
        everything(&engine, "ada").await;
        verified(&engine).await;
        engine.shut_down().await;
    }
}
