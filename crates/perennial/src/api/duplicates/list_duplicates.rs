//! `GET /v1/duplicates`: pairs of members who may be one person, the most probable first.

use axum::extract::State;
use axum::response::Response;
use domain::ids::AccountId;
use domain::member::Identifier;
use jiff::Timestamp;
use jiff::civil::Date;
use operations::{DuplicateMember, DuplicateState, DuplicateView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::answer;
use crate::api::body::Parameters;
use crate::api::caller::{MembersRead, Permit};
use crate::api::problem::Problem;
use crate::api::schema::{IdentifierBody, Page};
use crate::api::state::Api;

/// Pairs on a page when the caller does not say.
const LIMIT: u16 = 25;

/// What has become of a pair.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum DuplicateStateName {
    /// Nobody has decided yet.
    #[default]
    Open,
    /// Put aside.
    Later,
    /// They are two persons.
    NotSame,
    /// They are one member now.
    Merged,
}

/// Which pairs, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct DuplicateQuery {
    /// Pairs in this state; open ones when absent.
    #[param(inline)]
    state: Option<DuplicateStateName>,
    /// Pairs on a page; 25 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Two members who may be one person.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct DuplicateAnswer {
    /// The one with the smaller number.
    left: DuplicateMemberAnswer,
    /// The other.
    right: DuplicateMemberAnswer,
    /// What has become of the pair.
    state: DuplicateStateName,
    /// How probable it is that they are one person.
    #[schema(minimum = 0, maximum = 1)]
    probability: f64,
    /// Whether that is probable enough to be offered for merging.
    likely: bool,
    /// Log2 of the odds: the sum of `prior_bits`, `household_bits` and the bits of all fields.
    weight_bits: f64,
    /// What is said of any two members.
    prior_bits: f64,
    /// What is taken away because they may be two of one household.
    household_bits: f64,
    /// Why.
    evidence: Vec<EvidenceAnswer>,
    /// When the pair was found first with these data.
    found_at: Timestamp,
    /// When somebody decided.
    decided_at: Option<Timestamp>,
    /// Who decided.
    decided_by: Option<String>,
}

/// One of the two.
#[derive(Serialize, ToSchema)]
struct DuplicateMemberAnswer {
    /// The member.
    #[schema(value_type = String)]
    member_id: AccountId,
    /// The name.
    name: Option<String>,
    /// The date of birth.
    #[schema(value_type = Option<String>, format = Date)]
    born_on: Option<Date>,
    /// All identifiers.
    #[schema(value_type = Vec<IdentifierBody>)]
    identifiers: Vec<Identifier>,
    /// When the member joined.
    enrolled_at: Timestamp,
}

/// What a field says.
#[derive(Serialize, ToSchema)]
struct EvidenceAnswer {
    /// `family_name`, `given_name`, `born_on`, `phone` or `email`.
    field: &'static str,
    /// `missing`, `differs`, `near`, `sounds_same` or `same`.
    agreement: &'static str,
    /// Bits it adds: each doubles the odds, each below 0 halves them.
    bits: f64,
}

/// List duplicates
///
/// Pairs of members who may be one person, the most probable first, with what speaks for it and against it. A pair whose
/// member was merged meanwhile waits no longer.
#[utoipa::path(
    get,
    path = "/v1/duplicates",
    tag = "Duplicates",
    params(DuplicateQuery),
    responses((status = 200, description = "A page of pairs.", body = Page<DuplicateAnswer>)),
    security(("api_key" = ["members:read"]))
)]
pub(in crate::api) async fn list_duplicates(
    State(api): State<Api>,
    _: Permit<MembersRead>,
    Parameters(query): Parameters<DuplicateQuery>,
) -> Result<Response, Problem> {
    let state = query.state.unwrap_or_default().into();
    let page =
        api.engine.list_duplicates(state, query.after.as_deref(), query.limit.unwrap_or(LIMIT)).await?;
    let data = page.pairs.into_iter().map(DuplicateAnswer::from).collect();
    Ok(answer::ok(&Page { data, has_more: page.has_more, next: page.next }))
}

impl From<DuplicateStateName> for DuplicateState {
    fn from(name: DuplicateStateName) -> Self {
        match name {
            DuplicateStateName::Open => Self::Open,
            DuplicateStateName::Later => Self::Later,
            DuplicateStateName::NotSame => Self::NotSame,
            DuplicateStateName::Merged => Self::Merged,
        }
    }
}

impl From<DuplicateState> for DuplicateStateName {
    fn from(state: DuplicateState) -> Self {
        match state {
            DuplicateState::Open => Self::Open,
            DuplicateState::Later => Self::Later,
            DuplicateState::NotSame => Self::NotSame,
            DuplicateState::Merged => Self::Merged,
        }
    }
}

impl From<DuplicateMember> for DuplicateMemberAnswer {
    fn from(member: DuplicateMember) -> Self {
        Self {
            member_id: member.member_id,
            name: member.profile.name,
            born_on: member.profile.born_on,
            identifiers: member.identifiers,
            enrolled_at: member.enrolled_at,
        }
    }
}

impl From<DuplicateView> for DuplicateAnswer {
    fn from(view: DuplicateView) -> Self {
        let evidence = view.evidence.iter().map(|one| EvidenceAnswer {
            field: one.field.name(),
            agreement: one.agreement.name(),
            bits: one.bits,
        });
        Self {
            evidence: evidence.collect(),
            left: view.left.into(),
            right: view.right.into(),
            state: view.state.into(),
            probability: view.probability,
            likely: view.likely,
            weight_bits: view.weight_bits,
            prior_bits: view.prior_bits,
            household_bits: view.household_bits,
            found_at: view.found_at,
            decided_at: view.decided_at,
            decided_by: view.decided_by,
        }
    }
}
