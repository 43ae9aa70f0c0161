//! Spending through the engine: what ended says how, answers are frozen, lists come page by page, the catalogue says
//! what a member can have.

use domain::ledger::RedemptionState;
use domain::refusal::Refusal;
use operations::{Engine, OperationError, Reply};
use store::Faults;

use crate::support::{
    Kind, Place, adjust, after_minutes, cancel, capture, enrol, everything, fulfil, hold, member, pay, place,
    receipt, redeem, request, shop, start, void,
};

async fn house(points: i64) -> (Place, Engine) {
    let place = place(Kind::Sqlite).expect("a folder");
    let engine = shop(&place.url, Faults::default()).await;
    for command in [enrol("ada"), adjust("ada", points, start())] {
        engine.carry_out(request(command)).await.expect("prepared");
    }
    (place, engine)
}

fn refused(reply: &Reply) -> &Refusal {
    match reply {
        Err(OperationError::Refused(refusal)) => refusal,
        other => panic!("a refusal was expected, not {other:?}"),
    }
}

#[tokio::test]
async fn a_hold_that_ended_says_how_for_ever() {
    let (_place, engine) = house(50).await;
    for (reference, end) in [
        ("captured", Some(capture("c", "captured", None, start()))),
        ("voided", Some(void("v", "voided", start()))),
        ("expired", None),
    ] {
        engine.clock().set(start());
        engine.carry_out(request(hold("ada", reference, 10, start()))).await.expect("held");
        match end {
            Some(end) => {
                engine.carry_out(request(end)).await.expect("ended");
            }
            // A moment later than the hold was asked for: the ledger's own time counts, and that never stands still.
            None => engine.clock().set(after_minutes(30 * 1_440 + 1)),
        }
        let late = |number: u32| capture(&format!("{reference}{number}"), reference, Some(1), start());
        let now = engine.clock().now();
        let with_key = |number: u32| {
            let mut command = late(number);
            if let operations::Command::CaptureHold { capture } = &mut command {
                capture.occurred_at = now;
            }
            request(command).with_key(Some(format!("{reference}.key")))
        };
        let first = engine.carry_out(with_key(1)).await;
        let expected = if reference == "expired" { "hold_expired" } else { "hold_ended" };
        assert_eq!(refused(&first).code(), expected, "{first:?}");
        // Before and after the time-out is posted, under the key and without it.
        let account_id = engine.find_member(&member("ada")).await.expect("ada");
        let sweep = operations::Command::Advance { account_id };
        engine.carry_out(request(sweep)).await.expect("swept");
        assert_eq!(receipt(&engine.carry_out(with_key(1)).await), receipt(&first));
        let other = engine.carry_out(with_key(1).with_key(None)).await;
        assert_eq!(refused(&other), refused(&first), "the same end, told again");
    }
    everything(&engine, "ada").await;
}

#[tokio::test]
async fn a_hold_pays_only_for_its_own_member() {
    let (_place, engine) = house(50).await;
    engine.carry_out(request(enrol("bob"))).await.expect("bob");
    engine.carry_out(request(hold("ada", "h", 10, start()))).await.expect("held");
    let foreign = engine.carry_out(request(pay("bob", "p1", start(), 100, 10, Some("h")))).await;
    assert_eq!(refused(&foreign).code(), "hold_unknown");
    engine.carry_out(request(pay("ada", "p2", start(), 100, 6, Some("h")))).await.expect("paid");
    let again = engine.carry_out(request(pay("ada", "p3", start(), 100, 4, Some("h")))).await;
    assert_eq!(refused(&again).code(), "hold_ended", "paying ended it");
    let foreign = engine.carry_out(request(pay("bob", "p4", start(), 100, 4, Some("h")))).await;
    assert_eq!(refused(&foreign).code(), "hold_unknown", "nothing is told of another member's hold");
}

