//! `/v1/members`: enrolling, finding, reading and changing members.

use axum::extract::State;
use axum::http::header::ETAG;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use domain::code::Code;
use domain::ids::AccountId;
use domain::ledger::PoolMember;
use domain::member::Profile;
use jiff::Timestamp;
use operations::{Command, MemberReference, MemberSearch, MemberSort, MemberView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{self, Envelope};
use super::body::{JsonBody, Parameters, PathValues};
use super::caller::{
    DryRun, IdempotencyHeader, MembersRead, MembersWrite, Permit, RequiredIdempotencyHeader, Writer,
};
use super::member_reference::{identifier, identifiers, region};
use super::problem::Problem;
use super::schema::{
    IdentifierBody, IdentifierKindName, Money, ProfileBody, RecordedShape, StatusName, microseconds,
};
use super::state::Api;

/// A new member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EnrolmentBody {
    /// How the member is found later; may be empty.
    #[serde(default)]
    #[schema(required = false)]
    identifiers: Vec<IdentifierBody>,
    /// What is known of the person.
    #[serde(default)]
    #[schema(required = false)]
    profile: ProfileBody,
    /// When the member joined, if not now.
    #[serde(default)]
    enrolled_at: Option<Timestamp>,
}

/// A member: the person and how they are found. What they hold is at `/balance`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MemberAnswer {
    /// The member.
    #[schema(value_type = String, example = "mem_0cvq6w2m8z4k1")]
    id: AccountId,
    /// What is known of the person.
    profile: ProfileBody,
    /// All identifiers, in normal form.
    identifiers: Vec<IdentifierBody>,
    /// Whether the account takes part.
    status: StatusName,
    /// When the member joined.
    enrolled_at: Timestamp,
    /// The household the member belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    household: Option<AccountId>,
    /// Who belongs to it, where the account is a household.
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<Vec<HouseholdMember>>,
}

/// A member of a household.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HouseholdMember {
    /// The member.
    #[schema(value_type = String)]
    id: AccountId,
    /// Whether they may spend what is pooled.
    may_spend: bool,
    /// When they joined the household.
    since: Timestamp,
}

/// A member in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MemberSummary {
    /// The member.
    #[schema(value_type = String)]
    id: AccountId,
    /// The name.
    name: Option<String>,
    /// All identifiers.
    identifiers: Vec<IdentifierBody>,
    /// Whether the account takes part.
    status: StatusName,
    /// Tier on the main ladder.
    #[schema(value_type = Option<String>)]
    tier: Option<Code>,
    /// Spendable points of the main unit, less debt.
    points: i64,
    /// Points of the main unit that are not spendable yet.
    pending: i64,
    /// Purchases less returns, in the programme's currency; absent before a programme was published.
    spend: Option<Money>,
    /// Number of purchases.
    purchase_count: u32,
    /// When the member joined.
    enrolled_at: Timestamp,
    /// The latest purchase.
    last_purchase_at: Option<Timestamp>,
}

/// A page of members.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MemberList {
    /// The members.
    data: Vec<MemberSummary>,
    /// Whether there are more.
    has_more: bool,
    /// What to send as `after` to get them.
    next: Option<String>,
    /// Members that fit, on all pages.
    total: u64,
}

/// What members to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MemberQuery {
    /// An identifier, or a part of the name, its pinyin or initials.
    text: Option<String>,
    /// Tier on the main ladder.
    #[param(value_type = Option<String>, pattern = "^[a-z0-9_-]{1,31}$")]
    tier: Option<Code>,
    /// Active or closed.
    #[param(inline)]
    status: Option<StatusName>,
    /// A segment that the member is in, by their profile or by its audience.
    #[param(value_type = Option<String>, pattern = "^[a-z0-9_-]{1,31}$")]
    segment: Option<Code>,
    /// Points of the main unit, at least.
    points_min: Option<i64>,
    /// Points of the main unit, at most.
    points_max: Option<i64>,
    /// Last purchase at or after.
    last_purchase_after: Option<Timestamp>,
    /// Last purchase before, or none at all.
    last_purchase_before: Option<Timestamp>,
    /// Joined at or after.
    enrolled_after: Option<Timestamp>,
    /// Joined before.
    enrolled_before: Option<Timestamp>,
    /// What to sort by.
    #[param(inline)]
    sort: Option<SortName>,
    /// Which end comes first.
    #[param(inline)]
    order: Option<OrderName>,
    /// Members on a page; 25 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
    /// `next` of the page before.
    after: Option<String>,
}

/// What members are sorted by.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SortName {
    Name,
    Points,
    Spend,
    LastPurchaseAt,
    EnrolledAt,
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OrderName {
    Ascending,
    Descending,
}

/// How a member is looked up.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LookUpQuery {
    /// What kind of identifier it is.
    #[param(inline)]
    kind: IdentifierKindName,
    /// The identifier, in any usual spelling.
    #[param(min_length = 1, max_length = 128)]
    value: String,
}

