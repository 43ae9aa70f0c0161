//! One history: a seed draws its options and its commands, both sides carry them out, and everything they say is
//! compared after every step.

use std::collections::BTreeMap;
use std::rc::Rc;

use domain::calendar;
use domain::code::Code;
use domain::document::{Activity, DocumentKey, Payment, Purchase, PurchaseLine, Return, ReturnLine};
use domain::history;
use domain::ledger::{Entry, Fact};
use domain::money::Currency;
use domain::operation::Adjustment;
use domain::programme::{CompiledProgramme, Programme, outcomes};
use jiff::{Timestamp, ToSpan};

use super::audit::Audit;
use super::burn::Asked;
use super::counters::{Counters, Event};
use super::live::{Account, Done, Live};
use super::programmes::{FAMILIES, family};
use super::random::Random;
use super::stored_value::PaidIn;
use crate::reference::{Outcome, Reference, Statement, Version};

pub(super) const MEMBERS: usize = 4;
pub(super) const POINTS: Code = Code::constant("points");

/// What the ledger answered to “as of” questions when it was asked first.
struct AsOf {
    member: usize,
    occurred_by: Timestamp,
    recorded_by: Timestamp,
    sums: history::Sums,
}

pub struct History {
    pub(super) random: Random,
    pub(super) now: Timestamp,
    pub(super) live: Live,
    pub(super) reference: Reference,
    audits: Vec<Audit>,
    family: Rc<Vec<Programme>>,
    published: usize,
    /// The options of this seed.
    jumps_back: bool,
    long_steps: bool,
    keys: u32,
    purchases: Vec<(usize, Purchase)>,
    returns: Vec<Return>,
    activities: Vec<(usize, Activity)>,
    /// A reference that a return named before its purchase came.
    promised: Vec<(usize, DocumentKey)>,
    as_of: Vec<AsOf>,
    pub(super) asked: Asked,
    pub(super) paid_in: PaidIn,
    pub counters: Counters,
    trace: bool,
}

fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// Runs the history of a seed; an error says what differs.
pub fn run(seed: u64, trace: bool, canary: bool) -> Result<Counters, String> {
    let mut history = History::new(seed, trace);
    for audit in &mut history.audits {
        audit.canary = canary;
    }
    history.publish()?;
    for member in 0..MEMBERS {
        history.enrol(member)?;
    }
    // Long enough that the other commands are as many as before spending and stored value joined them.
    let longest = history.random.pick(&[138, 166, 276]);
    let steps = history.random.between(83, longest);
    for step in 0..steps {
        history.step().map_err(|error| format!("step {step} at {}: {error}", history.now))?;
    }
    history.finish()?;
    Ok(history.counters)
}

impl History {
    fn new(seed: u64, trace: bool) -> Self {
        let mut random = Random::new(seed);
        let family = family(random.below(FAMILIES));
        let zone = family[0].time_zone.clone();
        let starts =
            ["2027-11-05T03:00:00Z", "2028-02-27T12:00:00Z", "2023-03-20T00:00:00Z", "2011-12-20T10:00:00Z"];
        let now = instant(random.pick(&starts));
        Self {
            now,
            live: Live::new(MEMBERS, random.once_in(2)),
            reference: Reference::new(&zone, MEMBERS),
            audits: vec![Audit::default(); MEMBERS],
            family,
            published: 0,
            jumps_back: random.once_in(3),
            long_steps: random.once_in(2),
            keys: 0,
            purchases: Vec::new(),
            returns: Vec::new(),
            activities: Vec::new(),
            promised: Vec::new(),
            as_of: Vec::new(),
            asked: Asked::default(),
            paid_in: PaidIn::default(),
            counters: Counters::default(),
            trace,
            random,
        }
    }

    pub(super) fn later(&self, microseconds: i64) -> Timestamp {
        self.now.checked_add(microseconds.microseconds()).expect("in range")
    }

    fn days_ago(&self, days: i64) -> Timestamp {
        self.later(-days * calendar::DAY_SECONDS * 1_000_000)
    }

    /// Publishes the next version, if there is one; says from when on it is in force.
    pub(super) fn publish(&mut self) -> Result<Option<Timestamp>, String> {
        let Some(programme) = self.family.get(self.published).cloned() else { return Ok(None) };
        self.published += 1;
        let number = u32::try_from(self.published).expect("few");
        // The first one reaches back, so that late documents find a programme.
        let effective_at = if self.published == 1 { self.days_ago(500) } else { self.notice() };
        let compiled = CompiledProgramme::compile(programme.clone(), number, effective_at);
        let compiled = compiled.map_err(|findings| format!("{findings:?}"))?;
        self.live.programmes.publish(std::sync::Arc::new(compiled));
        self.reference.versions.push(Version { number, effective_at, programme });
        Ok(Some(effective_at))
    }

