//! The models of a customer base on the CDNOW and the donations data, against the published estimates and those of
//! peers. The data folder is optional: without it the tests say so and pass.

use std::collections::BTreeMap;
use std::path::PathBuf;

use arrow::array::{Array, Int64Array};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use stats::customer_base::{
    BetaGeometricBetaBinomial, BetaGeometricNbd, FirstDropout, Fit, GammaGamma, Groups, History, Nbd,
    OpportunityHistory, ParetoNbd, Spend, Tally,
};

const CDNOW: &str = "cdnow/cdnow_sample_1in10.parquet";
/// Days since 1970 of 1997-09-30, with which the 39 weeks of calibration end, and length of a week.
const CALIBRATED_ON: i64 = 10_134;
const WEEK_DAYS: f64 = 7.0;
/// Length of the holdout, in weeks.
const HOLDOUT: f64 = 39.0;

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

/// These columns of a Parquet file as whole numbers (dates as days since 1970), row by row.
fn rows<const N: usize>(path: PathBuf, names: [&str; N]) -> Vec<[i64; N]> {
    let file = std::fs::File::open(path).expect("readable");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet").build().expect("Parquet");
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.expect("rows");
        let columns = names.map(|name| {
            let column = batch.column_by_name(name).expect("the column");
            // Dates are cast to numbers by way of their own width only.
            let column = match column.data_type() {
                DataType::Date32 => &cast(column, &DataType::Int32).expect("days"),
                _ => column,
            };
            let column = cast(column, &DataType::Int64).expect("numbers");
            column.as_any().downcast_ref::<Int64Array>().expect("cast above").clone()
        });
        rows.extend((0..batch.num_rows()).map(|row| std::array::from_fn(|i| columns[i].value(row))));
    }
    rows
}

/// Cents by customer and day: purchases of one day are one.
fn purchases() -> Option<BTreeMap<i64, BTreeMap<i64, i64>>> {
    let mut customers: BTreeMap<i64, BTreeMap<i64, i64>> = BTreeMap::new();
    for [customer, day, cents] in rows(data_file(CDNOW)?, ["customer_id", "date", "cents"]) {
        *customers.entry(customer).or_default().entry(day).or_insert(0) += cents;
    }
    assert_eq!(customers.len(), 2_357);
    Some(customers)
}

/// Days of repeat purchases up to the end of calibration, and the first day.
fn calibration(days: &BTreeMap<i64, i64>) -> (i64, Vec<(i64, i64)>) {
    let mut seen = days.range(..=CALIBRATED_ON).map(|(day, cents)| (*day, *cents));
    let (first, _) = seen.next().expect("everybody bought in the first weeks");
    (first, seen.collect())
}

#[expect(clippy::cast_precision_loss, reason = "days of two years")]
fn weeks(days: i64) -> f64 {
    days as f64 / WEEK_DAYS
}

fn history(days: &BTreeMap<i64, i64>) -> History {
    let (first, repeats) = calibration(days);
    let last = repeats.last().map_or(first, |(day, _)| *day);
    let count = u32::try_from(repeats.len()).expect("a few");
    History::new(count, weeks(last - first), weeks(CALIBRATED_ON - first)).expect("a history")
}

fn histories() -> Option<Groups<History>> {
    let mut tally = Tally::default();
    for days in purchases()?.values() {
        tally.add(history(days));
    }
    Some(tally.groups())
}

/// Estimates and likelihood as the references print them; peers stop their searches a little short of the top, so that
/// ours may be higher, and parameters differ in the fourth digit.
fn check<M, const N: usize>(
    name: &str,
    fit: &Fit<M, N>,
    found: [f64; N],
    expected: [f64; N],
    log_likelihood: f64,
) {
    println!(
        "{name}: {found:?}, standard errors {:?}, ln L {:.4}, {} evaluations",
        fit.standard_errors, fit.log_likelihood, fit.evaluations
    );
    for (found, expected) in found.iter().zip(expected) {
        assert!((found / expected - 1.0).abs() < 5e-4, "{name}: {found}, not {expected}");
    }
    assert!((fit.log_likelihood - log_likelihood).abs() < 0.01, "{name}: ln L {}", fit.log_likelihood);
}

