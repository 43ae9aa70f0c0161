//! Transfers by example: what a lot keeps, every limit by the name of its refusal, how offers end, and what a return of
//! the goods takes from whom (TS-14).
#![allow(clippy::unwrap_used)]

use jiff::Timestamp;

use super::{
    Gift, GiftRoom, OFFERS_OPEN_MAX, accept_transfer, check_gift, end_transfer, gift_room, transfer_points,
};
use crate::code::Code;
use crate::explain::explain;
use crate::ids::EntryId;
use crate::ledger::{Fact, LedgerAccount, OfferEnd};
use crate::operation::Context;
use crate::operation::friends::{Friends, POINTS, noon};
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
expiry = { rolling = { months = 6 } }
[[units]]
code = "stamps"
name = { zh = "印花", en = "stamps" }
[[rules]]
code = "base"
name = { zh = "消费积分", en = "Base points" }
unit = "points"
effect = { rate = { points = "1", per = "1.00" } }
funders = [{ code = "brand", percent = "25" }, { code = "shop", percent = "75" }]
[transfers]
units = ["points"]
sent_per_day_max = 300
received_per_day_max = 400
"#;

impl Friends {
    fn offers(&mut self, pair: (usize, usize), day: &str, points: i64) -> Result<EntryId, &'static str> {
        let gift = Gift { unit: POINTS, points };
        self.decide(pair, day, |from, to, context| transfer_points(from, to, gift, context))?;
        Ok(self.last(pair.0).id)
    }

    fn accepts(&mut self, pair: (usize, usize), day: &str, id: EntryId) -> Result<(), &'static str> {
        self.decide(pair, day, |from, to, context| accept_transfer(from, to, id, context))
    }

    fn ends(
        &mut self,
        pair: (usize, usize),
        day: &str,
        id: EntryId,
        end: OfferEnd,
    ) -> Result<(), &'static str> {
        self.decide(pair, day, |from, to, context| end_transfer(from, to, (id, end), context))
    }

    fn gives(&mut self, pair: (usize, usize), day: &str, points: i64) -> Result<(), &'static str> {
        let id = self.offers(pair, day, points)?;
        self.accepts(pair, day, id)
    }
}

/// What the giver is refused for does not depend on who the points are for.
#[test]
fn what_may_be_given_is_known_before_a_receiver_is() {
    let mut friends = Friends::of(PROGRAMME, 3);
    friends.buys(0, "2026-01-05", "1", 20_000);
    friends.buys(0, "2026-03-10", "2", 50_000);
    friends.gives((0, 1), "2026-03-20", 100).unwrap();
    friends.joins(4, "2026-03-19");
    let context = Context { programmes: &friends.programmes, now: noon("2026-03-20"), actor: "app" };
    let room = gift_room(&friends.states[0], POINTS, &context).unwrap();
    assert_eq!(room, GiftRoom { unit: POINTS, points: 100, left_today: 200 }, "the second purchase is young");
    for (giver, points) in [(0, 0), (0, 49), (0, 50), (0, 100), (0, 101), (0, 201), (2, 50), (3, 50)] {
        let alone = check_gift(&friends.states[giver], Gift { unit: POINTS, points }, &context);
        let (mut from, mut to) = (friends.states[giver].clone(), friends.states[1].clone());
        let offered = transfer_points(&mut from, &mut to, Gift { unit: POINTS, points }, &context);
        assert_eq!(format!("{:?}", alone.err()), format!("{:?}", offered.err()), "{points} by {giver}");
    }
    let stamps = Code::constant("stamps");
    assert!(gift_room(&friends.states[0], stamps, &context).is_err(), "they are not given away");
    assert_eq!(friends.holds(0), (600, 0), "looking moves nothing");
}