    /// Half a day after everything recorded so far: a version never takes effect in the ledger's past.
    fn notice(&self) -> Timestamp {
        let recorded = self.live.accounts.iter().flatten().map(|account| account.state.last_recorded_at);
        let latest = recorded.chain([self.now]).max().expect("now");
        latest.checked_add(12.hours()).expect("in range")
    }

    fn enrol(&mut self, member: usize) -> Result<(), String> {
        let at = if self.random.once_in(2) {
            self.now
        } else {
            let days = self.random.between(1, 40);
            self.days_ago(days)
        };
        let live = self.live.enrol(member, at, self.now);
        let reference = self.reference.enrol(member, at, self.now);
        self.compare(member, live, reference)
    }

    fn step(&mut self) -> Result<(), String> {
        self.move_clock();
        let member = self.random.index(MEMBERS);
        match self.random.below(138) {
            125.. => self.store_value(member),
            100.. => self.spend(member),
            0..=37 => self.purchase(member),
            38..=44 => self.repeat_document(),
            45..=63 => self.take_back(),
            64..=68 => self.return_early(member),
            69..=74 => self.activity(member),
            75..=85 => self.adjust(member),
            86..=93 => self.pass_time(member),
            94..=95 => (0..MEMBERS).try_for_each(|member| self.pass_time(member)),
            96 => self.publish().map(|_| ()),
            _ => {
                self.ask_as_of(member);
                Ok(())
            }
        }
    }

    fn move_clock(&mut self) {
        let minute = 60_000_000;
        let day = 1_440 * minute;
        match self.random.below(20) {
            0..=4 => self.counters.count(Event::ClockStoodStill),
            5 if self.jumps_back => {
                let back = self.random.pick(&[1, 1_000_000, 90 * minute, 3 * day]);
                self.now = self.later(-back);
                self.counters.count(Event::ClockWentBack);
            }
            5..=9 => {
                let minutes = self.random.between(1, 600);
                self.now = self.later(minutes * minute);
            }
            10..=12 => {
                let days = self.random.between(1, 9);
                self.now = self.later(days * day);
            }
            13 if self.long_steps => {
                let days = self.random.between(20, 200);
                self.now = self.later(days * day);
            }
            13 | 14 => self.now = self.later(1),
            15 => self.move_next_to_a_time_out(),
            _ => self.move_next_to_something_due(),
        }
    }

    /// Right before, at or after the instant at which something is due, or at the edge of a local day.
    fn move_next_to_something_due(&mut self) {
        let member = self.random.index(MEMBERS);
        let account = self.live.accounts[member].as_ref().expect("enrolled");
        let due = account.state.next_due_at.filter(|due| *due > self.now);
        let due = due.filter(|due| self.long_steps || *due < self.later(90 * 86_400_000_000));
        let zone = &self.reference.zone;
        let target = due.unwrap_or_else(|| zone.end_of(zone.day_of(self.now)));
        let shift = self.random.pick(&[-2, -1, -1, 0, 1]);
        let target = target.checked_add(i64::from(shift).microseconds()).expect("in range");
        self.now = self.now.max(target);
    }

    /// Business time of a document: mostly now, sometimes late, rarely out of bounds.
    pub(super) fn business_time(&mut self) -> Timestamp {
        match self.random.below(20) {
            0..=10 => self.now,
            11..=13 => {
                let minutes = self.random.between(1, 1_500);
                self.later(-minutes * 60_000_000)
            }
            14..=16 => {
                let days = self.random.between(1, 12);
                self.days_ago(days)
            }
            17 => {
                let days = self.random.between(13, 380);
                self.days_ago(days)
            }
            18 => self.later(250_000_000),
            _ => {
                let seconds = self.random.pick(&[301, 4_000]);
                self.later(seconds * 1_000_000)
            }
        }
    }

    pub(super) fn key(&mut self, kind: &str) -> DocumentKey {
        self.keys += 1;
        DocumentKey { source: "till".to_owned(), reference: format!("{kind}{}", self.keys) }
    }

