//! For measuring clusters: `cluster LAKE ROUNDS` asks one executor and two, in turn, for what reads all purchases: a sum over
//! columns of every row, and the report `rfm`. Prints the seconds of every round, and how many times faster two were.

use std::error::Error;
use std::time::Instant;

use analytics::lake::{AnswerFormat, Lake, LakeLocation, SessionOptions, ask, write_answer};
use analytics::report::{ReportName, ReportRequest, run};

#[path = "../tests/cluster/loopback.rs"]
mod loopback;

type Failure = Box<dyn Error + Send + Sync>;

/// Little to exchange, much to read.
const SCAN: &str = "SELECT kind, count(*) AS purchases, sum(amount) AS amount, count(DISTINCT store) AS stores, \
                    sum(CASE WHEN reference LIKE '%7%' THEN length(reference) ELSE 0 END) AS digits, \
                    max(occurred_at) AS last FROM purchases GROUP BY kind";
/// Each executor has one core.
const EXECUTORS: [usize; 2] = [1, 2];
/// Parts that the cluster works on.
const PARTS: usize = 4;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [lake, rounds] = arguments.as_slice() else { return Err("cluster LAKE ROUNDS".into()) };
    let lake = Lake::open(&LakeLocation::parse(lake, Vec::new())?).await?;
    let (mut scans, mut reports) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for _ in 0..rounds.parse()? {
        for (position, executors) in EXECUTORS.into_iter().enumerate() {
            let cluster = loopback::Cluster::start(executors).await;
            let options = SessionOptions { threads: PARTS, ..SessionOptions::of(cluster.engine()) };
            // The first answer also pays for what is made once.
            scan(&lake, &options).await?;
            scans[position].push(scan(&lake, &options).await?);
            reports[position].push(report(&lake, &options).await?);
        }
    }
    let here = SessionOptions { threads: 1, ..SessionOptions::default() };
    println!("{{\"engine\":\"embedded\",\"threads\":1,\"scan\":{:.2}}}", scan(&lake, &here).await?);
    told("scan", &scans);
    told("rfm", &reports);
    Ok(())
}

async fn scan(lake: &Lake, options: &SessionOptions) -> Result<f64, Failure> {
    let began = Instant::now();
    let mut out = Vec::new();
    write_answer(ask(&lake.session(options).await?, SCAN).await?, AnswerFormat::Csv, &mut out).await?;
    assert_eq!(String::from_utf8(out)?.lines().count(), 2, "a header and the purchases");
    Ok(began.elapsed().as_secs_f64())
}

async fn report(lake: &Lake, options: &SessionOptions) -> Result<f64, Failure> {
    let request = ReportRequest { from: Some(jiff::civil::date(2000, 1, 1)), ..ReportRequest::default() };
    let began = Instant::now();
    run(lake, ReportName::Rfm, &request, options).await?;
    Ok(began.elapsed().as_secs_f64())
}

/// The seconds of one executor and of two, and the ratio of their medians.
fn told(question: &str, seconds: &[Vec<f64>; 2]) {
    let [one, two] = seconds;
    println!(
        "{{\"question\":\"{question}\",\"one\":{one:.2?},\"two\":{two:.2?},\"times_faster\":{:.2}}}",
        median(one) / median(two)
    );
}

fn median(seconds: &[f64]) -> f64 {
    let mut sorted = seconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
