//! Audiences over the API: replaced whole, listed with their versions, told in the feed by the server itself.

use serde_json::{Value, json};

use crate::documents::enrolled;
use crate::house::{Actor, House, PROGRAMME, new_folder};
use crate::samples::purchase;

const SEGMENTS: &str = r#"
[[segments]]
code = "early"
name = { zh = "早鸟", en = "Early birds" }

[[rules]]
code = "early_birds"
name = { zh = "早", en = "Early" }
unit = "points"
conditions = { segment = ["early"] }
effect = { bonus = { points = 77 } }
"#;

fn house() -> House {
    let folder = new_folder();
    let url = format!("sqlite:{}", folder.join("house.db").display()).parse().unwrap();
    let house = House::at(
        &url,
        folder,
        "2026-05-11T02:00:00Z".parse().unwrap(),
        perennial::api::ApiOptions::default(),
    );
    house.publish(&format!("{PROGRAMME}{SEGMENTS}"));
    house
}

fn replace(actor: &Actor, segment: &str, body: &Value) -> crate::house::Answer {
    actor.send("PUT", &format!("/v1/audiences/{segment}"), &[], Some(&body.to_string()))
}

#[test]
fn an_audience_is_replaced_listed_and_told_in_the_feed() {
    let house = house();
    let manager = house.manager();
    let (ada, ben) = (enrolled(&manager, "ada"), enrolled(&manager, "ben"));
    assert_eq!(manager.get("/v1/audiences").expect(200).json(), json!({ "data": [] }));
    assert_eq!(manager.get("/v1/audiences/early").expect(404).problem().0, "unknown");

    let body = json!({ "source": "model 7", "members": [ada, "external:ben", "ben", "nobody"] });
    let report = replace(&manager, "early", &body).expect(200).json();
    let counts = |name: &str| report[name].as_u64().unwrap();
    assert_eq!((counts("rows"), counts("repeated"), counts("unknown")), (4, 1, 1));
    assert_eq!(report["unknown_rows"], json!([{ "row": 4, "member": "nobody" }]));
    let audience = &report["audience"];
    assert_eq!(
        (&audience["version"], &audience["size"], &audience["entered"]),
        (&json!(1), &json!(2), &json!(2))
    );
    assert_eq!(audience["replaced_by"], "api:manager");

    let receipt = manager.post("/v1/purchases", &purchase("r1", "ada", 1_000)).expect(201).json();
    let rules = receipt["receipt"]["rules"].to_string();
    assert!(rules.contains("early_birds") && rules.contains("77"), "{receipt}");

    let newer = json!({ "version": 5, "source": "model 8", "members": [ben] });
    let report = replace(&manager, "early", &newer).expect(200).json();
    assert_eq!((&report["audience"]["entered"], &report["audience"]["left"]), (&json!(0), &json!(1)));
    let (code, field) = replace(&manager, "early", &newer).expect(409).problem();
    assert_eq!((code.as_str(), field.as_deref()), ("audience_not_newer", Some("version")));
    let told = manager.get("/v1/audiences/early").expect(200).json();
    assert_eq!((&told["version"], told["versions"].as_array().unwrap().len()), (&json!(5), 2));

    // The server tells by itself; three events, or one where the second set came before the first was told.
    let events = || {
        let feed = manager.get("/v1/events?limit=1000").expect(200).json();
        let events = feed["data"].as_array().unwrap().iter().map(|entry| entry["fact"]["event"].clone());
        events.filter(|event| event.as_str().unwrap().starts_with("audience_")).count()
    };
    let untold = || house.runtime.block_on(house.engine.list_audiences()).unwrap()[0].untold;
    let told = (0..1_000_000).find(|_| untold() == 0);
    assert!(told.is_some() && [1, 3].contains(&events()), "{}", events());
}

#[test]
fn what_cannot_be_an_audience_is_refused_by_field_and_a_test_key_replaces_nothing() {
    let house = house();
    let manager = house.manager();
    enrolled(&manager, "ada");
    let named = |members: &[&str]| json!({ "source": "model 7", "members": members });
    let problem = |segment: &str, body: &Value| replace(&manager, segment, body).expect(400).problem();
    let field = |field: &str| ("field_invalid".to_owned(), Some(field.to_owned()));
    assert_eq!(problem("pilots", &named(&["ada"])), field("segment"));
    assert_eq!(problem("early", &named(&["bob", "eve"])), field("member"));
    assert_eq!(problem("early", &json!({ "source": "", "members": [] })), field("source"));
    assert_eq!(problem("Early", &named(&["ada"])), field("segment"));
    let tester = house.actor_with("tester", operations::KeyMode::Test, &operations::Scope::ALL);
    assert_eq!(replace(&tester, "early", &named(&["ada"])).expect(403).problem().0, "test_key");
    assert_eq!(manager.get("/v1/audiences").json(), json!({ "data": [] }));
}
