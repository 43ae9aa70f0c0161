//! `POST /v1/purchases`: one purchase or up to a thousand; the answer says what each earned, and why.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::burn::PointsTender;
use domain::code::Code;
use domain::document::{DocumentKey, Payment, Purchase, PurchaseLine};
use domain::ledger::Fact;
use domain::money::Currency;
use domain::stored_value::StoredValueTender;
use domain::voucher::{PurchaseVoucher, TILL_TRIES_PER_HOUR, VoucherOutcome};
use jiff::Timestamp;
use operations::{Command, OperationError, Reply, Request, Scope, VoucherCaller, voucher_id};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{self, Envelope};
use super::body::{OneOrMany, Parameters};
use super::caller::{DryRun, IdempotencyHeader, PurchasesWrite, Writer};
use super::member_reference::{MemberBody, region};
use super::problem::Problem;
use super::record_return::DocumentKeyBody;
use super::schema::{RecordedShape, microseconds};
use super::state::Api;

/// Most purchases in one call.
const PURCHASES_MAX: usize = 1_000;
/// Most vouchers in one call: all its codes are tried before wrong ones are counted.
const VOUCHERS_MAX: usize = TILL_TRIES_PER_HOUR;

/// A sale to a member. `source` and `reference` name it for ever: the same pair with the same content gets the same
/// receipt again, with other content it is refused.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "member": { "phone": "+8613800138000" },
    "enrol": true,
    "source": "till",
    "reference": "s001-20260511-0042",
    "occurred_at": "2026-05-11T10:15:00+08:00",
    "currency": "CNY",
    "store": "s001",
    "channel": "store",
    "payments": [{ "method": "card", "amount": 25900 }],
    "lines": [
        { "sku": "A-100", "category": "tea", "brand": "pine", "amount": 19900 },
        { "sku": "B-7", "category": "cups", "quantity_milli": 2000, "amount": 6000, "tags": ["gift"] }
    ]
}))]
pub(super) struct PurchaseBody {
    /// Who bought.
    member: MemberBody,
    /// Whether a member nobody knows yet is enrolled by this purchase, at its business time.
    #[serde(default)]
    #[schema(required = false)]
    enrol: bool,
    /// The system that reports it, for instance `till`.
    #[schema(min_length = 1, max_length = 128)]
    source: String,
    /// The number it has there.
    #[schema(min_length = 1, max_length = 128)]
    reference: String,
    /// When the sale took place.
    occurred_at: Timestamp,
    /// Currency of all amounts in this purchase: the lines carry plain numbers in its minor units.
    #[schema(value_type = String, pattern = "^[A-Za-z]{3}$")]
    currency: Currency,
    /// The store.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    store: Option<String>,
    /// The channel, for instance `store`, `web` or `app`.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    channel: Option<String>,
    /// How it was paid; empty when unknown.
    #[serde(default)]
    #[schema(max_items = 32, required = false)]
    payments: Vec<PaymentBody>,
    /// Codes of vouchers that were presented. Lines then carry prices before vouchers; the receipt says what each voucher took
    /// off which line, or why nothing, and the points are earned on what is paid.
    #[serde(default)]
    #[schema(max_items = 16, required = false)]
    vouchers: Vec<String>,
    /// The line items; their position, from 0, is their number in returns.
    #[schema(min_items = 1, max_items = 1000)]
    lines: Vec<LineBody>,
}

/// A part of the price and the way it was paid.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PaymentBody {
    /// For instance `card`, `cash`, `points`, `stored_value`, `gift_card`.
    #[schema(min_length = 1, max_length = 128)]
    method: String,
    /// Minor units of the purchase's currency.
    #[schema(minimum = -9_007_199_254_740_991_i64, maximum = 9_007_199_254_740_991_i64)]
    amount: i64,
    /// The points that pay it, to be taken by this ledger. The method is then `points`, the amount what they are worth.
    #[serde(default)]
    points: Option<PointsTenderBody>,
    /// The stored value that pays it, to be taken by this ledger. The method is then `stored_value`.
    #[serde(default)]
    stored_value: Option<StoredValueTenderBody>,
}

