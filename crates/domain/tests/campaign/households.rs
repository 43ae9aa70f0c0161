//! Random histories of households: four members buy, return, join, leave and spend from two pools, side by side with a
//! model that keeps every point in a list and looks it up the slow way (TS-15). Compared after every step.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::audit::{Audited, audit_account};
use domain::burn::{Capture, HoldRequest, HoldVoid};
use domain::code::Code;
use domain::document::{DocumentKey, Purchase, PurchaseLine, Return};
use domain::ids::{AccountId, EntryId};
use domain::ledger::{AccountState, Entry, Fact, ReturnProgress};
use domain::money::Currency;
use domain::operation::{self, Adjustment, BudgetLedger, Context, Entries, Failure, PairEntries, Person};
use domain::programme::{CompiledProgramme, Programmes, parse_toml};
use jiff::{Timestamp, ToSpan};

use super::random::Random;
use crate::reference::households::{Held, Model};

const POINTS: Code = Code::constant("points");
const MEMBERS: usize = 4;
const HOMES: usize = 2;
const ACCOUNTS: usize = MEMBERS + HOMES;
const MEMBERS_MAX: usize = 3;
const STEPS: usize = 150;
/// Half an hour off the steps of time, so that none ends a hold to the minute.
const HOLD_MINUTES: i64 = 1_470;

const PROGRAMME: &str = r#"
code = "shop"
name = { zh = "店", en = "Shop" }
currency = "CNY"
time_zone = "Asia/Shanghai"
[[units]]
code = "points"
name = { zh = "分", en = "Points" }
money_value_minor = "1"
pending = { days = 2 }
expiry = { rolling = { days = 40 } }
redemption = { value = { points = 1, money = "0.01" }, hold_minutes = 1470 }
[[rules]]
code = "base"
name = { zh = "规", en = "Base" }
unit = "points"
effect = { rate = { points = "1", per = "1.00" } }
[households]
units = ["points"]
members_max = 3
"#;

/// What happened, over all histories: a campaign in which one of these is rare proves nothing about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    Joined,
    Left,
    LeftWithPoints,
    LastTookAll,
    LeftWithPending,
    LeavingWaited,
    HouseholdFull,
    InAnother,
    SpendingChanged,
    Pooled,
    Held,
    Captured,
    SpenderRefused,
    ReturnedFromPool,
    PoolOwes,
    PoolDebtRepaid,
}

/// Each with its floor for a hundred histories.
pub const FLOORS: [(Seen, u64); 16] = [
    (Seen::Joined, 400),
    (Seen::Left, 200),
    (Seen::LeftWithPoints, 60),
    (Seen::LastTookAll, 30),
    (Seen::LeftWithPending, 40),
    (Seen::LeavingWaited, 10),
    (Seen::HouseholdFull, 10),
    (Seen::InAnother, 100),
    (Seen::SpendingChanged, 30),
    (Seen::Pooled, 300),
    (Seen::Held, 100),
    (Seen::Captured, 30),
    (Seen::SpenderRefused, 100),
    (Seen::ReturnedFromPool, 60),
    (Seen::PoolOwes, 20),
    (Seen::PoolDebtRepaid, 10),
];

pub type Counts = BTreeMap<Seen, u64>;

struct World {
    programmes: Programmes,
    states: Vec<AccountState>,
    entries: Vec<Vec<Entry>>,
    returned: Vec<EntryId>,
    /// The last hold of each household, open or not.
    holds: Vec<Option<DocumentKey>>,
    model: Model,
    now: Timestamp,
    counts: Counts,
}

