//! Real history in: reads a retailer's files as an import map says and gives purchases and returns in
//! business-time order, in bounded memory. Every row is counted; rows that cannot be imported are listed.

mod by_member;
mod bytes;
mod cell;
mod contacts;
mod csv_file;
mod documents;
mod draft;
mod error;
mod input;
mod intake;
mod join;
mod map;
mod map_check;
mod moment;
mod number;
mod parquet_file;
mod plan;
mod receipts;
mod reject;
mod report;
mod returns;
mod sort;
mod survey;
mod transcode;

pub use by_member::{MEMBER_ROWS_MAX, MemberColumnMap, MemberFile};
pub(crate) use by_member::{MemberRow, MemberRows};
pub use contacts::ContactMap;
pub(crate) use contacts::{Sent, read_contacts};
pub use documents::{Document, Import, ImportOptions, ImportedDocument, Place, ReadProgress};
pub use error::ImportError;
pub use map::*;
pub use map_check::{MapError, MapProblem};
pub use reject::{KEPT_MAX as REJECTS_KEPT_MAX, RejectedRow};
pub(crate) use reject::{Reason, Reject, RejectFile};
pub use report::{FileReport, ImportReport, MatchReport};
pub(crate) use survey::{Answer, Form, Given, read_forms};
pub use survey::{BRAND_RATING, BRAND_WALLET, BrandMap, Question, SurveyMap};
