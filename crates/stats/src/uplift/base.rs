//! The regressions that effects are built from, under one name.

use crate::boosting::{Boosted, Settings};
use crate::regression::linear::Linear;
use crate::regression::logistic::Logistic;
use crate::rows::Rows;
use crate::unfit::Unfit;

/// A kind of regression with its settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Base {
    /// Least squares.
    Linear {
        /// See [`Linear::fit`].
        ridge: f64,
    },
    /// Logistic regression of outcomes that are 0 or 1.
    Logistic {
        /// See [`Logistic::fit`].
        ridge: f64,
    },
    /// Boosted trees.
    Boosted(Settings),
}

/// A fitted regression.
#[derive(Debug, Clone, PartialEq)]
pub enum Fitted {
    /// Least squares.
    Linear(Linear),
    /// Logistic regression.
    Logistic(Logistic),
    /// Boosted trees.
    Boosted(Boosted),
}

impl Base {
    /// Fits outcomes on rows.
    pub fn fit(&self, rows: &Rows<'_>, outcomes: &[f64]) -> Result<Fitted, Unfit> {
        Ok(match self {
            Self::Linear { ridge } => Fitted::Linear(Linear::fit(rows, outcomes, *ridge)?),
            Self::Logistic { ridge } => {
                let happened: Vec<bool> = outcomes.iter().map(|outcome| *outcome > 0.5).collect();
                Fitted::Logistic(Logistic::fit(rows, &happened, *ridge)?)
            }
            Self::Boosted(settings) => Fitted::Boosted(Boosted::fit(rows, outcomes, settings)?),
        })
    }
}

impl Fitted {
    /// The expected outcome of a row.
    pub fn predict(&self, row: &[f64]) -> f64 {
        match self {
            Self::Linear(linear) => linear.predict(row),
            Self::Logistic(logistic) => logistic.predict(row),
            Self::Boosted(boosted) => boosted.predict(row),
        }
    }
}
