//! Vouchers in a batch of commands: what was loaded, what each command changes of it, and what has to be saved.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use domain::code::Code;
use domain::document::{DocumentKey, Purchase};
use domain::ids::{AccountId, EntryId};
use domain::ledger::{Absorbed, Fact, ReturnProgress};
use domain::operation::{StatementOrder, make_statement};
use domain::programme::{CompiledVoucher, Holder};
use domain::refusal::Refusal;
use domain::voucher::{
    Basket, Presented, PurchaseVoucher, StepKind, Voucher, VoucherCall, VoucherId, VoucherOutcome,
    VoucherStep, apply_vouchers, net_lines,
};
use jiff::Timestamp;
use store::{
    BatchState, BatchUpdate, Fingerprint, NewVoucher, VoucherBatch, VoucherChanges, VoucherIssue, VoucherRows,
};

use super::{Batch, Stop};
use crate::command::{Answer, MemberReference, Request};
use crate::error::OperationError;
use crate::fingerprint::fingerprint;
use crate::voucher::{
    BatchOrder, BatchPart, StatementAnswer, VoucherAnswer, VoucherCommand, VoucherUseRequest, VoucherView,
    call, statement_reference, terms,
};

/// Vouchers and batches of them as loaded, changed by each command in turn.
#[derive(Default)]
pub(super) struct Shelf {
    vouchers: HashMap<VoucherId, Voucher>,
    batches: HashMap<String, VoucherBatch>,
    last_batch_no: i64,
    issued: HashMap<Code, i64>,
    changed: BTreeSet<VoucherId>,
    changes: VoucherChanges,
}

impl Shelf {
    pub(super) fn new(rows: VoucherRows, vouchers: HashMap<VoucherId, Voucher>) -> Self {
        let VoucherRows { batches, last_batch_no, issued, .. } = rows;
        Self { vouchers, batches, last_batch_no, issued, ..Self::default() }
    }

    pub(super) fn is_unchanged(&self) -> bool {
        self.changed.is_empty() && self.changes.is_empty()
    }

    pub(super) fn take_changes(&mut self) -> VoucherChanges {
        let mut changes = std::mem::take(&mut self.changes);
        let ids = std::mem::take(&mut self.changed);
        changes.changed = ids.iter().filter_map(|id| self.vouchers.get(id).cloned()).collect();
        changes
    }

    fn find(&self, id: VoucherId) -> Result<&Voucher, Stop> {
        self.vouchers.get(&id).ok_or_else(|| refused(VoucherOutcome::Unknown))
    }

    /// Keeps a voucher as changed, and what happened to it; one that a call left as it was is not written.
    fn keep(&mut self, voucher: Voucher, now: Timestamp) {
        if voucher.changed {
            if let Some(before) = self.vouchers.get(&voucher.id) {
                self.changes.steps.extend(voucher.steps_since(before, now));
            }
            self.changed.insert(voucher.id);
            self.vouchers.insert(voucher.id, voucher);
        }
    }
}

