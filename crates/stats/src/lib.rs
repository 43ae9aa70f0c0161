//! Numbers only: `f64` and slices, reusable by anyone, ignorant of loyalty.
//! Every formula cites its source and every test number its origin and tolerance.

pub mod alias;
pub mod association;
pub mod boosting;
pub mod bootstrap;
pub mod break_even;
pub mod chain_ladder;
pub mod cluster;
pub mod concentration;
pub mod customer_base;
pub mod experiment;
pub mod interval;
pub mod linkage;
pub mod moments;
pub mod naive_bayes;
pub mod next_set;
pub mod normal;
pub mod optimise;
pub mod principal_axes;
pub mod random;
mod real;
pub mod regression;
pub mod roll_up;
pub mod rows;
pub mod shares;
pub mod special;
pub mod student;
pub mod survey;
pub mod unfit;
pub mod uplift;