    fn draw_purchase(&mut self, key: DocumentKey) -> Purchase {
        let count = self.random.pick(&[1, 1, 1, 2, 2, 3]);
        let mut lines: Vec<PurchaseLine> = (0..count).map(|_| self.draw_line()).collect();
        if self.random.once_in(8) {
            lines.push(PurchaseLine {
                amount: -self.random.between(1, 250),
                quantity_milli: 1_000,
                ..PurchaseLine::default()
            });
        }
        let payments = if self.random.once_in(8) {
            vec![Payment {
                method: "gift_card".to_owned(),
                amount: self.random.between(1, 400),
                ..Payment::default()
            }]
        } else {
            Vec::new()
        };
        Purchase {
            key,
            occurred_at: self.business_time(),
            currency: Currency::new("CNY").expect("a currency"),
            store: None,
            channel: self.random.pick(&[None, Some("app"), Some("web")]).map(str::to_owned),
            vouchers: Vec::new(),
            payments,
            lines,
        }
    }

    fn draw_line(&mut self) -> PurchaseLine {
        let amount = match self.random.below(10) {
            0 => 0,
            1 => self.random.between(1, 700),
            _ => self.random.between(1, 5) * 100,
        };
        PurchaseLine {
            amount,
            tax: amount / 8,
            category: self.random.pick(&["", "room", "room", "food"]).to_owned(),
            quantity_milli: self.random.between(1, 3) * 1_000,
            tags: if self.random.once_in(10) { vec!["tobacco".to_owned()] } else { Vec::new() },
            ..PurchaseLine::default()
        }
    }

    pub(super) fn purchase(&mut self, member: usize) -> Result<(), String> {
        let (member, key) = match self.promised.pop() {
            Some(promised) if self.random.once_in(2) => promised,
            Some(promised) => {
                self.promised.push(promised);
                (member, self.key("p"))
            }
            None => (member, self.key("p")),
        };
        let mut purchase = self.draw_purchase(key);
        self.draw_payment(member, &mut purchase);
        if self.random.once_in(16) {
            self.counters.count(Event::DryRun);
            let trial = self.live.purchase(member, &purchase, self.now, false);
            let mut real = self.live.clone_for_trial(member);
            if trial != real.purchase(member, &purchase, self.now, true) {
                return Err("a trial differs from the real thing".to_owned());
            }
        }
        let late =
            self.live.programmes.version_at(purchase.occurred_at) < self.live.programmes.version_at(self.now);
        let live = self.live.purchase(member, &purchase, self.now, true);
        let reference = self.reference.purchase(member, &purchase, self.now);
        if let Done::Recorded(entries) = &live {
            self.counters.count(Event::Purchase);
            self.counters.count_if(late, Event::LateUnderOldVersion);
            self.counters.count_if(
                entries.iter().any(|entry| matches!(entry.fact, Fact::ReturnRecorded { .. })),
                Event::ReturnBeforePurchase,
            );
            self.purchases.push((member, purchase));
        }
        self.compare(member, live, reference)
    }

    /// The same document again, or another one under the same key.
    fn repeat_document(&mut self) -> Result<(), String> {
        let altered = self.random.once_in(3);
        let kind = self.random.below(4);
        let (member, live, reference) = if kind == 0 && !self.returns.is_empty() {
            let position = self.random.index(self.returns.len());
            let mut document = self.returns[position].clone();
            if altered {
                document.occurred_at = document.occurred_at.checked_add(1.second()).expect("in range");
            }
            let owner = self.purchases.iter().find(|(_, purchase)| purchase.key == document.purchase);
            let member = owner.map_or(0, |(member, _)| *member);
            (member, self.live.take_back(&document, self.now), self.reference.take_back(&document, self.now))
        } else if kind == 1 && !self.activities.is_empty() {
            let position = self.random.index(self.activities.len());
            let (member, mut activity) = self.activities[position].clone();
            activity.count += i64::from(altered);
            (
                member,
                self.live.activity(member, &activity, self.now),
                self.reference.activity(member, &activity, self.now),
            )
        } else if !self.purchases.is_empty() {
            let position = self.random.index(self.purchases.len());
            let (member, mut purchase) = self.purchases[position].clone();
            purchase.lines[0].amount += i64::from(altered);
            (
                member,
                self.live.purchase(member, &purchase, self.now, true),
                self.reference.purchase(member, &purchase, self.now),
            )
        } else {
            return Ok(());
        };
        self.counters.count_if(live == Done::Duplicate, Event::Duplicate);
        self.counters.count_if(live == Done::Refused("document_differs"), Event::AlteredDuplicate);
        self.compare(member, live, reference)
    }

