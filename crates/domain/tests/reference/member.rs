//! The reference model's member: piles of points, purchases with what came back, and lists of everything given.
//! Balances are summed up from the lists whenever they are asked for.

use std::collections::BTreeMap;

use domain::code::Code;
use domain::document::{Activity, Purchase, Return};
use domain::operation::Adjustment;
use domain::programme::{Basis, Expiry, Shortfall};
use jiff::{Timestamp, ToSpan};

use super::burn::{Held, HoldEnded, Redeemed, Spent};
use super::days::{self, Day, Zone};
use super::rules::{Asked, Grant, Question, expires_at};
use super::tiers::{self, Climb};
use super::{Statement, Version, version_at};

/// Points issued together by one entry, with one payer and one term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pile {
    pub entry: usize,
    pub unit: Code,
    pub funder: Code,
    pub earned_at: Timestamp,
    pub pending_until: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub issued: i64,
    pub left: i64,
    pub held: i64,
    pub spent: i64,
    pub lapsed: i64,
    pub taken_back: i64,
}

/// A purchase, what it was given, and how much of each line came back.
#[derive(Debug, Clone)]
pub struct Bought {
    pub entry: usize,
    pub occurred_at: Timestamp,
    pub day: Day,
    pub purchase: Purchase,
    pub grants: Vec<Grant>,
    pub returned: Vec<i64>,
    /// Which lines came back, in part or for nothing.
    pub came_back: Vec<bool>,
    /// The points that paid, by payment.
    pub spent: Vec<Spent>,
    lapsed_counted: BTreeMap<Code, i64>,
}

#[derive(Debug, Clone)]
pub struct Member {
    pub enrolled_at: Timestamp,
    pub piles: Vec<Pile>,
    pub bought: Vec<Bought>,
    /// Rule, day, points of everything rules gave.
    pub given: Vec<(Code, Day, i64)>,
    /// Unit, day, points of everything earned (more than 0) and taken back (less than 0).
    pub counted: Vec<(Code, Day, i64)>,
    /// Unit and points of everything that became owed (more than 0) or was repaid (less than 0).
    pub owed: Vec<(Code, i64)>,
    pub redeemed: Vec<(Code, i64)>,
    pub holds: Vec<Held>,
    pub holds_ended: Vec<HoldEnded>,
    pub redemptions: Vec<Redeemed>,
    pub climbs: Vec<Climb>,
    pub entries: usize,
    pub recorded_at: Timestamp,
    pub last_active_at: Timestamp,
}

type Left<'a> = &'a dyn Fn(Code) -> Option<i64>;

impl Member {
    fn new(enrolled_at: Timestamp) -> Self {
        Self {
            enrolled_at,
            piles: Vec::new(),
            bought: Vec::new(),
            given: Vec::new(),
            counted: Vec::new(),
            owed: Vec::new(),
            redeemed: Vec::new(),
            holds: Vec::new(),
            holds_ended: Vec::new(),
            redemptions: Vec::new(),
            climbs: Vec::new(),
            entries: 0,
            recorded_at: Timestamp::MIN,
            last_active_at: enrolled_at,
        }
    }

    /// Available, pending, debt, earned, redeemed, expired, held of a unit.
    pub fn balance(&self, unit: Code) -> [i64; 7] {
        let mut sums = [0; 7];
        for pile in self.piles.iter().filter(|pile| pile.unit == unit) {
            sums[usize::from(pile.pending_until.is_some())] += pile.left;
            sums[5] += pile.lapsed;
            sums[6] += pile.held;
        }
        sums[2] = self.owed.iter().filter(|(code, _)| *code == unit).map(|(_, points)| points).sum();
        sums[3] = self
            .counted
            .iter()
            .filter(|(code, _, points)| *code == unit && *points > 0)
            .map(|(_, _, points)| points)
            .sum();
        sums[4] = self.redeemed.iter().filter(|(code, _)| *code == unit).map(|(_, points)| points).sum();
        sums
    }

    /// When the next entry is recorded: at the clock's time, or just after the entry before.
    pub fn clock(&self, now: Timestamp) -> Timestamp {
        now.max(self.recorded_at.checked_add(1.microsecond()).expect("in range"))
    }

