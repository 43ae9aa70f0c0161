//! The only room that speaks SQL: schema, migrations, the batch load and the batch save, and the reads behind
//! pages and reports. Two engines, SQLite and PostgreSQL, behind one [`Database`]. Nothing decides here.

mod batch;
mod database;
mod error;
mod faults;
mod options;
mod rows;
mod sqlite;
#[cfg(feature = "testing")]
pub mod testing;
mod url;

pub use batch::{
    BudgetSpend, Changes, Fingerprint, Keys, Loaded, LoadedEntry, Loads, MemberUpdate, NewDocument,
    NewIdempotency, NewIdentifier, NewMember, ParkedReturn, Person, ProgrammeVersion, Resolved, Returned,
    StoredAnswer, StoredDocument,
};
pub use database::Database;
pub use error::{Conflict, StoreError, UnsafeSetting};
pub use faults::FAULTS_COMPILED_IN;
#[cfg(feature = "faults")]
pub use faults::{Call, Fault, Faults, Injected};
pub use options::OpenOptions;
pub use sqlite::{SqliteDatabase, SqliteTransaction, SqliteWriter};
pub use url::{DatabaseUrl, DatabaseUrlError};
