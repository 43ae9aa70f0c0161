//! `/v1/voucher-batches`: issuing vouchers, whose codes are shown once, and how a batch fares.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::code::Code;
use domain::ids::AccountId;
use domain::voucher::{VoucherId, VoucherStatus};
use jiff::Timestamp;
use operations::{VoucherBatchView, VoucherOrder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer;
use super::body::{JsonBody, JsonBodyOrNone, NoParameters, PathValues};
use super::caller::{Permit, VouchersIssue, Writer};
use super::problem::Problem;
use super::schema::VoucherStatusName;
use super::state::Api;

/// Vouchers to issue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reference": "spring-letters", "template": "ten_off", "quantity": 3 }))]
pub(super) struct BatchBody {
    /// A name you choose: the same one again gives no second batch.
    #[schema(min_length = 1, max_length = 128)]
    reference: String,
    /// The template, as the programme calls it.
    #[schema(value_type = String, pattern = "^[a-z0-9_-]{1,31}$")]
    template: Code,
    /// How many, for vouchers that belong to nobody yet.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000_000, required = false)]
    quantity: u32,
    /// The members they are for, one each, for personal vouchers.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 100_000, required = false)]
    members: Vec<AccountId>,
    /// The face value in minor units, where the template has none.
    #[serde(default)]
    #[schema(minimum = 1)]
    value: Option<i64>,
}

/// A batch that was issued, with its codes: they are not stored and cannot be shown again.
#[derive(Serialize, ToSchema)]
pub(super) struct IssuedAnswer {
    /// The batch.
    batch: VoucherBatchAnswer,
    /// Its vouchers.
    vouchers: Vec<IssuedVoucher>,
}

/// A voucher with its code.
#[derive(Serialize, ToSchema)]
struct IssuedVoucher {
    /// The code, in groups of four.
    #[schema(example = "7XQ0-9M2T-WB4C-K1HG")]
    code: String,
    /// The voucher.
    #[schema(value_type = String)]
    id: VoucherId,
    /// The member it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false)]
    member_id: Option<AccountId>,
}

/// A batch and how it fares.
#[derive(Serialize, ToSchema)]
pub(super) struct VoucherBatchAnswer {
    /// The name its issuer chose.
    reference: String,
    /// The template.
    #[schema(value_type = String)]
    template: Code,
    /// The programme version whose terms its vouchers keep.
    programme_version: u32,
    /// Face value in minor units, where the template has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    value: Option<i64>,
    /// First instant of use, if later than the issue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    valid_from: Option<Timestamp>,
    /// First instant at which its vouchers can no longer be used.
    expires_at: Timestamp,
    /// When it was ordered.
    created_at: Timestamp,
    /// By whom.
    created_by: String,
    /// Whether all of it is written, and not void.
    usable: bool,
    /// How many of its vouchers stand where.
    funnel: Vec<FunnelStep>,
}

/// How many vouchers stand somewhere.
#[derive(Serialize, ToSchema)]
struct FunnelStep {
    /// Where.
    #[schema(value_type = VoucherStatusName)]
    status: VoucherStatus,
    /// How many.
    vouchers: i64,
}

/// Issue vouchers
///
/// Draws codes and writes them; the answer shows the codes once. A batch that was interrupted is drawn anew by the same
/// request: its codes were never shown and never work. One that was issued is not issued again.
#[utoipa::path(
    post,
    path = "/v1/voucher-batches",
    tag = "Vouchers",
    request_body = BatchBody,
    responses((status = 201, description = "The batch, with its codes.", body = IssuedAnswer)),
    security(("api_key" = ["vouchers:issue"]))
)]
pub(super) async fn issue_vouchers(
    State(api): State<Api>,
    writer: Writer<VouchersIssue>,
    _: NoParameters,
    JsonBody(body): JsonBody<BatchBody>,
) -> Result<Response, Problem> {
    writer.require_live()?;
    let BatchBody { reference, template, quantity, members, value } = body;
    let order = VoucherOrder { reference, template, quantity, members, value };
    let issued = api.engine.issue_vouchers(&order, &writer.actor()).await?;
    let vouchers = issued.iter().map(|each| IssuedVoucher {
        code: each.code.to_string(),
        id: each.voucher,
        member_id: each.member,
    });
    let vouchers = vouchers.collect();
    let batch = api.engine.view_voucher_batch(&order.reference).await?.into();
    Ok(answer::json(StatusCode::CREATED, &IssuedAnswer { batch, vouchers }))
}

/// View a batch of vouchers
#[utoipa::path(
    get,
    path = "/v1/voucher-batches/{reference}",
    tag = "Vouchers",
    params(("reference" = String, Path, description = "The name its issuer chose.")),
    responses((status = 200, description = "How it fares.", body = VoucherBatchAnswer)),
    security(("api_key" = ["vouchers:issue"]))
)]
pub(super) async fn view_voucher_batch(
    State(api): State<Api>,
    _: Permit<VouchersIssue>,
    PathValues(reference): PathValues<String>,
) -> Result<Response, Problem> {
    Ok(answer::ok(&VoucherBatchAnswer::from(api.engine.view_voucher_batch(&reference).await?)))
}

/// Why a batch is declared void.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "printed with a wrong date" }))]
pub(super) struct VoucherBatchVoidBody {
    /// Why, in words: whoever looks at the batch later reads it.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 1000)]
    reason: Option<String>,
}

/// Declare a batch of vouchers void
///
/// At once and for ever, whatever its size. The body may be left out.
#[utoipa::path(
    post,
    path = "/v1/voucher-batches/{reference}/void",
    tag = "Vouchers",
    params(("reference" = String, Path, description = "The name its issuer chose.")),
    request_body = Option<VoucherBatchVoidBody>,
    responses((status = 200, description = "How it fares.", body = VoucherBatchAnswer)),
    security(("api_key" = ["vouchers:issue"]))
)]
pub(super) async fn void_voucher_batch(
    State(api): State<Api>,
    writer: Writer<VouchersIssue>,
    _: NoParameters,
    PathValues(reference): PathValues<String>,
    JsonBodyOrNone(body): JsonBodyOrNone<VoucherBatchVoidBody>,
) -> Result<Response, Problem> {
    writer.require_live()?;
    let reason = body.reason.as_deref();
    let view = api.engine.void_voucher_batch(&reference, reason, &writer.actor()).await?;
    Ok(answer::ok(&VoucherBatchAnswer::from(view)))
}

impl From<VoucherBatchView> for VoucherBatchAnswer {
    fn from(view: VoucherBatchView) -> Self {
        Self {
            reference: view.reference,
            template: view.template,
            programme_version: view.programme_version,
            value: view.value,
            valid_from: view.valid_from,
            expires_at: view.expires_at,
            created_at: view.created_at,
            created_by: view.created_by,
            usable: view.usable,
            funnel: view
                .funnel
                .into_iter()
                .map(|(status, vouchers)| FunnelStep { status, vouchers })
                .collect(),
        }
    }
}
