//! Transfers between members: which units may be given away, and within which limits. A programme without this part
//! lets nobody give points away.

use serde::{Deserialize, Serialize};

use crate::code::Code;

/// Within which limits members may give points to each other. There is no fee, and no way back once they were accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Transfers {
    /// Units that may be given away.
    pub units: Vec<Code>,
    /// Fewest points in one transfer.
    pub points_min: i64,
    /// Most points of a unit that a member may give away on one local day.
    pub sent_per_day_max: i64,
    /// Most points of a unit that a member may get from others on one local day: it stops collecting from many.
    pub received_per_day_max: i64,
    /// Days both accounts must have existed.
    pub account_age_days_min: u32,
    /// Days points must have been held: the return window, so that nobody gives away what goes back.
    pub points_age_days_min: u32,
    /// Days after which an offer that nobody answered lapses.
    pub acceptance_days: u32,
}

impl Default for Transfers {
    fn default() -> Self {
        Self {
            units: Vec::new(),
            points_min: 50,
            sent_per_day_max: 1_000,
            received_per_day_max: 1_000,
            account_age_days_min: 30,
            points_age_days_min: 30,
            acceptance_days: 7,
        }
    }
}
