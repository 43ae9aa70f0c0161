//! Rows beside the ledger: keys, console users and members with their sessions, approvals, audiences,
//! import runs, pairs of members who may be one person. Written one at a time.

pub(crate) mod api_keys;
pub(crate) mod approvals;
pub(crate) mod audiences;
pub(crate) mod duplicate_runs;
pub(crate) mod duplicates;
pub(crate) mod imports;
pub(crate) mod member_access;
pub(crate) mod sandbox;
pub(crate) mod statement_runs;
pub(crate) mod users;
pub(crate) mod void_reasons;
