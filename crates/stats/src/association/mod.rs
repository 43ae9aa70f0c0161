//! What goes with what in many small sets: counts of pairs in bounded memory, support, confidence and lift, and
//! nearest neighbours by shared sets.

pub mod incidence;
pub mod neighbours;
pub mod pairs;
pub mod rules;
