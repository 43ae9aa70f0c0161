//! Audiences: how many are in each, since when and where from; and the form that replaces one by a file.

use askama::Template;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use domain::code::Code;
use domain::refusal::Refusal;
use jiff::Timestamp;
use operations::{AudienceOrder, AudienceReport, AudienceView, OperationError, SOURCE_LENGTH_MAX};

use super::Console;
use super::format::number;
use super::moment::Moment;
use super::page::{Frame, Section, Theme, show};
use super::problem;
use super::roles::Permission;
use super::session::Reader;
use super::upload::{Upload, UploadedFile};
use crate::audience_file::AudienceFile;

/// Largest file: about two million members.
const FILE_BYTES_MAX: usize = 64 << 20;

/// The page and its form, which takes larger bodies than others.
pub(super) fn route() -> MethodRouter<Console> {
    get(page).post(replace).layer(DefaultBodyLimit::max(FILE_BYTES_MAX))
}

#[derive(Template)]
#[template(path = "console/audiences.html")]
struct AudiencesPage {
    f: Frame,
    rows: Vec<Row>,
    may_replace: bool,
    /// Segments of the programme, with the one that was chosen.
    segments: Vec<Choice>,
    typed: Typed,
    error: Option<String>,
    outcome: Option<Outcome>,
}

struct Row {
    name: String,
    code: String,
    /// None where no set was ever sent for the segment.
    audience: Option<Standing>,
}

struct Standing {
    size: String,
    version: String,
    entered: String,
    left: String,
    untold: Option<String>,
    source: String,
    replaced_by: String,
    replaced: Moment,
}

struct Choice {
    code: String,
    name: String,
    chosen: bool,
}

/// What was typed into the form.
#[derive(Default)]
struct Typed {
    segment: String,
    only: String,
    source: String,
}

/// What replacing did.
struct Outcome {
    told: String,
    counts: String,
    unknown: Vec<(String, String)>,
    more: Option<String>,
}

async fn page(State(console): State<Console>, reader: Reader) -> Response {
    render(&console, reader.frame, Typed::default(), None).await
}

async fn replace(
    State(console): State<Console>,
    Upload { reader, fields, file }: Upload,
) -> Result<Response, Response> {
    let Reader { frame: f, actor, .. } = reader.require(Permission::ReplaceAudiences)?;
    let text = |name: &str| fields.text(name).to_owned();
    let typed = Typed { segment: text("segment"), only: text("segment_column"), source: text("source") };
    let (Ok(segment), Some(file)) = (typed.segment.parse::<Code>(), file) else {
        let error = f.t("audience-file-missing");
        return Ok(render(&console, f, typed, Some(Err(error))).await);
    };
    let replaced = replaced(&console, segment, actor, &typed, &file).await;
    Ok(match replaced {
        Ok(report) => {
            let outcome = outcome(&console, &f, &report);
            render(&console, f, Typed::default(), Some(Ok(outcome))).await
        }
        Err(error @ (OperationError::Refused(_) | OperationError::File { .. })) => {
            let error = why_not(&f, &error);
            render(&console, f, typed, Some(Err(error))).await
        }
        Err(error) => problem::failed(f, &error),
    })
}

async fn replaced(
    console: &Console,
    segment: Code,
    actor: String,
    typed: &Typed,
    file: &UploadedFile,
) -> Result<AudienceReport, OperationError> {
    let only = Some(typed.only.as_str()).filter(|only| !only.is_empty());
    let mut rows = AudienceFile::open(&file.name, &file.content[..], only)?;
    let source = if typed.source.is_empty() { &file.name } else { &typed.source };
    let source = source.chars().filter(|letter| !letter.is_control()).take(SOURCE_LENGTH_MAX).collect();
    let order = AudienceOrder { segment, version: None, source, actor };
    console.engine.replace_audience(&order, &mut || rows.page()).await
}

