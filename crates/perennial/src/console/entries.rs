//! The timeline of a member: each entry in a line or two, what it moved, what was held afterwards. The whole why of
//! an entry is a page of its own, of which the timeline loads a part.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::code::Code;
use domain::document::DocumentKey;
use domain::history::Sums;
use domain::ids::{AccountId, EntryId};
use domain::ledger::{Entry, Fact, Membership, TierChange, TierChangeReason};
use domain::money::Money;
use domain::programme::CompiledProgramme;
use jiff::Timestamp;
use operations::{EntryPage, Explanation, MemberReference, OperationError};

use super::Console;
use super::format::number;
use super::member::{signed_unit_number, unit_name, unit_number};
use super::moment::Moment;
use super::page::{Frame, Section, Theme, ok};
use super::problem;
use super::session::Reader;

/// A part of the timeline.
pub(super) struct EntryList {
    /// The entry before which it begins; 0 at the newest.
    pub(super) after: u32,
    /// The entries, newest first.
    pub(super) entries: Vec<EntryView>,
    /// Where the next part begins.
    pub(super) next: Option<u32>,
}

/// An entry in a line or two.
pub(super) struct EntryView {
    pub(super) number: u32,
    pub(super) number_text: String,
    pub(super) title: String,
    pub(super) occurred: Moment,
    pub(super) actor: String,
    pub(super) movements: Vec<Movement>,
    pub(super) lines: Vec<String>,
    pub(super) after: Vec<String>,
    pub(super) quiet: bool,
}

/// Points that a member won or lost by an entry.
pub(crate) struct Movement {
    pub(crate) direction: &'static str,
    pub(crate) points: String,
    pub(crate) unit: String,
}

impl EntryList {
    /// A part of the timeline in words.
    pub(super) async fn load(
        console: &Console,
        f: &Frame,
        page: &EntryPage,
        after: Option<u32>,
    ) -> Result<Self, OperationError> {
        let others = page.entries.iter().filter_map(|entry| other_side(&entry.fact, entry.id.account_id));
        let names = console.engine.name_members(others).await?;
        let (programmes, now) = (console.engine.programmes(), console.engine.clock().now());
        let view = |entry: &Entry| {
            let programme = programmes.version(entry.programme_version).map(AsRef::as_ref);
            entry_view(f, programme, (entry, &names), now)
        };
        let entries = page.entries.iter().map(view).collect();
        Ok(Self { after: after.unwrap_or(0), entries, next: page.next })
    }
}

/// The household of a member, or the member of a household, that a change between the two names.
fn other_side(fact: &Fact, account_id: AccountId) -> Option<AccountId> {
    match fact {
        Fact::HouseholdJoined { membership, .. }
        | Fact::HouseholdLeft { membership, .. }
        | Fact::PointsPooled { membership, .. } => {
            let Membership { member, household, .. } = *membership;
            Some(if account_id == household { member } else { household })
        }
        Fact::HouseholdMemberChanged { member, .. } => Some(*member),
        _ => None,
    }
}

fn entry_view(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    (entry, names): (&Entry, &HashMap<AccountId, String>),
    now: Timestamp,
) -> EntryView {
    let movements = movements(f, programme, entry);
    let mut lines = fact_lines(f, programme, &entry.fact);
    if let Some(other) = other_side(&entry.fact, entry.id.account_id) {
        lines.push(household_line(
            f,
            &entry.fact,
            names.get(&other).cloned().unwrap_or_else(|| other.to_string()),
        ));
    }
    lines.extend(entry.tier_changes.iter().map(|change| tier_line(f, programme, change)));
    let touched = |unit: Code| entry.postings.iter().any(|posting| posting.unit == unit);
    let after = entry.standing.balances.iter().filter(|balance| touched(balance.unit)).map(|balance| {
        let owned = balance.available.saturating_add(balance.pending).saturating_sub(balance.debt);
        let amount = unit_number(f, programme, balance.unit, owned);
        f.v("after-entry", format!("{amount} {}", unit_name(f, programme, balance.unit)))
    });
    EntryView {
        number: entry.id.entry_no,
        number_text: entry.id.entry_no.to_string(),
        title: f.named("event-", entry.fact.event()),
        occurred: Moment::time(f, entry.occurred_at, now),
        actor: entry.actor.clone(),
        quiet: movements.is_empty(),
        lines,
        after: after.collect(),
        movements,
    }
}

