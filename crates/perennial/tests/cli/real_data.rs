//! Three public retailers, imported with the maps that are shipped: every document recorded, nothing twice.

use std::path::PathBuf;

use serde_json::Value;

use super::shop::{Shop, repository};

/// The folder of public data; `None`, said loudly, where it is not there.
fn data(name: &str) -> Option<PathBuf> {
    let named = std::env::var_os("PERENNIAL_DATA").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| repository().join("../shared/data")).join(name);
    if folder.exists() {
        return Some(folder);
    }
    println!("SKIPPED: {} is not there; set PERENNIAL_DATA to the folder of public data", folder.display());
    None
}

struct Expected {
    purchases: u64,
    returns: u64,
    members: u64,
}

fn imports(name: &str, file: &str, expected: &Expected) {
    let Some(folder) = data(name) else { return };
    let shop = Shop::new();
    let map = repository().join("examples/maps").join(format!("{name}.toml"));
    let (map, file) = (map.to_str().unwrap(), folder.join(file));
    let demo = ["demo", "--data", file.to_str().unwrap(), "--map", map, "--keep-dates", "--no-serve"];
    shop.run(demo.into_iter().chain(["--database", "sqlite:shop.db"])).succeeded();
    let number = |of: &Value| of.as_u64().unwrap();
    let again = shop.json(["import", "purchases", file.to_str().unwrap(), "--map", map]);
    let (read, documents) = (&again["read"], &again["documents"]);
    assert_eq!(
        (number(&read["purchases"]), number(&read["returns"])),
        (expected.purchases, expected.returns)
    );
    assert_eq!(number(&documents["recorded"]), 0, "{documents}");
    assert_eq!(number(&documents["duplicates"]), expected.purchases + expected.returns, "{documents}");
    let report = shop.json(["verify"]);
    assert_eq!(number(&report["accounts"]), expected.members);
    assert_eq!(number(&report["documents"]), expected.purchases + expected.returns);
    assert_eq!(report["differences"], serde_json::json!([]));
}

#[test]
fn cdnow() {
    imports(
        "cdnow",
        "cdnow_sample_1in10.parquet",
        &Expected { purchases: 6_919, returns: 0, members: 2_357 },
    );
}

#[test]
fn completejourney() {
    imports(
        "completejourney",
        "transactions_sample.parquet",
        &Expected { purchases: 46_988, returns: 0, members: 2_373 },
    );
}

#[test]
fn online_retail() {
    imports(
        "online_retail",
        "online_retail.parquet",
        &Expected { purchases: 18_457, returns: 3_793, members: 4_334 },
    );
}