#[test]
fn the_models_of_cdnow_have_their_published_estimates() {
    let Some(groups) = histories() else { return };
    assert_eq!(groups.customers(), 2_357);
    let nbd = Nbd::fit(&groups).expect("a fit");
    check("NBD", &nbd, nbd.model.parameters(), [0.38477, 12.0721], -9763.66);
    // Fader, Hardie and Lee (2005), table 2: .553, 10.578, .606, 11.669, −9595.0 and .243, 4.414, .793, 2.426, −9582.4.
    let pareto = ParetoNbd::fit(&groups).expect("a fit");
    check("Pareto/NBD", &pareto, pareto.model.parameters(), [0.55328, 10.5777, 0.60621, 11.668], -9594.97);
    let bg = BetaGeometricNbd::fit(&groups, FirstDropout::AfterRepeat).expect("a fit");
    check("BG/NBD", &bg, bg.model.parameters(), [0.24259, 4.4135, 0.79289, 2.42575], -9582.43);
    let mbg = BetaGeometricNbd::fit(&groups, FirstDropout::AfterFirst).expect("a fit");
    check("MBG/NBD", &mbg, mbg.model.parameters(), [0.52484, 6.1830, 0.89136, 1.6140], -9582.13);
}

#[test]
fn bg_nbd_expects_of_the_holdout_what_the_reference_does() {
    let Some(customers) = purchases() else { return };
    let Some(groups) = histories() else { return };
    let model = BetaGeometricNbd::fit(&groups, FirstDropout::AfterRepeat).expect("a fit").model;
    // The customer of the published worked example; 1.226 there.
    let one = History::new(2, 30.43, 38.86).expect("a history");
    let found = model.expected_given(&one, HOLDOUT).expect("a span");
    assert!((found - 1.2259).abs() < 5.1e-4, "{found}");
    let expected: f64 =
        customers.values().map(|days| model.expected_given(&history(days), HOLDOUT).expect("a span")).sum();
    assert!((expected - 1_653.4).abs() < 0.5, "{expected}");
    let actual: usize = customers.values().map(|days| days.range(CALIBRATED_ON + 1..).count()).sum();
    assert_eq!(actual, 1_882);
}

#[test]
fn spend_of_cdnow_has_its_published_estimates() {
    let Some(customers) = purchases() else { return };
    let means: Vec<Spend> = customers
        .values()
        .filter_map(|days| {
            let (_, repeats) = calibration(days);
            let count = u32::try_from(repeats.len()).expect("a few");
            let cents =
                i32::try_from(repeats.iter().map(|(_, cents)| cents).sum::<i64>()).expect("some thousands");
            (count > 0)
                .then(|| Spend::new(count, f64::from(cents) / 100.0 / f64::from(count)).expect("a mean"))
        })
        .collect();
    assert_eq!(means.len(), 946);
    let fit = GammaGamma::fit(&Groups::of(means)).expect("a fit");
    check("Gamma-Gamma", &fit, fit.model.parameters(), [6.2488, 3.7446, 15.4478], -4055.92);
    let mean = fit.model.population_mean().expect("finite");
    assert!((mean - 35.171).abs() < 0.002, "{mean}");
}

#[test]
fn the_donations_have_their_published_estimates() {
    let Some(path) = data_file("cdnow/donations_bgbb.parquet") else { return };
    let donors = rows(path, ["frequency", "recency", "periods", "weights"]).into_iter().flat_map(|row| {
        let [purchases, last, opportunities, donors] =
            row.map(|value| u32::try_from(value).expect("a count"));
        (0..donors).map(move |_| OpportunityHistory::new(purchases, last, opportunities))
    });
    let groups = Groups::from_rows(donors).expect("histories");
    assert_eq!((groups.customers(), groups.as_slice().len()), (11_104, 22));
    let fit = BetaGeometricBetaBinomial::fit(&groups).expect("a fit");
    check("BG/BB", &fit, fit.model.parameters(), [1.2035, 0.7497, 0.6567, 2.7834], -33225.58);
}
