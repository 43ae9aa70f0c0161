//! The queue of duplicates at the desk: found, looked at side by side, merged once or not, and who may decide.

use domain::ids::AccountId;
use domain::member::{Identifier, IdentifierKind, Profile};
use operations::{Command, DuplicateState, MemberReference, Request, Role};

use crate::answer::{header, status};
use crate::desk::Desk;

const PAGE: &str = "/console/duplicates";

async fn enrol(desk: &Desk, name: &str, phone: &str) -> AccountId {
    let profile = Profile {
        name: Some(name.to_owned()),
        born_on: Some("1990-05-01".parse().unwrap()),
        ..Profile::default()
    };
    let identifiers = vec![Identifier::new(IdentifierKind::Phone, phone, None).unwrap()];
    let enrol = Command::EnrolMember { identifiers, profile, enrolled_at: None };
    let reply = desk.house.engine.carry_out(Request::new(enrol, "owner")).await.unwrap();
    reply.recorded().unwrap().entry.id.account_id
}

/// The desk, and two records of one person.
async fn twice(name: &str) -> (Desk, AccountId, AccountId) {
    let desk = Desk::open(name, "").await;
    let one = enrol(&desk, "韩梅梅", "+8613800138001").await;
    let other = enrol(&desk, "Meimei HAN", "+8613800138011").await;
    (desk, one, other)
}

async fn searched(desk: &Desk) {
    let started = desk.post("/console/duplicates/find", &[]).await;
    assert_eq!(header(&started, "location"), Some("/console/duplicates?done=find%3A"), "{started}");
    // Whoever asks while it is under way is told how far it is; who asks after its end begins another one.
    loop {
        let run = desk.house.engine.view_duplicate_run().await.unwrap().unwrap();
        if run.state != operations::DuplicateRunState::Running {
            break;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_pair_is_looked_at_side_by_side_and_merged_once() {
    let (desk, one, other) = twice("duplicates").await;
    let before = desk.get(PAGE).await;
    assert!(status(&before) == "200" && before.contains("Nobody has looked yet"), "{before}");
    searched(&desk).await;

    let queue = desk.get(PAGE).await;
    assert_eq!(status(&queue), "200", "{queue}");
    for told in
        ["韩梅梅 · Meimei HAN", "probably one person", "sounds the same", "close, but for a typing error"]
    {
        assert!(queue.contains(told), "{told}: {queue}");
    }
    assert!(
        queue.contains(&format!("value=\"{one}\" checked")),
        "of equals, who came first goes on: {queue}"
    );
    let path = format!("{PAGE}/{one}/{other}");
    let silent =
        desk.post(&path, &[("decision", "merge"), ("survivor", &*one.to_string()), ("reason", " ")]).await;
    assert!(status(&silent) == "422" && silent.contains("role=\"alert\""), "{silent}");

    let merge = [("decision", "merge"), ("survivor", &*other.to_string()), ("reason", "two cards")];
    for _ in 0..2 {
        let done = desk.post(&path, &merge).await;
        assert_eq!(status(&done), "303", "{done}");
        let place = header(&done, "location").unwrap().to_owned();
        assert!(desk.get(&place).await.contains("Merged: Meimei HAN goes on."), "{place}");
    }
    let survivor = desk.house.engine.find_member(&MemberReference::Id(one)).await.unwrap();
    assert_eq!(survivor, other, "the one that was chosen goes on");
    let member = desk.get(&format!("/console/members/{other}")).await;
    for told in ["id=\"lineage\"", "韩梅梅", "two cards", "by console:manager"] {
        assert!(member.contains(told), "{told}: {member}");
    }
    let merged = desk.get(&format!("{PAGE}?state=merged")).await;
    assert!(merged.contains("(1 of 1; 20.7 to 100.0)"), "Wilson at 1 of 1: {merged}");
    assert!(!merged.contains(&format!("action=\"{path}\"")), "a merge is undone on the page of merges");
    desk.house.close().await;
}

#[tokio::test]
async fn a_pair_can_be_two_persons_or_wait_and_comes_back_to_the_queue() {
    let (desk, one, other) = twice("duplicates-not-same").await;
    searched(&desk).await;
    let path = format!("{PAGE}/{one}/{other}");
    for (decision, state, told) in [
        ("not_same", DuplicateState::NotSame, "two persons"),
        ("later", DuplicateState::Later, "Put aside"),
        ("reopen", DuplicateState::Open, "back in the queue"),
    ] {
        let done = desk.post(&path, &[("decision", decision), ("state", "later")]).await;
        let place = header(&done, "location").unwrap().to_owned();
        assert!(place.starts_with("/console/duplicates?state=later&done="), "{place}");
        assert!(desk.get(&place).await.contains(told), "{told}");
        assert_eq!(desk.house.engine.view_duplicate(one, other).await.unwrap().state, state);
    }
    // Somebody has a hold under way: the merge is refused with the reason as everywhere, and what was typed stays.
    desk.hold("order-1").await;
    let busy = desk.member;
    let twin = enrol(&desk, "李雷", "+8613900139000").await;
    searched(&desk).await;
    let (left, right) = (busy.min(twin), busy.max(twin));
    let merge = [("decision", "merge"), ("survivor", &*twin.to_string()), ("reason", "one person")];
    let refused = desk.post(&format!("{PAGE}/{left}/{right}"), &merge).await;
    assert!(status(&refused) == "422" && refused.contains("still under way"), "{refused}");
    assert!(refused.contains("value=\"one person\""), "{refused}");
    for bad in ["/console/duplicates/x/y".to_owned(), format!("{PAGE}/{one}/{twin}")] {
        assert_eq!(status(&desk.post(&bad, &[("decision", "later")]).await), "404", "{bad}");
    }
    desk.house.close().await;
}

#[tokio::test]
async fn everybody_at_the_desk_reads_the_queue_and_managers_and_support_decide() {
    let (desk, ..) = twice("duplicates-roles").await;
    searched(&desk).await;
    for (role, decides) in [(Role::Manager, true), (Role::Support, true), (Role::Analyst, false)] {
        let cookie = desk.house.session(role).await;
        let page = desk.house.get(PAGE, &cookie).await;
        assert_eq!(status(&page), "200", "{role}");
        assert_eq!(page.contains("name=\"decision\""), decides, "{role}");
        let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let asked = desk
            .house
            .post("/console/duplicates/cancel", &cookie, "same-origin", &format!("csrf={csrf}"))
            .await;
        assert_eq!(status(&asked), if decides { "303" } else { "403" }, "{role}");
    }
    desk.house.close().await;
}

#[tokio::test]
async fn the_queue_speaks_chinese_too() {
    let (desk, ..) = twice("duplicates-zh").await;
    searched(&desk).await;
    let headers = [("Cookie", desk.cookie.as_str()), ("Accept-Language", "zh-CN")];
    let page = desk.house.send(&format!("GET {PAGE}"), &headers, "").await;
    for told in ["重复会员", "很可能是同一人", "读音相同", "保留哪一位"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains('⟦'), "{page}");
    desk.house.close().await;
}
