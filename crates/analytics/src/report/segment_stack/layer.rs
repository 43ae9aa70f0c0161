//! The layers of the stack, and the names of their segments.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::report::basket_dna::SEGMENTS;

/// A layer: every member has exactly one value in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SegmentLayer {
    /// What members prefer: groups of like baskets.
    Preference,
    /// In which part of their life they are, by what they buy and their year of birth.
    LifeStage,
    /// How often, how lately and how widely they buy.
    Usage,
    /// The three together with how they shop.
    NeedGroup,
}

impl SegmentLayer {
    /// All layers, the broadest question first.
    pub const ALL: [Self; 4] = [Self::Preference, Self::LifeStage, Self::Usage, Self::NeedGroup];

    /// As it is written on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Preference => "preference",
            Self::LifeStage => "life-stage",
            Self::Usage => "usage",
            Self::NeedGroup => "need-group",
        }
    }
}

impl fmt::Display for SegmentLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no layer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no layer “{0}”: use one of {known}", known = SegmentLayer::ALL.map(SegmentLayer::as_str).join(", "))]
pub struct UnknownSegmentLayer(String);

impl FromStr for SegmentLayer {
    type Err = UnknownSegmentLayer;
    fn from_str(text: &str) -> Result<Self, UnknownSegmentLayer> {
        let found = Self::ALL.into_iter().find(|layer| layer.as_str() == text);
        found.ok_or_else(|| UnknownSegmentLayer(text.to_owned()))
    }
}

/// The name of a value of which nothing can be told.
pub(super) const UNKNOWN: &str = "unknown";
/// The name under which segments are told together that are too small to be told apart.
pub(super) const OTHERS: &str = "others";

/// Preference segments, the largest first.
pub(super) const PREFERENCES: [&str; SEGMENTS] =
    ["preference_1", "preference_2", "preference_3", "preference_4", "preference_5", "preference_6"];

/// Life stages.
pub(super) const LIFE_STAGES: [&str; 8] = [
    "student",
    "young_adult",
    "baby_family",
    "child_family",
    "teen_family",
    "pet_household",
    "older_adult",
    "pensioner",
];

/// Usage and speed, the most active first.
pub(super) const USAGES: [&str; 11] = [
    "frequent_broad",
    "frequent_narrow",
    "regular_broad",
    "regular_narrow",
    "occasional_broad",
    "occasional_narrow",
    "frequent_slowing",
    "regular_slowing",
    "occasional_slowing",
    "regular_lapsed",
    "occasional_lapsed",
];

/// The names of a layer's segments, by their number; one more stands for what cannot be told.
pub(super) fn names(layer: SegmentLayer) -> &'static [&'static str] {
    match layer {
        SegmentLayer::Preference => &PREFERENCES,
        SegmentLayer::LifeStage => &LIFE_STAGES,
        SegmentLayer::Usage => &USAGES,
        SegmentLayer::NeedGroup => &[],
    }
}

/// The name of a segment of one of the three layers that have names, by its number.
pub(super) fn name(layer: SegmentLayer, segment: u16) -> &'static str {
    names(layer).get(usize::from(segment)).copied().unwrap_or(UNKNOWN)
}

/// A segment's number as keys have it; whoever cannot be told comes after all segments.
pub(super) fn place(layer: SegmentLayer, segment: Option<usize>) -> u16 {
    let unknown = names(layer).len();
    u16::try_from(segment.unwrap_or(unknown).min(unknown)).unwrap_or(u16::MAX)
}
