//! Statements: one member's as of now, and the run that turns points into vouchers for all of them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::code::Code;
use domain::ids::{AccountId, EntryId, LotId};
use domain::programme::{Language, Names};
use jiff::Timestamp;
use jiff::civil::Date;
use operations::{MemberReference, StatementRunState, StatementRunView, StatementView, VoucherView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer;
use super::body::{JsonBody, NoParameters, Parameters, PathValues};
use super::caller::{MembersRead, Operations, Permit, Writer};
use super::list_rewards::NamesShape;
use super::problem::Problem;
use super::schema::{UnitBalance, VoucherShape};
use super::state::Api;

/// A member's statement as of now.
#[derive(Serialize, ToSchema)]
pub(super) struct StatementAnswer {
    /// The member.
    #[schema(value_type = String)]
    member_id: AccountId,
    /// As of when.
    as_of: Timestamp,
    /// Points by unit.
    balances: Vec<UnitBalance>,
    /// Lots with something left, in the order in which they are spent.
    lots: Vec<StatementLot>,
    /// Points that lapse, soonest first.
    expiring: Vec<StatementExpiry>,
    /// Vouchers that have not ended, soonest end first.
    vouchers: Vec<StatementVoucherAnswer>,
    /// What each statement of the programme made of the points last, and what it would make of them now.
    statements: Vec<StatementOutlookAnswer>,
}

/// A lot, and the entry that says why it was earned.
#[derive(Serialize, ToSchema)]
struct StatementLot {
    /// The lot.
    #[schema(value_type = String)]
    id: LotId,
    /// The unit.
    #[schema(value_type = String)]
    unit: Code,
    /// Points left.
    remaining: i64,
    /// When they were earned.
    earned_at: Timestamp,
    /// When they become spendable, if they are not yet.
    pending_until: Option<Timestamp>,
    /// First instant at which they can no longer be spent.
    expires_at: Option<Timestamp>,
    /// Why: `GET /v1/entries/{id}/explanation`.
    #[schema(value_type = String)]
    entry_id: EntryId,
}

/// Points that lapse together.
#[derive(Serialize, ToSchema)]
struct StatementExpiry {
    /// The unit.
    #[schema(value_type = String)]
    unit: Code,
    /// First instant at which they can no longer be spent.
    expires_at: Timestamp,
    /// How many.
    points: i64,
}

/// A voucher on a statement.
#[derive(Serialize, ToSchema)]
struct StatementVoucherAnswer {
    /// Where it stands.
    #[schema(value_type = VoucherShape)]
    voucher: VoucherView,
    /// What members call it.
    #[schema(value_type = Option<NamesShape>)]
    name: Option<Names>,
    /// Its code, as printed.
    #[schema(example = "7XQ0-9M2T-WB4C-K1HG")]
    code: Option<String>,
    /// Why it cannot be used now; absent if it can.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    why_not: Option<String>,
}

/// A statement of the programme, for one member.
#[derive(Serialize, ToSchema)]
struct StatementOutlookAnswer {
    /// The statement.
    #[schema(value_type = String)]
    statement: Code,
    /// The last time it turned points into a voucher.
    last: Option<LastStatement>,
    /// Points that would become a voucher now.
    points: i64,
    /// What that voucher would be worth, in minor units.
    value: i64,
    /// Points that would be carried over.
    carried: i64,
    /// Points that are missing to the next step.
    missing: i64,
}

/// A statement that was made.
#[derive(Serialize, ToSchema)]
struct LastStatement {
    /// Its date.
    #[schema(value_type = String, format = Date)]
    made_on: Date,
    /// Points that became a voucher.
    points: i64,
    /// What it was worth, in minor units.
    value: i64,
    /// Points that were carried over.
    carried: i64,
}

/// Which statement to run.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "statement": "quarterly", "made_on": "2026-05-01" }))]
pub(super) struct RunBody {
    /// The statement, as the programme calls it.
    #[schema(value_type = String, pattern = "^[a-z0-9_-]{1,31}$")]
    statement: Code,
    /// Its date, today or earlier: a member gets one statement of a date at most.
    #[schema(value_type = String, format = Date)]
    made_on: Date,
}

/// Which run.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RunQuery {
    /// The statement.
    #[param(value_type = String)]
    statement: Code,
    /// Its date.
    #[param(value_type = String, format = Date)]
    made_on: Date,
}

/// A run, under way or ended.
#[derive(Serialize, ToSchema)]
pub(super) struct RunAnswer {
    /// The statement.
    #[schema(value_type = String)]
    statement: Code,
    /// Its date.
    #[schema(value_type = String, format = Date)]
    made_on: Date,
    /// The programme version whose terms it follows.
    programme_version: u32,
    /// What it is doing. A run that stopped goes on when it is asked for again.
    state: RunStateName,
    /// Members done.
    members: i64,
    /// Vouchers issued to them.
    vouchers: i64,
    /// Their face value in minor units.
    value: i64,
    /// Points that became vouchers.
    points: i64,
    /// Points carried over.
    carried: i64,
    /// When it began.
    started_at: Timestamp,
    /// When it ended.
    finished_at: Option<Timestamp>,
    /// Why it failed.
    error: Option<String>,
}