#[tokio::test]
async fn a_hold_made_and_captured_in_one_call_is_one_row() {
    let (_place, engine) = house(50).await;
    let calls = vec![
        request(hold("ada", "h", 10, start())),
        request(capture("c1", "h", Some(4), start())),
        request(redeem("ada", "r", "mug", start())),
        request(fulfil("f", "r", start())),
        request(capture("c2", "h", None, start())),
        request(cancel("x", "c1", start())),
        request(capture("c3", "h", None, start())),
    ];
    let replies = engine.submit(calls).await.expect("answers");
    let codes: Vec<&str> =
        replies.iter().map(|reply| if reply.is_ok() { "ok" } else { refused(reply).code() }).collect();
    assert_eq!(codes, ["ok", "ok", "ok", "ok", "ok", "ok", "hold_ended"]);
    let report = engine.verify(true, &mut |_| {}).await.expect("verified");
    assert!(report.is_clean(), "{:#?}", report.differences);
    everything(&engine, "ada").await;
}

#[tokio::test]
async fn lists_show_what_is_open_page_by_page() {
    let (_place, engine) = house(50).await;
    for number in 0..5 {
        engine.clock().set(after_minutes(number));
        engine.carry_out(request(hold("ada", &format!("h{number}"), 2, start()))).await.expect("held");
        engine
            .carry_out(request(redeem("ada", &format!("r{number}"), "pen", start())))
            .await
            .expect("redeemed");
    }
    engine.carry_out(request(void("v", "h1", start()))).await.expect("voided");
    engine.carry_out(request(fulfil("f", "r0", start()))).await.expect("fulfilled");
    engine.carry_out(request(cancel("x", "r2", start()))).await.expect("cancelled");
    let (mut holds, mut after) = (Vec::new(), None);
    loop {
        let page =
            engine.list_holds(&operations::HoldFilter::default(), after.as_deref(), 2).await.expect("a page");
        holds.extend(page.holds.into_iter().map(|hold| hold.key.reference));
        after = page.next;
        if !page.has_more {
            break;
        }
    }
    assert_eq!(holds, ["h0", "h2", "h3", "h4"]);
    let list = |state| {
        let engine = engine.clone();
        async move {
            let page = engine.list_redemptions(state, None, None, 10).await.expect("a page");
            page.redemptions.into_iter().map(|row| row.key.reference).collect::<Vec<_>>()
        }
    };
    assert_eq!(list(RedemptionState::Requested).await, ["r1", "r3", "r4"]);
    assert_eq!(list(RedemptionState::Fulfilled).await, ["r0"]);
    assert_eq!(list(RedemptionState::Cancelled).await, ["r2"]);
    for bad in ["", "nowhere", "1.ent_0"] {
        assert!(engine.list_holds(&operations::HoldFilter::default(), Some(bad), 2).await.is_err(), "{bad}");
    }
    assert!(engine.list_redemptions(RedemptionState::Requested, None, None, 0).await.is_err());
}

#[tokio::test]
async fn the_catalogue_says_what_a_member_can_have() {
    let (_place, engine) = house(6).await;
    for number in 0..2 {
        engine
            .carry_out(request(redeem("ada", &format!("r{number}"), "mug", start())))
            .await
            .expect("redeemed");
    }
    let anybody = engine.list_rewards(None).await.expect("a catalogue");
    let shown: Vec<_> = anybody.offers.iter().map(|offer| (offer.points, offer.in_stock)).collect();
    assert_eq!(shown, [(3, Some(3)), (7, None)]);
    assert!(anybody.offers.iter().all(|offer| offer.refusal.is_none()) && anybody.programme_version == 1);
    let ada = engine.list_rewards(Some(&member("ada"))).await.expect("a catalogue");
    let reasons: Vec<_> = ada.offers.iter().map(|offer| offer.refusal.as_ref().map(Refusal::code)).collect();
    assert_eq!(reasons, [Some("insufficient_points"); 2], "all is spent");
}
