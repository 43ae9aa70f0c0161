//! What the import's tests share: a folder of their own, an import run to its end, its reject file.
#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

use std::path::PathBuf;

use analytics::import::{
    Document, Import, ImportError, ImportMap, ImportOptions, ImportReport, ImportedDocument,
};

/// A folder that vanishes with the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("perennial-import-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An import run to its end.
#[derive(Debug)]
pub struct Imported {
    pub documents: Vec<ImportedDocument>,
    pub report: ImportReport,
    pub fingerprint: String,
}

pub fn import(folder: &Folder, map: &str, name: &str, bytes: &[u8]) -> Result<Imported, ImportError> {
    std::fs::write(folder.path(name), bytes).unwrap();
    run(folder, map, &[folder.path(name)], ImportOptions::default().memory_bytes)
}

pub fn import_all(folder: &Folder, map: &str, files: &[(&str, String)]) -> Result<Imported, ImportError> {
    for (name, text) in files {
        std::fs::write(folder.path(name), text).unwrap();
    }
    let paths: Vec<PathBuf> = files.iter().map(|(name, _)| folder.path(name)).collect();
    run(folder, map, &paths, ImportOptions::default().memory_bytes)
}

pub fn run(
    folder: &Folder,
    map: &str,
    paths: &[PathBuf],
    memory_bytes: usize,
) -> Result<Imported, ImportError> {
    let map = ImportMap::parse(map).unwrap_or_else(|error| panic!("{error}"));
    let options = ImportOptions {
        memory_bytes,
        spill_folder: folder.0.clone(),
        reject_file: Some(folder.path("rejects.csv")),
    };
    let mut import = Import::open(&map, paths, &options, &mut |_| {})?;
    let documents = import.by_ref().collect::<Result<Vec<_>, _>>()?;
    let report = import.report().clone();
    assert_eq!(report.accounted_rows(), report.rows, "every row is accounted for: {report:#?}");
    Ok(Imported { documents, report, fingerprint: import.fingerprint().to_owned() })
}

pub fn documents(imported: Imported) -> Vec<ImportedDocument> {
    imported.documents
}

pub fn reference(document: &ImportedDocument) -> &str {
    match &document.document {
        Document::Purchase(purchase) => &purchase.key.reference,
        Document::Return(returned) => &returned.key.reference,
    }
}

/// Row, field, value and reason of every reject.
pub fn rejects(folder: &Folder) -> Vec<(String, String, String, String)> {
    let mut reader = csv::Reader::from_path(folder.path("rejects.csv")).unwrap();
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            (record[1].to_owned(), record[2].to_owned(), record[3].to_owned(), record[4].to_owned())
        })
        .collect()
}
