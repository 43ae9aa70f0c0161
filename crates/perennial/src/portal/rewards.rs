//! What points buy, at this member's prices, and why some of it is out of reach; then one reward to confirm, and the
//! order itself. The confirmation is made with a number, so that it buys once however often it is sent.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::burn::RewardOrder;
use domain::code::Code;
use domain::document::DocumentKey;
use domain::ids::AccountId;
use domain::operation::Offer;
use domain::programme::CompiledProgramme;
use domain::refusal::Refusal;
use operations::{Catalogue, Command, MemberReference, MemberView, OperationError, Request};

use super::Portal;
use super::pool::{Purse, purse, title};
use super::problem;
use super::redemptions::place;
use super::session::{Member, Submission};
use super::shell::{Shell, Tab};
use super::words::{money, points};
use crate::console::format::number;
use crate::console::member::is_pooled;
use crate::console::page::{Frame, Theme, show};
use crate::console::problem::sentence;
use crate::console::{draw_request, programme};

/// The system that reports what members do here.
pub(super) const SOURCE: &str = "card";
/// A stock below this is said.
const FEW: i64 = 20;
/// The length of a confirmation's number.
const REQUEST_LENGTH: usize = 24;

#[derive(Template)]
#[template(path = "portal/rewards.html")]
struct RewardsPage {
    f: Frame,
    s: Shell,
    balances: Vec<String>,
    offers: Vec<OfferView>,
}

/// A reward of the catalogue.
struct OfferView {
    code: String,
    name: String,
    price: String,
    /// What it costs others, where this member pays less.
    instead_of: Option<String>,
    few: Option<String>,
    until: Option<String>,
    why_not: Option<String>,
    /// How much of the price is there, in thousandths, where points are all that is missing.
    permille: Option<i64>,
}

#[derive(Template)]
#[template(path = "portal/confirm.html")]
struct ConfirmPage {
    f: Frame,
    s: Shell,
    offer: OfferView,
    /// What is left afterwards.
    left: String,
    request: String,
    version: u32,
    points: i64,
    money: i64,
    error: Option<String>,
}

/// The catalogue.
pub(super) async fn page(State(portal): State<Portal>, member: Member) -> Response {
    let Member { frame: f, shell, id: member_id, .. } = member;
    let s = shell.at(Tab::Rewards);
    let (catalogue, person) = match look(&portal, member_id).await {
        Ok(found) => found,
        Err(error) => return problem::failed(f, s, &error),
    };
    let programme = programme(&portal.engine);
    let programme = programme.as_deref();
    let mut units: Vec<Code> = catalogue.offers.iter().map(|offer| offer.reward.unit).collect();
    units.sort_unstable();
    units.dedup();
    let you_have = |unit: Code| {
        let amount = points(&f, programme, available(programme, &person, unit), unit);
        match person.household.as_ref().filter(|_| is_pooled(programme, &person, unit)) {
            Some(household) => {
                f.with("card-pool-has", &[("pool", &title(&f, household)), ("points", &amount)])
            }
            None => f.v("card-you-have", amount),
        }
    };
    let balances = units.into_iter().map(you_have).collect();
    let mut offers: Vec<&Offer> = catalogue.offers.iter().collect();
    // What can be had first, then by price.
    offers.sort_by_key(|offer| (offer.refusal.is_some(), offer.points));
    let offers = offers.into_iter().map(|offer| offer_view(&f, programme, offer)).collect();
    show(StatusCode::OK, &RewardsPage { f, s, balances, offers })
}

/// The catalogue as a member finds it, and what they have: what is paid in pooled points is offered to their household,
/// if they may spend there.
async fn look(portal: &Portal, member_id: AccountId) -> Result<(Catalogue, MemberView), OperationError> {
    let reference = MemberReference::Id(member_id);
    let mut catalogue = portal.engine.list_rewards(Some(&reference)).await?;
    let person = portal.engine.view_member(&reference).await?;
    let Some(household) = &person.household else { return Ok((catalogue, person)) };
    let pool = MemberReference::Id(household.household_id);
    let theirs = portal.engine.list_rewards(Some(&pool)).await?;
    let programme = programme(&portal.engine);
    let may_spend = household.member(member_id).is_some_and(|member| member.may_spend);
    let pooled = |offer: &&mut Offer| is_pooled(programme.as_deref(), &person, offer.reward.unit);
    for offer in catalogue.offers.iter_mut().filter(pooled) {
        if let Some(other) = theirs.offers.iter().find(|other| other.reward.code == offer.reward.code) {
            offer.clone_from(other);
        }
        if !may_spend {
            let (household, spender) = (household.household_id, member_id);
            offer.refusal = Some(Refusal::SpenderNotAllowed { household, spender });
        }
    }
    Ok((catalogue, person))
}

