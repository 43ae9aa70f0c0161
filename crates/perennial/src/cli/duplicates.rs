//! `duplicates find`, `list` and `decide`: members who may be one person, found, looked at and decided about.

use clap::{Args, Subcommand, ValueEnum};
use domain::ids::AccountId;
use operations::{
    DuplicateDecision, DuplicateFigures, DuplicateRunState, DuplicateRunView, DuplicateState, DuplicateView,
};
use serde_json::{Value, json};

use super::database::DatabaseArgument;
use super::document::Actor;
use super::error::{CliError, Ended};
use super::output::Output;
use crate::progress::{Progress, Unit};

/// Members who may be one person.
#[derive(Debug, Subcommand)]
pub(crate) enum Duplicates {
    /// Compare all members and keep the pairs that are probably one person. Stopped, it goes on when run again.
    Find(FindDuplicates),
    /// List pairs in a state, the most probable first, with what speaks for them.
    List(ListDuplicates),
    /// Decide about a pair: they are one person, they are not, or later.
    Decide(DecideDuplicate),
}

/// Compare all members and keep the pairs that are probably one person. Stopped, it goes on when run again.
#[derive(Debug, Args)]
pub(crate) struct FindDuplicates {
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    database: DatabaseArgument,
}

/// List pairs in a state, the most probable first, with what speaks for them.
#[derive(Debug, Args)]
pub(crate) struct ListDuplicates {
    /// What has become of them.
    #[arg(long, default_value = "open")]
    state: StateName,
    /// The `next` of the page before.
    #[arg(long, value_name = "CURSOR")]
    after: Option<String>,
    /// How many, 1 to 100.
    #[arg(long, default_value_t = 20)]
    limit: u16,
    #[command(flatten)]
    database: DatabaseArgument,
}

/// Decide about a pair: they are one person, they are not, or later.
#[derive(Debug, Args)]
pub(crate) struct DecideDuplicate {
    /// One of the two: mem_…
    one: AccountId,
    /// The other.
    other: AccountId,
    /// What they are.
    decision: DecisionName,
    /// Who goes on, for `merge`: one of the two.
    #[arg(long, required_if_eq("decision", "merge"))]
    survivor: Option<AccountId>,
    /// Why, for `merge`, in words.
    #[arg(long, required_if_eq("decision", "merge"))]
    reason: Option<String>,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    database: DatabaseArgument,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum StateName {
    /// Nobody has decided yet.
    Open,
    /// Put aside.
    Later,
    /// They are two persons.
    NotSame,
    /// They are one member now.
    Merged,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DecisionName {
    /// They are one person: the other one is merged into the survivor.
    Merge,
    /// They are two persons.
    NotSame,
    /// Somebody has to look again.
    Later,
    /// As before anybody decided.
    Reopen,
}

impl Duplicates {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        match self {
            Self::Find(command) => command.run(output).await,
            Self::List(command) => command.run(output).await,
            Self::Decide(command) => command.run(output).await,
        }
    }
}

impl FindDuplicates {
    async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open().await?;
        let progress = Progress::new(output.is_json(), "comparing members", Unit::Items);
        let mut tell = |run: &DuplicateRunView| {
            progress.set(u64::from(run.rules_done), u64::from(run.rules_total));
        };
        let run = engine.find_duplicates(&self.actor.name, &mut tell).await;
        progress.end();
        let figures = engine.view_duplicates().await;
        engine.shut_down().await;
        run?;
        let figures = figures?;
        output.print(&figures_json(&figures), |_| figures_words(&figures))?;
        Ok(Ended::Well)
    }
}

impl ListDuplicates {
    async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open_to_read().await?;
        let state = match self.state {
            StateName::Open => DuplicateState::Open,
            StateName::Later => DuplicateState::Later,
            StateName::NotSame => DuplicateState::NotSame,
            StateName::Merged => DuplicateState::Merged,
        };
        let page = engine.list_duplicates(state, self.after.as_deref(), self.limit).await?;
        engine.shut_down().await;
        let pairs: Vec<Value> = page.pairs.iter().map(pair_json).collect();
        let answer = json!({ "pairs": pairs, "has_more": page.has_more, "next": page.next });
        output.print(&answer, |_| {
            let mut lines: Vec<String> = page.pairs.iter().map(pair_words).collect();
            lines.extend(page.next.iter().map(|next| format!("more with --after {next}")));
            lines.join("\n")
        })?;
        Ok(Ended::Well)
    }
}