/// The part of a purchase that points pay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PointsTenderBody {
    /// The unit; the programme's main unit, or that of the hold, when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[a-z0-9_-]{1,31}$")]
    unit: Option<Code>,
    /// How many points.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    points: i64,
    /// The hold they come from. Paying ends it: what it keeps beyond that goes back.
    #[serde(default)]
    hold: Option<DocumentKeyBody>,
}

impl PointsTenderBody {
    fn tender(self) -> PointsTender {
        PointsTender { unit: self.unit, points: self.points, hold: self.hold.map(DocumentKeyBody::key) }
    }
}

/// The part of a purchase that stored value pays: the payment's amount, money and bonus in the programme's order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StoredValueTenderBody {
    /// The unit; the programme's first one of stored value, or that of the hold, when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[a-z0-9_-]{1,31}$")]
    unit: Option<Code>,
    /// The hold it comes from: money only. Paying ends it: what it keeps beyond that goes back.
    #[serde(default)]
    hold: Option<DocumentKeyBody>,
}

impl StoredValueTenderBody {
    fn tender(self) -> StoredValueTender {
        StoredValueTender { unit: self.unit, hold: self.hold.map(DocumentKeyBody::key) }
    }
}

/// One line item.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LineBody {
    /// Stock-keeping unit.
    #[serde(default)]
    #[schema(max_length = 128, required = false)]
    sku: String,
    /// Product category.
    #[serde(default)]
    #[schema(max_length = 128, required = false)]
    category: String,
    /// Brand.
    #[serde(default)]
    #[schema(max_length = 128, required = false)]
    brand: String,
    /// Number of items in thousandths: 1.5 kg is 1500, one item is 1000.
    #[serde(default = "one_item")]
    #[schema(minimum = -9_007_199_254_740_991_i64, maximum = 9_007_199_254_740_991_i64, required = false)]
    quantity_milli: i64,
    /// What was paid for the line, in minor units of the purchase's currency, after its discounts, tax included. A negative
    /// line (a coupon) lowers the basket.
    #[schema(minimum = -9_007_199_254_740_991_i64, maximum = 9_007_199_254_740_991_i64)]
    amount: i64,
    /// Tax contained in `amount`.
    #[serde(default)]
    #[schema(minimum = -9_007_199_254_740_991_i64, maximum = 9_007_199_254_740_991_i64, required = false)]
    tax: i64,
    /// Free labels that rules can name: `tobacco`, `gift_card`, `delivery` …
    #[serde(default)]
    #[schema(max_items = 32, required = false)]
    tags: Vec<String>,
}

/// One purchase, or a list of 1 to 1,000.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes what `OneOrMany` reads")]
pub(super) enum PurchasesBody {
    /// One purchase.
    One(PurchaseBody),
    /// A list.
    Many(Vec<PurchaseBody>),
}

/// The answer to a list: one result for each purchase, in order.
#[derive(Serialize, ToSchema)]
pub(super) struct BatchAnswer {
    /// One for each purchase, in order.
    #[schema(value_type = Vec<ResultShape>)]
    results: Vec<ItemResult>,
}

