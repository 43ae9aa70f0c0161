//! Measures what spending and lapsing cost through the engine, and prints lines of JSON.
//! `spend redeem DATABASE MEMBERS SECONDS ROUNDS` earns and spends in turn, 64 callers at once, each one command a call.
//! `spend prepare DATABASE MEMBERS` gives each member three lots that end in the same night; `spend night DATABASE
//! MEMBERS RATE` lets that night come, while tills record RATE purchases a second. `spend audiences DATABASE MEMBERS OTHER
//! SECONDS ROUNDS` puts all members into an audience of the other database, and earns in both in turn, 64 callers at once.
#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "a measuring program prints rates")]

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use domain::burn::{Capture, HoldRequest};
use domain::code::Code;
use domain::document::DocumentKey;
use domain::member::Profile;
use domain::operation::Adjustment;
use jiff::Timestamp;
use operations::{
    AUDIENCE_PAGE_ROWS, AudienceOrder, AudienceRow, Command, DatabaseUrl, Engine, EngineOptions,
    MemberReference, Request,
};
use tokio::task::JoinSet;

#[path = "../../../bench/processor.rs"]
mod processor;
#[path = "../../../bench/workload.rs"]
mod workload;

use workload::{Numbers, member_identifier, purchase, reference};

/// Callers at once, each of which waits for its answer.
const CALLERS: u64 = 64;
/// Commands in one call of a preparation.
const CALL_COMMANDS: u64 = 1_000;
/// Points of one lot, and of one redemption.
const LOT_POINTS: i64 = 900;
const REDEEMED_POINTS: i64 = 5;
/// When the three lots of each member were earned, and a moment after the night in which they end.
const EARNED: [&str; 3] = ["2024-03-01T04:00:00Z", "2024-06-01T04:00:00Z", "2024-09-01T04:00:00Z"];
const NIGHT: &str = "2026-01-01T18:00:00Z";
/// A segment that has an audience, and a rule that looks for it.
const SEGMENT: &str = r#"
[[segments]]
code = "everybody"
name = { zh = "所有人", en = "Everybody" }

[[rules]]
code = "everybody"
name = { zh = "所有人", en = "Everybody" }
unit = "points"
conditions.segment = ["everybody"]
effect.bonus = { points = 1 }
"#;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [what, database, members, rest @ ..] = &words[..] else {
        return Err("spend redeem|prepare|night|audiences DATABASE MEMBERS …".into());
    };
    let engine = open(database, "").await?;
    let members = members.parse()?;
    match (*what, rest) {
        ("redeem", [seconds, rounds]) => {
            redeem(&engine, members, Duration::from_secs_f64(seconds.parse()?), rounds.parse()?).await?;
        }
        ("prepare", []) => prepare(&engine, members).await?,
        ("night", [rate]) => night(&engine, members, rate.parse()?).await?,
        ("audiences", [other, seconds, rounds]) => {
            let other = open(other, SEGMENT).await?;
            let each = Duration::from_secs_f64(seconds.parse()?);
            audiences((&engine, &other), members, each, rounds.parse()?).await?;
            other.shut_down().await;
        }
        _ => return Err("name what to measure: redeem, prepare, night or audiences".into()),
    }
    engine.shut_down().await;
    Ok(())
}

/// A database with the programme of the benchmarks, to which more may be added.
async fn open(database: &str, more: &str) -> Result<Engine, Failure> {
    let engine = Engine::open(&database.parse::<DatabaseUrl>()?, EngineOptions::default()).await?;
    if engine.programmes().latest().is_none() {
        let programme = include_str!("../../../bench/programme.toml")
            .replace("rolling = { months = 24 }", "fixed_day = { month = 12, day = 31, years = 1 }");
        let programme = format!("{programme}{more}");
        engine.publish_programme(&programme, "2020-01-01T00:00:00Z".parse()?, "bench").await?;
    }
    Ok(engine)
}

/// Purchases and redemptions by hold and capture in turn, by the same members.
async fn redeem(engine: &Engine, members: u64, each: Duration, rounds: u32) -> Result<(), Failure> {
    let now = Timestamp::now();
    in_calls(engine, members, |number| give(number, 1_000, now)).await?;
    for round in 0..rounds {
        let run = format!("{}-{round}", now.as_microsecond());
        let earned = at_once(engine, members, each, &run, false).await?;
        let redeemed = at_once(engine, members, each, &run, true).await?;
        println!(
            "{{\"purchases_per_second\":{earned:.1},\"redemptions_per_second\":{redeemed:.1},\"share\":{:.3}}}",
            redeemed / earned
        );
    }
    Ok(())
}

