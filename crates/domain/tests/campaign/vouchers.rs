//! Vouchers under random baskets, templates, orders of presentation and calls, against what must hold whatever was
//! drawn. Written from the promises, not from the code that applies them.

use std::collections::{BTreeMap, BTreeSet};

use domain::code::Code;
use domain::document::{DocumentKey, PurchaseLine};
use domain::programme::{CompiledProgramme, Holder, Stacking, parse_toml};
use domain::voucher::{
    Basket, Presented, PurchaseVoucher, Voucher, VoucherCall, VoucherId, VoucherOutcome, apply_vouchers,
    net_lines,
};
use jiff::{Timestamp, ToSpan};

use super::random::Random;

/// How often each interesting thing happened; a run in which one never does proves nothing.
pub type Seen = BTreeMap<&'static str, u64>;

const HEAD: &str = r#"
code = "shop"
name = { zh = "店", en = "Shop" }
currency = "CNY"
time_zone = "Asia/Shanghai"
[[units]]
code = "points"
name = { zh = "分", en = "points" }
"#;

macro_rules! must {
    ($condition:expr, $($told:tt)+) => {
        if !$condition {
            return Err(format!($($told)+));
        }
    };
}

/// Draws a programme, a basket and vouchers; judges them in two orders; then lives a voucher's life.
pub fn run(number: u64, seen: &mut Seen) -> Result<(), String> {
    let mut random = Random::new(number);
    let programme = draw_programme(&mut random);
    let lines = draw_lines(&mut random);
    let now: Timestamp = "2026-06-15T04:00:00Z".parse().unwrap();
    let vouchers: Vec<Voucher> =
        (1..=random.between(1, 5)).map(|n| draw_voucher(&mut random, n, now)).collect();
    let mut order: Vec<usize> = (0..vouchers.len()).collect();
    let first = judge(&programme, &vouchers, &order, &lines, now);
    check_amounts(&first, &lines)?;
    check_reasons(&programme, &vouchers, &first, &lines, now, seen)?;
    for _ in 0..3 {
        let (a, b) = (random.index(order.len()), random.index(order.len()));
        order.swap(a, b);
    }
    let second = judge(&programme, &vouchers, &order, &lines, now);
    must!(by_id(&first) == by_id(&second), "the order of presentation counts: {first:#?}\n{second:#?}");
    live(&mut random, now, seen)
}

fn draw_programme(random: &mut Random) -> CompiledProgramme {
    let mut text = HEAD.to_owned();
    for number in 1..=5 {
        let money =
            |random: &mut Random, most| format!("{}.{:02}", random.between(0, most), random.between(1, 99));
        let effect = match random.below(5) {
            0 => format!("effect.amount = {{ amount = \"{}\" }}", money(random, 30)),
            1 => format!("effect.percent = {{ percent = {} }}", random.between(1, 100)),
            2 => format!("effect.item = {{ quantity = {} }}", random.between(1, 3)),
            3 => {
                format!("effect.spend_and_save = {{ every = \"10\", save = \"{}.5\" }}", random.between(0, 9))
            }
            _ => "effect.free_delivery = {}".to_owned(),
        };
        let scope = random.pick(&["", "scope.category = [\"tea\"]\n", "scope.except_tag = [\"delivery\"]\n"]);
        let minimum = random.pick(&["", "minimum = \"10\"\n", "minimum = \"20\"\n"]);
        let stacking =
            random.pick(&["\"alone\"", "\"free\"", "\"free\"", "{ group = \"g\" }", "{ group = \"g\" }"]);
        text.extend([format!(
            "[[vouchers]]\ncode = \"v{number}\"\nname = {{ zh = \"券\", en = \"V\" }}\n{effect}\n{scope}{minimum}\
             stacking = {stacking}\nvalid = {{ days = 9 }}\nissue_max = 9\n"
        )]);
    }
    let programme = parse_toml(&text).unwrap_or_else(|found| panic!("{text}\n{found:#?}"));
    CompiledProgramme::compile(programme, 1, Timestamp::UNIX_EPOCH).unwrap()
}

