//! Reads files as an import map says and prints what became of their rows: `import_purchases MAP FILE…`.
//! For measuring the reader alone, without rules and without a database.

use std::path::PathBuf;

use analytics::import::{Document, Import, ImportMap, ImportOptions};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let map_path = arguments.next().ok_or("name a map and at least one file")?;
    let files: Vec<PathBuf> = arguments.collect();
    let map = ImportMap::parse(&std::fs::read_to_string(map_path)?)?;
    let mut import = Import::open(&map, &files, &ImportOptions::default(), &mut |_| {})?;
    let mut total = 0_i64;
    for document in &mut import {
        if let Document::Purchase(purchase) = document?.document {
            total += purchase.total().unwrap_or(0);
        }
    }
    println!("{:#?}\ntotal {total}, fingerprint {}", import.report(), import.fingerprint());
    Ok(())
}
