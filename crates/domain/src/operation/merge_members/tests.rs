//! Merges by example: what comes along, what a return of earlier goods takes back from where, what undoing restores,
//! and what stands in the way (TS-07, INV-35).
#![allow(clippy::unwrap_used)]

use super::{forward_points, merge_members, undo_merge};
use crate::burn::HoldRequest;
use crate::document::DocumentKey;
use crate::explain::explain;
use crate::ids::EntryId;
use crate::ledger::{AccountStatus, CapPeriod, Fact, TierChangeReason};
use crate::operation::friends::{Friends, POINTS, noon};
use crate::operation::hold_points;
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
[[rules]]
code = "first"
name = { zh = "首单", en = "First purchase" }
unit = "points"
conditions = { purchase_number = "first" }
effect = { bonus = { points = 50 } }
caps = [{ per = "lifetime", times = 1 }]
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
[[ladders.tiers]]
code = "gold"
name = { zh = "金", en = "Gold" }
threshold = "500.00"
[policies]
return_shortfall = "forgive"
"#;

impl Friends {
    fn merges(&mut self, pair: (usize, usize), day: &str) -> Result<(), &'static str> {
        self.decide(pair, day, |one, other, context| {
            merge_members(one, other, "one person, two cards", context)
        })
    }

    fn takes_apart(&mut self, pair: (usize, usize), day: &str) -> Result<(), &'static str> {
        self.decide(pair, day, |one, other, context| undo_merge(one, other, "two persons after all", context))
    }

    /// A return on a merged account and what follows from it.
    fn returns_and_forwards(&mut self, pair: (usize, usize), day: &str, reference: &str) {
        let before = self.states[pair.0].clone();
        self.returns(pair.0, day, reference);
        let Fact::ReturnRecorded { purchase_entry_no, .. } = self.last(pair.0).fact else {
            panic!("a return")
        };
        let of = EntryId { account_id: before.account_id, entry_no: purchase_entry_no };
        self.decide(pair, day, |one, other, context| {
            Ok(forward_points(one, other, (&before, Some(of)), context)?.unwrap_or_default())
        })
        .unwrap();
    }

    fn points(&self, who: usize) -> (i64, i64, i64) {
        let balance = self.states[who].balance(POINTS);
        (balance.available, balance.pending, balance.debt)
    }

    fn tier(&self, who: usize) -> &str {
        self.states[who].tiers[0].tier.as_str()
    }
}

/// Two members who each bought: the first for 300.00 in January, the second for 100.00.
fn two() -> Friends {
    let mut friends = Friends::of(PROGRAMME, 2);
    friends.buys(0, "2026-01-05", "1", 30_000);
    friends.buys(1, "2026-01-06", "2", 10_000);
    friends
}

#[test]
fn points_keep_their_lots_and_nothing_is_made_or_lost() {
    let mut friends = two();
    friends.buys(0, "2026-02-10", "3", 20_000);
    let expiries = |friends: &Friends, who: usize| {
        let lots = friends.states[who].lots.iter().filter(|lot| lot.remaining > 0);
        let mut lots: Vec<_> =
            lots.map(|lot| (lot.expires_at, lot.cohort, lot.remaining, lot.earned_at)).collect();
        lots.sort_unstable();
        lots
    };
    let mut before = [expiries(&friends, 0), expiries(&friends, 1)].concat();
    // The earlier purchases are released meanwhile, the later one stays pending.
    friends.merges((0, 1), "2026-02-11").unwrap();
    before.sort_unstable();
    assert_eq!(friends.points(0), (0, 0, 0));
    assert_eq!(friends.points(1), (350 + 150, 200, 0));
    assert_eq!(expiries(&friends, 1), before);
    assert_eq!(friends.states[0].status, AccountStatus::Closed);
    assert!(friends.states[1].is_or_absorbed(friends.states[0].account_id));
    let origins = friends.states[1].lots.iter().filter_map(|lot| lot.origin);
    assert!(origins.into_iter().all(|origin| origin.account_id == friends.states[0].account_id));
    friends.audited();
}

#[test]
fn what_counts_is_added_up_and_the_tier_that_is_reached_is_given_at_once() {
    let mut friends = two();
    friends.buys(0, "2026-02-10", "3", 15_000);
    assert_eq!((friends.tier(0), friends.tier(1)), ("blue", "blue"));
    friends.merges((0, 1), "2026-02-11").unwrap();
    let state = &friends.states[1];
    assert_eq!((state.spend, state.purchase_count), (55_000, 3));
    assert_eq!(friends.tier(1), "gold");
    // Both had their welcome; the merge brings none, and there is none for the next purchase.
    assert_eq!(state.granted("first".parse().unwrap(), CapPeriod::Lifetime, 0), (2, 100));
    friends.buys(1, "2026-02-12", "4", 1_000);
    assert_eq!(friends.states[1].granted("first".parse().unwrap(), CapPeriod::Lifetime, 0), (2, 100));
    friends.audited();
}

#[test]
fn the_higher_tier_is_kept_with_its_date_of_review() {
    let mut friends = two();
    friends.buys(0, "2026-02-10", "3", 90_000);
    let review = friends.states[0].tiers[0].review_at;
    friends.merges((0, 1), "2026-02-11").unwrap();
    assert_eq!(friends.tier(1), "gold");
    assert_eq!(friends.states[1].tiers[0].review_at, review);
    // A year on, the qualifying spend of both years is gone: the tier that came along can be lost like any other.
    friends.buys(1, "2028-02-01", "9", 100);
    assert_eq!(friends.tier(1), "blue");
    assert!(friends.states[0].next_due_at.is_none(), "nothing falls due on an account that was given up");
    friends.audited();
}