    pub fn state(
        &mut self,
        event: &'static str,
        versions: &[Version],
        zone: &Zone,
        occurred_at: Timestamp,
        now: Timestamp,
    ) -> Statement {
        self.recorded_at = self.clock(now);
        self.entries += 1;
        let mut units: Vec<Code> = self.piles.iter().map(|pile| pile.unit).collect();
        units.extend(self.owed.iter().map(|(unit, _)| *unit));
        let version = version_at(versions, occurred_at);
        let mut positions = Vec::new();
        for ladder in version.map_or(&[][..], |version| &version.programme.ladders) {
            let Some(climb) = self.climbs.iter().find(|climb| climb.ladder == ladder.code) else { continue };
            let next = tiers::next(ladder, tiers::position(ladder, climb.tier()));
            let counts = tiers::qualifying(self, zone, ladder, zone.day_of(occurred_at));
            positions.push((ladder.code, climb.tier(), counts, next, climb.review_at));
        }
        Statement {
            event,
            occurred_at,
            recorded_at: self.recorded_at,
            version: version.map_or(0, |version| version.number),
            balances: units
                .into_iter()
                .map(|unit| (unit, self.balance(unit)))
                .filter(|(_, sums)| *sums != [0; 7])
                .collect(),
            tiers: positions,
            given: Vec::new(),
            taken_back: Vec::new(),
        }
    }

    /// When all points of a unit lapse for want of activity, by the programme of the last activity.
    pub fn inactive_at(&self, versions: &[Version], zone: &Zone, unit: Code) -> Option<Timestamp> {
        let version = version_at(versions, self.last_active_at)?;
        let unit = version.programme.units.iter().find(|found| found.code == unit)?;
        let Expiry::InactivityMonths(months) = unit.expiry else { return None };
        let months = i32::try_from(months).expect("months");
        Some(zone.end_of(days::add_months(zone.day_of(self.last_active_at), months)))
    }

    fn due_at(&self, versions: &[Version], zone: &Zone) -> Option<Timestamp> {
        let mut dues: Vec<Timestamp> = self.climbs.iter().filter_map(|climb| climb.review_at).collect();
        dues.extend(self.holds.iter().map(|hold| hold.ends_at));
        for pile in self.piles.iter().filter(|pile| pile.left > 0) {
            dues.extend(pile.pending_until);
            dues.extend(pile.expires_at);
            if pile.pending_until.is_none() {
                dues.extend(self.inactive_at(versions, zone, pile.unit));
            }
        }
        dues.into_iter().min()
    }

    /// Everything that is due by time alone before the next entry can be recorded.
    pub fn pass_time(&mut self, versions: &[Version], zone: &Zone, now: Timestamp) -> Vec<Statement> {
        let mut statements = Vec::new();
        while let Some(due) = self.due_at(versions, zone).filter(|due| *due <= self.clock(now)) {
            if self.release(due) {
                statements.push(self.state("points_released", versions, zone, due, now));
            }
            if self.lapse(versions, zone, due) {
                statements.push(self.state("points_expired", versions, zone, due, now));
            }
            statements.extend(self.time_out(versions, zone, due, now));
            for position in 0..self.climbs.len() {
                if self.climbs[position].review_at.is_some_and(|at| at <= due) {
                    self.review(versions, zone, position, due);
                    statements.push(self.state("tiers_reviewed", versions, zone, due, now));
                }
            }
        }
        statements
    }

    fn release(&mut self, due: Timestamp) -> bool {
        let mut any = false;
        for position in 0..self.piles.len() {
            let pile = &mut self.piles[position];
            if pile.left > 0 && pile.pending_until.is_some_and(|until| until <= due) {
                pile.pending_until = None;
                let unit = pile.unit;
                self.repay(unit, due);
                any = true;
            }
        }
        any
    }

    fn lapse(&mut self, versions: &[Version], zone: &Zone, due: Timestamp) -> bool {
        let mut any = false;
        for position in 0..self.piles.len() {
            let pile = &self.piles[position];
            let inactive = pile.pending_until.is_none()
                && self.inactive_at(versions, zone, pile.unit).is_some_and(|end| end <= due);
            if pile.left > 0 && (inactive || pile.expires_at.is_some_and(|end| end <= due)) {
                let pile = &mut self.piles[position];
                pile.lapsed += pile.left;
                pile.left = 0;
                any = true;
            }
        }
        any
    }

