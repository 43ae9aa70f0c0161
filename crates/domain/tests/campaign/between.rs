//! Random histories between members: purchases, spending, returns, transfers offered, accepted, declined, withdrawn
//! and left to lapse among five, of whom some turn out to be one person, or two after all. Checked from the entries
//! alone, without asking the decisions (INV-21, INV-35, PT-08).

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::audit::{Audited, audit_account};
use domain::calendar;
use domain::code::Code;
use domain::document::{DocumentKey, Purchase, PurchaseLine, Return};
use domain::ids::{AccountId, EntryId};
use domain::ledger::{AccountState, Entry, Fact, LedgerAccount, Lot, MovedLot, OfferEnd, ReturnProgress};
use domain::money::Currency;
use domain::operation::{self, Adjustment, BudgetLedger, Context, Failure, Gift, PairEntries, Person};
use domain::programme::{CompiledProgramme, Programmes, parse_toml};
use jiff::{Timestamp, ToSpan};

use super::random::Random;

const POINTS: Code = Code::constant("points");
const MEMBERS: usize = 5;
const STEPS: usize = 120;
const SENT_MAX: i64 = 20;
const RECEIVED_MAX: i64 = 25;
const POINTS_AGE_DAYS: i32 = 3;

const PROGRAMME: &str = r#"
code = "shop"
name = { zh = "店", en = "Shop" }
currency = "CNY"
time_zone = "Asia/Shanghai"
[[units]]
code = "points"
name = { zh = "分", en = "Points" }
money_value_minor = "1"
pending = { days = 1 }
expiry = { rolling = { days = 25 } }
[[rules]]
code = "base"
name = { zh = "规", en = "Base" }
unit = "points"
effect = { rate = { points = "1.7", per = "1.00" } }
funders = [{ code = "brand", percent = "33.33" }, { code = "shop", percent = "66.67" }]
[transfers]
units = ["points"]
points_min = 2
sent_per_day_max = 20
received_per_day_max = 25
account_age_days_min = 4
points_age_days_min = 3
acceptance_days = 5
[policies]
adjustment_approval_above = 1_000_000
"#;

/// What happened, over all histories: a campaign in which one of these is rare proves nothing about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    Offered,
    Accepted,
    Ended,
    Lapsed,
    DayFull,
    TooYoung,
    PassedOn,
    DebtRepaid,
    OwedByTheGiver,
    Merged,
    MergeWaited,
    MergedByWayOfAnother,
    Undone,
    ReturnedAfterMerge,
}

/// Each with its floor for a hundred histories.
pub const FLOORS: [(Seen, u64); 14] = [
    (Seen::Offered, 500),
    (Seen::Accepted, 150),
    (Seen::Ended, 100),
    (Seen::Lapsed, 100),
    (Seen::DayFull, 2),
    (Seen::TooYoung, 200),
    (Seen::PassedOn, 8),
    (Seen::DebtRepaid, 8),
    (Seen::OwedByTheGiver, 10),
    (Seen::Merged, 80),
    (Seen::MergeWaited, 15),
    (Seen::MergedByWayOfAnother, 5),
    (Seen::Undone, 40),
    (Seen::ReturnedAfterMerge, 20),
];

pub type Counts = BTreeMap<Seen, u64>;

struct World {
    programmes: Programmes,
    states: Vec<AccountState>,
    entries: Vec<Vec<Entry>>,
    returns: BTreeMap<EntryId, ReturnProgress>,
    now: Timestamp,
    counts: Counts,
}

/// Runs one history; the message says what did not hold.
pub fn run(seed: u64) -> Result<Counts, String> {
    let mut random = Random::new(seed ^ 0x6265_7477_6565_6e00);
    let mut world = World::new();
    for step in 0..STEPS {
        world.pass(&mut random);
        world.act(&mut random, step).map_err(|message| format!("step {step}: {message}"))?;
    }
    world.check()?;
    Ok(world.counts)
}

