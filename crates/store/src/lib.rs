//! The only room that speaks SQL: schema, migrations, the batch load and the batch save, and the reads behind
//! pages and reports. Two engines, SQLite and PostgreSQL, behind one [`Database`]. Nothing decides here.

mod backup;
mod batch;
mod burn;
mod cold;
mod database;
mod digest;
mod error;
mod faults;
mod options;
mod postgres;
mod reader;
mod reads;
mod rows;
mod sqlite;
#[cfg(feature = "testing")]
pub mod testing;
mod url;
mod value;
mod vouchers;

pub use batch::{
    BudgetSpend, Changes, Fingerprint, Keys, Loaded, LoadedEntry, Loads, MemberUpdate, NewDocument,
    NewIdempotency, NewIdentifier, NewMember, ParkedReturn, Person, ProgrammeVersion, Resolved, Returned,
    StoredAnswer, StoredDocument,
};
pub use burn::{BurnChanges, BurnLoaded, BurnLoads, HoldRow, HoldUpdate, RedemptionRow, StockRow, StockTake};
pub use cold::api_keys::{ApiKey, KeyMode};
pub use cold::approvals::{Approval, ApprovalState};
pub use cold::audiences::{AudienceBasis, AudienceRow, AudienceSet};
pub use cold::duplicate_runs::{DuplicateRun, DuplicateRunState};
pub use cold::duplicates::{DuplicateCount, DuplicatePair, DuplicatePlace, DuplicateState};
pub use cold::imports::{ImportReject, ImportRun, ImportState};
pub use cold::member_access::{MemberCode, MemberSession};
pub use cold::statement_runs::{RunState, StatementRun};
pub use cold::users::{ConsoleUser, Session};
pub use cold::void_reasons::VoidReason;
pub use database::Database;
pub use digest::StoreDigest;
pub use error::{Conflict, StoreError, UnsafeSetting};
pub use faults::FAULTS_COMPILED_IN;
#[cfg(feature = "faults")]
pub use faults::{Call, Fault, Faults, Injected};
pub use options::OpenOptions;
pub use postgres::{PostgresDatabase, PostgresLane, PostgresTransaction};
pub use reader::Reader;
pub use reads::audit::{AccountColumns, BudgetRow};
pub use reads::entries::Flow;
pub use reads::feed::{FeedPosition, FeedPositionError};
pub use reads::households::PersonName;
pub use reads::linkage::PersonRecord;
pub use reads::member_list::{InSegment, MemberCursor, MemberFilter, MemberSort, MemberSummary, SortKey};
pub use reads::members::MemberRecord;
pub use reads::overview::{AccountTotals, EventCount, Expiring, PeriodFigures};
pub use reads::voucher_steps::{ToldStep, VoucherOfBatch};
pub use reads::vouchers::{StatementAccount, VoucherAudit};
pub use sqlite::{SqliteDatabase, SqliteTransaction, SqliteWriter};
pub use url::{DatabaseUrl, DatabaseUrlError};
pub use vouchers::{
    BatchState, BatchUpdate, NewVoucher, VoucherBatch, VoucherChanges, VoucherIssue, VoucherKeys, VoucherRows,
};
