//! `issue-api-key`, `list-api-keys`, `revoke-api-key`: keys for the programs that use the API.

use clap::Args;
use jiff::Timestamp;
use operations::{ApiKey, KeyMode, KeyRequest, Scope};
use serde_json::json;

use super::database::DatabaseArgument;
use super::document::Actor;
use super::error::{CliError, Ended};
use super::output::Output;

/// Issue a key. It is printed once and cannot be shown again.
#[derive(Debug, Args)]
pub(crate) struct IssueApiKey {
    /// Whose it will be, for instance till-shanghai; entries name it as their actor.
    client: String,
    #[arg(long, value_delimiter = ',', required = true, value_parser = scopes, value_name = "SCOPE,…", help = scopes_help())]
    scopes: Vec<Scopes>,
    /// A test key: what it writes is only tried, and nothing is recorded.
    #[arg(long)]
    test: bool,
    /// First instant at which it no longer works.
    #[arg(long, value_name = "INSTANT")]
    expires_at: Option<Timestamp>,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    database: DatabaseArgument,
}

/// List all keys, without their secrets.
#[derive(Debug, Args)]
pub(crate) struct ListApiKeys {
    #[command(flatten)]
    database: DatabaseArgument,
}

/// Revoke a key. It stops working within two seconds, everywhere.
#[derive(Debug, Args)]
pub(crate) struct RevokeApiKey {
    /// The key's public part: the 8 characters after `pk_live_` or `pk_test_`.
    key_id: String,
    #[command(flatten)]
    database: DatabaseArgument,
}

/// What one word of `--scopes` names.
#[derive(Debug, Clone)]
struct Scopes(Vec<Scope>);

/// Made from the scopes there are, so that none is forgotten.
fn scopes_help() -> String {
    format!("What it allows, with commas between: {}; or all", Scope::ALL.map(Scope::name).join(", "))
}

fn scopes(name: &str) -> Result<Scopes, String> {
    if name == "all" {
        return Ok(Scopes(Scope::ALL.to_vec()));
    }
    let names = || Scope::ALL.map(Scope::name).join(", ");
    Scope::from_name(name)
        .map(|scope| Scopes(vec![scope]))
        .ok_or_else(|| format!("there is no scope {name}: use {}, or all", names()))
}

impl IssueApiKey {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open_beside_server().await?;
        let mut scopes: Vec<Scope> = self.scopes.into_iter().flat_map(|scopes| scopes.0).collect();
        scopes.sort_unstable();
        scopes.dedup();
        let mode = if self.test { KeyMode::Test } else { KeyMode::Live };
        let request = KeyRequest { client: self.client, mode, scopes, expires_at: self.expires_at };
        let issued = engine.issue_api_key(request, self.actor.name).await?;
        engine.shut_down().await;
        output.print(&json!({ "key": issued.text, "about": issued.key }), |_| issued.text.clone())?;
        Ok(Ended::Well)
    }
}

impl ListApiKeys {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let keys = self.database.open_to_read().await?.list_api_keys().await?;
        output.print(&keys, |keys| keys.iter().map(line).collect::<Vec<_>>().join("\n"))?;
        Ok(Ended::Well)
    }
}

impl RevokeApiKey {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        self.database.open_beside_server().await?.revoke_api_key(&self.key_id).await?;
        output.print(&json!({ "revoked": self.key_id }), |_| format!("revoked: {}", self.key_id))?;
        Ok(Ended::Well)
    }
}

fn line(key: &ApiKey) -> String {
    let state = match (key.revoked_at, key.expires_at) {
        (Some(at), _) => format!("revoked at {at}"),
        (None, Some(at)) => format!("until {at}"),
        (None, None) => "without end".to_owned(),
    };
    let used = key.last_used_at.map_or_else(|| "never used".to_owned(), |at| format!("last used at {at}"));
    let mode = if key.mode == KeyMode::Live { "live" } else { "test" };
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.name()).collect();
    format!("{} {} {mode} {} ({state}, {used})", key.key_id, key.client, scopes.join(","))
}
