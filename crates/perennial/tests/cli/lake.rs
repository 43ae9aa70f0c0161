//! The lake from the command line: files straight into one, a ledger into another, questions by name and in SQL.

use analytics::demo::{DemoOptions, DemoRetailer};
use jiff::civil::date;
use serde_json::Value;

use super::shop::Shop;

/// A shop with a small retailer's files in it; the path of their map.
fn with_files() -> (Shop, String) {
    let shop = Shop::with_programme();
    let options = DemoOptions { seed: 5, members: 60, months: 9, ends_on: date(2026, 6, 30) };
    let files = DemoRetailer::new(options).unwrap().write_csv(&shop.path("data")).unwrap();
    (shop, files.map.to_str().unwrap().to_owned())
}

fn figure(report: &Value, name: &str) -> f64 {
    let figures = report["figures"].as_array().unwrap();
    figures.iter().find(|figure| figure["name"] == name).unwrap_or_else(|| panic!("{name}"))["value"]
        .as_f64()
        .unwrap()
}

#[test]
fn files_and_the_ledger_they_were_imported_into_give_the_same_answers() {
    let (shop, map) = with_files();
    let files = ["import", "purchases", "data", "--map", &map];
    let direct = shop.json(files.into_iter().chain(["--into-lake", "direct.lake"]));
    let again = shop.json(files.into_iter().chain(["--into-lake", "direct.lake"]));
    assert_eq!(again["documents"], 0);
    assert_eq!(again["passed_over"], direct["documents"]);
    shop.json(files);
    let written = shop.json(["write-lake", "--lake", "ledger.lake"]);
    assert!(written["entries"].as_u64().unwrap() > 500, "{written}");
    assert_eq!(shop.json(["write-lake", "--lake", "ledger.lake"])["entries"], 0);

    let ask = |name: &str, lake: &str| shop.json(["report", name, "--lake", lake]);
    for (name, figures) in [
        ("core-customers", &["gini", "top-20"][..]),
        ("repeat-purchase", &["repeat-rate", "visits-per-member"]),
        ("cohorts", &["retention-1"]),
    ] {
        let (one, other) = (ask(name, "direct.lake"), ask(name, "ledger.lake"));
        assert_eq!(one["members"], other["members"], "{name}");
        for wanted in figures {
            assert!((figure(&one, wanted) - figure(&other, wanted)).abs() < 1e-12, "{name}: {wanted}");
        }
    }
    let sql = "select sum(amount) as amount, count(*) as documents from purchases";
    let [direct, ledger] = ["direct.lake", "ledger.lake"].map(|lake| shop.json(["sql", sql, "--lake", lake]));
    assert_eq!(direct, ledger);
}

#[test]
fn an_answer_is_words_a_table_or_a_file() {
    let (shop, map) = with_files();
    shop.json(["import", "purchases", "data", "--map", &map, "--into-lake", "l"]);
    let ran = shop.run(["report", "core-customers", "--lake", "l", "--show-sql"]);
    ran.succeeded()
        .says("top-20")
        .says("95 %:")
        .says("deciles")
        .says("-- core_customers_deciles")
        .says("source:");
    let ran = shop.run(["report", "core-customers", "--lake", "l", "--table", "deciles", "--format", "csv"]);
    ran.succeeded().says("decile,members,amount,amount_share");
    let to_file = ["report", "cohorts", "--lake", "l", "--format", "parquet", "--output", "cohorts.parquet"];
    shop.run(to_file).succeeded();
    assert!(std::fs::read(shop.path("cohorts.parquet")).unwrap().starts_with(b"PAR1"));
    shop.run(to_file).expect_code(1);
    let ran =
        shop.run(["sql", "select kind, count(*) from purchases group by kind order by kind", "--lake", "l"]);
    ran.succeeded().says("| purchase |");
}