/// Enrol a member
#[utoipa::path(
    post,
    path = "/v1/members",
    tag = "Members",
    params(DryRun, RequiredIdempotencyHeader),
    request_body = EnrolmentBody,
    responses(
        (status = 201, description = "Enrolled; `Location` names the member.", body = RecordedShape),
        (status = 200, description = "Enrolled before, or only tried.", body = RecordedShape)
    ),
    security(("api_key" = ["members:write"]))
)]
pub(super) async fn enrol_member(
    State(api): State<Api>,
    writer: Writer<MembersWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<EnrolmentBody>,
) -> Result<Response, Problem> {
    writer.require_key()?;
    let command = Command::EnrolMember {
        identifiers: identifiers(&body.identifiers, region(&api.engine).as_deref())?,
        profile: body.profile.into(),
        enrolled_at: body.enrolled_at.map(microseconds),
    };
    let recorded = api.engine.carry_out(writer.request(command, &dry_run)).await?.recorded()?;
    let envelope = Envelope::new(&recorded);
    let address = format!("/v1/members/{}", recorded.entry.id.account_id);
    Ok(answer::located(answer::json(envelope.status(), &envelope), &address))
}

/// Search members
#[utoipa::path(
    get,
    path = "/v1/members",
    tag = "Members",
    params(MemberQuery),
    responses((status = 200, description = "A page of the members that fit.", body = MemberList)),
    security(("api_key" = ["members:read"]))
)]
pub(super) async fn search_members(
    State(api): State<Api>,
    _: Permit<MembersRead>,
    Parameters(query): Parameters<MemberQuery>,
) -> Result<Response, Problem> {
    let page = api.engine.search_members(&query.search()).await?;
    let currency = api.engine.programmes().latest().map(|programme| programme.programme().currency);
    let summary = |row: operations::MemberRow| MemberSummary {
        id: row.member_id,
        name: row.name,
        identifiers: row.identifiers.iter().map(IdentifierBody::from).collect(),
        status: row.status.into(),
        tier: row.tier,
        points: row.points,
        pending: row.pending,
        spend: currency.map(|currency| Money { amount: row.spend, currency }),
        purchase_count: row.purchase_count,
        enrolled_at: row.enrolled_at,
        last_purchase_at: row.last_purchase_at,
    };
    let data = page.members.into_iter().map(summary).collect();
    Ok(answer::ok(&MemberList { data, has_more: page.has_more, next: page.next, total: page.total }))
}

/// Look a member up
#[utoipa::path(
    get,
    path = "/v1/members/lookup",
    tag = "Members",
    params(LookUpQuery),
    responses((status = 200, description = "The member.", body = MemberAnswer)),
    security(("api_key" = ["members:read"]))
)]
pub(super) async fn look_up_member(
    State(api): State<Api>,
    _: Permit<MembersRead>,
    Parameters(query): Parameters<LookUpQuery>,
) -> Result<Response, Problem> {
    let identifier = identifier(query.kind.into(), &query.value, region(&api.engine).as_deref(), "value")?;
    let view = api.engine.view_member(&MemberReference::Identifier(identifier)).await?;
    Ok(tagged(&view))
}

/// View a member
#[utoipa::path(
    get,
    path = "/v1/members/{id}",
    tag = "Members",
    params(("id" = String, Path, description = "The member.", example = "mem_0cvq6w2m8z4k1")),
    responses((
        status = 200,
        description = "The member.",
        body = MemberAnswer,
        headers(("ETag" = String, description = "What to send as `If-Match` with a change."))
    )),
    security(("api_key" = ["members:read"]))
)]
pub(super) async fn view_member(
    State(api): State<Api>,
    _: Permit<MembersRead>,
    PathValues(id): PathValues<AccountId>,
) -> Result<Response, Problem> {
    Ok(tagged(&api.engine.view_member(&MemberReference::Id(id)).await?))
}

