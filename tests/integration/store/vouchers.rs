//! Vouchers in the store: what is saved is what is loaded, and what the schema itself refuses, whoever asks.

use domain::voucher::{StepKind, UseChange, UseState, Voucher, VoucherId, VoucherStep, VoucherUse};
use store::{
    BatchState, BatchUpdate, Changes, Conflict, FeedPosition, Keys, Loads, NewVoucher, OpenOptions,
    StoreError, ToldStep, VoidReason, VoucherBatch, VoucherChanges, VoucherIssue, VoucherKeys,
};

use crate::engines::{Store, on_both, postgres, sqlite};
use crate::samples::{account, at, code, key};

fn id(number: u8) -> VoucherId {
    VoucherId::from_bytes([number; 16])
}

fn batch() -> VoucherBatch {
    VoucherBatch {
        batch_no: 1,
        reference: "spring".to_owned(),
        fingerprint: [3; 16],
        template: code("ten_off"),
        programme_version: 2,
        quantity: 3,
        issued: 0,
        value: Some(1_000),
        valid_from: Some(at("2025-03-01T00:00:00Z")),
        expires_at: at("2025-06-01T00:00:00Z"),
        state: BatchState::Open,
        created_at: at("2025-02-01T00:00:00Z"),
        created_by: "ada".to_owned(),
    }
}

fn new(number: u8, member: Option<i64>) -> NewVoucher {
    NewVoucher {
        id: id(number),
        batch_no: 1,
        member: member.map(account),
        code: member.map(|_| "CODE".to_owned()),
        value: None,
        uses_max: 1,
    }
}

fn vouchers(changes: VoucherChanges) -> Changes<'static> {
    Changes { vouchers: changes, ..Changes::default() }
}

fn issue(store: &mut Store) {
    let issues = vec![VoucherIssue { template: code("ten_off"), quantity: 3, issue_max: 3 }];
    let opened = VoucherChanges { new_batches: vec![batch()], issues, ..VoucherChanges::default() };
    store.save(&vouchers(opened)).unwrap();
    let whole = VoucherChanges {
        batches: vec![BatchUpdate {
            batch_no: 1,
            before: (0, BatchState::Open),
            after: (3, BatchState::Ready),
        }],
        new: vec![new(9, None), new(1, Some(7)), new(5, None)],
        ..VoucherChanges::default()
    };
    store.save(&vouchers(whole)).unwrap();
}

fn load(store: &mut Store, number: u8) -> Option<Voucher> {
    let loads = Loads { vouchers: vec![id(number), id(200)], ..Loads::default() };
    let mut loaded = store.load(&loads).unwrap();
    assert!(!loaded.vouchers.contains_key(&id(200)), "one that does not exist is absent");
    loaded.vouchers.remove(&id(number))
}

fn used(use_no: u32, slot: u32, state: UseState, reference: &str, change: UseChange) -> VoucherUse {
    VoucherUse {
        use_no,
        slot,
        state,
        document: key(reference),
        member: Some(account(7)),
        reserved_until: Some(at("2025-03-02T00:15:00Z")),
        discount: 500,
        taken_at: at("2025-03-02T00:00:00Z"),
        changed_at: at("2025-03-02T00:01:00Z"),
        actor: "till".to_owned(),
        change,
    }
}

fn changed(voucher: Voucher) -> Changes<'static> {
    vouchers(VoucherChanges { changed: vec![voucher], ..VoucherChanges::default() })
}

fn conflict(saved: Result<(), StoreError>) -> Conflict {
    match saved {
        Err(StoreError::Conflict(conflict)) => conflict,
        other => panic!("a conflict was expected, not {other:?}"),
    }
}

