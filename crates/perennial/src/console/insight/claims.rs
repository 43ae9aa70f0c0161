//! The register of claims: what is told about loyalty programmes and what it is worth, sorted and filtered as the address
//! says, each with a way to one's own figure. On the page of an answer a claim stands beside the figure it speaks of.

use std::cmp::Ordering;

use analytics::claims::{Claim, ClaimStatus, ClaimUnit, claims};
use analytics::report::ReportName;
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use domain::money::{Currency, Money};
use serde::Deserialize;

use super::values::fraction;
use crate::console::csv_file::CsvFile;
use crate::console::format::number;
use crate::console::page::{Frame, Section, Theme, ok};
use crate::console::query::address;
use crate::console::session::Reader;

/// What the table is sorted by, as in addresses and in the catalogue.
const COLUMNS: [&str; 5] = ["claim", "value", "scope", "source", "status"];

/// What an address wants.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct ClaimsQuery {
    #[serde(default)]
    sort: String,
    #[serde(default)]
    direction: String,
    #[serde(default)]
    find: String,
    #[serde(default)]
    status: String,
}

#[derive(Template)]
#[template(path = "console/insight_claims.html")]
struct ClaimsPage {
    f: Frame,
    query: ClaimsQuery,
    statuses: Vec<StatusChoice>,
    columns: Vec<Head>,
    rows: Vec<Row>,
    count: String,
    csv: String,
}

struct StatusChoice {
    name: &'static str,
    label: String,
    chosen: bool,
}

struct Head {
    label: String,
    numeric: bool,
    address: String,
    order: Option<&'static str>,
    arrow: &'static str,
}

struct Row {
    id: &'static str,
    claim: &'static str,
    note: Option<&'static str>,
    value: String,
    scope: &'static str,
    source: String,
    status: &'static str,
    status_name: String,
    own: Option<(String, String)>,
}

impl ClaimsQuery {
    fn address(&self, path: &str, sort: &str, direction: &str) -> String {
        let fields =
            [("sort", sort), ("direction", direction), ("find", self.find.trim()), ("status", &self.status)];
        address(path, &fields)
    }

    /// The claims that are wanted, in the order that is wanted.
    fn chosen(&self, f: &Frame) -> Vec<&'static Claim> {
        let find = self.find.trim().to_lowercase();
        let has = |claim: &&Claim| {
            let texts = [
                claim.text.get(f.language),
                claim.scope.get(f.language),
                claim.source.as_deref().unwrap_or(""),
            ];
            (self.status.is_empty() || claim.status.name() == self.status)
                && (find.is_empty() || texts.iter().any(|text| text.to_lowercase().contains(&find)))
        };
        let mut chosen: Vec<&Claim> = claims().iter().filter(has).collect();
        if COLUMNS.contains(&self.sort.as_str()) {
            let is_descending = self.direction == "descending";
            chosen.sort_by(|one, other| {
                let order = self.compare(f, one, other);
                if is_descending { order.reverse() } else { order }
            });
        }
        chosen
    }

    /// The order of two claims. Numbers of one unit come together: a share and a sum of money cannot be compared.
    fn compare(&self, f: &Frame, one: &Claim, other: &Claim) -> Ordering {
        match self.sort.as_str() {
            "value" => one.unit.cmp(&other.unit).then(one.value.total_cmp(&other.value)),
            "scope" => one.scope.get(f.language).cmp(other.scope.get(f.language)),
            "source" => one.source.cmp(&other.source),
            "status" => one.status.cmp(&other.status),
            _ => one.text.get(f.language).cmp(other.text.get(f.language)),
        }
    }

    fn head(&self, f: &Frame, name: &'static str) -> Head {
        let (is_current, is_descending) = (self.sort == name, self.direction == "descending");
        let next = if is_current && !is_descending { "descending" } else { "ascending" };
        let (order, arrow) = match (is_current, is_descending) {
            (false, _) => (None, ""),
            (true, true) => (Some("descending"), " ↓"),
            (true, false) => (Some("ascending"), " ↑"),
        };
        Head {
            label: f.named("claims-", name),
            numeric: name == "value",
            address: self.address("/console/insight/claims", name, next),
            order,
            arrow,
        }
    }
}

