//! What purchases a lake has: in which currencies, and from when to when. Every question begins with it; a lake that is open
//! finds it out once, for it never changes.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Int64Type};
use datafusion::prelude::SessionContext;
use jiff::ToSpan;
use jiff::civil::Date;

use super::error::LakeError;
use super::session::Lake;

const SQL: &str = "SELECT currency, count(*) FILTER (WHERE kind = 'purchase') AS purchases, \
                   min(day) FILTER (WHERE kind = 'purchase') AS first, max(day) FILTER (WHERE kind = 'purchase') AS last, \
                   min(day) AS first_document, max(day) AS last_document \
                   FROM purchases GROUP BY currency ORDER BY purchases DESC, currency";

/// The purchases and returns in a currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) currency: String,
    pub(crate) purchases: u64,
    /// The first and the last day with a purchase; none where there are only returns.
    pub(crate) days: Option<(Date, Date)>,
    /// The first and the last day with a purchase or a return.
    pub(crate) documents: (Date, Date),
}

impl Lake {
    /// The extents, that with most purchases first; `context` is a session of this lake.
    pub(crate) async fn extents(&self, context: &SessionContext) -> Result<&[Extent], LakeError> {
        if self.known_extents().get().is_none() {
            let mut found = Vec::new();
            for batch in context.sql(SQL).await?.collect().await? {
                found.extend(extents_of(&batch)?);
            }
            // Whoever was first has found the same.
            let _ = self.known_extents().set(found);
        }
        Ok(self.known_extents().get().map_or(&[], Vec::as_slice))
    }
}

fn extents_of(batch: &RecordBatch) -> Result<Vec<Extent>, LakeError> {
    let currencies = cast(batch.column(0), &DataType::Utf8)?;
    let (currencies, purchases) =
        (currencies.as_string::<i32>(), batch.column(1).as_primitive::<Int64Type>());
    let day = |column: usize, row: usize| {
        let days = batch.column(column).as_primitive::<Date32Type>();
        let days = days.is_valid(row).then(|| days.value(row))?;
        Date::constant(1970, 1, 1).checked_add(days.days()).ok()
    };
    let extent = |row: usize| {
        Some(Extent {
            currency: currencies.value(row).to_owned(),
            purchases: u64::try_from(purchases.value(row)).unwrap_or(0),
            days: day(2, row).zip(day(3, row)),
            documents: day(4, row).zip(day(5, row))?,
        })
    };
    Ok((0..batch.num_rows()).filter_map(extent).collect())
}