    fn take_back(&mut self) -> Result<(), String> {
        if self.purchases.is_empty() {
            return Ok(());
        }
        let position = self.random.index(self.purchases.len());
        let (member, purchase) = self.purchases[position].clone();
        let named = if self.random.once_in(60) && !self.returns.is_empty() {
            self.returns[self.random.index(self.returns.len())].key.clone()
        } else {
            purchase.key.clone()
        };
        let document = Return {
            key: self.key("b"),
            purchase: named,
            occurred_at: self.business_time(),
            lines: self.draw_return_lines(&purchase),
        };
        self.carry_out_return(member, &document)
    }

    fn draw_return_lines(&mut self, purchase: &Purchase) -> Vec<ReturnLine> {
        if self.random.once_in(4) {
            return Vec::new();
        }
        let mut lines = Vec::new();
        for (number, line) in (0..).zip(&purchase.lines) {
            if line.amount != 0 && (lines.is_empty() || self.random.once_in(3)) {
                let amount = match self.random.below(5) {
                    0 => line.amount,
                    1 => line.amount / 3,
                    2 => line.amount + line.amount.signum(),
                    _ => line.amount.signum() * self.random.between(1, line.amount.abs()),
                };
                lines.push(ReturnLine { line: number, amount });
            }
        }
        if self.random.once_in(30) {
            lines.push(ReturnLine { line: 9, amount: 1 });
        }
        lines
    }

    fn carry_out_return(&mut self, member: usize, document: &Return) -> Result<(), String> {
        let live = self.live.take_back(document, self.now);
        let reference = self.reference.take_back(document, self.now);
        if matches!(live, Done::Recorded(_) | Done::Parked) {
            self.returns.push(document.clone());
        }
        self.counters.count_if(live == Done::Refused("return_exceeds_purchase"), Event::ReturnedTooMuch);
        self.compare(member, live, reference)
    }

    fn return_early(&mut self, member: usize) -> Result<(), String> {
        let purchase = self.key("p");
        if self.promised.len() < 4 {
            self.promised.push((member, purchase.clone()));
        }
        let lines =
            if self.random.once_in(2) { Vec::new() } else { vec![ReturnLine { line: 0, amount: 100 }] };
        let document = Return { key: self.key("b"), purchase, occurred_at: self.now, lines };
        self.carry_out_return(member, &document)
    }

    fn activity(&mut self, member: usize) -> Result<(), String> {
        let activity = Activity {
            key: self.key("a"),
            kind: self.random.pick(&["app_installed", "review", "unknown"]).to_owned(),
            occurred_at: self.business_time(),
            count: self.random.between(1, 3),
        };
        let live = self.live.activity(member, &activity, self.now);
        let reference = self.reference.activity(member, &activity, self.now);
        if matches!(live, Done::Recorded(_)) {
            self.activities.push((member, activity));
        }
        self.compare(member, live, reference)
    }

    fn adjust(&mut self, member: usize) -> Result<(), String> {
        let account = self.live.accounts[member].as_ref().expect("enrolled");
        let available = account.state.balance(POINTS).available;
        let unit = if self.random.once_in(8) { "growth" } else { "points" };
        let points = match self.random.below(8) {
            0 | 1 => self.random.between(1, 8),
            2 if available > 0 => -available,
            3 => -available - 1,
            _ => -self.random.between(1, 5),
        };
        let adjustment = Adjustment {
            unit: if self.random.once_in(40) {
                Code::constant("miles")
            } else {
                Code::new(unit).expect("a code")
            },
            points,
            reason: Code::new(self.random.pick(&["redemption", "redemption", "goodwill"])).expect("a code"),
            note: "seeded".to_owned(),
            occurred_at: self.business_time(),
            approved_by: self
                .random
                .pick(&[None, Some("chief"), Some("chief"), Some("chief"), Some("clerk")])
                .map(str::to_owned),
        };
        let live = self.live.adjust(member, &adjustment, "clerk", self.now);
        let reference = self.reference.adjust(member, &adjustment, "clerk", self.now);
        self.counters.count_if(
            live == Done::Refused("insufficient_points") && self.lapsed_now(member),
            Event::SpendOfExpiredRefused,
        );
        if let Done::Recorded(entries) = &live {
            let expired = entries.iter().any(|entry| matches!(entry.fact, Fact::PointsExpired));
            self.counters.count_if(expired && points < 0, Event::ExpiryRacesSpend);
        }
        self.compare(member, live, reference)
    }

