//! The till's requests: a sale previewed, recorded, sent again; receipts of a till that was away (TS-05); what may not
//! be done without a connection; returns by receipt.

use domain::ids::AccountId;
use domain::ledger::Fact;
use domain::member::{Identifier, IdentifierKind, Profile};
use domain::operation::Adjustment;
use operations::{Command, MemberReference, Request, Role};

use crate::answer::{header, status};
use crate::house::House;

/// A till with somebody signed in, the starter programme, and a member.
pub(crate) struct Counter {
    pub(crate) house: House,
    pub(crate) cookie: String,
    csrf: String,
    pub(crate) member: AccountId,
}

pub(crate) const PHONE: &str = "13911110001";

impl Counter {
    async fn open(name: &str) -> Self {
        Self::open_with(name, domain::programme::examples()[0].toml).await
    }

    pub(crate) async fn open_with(name: &str, programme: &str) -> Self {
        let house = House::open(name, false).await;
        house.engine.publish_programme(programme, jiff::Timestamp::UNIX_EPOCH, "test").await.unwrap();
        let identifiers = vec![Identifier::new(IdentifierKind::Phone, PHONE, Some("CN")).unwrap()];
        let enrol = Command::EnrolMember { identifiers, profile: Profile::default(), enrolled_at: None };
        let enrolled = house.engine.carry_out(Request::new(enrol, "test")).await.unwrap().recorded().unwrap();
        let cookie = house.session(Role::Cashier).await;
        let secret = cookie.split('=').nth(1).unwrap();
        let csrf = house.engine.view_session(secret).await.unwrap().unwrap().csrf;
        Self { member: enrolled.entry.id.account_id, house, cookie, csrf }
    }

    /// Sends a form as the page's script does, or as a browser without it.
    pub(crate) async fn send(&self, path: &str, script: bool, fields: &str) -> String {
        let mut headers = vec![("Accept-Language", "en")];
        if script {
            headers.push(("HX-Request", "true"));
        }
        self.send_with(path, &headers, fields).await
    }

    /// The same as the script, for a cashier who reads another language.
    pub(crate) async fn send_in(&self, path: &str, language: &str, fields: &str) -> String {
        self.send_with(path, &[("Accept-Language", language), ("HX-Request", "true")], fields).await
    }