/// What became of one purchase of a list.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes `ItemResult`")]
struct ResultShape {
    /// The status this purchase alone would have had.
    status: u16,
    /// Present with a receipt.
    #[schema(nullable = false, required = false)]
    duplicate: Option<bool>,
    /// Present with a receipt.
    #[schema(nullable = false, required = false)]
    dry_run: Option<bool>,
    /// Present unless it was refused.
    #[schema(nullable = false, required = false)]
    receipt: Option<super::schema::ReceiptShape>,
    /// Present if it was refused.
    #[schema(nullable = false, required = false)]
    problem: Option<super::problem::Content>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ItemResult {
    Recorded {
        status: u16,
        #[serde(flatten)]
        envelope: Box<Envelope>,
    },
    Refused {
        status: u16,
        problem: Problem,
    },
}

/// The answer to one purchase, or to a list of them.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes two answers under one status")]
pub(super) enum PurchasesAnswer {
    /// To one.
    One(Box<RecordedShape>),
    /// To a list.
    Many(BatchAnswer),
}

/// Record purchases
///
/// Judges a purchase by the programme in force when it took place, posts the points and answers with the receipt: what was
/// earned, when it can be spent, each rule that fired or did not and why, and the way to the next tier. A list is carried
/// out in order; the refusal of one does not touch the others. A list whose form is wrong is refused as a whole. A part can be
/// paid with points, from what the member can spend or from a hold; that needs the scope `redemptions:write`, too.
#[utoipa::path(
    post,
    path = "/v1/purchases",
    tag = "Documents",
    params(DryRun, IdempotencyHeader),
    request_body = PurchasesBody,
    responses(
        (status = 201, description = "Recorded.", body = RecordedShape),
        (status = 200, description = "Recorded before, only tried, or a list.", body = PurchasesAnswer)
    ),
    security(("api_key" = ["purchases:write"]))
)]
pub(super) async fn record_purchase(
    State(api): State<Api>,
    writer: Writer<PurchasesWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    body: OneOrMany<PurchaseBody>,
) -> Result<Response, Problem> {
    // Taking points or money out of a member's account needs more than reporting what was bought.
    let pays = |body: &PurchaseBody| {
        body.payments.iter().any(|payment| payment.points.is_some() || payment.stored_value.is_some())
    };
    let spends = match &body {
        OneOrMany::One(body) => pays(body),
        OneOrMany::Many(bodies) => bodies.iter().any(pays),
    };
    if spends {
        writer.require(Scope::RedemptionsWrite)?;
    }
    match body {
        OneOrMany::One(body) => {
            let command = body.command(region(&api.engine).as_deref())?;
            let tries = Tries::of(&api, &writer, [&command])?;
            let reply = api.engine.carry_out(writer.request(command, &dry_run)).await;
            tries.count(&api, [&reply]);
            answer::recorded(reply)
        }
        OneOrMany::Many(bodies) => record_list(&api, &writer, &dry_run, bodies).await,
    }
}

async fn record_list(
    api: &Api,
    writer: &Writer<PurchasesWrite>,
    dry_run: &DryRun,
    bodies: Vec<PurchaseBody>,
) -> Result<Response, Problem> {
    if !(1..=PURCHASES_MAX).contains(&bodies.len()) {
        let detail = format!("the list has {} purchases: send 1 to {PURCHASES_MAX}", bodies.len());
        return Err(Problem::new(StatusCode::BAD_REQUEST, "batch_size", detail));
    }
    let region = region(&api.engine);
    let mut requests: Vec<Request> = Vec::with_capacity(bodies.len());
    let mut refused: Vec<Option<Problem>> = Vec::with_capacity(bodies.len());
    for (position, body) in bodies.into_iter().enumerate() {
        match body.command(region.as_deref()) {
            Ok(command) => {
                requests.push(writer.request_at(command, dry_run, position));
                refused.push(None);
            }
            Err(problem) => refused.push(Some(problem)),
        }
    }
    let tries = Tries::of(api, writer, requests.iter().map(|request| &request.command))?;
    let replies = api.engine.submit(requests).await?;
    tries.count(api, &replies);
    let mut replies = replies.into_iter();
    let results = refused.into_iter().map(|problem| item(problem, || replies.next())).collect();
    Ok(answer::ok(&BatchAnswer { results }))
}

/// Vouchers presented in purchases are tries of their codes like any other.
struct Tries(Option<VoucherCaller>);

