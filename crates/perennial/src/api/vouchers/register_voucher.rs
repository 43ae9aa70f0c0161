//! `POST /v1/vouchers/register`: a voucher bound to a member.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{asked, code};
use crate::api::answer;
use crate::api::body::{JsonBody, Parameters};
use crate::api::caller::{DryRun, IdempotencyHeader, VouchersWrite, Writer};
use crate::api::member_reference::{MemberBody, region};
use crate::api::problem::Problem;
use crate::api::schema::VoucherShape;
use crate::api::state::Api;

/// A voucher to bind to a member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "7XQ0-9M2T-WB4C-K1HG", "member": { "phone": "+8613800138000" } }))]
pub(in crate::api) struct RegisterBody {
    /// Its code.
    #[schema(min_length = 1, max_length = 64)]
    code: String,
    /// The member.
    member: MemberBody,
    /// The device or address of the person who typed the code: five wrong ones an hour.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    typed_by: Option<String>,
}

/// Register a voucher
///
/// Binds it to a member, who alone can use it from then on.
#[utoipa::path(
    post,
    path = "/v1/vouchers/register",
    tag = "Vouchers",
    params(DryRun, IdempotencyHeader),
    request_body = RegisterBody,
    responses((status = 200, description = "The voucher as it now is.", body = VoucherShape)),
    security(("api_key" = ["vouchers:write"]))
)]
pub(in crate::api) async fn register_voucher(
    State(api): State<Api>,
    writer: Writer<VouchersWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<RegisterBody>,
) -> Result<Response, Problem> {
    let code = code("code", &body.code)?;
    let member = body.member.reference(region(&api.engine).as_deref())?;
    let (actor, caller) = asked(&writer, body.typed_by.as_deref());
    let request = writer.voucher_request(&actor, &caller, &dry_run);
    Ok(answer::ok(&api.engine.register_voucher(&code, member, request).await?))
}
