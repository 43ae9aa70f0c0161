//! What the address of a question says: its period, with the last day in it as people say it, and its filters.

use analytics::report::ReportRequest;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use crate::console::query::address;

/// What an experiment can be judged by, in the order in which they are offered.
pub(super) const OUTCOMES: [&str; 3] = ["spend", "purchases", "buyers"];

/// A period and filters, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct InsightQuery {
    #[serde(default)]
    pub(super) from: String,
    #[serde(default)]
    pub(super) until: String,
    #[serde(default)]
    pub(super) currency: String,
    #[serde(default)]
    pub(super) store: String,
    #[serde(default)]
    pub(super) channel: String,
    #[serde(default)]
    pub(super) experiment: String,
    #[serde(default)]
    pub(super) campaign: String,
    #[serde(default)]
    pub(super) arms: String,
    #[serde(default)]
    pub(super) outcome: String,
    #[serde(default)]
    pub(super) cost: String,
    #[serde(default)]
    pub(super) budget: String,
    #[serde(default)]
    pub(super) factor_weights: String,
    #[serde(default)]
    pub(super) markers: String,
    #[serde(default)]
    pub(super) clubs: String,
}

/// What of it cannot be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QueryFault {
    /// A day.
    Day,
    /// An amount.
    Amount,
}

impl InsightQuery {
    /// The request that is meant.
    pub(super) fn request(&self) -> Result<ReportRequest, QueryFault> {
        let day = |text: &str| {
            let text = text.trim();
            if text.is_empty() {
                Ok(None)
            } else {
                text.parse::<Date>().map(Some).map_err(|_| QueryFault::Day)
            }
        };
        let amount = |text: &str| {
            let text = text.trim();
            let amount = || text.parse::<i64>().ok().filter(|amount| *amount >= 0);
            if text.is_empty() { Ok(None) } else { amount().map(Some).ok_or(QueryFault::Amount) }
        };
        let filter = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(ReportRequest {
            from: day(&self.from)?,
            to: day(&self.until)?.map(|until| until.saturating_add(1.day())),
            currency: filter(&self.currency).map(|currency| currency.to_uppercase()),
            store: filter(&self.store),
            channel: filter(&self.channel),
            calibrate_to: None,
            experiment: filter(&self.experiment),
            campaign: filter(&self.campaign),
            arms: filter(&self.arms),
            outcome: filter(&self.outcome),
            cost: amount(&self.cost)?,
            budget: amount(&self.budget)?,
            factor_weights: filter(&self.factor_weights),
            markers: filter(&self.markers),
            clubs: filter(&self.clubs),
        })
    }

    /// Whether an outcome is the one chosen: the first if none is.
    pub(super) fn has_outcome(&self, outcome: &str) -> bool {
        let chosen = self.outcome.trim();
        chosen == outcome || (chosen.is_empty() && outcome == OUTCOMES[0])
    }

    /// What was typed, by the name of its field.
    pub(super) fn fields(&self) -> [(&'static str, &str); 14] {
        [
            ("from", self.from.trim()),
            ("until", self.until.trim()),
            ("currency", self.currency.trim()),
            ("store", self.store.trim()),
            ("channel", self.channel.trim()),
            ("experiment", self.experiment.trim()),
            ("campaign", self.campaign.trim()),
            ("arms", self.arms.trim()),
            ("outcome", self.outcome.trim()),
            ("cost", self.cost.trim()),
            ("budget", self.budget.trim()),
            ("factor_weights", self.factor_weights.trim()),
            ("markers", self.markers.trim()),
            ("clubs", self.clubs.trim()),
        ]
    }

    /// A path with all of it.
    pub(super) fn address(&self, path: &str) -> String {
        address(path, &self.fields())
    }
}
