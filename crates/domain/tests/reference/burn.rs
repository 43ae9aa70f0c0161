//! The reference model's spending: holds as lists of piles with amounts, payments with what came back of each, rewards
//! counted anew for every question. Fractions are found by counting, not by dividing.

use domain::burn::{Cancellation, Capture, Fulfilment, HoldRequest, HoldVoid, RewardOrder};
use domain::code::Code;
use domain::document::{DocumentKey, Purchase};
use domain::ledger::CapPeriod;
use domain::programme::{Redemption, ReturnSplit, Reward};
use jiff::{Timestamp, ToSpan};

use super::days::{self, Day, Zone};
use super::member::{Member, Pile};
use super::stored_value;
use super::{Outcome, Reference, Statement, Version, version_at};

/// Amounts by position of the pile they come from.
pub type Parts = Vec<(usize, i64)>;

/// An open hold.
#[derive(Debug, Clone)]
pub struct Held {
    pub key: DocumentKey,
    pub entry: usize,
    pub unit: Code,
    pub parts: Parts,
    pub ends_at: Timestamp,
    pub version: u32,
}

/// A hold that has ended, and how.
#[derive(Debug, Clone)]
pub struct HoldEnded {
    pub key: DocumentKey,
    pub refusal: &'static str,
}

/// Points that were spent, and how many of them have come back.
#[derive(Debug, Clone)]
pub struct Spent {
    pub unit: Code,
    pub points: i64,
    pub amount: i64,
    pub version: u32,
    pub parts: Parts,
    pub back: i64,
}

/// A redeemed reward or a captured hold.
#[derive(Debug, Clone)]
pub struct Redeemed {
    pub key: DocumentKey,
    pub occurred_at: Timestamp,
    pub day: Day,
    pub reward: Option<(Code, u32)>,
    pub spent: Spent,
    pub state: &'static str,
}

/// What a purchase asks to be paid with, before anything is taken.
pub struct Asked {
    pub hold: Option<DocumentKey>,
    pub unit: Code,
    pub points: i64,
    pub amount: i64,
    pub version: u32,
    pub as_points: bool,
}

pub fn sum(parts: &Parts) -> i64 {
    parts.iter().map(|(_, amount)| amount).sum()
}

pub fn version_no(versions: &[Version], number: u32) -> &Version {
    versions.iter().find(|version| version.number == number).expect("a version")
}

fn terms(version: &Version, unit: Code) -> Option<&Redemption> {
    version.programme.units.iter().find(|found| found.code == unit)?.redemption.as_ref()
}

/// What points pay in minor units: as many whole units as there are.
pub fn worth(terms: &Redemption, points: i64) -> Option<i64> {
    let value = terms.value.as_ref()?;
    let money = value.money.scaled(2).expect("whole minor units");
    (0..=points * money).find(|amount| amount * value.points == points * money)
}

/// How many of `points` belong to `part` of `whole`: counted one by one.
fn counted(points: i64, part: i64, whole: i64) -> i64 {
    i64::try_from((1..=points).filter(|point| point * whole <= points * part).count()).expect("few")
}

