//! The house rules a compiler cannot see, held against the tree: the crate graph and the absences of
//! ARCHITECTURE.md, what each file opens with, how long files grow, what templates, migrations and papers may hold.
//! A failure lists every place at once, each with what to do.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Longest file of our own code, in lines.
const LINES_MAX: usize = 700;
/// Longest opening comment of a Rust file, in lines.
const OPENING_LINES_MAX: usize = 5;
/// Files longer than `LINES_MAX`, with their length. Entries may shrink or go; none may be added.
const LONG_FILES: [(&str, usize); 0] = [];
/// Most packages in `Cargo.lock`: raising it is a decision, with its reason in `docs/decisions/`.
const PACKAGES_MAX: usize = 572;
/// Words a template may hold besides catalogue keys: names that are the same in every language.
const TEMPLATE_NAMES: [&str; 7] = ["Perennial", "API", "CSV", "JSON", "OpenAPI", "SQLite", "PostgreSQL"];

#[test]
fn the_crate_graph_is_the_one_architecture_states() {
    let stated = architecture_block("crate graph");
    let actual: BTreeMap<String, BTreeSet<String>> = members()
        .iter()
        .map(|name| {
            let ours = dependencies(name, &["dependencies", "build-dependencies", "dev-dependencies"]);
            // A crate may name itself among its development dependencies, to be tested with its own features.
            (name.clone(), ours.intersection(&members()).filter(|other| *other != name).cloned().collect())
        })
        .collect();
    assert_eq!(actual, stated, "left: the manifests; right: the crate graph in ARCHITECTURE.md");
}

#[test]
fn libraries_with_a_room_of_their_own_stay_in_it() {
    let mut faults = Vec::new();
    for (library, rooms) in architecture_block("rooms of libraries") {
        let users: BTreeSet<String> = members()
            .into_iter()
            .filter(|name| dependencies(name, &["dependencies"]).contains(&library))
            .collect();
        for stranger in users.difference(&rooms) {
            faults.push(format!("crate {stranger} depends on {library}, which belongs to {rooms:?} alone"));
        }
    }
    report(&faults);
}

#[test]
fn one_sqlite_one_arrow_one_tls_and_no_openssl() {
    let packages = locked_packages();
    let mut faults = Vec::new();
    for single in ["rusqlite", "libsqlite3-sys", "arrow-array", "parquet", "jiff", "axum", "rustls"] {
        let versions = packages.iter().filter(|(name, _)| name == single).count();
        if versions > 1 {
            faults.push(format!(
                "{single} is in Cargo.lock in {versions} versions: align the crates that ask for it"
            ));
        }
    }
    let named = |wanted: &str| packages.iter().any(|(name, _)| name == wanted);
    if named("ring") && named("aws-lc-sys") {
        faults.push(
            "both ring and aws-lc are in Cargo.lock: choose one rustls provider (ring) by feature flags"
                .into(),
        );
    }
    for unwanted in ["openssl-sys", "native-tls", "sqlite3-src", "sqlx-core", "diesel"] {
        if named(unwanted) {
            faults.push(format!("{unwanted} is in Cargo.lock: docs/decisions/ says why it should not be"));
        }
    }
    if packages.len() > PACKAGES_MAX {
        faults.push(format!("Cargo.lock holds {} packages, more than {PACKAGES_MAX}", packages.len()));
    }
    report(&faults);
}

#[test]
fn every_dependency_has_its_reason_in_the_decisions() {
    let reasons: String = files(&["md"])
        .into_iter()
        .filter(|(path, _)| path.starts_with("docs/decisions"))
        .map(|(_, text)| text)
        .collect();
    let faults: Vec<String> = table(&manifest("Cargo.toml")["workspace"], "dependencies")
        .iter()
        .filter(|(name, entry)| entry.get("path").is_none() && !reasons.contains(&format!("`{name}`")))
        .map(|(name, _)| format!("docs/decisions/0001-dependencies.md does not say why `{name}` is here"))
        .collect();
    report(&faults);
}

#[test]
fn every_rust_file_opens_with_what_it_is_for() {
    let mut faults = Vec::new();
    for (path, text) in files(&["rs"]) {
        let opening = text.lines().take_while(|line| line.starts_with("//!")).count();
        if opening == 0 {
            faults.push(format!("{path}: open with `//!` and a sentence that says what the file is for"));
        } else if opening > OPENING_LINES_MAX {
            faults.push(format!("{path}: {opening} opening lines; at most {OPENING_LINES_MAX}"));
        }
    }
    report(&faults);
}