#[test]
fn a_question_that_cannot_be_answered_says_what_to_do() {
    let (shop, map) = with_files();
    let code = |arguments: &[&str], code: i32| {
        let ran = shop.run(["--json"].iter().chain(arguments));
        ran.expect_code(code);
        ran.error_code()
    };
    assert_eq!(code(&["report", "rfm", "--lake", "nowhere"], 1), "lake");
    shop.json(["import", "purchases", "data", "--map", &map, "--into-lake", "l"]);
    assert_eq!(code(&["report", "rfm", "--lake", "l", "--store", "nowhere"], 3), "no_answer");
    assert_eq!(code(&["report", "rfm", "--lake", "l", "--currency", "XYZ"], 3), "field_invalid");
    assert_eq!(
        code(&["report", "rfm", "--lake", "l", "--from", "2026-05-01", "--to", "2026-04-01"], 3),
        "field_invalid"
    );
    assert_eq!(code(&["sql", "drop table purchases", "--lake", "l"], 2), "usage");
    let ran = shop.run(["report", "rmf", "--lake", "l"]);
    ran.expect_code(2);
    assert!(ran.stderr.contains("core-customers, top-group, rfm, cohorts"), "{}", ran.stderr);
    let ran = shop.run(["report", "rfm", "--lake", "l", "--table", "deciles"]);
    ran.expect_code(2);
    assert!(ran.stderr.contains("rfm-segments, rfm-cells"), "{}", ran.stderr);
    let ran = shop.run(["sql", "select 1", "--lake", "gopher://x/y"]);
    ran.expect_code(2);
    assert!(ran.stderr.contains("gopher"), "{}", ran.stderr);
    if !cfg!(feature = "object-stores") {
        let ran = shop.run(["sql", "select 1", "--lake", "s3://bucket/lake"]);
        ran.expect_code(2);
        let stderr = &ran.stderr;
        assert!(
            stderr.contains("s3://bucket/lake") && stderr.contains("--features object-stores"),
            "{stderr}"
        );
    }
    let found = std::fs::read_dir(shop.path("l/lines")).unwrap().next().unwrap().unwrap().path();
    let file = std::fs::read_dir(found).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&file, "PAR1").unwrap();
    let ran = shop.run(["sql", "select sum(amount) from lines", "--lake", "l"]);
    ran.expect_code(1);
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(ran.stderr.contains(name) && ran.stderr.contains("is damaged"), "{}", ran.stderr);
}

#[test]
fn an_engine_that_there_is_not_is_refused_before_anything_is_asked() {
    let shop = Shop::new();
    let ask = |engine: &str| {
        let ran = shop.run(["report", "rfm", "--lake", "l", "--engine", engine]);
        ran.expect_code(2);
        ran.stderr.clone()
    };
    let unknown = ask("trino://localhost:8080");
    assert!(unknown.contains("ballista://host:port"), "{unknown}");
    if cfg!(not(feature = "ballista")) {
        let without = ask("ballista://localhost:50050");
        assert!(
            without.contains("built without Ballista") && without.contains("--features ballista"),
            "{without}"
        );
    }
}

#[test]
fn scores_and_worth_of_each_member_are_written_to_files() {
    let (shop, map) = with_files();
    shop.json(["import", "purchases", "data", "--map", &map, "--into-lake", "l"]);
    for (question, header) in [
        ("rfm", "member,segment,recency,frequency,monetary,last_day,purchases,amount\n"),
        ("lifetime-value", "member,visits,last_day,active_chance,purchases_next_year,lifetime_value\n"),
    ] {
        let report = shop.json(["report", question, "--lake", "l"]);
        let file = format!("{question}.csv");
        let written = shop.json(["report", question, "--lake", "l", "--members", &file]);
        assert_eq!(written["members"], report["members"], "{question}");
        let text = std::fs::read_to_string(shop.path(&file)).unwrap();
        assert!(text.starts_with(header), "{text}");
        let mut members: Vec<&str> =
            text.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
        members.sort_unstable();
        members.dedup();
        assert_eq!(members.len() as u64, report["members"].as_u64().unwrap(), "each once");
    }
}

