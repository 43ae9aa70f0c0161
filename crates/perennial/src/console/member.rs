//! One member, whole: what they hold and when it lapses, how far the next tier is, who they are, what happened.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::code::Code;
use domain::ids::AccountId;
use domain::ledger::{AccountStatus, Balance, Lot};
use domain::money::Money;
use domain::programme::{CompiledProgramme, Unit, UnitKind};
use jiff::Timestamp;
use operations::{MemberReference, MemberView};
use serde::Deserialize;

use super::Console;
use super::adjust::{AdjustForm, REASONS};
use super::clubs::{ClubLine, club_lines};
use super::entries::EntryList;
use super::format::number;
use super::lineage::{LineageRow, lineage};
use super::moment::{Choice, Moment};
use super::page::{Frame, Section, Theme, show};
use super::problem;
use super::query::address;
use super::roles::Permission;
use super::session::Reader;
use super::tier_progress::{TierView, tier_views};

/// Entries on a page of the timeline.
const ENTRIES: u16 = 20;

/// Where the timeline goes on, and what was just done.
#[derive(Debug, Default, Deserialize)]
pub(super) struct MemberQuery {
    after: Option<u32>,
    #[serde(default)]
    done: String,
}

#[derive(Template)]
#[template(path = "console/member.html")]
struct MemberPage {
    f: Frame,
    id: String,
    name: String,
    enrolled: Moment,
    closed: bool,
    balances: Vec<BalanceView>,
    tiers: Vec<TierView>,
    profile: Vec<ProfileFact>,
    expiries: Vec<ExpiryView>,
    lots: Vec<LotView>,
    clubs: Vec<ClubLine>,
    may_choose_clubs: bool,
    may_adjust: bool,
    /// Pages about the same member: address and label.
    onward: Vec<(String, String)>,
    /// The household with which points are pooled.
    pool: Option<PoolView>,
    /// The records the member was made of, where there are several.
    lineage: Vec<LineageRow>,
    adjust: AdjustForm,
    adjust_error: Option<String>,
    request: String,
    now: String,
    units: Vec<Choice>,
    reasons: Vec<Choice>,
    approval_above: String,
    page: EntryList,
}

/// The household of a member, as their page tells of it.
struct PoolView {
    id: String,
    name: String,
    may_spend: bool,
    /// What the pool has: unit and points.
    pooled: Vec<(String, String)>,
    /// What is owed there.
    owed: Vec<(String, String)>,
    /// Who else belongs to it.
    others: Vec<String>,
}

impl PoolView {
    /// The text that says whether the member may spend.
    fn may_key(&self) -> &'static str {
        if self.may_spend { "household-may" } else { "household-may-not" }
    }
}

struct BalanceView {
    unit: String,
    /// What it is, where it is not points.
    kind: Option<String>,
    /// Whether what can be spent of it is in the pool of the member's household.
    pooled: bool,
    available: String,
    pending: String,
    held: Option<String>,
    debt: Option<String>,
    earned: String,
    redeemed: String,
    expired: String,
}

struct ProfileFact {
    label: String,
    value: String,
    mono: bool,
}

/// What lapses on one day.
pub(super) struct ExpiryView {
    pub(super) when: String,
    pub(super) remaining: String,
    pub(super) unit: String,
}

/// Points issued together.
pub(super) struct LotView {
    pub(super) earned: String,
    pub(super) remaining: String,
    pub(super) unit: String,
    pub(super) expires: String,
    pub(super) pending: Option<String>,
}

/// The page.
pub(super) async fn page(
    State(console): State<Console>,
    Path(id): Path<String>,
    Query(query): Query<MemberQuery>,
    reader: Reader,
) -> Response {
    let mut f = reader.frame;
    f.notice = match query.done.split_once(':') {
        Some(("adjusted", points)) => Some(f.v("adjusted", points)),
        Some(("joined", name)) => Some(f.v("club-joined", name)),
        Some(("left", name)) => Some(f.v("club-left", name)),
        Some(("merged", name)) => Some(f.v("merge-done", name)),
        Some(("separated", _)) => Some(f.t("merge-undone")),
        Some(("waits", _)) => Some(f.t("adjustment-waits")),
        _ => None,
    };
    let Ok(member_id) = id.parse::<AccountId>() else { return problem::not_found(f) };
    show_member(&console, f, member_id, query.after, AdjustForm::default(), None).await
}

/// The page, with what was filled in where an adjustment was refused.
pub(super) async fn show_member(
    console: &Console,
    mut f: Frame,
    member_id: AccountId,
    after: Option<u32>,
    adjust: AdjustForm,
    adjust_error: Option<String>,
) -> Response {
    f.section = Section::Members;
    f.here = format!("/console/members/{member_id}");
    let found = console.engine.view_member(&MemberReference::Id(member_id)).await;
    let entries = console.engine.list_entries(member_id, after, ENTRIES).await;
    let (member, entries) = match (found, entries) {
        (Ok(member), Ok(entries)) => (member, entries),
        (Err(error), _) | (_, Err(error)) => return problem::failed(f, &error),
    };
    if member.state.is_household() {
        let after = after.map_or_else(String::new, |after| after.to_string());
        let path = format!("/console/households/{member_id}");
        return Redirect::to(&address(&path, &[("after", &after)])).into_response();
    }
    let list = EntryList::load(console, &f, &entries, after).await;
    let lineage = lineage(console, &f, &member).await;
    let (list, lineage) = match (list, lineage) {
        (Ok(list), Ok(lineage)) => (list, lineage),
        (Err(error), _) | (_, Err(error)) => return problem::failed(f, &error),
    };
    let status = if adjust_error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    show(status, &view(console, f, &member, (list, lineage), adjust, adjust_error))
}

