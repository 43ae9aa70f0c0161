//! Merging two accounts of one person at the desk: looked at side by side, done once, and undone.

use domain::ids::AccountId;
use domain::ledger::Fact;
use domain::member::{Identifier, IdentifierKind, Profile};
use operations::{Command, MemberReference, Request, Role};

use crate::answer::{header, status};
use crate::desk::Desk;

const CARD: &str = "79927398713";

/// The desk, and a second account of its member, with a card.
async fn two_accounts(name: &str) -> (Desk, AccountId) {
    let desk = Desk::open(name, "").await;
    let profile = Profile { name: Some("李雷（旧卡）".to_owned()), ..Profile::default() };
    let identifiers = vec![Identifier::new(IdentifierKind::Card, CARD, None).unwrap()];
    let enrol = Command::EnrolMember { identifiers, profile, enrolled_at: None };
    let reply = desk.house.engine.carry_out(Request::new(enrol, "owner")).await.unwrap();
    let other = reply.recorded().unwrap().entry.id.account_id;
    (desk, other)
}

#[tokio::test]
async fn two_accounts_are_compared_merged_once_and_parted_again() {
    let (desk, other) = two_accounts("merge").await;
    let page = format!("/console/members/{}/merge", desk.member);
    assert!(
        desk.get(&format!("/console/members/{}", desk.member)).await.contains(&page),
        "a link leads there"
    );

    let compared = desk.get(&format!("{page}?other={CARD}")).await;
    assert_eq!(status(&compared), "200", "{compared}");
    for told in [&*other.to_string(), CARD, "1,800", "Merge 李雷（旧卡） into 李雷"] {
        assert!(compared.contains(told), "{told}: {compared}");
    }
    let silent =
        desk.post(&page, &[("other", &*other.to_string()), ("request", "r0"), ("reason", " ")]).await;
    assert!(status(&silent) == "422" && silent.contains("role=\"alert\""), "{silent}");

    let form = [
        ("other", &*other.to_string()),
        ("name", "李雷（旧卡）"),
        ("request", "r1"),
        ("reason", "two cards"),
    ];
    for _ in 0..2 {
        let done = desk.post(&page, &form).await;
        assert_eq!(status(&done), "303", "{done}");
        let place = header(&done, "location").unwrap().to_owned();
        assert!(desk.get(&place).await.contains("李雷（旧卡） was merged into this member."), "{place}");
    }
    let entries = desk.house.engine.list_entries(desk.member, None, 50).await.unwrap().entries;
    let merges = entries.iter().filter(|entry| matches!(entry.fact, Fact::MembersMerged { .. })).count();
    assert_eq!(merges, 1, "a form sent twice merges once");
    let by_card = MemberReference::Identifier(Identifier::new(IdentifierKind::Card, CARD, None).unwrap());
    assert_eq!(desk.house.engine.find_member(&by_card).await.unwrap(), desk.member, "the card leads on");

    let listed = desk.get(&page).await;
    assert!(listed.contains("Merged into this member") && listed.contains(&other.to_string()), "{listed}");
    let undo = [("absorbed", &*other.to_string()), ("request", "r2"), ("reason", "mother and daughter")];
    let undone = desk.post(&format!("/console/members/{}/undo-merge", desk.member), &undo).await;
    assert_eq!(header(&undone, "location"), Some(&*format!("/console/members/{other}?done=separated%3A")));
    assert_eq!(desk.house.engine.find_member(&by_card).await.unwrap(), other);
    assert!(!desk.get(&page).await.contains("Merged into this member"), "nobody is left there");
    desk.house.close().await;
}

#[tokio::test]
async fn nobody_the_same_and_a_refusal_are_told_before_anything_is_done() {
    let (desk, other) = two_accounts("merge-refused").await;
    let page = format!("/console/members/{}/merge", desk.member);
    let nobody = desk.get(&format!("{page}?other=%2B8613800138000")).await;
    assert!(status(&nobody) == "422" && nobody.contains("No member has “+8613800138000”"), "{nobody}");
    let same = desk.get(&format!("{page}?other={}", desk.member)).await;
    assert!(status(&same) == "422" && same.contains("the same member"), "{same}");

    // The other way round: the member who would be given up has a hold under way.
    desk.hold("order-1").await;
    let waits = desk.get(&format!("/console/members/{other}/merge?other={}", desk.member)).await;
    assert!(status(&waits) == "200" && waits.contains("still under way"), "{waits}");
    assert!(!waits.contains("id=\"merge\""), "what is refused has no button");
    let form = [("other", &*desk.member.to_string()), ("request", "r1"), ("reason", "one person")];
    let refused = desk.post(&format!("/console/members/{other}/merge"), &form).await;
    assert!(status(&refused) == "422" && refused.contains("one person"), "what was typed stays: {refused}");
    desk.house.close().await;
}

#[tokio::test]
async fn only_managers_and_support_merge() {
    let (desk, _) = two_accounts("merge-roles").await;
    let page = format!("/console/members/{}/merge", desk.member);
    for (role, expected) in [(Role::Support, "200"), (Role::Analyst, "403"), (Role::Auditor, "403")] {
        let cookie = desk.house.session(role).await;
        assert_eq!(status(&desk.house.get(&page, &cookie).await), expected, "{role}");
        let member = desk.house.get(&format!("/console/members/{}", desk.member), &cookie).await;
        assert_eq!(member.contains(&page), expected == "200", "{role} sees the link");
    }
    desk.house.close().await;
}
