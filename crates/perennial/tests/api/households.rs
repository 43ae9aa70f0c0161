//! Households over the API: opened, joined, spent from by who may, left with what is left.

use serde_json::{Value, json};

use crate::documents::enrolled;
use crate::house::{Actor, House};
use crate::samples::{about, adjustment, hold, order, purchase, with};

fn available(actor: &Actor, id: &str) -> i64 {
    let balance = actor.get(&format!("/v1/members/{id}/balance")).expect(200).json();
    balance["units"].as_array().unwrap().first().map_or(0, |unit| unit["available"].as_i64().unwrap())
}

fn of(id: &str) -> Value {
    json!({ "id": id })
}

#[test]
fn a_household_is_opened_joined_spent_from_and_left() {
    let house = House::open();
    let app = house.manager();
    let (ada, ben) = (enrolled(&app, "ada"), enrolled(&app, "ben"));
    for (key, member, points) in [("a1", &ada, 200), ("a2", &ben, 100)] {
        app.post_once(&format!("/v1/members/{member}/adjustments"), key, &adjustment(points)).expect(201);
    }

    app.post("/v1/households", &json!({ "name": "Chen" })).expect(400);
    let opened = app.post_once("/v1/households", "o1", &json!({ "name": "Chen" })).expect(201).json();
    assert_eq!(opened["receipt"]["event"], "household_created");
    let home = opened["receipt"]["member_id"].as_str().unwrap().to_owned();
    let members = format!("/v1/households/{home}/members");
    let joining = |member: &str, may_spend: bool| json!({ "member": of(member), "may_spend": may_spend });
    let joined = app.post_once(&members, "j1", &joining(&ada, true)).expect(201).json();
    assert_eq!(
        (&joined["receipt"]["event"], &joined["receipt"]["member_id"]),
        (&json!("household_joined"), &json!(ada))
    );
    assert_eq!(
        app.post_once(&members, "j1", &joining(&ada, true)).expect(200).json()["receipt"],
        joined["receipt"]
    );
    assert_eq!(app.post_once(&members, "j2", &joining(&ada, true)).expect(422).problem().0, "in_household");
    app.post_once(&members, "j3", &joining(&ben, false)).expect(201);
    assert_eq!((available(&app, &home), available(&app, &ada), available(&app, &ben)), (300, 0, 0));
    let seen = app.get(&format!("/v1/members/{home}")).expect(200).json();
    let who =
        |place: usize| (seen["members"][place]["id"].clone(), seen["members"][place]["may_spend"].clone());
    assert_eq!((who(0), who(1)), ((json!(ada), json!(true)), (json!(ben), json!(false))));
    assert_eq!(app.get(&format!("/v1/members/{ada}")).json()["household"], json!(home));
    assert_eq!(seen["profile"]["name"], "Chen");

    let asked = with(hold("h1", "ada", 250), "member", of(&home));
    assert_eq!(
        app.post("/v1/holds", &asked).expect(422).problem(),
        ("spender_needed".to_owned(), Some("spender".to_owned()))
    );
    let by = |spender: &str| with(asked.clone(), "spender", json!(spender));
    assert_eq!(app.post("/v1/holds", &by(&ben)).expect(422).problem().0, "spender_not_allowed");
    app.post("/v1/holds", &by(&ada)).expect(201);
    let leave = format!("{members}/{ben}/leave");
    let leaves = |key: &str| app.send("POST", &leave, &[("Idempotency-Key", key)], None);
    assert_eq!(leaves("l1").expect(422).problem().0, "household_waits");
    app.post("/v1/voids", &about("hold", "h1", "v1")).expect(201);
    let own = with(order("o9", "ada"), "spender", json!(ada));
    assert_eq!(app.post("/v1/redemptions", &own).expect(422).problem().0, "not_a_household");
    let bought = with(purchase("r9", "ada", 1_000), "member", of(&home));
    assert_eq!(
        app.post("/v1/purchases", &with(bought, "enrol", json!(false))).expect(422).problem().0,
        "is_household"
    );

    let told = app.get(&format!("/v1/households/{home}")).expect(200).json();
    assert_eq!((&told["name"], &told["units"][0]["available"]), (&json!("Chen"), &json!(300)));
    let share = |place: usize| told["members"][place]["share"][0]["points"].clone();
    assert_eq!(
        (share(0), share(1), told["members"][1]["may_spend"].clone()),
        (json!(200), json!(100), json!(false))
    );
    app.get(&format!("/v1/households/{ada}")).expect(404);
    let second = app.post_once("/v1/households", "o2", &json!({ "name": "Wang" })).expect(201);
    assert!(second.header("location").starts_with("/v1/households/mem_"), "{:?}", second.header("location"));
    let listed = |query: &str| {
        let page = app.get(&format!("/v1/households{query}")).expect(200).json();
        let names =
            page["data"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned());
        (names.collect::<Vec<_>>(), page["next"].clone())
    };
    let (first, next) = listed("?limit=1");
    assert_eq!(first, ["Wang"]);
    assert_eq!(
        listed(&format!("?limit=1&after={}", next.as_str().unwrap())),
        (vec!["Chen".to_owned()], Value::Null)
    );
    assert_eq!(listed("?text=che").0, ["Chen"]);
    assert_eq!(listed(&format!("?member={ben}")).0, ["Chen"]);
    app.get("/v1/households?limit=0").expect(400);
    app.get("/v1/households?after=yesterday").expect(400);

    let put = |who: &str, may_spend: bool, key: &str| {
        let body = json!({ "may_spend": may_spend }).to_string();
        app.send("PUT", &format!("{members}/{who}"), &[("Idempotency-Key", key)], Some(&body))
    };
    let before = app.get(&format!("/v1/members/{home}")).header("etag").to_owned();
    let changed = put(&ben, true, "m1").expect(201).json();
    assert_eq!(changed["receipt"]["event"], "household_member_changed");
    assert_eq!(put(&ben, true, "m1").expect(200).json()["receipt"], changed["receipt"]);
    assert_ne!(app.get(&format!("/v1/members/{home}")).header("etag"), before, "the answer is another");
    assert_eq!(put("mem_0000000000009", true, "m2").expect(404).problem().0, "member_unknown");
    app.post("/v1/holds", &with(with(hold("h2", "ada", 5), "member", of(&home)), "spender", json!(ben)))
        .expect(201);
    app.post("/v1/voids", &about("hold", "h2", "v2")).expect(201);

    let left = leaves("l2").expect(201).json();
    assert_eq!(left["receipt"]["event"], "household_left");
    assert_eq!(leaves("l2").expect(200).json()["receipt"], left["receipt"]);
    assert_eq!(leaves("l3").expect(422).problem().0, "not_in_household");
    assert_eq!((available(&app, &home), available(&app, &ben)), (200, 100));
}

#[test]
fn a_household_that_is_none_is_not_found_or_refused() {
    let house = House::open();
    let app = house.manager();
    let ada = enrolled(&app, "ada");
    let nobody = "mem_0000000000009";
    let joining = json!({ "member": of(&ada), "may_spend": true });
    app.post_once(&format!("/v1/households/{nobody}/members"), "j1", &joining).expect(404);
    let refused = app.post_once(&format!("/v1/households/{ada}/members"), "j2", &joining).expect(422);
    assert_eq!(refused.problem().0, "not_a_household");
    let empty = app.post_once("/v1/households", "o1", &json!({ "name": "" })).expect(400);
    assert_eq!(empty.problem(), ("field_invalid".to_owned(), Some("name".to_owned())));
}
