//! The store's promises, checked on both engines: see the modules.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod batches;
mod engines;
mod reads;
mod samples;
