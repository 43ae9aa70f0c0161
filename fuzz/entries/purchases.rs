//! Bodies of `POST /v1/purchases`.

use domain::document::Purchase;
use domain::programme::{CompiledProgramme, parse_toml};
use operations::Command;

use crate::judge::{Read, instant, judge};

/// The programme that judges purchases.
const SHOP: &str = include_str!("../corpus/programmes/shop.toml");

/// A body of `POST /v1/purchases`: read as the endpoint reads it, then judged for a new member.
pub fn purchases(bytes: &[u8]) -> Read {
    let commands = match perennial::api::read_purchases(bytes, Some("CN")) {
        Ok(commands) => commands,
        Err(problem) => {
            let told = serde_json::to_value(&problem).expect("a problem can be written");
            let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
            assert!(!text("detail").is_empty(), "no words: {told}");
            match text("code").as_str() {
                "field_invalid" => assert!(!text("field").is_empty(), "no place: {told}"),
                "malformed" => assert!(text("detail").contains("cannot be read"), "no place: {told}"),
                other => panic!("another code than those of reading, {other}: {told}"),
            }
            return Read::Refused;
        }
    };
    let shop = parse_toml(SHOP).expect("the shop's programme");
    let shop =
        CompiledProgramme::compile(shop, 1, instant("2020-01-01T00:00:00Z")).expect("the shop's programme");
    let mut read = Read::Refused;
    for command in &commands {
        let document = purchase(command);
        let json = serde_json::to_string(&document).expect("what was read can be written");
        let again: Purchase = serde_json::from_str(&json).expect("what was written can be read");
        assert_eq!(again, document, "written and read again: {json}");
        if judge(shop.clone(), document) {
            read = Read::Judged;
        }
    }
    read
}

fn purchase(command: &Command) -> Purchase {
    match command {
        Command::RecordPurchase { purchase, .. } => purchase.clone(),
        other => panic!("the endpoint for purchases made another command: {other:?}"),
    }
}
