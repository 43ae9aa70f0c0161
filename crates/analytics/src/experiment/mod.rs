//! Experiments: who is in which arm, and what the arms make of it. Pure functions; the questions `experiment` and
//! `experiment-plan` ask the lake for what they need.

mod arms;
mod free_riders;
mod lift;

pub use arms::{Arm, Arms, ArmsFault, PLACES, place};
pub use free_riders::{FreeRiders, free_riders};
pub use lift::{Lift, lift};
