//! Paying: the sale is recorded by the operation the API uses. The receipt's number was drawn once, so that the same
//! sale sent again, from a second press or from the queue of a till that was offline, gets the same receipt.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::ledger::Actor;
use operations::{Command, OperationError, Recorded, Request};
use serde_json::json;

use super::form::SaleForm;
use super::member::find;
use super::sale::{Outcome, show_sale};
use super::vouchers;
use crate::api::status_of;
use crate::console::Console;
use crate::console::page::Frame;
use crate::console::problem::{self, sentence};
use crate::console::query::{address, encode};
use crate::console::roles::{Permission, allows};
use crate::console::session::{Reader, Submission};

/// Why a sale was not recorded.
enum Stop {
    /// A line cannot be read.
    Lines,
    /// Nobody was found, and nobody is to be enrolled.
    Member,
    /// Vouchers take something else off than the cashier was shown.
    Vouchers,
    /// Points may only be spent while connected.
    OfflinePoints,
    /// The operation gave no result.
    Operation(OperationError),
}

/// Records the sale and goes on to its receipt.
pub(super) async fn record_purchase(
    State(console): State<Console>,
    Submission { reader, fields }: Submission,
) -> Response {
    let form = SaleForm::read(&fields);
    let seller = match seller(&console, &reader, &form.sold_by).await {
        Ok(seller) => seller,
        Err(error) => return problem::failed(reader.frame, &error),
    };
    match record(&console, &seller.actor, &form).await {
        Ok(recorded) if reader.part => {
            let status = if recorded.duplicate { StatusCode::OK } else { StatusCode::CREATED };
            let answer = json!({
                "duplicate": recorded.duplicate,
                "receipt": receipt(&form, &recorded),
                "vouchers": vouchers::report(&reader.frame, &recorded),
                "sold_by": seller.name,
            });
            (status, Json(answer)).into_response()
        }
        Ok(recorded) => Redirect::to(&receipt(&form, &recorded)).into_response(),
        Err(stop) => {
            let (status, code, sentence) = stop.answer(&reader.frame, &form);
            if reader.part {
                return (status, Json(json!({ "code": code, "sentence": sentence }))).into_response();
            }
            show_sale(&console, reader, form, Outcome { status, fault: Some(sentence) }).await
        }
    }
}

/// As whose sale it is recorded.
struct Seller {
    name: String,
    actor: Actor,
}

/// Whoever sold it before somebody else signed in, where the server knows them at a till; else whoever sends it.
async fn seller(console: &Console, reader: &Reader, sold_by: &str) -> Result<Seller, OperationError> {
    let sender = reader.frame.person.as_ref().map_or("", |person| person.name.as_str());
    if !sold_by.is_empty() && sold_by != sender {
        let users = console.engine.list_console_users().await?;
        let known = users.into_iter().find(|user| user.name == sold_by);
        if let Some(user) = known.filter(|user| allows(user.role, Permission::UseTill)) {
            tracing::info!(sold_by, sent_by = sender, "a kept receipt is recorded as sold by another");
            return Ok(Seller { actor: user.actor(), name: user.name });
        }
    }
    Ok(Seller { name: sender.to_owned(), actor: reader.actor.clone() })
}

async fn record(console: &Console, actor: &str, form: &SaleForm) -> Result<Recorded, Stop> {
    let now = console.engine.clock().now();
    let Some(programme) = console.programme() else {
        let refusal = domain::refusal::Refusal::NoProgrammeInForce { occurred_at: now };
        return Err(Stop::Operation(refusal.into()));
    };
    if form.queued && form.points() > 0 {
        return Err(Stop::OfflinePoints);
    }
    let purchase = form.purchase(&programme, form.occurred_at.unwrap_or(now)).map_err(|_| Stop::Lines)?;
    let region = programme.programme().default_region.as_deref();
    let found = find(&console.engine, &form.member, region).await.map_err(Stop::Operation)?;
    let (member, enrol) = found.reference(form.enrol).ok_or(Stop::Member)?;
    let request = Request::new(Command::RecordPurchase { member, enrol, purchase }, actor);
    if !form.vouchers.is_empty() {
        console.engine.admit_voucher_try(&vouchers::caller(actor)).map_err(Stop::Operation)?;
        check_discount(console, form, request.clone()).await?;
    }
    let reply = console.engine.carry_out(request).await;
    let recorded = reply.and_then(operations::Answer::recorded).map_err(Stop::Operation)?;
    vouchers::count_wrong(console, actor, &recorded);
    Ok(recorded)
}

/// Stops a sale whose vouchers take something else off than the cashier has said, before anything is recorded. What
/// waited for the connection was paid already: it is recorded as it is, and its receipt says what is owed to whom.
async fn check_discount(console: &Console, form: &SaleForm, request: Request) -> Result<(), Stop> {
    if form.queued {
        return Ok(());
    }
    let tried = console.engine.carry_out(request.dry_run(true)).await;
    let tried = tried.and_then(operations::Answer::recorded).map_err(Stop::Operation)?;
    let same = vouchers::discount(vouchers::presented(&tried)) == form.discount;
    if same || tried.duplicate { Ok(()) } else { Err(Stop::Vouchers) }
}

/// The address of the receipt; it says so if another programme version decided than the preview showed.
fn receipt(form: &SaleForm, recorded: &Recorded) -> String {
    let path = format!("/till/receipts/{}", encode(&form.reference));
    let changed = form.quoted != 0 && form.quoted != recorded.entry.programme_version;
    let again = if recorded.duplicate { "yes" } else { "" };
    address(&path, &[("again", again), ("changed", if changed { "yes" } else { "" })])
}

impl Stop {
    /// Status, code and sentence.
    fn answer(&self, f: &Frame, form: &SaleForm) -> (StatusCode, &'static str, String) {
        match self {
            Self::Lines => (StatusCode::BAD_REQUEST, "field_invalid", f.t("till-lines-unreadable")),
            Self::Member if form.member.is_empty() => {
                (StatusCode::NOT_FOUND, "member_unknown", f.t("till-member-missing"))
            }
            Self::Member => {
                (StatusCode::NOT_FOUND, "member_unknown", f.v("till-member-unknown", &form.member))
            }
            Self::Vouchers => (StatusCode::CONFLICT, "vouchers_changed", f.t("till-vouchers-changed")),
            Self::OfflinePoints => {
                (StatusCode::UNPROCESSABLE_ENTITY, "offline_points", f.t("till-points-offline"))
            }
            Self::Operation(OperationError::Refused(refusal)) => {
                let error = OperationError::Refused(refusal.clone());
                (status_of(refusal), refusal.code(), sentence(f, &error))
            }
            Self::Operation(error @ OperationError::TooManyTries { .. }) => {
                (StatusCode::TOO_MANY_REQUESTS, "voucher_tries_exceeded", sentence(f, error))
            }
            Self::Operation(error) => {
                if let OperationError::Internal(cause) | OperationError::Unavailable(cause) = error {
                    tracing::error!(%cause, "a sale could not be recorded");
                }
                let busy = matches!(error, OperationError::Busy | OperationError::Unavailable(_));
                let status =
                    if busy { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::INTERNAL_SERVER_ERROR };
                (status, "unavailable", sentence(f, error))
            }
        }
    }
}
