//! Vouchers at the till: previewed line by line, taken out, spent once with the sale, told on the receipt; a sale that
//! waited for the connection is recorded whatever became of its voucher; guesses are stopped.

use domain::document::DocumentKey;
use domain::ledger::Fact;
use domain::programme::examples;
use domain::voucher::{TILL_TRIES_PER_HOUR, VoucherCode, VoucherStatus};
use jiff::{SignedDuration, Timestamp};
use operations::{VoucherCaller, VoucherCheck, VoucherOrder};

use crate::answer::status;
use crate::till::{Counter, PHONE, body};

const VOUCHERS: &str = r#"
[[vouchers]]
code = "ten_off"
name = { zh = "减十元", en = "Ten off" }
effect.amount = { amount = "10.00" }
minimum = "15.00"
valid = { days = 30 }
stacking = "free"
issue_max = 1000

[[vouchers]]
code = "tea_half"
name = { zh = "茶半价", en = "Tea at half price" }
effect.percent = { percent = "50" }
scope = { category = ["tea"] }
valid = { days = 30 }
stacking = "free"
form = "scanned"
issue_max = 1000
"#;

impl Counter {
    async fn with_vouchers(name: &str) -> Self {
        let counter = Self::open_with(name, &format!("{}{VOUCHERS}", examples()[0].toml)).await;
        assert!(counter.house.engine.programmes().latest().unwrap().programme().vouchers.len() == 2);
        counter
    }

    async fn voucher(&self, template: &str) -> VoucherCode {
        let order = VoucherOrder {
            reference: template.to_owned(),
            template: template.parse().unwrap(),
            quantity: 1,
            members: Vec::new(),
            value: None,
        };
        self.house.engine.issue_vouchers(&order, "owner").await.unwrap().remove(0).code
    }

    async fn receipt(&self, reference: &str) -> String {
        let headers = [("Cookie", self.cookie.as_str()), ("Accept-Language", "en")];
        self.house.send(&format!("GET /till/receipts/{reference}"), &headers, "").await
    }

    async fn voucher_status(&self, code: &VoucherCode) -> VoucherStatus {
        let check = VoucherCheck { codes: vec![code.clone()], member: None, document: None, basket: None };
        let checked = self.house.engine.check_voucher(&check, &VoucherCaller::operator()).await.unwrap();
        checked[0].voucher.as_ref().unwrap().status
    }

    /// Total, discount and money taken of a recorded sale.
    async fn sold(&self, reference: &str) -> (i64, i64, i64) {
        let key = DocumentKey { source: "till".to_owned(), reference: reference.to_owned() };
        let entry = self.house.engine.view_document(&key).await.unwrap().entry;
        let Fact::PurchaseRecorded { purchase, .. } = entry.fact else { panic!("no purchase") };
        let discount = purchase.vouchers.iter().map(|voucher| voucher.discount).sum();
        let taken = purchase.payments.iter().map(|payment| payment.amount).sum();
        (purchase.total().unwrap(), discount, taken)
    }
}

/// Cups for 30.00 and tea for 20.00.
fn basket(reference: &str, now: Timestamp) -> String {
    let at = now.to_string().replace(':', "%3A");
    format!(
        "member={PHONE}&reference={reference}&occurred_at={at}&method=cash&line-0-item=cups&line-0-quantity=1\
         &line-0-price=30&line-1-item=longjing&line-1-category=tea&line-1-quantity=2&line-1-price=10"
    )
}

/// The value of a hidden field.
fn field<'a>(page: &'a str, name: &str) -> &'a str {
    let opening = format!("name=\"{name}\" value=\"");
    let rest = page.split(&opening).nth(1).unwrap_or_else(|| panic!("no field {name} in {page}"));
    rest.split('"').next().unwrap()
}

