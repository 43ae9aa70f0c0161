//! Giving points to another member: how many and to whom, a page to confirm, and the offers that wait for an answer. Nobody
//! is looked for before the offer is made, and whoever cannot get it is told apart from nobody by no answer.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::code::Code;
use domain::ids::{AccountId, EntryId};
use domain::ledger::TransferOffer;
use domain::operation::Gift;
use domain::programme::CompiledProgramme;
use domain::refusal::Refusal;
use operations::{
    Answer, Command, MemberReference, MemberView, OperationError, Request, TransferTerms,
    read_sign_in_identifier,
};

use super::Portal;
use super::problem;
use super::redemptions::DoneQuery;
use super::session::{Member, Submission};
use super::shell::{Shell, Tab};
use super::words::points;
use crate::console::draw_request;
use crate::console::format::number;
use crate::console::member::{is_pooled, unit_name};
use crate::console::page::{Frame, Theme, show};
use crate::console::problem::sentence;
use crate::console::programme;

/// Longest text that may be typed to be found by.
const TEXT_BYTES_MAX: usize = 128;
/// The length of a confirmation's number.
const REQUEST_LENGTH: usize = 24;

#[derive(Template)]
#[template(path = "portal/transfers.html")]
struct TransfersPage {
    f: Frame,
    s: Shell,
    /// Offered to the member.
    received: Vec<OfferView>,
    /// Offered by the member.
    sent: Vec<OfferView>,
    /// How points are given; none if the programme lets nobody.
    form: Option<GiftForm>,
    error: Option<String>,
}

/// An offer that waits.
struct OfferView {
    id: EntryId,
    /// Whether it was offered to the member, else by them.
    received: bool,
    request: String,
    points: String,
    who: String,
    until: String,
}

/// What is to be filled in.
struct GiftForm {
    to: String,
    points: String,
    units: Vec<UnitChoice>,
    limits: Vec<String>,
}

struct UnitChoice {
    code: Code,
    name: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "portal/transfer_confirm.html")]
struct ConfirmPage {
    f: Frame,
    s: Shell,
    to: String,
    unit: Code,
    points: i64,
    amount: String,
    days: u32,
    request: String,
}

/// What somebody wants to give, as it was typed.
struct Wish {
    to: String,
    unit: Option<Code>,
    points: String,
}

/// The page.
pub(super) async fn page(
    State(portal): State<Portal>,
    Query(query): Query<DoneQuery>,
    mut member: Member,
) -> Response {
    const DONE: [&str; 4] = ["offered", "accepted", "declined", "withdrawn"];
    let done = DONE.into_iter().find(|done| *done == query.done);
    member.frame.notice = done.map(|done| member.frame.named("card-gift-done-", done));
    show_transfers(&portal, member, &Wish::none(), None).await
}

impl Wish {
    fn none() -> Self {
        Self { to: String::new(), unit: None, points: String::new() }
    }

    fn read(fields: &crate::console::session::Fields) -> Self {
        let text = |name| fields.text(name).chars().take(TEXT_BYTES_MAX).collect::<String>();
        Self { to: text("to"), unit: fields.text("unit").parse().ok(), points: text("points") }
    }

    /// How many points of which unit.
    fn gift(&self, terms: &TransferTerms) -> Option<Gift> {
        let unit = self.unit.or_else(|| terms.rules.units.first().copied())?;
        let digits: String = self.points.chars().filter(|c| !matches!(c, ',' | ' ' | '，')).collect();
        Some(Gift { unit, points: digits.parse().ok()? })
    }
}

