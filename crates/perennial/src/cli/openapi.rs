//! `openapi`: prints the OpenAPI document, made from the handlers.

use clap::Args;

use super::error::{CliError, Ended};
use super::output::Output;

/// Print the API's OpenAPI document.
#[derive(Debug, Args)]
pub(crate) struct Openapi {}

impl Openapi {
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the form of every subcommand")]
    pub(crate) fn run(self, _: Output) -> Result<Ended, CliError> {
        Output::text(perennial::api::openapi().trim_end());
        Ok(Ended::Well)
    }
}
