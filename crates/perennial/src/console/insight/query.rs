//! What the address of a question says: its period, with the last day in it as people say it, and its filters.

use analytics::report::ReportRequest;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use crate::console::query::address;

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
}

impl InsightQuery {
    /// The request that is meant. A day that is none is an error.
    pub(super) fn request(&self) -> Result<ReportRequest, jiff::Error> {
        let day = |text: &str| {
            let text = text.trim();
            if text.is_empty() { Ok(None) } else { text.parse::<Date>().map(Some) }
        };
        let filter = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(ReportRequest {
            from: day(&self.from)?,
            to: day(&self.until)?.map(|until| until.saturating_add(1.day())),
            currency: filter(&self.currency).map(|currency| currency.to_uppercase()),
            store: filter(&self.store),
            channel: filter(&self.channel),
            calibrate_to: None,
        })
    }

    /// What was typed, by the name of its field.
    pub(super) fn fields(&self) -> [(&'static str, &str); 5] {
        [
            ("from", self.from.trim()),
            ("until", self.until.trim()),
            ("currency", self.currency.trim()),
            ("store", self.store.trim()),
            ("channel", self.channel.trim()),
        ]
    }

    /// A path with all of it.
    pub(super) fn address(&self, path: &str) -> String {
        address(path, &self.fields())
    }
}