/// What the member owns more or less of, by unit; what only became spendable is shown without a sign.
pub(crate) fn movements(f: &Frame, programme: Option<&CompiledProgramme>, entry: &Entry) -> Vec<Movement> {
    let mut units: Vec<Code> = entry.postings.iter().map(|posting| posting.unit).collect();
    units.sort_unstable();
    units.dedup();
    let movement = |unit: Code| {
        let net = net_points(entry, unit);
        let postings = entry.postings.iter().filter(|posting| posting.unit == unit);
        let moved: i64 = postings.map(|posting| posting.amount).sum();
        let (direction, points) = match net.signum() {
            1 => ("up", signed_unit_number(f, programme, unit, net)),
            -1 => ("down", signed_unit_number(f, programme, unit, net)),
            _ => ("same", unit_number(f, programme, unit, moved)),
        };
        Movement { direction, points, unit: unit_name(f, programme, unit) }
    };
    units.into_iter().map(movement).collect()
}

/// What the member owns more or less of a unit by an entry.
pub(crate) fn net_points(entry: &Entry, unit: Code) -> i64 {
    let mut sums = Sums::default();
    entry.postings.iter().filter(|posting| posting.unit == unit).for_each(|posting| sums.add(posting));
    sums.available + sums.pending + sums.held - sums.debt
}

fn key(key: &DocumentKey) -> String {
    format!("{} {}", key.source, key.reference)
}

fn fact_lines(f: &Frame, programme: Option<&CompiledProgramme>, fact: &Fact) -> Vec<String> {
    match fact {
        Fact::PurchaseRecorded { purchase, .. } => {
            let total = Money { amount: purchase.total().unwrap_or(0), currency: purchase.currency };
            let place = [purchase.channel.as_deref(), purchase.store.as_deref()];
            let place: Vec<&str> = place.into_iter().flatten().collect();
            let reference = if place.is_empty() {
                key(&purchase.key)
            } else {
                format!("{} · {}", key(&purchase.key), place.join(", "))
            };
            vec![f.purchase_line(&f.formats.money(total), purchase.lines.len(), &reference)]
        }
        Fact::ReturnRecorded { document, .. } => {
            let (own, purchase) = (key(&document.key), key(&document.purchase));
            vec![f.with("return-line", &[("key", &own), ("purchase", &purchase)])]
        }
        Fact::ActivityRecorded { activity, .. } => {
            vec![f.with("activity-line", &[("kind", &activity.kind), ("key", &key(&activity.key))])]
        }
        Fact::PointsHeld { hold, .. } => vec![key(&hold.key)],
        Fact::HoldCaptured { capture, .. } => vec![followed(f, &capture.key, &capture.hold)],
        Fact::HoldVoided { void, .. } => {
            reasoned(f, followed(f, &void.key, &void.hold), void.reason.as_deref())
        }
        Fact::ToppedUp { top_up, .. } => {
            let paid = Money { amount: top_up.amount, currency: top_up.currency };
            vec![paid_line(f, "topped-up-line", paid, &top_up.method, &top_up.key)]
        }
        Fact::StoredValueRefunded { refund, .. } => {
            let paid = Money { amount: refund.amount, currency: refund.currency };
            vec![paid_line(f, "paid-back-line", paid, &refund.method, &refund.key)]
        }
        Fact::RewardRedeemed { order, .. } => {
            let (reward, quantity) = (order.reward.to_string(), number(i64::from(order.quantity)));
            vec![f.with(
                "reward-line",
                &[("reward", &reward), ("quantity", &quantity), ("key", &key(&order.key))],
            )]
        }
        Fact::RedemptionCancelled { cancellation, .. } => {
            let line = followed(f, &cancellation.key, &cancellation.redemption);
            reasoned(f, line, cancellation.reason.as_deref())
        }
        Fact::RedemptionFulfilled { fulfilment, .. } => {
            vec![followed(f, &fulfilment.key, &fulfilment.redemption)]
        }
        Fact::PointsAdjusted { reason, note, approved_by, .. } => {
            let named = f.named("reason-", reason.as_str());
            let mut lines = vec![f.with("adjusted-line", &[("reason", &named), ("note", note)])];
            lines.extend(approved_by.as_ref().map(|person| f.v("approved-line", person)));
            lines
        }
        Fact::AudienceEntered { segment, .. }
        | Fact::AudienceLeft { segment, .. }
        | Fact::ClubChosen { club: segment, .. } => {
            let named = programme.and_then(|programme| programme.programme().segment(*segment));
            vec![named.map_or_else(|| segment.to_string(), |named| named.name.get(f.language).to_owned())]
        }
        Fact::IdentifierLinked { kind } => vec![f.v("identifier-line", f.named("identifier-", kind))],
        Fact::MemberEnrolled { .. }
        | Fact::MemberUpdated { .. }
        | Fact::StatementMade { .. }
        | Fact::TransferOffered { .. }
        | Fact::PointsTransferred { .. }
        | Fact::TransferEnded { .. }
        | Fact::MembersMerged { .. }
        | Fact::PointsForwarded { .. }
        | Fact::MergeUndone { .. }
        | Fact::HouseholdCreated
        | Fact::HouseholdJoined { .. }
        | Fact::HouseholdMemberChanged { .. }
        | Fact::HouseholdLeft { .. }
        | Fact::PointsPooled { .. }
        | Fact::PointsReleased
        | Fact::PointsExpired
        | Fact::HoldExpired { .. }
        | Fact::TiersReviewed { .. } => Vec::new(),
    }
}