impl World {
    fn new() -> Self {
        let now: Timestamp = "2028-02-10T04:00:00Z".parse().expect("an instant");
        let from = now.checked_sub(2_400.hours()).expect("in range");
        let compiled = CompiledProgramme::compile(parse_toml(PROGRAMME).expect("sound"), 1, from);
        let programmes = Programmes::new(vec![Arc::new(compiled.expect("sound"))]);
        let mut world = Self {
            programmes,
            states: Vec::new(),
            entries: Vec::new(),
            returns: BTreeMap::new(),
            now,
            counts: Counts::new(),
        };
        for number in 1..=MEMBERS {
            let id = AccountId::new(i64::try_from(number).expect("small")).expect("an id");
            let context = Context { programmes: &world.programmes, now, actor: "desk" };
            let mut budgets = BudgetLedger::default();
            let enrolled = operation::enrol_member(id, now, &Person::default(), &context, &mut budgets);
            let (state, entries) = enrolled.expect("enrolled");
            world.states.push(state);
            world.entries.push(entries);
        }
        world
    }

    fn see(&mut self, seen: Seen) {
        *self.counts.entry(seen).or_default() += 1;
    }

    fn pass(&mut self, random: &mut Random) {
        let hours = random.pick(&[0_i64, 0, 0, 1, 1, 5, 13, 24, 60, 130]);
        self.now = self.now.checked_add(hours.hours()).expect("in range");
    }

    fn act(&mut self, random: &mut Random, step: usize) -> Result<(), String> {
        let who = self.survivor(random.index(MEMBERS));
        match random.below(23) {
            0..=6 => self.purchase(who, step, random.between(1, 30) * 100),
            7..=8 => self.spend(who, random.between(1, 40)),
            9..=11 => {
                let to = self.survivor(random.index(MEMBERS));
                self.offer(who, to, random.between(1, 20))
            }
            12..=17 => self.answer(random, None),
            18 => self.answer(random, Some(OfferEnd::Declined)),
            19 => self.answer(random, Some(OfferEnd::Withdrawn)),
            20 => self.merge(who, self.survivor(random.index(MEMBERS))),
            21 => self.undo(random),
            _ => self.take_back(random),
        }
    }

    /// Who goes on where a member was merged into another.
    fn survivor(&self, who: usize) -> usize {
        self.states[who].merged_into.map_or(who, |into| self.survivor(place(into)))
    }

