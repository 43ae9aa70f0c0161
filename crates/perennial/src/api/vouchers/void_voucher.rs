//! `POST /v1/vouchers/void`: a voucher declared void.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{VoucherName, asked};
use crate::api::answer;
use crate::api::body::{JsonBody, Parameters};
use crate::api::caller::{DryRun, IdempotencyHeader, VouchersIssue, Writer};
use crate::api::problem::Problem;
use crate::api::schema::VoucherShape;
use crate::api::state::Api;

/// A voucher to declare void.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "voucher": { "id": "vou_0fx0000000000000000000000a" }, "reason": "printed twice" }))]
pub(in crate::api) struct VoucherVoidBody {
    /// The voucher.
    voucher: VoucherName,
    /// Why, in words: whoever looks at the voucher later reads it.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 1000)]
    reason: Option<String>,
}

/// Declare a voucher void
///
/// For ever; what was redeemed stays redeemed. A whole batch: `POST /v1/voucher-batches/{reference}/void`.
#[utoipa::path(
    post,
    path = "/v1/vouchers/void",
    tag = "Vouchers",
    params(DryRun, IdempotencyHeader),
    request_body = VoucherVoidBody,
    responses((status = 200, description = "The voucher as it now is.", body = VoucherShape)),
    security(("api_key" = ["vouchers:issue"]))
)]
pub(in crate::api) async fn void_voucher(
    State(api): State<Api>,
    writer: Writer<VouchersIssue>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<VoucherVoidBody>,
) -> Result<Response, Problem> {
    let (actor, caller) = asked(&writer, None);
    let request = writer.voucher_request(&actor, &caller, &dry_run);
    let view = api.engine.void_voucher(body.voucher.id()?, body.reason.as_deref(), request).await?;
    Ok(answer::ok(&view))
}
