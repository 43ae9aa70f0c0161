//! Import maps.

use analytics::import::ImportMap;

use crate::judge::Read;

/// An import map.
pub fn import_maps(bytes: &[u8]) -> Read {
    let Ok(text) = std::str::from_utf8(bytes) else { return Read::Foreign };
    match ImportMap::parse(text) {
        Ok(map) => {
            assert_eq!(ImportMap::parse(text).as_ref(), Ok(&map), "read twice, understood in two ways");
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
