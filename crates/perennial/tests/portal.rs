//! The member portal as a browser's requests meet it: who sees which card, what a stranger learns, what protects
//! forms, and that clicking twice is doing once.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "pages/answer.rs"]
mod answer;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use answer::{exchange, header, status};
use domain::code::Code;
use domain::ids::AccountId;
use domain::member::{Identifier, IdentifierKind, Profile};
use domain::operation::Adjustment;
use domain::programme::examples;
use jiff::{Timestamp, ToSpan};
use operations::{Clock, Command, DatabaseUrl, Engine, EngineOptions, MemberReference, Request, SignInCode};
use perennial::portal::CodeSink;
use tokio::net::TcpListener;

#[path = "pages/giving.rs"]
mod giving;
#[path = "pages/own_household.rs"]
mod own_household;
#[path = "pages/own_money.rs"]
mod own_money;
#[path = "pages/own_vouchers.rs"]
mod own_vouchers;

const LEI: &str = "+8613800138000";
const MEI: &str = "+8613800138001";
const NOBODY: &str = "+8613900139000";

/// A portal on a database of its own, with two members who have points to spend.
struct House {
    address: String,
    engine: Engine,
    folder: PathBuf,
    delivered: Arc<Mutex<Vec<SignInCode>>>,
}

/// A browser: its cookies, by name.
#[derive(Default)]
struct Browser {
    cookies: Vec<(String, String)>,
}

fn now() -> Timestamp {
    "2026-11-25T02:00:00Z".parse().unwrap()
}

impl House {
    async fn open(name: &str, with_sink: bool) -> Self {
        Self::open_with(name, with_sink, "").await
    }

