//! Publishing a programme: checked, made an immutable version, in force from its effective date.

use domain::ledger::Actor;
use domain::programme::{Finding, Programme, Severity, check, parse_toml};
use domain::refusal::Refusal;
use jiff::Timestamp;

use crate::command::{Answer, Command, Request};
use crate::engine::Engine;
use crate::error::OperationError;

/// Reads a programme document, TOML or JSON.
pub fn read_programme(text: &str) -> Result<Programme, Vec<Finding>> {
    if text.trim_start().starts_with('{') { Programme::from_json(text) } else { parse_toml(text) }
}

impl Engine {
    /// Publishes a programme document (TOML or JSON) as the next version; returns its number.
    pub async fn publish_programme(
        &self,
        text: &str,
        effective_at: Timestamp,
        actor: impl Into<Actor>,
    ) -> Result<u32, OperationError> {
        self.publish_programme_once(text, effective_at, actor, None).await
    }

    /// The same under an idempotency key: a repeated request gets the number it got before.
    pub async fn publish_programme_once(
        &self,
        text: &str,
        effective_at: Timestamp,
        actor: impl Into<Actor>,
        key: Option<String>,
    ) -> Result<u32, OperationError> {
        let programme = read_programme(text).map_err(|findings| refuse(&findings))?;
        let findings = check(&programme);
        if findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Err(refuse(&findings).into());
        }
        let command = Command::PublishProgramme { programme: Box::new(programme), effective_at };
        let Answer::Published(version) = self.carry_out(Request::new(command, actor).with_key(key)).await?
        else {
            return Err(OperationError::Internal("publishing gave no version".to_owned()));
        };
        Ok(version)
    }
}

fn refuse(findings: &[Finding]) -> Refusal {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    let first = errors.clone().next().map_or_else(String::new, ToString::to_string);
    Refusal::ProgrammeInvalid { count: errors.count(), first }
}
