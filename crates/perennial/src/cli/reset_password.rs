//! `reset-password`: a one-time link by which somebody chooses a new password.

use clap::Args;
use operations::SETUP_LINK_HOURS;
use serde_json::json;

use super::database::DatabaseArgument;
use super::error::{CliError, Ended};
use super::output::Output;

/// Print a one-time link to a new password. The old one and all sessions of theirs end at once.
#[derive(Debug, Args)]
pub(crate) struct ResetPassword {
    /// The name they sign in with.
    name: String,
    /// Where their browser finds the server.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    server: String,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl ResetPassword {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open_beside_server().await?;
        let secret = engine.reset_password(&self.name).await;
        engine.shut_down().await;
        let server = self.server.trim_end_matches('/');
        let link = format!("{server}/console/set-up?token={}", secret?);
        let told = json!({ "user": self.name, "link": link, "hours": SETUP_LINK_HOURS });
        output.print(&told, |_| format!("link: {link}\nworks once, within {SETUP_LINK_HOURS} hours"))?;
        Ok(Ended::Well)
    }
}
