//! Issuing vouchers: codes are drawn, their ids written part by part, and the codes handed out once, when the whole
//! batch is there. An interrupted batch is abandoned by the next try: nobody has ever seen its codes.

use domain::code::Code;
use domain::document::TEXT_LENGTH_MAX;
use domain::ids::AccountId;
use domain::programme::{CompiledVoucher, Holder, Programme};
use domain::refusal::Refusal;
use domain::voucher::{CodeForm, VoucherCode, VoucherId, VoucherStatus};
use jiff::Timestamp;
use store::{BatchState, NewVoucher, VoucherBatch};

use crate::command::{Answer, Command, Request};
use crate::engine::Engine;
use crate::error::OperationError;
use crate::voucher::{BatchOrder, BatchPart, VoucherAnswer, VoucherCommand, voucher_id};

/// Most vouchers in one batch.
pub const BATCH_VOUCHERS_MAX: u32 = 1_000_000;
/// Vouchers written with one commit: tills wait for no longer than that takes.
const PART_VOUCHERS: usize = 5_000;
/// How often a part is written when the database does not say whether it was.
const PART_TRIES_MAX: u32 = 3;

/// Vouchers to issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoucherOrder {
    /// A name the issuer chooses; the same one again gives no second batch.
    pub reference: String,
    /// The template.
    pub template: Code,
    /// How many, for vouchers that belong to nobody yet.
    pub quantity: u32,
    /// The members they are for, one each, for personal vouchers.
    pub members: Vec<AccountId>,
    /// The face value in minor units, where the template has none.
    pub value: Option<i64>,
}

/// A voucher with its code, seen once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedVoucherCode {
    /// The code.
    pub code: VoucherCode,
    /// The voucher.
    pub voucher: VoucherId,
    /// The member it is for.
    pub member: Option<AccountId>,
}

/// A batch and how it fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoucherBatchView {
    /// Its number.
    pub batch_no: i64,
    /// Vouchers ordered; 0 for the batch of a statement, which grows with it.
    pub quantity: i64,
    /// Vouchers written so far.
    pub issued: i64,
    /// What it is doing.
    pub state: BatchState,
    /// The name its issuer chose.
    pub reference: String,
    /// The template.
    pub template: Code,
    /// The programme version whose terms its vouchers keep.
    pub programme_version: u32,
    /// Face value in minor units, where the template has none.
    pub value: Option<i64>,
    /// First instant of use, if later than the issue.
    pub valid_from: Option<Timestamp>,
    /// First instant at which its vouchers can no longer be used.
    pub expires_at: Timestamp,
    /// When it was ordered.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// Whether all of it is written, and not void.
    pub usable: bool,
    /// Vouchers by where they stand.
    pub funnel: Vec<(VoucherStatus, i64)>,
}

/// A batch on its way: drawn and written part by part, so that nobody has to hold all its codes at once. Given up before
/// the last part, its codes never work, and the same order may be given again.
pub struct VoucherIssue {
    engine: Engine,
    batch: VoucherBatch,
    form: CodeForm,
    uses_max: u32,
    members: Vec<AccountId>,
    quantity: usize,
    issued: usize,
    actor: String,
}

impl Engine {
    /// Issues a batch and hands out its codes, which are never to be seen again.
    pub async fn issue_vouchers(
        &self,
        order: &VoucherOrder,
        actor: &str,
    ) -> Result<Vec<IssuedVoucherCode>, OperationError> {
        let mut issue = self.begin_voucher_issue(order, actor).await?;
        let mut issued = Vec::with_capacity(issue.quantity);
        while let Some(part) = issue.next_part().await? {
            issued.extend(part);
        }
        Ok(issued)
    }