#[test]
fn lots_keep_expiry_cohort_funder_and_age_and_the_two_entries_name_each_other() {
    let mut friends = Friends::of(PROGRAMME, 2);
    friends.buys(0, "2026-01-05", "1", 20_000);
    friends.buys(0, "2026-02-10", "2", 20_000);
    friends.gives((0, 1), "2026-03-20", 250).unwrap();

    assert_eq!((friends.holds(0), friends.holds(1)), ((150, 0), (250, 0)));
    let (given, got) = (friends.last(0), friends.last(1));
    let Fact::PointsTransferred { counterpart, parts, .. } = &given.fact else { panic!("{given:?}") };
    let Fact::PointsTransferred { counterpart: back, parts: same, .. } = &got.fact else { panic!("{got:?}") };
    assert_eq!((*counterpart, *back, parts), (got.id, given.id, same));
    // The first purchase whole (50 + 150), then 50 of the second: soonest expiry first.
    let kept: Vec<_> = friends.states[1]
        .lots
        .iter()
        .map(|lot| (lot.remaining, lot.funder.to_string(), lot.earned_at, lot.expires_at))
        .collect();
    let (first, second) = (noon("2026-01-05"), noon("2026-02-10"));
    let end = |day: &str| Some(format!("{day}T00:00:00+08:00").parse::<Timestamp>().unwrap());
    assert_eq!(
        kept[..2],
        [
            (50, "brand".to_owned(), first, end("2026-07-06")),
            (150, "shop".to_owned(), first, end("2026-07-06")),
        ]
    );
    assert_eq!((kept[2].0, kept[2].2, kept[2].3), (50, second, end("2026-08-11")));
    let origins: Vec<_> = friends.states[1].lots.iter().map(|lot| lot.origin.unwrap().entry_no).collect();
    assert_eq!(origins, [2, 2, 3], "the purchases that issued them");
    let house: i64 = [given, got]
        .into_iter()
        .flat_map(|entry| &entry.postings)
        .map(|posting| match (posting.debit, posting.credit) {
            (LedgerAccount::Transfer, _) => -posting.amount,
            (_, LedgerAccount::Transfer) => posting.amount,
            _ => 0,
        })
        .sum();
    assert_eq!(house, 0, "the pair leaves the house account at zero");
    friends.audited();
}