/// What a run is doing.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum RunStateName {
    /// Making statements.
    Running,
    /// All members have theirs.
    Finished,
    /// It stopped with an error.
    Failed,
}

/// View a member's statement
///
/// Lots and when they lapse, vouchers with their codes, and what the next statement would make of the points.
#[utoipa::path(
    get,
    path = "/v1/members/{id}/statement",
    tag = "Members",
    params(("id" = String, Path, description = "The member.")),
    responses((status = 200, description = "The statement as of now.", body = StatementAnswer)),
    security(("api_key" = ["members:read"]))
)]
pub(super) async fn view_statement(
    State(api): State<Api>,
    _: Permit<MembersRead>,
    PathValues(id): PathValues<AccountId>,
) -> Result<Response, Problem> {
    let view = api.engine.view_statement(&MemberReference::Id(id)).await?;
    Ok(answer::ok(&StatementAnswer::from(view)))
}

/// Run a statement
///
/// Turns the points of all members into vouchers, as the programme says. It goes on after the answer; ask
/// `GET /v1/operations/statement-runs` how far it is. Repeating it resumes a run that stopped; a finished one is only
/// reported.
#[utoipa::path(
    post,
    path = "/v1/operations/run-statement",
    tag = "Operations",
    request_body = RunBody,
    responses(
        (status = 200, description = "It was finished before.", body = RunAnswer),
        (status = 202, description = "It is under way.", body = RunAnswer)
    ),
    security(("api_key" = ["operations"]))
)]
pub(super) async fn run_statement(
    State(api): State<Api>,
    writer: Writer<Operations>,
    _: NoParameters,
    JsonBody(body): JsonBody<RunBody>,
) -> Result<Response, Problem> {
    writer.require_live()?;
    let run = api.engine.start_statement_run(body.statement, body.made_on, &writer.actor()).await?;
    let finished = run.state == StatementRunState::Finished;
    let status = if finished { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok(answer::json(status, &RunAnswer::from(run)))
}

/// View a statement's run
#[utoipa::path(
    get,
    path = "/v1/operations/statement-runs",
    tag = "Operations",
    params(RunQuery),
    responses((status = 200, description = "How far it is, or what it did.", body = RunAnswer)),
    security(("api_key" = ["operations"]))
)]
pub(super) async fn view_statement_run(
    State(api): State<Api>,
    _: Permit<Operations>,
    Parameters(query): Parameters<RunQuery>,
) -> Result<Response, Problem> {
    let run = api.engine.view_statement_run(query.statement, query.made_on).await?;
    Ok(answer::ok(&RunAnswer::from(run)))
}

impl From<StatementView> for StatementAnswer {
    fn from(view: StatementView) -> Self {
        let account_id = view.member_id;
        let lots = view.lots.iter().map(|lot| StatementLot {
            id: LotId { account_id, lot_no: lot.lot_no },
            unit: lot.unit,
            remaining: lot.remaining,
            earned_at: lot.earned_at,
            pending_until: lot.pending_until,
            expires_at: lot.expires_at,
            entry_id: EntryId { account_id, entry_no: lot.entry_no },
        });
        let minor = |amount: i64| format!("{amount} minor units");
        let vouchers = view.vouchers.into_iter().map(|each| StatementVoucherAnswer {
            voucher: each.voucher,
            name: each.name,
            code: each.code,
            why_not: each.why_not.map(|why| why.sentence(Language::En, &minor, &|at| at.to_string())),
        });
        let statements = view.statements.into_iter().map(|each| StatementOutlookAnswer {
            statement: each.statement.code,
            last: each.last.map(|mark| LastStatement {
                made_on: mark.made_on,
                points: mark.points,
                value: mark.value,
                carried: mark.carried,
            }),
            points: each.points,
            value: each.value,
            carried: each.carried,
            missing: each.missing,
        });
        let expiring = view.expiring.into_iter();
        Self {
            member_id: view.member_id,
            as_of: view.as_of,
            balances: view.balances.iter().map(UnitBalance::from).collect(),
            lots: lots.collect(),
            expiring: expiring
                .map(|(unit, expires_at, points)| StatementExpiry { unit, expires_at, points })
                .collect(),
            vouchers: vouchers.collect(),
            statements: statements.collect(),
        }
    }
}

impl From<StatementRunView> for RunAnswer {
    fn from(run: StatementRunView) -> Self {
        Self {
            statement: run.statement,
            made_on: run.made_on,
            programme_version: run.programme_version,
            state: match run.state {
                StatementRunState::Running => RunStateName::Running,
                StatementRunState::Finished => RunStateName::Finished,
                StatementRunState::Failed => RunStateName::Failed,
            },
            members: run.members,
            vouchers: run.vouchers,
            value: run.value,
            points: run.points,
            carried: run.carried,
            started_at: run.started_at,
            finished_at: run.finished_at,
            error: run.error,
        }
    }
}
