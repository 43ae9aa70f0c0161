//! Which chart fits which table of an answer.

use analytics::report::{Column, Kind, Report, ReportName, ReportTable, Value};

use super::query::InsightQuery;
use super::values::Values;
use crate::console::chart::{Cell, Chart, ChartRow};
use crate::console::page::Frame;

/// Rows that a chart of groups shows: more cannot be read.
const ROWS_DRAWN_MAX: usize = 60;
/// Points of a map that can be told apart.
const POINTS_DRAWN_MAX: usize = 200;

/// Between the two ends of a stream; the script parts them there.
const ARROW: &str = " → ";

/// A chart to be: its table, its kind, the columns that are drawn. The first column names the places on the axis, or the
/// points of a map; of streams the first two name their ends.
struct Plan {
    table: &'static str,
    kind: &'static str,
    columns: &'static [&'static str],
}

const fn plan(table: &'static str, kind: &'static str, columns: &'static [&'static str]) -> Plan {
    Plan { table, kind, columns }
}

fn plans(name: ReportName) -> &'static [Plan] {
    const AUDIT: [Plan; 1] = [plan("completeness", "bars", &["filled_share"])];
    const CORE: [Plan; 2] = [
        plan("lorenz-curve", "line", &["amount-share", "members-share"]),
        plan("deciles", "bars", &["amount_share"]),
    ];
    const TOP_GROUP: [Plan; 1] = [plan("top-group", "line", &["members", "entered", "left"])];
    const RFM: [Plan; 1] = [plan("rfm-segments", "bars", &["members_share", "amount_share"])];
    const REPEAT: [Plan; 1] = [plan("visits", "bars", &["members_share"])];
    const FLOWS: [Plan; 1] =
        [plan("member-flows", "line", &["new_members", "reactivated_members", "lapsed_members"])];
    const VALUE: [Plan; 2] = [
        plan("calibration", "bars", &["purchases_expected", "purchases_actual"]),
        plan("value-by-repeats", "bars", &["value_per_member"]),
    ];
    const MIGRATION: [Plan; 2] = [
        plan("migration", "waterfall", &["amount_before", "amount_now", "change"]),
        plan("migration-flows", "sankey", &["members", "amount_before", "amount_now"]),
    ];
    const PROFILE: [Plan; 1] = [plan("loyalty-profile", "bars", &["members_share"])];
    const TYPES: [Plan; 1] = [plan("loyalty-types", "bars", &["members_share", "satisfied"])];
    const SCORECARD: [Plan; 1] = [plan("scorecard", "intervals", &["score", "low", "high"])];
    const SATISFACTION: [Plan; 2] = [
        plan("recommendation", "bars", &["promoters", "detractors"]),
        plan("intention", "bars", &["said_followed", "did"]),
    ];
    const WALLET: [Plan; 1] = [plan("brands", "bars", &["share_of_sums", "mean_share", "share_by_rank"])];
    const PLAN: [Plan; 1] = [plan("plan", "bars", &["detectable_lift", "detectable_lift_cuped"])];
    const EXPERIMENT: [Plan; 1] = [plan("arms", "bars", &["mean_before", "mean_now"])];
    const UPLIFT: [Plan; 2] = [
        plan("qini-curve", "curve", &["gained", "gained_random"]),
        plan("uplift-tenths", "bars", &["lift_expected", "lift"]),
    ];
    const RIDERS: [Plan; 1] = [plan("who-pays-for-whom", "bars", &["points_share"])];
    const OFFERS: [Plan; 1] = [plan("places", "bars", &["hit_rate"])];
    const CATEGORIES: [Plan; 1] = [plan("categories", "bars", &["penetration", "amount_share"])];
    const CLUBS: [Plan; 2] = [
        plan("clubs", "bars", &["members_share", "amount_share"]),
        plan("clubs-per-member", "bars", &["members_share"]),
    ];
    const BASKET_DNA: [Plan; 2] = [
        plan("preference-segments", "bars", &["members_share", "amount_share"]),
        plan("product-map", "map", &["x", "y"]),
    ];
    const STACK: [Plan; 3] = [
        plan("stack-preference", "bars", &["members_share", "amount_share"]),
        plan("stack-life-stage", "bars", &["members_share", "amount_share"]),
        plan("stack-usage", "bars", &["members_share", "amount_share"]),
    ];
    match name {
        ReportName::DataAudit => &AUDIT,
        ReportName::CoreCustomers => &CORE,
        ReportName::TopGroup => &TOP_GROUP,
        ReportName::Rfm => &RFM,
        ReportName::Cohorts => &[],
        ReportName::RepeatPurchase => &REPEAT,
        ReportName::MemberFlows => &FLOWS,
        ReportName::LifetimeValue => &VALUE,
        ReportName::Migration => &MIGRATION,
        ReportName::LoyaltyProfile => &PROFILE,
        ReportName::LoyaltyTypes => &TYPES,
        ReportName::Satisfaction => &SATISFACTION,
        ReportName::Scorecard => &SCORECARD,
        ReportName::ShareOfWallet => &WALLET,
        ReportName::Categories => &CATEGORIES,
        ReportName::Clubs => &CLUBS,
        ReportName::BasketDna => &BASKET_DNA,
        ReportName::SegmentStack => &STACK,
        ReportName::ExperimentPlan => &PLAN,
        ReportName::Experiment => &EXPERIMENT,
        ReportName::Uplift => &UPLIFT,
        ReportName::FreeRiders => &RIDERS,
        ReportName::Offers => &OFFERS,
    }
}

