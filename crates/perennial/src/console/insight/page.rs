//! The page of an answer.

use analytics::report::{Figure, Report, ReportName, SegmentLayer};
use askama::Template;
use axum::response::Response;
use jiff::ToSpan;

use super::charts::charts;
use super::claims::{Benchmark, benchmarks};
use super::heat::{Heat, heat};
use super::query::{InsightQuery, OUTCOMES};
use super::tables::{TableQuery, TableView, tables};
use super::values::Values;
use super::{Asks, MEMBERS};
use crate::console::chart::Chart;
use crate::console::format::number;
use crate::console::page::{Frame, Theme, ok};
use crate::console::roles::Permission;

#[derive(Template)]
#[template(path = "console/insight_report.html")]
struct ReportPage {
    f: Frame,
    title: String,
    question: String,
    action: String,
    query: InsightQuery,
    asks: Asks,
    period: String,
    source: String,
    /// Files of what it says of each member: label and address.
    members: Vec<(String, String)>,
    notes: Vec<String>,
    tiles: Vec<FigureTile>,
    charts: Vec<Chart>,
    heat: Option<Heat>,
    tables: Vec<TableView>,
    queries: Vec<(String, String)>,
}

struct FigureTile {
    label: String,
    value: String,
    interval: Option<String>,
    cases: String,
    /// What is told elsewhere of the same.
    claims: Vec<Benchmark>,
}

/// Shows an answer.
pub(super) fn answered(f: Frame, report: &Report, query: InsightQuery, wanted: &TableQuery) -> Response {
    let values = Values::new(&f, report);
    let until = report.period.to.saturating_sub(1.day());
    let (from, until) = (f.formats.date(report.period.from), f.formats.date(until));
    let (first, last) = report.source.days;
    let source = f.with(
        "insight-source",
        &[
            ("documents", &number(i64::try_from(report.source.documents).unwrap_or(i64::MAX))),
            ("generation", &report.source.generation.to_string()),
            ("first", &f.formats.date(first)),
            ("last", &f.formats.date(last)),
        ],
    );
    ok(&ReportPage {
        title: f.named("report-", report.report.as_str()),
        question: f.named("report-question-", report.report.as_str()),
        action: format!("/console/insight/{}", report.report),
        asks: Asks::of(report.report),
        period: f.with("period-of", &[("from", &from), ("until", &until)]),
        source,
        members: member_files(&f, report, &query),
        notes: report.notes.iter().map(|note| f.n(&format!("note-{}", note.name), note.count)).collect(),
        tiles: report.figures.iter().map(|figure| tile(&f, &values, report, figure)).collect(),
        charts: charts(&f, report, &query),
        heat: heat(&f, report),
        tables: tables(&f, &values, report, &query, wanted),
        queries: report.queries.iter().map(|(name, sql)| (format!("{name}.sql"), sql.clone())).collect(),
        query,
        f,
    })
}

/// For whoever may take lists of members away: one file, or one for each layer of the segment stack.
fn member_files(f: &Frame, report: &Report, query: &InsightQuery) -> Vec<(String, String)> {
    let name = report.report;
    if !name.tells_members() || !f.may(Permission::ExportMembers) {
        return Vec::new();
    }
    let address = query.address(&format!("/console/insight/{name}/{MEMBERS}.csv"));
    if name != ReportName::SegmentStack {
        return vec![(f.t("insight-each-member"), address)];
    }
    let joint = if address.contains('?') { '&' } else { '?' };
    let file = |layer: SegmentLayer| {
        let named = f.named("layer-", layer.as_str());
        (f.v("insight-each-member-of", named), format!("{address}{joint}layer={layer}"))
    };
    SegmentLayer::ALL.into_iter().map(file).collect()
}

fn tile(f: &Frame, values: &Values<'_>, report: &Report, figure: &Figure) -> FigureTile {
    let interval = figure.interval.map(|(low, high)| {
        let [low, high] = [low, high].map(|end| values.number(end, figure.kind));
        f.with("insight-interval", &[("low", &low), ("high", &high)])
    });
    FigureTile {
        label: f.named("figure-", &figure.name.replace('.', "-")),
        value: values.number(figure.value, figure.kind),
        interval,
        cases: f.v("insight-cases", number(i64::try_from(figure.cases).unwrap_or(i64::MAX))),
        claims: benchmarks(f, report.report, figure.name),
    }
}
