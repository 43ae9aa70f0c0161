//! `POST /v1/vouchers/release`: a use given back.

use axum::extract::State;
use axum::response::Response;
use domain::document::DocumentKey;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{VoucherName, asked};
use crate::api::answer;
use crate::api::body::{JsonBody, Parameters};
use crate::api::caller::{DryRun, IdempotencyHeader, VouchersWrite, Writer};
use crate::api::problem::Problem;
use crate::api::schema::VoucherShape;
use crate::api::state::Api;

/// A use to give back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "voucher": { "code": "7XQ0-9M2T-WB4C-K1HG" }, "source": "shop", "reference": "order-4711"
}))]
pub(in crate::api) struct ReleaseBody {
    /// The voucher.
    voucher: VoucherName,
    /// The system that knows the purchase or order.
    #[schema(min_length = 1, max_length = 128)]
    source: String,
    /// The number it has there.
    #[schema(min_length = 1, max_length = 128)]
    reference: String,
}

/// Give a voucher back
///
/// Gives back the use that a purchase or order has, held or spent: once, however often it is asked.
#[utoipa::path(
    post,
    path = "/v1/vouchers/release",
    tag = "Vouchers",
    params(DryRun, IdempotencyHeader),
    request_body = ReleaseBody,
    responses((status = 200, description = "The voucher as it now is.", body = VoucherShape)),
    security(("api_key" = ["vouchers:write"]))
)]
pub(in crate::api) async fn release_voucher(
    State(api): State<Api>,
    writer: Writer<VouchersWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<ReleaseBody>,
) -> Result<Response, Problem> {
    let voucher = body.voucher.id()?;
    let document = DocumentKey { source: body.source, reference: body.reference };
    domain::operation::check_key("", &document)?;
    let (actor, caller) = asked(&writer, None);
    let request = writer.voucher_request(&actor, &caller, &dry_run);
    Ok(answer::ok(&api.engine.release_voucher(voucher, document, request).await?))
}
