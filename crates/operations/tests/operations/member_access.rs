//! One-time codes and members' sessions, on both databases: what lets a member in, what does not, and what a stranger
//! learns by asking.

use std::sync::Mutex;

use crate::support::{Kind, Place, place, request, shop, start};
use domain::member::{Identifier, IdentifierKind, Profile};
use domain::programme::Language;
use jiff::{Timestamp, ToSpan};
use operations::{
    CODE_MINUTES, CODE_TRIES_MAX, Command, Engine, MEMBER_SESSION_DAYS_MAX, MEMBER_SESSION_IDLE_DAYS,
    MemberReference, SignInCode,
};
use sha2::{Digest, Sha256};
use store::{Database, Fault, Faults, OpenOptions};

const PHONE: &str = "+8613800138000";
const EMAIL: &str = "lei@example.org";

fn identifier(kind: IdentifierKind, text: &str) -> Identifier {
    Identifier::new(kind, text, None).unwrap()
}

/// A shop on each database, with a member who has a phone and an e-mail address.
async fn on_both(work: impl AsyncFn(&Engine)) {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let Some(place) = place(kind) else { continue };
        let engine = shop(&place.url, Faults::default()).await;
        enrol(&engine, &[(IdentifierKind::Phone, PHONE), (IdentifierKind::Email, EMAIL)]).await;
        work(&engine).await;
        engine.shut_down().await;
    }
}

/// Tries of a code that the database has counted.
async fn tries_of(place: &Place, challenge: &str) -> u32 {
    let database = Database::open(&place.url, &OpenOptions::default()).await.unwrap();
    let hash = Sha256::digest(challenge.as_bytes()).into();
    let code = database.reader().await.unwrap().member_code(&hash).await.unwrap();
    code.expect("a code that still stands").tries
}

async fn enrol(engine: &Engine, identifiers: &[(IdentifierKind, &str)]) {
    let identifiers = identifiers.iter().map(|(kind, text)| identifier(*kind, text)).collect();
    let command = Command::EnrolMember { identifiers, profile: Profile::default(), enrolled_at: None };
    engine.carry_out(request(command)).await.unwrap();
}

/// Asks for a code: the challenge, and what was delivered.
async fn ask(engine: &Engine, kind: IdentifierKind, text: &str) -> (String, Option<SignInCode>) {
    let delivered = Mutex::new(None);
    let deliver = |code: &SignInCode| {
        let earlier = delivered.lock().unwrap().replace(code.clone());
        assert_eq!(earlier, None, "a code is delivered once");
    };
    let challenge = engine.request_sign_in_code(&[identifier(kind, text)], &deliver).await.unwrap();
    (challenge, delivered.into_inner().unwrap())
}

async fn ask_for_code(engine: &Engine) -> (String, String) {
    let (challenge, delivered) = ask(engine, IdentifierKind::Phone, PHONE).await;
    (challenge, delivered.expect("a code").code)
}

/// Digits that are not the code.
fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

fn later(minutes: i64) -> Timestamp {
    start().checked_add(minutes.minutes()).unwrap()
}

