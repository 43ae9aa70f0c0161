//! What goes with what in many small sets: counts of pairs in bounded memory, support, confidence and lift, and
//! nearest neighbours by shared sets, labels spread from item to item.

pub mod incidence;
pub mod neighbours;
pub mod pairs;
pub mod rules;
pub mod spread;
