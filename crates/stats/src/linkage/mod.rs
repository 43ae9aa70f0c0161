//! Which records mean the same thing: how alike two texts are, which pairs are worth comparing, what agreement is
//! worth as evidence, and the groups that follow. Fellegi and Sunter (1969), JASA 64(328).

pub mod blocking;
pub mod clusters;
pub mod edit;
pub mod frequency;
pub mod household;
pub mod jaro;
pub mod link;
pub mod model;
pub mod pattern;
