//! Properties of spending: a hold ends exactly once whatever is done with it and in whatever order, and what points
//! paid comes back exactly, in any parts and order. Each test names the property of the specification.

use domain::burn::{Capture, HoldRequest, HoldVoid, PointsTender};
use domain::code::Code;
use domain::document::{DocumentKey, Payment, Purchase, PurchaseLine, Return, ReturnLine};
use domain::ledger::{Fact, HoldState, LedgerAccount, hold_changes};
use domain::money::Currency;
use domain::operation::Adjustment;
use domain::programme::{CompiledProgramme, parse_toml};
use jiff::{Timestamp, ToSpan};

use crate::campaign::live::{Done, Live};
use crate::campaign::random::Random;

const POINTS: Code = Code::constant("points");

fn programme(split: &str) -> String {
    format!(
        r#"
code = "shop"
name = {{ zh = "店", en = "Shop" }}
currency = "CNY"
time_zone = "Asia/Shanghai"
policies = {{ adjustment_approval_above = 1_000_000 }}

[[units]]
code = "points"
name = {{ zh = "分", en = "Points" }}
expiry = {{ rolling = {{ days = 40 }} }}
redemption = {{ value = {{ points = 3, money = "0.05" }}, step = 3, hold_minutes = 30, return_split = "{split}" }}
"#
    )
}

fn start() -> Timestamp {
    "2028-01-10T04:00:00Z".parse().expect("an instant")
}

fn after(minutes: i64) -> Timestamp {
    start().checked_add(minutes.minutes()).expect("in range")
}

fn key(reference: &str) -> DocumentKey {
    DocumentKey { source: "till".to_owned(), reference: reference.to_owned() }
}

/// One member with two lots of so many points each, the second a day younger.
fn shop(split: &str, points: i64) -> Live {
    let mut live = Live::new(1, false);
    let programme = parse_toml(&programme(split)).unwrap_or_else(|findings| panic!("{findings:?}"));
    let compiled = CompiledProgramme::compile(programme, 1, after(-100_000)).expect("valid");
    live.programmes.publish(std::sync::Arc::new(compiled));
    live.enrol(0, after(-1_440), after(-1_440));
    for at in [after(-1_440), after(0)] {
        let reason = Code::constant("goodwill");
        let note = "test".to_owned();
        let given = Adjustment { unit: POINTS, points, reason, note, occurred_at: at, approved_by: None };
        assert!(matches!(live.adjust(0, &given, "desk", at), Done::Recorded(_)));
    }
    live
}

/// What can be done with a hold of 30 points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    CapturePart,
    CaptureRest,
    CaptureAndRelease,
    Void,
    TimeOut,
    Retry,
}

const ACTS: [Act; 6] =
    [Act::CapturePart, Act::CaptureRest, Act::CaptureAndRelease, Act::Void, Act::TimeOut, Act::Retry];

/// Does it; a retry sends what was sent last once more.
fn act(
    live: &mut Live,
    act: Act,
    number: usize,
    now: &mut Timestamp,
    last: &mut Option<(Act, usize)>,
) -> Done {
    let reference = format!("{number}");
    let capture = |points, release_rest| Capture {
        key: key(&reference),
        hold: key("h"),
        occurred_at: start(),
        points,
        release_rest,
    };
    match act {
        Act::CapturePart => live.capture(&capture(Some(9), false), *now),
        Act::CaptureRest => live.capture(&capture(None, false), *now),
        Act::CaptureAndRelease => live.capture(&capture(Some(6), true), *now),
        Act::Void => {
            let void = HoldVoid { key: key(&reference), hold: key("h"), occurred_at: start(), reason: None };
            live.void(&void, *now)
        }
        Act::TimeOut => {
            *now = after(30);
            live.pass_time(0, *now)
        }
        Act::Retry => match *last {
            Some((again, number)) => self::act(live, again, number, now, &mut None),
            None => Done::Duplicate,
        },
    }
}

/// All sequences of up to six acts: the hold has exactly one end, nothing after it moves a point, and no more is
/// captured than was reserved.
#[test]
fn pt_05_every_interleaving_of_up_to_six_acts_ends_a_hold_once() {
    let mut opened = shop("proportional", 20);
    let request = HoldRequest {
        key: key("h"),
        occurred_at: start(),
        unit: None,
        points: 30,
        minutes: None,
        purpose: None,
        programme_version: None,
        spender: None,
    };
    assert!(matches!(opened.hold(0, &request, start()), Done::Recorded(_)));
    let mut tried = 0;
    let mut ends = [0; 3];
    // Depth first: each prefix is decided once, and copied for every way to go on.
    let mut open = vec![(opened, 0_usize, start(), None::<(Act, usize)>)];
    while let Some((live, length, now, last)) = open.pop() {
        check(&live, &mut ends);
        tried += 1;
        if length == 6 {
            continue;
        }
        for next in ACTS {
            let (mut live, mut now, mut last) = (live.clone(), now, last);
            let done = act(&mut live, next, length, &mut now, &mut last);
            if next != Act::Retry {
                last = (next != Act::TimeOut).then_some((next, length));
            } else if !matches!(done, Done::Duplicate | Done::Refused(_)) {
                // What was refused may succeed later, but never twice.
                assert!(last.is_some(), "{done:?}");
            }
            open.push((live, length + 1, now, last));
        }
    }
    println!(
        "PT-05: {tried} interleavings; ended by capture {}, void {}, time {}",
        ends[0], ends[1], ends[2]
    );
    assert_eq!(tried, (0..=6).map(|length| 6_usize.pow(length)).sum::<usize>());
    assert!(ends.iter().all(|count| *count > 1_000), "{ends:?}");
}