    fn context(&self) -> Context<'_> {
        Context { programmes: &self.programmes, now: self.now, actor: "app" }
    }

    fn keep(&mut self, who: usize, state: AccountState, entries: Vec<Entry>) {
        self.states[who] = state;
        self.entries[who].extend(entries);
    }

    fn purchase(&mut self, who: usize, step: usize, amount: i64) -> Result<(), String> {
        let purchase = Purchase {
            key: DocumentKey { source: "till".to_owned(), reference: step.to_string() },
            occurred_at: self.now,
            currency: Currency::new("CNY").expect("a currency"),
            store: None,
            channel: None,
            vouchers: Vec::new(),
            payments: Vec::new(),
            lines: vec![PurchaseLine { amount, quantity_milli: 1_000, ..PurchaseLine::default() }],
        };
        let mut state = self.states[who].clone();
        let owed = state.balance(POINTS).debt;
        let mut budgets = BudgetLedger::default();
        let decided = operation::record_purchase(
            &mut state,
            &Person::default(),
            purchase,
            &self.context(),
            &mut budgets,
        );
        let entries = decided.map_err(|failure| failure.to_string())?;
        if state.balance(POINTS).debt < owed {
            self.see(Seen::DebtRepaid);
        }
        self.keep(who, state, entries);
        Ok(())
    }

    fn spend(&mut self, who: usize, points: i64) -> Result<(), String> {
        let adjustment = Adjustment {
            unit: POINTS,
            points: -points,
            reason: Code::constant("redemption"),
            note: "a reward".to_owned(),
            occurred_at: self.now,
            approved_by: None,
        };
        let mut state = self.states[who].clone();
        match operation::adjust_points(&mut state, adjustment, &self.context()) {
            Ok(entries) => self.keep(who, state, entries),
            Err(Failure::Refused(refusal)) if refusal.code() == "insufficient_points" => {}
            Err(failure) => return Err(failure.to_string()),
        }
        Ok(())
    }

    fn take_back(&mut self, random: &mut Random) -> Result<(), String> {
        let purchases: Vec<(usize, Entry)> = (0..MEMBERS)
            .flat_map(|who| self.entries[who].iter().map(move |entry| (who, entry.clone())))
            .filter(|(_, entry)| matches!(entry.fact, Fact::PurchaseRecorded { .. }))
            .collect();
        if purchases.is_empty() {
            return Ok(());
        }
        let (who, purchase) = purchases[random.index(purchases.len())].clone();
        let Fact::PurchaseRecorded { purchase: bought, .. } = &purchase.fact else { return Ok(()) };
        let reference = format!("{}-back", bought.key.reference);
        let key = DocumentKey { source: "till".to_owned(), reference };
        let document = Return { key, purchase: bought.key.clone(), occurred_at: self.now, lines: Vec::new() };
        let mut state = self.states[who].clone();
        let mut progress = self.returns.get(&purchase.id).cloned().unwrap_or_default();
        match operation::record_return(&mut state, &purchase, &mut progress, document, &self.context()) {
            Ok(entries) => {
                if state.balance(POINTS).debt > self.states[who].balance(POINTS).debt {
                    self.see(Seen::OwedByTheGiver);
                }
                self.returns.insert(purchase.id, progress);
                let before = std::mem::replace(&mut self.states[who], state);
                self.entries[who].extend(entries);
                self.forward(before, Some(purchase.id))?;
            }
            Err(Failure::Refused(refusal)) if refusal.code() == "nothing_to_return" => {}
            Err(failure) => return Err(failure.to_string()),
        }
        Ok(())
    }

    fn pair(
        &mut self,
        (from, to): (usize, usize),
        decide: impl FnOnce(&mut AccountState, &mut AccountState, &Context<'_>) -> Result<PairEntries, Failure>,
    ) -> Result<Option<&'static str>, String> {
        let (mut one, mut other) = (self.states[from].clone(), self.states[to].clone());
        match decide(&mut one, &mut other, &self.context()) {
            Ok((given, got)) => {
                self.keep(from, one, given);
                self.keep(to, other, got);
                Ok(None)
            }
            Err(Failure::Refused(refusal)) => Ok(Some(refusal.code())),
            Err(Failure::LotsNeeded) => Err("lots are there".to_owned()),
        }
    }

    /// What an operation left on a merged account goes on, as far as accounts were merged.
    fn forward(&mut self, mut before: AccountState, of: Option<EntryId>) -> Result<(), String> {
        let mut who = place(before.account_id);
        while let Some(into) = self.states[who].merged_into {
            self.see(Seen::ReturnedAfterMerge);
            let next = self.states[place(into)].clone();
            let refused = self.pair((who, place(into)), |one, other, context| {
                Ok(operation::forward_points(one, other, (&before, of), context)?.unwrap_or_default())
            })?;
            hold!(refused.is_none(), "what comes back goes on: {refused:?}");
            (who, before) = (place(into), next);
        }
        Ok(())
    }

    fn merge(&mut self, absorbed: usize, into: usize) -> Result<(), String> {
        let chain = !self.states[absorbed].absorbed.is_empty();
        let refused = self.pair((absorbed, into), |one, other, context| {
            operation::merge_members(one, other, "one person", context)
        })?;
        match refused {
            None => {
                self.see(Seen::Merged);
                if chain {
                    self.see(Seen::MergedByWayOfAnother);
                }
            }
            Some("merge_waits") => self.see(Seen::MergeWaited),
            Some("field_invalid") if absorbed == into => {}
            Some(code) => return Err(format!("a merge was refused: {code}")),
        }
        Ok(())
    }

    fn undo(&mut self, random: &mut Random) -> Result<(), String> {
        let merged: Vec<(usize, usize)> = (0..MEMBERS)
            .filter_map(|who| Some((who, place(self.states[who].merged_into?))))
            .filter(|(_, into)| self.states[*into].merged_into.is_none())
            .collect();
        if merged.is_empty() {
            return Ok(());
        }
        let pair = merged[random.index(merged.len())];
        let refused =
            self.pair(pair, |one, other, context| operation::undo_merge(one, other, "two persons", context))?;
        hold!(refused.is_none(), "an undoing was refused: {refused:?}");
        self.see(Seen::Undone);
        Ok(())
    }

    fn offer(&mut self, from: usize, to: usize, points: i64) -> Result<(), String> {
        let gift = Gift { unit: POINTS, points };
        match self
            .pair((from, to), |one, other, context| operation::transfer_points(one, other, gift, context))?
        {
            None => self.see(Seen::Offered),
            Some("transfer_limit") => self.see(Seen::DayFull),
            Some("account_too_young" | "too_few_transferable") => self.see(Seen::TooYoung),
            Some("field_invalid" | "transfer_too_small" | "offers_waiting") => {}
            Some(code) => return Err(format!("an offer was refused: {code}")),
        }
        Ok(())
    }

    /// Answers a random offer, open or not.
    fn answer(&mut self, random: &mut Random, end: Option<OfferEnd>) -> Result<(), String> {
        let made = |entry: &Entry| match &entry.fact {
            Fact::TransferOffered { offer, .. } if offer.id == entry.id => Some(offer.clone()),
            _ => None,
        };
        let offers: Vec<_> = self.entries.iter().flatten().filter_map(made).collect();
        if offers.is_empty() {
            return Ok(());
        }
        // Mostly a recent one.
        let back = random.index(offers.len().min(4));
        let offer = offers[offers.len() - 1 - back].clone();
        let pair = (place(offer.from()), place(offer.to));
        let passed_on = self.states[pair.0].lots.iter().any(|lot| lot.origin.is_some() && lot.remaining > 0);
        let refused = match end {
            None => self.pair(pair, |one, other, context| {
                operation::accept_transfer(one, other, offer.id, context)
            })?,
            Some(end) => self.pair(pair, |one, other, context| {
                operation::end_transfer(one, other, (offer.id, end), context)
            })?,
        };
        match (refused, end) {
            (None, None) => {
                self.see(Seen::Accepted);
                if passed_on {
                    self.see(Seen::PassedOn);
                }
            }
            (None, Some(_)) => self.see(Seen::Ended),
            (Some("transfer_not_open"), _) if self.states[pair.0].offers.contains(&offer) => {
                self.see(Seen::Lapsed);
            }
            (Some("transfer_limit"), None) => self.see(Seen::DayFull),
            (Some("transfer_not_open" | "too_few_transferable"), _) => {}
            (Some("account_closed"), _)
                if self.survivor(pair.0) != pair.0 || self.survivor(pair.1) != pair.1 => {}
            (Some(code), _) => return Err(format!("an answer was refused: {code}")),
        }
        Ok(())
    }

    /// Everything that must hold at the end of a history.
    fn check(&self) -> Result<(), String> {
        self.pairs()?;
        self.days()?;
        self.provenance()?;
        self.merges()?;
        for (state, entries) in self.states.iter().zip(&self.entries) {
            let mut state = state.clone();
            state.lots.sort_by_key(|lot| lot.lot_no);
            let findings = audit_account(Audited { state: &state, entries, programmes: &self.programmes });
            hold!(findings.is_empty(), "audit of {}: {findings:?}", state.account_id);
        }
        Ok(())
    }

    fn transfers(&self) -> impl Iterator<Item = (&Entry, &Vec<MovedLot>, EntryId)> {
        self.entries.iter().flatten().filter_map(|entry| match &entry.fact {
            Fact::PointsTransferred { parts, counterpart, .. } => Some((entry, parts, *counterpart)),
            _ => None,
        })
    }

    /// INV-21: what leaves one account arrives in another, the same parts, and both entries say so.
    fn pairs(&self) -> Result<(), String> {
        let mut house = 0;
        for (entry, parts, counterpart) in self.transfers() {
            let other = &self.entries[place(counterpart.account_id)];
            let other = other.iter().find(|other| other.id == counterpart);
            let Some(Fact::PointsTransferred { parts: theirs, counterpart: back, .. }) =
                other.map(|other| &other.fact)
            else {
                return Err(format!("INV-21: {} has no counterpart", entry.id));
            };
            hold!(*back == entry.id && theirs == parts, "INV-21: {} and {counterpart} differ", entry.id);
            hold!(counterpart.account_id != entry.id.account_id, "INV-21: {} is its own friend", entry.id);
            let points: i64 = parts.iter().map(|part| part.points).sum();
            let moved = |side: fn(&domain::ledger::Posting) -> LedgerAccount| -> i64 {
                let through = |posting: &&domain::ledger::Posting| side(posting) == LedgerAccount::Transfer;
                entry.postings.iter().filter(through).map(|posting| posting.amount).sum()
            };
            let (out, into) = (moved(|posting| posting.credit), moved(|posting| posting.debit));
            hold!(
                out == points && into == 0 || into == points && out == 0,
                "INV-21: {} moves other points",
                entry.id
            );
            house += out - into;
        }
        hold!(house == 0, "INV-21: {house} points are on their way for ever");
        Ok(())
    }

    /// INV-35: both entries of a merge say the same; who was merged holds and owes nothing; who goes on has what all of
    /// them bought, less what came back.
    fn merges(&self) -> Result<(), String> {
        for entry in self.entries.iter().flatten() {
            let (Fact::MembersMerged { merge, .. }
            | Fact::PointsForwarded { merge, .. }
            | Fact::MergeUndone { merge, .. }) = &entry.fact
            else {
                continue;
            };
            let other = self.entries[place(merge.counterpart.account_id)].iter();
            let other = other.clone().find(|other| other.id == merge.counterpart);
            let theirs = other.and_then(|other| serde_json::to_string(&other.fact).ok()).unwrap_or_default();
            let ours = serde_json::to_string(&entry.fact).expect("JSON");
            let (ours, theirs) =
                (ours.replace(&merge.counterpart.to_string(), ""), theirs.replace(&entry.id.to_string(), ""));
            hold!(ours == theirs, "INV-35: {} and its counterpart differ: {ours} {theirs}", entry.id);
        }
        for who in 0..MEMBERS {
            let state = &self.states[who];
            let balance = state.balance(POINTS);
            let nothing = balance.available + balance.pending + balance.held + balance.debt == 0;
            hold!(state.merged_into.is_none() || nothing, "INV-35: {} was merged and has {balance:?}", who);
            let (count, spend) = (0..MEMBERS)
                .filter(|one| self.survivor(*one) == who && state.merged_into.is_none())
                .map(|one| self.bought(one))
                .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            let own = state.merged_into.is_some()
                || self.had_guests(who)
                || (i64::from(state.purchase_count), state.spend) == (count, spend);
            hold!(
                own,
                "INV-35: {who} counts {} and {}, not {count} and {spend}",
                state.purchase_count,
                state.spend
            );
        }
        Ok(())
    }

    /// Whether purchases were made for somebody who was taken apart from this member again: they stay where they were
    /// recorded, so that the sums by group no longer tell.
    fn had_guests(&self, who: usize) -> bool {
        self.entries[who].iter().any(|entry| matches!(entry.fact, Fact::MergeUndone { .. }))
    }

    /// Purchases of an account and what was paid for them, less what came back.
    fn bought(&self, who: usize) -> (i64, i64) {
        self.entries[who].iter().fold((0, 0), |(count, spend), entry| match &entry.fact {
            Fact::PurchaseRecorded { purchase, .. } => (count + 1, spend + purchase.total().expect("small")),
            Fact::ReturnRecorded { lines, .. } => {
                (count, spend - lines.iter().map(|line| line.amount).sum::<i64>())
            }
            _ => (count, spend),
        })
    }

    /// The limits of R9.3, counted anew: the day of both sides, the least, the age of the points.
    fn days(&self) -> Result<(), String> {
        let zone = jiff::tz::TimeZone::get("Asia/Shanghai").expect("a zone");
        let day = |at: Timestamp| calendar::day_number(calendar::local(at, &zone).date());
        let mut sums: BTreeMap<(AccountId, bool, i32), i64> = BTreeMap::new();
        for (entry, parts, _) in self.transfers() {
            let today = day(entry.occurred_at);
            let out = entry.postings.iter().any(|posting| posting.credit == LedgerAccount::Transfer);
            let points: i64 = parts.iter().map(|part| part.points).sum();
            hold!(points >= 2, "R9.3: {} moves {points}", entry.id);
            *sums.entry((entry.id.account_id, out, today)).or_default() += points;
            for part in parts {
                let age = today - day(part.earned_at);
                hold!(age >= POINTS_AGE_DAYS, "TS-14: {} moves points {age} days old", entry.id);
            }
        }
        for ((who, out, on), points) in sums {
            let limit = if out { SENT_MAX } else { RECEIVED_MAX };
            hold!(points <= limit, "R9.3: {who} moved {points} on day {on}, sent: {out}");
        }
        Ok(())
    }

    /// PT-08: wherever points are, they are those of the purchase that issued them, with its terms, and no more of them
    /// came in anywhere than left elsewhere.
    fn provenance(&self) -> Result<(), String> {
        type Terms = (EntryId, Code, i32, Timestamp, Option<Timestamp>);
        let terms = |lot: &Lot, id: AccountId| -> Terms {
            (lot.issued_by(id), lot.funder, lot.cohort, lot.earned_at, lot.expires_at)
        };
        let mut issued: BTreeMap<Terms, i64> = BTreeMap::new();
        let (mut came, mut left): (BTreeMap<Terms, i64>, BTreeMap<Terms, i64>) = Default::default();
        for (state, entries) in self.states.iter().zip(&self.entries) {
            for lot in &state.lots {
                let terms = terms(lot, state.account_id);
                let sums = if lot.origin.is_some() { &mut came } else { &mut issued };
                *sums.entry(terms).or_default() += lot.issued;
                let sent = entries.iter().flat_map(|entry| &entry.postings).filter(|posting| {
                    posting.lot_no == lot.lot_no && posting.credit == LedgerAccount::Transfer
                });
                let sent: i64 = sent.map(|posting| posting.amount).sum();
                if sent > 0 {
                    *left.entry(terms).or_default() += sent;
                }
            }
        }
        hold!(came == left, "PT-08: {came:?} came in, {left:?} left");
        hold!(came.keys().all(|terms| issued.contains_key(terms)), "PT-08: points nobody issued: {came:?}");
        Ok(())
    }
}

