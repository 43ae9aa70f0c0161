//! Whom a treatment moves: effects person by person from a randomised trial, and how well they rank.

pub mod base;
pub mod learners;
pub mod qini;
