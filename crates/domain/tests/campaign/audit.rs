//! The auditor: it reads entries and states only, adds postings up by itself, and knows nothing of how decisions are
//! made. Invariants have the numbers of the ledger specification.

use std::collections::BTreeMap;

use domain::code::Code;
use domain::ledger::{AccountState, Entry, Fact, LedgerAccount, TierChangeReason};
use domain::money::AMOUNT_MAX;
use jiff::Timestamp;

/// What the postings of one account add up to.
#[derive(Debug, Clone, Default)]
pub struct Audit {
    sums: BTreeMap<(Code, LedgerAccount), i64>,
    /// By lot: issued, remaining, held, consumed, expired, clawed back.
    lots: BTreeMap<u32, [i64; 6]>,
    last: Option<(u32, Timestamp)>,
    /// Holds an invariant that is wrong, to prove that the campaign reports it.
    pub canary: bool,
    /// Holds, by the entry that made them.
    holds: BTreeMap<u32, HoldAudit>,
    /// By spending entry: points spent, points that came back.
    spent: BTreeMap<u32, (i64, i64)>,
    /// By purchase entry: points given, points due back so far, by unit.
    purchases: BTreeMap<(u32, Code), (i64, i64)>,
}

/// What the entries tell of a hold.
#[derive(Debug, Clone)]
struct HoldAudit {
    left: i64,
    ended: bool,
}

/// What can give points back whose lot has ended, or lets time pass.
fn may_lapse(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::PointsExpired
            | Fact::HoldExpired { .. }
            | Fact::HoldVoided { .. }
            | Fact::HoldCaptured { .. }
            | Fact::PurchaseRecorded { .. }
    )
}

fn is_member(account: LedgerAccount) -> bool {
    use LedgerAccount as A;
    matches!(account, A::MemberAvailable | A::MemberPending | A::MemberHeld | A::MemberDebt)
}

impl Audit {
    /// Audits a new entry. `before` are the lots as they were before the command.
    pub fn entry(&mut self, entry: &Entry, state: &AccountState) -> Result<(), String> {
        let no = entry.id.entry_no;
        let (last_no, last_at) = self.last.unwrap_or((0, Timestamp::MIN));
        hold!(no == last_no + 1, "INV-04: entry {no} follows {last_no}");
        hold!(
            entry.recorded_at > last_at,
            "INV-04: entry {no} is recorded at {} after {last_at}",
            entry.recorded_at
        );
        self.last = Some((no, entry.recorded_at));
        let debts: BTreeMap<Code, i64> = self.debts();
        for posting in &entry.postings {
            hold!(
                posting.amount > 0 && posting.amount <= AMOUNT_MAX,
                "INV-36: entry {no} moves {}",
                posting.amount
            );
            hold!(posting.debit != posting.credit, "INV-01: entry {no} moves points in place");
            let written_off = posting.debit == LedgerAccount::WrittenOff;
            hold!(
                is_member(posting.debit) || is_member(posting.credit) || written_off,
                "INV-09: entry {no} moves house points"
            );
            *self.sums.entry((posting.unit, posting.debit)).or_default() -= posting.amount;
            *self.sums.entry((posting.unit, posting.credit)).or_default() += posting.amount;
            self.lot(entry, state, posting)?;
        }
        self.balances(entry)?;
        self.sources(entry, &debts)?;
        self.hold(entry)?;
        self.refund(entry)?;
        self.purchase(entry)
    }

