//! What is asked: of which period and which purchases.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::error::ReportError;

/// A question's period and filters. What is not said is chosen from what is there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReportRequest {
    /// First day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// First day after the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    /// Only purchases in this currency; otherwise the one with most purchases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Only purchases in this store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// Only purchases through this channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Where the part of the period ends that a model sees before it is judged by the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibrate_to: Option<Date>,
    /// The experiment: the salt that its members were assigned by; the universal hold-out if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experiment: Option<String>,
    /// The campaign that has put members into the arms, where no experiment did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// The arms with their shares in per cent, the control first: `hold-out=5,programme=95`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arms: Option<String>,
    /// What it is judged by: `spend`, `purchases` or `buyers`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// What the treatment cost in all, or each offer, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<i64>,
    /// What offers may cost together, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<i64>,
    /// What each factor of the scorecard counts for, in per cent: `25,25,25,25`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor_weights: Option<String>,
    /// Which categories speak for which life stage, as TOML; a table of our own if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub markers: Option<String>,
    /// The clubs with the categories that each is made of, as TOML; those that are proposed if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clubs: Option<String>,
}

/// Days from one up to, but not including, another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Period {
    /// First day.
    pub from: Date,
    /// First day after it.
    pub to: Date,
}

impl Period {
    /// The period that a request means, when there are purchases from one day to another and a question looks back so
    /// many months of its own accord.
    pub(super) fn of(
        request: &ReportRequest,
        (first, last): (Date, Date),
        months: Option<i32>,
    ) -> Result<Self, ReportError> {
        use jiff::ToSpan;
        let to = request.to.unwrap_or_else(|| last.tomorrow().unwrap_or(last));
        let back = months.and_then(|months| to.checked_sub(months.months()).ok());
        let from = request.from.unwrap_or_else(|| back.map_or(first, |back| back.max(first)).min(to));
        if from >= to {
            return Err(ReportError::Asked {
                field: "to",
                value: to.to_string(),
                remedy: format!("name a day after the first day of the period, {from}"),
            });
        }
        Ok(Self { from, to })
    }

    /// The later half of the days there are: for a question that compares with the time before, where a whole year twice
    /// is more than there is.
    pub(super) fn later_half((first, last): (Date, Date)) -> Self {
        use jiff::ToSpan;
        let to = last.tomorrow().unwrap_or(last);
        let days = (to - first).get_days();
        Self { from: to.saturating_sub((days / 2).days()), to }
    }

    /// Days in it.
    pub fn days(self) -> i32 {
        (self.to - self.from).get_days()
    }

    /// The first day of the equally long period before it.
    pub(super) fn before(self) -> Date {
        use jiff::ToSpan;
        self.from.saturating_sub(self.days().days())
    }
}

/// Months since the year 0, so that their difference is a number of months.
pub(super) fn month_number(day: Date) -> i64 {
    12 * i64::from(day.year()) + i64::from(day.month()) - 1
}

/// A month's number as it is written: `2026-03`.
pub(super) fn month_text(number: i64) -> String {
    format!("{:04}-{:02}", number.div_euclid(12), number.rem_euclid(12) + 1)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{Period, ReportRequest, month_number, month_text};

    #[test]
    fn a_period_that_was_not_named_ends_with_the_last_purchase() {
        let all = (date(2020, 3, 1), date(2026, 2, 28));
        let period = Period::of(&ReportRequest::default(), all, Some(12)).expect("a period");
        assert_eq!((period.from, period.to), (date(2025, 3, 1), date(2026, 3, 1)));
        assert_eq!((period.days(), period.before()), (365, date(2024, 3, 1)));
        let whole = Period::of(&ReportRequest::default(), all, None).expect("a period");
        assert_eq!(whole.from, date(2020, 3, 1));
    }

    #[test]
    fn the_later_half_has_a_whole_half_before_it() {
        for last in [date(2026, 2, 28), date(2026, 3, 1)] {
            let half = Period::later_half((date(2025, 12, 1), last));
            assert!(half.before() >= date(2025, 12, 1) && half.days() >= 45, "{half:?}");
        }
    }

    #[test]
    fn a_period_that_ends_before_it_begins_is_refused_by_name() {
        let request =
            ReportRequest { from: Some(date(2026, 3, 1)), to: Some(date(2026, 3, 1)), ..Default::default() };
        let refused = Period::of(&request, (date(2020, 1, 1), date(2026, 1, 1)), None);
        assert_eq!(
            refused.expect_err("no day in it").to_string(),
            "to is “2026-03-01”: name a day after the first day of the period, 2026-03-01"
        );
    }

    #[test]
    fn months_count_on_over_the_turn_of_the_year() {
        assert_eq!(month_number(date(2026, 1, 31)) - month_number(date(2025, 12, 1)), 1);
        assert_eq!(month_text(month_number(date(2025, 12, 1))), "2025-12");
    }
}