impl Member {
    fn redemption_of(version: &Version, unit: Option<Code>) -> Result<(Code, &Redemption), &'static str> {
        let unit = unit.unwrap_or(version.programme.units[0].code);
        if version.programme.units.iter().all(|found| found.code != unit) {
            return Err("unit_unknown");
        }
        Ok((unit, terms(version, unit).ok_or("unit_not_redeemable")?))
    }

    fn in_bounds(terms: &Redemption, points: i64) -> Result<(), &'static str> {
        if points < terms.minimum {
            Err("points_below_minimum")
        } else if terms.maximum.is_some_and(|maximum| points > maximum) {
            Err("points_above_maximum")
        } else if points % terms.step != 0 {
            Err("points_not_in_steps")
        } else {
            Ok(())
        }
    }

    pub fn hold(
        &mut self,
        versions: &[Version],
        zone: &Zone,
        request: &HoldRequest,
        now: Timestamp,
    ) -> Result<Vec<Statement>, &'static str> {
        let at = request.occurred_at;
        let mut statements = self.pass_time(versions, zone, now);
        let version = self.accept(versions, at, now)?;
        if request.programme_version.is_some_and(|quoted| quoted != version.number) {
            return Err("terms_changed");
        }
        let (unit, terms) = Self::redemption_of(version, request.unit)?;
        Self::in_bounds(terms, request.points)?;
        if request.points > self.balance(unit)[0] {
            return Err("insufficient_points");
        }
        let clock = self.clock(now);
        let minutes = request.minutes.map_or(terms.hold_minutes, |asked| asked.min(terms.hold_minutes));
        let parts = self.take(unit, request.points, clock);
        for (position, amount) in &parts {
            self.piles[*position].held += amount;
        }
        self.holds.push(Held {
            key: request.key.clone(),
            entry: self.entries + 1,
            unit,
            parts,
            ends_at: clock.checked_add(i64::from(minutes).minutes()).expect("in range"),
            version: version.number,
        });
        statements.push(self.state("points_held", versions, zone, at, now));
        Ok(statements)
    }

    /// Takes a hold out of the list, if it is open; those who ask after the end are told how it ended.
    pub fn open_hold(&mut self, key: &DocumentKey) -> Result<Held, &'static str> {
        if let Some(position) = self.holds.iter().position(|hold| hold.key == *key) {
            Ok(self.holds.remove(position))
        } else {
            let ended = self.holds_ended.iter().find(|ended| ended.key == *key);
            Err(ended.map_or("hold_unknown", |ended| ended.refusal))
        }
    }

    fn end_hold(&mut self, key: &DocumentKey, refusal: &'static str) {
        self.holds_ended.push(HoldEnded { key: key.clone(), refusal });
    }

    /// Moves points of a hold out of its piles, in their order.
    fn take_held(&mut self, hold: &mut Held, points: i64) -> Parts {
        let mut wanted = points;
        let mut taken = Vec::new();
        for (position, kept) in &mut hold.parts {
            let part = wanted.min(*kept);
            self.piles[*position].held -= part;
            *kept -= part;
            wanted -= part;
            if part > 0 {
                taken.push((*position, part));
            }
        }
        hold.parts.retain(|(_, kept)| *kept > 0);
        taken
    }

    /// Gives back what a hold keeps: to its piles, or to nobody where the pile has ended meanwhile.
    fn give_up(&mut self, versions: &[Version], zone: &Zone, mut hold: Held, at: Timestamp) {
        let idle = self.inactive_at(versions, zone, hold.unit).is_some_and(|end| end <= at);
        let all = sum(&hold.parts);
        for (position, part) in self.take_held(&mut hold, all) {
            let pile = &mut self.piles[position];
            if idle || pile.expires_at.is_some_and(|end| end <= at) {
                pile.lapsed += part;
            } else {
                pile.left += part;
            }
        }
        self.repay(hold.unit, at);
    }

    /// Ends the holds whose time has come; statements for each.
    pub fn time_out(
        &mut self,
        versions: &[Version],
        zone: &Zone,
        due: Timestamp,
        now: Timestamp,
    ) -> Vec<Statement> {
        let mut statements = Vec::new();
        while let Some(position) = self.holds.iter().position(|hold| hold.ends_at <= due) {
            let hold = self.holds.remove(position);
            let (key, version) = (hold.key.clone(), hold.version);
            self.give_up(versions, zone, hold, due);
            self.end_hold(&key, "hold_expired");
            let mut statement = self.state("hold_expired", versions, zone, due, now);
            statement.version = version;
            statements.push(statement);
        }
        statements
    }

    pub fn capture(
        &mut self,
        versions: &[Version],
        zone: &Zone,
        capture: &Capture,
        now: Timestamp,
    ) -> Result<Vec<Statement>, &'static str> {
        let at = capture.occurred_at;
        let mut statements = self.pass_time(versions, zone, now);
        self.accept(versions, at, now)?;
        let mut hold = self.open_hold(&capture.hold)?;
        let points = capture.points.unwrap_or(sum(&hold.parts));
        if points > sum(&hold.parts) {
            return Err("capture_exceeds_hold");
        }
        let (unit, version) = (hold.unit, hold.version);
        let parts = self.take_held(&mut hold, points);
        for (position, part) in &parts {
            self.piles[*position].spent += part;
        }
        self.redeemed.push((unit, points));
        let spent = Spent { unit, points, amount: 0, version, parts, back: 0 };
        self.redemptions.push(Redeemed {
            key: capture.key.clone(),
            occurred_at: at,
            day: zone.day_of(at),
            reward: None,
            spent,
            state: "requested",
        });
        if capture.release_rest {
            self.give_up(versions, zone, hold.clone(), self.clock(now));
            hold.parts.clear();
        }
        if hold.parts.is_empty() {
            self.end_hold(&capture.hold, "hold_ended");
        } else {
            self.holds.push(hold);
            self.holds.sort_by_key(|hold| hold.entry);
        }
        let mut statement = self.state("hold_captured", versions, zone, at, now);
        statement.version = version;
        statements.push(statement);
        Ok(statements)
    }

    pub fn void(
        &mut self,
        versions: &[Version],
        zone: &Zone,
        void: &HoldVoid,
        now: Timestamp,
    ) -> Result<Vec<Statement>, &'static str> {
        let at = void.occurred_at;
        let mut statements = self.pass_time(versions, zone, now);
        self.accept(versions, at, now)?;
        let hold = self.open_hold(&void.hold)?;
        let version = hold.version;
        self.give_up(versions, zone, hold, self.clock(now));
        self.end_hold(&void.hold, "hold_ended");
        let mut statement = self.state("hold_voided", versions, zone, at, now);
        statement.version = version;
        statements.push(statement);
        Ok(statements)
    }

    /// What a purchase's payments in points take, if they may; then takes it.
    pub fn pay(
        &mut self,
        versions: &[Version],
        zone: &Zone,
        version: &Version,
        purchase: &Purchase,
        now: Timestamp,
    ) -> Result<Vec<Spent>, &'static str> {
        let clock = self.clock(now);
        let total: i64 = purchase.lines.iter().map(|line| line.amount).sum();
        let mut asked: Vec<Asked> = Vec::new();
        for payment in &purchase.payments {
            if let Some(tender) = &payment.stored_value {
                asked.extend(self.stored_value_asked(versions, version, tender, payment.amount)?);
                continue;
            }
            let Some(tender) = &payment.points else { continue };
            let (unit, under) = if let Some(key) = &tender.hold {
                let hold = self.clone().open_hold(key)?;
                if tender.points > sum(&hold.parts) {
                    return Err("capture_exceeds_hold");
                }
                if stored_value::is_money(version_no(versions, hold.version), hold.unit) {
                    return Err("field_invalid");
                }
                (hold.unit, version_no(versions, hold.version))
            } else {
                let (unit, terms) = Self::redemption_of(version, tender.unit)?;
                Self::in_bounds(terms, tender.points)?;
                if tender.points > self.balance(unit)[0] {
                    return Err("insufficient_points");
                }
                (unit, version)
            };
            let terms = terms(under, unit).ok_or("unit_not_redeemable")?;
            let worth = worth(terms, tender.points).ok_or("points_not_in_steps")?;
            if worth != payment.amount {
                return Err("points_worth_differs");
            }
            let (hold, points, version) = (tender.hold.clone(), tender.points, under.number);
            asked.push(Asked { hold, unit, points, amount: worth, version, as_points: true });
        }
        let of = |as_points: bool| asked.iter().filter(move |part| part.as_points == as_points);
        let paid: i64 = of(true).map(|part| part.amount).sum();
        for part in of(true) {
            let terms = terms(version_no(versions, part.version), part.unit).expect("terms");
            let percent = i64::from(terms.share_percent);
            if paid * 100 > total.max(0) * percent {
                return Err("points_share_exceeded");
            }
        }
        if paid + of(false).map(|part| part.amount).sum::<i64>() > total.max(0) && !asked.is_empty() {
            return Err("points_share_exceeded");
        }
        let mut spent = Vec::new();
        for Asked { hold, unit, points, amount, version, .. } in asked {
            let parts = if let Some(key) = &hold {
                let mut hold = self.open_hold(key)?;
                let parts = self.take_held(&mut hold, points);
                self.give_up(versions, zone, hold, clock);
                self.end_hold(key, "hold_ended");
                parts
            } else {
                self.take(unit, points, clock)
            };
            for (position, part) in &parts {
                self.piles[*position].spent += part;
            }
            self.redeemed.push((unit, points));
            spent.push(Spent { unit, points, amount, version, parts, back: 0 });
        }
        Ok(spent)
    }

    /// Gives back the points due for a purchase of `total` of which `returned` has come back.
    pub fn refund(
        &mut self,
        versions: &[Version],
        zone: &Zone,
        bought: usize,
        (returned, total): (i64, i64),
        at: Timestamp,
    ) {
        let returned = returned.clamp(0, total.max(0));
        let all: i64 = self.bought[bought].spent.iter().map(|spent| spent.amount).sum();
        let mut before = 0;
        for position in 0..self.bought[bought].spent.len() {
            let mut spent = self.bought[bought].spent[position].clone();
            let split = terms(version_no(versions, spent.version), spent.unit).expect("terms").return_split;
            // The minor units of the purchase in the order in which they come back, from 1: which of them this
            // payment paid.
            let own = |unit: i64| match split {
                ReturnSplit::Proportional => false,
                ReturnSplit::PointsFirst => unit > before && unit <= before + spent.amount,
                ReturnSplit::MoneyFirst => {
                    unit > total - all + before && unit <= total - all + before + spent.amount
                }
            };
            let target = if split == ReturnSplit::Proportional {
                counted(spent.points, returned, total)
            } else {
                let covered = i64::try_from((1..=returned).filter(|unit| own(*unit)).count()).expect("few");
                counted(spent.points, covered, spent.amount)
            };
            before += spent.amount;
            if target > spent.back {
                let due = target - spent.back;
                self.give_back(versions, zone, &mut spent, due, at);
                self.bought[bought].spent[position] = spent;
            }
        }
    }

    /// Gives points back to the piles they came from, last taken first; to a new pile where the old one has ended.
    fn give_back(&mut self, versions: &[Version], zone: &Zone, spent: &mut Spent, due: i64, at: Timestamp) {
        let grace = terms(version_no(versions, spent.version), spent.unit).expect("terms").return_grace_days;
        let mut wanted = due;
        for (position, part) in spent.parts.iter_mut().rev() {
            let back = wanted.min(*part);
            if back == 0 {
                continue;
            }
            *part -= back;
            wanted -= back;
            let pile = self.piles[*position].clone();
            if pile.expires_at.is_some_and(|end| end <= at) {
                let last = days::add_days(zone.day_of(at), grace);
                let (issued, left, held, spent, lapsed, taken_back) = (back, back, 0, 0, 0, 0);
                let expires_at = Some(zone.end_of(last));
                self.piles.push(Pile { expires_at, issued, left, held, spent, lapsed, taken_back, ..pile });
            } else {
                let pile = &mut self.piles[*position];
                pile.spent -= back;
                pile.left += back;
            }
        }
        assert_eq!(wanted, 0, "no more comes back than was spent");
        spent.back += due;
        self.redeemed.push((spent.unit, -due));
        self.repay(spent.unit, at);
    }

    /// How often the member has redeemed a reward in the span around a day; cancelled ones do not count.
    fn had(&self, reward: Code, per: CapPeriod, day: Day) -> u32 {
        let within = |other: Day| match per {
            CapPeriod::Day => other == day,
            CapPeriod::Month => (other.0, other.1) == (day.0, day.1),
            CapPeriod::Lifetime => true,
        };
        let live = self.redemptions.iter().filter(|redeemed| redeemed.state != "cancelled");
        live.filter(|redeemed| within(redeemed.day))
            .filter_map(|redeemed| redeemed.reward)
            .filter(|(code, _)| *code == reward)
            .map(|(_, quantity)| quantity)
            .sum()
    }

    /// Units of a reward this member has of its stock.
    pub fn units_of(&self, reward: Code) -> i64 {
        i64::from(self.had(reward, CapPeriod::Lifetime, (0, 0, 0)))
    }

    pub fn redeem(
        &mut self,
        versions: &[Version],
        zone: &Zone,
        order: &RewardOrder,
        now: Timestamp,
        left: Option<i64>,
    ) -> Result<Vec<Statement>, &'static str> {
        let at = order.occurred_at;
        let mut statements = self.pass_time(versions, zone, now);
        let version = self.accept(versions, at, now)?;
        if order.programme_version.is_some_and(|quoted| quoted != version.number) {
            return Err("terms_changed");
        }
        let reward = version.programme.rewards.iter().find(|reward| reward.code == order.reward);
        let reward: &Reward = reward.ok_or("reward_unknown")?;
        let day = zone.day_of(at);
        let date = |date: jiff::civil::Date| {
            (i32::from(date.year()), i32::from(date.month()), i32::from(date.day()))
        };
        if reward.from.is_some_and(|from| day < date(from))
            || reward.until.is_some_and(|until| day > date(until))
        {
            return Err("reward_not_offered");
        }
        let tiers: Vec<Code> = self.climbs.iter().map(|climb| climb.tier_at(at)).collect();
        if !reward.tier.is_empty() && !reward.tier.iter().any(|tier| tiers.contains(tier)) {
            return Err("reward_not_for_member");
        }
        for limit in &reward.limits {
            if self.had(reward.code, limit.per, day) + order.quantity > limit.times {
                return Err("reward_limit_reached");
            }
        }
        if left.is_some_and(|left| i64::from(order.quantity) > left) {
            return Err("reward_out_of_stock");
        }
        let cheaper = reward.tier_prices.iter().find(|price| tiers.contains(&price.tier));
        let price = cheaper.map_or(reward.price.points, |price| price.points);
        let points = price * i64::from(order.quantity);
        if points > self.balance(reward.unit)[0] {
            return Err("insufficient_points");
        }
        let parts = self.take(reward.unit, points, self.clock(now));
        for (position, part) in &parts {
            self.piles[*position].spent += part;
        }
        self.redeemed.push((reward.unit, points));
        let spent = Spent { unit: reward.unit, points, amount: 0, version: version.number, parts, back: 0 };
        self.redemptions.push(Redeemed {
            key: order.key.clone(),
            occurred_at: at,
            day,
            reward: Some((order.reward, order.quantity)),
            spent,
            state: "requested",
        });
        statements.push(self.state("reward_redeemed", versions, zone, at, now));
        Ok(statements)
    }

    /// The version that settles what follows up a redemption.
    fn settling<'a>(
        &self,
        versions: &'a [Version],
        at: Timestamp,
        redeemed_at: Timestamp,
        now: Timestamp,
    ) -> Result<&'a Version, &'static str> {
        if at.as_second() > self.clock(now).as_second() + 300 {
            return Err("in_future");
        }
        version_at(versions, at.max(redeemed_at)).ok_or("no_programme_in_force")
    }

    pub fn cancel(
        &mut self,
        versions: &[Version],
        zone: &Zone,
        cancellation: &Cancellation,
        now: Timestamp,
    ) -> Result<Vec<Statement>, &'static str> {
        let at = cancellation.occurred_at;
        let position = self.redemptions.iter().position(|found| found.key == cancellation.redemption);
        let position = position.ok_or("not_a_redemption")?;
        if self.redemptions[position].state != "requested" {
            return Err("redemption_ended");
        }
        let mut statements = self.pass_time(versions, zone, now);
        let settling = self.settling(versions, at, self.redemptions[position].occurred_at, now)?;
        let mut spent = self.redemptions[position].spent.clone();
        let (points, clock) = (spent.points, self.clock(now));
        self.give_back(versions, zone, &mut spent, points, clock);
        self.redemptions[position].spent = spent;
        self.redemptions[position].state = "cancelled";
        self.last_active_at = self.last_active_at.max(at);
        let mut statement = self.state("redemption_cancelled", versions, zone, at, now);
        statement.version = settling.number;
        statements.push(statement);
        Ok(statements)
    }

    pub fn fulfil(
        &mut self,
        versions: &[Version],
        zone: &Zone,
        fulfilment: &Fulfilment,
        now: Timestamp,
    ) -> Result<Vec<Statement>, &'static str> {
        let at = fulfilment.occurred_at;
        let found = |found: &Redeemed| found.key == fulfilment.redemption && found.reward.is_some();
        let position = self.redemptions.iter().position(found).ok_or("not_a_redemption")?;
        if self.redemptions[position].state != "requested" {
            return Err("redemption_ended");
        }
        let mut statements = self.pass_time(versions, zone, now);
        let settling = self.settling(versions, at, self.redemptions[position].occurred_at, now)?;
        self.redemptions[position].state = "fulfilled";
        let mut statement = self.state("redemption_fulfilled", versions, zone, at, now);
        statement.version = settling.number;
        statements.push(statement);
        Ok(statements)
    }
}