    async fn send_with(&self, path: &str, more: &[(&str, &str)], fields: &str) -> String {
        let body = format!("csrf={}&{fields}", self.csrf);
        let mut headers = vec![
            ("Cookie", self.cookie.as_str()),
            ("Sec-Fetch-Site", "same-origin"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        headers.extend(more);
        self.house.send(&format!("POST {path}"), &headers, &body).await
    }

    async fn give_points(&self, points: i64) {
        let adjustment = Adjustment {
            unit: "points".parse().unwrap(),
            points,
            reason: "goodwill".parse().unwrap(),
            note: "test".to_owned(),
            occurred_at: self.house.engine.clock().now(),
            approved_by: None,
        };
        let command = Command::AdjustPoints { member: MemberReference::Id(self.member), adjustment };
        self.house.engine.carry_out(Request::new(command, "test")).await.unwrap();
    }

    /// Totals and references of the purchases in the ledger.
    async fn purchases(&self) -> Vec<(String, i64)> {
        let page = self.house.engine.list_entries(self.member, None, 100).await.unwrap();
        let sold = page.entries.iter().filter_map(|entry| match &entry.fact {
            Fact::PurchaseRecorded { purchase, .. } => {
                Some((purchase.key.reference.clone(), purchase.total().unwrap()))
            }
            _ => None,
        });
        sold.collect()
    }

    async fn earned(&self) -> i64 {
        let member = self.house.engine.view_member(&MemberReference::Id(self.member)).await.unwrap();
        member.standing.balances.first().map_or(0, |balance| balance.earned)
    }
}

fn sale(reference: &str, price: &str) -> String {
    let at = "2026-11-24T08%3A00%3A00Z";
    format!(
        "member={PHONE}&reference={reference}&occurred_at={at}&method=cash&line-0-item=tea&line-0-quantity=1&line-0-price={price}"
    )
}

pub(crate) fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

fn now_in(form: &str, now: jiff::Timestamp) -> String {
    form.replace("2026-11-24T08%3A00%3A00Z", &now.to_string().replace(':', "%3A"))
}

#[tokio::test]
async fn a_preview_records_nothing_and_promises_what_paying_gives() {
    let counter = Counter::open("preview").await;
    let now = counter.house.engine.clock().now();
    let form = now_in(&sale("T-1", "52.50"), now);
    let preview = counter.send("/till", true, &format!("{form}&action=keep")).await;
    assert_eq!(status(&preview), "200");
    assert!(!preview.contains("<html"), "the script gets the form alone");
    // 52 base points and the first purchase's 200, as the starter programme says.
    let expected = counter.house.engine.programmes().latest().unwrap().programme().rules.len();
    assert!(expected > 5 && body(&preview).contains("<b>+"), "{}", body(&preview));
    assert_eq!(counter.purchases().await, []);
    let promised: i64 = number_after(&preview, "<div class=\"gain\"");
    let paid = counter.send("/till/purchases", false, &form).await;
    assert_eq!((status(&paid), header(&paid, "location")), ("303", Some("/till/receipts/T-1")));
    let receipt = counter.house.get("/till/receipts/T-1", &counter.cookie).await;
    assert_eq!(number_after(&receipt, "<div class=\"gain\""), promised);
    assert!(promised >= 252 && counter.earned().await == promised, "{promised}");
    counter.house.close().await;
}

/// The first number after a mark.
fn number_after(text: &str, mark: &str) -> i64 {
    let rest = text.split(mark).nth(1).unwrap_or_default();
    let digits: String = rest
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(|c| c.is_ascii_digit() || *c == ',')
        .collect();
    digits.replace(',', "").parse().unwrap_or(-1)
}

/// TS-05: receipts of two days, some sent twice, some numbers used again after the till was started anew.
#[tokio::test]
async fn receipts_of_a_till_that_was_away_earn_once_each() {
    let counter = Counter::open("away").await;
    let now = counter.house.engine.clock().now();
    let hour = jiff::SignedDuration::from_hours(1);
    let queued = |at: i32| {
        let sold = now.checked_sub(hour * (48 - at)).unwrap();
        let price = format!("{}.50", 10 + at);
        now_in(&sale(&format!("T-{at}"), &price), sold) + "&queued=yes"
    };
    for at in 0..40 {
        let answer = counter.send("/till/purchases", true, &queued(at)).await;
        assert_eq!(status(&answer), "201", "{}", body(&answer));
    }
    let (sold, earned) = (counter.purchases().await, counter.earned().await);
    assert_eq!(sold.len(), 40);
    assert!(earned > 0);
    for at in 0..40 {
        let again = counter.send("/till/purchases", true, &queued(at)).await;
        assert_eq!(status(&again), "200", "{}", body(&again));
        assert!(body(&again).contains("\"duplicate\":true"));
        if at % 8 == 0 {
            let reused = queued(at).replace("line-0-item=tea", "line-0-item=cups");
            let answer = counter.send("/till/purchases", true, &reused).await;
            assert_eq!(status(&answer), "409", "{}", body(&answer));
            assert!(body(&answer).contains("document_differs"), "the cashier is told: {}", body(&answer));
        }
    }
    assert_eq!((counter.purchases().await, counter.earned().await), (sold, earned));
    counter.house.close().await;
}

#[tokio::test]
async fn points_pay_while_connected_and_never_from_the_queue() {
    let counter = Counter::open("burn").await;
    counter.give_points(1_000).await;
    let now = counter.house.engine.clock().now();
    let form = now_in(&sale("T-1", "20.00"), now) + "&points=1000";
    let refused = counter.send("/till/purchases", true, &format!("{form}&queued=yes")).await;
    assert_eq!(status(&refused), "422");
    assert!(body(&refused).contains("offline_points"));
    assert_eq!(counter.purchases().await, []);
    let too_many = counter.send("/till/purchases", true, &form.replace("points=1000", "points=9000")).await;
    assert_eq!(status(&too_many), "422", "{}", body(&too_many));
    let paid = counter.send("/till/purchases", true, &form).await;
    assert_eq!(status(&paid), "201", "{}", body(&paid));
    let view = counter.house.engine.view_member(&MemberReference::Id(counter.member)).await.unwrap();
    assert_eq!(view.standing.balances[0].available, 0);
    counter.house.close().await;
}

#[tokio::test]
async fn what_cannot_be_sold_says_why() {
    let counter = Counter::open("faults").await;
    let now = counter.house.engine.clock().now();
    let form = now_in(&sale("T-1", "20.00"), now);
    for (change, expected_status, code) in [
        (form.replace("20.00", "20,00"), "400", "field_invalid"),
        (form.replace(PHONE, ""), "404", "member_unknown"),
        (form.replace(PHONE, "13911119999"), "404", "member_unknown"),
        (form.replace("line-0-", "other-"), "400", "field_invalid"),
    ] {
        let answer = counter.send("/till/purchases", true, &change).await;
        assert_eq!(status(&answer), expected_status, "{}", body(&answer));
        assert!(body(&answer).contains(code), "{}", body(&answer));
        let page = counter.send("/till/purchases", false, &change).await;
        assert_eq!(status(&page), expected_status);
        assert!(page.contains("role=\"alert\"") && page.contains("<html"), "the whole sale is shown again");
    }
    let forged = counter
        .house
        .post("/till/purchases", &counter.cookie, "same-origin", &format!("csrf=x&{form}"))
        .await;
    let foreign = format!("csrf={}&{form}", counter.csrf);
    let foreign = counter.house.post("/till/purchases", &counter.cookie, "cross-site", &foreign).await;
    assert_eq!((status(&forged), status(&foreign)), ("403", "403"));
    assert_eq!(counter.purchases().await, []);
    let enrolling = form.replace(PHONE, "13911119999") + "&enrol=yes";
    assert_eq!(status(&counter.send("/till/purchases", true, &enrolling).await), "201");
    assert_eq!(
        status(&counter.send("/till/purchases", true, &enrolling).await),
        "200",
        "enrolled once, sold once"
    );
    let previewed_before = now_in(&sale("T-2", "5"), now) + "&quoted=7";
    let sold = counter.send("/till/purchases", true, &previewed_before).await;
    assert!(
        body(&sold).contains("changed=yes"),
        "the receipt says that another version decided: {}",
        body(&sold)
    );
    counter.house.close().await;
}

#[tokio::test]
async fn goods_come_back_in_parts_by_their_receipt() {
    let counter = Counter::open("return").await;
    let now = counter.house.engine.clock().now();
    let sold = now_in(&sale("T-1", "33.34"), now).replace("quantity=1", "quantity=3");
    assert_eq!(status(&counter.send("/till/purchases", true, &sold).await), "201");
    let earned = counter.earned().await;
    let page = counter.house.get("/till/returns?reference=T-1", &counter.cookie).await;
    assert!(page.contains("max=\"3\""), "three can come back");
    let at = now.to_string().replace(':', "%3A");
    let back = |own: &str, quantity: &str, action: &str| {
        format!("purchase=T-1&reference={own}&occurred_at={at}&quantity-0={quantity}&action={action}")
    };
    let preview = counter.send("/till/returns", false, &back("R-1", "1", "quote")).await;
    assert!(status(&preview) == "200" && preview.contains("33.34"), "{}", body(&preview));
    assert_eq!(status(&counter.send("/till/returns", false, &back("R-1", "4", "record")).await), "400");
    assert_eq!(status(&counter.send("/till/returns", false, &back("R-1", "0", "record")).await), "422");
    for _ in 0..2 {
        let recorded = counter.send("/till/returns", false, &back("R-1", "1", "record")).await;
        let expected = ("303", Some("/till/receipts/R-1"));
        assert_eq!(
            (status(&recorded), header(&recorded, "location")),
            expected,
            "pressed twice, it is one return"
        );
    }
    let rest = counter.send("/till/returns", false, &back("R-2", "", "all")).await;
    assert!(rest.contains("66.68"), "what is left: {}", body(&rest));
    let recorded = counter.send("/till/returns", false, &back("R-2", "2", "record")).await;
    assert_eq!(status(&recorded), "303");
    let view = counter.house.engine.view_member(&MemberReference::Id(counter.member)).await.unwrap();
    let held = view.standing.balances[0].available + view.standing.balances[0].pending;
    assert!(earned > 0);
    assert_eq!(held, 0, "all that the purchase earned is gone");
    let nothing = counter.send("/till/returns", false, &back("R-3", "1", "record")).await;
    assert_eq!(status(&nothing), "400");
    let receipt = counter.house.get("/till/receipts/R-1", &counter.cookie).await;
    assert!(receipt.contains("33.34") && receipt.contains("T-1"));
    assert_eq!(status(&counter.house.get("/till/returns?reference=T-9", &counter.cookie).await), "404");
    counter.house.close().await;
}

#[tokio::test]
async fn a_name_of_too_many_bytes_is_refused_where_it_is_typed_and_in_the_readers_language() {
    let counter = Counter::open("long-name").await;
    let now = counter.house.engine.clock().now();
    let named = |characters: usize| {
        now_in(&sale("T-1", "20.00"), now).replace("=tea", &format!("={}", "%E8%8C%B6".repeat(characters)))
    };
    let fits = counter.send("/till", true, &format!("{}&action=keep", named(42))).await;
    assert!(!body(&fits).contains("aria-invalid"), "{}", body(&fits));
    let long = counter.send("/till", true, &format!("{}&action=keep", named(43))).await;
    assert!(body(&long).contains("aria-invalid"), "126 bytes are a name, 129 are not: {}", body(&long));
    assert!(
        body(&long)
            .contains("id=\"pay\" formaction=\"/till/purchases\" name=\"action\" value=\"pay\" disabled")
    );
    let paid = counter.send_in("/till/purchases", "zh-CN", &named(43)).await;
    assert_eq!(status(&paid), "400");
    assert!(body(&paid).contains("购物篮"), "not in English: {}", body(&paid));
    assert_eq!(status(&counter.send("/till/purchases", true, &named(42)).await), "201");
    counter.house.close().await;
}

#[tokio::test]
async fn a_second_tap_on_a_line_that_went_hits_no_other() {
    let counter = Counter::open("taps").await;
    let form = "line-0-item=tea&line-0-quantity=1&line-0-price=1&line-1-item=cups&line-1-quantity=2&line-1-price=2&line-2-item=pots&line-2-quantity=1&line-2-price=3";
    let first = counter.send("/till", true, &format!("{form}&action=drop-1")).await;
    let kept = |answer: &str| {
        let named = |item: &str| answer.contains(&format!("value=\"{item}\""));
        [named("tea"), named("cups"), named("pots")]
    };
    assert_eq!(kept(&first), [true, false, true]);
    assert!(first.contains("value=\"drop-2\"") && !first.contains("value=\"drop-1\""), "numbers stay");
    let left =
        "line-0-item=tea&line-0-quantity=1&line-0-price=1&line-2-item=pots&line-2-quantity=1&line-2-price=3";
    for action in ["drop-1", "less-1", "more-1"] {
        let second = counter.send("/till", true, &format!("{left}&action={action}")).await;
        assert_eq!(kept(&second), [true, false, true], "{action}");
    }
    let scanned = counter.send("/till", true, &format!("{left}&entry=5.00&action=scan")).await;
    assert!(scanned.contains("name=\"line-3-price\""), "a new line has a number of its own: {scanned}");
    counter.house.close().await;
}

#[tokio::test]
async fn a_receipt_is_recorded_as_sold_by_whoever_sold_it() {
    let counter = Counter::open("sold-by").await;
    let now = counter.house.engine.clock().now();
    let mut actors = Vec::new();
    for (at, seller) in ["manager", "auditor", "nobody-of-this-name", ""].into_iter().enumerate() {
        let form = now_in(&sale(&format!("T-{at}"), "20.00"), now);
        let answer =
            counter.send("/till/purchases", true, &format!("{form}&queued=yes&sold_by={seller}")).await;
        assert_eq!(status(&answer), "201", "{}", body(&answer));
        let said = if seller == "manager" { "manager" } else { "cashier" };
        assert!(body(&answer).contains(&format!("\"sold_by\":\"{said}\"")), "{}", body(&answer));
        let key = domain::document::DocumentKey { source: "till".to_owned(), reference: format!("T-{at}") };
        actors.push(counter.house.engine.view_document(&key).await.unwrap().entry.actor);
    }
    let cashier = "console:cashier";
    assert_eq!(actors, ["console:manager", cashier, cashier, cashier], "an auditor has no till");
    counter.house.close().await;
}

#[tokio::test]
async fn a_return_whose_answer_was_lost_is_the_same_return_when_nothing_is_left() {
    let counter = Counter::open("lost-return").await;
    let now = counter.house.engine.clock().now();
    assert_eq!(
        status(&counter.send("/till/purchases", true, &now_in(&sale("T-1", "20.00"), now)).await),
        "201"
    );
    let at = now.to_string().replace(':', "%3A");
    let back = format!("purchase=T-1&reference=R-1&occurred_at={at}&quantity-0=1&action=record");
    for _ in 0..2 {
        let recorded = counter.send("/till/returns", false, &back).await;
        let expected = ("303", Some("/till/receipts/R-1"));
        assert_eq!((status(&recorded), header(&recorded, "location")), expected, "{}", body(&recorded));
    }
    let page = counter.house.engine.list_entries(counter.member, None, 100).await.unwrap();
    let returns =
        page.entries.iter().filter(|entry| matches!(entry.fact, Fact::ReturnRecorded { .. })).count();
    assert_eq!(returns, 1);
    counter.house.close().await;
}

#[tokio::test]
async fn the_till_tells_the_pool_of_a_household_and_who_may_spend_it() {
    let programme =
        format!("{}\n[households]\nunits = [\"points\"]\n", domain::programme::examples()[0].toml);
    let counter = Counter::open_with("till-pool", &programme).await;
    counter.give_points(900).await;
    let engine = &counter.house.engine;
    let open = Command::CreateHousehold { name: "Chen".to_owned() };
    let opened = engine.carry_out(Request::new(open, "owner")).await.unwrap().recorded().unwrap();
    let (household, member) = (opened.entry.id.account_id, MemberReference::Id(counter.member));
    let join = Command::JoinHousehold { household, member, may_spend: false };
    engine.carry_out(Request::new(join, "owner")).await.unwrap();
    let now = engine.clock().now();
    let form = now_in(&sale("T-1", "52.50"), now);
    let preview = counter.send("/till", true, &format!("{form}&action=points-most")).await;
    for told in ["<b>900 <small>", "in the pool of Chen", "may not spend them", "not for purchases"] {
        assert!(preview.contains(told), "{told}: {preview}");
    }
    assert!(!preview.contains("name=\"points\""), "nothing to choose: {preview}");
    counter.house.close().await;
}
