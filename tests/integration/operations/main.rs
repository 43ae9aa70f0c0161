//! The engine on real databases: what it promises one caller, callers at once, and callers whose calls fail.
//! One program, so that the engine is compiled for the tests once.
#![allow(clippy::pedantic, reason = "tests read as stories; casts and lengths do no harm here")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests say what must be there")]
#![allow(clippy::disallowed_methods, reason = "the size of campaigns comes from the environment")]
#![allow(unreachable_pub, missing_docs, reason = "one test crate, private as a whole")]

mod adjustments;
mod audiences;
mod clubs;
mod databases;
mod duplicates;
mod engine;
mod failures;
mod households;
mod isolation;
mod member_access;
mod merge_members;
mod neighbours;
mod races;
mod sandbox;
mod simulation;
mod support;
mod sweeps;
mod transfers;
mod voucher_desk;
mod voucher_failures;
mod vouchers;
mod write_lake;
