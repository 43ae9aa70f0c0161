//! Share of wallet, in three ways side by side: what members say, what the rank of their satisfaction implies, and a model
//! of the whole wallet for those who were not asked. Who draws the rest, and where most could be won.

mod brands;
mod wallet;

use super::answer::{Column, Kind, Value};
use super::asked::Asked;
use super::error::ReportError;

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    let compared = brands::answer(asked).await?;
    let stated = wallet::answer(asked).await?;
    if compared == 0 && stated == 0 {
        return Err(ReportError::NO_SURVEY);
    }
    asked.members(compared.max(stated))
}

fn column((name, kind): (&'static str, Kind)) -> Column {
    Column { name, kind }
}

/// Minor units, rounded.
#[expect(clippy::cast_possible_truncation, reason = "wallets are far below 2^53 minor units")]
fn money(amount: f64) -> Value {
    Value::Integer(amount.round() as i64)
}
