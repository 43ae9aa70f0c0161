//! Members: enrolling, finding, changing without losing anybody's change, and looking at what they hold.

use serde_json::{Value, json};

use crate::documents::enrolled;
use crate::house::House;
use crate::samples::{adjustment, purchase};

#[test]
fn a_member_is_enrolled_once_and_found_by_any_spelling() {
    let house = House::open();
    let shop = house.shop();
    let body = json!({
        "identifiers": [{ "kind": "phone", "value": "138 0013 8000" }, { "kind": "card", "value": "7992 7398 713" }],
        "profile": { "name": "张伟", "born_on": "1990-05-17", "language": "zh-CN" }
    });
    let first = shop.post_once("/v1/members", "e1", &body).expect(201);
    let id = first.json()["receipt"]["member_id"].as_str().unwrap().to_owned();
    assert_eq!(first.header("location"), format!("/v1/members/{id}"));
    assert_eq!(shop.post_once("/v1/members", "e1", &body).expect(200).json()["duplicate"], true);
    assert_eq!(shop.post_once("/v1/members", "e2", &body).expect(409).problem().0, "identifier_taken");

    for query in
        ["kind=phone&value=%2B8613800138000", "kind=phone&value=13800138000", "kind=card&value=79927398713"]
    {
        let found = shop.get(&format!("/v1/members/lookup?{query}")).expect(200).json();
        assert_eq!((&found["id"], &found["profile"]["name"]), (&json!(id), &json!("张伟")));
    }
    let wrong = shop.get("/v1/members/lookup?kind=card&value=79927398710").expect(400);
    assert_eq!(wrong.problem().1.as_deref(), Some("value"));
}

#[test]
fn a_change_needs_the_version_that_was_read() {
    let house = House::open();
    let shop = house.shop();
    let path = format!("/v1/members/{}", enrolled(&shop, "17850"));
    let tag = shop.get(&path).expect(200).header("etag").to_owned();
    let profile = |name: &str| json!({ "name": name }).to_string();
    let put = |tag: Option<&str>, name: &str| {
        let headers: Vec<(&str, &str)> = tag.map(|tag| ("If-Match", tag)).into_iter().collect();
        shop.send("PUT", &path, &headers, Some(&profile(name)))
    };
    assert_eq!(put(None, "Ada").expect(428).problem().0, "if_match_missing");
    let changed = put(Some(&tag), "Ada").expect(200);
    assert_eq!(changed.json()["profile"]["name"], "Ada");
    assert_ne!(changed.header("etag"), tag);
    assert_eq!(put(Some(&tag), "Eve").expect(412).problem().0, "changed");
    assert_eq!(shop.get(&path).json()["profile"]["name"], "Ada");
    put(Some(changed.header("etag")), "Grace").expect(200);

    let link = json!({ "kind": "email", "value": "Ada@Example.org" });
    shop.post(&format!("{path}/identifiers"), &link).expect(201);
    let whole = shop.get(&path).expect(200).json();
    let email = json!({ "kind": "email", "value": "ada@example.org" });
    assert!(whole["identifiers"].as_array().unwrap().contains(&email), "{whole}");
}

#[test]
fn members_are_listed_in_pages_that_miss_and_repeat_nobody() {
    let house = House::open();
    let shop = house.shop();
    let sales: Vec<Value> =
        (0..45).map(|n| purchase(&format!("r{n}"), &format!("m{n}"), n * 1_000)).collect();
    shop.post("/v1/purchases", &Value::from(sales)).expect(200);
    let mut spends = Vec::new();
    let mut path = "/v1/members?sort=spend&order=descending&limit=20".to_owned();
    loop {
        let page = shop.get(&path).expect(200).json();
        assert_eq!(page["total"], 45);
        spends.extend(
            page["data"].as_array().unwrap().iter().map(|row| row["spend"]["amount"].as_i64().unwrap()),
        );
        let Some(next) = page["next"].as_str() else {
            assert_eq!(page["has_more"], false);
            break;
        };
        path = format!("/v1/members?sort=spend&order=descending&limit=20&after={next}");
    }
    assert_eq!(spends, (0..45).rev().map(|n| n * 1_000).collect::<Vec<_>>());
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("after=nonsense", "after"),
        ("colour=red", "colour"),
        ("sort=luck", "sort"),
    ] {
        let answer = shop.get(&format!("/v1/members?{query}")).expect(400);
        assert_eq!(answer.problem().1.as_deref(), Some(field), "{}", answer.text);
    }
}

