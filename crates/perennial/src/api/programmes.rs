//! `/v1/programmes`: the published versions, checking a document, and publishing it as the next version.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::programme::{CompiledProgramme, Finding};
use jiff::Timestamp;
use operations::read_programme;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer;
use super::body::{JsonBody, NoParameters, PathValues};
use super::caller::{Permit, ProgrammesRead, ProgrammesWrite, RequiredIdempotencyHeader, Writer};
use super::problem::Problem;
use super::schema::microseconds;
use super::state::Api;

/// A published version in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VersionSummary {
    /// Its number.
    version: u32,
    /// From when on it decides.
    effective_at: Timestamp,
    /// Whether it decides purchases of this moment.
    in_force: bool,
}

/// All published versions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VersionList {
    /// By effective date.
    data: Vec<VersionSummary>,
}

/// A published version.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VersionAnswer {
    /// Its number.
    version: u32,
    /// From when on it decides.
    effective_at: Timestamp,
    /// Whether it decides purchases of this moment.
    in_force: bool,
    /// The document; its form is published as JSON Schema with the program.
    document: serde_json::Value,
}

/// A programme to publish.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PublicationBody {
    /// The programme: an object, or the text of a TOML or JSON file.
    document: DocumentBody,
    /// From when on it decides. Guard rails may ask for notice; only the first version may begin in the past.
    effective_at: Timestamp,
}

/// A programme to check.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckBody {
    /// The programme: an object, or the text of a TOML or JSON file.
    document: DocumentBody,
}

/// A programme document, as an object or as text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
enum DocumentBody {
    /// The text of a file.
    Text(String),
    /// The document.
    Object(serde_json::Map<String, serde_json::Value>),
}

/// What was published.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PublicationAnswer {
    /// The number of the new version.
    version: u32,
    /// From when on it decides.
    effective_at: Timestamp,
}

/// What a check found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CheckAnswer {
    /// Whether the programme can be published.
    publishable: bool,
    /// Errors and warnings.
    #[schema(value_type = Vec<FindingShape>)]
    findings: Vec<Finding>,
}

/// One thing wrong or doubtful.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the domain")]
struct FindingShape {
    /// `error` or `warning`.
    severity: String,
    /// Line of the text, if it came as text.
    #[schema(nullable = false, required = false)]
    line: Option<u32>,
    /// Path of the field.
    field: String,
    /// The value found there.
    value: String,
    /// What is wrong with it.
    message: String,
    /// What to do.
    remedy: String,
}

/// List programme versions
#[utoipa::path(
    get,
    path = "/v1/programmes",
    tag = "Programmes",
    responses((status = 200, description = "All published versions.", body = VersionList)),
    security(("api_key" = ["programmes:read"]))
)]
pub(super) async fn list_programmes(State(api): State<Api>, _: Permit<ProgrammesRead>) -> Response {
    let programmes = api.engine.programmes();
    let in_force = programmes.version_at(api.engine.clock().now());
    let summary = |programme: &std::sync::Arc<CompiledProgramme>| VersionSummary {
        version: programme.version(),
        effective_at: programme.effective_at(),
        in_force: programme.version() == in_force,
    };
    answer::ok(&VersionList { data: programmes.iter().map(summary).collect() })
}

/// View a programme version
#[utoipa::path(
    get,
    path = "/v1/programmes/{version}",
    tag = "Programmes",
    params(("version" = u32, Path, description = "The number of the version.")),
    responses((status = 200, description = "The version.", body = VersionAnswer)),
    security(("api_key" = ["programmes:read"]))
)]
pub(super) async fn view_programme(
    State(api): State<Api>,
    _: Permit<ProgrammesRead>,
    PathValues(version): PathValues<u32>,
) -> Result<Response, Problem> {
    let programmes = api.engine.programmes();
    let unknown = || domain::refusal::Refusal::Unknown {
        what: "programme version".to_owned(),
        value: version.to_string(),
    };
    let programme = programmes.version(version).ok_or_else(unknown)?;
    let document = serde_json::to_value(programme.programme())
        .map_err(|error| operations::OperationError::Internal(error.to_string()))?;
    Ok(answer::ok(&VersionAnswer {
        version,
        effective_at: programme.effective_at(),
        in_force: version == programmes.version_at(api.engine.clock().now()),
        document,
    }))
}

/// Check a programme
///
/// Reads and checks a document without publishing it, and reports everything found: line, field, value and remedy.
#[utoipa::path(
    post,
    path = "/v1/programmes/check",
    tag = "Programmes",
    request_body = CheckBody,
    responses((status = 200, description = "What was found.", body = CheckAnswer)),
    security(("api_key" = ["programmes:read"]))
)]
pub(super) async fn check_programme(
    _: Permit<ProgrammesRead>,
    _: NoParameters,
    JsonBody(body): JsonBody<CheckBody>,
) -> Result<Response, Problem> {
    let findings = match read_programme(&body.document.text()?) {
        Ok(programme) => domain::programme::check(&programme),
        Err(findings) => findings,
    };
    let publishable = !findings.iter().any(Finding::is_error);
    Ok(answer::ok(&CheckAnswer { publishable, findings }))
}

/// Publish a programme
///
/// Makes an immutable version that decides from its effective date on.
#[utoipa::path(
    post,
    path = "/v1/programmes",
    tag = "Programmes",
    params(RequiredIdempotencyHeader),
    request_body = PublicationBody,
    responses((status = 201, description = "Published.", body = PublicationAnswer)),
    security(("api_key" = ["programmes:write"]))
)]
pub(super) async fn publish_programme(
    State(api): State<Api>,
    writer: Writer<ProgrammesWrite>,
    _: NoParameters,
    JsonBody(body): JsonBody<PublicationBody>,
) -> Result<Response, Problem> {
    writer.require_key()?;
    writer.require_live()?;
    let effective_at = microseconds(body.effective_at);
    let (text, key) = (body.document.text()?, writer.key());
    let version = api.engine.publish_programme_once(&text, effective_at, writer.actor(), key).await?;
    let response = answer::json(StatusCode::CREATED, &PublicationAnswer { version, effective_at });
    Ok(answer::located(response, &format!("/v1/programmes/{version}")))
}

impl DocumentBody {
    fn text(&self) -> Result<String, Problem> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Object(object) => serde_json::to_string(object)
                .map_err(|error| operations::OperationError::Internal(error.to_string()).into()),
        }
    }
}
