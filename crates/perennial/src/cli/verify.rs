//! `verify`: checks a whole database, also while a server writes to it; ends with 4 if anything does not hold.

use clap::Args;
use operations::{VerifyProgress, VerifyReport};

use super::database::DatabaseArgument;
use super::error::{CliError, Ended};
use super::output::Output;
use crate::progress::{Progress, Unit};

/// Check that everything in the database agrees.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Also read the whole feed of events.
    #[arg(long)]
    deep: bool,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl Verify {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open_to_read().await?;
        let bar = Progress::new(output.is_json(), "verifying accounts", Unit::Items);
        let mut show = |progress: VerifyProgress| bar.set(progress.accounts_done, progress.accounts_total);
        let verified = engine.verify(self.deep, &mut show).await;
        bar.end();
        let report = verified?;
        output.print(&report, words)?;
        Ok(if report.is_clean() { Ended::Well } else { Ended::Differences })
    }
}

fn words(report: &VerifyReport) -> String {
    let VerifyReport { accounts, entries, postings, lots, documents, .. } = report;
    let mut lines = vec![format!(
        "verified: {accounts} accounts, {entries} entries, {postings} postings, {lots} lots, {documents} documents"
    )];
    for check in &report.checks {
        let result =
            if check.differences == 0 { "ok".to_owned() } else { format!("{} differ", check.differences) };
        lines.push(format!("  {:<20} {result:<12} {}", check.check, check.sentence));
    }
    for difference in &report.differences {
        let account = difference.account_id.map_or_else(String::new, |account| format!(" {account}"));
        let entry = difference.entry_no.map_or_else(String::new, |number| format!(" entry {number}"));
        lines.push(format!("{}{account}{entry}", difference.check));
        lines.push(format!("  expected {}", difference.expected));
        lines.push(format!("  found    {}", difference.found));
    }
    lines.push(if report.is_clean() { "all holds".to_owned() } else { "differences were found".to_owned() });
    lines.join("\n")
}