#[test]
fn a_gold_member_merged_the_year_after_brings_the_tier_that_the_sums_do_not_reach() {
    let mut friends = two();
    friends.buys(0, "2026-11-10", "3", 90_000);
    friends.merges((0, 1), "2027-01-05").unwrap();
    let changes = &friends.last(1).tier_changes;
    let reasons: Vec<_> = changes.iter().map(|change| change.reason).collect();
    assert_eq!((friends.tier(1), reasons), ("gold", vec![TierChangeReason::Merged]));
    friends.audited();
}

#[test]
fn a_return_of_earlier_goods_takes_its_own_points_back_from_where_they_are_now() {
    let mut friends = two();
    friends.buys(0, "2026-02-10", "3", 20_000);
    friends.merges((0, 1), "2026-02-11").unwrap();
    // The 200 points are still pending with the other member: they are taken, not those that could be spent.
    friends.returns_and_forwards((0, 1), "2026-02-12", "3");
    assert_eq!(friends.points(0), (0, 0, 0));
    assert_eq!(friends.points(1), (500, 0, 0));
    assert_eq!(friends.states[1].spend, 40_000);
    assert_eq!(friends.states[1].qualifying[0].amount, 40_000);
    friends.audited();
}

#[test]
fn a_merge_is_no_way_around_a_clawback_that_the_policy_would_forgive() {
    let mut friends = two();
    friends.merges((0, 1), "2026-02-11").unwrap();
    // First 350, expired or not: the points went to the other member, who has them still.
    friends.returns_and_forwards((0, 1), "2026-02-12", "1");
    assert_eq!(friends.points(1), (500 - 350, 0, 0));
    friends.audited();
}

#[test]
fn undoing_gives_back_what_is_left_and_opens_the_account_again() {
    let mut friends = two();
    friends.merges((0, 1), "2026-02-11").unwrap();
    friends.takes_apart((0, 1), "2026-02-20").unwrap();
    assert_eq!((friends.points(0), friends.points(1)), ((350, 0, 0), (150, 0, 0)));
    assert_eq!((friends.states[0].spend, friends.states[1].spend), (30_000, 10_000));
    assert_eq!(friends.states[1].purchase_count, 1);
    assert_eq!(friends.states[0].status, AccountStatus::Active);
    assert!(!friends.states[1].is_or_absorbed(friends.states[0].account_id));
    // It earns, and a return finds the points that went there and back.
    friends.buys(0, "2026-02-21", "5", 1_000);
    friends.returns(0, "2026-02-22", "1");
    assert_eq!(friends.points(0), (0, 10, 0));
    friends.audited();
}

#[test]
fn a_chain_of_merges_ends_where_the_last_one_went() {
    let mut friends = Friends::of(PROGRAMME, 3);
    friends.buys(0, "2026-01-05", "1", 30_000);
    friends.merges((0, 1), "2026-02-11").unwrap();
    friends.merges((1, 2), "2026-02-12").unwrap();
    assert_eq!(friends.points(2), (350, 0, 0));
    for account in 0..3 {
        let id = friends.states[account].account_id;
        assert!(friends.states[2].is_or_absorbed(id));
    }
    assert_eq!(friends.takes_apart((0, 1), "2026-02-13"), Err("account_closed"));
    friends.takes_apart((1, 2), "2026-02-13").unwrap();
    assert_eq!(friends.states[2].absorbed, Vec::new());
    assert_eq!((friends.points(1), friends.points(2)), ((350, 0, 0), (0, 0, 0)));
    friends.audited();
}

#[test]
fn what_stands_in_the_way_is_named() {
    let mut friends = two();
    assert_eq!(friends.takes_apart((0, 1), "2026-02-11"), Err("not_merged"));
    let hold = HoldRequest {
        key: DocumentKey { source: "till".to_owned(), reference: "hold".to_owned() },
        occurred_at: noon("2026-02-10"),
        unit: None,
        points: 10,
        minutes: None,
        purpose: None,
        programme_version: None,
        spender: None,
    };
    let context =
        crate::operation::Context { programmes: &friends.programmes, now: noon("2026-02-10"), actor: "till" };
    let entries = hold_points(&mut friends.states[0], hold, &context).unwrap();
    friends.entries[0].extend(entries);
    assert_eq!(friends.merges((0, 1), "2026-02-10"), Err("merge_waits"));
    // Once it has timed out nothing is in the way any more.
    friends.merges((0, 1), "2026-02-13").unwrap();
    assert_eq!(friends.points(1), (500, 0, 0));
    assert_eq!(friends.merges((0, 1), "2026-02-14"), Err("account_closed"));
    friends.audited();
}

#[test]
fn either_side_is_told_in_words() {
    let mut friends = two();
    friends.merges((0, 1), "2026-02-11").unwrap();
    let told = |who: usize| {
        let programme = friends.programmes.at(noon("2026-02-11")).map(AsRef::as_ref);
        explain(friends.last(who), programme, Language::En).title
    };
    assert!(told(0).contains("Merged into member"), "{}", told(0));
    assert!(told(1).contains("was merged into this one"), "{}", told(1));
}