fn view(
    console: &Console,
    f: Frame,
    member: &MemberView,
    (page, lineage): (EntryList, Vec<LineageRow>),
    adjust: AdjustForm,
    adjust_error: Option<String>,
) -> MemberPage {
    let now = console.engine.clock().now();
    let programme = console.programme();
    let programme = programme.as_deref();
    let spendable = |unit: &&Unit| matches!(unit.kind, UnitKind::Points | UnitKind::Miles);
    let units = programme.into_iter().flat_map(|programme| &programme.programme().units).filter(spendable);
    let reasons = REASONS.map(|reason| Choice::new(reason, f.named("reason-", reason), &adjust.reason));
    let limit = programme.map_or(0, |programme| programme.programme().policies.adjustment_approval_above);
    MemberPage {
        id: member.member_id.to_string(),
        name: member.profile.name.clone().unwrap_or_else(|| f.t("nameless")),
        enrolled: Moment::day(&f, member.enrolled_at, now),
        closed: member.status == AccountStatus::Closed,
        balances: balances(&f, programme, member),
        tiers: tier_views(&f, programme, member, now),
        profile: profile(&f, programme, member),
        expiries: expiries(&f, programme, &member.lots),
        lots: member.lots.iter().map(|lot| lot_view(&f, programme, lot)).collect(),
        clubs: club_lines(console, &f, member),
        may_choose_clubs: f.may(Permission::ChooseClubs) && member.status == AccountStatus::Active,
        may_adjust: f.may(Permission::AdjustPoints) && member.status == AccountStatus::Active,
        onward: onward(&f, member),
        pool: pool(&f, programme, member),
        lineage,
        adjust_error,
        request: console.draw_request(),
        now: now.to_string(),
        units: units
            .map(|unit| Choice::new(unit.code.to_string(), unit.name.get(f.language), &adjust.unit))
            .collect(),
        reasons: reasons.into(),
        approval_above: number(limit),
        page,
        adjust,
        f,
    }
}

/// Where the reader may go from here.
fn onward(f: &Frame, member: &MemberView) -> Vec<(String, String)> {
    let active = member.status == AccountStatus::Active;
    let pages = [
        (true, "vouchers", "nav-vouchers"),
        (f.may(Permission::PrintStatements), "statement", "sheet-title"),
        (f.may(Permission::MergeMembers) && active, "merge", "merge-open"),
    ];
    let address = |page: &str| format!("/console/members/{}/{page}", member.member_id);
    let may = pages.into_iter().filter(|(may, ..)| *may);
    may.map(|(_, page, label)| (address(page), f.t(label))).collect()
}

fn pool(f: &Frame, programme: Option<&CompiledProgramme>, member: &MemberView) -> Option<PoolView> {
    let household = member.household.as_ref()?;
    let own = household.member(member.member_id)?;
    let nameless = || f.t("nameless");
    let others = household.members.iter().filter(|other| other.member_id != member.member_id);
    let told = |of: fn(&Balance) -> i64, which: fn(&&Balance) -> bool| {
        let line = move |one: &Balance| {
            (unit_name(f, programme, one.unit), unit_number(f, programme, one.unit, of(one)))
        };
        household.balances.iter().filter(which).map(line)
    };
    Some(PoolView {
        id: household.household_id.to_string(),
        name: household.name.clone().unwrap_or_else(nameless),
        may_spend: own.may_spend,
        pooled: told(|one| one.available, |_| true).collect(),
        owed: told(|one| one.debt, |one| one.debt > 0).collect(),
        others: others.map(|other| other.name.clone().unwrap_or_else(nameless)).collect(),
    })
}

/// The name of a unit in the programme now in force, else its code.
pub(crate) fn unit_name(f: &Frame, programme: Option<&CompiledProgramme>, unit: Code) -> String {
    let named = programme.and_then(|programme| programme.unit(unit));
    named.map_or_else(|| unit.to_string(), |unit| unit.unit.name.get(f.language).to_owned())
}

/// A number of a unit: an amount where the unit counts money.
pub(crate) fn unit_number(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    unit: Code,
    value: i64,
) -> String {
    match programme.map(CompiledProgramme::programme).filter(|programme| programme.counts_money(unit)) {
        Some(programme) => f.formats.money(Money { amount: value, currency: programme.currency }),
        None => number(value),
    }
}

/// The same with its sign: more or less of a unit.
pub(crate) fn signed_unit_number(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    unit: Code,
    value: i64,
) -> String {
    let shown = unit_number(f, programme, unit, value);
    if value > 0 { format!("+{shown}") } else { shown }
}

