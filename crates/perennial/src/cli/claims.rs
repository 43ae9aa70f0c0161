//! `claims`: what is told about loyalty programmes, and what it is worth.

use analytics::claims::{Claim, ClaimStatus, ClaimUnit, claims};
use clap::Args;
use comfy_table::Table;
use comfy_table::presets::NOTHING;

use super::error::{CliError, Ended};
use super::output::Output;

/// List what is told about loyalty programmes, with source and status: benchmarks, not targets.
#[derive(Debug, Args)]
pub(crate) struct Claims {
    /// Only claims of one status: confirmed, corroborated, unverified, contradicted, implausible.
    #[arg(long, value_parser = status)]
    status: Option<ClaimStatus>,
}

fn status(text: &str) -> Result<ClaimStatus, String> {
    let found = ClaimStatus::ALL.into_iter().find(|status| status.name() == text);
    found.ok_or_else(|| format!("use one of {}", ClaimStatus::ALL.map(ClaimStatus::name).join(", ")))
}

impl Claims {
    pub(crate) fn run(self, output: Output) -> Result<Ended, CliError> {
        let wanted = |claim: &&Claim| self.status.is_none_or(|status| claim.status == status);
        let found: Vec<&Claim> = claims().iter().filter(wanted).collect();
        output.print(&found, |found| words(found))?;
        Ok(Ended::Well)
    }
}

fn words(claims: &[&Claim]) -> String {
    let mut printed = Table::new();
    printed.load_style(NOTHING);
    printed.set_header(["claim", "value", "scope", "status", "source", "measured by"]);
    for claim in claims {
        printed.add_row([
            claim.text.en.as_str(),
            &value(claim),
            &claim.scope.en,
            claim.status.name(),
            claim.source.as_deref().unwrap_or("no source found"),
            claim.report.map_or("", |report| report.as_str()),
        ]);
    }
    printed.to_string()
}

/// The number with its unit, or the range.
fn value(claim: &Claim) -> String {
    let number = |value: f64| match claim.unit {
        ClaimUnit::Share => format!("{:.1} %", value * 100.0),
        _ => format!("{value}"),
    };
    let unit = if claim.unit == ClaimUnit::Share { "" } else { claim.unit.name() };
    let range = claim.value_high.map_or_else(String::new, |high| format!(" to {}", number(high)));
    format!("{}{range} {unit}", number(claim.value)).trim_end().to_owned()
}