async fn show_transfers(
    portal: &Portal,
    member: Member,
    wish: &Wish,
    fault: Option<(StatusCode, String)>,
) -> Response {
    let Member { frame: f, shell, id, .. } = member;
    let s = shell.at(Tab::Points);
    let reference = MemberReference::Id(id);
    let offers = match portal.engine.list_transfers(&reference).await {
        Ok((_, offers)) => offers,
        Err(error) => return problem::failed(f, s, &error),
    };
    let terms = match portal.engine.view_transfer_terms(&reference).await {
        Ok(terms) => terms,
        // A closed account gives nothing; its offers are still shown.
        Err(OperationError::Refused(_)) => None,
        Err(error) => return problem::failed(f, s, &error),
    };
    let programme = programme(&portal.engine);
    let programme = programme.as_deref();
    let (mut received, mut sent) = (Vec::new(), Vec::new());
    for offer in &offers {
        if offer.to == id {
            // Whoever offers points is told that their name is shown.
            let giver = portal.engine.view_member(&MemberReference::Id(offer.from())).await;
            let name = giver.ok().and_then(|giver| giver.profile.name);
            let who = name.unwrap_or_else(|| offer.from().to_string());
            received.push(offer_view(&f, programme, offer, (true, f.v("card-gift-from", who))));
        } else {
            sent.push(offer_view(&f, programme, offer, (false, f.v("card-gift-to", offer.to))));
        }
    }
    let (status, error) = fault.map_or((StatusCode::OK, None), |(status, error)| (status, Some(error)));
    let person = match portal.engine.view_member(&reference).await {
        Ok(person) => person,
        Err(error) => return problem::failed(f, s, &error),
    };
    let form = terms.map(|terms| form(&f, (programme, &person), &terms, wish));
    show(status, &TransfersPage { f, s, received, sent, form, error })
}

fn offer_view(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    offer: &TransferOffer,
    (received, who): (bool, String),
) -> OfferView {
    OfferView {
        id: offer.id,
        received,
        request: draw_request(),
        points: points(f, programme, offer.points, offer.unit),
        who,
        until: f.v("card-gift-until", f.formats.time(offer.lapses_at)),
    }
}