/// What a member can spend of a unit, on their own account or from the pool.
fn available(programme: Option<&CompiledProgramme>, person: &MemberView, unit: Code) -> i64 {
    let pool = person.household.as_ref().filter(|_| is_pooled(programme, person, unit));
    let balance = match pool {
        Some(household) => household.balance(unit),
        None => person.standing.balances.iter().find(|balance| balance.unit == unit),
    };
    balance.map_or(0, |balance| balance.available)
}

/// One reward, to confirm.
pub(super) async fn confirm(
    State(portal): State<Portal>,
    Path(code): Path<String>,
    member: Member,
) -> Response {
    show_confirmation(&portal, member, &code, None).await
}

async fn show_confirmation(
    portal: &Portal,
    member: Member,
    code: &str,
    error: Option<&OperationError>,
) -> Response {
    let Member { frame: f, shell, id: member_id, .. } = member;
    let s = shell.at(Tab::Rewards);
    let (catalogue, person) = match look(portal, member_id).await {
        Ok(found) => found,
        Err(error) => return problem::failed(f, s, &error),
    };
    let Some(offer) = find(&catalogue, code) else { return problem::not_found(f, s) };
    let programme = programme(&portal.engine);
    let programme = programme.as_deref();
    let unit = offer.reward.unit;
    let left = available(programme, &person, unit).saturating_sub(offer.points);
    let error = error.map(|error| match error {
        OperationError::Refused(refusal) => why_not(&f, programme, offer, refusal),
        other => sentence(&f, other),
    });
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = ConfirmPage {
        offer: offer_view(&f, programme, offer),
        left: points(&f, programme, left, unit),
        request: draw_request(),
        version: catalogue.programme_version,
        points: offer.points,
        money: offer.money,
        error,
        f,
        s,
    };
    show(status, &page)
}

/// Redeems what was confirmed.
pub(super) async fn redeem(
    State(portal): State<Portal>,
    Path(code): Path<String>,
    Submission { member, fields }: Submission,
) -> Response {
    let member_id = member.id;
    let request = fields.text("request");
    let whole = request.len() == REQUEST_LENGTH && request.bytes().all(|byte| byte.is_ascii_hexdigit());
    let quoted = |name| fields.text(name).parse::<i64>().ok();
    let version = fields.text("version").parse::<u32>().ok();
    let (true, Some(version), Some(points), Some(money)) =
        (whole, version, quoted("points"), quoted("money"))
    else {
        return problem::stale(member.frame, member.shell);
    };
    let key = DocumentKey { source: SOURCE.to_owned(), reference: format!("{member_id}-{request}") };
    let (catalogue, person) = match look(&portal, member_id).await {
        Ok(found) => found,
        Err(error) => return problem::failed(member.frame, member.shell, &error),
    };
    let Some(offer) = find(&catalogue, &code) else { return problem::not_found(member.frame, member.shell) };
    let purse = purse(programme(&portal.engine).as_deref(), &person, offer.reward.unit);
    // Sent twice: the first has its answer already, and the price may be out of reach by now.
    if let Some(number) = ordered(&portal, &purse, &key).await {
        return to_redemption(&purse, number);
    }
    if (offer.points, offer.money) != (points, money) {
        let changed = Refusal::TermsChanged { quoted: version, version: catalogue.programme_version };
        return show_confirmation(&portal, member, &code, Some(&changed.into())).await;
    }
    let order = RewardOrder {
        key: key.clone(),
        occurred_at: portal.engine.clock().now(),
        reward: offer.reward.code,
        quantity: 1,
        programme_version: Some(version),
        spender: purse.spender,
    };
    let command = Command::RedeemReward { member: MemberReference::Id(purse.account), order };
    let idempotency = format!("card:{}", key.reference);
    let reply =
        portal.engine.carry_out(Request::new(command, &*member.actor).with_key(Some(idempotency))).await;
    match reply.and_then(operations::Answer::recorded) {
        Ok(recorded) => to_redemption(&purse, recorded.entry.id.entry_no),
        Err(error) => match ordered(&portal, &purse, &key).await {
            // Two at the same moment: the other one was first.
            Some(number) => to_redemption(&purse, number),
            None if matches!(error, OperationError::Refused(_)) => {
                show_confirmation(&portal, member, &code, Some(&error)).await
            }
            None => problem::failed(member.frame, member.shell, &error),
        },
    }
}