/// Why a file was not taken, in the reader's language.
fn why_not(f: &Frame, error: &OperationError) -> String {
    match error {
        OperationError::Refused(Refusal::FieldInvalid { field, value, .. }) => match field.as_str() {
            "header" => f.v("audience-header-wrong", value),
            "member" => f.v("audience-nobody-known", value),
            _ => problem::sentence(f, error),
        },
        OperationError::File { .. } => f.t("audience-unreadable"),
        _ => problem::sentence(f, error),
    }
}

fn outcome(console: &Console, f: &Frame, report: &AudienceReport) -> Outcome {
    let count = |value: u64| number(i64::try_from(value).unwrap_or(i64::MAX));
    let audience = &report.audience;
    let name = segment_name(console, f, audience.segment);
    let (size, entered, left) = (count(audience.size), count(audience.entered), count(audience.left));
    let values = [("segment", &*name), ("size", &*size), ("entered", &*entered), ("left", &*left)];
    let (rows, repeated, unknown) = (count(report.rows), count(report.repeated), count(report.unknown));
    let more = report.unknown.saturating_sub(report.unknown_rows.len() as u64);
    Outcome {
        told: f.with("audience-replaced", &values),
        counts: f
            .with("audience-rows", &[("rows", &*rows), ("repeated", &*repeated), ("unknown", &*unknown)]),
        unknown: report.unknown_rows.iter().map(|row| (count(row.line), row.member.clone())).collect(),
        more: (more > 0).then(|| f.v("audience-more-unknown", count(more))),
    }
}

async fn render(
    console: &Console,
    mut f: Frame,
    typed: Typed,
    done: Option<Result<Outcome, String>>,
) -> Response {
    f.section = Section::Audiences;
    "/console/audiences".clone_into(&mut f.here);
    let found = match console.engine.list_audiences().await {
        Ok(found) => found,
        Err(error) => return problem::failed(f, &error),
    };
    let programme = console.programme();
    let declared = programme.iter().flat_map(|programme| &programme.programme().segments);
    let mut codes: Vec<Code> = declared.map(|segment| segment.code).collect();
    let segments = codes.iter().map(|code| Choice {
        name: segment_name(console, &f, *code),
        chosen: typed.segment == code.as_str(),
        code: code.to_string(),
    });
    let segments: Vec<Choice> = segments.collect();
    let undeclared = found.iter().map(|audience| audience.segment).filter(|code| !codes.contains(code));
    let undeclared: Vec<Code> = undeclared.collect();
    codes.extend(undeclared);
    let now = console.engine.clock().now();
    let row = |code: &Code| Row {
        name: segment_name(console, &f, *code),
        code: code.to_string(),
        audience: found.iter().find(|audience| audience.segment == *code).map(|one| standing(&f, one, now)),
    };
    let rows = codes.iter().map(row).collect();
    let (error, outcome) = match done {
        None => (None, None),
        Some(Ok(outcome)) => (None, Some(outcome)),
        Some(Err(error)) => (Some(error), None),
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let may_replace = f.may(Permission::ReplaceAudiences) && !segments.is_empty();
    show(status, &AudiencesPage { f, rows, may_replace, segments, typed, error, outcome })
}

fn standing(f: &Frame, audience: &AudienceView, now: Timestamp) -> Standing {
    let count = |value: u64| number(i64::try_from(value).unwrap_or(i64::MAX));
    Standing {
        size: count(audience.size),
        version: count(audience.version),
        entered: count(audience.entered),
        left: count(audience.left),
        untold: (audience.untold > 0).then(|| f.v("audience-untold", count(audience.untold))),
        source: audience.source.clone(),
        replaced_by: audience.replaced_by.clone(),
        replaced: Moment::time(f, audience.replaced_at, now),
    }
}

/// What staff call a segment; its code where the programme does not declare it.
pub(super) fn segment_name(console: &Console, f: &Frame, code: Code) -> String {
    let programme = console.programme();
    let declared = programme.as_deref().and_then(|programme| programme.programme().segment(code));
    declared.map_or_else(|| code.to_string(), |segment| segment.name.get(f.language).to_owned())
}