/// What a unit is, where it is not plain points: balances of different kinds stand apart.
pub(crate) fn unit_kind(f: &Frame, programme: Option<&CompiledProgramme>, unit: Code) -> Option<String> {
    let kind = programme?.unit(unit)?.unit.kind;
    (kind != UnitKind::Points).then(|| f.named("unit-kind-", kind.name()))
}

/// Whether what a member can spend of a unit is in the pool of their household.
pub(crate) fn is_pooled(programme: Option<&CompiledProgramme>, member: &MemberView, unit: Code) -> bool {
    let part = programme.and_then(|programme| programme.programme().households.as_ref());
    member.state.household.is_some() && part.is_some_and(|part| part.units.contains(&unit))
}

fn balances(f: &Frame, programme: Option<&CompiledProgramme>, member: &MemberView) -> Vec<BalanceView> {
    member
        .standing
        .balances
        .iter()
        .map(|balance| {
            let of = |value: i64| unit_number(f, programme, balance.unit, value);
            BalanceView {
                unit: unit_name(f, programme, balance.unit),
                kind: unit_kind(f, programme, balance.unit),
                pooled: is_pooled(programme, member, balance.unit),
                available: of(balance.available.saturating_sub(balance.debt)),
                pending: of(balance.pending),
                held: (balance.held > 0).then(|| of(balance.held)),
                debt: (balance.debt > 0).then(|| of(balance.debt)),
                earned: of(balance.earned),
                redeemed: of(balance.redeemed),
                expired: of(balance.expired),
            }
        })
        .collect()
}

fn profile(f: &Frame, programme: Option<&CompiledProgramme>, member: &MemberView) -> Vec<ProfileFact> {
    let person = &member.profile;
    let state = &member.state;
    let mut facts = Vec::new();
    let mut add = |label: String, value: Option<String>, mono| {
        if let Some(value) = value {
            facts.push(ProfileFact { label, value, mono });
        }
    };
    for identifier in &member.identifiers {
        let kind = operations::identifier_kind_name(identifier.kind);
        add(f.named("identifier-", kind), Some(identifier.value.clone()), true);
    }
    add(f.t("profile-born"), person.born_on.map(|day| f.formats.date(day)), false);
    add(f.t("profile-language"), person.language.clone(), false);
    let segments: Vec<String> = person.segments.iter().map(ToString::to_string).collect();
    add(f.t("profile-segments"), (!segments.is_empty()).then(|| segments.join(", ")), false);
    let audiences: Vec<String> = member
        .audiences
        .iter()
        .map(|code| {
            let named = programme.and_then(|programme| programme.programme().segment(*code));
            named.map_or_else(|| code.to_string(), |segment| segment.name.get(f.language).to_owned())
        })
        .collect();
    add(f.t("nav-audiences"), (!audiences.is_empty()).then(|| audiences.join(", ")), false);
    let spend = programme.map(|programme| {
        f.formats.money(Money { amount: state.spend, currency: programme.programme().currency })
    });
    add(f.t("profile-spend"), spend, false);
    add(f.t("profile-purchases"), Some(number(i64::from(state.purchase_count))), false);
    add(f.t("profile-last-purchase"), state.last_purchase_at.map(|at| f.formats.day(at)), false);
    facts
}

/// What lapses when, soonest first: lots of the same unit that lapse together are one line.
pub(super) fn expiries(f: &Frame, programme: Option<&CompiledProgramme>, lots: &[Lot]) -> Vec<ExpiryView> {
    let mut groups: Vec<(Code, Option<Timestamp>, i64)> = Vec::new();
    for lot in lots {
        let same = groups.iter_mut().find(|(unit, end, _)| *unit == lot.unit && *end == lot.expires_at);
        match same {
            Some((_, _, remaining)) => *remaining = remaining.saturating_add(lot.remaining),
            None => groups.push((lot.unit, lot.expires_at, lot.remaining)),
        }
    }
    let view = |(unit, end, remaining): (Code, Option<Timestamp>, i64)| ExpiryView {
        when: end.map_or_else(|| f.t("expires-never"), |end| last_day(f, end)),
        remaining: unit_number(f, programme, unit, remaining),
        unit: unit_name(f, programme, unit),
    };
    groups.into_iter().map(view).collect()
}

/// What lapses at midnight is said to be good through the day before.
pub(crate) fn last_day(f: &Frame, end: Timestamp) -> String {
    f.formats.day(end.checked_sub(jiff::SignedDuration::from_secs(1)).unwrap_or(end))
}

/// A lot as a line of a list.
pub(super) fn lot_view(f: &Frame, programme: Option<&CompiledProgramme>, lot: &Lot) -> LotView {
    LotView {
        earned: f.formats.day(lot.earned_at),
        remaining: unit_number(f, programme, lot.unit, lot.remaining),
        unit: unit_name(f, programme, lot.unit),
        expires: lot.expires_at.map_or_else(|| f.t("expires-never"), |end| last_day(f, end)),
        pending: lot.pending_until.map(|at| f.v("pending-until", f.formats.day(at))),
    }
}
