//! The programme: its versions, each in sentences of both languages, the difference between two, its document, and
//! the form with which managers check and publish the next.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::calendar;
use domain::programme::{CompiledProgramme, Finding, Language, Names, Programmes, check, diff, sentence};
use jiff::Timestamp;
use jiff::civil::Date;
use operations::OperationError;
use serde::Deserialize;

use super::Console;
use super::moment::Choice;
use super::page::{Frame, Section, Theme, show};
use super::problem;
use super::roles::Permission;
use super::session::{Fields, Reader, Submission};

/// Which version to show, and which to compare it with.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ProgrammeQuery {
    version: Option<u32>,
    before: Option<u32>,
    #[serde(default)]
    done: String,
}

#[derive(Template)]
#[template(path = "console/programme.html")]
struct ProgrammePage {
    f: Frame,
    name: String,
    shown: Option<u32>,
    versions: Vec<VersionView>,
    before: Vec<Choice>,
    after: Vec<Choice>,
    changes: Option<Changes>,
    parts: Vec<Part>,
    may_publish: bool,
    publish_error: Option<String>,
    findings: Vec<FindingView>,
    document: String,
    effective_on: String,
}

struct VersionView {
    number: u32,
    effective: String,
    state: &'static str,
    state_name: String,
    current: bool,
}

struct Changes {
    title: String,
    lines: Vec<ChangeLine>,
}

struct ChangeLine {
    sentence: String,
    field: String,
}

struct Part {
    title: String,
    sentences: Vec<Bilingual>,
}

/// A sentence in the reader's language and in the other.
struct Bilingual {
    name: String,
    first: String,
    second: String,
}

struct FindingView {
    line: String,
    field: String,
    value: String,
    severity: &'static str,
    severity_name: String,
    message: String,
}

/// The page.
pub(super) async fn page(
    State(console): State<Console>,
    Query(query): Query<ProgrammeQuery>,
    reader: Reader,
) -> Response {
    let mut f = reader.frame;
    f.notice = query.done.parse::<u32>().ok().map(|version| f.v("published", version));
    render(&console, f, &query, Draft::default())
}

/// What was filled in, and what came of it.
#[derive(Default)]
struct Draft {
    document: Option<String>,
    effective_on: Option<String>,
    findings: Vec<Finding>,
    error: Option<String>,
}

fn render(console: &Console, mut f: Frame, query: &ProgrammeQuery, draft: Draft) -> Response {
    f.section = Section::Programme;
    let programmes = console.engine.programmes();
    let now = console.engine.clock().now();
    let shown = match query.version {
        Some(number) => programmes.version(number),
        None => programmes.at(now).or_else(|| programmes.latest()),
    };
    if query.version.is_some() && shown.is_none() {
        return problem::not_found(f);
    }
    let number = shown.map(|programme| programme.version());
    let before = query.before.and_then(|number| programmes.version(number));
    let text = |programme: &CompiledProgramme| programme.programme().to_toml().unwrap_or_default();
    let status = if draft.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let tomorrow = f
        .formats
        .zone
        .to_datetime(now)
        .date()
        .tomorrow()
        .map_or_else(|_| String::new(), |day| day.to_string());
    let page = ProgrammePage {
        name: shown.map_or_else(
            || f.t("nav-programme"),
            |programme| programme.programme().name.get(f.language).to_owned(),
        ),
        shown: number,
        versions: versions(&f, &programmes, now, number),
        before: version_choices(&f, &programmes, before.map(|programme| programme.version())),
        after: version_choices(&f, &programmes, number),
        changes: before.zip(shown).map(|(before, after)| changes(&f, before, after)),
        parts: shown.map_or_else(Vec::new, |programme| parts(&f, programme)),
        may_publish: f.may(Permission::PublishProgramme),
        publish_error: draft.error,
        findings: draft.findings.iter().map(|finding| finding_view(&f, finding)).collect(),
        document: draft
            .document
            .unwrap_or_else(|| shown.map_or_else(String::new, |programme| text(programme))),
        effective_on: draft.effective_on.unwrap_or(tomorrow),
        f,
    };
    show(status, &page)
}

fn versions(f: &Frame, programmes: &Programmes, now: Timestamp, shown: Option<u32>) -> Vec<VersionView> {
    let live = programmes.version_at(now);
    let mut versions: Vec<VersionView> = programmes
        .iter()
        .map(|programme| {
            let (state, key) = if programme.version() == live {
                ("live", "version-live")
            } else if programme.effective_at() > now {
                ("scheduled", "version-scheduled")
            } else {
                ("past", "version-past")
            };
            VersionView {
                number: programme.version(),
                effective: f.formats.day(programme.effective_at()),
                state,
                state_name: f.t(key),
                current: Some(programme.version()) == shown,
            }
        })
        .collect();
    versions.reverse();
    versions
}

fn version_choices(f: &Frame, programmes: &Programmes, chosen: Option<u32>) -> Vec<Choice> {
    let chosen = chosen.map_or_else(String::new, |number| number.to_string());
    let choice = |number: u32| Choice::new(number.to_string(), f.v("version-number", number), &chosen);
    programmes.iter().map(|programme| choice(programme.version())).collect()
}