/// With whom points were pooled, and on what terms if these were agreed then.
fn household_line(f: &Frame, fact: &Fact, name: String) -> String {
    match fact {
        Fact::HouseholdJoined { may_spend, .. } | Fact::HouseholdMemberChanged { may_spend, .. } => {
            format!("{name} · {}", f.t(if *may_spend { "household-may" } else { "household-may-not" }))
        }
        _ => name,
    }
}

/// What was done, and why if somebody said so.
fn reasoned(f: &Frame, line: String, reason: Option<&str>) -> Vec<String> {
    let why = reason.map(|reason| f.v("reason-line", reason));
    std::iter::once(line).chain(why).collect()
}

/// Money that was paid in or back, how, and by which document.
fn paid_line(f: &Frame, text: &str, paid: Money, method: &str, document: &DocumentKey) -> String {
    let amount = f.formats.money(paid);
    f.with(text, &[("amount", &amount), ("method", method), ("key", &key(document))])
}

/// A document and the one it follows up.
fn followed(f: &Frame, own: &DocumentKey, earlier: &DocumentKey) -> String {
    f.with("followed-line", &[("key", &key(own)), ("earlier", &key(earlier))])
}

/// A change of tier in a sentence.
pub(crate) fn tier_line(f: &Frame, programme: Option<&CompiledProgramme>, change: &TierChange) -> String {
    let ladder = programme.and_then(|programme| programme.ladder(change.ladder));
    let name = |tier: Code| {
        let named = ladder.and_then(|ladder| ladder.tiers().get(ladder.position(tier)?));
        named.map_or_else(|| tier.to_string(), |tier| tier.name.get(f.language).to_owned())
    };
    let (from, to) = (change.from.map_or_else(String::new, name), name(change.to));
    match change.reason {
        TierChangeReason::Enrolment => f.with("tier-reason-enrolment", &[("to", &to)]),
        TierChangeReason::Requalified => f.with("tier-reason-requalified", &[("to", &to)]),
        TierChangeReason::Upgrade => f.with("tier-reason-upgrade", &[("from", &from), ("to", &to)]),
        TierChangeReason::Left => f.with("tier-reason-left", &[("to", &to)]),
        TierChangeReason::Rejoined => f.with("tier-reason-rejoined", &[("to", &to)]),
        TierChangeReason::Merged => f.with("tier-reason-merged", &[("from", &from), ("to", &to)]),
        TierChangeReason::Downgrade => f.with("tier-reason-downgrade", &[("from", &from), ("to", &to)]),
    }
}

#[derive(Template)]
#[template(path = "console/entry.html")]
struct EntryDetails {
    f: Frame,
    member: String,
    member_name: String,
    title: String,
    when: String,
    part: bool,
    why: Explanation,
    json: String,
}

/// The why of one entry.
pub(super) async fn page(
    State(console): State<Console>,
    Path((member, entry_no)): Path<(String, u32)>,
    reader: Reader,
) -> Response {
    let mut f = reader.frame;
    f.section = Section::Members;
    let Ok(account_id) = member.parse::<AccountId>() else { return problem::not_found(f) };
    let id = EntryId { account_id, entry_no };
    let entry = match console.engine.view_entry(id).await {
        Ok(entry) => entry,
        Err(error) => return problem::failed(f, &error),
    };
    let why = match console.engine.explain(id, f.language).await {
        Ok(why) => why,
        Err(error) => return problem::failed(f, &error),
    };
    let person = match console.engine.view_member(&MemberReference::Id(account_id)).await {
        Ok(person) => person,
        Err(error) => return problem::failed(f, &error),
    };
    ok(&EntryDetails {
        member: account_id.to_string(),
        member_name: person.profile.name.unwrap_or_else(|| f.t("nameless")),
        title: f.named("event-", entry.fact.event()),
        when: f.formats.time(entry.occurred_at),
        part: reader.part,
        why,
        json: serde_json::to_string_pretty(&entry).unwrap_or_default(),
        f,
    })
}
