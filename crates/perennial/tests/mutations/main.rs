//! The entries of the fuzz targets, driven by seeded mutations of a small corpus: what the gate can run without a nightly
//! compiler. The same seed gives the same inputs on every machine.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../../../../fuzz/entries/import_maps.rs"]
#[allow(unreachable_pub)]
mod import_maps;
#[path = "../../../../fuzz/entries/judge.rs"]
#[allow(unreachable_pub)]
mod judge;
mod mutate;
#[path = "../../../../fuzz/entries/programmes.rs"]
#[allow(unreachable_pub)]
mod programmes;
#[path = "../../../../fuzz/entries/purchases.rs"]
#[allow(unreachable_pub)]
mod purchases;
#[path = "../../../../fuzz/entries/voucher_codes.rs"]
#[allow(unreachable_pub)]
mod voucher_codes;

use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::path::Path;

use judge::Read;
use mutate::{Random, mutated};

/// Inputs tried at each entry, unless the environment says otherwise.
const INPUTS: u64 = 5_000;
const INPUTS_VARIABLE: &str = "PERENNIAL_MUTATIONS";
const SEED_VARIABLE: &str = "PERENNIAL_SEED";

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.replace('_', "").parse().unwrap())
}

/// The files of some folders, in the order of their names.
fn corpus(folders: &[&str]) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let list = |folder: &&str| std::fs::read_dir(root.join(folder)).unwrap();
    let mut files: Vec<_> = folders.iter().flat_map(list).map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "no corpus in {folders:?}");
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

fn name_of(read: Read) -> &'static str {
    match read {
        Read::Foreign => "foreign",
        Read::Refused => "refused",
        Read::Accepted => "accepted",
        Read::Judged => "judged",
    }
}

/// Tries every file of the corpus as it is, then mutations of it, and says what became of them; `best` is how far an
/// input gets at this entry.
fn drive(folders: &[&str], entry: fn(&[u8]) -> Read, best: Read) -> BTreeMap<&'static str, u64> {
    let corpus = corpus(folders);
    for file in &corpus {
        assert_eq!(entry(file), best, "{}", String::from_utf8_lossy(file));
    }
    let asked = number(SEED_VARIABLE);
    let seeds = asked.map_or(0..number(INPUTS_VARIABLE).unwrap_or(INPUTS), |seed| seed..seed + 1);
    let mut counts = BTreeMap::new();
    for seed in seeds {
        let input = mutated(&corpus, &mut Random::new(seed));
        let Ok(read) = catch_unwind(|| entry(&input)) else {
            panic!("{SEED_VARIABLE}={seed}: a panic on:\n{}", input.escape_ascii());
        };
        *counts.entry(name_of(read)).or_insert(0) += 1;
    }
    println!("{folders:?}: {counts:?}");
    if asked.is_none() {
        // Floors: mutations that are all refused, or all accepted, or never judged where they can be, would prove little.
        let count = |name: &str| counts.get(name).copied().unwrap_or(0);
        let (furthest, refused) = (count(name_of(best)), count("refused"));
        let all: u64 = counts.values().sum();
        assert!(furthest * 50 >= all && refused * 50 >= all, "at least one in fifty each: {counts:?}");
    }
    counts
}

#[test]
fn whatever_a_programme_file_holds_it_is_understood_or_its_fault_is_named() {
    drive(&["fuzz/corpus/programmes", "examples/programmes"], programmes::programmes, Read::Judged);
}

#[test]
fn whatever_an_import_map_holds_it_is_understood_or_its_fault_is_named() {
    drive(&["fuzz/corpus/import_maps", "examples/maps"], import_maps::import_maps, Read::Accepted);
}

#[test]
fn whatever_the_map_of_a_survey_holds_it_is_understood_or_its_fault_is_named() {
    drive(&["examples/surveys"], import_maps::survey_maps, Read::Accepted);
}

#[test]
fn whatever_the_map_of_a_campaign_holds_it_is_understood_or_its_fault_is_named() {
    drive(&["examples/contacts"], import_maps::contact_maps, Read::Accepted);
}

#[test]
fn whatever_the_body_of_purchases_holds_it_is_recorded_or_its_fault_is_named() {
    drive(&["fuzz/corpus/purchases"], purchases::purchases, Read::Judged);
}

#[test]
fn whatever_is_typed_as_a_voucher_code_is_one_code_or_its_fault_is_named() {
    drive(&["fuzz/corpus/voucher_codes"], voucher_codes::voucher_codes, Read::Accepted);
}
