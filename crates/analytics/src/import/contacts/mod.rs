//! Campaigns in: reads who was sent what, when and by what way, as a map says.

mod map;
mod read;

pub use map::ContactMap;
pub(crate) use read::{Sent, read_contacts};
