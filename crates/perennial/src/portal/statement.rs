//! A member's statement to print: points by lot and when they lapse, vouchers with their codes, and what was earned and
//! spent in a period, with the reasons. The member prints their own here; staff print it for them.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::code::Code;
use domain::ids::AccountId;
use domain::ledger::{Entry, Lot};
use domain::programme::CompiledProgramme;
use jiff::ToSpan;
use jiff::civil::Date;
use operations::{
    ENTRY_PAGE_SIZE_MAX, Engine, MemberReference, MemberVoucher, OperationError, StatementOutlook,
};
use serde::Deserialize;

use super::Portal;
use super::history::{EntryRow, entry_rows};
use super::problem;
use super::qr::{self, Drawing};
use super::session::Member;
use super::shell::{Shell, Tab};
use super::words::{day_of, last_day, money, points};
use crate::console::entries::net_points;
use crate::console::format::number;
use crate::console::member::{signed_unit_number, unit_name, unit_number};
use crate::console::page::{Frame, Theme, show};
use crate::console::programme;

/// Days before an end at which it is said to be near.
const SOON_DAYS: i32 = 60;
/// Months a statement goes back unless it says otherwise.
const MONTHS: i64 = 3;
/// Movements printed at the most.
const ENTRIES_MAX: usize = 500;

/// The period, as the address has it.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct StatementQuery {
    #[serde(default)]
    pub(crate) from: String,
    #[serde(default)]
    pub(crate) until: String,
}

/// Days from the first to the last, both included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Days {
    from: Date,
    until: Date,
}

/// Everything on the paper.
pub(crate) struct Sheet {
    pub(crate) programme: String,
    pub(crate) name: String,
    pub(crate) number: Option<String>,
    pub(crate) as_of: String,
    pub(crate) period: String,
    pub(crate) from: String,
    pub(crate) until: String,
    pub(crate) balances: Vec<SheetBalance>,
    pub(crate) outlooks: Vec<String>,
    pub(crate) soon: Vec<(String, String)>,
    pub(crate) lots: Vec<SheetLot>,
    pub(crate) vouchers: Vec<SheetVoucher>,
    pub(crate) rows: Vec<EntryRow>,
    /// Whether there was more than is printed.
    pub(crate) cut: bool,
}

/// What stands of a unit, and what came and went in the period.
pub(crate) struct SheetBalance {
    pub(crate) unit: String,
    pub(crate) available: String,
    pub(crate) pending: String,
    pub(crate) earned: String,
    pub(crate) spent: String,
}

/// A lot in a line.
pub(crate) struct SheetLot {
    pub(crate) unit: String,
    pub(crate) earned: String,
    pub(crate) remaining: String,
    pub(crate) expires: String,
    pub(crate) pending: Option<String>,
}

/// A voucher to cut out.
pub(crate) struct SheetVoucher {
    pub(crate) name: String,
    pub(crate) effect: String,
    pub(crate) terms: Vec<String>,
    pub(crate) until: String,
    pub(crate) why_not: Option<String>,
    pub(crate) code: Option<(String, Option<Drawing>)>,
}

#[derive(Template)]
#[template(path = "portal/statement.html")]
struct StatementPage {
    f: Frame,
    s: Shell,
    sheet: Sheet,
    query: StatementQuery,
    error: Option<String>,
}

/// The member's own.
pub(super) async fn page(
    State(portal): State<Portal>,
    Query(query): Query<StatementQuery>,
    member: Member,
) -> Response {
    let Member { frame: f, shell, id, .. } = member;
    let s = shell.at(Tab::History);
    let (days, error) = query.days(&f, &portal.engine);
    match sheet(&portal.engine, &f, id, days).await {
        Ok(sheet) => {
            let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            show(status, &StatementPage { f, s, sheet, query, error })
        }
        Err(error) => problem::failed(f, s, &error),
    }
}

impl StatementQuery {
    /// The period asked for; the default, and why, where the address is wrong.
    pub(crate) fn days(&self, f: &Frame, engine: &Engine) -> (Days, Option<String>) {
        let today = day_of(f, engine.clock().now());
        let default = Days { from: today.saturating_sub(MONTHS.months()), until: today };
        if self.from.is_empty() && self.until.is_empty() {
            return (default, None);
        }
        match (self.from.parse::<Date>(), self.until.parse::<Date>()) {
            (Ok(from), Ok(until)) if from <= until => (Days { from, until }, None),
            _ => (default, Some(f.t("sheet-period-wrong"))),
        }
    }
}