#[test]
fn no_file_outgrows_its_idea() {
    let allowed: BTreeMap<&str, usize> = LONG_FILES.into_iter().collect();
    let lengths: BTreeMap<String, usize> = files(&["rs", "sql", "html", "css", "js", "mjs", "sh"])
        .iter()
        .map(|(p, t)| (p.clone(), t.lines().count()))
        .collect();
    let mut faults = Vec::new();
    for (path, length) in &lengths {
        let limit = allowed.get(path.as_str()).copied().unwrap_or(LINES_MAX);
        if *length > limit {
            faults.push(format!("{path}: {length} lines, more than {limit}: split it by idea"));
        }
    }
    for (path, limit) in allowed {
        let length = lengths.get(path).copied().unwrap_or(0);
        if length <= LINES_MAX {
            faults.push(format!("{path}: {length} lines by now: take it out of LONG_FILES"));
        } else if length < limit {
            faults.push(format!("{path}: {length} lines by now: lower its entry in LONG_FILES from {limit}"));
        }
    }
    report(&faults);
}

#[test]
fn nothing_unfinished_is_left_in_the_code() {
    // Written in two halves so that this file does not find itself.
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X:"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("dbg", "!("),
        concat!("#[ig", "nore]"),
        concat!("assert!(", "true"),
    ];
    let mut faults = Vec::new();
    for (path, text) in files(&["rs", "sql", "html", "css", "js", "mjs", "sh", "toml"]) {
        for (number, line) in text.lines().enumerate() {
            for mark in marks.iter().filter(|mark| line.contains(**mark)) {
                faults.push(format!(
                    "{path}:{}: “{mark}”: finish it, give the reason, or take it out",
                    number + 1
                ));
            }
        }
    }
    report(&faults);
}

#[test]
fn templates_speak_only_through_the_catalogue() {
    let mut faults = Vec::new();
    for (path, text) in files(&["html"]).into_iter().filter(|(path, _)| path.contains("/templates/")) {
        for literal in template_literals(&text) {
            faults.push(format!("{path}: “{literal}” belongs in the catalogue, in both languages"));
        }
    }
    report(&faults);
}

#[test]
fn the_template_rule_finds_what_it_looks_for() {
    let found = |template: &str| template_literals(template);
    assert_eq!(
        found("<p>{{ t.members }}</p><!-- note --><script src=\"/a.js\"></script>"),
        Vec::<String>::new()
    );
    assert_eq!(
        found("<p title=\"{{ t.hint }}\" class=\"card wide\">{% if a > b %}·{% endif %}</p>"),
        Vec::<String>::new()
    );
    assert_eq!(found("<h1>Perennial</h1> &nbsp; <a href=\"?a=b\">CSV</a>"), Vec::<String>::new());
    assert_eq!(found("<p>Members</p>"), ["Members"]);
    assert_eq!(found("<p>会员</p>"), ["会员"]);
    assert_eq!(found("<input placeholder=\"Search\" aria-label='{{ t.search }}'>"), ["Search"]);
    assert_eq!(found("<i alt=\"数\">{# 注 #}</i>"), ["数"]);
}

#[test]
fn links_between_papers_lead_somewhere() {
    let mut faults = Vec::new();
    for (path, text) in files(&["md"]) {
        let folder = root().join(&path).parent().expect("a file has a folder").to_owned();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#', ' ']).next()) {
            if !target.is_empty() && !target.contains("://") && !folder.join(target).exists() {
                faults.push(format!("{path}: {target} does not exist"));
            }
        }
    }
    report(&faults);
}

#[test]
fn both_databases_have_the_same_migrations() {
    let mut numbers: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for (path, _) in files(&["sql"]) {
        let Some((folder, file)) = path.split_once("/migrations/").and_then(|(_, rest)| rest.split_once('/'))
        else {
            continue;
        };
        let number = file.trim_start_matches('V').split("__").next().and_then(|digits| digits.parse().ok());
        let number = number.unwrap_or_else(|| panic!("{path}: name it V<number>__<what>.sql"));
        assert!(
            numbers.entry(folder.to_owned()).or_default().insert(number),
            "{path}: number {number} is taken"
        );
    }
    let sets: BTreeSet<&BTreeSet<u32>> = numbers.values().collect();
    assert!(sets.len() <= 1, "every migration exists for each database under the same number: {numbers:?}");
    assert!(numbers.is_empty() || numbers.len() == 2, "two dialects, SQLite and PostgreSQL: {numbers:?}");
}