fn check(live: &Live, ends: &mut [usize; 3]) {
    let account = live.accounts[0].as_ref().expect("enrolled");
    let changes: Vec<_> = account.entries.iter().flat_map(hold_changes).collect();
    let ended: Vec<HoldState> =
        changes.iter().map(|change| change.state).filter(|state| *state != HoldState::Open).collect();
    assert!(ended.len() <= 1, "{ended:?}");
    assert_eq!(ended.is_empty(), account.state.holds.len() == 1);
    let captured: i64 = changes.iter().map(|change| change.captured).sum();
    assert!(captured <= 30, "{captured}");
    let balance = account.state.balance(POINTS);
    let kept: i64 = account.state.holds.iter().map(domain::ledger::Hold::points).sum();
    assert_eq!((balance.held, balance.redeemed), (kept, captured));
    assert_eq!(balance.available + balance.held + balance.redeemed, 40, "nothing is lost or made");
    // The remainder is where it came from: what was captured came out of the lot that ends first.
    let consumed: Vec<i64> = account.state.lots.iter().map(|lot| lot.consumed).collect();
    assert_eq!(consumed, [captured.min(20), (captured - 20).max(0)]);
    match ended.first() {
        Some(HoldState::Captured) => ends[0] += 1,
        Some(HoldState::Voided) => ends[1] += 1,
        Some(HoldState::Expired) => ends[2] += 1,
        _ => {}
    }
}

/// For every partition of a purchase into returns, in every order: a prefix gives back the whole points of its part,
/// all of it gives back everything, to the very lots.
#[test]
fn pt_06_points_that_paid_come_back_exactly_in_any_parts_and_order() {
    for seed in 0..600 {
        let mut random = Random::new(seed);
        let split = random.pick(&["proportional", "points_first", "money_first"]);
        let mut live = shop(split, 60);
        let points = random.between(1, 40) * 3;
        let amount = points / 3 * 5;
        let lines: Vec<i64> = (0..random.between(1, 4)).map(|_| random.between(1, 300) + amount).collect();
        let total: i64 = lines.iter().sum();
        let tender = PointsTender { unit: None, points, hold: None };
        let purchase = Purchase {
            key: key("p"),
            occurred_at: start(),
            currency: Currency::new("CNY").expect("a currency"),
            store: None,
            channel: None,
            vouchers: Vec::new(),
            payments: vec![Payment {
                method: "points".to_owned(),
                amount,
                points: Some(tender),
                stored_value: None,
            }],
            lines: lines
                .iter()
                .map(|amount| PurchaseLine {
                    amount: *amount,
                    quantity_milli: 1_000,
                    ..PurchaseLine::default()
                })
                .collect(),
        };
        let before = live.accounts[0].as_ref().expect("enrolled").state.lots.clone();
        assert!(matches!(live.purchase(0, &purchase, start(), true), Done::Recorded(_)), "seed {seed}");
        let mut left = lines.clone();
        let (mut returned, mut back, mut money) = (0, 0, 0);
        let mut number = 0;
        while left.iter().any(|amount| *amount > 0) {
            let open: Vec<usize> = (0..left.len()).filter(|line| left[*line] > 0).collect();
            let chosen = random.pick(&open);
            let part = if random.once_in(3) { left[chosen] } else { random.between(1, left[chosen]) };
            left[chosen] -= part;
            returned += part;
            number += 1;
            let lines = vec![ReturnLine { line: u32::try_from(chosen).expect("few"), amount: part }];
            let reference = key(&format!("b{number}"));
            let document = Return { key: reference, purchase: key("p"), occurred_at: start(), lines };
            let Done::Recorded(entries) = live.take_back(&document, start()) else { panic!("seed {seed}") };
            let Fact::ReturnRecorded { refunds, .. } = &entries[0].fact else { panic!("seed {seed}") };
            back += refunds.iter().map(|refund| refund.points).sum::<i64>();
            money += refunds.iter().map(|refund| refund.amount).sum::<i64>();
            let expected = match split {
                "proportional" => points * returned / total,
                "points_first" => points * returned.min(amount) / amount,
                _ => points * (returned - (total - amount)).max(0) / amount,
            };
            assert_eq!(back, expected, "seed {seed}: {returned} of {total} back, {split}");
            assert_eq!(money, amount * back / points, "seed {seed}: the money they stand for");
        }
        assert_eq!((back, money), (points, amount), "seed {seed}: all of it");
        let account = live.accounts[0].as_ref().expect("enrolled");
        let amounts = |lots: &[domain::ledger::Lot]| -> Vec<(i64, i64)> {
            lots.iter().map(|lot| (lot.remaining, lot.consumed)).collect()
        };
        assert_eq!(amounts(&account.state.lots), amounts(&before), "seed {seed}: every lot as before");
        let moved =
            |account: LedgerAccount| move |posting: &&domain::ledger::Posting| posting.debit == account;
        let entries = account.entries.iter().flat_map(|entry| &entry.postings);
        let from_house: i64 =
            entries.filter(moved(LedgerAccount::Redeemed)).map(|posting| posting.amount).sum();
        assert_eq!(from_house, points);
    }
}
