//! `list-holds`: open holds of all members, those that time out first on top.

use clap::Args;
use operations::HoldFilter;
use serde_json::json;

use super::database::DatabaseArgument;
use super::error::{CliError, Ended};
use super::output::Output;

/// List open holds, those that time out first on top.
#[derive(Debug, Args)]
pub(crate) struct ListHolds {
    /// The `next` of the page before.
    #[arg(long, value_name = "CURSOR")]
    after: Option<String>,
    /// How many, 1 to 100.
    #[arg(long, default_value_t = 20)]
    limit: u16,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl ListHolds {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open_to_read().await?;
        let page = engine.list_holds(&HoldFilter::default(), self.after.as_deref(), self.limit).await?;
        engine.shut_down().await;
        let holds = page.holds.iter().map(|hold| {
            json!({
                "member_id": hold.member_id, "entry_id": hold.entry_id, "document": hold.key, "unit": hold.unit,
                "points": hold.points, "captured": hold.captured, "opened_at": hold.opened_at,
                "ends_at": hold.ends_at,
            })
        });
        let answer =
            json!({ "holds": holds.collect::<Vec<_>>(), "has_more": page.has_more, "next": page.next });
        output.print(&answer, |_| {
            let line = |hold: &operations::HoldView| {
                let (left, unit) = (hold.points.saturating_sub(hold.captured), hold.unit);
                let (source, reference) = (&hold.key.source, &hold.key.reference);
                format!("{}  {left} {unit} until {}  {source} {reference}", hold.member_id, hold.ends_at)
            };
            let mut lines: Vec<String> = page.holds.iter().map(line).collect();
            lines.extend(page.next.iter().map(|next| format!("more with --after {next}")));
            lines.join("\n")
        })?;
        Ok(Ended::Well)
    }
}
