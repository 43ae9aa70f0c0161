//! The overview: how the programme did in a period, against the period before; two charts with their tables.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::code::Code;
use domain::programme::CompiledProgramme;
use jiff::ToSpan;
use jiff::civil::Date;
use operations::{Numbers, Overview, OverviewQuery};

use super::Console;
use super::chart::{Cell, Chart, ChartRow};
use super::format::{change_permille, number, permille};
use super::page::{Frame, Section, Theme, ok};
use super::period::{Period, PeriodQuery, Preset, history, presets};
use super::problem;
use super::query::address;
use super::session::Reader;

#[derive(Template)]
#[template(path = "console/overview.html")]
struct OverviewPage {
    f: Frame,
    period: String,
    previous_period: Option<String>,
    from: String,
    until: String,
    presets: Vec<Preset>,
    error: Option<String>,
    empty: bool,
    tiles: Vec<Tile>,
    charts: Vec<Chart>,
}

struct Tile {
    label: String,
    value: String,
    change: Option<Change>,
    note: String,
}

struct Change {
    direction: &'static str,
    arrow: &'static str,
    text: String,
    before: String,
}

/// The page.
pub(super) async fn page(
    State(console): State<Console>,
    Query(query): Query<PeriodQuery>,
    reader: Reader,
) -> Response {
    let mut f = reader.frame;
    f.section = Section::Overview;
    let history = match history(&console.engine, &f).await {
        Ok(history) => history,
        Err(error) => return problem::failed(f, &error),
    };
    let (period, wrong) = match query.period(history) {
        Ok(period) => (period, false),
        Err(default) => (default, true),
    };
    let compare = query.compare();
    let overview = match console.engine.view_overview(&asked(period, compare)).await {
        Ok(overview) => overview.filter(|overview| overview.current.members > 0),
        Err(error) => return problem::failed(f, &error),
    };
    let overview = overview.as_ref();
    ok(&OverviewPage {
        period: period.shown(&f),
        previous_period: compare.then(|| period.previous().shown(&f)),
        from: period.from.to_string(),
        until: period.until.to_string(),
        presets: presets(&f, history, period, compare),
        error: wrong.then(|| f.t("period-invalid")),
        empty: overview.is_none(),
        tiles: overview.map_or_else(Vec::new, |overview| tiles(&console, &f, overview)),
        charts: overview.map_or_else(Vec::new, |overview| charts(&console, &f, overview)),
        f,
    })
}

/// A chart's table as a file.
pub(super) async fn file(
    State(console): State<Console>,
    Path(name): Path<String>,
    Query(query): Query<PeriodQuery>,
    reader: Reader,
) -> Response {
    let f = reader.frame;
    let history = match history(&console.engine, &f).await {
        Ok(history) => history,
        Err(error) => return problem::failed(f, &error),
    };
    let period = query.period(history).unwrap_or_else(|default| default);
    match console.engine.view_overview(&asked(period, false)).await {
        Ok(overview) => {
            let chart = overview
                .map_or_else(Vec::new, |overview| charts(&console, &f, &overview))
                .into_iter()
                .find(|chart| Some(chart.id) == name.strip_suffix(".csv"));
            match chart {
                Some(chart) => {
                    chart.file().download(&format!("{}-{}-{}", chart.id, period.from, period.until))
                }
                None => problem::not_found(f),
            }
        }
        Err(error) => problem::failed(f, &error),
    }
}

fn asked(period: Period, compare: bool) -> OverviewQuery {
    OverviewQuery { from: period.from, to: period.until.saturating_add(1.day()), compare }
}

fn tiles(console: &Console, f: &Frame, overview: &Overview) -> Vec<Tile> {
    let unit = unit_name(console, f, overview.unit);
    let pending = number(overview.current.pending);
    let joined = number(overview.current.new_members);
    let tile = |key: &str, note: String, pick: fn(&Numbers) -> i64| {
        let now = pick(&overview.current);
        let before = overview.previous.as_ref().map(pick);
        Tile {
            label: f.t(key),
            value: number(now),
            change: before.map(|before| change(f, now, before)),
            note,
        }
    };
    vec![
        tile("tile-members", f.v("tile-members-note", joined), |n| n.members),
        tile("tile-active", f.t("tile-active-note"), |n| n.active_members),
        tile("tile-purchases", f.t("tile-purchases-note"), |n| n.purchases),
        tile("tile-earned", f.v("tile-earned-note", &unit), |n| n.earned),
        tile("tile-burned", f.v("tile-burned-note", &unit), |n| n.redeemed),
        tile("tile-expired", f.t("tile-expired-note"), |n| n.expired),
        tile("tile-outstanding", f.v("tile-outstanding-note", pending), |n| n.outstanding),
        Tile {
            label: f.t("tile-expiring"),
            value: overview.current.expiring.map_or_else(|| "–".to_owned(), number),
            change: None,
            note: f.t("tile-expiring-note"),
        },
    ]
}

