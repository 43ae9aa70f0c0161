//! The import, the lake, its questions and the statistics on real data. One program, so that the query engine is linked once.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests say what must be there")]

mod concentration;
mod customer_base;
mod demo;
mod import_csv;
mod import_real_data;
mod import_receipts;
mod import_support;
mod lake;
mod lake_contacts;
mod next_basket;
mod object_stores;
mod queries;
mod real_data;
mod record_linkage;
mod report;
mod report_baskets;
mod report_loyalty;
mod report_offers;
mod report_segments;
mod report_support;
mod report_surveys;
mod uplift;
