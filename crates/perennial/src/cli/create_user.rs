//! `create-user`: adds somebody who may sign in to the console, with a password that is printed once.

use clap::Args;
use operations::{Role, draw_password};
use serde_json::json;

use super::database::DatabaseArgument;
use super::error::{CliError, Ended};
use super::output::Output;

/// Add somebody who may sign in to the console.
#[derive(Debug, Args)]
pub(crate) struct CreateUser {
    /// The name they sign in with.
    name: String,
    /// What they may do: manager, analyst, auditor, support or cashier.
    #[arg(long)]
    role: Role,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl CreateUser {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open_beside_server().await?;
        let password = draw_password()?;
        let created = engine.create_console_user(&self.name, &password, self.role).await;
        engine.shut_down().await;
        let (user, role) = (created?.name, self.role.name());
        let answer = json!({ "user": user, "role": role, "password": password });
        output.print(&answer, |_| format!("user: {user}\npassword: {password}"))?;
        Ok(Ended::Well)
    }
}
