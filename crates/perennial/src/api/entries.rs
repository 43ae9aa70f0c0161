//! The ledger as a member's timeline: entries, one entry, and why it says what it says.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use domain::explain::Explanation;
use domain::ids::{AccountId, EntryId};
use domain::ledger::Entry;
use domain::programme::Language;
use jiff::Timestamp;
use operations::MemberReference;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer;
use super::body::{Parameters, PathValues};
use super::caller::{MembersRead, Permit};
use super::problem::Problem;
use super::schema::{TierChangeShape, TierPositionShape, UnitBalance};
use super::state::Api;

/// Entries on a page when the caller does not say.
const LIMIT: u16 = 25;

/// Which page of a timeline.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EntryQuery {
    /// Entries on a page; 25 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<u32>,
}

/// In which language.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LanguageQuery {
    /// The language; by `Accept-Language` when absent.
    #[param(inline)]
    pub(super) language: Option<LanguageName>,
}

/// A language the product speaks.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub(super) enum LanguageName {
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Chinese,
    /// English.
    #[serde(rename = "en")]
    English,
}

/// One journal entry, as stored.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the domain")]
pub(super) struct EntryShape {
    /// The entry.
    #[schema(example = "ent_0cvq6w2m8z4k1_7")]
    id: String,
    /// Business time.
    occurred_at: Timestamp,
    /// System time.
    recorded_at: Timestamp,
    /// The programme version that decided; 0 if none was needed.
    programme_version: u32,
    /// Who asked for it.
    actor: String,
    /// Number of the entry this one corrects.
    #[schema(nullable = false, required = false)]
    corrects: Option<u32>,
    /// What happened: `event` names it, the other fields depend on it.
    fact: FactShape,
    /// Points that moved.
    postings: Vec<PostingShape>,
    /// Tiers that changed; absent if none did.
    #[schema(nullable = false, required = false)]
    tier_changes: Option<Vec<TierChangeShape>>,
    /// Balances and tiers right after.
    standing: StandingShape,
}

/// What happened, with all that the decision depended on.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the domain")]
struct FactShape {
    /// For instance `purchase_recorded`.
    event: String,
}

/// Points moving from the debited to the credited account.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the domain")]
struct PostingShape {
    /// The unit.
    unit: String,
    /// Where the points come from.
    #[schema(example = "issuer")]
    debit: String,
    /// Where they go.
    #[schema(example = "member_available")]
    credit: String,
    /// Points, more than 0.
    amount: i64,
    /// Number of the lot they are part of; 0 for debt.
    lot_no: u32,
    /// The rule that decided, if one did.
    #[schema(nullable = false, required = false)]
    rule: Option<String>,
    /// Who bears the cost.
    funder: String,
}

/// Balances and tiers.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the domain")]
struct StandingShape {
    /// By unit.
    balances: Vec<UnitBalance>,
    /// By ladder.
    tiers: Vec<TierPositionShape>,
}

/// A page of entries, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EntryList {
    /// The entries.
    #[schema(value_type = Vec<EntryShape>)]
    data: Vec<Entry>,
    /// Whether there are more.
    has_more: bool,
    /// What to send as `after` to get them.
    next: Option<String>,
}

/// Why an entry says what it says.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExplanationAnswer {
    /// The entry.
    #[schema(value_type = String)]
    entry_id: EntryId,
    /// The language of the sentences.
    #[schema(example = "en")]
    language: &'static str,
    /// What happened, in one sentence.
    title: String,
    /// What each rule gave, and from the rule's own words, why.
    awards: Vec<String>,
    /// Rules that gave nothing, and why.
    not_applied: Vec<String>,
    /// What each voucher took off, or why nothing.
    vouchers: Vec<String>,
    /// What was taken back, and from where.
    clawback: Vec<String>,
    /// What points paid, what was reserved for how long, and what was given back.
    spending: Vec<String>,
    /// Points that moved: amount, from, to, lot.
    movements: Vec<String>,
    /// Tiers that changed.
    tiers: Vec<String>,
    /// Balances right after.
    balances: Vec<String>,
    /// Which programme version decided, who asked, when it was recorded.
    decided: String,
}

/// List entries
#[utoipa::path(
    get,
    path = "/v1/members/{id}/entries",
    tag = "Ledger",
    params(("id" = String, Path, description = "The member."), EntryQuery),
    responses((status = 200, description = "A page of the timeline, newest first.", body = EntryList)),
    security(("api_key" = ["members:read"]))
)]
pub(super) async fn list_entries(
    State(api): State<Api>,
    _: Permit<MembersRead>,
    PathValues(member_id): PathValues<AccountId>,
    Parameters(query): Parameters<EntryQuery>,
) -> Result<Response, Problem> {
    let page = api.engine.list_entries(member_id, query.after, query.limit.unwrap_or(LIMIT)).await?;
    if page.entries.is_empty() {
        // Every member has an entry: nobody is told that an unknown one has none.
        api.engine.view_member(&MemberReference::Id(member_id)).await?;
    }
    let next = page.next.map(|entry_no| entry_no.to_string());
    Ok(answer::ok(&EntryList { data: page.entries, has_more: page.has_more, next }))
}

/// View an entry
#[utoipa::path(
    get,
    path = "/v1/entries/{id}",
    tag = "Ledger",
    params(("id" = String, Path, description = "The entry.", example = "ent_0cvq6w2m8z4k1_7")),
    responses((status = 200, description = "The entry, as stored.", body = EntryShape)),
    security(("api_key" = ["members:read"]))
)]
pub(super) async fn view_entry(
    State(api): State<Api>,
    _: Permit<MembersRead>,
    PathValues(id): PathValues<EntryId>,
) -> Result<Response, Problem> {
    Ok(answer::ok(&api.engine.view_entry(id).await?))
}

/// Explain an entry
///
/// The amounts, the rules that fired or did not, and the way to the result, in sentences a member can follow.
#[utoipa::path(
    get,
    path = "/v1/entries/{id}/explanation",
    tag = "Ledger",
    params(("id" = String, Path, description = "The entry."), LanguageQuery),
    responses((status = 200, description = "Why the entry says what it says.", body = ExplanationAnswer)),
    security(("api_key" = ["members:read"]))
)]
pub(super) async fn explain(
    State(api): State<Api>,
    _: Permit<MembersRead>,
    PathValues(entry_id): PathValues<EntryId>,
    Parameters(query): Parameters<LanguageQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language(query.language, &headers);
    let Explanation {
        title,
        awards,
        not_applied,
        vouchers,
        clawback,
        spending,
        movements,
        tiers,
        balances,
        decided,
    } = api.engine.explain(entry_id, language).await?;
    let language = tag(language);
    Ok(answer::ok(&ExplanationAnswer {
        entry_id,
        language,
        title,
        awards,
        not_applied,
        vouchers,
        clawback,
        spending,
        movements,
        tiers,
        balances,
        decided,
    }))
}

/// The language a caller asks for: by name, else by `Accept-Language`, else English.
pub(super) fn language(named: Option<LanguageName>, headers: &HeaderMap) -> Language {
    let accepted =
        || headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match named {
        Some(LanguageName::English) => Language::En,
        None if !accepted().trim_start().to_ascii_lowercase().starts_with("zh") => Language::En,
        _ => Language::ZhCn,
    }
}

/// The name of a language.
pub(super) const fn tag(language: Language) -> &'static str {
    match language {
        Language::ZhCn => "zh-CN",
        Language::En => "en",
    }
}
