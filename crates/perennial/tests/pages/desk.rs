//! The desk: vouchers, rewards and holds as managers and support work with them. What was typed stays when it is
//! refused, what is sent twice is done once, and codes come in a file and nowhere else.

use domain::burn::{HoldRequest, RewardOrder};
use domain::code::Code;
use domain::document::DocumentKey;
use domain::ids::AccountId;
use domain::ledger::RedemptionState;
use domain::member::Profile;
use domain::operation::Adjustment;
use domain::programme::examples;
use domain::voucher::VoucherCode;
use operations::{Command, HoldFilter, MemberReference, Request, Role, VoucherCaller};

use crate::answer::{header, status};
use crate::house::House;

const VOUCHERS: &str = r#"
[[vouchers]]
code = "ten_off"
name = { zh = "减十元", en = "Ten off" }
effect.amount = { amount = "10.00" }
minimum = "15.00"
valid = { days = 30 }
stacking = "free"
issue_max = 10000

[[vouchers]]
code = "thanks"
name = { zh = "谢礼券", en = "Thank-you" }
effect.amount = {}
valid = { days = 30 }
holder = "personal"
issue_max = 10
"#;

/// A house with a programme, a member with points, and a signed-in manager.
pub(crate) struct Desk {
    pub(crate) house: House,
    pub(crate) cookie: String,
    pub(crate) member: AccountId,
}