fn change(f: &Frame, now: i64, before: i64) -> Change {
    let (direction, arrow) = match now.cmp(&before) {
        std::cmp::Ordering::Greater => ("up", "▲"),
        std::cmp::Ordering::Less => ("down", "▼"),
        std::cmp::Ordering::Equal => ("same", "="),
    };
    let text = match change_permille(now, before) {
        Some(0) => f.t("change-none"),
        Some(change) if change.abs() < 100_000 => permille(change),
        _ => number(now.saturating_sub(before)),
    };
    Change { direction, arrow, text, before: number(before) }
}

/// The name of a unit in the programme now in force.
fn unit_name(console: &Console, f: &Frame, unit: Code) -> String {
    let programme = console.programme();
    let named = programme.as_deref().and_then(|programme| programme.unit(unit));
    named.map_or_else(|| unit.to_string(), |unit| unit.unit.name.get(f.language).to_owned())
}

fn charts(console: &Console, f: &Frame, overview: &Overview) -> Vec<Chart> {
    let by_day = !overview.monthly;
    let step = if by_day { f.t("step-day") } else { f.t("step-month") };
    let row = |on: Date, values: Vec<i64>| ChartRow {
        label: if by_day { f.formats.date(on) } else { f.formats.month(on) },
        short: if by_day { on.to_string() } else { format!("{:04}-{:02}", on.year(), on.month()) },
        values: values.into_iter().map(Cell::from).collect(),
    };
    let first_column = if by_day { f.t("day") } else { f.t("month") };
    let last = overview.to.saturating_sub(1.day());
    let (from, until) = (overview.from.to_string(), last.to_string());
    let csv =
        |id: &str| address(&format!("/console/overview/{id}.csv"), &[("from", &from), ("until", &until)]);
    let unit = unit_name(console, f, overview.unit);
    let points: Vec<ChartRow> = overview
        .series
        .iter()
        .map(|point| row(point.on, vec![point.earned, point.redeemed, point.expired]))
        .collect();
    let programme = console.programme();
    let tiers = tier_columns(f, overview, programme.as_deref());
    let mix: Vec<ChartRow> = overview
        .tier_mix
        .iter()
        .map(|point| {
            let held = |tier: &Code| point.tiers.iter().find(|(code, _)| code == tier).map_or(0, |(_, n)| *n);
            row(point.on, tiers.iter().map(|(tier, _)| held(tier)).collect())
        })
        .collect();
    let mix_rows = if tiers.is_empty() { Vec::new() } else { mix };
    vec![
        Chart {
            id: "points",
            kind: "line",
            title: f.t("chart-points"),
            unit: f.with("chart-points-unit", &[("value", &unit), ("step", &step)]),
            description: describe_points(f, overview, &points),
            first_column: first_column.clone(),
            columns: vec![f.t("earned"), f.t("burned"), f.t("expired")],
            rows: points,
            csv: csv("points"),
        },
        Chart {
            id: "tiers",
            kind: "stack",
            title: f.t("chart-tiers"),
            unit: f.with("chart-tiers-unit", &[("step", &step)]),
            description: describe_tiers(f, &tiers, &mix_rows),
            first_column,
            columns: tiers.into_iter().map(|(_, name)| name).collect(),
            rows: mix_rows,
            csv: csv("tiers"),
        },
    ]
}

/// The tiers that occur, in the ladder's order, with their names.
fn tier_columns(
    f: &Frame,
    overview: &Overview,
    programme: Option<&CompiledProgramme>,
) -> Vec<(Code, String)> {
    let mut columns: Vec<(Code, String)> = Vec::new();
    let ladder = programme.and_then(CompiledProgramme::main_ladder);
    for tier in ladder.iter().flat_map(|ladder| ladder.tiers()) {
        columns.push((tier.code, tier.name.get(f.language).to_owned()));
    }
    for (tier, _) in overview.tier_mix.iter().flat_map(|point| &point.tiers) {
        if !columns.iter().any(|(code, _)| code == tier) {
            columns.push((*tier, tier.to_string()));
        }
    }
    columns
}

fn describe_points(f: &Frame, overview: &Overview, rows: &[ChartRow]) -> String {
    let first = |row: &ChartRow| row.values.first().map_or(0.0, |cell| cell.value);
    let Some(peak) = rows.iter().max_by(|left, right| first(left).total_cmp(&first(right))) else {
        return f.t("chart-empty");
    };
    let peak_value = peak.values.first().map_or_else(String::new, |cell| cell.shown.clone());
    let shown = |value| number(value);
    f.with(
        "chart-points-description",
        &[
            ("earned", &shown(overview.current.earned)),
            ("burned", &shown(overview.current.redeemed)),
            ("expired", &shown(overview.current.expired)),
            ("peak", &peak.label),
            ("peak_value", &peak_value),
        ],
    )
}

fn describe_tiers(f: &Frame, tiers: &[(Code, String)], rows: &[ChartRow]) -> String {
    let Some(last) = rows.last() else { return f.t("chart-empty") };
    let parts: Vec<String> =
        tiers.iter().zip(&last.values).map(|((_, name), cell)| format!("{name} {}", cell.shown)).collect();
    f.with("chart-tiers-description", &[("mix", &parts.join(", "))])
}
