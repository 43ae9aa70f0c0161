//! Who asks and what they may: an endpoint names the scope it needs in its signature, so that none can forget it.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode};
use operations::{Command, KeyMode, Request, Scope};
use serde::Deserialize;
use utoipa::IntoParams;

use super::keys::Holder;
use super::problem::Problem;
use super::state::Api;

/// Longest idempotency key, in characters.
const IDEMPOTENCY_KEY_LENGTH_MAX: usize = 255;
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A scope as a type.
pub(super) trait Needs {
    /// The scope.
    const SCOPE: Scope;
}

macro_rules! scopes {
    ($($name:ident),+) => {$(
        /// The scope of the same name.
        pub(super) struct $name;
        impl Needs for $name {
            const SCOPE: Scope = Scope::$name;
        }
    )+};
}
scopes!(
    MembersRead,
    MembersWrite,
    PurchasesWrite,
    RedemptionsRead,
    RedemptionsWrite,
    AdjustmentsWrite,
    TransfersWrite,
    MembersMerge,
    HouseholdsWrite,
    ProgrammesRead,
    ProgrammesWrite,
    Operations,
    OverviewRead,
    SurveysWrite,
    VouchersRead,
    VouchersWrite,
    VouchersIssue,
    AudiencesRead,
    AudiencesWrite
);

/// Somebody who may do what needs the scope.
pub(super) struct Permit<S> {
    holder: Holder,
    scope: PhantomData<S>,
}

/// Somebody who may write what needs the scope, with how they want it written.
pub(super) struct Writer<S> {
    permit: Permit<S>,
    /// The caller's idempotency key, under the caller's name: two callers may choose the same one.
    idempotency_key: Option<String>,
    /// Whether this key's writes are only tried.
    test: bool,
}

/// Whether a write is only tried.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DryRun {
    /// Decide and answer, but record nothing. Test keys always act so.
    #[serde(default)]
    #[param(required = false)]
    pub(super) dry_run: bool,
}

/// The header that freezes an answer.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes a header that `Writer` reads")]
pub(super) struct IdempotencyHeader {
    /// A name you choose for this request, unique among yours. The same key with the same request gets the same answer
    /// for ever; with another request it is refused. Documents (purchases, returns, activities) have a natural key, so
    /// theirs is optional.
    #[param(rename = "Idempotency-Key", required = false, min_length = 1, max_length = 255)]
    idempotency_key: String,
}

/// The header that freezes an answer, where there is no natural key.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes a header that `Writer` reads")]
pub(super) struct RequiredIdempotencyHeader {
    /// A name you choose for this request, unique among yours. The same key with the same request gets the same answer
    /// for ever; with another request it is refused.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255)]
    idempotency_key: String,
}

/// The problem of a key without a scope.
fn scope_missing(holder: &Holder, scope: Scope) -> Problem {
    let name = scope.name();
    let detail = format!("the key {} lacks the scope {name}: ask for a key that has it", holder.key.key_id);
    Problem::new(StatusCode::FORBIDDEN, "scope_missing", detail).field(name)
}

impl<S: Needs + Send> FromRequestParts<Api> for Permit<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Problem> {
        let holder = parts
            .extensions
            .get::<Holder>()
            .cloned()
            .ok_or_else(|| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))?;
        if holder.key.allows(S::SCOPE) {
            return Ok(Self { holder, scope: PhantomData });
        }
        Err(scope_missing(&holder, S::SCOPE))
    }
}

impl<S: Needs + Send> FromRequestParts<Api> for Writer<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let permit = Permit::<S>::from_request_parts(parts, api).await?;
        let test =
            permit.holder.key.mode == KeyMode::Test && !(api.options.sandbox || api.engine.is_sandbox());
        let idempotency_key = match parts.headers.get(IDEMPOTENCY_KEY) {
            None => None,
            Some(value) => Some(format!("{}/{}", permit.holder.key.client, checked(value)?)),
        };
        Ok(Self { permit, idempotency_key, test })
    }
}

fn checked(value: &axum::http::HeaderValue) -> Result<&str, Problem> {
    let fits = |text: &&str| (1..=IDEMPOTENCY_KEY_LENGTH_MAX).contains(&text.len()) && !text.contains('\t');
    value.to_str().ok().filter(fits).ok_or_else(|| {
        let detail =
            format!("Idempotency-Key must have 1 to {IDEMPOTENCY_KEY_LENGTH_MAX} printable ASCII characters");
        Problem::invalid("Idempotency-Key", detail)
    })
}

impl<S> Permit<S> {
    /// Who entries name as the one who asked.
    pub(super) fn actor(&self) -> String {
        format!("api:{}", self.holder.key.client)
    }
}

impl<S> Writer<S> {
    /// The command as this caller asks for it.
    pub(super) fn request(&self, command: Command, dry_run: &DryRun) -> Request {
        Request::new(command, self.permit.actor())
            .with_key(self.idempotency_key.clone())
            .dry_run(self.test || dry_run.dry_run)
    }

    /// The command at a position of a list: each has its own answer, so each has its own key.
    pub(super) fn request_at(&self, command: Command, dry_run: &DryRun, position: usize) -> Request {
        let mut request = self.request(command, dry_run);
        if let Some(key) = &mut request.idempotency_key {
            key.push('#');
            key.push_str(&position.to_string());
        }
        request
    }

    /// Refuses a key that lacks a further scope, which only some requests of the endpoint need.
    pub(super) fn require(&self, scope: Scope) -> Result<(), Problem> {
        let holder = &self.permit.holder;
        if holder.key.allows(scope) { Ok(()) } else { Err(scope_missing(holder, scope)) }
    }

    /// Refuses a write that has no natural key and came without an idempotency key.
    pub(super) fn require_key(&self) -> Result<(), Problem> {
        if self.idempotency_key.is_some() {
            return Ok(());
        }
        let detail = "send an Idempotency-Key: without one, a repeated request would be carried out twice";
        Err(Problem::new(StatusCode::BAD_REQUEST, "idempotency_key_missing", detail).field("Idempotency-Key"))
    }

    /// The caller's idempotency key, under the caller's name.
    pub(super) fn key(&self) -> Option<String> {
        self.idempotency_key.clone()
    }

    /// Whether this write is only tried.
    pub(super) fn only_tries(&self, dry_run: &DryRun) -> bool {
        self.test || dry_run.dry_run
    }

    /// Refuses test keys where nothing can be tried without doing it.
    pub(super) fn require_live(&self) -> Result<(), Problem> {
        if !self.test {
            return Ok(());
        }
        let detail = "a test key records nothing, and this operation cannot be tried: use a live key";
        Err(Problem::new(StatusCode::FORBIDDEN, "test_key", detail))
    }

    /// Who entries name as the one who asked.
    pub(super) fn actor(&self) -> String {
        self.permit.actor()
    }
}
