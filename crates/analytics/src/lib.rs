//! The lake and the questions asked of it; for now: a believable retailer to show the platform with.

pub mod demo;
