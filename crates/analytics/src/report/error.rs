//! Why a question has no answer.

use stats::concentration::NoTotal;
use stats::customer_base::CustomerBaseError;
use stats::unfit::Unfit;

use crate::lake::LakeError;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The lake cannot be asked.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// What was asked makes no sense.
    #[error("{field} is “{value}”: {remedy}")]
    Asked {
        /// What was wrong in the question.
        field: &'static str,
        /// What it was.
        value: String,
        /// What to do.
        remedy: String,
    },
    /// There is nothing to answer from.
    #[error("{missing}: {remedy}")]
    NoData {
        /// A name for the reason, which the catalogues translate.
        code: &'static str,
        /// What there is none of.
        missing: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// A model does not fit what is there.
    #[error("the model does not fit these members: {0}")]
    Model(#[from] CustomerBaseError),
    /// A comparison does not fit what is there.
    #[error("the comparison does not fit these members: {0}")]
    Unfit(#[from] Unfit),
}

impl ReportError {
    /// Nothing to compare with.
    pub(super) const NO_PERIOD_BEFORE: Self = Self::NoData {
        code: "no-period-before",
        missing: "there is no period of the same length before this one",
        remedy: "choose a shorter period, or import more history",
    };

    /// Nobody was asked.
    pub(super) const NO_SURVEY: Self = Self::NoData {
        code: "no-survey",
        missing: "the lake has no answers to these questions in this period",
        remedy: "import a survey with perennial import survey",
    };

    /// What differs too little to be put in groups.
    pub(super) fn no_groups(_: Unfit) -> Self {
        Self::NoData {
            code: "no-groups",
            missing: "there is too little that differs to make groups of",
            remedy: "choose a longer period or other filters",
        }
    }
}

impl From<NoTotal> for ReportError {
    fn from(_: NoTotal) -> Self {
        Self::NoData {
            code: "nobody-spent",
            missing: "nobody spent anything",
            remedy: "choose a longer period or other filters",
        }
    }
}

impl From<datafusion::error::DataFusionError> for ReportError {
    fn from(error: datafusion::error::DataFusionError) -> Self {
        Self::Lake(error.into())
    }
}

impl From<arrow::error::ArrowError> for ReportError {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::Lake(error.into())
    }
}
