//! The register of claims: numbers that are told about loyalty programmes, with where they come from and what they are
//! worth. Nothing is calculated from them; they stand beside a programme's own figures.

use std::sync::LazyLock;

use domain::programme::Names;
use serde::{Deserialize, Serialize};

use crate::report::ReportName;

const SHIPPED: &str = include_str!("../claims.toml");

/// What a claim's number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimUnit {
    /// A share of 1.
    Share,
    /// So many times as much.
    Times,
    /// People.
    Members,
    /// Groups of customers.
    Segments,
    /// Pounds sterling.
    #[serde(rename = "GBP")]
    Gbp,
    /// United States dollars.
    #[serde(rename = "USD")]
    Usd,
}

/// What a claim is worth, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimStatus {
    /// Its source says it.
    Confirmed,
    /// Another source says something near it.
    Corroborated,
    /// No source was found, and nothing speaks against it.
    Unverified,
    /// Other sources say something else.
    Contradicted,
    /// It cannot be so in general.
    Implausible,
}

/// A number that is told about loyalty programmes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Its name.
    pub id: String,
    /// What is claimed.
    pub text: Names,
    /// The number; the lower end where it is a range.
    pub value: f64,
    /// The upper end of a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_high: Option<f64>,
    /// What the number counts.
    pub unit: ClaimUnit,
    /// Of whom it is told.
    pub scope: Names,
    /// Where it can be looked up; none where nothing was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What it is worth.
    pub status: ClaimStatus,
    /// What a reader should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Names>,
    /// The question that measures the same of one's own members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<ReportName>,
    /// The figure in its answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figure: Option<String>,
    /// The page of the console that measures it, where no question does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// The claim of which this one tells a part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_of: Option<String>,
}

/// Why a register does not hold together.
#[derive(Debug, thiserror::Error)]
pub enum ClaimsError {
    /// It is not what a register is.
    #[error("the register cannot be read: {0}")]
    Unreadable(#[from] toml::de::Error),
    /// Two claims have one name.
    #[error("id is “{0}” twice: give each claim a name of its own")]
    Twice(String),
    /// A part of nothing.
    #[error("part_of of “{id}” is “{whole}”, which is no claim: name one of the register")]
    NoWhole {
        /// The claim.
        id: String,
        /// What it is said to be part of.
        whole: String,
    },
    /// A part that is more than the whole, and passes for possible.
    #[error(
        "value of “{id}” is {value}, more than the {whole} it is part of: set its status to contradicted"
    )]
    PartExceedsWhole {
        /// The claim.
        id: String,
        /// Its number.
        value: f64,
        /// That of the whole.
        whole: f64,
    },
}

impl ClaimUnit {
    /// Its name, as in the register.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Times => "times",
            Self::Members => "members",
            Self::Segments => "segments",
            Self::Gbp => "GBP",
            Self::Usd => "USD",
        }
    }
}

impl ClaimStatus {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Confirmed, Self::Corroborated, Self::Unverified, Self::Contradicted, Self::Implausible];

    /// Its name, as in the register.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Corroborated => "corroborated",
            Self::Unverified => "unverified",
            Self::Contradicted => "contradicted",
            Self::Implausible => "implausible",
        }
    }
}

/// The claims that come with the platform.
pub fn claims() -> &'static [Claim] {
    // A test reads the register: it holds together.
    static CLAIMS: LazyLock<Vec<Claim>> = LazyLock::new(|| read_claims(SHIPPED).unwrap_or_default());
    &CLAIMS
}

/// Reads a register and checks what claims say of each other.
pub fn read_claims(text: &str) -> Result<Vec<Claim>, ClaimsError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Register {
        claim: Vec<Claim>,
    }
    let claims = toml::from_str::<Register>(text)?.claim;
    for (place, claim) in claims.iter().enumerate() {
        if claims.iter().take(place).any(|other| other.id == claim.id) {
            return Err(ClaimsError::Twice(claim.id.clone()));
        }
        check_part(&claims, claim)?;
    }
    Ok(claims)
}

