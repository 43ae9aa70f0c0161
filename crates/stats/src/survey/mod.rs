//! Numbers from answers: proportions and their intervals, net scores, the effect of weighting and of a small
//! population, weights by raking, and whether the items of a scale belong together.

pub mod design;
pub mod net_score;
pub mod proportion;
pub mod raking;
pub mod scale;
