//! `POST /v1/vouchers/…`: one file for each endpoint; here what they share. Codes travel in bodies, never in addresses;
//! wrong ones are counted by who tries them.

pub(super) mod check_voucher;
pub(super) mod redeem_voucher;
pub(super) mod register_voucher;
pub(super) mod release_voucher;
pub(super) mod reserve_voucher;
pub(super) mod void_voucher;

use domain::document::{DocumentKey, PurchaseLine};
use domain::voucher::{VoucherCode, VoucherId};
use operations::{BasketRequest, VoucherCaller, VoucherRequest, VoucherUseRequest, voucher_id};
use serde::Deserialize;
use utoipa::ToSchema;

use super::caller::{DryRun, Writer};
use super::member_reference::{MemberBody, region};
use super::problem::Problem;
use super::record_purchase::LineBody;
use super::state::Api;

/// How long a reservation lasts when the caller does not say, in minutes.
const RESERVATION_MINUTES: u32 = 15;

/// What is bought, at prices before vouchers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BasketBody {
    /// The channel, for instance `store`, `web` or `app`.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    channel: Option<String>,
    /// The store.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    store: Option<String>,
    /// The line items.
    #[schema(min_items = 1, max_items = 1000)]
    lines: Vec<LineBody>,
}

/// A use of a voucher for a purchase or order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "7XQ0-9M2T-WB4C-K1HG",
    "source": "shop",
    "reference": "order-4711",
    "minutes": 20
}))]
pub(super) struct UseBody {
    /// Its code.
    #[schema(min_length = 1, max_length = 64)]
    code: String,
    /// The system that knows the purchase or order.
    #[schema(min_length = 1, max_length = 128)]
    source: String,
    /// The number it has there. The same one again changes nothing.
    #[schema(min_length = 1, max_length = 128)]
    reference: String,
    /// The member, if one is known.
    #[serde(default)]
    member: Option<MemberBody>,
    /// What is bought, to be judged and to state the discount.
    #[serde(default)]
    basket: Option<BasketBody>,
    /// How long a reservation lasts; 15 minutes when absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1440)]
    minutes: Option<u32>,
    /// The device or address of the person who typed the code: five wrong ones an hour.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    typed_by: Option<String>,
}

/// A voucher, by its code or by its id.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum VoucherName {
    /// By code.
    Code(String),
    /// By id.
    #[schema(value_type = String, example = "vou_0fx0000000000000000000000a")]
    Id(VoucherId),
}

/// A code as a caller wrote it.
pub(super) fn code(field: &str, text: &str) -> Result<VoucherCode, Problem> {
    VoucherCode::parse(text).map_err(|error| Problem::invalid(field, format!("{field}: {error}")))
}

fn asked<S>(writer: &Writer<S>, typed_by: Option<&str>) -> (String, VoucherCaller) {
    let actor = writer.actor();
    let caller = VoucherCaller::program(&actor, typed_by);
    (actor, caller)
}

impl<S> Writer<S> {
    fn voucher_request<'r>(
        &self,
        actor: &'r str,
        caller: &'r VoucherCaller,
        dry_run: &DryRun,
    ) -> VoucherRequest<'r> {
        VoucherRequest { actor, caller, idempotency_key: self.key(), dry_run: self.only_tries(dry_run) }
    }
}

impl BasketBody {
    fn basket(self) -> Result<BasketRequest, Problem> {
        let lines: Vec<PurchaseLine> = self.lines.into_iter().map(PurchaseLine::from).collect();
        domain::operation::check_lines(&lines)?;
        Ok(BasketRequest { channel: self.channel, store: self.store, lines })
    }
}

impl UseBody {
    fn wanted(self, api: &Api) -> Result<VoucherUseRequest, Problem> {
        let document = DocumentKey { source: self.source, reference: self.reference };
        domain::operation::check_key("", &document)?;
        Ok(VoucherUseRequest {
            voucher: voucher_id(&code("code", &self.code)?),
            document,
            member: self.member.map(|member| member.reference(region(&api.engine).as_deref())).transpose()?,
            basket: self.basket.map(BasketBody::basket).transpose()?,
            minutes: self.minutes.unwrap_or(RESERVATION_MINUTES),
        })
    }
}

impl VoucherName {
    fn id(&self) -> Result<VoucherId, Problem> {
        match self {
            Self::Id(id) => Ok(*id),
            Self::Code(text) => Ok(voucher_id(&code("voucher.code", text)?)),
        }
    }
}
