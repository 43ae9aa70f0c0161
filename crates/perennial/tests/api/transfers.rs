//! Points between members, and the clock of a sandbox.

use operations::{KeyMode, Scope};
use perennial::api::ApiOptions;
use serde_json::{Value, json};

use crate::documents::enrolled;
use crate::house::{Actor, House};
use crate::samples::{adjustment, purchase};

fn available(actor: &Actor, id: &str) -> i64 {
    let balance = actor.get(&format!("/v1/members/{id}/balance")).expect(200).json();
    balance["units"].as_array().unwrap().first().map_or(0, |unit| unit["available"].as_i64().unwrap())
}

fn offer(from: &str, to: &str, points: i64) -> Value {
    json!({ "from": { "id": from }, "to": { "external": to }, "unit": "points", "points": points })
}

#[test]
fn points_are_offered_and_move_once_the_friend_accepts() {
    let house = House::open();
    let app = house.manager();
    let (ada, ben) = (enrolled(&app, "ada"), enrolled(&app, "ben"));
    app.post_once(&format!("/v1/members/{ada}/adjustments"), "a1", &adjustment(200)).expect(201);

    let few = app.post_once("/v1/transfers", "t0", &offer(&ada, "ben", 49)).expect(422);
    assert_eq!(few.problem(), ("transfer_too_small".to_owned(), Some("points".to_owned())));
    app.post("/v1/transfers", &offer(&ada, "ben", 60)).expect(400);
    let offered = app.post_once("/v1/transfers", "t1", &offer(&ada, "ben", 60)).expect(201).json();
    assert_eq!(offered["receipt"]["event"], "transfer_offered");
    let id = offered["receipt"]["entry_id"].as_str().unwrap().to_owned();
    assert_eq!(available(&app, &ada), 200, "nothing moves yet");
    for member in [&ada, &ben] {
        let waiting = app.get(&format!("/v1/members/{member}/transfers")).expect(200).json();
        let whole = json!({ "id": id, "from": ada, "to": ben, "unit": "points", "points": 60, "lapses_at": "2026-05-18T02:00:00Z" });
        assert_eq!(waiting["data"], json!([whole]));
    }

    let accept = format!("/v1/transfers/{id}/accept");
    let stranger = json!({ "member": { "id": ada } });
    app.post_once(&accept, "t2", &stranger).expect(422);
    let friend = json!({ "member": { "external": "ben" } });
    let moved = app.post_once(&accept, "t3", &friend).expect(201).json();
    assert_eq!(
        (&moved["receipt"]["event"], &moved["receipt"]["member_id"]),
        (&json!("points_transferred"), &json!(ben))
    );
    assert_eq!(app.post_once(&accept, "t3", &friend).expect(200).json()["receipt"], moved["receipt"]);
    assert_eq!(app.post_once(&accept, "t4", &friend).expect(422).problem().0, "transfer_not_open");
    assert_eq!((available(&app, &ada), available(&app, &ben)), (140, 60));

    for (key, end) in [("t5", "decline"), ("t6", "withdraw")] {
        let offered = app.post_once("/v1/transfers", key, &offer(&ada, "ben", 50)).expect(201).json();
        let path = format!("/v1/transfers/{}/{end}", offered["receipt"]["entry_id"].as_str().unwrap());
        let headers = [("Idempotency-Key", end)];
        let body = (end == "decline").then(|| friend.to_string());
        let ended = app.send("POST", &path, &headers, body.as_deref()).expect(201).json();
        let event = ended["receipt"]["event"].as_str().unwrap();
        assert!(["transfer_declined", "transfer_withdrawn"].contains(&event), "{event}");
    }
    assert_eq!((available(&app, &ada), available(&app, &ben)), (140, 60));
}

#[test]
fn the_clock_of_a_sandbox_moves_a_year_over_the_api() {
    let options =
        ApiOptions { sandbox: true, key_staleness: std::time::Duration::ZERO, ..ApiOptions::default() };
    let house = House::with(options);
    let app = house.actor_with("app", KeyMode::Test, &Scope::ALL);
    app.post("/v1/purchases", &purchase("r1", "ada", 10_000)).expect(201);
    let clock = app.get("/v1/sandbox/clock").expect(200).json();
    assert_eq!(clock["now"], "2026-05-11T02:00:00Z");
    let moved = app.post("/v1/sandbox/clock", &json!({ "to": "2027-06-11T02:00:00Z" })).expect(200).json();
    assert_eq!((&moved["from"], &moved["to"]), (&clock["now"], &json!("2027-06-11T02:00:00Z")));
    assert_eq!((&moved["posted"]["releases"], &moved["posted"]["points_expired"]), (&json!(1), &json!(100)));
    let back = app.post("/v1/sandbox/clock", &json!({ "to": "2027-06-11T01:00:00Z" })).expect(400);
    assert_eq!(back.problem(), ("field_invalid".to_owned(), Some("to".to_owned())));
    assert_eq!(app.get("/v1/sandbox/clock").json()["now"], "2027-06-11T02:00:00Z");

    let _ = house.manager();
    let live = app.post("/v1/sandbox/clock", &json!({ "to": "2027-07-11T02:00:00Z" })).expect(422);
    assert_eq!(live.problem().0, "live_keys");
}

#[test]
fn elsewhere_there_is_no_clock_to_move() {
    let house = House::open();
    let app = house.manager();
    assert_eq!(app.get("/v1/sandbox/clock").expect(422).problem().0, "not_a_sandbox");
    let to = json!({ "to": "2027-06-11T02:00:00Z" });
    assert_eq!(app.post("/v1/sandbox/clock", &to).expect(422).problem().0, "not_a_sandbox");
}