fn place(id: AccountId) -> usize {
    usize::try_from(id.number() - 1).expect("small")
}

/// PT-08: `members` each give the next one the same points, all the way round; every balance is what it was.
pub fn ring(members: i64, points: i64, rounds: usize) {
    let programme = PROGRAMME.replace("sent_per_day_max = 20", "sent_per_day_max = 1_000_000");
    let programme = programme.replace("received_per_day_max = 25", "received_per_day_max = 1_000_000");
    let mut world = World::new();
    let from = world.now.checked_sub(2_400.hours()).expect("in range");
    let compiled =
        CompiledProgramme::compile(parse_toml(&programme).expect("sound"), 1, from).expect("sound");
    world.programmes = Programmes::new(vec![Arc::new(compiled)]);
    let members = usize::try_from(members).expect("small");
    for who in 0..members {
        world.purchase(who, who, (points + 10) * 100).expect("a purchase");
    }
    world.now = world.now.checked_add((24 * 6).hours()).expect("in range");
    for who in 0..members {
        world.spend(who, 1).expect("time has passed on every account");
    }
    let before: Vec<_> = world.states.iter().map(|state| state.balances.clone()).collect();
    for _ in 0..rounds {
        for who in 0..members {
            let (pair, gift) = ((who, (who + 1) % members), Gift { unit: POINTS, points });
            let refused =
                world.pair(pair, |one, other, context| operation::transfer_points(one, other, gift, context));
            assert_eq!(refused, Ok(None));
            let id = world.entries[who].last().expect("an offer").id;
            let refused =
                world.pair(pair, |one, other, context| operation::accept_transfer(one, other, id, context));
            assert_eq!(refused, Ok(None));
        }
    }
    let after: Vec<_> = world.states.iter().map(|state| state.balances.clone()).collect();
    assert_eq!(before, after, "{members} members, {points} points, {rounds} rounds");
    world.pairs().and_then(|()| world.provenance()).unwrap_or_else(|message| panic!("{message}"));
}
