//! Record linkage on FEBRL 3: 2,000 invented people with 3,000 duplicates full of errors, whose truth is known.
//! The data folder is optional: without it the test says so and passes.

use crate::real_data::Table;
use stats::linkage::blocking::{Blocking, codes};
use stats::linkage::clusters::PairQuality;
use stats::linkage::edit::damerau;
use stats::linkage::frequency::Frequencies;
use stats::linkage::jaro::jaro_winkler;
use stats::linkage::link::{Linked, Settings, link};
use stats::linkage::model::Model;
use stats::linkage::pattern::{DIFFERS, MISSING, Pattern, level};

const FIELDS: [&str; 9] = [
    "given_name",
    "surname",
    "address_1",
    "suburb",
    "date_of_birth",
    "soc_sec_id",
    "postcode",
    "street_number",
    "state",
];
/// The fields before this one are words, compared by likeness; those from here on are codes, compared by typing errors.
const FIRST_CODE: usize = 4;
/// Highest level of each field: differs, close, closer, same for words; differs, one or two errors, same for codes.
const LEVELS: [u8; 9] = [4, 4, 4, 4, 4, 4, 3, 3, 2];

struct People {
    columns: Vec<Vec<Option<String>>>,
    codes: Vec<Vec<Option<u32>>>,
    frequencies: Vec<Frequencies>,
}

impl People {
    fn open(name: &str) -> Option<(Self, Vec<String>)> {
        let table = Table::open(name)?;
        let columns: Vec<Vec<Option<String>>> = FIELDS.iter().map(|field| table.texts(field)).collect();
        let codes: Vec<Vec<Option<u32>>> =
            columns.iter().map(|column| codes(column.iter().map(Option::as_ref))).collect();
        let frequencies = codes.iter().map(|codes| Frequencies::new(codes)).collect();
        // `rec-7-org` and `rec-7-dup-2` are the same person.
        let person = |id: Option<String>| id.expect("an id").split('-').nth(1).expect("a number").to_owned();
        let truth = table.texts("rec_id").into_iter().map(person).collect();
        Some((Self { columns, codes, frequencies }, truth))
    }

    fn compare(&self, left: usize, right: usize) -> Pattern {
        (0..FIELDS.len())
            .fold(Pattern::default(), |pattern, field| pattern.with(field, self.level(field, left, right)))
    }

    fn level(&self, field: usize, left: usize, right: usize) -> u8 {
        let (Some(left_text), Some(right_text)) = (&self.columns[field][left], &self.columns[field][right])
        else {
            return MISSING;
        };
        if self.codes[field][left] == self.codes[field][right] {
            return LEVELS[field];
        }
        if field < FIRST_CODE {
            level(jaro_winkler(left_text, right_text), &[0.8, 0.92]).min(LEVELS[field] - 1)
        } else if LEVELS[field] == 2 {
            DIFFERS
        } else {
            let errors = u8::try_from(damerau(left_text, right_text)).unwrap_or(u8::MAX);
            LEVELS[field].saturating_sub(errors).max(DIFFERS)
        }
    }

    /// Keys that agree where all these fields do.
    fn keys(&self, fields: &[usize]) -> Vec<Option<u32>> {
        codes((0..self.columns[0].len()).map(|record| {
            fields.iter().map(|field| self.codes[*field][record]).collect::<Option<Vec<u32>>>()
        }))
    }

    /// Agreement on a rare name counts for more.
    fn adjust(&self, model: &Model, left: usize, pattern: Pattern) -> f64 {
        (0..FIRST_CODE)
            .filter(|field| pattern.level(*field) == LEVELS[*field])
            .filter_map(|field| {
                let code = self.codes[field][left]?;
                Some(self.frequencies[field].adjustment(code, model.chance_agreement(field), 1e-4))
            })
            .sum()
    }
}

fn link_people(people: &People) -> Linked {
    // Security number; date of birth; both names; name and postcode; the address alone; name and suburb.
    let rules: [&[usize]; 8] = [&[5], &[4], &[0, 1], &[1, 6], &[0, 6], &[2], &[0, 3], &[1, 3]];
    let blocking = Blocking::new(rules.iter().map(|rule| people.keys(rule)).collect(), 200).expect("rules");
    let settings = Settings {
        link_probability: 0.9,
        review_probability: 0.1,
        group_max: 20,
        random_pairs: 500_000,
        seed: 1,
    };
    let compare = |left, right| people.compare(left, right);
    let adjust = |model: &Model, left, _, pattern| people.adjust(model, left, pattern);
    link(people.columns[0].len(), &blocking, &rules, &LEVELS, &settings, compare, adjust).expect("a result")
}

#[test]
fn febrl_3_is_linked_as_well_as_by_the_reference() {
    let Some((people, truth)) = People::open("febrl/febrl_dataset3.parquet") else { return };
    assert_eq!(truth.len(), 5_000);
    let found = link_people(&people);
    let quality = PairQuality::of(&found.labels, &truth).expect("labels");
    // Reference figures of the data folder: splink, precision 0.9998, recall 0.9974, F1 0.9986.
    // Measured here: precision 1, recall 0.9992, F1 0.9996, from 10,826 of 12.5 million pairs.
    assert!(quality.f1() >= 0.999, "{quality:?}, F1 {}", quality.f1());
    assert!(found.compared < 20_000, "{} pairs are not what blocking leaves", found.compared);
}
