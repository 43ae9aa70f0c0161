//! For measuring questions: `insight fill LAKE PURCHASES MEMBERS` writes a lake, the same one for the same numbers;
//! `insight ask LAKE THREADS [MEBIBYTES]` asks for recency-frequency-value, deciles and cohorts; `insight histories LAKE FILE SPLIT`
//! writes members' histories, counted; `insight fit FILE` fits the models of the customer base to them.
//! `insight fill-lines LAKE LINES MEMBERS` writes a lake of baskets, of which `insight ask-lines LAKE THREADS QUESTION [MEBIBYTES]`
//! asks one question; `insight next-basket FILE` foresees the baskets of the data set.

use std::error::Error;
use std::fs::File;
use std::time::Instant;

use analytics::lake::{
    AnswerFormat, DocumentOwner, Lake, LakeLocation, LakeWriter, Origin, SessionOptions, ask, write_answer,
};
use analytics::report::{ReportName, ReportRequest, run};
use domain::document::{DocumentKey, Purchase, PurchaseLine};
use domain::money::Currency;
use jiff::{SignedDuration, Timestamp};
use stats::customer_base::{BetaGeometricNbd, FirstDropout, Groups, History, ParetoNbd};

mod baskets;
mod next_basket;
#[path = "../../../../bench/processor.rs"]
mod processor;

type Failure = Box<dyn Error + Send + Sync>;

/// What the lake is asked of: two years.
const DAYS: u64 = 730;
/// Memory that a question may use, unless it is said otherwise.
const MEMORY_MIB: usize = 4_096;
/// The same for a question to lines: what is usual.
const LINES_MEMORY_MIB: usize = 1_024;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["fill", lake, purchases, members] => fill(lake, purchases.parse()?, members.parse()?).await,
        ["ask", lake, threads] => questions(lake, threads.parse()?, MEMORY_MIB).await,
        ["ask", lake, threads, mebibytes] => questions(lake, threads.parse()?, mebibytes.parse()?).await,
        ["histories", lake, file, split] => histories(lake, file, split).await,
        ["fit", file] => fit(file),
        ["fill-lines", lake, lines, members] => baskets::fill(lake, lines.parse()?, members.parse()?).await,
        ["ask-lines", lake, threads, question] => {
            baskets::ask(lake, threads.parse()?, question.parse()?, LINES_MEMORY_MIB).await
        }
        ["ask-lines", lake, threads, question, mebibytes] => {
            baskets::ask(lake, threads.parse()?, question.parse()?, mebibytes.parse()?).await
        }
        ["next-basket", file] => next_basket::foresee(file),
        _ => Err(
            "insight fill LAKE PURCHASES MEMBERS | ask LAKE THREADS [MEBIBYTES] | histories LAKE FILE SPLIT | fit FILE \
                  | fill-lines LAKE LINES MEMBERS | ask-lines LAKE THREADS QUESTION [MEBIBYTES] | next-basket FILE"
                .into(),
        ),
    }
}

fn location(lake: &str) -> Result<LakeLocation, Failure> {
    Ok(LakeLocation::parse(lake, Vec::new())?)
}

/// Numbers that are the same on every machine (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// Purchases in order of time, of members some of whom come often and most of whom seldom.
async fn fill(lake: &str, purchases: u64, members: u64) -> Result<(), Failure> {
    let origin = Origin::Files { fingerprint: format!("insight-{purchases}-{members}") };
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai")?;
    let mut writer = LakeWriter::open(&location(lake)?, origin, &zone, 1).await?;
    let first: Timestamp = "2024-01-01T00:00:00Z".parse()?;
    let step = SignedDuration::from_secs(i64::try_from(DAYS * 86_400)?).as_micros() / i128::from(purchases);
    let mut numbers = Numbers(1);
    let mut purchase = empty_purchase(first)?;
    purchase.lines.push(PurchaseLine::default());
    for number in 0..purchases {
        let (one, other) = (numbers.below(members), numbers.below(members));
        // The square of an even draw: the best fifth has about half of the visits.
        let member_id = i64::try_from(one * other / members)?;
        purchase.key.reference = number.to_string();
        purchase.occurred_at = first + SignedDuration::from_micros(i64::try_from(step * i128::from(number))?);
        purchase.store = Some(format!("s{:03}", numbers.below(200)));
        let draws = numbers.below(100) * numbers.below(100);
        purchase.lines[0].amount = i64::try_from(500 + draws * numbers.below(9))?;
        writer.add_purchase(DocumentOwner { member_id, entry_no: None }, &purchase)?;
        if writer.is_full() {
            writer.commit(&number.to_string()).await?;
        }
    }
    writer.commit("all").await?;
    writer.compact().await?;
    println!("{} files", writer.manifest().files.len());
    Ok(())
}