#[test]
fn a_balance_is_explained_by_lots_entries_and_sentences() {
    let house = House::open();
    let manager = house.manager();
    let id = enrolled(&manager, "17850");
    let sold = manager.post("/v1/purchases", &purchase("r1", "17850", 12_300)).expect(201).json();
    manager.post_once(&format!("/v1/members/{id}/adjustments"), "a1", &adjustment(50)).expect(201);
    let balance = manager.get(&format!("/v1/members/{id}/balance")).expect(200).json();
    assert_eq!(
        (&balance["units"][0]["available"], &balance["units"][0]["pending"]),
        (&json!(50), &json!(123))
    );
    assert_eq!(balance["units"][0]["expiring"].as_array().unwrap().len(), 2);
    assert_eq!(balance["tiers"][0]["tier"], "member");

    let lots = manager.get(&format!("/v1/members/{id}/lots")).expect(200).json();
    let remaining: i64 =
        lots["data"].as_array().unwrap().iter().map(|lot| lot["remaining"].as_i64().unwrap()).sum();
    assert_eq!(remaining, 173);
    let earlier =
        manager.get(&format!("/v1/members/{id}/balance?as_of=2026-05-10T12:00:00Z")).expect(200).json();
    assert_eq!(
        (&earlier["units"][0]["available"], &earlier["units"][0]["pending"]),
        (&json!(0), &json!(123))
    );

    house.set_clock("2026-05-25T00:00:00Z");
    let later = manager.get(&format!("/v1/members/{id}/balance")).expect(200).json();
    assert_eq!(later["units"][0]["available"], 173, "what is due counts before it is posted");

    let swept = manager.send("POST", "/v1/operations/expire-points", &[], None).expect(200).json();
    assert_eq!((&swept["accounts"], &swept["releases"]), (&json!(1), &json!(1)));
    let posted = manager.get(&format!("/v1/members/{id}/balance")).expect(200).json();
    assert_eq!(posted["units"], later["units"]);

    let entry = sold["receipt"]["entry_id"].as_str().unwrap();
    assert_eq!(
        manager.get(&format!("/v1/entries/{entry}")).expect(200).json()["fact"]["event"],
        "purchase_recorded"
    );
    let explain = |language: &str| {
        manager.get(&format!("/v1/entries/{entry}/explanation?language={language}")).expect(200).json()
    };
    assert!(explain("zh-CN")["awards"][0].as_str().unwrap().contains("123"));
    assert_ne!(explain("zh-CN")["title"], explain("en")["title"]);
    for path in [
        "/v1/entries/ent_0000000000001_1",
        "/v1/members/mem_0000000000001",
        "/v1/members/mem_0000000000001/entries",
    ] {
        manager.get(path).expect(404).problem();
    }
    assert_eq!(manager.get("/v1/entries/7").expect(400).problem().0, "field_invalid");
}

#[test]
fn the_timeline_and_the_feed_tell_the_same_story_from_both_ends() {
    let house = House::open();
    let manager = house.manager();
    let id = enrolled(&manager, "17850");
    for number in 0..7 {
        manager.post("/v1/purchases", &purchase(&format!("r{number}"), "17850", 1_000)).expect(201);
    }
    let walk = |start: &str| {
        let mut ids: Vec<String> = Vec::new();
        let mut path = start.to_owned();
        loop {
            let page = manager.get(&path).expect(200).json();
            ids.extend(
                page["data"].as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap().to_owned()),
            );
            if page["has_more"] == false {
                return ids;
            }
            path = format!("{start}&after={}", page["next"].as_str().unwrap());
        }
    };
    let mut timeline = walk(&format!("/v1/members/{id}/entries?limit=3"));
    let feed = walk("/v1/events?limit=3");
    timeline.reverse();
    assert_eq!(timeline.len(), 8);
    assert_eq!(timeline, feed);
}

#[test]
fn the_overview_counts_what_was_recorded() {
    let house = House::open();
    let manager = house.manager();
    manager.post("/v1/purchases", &purchase("r1", "a", 10_000)).expect(201);
    manager.post("/v1/purchases", &purchase("r2", "b", 20_000)).expect(201);
    let path = "/v1/overview?from=2026-05-01&to=2026-06-01&compare=true";
    let overview = manager.get(path).expect(200).json();
    let now = &overview["current"];
    assert_eq!((&now["members"], &now["purchases"], &now["earned"]), (&json!(2), &json!(2), &json!(300)));
    assert_eq!(overview["previous"]["purchases"], 0);
    assert_eq!(overview["series"].as_array().unwrap().len(), 31);
    let backwards = manager.get("/v1/overview?from=2026-06-01&to=2026-05-01").expect(400);
    assert_eq!(backwards.problem().1.as_deref(), Some("to"));
}

#[test]
fn a_programme_is_checked_published_and_read() {
    let house = House::open();
    let manager = house.manager();
    let listed = manager.get("/v1/programmes").expect(200).json();
    assert_eq!(listed["data"][0]["version"], 1);
    let bad = crate::house::PROGRAMME.replace("unit = \"points\"", "unit = \"miles\"");
    let found = manager.post("/v1/programmes/check", &json!({ "document": bad })).expect(200).json();
    assert_eq!(found["publishable"], false);
    assert!(found["findings"][0]["line"].as_u64().is_some(), "{found}");
    assert_eq!(
        manager
            .post_once(
                "/v1/programmes",
                "p0",
                &json!({ "document": bad, "effective_at": "2027-01-01T00:00:00Z" })
            )
            .expect(400)
            .problem()
            .0,
        "programme_invalid"
    );

    let document = manager.get("/v1/programmes/1").expect(200).json()["document"].clone();
    let next = json!({ "document": document, "effective_at": "2027-01-01T00:00:00Z" });
    assert_eq!(manager.post("/v1/programmes", &next).expect(400).problem().0, "idempotency_key_missing");
    let published = manager.post_once("/v1/programmes", "p1", &next).expect(201);
    assert_eq!(
        manager.post_once("/v1/programmes", "p1", &next).expect(201).json()["version"],
        2,
        "published once"
    );
    assert_eq!((&published.json()["version"], published.header("location")), (&json!(2), "/v1/programmes/2"));
    assert_eq!(manager.get("/v1/programmes/2").expect(200).json()["in_force"], false);
    manager.get("/v1/programmes/9").expect(404).problem();
}
