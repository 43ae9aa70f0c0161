//! Asking a question of the lake.

use analytics::lake::{Lake, LakeLocation, SessionOptions};
use analytics::report::{self, Report, ReportError, ReportName, ReportRequest};
use domain::refusal::Refusal;

use crate::error::OperationError;

/// The answer to a question, from the lake as it is now. Needs no database: whoever has only files can ask.
pub async fn run_report(
    location: &LakeLocation,
    name: ReportName,
    request: &ReportRequest,
    options: &SessionOptions,
) -> Result<Report, OperationError> {
    let lake = Lake::open(location).await?;
    report::run(&lake, name, request, options).await.map_err(OperationError::from)
}

impl From<ReportError> for OperationError {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Lake(error) => error.into(),
            ReportError::Asked { field, value, remedy } => Refusal::field(field, value, remedy).into(),
            ReportError::NoData { code, .. } => Self::NoAnswer { code, sentence: error.to_string() },
            ReportError::Model(_) | ReportError::Unfit(_) => {
                Self::NoAnswer { code: "no-model", sentence: error.to_string() }
            }
        }
    }
}