impl Reference {
    /// What is left of a reward: the newest version's stock less everything anybody has of it.
    pub fn stock_left(&self, reward: Code) -> Option<i64> {
        let mut versions: Vec<&Version> = self.versions.iter().collect();
        versions.sort_by_key(|version| (version.effective_at, version.number));
        let stock =
            |version: &&Version| version.programme.rewards.iter().find(|found| found.code == reward)?.stock;
        let limit = versions.iter().rev().find_map(stock)?;
        let taken: i64 = self.members.iter().flatten().map(|member| member.units_of(reward)).sum();
        Some(limit - taken)
    }

    pub fn hold(&mut self, member: usize, request: &HoldRequest, now: Timestamp) -> Outcome {
        self.spending(member, &request.key, format!("{request:?}"), |changed, versions, zone| {
            changed.hold(versions, zone, request, now)
        })
    }

    pub fn redeem(&mut self, member: usize, order: &RewardOrder, now: Timestamp) -> Outcome {
        let left = self.stock_left(order.reward);
        self.spending(member, &order.key, format!("{order:?}"), |changed, versions, zone| {
            changed.redeem(versions, zone, order, now, left)
        })
    }

    /// Whose document it is that a later one names.
    fn owner(&self, key: &DocumentKey) -> Option<usize> {
        self.filed(key).map(|filed| filed.member)
    }

