//! The clock of a sandbox: what time it is there, moving it on by days or to an instant, what that posted, and what falls
//! due next. Elsewhere there is no such page.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};
use operations::{ADVANCE_DAYS_MAX, ClockReport, OperationError};

use super::Console;
use super::format::number;
use super::moment::Moment;
use super::page::{Frame, Section, Theme, show};
use super::problem;
use super::roles::Permission;
use super::session::{Fields, Reader, Submission};

/// Instants listed that are to come.
const DUE: u32 = 20;

#[derive(Template)]
#[template(path = "console/sandbox.html")]
struct SandboxPage {
    f: Frame,
    now: String,
    exact: String,
    stands: bool,
    days: String,
    to: String,
    posted: Option<Vec<(String, String)>>,
    due: Vec<(Moment, String)>,
    error: Option<String>,
}

/// The page.
pub(super) async fn page(State(console): State<Console>, reader: Reader) -> Result<Response, Response> {
    let f = reader.require(Permission::MoveClock)?.frame;
    Ok(clock(&console, f, ("1", ""), None, None).await)
}

async fn clock(
    console: &Console,
    mut f: Frame,
    (days, to): (&str, &str),
    report: Option<ClockReport>,
    error: Option<String>,
) -> Response {
    f.section = Section::Sandbox;
    "/console/sandbox".clone_into(&mut f.here);
    let Ok(clock) = console.engine.view_clock() else { return problem::not_found(f) };
    let due = match console.engine.list_due(DUE).await {
        Ok(due) => due,
        Err(error) => return problem::failed(f, &error),
    };
    f.notice = report.as_ref().map(|report| f.v("clock-moved", f.formats.time(report.to)));
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = SandboxPage {
        now: f.formats.time(clock.now),
        exact: f.formats.exact(clock.now),
        stands: clock.stands,
        days: days.to_owned(),
        to: to.to_owned(),
        posted: report.map(|report| posted(&f, &report)),
        due: due
            .into_iter()
            .map(|(at, accounts)| (Moment::time(&f, at, clock.now), number(accounts)))
            .collect(),
        error,
        f,
    };
    show(status, &page)
}

/// What the sweeps on the way posted.
fn posted(f: &Frame, report: &ClockReport) -> Vec<(String, String)> {
    let count = |key: &str, value: u64| (f.t(key), number(i64::try_from(value).unwrap_or(i64::MAX)));
    vec![
        count("clock-stops", report.stops),
        count("clock-accounts", report.posted.accounts),
        count("clock-releases", report.posted.releases),
        count("clock-expiries", report.posted.expiries),
        (f.t("clock-points-expired"), number(report.posted.points_expired)),
        count("clock-reviews", report.posted.reviews),
    ]
}

/// Moves the clock on. A form sent twice asks for the same instant, which the second finds reached.
pub(super) async fn advance(
    State(console): State<Console>,
    Submission { reader, fields }: Submission,
) -> Result<Response, Response> {
    let f = reader.require(Permission::MoveClock)?.frame;
    let typed = (fields.text("days"), fields.text("to"));
    let Ok(now) = console.engine.view_clock().map(|clock| clock.now) else {
        return Ok(problem::not_found(f));
    };
    let to = match target(&f, &fields, now) {
        Ok(to) => to,
        Err(error) => return Ok(clock(&console, f, typed, None, Some(error)).await),
    };
    Ok(match console.engine.advance_clock(to, &mut |_| ()).await {
        Ok(report) => clock(&console, f, ("1", ""), Some(report), None).await,
        Err(error @ OperationError::Refused(_)) => {
            let told = match &error {
                OperationError::Refused(domain::refusal::Refusal::FieldInvalid { .. }) => {
                    f.with("clock-to-invalid", &[("now", &f.formats.time(now)), ("days", &limit())])
                }
                _ => problem::sentence(&f, &error),
            };
            clock(&console, f, typed, None, Some(told)).await
        }
        Err(error) => problem::failed(f, &error),
    })
}

fn limit() -> String {
    number(ADVANCE_DAYS_MAX)
}

/// Where the clock is to stand: days from where it stood when the form was made, or an instant in the programme's zone.
fn target(f: &Frame, fields: &Fields, now: Timestamp) -> Result<Timestamp, String> {
    if fields.text("by") == "instant" {
        let typed = fields.text("to");
        let local = typed.parse::<DateTime>().ok();
        let instant = local.and_then(|local| local.to_zoned(f.formats.zone.clone()).ok());
        return instant.map(|instant| instant.timestamp()).ok_or_else(|| f.v("clock-instant-invalid", typed));
    }
    let typed = fields.text("days");
    let days = typed.parse::<i64>().ok().filter(|days| (1..=ADVANCE_DAYS_MAX).contains(days));
    let days = days.ok_or_else(|| f.with("clock-days-invalid", &[("value", typed), ("days", &limit())]))?;
    let from = fields.text("from").parse::<Timestamp>().unwrap_or(now);
    let later = from.checked_add(SignedDuration::from_hours(24 * days));
    later.map_err(|_| f.with("clock-days-invalid", &[("value", typed), ("days", &limit())]))
}