    /// Orders a batch whose codes are handed out part by part.
    pub async fn begin_voucher_issue(
        &self,
        order: &VoucherOrder,
        actor: &str,
    ) -> Result<VoucherIssue, OperationError> {
        let form = self.check_order(order)?;
        self.check_members(&order.members).await?;
        let quantity = order.members.len().max(order.quantity as usize);
        let command = VoucherCommand::OpenBatch(BatchOrder {
            reference: order.reference.clone(),
            template: order.template,
            quantity: i64::try_from(quantity).unwrap_or(i64::MAX),
            members: order.members.clone(),
            value: order.value,
            statement_on: None,
        });
        let batch = self.on_batch(command, actor).await?;
        let uses_max = self
            .programmes()
            .version(batch.programme_version)
            .and_then(|programme| programme.voucher(batch.template).map(|terms| terms.template.uses));
        Ok(VoucherIssue {
            engine: self.clone(),
            form,
            uses_max: uses_max.unwrap_or(1),
            members: order.members.clone(),
            quantity,
            issued: 0,
            actor: actor.to_owned(),
            batch,
        })
    }

    /// What an order would issue, or why it is refused. Nothing is drawn.
    pub async fn check_voucher_order(&self, order: &VoucherOrder) -> Result<(), OperationError> {
        self.check_order(order)?;
        self.check_members(&order.members).await
    }

    /// Declares a batch void with all its vouchers: one row, whatever its size.
    pub async fn void_voucher_batch(
        &self,
        reference: &str,
        reason: Option<&str>,
        actor: &str,
    ) -> Result<VoucherBatchView, OperationError> {
        if !is_reference(reference) {
            return Err(unknown_batch(reference).into());
        }
        if reason.is_some() {
            let found = self.database().reader().await?.voucher_batch(reference).await?;
            let batch_no = found.ok_or_else(|| unknown_batch(reference))?.batch_no;
            self.keep_void_reason(batch_subject(batch_no), reason, actor).await?;
        }
        let command = VoucherCommand::VoidBatch { reference: reference.to_owned() };
        self.on_batch(command, actor).await?;
        self.view_voucher_batch(reference).await
    }

    /// A batch and how many of its vouchers stand where.
    pub async fn view_voucher_batch(&self, reference: &str) -> Result<VoucherBatchView, OperationError> {
        if !is_reference(reference) {
            return Err(unknown_batch(reference).into());
        }
        let mut reader = self.database().snapshot().await?;
        let batch = reader.voucher_batch(reference).await?.ok_or_else(|| unknown_batch(reference))?;
        let states = reader.voucher_states(batch.batch_no).await?;
        reader.finish().await?;
        Ok(view(batch, &states, self.clock().now()))
    }

    /// Keeps why something is about to be declared void.
    pub(crate) async fn keep_void_reason(
        &self,
        subject: String,
        reason: Option<&str>,
        actor: &str,
    ) -> Result<(), OperationError> {
        domain::operation::check_reason(reason)?;
        let Some(reason) = reason else { return Ok(()) };
        let (given_at, given_by) = (self.clock().now(), actor.to_owned());
        let kept = store::VoidReason { subject, reason: reason.to_owned(), given_at, given_by };
        Ok(self.database().keep_void_reason(&kept).await?)
    }

    /// Writes a part again if nobody knows whether it was written: written already, it stays as it is. Given up at
    /// once, a batch might be there whose codes nobody has seen.
    async fn write_part(&self, command: &VoucherCommand, actor: &str) -> Result<(), OperationError> {
        let mut tried = 1;
        loop {
            match self.on_batch(command.clone(), actor).await {
                Err(OperationError::Unavailable(_)) if tried < PART_TRIES_MAX => tried += 1,
                outcome => return outcome.map(drop),
            }
        }
    }

    async fn on_batch(&self, command: VoucherCommand, actor: &str) -> Result<VoucherBatch, OperationError> {
        let request = Request::new(Command::Voucher(Box::new(command)), actor);
        match self.carry_out(request).await? {
            Answer::Voucher(VoucherAnswer::Batch(batch)) => Ok(*batch),
            _ => Err(OperationError::Internal("this command has no batch".to_owned())),
        }
    }

