//! What loyalty is: types and rules. No IO, no clock, no randomness, no database, no HTTP.
//! The same functions serve a till and replay history in memory.

pub mod audit;
pub mod burn;
pub mod calendar;
pub mod cleanse;
pub mod code;
pub mod document;
pub mod explain;
pub mod history;
pub mod ids;
pub mod ledger;
pub mod member;
pub mod money;
pub mod operation;
pub mod programme;
pub mod receipt;
pub mod refusal;
pub mod seeded;
pub mod stored_value;
pub mod voucher;
