//! `POST /v1/returns` and `GET /v1/parked-returns`: what comes back takes back exactly what it earned.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::document::{DocumentKey, Return, ReturnLine};
use jiff::Timestamp;
use operations::{Answer, Command};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer;
use super::body::{JsonBody, Parameters};
use super::caller::{DryRun, IdempotencyHeader, PurchasesWrite, Writer};
use super::problem::Problem;
use super::schema::{RecordedShape, microseconds};
use super::state::Api;

/// Goods or money given back for an earlier purchase.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "source": "till",
    "reference": "s001-20260513-0007",
    "purchase": { "source": "till", "reference": "s001-20260511-0042" },
    "occurred_at": "2026-05-13T18:00:00+08:00",
    "lines": [{ "line": 1, "amount": 3000 }]
}))]
pub(super) struct ReturnBody {
    /// The system that reports it.
    #[schema(min_length = 1, max_length = 128)]
    source: String,
    /// The number it has there.
    #[schema(min_length = 1, max_length = 128)]
    reference: String,
    /// The purchase that is returned, wholly or in part.
    purchase: DocumentKeyBody,
    /// When the return took place.
    occurred_at: Timestamp,
    /// What comes back. Empty or absent means everything that has not come back yet.
    #[serde(default)]
    #[schema(max_items = 1000, required = false)]
    lines: Vec<ReturnLineBody>,
}

/// The name of a document: unique for ever within its source.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DocumentKeyBody {
    /// The system that reports it.
    #[schema(min_length = 1, max_length = 128)]
    pub(super) source: String,
    /// The number it has there.
    #[schema(min_length = 1, max_length = 128)]
    pub(super) reference: String,
}

impl DocumentKeyBody {
    /// The name as the ledger keeps it.
    pub(super) fn key(self) -> DocumentKey {
        DocumentKey { source: self.source, reference: self.reference }
    }
}

/// The part of a purchase line that is returned.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReturnLineBody {
    /// Position of the line in the purchase, from 0.
    line: u32,
    /// Value of the returned part in minor units of the purchase's currency, in the direction of the line's amount.
    #[schema(minimum = -9_007_199_254_740_991_i64, maximum = 9_007_199_254_740_991_i64)]
    amount: i64,
}

/// A return that waits for its purchase.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ParkedAnswer {
    /// Always true: the return is kept, and applied right after its purchase lands.
    parked: bool,
    /// The return.
    document: DocumentKeyBody,
}

/// Record a return
///
/// Takes back what the returned lines earned, from the purchase's own points first, then by the programme's policy. A return
/// that comes before its purchase is kept and applied right after it.
#[utoipa::path(
    post,
    path = "/v1/returns",
    tag = "Documents",
    params(DryRun, IdempotencyHeader),
    request_body = ReturnBody,
    responses(
        (status = 201, description = "Recorded.", body = RecordedShape),
        (status = 200, description = "Recorded before, or only tried.", body = RecordedShape),
        (status = 202, description = "Its purchase is not known yet: the return waits for it.", body = ParkedAnswer)
    ),
    security(("api_key" = ["purchases:write"]))
)]
pub(super) async fn record_return(
    State(api): State<Api>,
    writer: Writer<PurchasesWrite>,
    Parameters(dry_run): Parameters<DryRun>,
    JsonBody(body): JsonBody<ReturnBody>,
) -> Result<Response, Problem> {
    let document = Return {
        key: DocumentKey { source: body.source, reference: body.reference },
        purchase: DocumentKey { source: body.purchase.source, reference: body.purchase.reference },
        occurred_at: microseconds(body.occurred_at),
        lines: body.lines.iter().map(|line| ReturnLine { line: line.line, amount: line.amount }).collect(),
    };
    let request = writer.request(Command::RecordReturn { document }, &dry_run);
    match api.engine.carry_out(request).await? {
        Answer::Parked(DocumentKey { source, reference }) => {
            let parked = ParkedAnswer { parked: true, document: DocumentKeyBody { source, reference } };
            Ok(answer::json(StatusCode::ACCEPTED, &parked))
        }
        other => answer::recorded(Ok(other)),
    }
}
