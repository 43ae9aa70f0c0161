//! Stored value where staff see it: the till's line about the member, the receipt, and the member's page in the console.

use domain::document::{DocumentKey, Payment, Purchase, PurchaseLine};
use domain::money::Currency;
use domain::programme::examples;
use domain::stored_value::{Holder, StoredValueTender, TopUp};
use operations::{Command, MemberReference, Request, Role};

use crate::till::{Counter, PHONE};

fn key(reference: &str) -> DocumentKey {
    DocumentKey { source: "till".to_owned(), reference: reference.to_owned() }
}

impl Counter {
    /// The hotel of the examples, and a guest who paid 500 yuan in.
    async fn with_money(name: &str) -> Self {
        let hotel = examples().iter().find(|example| example.name == "hotel").unwrap();
        let counter = Self::open_with(name, hotel.toml).await;
        let top_up = TopUp {
            key: key("t1"),
            occurred_at: counter.house.engine.clock().now(),
            unit: None,
            amount: 50_000,
            currency: Currency::new("CNY").unwrap(),
            method: "card".to_owned(),
            holder: Holder::Registered,
        };
        let member = MemberReference::Id(counter.member);
        let command = Command::TopUp { member, top_up };
        counter.house.engine.carry_out(Request::new(command, "desk")).await.unwrap();
        counter
    }

    async fn pays_with_money(&self, amount: i64) {
        let line = PurchaseLine { amount, quantity_milli: 1_000, ..PurchaseLine::default() };
        let payment = Payment {
            method: "stored_value".to_owned(),
            amount,
            stored_value: Some(StoredValueTender::default()),
            ..Payment::default()
        };
        let purchase = Purchase {
            key: key("s1"),
            occurred_at: self.house.engine.clock().now(),
            currency: Currency::new("CNY").unwrap(),
            store: None,
            channel: None,
            vouchers: Vec::new(),
            payments: vec![payment],
            lines: vec![line],
        };
        let member = MemberReference::Id(self.member);
        let command = Command::RecordPurchase { member, enrol: false, purchase };
        self.house.engine.carry_out(Request::new(command, "till")).await.unwrap();
    }
}

#[tokio::test]
async fn staff_see_money_and_its_bonus_apart_from_points() {
    let counter = Counter::with_money("stored-value").await;
    let till = counter.send("/till", true, &format!("member={PHONE}")).await;
    assert!(till.contains("stored value CN¥500.00") && till.contains("top-up bonus CN¥25.00"), "{till}");
    counter.pays_with_money(51_000).await;
    let headers = [("Cookie", counter.cookie.as_str()), ("Accept-Language", "en")];
    let receipt = counter.house.send("GET /till/receipts/s1", &headers, "").await;
    for text in ["stored value", "CN¥500.00", "top-up bonus", "CN¥10.00"] {
        assert!(receipt.contains(text), "{text} in {receipt}");
    }
    let cookie = counter.house.session(Role::Manager).await;
    let headers = [("Cookie", cookie.as_str()), ("Accept-Language", "en")];
    let member = counter.house.send(&format!("GET /console/members/{}", counter.member), &headers, "").await;
    for text in ["money paid in", "CN¥15.00", "Topped up", "+CN¥500.00", "CN¥500.00 paid in (card) · till t1"]
    {
        assert!(member.contains(text), "{text} in {member}");
    }
    assert!(member.contains("then CN¥500.00 stored value") && !member.contains("50,000"), "{member}");
    let page = format!("GET /console/members/{}/statement", counter.member);
    let statement = counter.house.send(&page, &headers, "").await;
    for text in ["+CN¥500.00", "CN¥15.00"] {
        assert!(statement.contains(text), "{text} in {statement}");
    }
    assert!(!statement.contains("50,000") && !statement.contains("1,500"), "{statement}");
    counter.house.close().await;
}