fn changes(f: &Frame, before: &CompiledProgramme, after: &CompiledProgramme) -> Changes {
    let (from, to) = (before.version().to_string(), after.version().to_string());
    let changes = diff(before.programme(), after.programme());
    let line = |change: domain::programme::Change| ChangeLine {
        sentence: f.language.pick(&change.sentence_zh, &change.sentence_en).to_owned(),
        field: change.field,
    };
    Changes {
        title: f.with("changes-title", &[("before", &from), ("after", &to)]),
        lines: changes.into_iter().map(line).collect(),
    }
}

fn parts(f: &Frame, compiled: &CompiledProgramme) -> Vec<Part> {
    let programme = compiled.programme();
    let other = match f.language {
        Language::ZhCn => Language::En,
        Language::En => Language::ZhCn,
    };
    let both = |names: &Names, say: &dyn Fn(Language) -> String| Bilingual {
        name: names.get(f.language).to_owned(),
        first: say(f.language),
        second: say(other),
    };
    let units = programme.units.iter();
    let units = units.map(|unit| both(&unit.name, &|language| sentence::unit(programme, unit, language)));
    let rules = programme.rules.iter();
    let rules = rules.map(|rule| both(&rule.name, &|language| sentence::rule(programme, rule, language)));
    let ladders = programme.ladders.iter();
    let ladders =
        ladders.map(|ladder| both(&ladder.name, &|language| sentence::ladder(programme, ladder, language)));
    let parts = [
        ("part-units", units.collect::<Vec<_>>()),
        ("part-rules", rules.collect()),
        ("part-ladders", ladders.collect()),
    ];
    parts
        .into_iter()
        .filter(|(_, sentences)| !sentences.is_empty())
        .map(|(key, sentences)| Part { title: f.t(key), sentences })
        .collect()
}

fn finding_view(f: &Frame, finding: &Finding) -> FindingView {
    let (severity, key) =
        if finding.is_error() { ("error", "severity-error") } else { ("warning", "severity-warning") };
    FindingView {
        line: finding.line.map_or_else(|| "–".to_owned(), |line| line.to_string()),
        field: finding.field.clone(),
        value: finding.value.clone(),
        severity,
        severity_name: f.t(key),
        message: format!("{}. {}", finding.message, finding.remedy),
    }
}

/// A version's document as a file.
pub(super) async fn document(
    State(console): State<Console>,
    Path(version): Path<u32>,
    reader: Reader,
) -> Response {
    let programmes = console.engine.programmes();
    let Some(programme) = programmes.version(version) else { return problem::not_found(reader.frame) };
    let Ok(text) = programme.programme().to_toml() else { return problem::not_found(reader.frame) };
    let name = format!("attachment; filename=\"{}-{version}.toml\"", programme.programme().code);
    let disposition = HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment"));
    let content_type = HeaderValue::from_static("application/toml; charset=utf-8");
    ([(header::CONTENT_TYPE, content_type), (header::CONTENT_DISPOSITION, disposition)], text).into_response()
}

/// Checks a document, or publishes it.
pub(super) async fn publish(
    State(console): State<Console>,
    Submission { reader, fields }: Submission,
) -> Result<Response, Response> {
    let Reader { mut frame, actor, .. } = reader.require(Permission::PublishProgramme)?;
    "/console/programme".clone_into(&mut frame.here);
    let mut draft = filled_in(&fields);
    let text = fields.exact("document").replace("\r\n", "\n");
    match operations::read_programme(&text) {
        Ok(programme) => draft.findings = check(&programme),
        Err(findings) => draft.findings = findings,
    }
    if fields.text("action") != "publish" {
        if draft.findings.is_empty() {
            frame.notice = Some(frame.t("check-clean"));
        }
        return Ok(render(&console, frame, &ProgrammeQuery::default(), draft));
    }
    let day = fields.text("effective_on").parse::<Date>().ok();
    let start = day.and_then(|day| calendar::day_start(day, &frame.formats.zone).ok());
    let Some(effective_at) = start else {
        draft.error = Some(frame.v("day-invalid", fields.text("effective_on")));
        return Ok(render(&console, frame, &ProgrammeQuery::default(), draft));
    };
    match console.engine.publish_programme(&text, effective_at, actor).await {
        Ok(version) => {
            let address = format!("/console/programme?version={version}&done={version}");
            Ok(Redirect::to(&address).into_response())
        }
        Err(error @ OperationError::Refused(_)) => {
            draft.error = Some(problem::sentence(&frame, &error));
            Ok(render(&console, frame, &ProgrammeQuery::default(), draft))
        }
        Err(error) => Ok(problem::failed(frame, &error)),
    }
}

fn filled_in(fields: &Fields) -> Draft {
    Draft {
        document: Some(fields.exact("document").to_owned()),
        effective_on: Some(fields.text("effective_on").to_owned()),
        ..Draft::default()
    }
}