    /// Begins the batch of a statement's run, or finds it begun.
    pub(crate) async fn open_statement_batch(
        &self,
        reference: String,
        template: Code,
        made_on: jiff::civil::Date,
        actor: &str,
    ) -> Result<VoucherBatch, OperationError> {
        let order = BatchOrder {
            reference,
            template,
            quantity: 0,
            members: Vec::new(),
            value: None,
            statement_on: Some(made_on),
        };
        self.on_batch(VoucherCommand::OpenBatch(order), actor).await
    }

    async fn check_members(&self, members: &[AccountId]) -> Result<(), OperationError> {
        named_once(members)?;
        let mut reader = self.database().reader().await?;
        for member in members {
            if reader.member(*member).await?.is_none() {
                let remedy = "no member has this id: name members there are";
                return Err(Refusal::field("members", member, remedy).into());
            }
        }
        Ok(())
    }

    fn check_order(&self, order: &VoucherOrder) -> Result<CodeForm, OperationError> {
        let now = self.clock().now();
        let programmes = self.programmes();
        let programme = programmes.at(now).ok_or(Refusal::NoProgrammeInForce { occurred_at: now })?;
        let unknown =
            || Refusal::field("template", order.template, templates_there_are(programme.programme()));
        let terms = programme.voucher(order.template).ok_or_else(unknown)?;
        check_against(order, terms)?;
        Ok(terms.template.form)
    }
}

impl VoucherIssue {
    /// Vouchers the batch will have.
    pub fn quantity(&self) -> usize {
        self.quantity
    }

    /// Draws and writes the next part, and hands out its codes; none after the last.
    pub async fn next_part(&mut self) -> Result<Option<Vec<IssuedVoucherCode>>, OperationError> {
        if self.issued >= self.quantity {
            return Ok(None);
        }
        let first = self.issued;
        let mut part = draw_codes(self.form, PART_VOUCHERS.min(self.quantity - first))?;
        for (drawn, member) in part.iter_mut().zip(self.members.iter().skip(first)) {
            drawn.member = Some(*member);
        }
        let command = VoucherCommand::AddVouchers(BatchPart {
            reference: self.batch.reference.clone(),
            batch_no: self.batch.batch_no,
            first: i64::try_from(first).unwrap_or(i64::MAX),
            vouchers: part.iter().map(|drawn| drawn.row(self.batch.batch_no, self.uses_max)).collect(),
        });
        self.engine.write_part(&command, &self.actor).await?;
        self.issued += part.len();
        Ok(Some(part))
    }
}

/// What the reason of a batch's void is kept under.
pub(crate) fn batch_subject(batch_no: i64) -> String {
    format!("batch {batch_no}")
}

/// Refuses members that are nobody, or named twice.
fn named_once(members: &[AccountId]) -> Result<(), Refusal> {
    let mut sorted = members.to_vec();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Refusal::field("members", pair[0], "name each member once")),
        None => Ok(()),
    }
}

/// What to name instead of a template that the programme does not have.
fn templates_there_are(programme: &Programme) -> String {
    let codes: Vec<&str> = programme.vouchers.iter().map(|template| template.code.as_str()).collect();
    if codes.is_empty() {
        return "the programme in force has no voucher template: publish a version that has one".to_owned();
    }
    format!(
        "the programme in force has no such voucher template, but {}: name one of these",
        codes.join(", ")
    )
}

/// Whether a text can be the name of a batch.
fn is_reference(text: &str) -> bool {
    (1..=TEXT_LENGTH_MAX).contains(&text.len()) && !text.chars().any(char::is_control)
}

fn unknown_batch(reference: &str) -> Refusal {
    Refusal::Unknown { what: "voucher batch".to_owned(), value: reference.to_owned() }
}