/// What is tried, the refusal it meets, and how.
type Case = (&'static str, &'static str, fn(&mut Friends) -> Result<(), &'static str>);

#[test]
fn each_limit_refuses_by_name() {
    let two_hundred = |friends: &mut Friends| friends.buys(0, "2026-01-05", "1", 20_000);
    let cases: [Case; 9] = [
        ("49 points", "transfer_too_small", |friends| friends.gives((0, 1), "2026-03-20", 49)),
        ("nothing", "field_invalid", |friends| friends.gives((0, 1), "2026-03-20", 0)),
        ("to oneself", "field_invalid", |friends| friends.gives((0, 0), "2026-03-20", 50)),
        ("more than there is", "too_few_transferable", |friends| friends.gives((0, 1), "2026-03-20", 201)),
        ("points 29 days old", "too_few_transferable", |friends| friends.gives((0, 1), "2026-02-03", 50)),
        ("an account 29 days old", "account_too_young", |friends| friends.gives((0, 1), "2026-01-30", 50)),
        ("to an account 29 days old", "account_too_young", |friends| {
            friends.joins(3, "2026-02-19");
            friends.gives((0, 2), "2026-03-20", 50)
        }),
        ("another unit", "transfers_off", |friends| {
            let gift = Gift { unit: Code::constant("stamps"), points: 50 };
            friends.decide((0, 1), "2026-03-20", |from, to, context| transfer_points(from, to, gift, context))
        }),
        ("a lapsed lot", "too_few_transferable", |friends| friends.gives((0, 1), "2026-07-06", 50)),
    ];
    for (case, code, attempt) in cases {
        let mut friends = Friends::of(PROGRAMME, 2);
        two_hundred(&mut friends);
        assert_eq!(attempt(&mut friends), Err(code), "{case}");
    }
    let mut friends = Friends::of(PROGRAMME, 2);
    two_hundred(&mut friends);
    assert_eq!(friends.gives((0, 1), "2026-02-04", 50), Ok(()), "on the 30th day");
    friends.audited();
}

#[test]
fn a_programme_without_the_part_transfers_nothing() {
    let mut friends = Friends::of(PROGRAMME.split("[transfers]").next().unwrap(), 2);
    friends.buys(0, "2026-01-05", "1", 20_000);
    assert_eq!(friends.gives((0, 1), "2026-03-20", 50), Err("transfers_off"));
}

#[test]
fn a_day_has_a_limit_for_the_giver_and_for_the_receiver() {
    let mut friends = Friends::of(PROGRAMME, 4);
    (0..3).for_each(|who| friends.buys(who, "2026-01-05", &who.to_string(), 60_000));
    friends.gives((0, 3), "2026-03-20", 250).unwrap();
    assert_eq!(friends.gives((0, 3), "2026-03-20", 51), Err("transfer_limit"), "300 a day given");
    let waits = friends.offers((1, 3), "2026-03-20", 151).unwrap();
    assert_eq!(friends.accepts((1, 3), "2026-03-20", waits), Err("transfer_limit"), "400 a day got");
    friends.gives((2, 3), "2026-03-20", 150).unwrap();
    friends.accepts((1, 3), "2026-03-21", waits).unwrap();
    friends.gives((0, 3), "2026-03-21", 249).unwrap();
    friends.audited();
}

#[test]
fn an_offer_reserves_nothing_and_is_answered_once() {
    let mut friends = Friends::of(PROGRAMME, 3);
    friends.buys(0, "2026-01-05", "1", 20_000);
    let declined = friends.offers((0, 1), "2026-03-01", 200).unwrap();
    let withdrawn = friends.offers((0, 1), "2026-03-01", 200).unwrap();
    let lapsing = friends.offers((0, 1), "2026-03-01", 100).unwrap();
    let accepted = friends.offers((0, 2), "2026-03-02", 150).unwrap();
    assert_eq!(friends.holds(0), (200, 0));
    friends.ends((0, 1), "2026-03-02", declined, OfferEnd::Declined).unwrap();
    friends.ends((0, 1), "2026-03-02", withdrawn, OfferEnd::Withdrawn).unwrap();
    friends.accepts((0, 2), "2026-03-03", accepted).unwrap();
    for (id, pair, day) in [
        (declined, (0, 1), "2026-03-04"),
        (withdrawn, (0, 1), "2026-03-04"),
        (accepted, (0, 2), "2026-03-04"),
        (lapsing, (0, 1), "2026-03-08"),
        (lapsing, (0, 2), "2026-03-04"),
        (lapsing, (0, 0), "2026-03-04"),
    ] {
        assert_eq!(friends.accepts(pair, day, id), Err("transfer_not_open"), "{id} on {day}");
    }
    assert_eq!(friends.accepts((0, 1), "2026-03-07", lapsing), Err("too_few_transferable"), "50 are left");
    assert_eq!(friends.ends((0, 2), "2026-03-04", accepted, OfferEnd::Withdrawn), Err("transfer_not_open"));
    friends.audited();
}

#[test]
fn only_so_many_offers_wait() {
    let mut friends = Friends::of(PROGRAMME, 3);
    friends.buys(0, "2026-01-05", "1", 20_000);
    for _ in 0..OFFERS_OPEN_MAX {
        friends.offers((0, 1), "2026-03-01", 50).unwrap();
    }
    assert_eq!(friends.offers((0, 1), "2026-03-01", 50), Err("offers_waiting"));
    assert_eq!(friends.offers((0, 2), "2026-03-01", 50), Err("offers_waiting"));
    assert!(friends.offers((0, 1), "2026-03-08", 50).is_ok(), "those before have lapsed");
    friends.audited();
}

#[test]
fn ts_14_a_return_of_what_was_given_away_takes_from_the_giver_and_not_from_the_friend() {
    let mut friends = Friends::of(PROGRAMME, 2);
    friends.buys(0, "2026-01-05", "1", 20_000);
    friends.gives((0, 1), "2026-03-20", 200).unwrap();
    friends.returns(0, "2026-03-21", "1");
    assert_eq!(
        (friends.holds(0), friends.holds(1)),
        ((0, 200), (200, 0)),
        "the giver owes, the friend keeps"
    );
    friends.gives((1, 0), "2026-04-21", 200).unwrap();
    assert_eq!(
        (friends.holds(0), friends.holds(1)),
        ((0, 0), (0, 0)),
        "what comes back repays the debt first"
    );
    friends.audited();
}

#[test]
fn points_that_came_back_are_again_the_first_a_return_takes() {
    let mut friends = Friends::of(PROGRAMME, 2);
    friends.buys(0, "2026-01-05", "1", 20_000);
    friends.buys(0, "2026-01-06", "2", 20_000);
    friends.gives((0, 1), "2026-03-20", 200).unwrap();
    friends.gives((1, 0), "2026-03-21", 200).unwrap();
    friends.returns(0, "2026-03-22", "1");
    let Fact::ReturnRecorded { clawback, .. } = &friends.last(0).fact else { panic!() };
    assert_eq!((clawback[0].own_lots, clawback[0].other_lots, clawback[0].debt), (200, 0, 0));
    assert_eq!(friends.holds(0), (200, 0));
    friends.audited();
}

#[test]
fn both_sides_read_what_happened_in_both_languages() {
    let mut friends = Friends::of(PROGRAMME, 2);
    friends.buys(0, "2026-01-05", "1", 20_000);
    friends.gives((0, 1), "2026-03-20", 60).unwrap();
    let title = |who: usize, back: usize, language| {
        let entry = &friends.entries[who][friends.entries[who].len() - 1 - back];
        explain(entry, friends.programmes.version(1).map(AsRef::as_ref), language).title
    };
    let (giver, friend) = (friends.states[0].account_id, friends.states[1].account_id);
    assert_eq!(title(0, 0, Language::En), format!("Gave 60 points to {friend} on 2026-03-20 12:00"));
    assert_eq!(title(0, 0, Language::ZhCn), format!("2026-03-20 12:00 转赠 60 积分 给 {friend}"));
    assert!(title(1, 0, Language::En).starts_with(&format!("Got 60 points from {giver}")));
    assert!(title(0, 1, Language::En).ends_with("to be accepted before 2026-03-27 12:00"));
    assert!(title(1, 1, Language::ZhCn).ends_with("请于 2026-03-27 12:00 前决定"));
}
