//! Households by example: what goes into the pool and when, who may spend it, what who leaves takes along, and what
//! stands in the way (TS-15).
#![allow(clippy::unwrap_used)]

use super::{join_household, leave_household, pool_points};
use crate::burn::{HoldRequest, HoldVoid};
use crate::document::DocumentKey;
use crate::explain::explain;
use crate::ids::{AccountId, EntryId};
use crate::ledger::{AccountState, Entry, Fact};
use crate::operation::friends::{Friends, POINTS, noon};
use crate::operation::{
    Adjustment, Context, Entries, Failure, Gift, adjust_points, advance, create_household, hold_points,
    merge_members, transfer_points, void_hold,
};
use crate::programme::Language;

const PROGRAMME: &str = r#"
code = "shop"
name = { zh = "店", en = "Shop" }
currency = "CNY"
time_zone = "Asia/Shanghai"
[[units]]
code = "points"
name = { zh = "积分", en = "points" }
money_value_minor = "1"
pending = { days = 7 }
expiry = { rolling = { months = 6 } }
redemption = { value = { points = 1, money = "0.01" } }
[[rules]]
code = "base"
name = { zh = "消费积分", en = "Base points" }
unit = "points"
effect = { rate = { points = "1", per = "1.00" } }
[[ladders]]
code = "club"
name = { zh = "级", en = "Club" }
basis = "spend"
window = "calendar_year"
review = { on = "window_end" }
[[ladders.tiers]]
code = "blue"
name = { zh = "蓝", en = "Blue" }
threshold = 0
[transfers]
units = ["points"]
points_min = 1
account_age_days_min = 0
points_age_days_min = 1
[households]
units = ["points"]
members_max = 2
"#;

fn key(reference: &str) -> DocumentKey {
    DocumentKey { source: "till".to_owned(), reference: reference.to_owned() }
}

fn id(who: usize) -> AccountId {
    AccountId::new(i64::try_from(who).unwrap() + 1).unwrap()
}

impl Friends {
    /// Opens a household; its place among the accounts.
    fn opens(&mut self, day: &str) -> usize {
        let who = self.states.len();
        let context = Context { programmes: &self.programmes, now: noon(day), actor: "desk" };
        let (state, entries) = create_household(id(who), &context).unwrap();
        self.states.push(state);
        self.entries.push(entries);
        who
    }

    fn moves_in(&mut self, pair: (usize, usize), day: &str, may_spend: bool) -> Result<(), &'static str> {
        self.decide(pair, day, |one, other, context| join_household(one, other, may_spend, context))
    }

    fn moves_out(&mut self, pair: (usize, usize), day: &str) -> Result<(), &'static str> {
        self.decide(pair, day, leave_household)
    }

    fn pools(&mut self, pair: (usize, usize), day: &str, of: Option<EntryId>) {
        self.decide(pair, day, |one, other, context| {
            Ok(pool_points(one, other, of, context)?.unwrap_or_default())
        })
        .unwrap();
    }

    /// Time passes for a member of a household, and what becomes spendable goes on.
    fn waits(&mut self, pair: (usize, usize), day: &str) {
        let mut entries = Entries::new();
        advance(&mut self.states[pair.0], &self.programmes, noon(day), &mut entries).unwrap();
        self.entries[pair.0].extend(entries);
        self.pools(pair, day, None);
    }

    fn returns_from_pool(&mut self, pair: (usize, usize), day: &str, reference: &str) {
        self.returns(pair.0, day, reference);
        let Fact::ReturnRecorded { purchase_entry_no: entry_no, .. } = self.last(pair.0).fact else {
            panic!("a return")
        };
        self.pools(pair, day, Some(EntryId { account_id: id(pair.0), entry_no }));
    }

    fn does(
        &mut self,
        who: usize,
        day: &str,
        decide: impl FnOnce(&mut AccountState, &Context<'_>) -> Result<Vec<Entry>, Failure>,
    ) -> Result<(), &'static str> {
        let mut state = self.states[who].clone();
        let context = Context { programmes: &self.programmes, now: noon(day), actor: "till" };
        match decide(&mut state, &context) {
            Err(Failure::Refused(refusal)) => Err(refusal.code()),
            Err(Failure::LotsNeeded) => Err("lots_needed"),
            Ok(entries) => {
                self.states[who] = state;
                self.entries[who].extend(entries);
                Ok(())
            }
        }
    }

    fn reserves(
        &mut self,
        who: usize,
        day: &str,
        spender: Option<AccountId>,
        points: i64,
    ) -> Result<(), &'static str> {
        let hold = HoldRequest {
            key: key(&format!("hold of {day}")),
            occurred_at: noon(day),
            unit: None,
            points,
            minutes: None,
            purpose: None,
            programme_version: None,
            spender,
        };
        self.does(who, day, |state, context| hold_points(state, hold, context))
    }

    fn gives_up(&mut self, who: usize, day: &str) {
        let (hold, key) = (key(&format!("hold of {day}")), key(&format!("void of {day}")));
        let void = HoldVoid { key, hold, occurred_at: noon(day), reason: None };
        self.does(who, day, |state, context| void_hold(state, void, context)).unwrap();
    }

    fn adjusts(&mut self, who: usize, day: &str, points: i64) {
        let adjustment = Adjustment {
            unit: POINTS,
            points,
            reason: "goodwill".parse().unwrap(),
            note: "by hand".to_owned(),
            occurred_at: noon(day),
            approved_by: None,
        };
        self.does(who, day, |state, context| adjust_points(state, adjustment, context)).unwrap();
    }

    /// Available, pending and owed.
    fn has(&self, who: usize) -> (i64, i64, i64) {
        let balance = self.states[who].balance(POINTS);
        (balance.available, balance.pending, balance.debt)
    }
}