    /// INV-13: a hold has one end, and gives no more than it reserved.
    fn hold(&mut self, entry: &Entry) -> Result<(), String> {
        let no = entry.id.entry_no;
        let held = |account: LedgerAccount| account == LedgerAccount::MemberHeld;
        let into: i64 = entry.postings.iter().filter(|posting| held(posting.credit)).map(|p| p.amount).sum();
        let out: i64 = entry.postings.iter().filter(|posting| held(posting.debit)).map(|p| p.amount).sum();
        let uses: Vec<(u32, i64, bool)> = match &entry.fact {
            Fact::PointsHeld { hold, .. } => {
                hold!(into == hold.points, "INV-13: entry {no} holds {into} of {}", hold.points);
                self.holds.insert(no, HoldAudit { left: into, ended: false });
                return Ok(());
            }
            Fact::HoldCaptured { hold_no, points, left, released, .. } => {
                vec![(*hold_no, points + released.points, *left == 0)]
            }
            Fact::HoldVoided { hold_no, released, .. } | Fact::HoldExpired { hold_no, released, .. } => {
                vec![(*hold_no, released.points, true)]
            }
            Fact::PurchaseRecorded { spent, .. } => {
                let from = spent.iter().filter_map(|part| Some((part.hold_no?, part)));
                from.map(|(hold_no, part)| (hold_no, part.points + part.released.points, true)).collect()
            }
            _ => Vec::new(),
        };
        hold!(into == 0, "INV-13: entry {no} holds points without a hold");
        let told: i64 = uses.iter().map(|(_, points, _)| points).sum();
        hold!(told == out, "INV-13: entry {no} tells of {told} points out of holds and moves {out}");
        for (hold_no, points, ends) in uses {
            let known = self.holds.get_mut(&hold_no).ok_or(format!("INV-13: entry {no} uses no hold"))?;
            hold!(!known.ended, "INV-13: entry {no} uses hold {hold_no}, which has ended");
            known.left -= points;
            known.ended = ends;
            hold!(known.left >= 0, "INV-13: hold {hold_no} gives more than it reserved");
            hold!(ends == (known.left == 0), "INV-13: hold {hold_no} ends with {} left", known.left);
        }
        Ok(())
    }

    /// INV-17: no more comes back than was spent.
    fn refund(&mut self, entry: &Entry) -> Result<(), String> {
        let no = entry.id.entry_no;
        let amounts = |debits: bool| -> i64 {
            let redeemed = entry.postings.iter().filter(|posting| {
                let account = if debits { posting.debit } else { posting.credit };
                account == LedgerAccount::Redeemed
            });
            redeemed.map(|posting| posting.amount).sum()
        };
        let (spent, back) = (amounts(false), amounts(true));
        if spent > 0 {
            self.spent.insert(no, (spent, 0));
        }
        let (of, told) = match &entry.fact {
            Fact::ReturnRecorded { purchase_entry_no, refunds, .. } => {
                (*purchase_entry_no, refunds.iter().map(|refund| refund.points).sum())
            }
            Fact::RedemptionCancelled { redemption_no, refund, .. } => (*redemption_no, refund.points),
            _ => (0, 0),
        };
        hold!(told == back, "INV-17: entry {no} tells of {told} points back and moves {back}");
        if back > 0 {
            let known =
                self.spent.get_mut(&of).ok_or(format!("INV-17: entry {no} gives back what nothing spent"))?;
            known.1 += back;
            hold!(known.1 <= known.0, "INV-17: {} of {} come back of entry {of}", known.1, known.0);
        }
        Ok(())
    }

    fn debts(&self) -> BTreeMap<Code, i64> {
        let debts = self.sums.iter().filter(|((_, account), _)| *account == LedgerAccount::MemberDebt);
        debts.map(|((unit, _), sum)| (*unit, -sum)).collect()
    }

