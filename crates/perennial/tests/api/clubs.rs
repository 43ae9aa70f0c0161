//! Interest clubs over the API: how a member stands with each, joining and leaving.

use serde_json::{Value, json};

use crate::documents::enrolled;
use crate::house::{House, PROGRAMME, new_folder};

const CLUB: &str = r#"
[[segments]]
code = "coffee"
name = { zh = "咖啡", en = "Coffee" }
interest_club = { reason = { zh = "常买咖啡", en = "You often buy coffee" } }
"#;

#[test]
fn a_member_sees_the_clubs_joins_and_leaves_and_the_feed_tells_it() {
    let folder = new_folder();
    let url = format!("sqlite:{}", folder.join("house.db").display()).parse().unwrap();
    let now = "2026-05-11T02:00:00Z".parse().unwrap();
    let house = House::at(&url, folder, now, perennial::api::ApiOptions::default());
    house.publish(&format!("{PROGRAMME}{CLUB}"));
    let manager = house.manager();
    let ada = enrolled(&manager, "ada");
    let standing = || -> Value {
        let clubs = manager.get(&format!("/v1/members/{ada}/clubs")).expect(200).json();
        clubs["data"].as_array().unwrap().iter().find(|club| club["club"] == "coffee").unwrap().clone()
    };
    let outside = standing();
    assert_eq!(
        (&outside["standing"], &outside["reason"]["en"]),
        (&json!("outside"), &json!("You often buy coffee"))
    );
    let choose = |club: &str, body: Value| {
        manager.send("PUT", &format!("/v1/members/{ada}/clubs/{club}"), &[], Some(&body.to_string()))
    };
    for (joined, now) in [(true, "joined"), (false, "left"), (false, "left")] {
        assert_eq!(choose("coffee", json!({ "joined": joined })).expect(200).json()["standing"], now);
        assert_eq!(standing()["standing"], now);
    }
    let profile = &manager.get(&format!("/v1/members/{ada}")).expect(200).json()["profile"];
    assert_eq!((&profile["segments"], &profile["declined_segments"]), (&json!([]), &json!(["coffee"])));
    let events = manager.get("/v1/events").expect(200).json()["data"].to_string();
    assert_eq!(events.matches("club_chosen").count(), 2, "{events}");

    assert_eq!(choose("tea", json!({ "joined": true })).expect(404).problem().0, "unknown");
    assert_eq!(choose("coffee", json!({ "joined": "yes" })).expect(400).problem().0, "field_invalid");
}
