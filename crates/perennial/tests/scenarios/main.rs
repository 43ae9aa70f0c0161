//! The scenarios of `tests/scenarios/` at the root: each is read from its file and told to the real server through its
//! API, on both databases; afterwards the ledger must verify without a difference.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod acts;
mod checks;
#[path = "../api/house.rs"]
#[allow(dead_code, reason = "the API's own tests use all of it")]
mod house;
mod mistakes;
mod phrase;
mod run;
#[path = "../api/samples.rs"]
#[allow(dead_code, reason = "the API's own tests use all of it")]
mod samples;
mod stage;
mod story;

use std::path::{Path, PathBuf};

use stage::Kind;
use story::Story;

/// Names a part of the file names that are to be run; all of them when absent.
const CHOICE: &str = "PERENNIAL_SCENARIO";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios")
}

/// Every scenario, by file name.
fn stories() -> Vec<Story> {
    let chosen = std::env::var(CHOICE).unwrap_or_default();
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "md") && !path.ends_with("README.md"));
    files.sort();
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    files.retain(|path| name(path).contains(&chosen));
    let read = |path: &PathBuf| Story::read(&name(path), &std::fs::read_to_string(path).unwrap());
    files.iter().map(|path| read(path).unwrap_or_else(|failure| panic!("{failure}"))).collect()
}

/// Tells all of them and fails with every mistake at once.
fn tell_all(kind: Kind) {
    if !kind.is_here() {
        return;
    }
    let stories = stories();
    assert!(!stories.is_empty(), "no scenario is named so");
    let failures: Vec<String> = stories
        .iter()
        .filter_map(|story| run::tell(story, kind).err())
        .map(|failure| format!("on {kind:?}: {failure}"))
        .collect();
    assert!(failures.is_empty(), "{} of {}:\n\n{}", failures.len(), stories.len(), failures.join("\n\n"));
    println!("{} scenarios on {kind:?}", stories.len());
}

#[test]
fn every_scenario_comes_out_as_written_on_sqlite() {
    tell_all(Kind::Sqlite);
}

#[test]
fn every_scenario_comes_out_as_written_on_postgresql() {
    tell_all(Kind::Postgres);
}

#[test]
fn every_scenario_is_listed_in_the_readme() {
    let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
    for story in stories() {
        assert!(readme.contains(&format!("]({})", story.file)), "README.md does not list {}", story.file);
        let title = &story.title;
        assert!(readme.contains(title.as_str()), "README.md has another title for {}: {title}", story.file);
    }
}
