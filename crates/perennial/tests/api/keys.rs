//! Keys: what happens to unknown, ended and test keys, and how a client changes from one key to the next.

use operations::{KeyMode, KeyRequest, Scope};
use serde_json::json;

use crate::house::House;
use crate::samples::purchase;

fn request(client: &str) -> KeyRequest {
    KeyRequest {
        client: client.to_owned(),
        mode: KeyMode::Live,
        scopes: vec![Scope::MembersRead],
        expires_at: None,
    }
}

#[test]
fn a_key_that_is_unknown_mistyped_or_expired_opens_nothing() {
    let house = House::open();
    let expiring =
        KeyRequest { expires_at: Some("2026-05-11T03:00:00Z".parse().unwrap()), ..request("guest") };
    let issued = house.runtime.block_on(house.engine.issue_api_key(expiring, "test".to_owned())).unwrap();
    let guest = house.visitor().with_key(&issued.text);
    guest.get("/v1/members").expect(200);
    let mistyped = issued.text.replace(&issued.key.key_id, "00000000");
    for text in [mistyped.as_str(), "pk_live_", "nonsense", &issued.text[..20]] {
        let answer = house.visitor().with_key(text).get("/v1/members").expect(401);
        assert_eq!(answer.problem().0, "key_unknown", "{text}");
    }
    house.set_clock("2026-05-11T03:00:00Z");
    assert_eq!(guest.get("/v1/members").expect(401).problem().0, "key_ended");
}

#[test]
fn a_client_changes_keys_without_a_pause() {
    let house = House::open();
    let issue =
        |client: &str| house.runtime.block_on(house.engine.issue_api_key(request(client), "test".to_owned()));
    let (old, new) = (issue("erp").unwrap(), issue("erp").unwrap());
    assert!(issue("erp").is_err(), "two keys of a client may work, not three");
    let (with_old, with_new) = (house.visitor().with_key(&old.text), house.visitor().with_key(&new.text));
    with_old.get("/v1/members").expect(200);
    with_new.get("/v1/members").expect(200);
    house.runtime.block_on(house.engine.revoke_api_key(&old.key.key_id)).unwrap();
    assert_eq!(with_old.get("/v1/members").expect(401).problem().0, "key_ended");
    with_new.get("/v1/members").expect(200);
    assert!(issue("erp").is_ok());
    assert!(house.runtime.block_on(house.engine.revoke_api_key("unheard-of")).is_err());
}

#[test]
fn a_key_is_believed_for_less_than_two_seconds() {
    assert!(perennial::api::ApiOptions::default().key_staleness < perennial::api::KEY_STALENESS_MAX);
}

#[test]
fn the_use_of_a_key_is_noted() {
    let house = House::open();
    let issued =
        house.runtime.block_on(house.engine.issue_api_key(request("erp"), "test".to_owned())).unwrap();
    let erp = house.visitor().with_key(&issued.text);
    // The note does not hold up the request; later requests give it time to land.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let mut in_time = std::iter::repeat(()).take_while(|()| std::time::Instant::now() < deadline);
    let noted = in_time.find_map(|()| {
        erp.get("/v1/members").expect(200);
        let keys = house.runtime.block_on(house.engine.list_api_keys()).unwrap();
        keys.into_iter().find(|key| key.key_id == issued.key.key_id)?.last_used_at
    });
    assert_eq!(noted, Some(house.engine.clock().now()));
}

#[test]
fn the_secret_of_a_key_is_stored_nowhere() {
    let mut house = House::open();
    let issued =
        house.runtime.block_on(house.engine.issue_api_key(request("erp"), "test".to_owned())).unwrap();
    house.visitor().with_key(&issued.text).get("/v1/members").expect(200);
    house.stop();
    let secret = &issued.text.as_bytes()["pk_live_".len() + issued.key.key_id.len()..];
    for entry in std::fs::read_dir(&house.folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(16).any(|window| window == &secret[..16]));
    }
}

#[test]
fn a_test_key_tries_and_records_nothing_except_in_a_sandbox() {
    let scopes = [Scope::PurchasesWrite, Scope::MembersRead, Scope::ProgrammesWrite];
    let house = House::open();
    let trial = house.actor_with("trial", KeyMode::Test, &scopes);
    let tried = trial.post("/v1/purchases", &purchase("r1", "17850", 1_000)).expect(200).json();
    assert_eq!(tried["dry_run"], true);
    trial.get("/v1/members/lookup?kind=external&value=17850").expect(404);
    let body = json!({ "document": crate::house::PROGRAMME, "effective_at": "2027-01-01T00:00:00Z" });
    let publish = trial.post_once("/v1/programmes", "p1", &body).expect(403);
    assert_eq!(publish.problem().0, "test_key");

    let options = perennial::api::ApiOptions { sandbox: true, ..perennial::api::ApiOptions::default() };
    let sandbox = House::with(options);
    let trial = sandbox.actor_with("trial", KeyMode::Test, &scopes);
    trial.post("/v1/purchases", &purchase("r1", "17850", 1_000)).expect(201);
    trial.get("/v1/members/lookup?kind=external&value=17850").expect(200);
}
