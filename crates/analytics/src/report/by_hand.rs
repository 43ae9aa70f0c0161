//! The queries of a question one by one, asked of the tables that the question makes of a lake: for whoever repeats one of
//! those that are shown with an answer, and holds its rows against what they have worked out.

use arrow::array::RecordBatch;
use jiff::civil::Date;

use super::asked::Asked;
use super::error::ReportError;
use super::name::ReportName;
use super::place::place_function;
use super::request::ReportRequest;
use super::segment_stack::local_hour;
use crate::lake::{Lake, SessionOptions};

/// A question whose queries are asked by hand.
pub struct QueriesByHand {
    asked: Asked,
}

impl QueriesByHand {
    /// Makes the tables that the queries of a question ask.
    pub async fn new(
        lake: &Lake,
        name: ReportName,
        request: &ReportRequest,
        options: &SessionOptions,
    ) -> Result<Self, ReportError> {
        let asked = Asked::new(lake, name, request, options).await?;
        asked.function(place_function());
        asked.function(local_hour(asked.time_zone()));
        Ok(Self { asked })
    }

    /// The rows of a query, with the days of the period as `$from`, `$to` and `$before`, and numbers and days beside them.
    pub async fn rows(
        &mut self,
        sql: &str,
        numbers: &[(&'static str, i64)],
        days: &[(&'static str, Date)],
    ) -> Result<RecordBatch, ReportError> {
        Ok(self.asked.rows_with("by-hand", sql, numbers, days).await?.into_batch())
    }

    /// Makes a view that the queries after it ask.
    pub async fn view(&mut self, sql: String) -> Result<(), ReportError> {
        self.asked.view("by-hand", sql).await
    }
}
