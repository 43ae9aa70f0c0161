//! What an experiment is judged by, named before anybody looks.

use super::answer::{Kind, Value};
use super::error::ReportError;

/// What is measured of each member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// What they spend, net of returns.
    Spend,
    /// How often they buy.
    Purchases,
    /// Whether they buy.
    Buyers,
}

impl Outcome {
    /// The outcome that a request names; spend if none.
    pub(super) fn of(name: Option<&str>) -> Result<Self, ReportError> {
        match name.unwrap_or("spend") {
            "spend" => Ok(Self::Spend),
            "purchases" => Ok(Self::Purchases),
            "buyers" => Ok(Self::Buyers),
            other => Err(ReportError::Asked {
                field: "outcome",
                value: other.to_owned(),
                remedy: "use one of spend, purchases, buyers".to_owned(),
            }),
        }
    }

    /// As an aggregate over a member's documents.
    pub(super) const fn sql(self) -> &'static str {
        match self {
            Self::Spend => "sum(amount)",
            Self::Purchases => "count(*) FILTER (WHERE kind = 'purchase')",
            Self::Buyers => "CAST(count(*) FILTER (WHERE kind = 'purchase') > 0 AS INT)",
        }
    }

    /// How a value of a member is written.
    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Spend => Kind::Money,
            Self::Purchases => Kind::Number,
            Self::Buyers => Kind::Share,
        }
    }

    /// How a sum over members is written.
    pub(super) const fn sum_kind(self) -> Kind {
        if matches!(self, Self::Spend) { Kind::Money } else { Kind::Count }
    }

    /// A value as a cell of a table.
    pub(super) fn cell(self, value: f64) -> Value {
        if self.kind() == Kind::Money { whole(value) } else { Value::Number(value) }
    }
}

/// A number rounded to a whole one.
#[expect(clippy::cast_possible_truncation, reason = "sums of money are far below 2^53")]
pub(super) fn whole(value: f64) -> Value {
    if value.is_finite() { Value::Integer(value.round() as i64) } else { Value::Empty }
}
