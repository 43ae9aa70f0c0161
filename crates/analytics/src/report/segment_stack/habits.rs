//! How each member bought in a span of days, as the queries give it: one row for a member, however much they bought.

use std::sync::Arc;

use arrow::array::{AsArray, Int64Array};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::thirds::ratio;
use crate::report::asked::{Asked, Rows, quoted};
use crate::report::error::ReportError;
use crate::report::number::real;

const CHANNELS: &str = include_str!("../../../reports/segment_stack_channels.sql");
const PRICES: &str = include_str!("../../../reports/segment_stack_prices.sql");
const HABITS: &str = include_str!("../../../reports/segment_stack_habits.sql");
const BASKETS: &str = include_str!("../../../reports/segment_stack_baskets.sql");

/// Hours at which the morning ends and the evening begins.
const HOURS: [(&str, i64); 2] = [("noon", 12), ("evening", 17)];
/// Days of a month on average.
const DAYS_PER_MONTH: f64 = 30.436_875;
/// The price of an article is in millionths.
const PRICE_UNITS: f64 = 1e6;

/// How somebody bought.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Habits {
    /// Days with a purchase.
    pub(super) visits: u32,
    pub(super) purchases: u32,
    /// Minor units, net of returns.
    pub(super) amount: i64,
    /// Days from the last visit to the end, 1 where it was on the last day.
    pub(super) days_since: i32,
    /// Days from the first visit to the last.
    pub(super) days_between: i32,
    pub(super) weekend_visits: u32,
    pub(super) mornings: u32,
    pub(super) evenings: u32,
    /// Purchases with a channel, and those of them through the one that is commonest among all.
    pub(super) with_channel: u32,
    pub(super) main_channel: u32,
    /// Different categories bought, or articles where no line has a category.
    pub(super) categories: u32,
    /// Minor units paid for what has an average price, and what it would have cost at that.
    pub(super) paid: i64,
    pub(super) at_average: f64,
}

impl Habits {
    /// The mean number of days between visits; none where there was one.
    pub(super) fn mean_gap_days(&self) -> Option<f64> {
        let gaps = self.visits.checked_sub(1).filter(|gaps| *gaps > 0)?;
        Some(f64::from(self.days_between) / f64::from(gaps))
    }

    /// Visits in a month of a span of so many days.
    pub(super) fn visits_per_month(&self, days: i32) -> f64 {
        f64::from(self.visits) * DAYS_PER_MONTH / f64::from(days.max(1))
    }

    /// Minor units of a purchase.
    pub(super) fn basket(&self) -> f64 {
        real(self.amount) / f64::from(self.purchases.max(1))
    }

    /// What they paid against the average prices of what they bought, 1 being average; none where no price is known.
    pub(super) fn price(&self) -> Option<f64> {
        (self.paid > 0 && self.at_average > 0.0).then(|| real(self.paid) / self.at_average)
    }

    /// Of visits, those on Saturdays and Sundays.
    pub(super) fn weekend_share(&self) -> f64 {
        ratio(self.weekend_visits.into(), self.visits.into()).unwrap_or(0.0)
    }
}

/// What the queries of habits need to know beforehand.
pub(super) struct Reader {
    habits: String,
    baskets: String,
}

impl Reader {
    /// Makes ready for asking: the commonest channel, average prices of categories (or articles, where no line has a
    /// category), the local hour.
    pub(super) async fn new(asked: &mut Asked, has_categories: bool) -> Result<Self, ReportError> {
        asked.function(local_hour(asked.time_zone()));
        let channels = asked.rows("segment_stack_channels", CHANNELS, &[]).await?.texts("channel")?;
        let article = if has_categories { "category" } else { "sku" };
        asked.view("stack_prices", PRICES.replace("{article}", article)).await?;
        let main_channel = quoted(channels.first().map_or("", String::as_str));
        Ok(Self {
            habits: HABITS.replace("{main_channel}", &main_channel),
            baskets: BASKETS.replace("{article}", article),
        })
    }

    /// The habits of everybody who bought in a span of days, in the order of their numbers.
    pub(super) async fn read(
        &self,
        asked: &mut Asked,
        span: (Date, Date),
    ) -> Result<Vec<(i64, Habits)>, ReportError> {
        let days = [("first", span.0), ("end", span.1)];
        let mut members =
            placed(&asked.rows_with("segment_stack_habits", &self.habits, &HOURS, &days).await?)?;
        let baskets = asked.rows_with("segment_stack_baskets", &self.baskets, &[], &days).await?;
        let [categories, paid, at_average] =
            [baskets.integers("categories")?, baskets.integers("paid")?, baskets.integers("at_average")?];
        for (row, member) in baskets.integers("member_id")?.into_iter().enumerate() {
            if let Ok(place) = members.binary_search_by_key(&member, |(member, _)| *member) {
                let habits = &mut members[place].1;
                habits.categories = whole(categories[row]);
                habits.paid = paid[row];
                habits.at_average = real(at_average[row]) / PRICE_UNITS;
            }
        }
        Ok(members)
    }
}

fn placed(rows: &Rows) -> Result<Vec<(i64, Habits)>, ReportError> {
    let counts = |name: &str| Ok::<_, ReportError>(rows.integers(name)?.into_iter().map(whole).collect());
    let days = |name: &str| -> Result<Vec<i32>, ReportError> {
        Ok(rows.integers(name)?.into_iter().map(|days| i32::try_from(days).unwrap_or(i32::MAX)).collect())
    };
    let (ids, amount) = (rows.integers("member_id")?, rows.integers("amount")?);
    let [visits, purchases, weekend_visits]: [Vec<u32>; 3] =
        [counts("visits")?, counts("purchases")?, counts("weekend_visits")?];
    let [mornings, evenings]: [Vec<u32>; 2] = [counts("mornings")?, counts("evenings")?];
    let [with_channel, main_channel]: [Vec<u32>; 2] = [counts("with_channel")?, counts("main_channel")?];
    let [days_since, days_between] = [days("days_since")?, days("days_between")?];
    let of = |(row, id): (usize, i64)| {
        let habits = Habits {
            visits: visits[row],
            purchases: purchases[row],
            amount: amount[row],
            days_since: days_since[row],
            days_between: days_between[row],
            weekend_visits: weekend_visits[row],
            mornings: mornings[row],
            evenings: evenings[row],
            with_channel: with_channel[row],
            main_channel: main_channel[row],
            ..Habits::default()
        };
        (id, habits)
    };
    Ok(ids.into_iter().enumerate().map(of).collect())
}

fn whole(count: i64) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}

/// The hour of an instant, in microseconds since 1970, in a zone: a function of the queries.
pub(in crate::report) fn local_hour(zone: TimeZone) -> ScalarUDF {
    let hours = move |arguments: &[ColumnarValue]| {
        let columns = ColumnarValue::values_to_arrays(arguments)?;
        let [instants] = columns.as_slice() else {
            return Err(datafusion::error::DataFusionError::Execution("local_hour(instant)".to_owned()));
        };
        let hour = |instant: i64| {
            let instant = jiff::Timestamp::from_microsecond(instant).ok()?;
            Some(i64::from(zone.to_datetime(instant).hour()))
        };
        let hours: Int64Array =
            instants.as_primitive::<Int64Type>().iter().map(|instant| instant.and_then(hour)).collect();
        Ok(ColumnarValue::Array(Arc::new(hours)))
    };
    create_udf("local_hour", vec![DataType::Int64], DataType::Int64, Volatility::Immutable, Arc::new(hours))
}
