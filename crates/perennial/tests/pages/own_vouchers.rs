//! A member's vouchers on the card: whose they are, what is said of them, and adding one that was found on paper.

use domain::document::{DocumentKey, Purchase, PurchaseLine};
use domain::ids::AccountId;
use domain::voucher::{CodeForm, PurchaseVoucher, VoucherCode};
use jiff::ToSpan;
use operations::{Command, MemberReference, Request, VoucherOrder, voucher_id};

use crate::{House, LEI, MEI, body, field, now, status};

const VOUCHERS: &str = r#"
[[vouchers]]
code = "birthday"
name = { zh = "生日券", en = "Birthday voucher" }
effect.amount = { amount = "20.00" }
minimum = "50.00"
scope = { category = ["tea"] }
valid = { days = 30 }
holder = "personal"
issue_max = 100
funder = "tea_house"
cost = "7.77"

[[vouchers]]
code = "letter"
name = { zh = "信函券", en = "Letter voucher" }
effect.percent = { percent = "10" }
valid = { days = 5 }
stacking = "free"
issue_max = 100
"#;

impl House {
    async fn issue(&self, template: &str, members: Vec<AccountId>) -> VoucherCode {
        let order = VoucherOrder {
            reference: format!("{template}-{}", members.len()),
            template: template.parse().unwrap(),
            quantity: u32::from(members.is_empty()),
            members,
            value: None,
        };
        self.engine.issue_vouchers(&order, "owner").await.unwrap().remove(0).code
    }

    async fn spend(&self, member: AccountId, code: &VoucherCode) {
        let line = PurchaseLine {
            category: "tea".to_owned(),
            quantity_milli: 1_000,
            amount: 10_000,
            ..PurchaseLine::default()
        };
        let purchase = Purchase {
            key: DocumentKey { source: "till".to_owned(), reference: "T-1".to_owned() },
            occurred_at: now(),
            currency: domain::money::Currency::new("CNY").unwrap(),
            store: None,
            channel: None,
            payments: Vec::new(),
            vouchers: vec![PurchaseVoucher::presented(voucher_id(code))],
            lines: vec![line],
        };
        let command = Command::RecordPurchase { member: MemberReference::Id(member), enrol: false, purchase };
        self.engine.carry_out(Request::new(command, "till")).await.unwrap();
    }
}

