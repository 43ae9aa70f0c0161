//! `/v1/households`: members who pool their points. A household is an account like a member's, with its balance and its
//! entries at the same addresses; it earns nothing itself. One file for each endpoint.

pub(super) mod change_household_member;
pub(super) mod create_household;
pub(super) mod join_household;
pub(super) mod leave_household;
pub(super) mod list_households;
pub(super) mod view_household;
