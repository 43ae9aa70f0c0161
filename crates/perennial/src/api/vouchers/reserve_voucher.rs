//! `POST /v1/vouchers/reserve`: a use held for an order.

use axum::extract::State;
use axum::response::Response;

use super::{UseBody, asked};
use crate::api::answer;
use crate::api::body::{JsonBody, Parameters};
use crate::api::caller::{DryRun, IdempotencyHeader, VouchersWrite, Writer};
use crate::api::problem::Problem;
use crate::api::schema::VoucherShape;
use crate::api::state::Api;

/// Reserve a voucher
///
/// Holds a use for an order until it is redeemed, given back, or its time is over.
#[utoipa::path(
    post,
    path = "/v1/vouchers/reserve",
    tag = "Vouchers",
    params(DryRun, IdempotencyHeader),
    request_body = UseBody,
    responses((status = 200, description = "The voucher as it now is.", body = VoucherShape)),
    security(("api_key" = ["vouchers:write"]))
)]
pub(in crate::api) async fn reserve_voucher(
    State(api): State<Api>,
    writer: Writer<VouchersWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<UseBody>,
) -> Result<Response, Problem> {
    let (actor, caller) = asked(&writer, body.typed_by.as_deref());
    let request = writer.voucher_request(&actor, &caller, &dry_run);
    Ok(answer::ok(&api.engine.reserve_voucher(body.wanted(&api)?, request).await?))
}
