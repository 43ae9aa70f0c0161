//! The campaign: seeded histories run through the real decisions and, side by side, through the reference model,
//! compared after every step.

/// Ends a history with a message where something does not hold.
macro_rules! hold {
    ($truth:expr, $($words:tt)+) => {
        if !$truth {
            return Err(format!($($words)+));
        }
    };
}

pub mod audit;
pub mod between;
mod burn;
pub mod counters;
pub mod history;
pub mod households;
pub mod live;
mod live_burn;
mod observe;
pub mod programmes;
pub mod random;
pub mod run;
#[cfg(feature = "seeded-bugs")]
mod seeded_bugs;
mod stored_value;
pub mod vouchers;
