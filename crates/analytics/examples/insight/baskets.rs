//! Baskets of a grocer, for what is asked of lines: clubs and what products stand for.

use std::time::Instant;

use analytics::lake::{DocumentOwner, Lake, LakeWriter, Origin, SessionOptions};
use analytics::report::{ReportName, ReportRequest, run};
use domain::document::PurchaseLine;
use jiff::{SignedDuration, Timestamp};

use crate::{Failure, Numbers, empty_purchase, location, processor};

/// Half a year, which is what clubs look at.
const DAYS: u64 = 180;
const LINES_PER_BASKET: u64 = 8;
const CATEGORIES: u64 = 200;
/// Articles of each category.
const ARTICLES: u64 = 25;
/// Members of one taste prefer the same tenth of the categories.
const TASTES: u64 = 20;
/// Of a hundred lines, how many follow the member's taste.
const TASTEFUL: u64 = 60;

/// Baskets in order of time, whose members have tastes, so that there is something to find.
pub(crate) async fn fill(lake: &str, lines: u64, members: u64) -> Result<(), Failure> {
    let origin = Origin::Files { fingerprint: format!("lines-{lines}-{members}") };
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai")?;
    let mut writer = LakeWriter::open(&location(lake)?, origin, &zone, 1).await?;
    let first: Timestamp = "2025-07-01T00:00:00Z".parse()?;
    let baskets = lines / LINES_PER_BASKET;
    let step = SignedDuration::from_secs(i64::try_from(DAYS * 86_400)?).as_micros() / i128::from(baskets);
    let mut numbers = Numbers(1);
    let mut purchase = empty_purchase(first)?;
    for number in 0..baskets {
        let member = numbers.below(members);
        purchase.key.reference = number.to_string();
        purchase.occurred_at = first + SignedDuration::from_micros(i64::try_from(step * i128::from(number))?);
        purchase.lines.clear();
        for _ in 0..LINES_PER_BASKET {
            purchase.lines.push(line(&mut numbers, member % TASTES)?);
        }
        writer
            .add_purchase(DocumentOwner { member_id: i64::try_from(member)?, entry_no: None }, &purchase)?;
        if writer.is_full() {
            writer.commit(&number.to_string()).await?;
        }
    }
    writer.commit("all").await?;
    writer.compact().await?;
    println!("{} files", writer.manifest().files.len());
    Ok(())
}

fn line(numbers: &mut Numbers, taste: u64) -> Result<PurchaseLine, Failure> {
    let own = CATEGORIES / TASTES;
    let category = if numbers.below(100) < TASTEFUL {
        taste * own + numbers.below(own)
    } else {
        numbers.below(CATEGORIES)
    };
    Ok(PurchaseLine {
        sku: format!("{category:03}-{:02}", numbers.below(ARTICLES)),
        category: format!("c{category:03}"),
        amount: i64::try_from(200 + numbers.below(3_000))?,
        ..PurchaseLine::default()
    })
}

/// Asks one question and prints what it cost.
pub(crate) async fn ask(
    lake: &str,
    threads: usize,
    question: ReportName,
    mebibytes: usize,
) -> Result<(), Failure> {
    let began = Instant::now();
    let options = SessionOptions { threads, memory_bytes: mebibytes << 20, ..SessionOptions::default() };
    let lake = Lake::open(&location(lake)?).await?;
    let report = run(&lake, question, &ReportRequest::default(), &options).await?;
    let tables: Vec<String> =
        report.tables.iter().map(|table| format!("\"{}\":{}", table.name, table.rows.len())).collect();
    println!(
        "{{\"question\":\"{question}\",\"seconds\":{:.3},\"processor_seconds\":{:.2},\"memory_mib\":{},\
         \"members\":{},\"rows\":{{{}}}}}",
        began.elapsed().as_secs_f64(),
        processor::seconds("self"),
        processor::memory_peak_mib("self"),
        report.members,
        tables.join(","),
    );
    Ok(())
}