fn check_against(order: &VoucherOrder, terms: &CompiledVoucher) -> Result<(), Refusal> {
    let refuse = |field: &str, value: String, remedy: &str| Err(Refusal::field(field, value, remedy));
    if !is_reference(&order.reference) {
        return refuse("reference", order.reference.clone(), "use 1 to 128 bytes without control characters");
    }
    if terms.template.issue_max.is_none() {
        return refuse("template", order.template.to_string(), "it is issued by its statement alone");
    }
    let personal = terms.template.holder == Holder::Personal;
    let members = order.members.len();
    match (personal, order.quantity) {
        (true, 0) if (1..=BATCH_VOUCHERS_MAX as usize).contains(&members) => {}
        (false, 1..=BATCH_VOUCHERS_MAX) if members == 0 => {}
        (true, _) => {
            return refuse("members", members.to_string(), "name the members, 1 to 1000000, and no quantity");
        }
        (false, quantity) => {
            return refuse("quantity", quantity.to_string(), "use 1 to 1000000, and name no members");
        }
    }
    match order.value {
        Some(value) if !terms.needs_value() || value <= 0 => refuse(
            "value",
            value.to_string(),
            "send it only where the template has no sum of its own, above 0",
        ),
        None if terms.needs_value() => {
            refuse("value", String::new(), "state the face value in minor units: the template has none")
        }
        _ => Ok(()),
    }
}

impl IssuedVoucherCode {
    fn row(&self, batch_no: i64, uses_max: u32) -> NewVoucher {
        let code = self.member.map(|_| self.code.as_str().to_owned());
        NewVoucher { id: self.voucher, batch_no, member: self.member, code, value: None, uses_max }
    }
}

/// Draws codes that share their first bits, so that their rows lie side by side.
pub(crate) fn draw_codes(form: CodeForm, count: usize) -> Result<Vec<IssuedVoucherCode>, OperationError> {
    let width = form.own_characters();
    let mut random = vec![0_u8; 2 + width * count];
    getrandom::fill(&mut random).map_err(|cause| OperationError::Internal(cause.to_string()))?;
    let shared = u16::from_be_bytes([random[0], random[1]]);
    let drawn = random[2..].chunks_exact(width).map(|own| {
        let short = || OperationError::Internal("too few random bytes".to_owned());
        let code = VoucherCode::from_bits(form, shared, own).ok_or_else(short)?;
        let voucher = voucher_id(&code);
        Ok(IssuedVoucherCode { code, voucher, member: None })
    });
    drawn.collect()
}

fn view(batch: VoucherBatch, counts: &[(String, i64)], now: Timestamp) -> VoucherBatchView {
    let mut funnel = Vec::new();
    for (state, count) in counts {
        add_standing(&mut funnel, &batch, (state, *count), now);
    }
    VoucherBatchView {
        batch_no: batch.batch_no,
        quantity: batch.quantity,
        issued: batch.issued,
        state: batch.state,
        reference: batch.reference,
        template: batch.template,
        programme_version: batch.programme_version,
        value: batch.value,
        valid_from: batch.valid_from,
        expires_at: batch.expires_at,
        created_at: batch.created_at,
        created_by: batch.created_by,
        usable: batch.state == BatchState::Ready,
        funnel,
    }
}

/// Adds vouchers of a batch that are in one stored state to where they stand now.
pub(crate) fn add_standing(
    funnel: &mut Vec<(VoucherStatus, i64)>,
    batch: &VoucherBatch,
    (state, count): (&str, i64),
    now: Timestamp,
) {
    let (void, over) = (batch.state != BatchState::Ready, now >= batch.expires_at);
    let status = match state {
        "redeemed" => VoucherStatus::Redeemed,
        "void" => VoucherStatus::Void,
        _ if void => VoucherStatus::Void,
        _ if over => VoucherStatus::Expired,
        "reserved" => VoucherStatus::Reserved,
        "registered" => VoucherStatus::Registered,
        _ => VoucherStatus::Issued,
    };
    match funnel.iter_mut().find(|(known, _)| *known == status) {
        Some((_, sum)) => *sum = sum.saturating_add(count),
        None => funnel.push((status, count)),
    }
    funnel.sort_unstable();
}
