//! The member at the till: found by whatever was typed or scanned, shown in a line.

use domain::ids::AccountId;
use domain::ledger::{AccountStatus, Balance};
use domain::member::{Identifier, IdentifierKind};
use domain::money::Money;
use domain::programme::CompiledProgramme;
use domain::refusal::Refusal;
use operations::{Engine, HouseholdView, MemberReference, MemberView, OperationError};

use super::entry::identifiers;
use crate::console::format::number;
use crate::console::member::{is_pooled, unit_name, unit_number};
use crate::console::page::Frame;

/// Whom a text led to.
pub(crate) enum Found {
    /// No text was given.
    Nobody,
    /// A member.
    Member(Box<MemberView>),
    /// Nobody yet, but one can be enrolled with it.
    New(Identifier),
    /// Nobody, and nothing one could enrol with.
    Unknown,
}

/// Finds the member of a card, phone, e-mail address, external number or id.
pub(crate) async fn find(engine: &Engine, text: &str, region: Option<&str>) -> Result<Found, OperationError> {
    if text.is_empty() {
        return Ok(Found::Nobody);
    }
    let candidates = identifiers(text, region);
    let id = text.parse::<AccountId>().ok().map(MemberReference::Id);
    let references = id.into_iter().chain(candidates.iter().cloned().map(MemberReference::Identifier));
    for reference in references {
        match engine.view_member(&reference).await {
            Ok(member) => return Ok(Found::Member(Box::new(member))),
            Err(OperationError::Refused(Refusal::MemberUnknown { .. })) => {}
            Err(error) => return Err(error),
        }
    }
    let new = candidates.into_iter().find(|identifier| identifier.kind != IdentifierKind::External);
    Ok(new.map_or(Found::Unknown, Found::New))
}

impl Found {
    /// How a purchase names the member, and whether it enrols them.
    pub(super) fn reference(&self, enrol: bool) -> Option<(MemberReference, bool)> {
        match self {
            Self::Member(member) => Some((MemberReference::Id(member.member_id), false)),
            Self::New(identifier) if enrol => Some((MemberReference::Identifier(identifier.clone()), true)),
            _ => None,
        }
    }

    /// The member, if one was found.
    pub(crate) fn member_id(&self) -> Option<AccountId> {
        match self {
            Self::Member(member) => Some(member.member_id),
            _ => None,
        }
    }

    /// Whether what the member could pay with is in the pool of their household, which pays no purchase.
    pub(super) fn is_pooled(&self, programme: &CompiledProgramme) -> bool {
        matches!(self, Self::Member(member) if pool(member, programme).is_some())
    }

    /// What the member can spend of the programme's main unit.
    pub(super) fn spendable(&self, programme: &CompiledProgramme) -> i64 {
        let Self::Member(member) = self else { return 0 };
        balance(member, programme).map_or(0, |balance| balance.available)
    }
}

fn balance<'a>(member: &'a MemberView, programme: &CompiledProgramme) -> Option<&'a Balance> {
    let unit = programme.main_unit().code();
    member.standing.balances.iter().find(|balance| balance.unit == unit)
}

/// The household whose pool has what the member can spend of the programme's main unit.
fn pool<'a>(member: &'a MemberView, programme: &CompiledProgramme) -> Option<&'a HouseholdView> {
    let unit = programme.main_unit().code();
    member.household.as_ref().filter(|_| is_pooled(Some(programme), member, unit))
}

/// Balances that count money.
fn money(f: &Frame, programme: &CompiledProgramme, member: &MemberView) -> Vec<(String, String)> {
    let counts =
        |balance: &&Balance| programme.programme().counts_money(balance.unit) && balance.available > 0;
    let balances = member.standing.balances.iter().filter(counts);
    balances
        .map(|balance| {
            let amount = unit_number(f, Some(programme), balance.unit, balance.available);
            (unit_name(f, Some(programme), balance.unit), amount)
        })
        .collect()
}

/// What the page shows of the member.
pub(super) struct MemberPanel {
    /// What was typed or scanned.
    pub(super) text: String,
    /// A member who was found.
    pub(super) known: Option<KnownMember>,
    /// Whether the purchase can enrol somebody with this text.
    pub(super) can_enrol: bool,
}

/// A member who was found.
pub(super) struct KnownMember {
    pub(super) name: String,
    pub(super) initial: String,
    pub(super) tier: Option<String>,
    pub(super) rank: usize,
    pub(super) points: String,
    pub(super) unit: String,
    pub(super) worth: Option<String>,
    pub(super) pending: Option<String>,
    /// The household whose pool these points are in, and whether the member may spend them.
    pub(super) pool: Option<(String, bool)>,
    /// Money and bonus that can be spent, apart from points: what it is and how much.
    pub(super) money: Vec<(String, String)>,
    pub(super) closed: bool,
}

impl MemberPanel {
    /// The panel of whom a text led to.
    pub(super) fn new(f: &Frame, programme: Option<&CompiledProgramme>, text: &str, found: &Found) -> Self {
        let known = match (found, programme) {
            (Found::Member(member), Some(programme)) => Some(known(f, programme, member)),
            _ => None,
        };
        Self { text: text.to_owned(), known, can_enrol: matches!(found, Found::New(_)) }
    }
}

fn known(f: &Frame, programme: &CompiledProgramme, member: &MemberView) -> KnownMember {
    let name = member.profile.name.clone().unwrap_or_else(|| f.t("nameless"));
    let unit = programme.main_unit().code();
    let balance = balance(member, programme);
    let pool = pool(member, programme);
    let spendable = pool.map_or(balance, |household| household.balance(unit));
    let available = spendable.map_or(0, |balance| balance.available - balance.debt);
    let pool = pool.map(|household| {
        let may = household.member(member.member_id).is_some_and(|member| member.may_spend);
        (household.name.clone().unwrap_or_else(|| f.t("nameless")), may)
    });
    // What is pooled pays no purchase, so that it is worth nothing here.
    let terms = programme.programme().redemption(unit).filter(|_| pool.is_none());
    let worth = terms.and_then(|terms| {
        let range = terms.range(i64::MAX, available, programme.programme().decimals())?;
        let amount = terms.worth(range.most, programme.programme().decimals())?;
        let money = Money { amount, currency: programme.programme().currency };
        Some(f.v("till-worth", f.formats.money(money)))
    });
    let position = member.standing.tiers.first();
    let tier = position.and_then(|position| {
        let ladder = programme.ladder(position.ladder)?;
        let rank = ladder.position(position.tier)?;
        Some((rank, ladder.tiers().get(rank)?.name.get(f.language).to_owned()))
    });
    let (rank, tier) = tier.map_or((0, None), |(rank, name)| (rank, Some(name)));
    let pending = balance.map_or(0, |balance| balance.pending);
    KnownMember {
        initial: name.chars().next().unwrap_or('?').to_uppercase().collect(),
        name,
        tier,
        rank,
        points: number(available),
        unit: unit_name(f, Some(programme), unit),
        worth,
        pending: (pending > 0).then(|| f.v("pending-points", number(pending))),
        pool,
        money: money(f, programme, member),
        closed: member.status == AccountStatus::Closed,
    }
}
