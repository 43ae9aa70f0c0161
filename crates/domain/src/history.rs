//! Looking back: what the ledger knew and when (bitemporal sums), and whether an account's state can be
//! re-derived from its entries. Written for `verify` and for auditors; it shares the decisions, not their results.

use jiff::Timestamp;

use crate::code::Code;
use crate::ledger::{
    AccountState, Award, Entry, Fact, LedgerAccount, Lot, Posting, RedemptionState, ReturnProgress,
};
use crate::operation::{
    self, Adjustment, BudgetLedger, Context, Failure, Person, StatementOrder, adjust_points, advance,
    cancel_redemption, capture_hold, enrol_member, fulfil_redemption, hold_points, make_statement, note_fact,
    record_activity, record_purchase, record_return, redeem_reward, repeat_merge, repeat_transfer, void_hold,
};
use crate::programme::{CompiledRule, Outcome, Programmes};

/// A member's points in one unit as of some moment: net sums over postings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Credits less debits of `member_available`.
    pub available: i64,
    /// Credits less debits of `member_pending`.
    pub pending: i64,
    /// Credits less debits of `member_held`.
    pub held: i64,
    /// Debits less credits of `member_debt`.
    pub debt: i64,
}

impl Sums {
    /// Adds a posting. House accounts are not the member's and leave no trace here.
    pub fn add(&mut self, posting: &Posting) {
        for (account, amount) in [(posting.credit, posting.amount), (posting.debit, -posting.amount)] {
            match account {
                LedgerAccount::MemberAvailable => self.available += amount,
                LedgerAccount::MemberPending => self.pending += amount,
                LedgerAccount::MemberHeld => self.held += amount,
                LedgerAccount::MemberDebt => self.debt -= amount,
                _ => {}
            }
        }
    }
}

/// The sums of a unit over all entries with business time up to `occurred_by` that were recorded up to
/// `recorded_by` (INV-23): asking again later gives the same answer, because nothing recorded ever changes.
pub fn as_of(entries: &[Entry], unit: Code, occurred_by: Timestamp, recorded_by: Timestamp) -> Sums {
    let mut sums = Sums::default();
    entries
        .iter()
        .filter(|entry| entry.occurred_at <= occurred_by && entry.recorded_at <= recorded_by)
        .flat_map(|entry| &entry.postings)
        .filter(|posting| posting.unit == unit)
        .for_each(|posting| sums.add(posting));
    sums
}

/// Rebuilds the amounts of a lot from the postings that name it.
pub fn rebuild_lot(lot: &Lot, entries: &[Entry]) -> Lot {
    let mut rebuilt = Lot {
        issued: 0,
        remaining: 0,
        held: 0,
        consumed: 0,
        expired: 0,
        clawed_back: 0,
        pending_until: lot.pending_until,
        ..lot.clone()
    };
    let postings =
        entries.iter().flat_map(|entry| &entry.postings).filter(|posting| posting.lot_no == lot.lot_no);
    for posting in postings {
        use LedgerAccount as Account;
        match posting.debit {
            Account::MemberAvailable | Account::MemberPending => rebuilt.remaining -= posting.amount,
            Account::MemberHeld => rebuilt.held -= posting.amount,
            // What a lot takes up first issues it; later it gets back what it had given.
            Account::Redeemed if rebuilt.issued > 0 => rebuilt.consumed -= posting.amount,
            _ => rebuilt.issued += posting.amount,
        }
        match posting.credit {
            Account::MemberAvailable | Account::MemberPending => rebuilt.remaining += posting.amount,
            Account::MemberHeld => rebuilt.held += posting.amount,
            Account::Expired => rebuilt.expired += posting.amount,
            Account::Redeemed | Account::Adjustment | Account::TierDeduction | Account::Transfer => {
                rebuilt.consumed += posting.amount;
            }
            Account::Issuer | Account::PaidIn | Account::MemberDebt | Account::WrittenOff => {
                rebuilt.clawed_back += posting.amount;
            }
        }
    }
    rebuilt
}

/// How a repeated history differs from the recorded one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// The decision cannot be repeated.
    #[error("entry {entry_no} cannot be decided again: {reason}")]
    Undecidable {
        /// Number of the entry.
        entry_no: u32,
        /// Why.
        reason: String,
    },
    /// Deciding again gives another entry.
    #[error("entry {entry_no} differs when decided again")]
    Entry {
        /// Number of the entry.
        entry_no: u32,
    },
    /// Deciding again gives fewer entries.
    #[error("entry {entry_no} is recorded but does not follow from the history before it")]
    Unexplained {
        /// Number of the entry.
        entry_no: u32,
    },
}

