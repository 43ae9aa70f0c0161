//! `run-statement` and `show-statement`: points of all members become vouchers, and what one member's statement says.

use clap::Args;
use domain::code::Code;
use jiff::civil::Date;
use operations::{StatementRunState, StatementRunView, StatementView};
use serde_json::{Value, json};

use super::database::DatabaseArgument;
use super::document::Actor;
use super::error::{CliError, Ended};
use super::member::member;
use super::output::Output;
use crate::progress::{Progress, Unit};

/// Turn the points of all members into vouchers, as the programme's statement says. Stopped, it goes on when run again.
#[derive(Debug, Args)]
pub(crate) struct RunStatement {
    /// The statement, as the programme calls it.
    statement: Code,
    /// Its date, today or earlier; a member gets one statement of a date at most.
    made_on: Date,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    database: DatabaseArgument,
}

/// Show a member's statement: lots, what lapses when, vouchers with their codes.
#[derive(Debug, Args)]
pub(crate) struct ShowStatement {
    /// mem_…, or card:…, phone:…, email:…, external:…
    member: String,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl RunStatement {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open().await?;
        let progress = Progress::new(output.is_json(), "making statements", Unit::Items);
        let mut tell = |run: &StatementRunView| {
            let members = u64::try_from(run.members).unwrap_or(0);
            progress.set(members, members);
        };
        let run = engine.run_statement(self.statement, self.made_on, &self.actor.name, &mut tell).await;
        progress.end();
        engine.shut_down().await;
        let run = run?;
        output.print(&run_json(&run), |_| {
            format!(
                "{} of {}: {} members, {} vouchers worth {} minor units, {} points spent, {} carried over",
                run.statement, run.made_on, run.members, run.vouchers, run.value, run.points, run.carried
            )
        })?;
        Ok(Ended::Well)
    }
}

fn run_json(run: &StatementRunView) -> Value {
    let state = match run.state {
        StatementRunState::Running => "running",
        StatementRunState::Finished => "finished",
        StatementRunState::Failed => "failed",
    };
    json!({
        "statement": run.statement, "made_on": run.made_on, "programme_version": run.programme_version,
        "state": state, "members": run.members, "vouchers": run.vouchers, "value": run.value,
        "points": run.points, "carried": run.carried, "started_at": run.started_at,
        "finished_at": run.finished_at, "error": run.error,
    })
}

impl ShowStatement {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open().await?;
        let member = member(&self.member, &engine)?;
        let view = engine.view_statement(&member).await;
        engine.shut_down().await;
        let view = view?;
        output.print(&view_json(&view), |_| words(&view))?;
        Ok(Ended::Well)
    }
}

fn view_json(view: &StatementView) -> Value {
    let vouchers = view.vouchers.iter().map(|each| {
        json!({
            "voucher": each.voucher, "name": each.name, "code": each.code,
            "why_not": each.why_not.as_ref().map(ToString::to_string),
        })
    });
    let statements = view.statements.iter().map(|each| {
        json!({
            "statement": each.statement.code, "last": each.last, "points": each.points, "value": each.value,
            "carried": each.carried, "missing": each.missing,
        })
    });
    let expiring = view
        .expiring
        .iter()
        .map(|(unit, at, points)| json!({ "unit": unit, "expires_at": at, "points": points }));
    json!({
        "member_id": view.member_id, "as_of": view.as_of, "balances": view.balances, "lots": view.lots,
        "expiring": expiring.collect::<Vec<_>>(), "vouchers": vouchers.collect::<Vec<_>>(),
        "statements": statements.collect::<Vec<_>>(),
    })
}

fn words(view: &StatementView) -> String {
    let mut lines = vec![format!("{} as of {}", view.member_id, view.as_of)];
    for balance in &view.balances {
        lines.push(format!(
            "  {}: {} available, {} pending",
            balance.unit, balance.available, balance.pending
        ));
    }
    for (unit, at, points) in &view.expiring {
        lines.push(format!("  {points} {unit} lapse at {at}"));
    }
    for each in &view.vouchers {
        let code = each.code.as_deref().unwrap_or("-");
        let why = each.why_not.as_ref().map_or_else(String::new, |why| format!(": {why}"));
        lines.push(format!("  {code} {} until {}{why}", each.voucher.template, each.voucher.expires_at));
    }
    for each in &view.statements {
        lines.push(format!(
            "  {}: {} points would become {} minor units, {} would be carried over, {} are missing to the next step",
            each.statement.code, each.points, each.value, each.carried, each.missing
        ));
    }
    lines.join("\n")
}