/// The page.
pub(super) async fn page(Query(query): Query<ClaimsQuery>, reader: Reader) -> Response {
    let mut f = reader.frame;
    f.section = Section::Insight;
    let rows: Vec<Row> = query.chosen(&f).into_iter().map(|claim| row(&f, claim)).collect();
    let choice = |status: ClaimStatus| StatusChoice {
        name: status.name(),
        label: f.named("claim-", status.name()),
        chosen: query.status == status.name(),
    };
    let (found, all) = (rows.len().to_string(), claims().len().to_string());
    ok(&ClaimsPage {
        statuses: ClaimStatus::ALL.map(choice).into(),
        columns: COLUMNS.map(|name| query.head(&f, name)).into(),
        count: f.with("claims-count", &[("found", &found), ("all", &all)]),
        csv: query.address("/console/insight/claims.csv", &query.sort, &query.direction),
        rows,
        query,
        f,
    })
}

fn row(f: &Frame, claim: &'static Claim) -> Row {
    let of_report = claim
        .report
        .map(|report| (format!("/console/insight/{report}"), f.named("report-", report.as_str())));
    let of_page = || claim.page.as_ref().map(|page| (page.clone(), f.t("nav-vouchers")));
    Row {
        id: &claim.id,
        claim: claim.text.get(f.language),
        note: claim.note.as_ref().map(|note| note.get(f.language)),
        value: value(f, claim),
        scope: claim.scope.get(f.language),
        source: claim.source.clone().unwrap_or_else(|| f.t("claims-no-source")),
        status: claim.status.name(),
        status_name: f.named("claim-", claim.status.name()),
        own: of_report.or_else(of_page),
    }
}

/// The claims that are wanted as a file.
pub(super) async fn file(Query(query): Query<ClaimsQuery>, reader: Reader) -> Response {
    let f = reader.frame;
    let names = ["claim", "value", "value-high", "unit", "scope", "source", "status", "note", "own"];
    let mut file = CsvFile::new(&names.map(|name| f.named("claims-", name)));
    for claim in query.chosen(&f) {
        file.row(&[
            claim.text.get(f.language),
            &claim.value.to_string(),
            &claim.value_high.map_or_else(String::new, |high| high.to_string()),
            claim.unit.name(),
            claim.scope.get(f.language),
            claim.source.as_deref().unwrap_or(""),
            claim.status.name(),
            claim.note.as_ref().map_or("", |note| note.get(f.language)),
            claim.report.map_or("", ReportName::as_str),
        ]);
    }
    file.download("claims")
}

/// The number with its unit, or the range.
fn value(f: &Frame, claim: &Claim) -> String {
    let one = |value: f64| match claim.unit {
        ClaimUnit::Share => fraction(value * 100.0, 1) + "%",
        ClaimUnit::Times => fraction(value, 0) + "×",
        ClaimUnit::Members | ClaimUnit::Segments => number(whole(value)),
        ClaimUnit::Gbp | ClaimUnit::Usd => money(f, claim.unit, whole(value)),
    };
    let high = claim.value_high.map_or_else(String::new, |high| format!("–{}", one(high)));
    one(claim.value) + &high
}

/// Whole units of a currency.
fn money(f: &Frame, unit: ClaimUnit, amount: i64) -> String {
    let Ok(currency) = Currency::new(unit.name()) else { return number(amount) };
    // Pounds and dollars have a hundred minor units, and claims no cents.
    let shown = f.formats.money(Money { amount: amount.saturating_mul(100), currency });
    shown.split_once('.').map_or(shown.clone(), |(whole, _)| whole.to_owned())
}

#[expect(clippy::cast_possible_truncation, reason = "claims are far below 2^53")]
fn whole(value: f64) -> i64 {
    value.round() as i64
}

/// A claim beside the figure it speaks of: what is told, and where it stands in the register.
pub(super) struct Benchmark {
    pub(super) address: String,
    pub(super) sentence: String,
}

/// What is told elsewhere of a figure.
pub(super) fn benchmarks(f: &Frame, report: ReportName, figure: &str) -> Vec<Benchmark> {
    let speaks = |claim: &&Claim| claim.report == Some(report) && claim.figure.as_deref() == Some(figure);
    let benchmark = |claim: &Claim| Benchmark {
        address: format!("/console/insight/claims#{}", claim.id),
        sentence: f.with(
            "claim-beside",
            &[
                ("value", &value(f, claim)),
                ("scope", claim.scope.get(f.language)),
                ("status", &f.named("claim-", claim.status.name())),
            ],
        ),
    };
    claims().iter().filter(speaks).map(benchmark).collect()
}
