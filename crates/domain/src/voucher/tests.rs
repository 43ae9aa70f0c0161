//! Tables of what vouchers take off and why not, and every state a voucher can get into, explored one by one.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan};

use super::{
    Basket, Presented, PurchaseVoucher, StepKind, UseState, Voucher, VoucherCall, VoucherId, VoucherOutcome,
    VoucherStatus, VoucherStep, apply_vouchers, as_reported, net_lines,
};
use crate::code::Code;
use crate::document::{DocumentKey, Purchase, PurchaseLine};
use crate::ids::AccountId;
use crate::money::Currency;
use crate::programme::{CompiledProgramme, Holder, parse_toml};

const PROGRAMME: &str = r#"
code = "shop"
name = { zh = "店", en = "Shop" }
currency = "CNY"
time_zone = "Asia/Shanghai"
[[units]]
code = "points"
name = { zh = "分", en = "points" }
"#;

fn programme(templates: &[(&str, &str)]) -> CompiledProgramme {
    let mut text = PROGRAMME.to_owned();
    for (code, rest) in templates {
        text.extend([format!(
            "[[vouchers]]\ncode = \"{code}\"\nname = {{ zh = \"券\", en = \"V\" }}\nuntil = \"2030-12-31\"\n\
             issue_max = 9\n{rest}\n"
        )]);
    }
    let programme = parse_toml(&text).unwrap_or_else(|found| panic!("{found:#?}"));
    CompiledProgramme::compile(programme, 1, Timestamp::UNIX_EPOCH).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-06-15T04:00:00Z")
}

fn id(number: u8) -> VoucherId {
    VoucherId::from_bytes([number; 16])
}

fn voucher(number: u8, template: &str) -> Voucher {
    Voucher {
        id: id(number),
        batch_no: 1,
        template: Code::new(template).unwrap(),
        programme_version: 1,
        valid_from: None,
        expires_at: at("2030-12-31T16:00:00Z"),
        batch_void: false,
        void: false,
        member: None,
        code: None,
        value: None,
        uses_max: 1,
        uses: Vec::new(),
        version: 1,
        changed: false,
    }
}

fn line(amount: i64, category: &str, tags: &[&str]) -> PurchaseLine {
    PurchaseLine {
        amount,
        category: category.to_owned(),
        quantity_milli: 1_000,
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..PurchaseLine::default()
    }
}

fn document(reference: &str) -> DocumentKey {
    DocumentKey { source: "till".to_owned(), reference: reference.to_owned() }
}

const ASKING: VoucherCall<'static> =
    VoucherCall { document: None, member: None, absorbed: &[], now: Timestamp::UNIX_EPOCH, actor: "test" };

/// Applies vouchers of these templates, numbered from 1, in the given order of presentation.
fn apply(templates: &[(&str, &str)], order: &[u8], lines: &[PurchaseLine]) -> Vec<PurchaseVoucher> {
    let programme = programme(templates);
    let vouchers: Vec<Voucher> =
        (1..).zip(templates).map(|(number, (code, _))| voucher(number, code)).collect();
    let presented: Vec<Presented<'_>> = order
        .iter()
        .map(|number| {
            let found = &vouchers[usize::from(*number) - 1];
            Presented { id: found.id, known: Some((found, programme.voucher(found.template).unwrap())) }
        })
        .collect();
    let basket = Basket { lines, channel: Some("store"), store: Some("s1") };
    let call = VoucherCall { now: now(), ..ASKING };
    apply_vouchers(&presented, &basket, &call, now())
}

/// One voucher on one basket: what it takes off each line, or why nothing.
fn check(rest: &str, lines: &[PurchaseLine], expected: Result<&[i64], VoucherOutcome>) {
    let result = apply(&[("one", rest)], &[1], lines).remove(0);
    match expected {
        Ok(shares) => {
            assert_eq!(result.outcome, VoucherOutcome::Applied, "{rest}");
            assert_eq!(result.shares, shares, "{rest}");
            assert_eq!(result.discount, shares.iter().sum::<i64>(), "{rest}");
        }
        Err(outcome) => {
            assert_eq!(result.outcome, outcome, "{rest}");
            assert_eq!((result.discount, result.shares.len()), (0, 0), "{rest}");
        }
    }
}

