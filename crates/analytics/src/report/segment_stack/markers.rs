//! Markers: which categories speak for which life stage. A table of our own in English and Chinese, or one that is given
//! with the question.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::layer::LIFE_STAGES;
use crate::report::error::ReportError;

/// The table that is used where none is given.
pub(super) const DEFAULT: &str = include_str!("life_stages.toml");
/// Longest table that is read.
const BYTES_MAX: usize = 16 * 1_024;
/// Markers in a table.
const MARKERS_MAX: usize = 32;
/// Words of a marker, together with those that speak against it.
const WORDS_MAX: usize = 200;
/// Oldest age that a stage can have.
const AGE_MAX: i64 = 120;
/// How a table is mended.
const STAGE_REMEDY: &str = "use one of student, young_adult, baby_family, child_family, teen_family, \
                            pet_household, older_adult, pensioner";
const CHANCE_REMEDY: &str = "give a number strictly between 0 and 1";

/// A sign of life stages: things that households of some stages buy far oftener than others.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Marker {
    pub(super) name: String,
    /// Of each stage, how many in 1 buy such things.
    pub(super) chances: [f64; LIFE_STAGES.len()],
    /// Stages that it speaks for: those that buy such things oftener than stages that are not named.
    pub(super) speaks_for: [bool; LIFE_STAGES.len()],
    words: Vec<String>,
    without: Vec<String>,
}

