//! Request bodies and parameters: JSON read once from bytes, query and path by their types, and a problem that names
//! the field for whatever does not fit.

use axum::Json;
use axum::body::{Bytes, HttpBody};
use axum::extract::{FromRequest, FromRequestParts, MatchedPath, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// A JSON body.
pub(super) struct JsonBody<T>(pub(super) T);

/// A JSON body, or none where nothing needs to be said.
pub(super) struct JsonBodyOrNone<T>(pub(super) T);

/// A JSON body that holds one object or a list of them.
pub(super) enum OneOrMany<T> {
    /// One object.
    One(T),
    /// A list.
    Many(Vec<T>),
}

/// Query parameters.
pub(super) struct Parameters<T>(pub(super) T);

/// No query parameters: whoever sends one, for instance `dry_run` to what cannot be tried, believes that it counts.
pub(super) struct NoParameters;

/// Path parameters.
pub(super) struct PathValues<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        parse(&json_bytes(request, state).await?).map(Self)
    }
}

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for JsonBodyOrNone<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if request.body().is_end_stream() {
            return Ok(Self(T::default()));
        }
        parse(&json_bytes(request, state).await?).map(Self)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for OneOrMany<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        Self::read(&json_bytes(request, state).await?)
    }
}

impl<T: DeserializeOwned> OneOrMany<T> {
    /// Reads a body.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Problem> {
        match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'[') => parse(bytes).map(Self::Many),
            _ => parse(bytes).map(Self::One),
        }
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match Query::<T>::try_from_uri(&parts.uri) {
            Ok(Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(misfit("query", &rejection.body_text())),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for NoParameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let sent = parts.uri.query().unwrap_or_default().split(['&', '=']).find(|part| !part.is_empty());
        match sent {
            None => Ok(Self),
            Some("dry_run") => Err(Problem::invalid(
                "dry_run",
                "dry_run: this request cannot be tried without doing it, and nothing was done: leave dry_run out",
            )),
            Some(name) => Err(Problem::invalid(
                name,
                format!("{name}: this address takes no query parameters: leave it out"),
            )),
        }
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for PathValues<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(rejection) => {
                // Every address has one parameter at most.
                let matched = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
                let name = matched.split(['{', '}']).nth(1).unwrap_or("path");
                let told = rejection.body_text();
                let told = told.split_once(": ").map_or(told.as_str(), |(_, told)| told);
                Err(Problem::invalid(name, format!("{name}: {told}")))
            }
        }
    }
}

/// Reads bytes as JSON. The path of a field that does not fit is looked for only once something does not fit:
/// keeping track of it would cost every good request.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| match Json::<T>::from_bytes(bytes) {
        Err(rejection) if error.is_data() => misfit("body", &rejection.body_text()),
        _ => malformed("body", &error.to_string()),
    })
}

async fn json_bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    if !is_json(request.headers()) {
        let detail = "the body must be JSON: send Content-Type: application/json";
        let problem = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type_unsupported", detail);
        return Err(problem.field("Content-Type"));
    }
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE),
        _ => Problem::new(
            StatusCode::BAD_REQUEST,
            "body_incomplete",
            "the body did not arrive whole: send it again",
        ),
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    value == "application/json" || {
        let essence = value.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/json")
    }
}

/// The framework's sentence is `what it did: path of the field: what is wrong`.
fn misfit(place: &str, sentence: &str) -> Problem {
    let told = sentence.split_once(": ").map_or(sentence, |(_, told)| told);
    match told.split_once(": ") {
        Some((path, wrong)) if is_path(path) => Problem::invalid(path, format!("{path}: {wrong}")),
        _ => {
            Problem::new(StatusCode::BAD_REQUEST, "malformed", format!("the {place} cannot be read: {told}"))
        }
    }
}

fn malformed(place: &str, why: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed", format!("the {place} cannot be read: {why}"))
}

fn is_path(text: &str) -> bool {
    !text.is_empty() && !text.contains(' ') && text != "." && text != "?"
}

#[cfg(test)]
mod tests {
    use super::{Problem, misfit, parse};

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "only its reading is tested")]
        lines: Vec<Inner>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only its reading is tested")]
        amount: i64,
    }

    fn field(text: &str) -> serde_json::Value {
        let problem: Problem =
            parse::<Outer>(text.as_bytes()).err().unwrap_or_else(|| misfit("body", "none"));
        serde_json::to_value(problem).unwrap_or_default()["field"].clone()
    }

    #[test]
    fn the_offending_field_is_named_by_its_path() {
        assert_eq!(field(r#"{"lines":[{"amount":1},{"amount":"x"}]}"#), "lines[1].amount");
        assert_eq!(field(r#"{"lines":[{"amount":1,"amuont":2}]}"#), "lines[0].amuont");
        assert_eq!(field(r#"{"line":[]}"#), "line");
        assert_eq!(field(r#"{"lines":"#), serde_json::Value::Null);
    }
}