/// Two members and their household since 10 February: the first brought 300 points, the second 100 and may not spend;
/// 50 more of the second are pending until the 16th.
fn family() -> (Friends, usize) {
    let mut friends = Friends::of(PROGRAMME, 2);
    friends.buys(0, "2026-01-05", "1", 30_000);
    friends.buys(1, "2026-01-06", "2", 10_000);
    friends.buys(1, "2026-02-09", "3", 5_000);
    let home = friends.opens("2026-02-10");
    friends.moves_in((0, home), "2026-02-10", true).unwrap();
    friends.moves_in((1, home), "2026-02-10", false).unwrap();
    (friends, home)
}

#[test]
fn ts_15_who_leaves_waits_for_holds_takes_their_share_and_keeps_what_is_pending() {
    let (mut friends, home) = family();
    assert_eq!((friends.has(home), friends.has(0), friends.has(1)), ((400, 0, 0), (0, 0, 0), (0, 50, 0)));
    friends.reserves(home, "2026-02-11", Some(id(0)), 350).unwrap();
    assert_eq!(friends.moves_out((1, home), "2026-02-11"), Err("household_waits"));
    friends.gives_up(home, "2026-02-11");
    friends.moves_out((1, home), "2026-02-12").unwrap();
    assert_eq!((friends.has(home), friends.has(1)), ((300, 0, 0), (100, 50, 0)));
    // The pending points become theirs alone, and a purchase after leaving as well.
    friends
        .does(1, "2026-02-20", |state, context| {
            let mut entries = Entries::new();
            advance(state, context.programmes, context.now, &mut entries).map(|()| entries)
        })
        .unwrap();
    assert_eq!((friends.has(home), friends.has(1)), ((300, 0, 0), (150, 0, 0)));
    assert_eq!(friends.moves_out((1, home), "2026-02-20"), Err("not_in_household"));
    friends.audited();
}

#[test]
fn a_hold_that_has_timed_out_is_not_waited_for() {
    let (mut friends, home) = family();
    friends.reserves(home, "2026-02-11", Some(id(0)), 350).unwrap();
    friends.moves_out((0, home), "2026-02-12").unwrap();
    assert_eq!((friends.has(home), friends.has(0)), ((100, 0, 0), (300, 0, 0)));
    friends.audited();
}