/// The table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Markers {
    pub(super) markers: Vec<Marker>,
    /// Of each stage, the first and the last year of age of whoever buys for it.
    pub(super) ages: [Option<(i64, i64)>; LIFE_STAGES.len()],
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarkerFile {
    #[serde(default)]
    ages: BTreeMap<String, (i64, i64)>,
    marker: Vec<MarkerEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarkerEntry {
    name: String,
    stages: BTreeMap<String, f64>,
    elsewhere: f64,
    words: Vec<String>,
    #[serde(default)]
    without: Vec<String>,
}

impl Markers {
    /// Reads and checks a table.
    pub(super) fn parse(text: &str) -> Result<Self, ReportError> {
        if text.len() > BYTES_MAX {
            let remedy = format!("give a table of at most {BYTES_MAX} bytes");
            return Err(refused(&format!("{} bytes", text.len()), &remedy));
        }
        let file: MarkerFile = toml::from_str(text)
            .map_err(|error| refused(error.message(), "write it as docs/insight.md shows"))?;
        if file.marker.is_empty() || file.marker.len() > MARKERS_MAX {
            let remedy = format!("give from 1 to {MARKERS_MAX} tables [[marker]]");
            return Err(refused(&format!("{} markers", file.marker.len()), &remedy));
        }
        let mut ages = [None; LIFE_STAGES.len()];
        for (name, (first, last)) in file.ages {
            if first < 0 || last < first || last > AGE_MAX {
                let value = format!("ages.{name} = [{first}, {last}]");
                return Err(refused(&value, "give the first and the last year of age, up to 120"));
            }
            ages[stage(&name)?] = Some((first, last));
        }
        let markers = file.marker.into_iter().map(Marker::of).collect::<Result<_, _>>()?;
        Ok(Self { markers, ages })
    }
}

impl Marker {
    fn of(entry: MarkerEntry) -> Result<Self, ReportError> {
        let chance = |value: f64, what: &str| {
            let is_chance = value > 0.0 && value < 1.0;
            let text = format!("marker {}: {what} = {value}", entry.name);
            if is_chance { Ok(value) } else { Err(refused(&text, CHANCE_REMEDY)) }
        };
        let elsewhere = chance(entry.elsewhere, "elsewhere")?;
        let mut chances = [elsewhere; LIFE_STAGES.len()];
        for (name, value) in &entry.stages {
            chances[stage(name)?] = chance(*value, name)?;
        }
        let words: Vec<String> = entry.words.iter().map(|word| normal(word)).collect();
        let without: Vec<String> = entry.without.iter().map(|word| normal(word)).collect();
        let has_empty = words.iter().chain(&without).any(|word| word.trim().is_empty());
        if words.is_empty() || has_empty || words.len() + without.len() > WORDS_MAX {
            let remedy = format!("give from 1 to {WORDS_MAX} words, none of them empty");
            return Err(refused(&format!("marker {}: its words", entry.name), &remedy));
        }
        let speaks_for = chances.map(|chance| chance > elsewhere);
        Ok(Self { name: entry.name, chances, speaks_for, words, without })
    }

    /// Whether a category is such a thing.
    pub(super) fn has(&self, category: &str) -> bool {
        let category = normal(category);
        let holds = |word: &String| is_in(&category, word);
        self.words.iter().any(holds) && !self.without.iter().any(holds)
    }
}

fn refused(value: &str, remedy: &str) -> ReportError {
    ReportError::Asked { field: "markers", value: value.to_owned(), remedy: remedy.to_owned() }
}

fn stage(name: &str) -> Result<usize, ReportError> {
    LIFE_STAGES.iter().position(|stage| *stage == name).ok_or_else(|| refused(name, STAGE_REMEDY))
}

/// Small letters and digits, with one space before, between and after words.
fn normal(text: &str) -> String {
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    format!(" {} ", words.join(" "))
}

/// Whether a name has a word. Languages that put no spaces between words have it anywhere.
fn is_in(category: &str, word: &str) -> bool {
    if word.is_ascii() {
        category.contains(word) || category.contains(&format!("{}s ", word.trim_end()))
    } else {
        category.contains(word.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT, LIFE_STAGES, Marker, Markers};

    fn default() -> Vec<Marker> {
        Markers::parse(DEFAULT).expect("our own table").markers
    }

    #[test]
    fn categories_are_known_in_english_and_chinese() {
        let markers = default();
        let of = |category: &str| {
            let found = markers.iter().filter(|marker| marker.has(category));
            found.map(|marker| marker.name.as_str()).collect::<Vec<_>>()
        };
        for (category, expected) in [
            ("BABY FOODS", &["baby"][..]),
            ("baby_food", &["baby"]),
            ("Diapers & Disposables", &["baby"]),
            ("婴儿奶粉", &["baby"]),
            ("成人纸尿裤", &["pensioners"]),
            ("ADULT INCONTINENCE", &["pensioners"]),
            ("Baby carrots", &[]),
            ("TOYS AND GAMES", &["children"]),
            ("儿童玩具", &["children"]),
            ("DOG FOODS", &["pets"]),
            ("宠物食品", &["pets"]),
            ("HOT DOGS", &[]),
            ("Catering", &[]),
            ("PETITE PEAS", &[]),
            ("STATIONERY & SCHOOL SUPPLIES", &["teenagers"]),
            ("sports_nutrition", &["young_adults"]),
            ("方便面", &["students"]),
            ("LAWN AND GARDEN SHOP", &["older_adults"]),
            ("bread", &[]),
        ] {
            assert_eq!(of(category), expected, "{category}");
        }
    }

    #[test]
    fn every_stage_has_a_marker_of_its_own() {
        let markers = default();
        for (stage, name) in LIFE_STAGES.iter().enumerate() {
            let most = |marker: &Marker| marker.chances.iter().all(|chance| *chance <= marker.chances[stage]);
            assert!(markers.iter().any(most), "{name}");
        }
    }

    #[test]
    fn a_table_that_cannot_be_used_is_refused_with_what_to_do() {
        let marker = |stages: &str, elsewhere: &str, words: &str| {
            format!(
                "[[marker]]\nname = \"tea\"\nstages = {stages}\nelsewhere = {elsewhere}\nwords = {words}\n"
            )
        };
        let good = marker("{ pensioner = 0.5 }", "0.1", "[\"tea\"]");
        assert!(Markers::parse(&good).is_ok());
        for (text, said) in [
            (marker("{ pirate = 0.5 }", "0.1", "[\"tea\"]"), "pirate"),
            (marker("{ pensioner = 1.0 }", "0.1", "[\"tea\"]"), "pensioner = 1"),
            (marker("{ pensioner = 0.5 }", "0", "[\"tea\"]"), "elsewhere = 0"),
            (marker("{ pensioner = 0.5 }", "0.1", "[]"), "its words"),
            (marker("{ pensioner = 0.5 }", "0.1", "[\" - \"]"), "its words"),
            (format!("[ages]\nstudent = [30, 20]\n{good}"), "ages.student"),
            (format!("{good}weight = 3\n"), "weight"),
            (String::new(), "marker"),
            ("#".repeat(20_000), "20000 bytes"),
        ] {
            let refused = Markers::parse(&text).expect_err(said).to_string();
            assert!(refused.starts_with("markers is “") && refused.contains(said), "{said}: {refused}");
        }
    }
}