/// A form's field as it travels.
pub(crate) fn field(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

impl Desk {
    pub(crate) async fn open(name: &str, more: &str) -> Self {
        Self::over(House::open(name, false).await, more).await
    }

    /// The same over a house that stands already.
    pub(crate) async fn over(house: House, more: &str) -> Self {
        let document = format!("{}{more}", examples()[0].toml);
        let from = "2020-01-01T00:00:00Z".parse().unwrap();
        house.engine.publish_programme(&document, from, "owner").await.unwrap();
        let profile = Profile { name: Some("李雷".to_owned()), ..Profile::default() };
        let enrol = Command::EnrolMember { identifiers: Vec::new(), profile, enrolled_at: None };
        let reply = house.engine.carry_out(Request::new(enrol, "owner")).await.unwrap();
        let member = reply.recorded().unwrap().entry.id.account_id;
        for _ in 0..2 {
            let adjustment = Adjustment {
                unit: Code::constant("points"),
                points: 900,
                reason: Code::constant("goodwill"),
                note: "welcome".to_owned(),
                occurred_at: house.engine.clock().now(),
                approved_by: None,
            };
            let give = Command::AdjustPoints { member: MemberReference::Id(member), adjustment };
            house.engine.carry_out(Request::new(give, "owner")).await.unwrap();
        }
        let cookie = house.session(Role::Manager).await;
        Self { house, cookie, member }
    }

    pub(crate) async fn get(&self, path: &str) -> String {
        let headers = [("Cookie", self.cookie.as_str()), ("Accept-Language", "en")];
        self.house.send(&format!("GET {path}"), &headers, "").await
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let page = self.get("/console/vouchers").await;
        let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let pairs = fields.iter().map(|(name, value)| format!("&{name}={}", field(value)));
        let body = format!("csrf={csrf}{}", pairs.collect::<String>());
        let headers = [
            ("Cookie", self.cookie.as_str()),
            ("Accept-Language", "en"),
            ("Sec-Fetch-Site", "same-origin"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        self.house.send(&format!("POST {path}"), &headers, &body).await
    }

    /// Holds 500 points for a quarter of an hour: the number of the entry.
    pub(crate) async fn hold(&self, reference: &str) -> u32 {
        let hold = HoldRequest {
            key: DocumentKey { source: "shop".to_owned(), reference: reference.to_owned() },
            occurred_at: self.house.engine.clock().now(),
            unit: None,
            points: 500,
            minutes: Some(15),
            purpose: None,
            programme_version: None,
            spender: None,
        };
        let command = Command::HoldPoints { member: MemberReference::Id(self.member), hold };
        let reply = self.house.engine.carry_out(Request::new(command, "shop")).await.unwrap();
        reply.recorded().unwrap().entry.id.entry_no
    }

    async fn redeem(&self, reference: &str) -> u32 {
        let order = RewardOrder {
            key: DocumentKey { source: "shop".to_owned(), reference: reference.to_owned() },
            occurred_at: self.house.engine.clock().now(),
            reward: Code::constant("tote_bag"),
            quantity: 1,
            programme_version: None,
            spender: None,
        };
        let member = MemberReference::Id(self.member);
        let command = Command::RedeemReward { member, order };
        let reply = self.house.engine.carry_out(Request::new(command, "shop")).await.unwrap();
        reply.recorded().unwrap().entry.id.entry_no
    }
}

/// The codes of a file of vouchers.
fn codes(file: &str) -> Vec<VoucherCode> {
    let cells = file.lines().filter_map(|line| line.split(',').next());
    cells.filter_map(|cell| VoucherCode::parse(cell).ok()).collect()
}

#[tokio::test]
async fn a_batch_is_checked_then_issued_once_and_its_codes_come_as_a_file() {
    let desk = Desk::open("batch", VOUCHERS).await;
    let form = [("template", "ten_off"), ("reference", "spring & sun"), ("quantity", "6,000")];
    let with = |step| [&form[..], &[("step", step)]].concat();
    let wrong = [("template", "ten_off"), ("reference", "spring"), ("quantity", "many"), ("step", "check")];
    let wrong = desk.post("/console/vouchers/issue", &wrong).await;
    assert!(
        status(&wrong) == "422" && wrong.contains("value=\"spring\"") && wrong.contains("“many”"),
        "{wrong}"
    );
    let check = desk.post("/console/vouchers/issue", &with("check")).await;
    assert!(status(&check) == "200" && check.contains("Issue 6,000 vouchers: Ten off"), "{check}");
    let (batches, _) = desk.house.engine.list_voucher_batches(None, None, 10).await.unwrap();
    assert_eq!(batches.len(), 0, "checking writes nothing");

    let file = desk.post("/console/vouchers/issue", &with("issue")).await;
    assert_eq!(header(&file, "content-type"), Some("text/csv; charset=utf-8"));
    let codes = codes(&file);
    assert_eq!(codes.len(), 6_000);
    let again = desk.post("/console/vouchers/issue", &with("issue")).await;
    assert!(status(&again) == "422" && again.contains("was issued before"), "{again}");
    let more = [("template", "ten_off"), ("reference", "more"), ("quantity", "6000"), ("step", "check")];
    let more = desk.post("/console/vouchers/issue", &more).await;
    assert!(status(&more) == "200", "what is left is known when it is issued");
    let list = desk.get("/console/vouchers").await;
    assert!(list.contains("spring &#38; sun") && list.matches("class=\"badge live\"").count() == 1, "{list}");

    let found = desk.post("/console/vouchers/find", &[("code", &codes[7].to_string().to_lowercase())]).await;
    let place = header(&found, "location").unwrap().to_owned();
    assert!(place.starts_with("/console/vouchers/vou_"), "an address without the code: {place}");
    let page = desk.get(&place).await;
    assert!(page.contains("¥10.00 off") && page.contains("Nobody has used it."), "{page}");
    assert!(
        !page.contains(&codes[7].to_string()) && !page.contains(codes[7].as_str()),
        "no code on the page"
    );
    desk.house.close().await;
}

#[tokio::test]
async fn a_mistyped_code_is_told_from_a_wrong_one_and_stays_in_the_field() {
    let desk = Desk::open("mistyped", VOUCHERS).await;
    let order = [("template", "ten_off"), ("reference", "a"), ("quantity", "1"), ("step", "issue")];
    let code = codes(&desk.post("/console/vouchers/issue", &order).await).remove(0);
    let mut swapped: Vec<char> = code.as_str().chars().collect();
    let at = (0..15).find(|at| swapped[*at] != swapped[at + 1]).unwrap();
    swapped.swap(at, at + 1);
    let swapped: String = swapped.into_iter().collect();
    let unknown = VoucherCode::from_bits(domain::voucher::CodeForm::Typed, 1, &[9; 12]).unwrap().to_string();
    for (typed, why) in [
        (swapped.as_str(), "two are swapped"),
        ("7XQ0-9M2T", "not 8"),
        ("7XQ0-9M2T-WB4C-K1H?", "“?” occurs in no voucher code"),
        (unknown.as_str(), "no voucher of this code"),
    ] {
        let page = desk.post("/console/vouchers/find", &[("code", typed)]).await;
        assert!(status(&page) == "422" && page.contains(why), "{typed}: {page}");
        assert!(page.contains(&format!("value=\"{typed}\"")), "{typed} stays in the field");
    }
    desk.house.close().await;
}

#[tokio::test]
async fn vouchers_for_members_name_them_and_a_void_says_why() {
    let desk = Desk::open("personal", VOUCHERS).await;
    let member = desk.member.to_string();
    let form = |members: &'static str| {
        [
            ("template", "thanks"),
            ("reference", "thanks"),
            ("members", members),
            ("value", "12.50"),
            ("step", "issue"),
        ]
    };
    let nobody = desk.post("/console/vouchers/issue", &form("nobody-known")).await;
    assert!(status(&nobody) == "422" && nobody.contains("“nobody-known”"), "{nobody}");
    let named = [("template", "thanks"), ("reference", "thanks"), ("members", &*member), ("value", "12.50")];
    let file = desk.post("/console/vouchers/issue", &[&named[..], &[("step", "issue")]].concat()).await;
    let code = codes(&file).remove(0);
    assert!(file.contains(&member), "{file}");
    let page = desk.get(&format!("/console/members/{member}/vouchers")).await;
    assert!(page.contains("¥12.50 off") && !page.contains(code.as_str()), "{page}");

    let id = desk.house.engine.find_voucher(&code, &VoucherCaller::operator()).await.unwrap();
    let void = format!("/console/vouchers/{id}/void");
    let silent = desk.post(&void, &[("reason", " ")]).await;
    assert!(status(&silent) == "422" && silent.contains("role=\"alert\""), "{silent}");
    for reason in ["sent by mistake", "again"] {
        assert_eq!(status(&desk.post(&void, &[("reason", reason)]).await), "303");
    }
    let page = desk.get(&format!("/console/vouchers/{id}")).await;
    assert!(page.contains("console:manager") && page.contains("sent by mistake"), "{page}");
    assert!(!page.contains(&void), "what is void is not declared void again");
    desk.house.close().await;
}

#[tokio::test]
async fn a_batch_is_void_as_a_whole_and_its_funnel_adds_up() {
    let desk = Desk::open("funnel", VOUCHERS).await;
    for (reference, quantity) in [("one", "3"), ("two", "4")] {
        let order =
            [("template", "ten_off"), ("reference", reference), ("quantity", quantity), ("step", "issue")];
        desk.post("/console/vouchers/issue", &order).await;
    }
    let page = desk.get("/console/vouchers/batch?reference=two").await;
    assert!(page.contains("4 vouchers that can still be used stop working"), "{page}");
    let reason = [("reference", "two"), ("reason", "misprinted")];
    assert_eq!(status(&desk.post("/console/vouchers/batch/void", &reason).await), "303");
    let page = desk.get("/console/vouchers/batch?reference=two").await;
    assert!(page.contains("misprinted") && page.contains("badge rejected"), "{page}");
    let file = desk.get("/console/vouchers/funnel.csv?template=ten_off").await;
    assert!(file.contains("Issued,3,42.9%") && file.contains("Void,4,57.1%"), "{file}");
    let template = desk.get("/console/vouchers/templates/ten_off").await;
    assert!(status(&template) == "200" && template.contains("57.1%"), "{template}");
    assert_eq!(status(&desk.get("/console/vouchers/batch?reference=none").await), "404");
    assert_eq!(status(&desk.get("/console/vouchers/templates/none").await), "404");
    desk.house.close().await;
}

#[tokio::test]
async fn a_reward_is_handed_out_once_and_cancelled_only_with_a_reason() {
    let desk = Desk::open("rewards", "").await;
    let first = desk.redeem("gift-1").await;
    let page = desk.get("/console/rewards").await;
    assert!(page.contains("shop gift-1") && page.contains("1 taken, 1,999 left"), "{page}");
    assert!(
        page.contains("1,350 points") && page.contains("canvas_house"),
        "prices of tiers, the supplier: {page}"
    );
    let address = format!("/console/rewards/redemptions/{}/{first}", desk.member);
    let silent = desk.post(&address, &[("action", "cancel"), ("reason", "")]).await;
    assert!(status(&silent) == "422" && silent.contains("<details open>"), "{silent}");
    for _ in 0..2 {
        let done = desk.post(&address, &[("action", "cancel"), ("reason", "out of bags")]).await;
        assert_eq!(header(&done, "location"), Some("/console/rewards?done=cancel"));
    }
    let timeline = desk.get(&format!("/console/members/{}", desk.member)).await;
    assert!(timeline.contains("Reason: out of bags"), "{timeline}");

    let second = desk.redeem("gift-2").await;
    let address = format!("/console/rewards/redemptions/{}/{second}", desk.member);
    for _ in 0..2 {
        assert_eq!(status(&desk.post(&address, &[("action", "fulfil")]).await), "303");
    }
    let late = desk.post(&address, &[("action", "cancel"), ("reason", "too late")]).await;
    assert!(status(&late) == "422" && late.contains("role=\"alert\""), "{late}");
    let fulfilled = desk.get("/console/rewards?state=fulfilled&reward=tote_bag").await;
    assert!(fulfilled.contains("gift-2") && !fulfilled.contains("gift-1"), "{fulfilled}");
    let file = desk.get("/console/rewards/redemptions.csv?state=cancelled").await;
    assert!(file.contains("gift-1") && !file.contains("gift-2"), "{file}");
    let state = desk.house.engine.list_redemptions(RedemptionState::Requested, None, None, 10).await.unwrap();
    assert_eq!(state.redemptions, []);
    desk.house.close().await;
}

#[tokio::test]
async fn a_hold_is_given_up_once_with_a_reason() {
    let desk = Desk::open("holds", "").await;
    let number = desk.hold("order-1").await;
    let page = desk.get("/console/holds?source=shop&ends=within-hour").await;
    assert!(page.contains("order-1") && page.contains(">500<"), "{page}");
    assert!(!desk.get("/console/holds?source=elsewhere").await.contains("order-1"));
    assert!(desk.get("/console/holds.csv").await.contains("order-1"));
    let address = format!("/console/holds/{}/{number}/void", desk.member);
    let of = |reason| [("source", "shop"), ("reference", "order-1"), ("reason", reason)];
    let silent = desk.post(&address, &of("")).await;
    assert!(status(&silent) == "422" && silent.contains("<details open>"), "{silent}");
    for _ in 0..2 {
        let done = desk.post(&address, &of("the shop lost the order")).await;
        assert_eq!(header(&done, "location"), Some("/console/holds?done=void"), "{done}");
    }
    let left = desk.house.engine.list_holds(&HoldFilter::default(), None, 10).await.unwrap();
    assert_eq!(left.holds, []);
    assert!(desk.get("/console/holds").await.contains("No open holds"));
    desk.house.close().await;
}
