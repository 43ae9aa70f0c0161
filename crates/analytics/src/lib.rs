//! The lake and the questions asked of it; a retailer's history read from files, and a believable retailer to show
//! the platform with.

pub mod claims;
pub mod demo;
pub mod experiment;
pub mod import;
pub mod lake;
pub mod offers;
pub mod report;