    /// Whether something of a member ends right now.
    fn lapsed_now(&self, member: usize) -> bool {
        let state = &self.live.accounts[member].as_ref().expect("enrolled").state;
        state.lots_due_at.is_some_and(|due| due <= self.now)
    }

    fn pass_time(&mut self, member: usize) -> Result<(), String> {
        let live = self.live.pass_time(member, self.now);
        let reference = self.reference.pass_time(member, self.now);
        self.compare(member, live, reference)
    }

    fn ask_as_of(&mut self, member: usize) {
        let account = self.live.accounts[member].as_ref().expect("enrolled");
        // The ledger's own time: what is recorded later is recorded after it.
        let recorded_by = account.state.last_recorded_at;
        let days = self.random.between(0, 30);
        let occurred_by = self.days_ago(days);
        let sums = history::as_of(&account.entries, POINTS, occurred_by, recorded_by);
        self.as_of.push(AsOf { member, occurred_by, recorded_by, sums });
    }

    /// Compares both sides' answers and, if something was recorded, everything they know of the member.
    pub(super) fn compare(&mut self, member: usize, live: Done, reference: Outcome) -> Result<(), String> {
        if self.trace {
            println!("{} member {member}: {live:?}", self.now);
        }
        match (live, reference) {
            (Done::Duplicate, Outcome::Duplicate) | (Done::Parked, Outcome::Parked) => Ok(()),
            (Done::Refused(live), Outcome::Refused(reference)) if live == reference => {
                self.counters.count_if(live == "too_late", Event::TooLate);
                self.counters.count_if(live == "in_future", Event::InTheFuture);
                Ok(())
            }
            (Done::Recorded(entries), Outcome::Recorded(statements)) => {
                if entries.len() != statements.len() {
                    let found: Vec<_> = entries.iter().map(|entry| self.statement_of(entry)).collect();
                    return Err(format!("the ledger says {found:?}\nthe reference says {statements:?}"));
                }
                for (entry, statement) in entries.iter().zip(&statements) {
                    let found = self.statement_of(entry);
                    if found != *statement {
                        return Err(format!("the ledger says {found:?}\nthe reference says {statement:?}"));
                    }
                }
                self.inspect(member, &entries)
            }
            (live, reference) => Err(format!("the ledger says {live:?}\nthe reference says {reference:?}")),
        }
    }

    fn statement_of(&self, entry: &Entry) -> Statement {
        let balances = entry.standing.balances.iter().map(|balance| {
            (
                balance.unit,
                [
                    balance.available,
                    balance.pending,
                    balance.debt,
                    balance.earned,
                    balance.redeemed,
                    balance.expired,
                    balance.held,
                ],
            )
        });
        let tiers = entry.standing.tiers.iter();
        let (awards, letters) = match &entry.fact {
            Fact::PurchaseRecorded { awards, outcomes, .. }
            | Fact::ActivityRecorded { awards, outcomes, .. }
            | Fact::MemberEnrolled { awards, outcomes, .. } => (awards.as_slice(), outcomes.as_str()),
            _ => (&[][..], ""),
        };
        let programme = self.live.programmes.version(entry.programme_version);
        let letter = |rule: Code| {
            let position = programme?.rules().iter().position(|found| found.code() == rule)?;
            outcomes(letters).nth(position).map(domain::programme::Outcome::letter)
        };
        let clawback = match &entry.fact {
            Fact::ReturnRecorded { clawback, .. } => clawback.as_slice(),
            _ => &[],
        };
        Statement {
            event: entry.fact.event(),
            occurred_at: entry.occurred_at,
            recorded_at: entry.recorded_at,
            version: entry.programme_version,
            balances: balances.filter(|(_, sums)| *sums != [0; 7]).collect(),
            tiers: tiers
                .map(|place| (place.ladder, place.tier, place.qualifying, place.next, place.review_at))
                .collect(),
            given: awards
                .iter()
                .map(|award| (award.rule, award.points, letter(award.rule).unwrap_or('?')))
                .collect(),
            taken_back: clawback
                .iter()
                .map(|part| {
                    (
                        part.unit,
                        [part.due, part.own_lots, part.lapsed, part.other_lots, part.debt, part.written_off],
                    )
                })
                .collect(),
        }
    }

