//! Households at the desk: opened, joined, spent from, left, each once; what is told before and why it is refused.

use domain::burn::HoldRequest;
use domain::code::Code;
use domain::document::DocumentKey;
use domain::ids::AccountId;
use domain::member::{Identifier, IdentifierKind, Profile};
use operations::{Command, HouseholdFilter, MemberReference, Request, Role};

use crate::answer::{header, status};
use crate::desk::Desk;

const HOUSEHOLDS: &str = "\n[households]\nunits = [\"points\"]\nmembers_max = 2\n";
const CARD: &str = "79927398713";

/// The desk of a programme with households, and a second member, who has a card and no points.
async fn desk(name: &str) -> (Desk, AccountId) {
    let desk = Desk::open(name, HOUSEHOLDS).await;
    let profile = Profile { name: Some("韩梅梅".to_owned()), ..Profile::default() };
    let identifiers = vec![Identifier::new(IdentifierKind::Card, CARD, None).unwrap()];
    let enrol = Command::EnrolMember { identifiers, profile, enrolled_at: None };
    let reply = desk.house.engine.carry_out(Request::new(enrol, "owner")).await.unwrap();
    let other = reply.recorded().unwrap().entry.id.account_id;
    (desk, other)
}

impl Desk {
    /// Opens a household by the form: the address of its page.
    async fn opened(&self, name: &str, request: &str) -> String {
        let opened = self.post("/console/households", &[("name", name), ("request", request)]).await;
        assert_eq!(status(&opened), "303", "{opened}");
        header(&opened, "location").unwrap().split('?').next().unwrap().to_owned()
    }

    async fn joined(&self, home: &str, member: AccountId, may_spend: bool, request: &str) -> String {
        let member = member.to_string();
        let may = if may_spend { "yes" } else { "" };
        let fields = [("member", &*member), ("name", "Somebody"), ("may_spend", may), ("request", request)];
        self.post(&format!("{home}/members"), &fields).await
    }

    async fn points_held(&self, home: &str, spender: AccountId) {
        let hold = HoldRequest {
            key: DocumentKey { source: "shop".to_owned(), reference: "order-7".to_owned() },
            occurred_at: self.house.engine.clock().now(),
            unit: Some(Code::constant("points")),
            points: 500,
            minutes: Some(15),
            purpose: None,
            programme_version: None,
            spender: Some(spender),
        };
        let household = home.rsplit('/').next().unwrap().parse().unwrap();
        let command = Command::HoldPoints { member: MemberReference::Id(household), hold };
        self.house.engine.carry_out(Request::new(command, "shop")).await.unwrap();
    }
}

