//! The models of a customer base, held against published figures, against differences, against simulated customers and
//! against properties that must hold whatever the numbers are.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod derivatives;
mod properties;
mod published;
mod recovery;
mod simulate;
