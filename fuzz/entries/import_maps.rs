//! Import maps, of purchases, of surveys and of campaigns.

use std::fmt::Debug;

use analytics::import::{ContactMap, ImportMap, MapError, SurveyMap};

use crate::judge::Read;

/// An import map of purchases.
pub fn import_maps(bytes: &[u8]) -> Read {
    read(bytes, ImportMap::parse)
}

/// The map of a survey.
pub fn survey_maps(bytes: &[u8]) -> Read {
    read(bytes, SurveyMap::parse)
}

/// The map of a campaign.
pub fn contact_maps(bytes: &[u8]) -> Read {
    read(bytes, ContactMap::parse)
}

fn read<M: Debug + PartialEq>(bytes: &[u8], parse: fn(&str) -> Result<M, MapError>) -> Read {
    let Ok(text) = std::str::from_utf8(bytes) else { return Read::Foreign };
    match parse(text) {
        Ok(map) => {
            assert_eq!(parse(text).as_ref(), Ok(&map), "read twice, understood in two ways");
            Read::Accepted
        }
        Err(error) => {
            assert!(!error.problems.is_empty(), "refused without a problem");
            for problem in &error.problems {
                let lines = text.lines().count() + 1;
                assert!((1..=lines).contains(&problem.line), "no such line: {problem:?}");
                assert!(!problem.field.is_empty() && !problem.remedy.is_empty(), "no place: {problem:?}");
            }
            Read::Refused
        }
    }
}
