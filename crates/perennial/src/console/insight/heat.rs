//! Shaded tables. Cohorts are a triangle: a row for each month of first purchases, a column for each month after, darker
//! where more came back. Clubs are a square: a row and a column for each, darker where more of the row are in the column.
//! Segments have a column for each measure, darker where they are further above all members.

use analytics::report::{Kind, Report, Value};
use jiff::ToSpan;

use super::values::Values;
use crate::console::page::Frame;

/// Shades a cell can have.
const SHADES: u32 = 10;
/// Months after the first that are shown: more do not fit a page. The file has all.
const MONTHS_SHOWN: usize = 24;

/// The table.
pub(super) struct Heat {
    pub(super) caption: String,
    pub(super) hint: String,
    /// What the rows are.
    pub(super) first_column: String,
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<HeatRow>,
}

/// A cohort, or a club.
pub(super) struct HeatRow {
    pub(super) label: String,
    pub(super) members: String,
    /// Shares by column; none where there can be nothing.
    pub(super) cells: Vec<Option<HeatCell>>,
}

/// A share and how dark it is.
pub(super) struct HeatCell {
    pub(super) shown: String,
    pub(super) shade: u32,
    share: f64,
}

/// The shaded table of an answer that has one.
pub(super) fn heat(f: &Frame, report: &Report) -> Option<Heat> {
    cohorts(f, report).or_else(|| overlaps(f, report)).or_else(|| explorer(f, report))
}

/// The square of an answer that has clubs. Their names are too long for columns, which have their numbers.
fn overlaps(f: &Frame, report: &Report) -> Option<Heat> {
    let clubs = report.table("clubs").filter(|table| table.rows.len() > 1)?;
    let pairs = report.table("club-overlaps")?;
    let values = Values::new(f, report);
    let named = |row: &[Value]| Some((row.first()?.as_text()?.to_owned(), row.get(1)?.as_number()?));
    let clubs: Vec<(String, f64)> = clubs.rows.iter().filter_map(|row| named(row)).collect();
    // The pairs come club by club, each with all others in order.
    let mut shares = pairs.rows.iter().map(|row| row.get(3).and_then(Value::as_number));
    let mut rows: Vec<HeatRow> = Vec::new();
    for (number, (name, members)) in clubs.iter().enumerate() {
        let mut other = |position: usize| {
            if position == number { None } else { shares.next().flatten().map(|share| cell(&values, share)) }
        };
        rows.push(HeatRow {
            label: format!("{} {name}", number + 1),
            members: values.number(*members, Kind::Count),
            cells: (0..clubs.len()).map(&mut other).collect(),
        });
    }
    shade(&mut rows);
    Some(Heat {
        caption: f.named("table-", "club-overlaps"),
        hint: f.t("club-overlaps-hint"),
        first_column: f.named("column-", "club"),
        columns: (1..=clubs.len()).map(|number| number.to_string()).collect(),
        rows,
    })
}

/// Segments against all members, measure by measure.
fn explorer(f: &Frame, report: &Report) -> Option<Heat> {
    let table = report.table("segment-explorer").filter(|table| !table.rows.is_empty())?;
    let values = Values::new(f, report);
    let (mut columns, mut rows): (Vec<String>, Vec<HeatRow>) = (Vec::new(), Vec::new());
    for row in &table.rows {
        let [layer, segment, members, measure, index] = &row[..] else { continue };
        let word = |value: &Value| values.cell(value, Kind::Word);
        let label = format!("{}: {}", word(layer), word(segment));
        if rows.last().is_none_or(|row| row.label != label) {
            let members = values.cell(members, Kind::Count);
            rows.push(HeatRow { label, members, cells: Vec::new() });
        }
        if rows.len() == 1 {
            columns.push(word(measure));
        }
        let Some(last) = rows.last_mut() else { continue };
        let cell = |index: f64| HeatCell { shown: values.number(index, Kind::Count), share: index, shade: 0 };
        last.cells.push(index.as_number().map(cell));
    }
    shade(&mut rows);
    Some(Heat {
        caption: f.named("table-", table.name),
        hint: f.t("segment-explorer-hint"),
        first_column: f.named("column-", "segment"),
        columns,
        rows,
    })
}

/// The triangle of an answer that has cohorts.
fn cohorts(f: &Frame, report: &Report) -> Option<Heat> {
    let table = report.table("cohorts").filter(|table| !table.rows.is_empty())?;
    let values = Values::new(f, report);
    let mut rows: Vec<HeatRow> = Vec::new();
    let mut longest = 0;
    for row in &table.rows {
        let [cohort, months, began, _, retention, ..] = &row[..] else { continue };
        let name = cohort.as_text().unwrap_or_default();
        if rows.last().is_none_or(|row| row.label != name) {
            let members = began.as_number().unwrap_or(0.0);
            let members = values.number(members, Kind::Count);
            rows.push(HeatRow { label: name.to_owned(), members, cells: Vec::new() });
        }
        let Some(last) = rows.last_mut() else { continue };
        let months = months.as_integer().and_then(|months| usize::try_from(months).ok()).unwrap_or(0);
        if months == 0 || months > MONTHS_SHOWN {
            continue;
        }
        // A month in which nobody came back has no row of its own.
        last.cells.resize_with(months - 1, || Some(cell(&values, 0.0)));
        last.cells.push(Some(cell(&values, retention.as_number().unwrap_or(0.0))));
        longest = longest.max(months);
    }
    shade(&mut rows);
    let last_month = month_number(&report.period.to.saturating_sub(1.day()).strftime("%Y-%m").to_string());
    for row in &mut rows {
        // Cohorts of later months could not yet buy in the columns on the right.
        let could = usize::try_from(last_month - month_number(&row.label)).unwrap_or(0);
        row.cells.resize_with(could.min(longest).max(row.cells.len()), || Some(cell(&values, 0.0)));
        row.cells.resize_with(longest, || None);
    }
    (longest > 0).then(|| Heat {
        caption: f.named("table-", "cohorts"),
        hint: f.t("cohorts-hint"),
        first_column: f.t("column-cohort"),
        columns: (1..=longest).map(|month| format!("+{month}")).collect(),
        rows,
    })
}

/// A month as a number, so that their difference is a number of months.
fn month_number(month: &str) -> i64 {
    let (year, month) = month.split_once('-').unwrap_or_default();
    12 * year.parse::<i64>().unwrap_or(0) + month.parse::<i64>().unwrap_or(0)
}

fn cell(values: &Values<'_>, share: f64) -> HeatCell {
    HeatCell { shown: values.cell(&Value::Number(share), Kind::Share), share, shade: 0 }
}

/// Shades the cells between nothing and the most.
fn shade(rows: &mut [HeatRow]) {
    let cells = || rows.iter().flat_map(|row| row.cells.iter().flatten());
    let most = cells().map(|cell| cell.share).fold(f64::EPSILON, f64::max);
    for cell in rows.iter_mut().flat_map(|row| row.cells.iter_mut().flatten()) {
        let reaches = |dark: &u32| cell.share / most >= f64::from(*dark) / f64::from(SHADES);
        cell.shade = (1..SHADES).rev().find(reaches).unwrap_or(0);
    }
}
