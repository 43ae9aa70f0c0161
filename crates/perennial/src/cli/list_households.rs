//! `list-households`: households with their pools and members, newest first.

use clap::Args;
use operations::{HouseholdFilter, HouseholdMember, HouseholdView};
use serde_json::{Value, json};

use super::database::DatabaseArgument;
use super::error::{CliError, Ended};
use super::member::member;
use super::output::Output;

/// List households with what they pool and who belongs to them, newest first.
#[derive(Debug, Args)]
pub(crate) struct ListHouseholds {
    /// A part of the household's name or of a member's name, in letters or pinyin.
    #[arg(long)]
    text: Option<String>,
    /// The household of a member: mem_…, or card:…, phone:…, email:…, external:…
    #[arg(long)]
    member: Option<String>,
    /// The `next` of the page before.
    #[arg(long, value_name = "CURSOR")]
    after: Option<String>,
    /// How many, 1 to 100.
    #[arg(long, default_value_t = 20)]
    limit: u16,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl ListHouseholds {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open_to_read().await?;
        let of = self.member.as_deref().map(|text| member(text, &engine)).transpose()?;
        let filter = HouseholdFilter { text: self.text, member: of };
        let page = engine.list_households(&filter, self.after.as_deref(), self.limit).await?;
        engine.shut_down().await;
        let households: Vec<Value> = page.households.iter().map(household).collect();
        let answer = json!({ "households": households, "has_more": page.has_more, "next": page.next });
        output.print(&answer, |_| {
            let mut lines: Vec<String> = page.households.iter().flat_map(lines).collect();
            lines.extend(page.next.iter().map(|next| format!("more with --after {next}")));
            lines.join("\n")
        })?;
        Ok(Ended::Well)
    }
}

fn household(view: &HouseholdView) -> Value {
    let balances = view.balances.iter().map(
        |one| json!({ "unit": one.unit, "available": one.available, "held": one.held, "debt": one.debt }),
    );
    let member = |member: &HouseholdMember| {
        let share = member
            .share
            .iter()
            .map(|share| json!({ "unit": share.unit, "points": share.points, "debt": share.debt }));
        json!({
            "id": member.member_id, "name": member.name, "may_spend": member.may_spend, "since": member.since,
            "share": share.collect::<Vec<_>>(),
        })
    };
    json!({
        "id": view.household_id, "name": view.name, "opened_at": view.opened_at,
        "units": balances.collect::<Vec<_>>(),
        "members": view.members.iter().map(member).collect::<Vec<_>>(), "holds": view.holds.len(),
    })
}

fn lines(view: &HouseholdView) -> Vec<String> {
    let pooled: Vec<String> = view
        .balances
        .iter()
        .map(|one| format!("{} {} available, {} held, {} owed", one.available, one.unit, one.held, one.debt))
        .collect();
    let pooled = if pooled.is_empty() { "nothing pooled".to_owned() } else { pooled.join("; ") };
    let mut lines =
        vec![format!("{}  {}: {pooled}", view.household_id, view.name.as_deref().unwrap_or("no name"))];
    lines.extend(view.members.iter().map(|member| {
        let may = if member.may_spend { "may spend" } else { "may not spend" };
        let name = member.name.as_deref().unwrap_or("no name");
        format!("  {}  {name}, {may}, since {}", member.member_id, member.since)
    }));
    lines
}