/// A till's purchase without lines.
fn empty_purchase(occurred_at: Timestamp) -> Result<Purchase, Failure> {
    Ok(Purchase {
        key: DocumentKey { source: "till".to_owned(), reference: String::new() },
        occurred_at,
        currency: Currency::new("CNY")?,
        store: None,
        channel: None,
        payments: Vec::new(),
        vouchers: Vec::new(),
        lines: Vec::new(),
    })
}

async fn questions(lake: &str, threads: usize, mebibytes: usize) -> Result<(), Failure> {
    let began = Instant::now();
    let options = SessionOptions { threads, memory_bytes: mebibytes << 20, ..SessionOptions::default() };
    let lake = Lake::open(&location(lake)?).await?;
    let request = ReportRequest { from: Some(jiff::civil::date(2000, 1, 1)), ..ReportRequest::default() };
    let rfm = run(&lake, ReportName::Rfm, &request, &options).await?;
    let cohorts = run(&lake, ReportName::Cohorts, &request, &options).await?;
    let deciles =
        include_str!("../../reports/core_customers_deciles.sql").replace("FROM sales", "FROM purchases");
    let mut out = Vec::new();
    write_answer(ask(&lake.session(&options).await?, &deciles).await?, AnswerFormat::Csv, &mut out).await?;
    let table = |rows: Option<&analytics::report::ReportTable>| rows.map_or(0, |table| table.rows.len());
    let amounts = cohorts.table("cohorts").into_iter().flat_map(|table| &table.rows);
    let amount: i64 = amounts.filter_map(|row| row.last()?.as_integer()).sum();
    println!(
        "{{\"seconds\":{:.3},\"processor_seconds\":{:.2},\"memory_mib\":{},\"rows\":[{},{},{}],\"amount\":{amount}}}",
        began.elapsed().as_secs_f64(),
        processor::seconds("self"),
        processor::memory_peak_mib("self"),
        table(rfm.table("rfm-cells")),
        String::from_utf8(out)?.lines().count() - 1,
        table(cohorts.table("cohorts")),
    );
    Ok(())
}

/// Repeats, weeks to the last, weeks to `split`, members: what the models are fitted to.
async fn histories(lake: &str, file: &str, split: &str) -> Result<(), Failure> {
    let lake = Lake::open(&location(lake)?).await?;
    let sql = format!(
        "WITH visits AS (SELECT member_id, day FROM purchases WHERE kind = 'purchase' AND day < DATE '{split}' \
         GROUP BY member_id, day), members AS (SELECT member_id, count(*) - 1 AS repeats, CAST(min(day) AS INT) AS first, \
         CAST(max(day) AS INT) AS last FROM visits GROUP BY member_id) \
         SELECT repeats, (last - first) / 7.0 AS recency, (CAST(DATE '{split}' AS INT) - 1 - first) / 7.0 AS age, \
         count(*) AS members FROM members GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    );
    let session = lake.session(&SessionOptions::default()).await?;
    write_answer(ask(&session, &sql).await?, AnswerFormat::Csv, File::create(file)?).await?;
    Ok(())
}

fn fit(file: &str) -> Result<(), Failure> {
    let mut histories = Vec::new();
    for line in std::fs::read_to_string(file)?.lines().skip(1) {
        let mut numbers = line.split(',').map(str::parse::<f64>);
        let mut number = || numbers.next().ok_or("four numbers in a line")?.map_err(|_| "a number");
        let (repeats, recency, age, members) = (number()?, number()?, number()?, number()?);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts")]
        let history = History::new(repeats as u32, recency, age).map_err(|fault| fault.to_string())?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts")]
        histories.extend(std::iter::repeat_n(history, members as usize));
    }
    let customers = histories.len();
    let groups = Groups::of(histories);
    println!("{customers} customers, {} histories", groups.as_slice().len());
    told("BG/NBD", || Ok(BetaGeometricNbd::fit(&groups, FirstDropout::AfterRepeat)?.model.parameters()))?;
    told("MBG/NBD", || Ok(BetaGeometricNbd::fit(&groups, FirstDropout::AfterFirst)?.model.parameters()))?;
    told("Pareto/NBD", || Ok(ParetoNbd::fit(&groups)?.model.parameters()))
}

/// The time of one fit is below what the kernel's counter resolves: it is repeated.
fn told(name: &str, fit: impl Fn() -> Result<[f64; 4], Failure>) -> Result<(), Failure> {
    const TIMES: u32 = 20;
    let before = processor::seconds("self");
    let mut parameters = [0.0; 4];
    for _ in 0..TIMES {
        parameters = fit()?;
    }
    let seconds = (processor::seconds("self") - before) / f64::from(TIMES);
    println!("{{\"model\":\"{name}\",\"seconds\":{seconds:.5},\"parameters\":{parameters:?}}}");
    Ok(())
}
