//! The real server dies: killed under load, with its database, on a full disk. Whatever it acknowledged is there
//! exactly once, whatever it left open is settled by sending it again, and verification finds nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod ended_database;
mod full_disk;
mod killed;
mod load;
mod place;