#[test]
fn points_keep_their_lots_on_the_way_in_and_out() {
    let (mut friends, home) = family();
    let lots = |friends: &Friends, who: usize| {
        let lots = friends.states[who].lots.iter().filter(|lot| lot.remaining > 0);
        let told = lots
            .map(|lot| (lot.expires_at, lot.cohort, lot.earned_at, lot.remaining, lot.issued_by(id(who))));
        told.collect::<Vec<_>>()
    };
    let pooled = lots(&friends, home);
    assert!(pooled.iter().all(|(expires_at, ..)| expires_at.is_some()), "{pooled:?}");
    friends.moves_out((1, home), "2026-02-12").unwrap();
    friends.moves_out((0, home), "2026-02-12").unwrap();
    let mut back = [lots(&friends, 0), lots(&friends, 1)].concat();
    back.retain(|(.., points, _)| *points != 50);
    assert_eq!(back, pooled);
    friends.audited();
}

#[test]
fn what_becomes_spendable_later_goes_into_the_pool() {
    let (mut friends, home) = family();
    friends.waits((1, home), "2026-02-20");
    assert_eq!((friends.has(home), friends.has(1)), ((450, 0, 0), (0, 0, 0)));
    friends.adjusts(0, "2026-02-21", 7);
    friends.pools((0, home), "2026-02-21", None);
    assert_eq!((friends.has(home), friends.has(0)), ((457, 0, 0), (0, 0, 0)));
    let entries = friends.entries[0].len();
    friends.pools((0, home), "2026-02-22", None);
    assert_eq!(friends.entries[0].len(), entries, "nothing to send, nothing recorded");
    friends.audited();
}

#[test]
fn the_pool_is_spent_soonest_expiry_first_whoever_brought_it() {
    let (mut friends, home) = family();
    friends.adjusts(home, "2026-02-11", -350);
    friends.moves_out((0, home), "2026-02-12").unwrap();
    assert_eq!(
        (friends.has(home), friends.has(0)),
        ((50, 0, 0), (0, 0, 0)),
        "theirs lapsed first and went first"
    );
    friends.moves_out((1, home), "2026-02-12").unwrap();
    assert_eq!((friends.has(home), friends.has(1)), ((0, 0, 0), (50, 50, 0)));
    friends.audited();
}

#[test]
fn a_return_takes_its_own_points_from_the_pool_then_others_and_the_pool_owes_the_rest() {
    let (mut friends, home) = family();
    friends.returns_from_pool((0, home), "2026-02-11", "1");
    assert_eq!((friends.has(home), friends.has(0)), ((100, 0, 0), (0, 0, 0)));
    friends.adjusts(home, "2026-02-12", -60);
    friends.returns_from_pool((1, home), "2026-02-13", "2");
    assert_eq!((friends.has(home), friends.has(1)), ((0, 0, 60), (0, 50, 0)));
    // What is pending is taken first where it was bought, and what is released repays the pool's debt.
    friends.buys(0, "2026-02-14", "4", 8_000);
    friends.waits((0, home), "2026-02-23");
    assert_eq!((friends.has(home), friends.has(0)), ((20, 0, 0), (0, 0, 0)));
    friends.audited();
}

#[test]
fn the_last_one_takes_everything() {
    let (mut friends, home) = family();
    friends.adjusts(home, "2026-02-11", 25);
    friends.moves_out((0, home), "2026-02-12").unwrap();
    assert_eq!(friends.has(0), (300, 0, 0), "what was given to the household is nobody's share");
    friends.moves_out((1, home), "2026-02-12").unwrap();
    assert_eq!((friends.has(home), friends.has(1)), ((0, 0, 0), (125, 50, 0)));
    // Brought elsewhere, it is theirs who bring it, although the household had issued it.
    let other = friends.opens("2026-02-13");
    friends.moves_in((1, other), "2026-02-13", true).unwrap();
    friends.moves_in((0, other), "2026-02-13", true).unwrap();
    friends.moves_out((1, other), "2026-02-13").unwrap();
    assert_eq!((friends.has(other), friends.has(1)), ((300, 0, 0), (125, 50, 0)));
    friends.audited();
}

