//! Why no number follows from the arguments given: one sentence with the argument, its value and the remedy.

/// Arguments from which no number follows.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Unfit {
    /// A number outside of where the formula holds.
    #[error("{what} is {value}: give a number {range}")]
    OutOfRange {
        /// The argument.
        what: &'static str,
        /// What it is.
        value: f64,
        /// Where it must lie, in words.
        range: &'static str,
    },
    /// Not enough cases to estimate anything.
    #[error("{what} has {found}: give at least {needed}")]
    TooFew {
        /// What there is too little of.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many it takes.
        needed: usize,
    },
    /// Two lists that belong together, of different length.
    #[error("{what} has {found} values where {needed} are needed: give one for each")]
    Length {
        /// The list that does not fit.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length it needs.
        needed: usize,
    },
    /// Values that are all the same, where the formula divides by their spread.
    #[error("{what} does not vary: give values that differ")]
    Constant {
        /// The values.
        what: &'static str,
    },
    /// Columns that repeat one another, so that their coefficients cannot be told apart.
    #[error("column {column} follows from the others: leave it out or add a ridge above 0")]
    Collinear {
        /// Position of the column, the constant being column 0.
        column: usize,
    },
    /// An iteration that did not settle.
    #[error("{what} did not settle in {rounds} rounds: {remedy}")]
    Unsettled {
        /// What was iterated.
        what: &'static str,
        /// After how many rounds it was given up.
        rounds: usize,
        /// What may help.
        remedy: &'static str,
    },
}

/// Refuses a number that is not finite or fails the test.
pub(crate) fn in_range(
    what: &'static str,
    value: f64,
    range: &'static str,
    fits: impl Fn(f64) -> bool,
) -> Result<f64, Unfit> {
    if value.is_finite() && fits(value) { Ok(value) } else { Err(Unfit::OutOfRange { what, value, range }) }
}

/// Refuses a probability that is not strictly between 0 and 1.
pub(crate) fn open_share(what: &'static str, value: f64) -> Result<f64, Unfit> {
    in_range(what, value, "strictly between 0 and 1", |value| value > 0.0 && value < 1.0)
}

/// Refuses a list of another length than needed.
pub(crate) fn length(what: &'static str, found: usize, needed: usize) -> Result<(), Unfit> {
    if found == needed { Ok(()) } else { Err(Unfit::Length { what, found, needed }) }
}

/// Refuses fewer than needed.
pub(crate) fn at_least(what: &'static str, found: usize, needed: usize) -> Result<(), Unfit> {
    if found >= needed { Ok(()) } else { Err(Unfit::TooFew { what, found, needed }) }
}

/// Refuses a list with a value that is not finite.
pub(crate) fn finite(what: &'static str, values: &[f64]) -> Result<(), Unfit> {
    match values.iter().find(|value| !value.is_finite()) {
        None => Ok(()),
        Some(&value) => Err(Unfit::OutOfRange { what, value, range: "that is finite" }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Unfit, open_share};

    #[test]
    fn a_refusal_names_argument_value_and_remedy() {
        let refusal = open_share("confidence", 95.0).expect_err("a per cent is not a share");
        assert_eq!(refusal.to_string(), "confidence is 95: give a number strictly between 0 and 1");
        assert_eq!(
            Unfit::TooFew { what: "the treated arm", found: 1, needed: 2 }.to_string(),
            "the treated arm has 1: give at least 2"
        );
    }
}
