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
        ("/v1/reports/scorecard?factor_weights=50,50", 400, "factor_weights"),
        ("/v1/reports/scorecard?factor_weights=40,30,20,10", 422, "import survey"),
        ("/v1/reports/rfm?stroe=1", 400, "stroe"),
        ("/v1/reports/segment-stack?markers=words", 400, "markers"),
        ("/v1/reports/clubs?clubs=words", 400, "clubs"),
        ("/v1/reports/segment-stack", 422, "fewer than 50 members"),
    ] {
        let refused = analyst.get(path);
        assert_eq!(refused.status, status, "{path}: {}", refused.text);
        assert!(refused.text.contains(said), "{path}: {}", refused.text);
    }
}

#[test]
fn claims_are_listed_with_what_they_are_worth() {
    let house = House::open();
    let analyst = house.actor("analyst", &[Scope::OverviewRead]);
    let claims = analyst.get("/v1/claims").expect(200).json();
    let claims = claims["data"].as_array().unwrap();
    let claim = |id: &str| claims.iter().find(|claim| claim["id"] == id).unwrap_or_else(|| panic!("{id}"));
    let best = claim("best-fortieth-brings-a-third");
    assert_eq!((&best["value"], &best["unit"]), (&0.33.into(), &"share".into()));
    assert_eq!((&best["report"], &best["figure"]), (&"core-customers".into(), &"top-2.5".into()));
    assert_eq!(claim("clubcard-given-back-yearly-misprint")["status"], "contradicted");
    assert!(claim("prime-members")["source"].as_str().unwrap().contains("2013"));
    assert!(claim("lifetime-return").get("source").is_none(), "nothing was found");
}

const MAP: &str = "survey = \"spring-2026\"\ntime_zone = \"Asia/Shanghai\"\nmember = { column = \"who\" }\n\
    answered_at = { columns = [\"at\"], format = \"%Y-%m-%d\" }\n[question]\nsatisfaction = \"q\"\n";

/// A form with these parts: name, file, content.
fn form(parts: &[(&str, &str)]) -> String {
    let part = |(name, content): &(&str, &str)| {
        format!(
            "--B\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}.txt\"\r\n\r\n{content}\r\n"
        )
    };
    parts.iter().map(part).collect::<String>() + "--B--\r\n"
}

const MULTIPART: [(&str, &str); 1] = [("Content-Type", "multipart/form-data; boundary=B")];

#[test]
fn a_survey_is_imported_into_the_lake_that_the_server_writes() {
    let house = house_with_lake();
    let manager = house.manager();
    let recorded = manager.post("/v1/purchases", &purchase("r1", "1", 1_000)).expect(201).json();
    let member = recorded["receipt"]["member_id"].as_str().unwrap().to_owned();
    let lake = house.insight.clone().expect("a lake");
    let write = || house.runtime.block_on(house.engine.write_lake(lake.location(), true, &mut |_| {}));
    write().ok();
    let answers =
        format!("who,at,q\n{member},2026-03-01,5\n{member},2026-03-02,4\nmem_9,2026-03-01,5\n{member},x,5\n");
    let analyst = house.actor("desk", &[Scope::SurveysWrite]);
    let import_form =
        |parts: &[(&str, &str)]| analyst.send("POST", "/v1/survey-imports", &MULTIPART, Some(&form(parts)));
    let sent = import_form(&[("map", MAP), ("answers", &answers)]).expect(201);
    let import = sent.json();
    assert_eq!((&import["status"], &import["survey"]), (&"finished".into(), &"spring-2026".into()));
    assert_eq!(
        (&import["forms"], &import["answers"], &import["replaced"]),
        (&1.into(), &1.into(), &0.into())
    );
    let rejected = serde_json::json!({ "answered_twice": 1, "bad_time": 1, "unknown_respondent": 1 });
    assert_eq!(import["rejected"], rejected);
    let reject = import["rejects"].as_array().unwrap().iter().find(|reject| reject["row"] == 4).unwrap();
    assert_eq!((&reject["field"], &reject["value"]), (&"member".into(), &"mem_9".into()));
    assert_eq!(sent.header("location"), format!("/v1/survey-imports/{}", import["id"].as_str().unwrap()));
    assert_eq!(analyst.get(sent.header("location")).expect(200).json(), import);

    // The server goes on writing the lake, and the survey stays.
    manager.post("/v1/purchases", &purchase("r2", "1", 1_000)).expect(201);
    write().expect("the ledger's lake");
    let manifest = house.runtime.block_on(lake.view_lake()).unwrap();
    assert_eq!(manifest.rows(analytics::lake::Table::Surveys), 1);
    let again = import_form(&[("map", MAP), ("answers", &answers)]).expect(201).json();
    assert_eq!(again["replaced"], 1, "a survey of the same name replaces itself");

    let none = import_form(&[("map", MAP), ("answers", "who,at,q\nmem_9,2026-03-01,5\n")]).expect(201).json();
    assert_eq!((&none["status"], &none["rejected"]["unknown_respondent"]), (&"failed".into(), &1.into()));
    assert!(none["detail"].as_str().unwrap().contains("left as it was"), "{none}");
    let lacks =
        import_form(&[("map", MAP), ("answers", "who,when,q\nmem_9,2026-03-01,5\n")]).expect(201).json();
    let detail = lacks["detail"].as_str().unwrap();
    assert!(detail.contains("answers.txt lacks column “at”"), "{detail}");
    let packed = import_form(&[("map", MAP), ("answers", "PAR1")]).expect(201).json();
    assert!(packed["detail"].as_str().unwrap().contains("send it as text"), "{packed}");
}

#[test]
fn a_form_without_map_or_answers_is_refused_by_name() {
    let house = house_with_lake();
    let analyst = house.actor("desk", &[Scope::SurveysWrite]);
    let send = |body: &str| analyst.send("POST", "/v1/survey-imports", &MULTIPART, Some(body));
    for (body, field) in [
        (form(&[("answers", "a")]), "map"),
        (form(&[("map", MAP)]), "answers"),
        (form(&[("map", MAP), ("answers", "a"), ("more", "b")]), "more"),
        (form(&[("map", "survey = 5"), ("answers", "a")]), "map"),
    ] {
        let refused = send(&body).expect(400);
        assert_eq!(refused.problem(), ("field_invalid".to_owned(), Some(field.to_owned())), "{body}");
    }
    assert_eq!(send("--B").expect(400).problem().0, "malformed");
    let as_json = analyst.post("/v1/survey-imports", &serde_json::json!({}));
    assert_eq!(as_json.expect(415).problem().0, "media_type_unsupported");
    analyst.get("/v1/survey-imports/0123456789abcdef").expect(404);
    let trial = house.actor_with("trial", operations::KeyMode::Test, &[Scope::SurveysWrite]);
    let tried = trial.send("POST", "/v1/survey-imports", &MULTIPART, Some(&form(&[])));
    assert_eq!(tried.expect(403).problem().0, "test_key");
}