fn form(
    f: &Frame,
    (programme, person): (Option<&CompiledProgramme>, &MemberView),
    terms: &TransferTerms,
    wish: &Wish,
) -> GiftForm {
    let rules = &terms.rules;
    let mut limits = Vec::new();
    for room in &terms.rooms {
        if is_pooled(programme, person, room.unit) {
            limits.push(f.t("card-pool-gift"));
            continue;
        }
        let most = points(f, programme, room.points.min(room.left_today), room.unit);
        limits.push(f.v("card-gift-most", most));
    }
    let values = [
        ("least", number(rules.points_min)),
        ("day", number(rules.sent_per_day_max)),
        ("days", rules.points_age_days_min.to_string()),
        ("account", rules.account_age_days_min.to_string()),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    limits.extend(["card-gift-limit-points", "card-gift-limit-age"].map(|key| f.with(key, &values)));
    let chosen = wish.unit.or_else(|| rules.units.first().copied());
    let unit = |unit: &Code| UnitChoice {
        code: *unit,
        name: unit_name(f, programme, *unit),
        chosen: Some(*unit) == chosen,
    };
    GiftForm {
        to: wish.to.clone(),
        points: wish.points.clone(),
        units: rules.units.iter().map(unit).collect(),
        limits,
    }
}

/// Shows what is about to be offered. Nobody is looked for yet.
pub(super) async fn confirm(
    State(portal): State<Portal>,
    Submission { member, fields }: Submission,
) -> Response {
    let wish = Wish::read(&fields);
    let (gift, terms) = match wanted(&portal, &member, &wish).await {
        Ok(wanted) => wanted,
        Err(stop) => return stopped(&portal, member, &wish, stop).await,
    };
    let Member { frame: f, shell, .. } = member;
    let programme = programme(&portal.engine);
    let page = ConfirmPage {
        amount: points(&f, programme.as_deref(), gift.points, gift.unit),
        to: wish.to,
        unit: gift.unit,
        points: gift.points,
        days: terms.rules.acceptance_days,
        request: draw_request(),
        s: shell.at(Tab::Points),
        f,
    };
    show(StatusCode::OK, &page)
}

/// Why points cannot be offered.
enum Stop {
    /// What was typed is no number of points.
    Points,
    /// What was typed names nobody.
    Identifier,
    /// It is the member's own.
    Own,
    /// Nobody who can get points has it, or none was looked for any more.
    Nobody,
    /// Too many offers were tried.
    Tries,
    /// The operation says no.
    Operation(OperationError),
}

/// What is wished for, if the member may give it and the text can be somebody's.
async fn wanted(portal: &Portal, member: &Member, wish: &Wish) -> Result<(Gift, TransferTerms), Stop> {
    let giver = MemberReference::Id(member.id);
    let terms = portal.engine.view_transfer_terms(&giver).await.map_err(Stop::Operation)?;
    let unit = Code::constant("points");
    let terms = terms.ok_or_else(|| Stop::Operation(Refusal::TransfersOff { unit }.into()))?;
    let gift = wish.gift(&terms).ok_or(Stop::Points)?;
    if read_sign_in_identifier(&wish.to, region(portal).as_deref()).is_empty() {
        return Err(Stop::Identifier);
    }
    portal.engine.check_transfer(&giver, gift).await.map_err(Stop::Operation)?;
    Ok((gift, terms))
}

fn region(portal: &Portal) -> Option<String> {
    portal.engine.programmes().latest().and_then(|found| found.programme().default_region.clone())
}

/// Makes the offer that was confirmed.
pub(super) async fn transfer(
    State(portal): State<Portal>,
    Submission { member, fields }: Submission,
) -> Response {
    let Some(request) = request(&fields) else { return problem::stale(member.frame, member.shell) };
    let wish = Wish::read(&fields);
    match offer(&portal, &member, &wish, &request).await {
        Ok(()) => to_page("offered"),
        Err(stop) => stopped(&portal, member, &wish, stop).await,
    }
}

/// The number of a form, which makes it one request however often it is sent.
fn request(fields: &crate::console::session::Fields) -> Option<String> {
    let request = fields.text("request");
    let whole = request.len() == REQUEST_LENGTH && request.bytes().all(|byte| byte.is_ascii_hexdigit());
    whole.then(|| request.to_owned())
}

fn to_page(done: &str) -> Response {
    Redirect::to(&format!("/card/transfers?done={done}")).into_response()
}

async fn offer(portal: &Portal, member: &Member, wish: &Wish, request: &str) -> Result<(), Stop> {
    // First what depends on the giver alone: its answer must not depend on whether anybody has what was typed.
    let (gift, _) = wanted(portal, member, wish).await?;
    if !portal.limits.allow_offer(member.id, request, portal.engine.clock().now()) {
        return Err(Stop::Tries);
    }
    let to = find(portal, &wish.to).await.map_err(Stop::Operation)?.ok_or(Stop::Nobody)?;
    if to == member.id {
        return Err(Stop::Own);
    }
    let command = Command::TransferPoints {
        from: MemberReference::Id(member.id),
        to: MemberReference::Id(to),
        unit: gift.unit,
        points: gift.points,
    };
    match carry_out(portal, member, command, request).await {
        Ok(()) => Ok(()),
        Err(OperationError::Refused(refusal)) if concerns(&refusal, to) => Err(Stop::Nobody),
        Err(error) => Err(Stop::Operation(error)),
    }
}

async fn carry_out(
    portal: &Portal,
    member: &Member,
    command: Command,
    request: &str,
) -> Result<(), OperationError> {
    let key = format!("card:{}-{request}", member.id);
    let request = Request::new(command, &*member.actor).with_key(Some(key));
    portal.engine.carry_out(request).await.and_then(Answer::recorded).map(|_| ())
}

/// The member who has what was typed; each thing it can be is looked up.
async fn find(portal: &Portal, text: &str) -> Result<Option<AccountId>, OperationError> {
    let mut found = None;
    for identifier in read_sign_in_identifier(text, region(portal).as_deref()) {
        match portal.engine.find_member(&MemberReference::Identifier(identifier)).await {
            Ok(member) => found = found.or(Some(member)),
            Err(OperationError::Refused(Refusal::MemberUnknown { .. })) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Whether a refusal says something of the other member. The giver's own account was looked at before.
fn concerns(refusal: &Refusal, to: AccountId) -> bool {
    match refusal {
        Refusal::AccountTooYoung { account_id, .. } | Refusal::OffersWaiting { account_id, .. } => {
            *account_id == to
        }
        Refusal::MemberUnknown { .. } | Refusal::AccountClosed { .. } => true,
        _ => false,
    }
}

async fn stopped(portal: &Portal, member: Member, wish: &Wish, stop: Stop) -> Response {
    let f = &member.frame;
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let fault = match stop {
        Stop::Points => (unprocessable, f.t("card-gift-points-invalid")),
        Stop::Identifier => (unprocessable, f.t("card-identifier-invalid")),
        Stop::Own => (unprocessable, f.t("card-gift-own")),
        Stop::Nobody => (unprocessable, f.t("card-gift-nobody")),
        Stop::Tries => (StatusCode::TOO_MANY_REQUESTS, f.t("card-gift-throttled")),
        Stop::Operation(OperationError::Refused(refusal)) => {
            (unprocessable, why_not(f, programme(&portal.engine).as_deref(), &refusal))
        }
        Stop::Operation(error) => return problem::failed(member.frame, member.shell, &error),
    };
    show_transfers(portal, member, wish, Some(fault)).await
}

/// Why points cannot be given or got, as one would tell a member.
fn why_not(f: &Frame, programme: Option<&CompiledProgramme>, refusal: &Refusal) -> String {
    match refusal {
        Refusal::TransfersOff { .. } => f.t("card-gift-off"),
        Refusal::TransferTooSmall { least, .. } => f.v("card-gift-too-small", number(*least)),
        Refusal::TransferLimit { left, limit, .. } => {
            f.with("card-gift-limit", &[("left", &number(*left)), ("limit", &number(*limit))])
        }
        Refusal::AccountTooYoung { days, .. } => f.v("card-gift-too-young", days),
        Refusal::TooFewTransferable { unit, points: left, days, .. } => {
            let left = points(f, programme, *left, *unit);
            f.with("card-gift-too-few", &[("points", &left), ("days", &days.to_string())])
        }
        Refusal::OffersWaiting { most, .. } => {
            f.v("card-gift-too-many", number(i64::try_from(*most).unwrap_or(i64::MAX)))
        }
        Refusal::TransferNotOpen { .. } | Refusal::Unknown { .. } => f.t("card-gift-not-open"),
        Refusal::FieldInvalid { .. } => f.t("card-gift-points-invalid"),
        other => sentence(f, &OperationError::Refused(other.clone())),
    }
}

/// Accepts, declines or takes back an offer that waits.
pub(super) async fn answer(
    State(portal): State<Portal>,
    Submission { member, fields }: Submission,
) -> Response {
    let reference = MemberReference::Id(member.id);
    let (Some(request), Ok(transfer)) = (request(&fields), fields.text("transfer").parse::<EntryId>()) else {
        return problem::stale(member.frame, member.shell);
    };
    let (command, done) = match fields.text("action") {
        "accept" => (Command::AcceptTransfer { member: reference, transfer }, "accepted"),
        "decline" => (Command::DeclineTransfer { member: reference, transfer }, "declined"),
        // The operation asks for the transfer alone: that it is the member's own is for us to see.
        "withdraw" if transfer.account_id == member.id => {
            (Command::WithdrawTransfer { transfer }, "withdrawn")
        }
        _ => return problem::not_found(member.frame, member.shell),
    };
    match carry_out(&portal, &member, command, &request).await {
        Ok(()) => to_page(done),
        Err(OperationError::Refused(refusal)) => {
            let concerns_giver = done == "accepted" && !matches!(refusal, Refusal::TransferNotOpen { .. });
            let why = match &refusal {
                // What the giver has left is not for others to know.
                Refusal::TooFewTransferable { .. } | Refusal::AccountClosed { .. } if concerns_giver => {
                    member.frame.t("card-gift-giver-cannot")
                }
                _ => why_not(&member.frame, programme(&portal.engine).as_deref(), &refusal),
            };
            let fault = (StatusCode::UNPROCESSABLE_ENTITY, why);
            show_transfers(&portal, member, &Wish::none(), Some(fault)).await
        }
        Err(error) => problem::failed(member.frame, member.shell, &error),
    }
}
