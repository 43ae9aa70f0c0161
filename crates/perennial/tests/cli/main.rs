//! The command line as its users see it: the real program, its output, its exit codes, its files.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod audience;
mod beside;
mod between;
mod club;
mod demo;
mod documents;
mod duplicates;
mod import;
mod lake;
mod programme;
mod real_data;
mod shop;
mod spending;
mod stored_value;
mod verify;
mod vouchers;
