//! `list-entries`: a member's timeline, newest first.

use clap::Args;
use domain::ids::EntryId;
use domain::ledger::Entry;
use serde_json::json;

use super::database::DatabaseArgument;
use super::error::{CliError, Ended};
use super::member::member;
use super::output::Output;

/// List a member's entries, newest first.
#[derive(Debug, Args)]
pub(crate) struct ListEntries {
    /// mem_…, or card:…, phone:…, email:…, external:…
    member: String,
    /// Only entries before this number.
    #[arg(long, value_name = "NUMBER")]
    after: Option<u32>,
    /// How many, 1 to 100.
    #[arg(long, default_value_t = 20)]
    limit: u16,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl ListEntries {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open_to_read().await?;
        let member_id = engine.find_member(&member(&self.member, &engine)?).await?;
        let page = engine.list_entries(member_id, self.after, self.limit).await?;
        engine.shut_down().await;
        let answer = json!({ "entries": page.entries, "has_more": page.has_more, "next": page.next });
        output.print(&answer, |_| {
            let mut lines: Vec<String> = page.entries.iter().map(line).collect();
            if let Some(next) = page.next {
                lines.push(format!("more with --after {next}"));
            }
            lines.join("\n")
        })?;
        Ok(Ended::Well)
    }
}

fn line(entry: &Entry) -> String {
    let EntryId { entry_no, .. } = entry.id;
    let balances = entry.standing.balances.iter();
    let balances: Vec<String> =
        balances.map(|b| format!("{} {} (+{} pending)", b.available, b.unit, b.pending)).collect();
    let event = entry.fact.event();
    format!("{entry_no:>6}  {}  {event:<20} {}  {}", entry.occurred_at, balances.join(", "), entry.id)
}