#[test]
fn what_is_saved_of_vouchers_is_what_is_loaded() {
    on_both(|store| {
        issue(store);
        let mut voucher = load(store, 9).unwrap();
        assert_eq!((voucher.batch_no, voucher.value, voucher.uses_max), (1, Some(1_000), 1));
        assert_eq!((voucher.template, voucher.programme_version), (code("ten_off"), 2));
        assert_eq!((voucher.valid_from, voucher.expires_at), (batch().valid_from, batch().expires_at));
        assert_eq!(
            (voucher.batch_void, voucher.void, voucher.version, &voucher.code),
            (false, false, 1, &None)
        );
        let personal = load(store, 1).unwrap();
        assert_eq!((personal.member, personal.code.as_deref()), (Some(account(7)), Some("CODE")));

        let held = used(1, 1, UseState::Reserved, "o1", UseChange::New);
        voucher.uses = vec![held.clone()];
        store.save(&changed(voucher)).unwrap();
        let mut voucher = load(store, 9).unwrap();
        assert_eq!(
            (voucher.version, &voucher.uses),
            (2, &vec![VoucherUse { change: UseChange::None, ..held }])
        );
        // Ended and taken again in one save: the slot is free in between.
        voucher.uses[0] = used(1, 1, UseState::TimedOut, "o1", UseChange::Changed);
        voucher.uses.push(used(2, 1, UseState::Redeemed, "o2", UseChange::New));
        store.save(&changed(voucher)).unwrap();
        let voucher = load(store, 9).unwrap();
        let states: Vec<_> = voucher.uses.iter().map(|each| (each.use_no, each.state)).collect();
        assert_eq!(states, [(1, UseState::TimedOut), (2, UseState::Redeemed)]);

        let keys = VoucherKeys {
            documents: vec![key("o1"), key("o2"), key("o3")],
            batches: vec!["spring".to_owned(), "summer".to_owned()],
        };
        let found = store.resolve(&Keys { vouchers: keys, ..Keys::default() }).unwrap().vouchers;
        assert_eq!(found.of_documents.len(), 1, "only open uses");
        assert_eq!(found.of_documents[&key("o2")], [id(9)]);
        let expected = VoucherBatch { issued: 3, state: BatchState::Ready, ..batch() };
        assert_eq!(found.batches.values().collect::<Vec<_>>(), [&expected]);
        assert_eq!((found.last_batch_no, found.issued[&code("ten_off")]), (1, 3));
    });
}

#[test]
fn what_stands_in_the_way_of_a_voucher_is_named() {
    on_both(|store| {
        issue(store);
        let again = VoucherChanges { new: vec![new(9, None)], ..VoucherChanges::default() };
        assert_eq!(conflict(store.save(&vouchers(again))), Conflict::Voucher);
        let same = VoucherChanges {
            new_batches: vec![VoucherBatch { batch_no: 2, ..batch() }],
            ..VoucherChanges::default()
        };
        assert_eq!(conflict(store.save(&vouchers(same))), Conflict::VoucherBatch);
        let stale = BatchUpdate { batch_no: 1, before: (0, BatchState::Open), after: (0, BatchState::Void) };
        let moved = VoucherChanges { batches: vec![stale], ..VoucherChanges::default() };
        assert_eq!(conflict(store.save(&vouchers(moved))), Conflict::VoucherBatch);
        let more = VoucherChanges {
            new_batches: vec![VoucherBatch { batch_no: 2, reference: "more".to_owned(), ..batch() }],
            issues: vec![VoucherIssue { template: code("ten_off"), quantity: 1, issue_max: 3 }],
            ..VoucherChanges::default()
        };
        assert_eq!(conflict(store.save(&vouchers(more))), Conflict::VoucherIssue(code("ten_off")));
        let mut voucher = load(store, 5).unwrap();
        voucher.version = 7;
        assert_eq!(conflict(store.save(&changed(voucher))), Conflict::Voucher);

        // Two open uses of one slot, and of one document: refused by the index, whatever the decision was.
        let mut voucher = load(store, 9).unwrap();
        voucher.uses = vec![used(1, 1, UseState::Redeemed, "o1", UseChange::New)];
        store.save(&changed(voucher)).unwrap();
        let mut voucher = load(store, 9).unwrap();
        voucher.uses_max = 2;
        voucher.uses.push(used(2, 1, UseState::Reserved, "o2", UseChange::New));
        assert!(store.save(&changed(voucher)).is_err(), "a use of voucher 9 is taken twice");
    });
}