/// The charts of an answer.
pub(super) fn charts(f: &Frame, report: &Report, query: &InsightQuery) -> Vec<Chart> {
    let values = Values::new(f, report);
    let drawn = |plan: &Plan| {
        let table = report.table(plan.table).filter(|table| table.rows.len() > 1)?;
        Some(chart(f, report, query, &values, (plan, table)))
    };
    plans(report.report).iter().filter_map(drawn).collect()
}

fn chart(
    f: &Frame,
    report: &Report,
    query: &InsightQuery,
    values: &Values<'_>,
    (plan, table): (&Plan, &ReportTable),
) -> Chart {
    let position = |name: &str| table.columns.iter().position(|column| column.name == name);
    let columns: Vec<(usize, Column)> =
        plan.columns.iter().filter_map(|name| position(name).map(|at| (at, table.columns[at]))).collect();
    let ends = &table.columns[..table.columns.len().min(if plan.kind == "sankey" { 2 } else { 1 })];
    let row = |row: &Vec<Value>| {
        let label: Vec<String> =
            row.iter().zip(ends).map(|(value, column)| values.cell(value, column.kind)).collect();
        let label = label.join(ARROW);
        let cells = columns.iter().map(|(at, column)| {
            let value = row.get(*at).unwrap_or(&Value::Empty);
            // What is not known is not drawn: it is not 0.
            let number = value.as_number().unwrap_or(f64::NAN);
            Cell { value: values.drawn(number, column.kind), shown: values.cell(value, column.kind) }
        });
        ChartRow { short: label.clone(), label, values: cells.collect() }
    };
    let title = f.named("table-", table.name);
    let kind = columns.first().map_or(Kind::Count, |(_, column)| column.kind);
    Chart {
        id: table.name,
        kind: plan.kind,
        description: f.with("insight-chart", &[("title", &title), ("table", &f.t("show-table"))]),
        title,
        unit: match kind {
            Kind::Share => f.t("unit-per-cent"),
            Kind::Money => report.population.currency.clone().unwrap_or_default(),
            _ => f.named("unit-of-", table.name),
        },
        first_column: ends
            .iter()
            .map(|column| f.named("column-", column.name))
            .collect::<Vec<_>>()
            .join(ARROW),
        columns: columns.iter().map(|(_, column)| f.named("column-", column.name)).collect(),
        rows: table.rows.iter().take(drawn_max(plan)).map(row).collect(),
        csv: query.address(&format!("/console/insight/{}/{}.csv", report.report, table.name)),
    }
}

/// Groups are counted, points of a curve are not.
fn drawn_max(plan: &Plan) -> usize {
    match plan.kind {
        "bars" if plan.table == "categories" => 20,
        "bars" | "intervals" | "waterfall" => ROWS_DRAWN_MAX,
        "map" => POINTS_DRAWN_MAX,
        _ => usize::MAX,
    }
}