#[tokio::test]
async fn a_voucher_is_scanned_previewed_taken_out_and_spent_with_the_sale() {
    let counter = Counter::with_vouchers("voucher").await;
    let now = counter.house.engine.clock().now();
    let (ten, tea) = (counter.voucher("ten_off").await, counter.voucher("tea_half").await);
    let form = basket("T-1", now);
    // Typed as printed, scanned as drawn.
    let typed = format!("{form}&action=scan&entry={}", ten.to_string().to_lowercase());
    let page = counter.send("/till", true, &typed).await;
    assert_eq!(field(&page, "voucher-0"), ten.as_str(), "{page}");
    assert!(
        page.contains("Ten off") && page.contains("cups: −CN¥6.00") && page.contains("longjing: −CN¥4.00")
    );
    assert!(page.contains("CN¥50.00 before vouchers") && field(&page, "discount") == "1000", "{page}");

    let both = format!("{form}&voucher-0={}&action=scan&entry={}", ten.as_str(), tea.as_str());
    let page = counter.send("/till", true, &both).await;
    // Half of the tea first, then ten off what is left of both.
    assert!(page.contains("longjing: −CN¥10.00") && field(&page, "discount") == "2000", "{page}");
    let out = format!("{form}&voucher-0={}&voucher-1={}&action=voucher-drop-0", ten.as_str(), tea.as_str());
    let page = counter.send("/till", true, &out).await;
    assert_eq!((field(&page, "voucher-0"), field(&page, "discount")), (tea.as_str(), "1000"));
    assert!(!page.contains("Ten off"), "it was taken out");
    assert_eq!(counter.voucher_status(&ten).await, VoucherStatus::Issued, "a preview spends nothing");

    let sale = format!("{form}&voucher-0={}&voucher-1={}", ten.as_str(), tea.as_str());
    let changed = counter.send("/till/purchases", true, &format!("{sale}&discount=1000")).await;
    assert_eq!(status(&changed), "409", "nobody pays another amount than was shown");
    assert!(body(&changed).contains("vouchers_changed"), "{changed}");
    for expected in ["201", "200"] {
        let paid = counter.send("/till/purchases", true, &format!("{sale}&discount=2000")).await;
        assert_eq!(status(&paid), expected, "{paid}");
    }
    assert_eq!(counter.sold("T-1").await, (3_000, 2_000, 3_000));
    assert_eq!(counter.voucher_status(&ten).await, VoucherStatus::Redeemed);
    let receipt = counter.receipt("T-1").await;
    for told in ["Ten off", "Tea at half price", "−CN¥10.00", "CN¥30.00", "“Ten off” took 10.00 CNY off"]
    {
        assert!(receipt.contains(told), "{told} is not on {receipt}");
    }
    assert!(!receipt.contains("class=\"settlement\""), "nothing is owed");
    counter.house.close().await;
}

#[tokio::test]
async fn the_reason_why_a_voucher_takes_nothing_off_is_told_in_the_cashiers_language() {
    let counter = Counter::with_vouchers("voucher-why").await;
    let now = counter.house.engine.clock().now();
    let ten = counter.voucher("ten_off").await;
    let cheap = basket("T-1", now).replace("price=30", "price=3").replace("price=10", "price=1");
    let form = format!("{cheap}&voucher-0={}", ten.as_str());
    let page = counter.send("/till", true, &format!("{form}&action=keep")).await;
    assert!(page.contains("CN¥10.00 are missing"), "{page}");
    let chinese = counter.send_in("/till", "zh-CN", &format!("{form}&action=keep")).await;
    assert!(chinese.contains("未减免：再买 ¥10.00 方可使用") && chinese.contains("减十元"), "{chinese}");
    assert_eq!(field(&page, "discount"), "");
    // It is sold all the same, for the whole price, and the voucher stays whole.
    assert_eq!(status(&counter.send("/till/purchases", true, &form).await), "201");
    assert_eq!(counter.sold("T-1").await, (500, 0, 500));
    assert_eq!(counter.voucher_status(&ten).await, VoucherStatus::Issued);
    // Before there is a price or a member, what can be said is said.
    let alone = format!("reference=T-2&voucher-0={}&action=keep", ten.as_str());
    let page = counter.send("/till", true, &alone).await;
    assert!(page.contains("Ten off") && !page.contains("Takes nothing off"), "{page}");
    counter.house.close().await;
}

