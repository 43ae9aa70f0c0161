//! The data audit: how complete, valid and fresh the purchases are, and what looks like one purchase told twice.

use super::answer::{Figure, Kind};
use super::asked::Asked;
use super::error::ReportError;
use super::number::count;

const COMPLETENESS: &str = include_str!("../../reports/data_audit_completeness.sql");
const CHECKS: &str = include_str!("../../reports/data_audit_checks.sql");
const SOURCES: &str = include_str!("../../reports/data_audit_sources.sql");

/// A purchase of more than so many times the median is one to look at.
const EXTREME_TIMES: i64 = 100;

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    let fields = asked.rows("completeness", COMPLETENESS, &[]).await?;
    asked.members(fields.counts("members")?.first().copied().unwrap_or(0))?;
    let (filled, cases) = (fields.counts("filled")?, fields.counts("cases")?);
    let (filled, cases) = (filled.iter().sum::<u64>(), cases.iter().sum::<u64>());
    if cases > 0 {
        let share = count(filled) / count(cases);
        asked.figure(Figure::exact("fields-filled", Kind::Share, share, cases));
    }

    let checks = asked.rows("checks", CHECKS, &[("times", EXTREME_TIMES)]).await?;
    let names = checks.texts("check_name")?;
    let (failing, looked_at) = (checks.counts("failing")?, checks.counts("cases")?);
    for (figure, check) in [("repeated-purchases", "same_instant"), ("lines-differ", "lines_differ")] {
        if let Some(row) = names.iter().position(|name| name == check) {
            let share = count(failing[row]) / count(looked_at[row]);
            asked.figure(Figure::exact(figure, Kind::Share, share, looked_at[row]));
        }
    }
    let failed = failing.iter().filter(|rows| **rows > 0).count();
    #[expect(clippy::cast_precision_loss, reason = "there are few checks")]
    asked.figure(Figure::exact("checks-failed", Kind::Count, failed as f64, looked_at.iter().sum()));

    let sources = asked.rows("sources", SOURCES, &[]).await?;
    asked.table(checks.table(
        "checks",
        &[
            ("check_name", Kind::Word),
            ("cases", Kind::Count),
            ("failing", Kind::Count),
            ("failing_share", Kind::Share),
        ],
    )?);
    asked.table(fields.table(
        "completeness",
        &[
            ("field", Kind::Word),
            ("of_what", Kind::Word),
            ("filled", Kind::Count),
            ("cases", Kind::Count),
            ("filled_share", Kind::Share),
        ],
    )?);
    asked.table(sources.table(
        "sources",
        &[
            ("source", Kind::Text),
            ("purchases", Kind::Count),
            ("returns", Kind::Count),
            ("first_day", Kind::Day),
            ("last_day", Kind::Day),
            ("days_with_documents", Kind::Count),
            ("longest_silence", Kind::Days),
            ("days_since_last", Kind::Days),
        ],
    )?);
    Ok(())
}
