//! What can be wrong with histories, parameters and fits, each in a sentence with the value and what to do.

use crate::optimise::NoOptimum;

/// Why one row is no history.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum HistoryFault {
    /// A time that is no finite number.
    #[error("{field} is {value}; give a finite number")]
    NotFinite {
        /// Which time.
        field: &'static str,
        /// What it is.
        value: f64,
    },
    /// A time before the beginning.
    #[error("{field} is {value}; times run from the customer's first purchase and are not negative")]
    NegativeTime {
        /// Which time.
        field: &'static str,
        /// What it is.
        value: f64,
    },
    /// A last purchase after the end of observation.
    #[error("recency {recency} lies after age {age}; count purchases up to the end of observation only")]
    RecencyBeyondAge {
        /// Time of the last purchase.
        recency: f64,
        /// End of observation.
        age: f64,
    },
    /// A time of last purchase without a repeat purchase.
    #[error("recency is {recency} without a repeat purchase; it is 0 where repeats are 0")]
    RecencyWithoutRepeat {
        /// Time of the last purchase.
        recency: f64,
    },
    /// Whole counts that contradict each other.
    #[error(
        "{purchases} purchases with the last at opportunity {last} of {opportunities}; purchases may not exceed last, \
         nor last the opportunities, and both are 0 together"
    )]
    CountsOutOfOrder {
        /// Opportunities used.
        purchases: u32,
        /// The last one used.
        last: u32,
        /// All there were.
        opportunities: u32,
    },
    /// A mean spend over nothing.
    #[error("mean spend {mean} is of no purchases; leave customers without purchases out")]
    NoPurchases {
        /// The mean given.
        mean: f64,
    },
    /// A mean spend that is not above zero.
    #[error("mean spend is {mean}; give a finite amount above 0 (returns and free items left out)")]
    SpendNotPositive {
        /// The mean given.
        mean: f64,
    },
    /// More customers after a period than before it.
    #[error("{after} customers remain of {before}; survivors never increase")]
    SurvivorsIncrease {
        /// Customers before the renewal.
        before: u64,
        /// Customers after it.
        after: u64,
    },
}

/// Why a model could not be made, fitted or asked.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum CustomerBaseError {
    /// A row that is no history.
    #[error("row {row}: {fault}")]
    Row {
        /// Number of the row, from 0.
        row: usize,
        /// What is wrong with it.
        fault: HistoryFault,
    },
    /// Nobody to learn from.
    #[error("there are no customers; give at least one history")]
    NoCustomers,
    /// Customers who never did what the model counts.
    #[error("none of {customers} customers {missing}; the model cannot be fitted to that")]
    NothingHappened {
        /// How many customers.
        customers: u64,
        /// What is missing.
        missing: &'static str,
    },
    /// A parameter outside its range.
    #[error("parameter {name} is {value}; give a finite number above 0")]
    Parameter {
        /// Its name.
        name: &'static str,
        /// What it is.
        value: f64,
    },
    /// An argument outside its range.
    #[error("{name} is {value}; give {wanted}")]
    Argument {
        /// Its name.
        name: &'static str,
        /// What it is.
        value: f64,
        /// What would do.
        wanted: &'static str,
    },
    /// A history that is to be taken out but was never put in.
    #[error("the history to be removed was not counted; remove exactly what was added")]
    NotCounted,
    /// A mean that does not exist.
    #[error(
        "mean spend is infinite at q = {q}: it exists for q above 1 only; use a customer's conditional mean"
    )]
    MeanInfinite {
        /// The shape that governs the tail.
        q: f64,
    },
    /// The likelihood has no maximum inside the parameter space.
    #[error(
        "parameter {name} ran to {value}: the data do not show the variety this parameter describes; use a simpler model"
    )]
    ParameterRanOff {
        /// Its name.
        name: &'static str,
        /// Where it got to.
        value: f64,
    },
    /// The search failed.
    #[error("no maximum of the likelihood was found: {0}")]
    Search(NoOptimum),
}

/// A time or rate that is finite and not negative.
pub(super) fn not_negative(name: &'static str, value: f64) -> Result<f64, CustomerBaseError> {
    if value >= 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(CustomerBaseError::Argument { name, value, wanted: "a finite number that is not negative" })
    }
}

/// Parameters that are finite and above zero.
pub(super) fn positive<const N: usize>(
    names: [&'static str; N],
    values: [f64; N],
) -> Result<[f64; N], CustomerBaseError> {
    for (name, value) in names.into_iter().zip(values) {
        if !(value > 0.0 && value.is_finite()) {
            return Err(CustomerBaseError::Parameter { name, value });
        }
    }
    Ok(values)
}
