//! What tests of questions share: a lake in a folder of its own, made by hand or from a data set, and a look at its answers.
#![allow(unreachable_pub, reason = "one test crate, private as a whole")]

use std::path::{Path, PathBuf};

use analytics::import::{ImportMap, ImportOptions, MemberFile, SurveyMap};
use analytics::lake::{
    Lake, LakeLocation, LakeWriter, Origin, SessionOptions, SurveyImport, Table, import_into_lake,
    import_survey,
};
use analytics::report::{
    Report, ReportError, ReportName, ReportRequest, SegmentLayer, SegmentMembers, Value, run, segment_members,
};
use domain::document::{DocumentKey, Purchase, PurchaseLine};
use domain::money::Currency;
use jiff::tz::TimeZone;

/// A lake in a folder that goes with it.
pub struct Given {
    folder: tempfile::TempDir,
    lake: Lake,
}

impl Given {
    /// The same with a survey's answers imported.
    pub async fn surveyed(mut self, map: &str, answers: &str) -> (Self, SurveyImport) {
        let file = self.folder.path().join("answers.csv");
        std::fs::write(&file, answers).unwrap();
        let map = SurveyMap::parse(map).unwrap_or_else(|error| panic!("{error}"));
        let rejects = self.folder.path().join("rejects.csv");
        let place = self.lake.location().clone();
        let imported = import_survey(
            &place,
            (&map, MemberFile { path: &file, sent: None }),
            Some(&rejects),
            3,
            &mut |_| (),
        )
        .await
        .unwrap();
        self.lake = Lake::open(&place).await.unwrap();
        (self, imported)
    }

    /// What the last import rejected.
    pub fn rejects(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("rejects.csv")).unwrap()
    }

    pub fn lake(&self) -> &Lake {
        &self.lake
    }

    pub fn rows_of(&self, table: Table) -> u64 {
        self.lake.manifest().rows(table)
    }

    pub async fn report(&self, name: ReportName, request: &ReportRequest) -> Result<Report, ReportError> {
        run(&self.lake, name, request, &SessionOptions::default()).await
    }

    pub async fn segment_members(
        &self,
        layer: SegmentLayer,
        request: &ReportRequest,
    ) -> Result<SegmentMembers, ReportError> {
        segment_members(&self.lake, layer, request, &SessionOptions::default()).await
    }

    pub async fn answer(&self, name: ReportName) -> Report {
        self.report(name, &ReportRequest::default()).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}

/// A ledger's lake with what is written into it.
pub async fn written(fill: impl FnOnce(&mut LakeWriter)) -> Given {
    let folder = tempfile::tempdir().unwrap();
    let place = LakeLocation::parse(folder.path().to_str().unwrap(), Vec::new()).unwrap();
    let origin = Origin::Ledger { ledger: "L1".to_owned() };
    let mut writer = LakeWriter::open(&place, origin, &TimeZone::UTC, 1).await.unwrap();
    fill(&mut writer);
    writer.commit("1").await.unwrap();
    Given { lake: Lake::open(&place).await.unwrap(), folder }
}

/// A purchase at noon.
pub fn sale(number: usize, day: &str, lines: Vec<PurchaseLine>) -> Purchase {
    Purchase {
        key: DocumentKey { source: "till".to_owned(), reference: number.to_string() },
        occurred_at: format!("{day}T12:00:00Z").parse().unwrap(),
        currency: Currency::new("CNY").unwrap(),
        store: None,
        channel: None,
        payments: Vec::new(),
        vouchers: Vec::new(),
        lines,
    }
}

/// A data set imported into a lake with its shipped map; nothing where the data is absent.
pub async fn imported(name: &str) -> Option<Given> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let data = std::env::var_os("PERENNIAL_DATA").map_or_else(|| root.join("../shared/data"), PathBuf::from);
    let files = data.join(name);
    if !files.is_dir() {
        println!("SKIPPED: {} is absent; set PERENNIAL_DATA to the folder of data sets", files.display());
        return None;
    }
    let text = std::fs::read_to_string(root.join("examples/maps").join(format!("{name}.toml"))).unwrap();
    let map = ImportMap::parse(&text).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let place = LakeLocation::parse(folder.path().to_str().unwrap(), Vec::new()).unwrap();
    let options = ImportOptions::default();
    let first = import_into_lake(&place, (&map, std::slice::from_ref(&files)), &options, 1, &mut |_| ())
        .await
        .unwrap();
    assert!(first.documents > 0 && first.passed_over == 0);
    let again = import_into_lake(&place, (&map, &[files]), &options, 2, &mut |_| ()).await.unwrap();
    assert_eq!((again.documents, again.passed_over), (0, first.documents), "the same files change nothing");
    Some(Given { lake: Lake::open(&place).await.unwrap(), folder })
}

pub fn figure(report: &Report, name: &str) -> f64 {
    report.figure(name).unwrap_or_else(|| panic!("no figure {name}: {:?}", report.figures)).value
}

/// How many a note concerns; none if there is no such note.
pub fn note(report: &Report, name: &str) -> u64 {
    report.notes.iter().find(|note| note.name == name).map_or(0, |note| note.count)
}

/// The cells of a column.
pub fn column(report: &Report, table: &str, column: &str) -> Vec<Value> {
    let table = report.table(table).unwrap_or_else(|| panic!("no table {table}"));
    let position = table.columns.iter().position(|found| found.name == column).expect("the column");
    table.rows.iter().map(|row| row[position].clone()).collect()
}

pub fn integers(values: &[i64]) -> Vec<Value> {
    values.iter().map(|value| Value::Integer(*value)).collect()
}

pub fn texts(values: &[&str]) -> Vec<Value> {
    values.iter().map(|value| Value::Text((*value).to_owned())).collect()
}

pub fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found}, expected {expected}");
}