#[tokio::test]
async fn a_voucher_is_shown_to_its_member_with_its_terms_and_its_code() {
    let house = House::open_with("vouchers", true, VOUCHERS).await;
    let id = house.member_id(LEI).await;
    let code = house.issue("birthday", vec![id]).await;
    let (mut lei, mut mei) = (house.signed_in(LEI).await, house.signed_in(MEI).await);
    let page = house.get(&mut lei, "/card/vouchers").await;
    let printed = code.to_string();
    for told in ["Birthday voucher", "¥20.00 off", "on category tea", "from ¥50.00 on", printed.as_str()] {
        assert!(page.contains(told), "{told} is not on {page}");
    }
    assert!(page.contains("Good through 25 Dec 2026") && page.contains("class=\"qr-dark\""), "{page}");
    assert!(!page.contains("tea_house") && !page.contains("7.77"), "what it costs whom is not for members");
    let page = house.get(&mut mei, "/card/vouchers").await;
    assert!(page.contains("No vouchers yet") && !page.contains(&printed), "{page}");
    // The paper has the code too, and nobody else's.
    let paper = house.get(&mut lei, "/card/statement").await;
    assert!(paper.contains(&printed) && paper.contains("class=\"sheet-qr\""), "{paper}");
    let paper = house.get(&mut mei, "/card/statement?from=2026-11-01&until=2026-11-25").await;
    assert!(paper.contains("1 Nov 2026 to 25 Nov 2026") && !paper.contains(&printed), "{paper}");
    let wrong = house.get(&mut mei, "/card/statement?from=2026-11-25&until=2026-11-01").await;
    assert!(
        status(&wrong) == "422" && wrong.contains("value=\"2026-11-25\""),
        "what was chosen stays: {wrong}"
    );

    house.spend(id, &code).await;
    let page = house.get(&mut lei, "/card/vouchers").await;
    let (open, past) = page.split_once("Used or expired").expect("it is over");
    assert!(past.contains("Birthday voucher") && past.contains("Saved CN¥20.00 on 25 Nov 2026"), "{past}");
    assert!(!page.contains(&printed) && open.contains("No vouchers yet"), "a used code is shown no more");
    let history = house.get(&mut lei, "/card/history").await;
    let entry = history.split("/card/history/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let why = house.get(&mut lei, &format!("/card/history/{entry}")).await;
    assert!(why.contains("“Birthday voucher” took 20.00 CNY off"), "{why}");
    house.close().await;
}

#[tokio::test]
async fn a_code_on_paper_is_added_once_and_is_then_nobody_elses() {
    let house = House::open_with("register", true, VOUCHERS).await;
    let code = house.issue("letter", Vec::new()).await;
    let (mut lei, mut mei) = (house.signed_in(LEI).await, house.signed_in(MEI).await);
    let page = house.get(&mut lei, "/card/vouchers").await;
    let typed = format!("code={}", code.to_string().to_lowercase());
    for _ in 0..2 {
        let added = house.post(&mut lei, "/card/vouchers", &page, &typed).await;
        assert_eq!(crate::header(&added, "location"), Some("/card/vouchers?done=registered"), "{added}");
    }
    let mine = house.get(&mut lei, "/card/vouchers?done=registered").await;
    assert_eq!(mine.matches("Letter voucher</h2>").count(), 1, "added twice it is there once");
    assert!(mine.contains("role=\"status\"") && mine.contains("Good through Monday"), "{mine}");
    let page = house.get(&mut mei, "/card/vouchers").await;
    let taken = house.post(&mut mei, "/card/vouchers", &page, &typed).await;
    assert_eq!(status(&taken), "422");
    assert!(taken.contains("it belongs to another member") && !taken.contains("Letter voucher"), "{taken}");
    let body = format!("csrf=wrong&{typed}");
    let forged = house.send(&mut lei, "POST /card/vouchers", "same-origin", &body).await;
    assert_eq!(status(&forged), "403");
    house.engine.clock().set(now().checked_add((24 * 6).hours()).unwrap());
    let page = house.get(&mut lei, "/card/vouchers").await;
    let past = page.split_once("Used or expired").expect("it has ended").1;
    assert!(past.contains("Was good through 30 Nov 2026"), "{past}");
    house.close().await;
}

#[tokio::test]
async fn five_wrong_codes_an_hour_are_tried_by_a_member_and_typing_errors_are_none() {
    let house = House::open_with("guesses", true, VOUCHERS).await;
    let code = house.issue("letter", Vec::new()).await;
    let (mut lei, mut mei) = (house.signed_in(LEI).await, house.signed_in(MEI).await);
    let page = house.get(&mut lei, "/card/vouchers").await;
    let mistyped: String = code.as_str().chars().rev().collect();
    for text in [mistyped.as_str(), "7XQ0", "@"] {
        for _ in 0..3 {
            let answer = house.post(&mut lei, "/card/vouchers", &page, &format!("code={text}")).await;
            assert!(status(&answer) == "422" && answer.contains("This is no voucher code"), "{answer}");
        }
    }
    for number in 0..5 {
        let guess = VoucherCode::from_bits(CodeForm::Typed, 9, &[number; 12]).unwrap();
        let answer = house.post(&mut lei, "/card/vouchers", &page, &format!("code={guess}")).await;
        assert!(status(&answer) == "422" && answer.contains("there is no such voucher"), "{answer}");
    }
    let right = format!("code={code}");
    let waits = house.post(&mut lei, "/card/vouchers", &page, &right).await;
    assert_eq!(status(&waits), "429");
    assert!(body(&waits).contains("Try again in 60 minutes"), "{waits}");
    let page = house.get(&mut mei, "/card/vouchers").await;
    assert_eq!(field(&page, "csrf").len(), 64);
    assert_eq!(
        status(&house.post(&mut mei, "/card/vouchers", &page, &right).await),
        "303",
        "others do not wait"
    );
    house.close().await;
}
