//! `disable-user`: shuts somebody out of console and till.

use clap::Args;
use serde_json::json;

use super::database::DatabaseArgument;
use super::error::{CliError, Ended};
use super::output::Output;

/// Shut somebody out of console and till. Their sessions end; reset-password lets them in again.
#[derive(Debug, Args)]
pub(crate) struct DisableUser {
    /// The name they sign in with.
    name: String,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl DisableUser {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open_beside_server().await?;
        let disabled = engine.disable_user(&self.name).await;
        engine.shut_down().await;
        disabled?;
        output.print(&json!({ "disabled": self.name }), |_| format!("disabled: {}", self.name))?;
        Ok(Ended::Well)
    }
}