fn draw_lines(random: &mut Random) -> Vec<PurchaseLine> {
    (0..random.between(1, 5))
        .map(|_| PurchaseLine {
            amount: random.pick(&[0, 1, 333, 500, 1_000, 1_000, 1_999, 2_000, -300]),
            quantity_milli: random.pick(&[1_000, 1_000, 2_000, 500]),
            category: random.pick(&["tea", "cups"]).to_owned(),
            tags: if random.once_in(4) { vec!["delivery".to_owned()] } else { Vec::new() },
            ..PurchaseLine::default()
        })
        .collect()
}

fn draw_voucher(random: &mut Random, number: i64, now: Timestamp) -> Voucher {
    let ends = random.pick(&[0, 1, 1, 1, 1, 1, -1]);
    Voucher {
        id: VoucherId::from_bytes([
            u8::try_from(random.below(200)).unwrap(),
            u8::try_from(number).unwrap(),
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
        ]),
        batch_no: 1,
        template: Code::new(&format!("v{number}")).unwrap(),
        programme_version: 1,
        valid_from: None,
        expires_at: now.checked_add(ends.minutes()).unwrap(),
        batch_void: false,
        void: random.once_in(20),
        member: None,
        code: None,
        value: None,
        uses_max: 1,
        uses: Vec::new(),
        version: 1,
        changed: false,
    }
}

fn judge(
    programme: &CompiledProgramme,
    vouchers: &[Voucher],
    order: &[usize],
    lines: &[PurchaseLine],
    now: Timestamp,
) -> Vec<PurchaseVoucher> {
    let presented: Vec<Presented<'_>> = order
        .iter()
        .map(|position| {
            let voucher = &vouchers[*position];
            Presented {
                id: voucher.id,
                known: programme.voucher(voucher.template).map(|terms| (voucher, terms)),
            }
        })
        .collect();
    let call = VoucherCall { document: None, member: None, absorbed: &[], now, actor: "test" };
    apply_vouchers(&presented, &Basket { lines, channel: None, store: None }, &call, now)
}

fn by_id(results: &[PurchaseVoucher]) -> BTreeMap<VoucherId, PurchaseVoucher> {
    results.iter().map(|each| (each.voucher, each.clone())).collect()
}

/// No line is discounted below nothing, no basket either, and the parts add up.
fn check_amounts(results: &[PurchaseVoucher], lines: &[PurchaseLine]) -> Result<(), String> {
    for each in results {
        must!(each.shares.iter().sum::<i64>() == each.discount, "shares do not add up: {each:?}");
        must!(each.shares.iter().all(|share| *share >= 0), "a negative share: {each:?}");
        must!(each.applied() == (each.discount > 0), "applied or not: {each:?}");
    }
    let paid = net_lines(lines, &mut results.to_vec());
    let total = |lines: &[PurchaseLine]| lines.iter().map(|line| line.amount).sum::<i64>();
    let off: i64 = results.iter().map(|each| each.discount).sum();
    must!(total(lines) - off == total(&paid), "what is paid is not the price less the discounts");
    for (before, after) in lines.iter().zip(&paid) {
        must!(after.amount >= before.amount.min(0), "line of {} is paid {}", before.amount, after.amount);
    }
    must!(off == 0 || total(&paid) >= 0, "{off} taken off {}", total(lines));
    Ok(())
}