    /// The same with more in its programme.
    async fn open_with(name: &str, with_sink: bool, more: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("perennial-portal-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let url: DatabaseUrl = format!("sqlite:{}", folder.join("test.db").display()).parse().unwrap();
        let options = EngineOptions { clock: Clock::manual(now()), ..EngineOptions::default() };
        let engine = Engine::open(&url, options).await.unwrap();
        let programme = format!("{}{more}", examples().first().unwrap().toml);
        engine.publish_programme(&programme, now().checked_sub(48.hours()).unwrap(), "owner").await.unwrap();
        for (name, phone, points) in [("李雷", LEI, 5_000), ("韩梅梅", MEI, 1_000)] {
            enrol(&engine, name, phone, points).await;
        }
        let delivered = Arc::new(Mutex::new(Vec::new()));
        let sink: CodeSink = {
            let delivered = delivered.clone();
            Arc::new(move |code: &SignInCode| delivered.lock().unwrap().push(code.clone()))
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let router = perennial::portal::router(engine.clone(), false, with_sink.then_some(sink));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, engine, folder, delivered }
    }

    /// Sends a request and keeps the cookies that come back; the answer is the whole text.
    async fn send(&self, browser: &mut Browser, request: &str, site: &str, body: &str) -> String {
        let cookies: Vec<String> =
            browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let text = format!(
            "{request} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nCookie: {}\r\nSec-Fetch-Site: {site}\r\n\
             Accept-Language: en\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            cookies.join("; "),
            body.len()
        );
        let answer = exchange(&self.address, &text).await;
        for set in answer.lines().filter_map(|line| line.strip_prefix("set-cookie: ")) {
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            browser.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                browser.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        answer
    }

    async fn get(&self, browser: &mut Browser, path: &str) -> String {
        self.send(browser, &format!("GET {path}"), "same-origin", "").await
    }

    /// Posts a form with the secret that a page had in it.
    async fn post(&self, browser: &mut Browser, path: &str, page: &str, fields: &str) -> String {
        let body = format!("csrf={}&{fields}", field(page, "csrf"));
        self.send(browser, &format!("POST {path}"), "same-origin", &body).await
    }

    /// Asks for a code as somebody would who types this.
    async fn ask(&self, browser: &mut Browser, identifier: &str) -> String {
        let page = self.get(browser, "/card/sign-in").await;
        let fields = format!("identifier={}", identifier.replace('+', "%2B"));
        self.post(browser, "/card/sign-in", &page, &fields).await
    }

    async fn try_code(&self, browser: &mut Browser, code: &str) -> String {
        let page = self.get(browser, "/card/sign-in/code").await;
        self.post(browser, "/card/sign-in/code", &page, &format!("code={code}")).await
    }

    fn last_code(&self) -> String {
        self.delivered.lock().unwrap().last().expect("a code was delivered").code.clone()
    }

    async fn signed_in(&self, identifier: &str) -> Browser {
        let mut browser = Browser::default();
        self.ask(&mut browser, identifier).await;
        let answer = self.try_code(&mut browser, &self.last_code()).await;
        assert_eq!((status(&answer), header(&answer, "location")), ("303", Some("/card")));
        browser
    }

    /// Redeems a tote bag: its number.
    async fn redeem(&self, browser: &mut Browser) -> String {
        let page = self.get(browser, "/card/rewards/tote_bag").await;
        let answer = self.post(browser, "/card/rewards/tote_bag", &page, &order(&page)).await;
        let to = header(&answer, "location").expect("redeemed");
        to.split(['/', '?']).nth(3).unwrap().to_owned()
    }

    async fn member_id(&self, phone: &str) -> AccountId {
        let identifier = Identifier::new(IdentifierKind::Phone, phone, None).unwrap();
        self.engine.find_member(&MemberReference::Identifier(identifier)).await.unwrap()
    }

    async fn available(&self, phone: &str) -> i64 {
        let id = self.member_id(phone).await;
        let member = self.engine.view_member(&MemberReference::Id(id)).await.unwrap();
        member.standing.balances.iter().map(|balance| balance.available).sum()
    }

    async fn close(self) {
        self.engine.shut_down().await;
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

async fn enrol(engine: &Engine, name: &str, phone: &str, points: i64) {
    let identifier = Identifier::new(IdentifierKind::Phone, phone, None).unwrap();
    let profile = Profile { name: Some(name.to_owned()), ..Profile::default() };
    let command = Command::EnrolMember { identifiers: vec![identifier.clone()], profile, enrolled_at: None };
    engine.carry_out(Request::new(command, "till")).await.unwrap();
    let adjustment = Adjustment {
        unit: Code::constant("points"),
        points,
        reason: Code::constant("goodwill"),
        note: "staff only".to_owned(),
        occurred_at: now(),
        approved_by: Some("second".to_owned()),
    };
    let command = Command::AdjustPoints { member: MemberReference::Identifier(identifier), adjustment };
    engine.carry_out(Request::new(command, "first")).await.unwrap();
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// The value of a hidden field.
fn field<'a>(page: &'a str, name: &str) -> &'a str {
    let opening = format!("name=\"{name}\" value=\"");
    page.split(&opening)
        .nth(1)
        .unwrap_or_else(|| panic!("no field {name} in {page}"))
        .split('"')
        .next()
        .unwrap()
}

/// What a page that confirms a reward sends.
fn order(page: &str) -> String {
    let fields =
        ["request", "version", "points", "money"].map(|name| format!("{name}={}", field(page, name)));
    fields.join("&")
}

#[tokio::test]
async fn a_member_signs_in_by_code_and_out_again() {
    let house = House::open("sign-in", true).await;
    let mut browser = Browser::default();
    let answer = house.get(&mut browser, "/card/points?x=1").await;
    assert_eq!(header(&answer, "location"), Some("/card/sign-in?next=%2Fcard%2Fpoints%3Fx%3D1"));
    let mut browser = house.signed_in(LEI).await;
    assert_eq!(browser.cookies.len(), 1, "form secret and challenge are taken back");
    let page = house.get(&mut browser, "/card").await;
    assert!(page.contains("李雷") && page.contains("5,000"), "{page}");
    assert!(!page.contains("staff only"), "notes of staff stay in the console");
    let stolen = Browser { cookies: browser.cookies.clone() };
    let out = house.post(&mut browser, "/card/sign-out", &page, "").await;
    assert_eq!(header(&out, "location"), Some("/card/sign-in"));
    for mut browser in [browser, stolen] {
        assert_eq!(
            status(&house.get(&mut browser, "/card").await),
            "303",
            "the session is over on the server"
        );
    }
    house.close().await;
}

#[tokio::test]
async fn whether_a_member_exists_cannot_be_told_from_the_answers() {
    let house = House::open("enumeration", true).await;
    let mut seen = Vec::new();
    for identifier in [LEI, NOBODY] {
        let mut browser = Browser::default();
        let asked = house.ask(&mut browser, identifier).await;
        let form = house.get(&mut browser, "/card/sign-in/code").await;
        let tried = house.try_code(&mut browser, "000000").await;
        let challenge =
            browser.cookies.iter().find(|(name, _)| name.ends_with("challenge")).unwrap().1.clone();
        let secret = field(&form, "csrf").to_owned();
        let same = |answer: &str| {
            let lines = answer.lines().filter(|line| !line.starts_with("date: "));
            lines.collect::<Vec<_>>().join("\n").replace(&challenge, "CHALLENGE").replace(&secret, "SECRET")
        };
        seen.push([same(&asked), same(&form), same(&tried)]);
    }
    assert_eq!(house.delivered.lock().unwrap().len(), 1, "one of the two is a member");
    assert_eq!(seen[0], seen[1], "answers are equal to the byte, but for what is drawn at random");
    // The same after too many: what is typed is counted, not who has it.
    let mut statuses = Vec::new();
    for identifier in [LEI, NOBODY] {
        let mut browser = Browser::default();
        let mut of_identifier = Vec::new();
        for _ in 0..5 {
            of_identifier.push(status(&house.ask(&mut browser, identifier).await).to_owned());
        }
        statuses.push(of_identifier);
    }
    assert_eq!(statuses[0], ["303", "303", "303", "303", "429"]);
    assert_eq!(statuses[0], statuses[1]);
    let mut browser = Browser::default();
    assert_eq!(status(&house.ask(&mut browser, "not an identifier").await), "422");
    house.close().await;
}

#[tokio::test]
async fn codes_are_tried_five_times_and_five_hundred_times_by_all() {
    let house = House::open("tries", true).await;
    let mut browser = Browser::default();
    house.ask(&mut browser, LEI).await;
    let code = house.last_code();
    let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
    for _ in 0..5 {
        assert_eq!(status(&house.try_code(&mut browser, &wrong).await), "422");
    }
    assert_eq!(status(&house.try_code(&mut browser, &code).await), "422", "the sixth, though it is right");
    for number in 6..500 {
        assert_eq!(status(&house.try_code(&mut browser, &wrong).await), "422", "try {number} of all");
    }
    let mut other = Browser::default();
    house.ask(&mut other, MEI).await;
    let code = house.last_code();
    assert_eq!(status(&house.try_code(&mut other, &code).await), "429", "nobody may try for the hour");
    house.engine.clock().set(now().checked_add(1.hour()).unwrap());
    house.ask(&mut other, MEI).await;
    assert_eq!(
        status(&house.try_code(&mut other, &house.last_code()).await),
        "303",
        "an hour later they may"
    );
    house.close().await;
}

#[tokio::test]
async fn without_a_way_to_send_codes_the_portal_says_so() {
    let house = House::open("no-sink", false).await;
    let mut browser = Browser::default();
    let page = house.get(&mut browser, "/card/sign-in").await;
    assert!(page.contains("Signing in is not set up") && !page.contains("name=\"identifier\""));
    let secret = browser.cookies[0].1.clone();
    let body = format!("csrf={secret}&identifier={}", LEI.replace('+', "%2B"));
    let answer = house.send(&mut browser, "POST /card/sign-in", "same-origin", &body).await;
    assert_eq!(status(&answer), "503");
    house.close().await;
}

#[tokio::test]
async fn a_member_sees_and_changes_nothing_of_others() {
    let house = House::open("others", true).await;
    let (mut lei, mut mei) = (house.signed_in(LEI).await, house.signed_in(MEI).await);
    let number = house.redeem(&mut lei).await;
    assert_eq!(house.available(LEI).await, 3_500);
    for path in [format!("/card/redemptions/{number}"), format!("/card/history/{number}")] {
        assert_eq!(status(&house.get(&mut lei, &path).await), "200", "{path}");
        assert_eq!(status(&house.get(&mut mei, &path).await), "404", "{path}");
    }
    // Ids of others have no place in an address.
    let id = house.member_id(LEI).await;
    for path in [
        format!("/card/redemptions/{id}"),
        format!("/card/history/ent_{}_{number}", id.to_string().trim_start_matches("mem_")),
        format!("/card/{id}"),
        "/card/redemptions/4294967296".to_owned(),
    ] {
        assert_eq!(status(&house.get(&mut mei, &path).await), "404", "{path}");
    }
    let page = house.get(&mut mei, "/card").await;
    let stolen = house.post(&mut mei, &format!("/card/redemptions/{number}"), &page, "").await;
    assert_eq!((status(&stolen), house.available(LEI).await), ("404", 3_500), "it is still redeemed");
    // Lists and their cursors show the member's own.
    for path in
        ["/card", "/card/points", "/card/history", "/card/history?after=999", "/card/redemptions?before=999"]
    {
        let page = house.get(&mut mei, path).await;
        assert_eq!(status(&page), "200", "{path}");
        assert!(!page.contains("李雷") && !page.contains("Tote bag"), "{path} shows what is not hers");
    }
    // A confirmation made for one member buys nothing for another.
    let page = house.get(&mut lei, "/card/rewards/tote_bag").await;
    let body = format!("csrf={}&{}", field(&page, "csrf"), order(&page));
    let answer = house.send(&mut mei, "POST /card/rewards/tote_bag", "same-origin", &body).await;
    assert_eq!((status(&answer), house.available(MEI).await), ("403", 1_000));
    house.close().await;
}

#[tokio::test]
async fn a_member_reads_why_they_are_in_a_club_leaves_it_for_good_and_joins_another() {
    let house = House::open("clubs", true).await;
    let mut browser = house.signed_in(LEI).await;
    let rows = [operations::AudienceRow { line: 1, member: house.member_id(LEI).await.to_string() }];
    let order = operations::AudienceOrder {
        segment: Code::constant("gourmet"),
        version: None,
        source: "clubs".to_owned(),
        actor: "analyst".to_owned(),
    };
    let replace = async || {
        let mut page = rows.to_vec();
        house.engine.replace_audience(&order, &mut || Ok(std::mem::take(&mut page))).await.unwrap();
    };
    replace().await;
    let card = house.get(&mut browser, "/card").await;
    assert!(card.contains("Food lovers") && !card.contains("On the move"), "{card}");
    let page = house.get(&mut browser, "/card/clubs").await;
    for told in [
        "because of what you buy",
        "spends far more of their money on coffee",
        "Leave Food lovers",
        "Join On the move",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    // Sent twice, by a browser that was quicker than its owner: left once.
    for _ in 0..2 {
        let left = house.post(&mut browser, "/card/clubs/gourmet", &page, "choice=leave").await;
        assert_eq!(header(&left, "location"), Some("/card/clubs?done=left"));
    }
    replace().await;
    let page = house.get(&mut browser, "/card/clubs?done=left").await;
    assert!(page.contains("stay out whatever you buy") && page.contains("Join Food lovers"), "{page}");
    let joined = house.post(&mut browser, "/card/clubs/fitness", &page, "choice=join").await;
    assert_eq!(header(&joined, "location"), Some("/card/clubs?done=joined"));
    let card = house.get(&mut browser, "/card").await;
    assert!(card.contains("<li>On the move</li>") && !card.contains("<li>Food lovers</li>"), "{card}");
    let history = house.get(&mut browser, "/card/history").await;
    assert_eq!(
        (history.matches(">Left a club<").count(), history.matches(">Joined a club<").count()),
        (1, 1)
    );

    for (path, fields, refused) in [
        ("/card/clubs/gourmet", "choice=maybe", "403"),
        ("/card/clubs/wine", "choice=join", "404"),
        ("/card/clubs/%20", "choice=join", "404"),
    ] {
        let answer = house.post(&mut browser, path, &page, fields).await;
        assert_eq!(status(&answer), refused, "{path} {fields}");
    }
    house.close().await;
}

#[tokio::test]
async fn clicking_twice_redeems_once_and_takes_back_once() {
    let house = House::open("twice", true).await;
    let mut lei = house.signed_in(LEI).await;
    let page = house.get(&mut lei, "/card/rewards/tote_bag").await;
    let fields = order(&page);
    let mut twin = Browser { cookies: lei.cookies.clone() };
    let (first, second) = tokio::join!(
        house.post(&mut lei, "/card/rewards/tote_bag", &page, &fields),
        house.post(&mut twin, "/card/rewards/tote_bag", &page, &fields),
    );
    let to = header(&first, "location").unwrap();
    assert_eq!(Some(to), header(&second, "location"), "both lead to the one redemption");
    assert_eq!(house.available(LEI).await, 3_500);
    // Sent again much later, when the limit of the month would refuse another one.
    house.redeem(&mut lei).await;
    assert_eq!(house.available(LEI).await, 2_000);
    let again = house.post(&mut lei, "/card/rewards/tote_bag", &page, &fields).await;
    assert_eq!((header(&again, "location"), house.available(LEI).await), (Some(to), 2_000));
    let third = house.get(&mut lei, "/card/rewards/tote_bag").await;
    assert!(third.contains("all that one member gets in a month") && !third.contains("name=\"request\""));
    let path = to.split('?').next().unwrap().to_owned();
    let page = house.get(&mut lei, &path).await;
    let mut twin = Browser { cookies: lei.cookies.clone() };
    let (first, second) =
        tokio::join!(house.post(&mut lei, &path, &page, ""), house.post(&mut twin, &path, &page, ""));
    let expected = Some(format!("{path}?done=cancelled"));
    assert_eq!(header(&first, "location"), expected.as_deref());
    assert_eq!(header(&second, "location"), expected.as_deref());
    assert_eq!(house.available(LEI).await, 3_500);
    house.close().await;
}

#[tokio::test]
async fn nobody_pays_another_price_than_was_shown() {
    let house = House::open("price", true).await;
    let mut lei = house.signed_in(LEI).await;
    let page = house.get(&mut lei, "/card/rewards/tote_bag").await;
    for (shown, sent) in [("points=1500", "points=1"), ("version=1", "version=7")] {
        let fields = order(&page).replace(shown, sent);
        let answer = house.post(&mut lei, "/card/rewards/tote_bag", &page, &fields).await;
        assert_eq!(status(&answer), "422", "{sent}");
        assert!(answer.contains("The price changed in between"), "{sent}");
    }
    for fields in ["", "request=x&version=1&points=1500&money=0"] {
        let answer = house.post(&mut lei, "/card/rewards/tote_bag", &page, fields).await;
        assert_eq!(status(&answer), "403", "“{fields}” is no confirmation");
    }
    let page = house.get(&mut lei, "/card/rewards/coffee_set").await;
    assert!(page.contains("For Gold, Platinum"), "{page}");
    assert_eq!(house.available(LEI).await, 5_000, "nothing was bought");
    let mut mei = house.signed_in(MEI).await;
    let page = house.get(&mut mei, "/card/rewards").await;
    assert!(page.contains("500 points to go"), "{page}");
    house.close().await;
}

#[tokio::test]
async fn forms_need_the_secret_and_the_origin_of_the_session() {
    let house = House::open("forms", true).await;
    let mut lei = house.signed_in(LEI).await;
    let number = house.redeem(&mut lei).await;
    let page = house.get(&mut lei, "/card").await;
    let secret = field(&page, "csrf").to_owned();
    let confirm = house.get(&mut lei, "/card/rewards/tote_bag").await;
    let redeem = order(&confirm);
    for (path, fields) in [
        ("/card/sign-out".to_owned(), ""),
        ("/card/rewards/tote_bag".to_owned(), redeem.as_str()),
        (format!("/card/redemptions/{number}"), ""),
    ] {
        for (site, csrf) in [("cross-site", secret.as_str()), ("same-origin", "wrong"), ("same-site", "")] {
            let body = format!("csrf={csrf}&{fields}");
            let answer = house.send(&mut lei, &format!("POST {path}"), site, &body).await;
            assert_eq!(status(&answer), "403", "{path} from {site}");
        }
    }
    assert_eq!(house.available(LEI).await, 3_500);
    assert_eq!(status(&house.get(&mut lei, "/card").await), "200", "nobody was signed out");
    // A session of the console is none here, and the other way round.
    let mut console = Browser { cookies: vec![("perennial_session".to_owned(), lei.cookies[0].1.clone())] };
    assert_eq!(status(&house.get(&mut console, "/card").await), "303");
    house.close().await;
}

#[tokio::test]
async fn every_page_forbids_script_frames_and_caching() {
    let house = House::open("headers", true).await;
    let mut lei = house.signed_in(LEI).await;
    for path in [
        "/card",
        "/card/points",
        "/card/rewards",
        "/card/redemptions",
        "/card/history",
        "/card/vouchers",
        "/card/transfers",
        "/card/none",
    ] {
        let page = house.get(&mut lei, path).await;
        let policy = header(&page, "content-security-policy").unwrap();
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(header(&page, "cache-control"), Some("no-store"), "{path}");
        let body = body(&page);
        assert!(!body.contains("<script") && !body.contains(" style="), "{path} brings script or style");
    }
    house.close().await;
}