#[tokio::test]
async fn a_household_is_opened_joined_and_left_once_however_often_the_form_is_sent() {
    let (desk, other) = desk("households").await;
    let empty = desk.get("/console/households").await;
    assert!(empty.contains("No households yet") && empty.contains("A household is an account"), "{empty}");
    let nameless = desk.post("/console/households", &[("name", " "), ("request", "r0")]).await;
    assert!(status(&nameless) == "422" && nameless.contains("aria-describedby=\"name-error\""), "{nameless}");

    let home = desk.opened("Chen family", "r1").await;
    assert_eq!(desk.opened("Chen family", "r1").await, home, "a form sent twice opens one household");
    let nobody = desk.get(&home).await;
    assert!(nobody.contains("Nobody belongs to this household yet"), "{nobody}");

    let found = desk.get(&format!("{home}?join={}", desk.member)).await;
    assert!(found.contains("1,800 points") && found.contains("Let 李雷 join Chen family"), "{found}");
    for _ in 0..2 {
        let joined = desk.joined(&home, desk.member, true, "r2").await;
        assert_eq!(header(&joined, "location"), Some(&*format!("{home}?done=joined%3ASomebody")), "{joined}");
    }
    assert_eq!(status(&desk.joined(&home, other, false, "r3").await), "303");
    let page = desk.get(&home).await;
    for told in
        ["<span class=\"figure\">1,800</span>", "李雷", "韩梅梅", "may not spend", "1,800 points", "nothing"]
    {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(
        page.contains("Household joined") && page.contains("韩梅梅 · may not spend"),
        "its history: {page}"
    );

    for _ in 0..2 {
        let form = [("may_spend", "yes"), ("name", "韩梅梅"), ("request", "r9")];
        let changed = desk.post(&format!("{home}/members/{other}"), &form).await;
        let place = header(&changed, "location").unwrap().to_owned();
        let told = desk.get(&place).await;
        assert!(told.contains("韩梅梅 may spend the points of the pool now."), "{told}");
        assert_eq!(told.matches("<h3>Spending changed").count(), 1, "{told}");
    }

    let leave = format!("{home}/members/{}/leave", desk.member);
    let asked = desk.get(&leave).await;
    assert!(status(&asked) == "200" && asked.contains("1,800 points"), "{asked}");
    for _ in 0..2 {
        let left = desk.post(&leave, &[("name", "李雷"), ("request", "r4")]).await;
        assert_eq!(status(&left), "303", "{left}");
        let place = header(&left, "location").unwrap().to_owned();
        assert!(desk.get(&place).await.contains("李雷 left, with what was left"), "{place}");
    }
    let member = desk.house.engine.view_member(&MemberReference::Id(desk.member)).await.unwrap();
    assert_eq!(member.standing.balances.iter().map(|one| one.available).max(), Some(1_800));
    desk.house.close().await;
}

#[tokio::test]
async fn why_somebody_cannot_join_or_leave_is_told_before_it_is_tried() {
    let (desk, other) = desk("households-refused").await;
    let (home, second) = (desk.opened("Chen", "r1").await, desk.opened("Wang", "r2").await);
    assert_eq!(status(&desk.joined(&home, desk.member, true, "r3").await), "303");
    let nobody = desk.get(&format!("{home}?join=%2B8613800138000")).await;
    assert!(status(&nobody) == "422" && nobody.contains("No member has “+8613800138000”"), "{nobody}");
    assert!(nobody.contains("value=\"+8613800138000\"") || nobody.contains("&#43;8613800138000"), "{nobody}");

    let elsewhere = desk.get(&format!("{second}?join={}", desk.member)).await;
    assert!(
        elsewhere.contains("must leave it first") && !elsewhere.contains("id=\"join-form\""),
        "{elsewhere}"
    );
    let refused = desk.joined(&second, desk.member, true, "r4").await;
    assert!(
        status(&refused) == "422" && refused.contains("id=\"join-error\""),
        "beside the field: {refused}"
    );

    desk.points_held(&home, desk.member).await;
    let page = desk.get(&home).await;
    assert!(page.contains("nobody can leave before this hold ends") && page.contains("order-7"), "{page}");
    let leave = format!("{home}/members/{}/leave", desk.member);
    let waits = desk.get(&leave).await;
    assert!(waits.contains("End the holds first") && waits.contains("href=\"/console/holds\""), "{waits}");
    assert!(!waits.contains("button class=\"danger\""), "what is refused has no button: {waits}");
    let refused = desk.post(&leave, &[("name", "李雷"), ("request", "r5")]).await;
    assert!(status(&refused) == "422" && refused.contains("End the holds first"), "{refused}");
    assert_eq!(status(&desk.get(&format!("{home}/members/{other}/leave")).await), "404");
    desk.house.close().await;
}

#[tokio::test]
async fn households_are_found_by_their_name_or_a_members_name_or_card() {
    let (desk, other) = desk("households-found").await;
    let (home, second) = (desk.opened("Chen", "r1").await, desk.opened("Wang & sons", "r2").await);
    desk.joined(&home, desk.member, true, "r3").await;
    desk.joined(&second, other, false, "r4").await;
    for (text, first, next) in [
        ("che", true, false),
        ("wang", false, true),
        ("lilei", true, false),
        ("hanmeimei", false, true),
        (CARD, false, true),
        ("", true, true),
        ("nobody-at-all", false, false),
    ] {
        let page = desk.get(&format!("/console/households?q={text}")).await;
        assert_eq!((page.contains(&home), page.contains(&second)), (first, next), "{text}: {page}");
    }
    let none = desk.get("/console/households?q=nobody-at-all").await;
    assert!(none.contains("No household matches"), "{none}");
    let file = desk.get("/console/households.csv").await;
    assert!(
        file.contains("Chen,李雷,points,1800,0,0") && file.contains("Wang & sons,韩梅梅,points,0,0,0"),
        "{file}"
    );

    let page = desk.house.engine.list_households(&HouseholdFilter::default(), None, 1).await.unwrap();
    let next = desk.get(&format!("/console/households?after={}", page.next.unwrap())).await;
    assert!(next.contains(&home) && !next.contains(&second), "{next}");
    desk.house.close().await;
}

#[tokio::test]
async fn a_members_page_leads_to_the_household_and_the_households_number_to_its_page() {
    let (desk, other) = desk("households-member").await;
    let home = desk.opened("Chen", "r1").await;
    desk.joined(&home, desk.member, true, "r2").await;
    desk.joined(&home, other, false, "r3").await;
    let member = desk.get(&format!("/console/members/{other}")).await;
    assert!(member.contains(&format!("href=\"{home}\"")), "{member}");
    for told in ["<span class=\"figure\">1,800</span>", "points in the pool", "李雷", "may not spend"] {
        assert!(member.contains(told), "{told}: {member}");
    }
    let id = home.rsplit('/').next().unwrap();
    let moved = desk.get(&format!("/console/members/{id}")).await;
    assert_eq!((status(&moved), header(&moved, "location")), ("303", Some(&*home)), "{moved}");
    assert_eq!(status(&desk.get(&format!("/console/households/{other}")).await), "404", "a member is none");
    desk.house.close().await;
}

#[tokio::test]
async fn a_programme_without_households_says_what_they_are_and_how_to_have_them() {
    let desk = Desk::open("households-off", "").await;
    let page = desk.get("/console/households").await;
    for told in ["This programme has no households", "[households]", "href=\"/console/programme\""] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("id=\"open-household\""), "{page}");
    desk.house.close().await;
}

#[tokio::test]
async fn managers_and_support_manage_households_and_others_read_them() {
    let (desk, _) = desk("households-roles").await;
    let home = desk.opened("Chen", "r1").await;
    desk.joined(&home, desk.member, true, "r2").await;
    let leave = format!("{home}/members/{}/leave", desk.member);
    for (role, expected) in [(Role::Support, "200"), (Role::Analyst, "403"), (Role::Auditor, "403")] {
        let cookie = desk.house.session(role).await;
        assert_eq!(status(&desk.house.get(&leave, &cookie).await), expected, "{role}");
        let list = desk.house.get("/console/households", &cookie).await;
        assert_eq!(list.contains("id=\"open-household\""), expected == "200", "{role}");
        let page = desk.house.get(&home, &cookie).await;
        assert_eq!(status(&page), "200", "{role}");
        assert_eq!(page.contains(&leave), expected == "200", "{role}");
        assert_eq!(page.contains("id=\"join\""), expected == "200", "{role}");
    }
    desk.house.close().await;
}