impl Tries {
    fn of<'c>(
        api: &Api,
        writer: &Writer<PurchasesWrite>,
        commands: impl IntoIterator<Item = &'c Command>,
    ) -> Result<Self, Problem> {
        let vouchers = |command: &Command| match command {
            Command::RecordPurchase { purchase, .. } => purchase.vouchers.len(),
            _ => 0,
        };
        let presented: usize = commands.into_iter().map(vouchers).sum();
        if presented == 0 {
            return Ok(Self(None));
        }
        if presented > VOUCHERS_MAX {
            let detail =
                format!("the list presents {presented} vouchers: send at most {VOUCHERS_MAX} in one call");
            return Err(Problem::new(StatusCode::BAD_REQUEST, "batch_size", detail));
        }
        let caller = VoucherCaller::program(&writer.actor(), None);
        api.engine.admit_voucher_try(&caller)?;
        Ok(Self(Some(caller)))
    }

    fn count<'r>(&self, api: &Api, replies: impl IntoIterator<Item = &'r Reply>) {
        let Some(caller) = &self.0 else { return };
        for reply in replies {
            let Ok(operations::Answer::Recorded(recorded)) = reply else { continue };
            let Fact::PurchaseRecorded { purchase, .. } = &recorded.entry.fact else { continue };
            let unknown = purchase.vouchers.iter().filter(|each| each.outcome == VoucherOutcome::Unknown);
            if !recorded.duplicate {
                unknown.for_each(|_| api.engine.count_wrong_voucher(caller));
            }
        }
    }
}

/// What the endpoint makes of a body, without a server to send it to: the commands, or the first problem. `region` is the
/// country of telephone numbers without a country code.
pub fn read_purchases(body: &[u8], region: Option<&str>) -> Result<Vec<Command>, Problem> {
    match OneOrMany::<PurchaseBody>::read(body)? {
        OneOrMany::One(body) => Ok(vec![body.command(region)?]),
        OneOrMany::Many(bodies) => bodies.into_iter().map(|body| body.command(region)).collect(),
    }
}

/// The result of one purchase: refused by the door, or what the engine replied.
fn item(problem: Option<Problem>, reply: impl FnOnce() -> Option<Reply>) -> ItemResult {
    let missing = || Err(OperationError::Internal("a command without an answer".to_owned()));
    let outcome = match problem {
        Some(problem) => Err(problem),
        None => reply().unwrap_or_else(missing).and_then(operations::Answer::recorded).map_err(Problem::from),
    };
    match outcome {
        Ok(recorded) => {
            let envelope = Box::new(Envelope::new(&recorded));
            ItemResult::Recorded { status: envelope.status().as_u16(), envelope }
        }
        Err(problem) => ItemResult::Refused { status: problem.status().as_u16(), problem },
    }
}

impl PurchaseBody {
    fn command(self, region: Option<&str>) -> Result<Command, Problem> {
        let member = self.member.reference(region)?;
        let codes = self.vouchers.iter().enumerate();
        let vouchers = codes.map(|(position, text)| {
            let code = super::vouchers::code(&format!("vouchers[{position}]"), text)?;
            Ok::<_, Problem>(PurchaseVoucher::presented(voucher_id(&code)))
        });
        let purchase = Purchase {
            key: DocumentKey { source: self.source, reference: self.reference },
            occurred_at: microseconds(self.occurred_at),
            currency: self.currency,
            store: self.store,
            channel: self.channel,
            vouchers: vouchers.collect::<Result<Vec<_>, _>>()?,
            payments: self.payments.into_iter().map(Payment::from).collect(),
            lines: self.lines.into_iter().map(PurchaseLine::from).collect(),
        };
        Ok(Command::RecordPurchase { member, enrol: self.enrol, purchase })
    }
}

impl From<PaymentBody> for Payment {
    fn from(body: PaymentBody) -> Self {
        Self {
            method: body.method,
            amount: body.amount,
            points: body.points.map(PointsTenderBody::tender),
            stored_value: body.stored_value.map(StoredValueTenderBody::tender),
        }
    }
}

impl From<LineBody> for PurchaseLine {
    fn from(body: LineBody) -> Self {
        let LineBody { sku, category, brand, quantity_milli, amount, tax, tags } = body;
        Self { sku, category, brand, quantity_milli, amount, tax, tags }
    }
}

fn one_item() -> i64 {
    1_000
}
