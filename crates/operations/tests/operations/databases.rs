//! PT-17: the same history gives the same answers, refusals and ledger on SQLite and on PostgreSQL, one command at a
//! time or in batches.

use crate::support::random::Random;
use crate::support::{
    Kind, activity, adjust, after_minutes, cancel, capture, enrol, everything, fulfil, hold, pay, place,
    purchase, redeem, request, shop, take_back, transcript, void,
};
use jiff::Timestamp;
use operations::{Command, Engine, MemberReference, Request};
use store::Faults;

/// Histories of a normal run; `PERENNIAL_DATABASE_HISTORIES` asks for more.
const HISTORIES: u64 = 25;
const MEMBERS: u64 = 3;

/// Commands that arrive together, and when.
struct Group {
    at: Timestamp,
    requests: Vec<Request>,
}

fn name(history: u64, member: u64) -> String {
    format!("h{history}m{member}")
}

fn draw(history: u64) -> Vec<Group> {
    let mut random = Random::new(history);
    let mut minutes = 0;
    let mut purchases: Vec<(u64, String)> = Vec::new();
    let (mut holds, mut redemptions) = (Vec::<String>::new(), Vec::<String>::new());
    let mut repeated: Vec<Command> = Vec::new();
    let mut number = 0;
    let groups = random.between(5, 12);
    (0..groups)
        .map(|_| {
            minutes += random.pick(&[0, 1, 60, 1_440, 4_000, 30_000]);
            let at = after_minutes(minutes);
            let count = random.between(1, 6);
            let requests = (0..count)
                .map(|_| {
                    number += 1;
                    let who = random.below(MEMBERS);
                    let member = name(history, who);
                    let late = after_minutes(minutes - random.pick(&[0, 0, 0, 30, 3_000, 50_000]));
                    let command = match random.below(20) {
                        14 | 15 => {
                            holds.push(format!("h{history}h{number}"));
                            hold(&member, &format!("h{history}h{number}"), random.between(1, 20), late)
                        }
                        16 if !holds.is_empty() => {
                            let named = &holds[random.index(holds.len())];
                            let points = random.pick(&[None, Some(3), Some(9)]);
                            redemptions.push(format!("h{history}c{number}"));
                            capture(&format!("h{history}c{number}"), named, points, at)
                        }
                        17 if !holds.is_empty() => {
                            let named = &holds[random.index(holds.len())];
                            if random.once_in(2) {
                                void(&format!("h{history}v{number}"), named, at)
                            } else {
                                pay(&member, &format!("h{history}p{number}"), late, 60, 4, Some(named))
                            }
                        }
                        18 => {
                            redemptions.push(format!("h{history}r{number}"));
                            let reward = random.pick(&["mug", "pen"]);
                            redeem(&member, &format!("h{history}r{number}"), reward, late)
                        }
                        19 if !redemptions.is_empty() => {
                            let named = &redemptions[random.index(redemptions.len())];
                            if random.once_in(3) {
                                fulfil(&format!("h{history}f{number}"), named, at)
                            } else {
                                cancel(&format!("h{history}x{number}"), named, at)
                            }
                        }
                        0..=5 => {
                            let reference = format!("h{history}p{number}");
                            purchases.push((who, reference.clone()));
                            let amounts: Vec<i64> =
                                (0..random.between(1, 3)).map(|_| random.between(0, 900)).collect();
                            purchase(
                                &member,
                                &reference,
                                random.pick(&[None, Some("app"), Some("web")]),
                                late,
                                &amounts,
                            )
                        }
                        6 | 7 if !purchases.is_empty() => {
                            let (_, of) = &purchases[random.index(purchases.len())];
                            let lines =
                                if random.once_in(2) { vec![] } else { vec![(0, random.between(1, 400))] };
                            take_back(&format!("h{history}b{number}"), of, at, &lines)
                        }
                        8 => take_back(
                            &format!("h{history}b{number}"),
                            &format!("h{history}p{}", number + 1),
                            at,
                            &[],
                        ),
                        9 => activity(&member, &format!("h{history}a{number}"), late, random.between(1, 3)),
                        10 | 11 => adjust(&member, random.between(-6, 60), late),
                        12 if !repeated.is_empty() => repeated[random.index(repeated.len())].clone(),
                        _ => adjust(&member, -1, at),
                    };
                    repeated.push(command.clone());
                    let key = random.once_in(3).then(|| format!("h{history}k{}", random.below(9)));
                    request(command).with_key(key).dry_run(random.once_in(10))
                })
                .collect();
            Group { at, requests }
        })
        .collect()
}

/// Carries out a history and writes down every answer and, at the end, everything known of its members.
async fn run(engine: &Engine, history: u64, batched: bool) -> Vec<String> {
    let mut lines = Vec::new();
    engine.clock().set(after_minutes(0));
    for member in 0..MEMBERS {
        lines.push(transcript(&engine.carry_out(request(enrol(&name(history, member)))).await));
    }
    for group in draw(history) {
        engine.clock().set(group.at);
        if batched {
            let replies = engine.submit(group.requests).await.expect("answers");
            lines.extend(replies.iter().map(transcript));
        } else {
            for request in group.requests {
                lines.push(transcript(&engine.carry_out(request).await));
            }
        }
    }
    for member in 0..MEMBERS {
        let view = engine
            .view_member(&MemberReference::Identifier(crate::support::identifier(&name(history, member))))
            .await;
        let account_id = view.expect("a member").member_id;
        lines.push(transcript(&engine.carry_out(request(Command::Advance { account_id })).await));
        lines.push(everything(engine, &name(history, member)).await);
    }
    lines
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pt_17_both_databases_and_any_batching_give_the_same_answers_and_ledger() {
    let count = std::env::var("PERENNIAL_DATABASE_HISTORIES")
        .ok()
        .map_or(HISTORIES, |text| text.parse().expect("a number"));
    let places = [(Kind::Sqlite, false), (Kind::Sqlite, true), (Kind::Postgres, true)];
    let places: Vec<_> =
        places.into_iter().filter_map(|(kind, batched)| Some((kind, batched, place(kind)?))).collect();
    let mut engines = Vec::new();
    for (kind, batched, place) in &places {
        engines.push((*kind, *batched, shop(&place.url, Faults::default()).await));
    }
    let (mut answers, mut refusals, mut duplicates) = (0, 0, 0);
    for history in 0..count {
        let expected = run(&engines[0].2, history, engines[0].1).await;
        for (kind, batched, engine) in &engines[1..] {
            let found = run(engine, history, *batched).await;
            for (position, (found, expected)) in found.iter().zip(&expected).enumerate() {
                assert_eq!(
                    found, expected,
                    "history {history}, answer {position}, {kind:?}, batched {batched}"
                );
            }
            assert_eq!(found.len(), expected.len());
        }
        answers += expected.len();
        refusals += expected.iter().filter(|line| line.starts_with("{\"code\"")).count();
        duplicates += expected.iter().filter(|line| line.starts_with("duplicate true")).count();
        assert!(!expected.iter().any(|line| line.starts_with("error")), "history {history}: {expected:#?}");
    }
    println!(
        "{count} histories on {} sites: {answers} answers, {refusals} refusals, {duplicates} duplicates",
        engines.len()
    );
    assert!(refusals > count.try_into().expect("small") && duplicates > 0, "too rare to prove anything");
    for (.., engine) in engines {
        engine.shut_down().await;
    }
}