    fn review(&mut self, versions: &[Version], zone: &Zone, position: usize, due: Timestamp) {
        let code = self.climbs[position].ladder;
        let version = version_at(versions, due).expect("a programme");
        let ladder = version.programme.ladders.iter().find(|ladder| ladder.code == code).expect("a ladder");
        let held = tiers::position(ladder, self.climbs[position].tier());
        let on = zone.day_of(due);
        let amount = if let Basis::UnitBalance(unit) = ladder.basis {
            let deduction = ladder.tiers[held].deduction.min(self.balance(unit)[0]);
            self.spend(unit, deduction, due);
            tiers::qualifying(self, zone, ladder, on)
        } else {
            tiers::qualifying_at_review(self, zone, ladder, on)
        };
        let mut reached = tiers::reached(ladder, amount);
        if ladder.review.soft_landing && reached + 1 < held {
            reached = held - 1;
        }
        self.place(ladder, reached, due, zone);
    }

    fn place(&mut self, ladder: &domain::programme::Ladder, reached: usize, at: Timestamp, zone: &Zone) {
        let tier = ladder.tiers[reached].code;
        let review_at = tiers::review_at(ladder, zone, at, zone.day_of(self.enrolled_at));
        match self.climbs.iter_mut().find(|climb| climb.ladder == ladder.code) {
            None => self.climbs.push(Climb { ladder: ladder.code, steps: vec![(at, tier)], review_at }),
            Some(climb) => {
                climb.review_at = review_at;
                if climb.tier() != tier {
                    let since = climb.steps.last().expect("a tier").0;
                    climb.steps.push((at.max(since), tier));
                }
            }
        }
    }

    fn climb(&mut self, version: &Version, zone: &Zone, at: Timestamp) {
        for ladder in &version.programme.ladders {
            let amount = tiers::qualifying(self, zone, ladder, zone.day_of(at));
            let reached = tiers::reached(ladder, amount);
            let held = self.climbs.iter().find(|climb| climb.ladder == ladder.code);
            if held.is_none_or(|climb| reached > tiers::position(ladder, climb.tier())) {
                self.place(ladder, reached, at, zone);
            }
        }
    }

    /// Takes from the piles that can be spent at an instant, soonest end first; returns what was taken of which.
    pub fn take(&mut self, unit: Code, amount: i64, at: Timestamp) -> Vec<(usize, i64)> {
        let mut taken = Vec::new();
        let mut wanted = amount;
        while wanted > 0 {
            let mut best: Option<usize> = None;
            for (position, pile) in self.piles.iter().enumerate() {
                let spendable = pile.unit == unit
                    && pile.left > 0
                    && pile.pending_until.is_none()
                    && pile.expires_at.is_none_or(|end| at < end);
                let order = |pile: &Pile| (pile.expires_at.unwrap_or(Timestamp::MAX), pile.earned_at);
                if spendable && best.is_none_or(|best| order(pile) < order(&self.piles[best])) {
                    best = Some(position);
                }
            }
            let Some(position) = best else { break };
            let part = wanted.min(self.piles[position].left);
            self.piles[position].left -= part;
            wanted -= part;
            taken.push((position, part));
        }
        taken
    }

    fn spend(&mut self, unit: Code, amount: i64, at: Timestamp) {
        for (position, part) in self.take(unit, amount, at) {
            self.piles[position].spent += part;
        }
    }

    pub fn repay(&mut self, unit: Code, at: Timestamp) {
        let [available, _, debt, ..] = self.balance(unit);
        for (position, part) in self.take(unit, debt.min(available), at) {
            self.piles[position].taken_back += part;
            self.owed.push((unit, -part));
        }
    }

    fn receive(&mut self, grants: &[Grant], occurred_at: Timestamp, day: Day, at: Timestamp) {
        for grant in grants {
            for (funder, points) in &grant.funding {
                self.issue(
                    (grant.unit, *funder),
                    *points,
                    occurred_at,
                    grant.pending_until,
                    grant.expires_at,
                );
            }
            self.repay(grant.unit, at);
            self.given.push((grant.rule, day, grant.points));
            self.counted.push((grant.unit, day, grant.points));
        }
    }

