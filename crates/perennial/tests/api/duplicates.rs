//! Duplicates: the search runs in the background, the queue says why, decisions are made once, figures follow.

use serde_json::{Value, json};

use crate::house::{Actor, House};

fn enrolled(actor: &Actor, name: &str, born_on: &str, phone: &str) -> String {
    let body = json!({
        "profile": { "name": name, "born_on": born_on }, "identifiers": [{ "kind": "phone", "value": phone }],
    });
    let answer = actor.post_once("/v1/members", phone, &body).expect(201).json();
    answer["receipt"]["member_id"].as_str().unwrap().to_owned()
}

fn searched(actor: &Actor) -> Value {
    actor.send("POST", "/v1/operations/find-duplicates", &[], None).expect(202);
    loop {
        let figures = actor.get("/v1/duplicates/figures").expect(200).json();
        if figures["run"]["state"] != "running" {
            return figures;
        }
    }
}

#[test]
fn two_records_of_one_person_are_found_explained_and_merged_once() {
    let house = House::open();
    let manager = house.manager();
    assert_eq!(manager.get("/v1/duplicates/figures").expect(200).json()["run"], Value::Null);
    let one = enrolled(&manager, "李晓明", "1990-05-01", "+8613800138001");
    let other = enrolled(&manager, "Xiaoming LI", "1990-05-01", "+8613800138011");
    enrolled(&manager, "王芳", "1971-08-19", "+8613900001111");
    let figures = searched(&manager);
    assert_eq!((&figures["open"], &figures["open_likely"]), (&json!(1), &json!(1)), "{figures}");
    assert_eq!((&figures["run"]["state"], &figures["run"]["members"]), (&json!("finished"), &json!(3)));

    let queue = manager.get("/v1/duplicates").expect(200).json();
    let pair = &queue["data"][0];
    assert_eq!((&pair["left"]["member_id"], &pair["right"]["member_id"]), (&json!(one), &json!(other)));
    let said = |field: &str| {
        let evidence = pair["evidence"].as_array().unwrap();
        evidence.iter().find(|one| one["field"] == field).unwrap()["agreement"].clone()
    };
    assert_eq!(
        ["family_name", "given_name", "born_on", "phone", "email"].map(said),
        ["same", "sounds_same", "same", "near", "missing"]
    );
    assert!(pair["probability"].as_f64().unwrap() > 0.95 && pair["likely"] == true, "{pair}");
    assert_eq!((&queue["has_more"], &queue["next"]), (&json!(false), &Value::Null));
    manager.get("/v1/duplicates?after=nonsense").expect(400);

    let path = format!("/v1/duplicates/{other}/{one}/decision");
    let decide = |body: Value| manager.post(&path, &body);
    assert_eq!(decide(json!({ "decision": "later" })).expect(200).json()["state"], "later");
    assert_eq!(manager.get("/v1/duplicates").expect(200).json()["data"], json!([]));
    assert_eq!(decide(json!({ "decision": "reopen" })).expect(200).json()["state"], "open");
    decide(json!({ "decision": "later", "colour": "red" })).expect(400);
    decide(json!({ "decision": "merge" })).expect(400);
    let stranger = json!({ "decision": "merge", "survivor": "mem_0000000000001", "reason": "one person" });
    assert_eq!(decide(stranger).expect(400).problem().1.as_deref(), Some("survivor"));
    let merge = json!({ "decision": "merge", "survivor": one, "reason": "one person" });
    for _ in 0..2 {
        assert_eq!(decide(merge.clone()).expect(200).json()["state"], "merged");
    }
    let entries = manager.get(&format!("/v1/members/{one}/entries")).expect(200).json();
    let merges =
        entries["data"].as_array().unwrap().iter().filter(|entry| entry["fact"]["event"] == "members_merged");
    assert_eq!(merges.count(), 1, "{entries}");
    let late = decide(json!({ "decision": "not_same" })).expect(400);
    assert_eq!(late.problem().1.as_deref(), Some("decision"));

    let lineage = manager.get(&format!("/v1/members/{other}/lineage")).expect(200).json();
    let records = lineage["records"].as_array().unwrap();
    assert_eq!(records.len(), 2, "{lineage}");
    assert_eq!((&records[1]["merged_into"], &records[1]["merged_by"]), (&json!(one), &json!("api:manager")));
    let figures = searched(&manager);
    assert_eq!((&figures["merged"], &figures["run"]["merged"]), (&json!(1), &json!(1)), "{figures}");
    assert_eq!((&figures["precision"]["part"], &figures["precision"]["whole"]), (&json!(1), &json!(1)));
    assert!((figures["match_rate"].as_f64().unwrap() - 1.0 / 3.0).abs() < 1e-9, "{figures}");
    let none = format!("/v1/duplicates/mem_0000000000001/{one}/decision");
    manager.post(&none, &json!({ "decision": "later" })).expect(404);
    let cancelled =
        manager.send("POST", "/v1/operations/cancel-find-duplicates", &[], None).expect(200).json();
    assert_eq!(cancelled["cancelled"], false, "none is under way");
}
