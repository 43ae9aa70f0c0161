//! What staff see and do about vouchers, on both databases: batches handed out part by part, where a template's
//! vouchers stand, one voucher with its history, and why something is void.

use crate::support::{Kind, enrol, key, member, place, request, voucher_shop};
use domain::code::Code;
use domain::programme::Language;
use domain::voucher::{UseState, VoucherOutcome, VoucherStatus};
use operations::{
    BatchState, Engine, OperationError, VoucherCaller, VoucherOrder, VoucherRequest, VoucherUseRequest,
    voucher_id,
};
use store::Faults;

fn order(reference: &str, quantity: u32) -> VoucherOrder {
    let template = Code::constant("ten_off");
    VoucherOrder { reference: reference.to_owned(), template, quantity, members: Vec::new(), value: None }
}

async fn on_both<W: Future<Output = ()>>(work: impl Fn(Engine) -> W) {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let Some(place) = place(kind) else { continue };
        let engine = voucher_shop(&place.url, Faults::default()).await;
        work(engine.clone()).await;
        engine.shut_down().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_up_half_way_a_batch_never_works_and_its_order_is_free_again() {
    on_both(|engine| async move {
        let mut issue = engine.begin_voucher_issue(&order("spring", 6_000), "owner").await.unwrap();
        let seen = issue.next_part().await.unwrap().unwrap();
        assert_eq!((issue.quantity(), seen.len()), (6_000, 5_000));
        drop(issue);
        let whole = engine.issue_vouchers(&order("spring", 6_000), "owner").await.unwrap();
        let caller = VoucherCaller::operator();
        let lost = engine.find_voucher(&seen[0].code, &caller).await.unwrap();
        let lost = engine.view_voucher(lost, Language::En).await.unwrap();
        assert_eq!((lost.voucher.status, lost.batch.state), (VoucherStatus::Void, BatchState::Abandoned));
        let good = engine.find_voucher(&whole[5_999].code, &caller).await.unwrap();
        assert_eq!(engine.view_voucher(good, Language::En).await.unwrap().why_not, None);
        let (batches, next) = engine.list_voucher_batches(None, None, 10).await.unwrap();
        assert_eq!((batches.len(), batches[0].issued, next), (1, 6_000, None), "the lost one is not listed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_template_counts_its_batches_together_and_a_void_says_why() {
    on_both(|engine| async move {
        engine.carry_out(request(enrol("li"))).await.unwrap();
        let first = engine.issue_vouchers(&order("first", 4), "owner").await.unwrap();
        engine.issue_vouchers(&order("second", 3), "owner").await.unwrap();
        let caller = VoucherCaller::operator();
        let by = || VoucherRequest { actor: "ann", caller: &caller, idempotency_key: None, dry_run: false };
        engine.register_voucher(&first[0].code, member("li"), by()).await.unwrap();
        let used = VoucherUseRequest {
            voucher: first[1].voucher,
            document: key("o1"),
            member: None,
            basket: None,
            minutes: 15,
        };
        engine.redeem_voucher(used, by()).await.unwrap();
        engine.void_voucher(first[2].voucher, Some("sent twice"), by()).await.unwrap();
        engine.void_voucher_batch("second", Some("misprinted"), "ann").await.unwrap();
        let funnel = engine.view_voucher_funnel(Code::constant("ten_off")).await.unwrap();
        let expected = [
            (VoucherStatus::Issued, 1),
            (VoucherStatus::Registered, 1),
            (VoucherStatus::Redeemed, 1),
            (VoucherStatus::Void, 4),
        ];
        assert_eq!(funnel, expected);
        assert!(engine.view_voucher_funnel(Code::constant("ten_of")).await.is_err(), "no such template");

        let void = engine.view_voucher(first[2].voucher, Language::En).await.unwrap();
        assert_eq!(void.why_not, Some(VoucherOutcome::Void));
        let why = void.void_reason.unwrap();
        assert_eq!((why.reason.as_str(), why.given_by.as_str()), ("sent twice", "ann"));
        let batch = engine.view_voucher_batch("second").await.unwrap();
        let why = engine.view_void_reason(batch.batch_no).await.unwrap().unwrap();
        assert_eq!(why.reason, "misprinted");
        let spent = engine.view_voucher(voucher_id(&first[1].code), Language::En).await.unwrap();
        assert_eq!(spent.uses.iter().map(|each| each.state).collect::<Vec<_>>(), [UseState::Redeemed]);
        assert_eq!(spent.void_reason, None);

        let blank = engine.void_voucher(first[3].voucher, Some(""), by()).await;
        assert!(matches!(blank, Err(OperationError::Refused(_))), "a reason that says nothing: {blank:?}");
        let untouched = engine.view_voucher(first[3].voucher, Language::En).await.unwrap();
        assert_eq!(untouched.voucher.status, VoucherStatus::Issued);
    })
    .await;
}
