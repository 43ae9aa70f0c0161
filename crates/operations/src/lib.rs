//! What the platform can do, one file per operation. Every door calls these; none has a copy of its own.

mod advance_clock;
mod announce_audiences;
mod api_key;
mod approve_adjustment;
mod audience;
mod authenticate_api_key;
mod backup;
mod batch;
mod check_readiness;
mod check_transfer;
mod check_voucher;
mod clock;
mod clubs;
mod command;
mod console_user;
mod cursor;
mod decide_duplicate;
mod disable_user;
mod engine;
mod error;
mod expire_points;
mod export;
mod find_duplicates;
mod fingerprint;
mod forecast_statement;
mod identity;
mod import_purchases;
mod import_survey;
mod insight;
mod issue_api_key;
mod issue_vouchers;
mod lane;
mod list_api_keys;
mod list_audiences;
mod list_duplicates;
mod list_entries;
mod list_events;
mod list_holds;
mod list_households;
mod list_imports;
mod list_member_rows;
mod list_parked_returns;
mod list_redemptions;
mod list_rewards;
mod list_transfers;
mod list_voucher_batches;
mod list_vouchers;
mod load_demo;
mod name_members;
mod password;
mod publish_programme;
mod replace_audience;
mod replay;
mod request_sign_in_code;
mod reset_password;
mod restore;
mod review_tiers;
mod revoke_api_key;
mod run_report;
mod run_statement;
mod search_members;
mod secret;
mod set_up;
mod sign_in;
mod sign_in_member;
mod use_voucher;
mod verify;
mod view_audience;
mod view_document;
mod view_duplicates;
mod view_household;
mod view_lineage;
mod view_member;
mod view_overview;
mod view_statement;
mod view_voucher;
mod voucher;
mod write_lake;

pub use advance_clock::{ADVANCE_DAYS_MAX, ClockReport, SandboxClock};
pub use announce_audiences::AnnounceReport;
pub use api_key::{ApiKey, IssuedKey, KeyDigest, KeyMode, Scope};
pub use approve_adjustment::{AdjustmentRequest, RequestState};
pub use backup::BackupReport;
pub use check_transfer::TransferTerms;
pub use check_voucher::{CheckedVoucher, VoucherCheck};
pub use clock::Clock;
pub use clubs::{ClubStanding, ClubView};
pub use command::{Answer, Command, MemberReference, Recorded, Reply, Request};
pub use console_user::{ConsoleUser, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN, Role, USER_NAME_LENGTH_MAX};
pub use decide_duplicate::DuplicateDecision;
pub use domain::explain::Explanation;
pub use engine::{Counts, Engine, EngineOptions, POSTGRES_LANES};
pub use error::{OperationError, RETRY_AFTER_SECONDS};
pub use expire_points::SweepReport;
pub use export::{ExportKind, TakeRow};
pub use find_duplicates::{
    BLOCK_MEMBERS_MAX, DuplicateRunState, DuplicateRunView, LIKELY_PROBABILITY, PAIRS_PER_RULE_MAX,
    QUEUE_PROBABILITY,
};
pub use forecast_statement::StatementForecast;
pub use import_purchases::{IMPORT_ACTOR, ImportOutcome, ImportProgress, PurchaseImport};
pub use import_survey::{
    SURVEY_BYTES_MAX, SURVEY_IMPORTS_WAITING_MAX, SurveyFailure, SurveyImportState, SurveyImportView,
    SurveyOrder,
};
pub use insight::{Insight, ReportState};
pub use issue_api_key::{KeyRequest, WORKING_KEYS_MAX};
pub use issue_vouchers::{
    BATCH_VOUCHERS_MAX, IssuedVoucherCode, VoucherBatchView, VoucherIssue, VoucherOrder,
};
pub use lane::{BATCH_COMMANDS_MAX, QUEUE_CALLS_MAX};
pub use list_audiences::AudienceView;
pub use list_duplicates::{
    Agreement, DUPLICATE_PAGE_SIZE_MAX, DuplicateMember, DuplicatePage, DuplicateState, DuplicateView,
    Evidence, EvidenceField,
};
pub use list_entries::{ENTRY_PAGE_SIZE_MAX, EntryPage};
pub use list_events::{EVENT_PAGE_SIZE_MAX, EventPage};
pub use list_holds::{HOLD_PAGE_SIZE_MAX, HoldFilter, HoldPage, HoldView};
pub use list_households::{HOUSEHOLD_PAGE_SIZE_MAX, HouseholdFilter, HouseholdPage};
pub use list_imports::{ImportReject, ImportView, REJECT_PAGE_SIZE_MAX, RunState};
pub use list_member_rows::list_member_rows;
pub use list_parked_returns::WaitingReturn;
pub use list_redemptions::{REDEMPTION_PAGE_SIZE_MAX, RedemptionPage, RedemptionView};
pub use list_rewards::Catalogue;
pub use list_voucher_batches::BATCH_PAGE_SIZE_MAX;
pub use list_vouchers::{MemberVoucher, MemberVouchers};
pub use load_demo::{DEMO_ACTOR, DemoProgress, DemoReport};
pub use publish_programme::read_programme;
pub use replace_audience::{
    AUDIENCE_PAGE_ROWS, AudienceOrder, AudienceReport, AudienceRow, SOURCE_LENGTH_MAX, TakeAudienceRows,
    UNKNOWN_LISTED_MAX, UnknownMember,
};
pub use replay::{CALL_COMMANDS, ReplayCounts};
pub use request_sign_in_code::{CODE_DIGITS, CODE_MINUTES, SignInCode, read_sign_in_identifier};
pub use reset_password::password_link_name;
pub use restore::restore;
pub use run_report::run_report;
pub use run_statement::{StatementRunState, StatementRunView};
pub use search_members::{MEMBER_PAGE_SIZE_MAX, MemberPage, MemberRow, MemberSearch, MemberSort};
pub use secret::draw_password;
pub use set_up::SETUP_LINK_HOURS;
pub use sign_in::{SESSION_HOURS_MAX, SESSION_IDLE_MINUTES, SignedIn};
pub use sign_in_member::{CODE_TRIES_MAX, MEMBER_SESSION_DAYS_MAX, MEMBER_SESSION_IDLE_DAYS, SignedInMember};
#[cfg(feature = "testing")]
pub use store::testing;
pub use store::{BatchState, DatabaseUrl, DatabaseUrlError, OpenOptions, VoidReason, VoucherBatch};
pub use use_voucher::{VoucherRequest, read_code};
pub use verify::{CheckResult, DIFFERENCES_LISTED_MAX, Difference, VerifyProgress, VerifyReport};
pub use view_audience::AudienceHistory;
pub use view_document::DocumentView;
pub use view_duplicates::{DuplicateFigures, Share as DuplicateShare};
pub use view_household::{HouseholdMember, HouseholdView, Share};
pub use view_lineage::LineageRecord;
pub use view_member::{MemberView, kind_name as identifier_kind_name};
pub use view_overview::{
    DAILY_DAYS_MAX, EXPIRING_DAYS, Numbers, OVERVIEW_DAYS_MAX, Overview, OverviewQuery, SeriesPoint,
    TierMixPoint,
};
pub use view_statement::{StatementOutlook, StatementView, StatementVoucher};
pub use view_voucher::VoucherDetails;
pub use voucher::{
    BasketRequest, BatchOrder, BatchPart, StatementAnswer, UseView, VoucherAnswer, VoucherCaller,
    VoucherCommand, VoucherUseRequest, VoucherView, voucher_id,
};
pub use write_lake::LakeReport;
