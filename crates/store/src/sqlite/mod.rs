//! The embedded engine: one file, one writer on its own thread, a few readers beside it.

mod backup;
mod burn;
mod checkpoint;
mod error;
mod load;
mod open;
mod read;
mod save;
mod vouchers;
mod write;
mod writer;

pub use open::SqliteDatabase;
pub(crate) use read::ReadConnection;
pub use writer::{SqliteTransaction, SqliteWriter};