#[test]
fn each_kind_of_voucher_takes_off_what_it_says() {
    let basket = [line(10_000, "tea", &[]), line(5_000, "cups", &[]), line(1_200, "", &["delivery"])];
    check("effect.amount = { amount = \"10.00\" }", &basket, Ok(&[617, 309, 74]));
    check("effect.amount = { amount = \"999.00\" }", &basket, Ok(&[10_000, 5_000, 1_200]));
    check("effect.percent = { percent = \"20\" }", &basket, Ok(&[2_000, 1_000, 240]));
    check(
        "effect.percent = { percent = \"33.33\" }\nscope.category = [\"cups\"]",
        &basket,
        Ok(&[0, 1_666, 0]),
    );
    check(
        "effect.percent = { percent = \"20\", maximum = \"5.00\" }\nscope.category = [\"tea\"]",
        &basket,
        Ok(&[500, 0, 0]),
    );
    check("effect.free_delivery = {}", &basket, Ok(&[0, 0, 1_200]));
    check("effect.free_delivery = { maximum = \"8.00\" }", &basket, Ok(&[0, 0, 800]));
    check("effect.item = { quantity = 1 }\nscope.except_tag = [\"delivery\"]", &basket, Ok(&[0, 5_000, 0]));
    // 满减: every full 50.00 of the 150.00 of goods saves 8.00, twice at most.
    let save = "effect.spend_and_save = { every = \"50.00\", save = \"8.00\", times = 2 }\nscope.except_tag = [\"delivery\"]";
    check(save, &basket, Ok(&[1_067, 533, 0]));
}

#[test]
fn full_steps_count_and_no_others() {
    let save = "effect.spend_and_save = { every = \"200.00\", save = \"30.00\" }";
    for (amount, off) in [(19_999, 0), (20_000, 3_000), (39_999, 3_000), (40_000, 6_000), (100_000, 15_000)] {
        let expected = if off == 0 { Err(VoucherOutcome::NothingLeft) } else { Ok(&[off][..]) };
        check(save, &[line(amount, "", &[])], expected);
    }
}

#[test]
fn the_cheapest_whole_items_are_free() {
    let quantity = |amount, quantity_milli| PurchaseLine { quantity_milli, ..line(amount, "tea", &[]) };
    // 3 at 5.00, 2 at 4.00, half a kilogram at 1.00 (no whole item), 1 at 4.00.
    let basket = [quantity(1_500, 3_000), quantity(800, 2_000), quantity(100, 500), quantity(400, 1_000)];
    check("effect.item = { quantity = 1 }", &basket, Ok(&[0, 400, 0, 0]));
    check("effect.item = { quantity = 4 }", &basket, Ok(&[500, 800, 0, 400]));
    check("effect.item = { quantity = 9 }", &basket, Ok(&[1_500, 800, 0, 400]));
}

#[test]
fn a_voucher_that_does_not_apply_says_why() {
    let basket = [line(2_999, "tea", &[])];
    let ten = "effect.amount = { amount = \"10.00\" }\n";
    let with = |rest: &str| format!("{ten}{rest}");
    check(&with("minimum = \"30.00\""), &basket, Err(VoucherOutcome::BelowMinimum { missing: 1 }));
    check(&with("minimum = \"29.99\""), &basket, Ok(&[1_000]));
    check(&with("scope.channel = [\"app\"]"), &basket, Err(VoucherOutcome::OtherChannel));
    check(&with("scope.store = [\"s2\"]"), &basket, Err(VoucherOutcome::OtherStore));
    check(&with("scope.category = [\"cups\"]"), &basket, Err(VoucherOutcome::NoMatchingLine));
    check("effect.free_delivery = {}", &basket, Err(VoucherOutcome::NothingLeft));
    check(&with("holder = \"registered\""), &basket, Err(VoucherOutcome::NotRegistered));
    let returned = [line(2_000, "tea", &[]), line(-2_000, "tea", &[])];
    check(ten, &returned, Err(VoucherOutcome::NothingLeft));
    let lowered = [line(2_000, "tea", &[]), line(-1_500, "", &[])];
    check(ten, &lowered, Ok(&[500, 0]));
}

