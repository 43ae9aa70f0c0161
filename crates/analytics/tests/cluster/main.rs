//! The same questions on a Ballista cluster: a real scheduler and two real executors on loopback give the figures and rows
//! that the engine in this process gives.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod loopback;
mod retailer;

use std::time::Duration;

use analytics::lake::{AnswerFormat, Engine, Lake, LakeError, Scheduler, SessionOptions, ask, write_answer};
use analytics::report::{Report, ReportName, ReportRequest, Value, run};

use datafusion::prelude::SessionContext;
use loopback::{Cluster, free_port};
use retailer::{ARMS, Retailer};

/// How far a number may be from the other engine's, of the greater of both. Sums of numbers with a point depend on their
/// order, and the parts of a cluster come in any: of 10⁵ terms that is less than 10⁵ · 2⁻⁵² ≈ 2 · 10⁻¹¹, and what is made
/// of them, variances and fitted models, loses some digits more.
const TOLERANCE: f64 = 1e-8;
/// Below this, what is left is nothing but rounding.
const NOTHING: f64 = 1e-9;
/// What the longest answer takes, unoptimised on a busy machine, several times over.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(5);
/// Parts that the cluster works on: more than it has executors.
const PARTS: usize = 3;

fn on(engine: Engine) -> SessionOptions {
    SessionOptions { threads: PARTS, ..SessionOptions::of(engine) }
}

/// Every question; and once more that of an experiment, with a salt and arms that put every member in their place.
fn questions() -> impl Iterator<Item = (ReportName, ReportRequest)> {
    let arms = |name| match name {
        ReportName::Experiment | ReportName::FreeRiders => Some(ARMS),
        // Who responds is told from a hundred members of each arm at least.
        ReportName::Uplift => Some("hold-out=50,programme=50"),
        _ => None,
    };
    let usual = ReportName::ALL.into_iter().map(move |name| {
        (name, ReportRequest { arms: arms(name).map(str::to_owned), ..ReportRequest::default() })
    });
    let tenths = (0..10).map(|arm| format!("{arm}=10")).collect::<Vec<_>>().join(",");
    let salted = ["加油's", "spring-2026"].map(|salt| {
        let request = ReportRequest {
            experiment: Some(salt.to_owned()),
            arms: Some(tenths.clone()),
            ..ReportRequest::default()
        };
        (ReportName::Experiment, request)
    });
    usual.chain(salted)
}