/// Decides a whole history again from nothing and compares every entry with the recorded one (INV-24, INV-33).
/// Returns the state it leads to, with all lots ever issued.
pub fn rederive(entries: &[Entry], programmes: &Programmes) -> Result<Option<AccountState>, Difference> {
    let Some(first) = entries.first() else { return Ok(None) };
    let mut repeated = Repeated {
        state: AccountState::new(first.id.account_id, first.occurred_at),
        programmes,
        returns: Vec::new(),
        fulfilled: Vec::new(),
    };
    let mut position = 0;
    while let Some(recorded) = entries.get(position) {
        let entry_no = recorded.id.entry_no;
        let decided = repeated
            .decide(recorded, entries)
            .map_err(|failure| Difference::Undecidable { entry_no, reason: failure.to_string() })?;
        if decided.is_empty() {
            return Err(Difference::Unexplained { entry_no });
        }
        for entry in decided {
            if entries.get(position) != Some(&entry) {
                return Err(Difference::Entry { entry_no: entry.id.entry_no });
            }
            position += 1;
        }
    }
    Ok(Some(repeated.state))
}

struct Repeated<'a> {
    state: AccountState,
    programmes: &'a Programmes,
    returns: Vec<(u32, ReturnProgress)>,
    /// Entries of the rewards handed out.
    fulfilled: Vec<u32>,
}

/// What has come back of an entry so far.
fn progress(returns: &mut Vec<(u32, ReturnProgress)>, entry_no: u32) -> &mut ReturnProgress {
    let position = returns.iter().position(|(no, _)| *no == entry_no).unwrap_or_else(|| {
        returns.push((entry_no, ReturnProgress::default()));
        returns.len() - 1
    });
    &mut returns[position].1
}

/// An entry of the account by number; another one, which its decision refuses, where there is none.
fn numbered<'a>(entries: &'a [Entry], number: u32, otherwise: &'a Entry) -> &'a Entry {
    entries.iter().find(|entry| entry.id.entry_no == number).unwrap_or(otherwise)
}

