//! Reports over the API: a server that keeps its lake up with the ledger, and answers from it.

use std::time::Duration;

use analytics::lake::{LakeLocation, SessionOptions};
use operations::{Insight, Scope};
use perennial::api::ApiOptions;
use serde_json::Value;

use crate::house::{House, new_folder};
use crate::samples::purchase;

fn house_with_lake() -> House {
    let place = new_folder().join("reports.lake");
    let place = LakeLocation::parse(place.to_str().unwrap(), Vec::new()).unwrap();
    let insight = Insight::new(place, SessionOptions::default());
    House::with(ApiOptions { key_staleness: Duration::ZERO, insight: Some(insight), ..ApiOptions::default() })
}

#[test]
fn without_a_lake_a_report_says_how_to_have_one() {
    let house = House::open();
    let analyst = house.actor("analyst", &[Scope::OverviewRead]);
    let names = analyst.get("/v1/reports");
    assert_eq!(names.status, 200);
    assert!(names.text.contains("core-customers"), "{}", names.text);
    let refused = analyst.get("/v1/reports/rfm");
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(refused.text.contains("--lake"), "{}", refused.text);
}

#[test]
fn a_server_keeps_its_lake_up_and_answers_from_it() {
    let house = house_with_lake();
    let till = house.till();
    for (number, member) in ["1", "1", "2"].into_iter().enumerate() {
        let recorded = till.post("/v1/purchases", &purchase(&format!("r{number}"), member, 1_000));
        assert!(recorded.status < 300, "{}", recorded.text);
    }
    let place = house.engine.clone();
    // The server does this by itself each minute; a test does not wait for it.
    let lake = house.insight.clone().expect("a lake");
    house.runtime.block_on(async { place.write_lake(lake.location(), true, &mut |_| {}).await }).ok();

    let analyst = house.actor("analyst", &[Scope::OverviewRead]);
    let mut answer = analyst.get("/v1/reports/core-customers");
    for _ in 0..30 {
        if answer.status != 202 {
            break;
        }
        answer = analyst.get("/v1/reports/core-customers");
    }
    assert_eq!(answer.status, 200, "{}", answer.text);
    let report: Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!((&report["members"], &report["report"]), (&2.into(), &"core-customers".into()));
    assert_eq!(report["population"]["currency"], "CNY");
    assert!(report["queries"][0][1].as_str().unwrap().contains("GROUP BY member_id"));

    for (path, status, said) in [
        ("/v1/reports/nothing", 404, ""),
        ("/v1/reports/rfm?from=yesterday", 400, "from"),
        ("/v1/reports/rfm?from=2026-05-02&to=2026-05-01", 400, "to"),
        ("/v1/reports/rfm?store=nowhere", 422, "no_answer"),
        ("/v1/reports/rfm?stroe=1", 400, "stroe"),
    ] {
        let refused = analyst.get(path);
        assert_eq!(refused.status, status, "{path}: {}", refused.text);
        assert!(refused.text.contains(said), "{path}: {}", refused.text);
    }
}
