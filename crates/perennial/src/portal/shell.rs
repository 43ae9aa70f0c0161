//! What every page of the portal has around its own content beside the frame: whose programme it is, and the places
//! at the thumb.

use operations::Engine;

use crate::console::page::Frame;
use crate::console::programme;

/// Around every page.
pub(super) struct Shell {
    /// The programme's name.
    pub(super) programme: String,
    /// Whether a member is signed in.
    pub(super) signed_in: bool,
    /// Which place it is.
    pub(super) tab: Tab,
}

/// A place of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    /// The card itself.
    Card,
    /// What lapses when.
    Points,
    /// What takes something off a price.
    Vouchers,
    /// What points buy, and what they bought.
    Rewards,
    /// What happened.
    History,
    /// A page outside the navigation.
    None,
}

/// A link of the navigation.
pub(super) struct TabLink {
    pub(super) address: &'static str,
    pub(super) label: String,
    /// The outline of its picture.
    pub(super) icon: &'static str,
    pub(super) current: bool,
}

const TABS: [(Tab, &str, &str, &str); 5] = [
    (Tab::Card, "/card", "card-tab-card", "M3 6.5h18v11H3zM3 10h18M6.5 14.2h4"),
    (
        Tab::Points,
        "/card/points",
        "card-tab-points",
        "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Zm0 3.8v5l3.2 2",
    ),
    (
        Tab::Vouchers,
        "/card/vouchers",
        "card-tab-vouchers",
        "M3.5 6.5h17v3.6a2 2 0 0 0 0 3.8v3.6h-17v-3.6a2 2 0 0 0 0-3.8ZM14 6.5v2m0 2.5v2m0 2.5v2",
    ),
    (
        Tab::Rewards,
        "/card/rewards",
        "card-tab-rewards",
        "M4 11v9h16v-9M3 7.5h18V11H3zM12 7.5V20M12 7.5S11 4 8.8 4a1.75 1.75 0 0 0 0 3.5ZM12 7.5S13 4 15.2 4a1.75 1.75 0 0 1 0 3.5Z",
    ),
    (Tab::History, "/card/history", "card-tab-history", "M5 6h.01M9 6h11M5 12h.01M9 12h11M5 18h.01M9 18h11"),
];

impl Shell {
    /// The portal around a page of somebody who has not signed in.
    pub(super) fn new(f: &Frame, engine: &Engine) -> Self {
        let named = programme(engine).map(|found| found.programme().name.get(f.language).to_owned());
        Self { programme: named.unwrap_or_else(|| "Perennial".to_owned()), signed_in: false, tab: Tab::None }
    }

    /// The same at a place.
    pub(super) fn at(mut self, tab: Tab) -> Self {
        self.tab = tab;
        self
    }

    /// The navigation.
    pub(super) fn links(&self, f: &Frame) -> Vec<TabLink> {
        let link = |(tab, address, key, icon): &(Tab, &'static str, &str, &'static str)| TabLink {
            address,
            label: f.t(key),
            icon,
            current: *tab == self.tab,
        };
        TABS.iter().map(link).collect()
    }
}