/// Runs one history; the message says what did not hold.
pub fn run(seed: u64) -> Result<Counts, String> {
    let mut random = Random::new(seed ^ 0x686f_7573_6568_6f6c);
    let mut world = World::new();
    for step in 0..STEPS {
        world.pass(&mut random).map_err(|message| format!("step {step}: {message}"))?;
        world.act(&mut random, step).map_err(|message| format!("step {step}: {message}"))?;
        world.compare().map_err(|message| format!("step {step}: {message}"))?;
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
        let context = Context { programmes: &programmes, now, actor: "desk" };
        let (mut states, mut entries) = (Vec::new(), Vec::new());
        for number in 0..ACCOUNTS {
            let opened = if number < MEMBERS {
                let mut budgets = BudgetLedger::default();
                operation::enrol_member(id(number), now, &Person::default(), &context, &mut budgets)
            } else {
                operation::create_household(id(number), &context)
            };
            let (state, first) = opened.expect("opened");
            states.push(state);
            entries.push(first);
        }
        let (returned, holds, counts) = (Vec::new(), vec![None; ACCOUNTS], Counts::new());
        let model = Model::new(MEMBERS, HOMES);
        Self { programmes, states, entries, returned, holds, model, now, counts }
    }

    fn see(&mut self, seen: Seen) {
        *self.counts.entry(seen).or_default() += 1;
    }

    /// Time passes for everybody: members first, because what becomes theirs goes on.
    fn pass(&mut self, random: &mut Random) -> Result<(), String> {
        let hours = random.pick(&[0_i64, 0, 0, 1, 5, 13, 24, 60, 130]);
        self.now = self.now.checked_add(hours.hours()).expect("in range");
        for who in 0..ACCOUNTS {
            let owed = self.owed_by_homes();
            let mut entries = Entries::new();
            let advanced =
                operation::advance(&mut self.states[who], &self.programmes, self.now, &mut entries);
            advanced.map_err(|failure| failure.to_string())?;
            self.entries[who].extend(entries);
            self.pool(who, None)?;
            self.model.pass(who, self.now);
            if self.owed_by_homes() < owed {
                self.see(Seen::PoolDebtRepaid);
            }
        }
        Ok(())
    }

    fn owed_by_homes(&self) -> i64 {
        self.states.iter().skip(MEMBERS).map(|state| state.balance(POINTS).debt).sum()
    }

    fn act(&mut self, random: &mut Random, step: usize) -> Result<(), String> {
        let who = random.index(MEMBERS);
        let home = MEMBERS + random.index(HOMES);
        match random.below(23) {
            0..=5 => self.purchase(who, step, random.between(1, 30)),
            6..=7 => self.take_back(random),
            8..=10 => self.join(who, home, random.once_in(2)),
            11..=12 => self.leave(who, self.states[who].household.map_or(home, place)),
            13 => self.leave(who, home),
            14..=16 => self.hold(random, home, step),
            17..=19 => self.end(home, step, true),
            20 => self.end(home, step, false),
            21 => self.change(who, self.states[who].household.map_or(home, place), random.once_in(2)),
            _ => {
                let whose = random.index(ACCOUNTS);
                self.adjust(whose, random.pick(&[-20, -9, -3, 2, 11]))
            }
        }
    }

    fn decide(
        &mut self,
        who: usize,
        decide: impl FnOnce(&mut AccountState, &Context<'_>) -> Result<Entries, Failure>,
    ) -> Result<Option<&'static str>, String> {
        let mut state = self.states[who].clone();
        let context = Context { programmes: &self.programmes, now: self.now, actor: "till" };
        match decide(&mut state, &context) {
            Ok(entries) => {
                self.states[who] = state;
                self.entries[who].extend(entries);
                Ok(None)
            }
            Err(Failure::Refused(refusal)) => Ok(Some(refusal.code())),
            Err(Failure::LotsNeeded) => Err("lots are there".to_owned()),
        }
    }

    fn pair(
        &mut self,
        (one, other): (usize, usize),
        decide: impl FnOnce(&mut AccountState, &mut AccountState, &Context<'_>) -> Result<PairEntries, Failure>,
    ) -> Result<Option<&'static str>, String> {
        let (mut left, mut right) = (self.states[one].clone(), self.states[other].clone());
        let context = Context { programmes: &self.programmes, now: self.now, actor: "app" };
        match decide(&mut left, &mut right, &context) {
            Ok((of_left, of_right)) => {
                (self.states[one], self.states[other]) = (left, right);
                self.entries[one].extend(of_left);
                self.entries[other].extend(of_right);
                Ok(None)
            }
            Err(Failure::Refused(refusal)) => Ok(Some(refusal.code())),
            Err(Failure::LotsNeeded) => Err("lots are there".to_owned()),
        }
    }

    fn pool(&mut self, who: usize, of: Option<EntryId>) -> Result<(), String> {
        let Some(home) = self.states[who].household.map(place) else { return Ok(()) };
        let before = self.entries[who].len();
        let refused = self.pair((who, home), |one, other, context| {
            Ok(operation::pool_points(one, other, of, context)?.unwrap_or_default())
        })?;
        if self.entries[who].len() > before {
            self.see(Seen::Pooled);
        }
        hold!(refused.is_none(), "what becomes spendable goes on: {refused:?}");
        Ok(())
    }

    fn purchase(&mut self, who: usize, step: usize, yuan: i64) -> Result<(), String> {
        let purchase = Purchase {
            key: key("r", step),
            occurred_at: self.now,
            currency: Currency::new("CNY").expect("a currency"),
            store: None,
            channel: None,
            vouchers: Vec::new(),
            payments: Vec::new(),
            lines: vec![PurchaseLine {
                amount: yuan * 100,
                quantity_milli: 1_000,
                ..PurchaseLine::default()
            }],
        };
        let refused = self.decide(who, |state, context| {
            let mut budgets = BudgetLedger::default();
            operation::record_purchase(state, &Person::default(), purchase, context, &mut budgets)
        })?;
        hold!(refused.is_none(), "a purchase was refused: {refused:?}");
        let entry = self.entries[who].last().expect("a purchase").clone();
        let Fact::PurchaseRecorded { awards, .. } = &entry.fact else { return Err("no purchase".to_owned()) };
        // The terms are those of the receipt; what becomes of the points is what the model is for.
        for award in awards {
            hold!(award.points == yuan, "{yuan} yuan earned {}", award.points);
            let (until, end) = (award.pending_until, award.expires_at);
            self.model.earn(who, entry.id, (self.now, until, end), award.points);
        }
        self.pool(who, None)
    }

    fn take_back(&mut self, random: &mut Random) -> Result<(), String> {
        let bought = |entry: &&Entry| {
            matches!(entry.fact, Fact::PurchaseRecorded { .. }) && !self.returned.contains(&entry.id)
        };
        let purchases: Vec<Entry> = self.entries.iter().flatten().filter(bought).cloned().collect();
        if purchases.is_empty() {
            return Ok(());
        }
        let purchase = purchases[purchases.len() - 1 - random.index(purchases.len().min(12))].clone();
        let Fact::PurchaseRecorded { purchase: bought, awards, .. } = &purchase.fact else { return Ok(()) };
        let who = place(purchase.id.account_id);
        let back = DocumentKey { reference: format!("{}-back", bought.key.reference), ..bought.key.clone() };
        let document =
            Return { key: back, purchase: bought.key.clone(), occurred_at: self.now, lines: Vec::new() };
        let refused = self.decide(who, |state, context| {
            operation::record_return(state, &purchase, &mut ReturnProgress::default(), document, context)
        })?;
        hold!(refused.is_none(), "a return was refused: {refused:?}");
        self.returned.push(purchase.id);
        let home = self.states[who].household;
        let owed = home.map_or(0, |home| self.states[place(home)].balance(POINTS).debt);
        self.pool(who, Some(purchase.id))?;
        let taken = self.model.take_back(who, purchase.id, awards.iter().map(|award| award.points).sum());
        if let Some(home) = home.filter(|_| taken > 0) {
            self.see(Seen::ReturnedFromPool);
            if self.states[place(home)].balance(POINTS).debt > owed {
                self.see(Seen::PoolOwes);
            }
        }
        Ok(())
    }

    fn join(&mut self, who: usize, home: usize, may_spend: bool) -> Result<(), String> {
        let expected = match self.model.household_of(who) {
            Some(_) => Some("in_household"),
            None if self.model.members(home).len() >= MEMBERS_MAX => Some("household_full"),
            None => None,
        };
        let refused = self.pair((who, home), |one, other, context| {
            operation::join_household(one, other, may_spend, context)
        })?;
        hold!(refused == expected, "joining: {refused:?}, not {expected:?}");
        match refused {
            None => {
                self.see(Seen::Joined);
                self.model.join(who, home, may_spend);
            }
            Some("household_full") => self.see(Seen::HouseholdFull),
            Some(_) => self.see(Seen::InAnother),
        }
        Ok(())
    }

    fn change(&mut self, who: usize, home: usize, may_spend: bool) -> Result<(), String> {
        let belongs = self.model.household_of(who) == Some(home);
        let refused = self.decide(home, |state, context| {
            operation::change_household_member(state, (id(who), may_spend), context.now, context)
        })?;
        let expected = if belongs { None } else { Some("not_in_household") };
        hold!(refused == expected, "changing who may spend: {refused:?}, not {expected:?}");
        if self.model.may_spend(who, home) != may_spend && belongs {
            self.see(Seen::SpendingChanged);
        }
        self.model.change(who, home, may_spend);
        Ok(())
    }

    fn leave(&mut self, who: usize, home: usize) -> Result<(), String> {
        let expected = if self.model.household_of(who) != Some(home) {
            Some("not_in_household")
        } else if self.model.is_held(home) {
            Some("household_waits")
        } else {
            None
        };
        let refused = self.pair((who, home), operation::leave_household)?;
        hold!(refused == expected, "leaving: {refused:?}, not {expected:?}");
        match refused {
            None => {
                let last = self.model.members(home).len() == 1;
                let taken = self.model.leave(who, home);
                self.see(Seen::Left);
                let pending = self.states[who].balance(POINTS).pending > 0;
                for (happened, seen) in [
                    (taken > 0, Seen::LeftWithPoints),
                    (taken > 0 && last, Seen::LastTookAll),
                    (pending, Seen::LeftWithPending),
                ] {
                    if happened {
                        self.see(seen);
                    }
                }
            }
            Some("household_waits") => self.see(Seen::LeavingWaited),
            Some(_) => {}
        }
        Ok(())
    }

    fn hold(&mut self, random: &mut Random, home: usize, step: usize) -> Result<(), String> {
        let able: Vec<usize> = (0..MEMBERS).filter(|who| self.model.may_spend(*who, home)).collect();
        let spender = match random.below(8) {
            0 => None,
            1 | 2 => Some(random.index(MEMBERS)),
            _ if able.is_empty() => Some(random.index(MEMBERS)),
            _ => Some(random.pick(&able)),
        };
        let points = random.between(1, 30);
        let expected = match spender {
            None => Some("spender_needed"),
            Some(spender) if !self.model.may_spend(spender, home) => Some("spender_not_allowed"),
            Some(_) if points > self.model.balance(home).0 => Some("insufficient_points"),
            Some(_) => None,
        };
        let hold = HoldRequest {
            key: key("h", step),
            occurred_at: self.now,
            unit: None,
            points,
            minutes: None,
            purpose: None,
            programme_version: None,
            spender: spender.map(id),
        };
        let asked = hold.key.clone();
        let refused = self.decide(home, |state, context| operation::hold_points(state, hold, context))?;
        hold!(refused == expected, "holding: {refused:?}, not {expected:?}");
        match refused {
            None => {
                self.see(Seen::Held);
                let ends_at = self.now.checked_add(HOLD_MINUTES.minutes()).expect("in range");
                self.model.hold(home, Held { key: asked.clone(), ends_at, points: Vec::new() }, points);
                self.holds[home] = Some(asked);
            }
            Some("insufficient_points") => {}
            Some(_) => self.see(Seen::SpenderRefused),
        }
        Ok(())
    }

    /// Captures or voids the last hold of a household, if it is open.
    fn end(&mut self, home: usize, step: usize, capture: bool) -> Result<(), String> {
        let Some(hold) = self.holds[home].clone().filter(|hold| self.model.is_open(home, hold)) else {
            return Ok(());
        };
        let (key, occurred_at, asked) = (key("e", step), self.now, hold.clone());
        let refused = self.decide(home, |state, context| {
            if capture {
                let capture = Capture { key, hold: asked, occurred_at, points: None, release_rest: false };
                operation::capture_hold(state, capture, context)
            } else {
                let void = HoldVoid { key, hold: asked, occurred_at, reason: None };
                operation::void_hold(state, void, context)
            }
        })?;
        hold!(refused.is_none(), "an open hold could not be ended: {refused:?}");
        self.model.end(home, &hold, capture, self.now);
        if capture {
            self.see(Seen::Captured);
        }
        Ok(())
    }

    fn adjust(&mut self, who: usize, points: i64) -> Result<(), String> {
        let adjustment = Adjustment {
            unit: POINTS,
            points,
            reason: Code::constant("goodwill"),
            note: "by hand".to_owned(),
            occurred_at: self.now,
            approved_by: None,
        };
        let expected = (points + self.model.balance(who).0 < 0).then_some("insufficient_points");
        let refused =
            self.decide(who, |state, context| operation::adjust_points(state, adjustment, context))?;
        hold!(refused == expected, "adjusting: {refused:?}, not {expected:?}");
        if refused.is_none() {
            let entry = self.entries[who].last().expect("an adjustment").id;
            let newest = self.states[who].lots.iter().rev().find(|lot| lot.entry_no == entry.entry_no);
            let end = newest.and_then(|lot| lot.expires_at);
            self.model.adjust(who, entry, (self.now, None, end), points);
        }
        self.pool(who, None)
    }

    /// Every balance is the model's, and households and members agree on who belongs where.
    fn compare(&self) -> Result<(), String> {
        for (who, state) in self.states.iter().enumerate() {
            let balance = state.balance(POINTS);
            let ours = (balance.available, balance.pending, balance.held, balance.debt);
            let theirs = self.model.balance(who);
            hold!(ours == theirs, "account {who} has {ours:?}, not {theirs:?}");
            let household = self.model.household_of(who).map(id);
            hold!(state.household == household, "member {who} is in {:?}", state.household);
            if let Some(pool) = &state.pool {
                let ours: Vec<_> =
                    pool.members.iter().map(|member| (place(member.account_id), member.may_spend)).collect();
                hold!(ours == self.model.members(who), "household {who} has {ours:?}");
            }
        }
        Ok(())
    }

    /// At the end: every history repeats from its own entries, and both entries of a pair say the same.
    fn check(&self) -> Result<(), String> {
        for (state, entries) in self.states.iter().zip(&self.entries) {
            let mut state = state.clone();
            state.lots.sort_by_key(|lot| lot.lot_no);
            let findings = audit_account(Audited { state: &state, entries, programmes: &self.programmes });
            hold!(findings.is_empty(), "audit of {}: {findings:?}", state.account_id);
        }
        for entry in self.entries.iter().flatten() {
            let (Fact::HouseholdJoined { membership, .. }
            | Fact::HouseholdLeft { membership, .. }
            | Fact::PointsPooled { membership, .. }) = &entry.fact
            else {
                continue;
            };
            let other = self.entries[place(membership.counterpart.account_id)].iter();
            let other = other.clone().find(|other| other.id == membership.counterpart);
            let theirs = other.and_then(|other| serde_json::to_string(&other.fact).ok()).unwrap_or_default();
            let ours = serde_json::to_string(&entry.fact).expect("JSON");
            let ours = ours.replace(&membership.counterpart.to_string(), "");
            let theirs = theirs.replace(&entry.id.to_string(), "");
            hold!(ours == theirs, "{} and its counterpart differ: {ours} {theirs}", entry.id);
        }
        Ok(())
    }
}

fn key(kind: &str, step: usize) -> DocumentKey {
    DocumentKey { source: "till".to_owned(), reference: format!("{kind}{step}") }
}

fn id(who: usize) -> AccountId {
    AccountId::new(i64::try_from(who + 1).expect("small")).expect("an id")
}

fn place(id: AccountId) -> usize {
    usize::try_from(id.number() - 1).expect("small")
}
