//! The store's promises, checked on both engines: see the modules.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod audiences;
mod batches;
mod burn;
mod cold;
mod constraints;
mod engines;
mod faults;
mod feed;
mod files;
mod households;
mod member_list;
mod races;
mod reads;
mod samples;
mod servers;
mod vouchers;
