//! `explain`: why an entry says what it says, in sentences.

use clap::{Args, ValueEnum};
use domain::explain::Explanation;
use domain::ids::EntryId;
use domain::programme::Language;

use super::database::DatabaseArgument;
use super::error::{CliError, Ended};
use super::output::Output;

/// Say in words why an entry says what it says.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The entry, `ent_…`: see `list-entries`.
    entry: EntryId,
    /// The language of the sentences.
    #[arg(long, default_value = "en")]
    language: LanguageArgument,
    #[command(flatten)]
    database: DatabaseArgument,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LanguageArgument {
    #[value(name = "zh-CN", alias = "zh")]
    Chinese,
    #[value(name = "en")]
    English,
}

impl Explain {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let language = match self.language {
            LanguageArgument::Chinese => Language::ZhCn,
            LanguageArgument::English => Language::En,
        };
        let engine = self.database.open_to_read().await?;
        let explanation = engine.explain(self.entry, language).await?;
        engine.shut_down().await;
        output.print(&explanation, words)?;
        Ok(Ended::Well)
    }
}

fn words(explanation: &Explanation) -> String {
    let Explanation {
        title,
        awards,
        not_applied,
        vouchers,
        clawback,
        spending,
        movements,
        tiers,
        balances,
        decided,
    } = explanation;
    let mut lines = vec![title.clone()];
    for part in [awards, not_applied, vouchers, clawback, spending, movements, tiers, balances] {
        lines.extend(part.iter().map(|line| format!("  {line}")));
    }
    lines.push(decided.clone());
    lines.join("\n")
}
