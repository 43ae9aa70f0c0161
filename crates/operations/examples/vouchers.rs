//! Measures vouchers through the engine and prints lines of JSON. `vouchers codes DATABASE LIVE CHECKS` issues codes
//! until LIVE are there, times the last 100,000, then checks CHECKS of them one by one. `vouchers statement DATABASE
//! MEMBERS` gives members points and runs a statement over them.
#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "a measuring program prints rates")]

use std::error::Error;
use std::time::Instant;

use domain::code::Code;
use domain::member::{Identifier, IdentifierKind, Profile};
use domain::operation::Adjustment;
use domain::voucher::{CodeForm, VoucherCode};
use jiff::Timestamp;
use operations::{
    Command, DatabaseUrl, Engine, EngineOptions, MemberReference, Request, VoucherCaller, VoucherCheck,
    VoucherOrder,
};

const PROGRAMME: &str = r#"
code = "bench"
name = { zh = "测量", en = "Bench" }
currency = "GBP"
time_zone = "Europe/London"
[[units]]
code = "points"
name = { zh = "积分", en = "points" }
money_value_minor = "1"
expiry = { rolling = { months = 24 } }
[policies]
adjustment_approval_above = 100000
[[vouchers]]
code = "ten_off"
name = { zh = "减十", en = "Ten off" }
effect.amount = { amount = "10.00" }
valid = { months = 12 }
issue_max = 1000000000
[[vouchers]]
code = "letter"
name = { zh = "对账券", en = "Letter" }
effect.amount = {}
valid = { months = 24 }
holder = "personal"
[[statements]]
code = "quarterly"
name = { zh = "季度", en = "Quarterly" }
unit = "points"
minimum = 150
step = 50
voucher = "letter"
"#;
const BATCH: u32 = 100_000;
const CALL_COMMANDS: u64 = 1_000;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [what, database, count, rest @ ..] = &words[..] else {
        return Err("vouchers codes DATABASE LIVE CHECKS, or vouchers statement DATABASE MEMBERS".into());
    };
    let engine = Engine::open(&database.parse::<DatabaseUrl>()?, EngineOptions::default()).await?;
    if engine.programmes().latest().is_none() {
        engine.publish_programme(PROGRAMME, "2020-01-01T00:00:00Z".parse()?, "bench").await?;
    }
    match (*what, rest) {
        ("codes", [checks]) => codes(&engine, count.parse()?, checks.parse()?).await?,
        ("statement", []) => statement(&engine, count.parse()?).await?,
        _ => return Err("name what to measure: codes or statement".into()),
    }
    engine.shut_down().await;
    Ok(())
}

async fn codes(engine: &Engine, live: u64, checks: usize) -> Result<(), Failure> {
    let start = engine.clock().now().as_microsecond();
    let mut known: Vec<VoucherCode> = Vec::new();
    let mut issued_codes = 0_u64;
    let mut seconds = 0.0;
    while issued_codes < live {
        let order = VoucherOrder {
            reference: format!("bench-{start}-{issued_codes}"),
            template: Code::new("ten_off")?,
            quantity: BATCH,
            members: Vec::new(),
            value: None,
        };
        let began = Instant::now();
        let drawn = engine.issue_vouchers(&order, "bench").await?;
        seconds = began.elapsed().as_secs_f64();
        issued_codes += u64::from(BATCH);
        known.extend(drawn.iter().step_by(97).map(|each| each.code.clone()));
    }
    println!("{{\"live\":{issued_codes},\"last_100000_seconds\":{seconds:.3}}}");
    for (kind, wrong) in [("known", false), ("unknown", true)] {
        let mut micros = Vec::with_capacity(checks);
        for number in 0..checks {
            // A step that has no factor in common with the length visits all of them in no order.
            let code = &known[(number * 7_919) % known.len()];
            let own = number.to_be_bytes().repeat(2);
            let guess = VoucherCode::from_bits(CodeForm::Typed, code.shared(), &own);
            let code = if wrong { guess.ok_or("too few bytes")? } else { code.clone() };
            let check = VoucherCheck { codes: vec![code], member: None, document: None, basket: None };
            let began = Instant::now();
            engine.check_voucher(&check, &VoucherCaller::operator()).await?;
            micros.push(began.elapsed().as_micros());
        }
        micros.sort_unstable();
        let (median, high) = (micros[checks / 2], micros[checks * 99 / 100]);
        println!("{{\"checks\":\"{kind}\",\"count\":{checks},\"p50_us\":{median},\"p99_us\":{high}}}");
    }
    Ok(())
}

async fn statement(engine: &Engine, members: u64) -> Result<(), Failure> {
    let now = engine.clock().now();
    for first in (0..members).step_by(1_000) {
        let numbers = first..(first + CALL_COMMANDS).min(members);
        let named = |number| Identifier::new(IdentifierKind::External, &format!("m{number}"), None);
        let mut requests = Vec::new();
        for number in numbers.clone() {
            let profile = Profile::default();
            let command =
                Command::EnrolMember { identifiers: vec![named(number)?], profile, enrolled_at: Some(now) };
            requests.push(Request::new(command, "bench"));
        }
        check(engine.submit(requests).await?)?;
        let mut requests = Vec::new();
        for number in numbers {
            let member = MemberReference::Identifier(named(number)?);
            requests.push(Request::new(give(member, 150 + i64::try_from(number % 500)?, now)?, "bench"));
        }
        check(engine.submit(requests).await?)?;
    }
    let today = engine.clock().now().to_zoned(jiff::tz::TimeZone::get("Europe/London")?).date();
    let began = Instant::now();
    let run = engine.run_statement(Code::new("quarterly")?, today, "bench", &mut |_| ()).await?;
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{{\"members\":{},\"vouchers\":{},\"seconds\":{seconds:.3},\"members_per_second\":{:.0}}}",
        run.members,
        run.vouchers,
        run.members as f64 / seconds
    );
    Ok(())
}

fn give(member: MemberReference, points: i64, at: Timestamp) -> Result<Command, Failure> {
    let adjustment = Adjustment {
        unit: Code::new("points")?,
        points,
        reason: Code::new("bench")?,
        note: "bench".to_owned(),
        occurred_at: at,
        approved_by: None,
    };
    Ok(Command::AdjustPoints { member, adjustment })
}

fn check(replies: Vec<operations::Reply>) -> Result<(), Failure> {
    replies.into_iter().try_for_each(|reply| reply.map(drop).map_err(Failure::from))
}
