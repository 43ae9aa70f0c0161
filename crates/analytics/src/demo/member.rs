//! The person behind a demo member: identifiers, name, birthday, language, segments. All of it is invented,
//! and says so: every demo member is in the segment `synthetic`.

use domain::code::Code;
use domain::member::{Identifier, IdentifierKind, Profile};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use stats::random::Random;

use super::assortment::LIFESTYLE_SEGMENTS;
use super::names;

/// The segment that marks every invented person.
pub const SYNTHETIC_SEGMENT: &str = "synthetic";

/// A member of the demo retailer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DemoMember {
    /// The number the member has in the retailer's own system; also among the identifiers.
    pub external_id: String,
    /// Card, external id, and mostly a telephone number or an e-mail address.
    pub identifiers: Vec<Identifier>,
    /// Name, birthday, language, segments.
    pub profile: Profile,
    /// When the member joined.
    pub joined_at: Timestamp,
}

/// The external id of a member by index.
pub(super) fn external_id(index: u32) -> String {
    format!("M{:06}", u64::from(index) + 1)
}

/// Draws the person; `lifestyle` decides segment and age, `joined_on` bounds the birthday.
pub(super) fn person(
    index: u32,
    lifestyle: usize,
    joined_at: Timestamp,
    joined_on: Date,
    random: &mut Random,
) -> DemoMember {
    let english = random.chance(0.13);
    let name = if english { names::english_name(random) } else { names::chinese_name(random) };
    let identifiers = identifiers(index, &name, random);
    let language = if english || random.chance(0.02) { "en" } else { "zh-CN" };
    let born_on = if random.chance(0.8) { Some(birthday(lifestyle, joined_on, random)) } else { None };
    let mut segments = vec![LIFESTYLE_SEGMENTS[lifestyle], SYNTHETIC_SEGMENT];
    if random.chance(0.015) {
        segments.push("employee");
    }
    let profile = Profile {
        name: Some(name),
        born_on,
        language: Some(language.to_owned()),
        // All of them are codes: the tests of this module see them all.
        segments: segments.into_iter().filter_map(|segment| Code::new(segment).ok()).collect(),
        declined_segments: Vec::new(),
    };
    DemoMember { external_id: external_id(index), identifiers, profile, joined_at }
}

fn identifiers(index: u32, name: &str, random: &mut Random) -> Vec<Identifier> {
    let number = index.saturating_add(1);
    let mut texts =
        vec![(IdentifierKind::Card, names::card(number)), (IdentifierKind::External, external_id(index))];
    if random.chance(0.85) {
        texts.push((IdentifierKind::Phone, names::phone(number)));
    }
    if random.chance(0.45) {
        texts.push((IdentifierKind::Email, names::email(name, number)));
    }
    // All of them are in normal form already, so none is lost here; the tests count them.
    texts.into_iter().filter_map(|(kind, text)| Identifier::new(kind, &text, Some("CN")).ok()).collect()
}

/// A birthday that gives an age fitting the lifestyle.
fn birthday(lifestyle: usize, joined_on: Date, random: &mut Random) -> Date {
    let (youngest, span) = [(28, 27), (18, 14), (24, 16), (18, 27), (56, 28), (26, 36)][lifestyle];
    let age_years = youngest + i32::try_from(random.below(span)).unwrap_or(0);
    let days = i32::try_from(random.below(365)).unwrap_or(0);
    domain::calendar::add_days(joined_on, -(age_years * 365 + age_years / 4 + days)).unwrap_or(joined_on)
}