#[test]
fn the_schema_keeps_vouchers_consistent_whoever_asks() {
    on_both(|store| {
        issue(store);
        let mut voucher = load(store, 5).unwrap();
        voucher.uses = vec![used(1, 1, UseState::Released, "o1", UseChange::New)];
        store.save(&changed(voucher)).unwrap();
        for (sql, allowed) in [
            ("DELETE FROM voucher", false),
            ("DELETE FROM voucher_use", false),
            ("UPDATE voucher SET uses_taken = 2", false),
            ("UPDATE voucher SET state = 'redeemed'", false),
            ("UPDATE voucher SET state = 'lost'", false),
            ("UPDATE voucher SET state = 'registered' WHERE account_id IS NULL", false),
            ("UPDATE voucher SET code = 'SECRET' WHERE account_id IS NULL", false),
            ("UPDATE voucher SET state = 'redeemed', uses_taken = 1", true),
            ("UPDATE voucher_batch SET issued = 4", false),
            ("UPDATE voucher_issue SET issued = 4", false),
        ] {
            assert_eq!(store.sql(sql).is_ok(), allowed, "{sql}");
        }
    });
}

#[test]
fn batches_are_listed_newest_first_and_counted_by_template() {
    on_both(|store| {
        issue(store);
        let other =
            VoucherBatch { batch_no: 2, reference: "summer".to_owned(), template: code("half"), ..batch() };
        let gone = VoucherBatch { batch_no: 3, reference: "lost".to_owned(), ..batch() };
        let opened = VoucherChanges { new_batches: vec![other, gone], ..VoucherChanges::default() };
        store.save(&vouchers(opened)).unwrap();
        let (before, after) = ((0, BatchState::Open), (0, BatchState::Abandoned));
        let abandoned = VoucherChanges {
            batches: vec![BatchUpdate { batch_no: 3, before, after }],
            new: vec![NewVoucher { batch_no: 3, ..new(8, None) }],
            ..VoucherChanges::default()
        };
        store.save(&vouchers(abandoned)).unwrap();
        let runtime = &store.runtime;
        let mut reader = runtime.block_on(store.database.reader()).unwrap();
        let mut numbers = |template: Option<&str>, before, limit| {
            let found = runtime.block_on(reader.voucher_batches(template.map(code), before, limit)).unwrap();
            found.iter().map(|batch| batch.batch_no).collect::<Vec<_>>()
        };
        assert_eq!(numbers(None, None, 9), [2, 1], "the newest on top, an abandoned one nowhere");
        assert_eq!((numbers(None, None, 1), numbers(None, Some(2), 9)), (vec![2], vec![1]));
        assert_eq!(numbers(Some("ten_off"), None, 9), [1]);
        let numbered = runtime.block_on(reader.voucher_batch_numbered(2)).unwrap();
        assert_eq!(numbered.map(|batch| batch.reference).as_deref(), Some("summer"));
        let funnel = runtime.block_on(reader.voucher_funnel(code("ten_off"))).unwrap();
        assert_eq!(funnel, [(1, "issued".to_owned(), 2), (1, "registered".to_owned(), 1)]);
        assert_eq!(runtime.block_on(reader.voucher_funnel(code("half"))).unwrap(), []);
    });
}

#[test]
fn the_first_reason_of_a_void_is_kept() {
    on_both(|store| {
        let reason = |text: &str, by: &str| VoidReason {
            subject: "batch 1".to_owned(),
            reason: text.to_owned(),
            given_at: at("2025-03-02T00:00:00Z"),
            given_by: by.to_owned(),
        };
        for (text, by) in [("printed twice", "ada"), ("no longer wanted", "bob")] {
            store.runtime.block_on(store.database.keep_void_reason(&reason(text, by))).unwrap();
        }
        let mut reader = store.runtime.block_on(store.database.reader()).unwrap();
        let kept = store.runtime.block_on(reader.void_reason("batch 1")).unwrap();
        assert_eq!(kept, Some(reason("printed twice", "ada")));
        assert_eq!(store.runtime.block_on(reader.void_reason("batch 2")).unwrap(), None);
    });
}

