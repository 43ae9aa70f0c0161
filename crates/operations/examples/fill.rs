//! Fills a database through the engine, as fast as it takes commands, and prints one line of JSON with the rate.
//! `fill members DATABASE COUNT` · `fill people DATABASE COUNT`, one in twenty of them once more · `fill purchases DATABASE MEMBERS RUN COUNT` · `fill history DATABASE MEMBERS COUNT`
//! · `fill growth DATABASE MEMBERS COUNT` prints a line at each power of ten · `fill csv FILE MEMBERS COUNT` writes a
//! history to a file instead, one line item per row.
#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "a measuring program prints rates")]

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use domain::member::{Identifier, IdentifierKind, Profile};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use operations::{Command, DatabaseUrl, Engine, EngineOptions, MemberReference, Request};
use tokio::task::JoinSet;

#[path = "../../../bench/processor.rs"]
mod processor;
#[path = "../../../bench/workload.rs"]
mod workload;

use workload::{Numbers, member_identifier, purchase, reference};

/// Commands in one call.
const CALL_COMMANDS: u64 = 1_000;
/// Calls under way, so that the next one is ready when the last commit is done.
const CALLS: usize = 4;
const HISTORY_START: &str = "2024-11-01T00:00:00Z";
/// Of how many people one comes once more.
const AGAIN_ONE_IN: u64 = 20;
const FIRST_BIRTH: Date = Date::constant(1950, 1, 1);
/// Days on which people were born.
const BIRTHS: u64 = 55 * 365;
#[rustfmt::skip]
const FAMILIES: [&str; 40] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "林", "罗", "高",
    "郑", "梁", "谢", "宋", "唐", "许", "韩", "邓", "冯", "曹", "彭", "曾", "肖", "田", "董", "潘", "袁", "蔡", "蒋", "余",
];
#[rustfmt::skip]
const GIVEN: [&str; 60] = [
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "秀", "霞", "平",
    "刚", "桂", "文", "辉", "玲", "华", "红", "建", "国", "志", "海", "波", "英", "琴", "春", "梅", "玉", "兰", "凤", "云",
    "龙", "飞", "鹏", "宇", "浩", "然", "子", "轩", "梓", "涵", "欣", "怡", "佳", "慧", "雪", "琳", "晨", "阳", "博", "瑞",
];
/// Two years.
const HISTORY_SECONDS: u64 = 2 * 365 * 86_400;

type Failure = Box<dyn Error + Send + Sync>;

/// What is filled in.
#[derive(Clone, Copy)]
enum Load {
    Members,
    /// Members with names, dates of birth and phones, of whom every twentieth is the one before once more.
    People,
    /// Purchases now, of members that are there.
    Live {
        members: u64,
    },
    /// Purchases of the past in order of time; each enrols its member if it is the first.
    History {
        members: u64,
        of: u64,
    },
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (database, run, filling) = match words[..] {
        ["csv", file, members, count] => return write_csv(Path::new(file), members.parse()?, count.parse()?),
        ["members", database, count] => (database, "", vec![(Load::Members, 0, count.parse()?)]),
        ["people", database, count] => (database, "", vec![(Load::People, 0, count.parse()?)]),
        ["purchases", database, members, run, count] => {
            (database, run, vec![(Load::Live { members: members.parse()? }, 0, count.parse()?)])
        }
        ["history", database, members, count] => {
            let of = count.parse()?;
            (database, "h", vec![(Load::History { members: members.parse()?, of }, 0, of)])
        }
        ["growth", database, members, count] => {
            let live = Load::Live { members: members.parse()? };
            let sizes = powers_of_ten(count.parse()?);
            (database, "g", sizes.into_iter().map(|(from, to)| (live, from, to)).collect())
        }
        _ => return Err("name what to fill: members, people, purchases, history or growth".into()),
    };
    let engine = Engine::open(&database.parse::<DatabaseUrl>()?, EngineOptions::default()).await?;
    if engine.programmes().latest().is_none() {
        let programme = include_str!("../../../bench/programme.toml");
        engine.publish_programme(programme, "2020-01-01T00:00:00Z".parse()?, "bench").await?;
    }
    let path = database.strip_prefix("sqlite:");
    for (load, from, to) in filling {
        let bytes_before = path.map_or(0, file_bytes);
        let (began, processor_before) = (Instant::now(), processor::seconds("self"));
        fill(&engine, load, run, from, to).await?;
        let (seconds, count) = (began.elapsed().as_secs_f64(), (to - from) as f64);
        println!(
            "{{\"from\":{from},\"count\":{to},\"seconds\":{seconds:.3},\"per_second\":{:.1},\
             \"processor_us\":{:.1},\"bytes_each\":{:.0},\"memory_mib\":{}}}",
            count / seconds,
            (processor::seconds("self") - processor_before) * 1e6 / count,
            path.map_or(0, file_bytes).saturating_sub(bytes_before) as f64 / count,
            processor::memory_peak_mib("self"),
        );
    }
    engine.shut_down().await;
    Ok(())
}

