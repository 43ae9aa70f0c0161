//! What a subcommand prints: words for people, JSON for programs. Results go to standard output, all else to
//! standard error.

use std::io::Write;
use std::process::ExitCode;

use domain::ids::EntryId;
use domain::ledger::Balance;
use operations::{Answer, OperationError, Recorded, Reply};
use serde::Serialize;
use serde_json::{Value, json};

use super::error::{CliError, Ended};

/// Where results go and in which form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    /// Words, or JSON.
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether results are JSON.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// Prints a result: as JSON, or in the words that `words` makes of it.
    pub(crate) fn print<T: Serialize>(
        self,
        value: &T,
        words: impl FnOnce(&T) -> String,
    ) -> Result<(), CliError> {
        if self.json {
            let text =
                serde_json::to_string_pretty(value).map_err(|cause| CliError::failed("output", &cause))?;
            Self::text(&text);
        } else {
            Self::text(words(value).trim_end());
        }
        Ok(())
    }

    /// Prints one fact of many: `name: value`, or as JSON on a line of its own.
    pub(crate) fn fact(self, name: &str, value: &impl std::fmt::Display) {
        if self.json {
            Self::text(&json!({ name: value.to_string() }).to_string());
        } else {
            Self::text(&format!("{name}: {value}"));
        }
    }

    /// Tells whoever waits for it that the server answers.
    pub(crate) fn ready(self) {
        Self::text(if self.json { r#"{"ready":true}"# } else { "ready" });
    }

    /// Prints text as it is. Whoever closed the pipe has seen enough.
    pub(crate) fn text(text: &str) {
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "{text}").and_then(|()| out.flush());
    }

    /// Prints an error and gives its exit code.
    pub(crate) fn fail(self, error: &CliError) -> ExitCode {
        let mut out = std::io::stderr().lock();
        let sentence = error.sentence();
        let _ = if self.json {
            let body =
                json!({ "error": { "code": error.name(), "sentence": sentence, "exit_code": error.code() } });
            writeln!(out, "{body}")
        } else {
            writeln!(out, "perennial: {sentence}")
        };
        ExitCode::from(error.code())
    }

    /// Prints the answers to one command or many. A refusal of one is printed beside the answers of the others.
    pub(crate) fn answers(self, replies: Vec<Reply>, many: bool) -> Result<Ended, CliError> {
        if !many {
            let reply = replies.into_iter().next();
            let missing = || OperationError::Internal("a command without an answer".to_owned());
            let answer = reply.ok_or_else(missing)??;
            self.print(&answer_json(&answer), |_| answer_words(&answer))?;
            return Ok(Ended::Well);
        }
        let mut ended = Ended::Well;
        let mut bodies = Vec::with_capacity(replies.len());
        let mut lines = Vec::with_capacity(replies.len());
        for reply in replies {
            match reply {
                Ok(answer) => {
                    bodies.push(answer_json(&answer));
                    lines.push(answer_words(&answer));
                }
                Err(OperationError::Refused(refusal)) => {
                    ended = Ended::Refused;
                    bodies.push(json!({
                        "status": "refused",
                        "code": refusal.code(),
                        "field": refusal.offending_field(),
                        "sentence": refusal.to_string(),
                    }));
                    lines.push(format!("refused: {refusal}"));
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.print(&bodies, |_| lines.join("\n"))?;
        Ok(ended)
    }
}

fn answer_json(answer: &Answer) -> Value {
    match answer {
        Answer::Recorded(recorded) => json!({
            "status": if recorded.dry_run { "decided" } else { "recorded" },
            "duplicate": recorded.duplicate,
            "receipt": recorded.receipt(),
        }),
        Answer::Parked(key) => json!({ "status": "parked", "return": key }),
        Answer::Published(version) => json!({ "status": "published", "version": version }),
        Answer::Voucher(answer) => json!({ "status": format!("{answer:?}") }),
        Answer::Advanced(entries) => {
            let ids: Vec<EntryId> = entries.iter().map(|entry| entry.id).collect();
            json!({ "status": "advanced", "entries": ids })
        }
    }
}

fn answer_words(answer: &Answer) -> String {
    match answer {
        Answer::Recorded(recorded) => recorded_words(recorded),
        Answer::Parked(key) => {
            format!("parked: return {} {} waits for its purchase", key.source, key.reference)
        }
        Answer::Published(version) => format!("published: version {version}"),
        Answer::Voucher(answer) => format!("{answer:?}"),
        Answer::Advanced(entries) => format!("advanced: {} entries", entries.len()),
    }
}

fn recorded_words(recorded: &Recorded) -> String {
    let receipt = recorded.receipt();
    let verb = match (recorded.dry_run, recorded.duplicate) {
        (true, _) => "would record",
        (false, true) => "recorded before",
        (false, false) => "recorded",
    };
    let mut lines = vec![format!("{verb}: {} {} of {}", receipt.event, receipt.entry_id, receipt.member_id)];
    for earned in &receipt.earned {
        let until = earned.pending_until.map_or_else(String::new, |until| format!(", pending until {until}"));
        lines.push(format!("  earned {} {}{until}", earned.points, earned.unit));
    }
    for part in &receipt.clawback {
        lines.push(format!("  taken back {} {}, of which {} owed", part.due, part.unit, part.debt));
    }
    for spent in &receipt.spent {
        lines.push(format!("  {} {} paid {} in minor units", spent.points, spent.unit, spent.amount));
    }
    for refund in &receipt.refunds {
        lines.push(format!("  given back {} {}", refund.points, refund.unit));
    }
    if let Some(hold) = &receipt.hold {
        let until = hold.ends_at.map_or_else(String::new, |end| format!(" until {end}"));
        lines.push(format!("  hold {} keeps {} {}{until}", hold.key.reference, hold.held, hold.unit));
    }
    if let Some(stored) = &receipt.stored_value {
        let (paid_in, paid_back, unit) = (stored.paid_in, stored.paid_back, stored.unit);
        lines.push(format!(
            "  {unit}: {paid_in} paid in, {paid_back} paid back by {}, in minor units",
            stored.method
        ));
        let taken = stored.bonus_taken.iter();
        lines.extend(taken.map(|taken| format!("  with it went {} {}", taken.points, taken.unit)));
    }
    if let Some(redemption) = &receipt.redemption {
        let besides = if redemption.money > 0 { format!(" and {}", redemption.money) } else { String::new() };
        let (quantity, reward, points) = (redemption.quantity, redemption.reward, redemption.points);
        lines.push(format!("  {quantity} × {reward} for {points} {}{besides}", redemption.unit));
    }
    for Balance { unit, available, pending, held, debt, .. } in &receipt.balances {
        lines.push(format!("  {unit}: {available} available, {pending} pending, {held} held, {debt} owed"));
    }
    lines.join("\n")
}