/// A member's statement as of now, with what was booked in a period.
pub(crate) async fn sheet(
    engine: &Engine,
    f: &Frame,
    member_id: AccountId,
    days: Days,
) -> Result<Sheet, OperationError> {
    let reference = MemberReference::Id(member_id);
    let member = engine.view_member(&reference).await?;
    let view = engine.view_statement(&reference).await?;
    let vouchers = engine.list_vouchers(&reference, f.language).await?;
    let (entries, cut) = booked(engine, f, member_id, days).await?;
    let programme = programme(engine);
    let programme = programme.as_deref();
    let card = member
        .identifiers
        .iter()
        .find(|identifier| identifier.kind == domain::member::IdentifierKind::Card)
        .map(|identifier| super::words::grouped(&identifier.value));
    let balances = view.balances.iter().map(|balance| {
        let (earned, spent) = sums(&entries, balance.unit);
        let amount = |points| unit_number(f, programme, balance.unit, points);
        SheetBalance {
            unit: unit_name(f, programme, balance.unit),
            available: amount(balance.available.saturating_sub(balance.debt)),
            pending: amount(balance.pending),
            earned: signed_unit_number(f, programme, balance.unit, earned),
            spent: signed_unit_number(f, programme, balance.unit, spent),
        }
    });
    let (from, until) = (f.formats.date(days.from), f.formats.date(days.until));
    let soon = soon(f, programme, &view.expiring, day_of(f, view.as_of));
    Ok(Sheet {
        programme: programme
            .map_or_else(String::new, |known| known.programme().name.get(f.language).to_owned()),
        name: member.profile.name.clone().unwrap_or_else(|| f.t("nameless")),
        number: card,
        as_of: f.formats.time(view.as_of),
        period: f.with("period-of", &[("from", &from), ("until", &until)]),
        from: days.from.to_string(),
        until: days.until.to_string(),
        balances: balances.collect(),
        outlooks: view.statements.iter().flat_map(|outlook| outlook_lines(f, programme, outlook)).collect(),
        soon,
        lots: view.lots.iter().map(|lot| sheet_lot(f, programme, lot)).collect(),
        vouchers: vouchers.open.iter().map(|voucher| sheet_voucher(f, programme, voucher)).collect(),
        rows: entry_rows(f, &engine.programmes(), &entries),
        cut,
    })
}

/// Entries booked in a period, newest first, and whether there were more than are printed.
async fn booked(
    engine: &Engine,
    f: &Frame,
    member_id: AccountId,
    days: Days,
) -> Result<(Vec<Entry>, bool), OperationError> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = engine.list_entries(member_id, after, ENTRY_PAGE_SIZE_MAX).await?;
        for entry in page.entries {
            let day = day_of(f, entry.recorded_at);
            if day < days.from {
                return Ok((found, false));
            }
            if day > days.until || entry.postings.is_empty() {
                continue;
            }
            if found.len() == ENTRIES_MAX {
                return Ok((found, true));
            }
            found.push(entry);
        }
        let Some(next) = page.next else { return Ok((found, false)) };
        after = Some(next);
    }
}

/// What came of a unit, and what went.
fn sums(entries: &[Entry], unit: Code) -> (i64, i64) {
    entries.iter().map(|entry| net_points(entry, unit)).fold((0, 0), |(earned, spent): (i64, i64), net| {
        (earned.saturating_add(net.max(0)), spent.saturating_add(net.min(0)))
    })
}

/// What lapses within the next weeks, soonest first: points, and the last day on which they are good.
fn soon(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    expiring: &[(Code, jiff::Timestamp, i64)],
    today: Date,
) -> Vec<(String, String)> {
    let near =
        |end: &jiff::Timestamp| today.until(last_day(f, *end)).is_ok_and(|span| span.get_days() <= SOON_DAYS);
    let line = |(unit, end, amount): &(Code, jiff::Timestamp, i64)| {
        (points(f, programme, *amount, *unit), f.formats.date(last_day(f, *end)))
    };
    expiring.iter().filter(|(_, end, _)| near(end)).map(line).collect()
}

/// What the last statement made of the points, and what the next would.
fn outlook_lines(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    outlook: &StatementOutlook,
) -> Vec<String> {
    let unit = outlook.statement.unit;
    let mut lines = Vec::new();
    if let Some(last) = outlook.last {
        let values = [
            ("day", f.formats.date(last.made_on)),
            ("points", points(f, programme, last.points, unit)),
            ("value", money(f, programme, last.value)),
            ("carried", number(last.carried)),
        ];
        lines.push(with(f, "sheet-last", &values));
    }
    let values = [
        ("points", points(f, programme, outlook.points, unit)),
        ("value", money(f, programme, outlook.value)),
        ("missing", number(outlook.missing)),
    ];
    let key = if outlook.points > 0 { "sheet-next" } else { "sheet-missing" };
    lines.push(with(f, key, &values));
    lines
}

fn with(f: &Frame, key: &str, values: &[(&str, String)]) -> String {
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    f.with(key, &values)
}

fn sheet_lot(f: &Frame, programme: Option<&CompiledProgramme>, lot: &Lot) -> SheetLot {
    SheetLot {
        unit: unit_name(f, programme, lot.unit),
        earned: f.formats.day(lot.earned_at),
        remaining: unit_number(f, programme, lot.unit, lot.remaining.saturating_add(lot.held)),
        expires: lot.expires_at.map_or_else(|| f.t("expires-never"), |end| f.formats.date(last_day(f, end))),
        pending: lot.pending_until.map(|at| f.v("pending-until", f.formats.day(at))),
    }
}

fn sheet_voucher(f: &Frame, programme: Option<&CompiledProgramme>, voucher: &MemberVoucher) -> SheetVoucher {
    let why_not = voucher
        .why_not
        .as_ref()
        .map(|why| why.sentence(f.language, &|amount| money(f, programme, amount), &|at| f.formats.time(at)));
    let until = f.formats.date(last_day(f, voucher.voucher.expires_at));
    SheetVoucher {
        name: voucher
            .name
            .as_ref()
            .map_or_else(|| f.t("card-voucher"), |name| name.get(f.language).to_owned()),
        effect: voucher.terms.as_ref().map(|terms| terms.effect.clone()).unwrap_or_default(),
        terms: voucher.terms.as_ref().map(|terms| terms.terms.clone()).unwrap_or_default(),
        until: f.v("card-good-through", until),
        why_not,
        code: voucher.code.as_ref().map(|code| (code.to_string(), qr::draw(code.as_str()))),
    }
}
