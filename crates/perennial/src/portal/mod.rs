//! The member portal, under `/card`: a member signs in by a one-time code and sees their card, points, rewards and
//! history. Every page works without script. Whose card it is says the session, never an address.

mod card;
mod clubs;
pub(crate) mod history;
mod ladders;
mod limits;
mod points;
mod pool;
mod preferences;
mod problem;
pub(crate) mod qr;
mod redemptions;
mod rewards;
mod session;
mod shell;
mod sign_in;
pub(crate) mod statement;
mod transfers;
mod vouchers;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::Redirect;
use axum::routing::{get, post};
use operations::{Engine, SignInCode};

use crate::console::headers;
use limits::Limits;

/// Largest form.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// What brings codes to members.
pub type CodeSink = Arc<dyn Fn(&SignInCode) + Send + Sync>;

/// Brings codes to the server's log, for whoever can read it: for demos and trials.
pub fn log_codes() -> CodeSink {
    Arc::new(|code: &SignInCode| {
        // Whom the code is for is said by number: no telephone number or address belongs into a log.
        tracing::info!("sign-in code {} for {}, until {}", code.code, code.member_id, code.expires_at);
    })
}

/// What pages need.
#[derive(Clone)]
pub(crate) struct Portal {
    engine: Engine,
    /// Whether browsers reach us over TLS: then cookies are bound to it.
    over_tls: bool,
    /// How codes reach members; without it nobody can sign in.
    sink: Option<CodeSink>,
    limits: Arc<Limits>,
}

/// The pages of the portal. `over_tls` says that browsers reach the server over TLS, through a proxy; `sink` brings
/// codes to members.
pub fn router(engine: Engine, over_tls: bool, sink: Option<CodeSink>) -> Router {
    let portal = Portal { engine, over_tls, sink, limits: Arc::default() };
    Router::new()
        .route("/card", get(card::page))
        .route("/card/sign-in", get(sign_in::form).post(sign_in::request_code))
        .route("/card/sign-in/code", get(sign_in::code_form).post(sign_in::sign_in))
        .route("/card/sign-out", post(sign_in::sign_out))
        .route("/card/preferences", post(preferences::choose))
        .route("/card/points", get(points::page))
        .route("/card/transfers", get(transfers::page).post(transfers::confirm))
        // Whoever had to sign in again in between comes back to the first page.
        .route("/card/transfers/offer", post(transfers::transfer).get(to_transfers))
        .route("/card/transfers/answer", post(transfers::answer).get(to_transfers))
        .route("/card/vouchers", get(vouchers::page).post(vouchers::register))
        .route("/card/clubs", get(clubs::page))
        .route("/card/clubs/{club}", post(clubs::choose).get(to_clubs))
        .route("/card/rewards", get(rewards::page))
        .route("/card/rewards/{code}", get(rewards::confirm).post(rewards::redeem))
        .route("/card/redemptions", get(redemptions::page))
        .route("/card/redemptions/{number}", get(redemptions::one).post(redemptions::cancel))
        .route("/card/statement", get(statement::page))
        .route("/card/history", get(history::page))
        .route("/card/history/{number}", get(history::entry))
        .route("/card/{*rest}", get(missing))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(axum::middleware::from_fn(headers::protect))
        .with_state(portal)
}

async fn to_transfers() -> Redirect {
    Redirect::to("/card/transfers")
}

async fn to_clubs() -> Redirect {
    Redirect::to("/card/clubs")
}

/// An address of the portal that leads nowhere.
async fn missing(member: session::Member) -> axum::response::Response {
    problem::not_found(member.frame, member.shell)
}