/// All steps that the feed tells, a page of two at a time.
fn told(store: &Store, count: usize) -> Vec<ToldStep> {
    let (mut after, mut told) = (FeedPosition::default(), Vec::new());
    // On PostgreSQL a commit is told once the older transactions of other tests have ended.
    for _ in 0..100_000 {
        let page = store.read(async |reader| reader.voucher_steps(after, 2).await);
        after = page.last().map_or(after, |(position, _)| *position);
        told.extend(page.into_iter().map(|(_, step)| step));
        if told.len() >= count {
            break;
        }
        std::thread::yield_now();
    }
    told
}

#[test]
fn what_happened_to_vouchers_is_told_once_in_order_and_never_changed() {
    on_both(|store| {
        issue(store);
        let own = |kind, voucher, minute: i64| VoucherStep {
            voucher: Some(id(voucher)),
            member: Some(account(7)),
            document: Some(key("o1")),
            discount: 500,
            ..VoucherStep::of_batch(
                kind,
                1,
                at("2025-03-02T00:00:00Z") + jiff::SignedDuration::from_mins(minute),
            )
        };
        let whole = VoucherStep::of_batch(StepKind::Issued, 1, at("2025-03-01T00:00:00Z"));
        let mut voucher = load(store, 9).unwrap();
        voucher.uses = vec![used(1, 1, UseState::Reserved, "o1", UseChange::New)];
        let changes = |steps: &[VoucherStep], voucher| VoucherChanges {
            changed: vec![voucher],
            steps: steps.to_vec(),
            ..VoucherChanges::default()
        };
        store.save(&vouchers(changes(&[whole.clone(), own(StepKind::Reserved, 9, 0)], voucher))).unwrap();
        let mut voucher = load(store, 9).unwrap();
        voucher.uses[0] = used(1, 1, UseState::Redeemed, "o1", UseChange::Changed);
        store.save(&vouchers(changes(&[own(StepKind::Redeemed, 9, 1)], voucher.clone()))).unwrap();
        // A save that is refused tells nothing.
        store.save(&vouchers(changes(&[own(StepKind::Void, 9, 2)], voucher))).expect_err("a stale version");
        let steps = told(store, 3);
        let kinds: Vec<_> = steps.iter().map(|step| (step.kind, step.of_batch, step.discount)).collect();
        let expected =
            [(StepKind::Issued, true, 0), (StepKind::Reserved, false, 500), (StepKind::Redeemed, false, 500)];
        assert_eq!(kinds, expected);
        assert_eq!((steps[0].member, &steps[0].document, steps[0].at), (None, &None, whole.at));
        assert_eq!((steps[2].member, &steps[2].document), (Some(account(7)), &Some(key("o1"))));
        for sql in ["UPDATE voucher_step SET step = 'void'", "DELETE FROM voucher_step"] {
            store.sql(sql).expect_err(sql);
        }
    });
}

#[test]
fn vouchers_that_were_there_before_their_steps_were_kept_are_told_as_far_as_their_rows_go() {
    let stores = [Some(sqlite(&OpenOptions::default())), postgres(&OpenOptions::default())];
    for mut store in stores.into_iter().flatten() {
        issue(&mut store);
        let mut voucher = load(&mut store, 9).unwrap();
        voucher.uses = vec![used(1, 1, UseState::Restored, "o1", UseChange::New)];
        store.save(&changed(voucher)).unwrap();
        let again = "DROP TABLE voucher_step; ALTER TABLE member DROP COLUMN declined_segments; \
                     DELETE FROM refinery_schema_history WHERE version >= 14";
        let store = store.migrated_again(again);
        let kinds: Vec<_> = told(&store, 4).iter().map(|step| (step.kind, step.of_batch)).collect();
        let expected = [StepKind::Reserved, StepKind::Redeemed, StepKind::Restored].map(|kind| (kind, false));
        assert_eq!(kinds[0], (StepKind::Issued, true));
        assert_eq!(kinds[1..], expected);
    }
}
