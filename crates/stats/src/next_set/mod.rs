//! What someone who has chosen sets of items before will choose next: their own most frequent items, what is popular,
//! and what people with the same items chose; and how many of the items chosen were foreseen.

pub mod blend;
pub mod histories;
pub mod ranking;