#[test]
fn vouchers_combine_as_their_templates_say() {
    use VoucherOutcome::{Applied, BeatenInGroup, NotCombinable, PresentedTwice};
    let free =
        |code, amount| (code, format!("effect.amount = {{ amount = \"{amount}\" }}\nstacking = \"free\""));
    let (small, large) = (free("small", "3.00"), free("large", "4.00"));
    let alone = ("alone", "effect.amount = { amount = \"6.50\" }".to_owned());
    let grouped = |code, percent| {
        (code, format!("effect.percent = {{ percent = \"{percent}\" }}\nstacking = {{ group = \"g\" }}"))
    };
    let (ten, twenty) = (grouped("ten", 10), grouped("twenty", 20));
    let all = [small, large, alone, ten, twenty];
    let templates: Vec<(&str, &str)> = all.iter().map(|(code, rest)| (*code, rest.as_str())).collect();
    let basket = [line(2_000, "tea", &[])];
    let told = |order: &[u8]| -> Vec<(VoucherOutcome, i64)> {
        apply(&templates, order, &basket).into_iter().map(|each| (each.outcome, each.discount)).collect()
    };
    assert_eq!(told(&[1, 2]), [(Applied, 300), (Applied, 400)]);
    // 7.00 together is more than 6.50 alone; 3.00 is less.
    assert_eq!(told(&[1, 2, 3]), [(Applied, 300), (Applied, 400), (NotCombinable, 0)]);
    assert_eq!(told(&[1, 3]), [(NotCombinable, 0), (Applied, 650)]);
    assert_eq!(told(&[4, 5]), [(BeatenInGroup, 0), (Applied, 400)]);
    // 20 % of 20.00, then 3.00 of what is left.
    assert_eq!(told(&[1, 4, 5]), [(Applied, 300), (BeatenInGroup, 0), (Applied, 400)]);
    assert_eq!(told(&[1, 1]), [(Applied, 300), (PresentedTwice, 0)]);
}

#[test]
fn an_unknown_voucher_is_told_from_one_that_does_not_apply() {
    let basket = Basket { lines: &[], channel: None, store: None };
    let results = apply_vouchers(&[Presented { id: id(9), known: None }], &basket, &ASKING, now());
    assert_eq!((results[0].outcome.clone(), results[0].template), (VoucherOutcome::Unknown, None));
}

#[test]
fn what_is_paid_carries_its_part_of_the_tax() {
    let taxed = PurchaseLine { tax: 1_300, ..line(11_300, "", &[]) };
    let of = |number, shares: &[i64]| PurchaseVoucher {
        outcome: VoucherOutcome::Applied,
        shares: shares.to_vec(),
        ..PurchaseVoucher::presented(id(number))
    };
    let lines = [taxed, line(500, "", &[])];
    let mut vouchers = [of(1, &[300, 0]), of(2, &[700, 0])];
    let net = net_lines(&lines, &mut vouchers);
    // 13 % of what is left, rounded down: 1300 × 10300 ÷ 11300.
    assert_eq!((net[0].amount, net[0].tax), (10_300, 1_184));
    assert_eq!((net[1].amount, net[1].tax), (500, 0));
    let tax_off: i64 = vouchers.iter().flat_map(|voucher| &voucher.tax_shares).sum();
    assert_eq!(tax_off, 1_300 - 1_184);
    let purchase = |lines: &[PurchaseLine], vouchers: &[PurchaseVoucher]| Purchase {
        key: document("r"),
        occurred_at: now(),
        currency: Currency::new("CNY").unwrap(),
        store: None,
        channel: None,
        vouchers: vouchers.to_vec(),
        payments: Vec::new(),
        lines: lines.to_vec(),
    };
    let presented = [1, 2].map(|number| PurchaseVoucher::presented(id(number)));
    assert_eq!(as_reported(&purchase(&net, &vouchers)), purchase(&lines, &presented));
}

