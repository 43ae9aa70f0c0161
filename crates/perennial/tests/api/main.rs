//! The API as callers see it: a real server, a real port, a real database, and actors who each have a key of their
//! own. `house` holds the stage, the other modules the stories.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod audiences;
mod clubs;
mod documents;
mod duplicates;
mod house;
mod households;
mod keys;
mod limits;
mod members;
mod openapi;
mod reports;
mod samples;
mod scopes;
mod spending;
mod stored_value;
mod transfers;
mod vouchers;