#[test]
fn who_is_in_which_club_is_written_to_a_file() {
    let (shop, map) = with_files();
    shop.json(["import", "purchases", "data", "--map", &map, "--into-lake", "l"]);
    let report = shop.json(["report", "clubs", "--lake", "l"]);
    let clubs = report["tables"][0]["rows"].as_array().unwrap();
    let written = shop.json(["report", "clubs", "--lake", "l", "--members", "clubs.csv"]);
    let places: u64 = clubs.iter().map(|club| club[1].as_u64().unwrap()).sum();
    assert_eq!(written["members"], places, "{report}");
    let text = std::fs::read_to_string(shop.path("clubs.csv")).unwrap();
    assert!(text.starts_with("member,segment,index,purchases\n"), "{text}");
    assert_eq!(text.lines().count() as u64, 1 + places);
    shop.write("own.toml", "[[club]]\nname = \"own\"\ncategories = [\"no such thing\"]\n");
    let ran = shop.run(["--json", "report", "clubs", "--lake", "l", "--clubs", "own.toml"]);
    ran.expect_code(3);
    assert_eq!(ran.error_code(), "field_invalid");
}

#[test]
fn who_is_in_which_segment_is_written_to_a_file() {
    let (shop, map) = with_files();
    shop.json(["import", "purchases", "data", "--map", &map, "--into-lake", "l"]);
    let asked = ["report", "segment-stack", "--lake", "l"];
    let report = shop.json(asked);
    let to = |file: &'static str, layer: &'static str| {
        asked.into_iter().chain(["--members", file, "--layer", layer]).collect::<Vec<_>>()
    };
    let written = shop.json(to("stages.csv", "life-stage"));
    assert_eq!((&written["members"], &written["layer"]), (&report["members"], &"life-stage".into()));
    assert!(report["tables"].to_string().contains(written["version"].as_str().unwrap()), "{written}");
    let text = std::fs::read_to_string(shop.path("stages.csv")).unwrap();
    assert!(text.starts_with("member,segment,probability\n"), "{text}");
    assert_eq!(text.lines().count() as u64, 1 + report["members"].as_u64().unwrap());
    shop.run(to("stages.csv", "usage")).expect_code(1);
    shop.run(to("usage.parquet", "usage").into_iter().chain(["--format", "parquet"]))
        .succeeded()
        .says("usage");
    assert!(std::fs::read(shop.path("usage.parquet")).unwrap().starts_with(b"PAR1"));

    shop.run(to("x.csv", "mood")).expect_code(2);
    let ran = shop.run(["report", "cohorts", "--lake", "l", "--members", "x.csv"]);
    ran.expect_code(3);
    assert!(ran.stderr.contains("segment-stack") && !shop.path("x.csv").exists(), "{}", ran.stderr);
    std::fs::write(shop.path("markers.toml"), "[[marker]]\nname = 1\n").unwrap();
    let ran = shop.run(["--json"].into_iter().chain(asked).chain(["--markers", "markers.toml"]));
    ran.expect_code(3);
    assert_eq!(ran.error_code(), "field_invalid");
}

#[test]
fn a_survey_joins_the_lake_and_its_questions_are_answered() {
    let (shop, map) = with_files();
    shop.json(["import", "purchases", "data", "--map", &map, "--into-lake", "l"]);
    let sql = "select string_agg(member, ',') as members from members";
    let found = shop.json(["sql", sql, "--lake", "l"]);
    let members: Vec<&str> = found["members"].as_str().unwrap().split(',').take(40).collect();
    let forms: Vec<String> = members
        .iter()
        .map(|member| format!("{member},2026-05-01,{}", if *member > "m" { 4 } else { 10 }))
        .collect();
    let text = format!("card,answered,recommend\n{}\nnobody,2026-05-01,3\n", forms.join("\n"));
    std::fs::write(shop.path("answers.csv"), text).unwrap();
    let survey = "survey = \"spring\"\ntime_zone = \"UTC\"\nmember = { column = \"card\" }\n\
                  answered_at = { columns = [\"answered\"] }\nquestion = { recommend = \"recommend\" }\n";
    std::fs::write(shop.path("survey.toml"), survey).unwrap();
    let import = ["import", "survey", "answers.csv", "--map", "survey.toml", "--lake", "l"];
    let imported = shop.json(import);
    assert_eq!((&imported["forms"], &imported["rejected"]["unknown_respondent"]), (&40.into(), &1.into()));
    shop.run(import).succeeded().says("40 forms with 40 answers written, 40 answers replaced");
    let answer = shop.json(["report", "satisfaction", "--lake", "l"]);
    assert!(figure(&answer, "net-promoter-score").abs() <= 100.0);
    let answer = shop.json(["report", "loyalty-types", "--lake", "l"]);
    assert!(figure(&answer, "types-asked") <= 40.0 && figure(&answer, "types-judged") > 0.0, "{answer}");
    let ran = shop.run(["report", "scorecard", "--factor-weights", "50,50", "--lake", "l"]);
    ran.expect_code(3);
    assert!(ran.stderr.contains("factor_weights is “50,50”"), "{}", ran.stderr);

    // A file of which nothing can be used does not take away what is there.
    std::fs::write(shop.path("strangers.csv"), "card,answered,recommend\nnobody,2026-05-01,3\n").unwrap();
    let ran = shop.run(["import", "survey", "strangers.csv", "--map", "survey.toml", "--lake", "l"]);
    ran.expect_code(1);
    assert!(ran.stderr.contains("unknown_respondent: 1"), "{}", ran.stderr);
    let kept = shop.json(["sql", "select count(*) as answers from surveys", "--lake", "l"]);
    assert_eq!(kept["answers"], 40);

    std::fs::write(shop.path("survey.toml"), survey.replace("recommend =", "recommand =")).unwrap();
    let ran = shop.run(import);
    ran.expect_code(2);
    assert!(ran.stderr.contains("recommand") && ran.stderr.contains("line 5"), "{}", ran.stderr);
    std::fs::write(shop.path("survey.toml"), survey.replace("\"recommend\" }", "\"q9\" }")).unwrap();
    let ran = shop.run(import);
    ran.expect_code(1);
    assert!(ran.stderr.contains("column “q9” (map field question.recommend)"), "{}", ran.stderr);
}

