//! The lake: a retailer's history as Parquet files by table and month, under a **manifest** that names those that count.
//! Only one writer can create the next manifest: a commit is seen wholly or not at all, and the place in the source up to
//! which the lake is complete stands with its files, so that every entry is there once, however often writers stop.
//! Amounts are minor units, instants UTC; `day` is the local date in the manifest's time zone.

mod by_member;
#[cfg(feature = "ballista")]
mod cluster;
mod columns;
mod compact;
mod contacts;
mod damage;
mod documents;
mod engine;
mod error;
mod extent;
mod import;
mod location;
mod manifest;
mod output;
mod session;
mod surveys;
mod table;
mod vouchers;
mod writer;

pub use by_member::MemberFileProgress;
pub(crate) use columns::days_since_1970;
pub use contacts::{ContactImport, import_contacts};
pub use documents::{ActivityRow, DocumentOwner, MemberRow, PostingRow, ReturnRow};
pub use engine::{Engine, Scheduler};
pub use error::LakeError;
pub(crate) use extent::Extent;
pub use import::{LakeImport, LakeImportError, LakeImportProgress, import_into_lake};
pub use location::LakeLocation;
pub use manifest::{LakeFile, Manifest, Origin};
pub use output::{AnswerFormat, ROWS_SHOWN_MAX, write_answer, write_batch};
pub use session::{Lake, SessionOptions, ask};
pub use surveys::{SurveyImport, import_survey};
pub use table::Table;
pub use vouchers::{ContactRow, VoucherRow};
pub(crate) use writer::properties as parquet_properties;
pub use writer::{LakeWriter, MANIFESTS_KEPT, ROWS_PENDING_MAX, SMALL_FILES_MAX};