#[tokio::test]
async fn a_code_lets_its_member_in_once() {
    on_both(async |engine| {
        let member = MemberReference::Identifier(identifier(IdentifierKind::Phone, PHONE));
        let member_id = engine.find_member(&member).await.unwrap();
        let (challenge, delivered) = ask(engine, IdentifierKind::Phone, PHONE).await;
        let delivered = delivered.unwrap();
        assert_eq!((delivered.member_id, delivered.identifier.value.as_str()), (member_id, PHONE));
        assert_eq!(delivered.expires_at, later(CODE_MINUTES));
        let secret = engine.sign_in_member(&challenge, &delivered.code).await.unwrap().expect("let in");
        let session = engine.view_member_session(&secret).await.unwrap().expect("a session");
        assert_eq!((session.member_id, session.csrf.len()), (member_id, 64));
        assert_eq!(session.actor(), format!("member:{member_id}"));
        assert_eq!(engine.sign_in_member(&challenge, &delivered.code).await.unwrap(), None, "used");
        engine.sign_out_member(&secret).await.unwrap();
        assert_eq!(engine.view_member_session(&secret).await.unwrap(), None, "signed out");
        assert_eq!(engine.view_member_session("guess").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_code_ends_with_its_time_to_the_microsecond() {
    on_both(async |engine| {
        for (minutes, micros, let_in) in [(CODE_MINUTES, -1, true), (CODE_MINUTES, 0, false)] {
            engine.clock().set(start());
            let (challenge, code) = ask_for_code(engine).await;
            engine.clock().set(later(minutes).checked_add(micros.microseconds()).unwrap());
            assert_eq!(engine.sign_in_member(&challenge, &code).await.unwrap().is_some(), let_in, "{micros}");
        }
        engine.clock().set(start());
    })
    .await;
}

#[tokio::test]
async fn the_sixth_try_is_refused_though_it_is_right() {
    on_both(async |engine| {
        let (challenge, code) = ask_for_code(engine).await;
        for _ in 1..CODE_TRIES_MAX {
            assert_eq!(engine.sign_in_member(&challenge, &wrong(&code)).await.unwrap(), None);
        }
        assert!(engine.sign_in_member(&challenge, &code).await.unwrap().is_some(), "the fifth may be right");
        let (challenge, code) = ask_for_code(engine).await;
        for _ in 0..CODE_TRIES_MAX {
            assert_eq!(engine.sign_in_member(&challenge, &wrong(&code)).await.unwrap(), None);
        }
        assert_eq!(engine.sign_in_member(&challenge, &code).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn many_wrong_tries_at_once_are_counted_as_no_more_than_five() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let Some(place) = place(kind) else { continue };
        let engine = shop(&place.url, Faults::default()).await;
        enrol(&engine, &[(IdentifierKind::Phone, PHONE)]).await;
        let (challenge, code) = ask_for_code(&engine).await;
        let tries = (0..16).map(|_| {
            let (engine, challenge, wrong) = (engine.clone(), challenge.clone(), wrong(&code));
            tokio::spawn(async move { engine.sign_in_member(&challenge, &wrong).await.unwrap() })
        });
        for outcome in tries.collect::<Vec<_>>() {
            assert_eq!(outcome.await.unwrap(), None);
        }
        assert_eq!(engine.sign_in_member(&challenge, &code).await.unwrap(), None, "right, but too late");
        // A database has one engine on SQLite: the count is read when it is gone.
        engine.shut_down().await;
        drop(engine);
        assert_eq!(tries_of(&place, &challenge).await, CODE_TRIES_MAX, "{kind:?}");
    }
}

#[tokio::test]
async fn of_many_right_tries_at_once_one_succeeds() {
    on_both(async |engine| {
        let (challenge, code) = ask_for_code(engine).await;
        let tries = (0..16).map(|_| {
            let (engine, challenge, code) = (engine.clone(), challenge.clone(), code.clone());
            tokio::spawn(async move { engine.sign_in_member(&challenge, &code).await.unwrap() })
        });
        let mut let_in = 0;
        for outcome in tries.collect::<Vec<_>>() {
            let_in += usize::from(outcome.await.unwrap().is_some());
        }
        assert_eq!(let_in, 1, "a code is used once, however many come at the same moment");
    })
    .await;
}

#[tokio::test]
async fn a_member_has_one_live_code_whichever_identifier_they_name() {
    on_both(async |engine| {
        let (first, code) = ask_for_code(engine).await;
        let (second, delivered) = ask(engine, IdentifierKind::Email, EMAIL).await;
        let later_code = delivered.unwrap().code;
        assert_eq!(engine.sign_in_member(&first, &code).await.unwrap(), None, "the later took its place");
        assert_eq!(engine.sign_in_member(&first, &later_code).await.unwrap(), None, "not asked for here");
        assert!(engine.sign_in_member(&second, &later_code).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn of_codes_asked_for_at_the_same_moment_one_lives() {
    on_both(async |engine| {
        let asked = (0..8).map(|_| {
            let engine = engine.clone();
            tokio::spawn(async move { ask_for_code(&engine).await })
        });
        let mut codes = Vec::new();
        for one in asked.collect::<Vec<_>>() {
            codes.push(one.await.expect("every one of them is answered alike"));
        }
        let mut let_in = 0;
        for (challenge, code) in codes {
            let_in += usize::from(engine.sign_in_member(&challenge, &code).await.unwrap().is_some());
        }
        assert_eq!(let_in, 1);
    })
    .await;
}

#[tokio::test]
async fn a_code_works_only_where_it_was_asked_for() {
    on_both(async |engine| {
        let (_, code) = ask_for_code(engine).await;
        let (other, nothing) = ask(engine, IdentifierKind::Phone, "+8613900000000").await;
        assert_eq!(nothing, None, "nobody has this number");
        assert_eq!(engine.sign_in_member(&other, &code).await.unwrap(), None);
        assert_eq!(engine.sign_in_member("", &code).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn asking_for_nobodys_code_looks_and_works_the_same() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let Some(place) = place(kind) else { continue };
        let calls = Faults::new(|_| Fault::None);
        let engine = shop(&place.url, calls.clone()).await;
        enrol(&engine, &[(IdentifierKind::Phone, PHONE)]).await;
        let mut seen = Vec::new();
        for phone in [PHONE, "+8613900000000"] {
            let before = calls.calls();
            let (challenge, _) = ask(&engine, IdentifierKind::Phone, phone).await;
            let asked = calls.calls() - before;
            let tried = engine.sign_in_member(&challenge, "not a code").await.unwrap();
            seen.push((challenge.len(), asked, calls.calls() - before, tried));
        }
        assert_eq!(seen[0], seen[1], "known, then unknown");
        assert!(seen[0].1 > 0, "the calls are counted");
        // Six tries end a code that nobody has as they end any other: by silence.
        let (challenge, _) = ask(&engine, IdentifierKind::Phone, "+8613900000000").await;
        for number in 0..6 {
            assert_eq!(engine.sign_in_member(&challenge, &format!("{number:06}")).await.unwrap(), None);
        }
        engine.shut_down().await;
    }
}

#[tokio::test]
async fn sessions_end_when_they_idle_and_when_they_are_old() {
    on_both(async |engine| {
        let (challenge, code) = ask_for_code(engine).await;
        let secret = engine.sign_in_member(&challenge, &code).await.unwrap().unwrap();
        let day = 24 * 60;
        let mut used = 0;
        while used + MEMBER_SESSION_IDLE_DAYS <= MEMBER_SESSION_DAYS_MAX {
            used += MEMBER_SESSION_IDLE_DAYS - 1;
            engine.clock().set(later(used * day));
            assert!(engine.view_member_session(&secret).await.unwrap().is_some(), "used on day {used}");
        }
        engine.clock().set(later(MEMBER_SESSION_DAYS_MAX * day));
        assert_eq!(engine.view_member_session(&secret).await.unwrap(), None, "old, though in use");
        let (challenge, code) = ask_for_code(engine).await;
        let secret = engine.sign_in_member(&challenge, &code).await.unwrap().unwrap();
        engine.clock().set(later((MEMBER_SESSION_DAYS_MAX + MEMBER_SESSION_IDLE_DAYS) * day));
        assert_eq!(engine.view_member_session(&secret).await.unwrap(), None, "idle for too long");
        engine.clock().set(start());
    })
    .await;
}

#[tokio::test]
async fn what_a_member_reads_does_not_say_who_bears_the_cost() {
    on_both(async |engine| {
        let recorded = engine
            .carry_out(request(crate::support::purchase("Lei", "R-1", None, start(), &[10_000])))
            .await
            .unwrap()
            .recorded()
            .unwrap();
        let id = recorded.entry.id;
        let staff = engine.explain(id, Language::En).await.unwrap();
        let (entry, member) = engine.explain_to_member(id, Language::En).await.unwrap();
        assert!(staff.awards[0].contains("Paid by brand"), "{:?}", staff.awards);
        assert!(!member.awards[0].contains("Paid by"), "{:?}", member.awards);
        assert_eq!((entry.id, member.awards.len()), (id, staff.awards.len()));
    })
    .await;
}