#[tokio::test]
async fn every_question_is_answered_on_a_cluster_as_it_is_here() {
    let retailer = Retailer::open().await;
    let cluster = Cluster::start(2).await;
    let mut differences = Vec::new();
    for (name, request) in questions() {
        let here = run(&retailer.lake, name, &request, &on(Engine::Embedded)).await;
        let here = here.unwrap_or_else(|error| panic!("{name}, in this process: {error}"));
        let options = on(cluster.engine());
        match within(run(&retailer.lake, name, &request, &options)).await {
            Ok(there) => differences.extend(compare(&here, &there)),
            Err(error) => differences.push(format!("{name}, on the cluster: {error}")),
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// An answer in time: a cluster that lost a part of a question would wait for it for ever.
async fn within<T>(answer: impl Future<Output = T>) -> T {
    tokio::time::timeout(ANSWER_TIMEOUT, answer).await.expect("an answer in time")
}

/// Everything in which two answers differ.
fn compare(here: &Report, there: &Report) -> Vec<String> {
    let name = here.report;
    assert!(
        !here.figures.is_empty() && here.tables.iter().any(|table| !table.rows.is_empty()),
        "{name} says nothing"
    );
    let mut found = Vec::new();
    let mut differ = |what: String, here: String, there: String| {
        found.push(format!("{name}, {what}: {here} here, {there} on the cluster"));
    };
    let frame = |report: &Report| {
        format!(
            "{:?}",
            (
                report.period,
                &report.population,
                report.members,
                &report.notes,
                &report.source,
                &report.queries
            )
        )
    };
    if frame(here) != frame(there) {
        differ("frame".to_owned(), frame(here), frame(there));
    }
    if here.figures.len() != there.figures.len() || here.tables.len() != there.tables.len() {
        differ("parts".to_owned(), format!("{:?}", here.figures), format!("{:?}", there.figures));
    }
    for (one, other) in here.figures.iter().zip(&there.figures) {
        let ends = one.interval.zip(other.interval);
        let is_close = (one.name, one.cases) == (other.name, other.cases)
            && close(one.value, other.value)
            && one.interval.is_some() == other.interval.is_some()
            && ends.is_none_or(|(one, other)| close(one.0, other.0) && close(one.1, other.1));
        if !is_close {
            differ("figure".to_owned(), format!("{one:?}"), format!("{other:?}"));
        }
    }
    for (one, other) in here.tables.iter().zip(&there.tables) {
        if (one.name, &one.columns, one.rows.len()) != (other.name, &other.columns, other.rows.len()) {
            differ(format!("table {}", one.name), one.rows.len().to_string(), other.rows.len().to_string());
        }
        for (number, (one_row, other_row)) in one.rows.iter().zip(&other.rows).enumerate() {
            let is_close =
                one_row.len() == other_row.len() && one_row.iter().zip(other_row).all(|(a, b)| equal(a, b));
            if !is_close {
                differ(
                    format!("table {}, row {number}", one.name),
                    format!("{one_row:?}"),
                    format!("{other_row:?}"),
                );
            }
        }
    }
    found
}

fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => close(*one, *other),
        (one, other) => one == other,
    }
}

fn close(one: f64, other: f64) -> bool {
    let distance = (one - other).abs();
    one.to_bits() == other.to_bits()
        || distance <= TOLERANCE * one.abs().max(other.abs())
        || distance <= NOTHING
}

/// The lines of an answer.
async fn lines(lake: &Lake, engine: Engine, sql: &str) -> Result<Vec<String>, LakeError> {
    answer(&lake.session(&on(engine)).await?, sql).await
}

async fn answer(session: &SessionContext, sql: &str) -> Result<Vec<String>, LakeError> {
    let mut out = Vec::new();
    write_answer(ask(session, sql).await?, AnswerFormat::Csv, &mut out).await?;
    Ok(String::from_utf8(out).unwrap().lines().map(str::to_owned).collect())
}

#[tokio::test]
async fn questions_in_sql_have_the_same_answer_too() {
    let retailer = Retailer::open().await;
    let cluster = Cluster::start(2).await;
    for sql in [
        "SELECT kind, count(*), sum(amount), min(day), max(occurred_at) FROM purchases GROUP BY kind ORDER BY kind",
        "SELECT * FROM members WHERE leads_to IS NOT NULL ORDER BY member_id",
        "SELECT store, sum(amount) AS s, rank() OVER (ORDER BY sum(amount) DESC) AS r FROM purchases GROUP BY store ORDER BY r",
        "SELECT count(*) FROM purchases WHERE member_id NOT IN (SELECT leads_to FROM members)",
        "SELECT median(amount), count(DISTINCT store) FROM purchases",
        "SELECT p.reference, l.sku FROM purchases p JOIN lines l ON l.source = p.source AND l.reference = p.reference \
         ORDER BY p.reference, l.line, l.sku LIMIT 50",
        // A table without a file, alone and joined.
        "SELECT count(*) FROM activities",
        "SELECT m.member, a.activity FROM members m LEFT JOIN activities a ON a.member_id = m.member_id ORDER BY 1 LIMIT 3",
        // What the optimizer sees to have no row, and what it need not read for.
        "SELECT max(day), count(*) FROM purchases WHERE 1 = 0",
        "SELECT m.member, p.day FROM members m LEFT JOIN (SELECT * FROM purchases WHERE 1 = 0) p \
         ON p.member_id = m.member_id ORDER BY 1 LIMIT 3",
        "SELECT member FROM members WHERE 1 = 0",
        "SELECT 1 + 1 AS two",
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
    ] {
        let here = lines(&retailer.lake, Engine::Embedded, sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        let there = within(lines(&retailer.lake, cluster.engine(), sql))
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert_eq!(here, there, "{sql}");
    }
}

#[tokio::test]
async fn a_cluster_that_is_not_there_is_named_with_the_reason_and_what_to_do() {
    let retailer = Retailer::open().await;
    let port = free_port();
    let nobody = Engine::Ballista(Scheduler { host: "127.0.0.1".to_owned(), port });
    let refused = run(&retailer.lake, ReportName::Rfm, &ReportRequest::default(), &on(nobody)).await;
    let sentence = refused.expect_err("nobody listens").to_string();
    for part in
        [&format!("the Ballista scheduler at 127.0.0.1:{port} cannot be reached"), "refused", "--engine"]
    {
        assert!(sentence.contains(part), "{sentence}");
    }
}

#[tokio::test]
async fn a_cluster_that_does_not_see_the_lake_is_told_from_one_that_finds_nothing() {
    let retailer = Retailer::open().await;
    let cluster = Cluster::start(1).await;
    // This process had seen the files, as one that the cluster shares no disk with would.
    let session = retailer.lake.session(&on(cluster.engine())).await.unwrap();
    let lost = retailer.lose_purchases();
    let failed = within(answer(&session, "SELECT sum(amount) FROM purchases")).await;
    let sentence = failed.expect_err("the files are gone").to_string();
    assert!(
        sentence.contains(&format!("finds 0 rows of purchases where the lake has {lost}:")),
        "{sentence}"
    );
}
