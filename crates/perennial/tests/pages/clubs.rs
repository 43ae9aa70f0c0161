//! Interest clubs on a member's page: support reads how the member stands with each and joins or leaves for them.

use operations::Role;

use crate::answer::{header, status};
use crate::desk::Desk;

#[tokio::test]
async fn support_lets_a_member_join_a_club_and_leave_it() {
    let desk = Desk::open("clubs", "").await;
    let path = format!("/console/members/{}", desk.member);
    let page = desk.get(&path).await;
    assert!(page.contains("Interest clubs") && page.contains("Join Food lovers"), "{page}");
    let joined = desk.post(&format!("{path}/clubs/gourmet"), &[("choice", "join")]).await;
    let to = header(&joined, "location").unwrap();
    assert_eq!((status(&joined), to), ("303", format!("{path}?done=joined:Food%20lovers").as_str()));
    let page = desk.get(to).await;
    for told in ["Joined Food lovers.", "Leave Food lovers", "Joined a club"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    desk.post(&format!("{path}/clubs/gourmet"), &[("choice", "leave")]).await;
    let page = desk.get(&path).await;
    assert!(page.contains("Join Food lovers") && page.contains("Left a club"), "{page}");

    assert_eq!(status(&desk.post(&format!("{path}/clubs/wine"), &[("choice", "join")]).await), "404");
    assert_eq!(status(&desk.post(&format!("{path}/clubs/gourmet"), &[("choice", "maybe")]).await), "403");
    let analyst = Desk { cookie: desk.house.session(Role::Analyst).await, ..desk };
    let page = analyst.get(&path).await;
    assert!(page.contains("Interest clubs") && !page.contains("Join Food lovers"), "{page}");
    assert_eq!(status(&analyst.post(&format!("{path}/clubs/gourmet"), &[("choice", "join")]).await), "403");
    analyst.house.close().await;
}