    pub fn issue(
        &mut self,
        (unit, funder): (Code, Code),
        points: i64,
        earned_at: Timestamp,
        pending_until: Option<Timestamp>,
        expires_at: Option<Timestamp>,
    ) {
        let entry = self.entries + 1;
        let same = |pile: &&mut Pile| {
            pile.entry == entry
                && (pile.unit, pile.funder) == (unit, funder)
                && (pile.pending_until, pile.expires_at) == (pending_until, expires_at)
        };
        match self.piles.iter_mut().find(same) {
            Some(pile) => {
                pile.issued += points;
                pile.left += points;
            }
            None => self.piles.push(Pile {
                entry,
                unit,
                funder,
                earned_at,
                pending_until,
                expires_at,
                issued: points,
                left: points,
                held: 0,
                spent: 0,
                lapsed: 0,
                taken_back: 0,
            }),
        }
    }

    fn question<'a>(
        &'a self,
        version: &'a Version,
        zone: &'a Zone,
        asked: Asked<'a>,
        occurred_at: Timestamp,
        recorded_at: Timestamp,
        budget_left: Left<'a>,
    ) -> Question<'a> {
        let day = zone.day_of(occurred_at);
        let mut shopped: Vec<Day> = self.bought.iter().map(|bought| bought.day).collect();
        shopped.push(day);
        shopped.retain(|other| (other.0, other.1) == (day.0, day.1));
        shopped.sort_unstable();
        shopped.dedup();
        let is_purchase = matches!(asked, Asked::Purchase(_));
        Question {
            programme: &version.programme,
            zone,
            asked,
            day,
            recorded_at,
            tiers: self.climbs.iter().map(|climb| climb.tier_at(occurred_at)).collect(),
            purchase_no: if is_purchase { u32::try_from(self.bought.len()).expect("few") + 1 } else { 0 },
            shopping_days: u32::try_from(shopped.len()).expect("few"),
            given_before: &self.given,
            budget_left,
        }
    }

    pub fn enrol(
        versions: &[Version],
        zone: &Zone,
        at: Timestamp,
        now: Timestamp,
        left: Left<'_>,
    ) -> (Self, Vec<Statement>) {
        let mut member = Self::new(at);
        let mut grants = Vec::new();
        if let Some(version) = version_at(versions, at) {
            grants = member.question(version, zone, Asked::Enrolment, at, member.clock(now), left).judge();
            assert!(grants.iter().all(|grant| grant.shares.is_empty()));
            for ladder in &version.programme.ladders {
                member.place(ladder, 0, at, zone);
            }
            member.receive(&grants, at, zone.day_of(at), member.clock(now));
            member.climb(version, zone, at);
        }
        let mut statement = member.state("member_enrolled", versions, zone, at, now);
        statement.given = given(&grants);
        (member, vec![statement])
    }

    /// The version that judges a document, if its business time is acceptable.
    pub fn accept<'a>(
        &self,
        versions: &'a [Version],
        occurred_at: Timestamp,
        now: Timestamp,
    ) -> Result<&'a Version, &'static str> {
        let clock = self.clock(now).as_second();
        if occurred_at.as_second() > clock + 300 {
            return Err("in_future");
        }
        let version = version_at(versions, occurred_at).ok_or("no_programme_in_force")?;
        let days = i64::from(version.programme.policies.lateness_days);
        if clock - occurred_at.as_second() > days * 86_400 {
            return Err("too_late");
        }
        Ok(version)
    }

    pub fn purchase(
        &mut self,
        versions: &[Version],
        zone: &Zone,
        purchase: &Purchase,
        now: Timestamp,
        left: Left<'_>,
    ) -> Result<Vec<Statement>, &'static str> {
        let at = purchase.occurred_at;
        let mut statements = self.pass_time(versions, zone, now);
        let version = self.accept(versions, at, now)?;
        let spent = self.pay(versions, zone, version, purchase, now)?;
        let grants =
            self.question(version, zone, Asked::Purchase(purchase), at, self.clock(now), left).judge();
        let day = zone.day_of(at);
        self.receive(&grants, at, day, self.clock(now));
        self.bought.push(Bought {
            entry: self.entries + 1,
            occurred_at: at,
            day,
            purchase: purchase.clone(),
            returned: vec![0; purchase.lines.len()],
            came_back: vec![false; purchase.lines.len()],
            spent,
            grants: grants.clone(),
            lapsed_counted: BTreeMap::new(),
        });
        self.last_active_at = self.last_active_at.max(at);
        self.climb(version, zone, at);
        let mut statement = self.state("purchase_recorded", versions, zone, at, now);
        statement.given = given(&grants);
        statements.push(statement);
        Ok(statements)
    }

    pub fn activity(
        &mut self,
        versions: &[Version],
        zone: &Zone,
        activity: &Activity,
        now: Timestamp,
        left: Left<'_>,
    ) -> Result<Vec<Statement>, &'static str> {
        let at = activity.occurred_at;
        let mut statements = self.pass_time(versions, zone, now);
        let version = self.accept(versions, at, now)?;
        let grants =
            self.question(version, zone, Asked::Activity(activity), at, self.clock(now), left).judge();
        self.receive(&grants, at, zone.day_of(at), self.clock(now));
        self.last_active_at = self.last_active_at.max(at);
        self.climb(version, zone, at);
        let mut statement = self.state("activity_recorded", versions, zone, at, now);
        statement.given = given(&grants);
        statements.push(statement);
        Ok(statements)
    }

    pub fn adjust(
        &mut self,
        versions: &[Version],
        zone: &Zone,
        adjustment: &Adjustment,
        actor: &str,
        now: Timestamp,
    ) -> Result<Vec<Statement>, &'static str> {
        let at = adjustment.occurred_at;
        let mut statements = self.pass_time(versions, zone, now);
        let version = self.accept(versions, at, now)?;
        let unit = version.programme.units.iter().find(|unit| unit.code == adjustment.unit);
        let Some(unit) = unit else { return Err("unit_unknown") };
        match &adjustment.approved_by {
            Some(approver) if approver == actor => return Err("approver_is_requester"),
            None if adjustment.points.abs() > version.programme.policies.adjustment_approval_above => {
                return Err("approval_needed");
            }
            _ => {}
        }
        let clock = self.clock(now);
        if adjustment.points > 0 {
            let end = expires_at(unit, &version.programme, zone, zone.day_of(at), clock);
            self.issue((unit.code, Code::constant("programme")), adjustment.points, at, None, end);
            self.repay(unit.code, clock);
        } else {
            if -adjustment.points > self.balance(unit.code)[0] {
                return Err("insufficient_points");
            }
            self.spend(unit.code, -adjustment.points, clock);
            if adjustment.reason.as_str() == "redemption" {
                self.redeemed.push((unit.code, -adjustment.points));
            }
        }
        self.climb(version, zone, at);
        statements.push(self.state("points_adjusted", versions, zone, at, now));
        Ok(statements)
    }

    /// What comes back line by line.
    fn asked_back(&self, position: usize, document: &Return) -> Result<Vec<(usize, i64)>, &'static str> {
        let bought = &self.bought[position];
        let left: Vec<i64> = bought
            .purchase
            .lines
            .iter()
            .zip(&bought.returned)
            .map(|(line, back)| line.amount - back)
            .collect();
        if document.lines.is_empty() {
            let open = |(line, amount): &(usize, i64)| *amount != 0 || !bought.came_back[*line];
            let rest: Vec<_> = left.into_iter().enumerate().filter(open).collect();
            return if rest.is_empty() { Err("nothing_to_return") } else { Ok(rest) };
        }
        let mut parts = Vec::new();
        for line in &document.lines {
            let number = usize::try_from(line.line).expect("a number");
            let left = *left.get(number).ok_or("return_line_unknown")?;
            let fits =
                if left > 0 { (1..=left).contains(&line.amount) } else { (left..=-1).contains(&line.amount) };
            let for_nothing =
                line.amount == 0 && bought.purchase.lines[number].amount == 0 && !bought.came_back[number];
            if !fits && !for_nothing {
                return Err("return_exceeds_purchase");
            }
            parts.push((number, line.amount));
        }
        Ok(parts)
    }

    pub fn take_back(
        &mut self,
        versions: &[Version],
        zone: &Zone,
        position: usize,
        document: &Return,
        now: Timestamp,
    ) -> Result<Vec<Statement>, &'static str> {
        let at = document.occurred_at;
        let mut statements = self.pass_time(versions, zone, now);
        if at.as_second() > self.clock(now).as_second() + 300 {
            return Err("in_future");
        }
        let parts = self.asked_back(position, document)?;
        let settling = version_at(versions, at.max(self.bought[position].occurred_at)).expect("a programme");
        let mut before = self.bought[position].returned.clone();
        for (line, amount) in &parts {
            self.bought[position].returned[*line] += amount;
            self.bought[position].came_back[*line] = true;
        }
        let after = self.bought[position].returned.clone();
        let total: i64 = self.bought[position].purchase.lines.iter().map(|line| line.amount).sum();
        let clock = self.clock(now);
        self.refund(versions, zone, position, (after.iter().sum(), total), clock);
        let mut taken_back: Vec<(Code, [i64; 6])> = Vec::new();
        for grant in self.bought[position].grants.clone() {
            let lines = &self.bought[position].purchase.lines;
            let mut due = 0;
            for (line, share) in grant.shares.iter().enumerate() {
                due += part_of(*share, after[line], lines[line].amount)
                    - part_of(*share, before[line], lines[line].amount);
            }
            if due > 0 {
                let parts = self.claw_back(position, &grant, due, settling, self.clock(now));
                match taken_back.iter_mut().find(|(unit, _)| *unit == grant.unit) {
                    None => taken_back.push((grant.unit, parts)),
                    Some((_, sums)) => (0..6).for_each(|column| sums[column] += parts[column]),
                }
                let day = self.bought[position].day;
                self.counted.push((grant.unit, day, -due));
            }
        }
        before.clear();
        self.last_active_at = self.last_active_at.max(at);
        let mut statement = self.state("return_recorded", versions, zone, at, now);
        statement.version = settling.number;
        statement.taken_back = taken_back;
        statements.push(statement);
        Ok(statements)
    }

    /// Due, own lots, lapsed, other lots, debt, written off.
    fn claw_back(
        &mut self,
        position: usize,
        grant: &Grant,
        due: i64,
        settling: &Version,
        at: Timestamp,
    ) -> [i64; 6] {
        let (entry, unit) = (self.bought[position].entry, grant.unit);
        let mut wanted = due;
        for own_funder in [true, false] {
            for pile in self.piles.iter_mut().filter(|pile| pile.entry == entry && pile.unit == unit) {
                if grant.funding.iter().any(|(funder, _)| *funder == pile.funder) == own_funder {
                    let part = wanted.min(pile.left);
                    pile.left -= part;
                    pile.taken_back += part;
                    wanted -= part;
                }
            }
        }
        let own = due - wanted;
        let lapsed_ever: i64 = self
            .piles
            .iter()
            .filter(|pile| pile.entry == entry && pile.unit == unit)
            .map(|pile| pile.lapsed)
            .sum();
        let counted = self.bought[position].lapsed_counted.entry(unit).or_default();
        let lapsed = wanted.min(lapsed_ever - *counted);
        *counted += lapsed;
        wanted -= lapsed;
        let mut others = 0;
        for (position, part) in self.take(unit, wanted, at) {
            self.piles[position].taken_back += part;
            others += part;
        }
        wanted -= others;
        let policies = &settling.programme.policies;
        let room = match (policies.return_shortfall, policies.debt_limits.get(&unit)) {
            (Shortfall::Forgive, _) => 0,
            (Shortfall::Debt, None) => i64::MAX,
            (Shortfall::Debt, Some(limit)) => (limit - self.balance(unit)[2]).max(0),
        };
        let debt = wanted.min(room);
        if debt > 0 {
            self.owed.push((unit, debt));
        }
        [due, own, lapsed, others, debt, wanted - debt]
    }
}

/// The part of a share that belongs to a returned part of a line, whole points only.
fn part_of(share: i64, returned: i64, bought: i64) -> i64 {
    if bought == 0 {
        return 0;
    }
    i64::try_from(i128::from(share) * i128::from(returned) / i128::from(bought)).expect("at most the share")
}

fn given(grants: &[Grant]) -> Vec<(Code, i64, char)> {
    grants.iter().map(|grant| (grant.rule, grant.points, grant.letter)).collect()
}