    fn lot(
        &mut self,
        entry: &Entry,
        state: &AccountState,
        posting: &domain::ledger::Posting,
    ) -> Result<(), String> {
        use LedgerAccount as A;
        let no = entry.id.entry_no;
        if posting.lot_no == 0 {
            let outside = [posting.debit, posting.credit]
                .iter()
                .all(|account| !matches!(account, A::MemberAvailable | A::MemberPending | A::MemberHeld));
            hold!(outside, "INV-08: entry {no} moves points without a lot");
            return Ok(());
        }
        let lot = state.lots.iter().find(|lot| lot.lot_no == posting.lot_no);
        let lot = lot.ok_or_else(|| format!("INV-08: entry {no} names an unknown lot"))?;
        hold!(lot.unit == posting.unit && lot.funder == posting.funder, "INV-08: entry {no} mixes lots");
        if posting.debit == A::MemberAvailable && posting.credit != A::Expired {
            // What time alone decides is decided as of the instant it was due.
            let by_time = entry.fact.by_time_alone();
            let at = if by_time { entry.occurred_at } else { entry.recorded_at };
            let lapsed = lot.expires_at.is_some_and(|end| end <= at);
            hold!(!lapsed, "INV-11: entry {no} takes from lot {} after its end", lot.lot_no);
        }
        if posting.credit == A::Expired {
            let by_time = entry.fact.by_time_alone();
            hold!(
                !by_time || entry.occurred_at <= entry.recorded_at,
                "INV-12: entry {no} lets points lapse early"
            );
            hold!(may_lapse(&entry.fact), "INV-12: entry {no} lets points lapse");
            hold!(
                lot.expires_at.is_none_or(|end| end <= entry.recorded_at),
                "PT-02: lot {} lapses before its end",
                lot.lot_no
            );
        }
        let parts = self.lots.entry(posting.lot_no).or_default();
        match posting.debit {
            A::MemberAvailable | A::MemberPending => parts[1] -= posting.amount,
            A::MemberHeld => parts[2] -= posting.amount,
            A::Redeemed if parts[0] > 0 => parts[3] -= posting.amount,
            _ => parts[0] += posting.amount,
        }
        match posting.credit {
            A::MemberAvailable | A::MemberPending => parts[1] += posting.amount,
            A::MemberHeld => parts[2] += posting.amount,
            A::Redeemed | A::Adjustment | A::TierDeduction | A::Transfer => parts[3] += posting.amount,
            A::Expired => {
                hold!(parts[1] == 0, "INV-12: lot {} lapses in part", posting.lot_no);
                parts[4] += posting.amount;
            }
            _ => parts[5] += posting.amount,
        }
        hold!(parts.iter().all(|part| *part >= 0), "INV-07: lot {} went below nothing", posting.lot_no);
        hold!(parts[0] == parts[1..].iter().sum::<i64>(), "INV-07: lot {} does not add up", posting.lot_no);
        Ok(())
    }

    fn sum(&self, unit: Code, account: LedgerAccount) -> i64 {
        self.sums.get(&(unit, account)).copied().unwrap_or(0)
    }

    /// The standing of the entry against the sums of all postings so far.
    fn balances(&self, entry: &Entry) -> Result<(), String> {
        use LedgerAccount as A;
        let no = entry.id.entry_no;
        let all: i64 = self.sums.values().sum();
        hold!(all == 0, "INV-02: the ledger does not sum to zero after entry {no}");
        for balance in &entry.standing.balances {
            hold!(
                !self.canary || balance.debt == 0,
                "CANARY: nobody ever owes anything, says a wrong invariant"
            );
            let unit = balance.unit;
            let found = [
                balance.available,
                balance.pending,
                balance.held,
                -balance.debt,
                balance.redeemed,
                balance.expired,
            ];
            let summed =
                [A::MemberAvailable, A::MemberPending, A::MemberHeld, A::MemberDebt, A::Redeemed, A::Expired]
                    .map(|account| self.sum(unit, account));
            hold!(found == summed, "INV-05: entry {no} states {found:?} but its postings sum to {summed:?}");
            hold!(
                balance.debt >= 0 && balance.available >= 0 && balance.pending >= 0,
                "INV-14: entry {no} goes below nothing"
            );
            hold!(
                balance.debt == 0 || balance.available == 0,
                "INV-06: debt beside available points after entry {no}"
            );
        }
        Ok(())
    }

    /// Which kinds of entries may create points or debt.
    fn sources(&self, entry: &Entry, debts: &BTreeMap<Code, i64>) -> Result<(), String> {
        let no = entry.id.entry_no;
        for (unit, debt) in self.debts() {
            let grew = debt > debts.get(&unit).copied().unwrap_or(0);
            let is_return = matches!(entry.fact, Fact::ReturnRecorded { .. });
            hold!(!grew || is_return, "INV-14: entry {no} enlarges a debt");
        }
        let adjusted = entry.postings.iter().any(|posting| posting.debit == LedgerAccount::Adjustment);
        hold!(!adjusted || matches!(entry.fact, Fact::PointsAdjusted { .. }), "INV-09: entry {no} adjusts");
        if let Fact::PointsAdjusted { points, .. } = &entry.fact {
            let own = entry.postings.iter().filter(|posting| {
                posting.debit == LedgerAccount::Adjustment
                    || (posting.debit == LedgerAccount::MemberAvailable
                        && posting.credit != LedgerAccount::MemberDebt)
            });
            let moved: i64 = own.map(|posting| posting.amount).sum();
            hold!(moved == points.abs(), "INV-09: entry {no} adjusts {points} and moves {moved}");
        }
        let through = |credit: bool| {
            let side = move |posting: &&domain::ledger::Posting| {
                (if credit { posting.credit } else { posting.debit }) == LedgerAccount::PaidIn
            };
            entry.postings.iter().filter(side).map(|posting| posting.amount).sum::<i64>()
        };
        let paid = match &entry.fact {
            Fact::ToppedUp { top_up, .. } => (top_up.amount, 0),
            Fact::StoredValueRefunded { refund, .. } => (0, refund.amount),
            _ => (0, 0),
        };
        hold!((through(false), through(true)) == paid, "INV-09: entry {no} moves other money than was paid");
        for change in &entry.tier_changes {
            let reviewed = matches!(entry.fact, Fact::TiersReviewed { .. });
            hold!(
                reviewed || !matches!(change.reason, TierChangeReason::Downgrade),
                "INV-27: entry {no} downgrades without a review"
            );
        }
        Ok(())
    }