#[test]
fn windows_begin_and_end_at_local_days() {
    let programme =
        programme(&[("one", "effect.item = { quantity = 1 }\nfrom = \"2026-06-20\"\nvalid = { days = 30 }")]);
    let terms = programme.voucher(Code::new("one").unwrap()).unwrap();
    // 30 days after 15 June it ends with 15 July there.
    let (from, end) = terms.validity("2026-06-15".parse().unwrap(), programme.zone()).unwrap();
    assert_eq!(from, Some(at("2026-06-19T16:00:00Z")));
    assert_eq!(end, at("2026-07-15T16:00:00Z"));
    // The template's own last day comes first.
    let (_, end) = terms.validity("2030-12-20".parse().unwrap(), programme.zone()).unwrap();
    assert_eq!(end, at("2030-12-31T16:00:00Z"));
}

/// TS-23: the same voucher at a till and online; then the online order is cancelled.
#[test]
fn a_cancelled_order_gives_its_use_back_once() {
    let mut one = voucher(1, "one");
    let (till, online) = (document("receipt"), document("order"));
    let call = |document| VoucherCall { document: Some(document), now: now(), ..ASKING };
    assert_eq!(one.redeem(&call(&online), Holder::Bearer, now(), 500), Ok(()));
    assert_eq!(one.redeem(&call(&till), Holder::Bearer, now(), 500), Err(VoucherOutcome::UsedUp));
    assert_eq!(one.redeem(&call(&online), Holder::Bearer, now(), 500), Ok(()), "repeated");
    assert_eq!((one.redeemed(), one.status(now())), (1, VoucherStatus::Redeemed));
    assert_eq!(one.release(&call(&till)), Err(VoucherOutcome::NotHeld));
    assert_eq!(one.release(&call(&online)), Ok(()));
    assert_eq!(one.release(&call(&online)), Ok(()), "repeated");
    assert_eq!(one.redeemed(), 0);
    assert_eq!(one.redeem(&call(&online), Holder::Bearer, now(), 500), Err(VoucherOutcome::UseEnded));
    assert_eq!(one.redeem(&call(&till), Holder::Bearer, now(), 500), Ok(()), "it works once more");
    assert_eq!(one.redeem(&call(&document("third")), Holder::Bearer, now(), 1), Err(VoucherOutcome::UsedUp));
}

#[test]
fn a_reservation_protects_its_use_until_its_end() {
    let mut one = voucher(1, "one");
    one.expires_at = now();
    let (order, other) = (document("order"), document("other"));
    let until = now().checked_add(15.minutes()).unwrap();
    let before = now().checked_sub(1.minutes()).unwrap();
    let call = |document, now| VoucherCall { document: Some(document), now, ..ASKING };
    assert_eq!(one.reserve(&call(&order, before), Holder::Bearer, until), Ok(()));
    let elsewhere = Err(VoucherOutcome::ReservedElsewhere { until });
    assert_eq!(one.reserve(&call(&other, before), Holder::Bearer, until), elsewhere);
    // Its own window has passed, but the order holds it.
    let later = now().checked_add(14.minutes()).unwrap();
    assert_eq!(one.clone().redeem(&call(&order, later), Holder::Bearer, later, 100), Ok(()));
    let expired = Err(VoucherOutcome::Expired { at: now() });
    assert_eq!(one.redeem(&call(&order, until), Holder::Bearer, until, 100), expired);
    one.expires_at = at("2030-01-01T00:00:00Z");
    assert_eq!(one.redeem(&call(&order, until), Holder::Bearer, until, 100), Ok(()), "free again");
    assert_eq!(
        one.uses.iter().map(|each| each.state).collect::<Vec<_>>(),
        [UseState::TimedOut, UseState::Redeemed]
    );
}