#[test]
fn claims_are_printed_with_source_and_status() {
    let (shop, _) = with_files();
    shop.run(["claims"]).succeeded().says("McKinsey Quarterly").says("contradicted").says("core-customers");
    let implausible = shop.json(["claims", "--status", "implausible"]);
    let claims = implausible.as_array().unwrap();
    assert!(claims.len() > 1 && claims.iter().all(|claim| claim["status"] == "implausible"), "{claims:?}");
    let ran = shop.run(["claims", "--status", "true"]);
    ran.expect_code(2);
    assert!(ran.stderr.contains("use one of confirmed"), "{}", ran.stderr);
}

#[test]
fn a_campaign_joins_the_lake_and_replaces_itself() {
    let (shop, map) = with_files();
    shop.json(["import", "purchases", "data", "--map", &map, "--into-lake", "l"]);
    let found = shop.json(["sql", "select min(member) as member from members", "--lake", "l"]);
    let member = found["member"].as_str().unwrap();
    let text = format!("card,sent,arm,cost\n{member},2026-05-01,mail,0.85\nnobody,2026-05-01,mail,0.85\n");
    std::fs::write(shop.path("sent.csv"), text).unwrap();
    let campaign = "campaign = \"spring\"\ntime_zone = \"UTC\"\nmember = { column = \"card\" }\n\
                    contacted_at = { columns = [\"sent\"] }\nchannel = \"=mail\"\narm = \"arm\"\ncost = \"cost\"\n\
                    currency = \"CNY\"\n";
    std::fs::write(shop.path("contacts.toml"), campaign).unwrap();
    let import = ["import", "contacts", "sent.csv", "--map", "contacts.toml", "--lake", "l"];
    let imported = shop.json(import);
    assert_eq!((&imported["contacts"], &imported["rejected"]["unknown_respondent"]), (&1.into(), &1.into()));
    let again = shop.run(import.into_iter().chain(["--reject", "rejects.csv"]));
    again.succeeded().says("campaign spring: 1 contacts written, 1 replaced").says("rejected: 1 rows");
    assert!(std::fs::read_to_string(shop.path("rejects.csv")).unwrap().contains("3,member,nobody"));
    let kept =
        shop.json(["sql", "select count(*) as contacts, sum(cost) as cost from contacts", "--lake", "l"]);
    assert_eq!((&kept["contacts"], &kept["cost"]), (&1.into(), &85.into()));
    std::fs::write(shop.path("contacts.toml"), campaign.replace("channel", "chanel")).unwrap();
    let ran = shop.run(import);
    ran.expect_code(2);
    assert!(ran.stderr.contains("chanel") && ran.stderr.contains("line 5"), "{}", ran.stderr);
}