    fn inspect(&mut self, member: usize, entries: &[Entry]) -> Result<(), String> {
        let account = self.live.accounts[member].as_ref().expect("enrolled");
        for entry in entries {
            self.audits[member].entry(entry, &account.state)?;
        }
        self.audits[member].state(&account.state)?;
        self.compare_lots(member, account)?;
        let account = account.clone_light();
        for entry in entries {
            self.count_spending(entry);
            self.count_entry(member, entry, &account);
        }
        Ok(())
    }

    fn compare_lots(&self, member: usize, account: &Account) -> Result<(), String> {
        let piles = &self.reference.members[member].as_ref().expect("enrolled").piles;
        if piles.len() != account.state.lots.len() {
            return Err(format!("{} lots, {} piles", account.state.lots.len(), piles.len()));
        }
        for (lot, pile) in account.state.lots.iter().zip(piles) {
            let same = (lot.unit, lot.funder, lot.earned_at, lot.expires_at)
                == (pile.unit, pile.funder, pile.earned_at, pile.expires_at)
                && (lot.remaining == 0 || lot.pending_until == pile.pending_until)
                && [lot.issued, lot.remaining, lot.held, lot.consumed, lot.expired, lot.clawed_back]
                    == [pile.issued, pile.left, pile.held, pile.spent, pile.lapsed, pile.taken_back]
                && usize::try_from(lot.entry_no) == Ok(pile.entry);
            if !same {
                return Err(format!("INV-10: {lot:?}\nthe reference has {pile:?}"));
            }
        }
        let bought = &self.reference.members[member].as_ref().expect("enrolled").bought;
        if usize::try_from(account.state.purchase_count) != Ok(bought.len()) {
            return Err("the number of purchases differs".to_owned());
        }
        let spend: i64 = bought
            .iter()
            .map(|bought| bought.purchase.total().expect("small") - bought.returned.iter().sum::<i64>())
            .sum();
        if spend != account.state.spend {
            return Err(format!(
                "spend is {}, the purchases less returns sum to {spend}",
                account.state.spend
            ));
        }
        Ok(())
    }

    /// INV-26: no budget is exceeded by anything granted under it.
    fn compare_limits(&self) -> Result<(), String> {
        let mut given: BTreeMap<Code, i64> = BTreeMap::new();
        for (rule, _, points) in self.reference.members.iter().flatten().flat_map(|member| &member.given) {
            *given.entry(*rule).or_default() += points;
        }
        for (rule, spent) in &self.live.spent {
            if given.get(rule) != Some(spent) {
                return Err(format!("INV-26: rule {rule} spent {spent}, {given:?} were given"));
            }
        }
        for (reward, taken) in &self.live.taken {
            let members = self.reference.members.iter().flatten();
            let units: i64 = members.map(|member| member.units_of(*reward)).sum();
            if units != *taken {
                return Err(format!("INV-26: {taken} of {reward} are taken, members have {units}"));
            }
        }
        Ok(())
    }

    /// At the end: the whole history repeats byte for byte, whole returns took back everything, and questions about
    /// the past get the answers they got then.
    fn finish(&mut self) -> Result<(), String> {
        for member in 0..MEMBERS {
            let account = self.live.accounts[member].as_ref().expect("enrolled");
            let repeated = history::rederive(&account.entries, &self.live.programmes)
                .map_err(|error| format!("PT-16: member {member}: {error}"))?;
            let repeated = repeated.expect("an account");
            let json = |state| serde_json::to_string(state).expect("JSON");
            if json(&repeated) != json(&account.state) {
                return Err(format!(
                    "PT-16: member {member}\nrepeated {}\nrecorded {}",
                    json(&repeated),
                    json(&account.state)
                ));
            }
            let lots = |lots: &[domain::ledger::Lot]| serde_json::to_string(lots).expect("JSON");
            if lots(&repeated.lots) != lots(&account.state.lots) {
                return Err(format!("PT-16: the lots of member {member} differ"));
            }
            for bought in &self.reference.members[member].as_ref().expect("enrolled").bought {
                if bought.purchase.lines.iter().zip(&bought.returned).all(|(line, back)| line.amount == *back)
                {
                    self.audits[member].whole_return(u32::try_from(bought.entry).expect("small"))?;
                }
            }
        }
        self.compare_limits()?;
        for asked in &self.as_of {
            let entries = &self.live.accounts[asked.member].as_ref().expect("enrolled").entries;
            if history::as_of(entries, POINTS, asked.occurred_by, asked.recorded_by) != asked.sums {
                return Err("PT-12: an answer about the past changed".to_owned());
            }
        }
        Ok(())
    }
}