/// What so many callers get done in a second, each at a time.
async fn at_once(
    engine: &Engine,
    members: u64,
    each: Duration,
    run: &str,
    spend: bool,
) -> Result<f64, Failure> {
    let (began, done) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let mut callers: JoinSet<Result<(), Failure>> = JoinSet::new();
    for caller in 0..CALLERS {
        let (engine, done, run) = (engine.clone(), done.clone(), format!("{run}-{spend}-{caller}"));
        callers.spawn(async move {
            let mut numbers = Numbers(caller + 1);
            for number in 0.. {
                if began.elapsed() >= each {
                    break;
                }
                let buyer = MemberReference::Identifier(member_identifier(numbers.below(members)));
                if spend {
                    spend_once(&engine, buyer, &reference(&run, number)).await?;
                } else {
                    let purchase = purchase(reference(&run, number), Timestamp::now(), &mut numbers);
                    let command = Command::RecordPurchase { member: buyer, enrol: false, purchase };
                    engine.carry_out(Request::new(command, "bench")).await?;
                }
                done.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        });
    }
    while let Some(caller) = callers.join_next().await {
        caller??;
    }
    Ok(done.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64())
}

/// A hold, and its capture.
async fn spend_once(engine: &Engine, member: MemberReference, number: &str) -> Result<(), Failure> {
    let key = |reference: String| DocumentKey { source: workload::SOURCE.to_owned(), reference };
    let hold_key = key(format!("{number}-h"));
    let hold = HoldRequest {
        key: hold_key.clone(),
        occurred_at: Timestamp::now(),
        unit: None,
        points: REDEEMED_POINTS,
        minutes: None,
        purpose: None,
        programme_version: None,
        spender: None,
    };
    engine.carry_out(Request::new(Command::HoldPoints { member, hold }, "bench")).await?;
    let capture = Capture {
        key: key(format!("{number}-c")),
        hold: hold_key,
        occurred_at: Timestamp::now(),
        points: None,
        release_rest: true,
    };
    engine.carry_out(Request::new(Command::CaptureHold { capture }, "bench")).await?;
    Ok(())
}

/// What an audience of all members costs: to replace, to tell, and to every purchase.
async fn audiences(
    (plain, other): (&Engine, &Engine),
    members: u64,
    each: Duration,
    rounds: u32,
) -> Result<(), Failure> {
    let joined: Timestamp = EARNED[0].parse()?;
    for engine in [plain, other] {
        in_calls(engine, members, |number| Ok(enrol(number, joined))).await?;
    }
    let began = Instant::now();
    let order = AudienceOrder {
        segment: Code::new("everybody")?,
        version: None,
        source: "bench".to_owned(),
        actor: "bench".to_owned(),
    };
    let mut rows = (0..members).map(|number| {
        let identifier = member_identifier(number);
        AudienceRow { line: number + 1, member: format!("external:{}", identifier.value) }
    });
    let replaced =
        other.replace_audience(&order, &mut || Ok(rows.by_ref().take(AUDIENCE_PAGE_ROWS).collect())).await?;
    let replaced_seconds = began.elapsed().as_secs_f64();
    let began = Instant::now();
    let told = other.announce_audiences(&mut |_| ()).await?;
    println!(
        "{{\"members\":{},\"replaced_seconds\":{replaced_seconds:.3},\"told_per_second\":{:.1},\"memory_mib\":{}}}",
        replaced.audience.size,
        told.events as f64 / began.elapsed().as_secs_f64(),
        processor::memory_peak_mib("self"),
    );
    for round in 0..rounds {
        let run = format!("{}-{round}", Timestamp::now().as_microsecond());
        let without = at_once(plain, members, each, &run, false).await?;
        let within = at_once(other, members, each, &run, false).await?;
        println!(
            "{{\"purchases_per_second\":{without:.1},\"with_audience\":{within:.1},\"share\":{:.3}}}",
            within / without
        );
    }
    Ok(())
}

fn enrol(number: u64, at: Timestamp) -> Request {
    let identifiers = vec![member_identifier(number)];
    let command = Command::EnrolMember { identifiers, profile: Profile::default(), enrolled_at: Some(at) };
    Request::new(command, "bench").at(at)
}

/// Members with three lots that end in the same night.
async fn prepare(engine: &Engine, members: u64) -> Result<(), Failure> {
    let first: Timestamp = EARNED[0].parse()?;
    in_calls(engine, members, |number| Ok(enrol(number, first))).await?;
    for earned in EARNED {
        let at: Timestamp = earned.parse()?;
        in_calls(engine, members, |number| Ok(give(number, LOT_POINTS, at)?.at(at))).await?;
    }
    println!("{{\"members\":{members},\"lots\":{}}}", members * 3);
    Ok(())
}

async fn night(engine: &Engine, members: u64, rate: f64) -> Result<(), Failure> {
    let over = Arc::new(AtomicBool::new(false));
    let tills = tokio::spawn(tills(engine.clone(), members, rate, over.clone()));
    let (began, processor_before) = (Instant::now(), processor::seconds("self"));
    let report = engine.expire_points(NIGHT.parse()?, &mut |_| ()).await?;
    let seconds = began.elapsed().as_secs_f64();
    over.store(true, Ordering::Relaxed);
    let mut latencies = tills.await??;
    latencies.sort_unstable();
    let at = |per_mille: usize| {
        latencies.get(latencies.len() * per_mille / 1_000).map_or(0.0, |micros| *micros as f64 / 1_000.0)
    };
    println!(
        "{{\"accounts\":{},\"points\":{},\"seconds\":{seconds:.3},\"per_second\":{:.1},\"processor_us\":{:.1},\
         \"purchases\":{},\"p50_ms\":{:.1},\"p99_ms\":{:.1},\"memory_mib\":{}}}",
        report.accounts,
        report.points_expired,
        report.accounts as f64 / seconds,
        (processor::seconds("self") - processor_before) * 1e6 / report.accounts as f64,
        latencies.len(),
        at(500),
        at(990),
        processor::memory_peak_mib("self"),
    );
    Ok(())
}

/// Purchases at a fixed rate until the night is over: how long each took from the moment it was due, in microseconds.
async fn tills(engine: Engine, members: u64, rate: f64, over: Arc<AtomicBool>) -> Result<Vec<u128>, Failure> {
    let (began, run) = (tokio::time::Instant::now(), Timestamp::now().as_microsecond().to_string());
    let mut numbers = Numbers(7);
    let mut calls: JoinSet<Result<u128, Failure>> = JoinSet::new();
    let mut number = 0_u32;
    while rate > 0.0 && !over.load(Ordering::Relaxed) {
        let due = began + Duration::from_secs_f64(f64::from(number) / rate);
        tokio::time::sleep_until(due).await;
        let member = MemberReference::Identifier(member_identifier(numbers.below(members)));
        let purchase = purchase(reference(&run, u64::from(number)), Timestamp::now(), &mut numbers);
        let (engine, command) = (engine.clone(), Command::RecordPurchase { member, enrol: false, purchase });
        calls.spawn(async move {
            engine.carry_out(Request::new(command, "bench")).await?;
            Ok(due.elapsed().as_micros())
        });
        number += 1;
    }
    calls.join_all().await.into_iter().collect()
}

/// Points given by hand, which can be spent at once.
fn give(number: u64, points: i64, at: Timestamp) -> Result<Request, Failure> {
    let adjustment = Adjustment {
        unit: Code::new("points")?,
        points,
        reason: Code::new("bench")?,
        note: "bench".to_owned(),
        occurred_at: at,
        approved_by: None,
    };
    let member = MemberReference::Identifier(member_identifier(number));
    Ok(Request::new(Command::AdjustPoints { member, adjustment }, "bench"))
}

/// One command for each member, many a call.
async fn in_calls(
    engine: &Engine,
    members: u64,
    request: impl Fn(u64) -> Result<Request, Failure>,
) -> Result<(), Failure> {
    let mut first = 0;
    while first < members {
        let last = (first + CALL_COMMANDS).min(members);
        let requests = (first..last).map(&request).collect::<Result<Vec<_>, _>>()?;
        for reply in engine.submit(requests).await? {
            reply?;
        }
        first = last;
    }
    Ok(())
}