/// The number of a redemption that this confirmation made before.
async fn ordered(portal: &Portal, purse: &Purse, key: &DocumentKey) -> Option<u32> {
    const LATEST: u16 = 20;
    let latest = portal.engine.list_member_redemptions(purse.account, None, LATEST).await.ok()?.0;
    latest.into_iter().find(|redemption| redemption.key == *key).map(|found| found.entry_id.entry_no)
}

fn to_redemption(purse: &Purse, number: u32) -> Response {
    let place = place(number, purse.spender.is_some());
    Redirect::to(&format!("/card/redemptions/{place}?done=redeemed")).into_response()
}

fn find<'a>(catalogue: &'a Catalogue, code: &str) -> Option<&'a Offer> {
    catalogue.offers.iter().find(|offer| offer.reward.code.as_str() == code)
}

/// A price in words: points, or points and money.
pub(super) fn price(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    (amount, unit): (i64, Code),
    extra: i64,
) -> String {
    let amount = points(f, programme, amount, unit);
    if extra == 0 {
        return amount;
    }
    f.with("card-points-and-money", &[("points", &amount), ("money", &money(f, programme, extra))])
}

fn offer_view(f: &Frame, programme: Option<&CompiledProgramme>, offer: &Offer) -> OfferView {
    let reward = &offer.reward;
    let permille = match &offer.refusal {
        Some(Refusal::InsufficientPoints { asked, available, .. }) => {
            let part = i128::from((*available).clamp(0, *asked)) * 1000 / i128::from((*asked).max(1));
            i64::try_from(part).ok()
        }
        _ => None,
    };
    let usual = reward.price.points;
    OfferView {
        code: reward.code.to_string(),
        name: reward.name.get(f.language).to_owned(),
        price: price(f, programme, (offer.points, reward.unit), offer.money),
        instead_of: (offer.points < usual).then(|| f.v("card-instead-of", number(usual))),
        few: offer
            .in_stock
            .filter(|left| (1..FEW).contains(left))
            .map(|left| f.v("card-few-left", number(left))),
        until: reward.until.map(|day| f.v("card-offered-until", f.formats.date(day))),
        why_not: offer.refusal.as_ref().map(|refusal| why_not(f, programme, offer, refusal)),
        permille,
    }
}

/// Why a member cannot have a reward, as one would tell them.
fn why_not(f: &Frame, programme: Option<&CompiledProgramme>, offer: &Offer, refusal: &Refusal) -> String {
    let reward = &offer.reward;
    match refusal {
        Refusal::InsufficientPoints { unit, asked, available } => {
            let missing = points(f, programme, asked.saturating_sub(*available), *unit);
            f.v("card-why-points", missing)
        }
        Refusal::RewardNotForMember { .. } if !reward.tier.is_empty() => {
            let named = |tier: &Code| {
                let found = programme.and_then(|programme| programme.programme().tier(*tier));
                found.map_or_else(|| tier.to_string(), |(_, tier)| tier.name.get(f.language).to_owned())
            };
            let tiers: Vec<String> = reward.tier.iter().map(named).collect();
            f.v("card-why-tiers", tiers.join(&f.t("card-list-separator")))
        }
        Refusal::RewardNotForMember { .. } => f.t("card-why-others"),
        Refusal::RewardNotOffered { on, .. } => match (reward.from, reward.until) {
            (Some(from), _) if *on < from.to_string() => f.v("card-why-from", f.formats.date(from)),
            (_, Some(until)) => f.v("card-why-until", f.formats.date(until)),
            _ => refusal.to_string(),
        },
        Refusal::RewardLimitReached { period, .. } => f.v("card-why-limit", f.named("card-period-", period)),
        Refusal::RewardOutOfStock { .. } => f.t("card-why-stock"),
        Refusal::TermsChanged { .. } => f.t("card-why-changed"),
        Refusal::SpenderNotAllowed { .. } => f.t("card-why-spender"),
        other => sentence(f, &OperationError::Refused(other.clone())),
    }
}