    /// What rules gave adds up, and what returns take back is what the lines earned.
    fn purchase(&mut self, entry: &Entry) -> Result<(), String> {
        let no = entry.id.entry_no;
        match &entry.fact {
            Fact::PurchaseRecorded { awards, .. }
            | Fact::ActivityRecorded { awards, .. }
            | Fact::MemberEnrolled { awards, .. } => {
                for award in awards {
                    let funded: i64 = award.funding.iter().map(|(_, points)| points).sum();
                    hold!(
                        award.points > 0 && funded == award.points,
                        "INV-25: entry {no} funds {funded} of {}",
                        award.points
                    );
                    let shared: i64 = award.shares.iter().sum();
                    hold!(
                        award.shares.is_empty() || shared == award.points,
                        "INV-25: entry {no} shares {shared} of {}",
                        award.points
                    );
                    self.purchases.entry((no, award.unit)).or_default().0 += award.points;
                }
                let issued: i64 = entry
                    .postings
                    .iter()
                    .filter(|posting| posting.debit == LedgerAccount::Issuer)
                    .map(|posting| posting.amount)
                    .sum();
                let given: i64 = awards.iter().map(|award| award.points).sum();
                hold!(issued == given, "INV-09: entry {no} gives {given} and issues {issued}");
            }
            Fact::ReturnRecorded { purchase_entry_no, clawback, .. } => {
                for part in clawback {
                    let parts = part.own_lots + part.lapsed + part.other_lots + part.debt + part.written_off;
                    hold!(parts == part.due, "INV-16: entry {no} takes {parts} of {}", part.due);
                    let known = self.purchases.entry((*purchase_entry_no, part.unit)).or_default();
                    known.1 += part.due;
                    hold!(known.1 <= known.0, "INV-15: entry {no} takes back more than was earned");
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A purchase that came back whole gave back everything it earned.
    pub fn whole_return(&self, purchase_entry_no: u32) -> Result<(), String> {
        for ((no, unit), (given, due)) in &self.purchases {
            hold!(
                *no != purchase_entry_no || given == due,
                "INV-15: purchase {no} earned {given} {unit} and gave back {due}"
            );
        }
        Ok(())
    }

    /// The state against everything the postings say of its lots.
    pub fn state(&self, state: &AccountState) -> Result<(), String> {
        for lot in &state.lots {
            let found = [lot.issued, lot.remaining, lot.held, lot.consumed, lot.expired, lot.clawed_back];
            let summed = self.lots.get(&lot.lot_no).copied().unwrap_or_default();
            hold!(found == summed, "INV-08: lot {} is {found:?} but its postings say {summed:?}", lot.lot_no);
            let holds = state.holds.iter().flat_map(|open| &open.lots);
            let kept: i64 = holds.filter(|(no, _)| *no == lot.lot_no).map(|(_, points)| points).sum();
            hold!(kept == lot.held, "INV-13: lot {} holds {} and holds keep {kept}", lot.lot_no, lot.held);
        }
        for balance in &state.balances {
            let lots = state.lots.iter().filter(|lot| lot.unit == balance.unit);
            let (mut available, mut pending) = (0, 0);
            for lot in lots {
                if lot.pending_until.is_some() {
                    pending += lot.remaining;
                } else {
                    available += lot.remaining;
                }
            }
            let found = (balance.available, balance.pending);
            hold!(
                found == (available, pending),
                "INV-06: balance {found:?}, lots {:?}",
                (available, pending)
            );
        }
        Ok(())
    }
}