fn check_part(claims: &[Claim], claim: &Claim) -> Result<(), ClaimsError> {
    let Some(name) = &claim.part_of else { return Ok(()) };
    let Some(whole) = claims.iter().find(|other| other.id == *name && other.unit == claim.unit) else {
        return Err(ClaimsError::NoWhole { id: claim.id.clone(), whole: name.clone() });
    };
    let (value, most) = (claim.value_high.unwrap_or(claim.value), whole.value_high.unwrap_or(whole.value));
    if value > most && claim.status != ClaimStatus::Contradicted {
        return Err(ClaimsError::PartExceedsWhole { id: claim.id.clone(), value, whole: most });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{ClaimStatus, ClaimUnit, claims, read_claims};

    fn register(claims: &str) -> String {
        let body = r#"unit = "GBP"
scope = { zh = "英国", en = "United Kingdom" }
text = { zh = "返还", en = "given back" }"#;
        claims.replace("BODY", body)
    }

    #[test]
    fn the_register_that_comes_with_the_platform_holds_together() {
        let shipped = read_claims(super::SHIPPED).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(claims(), shipped);
        assert!(shipped.len() > 30);
        for claim in &shipped {
            assert!(!claim.text.zh.is_empty() && !claim.text.en.is_empty(), "{}", claim.id);
            assert!(
                claim.value > 0.0 && claim.value_high.is_none_or(|high| high > claim.value),
                "{}",
                claim.id
            );
            assert!(
                claim.unit != ClaimUnit::Share || claim.value_high.unwrap_or(claim.value) <= 1.0,
                "{}",
                claim.id
            );
            assert!(claim.figure.is_none() || claim.report.is_some(), "{}", claim.id);
            // What is confirmed can be looked up.
            let is_told = claim.source.is_some();
            assert!(
                is_told || !matches!(claim.status, ClaimStatus::Confirmed | ClaimStatus::Corroborated),
                "{}",
                claim.id
            );
        }
    }

    #[test]
    fn a_year_that_gives_back_more_than_nine_is_refused_unless_it_is_called_contradicted() {
        let pair = register(
            "[[claim]]\nid = \"nine-years\"\nvalue = 1_000_000_000\nstatus = \"confirmed\"\nBODY\n\
             [[claim]]\nid = \"a-year\"\nvalue = 1_500_000_000\nstatus = \"unverified\"\npart_of = \"nine-years\"\nBODY\n",
        );
        let refused = read_claims(&pair).expect_err("the year is more than the nine");
        assert_eq!(
            refused.to_string(),
            "value of “a-year” is 1500000000, more than the 1000000000 it is part of: set its status to contradicted"
        );
        assert_eq!(
            read_claims(&pair.replace("unverified", "contradicted")).expect("told as what it is").len(),
            2
        );
        assert_eq!(read_claims(&pair.replace("1_500_", "150_")).expect("the original").len(), 2);
        let shipped = claims().iter().find(|claim| claim.id == "clubcard-given-back-yearly-misprint");
        assert_eq!(shipped.map(|claim| claim.status), Some(ClaimStatus::Contradicted));
    }

    #[test]
    fn claims_have_names_of_their_own_and_are_parts_of_claims() {
        let one =
            register("[[claim]]\nid = \"a\"\nvalue = 1\nstatus = \"confirmed\"\npart_of = \"b\"\nBODY\n");
        assert!(read_claims(&one).expect_err("no b").to_string().contains("“b”, which is no claim"));
        let twice = one.replace("part_of = \"b\"\n", "").repeat(2);
        assert!(read_claims(&twice).expect_err("twice").to_string().contains("twice"));
        assert!(read_claims("[[claim]]\nid = 1").is_err());
    }

    #[test]
    fn a_status_and_a_unit_are_called_as_in_the_register() {
        for status in ClaimStatus::ALL {
            assert_eq!(serde_json::to_value(status).ok(), Some(status.name().into()));
        }
        for unit in [
            ClaimUnit::Share,
            ClaimUnit::Times,
            ClaimUnit::Members,
            ClaimUnit::Segments,
            ClaimUnit::Gbp,
            ClaimUnit::Usd,
        ] {
            assert_eq!(serde_json::to_value(unit).ok(), Some(unit.name().into()));
        }
    }
}
