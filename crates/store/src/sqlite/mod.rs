//! The embedded engine: one file, one writer on its own thread, a few readers beside it.

mod backup;
mod error;
mod load;
mod open;
mod save;
mod writer;

pub use open::SqliteDatabase;
pub use writer::{SqliteTransaction, SqliteWriter};
