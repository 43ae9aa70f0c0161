//! `/v1/duplicates`: members who may be one person, found by comparing all of them, decided by people.

pub(super) mod cancel_find_duplicates;
pub(super) mod decide_duplicate;
pub(super) mod find_duplicates;
pub(super) mod list_duplicates;
pub(super) mod view_duplicates;
