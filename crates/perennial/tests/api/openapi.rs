//! The committed OpenAPI document is the one the handlers make, and every operation in it is complete.

use serde_json::Value;

/// Set to write the document instead of comparing it.
const WRITE: &str = "PERENNIAL_WRITE_OPENAPI";

#[test]
fn the_committed_document_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json");
    let made = perennial::api::openapi();
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == made, "the API changed: run this test with {WRITE}=1 and commit openapi.json");
}

#[test]
fn every_operation_is_named_tagged_and_told_in_a_sentence() {
    let document: Value = serde_json::from_str(&perennial::api::openapi()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let mut names = std::collections::BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{method} {path}");
            assert!(
                names.insert(operation["operationId"].as_str().unwrap().to_owned()),
                "{place}: its name is taken"
            );
            assert!(
                operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()),
                "{place}: no summary"
            );
            assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{place}");
            assert!(operation["responses"]["400"].is_object(), "{place}");
            for response in operation["responses"].as_object().unwrap().values() {
                assert!(response["content"].is_object(), "{place}: an answer without a body");
            }
        }
    }
    for name in
        ["record_purchase", "record_return", "record_activity", "adjust_points", "enrol_member", "explain"]
    {
        assert!(names.contains(name), "{name}");
    }
}

#[test]
fn references_within_the_document_lead_somewhere() {
    let text = perennial::api::openapi();
    let document: Value = serde_json::from_str(&text).unwrap();
    for target in text.split("\"$ref\": \"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document.pointer(target).is_some(), "{target}");
    }
}

/// The files of a folder and of those in it.
fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Schemas are known by the names of their types alone: of two with one name, one would silently describe both.
#[test]
fn no_two_types_of_the_api_share_a_name() {
    let mut names = std::collections::BTreeMap::new();
    for path in files(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/api"))) {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut described = false;
        for line in text.lines() {
            described |= line.starts_with("#[derive(") && line.contains("ToSchema");
            let mut words = line.split_whitespace().skip_while(|word| !matches!(*word, "struct" | "enum"));
            let Some(name) = words.nth(1).filter(|_| described && !line.starts_with("//")) else { continue };
            described = false;
            let name = name.split(['<', '(', '{', ';']).next().unwrap().to_owned();
            if let Some(other) = names.insert(name.clone(), path.clone()) {
                panic!("{name} is in {} and in {}: rename one of them", other.display(), path.display());
            }
        }
    }
    assert!(names.len() > 50, "found only {}: does this test still read the API's types?", names.len());
}