/// Every state that any sequence of calls reaches, with one use and with two: 3 documents, 2 members, time running
/// past reservations and past the end. What must hold holds in each of them.
#[test]
fn every_reachable_state_keeps_the_rules() {
    for uses_max in [1, 2] {
        let mut seen = BTreeSet::new();
        let first = Voucher { uses_max, expires_at: instants()[3], ..voucher(1, "one") };
        let mut open = vec![(first, 0)];
        while let Some((state, time)) = open.pop() {
            if !seen.insert((essence(&state), time)) {
                continue;
            }
            keeps_the_rules(&state, time);
            if time + 1 < instants().len() {
                open.push((state.clone(), time + 1));
            }
            for call in 0..12 {
                let (mut after, before) = (state.clone(), state.clone());
                let outcome = step(&mut after, call, time);
                repeats(&after, call, time, outcome.is_ok());
                if outcome.is_err() {
                    assert_eq!(after.redeemed(), before.redeemed(), "a refusal changes no use");
                    assert_eq!(after.open_uses(instants()[time]), before.open_uses(instants()[time]));
                }
                never_undone(&before, &after);
                open.push((after, time));
            }
        }
        println!("{uses_max} uses: {} states", seen.len());
        assert!(seen.len() > 200, "too few states to prove anything: {}", seen.len());
    }
}

/// Before and after reservations end, and after the voucher's own end.
fn instants() -> [Timestamp; 5] {
    ["T00:00:00Z", "T00:10:00Z", "T00:15:00Z", "T00:20:00Z", "T00:40:00Z"]
        .map(|time| at(&format!("2026-06-15{time}")))
}

fn step(voucher: &mut Voucher, call: usize, time: usize) -> Result<(), VoucherOutcome> {
    let documents = [document("a"), document("b"), document("c")];
    let member = AccountId::new(if call.is_multiple_of(2) { 1 } else { 2 });
    let now = instants()[time];
    let until = now.checked_add(15.minutes()).unwrap();
    let on = |number: usize| VoucherCall {
        document: Some(&documents[number]),
        member,
        absorbed: &[],
        now,
        actor: "test",
    };
    match call {
        0..3 => voucher.reserve(&on(call), Holder::Bearer, until),
        3..6 => voucher.redeem(&on(call - 3), Holder::Bearer, now, 1),
        6..9 => voucher.release(&on(call - 6)),
        9 | 10 => voucher.register(member.unwrap(), "code", now),
        _ => {
            voucher.declare_void(&on(0));
            Ok(())
        }
    }
}

/// The latest use of a document.
type LatestUse = (String, UseState, Option<Timestamp>);

/// The state without its history: two vouchers with the same essence behave the same.
fn essence(voucher: &Voucher) -> (bool, Option<AccountId>, Vec<LatestUse>) {
    let mut latest: Vec<LatestUse> = Vec::new();
    for each in &voucher.uses {
        latest.retain(|(reference, ..)| *reference != each.document.reference);
        latest.push((each.document.reference.clone(), each.state, each.reserved_until));
    }
    latest.sort();
    (voucher.void, voucher.member, latest)
}

fn keeps_the_rules(voucher: &Voucher, time: usize) {
    let now = instants()[time];
    let open: Vec<_> = voucher.uses.iter().filter(|each| each.open(now)).collect();
    assert!(
        open.len() <= usize::try_from(voucher.uses_max).unwrap(),
        "more uses than there are: {voucher:#?}"
    );
    let slots: BTreeSet<u32> = open.iter().map(|each| each.slot).collect();
    assert_eq!(slots.len(), open.len(), "two open uses share a slot: {voucher:#?}");
    assert!(slots.iter().all(|slot| (1..=voucher.uses_max).contains(slot)));
    let documents: BTreeSet<_> = open.iter().map(|each| &each.document).collect();
    assert_eq!(documents.len(), open.len(), "a document has two uses: {voucher:#?}");
    if voucher.void {
        assert_eq!(voucher.status(now), VoucherStatus::Void);
    }
    if now >= voucher.expires_at || voucher.void {
        let stranger = document("stranger");
        let call = VoucherCall {
            document: Some(&stranger),
            member: voucher.member,
            absorbed: &[],
            now,
            actor: "test",
        };
        assert!(voucher.usable(&call, Holder::Bearer, now).is_err(), "used after its end");
    }
}