impl Batch<'_> {
    pub(super) fn voucher(&mut self, request: &Request, command: &VoucherCommand) -> Result<Answer, Stop> {
        let answer = match command {
            VoucherCommand::OpenBatch(order) => self.open_batch(request, order)?,
            VoucherCommand::AddVouchers(part) => self.add_vouchers(request, part)?,
            VoucherCommand::VoidBatch { reference } => self.void_batch(request, reference)?,
            VoucherCommand::Register { voucher, code, member } => {
                self.register(request, *voucher, code, member)?
            }
            VoucherCommand::Reserve(wanted) => self.take_use(request, wanted, false)?,
            VoucherCommand::Redeem(wanted) => self.take_use(request, wanted, true)?,
            VoucherCommand::Release { voucher, document } => {
                self.change(request, *voucher, Some(document), None, Voucher::release)?
            }
            VoucherCommand::Void { voucher } => {
                self.change(request, *voucher, None, None, |voucher, call| {
                    voucher.declare_void(call);
                    Ok(())
                })?
            }
            VoucherCommand::MakeStatement { account_id, order, code, batch_no } => {
                self.statement(request, *account_id, order, code, *batch_no)?
            }
        };
        Ok(Answer::Voucher(answer))
    }

    /// Changes a copy of a voucher and keeps it, unless it was only a trial.
    fn change(
        &mut self,
        request: &Request,
        id: VoucherId,
        document: Option<&DocumentKey>,
        member: Option<AccountId>,
        change: impl FnOnce(&mut Voucher, &VoucherCall<'_>) -> Result<(), VoucherOutcome>,
    ) -> Result<VoucherAnswer, Stop> {
        let now = self.context(request).now;
        let mut voucher = self.shelf.find(id)?.clone();
        let by =
            VoucherCall { absorbed: self.absorbed(member), ..call(document, member, now, &request.actor) };
        change(&mut voucher, &by).map_err(refused)?;
        let view = VoucherView::new(&voucher, document, now);
        if !request.dry_run {
            self.shelf.keep(voucher, now);
        }
        Ok(VoucherAnswer::Voucher(Box::new(view)))
    }

    fn register(
        &mut self,
        request: &Request,
        id: VoucherId,
        code: &str,
        member: &MemberReference,
    ) -> Result<VoucherAnswer, Stop> {
        // The code first: whoever guesses codes learns nothing of members.
        self.shelf.find(id)?;
        let account_id = self.find(member)?;
        self.change(request, id, None, Some(account_id), |voucher, call| {
            voucher.register(account_id, code, call.now)
        })
    }

    fn take_use(
        &mut self,
        request: &Request,
        wanted: &VoucherUseRequest,
        redeem: bool,
    ) -> Result<VoucherAnswer, Stop> {
        let id = wanted.voucher;
        self.shelf.find(id)?;
        let member = wanted.member.as_ref().map(|member| self.find(member)).transpose()?;
        let now = self.context(request).now;
        let discount = match &wanted.basket {
            None => 0,
            Some(basket) => {
                let absorbed = self.absorbed(member);
                let call =
                    VoucherCall { absorbed, ..call(Some(&wanted.document), member, now, &request.actor) };
                let judged = self.judge(&[id], &basket.basket(), &call, now).pop();
                judged.map_or(Ok(0), |judged| match judged.outcome {
                    VoucherOutcome::Applied => Ok(judged.discount),
                    why => Err(refused(why)),
                })?
            }
        };
        let holder = self.holder(id)?;
        let until = Voucher::reservation_end(now, wanted.minutes);
        self.change(request, id, Some(&wanted.document), member, |voucher, call| {
            if redeem {
                voucher.redeem(call, holder, now, discount)
            } else {
                voucher.reserve(call, holder, until)
            }
        })
    }

    /// The accounts that were merged into a member's.
    fn absorbed(&self, member: Option<AccountId>) -> &[Absorbed] {
        member.and_then(|id| self.states.get(&id)).map_or(&[], |state| &state.absorbed)
    }

    fn holder(&self, id: VoucherId) -> Result<Holder, Stop> {
        let voucher = self.shelf.find(id)?;
        let missing = || OperationError::Internal(format!("voucher {id} has no template"));
        Ok(terms(self.programmes, voucher).ok_or_else(missing)?.template.holder)
    }

    fn judge(
        &self,
        ids: &[VoucherId],
        basket: &Basket<'_>,
        call: &VoucherCall<'_>,
        valid_at: Timestamp,
    ) -> Vec<PurchaseVoucher> {
        let known = |id: &VoucherId| -> Option<(&Voucher, &CompiledVoucher)> {
            let voucher = self.shelf.vouchers.get(id)?;
            Some((voucher, terms(self.programmes, voucher)?))
        };
        let presented: Vec<Presented<'_>> =
            ids.iter().map(|id| Presented { id: *id, known: known(id) }).collect();
        apply_vouchers(&presented, basket, call, valid_at)
    }

    /// A purchase as it is paid: what its vouchers take off each line, or why nothing.
    pub(super) fn with_vouchers<'p>(
        &self,
        request: &Request,
        member: Option<AccountId>,
        purchase: &'p Purchase,
    ) -> Cow<'p, Purchase> {
        if purchase.vouchers.is_empty() {
            return Cow::Borrowed(purchase);
        }
        let ids: Vec<VoucherId> = purchase.vouchers.iter().map(|voucher| voucher.voucher).collect();
        let basket = Basket {
            lines: &purchase.lines,
            channel: purchase.channel.as_deref(),
            store: purchase.store.as_deref(),
        };
        let absorbed = self.absorbed(member);
        let call = call(Some(&purchase.key), member, self.context(request).now, &request.actor);
        let call = VoucherCall { absorbed, ..call };
        let mut vouchers = self.judge(&ids, &basket, &call, purchase.occurred_at);
        let lines = net_lines(&purchase.lines, &mut vouchers);
        Cow::Owned(Purchase { lines, vouchers, ..purchase.clone() })
    }

    /// Spends what a recorded purchase used, and frees what it held in vain.
    pub(super) fn redeem_in(&mut self, request: &Request, entry: EntryId) -> Result<(), Stop> {
        let now = self.context(request).now;
        let Some(entry) = self.entries.get(&entry).cloned() else { return Ok(()) };
        let Fact::PurchaseRecorded { purchase, .. } = &entry.fact else { return Ok(()) };
        // The second naming of a voucher would give back what the first one uses.
        let named_once = |used: &&PurchaseVoucher| used.outcome != VoucherOutcome::PresentedTwice;
        for used in purchase.vouchers.iter().filter(named_once) {
            let Some(mut voucher) = self.shelf.vouchers.get(&used.voucher).cloned() else { continue };
            let member = Some(entry.id.account_id);
            let absorbed = self.absorbed(member);
            let call = VoucherCall { absorbed, ..call(Some(&purchase.key), member, now, &request.actor) };
            if used.applied() {
                let holder = self.holder(used.voucher)?;
                let redeemed = voucher.redeem(&call, holder, purchase.occurred_at, used.discount);
                redeemed.map_err(|why| OperationError::Internal(format!("{}: {why}", used.voucher)))?;
            } else if voucher.release(&call).is_err() {
                continue;
            }
            self.shelf.keep(voucher, now);
        }
        Ok(())
    }

    /// Gives the vouchers of a purchase back once all of it has come back (TS-23).
    pub(super) fn restore_in(
        &mut self,
        request: &Request,
        purchase: &Purchase,
        progress: &ReturnProgress,
        member: AccountId,
    ) {
        // A line that cost nothing is back once it was named.
        let returned =
            |number: u32| progress.lines.iter().find(|line| line.line == number).map(|line| line.amount);
        let whole =
            purchase.lines.iter().zip(0_u32..).all(|(line, number)| returned(number) == Some(line.amount));
        if !whole {
            return;
        }
        let now = self.context(request).now;
        let call = call(Some(&purchase.key), Some(member), now, &request.actor);
        for used in purchase.vouchers.iter().filter(|used| used.applied()) {
            let Some(mut voucher) = self.shelf.vouchers.get(&used.voucher).cloned() else { continue };
            // It may have been given back by hand before.
            if voucher.release(&call).is_ok() {
                self.shelf.keep(voucher, now);
            }
        }
    }

    fn statement(
        &mut self,
        request: &Request,
        account_id: AccountId,
        order: &StatementOrder,
        code: &str,
        batch_no: i64,
    ) -> Result<VoucherAnswer, Stop> {
        let batch = self.shelf.batches.get(&statement_reference(order.statement, order.made_on));
        if batch.is_none_or(|batch| batch.state != BatchState::Ready) {
            return Err(refused(VoucherOutcome::Void));
        }
        let unknown = || Refusal::Unknown { what: "member".to_owned(), value: account_id.to_string() };
        let mut state = self.states.get(&account_id).ok_or_else(unknown)?.clone();
        let made = make_statement(&mut state, order, &self.context(request))?;
        if !made.entries.is_empty() && !request.dry_run {
            self.keep_state(state);
            self.keep_entries(&made.entries);
            self.pool(request, account_id)?;
            self.shelf.changes.new.extend(made.voucher.iter().map(|voucher| NewVoucher {
                id: voucher.voucher,
                batch_no,
                member: Some(account_id),
                code: Some(code.to_owned()),
                value: Some(voucher.value),
                uses_max: 1,
            }));
            let now = self.context(request).now;
            self.shelf.changes.steps.extend(made.voucher.iter().map(|voucher| VoucherStep {
                voucher: Some(voucher.voucher),
                member: Some(account_id),
                ..VoucherStep::of_batch(StepKind::Issued, batch_no, now)
            }));
        }
        let (points, carried, value) = (made.points, made.carried, made.value);
        Ok(VoucherAnswer::Statement(StatementAnswer { points, carried, value }))
    }

    fn open_batch(&mut self, request: &Request, order: &BatchOrder) -> Result<VoucherAnswer, Stop> {
        let print = fingerprint(order)?;
        let before = self.shelf.batches.get(&order.reference).cloned();
        if let Some(before) = before {
            if order.statement_on.is_some() && before.fingerprint == print {
                return Ok(VoucherAnswer::Batch(Box::new(before)));
            }
            self.abandon(before, print)?;
        }
        let batch = self.new_batch(request, order, print)?;
        if !request.dry_run {
            self.shelf.last_batch_no = batch.batch_no;
            self.shelf.batches.insert(batch.reference.clone(), batch.clone());
            self.shelf.changes.new_batches.push(batch.clone());
        }
        Ok(VoucherAnswer::Batch(Box::new(batch)))
    }

    /// Frees the name of a batch whose writing was interrupted: its codes were never handed out.
    fn abandon(&mut self, batch: VoucherBatch, print: Fingerprint) -> Result<(), Stop> {
        if batch.fingerprint != print {
            let source_name = "voucher batch".to_owned();
            return Err(Refusal::DocumentDiffers { source_name, reference: batch.reference }.into());
        }
        if batch.state != BatchState::Open {
            return Err(Refusal::VoucherBatchIssued { reference: batch.reference }.into());
        }
        self.shelf.changes.batches.push(BatchUpdate {
            batch_no: batch.batch_no,
            before: (batch.issued, batch.state),
            after: (batch.issued, BatchState::Abandoned),
        });
        self.order(batch.template, -batch.quantity, i64::MAX);
        Ok(())
    }

    fn new_batch(
        &mut self,
        request: &Request,
        order: &BatchOrder,
        fingerprint: Fingerprint,
    ) -> Result<VoucherBatch, Stop> {
        let now = self.context(request).now;
        let unknown =
            || Refusal::Unknown { what: "voucher template".to_owned(), value: order.template.to_string() };
        let programme = self.programmes.at(now).ok_or_else(unknown)?;
        let terms = programme.voucher(order.template).ok_or_else(unknown)?;
        let today = domain::calendar::local(now, programme.zone()).date();
        let issued_on = order.statement_on.unwrap_or(today);
        let (valid_from, expires_at) = terms.validity(issued_on, programme.zone()).ok_or_else(unknown)?;
        if let Some(most) = terms.template.issue_max.map(i64::from).filter(|_| order.statement_on.is_none()) {
            let issued = self.shelf.issued.get(&order.template).copied().unwrap_or(0);
            if issued.saturating_add(order.quantity) > most {
                let (template, asked) = (order.template, order.quantity);
                return Err(Refusal::VoucherIssueExceeded { template, asked, issued, most }.into());
            }
            self.order(order.template, order.quantity, most);
        }
        let whole = order.quantity == 0;
        Ok(VoucherBatch {
            batch_no: self.shelf.last_batch_no.saturating_add(1),
            reference: order.reference.clone(),
            fingerprint,
            template: order.template,
            programme_version: programme.version(),
            quantity: order.quantity,
            issued: 0,
            value: order.value,
            valid_from,
            expires_at,
            state: if whole { BatchState::Ready } else { BatchState::Open },
            created_at: now,
            created_by: request.actor.clone(),
        })
    }

    /// Counts vouchers of a template that are ordered, or no longer are.
    fn order(&mut self, template: Code, quantity: i64, issue_max: i64) {
        let sum = self.shelf.issued.entry(template).or_default();
        *sum = sum.saturating_add(quantity);
        let issues = &mut self.shelf.changes.issues;
        match issues.iter_mut().find(|issue| issue.template == template) {
            Some(issue) => {
                issue.quantity = issue.quantity.saturating_add(quantity);
                issue.issue_max = issue.issue_max.min(issue_max);
            }
            None => issues.push(VoucherIssue { template, quantity, issue_max }),
        }
    }

    /// Writes the next part of a batch. Repeated, it is written already.
    fn add_vouchers(&mut self, request: &Request, part: &BatchPart) -> Result<VoucherAnswer, Stop> {
        let now = self.context(request).now;
        let batch =
            self.shelf.batches.get_mut(&part.reference).filter(|batch| batch.batch_no == part.batch_no);
        // Somebody else ordered the same batch again in between.
        let batch = batch.ok_or(OperationError::Changed)?;
        let count = i64::try_from(part.vouchers.len()).unwrap_or(i64::MAX);
        let end = part.first.saturating_add(count);
        if batch.issued >= end {
            return Ok(VoucherAnswer::Batch(Box::new(batch.clone())));
        }
        if batch.state != BatchState::Open || batch.issued != part.first || end > batch.quantity {
            return Err(OperationError::Changed.into());
        }
        let before = (batch.issued, batch.state);
        batch.issued = end;
        if end == batch.quantity {
            batch.state = BatchState::Ready;
        }
        let after = (batch.issued, batch.state);
        let answer = batch.clone();
        let changes = &mut self.shelf.changes;
        changes.batches.push(BatchUpdate { batch_no: part.batch_no, before, after });
        changes.new.extend(part.vouchers.iter().cloned());
        // Before its last part none of it can be used.
        if after.1 == BatchState::Ready {
            changes.steps.push(VoucherStep::of_batch(StepKind::Issued, part.batch_no, now));
        }
        Ok(VoucherAnswer::Batch(Box::new(answer)))
    }

    fn void_batch(&mut self, request: &Request, reference: &str) -> Result<VoucherAnswer, Stop> {
        let now = self.context(request).now;
        let unknown = || Refusal::Unknown { what: "voucher batch".to_owned(), value: reference.to_owned() };
        let batch = self.shelf.batches.get_mut(reference).ok_or_else(unknown)?;
        let before = (batch.issued, batch.state);
        if before.1 == BatchState::Open && !request.dry_run {
            let (template, quantity) = (batch.template, batch.quantity);
            // Its codes were never handed out: what it ordered may be ordered again.
            self.order(template, -quantity, i64::MAX);
        }
        let batch = self.shelf.batches.get_mut(reference).ok_or_else(unknown)?;
        let mut after = batch.clone();
        after.state = BatchState::Void;
        if before.1 != BatchState::Void && !request.dry_run {
            batch.state = BatchState::Void;
            let update =
                BatchUpdate { batch_no: batch.batch_no, before, after: (before.0, BatchState::Void) };
            self.shelf.changes.batches.push(update);
            if before.1 == BatchState::Ready {
                let step = VoucherStep::of_batch(StepKind::Void, after.batch_no, now);
                self.shelf.changes.steps.push(step);
            }
        }
        Ok(VoucherAnswer::Batch(Box::new(after)))
    }
}

fn refused(reason: VoucherOutcome) -> Stop {
    Refusal::Voucher { reason }.into()
}
