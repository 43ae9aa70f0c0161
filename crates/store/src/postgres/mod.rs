//! The server engine: PostgreSQL 15 or later, as many lanes as connections, a pool of readers beside them.

mod burn;
mod error;
mod lane;
mod load;
mod open;
mod parking;
mod save;
mod statements;
mod vouchers;
mod write;

pub(crate) use error::store_error;
pub use lane::{PostgresLane, PostgresTransaction};
pub use open::PostgresDatabase;
