//! What the repository publishes about programmes: the examples and the JSON Schema.

use super::listed;
use crate::programme::{Programme, check_toml, examples, json_schema};

#[test]
fn every_example_reads_without_a_finding_and_survives_toml_and_json() {
    for example in examples() {
        let (programme, findings) = check_toml(example.toml);
        assert!(findings.is_empty(), "{}:\n{}", example.name, listed(&findings));
        let programme = programme.unwrap();
        assert_eq!(programme.code.as_str(), example.name);
        let json = serde_json::to_string(&programme).unwrap();
        assert_eq!(Programme::from_json(&json).as_ref(), Ok(&programme), "{}", example.name);
        let toml = programme.to_toml().unwrap();
        assert_eq!(super::parse_toml(&toml).as_ref(), Ok(&programme), "{}", example.name);
    }
}

/// Run with `PERENNIAL_UPDATE=1` to write the schema anew.
#[test]
#[expect(clippy::disallowed_methods, reason = "the test writes the committed file when asked to")]
fn the_published_schema_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/programme.schema.json");
    let schema = format!("{}\n", serde_json::to_string_pretty(&json_schema()).unwrap());
    if std::env::var("PERENNIAL_UPDATE").is_ok() {
        std::fs::write(path, &schema).unwrap();
    }
    let published = std::fs::read_to_string(path).unwrap();
    assert!(published == schema, "{path} is out of date: run the tests once with PERENNIAL_UPDATE=1");
}