    pub fn capture(&mut self, capture: &Capture, now: Timestamp) -> Outcome {
        let owner = self.owner(&capture.hold);
        self.following(
            owner,
            "hold_unknown",
            &capture.key,
            format!("{capture:?}"),
            |changed, versions, zone| {
                // A hold that is known to have ended says so whatever else is wrong.
                changed.ended_before(&capture.hold)?;
                changed.capture(versions, zone, capture, now)
            },
        )
    }

    pub fn void(&mut self, void: &HoldVoid, now: Timestamp) -> Outcome {
        let owner = self.owner(&void.hold);
        self.following(owner, "hold_unknown", &void.key, format!("{void:?}"), |changed, versions, zone| {
            changed.ended_before(&void.hold)?;
            changed.void(versions, zone, void, now)
        })
    }

    pub fn cancel(&mut self, cancellation: &Cancellation, now: Timestamp) -> Outcome {
        let owner = self.owner(&cancellation.redemption);
        let content = format!("{cancellation:?}");
        self.following(owner, "unknown", &cancellation.key, content, |changed, versions, zone| {
            changed.cancel(versions, zone, cancellation, now)
        })
    }

    pub fn fulfil(&mut self, fulfilment: &Fulfilment, now: Timestamp) -> Outcome {
        let owner = self.owner(&fulfilment.redemption);
        let content = format!("{fulfilment:?}");
        self.following(owner, "unknown", &fulfilment.key, content, |changed, versions, zone| {
            changed.fulfil(versions, zone, fulfilment, now)
        })
    }