#[test]
fn debts_go_with_the_last_one() {
    let (mut friends, home) = family();
    friends.adjusts(home, "2026-02-11", -400);
    friends.returns_from_pool((1, home), "2026-02-12", "2");
    assert_eq!(friends.has(home), (0, 0, 100));
    friends.moves_out((1, home), "2026-02-13").unwrap();
    friends.moves_out((0, home), "2026-02-13").unwrap();
    assert_eq!((friends.has(home), friends.has(0), friends.has(1)), ((0, 0, 0), (0, 0, 100), (0, 50, 0)));
    friends.audited();
}

#[test]
fn only_members_who_may_spend_the_pool() {
    let (mut friends, home) = family();
    for (spender, expected) in [
        (None, "spender_needed"),
        (Some(id(1)), "spender_not_allowed"),
        (Some(id(home)), "spender_not_allowed"),
    ] {
        assert_eq!(friends.reserves(home, "2026-02-11", spender, 10), Err(expected));
    }
    assert_eq!(friends.reserves(0, "2026-02-11", Some(id(0)), 10), Err("not_a_household"));
    assert_eq!(friends.reserves(home, "2026-02-11", Some(id(0)), 401), Err("insufficient_points"));
    friends.reserves(home, "2026-02-11", Some(id(0)), 400).unwrap();
    friends.audited();
}

#[test]
fn what_stands_in_the_way_is_named() {
    let (mut friends, home) = family();
    friends.joins(4, "2026-02-10");
    let (third, day) = (3, "2026-02-11");
    assert_eq!(friends.moves_in((third, home), day, true), Err("household_full"));
    let other = friends.opens(day);
    assert_eq!(friends.moves_in((0, other), day, true), Err("in_household"));
    assert_eq!(friends.moves_in((other, home), day, true), Err("is_household"));
    assert_eq!(friends.moves_in((third, 0), day, true), Err("not_a_household"));
    assert_eq!(friends.moves_out((third, 0), day), Err("not_a_household"));
    assert_eq!(friends.moves_out((third, home), day), Err("not_in_household"));
    let merges = |friends: &mut Friends, pair| {
        friends.decide(pair, day, |one, other, context| merge_members(one, other, "one person", context))
    };
    assert_eq!(merges(&mut friends, (0, third)), Err("in_household"));
    assert_eq!(merges(&mut friends, (third, 0)), Err("in_household"));
    assert_eq!(merges(&mut friends, (third, other)), Err("is_household"));
    let gift = Gift { unit: POINTS, points: 5 };
    let gives = |friends: &mut Friends, pair| {
        friends.decide(pair, day, |one, other, context| transfer_points(one, other, gift, context))
    };
    assert_eq!(gives(&mut friends, (home, third)), Err("is_household"));
    assert_eq!(gives(&mut friends, (third, home)), Err("is_household"));
    assert_eq!(gives(&mut friends, (0, third)), Err("too_few_transferable"), "theirs are in the pool");
    friends.audited();
    let without = PROGRAMME.split("[households]").next().unwrap();
    let mut alone = Friends::of(without, 1);
    let context = Context { programmes: &alone.programmes, now: noon(day), actor: "desk" };
    let refused = create_household(id(5), &context).unwrap_err();
    assert!(matches!(refused, Failure::Refused(refusal) if refusal.code() == "households_off"));
    assert_eq!(alone.moves_out((0, 0), day), Err("not_a_household"));
}

#[test]
fn either_side_is_told_in_words() {
    let (mut friends, home) = family();
    let told = |friends: &Friends, who: usize| {
        let programme = friends.programmes.at(noon("2026-02-11")).map(AsRef::as_ref);
        explain(friends.last(who), programme, Language::En).title
    };
    let (member, pool) = (told(&friends, 1), told(&friends, home));
    assert!(member.contains("Joined household") && member.contains("may not spend"), "{member}");
    assert!(pool.contains("joined on") && pool.contains("who may not spend"), "{pool}");
    friends.waits((1, home), "2026-02-20");
    assert!(told(&friends, 1).contains("went to household"), "{}", told(&friends, 1));
    friends.moves_out((1, home), "2026-02-21").unwrap();
    assert!(told(&friends, 1).contains("Left household"), "{}", told(&friends, 1));
    assert!(told(&friends, home).contains("took along"), "{}", told(&friends, home));
}