#[tokio::test]
async fn a_sale_that_waited_is_recorded_whatever_became_of_its_voucher() {
    let counter = Counter::with_vouchers("voucher-queue").await;
    let now = counter.house.engine.clock().now();
    let ten = counter.voucher("ten_off").await;
    let queued = |reference: &str, minutes: i64| {
        let sold = now.checked_sub(SignedDuration::from_mins(minutes)).unwrap();
        format!("{}&voucher-0={}&queued=yes", basket(reference, sold), ten.as_str())
    };
    // Two tills were away, one voucher was shown to both, both took the whole amount.
    let first = counter.send("/till/purchases", true, &queued("T-1", 20)).await;
    assert_eq!(status(&first), "201");
    assert!(
        first.contains("“Ten off” took 10.00 CNY off") && first.contains("Give back CN¥10.00"),
        "{first}"
    );
    let second = counter.send("/till/purchases", true, &queued("T-2", 10)).await;
    assert_eq!(status(&second), "201", "the purchase is not lost");
    assert!(second.contains("was not used: all its uses were redeemed"), "{second}");
    assert!(!second.contains("Give back"), "the whole amount was right: {second}");
    assert_eq!(counter.sold("T-1").await, (4_000, 1_000, 5_000));
    assert_eq!(counter.sold("T-2").await, (5_000, 0, 5_000));
    // The answer was lost: the same again tells the same.
    let again = counter.send("/till/purchases", true, &queued("T-1", 20)).await;
    assert!(status(&again) == "200" && again.contains("Give back CN¥10.00"), "{again}");
    let receipt = counter.receipt("T-1").await;
    assert!(receipt.contains("Give back CN¥10.00"), "{receipt}");
    // A till whose answer was lost had said 40.00 already; the voucher went elsewhere before it asked again.
    let said = queued("T-3", 5) + "&discount=1000";
    let third = counter.send("/till/purchases", true, &said).await;
    assert!(status(&third) == "201" && third.contains("CN¥10.00 is missing"), "{third}");
    let report = counter.house.engine.verify(true, &mut |_| ()).await.unwrap();
    assert!(report.is_clean(), "{:#?}", report.differences);
    counter.house.close().await;
}

#[tokio::test]
async fn wrong_codes_are_counted_and_the_waiting_time_is_told() {
    let counter = Counter::with_vouchers("voucher-guess").await;
    let now = counter.house.engine.clock().now();
    let ten = counter.voucher("ten_off").await;
    let form = basket("T-1", now);
    let guess = |number: usize| {
        let own: Vec<u8> = (0..12).map(|place| u8::try_from(10 + (number >> place & 1)).unwrap()).collect();
        VoucherCode::from_bits(domain::voucher::CodeForm::Typed, 7, &own).unwrap()
    };
    let mut mistyped = ten.to_string();
    let last = if mistyped.pop() == Some('0') { '1' } else { '0' };
    mistyped.push(last);
    let page = counter.send("/till", true, &format!("{form}&action=scan&entry={mistyped}")).await;
    assert!(page.contains("wrong or swapped character") && !page.contains("name=\"voucher-0\""), "{page}");
    // Guesses typed, and guesses slipped into the form, count alike.
    for number in 0..TILL_TRIES_PER_HOUR {
        let fields = if number % 2 == 0 {
            format!("{form}&action=scan&entry={}", guess(number))
        } else {
            format!("{form}&action=keep&voucher-0={}", guess(number))
        };
        let page = counter.send("/till", true, &fields).await;
        assert!(
            page.contains("There is no voucher") && !page.contains("name=\"voucher-0\""),
            "{number}: {page}"
        );
    }
    let right = format!("{form}&action=scan&entry={ten}");
    let page = counter.send("/till", true, &right).await;
    assert!(page.contains("Try again in 60 minutes") && !page.contains("Ten off"), "{page}");
    let sale = format!("{form}&voucher-0={}&discount=1000", ten.as_str());
    let refused = counter.send("/till/purchases", true, &sale).await;
    assert_eq!(status(&refused), "429", "{refused}");
    assert_eq!(counter.voucher_status(&ten).await, VoucherStatus::Issued);
    assert_eq!(
        status(&counter.send("/till/purchases", true, &form).await),
        "201",
        "without it the sale goes on"
    );
    counter.house.close().await;
}