impl Repeated<'_> {
    /// Decides again what led to `recorded`, with what it depended on.
    fn decide(&mut self, recorded: &Entry, entries: &[Entry]) -> Result<Vec<Entry>, Failure> {
        let programmes = self.programmes;
        let context = Context { programmes, now: recorded.recorded_at, actor: &recorded.actor };
        let state = &mut self.state;
        match &recorded.fact {
            Fact::MemberEnrolled { circumstances, awards, outcomes } => {
                let person = Person::Recorded(circumstances.clone());
                let mut budgets = recorded_budgets(programmes, recorded, awards, outcomes);
                let account_id = recorded.id.account_id;
                let (enrolled, decided) =
                    enrol_member(account_id, recorded.occurred_at, &person, &context, &mut budgets)?;
                *state = enrolled;
                Ok(decided)
            }
            Fact::PurchaseRecorded { purchase, circumstances, awards, outcomes, .. } => {
                let person = Person::Recorded(circumstances.clone());
                let mut budgets = recorded_budgets(programmes, recorded, awards, outcomes);
                record_purchase(state, &person, purchase.clone(), &context, &mut budgets)
            }
            Fact::ActivityRecorded { activity, circumstances, awards, outcomes } => {
                let person = Person::Recorded(circumstances.clone());
                let mut budgets = recorded_budgets(programmes, recorded, awards, outcomes);
                record_activity(state, &person, activity.clone(), &context, &mut budgets)
            }
            Fact::ReturnRecorded { document, purchase_entry_no, .. } => {
                let purchase = numbered(entries, *purchase_entry_no, recorded);
                let progress = progress(&mut self.returns, *purchase_entry_no);
                record_return(state, purchase, progress, document.clone(), &context)
            }
            Fact::PointsHeld { hold, .. } => hold_points(state, hold.clone(), &context),
            Fact::HoldCaptured { capture, .. } => capture_hold(state, capture.clone(), &context),
            Fact::HoldVoided { void, .. } => void_hold(state, void.clone(), &context),
            Fact::RewardRedeemed { order, circumstances, .. } => {
                let person = Person::Recorded(circumstances.clone());
                redeem_reward(state, &person, order.clone(), &context, &mut BudgetLedger::default())
            }
            Fact::RedemptionCancelled { cancellation, redemption_no, .. } => {
                let redemption = numbered(entries, *redemption_no, recorded);
                let stands = self.stands(*redemption_no);
                let progress = progress(&mut self.returns, *redemption_no);
                let budgets = &mut BudgetLedger::default();
                let (state, asked) = (&mut self.state, cancellation.clone());
                cancel_redemption(state, redemption, stands, progress, asked, &context, budgets)
            }
            Fact::RedemptionFulfilled { fulfilment, redemption_no } => {
                let redemption = numbered(entries, *redemption_no, recorded);
                let stands = self.stands(*redemption_no);
                self.fulfilled.push(*redemption_no);
                fulfil_redemption(&mut self.state, redemption, stands, fulfilment.clone(), &context)
            }
            Fact::PointsAdjusted { unit, points, reason, note, approved_by } => {
                let adjustment = Adjustment {
                    unit: *unit,
                    points: *points,
                    reason: *reason,
                    note: note.clone(),
                    occurred_at: recorded.occurred_at,
                    approved_by: approved_by.clone(),
                };
                adjust_points(state, adjustment, &context)
            }
            Fact::ToppedUp { top_up, .. } => operation::top_up(state, top_up.clone(), &context),
            Fact::StoredValueRefunded { refund, .. } => {
                operation::refund_stored_value(state, refund.clone(), &context)
            }
            Fact::StatementMade { statement, made_on, voucher, .. } => {
                let order = StatementOrder {
                    statement: *statement,
                    made_on: *made_on,
                    programme_version: recorded.programme_version,
                    voucher: voucher.voucher,
                };
                Ok(make_statement(state, &order, &context)?.entries)
            }
            Fact::TransferOffered { .. } | Fact::PointsTransferred { .. } | Fact::TransferEnded { .. } => {
                repeat_transfer(state, recorded, &context)
            }
            Fact::MembersMerged { .. } | Fact::PointsForwarded { .. } | Fact::MergeUndone { .. } => {
                repeat_merge(state, recorded, &context)
            }
            Fact::HouseholdCreated
            | Fact::HouseholdJoined { .. }
            | Fact::HouseholdMemberChanged { .. }
            | Fact::HouseholdLeft { .. }
            | Fact::PointsPooled { .. } => operation::repeat_household(state, recorded, &context),
            Fact::AudienceEntered { .. } | Fact::AudienceLeft { .. } => {
                let context = Context { now: recorded.occurred_at, ..context };
                operation::repeat_audience(state, &recorded.fact, &context)
            }
            Fact::MemberUpdated { .. } | Fact::ClubChosen { .. } | Fact::IdentifierLinked { .. } => {
                note_fact(state, recorded.fact.clone(), recorded.occurred_at, &context)
            }
            Fact::PointsReleased
            | Fact::PointsExpired
            | Fact::HoldExpired { .. }
            | Fact::TiersReviewed { .. } => repeat_due(state, programmes, recorded.recorded_at),
        }
    }
}

/// What was due at an instant.
fn repeat_due(
    state: &mut AccountState,
    programmes: &Programmes,
    at: jiff::Timestamp,
) -> Result<Vec<Entry>, Failure> {
    let mut decided = Vec::new();
    advance(state, programmes, at, &mut decided)?;
    Ok(decided)
}

impl Repeated<'_> {
    /// How a redemption stands. Whether it was cancelled shows in what has come back of it.
    fn stands(&self, redemption_no: u32) -> RedemptionState {
        let back = self.returns.iter().find(|(no, _)| *no == redemption_no);
        if self.fulfilled.contains(&redemption_no) {
            RedemptionState::Fulfilled
        } else if back.is_some_and(|(_, progress)| !progress.points_back.is_empty()) {
            RedemptionState::Cancelled
        } else {
            RedemptionState::Requested
        }
    }
}

/// Budgets as the recorded decision found them, as far as it shows: empty, just what the rule gave, at least one
/// point (enough to be beaten by a better rule of its group), what the better multiplier gave, or more than was asked
/// for.
fn recorded_budgets(
    programmes: &Programmes,
    recorded: &Entry,
    awards: &[Award],
    letters: &str,
) -> BudgetLedger {
    let Some(programme) = programmes.version(recorded.programme_version) else {
        return BudgetLedger::default();
    };
    let given = |rule: Code| awards.iter().filter(|award| award.rule == rule).map(|award| award.points).sum();
    let left = |(rule, letter): (&CompiledRule, char)| {
        rule.rule.budget.as_ref()?;
        let left = match Outcome::from_letter(letter)? {
            Outcome::BudgetExhausted => 0,
            Outcome::FiredBudget => given(rule.code()),
            Outcome::BeatenInGroup => 1,
            Outcome::BeatenByMultiplier => programme.left_when_beaten(rule, awards),
            _ => i64::MAX,
        };
        Some((rule.code(), left))
    };
    BudgetLedger::new(programme.rules().iter().zip(letters.chars()).filter_map(left).collect())
}