    fn following(
        &mut self,
        owner: Option<usize>,
        unknown: &'static str,
        key: &DocumentKey,
        content: String,
        act: impl FnOnce(&mut Member, &[Version], &Zone) -> Result<Vec<Statement>, &'static str>,
    ) -> Outcome {
        match owner {
            Some(member) => self.spending(member, key, content, act),
            None => self.seen(key, &content).unwrap_or(Outcome::Refused(unknown)),
        }
    }

    pub fn spending(
        &mut self,
        member: usize,
        key: &DocumentKey,
        content: String,
        act: impl FnOnce(&mut Member, &[Version], &Zone) -> Result<Vec<Statement>, &'static str>,
    ) -> Outcome {
        if let Some(seen) = self.seen(key, &content) {
            return seen;
        }
        let mut changed = self.members[member].clone().expect("enrolled");
        match act(&mut changed, &self.versions, &self.zone) {
            Err(code) => Outcome::Refused(code),
            Ok(statements) => {
                self.members[member] = Some(changed);
                self.file(key, content, member);
                Outcome::Recorded(statements)
            }
        }
    }
}

impl Member {
    /// Refuses a hold that is known to have ended, or that never was.
    pub fn ended_before(&self, key: &DocumentKey) -> Result<(), &'static str> {
        self.clone().open_hold(key).map(|_| ())
    }
}
