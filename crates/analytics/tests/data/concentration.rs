//! The concentration of spend in the CDNOW sample against its published reference figures.
//! The data folder is optional: without it the test says so and passes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use arrow::array::{Array, Float64Array, Int64Array};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use stats::concentration::Concentration;

/// A file of the optional data folder, if it is there.
fn data_file(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("PERENNIAL_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    println!("SKIPPED: {} is not there (set PERENNIAL_DATA)", path.display());
    None
}

/// Total cents by customer.
fn spend_by_customer(path: PathBuf) -> BTreeMap<i64, f64> {
    let file = std::fs::File::open(path).expect("readable");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet").build().expect("Parquet");
    let mut totals = BTreeMap::new();
    for batch in reader {
        let batch = batch.expect("rows");
        let column = |name: &str, kind: &DataType| {
            cast(batch.column_by_name(name).expect("the column"), kind).expect("a number")
        };
        let customers = column("customer_id", &DataType::Int64);
        let cents = column("cents", &DataType::Float64);
        let customers = customers.as_any().downcast_ref::<Int64Array>().expect("cast above");
        let cents = cents.as_any().downcast_ref::<Float64Array>().expect("cast above");
        for row in 0..batch.num_rows() {
            *totals.entry(customers.value(row)).or_insert(0.0) += cents.value(row);
        }
    }
    totals
}

#[test]
fn cdnow_spend_is_as_concentrated_as_published() {
    let Some(path) = data_file("cdnow/cdnow_sample_1in10.parquet") else { return };
    let totals = spend_by_customer(path);
    assert_eq!(totals.len(), 2_357);
    let spend = Concentration::new(totals.into_values().collect()).expect("spend");
    // Reference figures of the data folder: top 2.5 % = 24.868 %, top 20 % = 67.455 %, Gini 0.63092.
    for (name, found, expected) in [
        ("top 2.5 %", spend.top_share(0.025), 0.24868),
        ("top 20 %", spend.top_share(0.2), 0.67455),
        ("Gini", spend.gini(), 0.63092),
    ] {
        assert!((found - expected).abs() < 5.1e-6, "{name}: {found}, expected {expected}");
    }
}