/// Change a member's profile
///
/// Replaces the whole profile. `If-Match` must carry the `ETag` that was read, so that nobody's change is lost.
#[utoipa::path(
    put,
    path = "/v1/members/{id}",
    tag = "Members",
    params(
        ("id" = String, Path, description = "The member."),
        ("If-Match" = String, Header, description = "The `ETag` that was read; 428 without it."),
        DryRun,
        IdempotencyHeader
    ),
    request_body = ProfileBody,
    responses((status = 200, description = "The member as changed, or as it would be when only tried.", body = MemberAnswer)),
    security(("api_key" = ["members:write"]))
)]
pub(super) async fn update_member(
    State(api): State<Api>,
    writer: Writer<MembersWrite>,
    PathValues(id): PathValues<AccountId>,
    Parameters(dry_run): Parameters<DryRun>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<ProfileBody>,
) -> Result<Response, Problem> {
    let Some(expected) = headers.get(header::IF_MATCH) else {
        let detail = "send If-Match with the ETag you read, so that nobody's change is lost";
        let problem = Problem::new(StatusCode::PRECONDITION_REQUIRED, "if_match_missing", detail);
        return Err(problem.field("If-Match"));
    };
    let member = MemberReference::Id(id);
    let seen = api.engine.view_member(&member).await?;
    if expected != "*" && expected.as_bytes() != tag(&seen).as_bytes() {
        return Err(operations::OperationError::Changed.into());
    }
    let profile = Profile::from(body);
    let fields = profile.fields_unlike(&seen.profile);
    let version = Some(seen.version);
    let command = Command::UpdateMember {
        member: member.clone(),
        profile: profile.clone(),
        fields,
        expected_version: version,
    };
    api.engine.carry_out(writer.request(command, &dry_run)).await?;
    if writer.only_tries(&dry_run) {
        // As it would be; the tag stays that of what is stored, with which the change itself can be sent.
        return Ok(tagged(&MemberView { profile, ..seen }));
    }
    Ok(tagged(&api.engine.view_member(&member).await?))
}

/// Link an identifier
#[utoipa::path(
    post,
    path = "/v1/members/{id}/identifiers",
    tag = "Members",
    params(("id" = String, Path, description = "The member."), DryRun, IdempotencyHeader),
    request_body = IdentifierBody,
    responses(
        (status = 201, description = "Linked.", body = RecordedShape),
        (status = 200, description = "Linked before, or only tried.", body = RecordedShape)
    ),
    security(("api_key" = ["members:write"]))
)]
pub(super) async fn link_identifier(
    State(api): State<Api>,
    writer: Writer<MembersWrite>,
    PathValues(id): PathValues<AccountId>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<IdentifierBody>,
) -> Result<Response, Problem> {
    let identifier = identifier(body.kind.into(), &body.value, region(&api.engine).as_deref(), "value")?;
    let command = Command::LinkIdentifier { member: MemberReference::Id(id), identifier };
    answer::recorded(api.engine.carry_out(writer.request(command, &dry_run)).await)
}

impl MemberQuery {
    fn search(self) -> MemberSearch {
        let standard = MemberSearch::default();
        MemberSearch {
            text: self.text,
            tier: self.tier,
            status: self.status.map(Into::into),
            segment: self.segment,
            points_min: self.points_min,
            points_max: self.points_max,
            last_purchase_after: self.last_purchase_after,
            last_purchase_before: self.last_purchase_before,
            enrolled_after: self.enrolled_after,
            enrolled_before: self.enrolled_before,
            sort: self.sort.map_or(standard.sort, Into::into),
            descending: self.order.map_or(standard.descending, |order| order == OrderName::Descending),
            limit: self.limit.unwrap_or(standard.limit),
            after: self.after,
        }
    }
}

impl From<SortName> for MemberSort {
    fn from(name: SortName) -> Self {
        match name {
            SortName::Name => Self::Name,
            SortName::Points => Self::Points,
            SortName::Spend => Self::Spend,
            SortName::LastPurchaseAt => Self::LastPurchaseAt,
            SortName::EnrolledAt => Self::EnrolledAt,
        }
    }
}

/// Changes whenever the answer does: the profile counts its changes, identifiers are only ever added, and of a
/// household's members the number changes, who joined last, or who may spend.
fn tag(view: &MemberView) -> String {
    let mut tag = format!("{}.{}", view.version, view.identifiers.len());
    if let Some(household) = view.state.household {
        tag = format!("{tag}.{household}");
    }
    if let Some(pool) = &view.state.pool {
        let latest =
            pool.members.iter().map(|member| member.since.as_microsecond()).max().unwrap_or_default();
        let may: String =
            pool.members.iter().map(|member| if member.may_spend { 'y' } else { 'n' }).collect();
        tag = format!("{tag}.{}.{latest}.{may}", pool.members.len());
    }
    format!("\"{tag}\"")
}

impl From<&PoolMember> for HouseholdMember {
    fn from(member: &PoolMember) -> Self {
        let PoolMember { account_id: id, may_spend, since, .. } = *member;
        Self { id, may_spend, since }
    }
}

fn tagged(view: &MemberView) -> Response {
    let mut response = answer::ok(&MemberAnswer {
        id: view.member_id,
        profile: view.profile.clone().into(),
        identifiers: view.identifiers.iter().map(IdentifierBody::from).collect(),
        status: view.status.into(),
        enrolled_at: view.enrolled_at,
        household: view.state.household,
        members: view
            .state
            .pool
            .as_ref()
            .map(|pool| pool.members.iter().map(HouseholdMember::from).collect()),
    });
    if let Ok(value) = HeaderValue::from_str(&tag(view)) {
        response.headers_mut().insert(ETAG, value);
    }
    response
}