/// Fails with every fault on a line of its own.
fn report(faults: &[String]) {
    assert!(faults.is_empty(), "{} place(s):\n{}", faults.len(), faults.join("\n"));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Our own files with one of these extensions, as (path from the root, text); not built, not vendored.
fn files(extensions: &[&str]) -> Vec<(String, String)> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                let foreign = ["target", "node_modules", "vendor", "vendored"].contains(&name.as_str());
                if !foreign && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|end| extensions.contains(&end.to_string_lossy().as_ref()))
            {
                let relative = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                found.push((relative, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// The lines `name → name name` of the fenced block in ARCHITECTURE.md that a comment `<!-- tidy: … -->` names.
fn architecture_block(title: &str) -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, rest) = text.split_once(&format!("<!-- tidy: {title} -->")).expect("the block is there");
    let block = rest.split("```").nth(1).expect("a fenced block follows");
    let lines: BTreeMap<String, BTreeSet<String>> = block
        .lines()
        .filter_map(|line| line.split_once('→'))
        .map(|(left, right)| (left.trim().to_owned(), right.split_whitespace().map(str::to_owned).collect()))
        .collect();
    assert!(!lines.is_empty(), "no line with an arrow in the block “{title}”");
    lines
}

fn manifest(path: &str) -> toml::Table {
    fs::read_to_string(root().join(path)).unwrap().parse().unwrap()
}

fn table(parent: &toml::Value, key: &str) -> toml::Table {
    parent.get(key).and_then(toml::Value::as_table).cloned().unwrap_or_default()
}

/// Names of the rooms; tests may be packages as well.
fn members() -> BTreeSet<String> {
    let workspace = manifest("Cargo.toml");
    let members = workspace["workspace"]["members"].as_array().unwrap();
    let rooms = members.iter().filter_map(|path| path.as_str().unwrap().strip_prefix("crates/"));
    rooms.map(str::to_owned).collect()
}

/// What a crate names in these sections of its manifest.
fn dependencies(name: &str, sections: &[&str]) -> BTreeSet<String> {
    let manifest = toml::Value::Table(manifest(&format!("crates/{name}/Cargo.toml")));
    sections.iter().flat_map(|section| table(&manifest, section)).map(|(name, _)| name).collect()
}

/// (name, version) of every package in `Cargo.lock`.
fn locked_packages() -> Vec<(String, String)> {
    let text = |package: &toml::Value, key: &str| package[key].as_str().unwrap().to_owned();
    let lock = manifest("Cargo.lock");
    lock["package"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (text(package, "name"), text(package, "version")))
        .collect()
}

/// Words in a template that reach the reader without passing through the catalogue: text between tags, and the
/// attributes that are read out or shown.
fn template_literals(template: &str) -> Vec<String> {
    let mut text = template.to_owned();
    for (open, close) in [("{#", "#}"), ("<!--", "-->"), ("{{", "}}"), ("{%", "%}")] {
        text = without(&text, open, close);
    }
    for (open, close) in [("<script", "</script>"), ("<style", "</style>"), ("<svg", "</svg>")] {
        text = without(&text, open, close);
    }
    let mut literals: Vec<String> = Vec::new();
    for attribute in ["title", "placeholder", "aria-label", "aria-description", "alt", "label", "content"] {
        literals.extend(attribute_values(&text, attribute));
    }
    let shown = without(&without(&text, "<", ">"), "&", ";");
    literals.extend(shown.split('\n').map(|line| line.trim().to_owned()));
    literals.retain(|literal| {
        literal
            .split_whitespace()
            .any(|word| word.chars().any(char::is_alphabetic) && !TEMPLATE_NAMES.contains(&word))
    });
    literals
}

/// The text without the parts between `open` and `close`; a space takes the place of each.
fn without(text: &str, open: &str, close: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        kept.push_str(before);
        kept.push(' ');
        rest = after.split_once(close).map_or("", |(_, after)| after);
    }
    kept + rest
}

/// The quoted values of one attribute, with HTML's fixed vocabulary for `<meta content>` left out.
fn attribute_values(text: &str, attribute: &str) -> Vec<String> {
    let opening = format!(" {attribute}=");
    text.split(&opening)
        .skip(1)
        .filter_map(|part| {
            let quote = part.chars().next().filter(|c| ['"', '\''].contains(c))?;
            part[1..].split(quote).next().map(str::to_owned)
        })
        .filter(|value| !value.contains("width=device-width") && !value.contains("light dark"))
        .collect()
}