fn check_reasons(
    programme: &CompiledProgramme,
    vouchers: &[Voucher],
    results: &[PurchaseVoucher],
    lines: &[PurchaseLine],
    now: Timestamp,
    seen: &mut Seen,
) -> Result<(), String> {
    let mut groups = BTreeSet::new();
    let mut alone = 0;
    let applied = results.iter().filter(|each| each.applied()).count();
    for (voucher, result) in vouchers.iter().zip(results) {
        let template = programme.programme().voucher(voucher.template).unwrap();
        let over = voucher.expires_at <= now;
        must!(!(over && result.applied()), "applied after its end: {result:?}");
        must!(!(voucher.void && result.applied()), "applied although void: {result:?}");
        if result.applied() {
            match template.stacking {
                Stacking::Alone => alone += 1,
                Stacking::Group(group) => {
                    must!(groups.insert(group), "two of a group apply: {results:#?}");
                }
                Stacking::Free => {}
            }
        }
        if let Some(minimum) = template.minimum.filter(|_| !over && !voucher.void) {
            let minimum = minimum.scaled(2).unwrap();
            let counted: i64 =
                lines.iter().filter(|line| counts(template, line)).map(|line| line.amount).sum();
            let missing = minimum - counted.max(0);
            match &result.outcome {
                VoucherOutcome::BelowMinimum { missing: told } => {
                    must!(*told == missing && missing > 0, "{told} told missing, {missing} are: {result:?}");
                    note(seen, "below its minimum");
                }
                VoucherOutcome::Applied => must!(missing <= 0, "{missing} missing and applied: {result:?}"),
                _ => {}
            }
            if missing == 0 && result.applied() {
                note(seen, "exactly its minimum");
            }
        }
        match result.outcome {
            VoucherOutcome::NotCombinable => note(seen, "not combinable"),
            VoucherOutcome::BeatenInGroup => note(seen, "beaten in its group"),
            VoucherOutcome::Expired { .. } => note(seen, "expired"),
            _ => {}
        }
    }
    must!(alone == 0 || applied == 1, "one that is used alone was not alone: {results:#?}");
    if applied > 1 {
        note(seen, "applied together");
    }
    Ok(())
}

/// Whether a line counts, read off the template.
fn counts(template: &domain::programme::VoucherTemplate, line: &PurchaseLine) -> bool {
    let delivery = line.tags.iter().any(|tag| tag == "delivery");
    let pays_delivery = matches!(template.effect, domain::programme::VoucherEffect::FreeDelivery(_));
    let category = template.scope.category.is_empty() || template.scope.category.contains(&line.category);
    category && !(delivery && (pays_delivery || !template.scope.except_tag.is_empty()))
}

/// Random calls on one voucher of 1 to 3 uses, counted the plain way: a document has at most one use, all together
/// at most as many as there are, and none after the end.
fn live(random: &mut Random, start: Timestamp, seen: &mut Seen) -> Result<(), String> {
    let uses_max = u32::try_from(random.between(1, 3)).unwrap();
    let end = start.checked_add(60.minutes()).unwrap();
    let mut voucher = Voucher { uses_max, expires_at: end, void: false, ..draw_voucher(random, 1, start) };
    let mut redeemed: BTreeSet<String> = BTreeSet::new();
    let mut now = start;
    for _ in 0..12 {
        now = now.checked_add(random.between(0, 12).minutes()).unwrap();
        let document = DocumentKey { source: "till".to_owned(), reference: random.below(5).to_string() };
        let call = VoucherCall { document: Some(&document), member: None, absorbed: &[], now, actor: "test" };
        let held = voucher.uses.iter().any(|each| each.document == document && each.open(now));
        match random.below(4) {
            0 => {
                let until = now.checked_add(10.minutes()).unwrap();
                let outcome = voucher.reserve(&call, Holder::Bearer, until);
                must!(outcome.is_err() || held || now < end, "reserved after its end: {outcome:?}");
            }
            1 | 2 => {
                let outcome = voucher.redeem(&call, Holder::Bearer, now, 1);
                if outcome.is_ok() {
                    must!(held || now < end, "redeemed after its end");
                    redeemed.insert(document.reference.clone());
                } else if now >= end {
                    note(seen, "refused after its end");
                } else {
                    note(seen, "refused for want of uses");
                }
            }
            _ => {
                let _ = voucher.release(&call);
                if redeemed.remove(&document.reference) {
                    note(seen, "restored");
                }
            }
        }
        must!(voucher.redeemed() == u32::try_from(redeemed.len()).unwrap(), "{redeemed:?} of {voucher:#?}");
        must!(voucher.open_uses(now) <= uses_max, "used more often than it can be: {voucher:#?}");
    }
    Ok(())
}

fn note(seen: &mut Seen, what: &'static str) {
    *seen.entry(what).or_default() += 1;
}
