//! The card with every kind of balance: points, money and its bonus as amounts, each on its own and none added up.

use domain::money::Currency;
use domain::stored_value::{Holder, StoredValueRefund, TopUp};
use operations::{Command, MemberReference, Request};

use super::{House, LEI, now};

const BALANCES: &str = r#"
[[units]]
code = "wallet"
name = { zh = "储值", en = "stored value" }
kind = "stored_value"
redemption = { value = { points = 100, money = "1.00" } }
[units.top_up_bonus]
unit = "gift"
spending_order = "bonus_first"
steps = [{ from = "500.00", points = 2500 }]

[[units]]
code = "gift"
name = { zh = "赠金", en = "top-up bonus" }
expiry = { rolling = { months = 12 } }
redemption = { value = { points = 100, money = "1.00" } }
"#;

#[tokio::test]
async fn money_its_bonus_and_points_stand_apart_on_the_card() {
    let house = House::open_with("money", true, BALANCES).await;
    let member = MemberReference::Id(house.member_id(LEI).await);
    let key = |reference: &str| domain::document::DocumentKey {
        source: "desk".to_owned(),
        reference: reference.to_owned(),
    };
    let currency = Currency::new("CNY").unwrap();
    let top_up = TopUp {
        key: key("t1"),
        occurred_at: now(),
        unit: None,
        amount: 60_000,
        currency,
        method: "card".to_owned(),
        holder: Holder::Registered,
    };
    let refund = StoredValueRefund {
        key: key("w1"),
        occurred_at: now(),
        unit: None,
        amount: 12_000,
        currency,
        method: "card".to_owned(),
    };
    for command in
        [Command::TopUp { member: member.clone(), top_up }, Command::RefundStoredValue { member, refund }]
    {
        house.engine.carry_out(Request::new(command, "desk")).await.unwrap();
    }
    let mut lei = house.signed_in(LEI).await;
    let card = house.get(&mut lei, "/card").await;
    for text in [
        "<b>CN¥480.00</b> <span>stored value</span>",
        "money paid in",
        "<b>CN¥20.00</b> <span>top-up bonus</span>",
        "<b>5,000</b>",
    ] {
        assert!(card.contains(text), "{text} in {card}");
    }
    for text in ["Topped up", "Stored value paid back", "+CN¥600.00", "−CN¥120.00"] {
        assert!(card.contains(text), "{text} in {card}");
    }
    let lots = house.get(&mut lei, "/card/points").await;
    assert!(lots.contains("CN¥480.00 stored value") && lots.contains("CN¥20.00 top-up bonus"), "{lots}");
    house.close().await;
}
