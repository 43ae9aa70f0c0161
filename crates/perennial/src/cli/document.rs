//! What the subcommands that record documents share: reading JSON from a file or standard input, one or many, and
//! carrying the commands out.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use operations::{CALL_COMMANDS, Command, Engine, Request};
use serde::de::DeserializeOwned;

use super::database::DatabaseArgument;
use super::error::{CliError, Ended};
use super::output::Output;

/// Who answers for a command; entries name it.
#[derive(Debug, Clone, Args)]
pub(crate) struct Actor {
    /// Who answers for it; entries name it.
    #[arg(
        id = "actor",
        long = "actor",
        env = "PERENNIAL_ACTOR",
        default_value = "shell",
        value_name = "NAME"
    )]
    pub(crate) name: String,
}

/// Documents to record.
#[derive(Debug, Clone, Args)]
pub(crate) struct Documents {
    /// JSON, one document or a list, as in the API; `-` reads standard input.
    file: PathBuf,
    /// Decide and answer, but record nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl Documents {
    /// Reads the documents, turns each into its command, carries all out in order and prints the answers.
    pub(crate) async fn record<T: DeserializeOwned>(
        self,
        output: Output,
        command: impl Fn(T, &Engine) -> Result<Command, CliError>,
    ) -> Result<Ended, CliError> {
        let (documents, many) = read::<T>(&self.file)?;
        let engine = self.database.open().await?;
        let mut requests = Vec::with_capacity(documents.len());
        for document in documents {
            let command = command(document, &engine)?;
            requests.push(Request::new(command, self.actor.name.as_str()).dry_run(self.dry_run));
        }
        let mut replies = Vec::with_capacity(requests.len());
        while !requests.is_empty() {
            let rest = requests.split_off(requests.len().min(CALL_COMMANDS));
            replies.extend(engine.submit(std::mem::replace(&mut requests, rest)).await?);
        }
        engine.shut_down().await;
        output.answers(replies, many)
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<(Vec<T>, bool), CliError> {
    let mut text = String::new();
    let result = if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|mut file| file.read_to_string(&mut text))
    };
    result.map_err(|cause| CliError::file(path, &cause))?;
    let wrong = |cause: serde_json::Error| CliError::Usage(format!("{}: {cause}", path.display()));
    // Decided by the first character, so that the error is about the document and not about the choice.
    if text.trim_start().starts_with('[') {
        let documents: Vec<T> = serde_json::from_str(&text).map_err(wrong)?;
        return Ok((documents, true));
    }
    Ok((vec![serde_json::from_str(&text).map_err(wrong)?], false))
}

/// Carries out one command and prints its answer.
pub(crate) async fn carry_out(engine: &Engine, request: Request, output: Output) -> Result<Ended, CliError> {
    let reply = engine.carry_out(request).await;
    engine.shut_down().await;
    output.answers(vec![reply], false)
}