impl DecideDuplicate {
    async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open().await?;
        let decision = match (self.decision, self.survivor, self.reason) {
            (DecisionName::Merge, Some(survivor), Some(reason)) => {
                DuplicateDecision::Merge { survivor, reason }
            }
            (DecisionName::Merge, ..) => {
                return Err(CliError::Usage("merge needs --survivor and --reason".to_owned()));
            }
            (DecisionName::NotSame, ..) => DuplicateDecision::NotSame,
            (DecisionName::Later, ..) => DuplicateDecision::Later,
            (DecisionName::Reopen, ..) => DuplicateDecision::Reopen,
        };
        let decided = engine.decide_duplicate((self.one, self.other), &decision, &self.actor.name).await;
        engine.shut_down().await;
        let pair = decided?;
        output.print(&pair_json(&pair), |_| pair_words(&pair))?;
        Ok(Ended::Well)
    }
}

fn state_name(state: DuplicateState) -> &'static str {
    match state {
        DuplicateState::Open => "open",
        DuplicateState::Later => "later",
        DuplicateState::NotSame => "not_same",
        DuplicateState::Merged => "merged",
    }
}

fn run_json(run: &DuplicateRunView) -> Value {
    let state = match run.state {
        DuplicateRunState::Running => "running",
        DuplicateRunState::Finished => "finished",
        DuplicateRunState::Failed => "failed",
        DuplicateRunState::Cancelled => "cancelled",
    };
    json!({
        "run_no": run.run_no, "state": state, "rules_done": run.rules_done, "rules_total": run.rules_total,
        "members": run.members, "merged": run.merged, "compared": run.compared, "pairs": run.pairs,
        "blocks_left_out": run.blocks_left_out, "pairs_left_out": run.pairs_left_out,
        "pairs_over_limit": run.pairs_over_limit, "started_at": run.started_at,
        "finished_at": run.finished_at, "error": run.error,
    })
}

fn figures_json(figures: &DuplicateFigures) -> Value {
    let precision = figures.precision.map(|share| {
        json!({
            "part": share.part, "whole": share.whole, "value": share.value(), "low": share.low,
            "high": share.high,
        })
    });
    json!({
        "open": figures.open, "open_likely": figures.open_likely, "later": figures.later,
        "not_same": figures.not_same, "merged": figures.merged, "match_rate": figures.match_rate,
        "precision": precision, "run": figures.run.as_ref().map(run_json),
    })
}

fn figures_words(figures: &DuplicateFigures) -> String {
    let mut lines = Vec::new();
    if let Some(run) = &figures.run {
        lines.push(format!(
            "{} members, {} pairs compared, {} kept; left out: {} blocks with {} pairs, {} pairs over the limit",
            run.members,
            run.compared,
            run.pairs,
            run.blocks_left_out,
            run.pairs_left_out,
            run.pairs_over_limit
        ));
    }
    lines.push(format!(
        "{} open ({} likely), {} later, {} not the same, {} merged",
        figures.open, figures.open_likely, figures.later, figures.not_same, figures.merged
    ));
    if let Some(share) = figures.precision {
        let (low, high) = (share.low, share.high);
        lines.push(format!("right so far: {} of {} judged ({low:.3} to {high:.3})", share.part, share.whole));
    }
    lines.join("\n")
}

fn pair_json(pair: &DuplicateView) -> Value {
    let member = |member: &operations::DuplicateMember| {
        json!({
            "member_id": member.member_id, "name": member.profile.name, "born_on": member.profile.born_on,
            "identifiers": member.identifiers, "enrolled_at": member.enrolled_at,
        })
    };
    let evidence = pair
        .evidence
        .iter()
        .map(|one| json!({ "field": one.field.name(), "agreement": one.agreement.name(), "bits": one.bits }));
    json!({
        "left": member(&pair.left), "right": member(&pair.right), "state": state_name(pair.state),
        "probability": pair.probability, "likely": pair.likely, "weight_bits": pair.weight_bits,
        "prior_bits": pair.prior_bits, "household_bits": pair.household_bits,
        "evidence": evidence.collect::<Vec<_>>(), "found_at": pair.found_at,
        "decided_at": pair.decided_at, "decided_by": pair.decided_by,
    })
}

fn pair_words(pair: &DuplicateView) -> String {
    let name = |member: &operations::DuplicateMember| {
        format!("{} {}", member.member_id, member.profile.name.as_deref().unwrap_or("-"))
    };
    let evidence = pair
        .evidence
        .iter()
        .map(|one| format!("{} {} {:+.1}", one.field.name(), one.agreement.name(), one.bits));
    format!(
        "{:.3}  {}  {} | {}  ({})",
        pair.probability,
        state_name(pair.state),
        name(&pair.left),
        name(&pair.right),
        evidence.collect::<Vec<_>>().join(", ")
    )
}
