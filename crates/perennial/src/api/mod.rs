//! The API under `/v1`. One file for an endpoint or a small group: request type, documented example, handler.
//! A handler decodes, calls one operation, encodes; what surrounds all of them is in `frame`.

mod adjust_points;
mod answer;
mod audiences;
mod balances;
mod body;
mod caller;
mod cancel_redemption;
mod capture_hold;
mod claims;
mod clubs;
mod docs;
mod document;
mod duplicates;
mod entries;
mod events;
mod frame;
mod fulfil_redemption;
mod hold_points;
mod households;
mod keys;
mod list_holds;
mod list_rewards;
mod member_reference;
mod members;
mod merge_members;
mod metrics;
mod overview;
mod platform;
mod problem;
pub(crate) mod problem_codes;
mod programmes;
mod rate_limit;
mod record_activity;
mod record_purchase;
mod record_return;
mod redeem_reward;
mod refund_stored_value;
mod reports;
mod request_id;
mod sandbox;
mod schema;
mod schema_spending;
mod state;
mod statements;
mod survey_imports;
mod sweeps;
mod top_up;
mod transfers;
mod undo_merge;
mod view_lineage;
mod void_hold;
mod voucher_batches;
mod vouchers;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::any;
use tower_http::compression::CompressionLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use document::openapi;
pub use problem::{PROBLEM_JSON, Problem, status_of};
pub use rate_limit::RateLimit;
pub use record_purchase::read_purchases;
pub use request_id::REQUEST_ID;
pub use state::{Api, ApiOptions, BODY_BYTES_MAX, KEY_STALENESS_MAX};

use document::document;

/// Endpoints that write: answered as they are, because compressing a small answer costs more than it saves.
fn writes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(record_purchase::record_purchase))
        .routes(routes!(record_return::record_return))
        .routes(routes!(record_activity::record_activity))
        .routes(routes!(capture_hold::capture_hold))
        .routes(routes!(void_hold::void_hold))
        .routes(routes!(cancel_redemption::cancel_redemption))
        .routes(routes!(fulfil_redemption::fulfil_redemption))
        .routes(routes!(adjust_points::adjust_points))
        .routes(routes!(top_up::top_up))
        .routes(routes!(refund_stored_value::refund_stored_value))
        .routes(routes!(members::link_identifier))
        .routes(routes!(clubs::choose_club::choose_club))
        .routes(routes!(programmes::check_programme))
        .routes(routes!(transfers::transfer_points::transfer_points))
        .routes(routes!(transfers::accept_transfer::accept_transfer))
        .routes(routes!(transfers::decline_transfer::decline_transfer))
        .routes(routes!(transfers::withdraw_transfer::withdraw_transfer))
        .routes(routes!(households::join_household::join_household))
        .routes(routes!(households::change_household_member::change_household_member))
        .routes(routes!(households::leave_household::leave_household))
        .routes(routes!(sweeps::expire_points))
        .routes(routes!(sweeps::review_tiers))
        .routes(routes!(statements::run_statement))
        .routes(routes!(duplicates::find_duplicates::find_duplicates))
        .routes(routes!(duplicates::cancel_find_duplicates::cancel_find_duplicates))
        .routes(routes!(duplicates::decide_duplicate::decide_duplicate))
        .routes(routes!(vouchers::check_voucher::check_voucher))
        .routes(routes!(vouchers::register_voucher::register_voucher))
        .routes(routes!(vouchers::reserve_voucher::reserve_voucher))
        .routes(routes!(vouchers::redeem_voucher::redeem_voucher))
        .routes(routes!(vouchers::release_voucher::release_voucher))
        .routes(routes!(vouchers::void_voucher::void_voucher))
        .routes(routes!(voucher_batches::void_voucher_batch))
}

/// Endpoints that read, with the writes under the same addresses.
fn reads() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(members::search_members, members::enrol_member))
        .routes(routes!(members::look_up_member))
        .routes(routes!(members::view_member, members::update_member))
        .routes(routes!(clubs::list_clubs::list_clubs))
        .routes(routes!(balances::view_balance))
        .routes(routes!(balances::list_lots))
        .routes(routes!(transfers::list_transfers::list_transfers))
        .routes(routes!(merge_members::merge_members))
        .routes(routes!(undo_merge::undo_merge))
        .routes(routes!(view_lineage::view_lineage))
        .routes(routes!(duplicates::list_duplicates::list_duplicates))
        .routes(routes!(duplicates::view_duplicates::view_duplicates))
        .routes(routes!(entries::list_entries))
        .routes(routes!(entries::view_entry))
        .routes(routes!(entries::explain))
        .routes(routes!(events::list_events))
        .routes(routes!(events::list_parked_returns))
        .routes(routes!(list_holds::list_holds, hold_points::hold_points))
        .routes(routes!(
            households::list_households::list_households,
            households::create_household::create_household
        ))
        .routes(routes!(households::view_household::view_household))
        .routes(routes!(redeem_reward::list_redemptions, redeem_reward::redeem_reward))
        .routes(routes!(list_rewards::list_rewards))
        .routes(routes!(programmes::list_programmes, programmes::publish_programme))
        .routes(routes!(programmes::view_programme))
        .routes(routes!(overview::view_overview))
        .routes(routes!(audiences::list_audiences::list_audiences))
        .routes(routes!(audiences::view_audience::view_audience))
        .routes(routes!(reports::list_reports))
        .routes(routes!(reports::run_report))
        .routes(routes!(claims::list_claims))
        .routes(routes!(survey_imports::import_survey))
        .routes(routes!(survey_imports::view_survey_import))
        .routes(routes!(statements::view_statement))
        .routes(routes!(statements::view_statement_run))
        .routes(routes!(voucher_batches::issue_vouchers))
        .routes(routes!(voucher_batches::view_voucher_batch))
        .routes(routes!(sandbox::view_clock, sandbox::advance_clock))
}

/// Endpoints that take more than an ordinary body.
fn large_writes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(audiences::replace_audience::replace_audience))
        .layer(DefaultBodyLimit::max(audiences::AUDIENCE_BYTES_MAX))
}

/// Endpoints that ask for no key.
fn open() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(platform::view_openapi))
        .routes(routes!(platform::list_outcomes))
        .routes(routes!(platform::check_health))
        .routes(routes!(platform::check_readiness))
        .routes(routes!(platform::view_metrics))
}

/// The whole door: `/v1`, `/docs`, and what monitors ask.
pub fn router(api: Api) -> Router {
    let body_limit = DefaultBodyLimit::max(api.options.body_bytes_max);
    let nothing = any(|| async { Problem::of_status(axum::http::StatusCode::NOT_FOUND) });
    let keyed = Router::from(reads())
        .layer(CompressionLayer::new())
        .merge(Router::from(writes()))
        .merge(Router::from(large_writes()))
        .route("/v1", nothing.clone())
        .route("/v1/{*nothing}", nothing)
        .layer(body_limit)
        .layer(from_fn_with_state(api.clone(), frame::with_key));
    let open = Router::from(open())
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(api.clone(), frame::open));
    keyed.merge(open).with_state(api).merge(docs::router())
}
