//! The pool of a member's household, as they see it: how much it has, who may spend, with whom, and what is still their
//! own. Of the others they learn first names and nothing else.

use domain::code::Code;
use domain::ids::AccountId;
use domain::programme::CompiledProgramme;
use jiff::Timestamp;
use operations::{HouseholdMember, HouseholdView, MemberView};

use super::card::pending_words;
use super::points::next_expiry;
use super::words::{day_ahead, day_of, first_name, points};
use crate::console::member::{is_pooled, unit_name, unit_number};
use crate::console::page::Frame;

/// The pool on the card.
pub(super) struct PoolView {
    /// Whose pool it is.
    pub(super) title: String,
    pub(super) units: Vec<PoolUnit>,
    /// Whether the member may spend, and who may if they may not.
    pub(super) may: String,
    /// With whom they share it.
    pub(super) with: String,
}

/// What the pool has of a unit.
pub(super) struct PoolUnit {
    pub(super) available: String,
    pub(super) unit: String,
    /// What is said of it: how it is coloured, and the words.
    pub(super) facts: Vec<(&'static str, String)>,
}

/// The account that pays in a unit, and who spends there, where that is not the member's own.
pub(super) struct Purse {
    pub(super) account: AccountId,
    pub(super) spender: Option<AccountId>,
}

/// The pool of a member's household; none where nothing of theirs is pooled.
pub(super) fn pool_view(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    member: &MemberView,
    now: Timestamp,
) -> Option<PoolView> {
    let household = member.household.as_ref()?;
    let own = household.member(member.member_id)?;
    let units = pooled_units(programme, member);
    if units.is_empty() {
        return None;
    }
    let unit = |unit: Code| pool_unit(f, programme, (member, household), unit, now);
    Some(PoolView {
        title: title(f, household),
        units: units.into_iter().map(unit).collect(),
        may: may(f, household, own),
        with: with(f, household, own),
    })
}

/// The units of a member that are pooled.
pub(super) fn pooled_units(programme: Option<&CompiledProgramme>, member: &MemberView) -> Vec<Code> {
    let part = programme.and_then(|programme| programme.programme().households.as_ref());
    let units = part.map_or_else(Vec::new, |part| part.units.clone());
    units.into_iter().filter(|unit| is_pooled(programme, member, *unit)).collect()
}

/// Whose pool it is.
pub(super) fn title(f: &Frame, household: &HouseholdView) -> String {
    match &household.name {
        Some(name) => f.v("card-pool", name),
        None => f.t("card-pool-nameless"),
    }
}

/// What pays in a unit: the pool where the unit is pooled, else the member's own account.
pub(super) fn purse(programme: Option<&CompiledProgramme>, member: &MemberView, unit: Code) -> Purse {
    match &member.household {
        Some(household) if is_pooled(programme, member, unit) => {
            Purse { account: household.household_id, spender: Some(member.member_id) }
        }
        _ => Purse { account: member.member_id, spender: None },
    }
}

fn pool_unit(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    (member, household): (&MemberView, &HouseholdView),
    unit: Code,
    now: Timestamp,
) -> PoolUnit {
    let of = |value: i64| unit_number(f, programme, unit, value);
    let today = day_of(f, now);
    let mut facts = Vec::new();
    let pool = household.balance(unit);
    let (available, held, debt) = pool.map_or((0, 0, 0), |pool| (pool.available, pool.held, pool.debt));
    if let Some((remaining, day)) = next_expiry(f, &household.lots, unit) {
        let day = day_ahead(f, day, today);
        let said =
            f.with("card-expire", &[("points", &points(f, programme, remaining, unit)), ("day", &day)]);
        facts.push(("expiry", said));
    }
    if held > 0 {
        facts.push(("held", f.v("card-held", of(held))));
    }
    if debt > 0 {
        facts.push(("debt", f.v("card-debt", of(debt))));
    }
    let own = member.standing.balances.iter().find(|balance| balance.unit == unit);
    if let Some(own) = own.filter(|own| own.pending > 0) {
        let when = pending_words(f, member, unit, own.pending, today);
        facts.push(("pending", f.v("card-pool-pending", when)));
    }
    if let Some(own) = own.filter(|own| own.held > 0) {
        facts.push(("held", f.v("card-pool-own-held", of(own.held))));
    }
    PoolUnit { available: of(available), unit: unit_name(f, programme, unit), facts }
}

fn may(f: &Frame, household: &HouseholdView, own: &HouseholdMember) -> String {
    if own.may_spend {
        return f.t("card-pool-may");
    }
    let spenders = names(f, household.members.iter().filter(|member| member.may_spend));
    if spenders.is_empty() { f.t("card-pool-nobody-may") } else { f.v("card-pool-may-not", spenders) }
}

fn with(f: &Frame, household: &HouseholdView, own: &HouseholdMember) -> String {
    let others = names(f, household.members.iter().filter(|member| member.member_id != own.member_id));
    if others.is_empty() { f.t("card-pool-alone") } else { f.v("card-pool-with", others) }
}

fn names<'a>(f: &Frame, members: impl Iterator<Item = &'a HouseholdMember>) -> String {
    let name = |member: &HouseholdMember| match &member.name {
        Some(name) => first_name(name),
        None => f.t("card-pool-somebody"),
    };
    members.map(name).collect::<Vec<_>>().join(&f.t("card-list-separator"))
}
