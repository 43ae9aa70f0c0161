//! Adjusting a member's points by hand: at once within the limit of one person, above it by asking a second.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::code::Code;
use domain::ids::AccountId;
use domain::operation::Adjustment;
use domain::refusal::Refusal;
use jiff::Timestamp;
use operations::{Command, MemberReference, OperationError, Request};

use super::Console;
use super::format::signed;
use super::member::show_member;
use super::page::Frame;
use super::problem;
use super::query::encode;
use super::roles::Permission;
use super::session::{Fields, Submission};

/// Why points are adjusted, as the ledger records it.
pub(super) const REASONS: [&str; 5] =
    ["goodwill", "correction", "missing_purchase", domain::operation::REASON_REDEMPTION, "fraud"];

/// What was filled in.
#[derive(Debug, Clone, Default)]
pub(super) struct AdjustForm {
    /// Points, perhaps with a sign.
    pub(super) points: String,
    /// The unit's code.
    pub(super) unit: String,
    /// The reason's code.
    pub(super) reason: String,
    /// Why, in words.
    pub(super) note: String,
    /// When the form was made: the same form sent twice asks for the same.
    pub(super) at: String,
}

/// A form older than this is not taken: its time would decide under which programme it counts.
const FORM_HOURS_MAX: i64 = operations::SESSION_HOURS_MAX;

impl AdjustForm {
    fn read(fields: &Fields) -> Self {
        let text = |name| fields.text(name).to_owned();
        let (points, unit, reason) = (text("points"), text("unit"), text("reason"));
        Self { points, unit, reason, note: text("note"), at: text("at") }
    }

    /// What the form asks for, or why it cannot be read.
    fn adjustment(&self, f: &Frame, console: &Console) -> Result<Adjustment, String> {
        let digits = self.points.replace('−', "-").replace([',', ' '], "");
        let points =
            digits.strip_prefix('+').unwrap_or(&digits).parse::<i64>().ok().filter(|points| *points != 0);
        let code = |text: &str| text.parse::<Code>().map_err(|error| error.to_string());
        if self.note.is_empty() {
            return Err(f.t("note-missing"));
        }
        let now = console.engine.clock().now();
        let fresh =
            |at: &Timestamp| (0..FORM_HOURS_MAX).contains(&now.duration_since(*at).as_hours()) && *at <= now;
        let occurred_at = self.at.parse::<Timestamp>().ok().filter(fresh).ok_or_else(|| f.t("form-stale"))?;
        Ok(Adjustment {
            unit: code(&self.unit)?,
            points: points.ok_or_else(|| f.v("number-invalid", &self.points))?,
            reason: code(&self.reason)?,
            note: self.note.clone(),
            occurred_at,
            approved_by: None,
        })
    }
}

/// Adjusts, or asks for a second person.
pub(super) async fn adjust(
    State(console): State<Console>,
    Path(id): Path<String>,
    Submission { reader, fields }: Submission,
) -> Result<Response, Response> {
    let reader = reader.require(Permission::AdjustPoints)?;
    let f = reader.frame;
    let Ok(member_id) = id.parse::<AccountId>() else { return Ok(problem::not_found(f)) };
    let form = AdjustForm::read(&fields);
    let adjustment = match form.adjustment(&f, &console) {
        Ok(adjustment) => adjustment,
        Err(error) => return Ok(show_member(&console, f, member_id, None, form, Some(error)).await),
    };
    let done = format!("adjusted:{}", signed(adjustment.points));
    // The same form sent twice is one adjustment. What only bears its number is refused.
    let number = fields.text("request");
    let key = format!("console:{number}");
    let command =
        Command::AdjustPoints { member: MemberReference::Id(member_id), adjustment: adjustment.clone() };
    let reply = console.engine.carry_out(Request::new(command, &*reader.actor).with_key(Some(key))).await;
    match reply {
        Ok(_) => Ok(back(member_id, &done)),
        Err(OperationError::Refused(Refusal::ApprovalNeeded { .. })) => {
            let asked = console.engine.request_adjustment(member_id, adjustment, &reader.actor, number).await;
            match asked {
                Ok(_) => Ok(back(member_id, "waits:")),
                Err(error) => Ok(again(&console, f, member_id, form, &error).await),
            }
        }
        Err(error) => Ok(again(&console, f, member_id, form, &error).await),
    }
}

async fn again(
    console: &Console,
    f: Frame,
    member_id: AccountId,
    form: AdjustForm,
    error: &OperationError,
) -> Response {
    if let OperationError::Refused(_) = error {
        let sentence = problem::sentence(&f, error);
        return show_member(console, f, member_id, None, form, Some(sentence)).await;
    }
    problem::failed(f, error)
}

fn back(member_id: AccountId, done: &str) -> Response {
    Redirect::to(&format!("/console/members/{member_id}?done={}", encode(done))).into_response()
}
