//! Clubs that a manager has named: which categories each is made of, given with the question.

use serde::Deserialize;

use super::Base;
use super::proposal::Club;
use crate::report::error::ReportError;

/// Longest table that is read.
const BYTES_MAX: usize = 64 * 1_024;
/// Clubs in a table.
const CLUBS_MAX: usize = 50;
/// Bytes of a club's name.
const NAME_LENGTH_MAX: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClubFile {
    club: Vec<ClubEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClubEntry {
    name: String,
    categories: Vec<String>,
}

/// Reads a table and finds its categories among those that there are. A category belongs to one club: what is spent on it
/// counts once.
pub(super) fn named(text: &str, base: &Base) -> Result<Vec<Club>, ReportError> {
    if text.len() > BYTES_MAX {
        return Err(refused(
            format!("{} bytes", text.len()),
            &format!("give a table of at most {BYTES_MAX} bytes"),
        ));
    }
    let file: ClubFile = toml::from_str(text)
        .map_err(|error| refused(error.message().to_owned(), "write it as docs/insight.md shows"))?;
    if file.club.is_empty() || file.club.len() > CLUBS_MAX {
        let remedy = format!("give from 1 to {CLUBS_MAX} tables [[club]]");
        return Err(refused(format!("{} clubs", file.club.len()), &remedy));
    }
    let mut taken = vec![false; base.names.len()];
    let mut clubs: Vec<Club> = Vec::with_capacity(file.club.len());
    for ClubEntry { name, categories } in file.club {
        let name = name.trim().to_owned();
        if name.is_empty() || name.len() > NAME_LENGTH_MAX || clubs.iter().any(|club| club.name == name) {
            let remedy = format!("give each club a name of its own, of 1 to {NAME_LENGTH_MAX} bytes");
            return Err(refused(format!("club “{name}”"), &remedy));
        }
        if categories.is_empty() {
            return Err(refused(format!("club {name}: no categories"), "name the categories it is made of"));
        }
        let places = categories.iter().map(|category| place(category, &name, base, &mut taken));
        clubs.push(Club { categories: places.collect::<Result<_, _>>()?, name });
    }
    Ok(clubs)
}

fn place(category: &str, club: &str, base: &Base, taken: &mut [bool]) -> Result<usize, ReportError> {
    let Some(place) = base.names.iter().position(|name| name == category) else {
        let remedy = "nobody bought it in this period: see the report `categories` for how it is spelt";
        return Err(refused(format!("club {club}: category “{category}”"), remedy));
    };
    if std::mem::replace(&mut taken[place], true) {
        let remedy = "it is named before: a category belongs to one club";
        return Err(refused(format!("club {club}: category “{category}”"), remedy));
    }
    Ok(place)
}

fn refused(value: String, remedy: &str) -> ReportError {
    ReportError::Asked { field: "clubs", value, remedy: remedy.to_owned() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Base, Club, named};

    fn base() -> Base {
        let names = ["tea", "rice", "cup"].map(str::to_owned).to_vec();
        Base { amounts: vec![1; names.len()], names, members: 1, amount: 3 }
    }

    #[test]
    fn a_table_names_clubs_by_their_categories() {
        let text = "[[club]]\nname = \"drinks\"\ncategories = [\"cup\", \"tea\"]\n\
                    [[club]]\nname = \" 米 \"\ncategories = [\"rice\"]\n";
        let expected = [("drinks", vec![2, 0]), ("米", vec![1])];
        let expected = expected.map(|(name, categories)| Club { name: name.to_owned(), categories });
        assert_eq!(named(text, &base()).unwrap(), expected);
    }

    #[test]
    fn what_is_wrong_with_a_table_is_said() {
        let club = |name: &str, categories: &str| {
            format!("[[club]]\nname = \"{name}\"\ncategories = [{categories}]\n")
        };
        let cases = [
            ("words".to_owned(), "docs/insight.md"),
            ("club = []".to_owned(), "0 clubs"),
            (club("", "\"tea\""), "a name of its own"),
            (club("a", "\"tea\"") + &club("a", "\"cup\""), "a name of its own"),
            (club("a", ""), "no categories"),
            (club("a", "\"wine\""), "category “wine”"),
            (club("a", "\"tea\", \"tea\""), "named before"),
            (" ".repeat(super::BYTES_MAX + 1), "at most"),
        ];
        for (text, said) in cases {
            let error = named(&text, &base()).unwrap_err().to_string();
            assert!(error.contains(said) && error.contains("clubs"), "{text}: {error}");
        }
    }
}
