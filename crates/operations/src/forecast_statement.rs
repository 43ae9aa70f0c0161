//! What a statement would make of everybody's points if it ran now: the same decision for every member, of which nothing
//! is kept.

use domain::code::Code;
use domain::operation::{Context, StatementOrder, make_statement};
use jiff::civil::Date;

use crate::engine::Engine;
use crate::error::OperationError;
use crate::issue_vouchers::draw_codes;

/// Accounts read at a time.
const PAGE_ACCOUNTS: u32 = 4_000;

/// What a run would come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StatementForecast {
    /// Members it would go through.
    pub members: i64,
    /// Vouchers they would get.
    pub vouchers: i64,
    /// The face value of these, in minor units.
    pub value: i64,
    /// Points that would become vouchers.
    pub points: i64,
    /// Points that would be carried over.
    pub carried: i64,
}

impl Engine {
    /// What the statement of a date would come to. Refused where its run would be refused.
    pub async fn forecast_statement(
        &self,
        statement: Code,
        made_on: Date,
    ) -> Result<StatementForecast, OperationError> {
        let (programmes, now) = (self.programmes(), self.clock().now());
        let programme = self.check_statement(statement, made_on)?;
        let form = domain::voucher::CodeForm::Typed;
        // One id serves all: nothing is kept.
        let drawn = draw_codes(form, 1)?.pop();
        let missing = || OperationError::Internal("no code was drawn".to_owned());
        let order = StatementOrder {
            statement,
            made_on,
            programme_version: programme.version(),
            voucher: drawn.ok_or_else(missing)?.voucher,
        };
        let context = Context { programmes: &programmes, now, actor: "" };
        let mut forecast = StatementForecast::default();
        let mut position = None;
        let mut reader = self.database().reader().await?;
        loop {
            let page = reader.statement_accounts(position, now, PAGE_ACCOUNTS).await?;
            let Some(last) = page.last().map(|account| account.account_id) else { return Ok(forecast) };
            position = Some(last);
            for account in page {
                let Some(mut state) = reader.account(account.account_id).await? else { continue };
                let made = make_statement(&mut state, &order, &context)
                    .map_err(|failure| OperationError::Internal(format!("{failure:?}")))?;
                forecast.members += 1;
                forecast.points = forecast.points.saturating_add(made.points);
                forecast.carried = forecast.carried.saturating_add(made.carried);
                forecast.value = forecast.value.saturating_add(made.value);
                forecast.vouchers += i64::from(made.value > 0);
            }
        }
    }
}
