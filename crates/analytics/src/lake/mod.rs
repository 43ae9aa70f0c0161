//! The lake: a retailer's history as Parquet files that any tool can read, laid out by table and month
//! (`purchases/month=2026-03/….parquet`), on a local disk or in an object store.
//!
//! A **manifest** names the files that count. Each commit writes the next manifest, which only one writer can create, so
//! that a reader sees a commit wholly or not at all, a writer that stopped half-way leaves nothing that counts, and
//! the place in the source up to which the lake is complete is stored with the files themselves: every entry is in the
//! lake exactly once, however often writers stop.
//!
//! Amounts are minor units, points are integers, instants are UTC; `day` is the local date in the time zone that the
//! manifest names, so that a question about days needs no zone.

mod columns;
mod compact;
mod documents;
mod error;
mod import;
mod location;
mod manifest;
mod output;
mod session;
mod table;
mod writer;

pub(crate) use columns::days_since_1970;
pub use documents::{ActivityRow, DocumentOwner, MemberRow, PostingRow, ReturnRow};
pub use error::LakeError;
pub use import::{LakeImport, LakeImportError, LakeImportProgress, import_into_lake};
pub use location::LakeLocation;
pub use manifest::{LakeFile, Manifest, Origin};
pub use output::{AnswerFormat, ROWS_SHOWN_MAX, write_answer, write_batch};
pub use session::{Lake, SessionOptions, ask};
pub use table::Table;
pub use writer::{LakeWriter, MANIFESTS_KEPT, ROWS_PENDING_MAX, SMALL_FILES_MAX};