/// The same call again changes nothing.
fn repeats(after: &Voucher, call: usize, time: usize, worked: bool) {
    let mut again = after.clone();
    let outcome = step(&mut again, call, time);
    assert_eq!(outcome.is_ok(), worked, "call {call} repeated: {outcome:?}");
    assert_eq!(&again, after, "call {call} repeated");
}

/// Uses are never deleted, and what has ended stays ended. What is new is told, and nothing else.
fn never_undone(before: &Voucher, after: &Voucher) {
    told_by_steps(before, after);
    assert!(!before.void || after.void);
    assert!(before.member.is_none() || after.member == before.member);
    for (was, is) in before.uses.iter().zip(&after.uses) {
        assert_eq!((was.use_no, was.slot, &was.document), (is.use_no, is.slot, &is.document));
        let ended = matches!(was.state, UseState::Released | UseState::TimedOut | UseState::Restored);
        assert!(!ended || is.state == was.state, "{was:?} became {is:?}");
    }
    assert!(after.uses.len() >= before.uses.len());
}

/// As many steps as there are changes, in the order of time; none where nothing changed.
fn told_by_steps(before: &Voucher, after: &Voucher) {
    let steps = after.steps_since(before, instants()[4]);
    let uses = after
        .uses
        .iter()
        .filter(|is| before.uses.iter().all(|was| was.use_no != is.use_no || was.state != is.state));
    let others = usize::from(after.member != before.member) + usize::from(after.void && !before.void);
    assert_eq!(steps.len(), uses.count() + others, "{before:?} to {after:?}: {steps:?}");
    assert!(steps.is_sorted_by_key(|step| step.at), "{steps:?}");
    assert!(after.steps_since(after, instants()[4]).is_empty());
}

#[test]
fn the_steps_of_a_life_say_who_what_and_when() {
    let new = voucher(1, "ten_off");
    let member = AccountId::new(7);
    let order = document("o1");
    let call = VoucherCall { document: Some(&order), member, now: at("2026-06-15T00:00:00Z"), ..ASKING };
    let mut held = new.clone();
    held.reserve(&call, Holder::Bearer, at("2026-06-15T00:15:00Z")).unwrap();
    let mut spent = held.clone();
    spent.redeem(&call, Holder::Bearer, call.now, 500).unwrap();
    let step = |kind: StepKind, discount: i64| VoucherStep {
        voucher: Some(id(1)),
        member,
        document: Some(order.clone()),
        discount,
        ..VoucherStep::of_batch(kind, 1, call.now)
    };
    assert_eq!(held.steps_since(&new, call.now), [step(StepKind::Reserved, 0)]);
    assert_eq!(spent.steps_since(&held, call.now), [step(StepKind::Redeemed, 500)]);
    // Whoever comes late first hears that the reservation ended, at its own time.
    let other = document("o2");
    let late = VoucherCall { document: Some(&other), now: at("2026-06-15T01:00:00Z"), ..call };
    let mut taken = held.clone();
    taken.redeem(&late, Holder::Bearer, late.now, 0).unwrap();
    let steps: Vec<_> =
        taken.steps_since(&held, late.now).into_iter().map(|step| (step.kind, step.at)).collect();
    assert_eq!(steps, [(StepKind::TimedOut, at("2026-06-15T00:15:00Z")), (StepKind::Redeemed, late.now)]);
    let mut registered = new.clone();
    registered.register(AccountId::new(9).unwrap(), "code", late.now).unwrap();
    registered.declare_void(&late);
    let steps: Vec<_> =
        registered.steps_since(&new, late.now).into_iter().map(|step| (step.kind, step.member)).collect();
    assert_eq!(steps, [(StepKind::Registered, AccountId::new(9)), (StepKind::Void, AccountId::new(9))]);
}

#[test]
fn a_step_is_called_in_the_database_as_in_json() {
    for kind in StepKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
    }
}
