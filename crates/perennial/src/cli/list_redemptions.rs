//! `list-redemptions`: redeemed rewards in one state, oldest first.

use clap::{Args, ValueEnum};
use domain::ledger::RedemptionState;
use serde_json::json;

use super::database::DatabaseArgument;
use super::error::{CliError, Ended};
use super::output::Output;

/// List redeemed rewards in one state, oldest first.
#[derive(Debug, Args)]
pub(crate) struct ListRedemptions {
    /// How they stand.
    #[arg(long, default_value = "requested")]
    state: StateArgument,
    /// The `next` of the page before.
    #[arg(long, value_name = "CURSOR")]
    after: Option<String>,
    /// How many, 1 to 100.
    #[arg(long, default_value_t = 20)]
    limit: u16,
    #[command(flatten)]
    database: DatabaseArgument,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum StateArgument {
    Requested,
    Fulfilled,
    Cancelled,
}

impl ListRedemptions {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let state = match self.state {
            StateArgument::Requested => RedemptionState::Requested,
            StateArgument::Fulfilled => RedemptionState::Fulfilled,
            StateArgument::Cancelled => RedemptionState::Cancelled,
        };
        let engine = self.database.open_to_read().await?;
        let page = engine.list_redemptions(state, None, self.after.as_deref(), self.limit).await?;
        engine.shut_down().await;
        let redemptions = page.redemptions.iter().map(|row| {
            json!({
                "member_id": row.member_id, "entry_id": row.entry_id, "document": row.key, "reward": row.reward,
                "quantity": row.quantity, "unit": row.unit, "points": row.points, "money": row.money,
                "state": row.state, "requested_at": row.requested_at,
            })
        });
        let redemptions: Vec<_> = redemptions.collect();
        let answer = json!({ "redemptions": redemptions, "has_more": page.has_more, "next": page.next });
        output.print(&answer, |_| {
            let line = |row: &operations::RedemptionView| {
                let (source, reference) = (&row.key.source, &row.key.reference);
                let what = format!("{} × {} for {} {}", row.quantity, row.reward, row.points, row.unit);
                format!("{}  {}  {what}  {source} {reference}", row.requested_at, row.member_id)
            };
            let mut lines: Vec<String> = page.redemptions.iter().map(line).collect();
            lines.extend(page.next.iter().map(|next| format!("more with --after {next}")));
            lines.join("\n")
        })?;
        Ok(Ended::Well)
    }
}
