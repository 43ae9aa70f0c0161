//! Households: members who spend their points together. A programme without this part knows none.

use serde::{Deserialize, Serialize};

use crate::code::Code;

/// Which points households pool, and how many members one may have. Points go into the pool once they can be spent; who
/// leaves takes along what is left of the points they brought, and the last one everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Households {
    /// Units that are pooled.
    pub units: Vec<Code>,
    /// Most members of one household.
    pub members_max: u32,
}

impl Default for Households {
    fn default() -> Self {
        Self { units: Vec::new(), members_max: 6 }
    }
}
