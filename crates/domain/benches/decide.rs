//! How fast decisions are made without a store: rules, ledger and tiers of purchases with three lines under 50
//! live campaigns, one thread. `cargo bench -p domain`. Prints purchases per second of processor time, read from
//! the kernel's account of this thread, so that other work on the machine does not count.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss)]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the kernel's account of time")]

use std::hint::black_box;
use std::sync::Arc;

use domain::document::{DocumentKey, Payment, Purchase, PurchaseLine};
use domain::ids::AccountId;
use domain::ledger::AccountState;
use domain::money::Currency;
use domain::operation::{BudgetLedger, Context, Person, enrol_member, record_purchase};
use domain::programme::{CompiledProgramme, Programmes, Untouched, parse_toml};
use jiff::{SignedDuration, Timestamp};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const MEMBERS: usize = 10_000;
const PURCHASES: usize = 200_000;
const ROUNDS: usize = 7;

/// A fixed sequence of numbers (`SplitMix64`), so that every run judges the same purchases.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

fn line(numbers: &mut Numbers) -> PurchaseLine {
    PurchaseLine {
        sku: format!("sku_{:04}", numbers.below(400)),
        category: format!("category_{:02}", numbers.below(30) + 1),
        brand: format!("brand_{:02}", numbers.below(40) + 1),
        quantity_milli: 1_000 * i64::try_from(numbers.below(3) + 1).unwrap(),
        amount: i64::try_from(numbers.below(9_000) + 500).unwrap(),
        ..PurchaseLine::default()
    }
}

fn purchase(number: usize, at: Timestamp, numbers: &mut Numbers) -> Purchase {
    let channel = ["store", "web", "app"][usize::try_from(numbers.below(3)).unwrap()];
    let lines: Vec<_> = (0..3).map(|_| line(numbers)).collect();
    let amount = lines.iter().map(|line| line.amount).sum();
    Purchase {
        key: DocumentKey { source: "till".to_owned(), reference: format!("r{number}") },
        occurred_at: at,
        currency: Currency::new("CNY").unwrap(),
        store: Some(format!("s{:03}", numbers.below(12) + 1)),
        channel: Some(channel.to_owned()),
        vouchers: Vec::new(),
        payments: vec![Payment { method: "card".to_owned(), amount, points: None, stored_value: None }],
        lines,
    }
}

fn main() {
    let text = include_str!("../../../bench/programme.toml");
    let start: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
    let compiled = CompiledProgramme::compile(parse_toml(text).unwrap(), 1, start).unwrap();
    assert_eq!(compiled.rules().len(), 50);
    let programmes = Programmes::new(vec![Arc::new(compiled)]);
    let mut numbers = Numbers(1);
    let purchases: Vec<Purchase> = (0..PURCHASES)
        .map(|number| {
            let second = i64::try_from(number).unwrap();
            purchase(number, start + SignedDuration::from_secs(second), &mut numbers)
        })
        .collect();
    let budgets: Vec<_> = programmes.latest().unwrap().budgets().collect();

    let mut rules_only = Vec::new();
    let mut whole = Vec::new();
    for _ in 0..ROUNDS {
        rules_only.push(evaluate_all(&programmes, &purchases));
        whole.push(decide_all(&programmes, &purchases, BudgetLedger::new(budgets.clone()), start));
    }
    report("rules only", &mut rules_only);
    report("rules, ledger and tiers", &mut whole);
}

/// Processor time of this thread so far.
fn processor_seconds() -> f64 {
    let account = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds: u64 = account.split_whitespace().next().unwrap().parse().unwrap();
    nanoseconds as f64 / 1e9
}

fn evaluate_all(programmes: &Programmes, purchases: &[Purchase]) -> f64 {
    let programme = programmes.latest().unwrap();
    let facts = domain::ledger::Circumstances { purchase_no: 2, ..Default::default() };
    let began = processor_seconds();
    for purchase in purchases {
        let local = domain::calendar::local(purchase.occurred_at, programme.zone());
        let at = purchase.occurred_at;
        black_box(programme.evaluate_purchase(purchase, &facts, local, at, &Untouched, &Untouched));
    }
    PURCHASES as f64 / (processor_seconds() - began)
}

fn decide_all(
    programmes: &Programmes,
    purchases: &[Purchase],
    mut budgets: BudgetLedger,
    start: Timestamp,
) -> f64 {
    let person = Person::default();
    let context = |now| Context { programmes, now, actor: "till" };
    let mut states: Vec<AccountState> = (0..MEMBERS)
        .map(|number| {
            let id = AccountId::new(i64::try_from(number).unwrap()).unwrap();
            enrol_member(id, start, &person, &context(start), &mut budgets).unwrap().0
        })
        .collect();
    let copies = purchases.to_vec();
    let mut points = 0_i64;
    let began = processor_seconds();
    for (number, purchase) in copies.into_iter().enumerate() {
        let state = &mut states[number % MEMBERS];
        let now = purchase.occurred_at;
        let entries = record_purchase(state, &person, purchase, &context(now), &mut budgets).unwrap();
        points += entries.last().map_or(0, |entry| entry.postings[0].amount);
        // What the store does: lots stay in their own rows unless something is due.
        state.lots.clear();
        state.lots_loaded = false;
        black_box(&entries);
    }
    let rate = PURCHASES as f64 / (processor_seconds() - began);
    assert!(points > 0);
    rate
}

fn report(what: &str, rates: &mut [f64]) {
    rates.sort_by(f64::total_cmp);
    let (least, median, most) = (rates[0], rates[rates.len() / 2], rates[rates.len() - 1]);
    println!("{what}: {median:.0} purchases per second (least {least:.0}, most {most:.0})");
}
