//! Effects from comparisons: difference in means, adjusted for what was known before (CUPED), before and after with a
//! control (difference in differences), how many cases it takes, and intervals that may be looked at every day.

pub mod cuped;
pub mod difference;
pub mod differences;
pub mod sample_ratio;
pub mod sample_size;
pub mod sequential;