/// From nothing to ten thousand, then to each further power of ten.
fn powers_of_ten(count: u64) -> Vec<(u64, u64)> {
    let mut sizes = vec![(0, 10_000)];
    while let Some((_, to)) = sizes.last().copied().filter(|(_, to)| *to < count) {
        sizes.push((to, to * 10));
    }
    sizes
}

/// The file and its log.
fn file_bytes(path: &str) -> u64 {
    let size = |path: String| std::fs::metadata(Path::new(&path)).map_or(0, |file| file.len());
    size(path.to_owned()) + size(format!("{path}-wal"))
}

async fn fill(engine: &Engine, load: Load, run: &str, from: u64, to: u64) -> Result<(), Failure> {
    let mut calls: JoinSet<Result<(), Failure>> = JoinSet::new();
    let mut numbers = Numbers(from + 1);
    let mut first = from;
    while first < to {
        let last = (first + CALL_COMMANDS).min(to);
        let requests: Vec<Request> =
            (first..last).map(|number| request(load, run, number, &mut numbers)).collect::<Result<_, _>>()?;
        if calls.len() == CALLS {
            calls.join_next().await.transpose()?.transpose()?;
        }
        let engine = engine.clone();
        calls.spawn(async move {
            for reply in engine.submit(requests).await? {
                reply?;
            }
            Ok(())
        });
        first = last;
    }
    while let Some(call) = calls.join_next().await {
        call??;
    }
    Ok(())
}

fn request(load: Load, run: &str, number: u64, numbers: &mut Numbers) -> Result<Request, Failure> {
    let member = |count| MemberReference::Identifier(member_identifier(count));
    let command = match load {
        Load::Members => {
            let profile = Profile {
                name: Some(format!("Member {number}")),
                language: Some("en".to_owned()),
                ..Profile::default()
            };
            Command::EnrolMember { identifiers: vec![member_identifier(number)], profile, enrolled_at: None }
        }
        Load::People => return person(number),
        Load::Live { members } => {
            let buyer = member(numbers.below(members));
            let purchase = purchase(reference(run, number), Timestamp::now(), numbers);
            Command::RecordPurchase { member: buyer, enrol: false, purchase }
        }
        Load::History { members, of } => {
            let at = history_moment(number, of)?;
            let buyer = member(numbers.below(members));
            let purchase = purchase(reference(run, number), at, numbers);
            return Ok(Request::new(
                Command::RecordPurchase { member: buyer, enrol: true, purchase },
                "bench",
            )
            .at(at));
        }
    };
    Ok(Request::new(command, "bench"))
}

/// Whoever comes once more has the same name and date of birth, and a phone of which the last digit is another.
fn person(number: u64) -> Result<Request, Failure> {
    let is_again = number % AGAIN_ONE_IN == AGAIN_ONE_IN - 1;
    let whose = if is_again { number - 1 } else { number };
    let mut numbers = Numbers(whose);
    let mut of = |parts: &[&'static str]| {
        let count = parts.len() as u64;
        // The square of an even draw: some are much commoner than others.
        let place = numbers.below(count) * numbers.below(count) / count;
        usize::try_from(place).ok().and_then(|place| parts.get(place)).copied().unwrap_or_default()
    };
    let name = format!("{}{}{}", of(&FAMILIES), of(&GIVEN), of(&GIVEN));
    let born_on = FIRST_BIRTH.checked_add(i64::try_from(numbers.below(BIRTHS))?.days())?;
    let phone = format!("13{:09}", whose * 10 + u64::from(is_again));
    let identifiers =
        vec![member_identifier(number), Identifier::new(IdentifierKind::Phone, &phone, Some("CN"))?];
    let profile = Profile { name: Some(name), born_on: Some(born_on), ..Profile::default() };
    Ok(Request::new(Command::EnrolMember { identifiers, profile, enrolled_at: None }, "bench"))
}

/// When the purchase with a number took place, of so many spread evenly over two years.
fn history_moment(number: u64, of: u64) -> Result<Timestamp, Failure> {
    let start: Timestamp = HISTORY_START.parse()?;
    let seconds = i64::try_from(HISTORY_SECONDS * number / of)?;
    Ok(start.checked_add(SignedDuration::from_secs(seconds))?)
}

fn write_csv(file: &Path, members: u64, count: u64) -> Result<(), Failure> {
    let mut writer = BufWriter::new(File::create(file)?);
    let mut numbers = Numbers(1);
    writeln!(
        writer,
        "receipt,member_id,occurred_at,store,channel,payment,line,sku,category,brand,quantity,amount"
    )?;
    for number in 0..count {
        let buyer = workload::member(numbers.below(members));
        let purchase = purchase(reference("h", number), history_moment(number, count)?, &mut numbers);
        let at = purchase.occurred_at.strftime("%Y-%m-%d %H:%M:%S");
        let (store, channel) = (purchase.store.unwrap_or_default(), purchase.channel.unwrap_or_default());
        for (place, line) in purchase.lines.iter().enumerate() {
            writeln!(
                writer,
                "{},{buyer},{at},{store},{channel},card,{place},{},{},{},{},{}",
                purchase.key.reference,
                line.sku,
                line.category,
                line.brand,
                line.quantity_milli / 1_000,
                line.amount
            )?;
        }
    }
    writer.flush()?;
    Ok(())
}
