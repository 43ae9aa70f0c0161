//! The console: pages for managers, analysts, auditors and support. Each page decodes a request, calls operations and
//! renders; nothing is decided here but what a reader may see.

mod adjust;
mod adjustments;
pub(crate) mod assets;
mod audiences;
pub(crate) mod catalogue;
mod chart;
mod clubs;
pub(crate) mod cookies;
mod csv_file;
mod duplicates;
pub(crate) mod entries;
pub(crate) mod format;
pub(crate) mod headers;
mod holds;
mod households;
mod imports;
mod insight;
mod lineage;
pub(crate) mod member;
mod member_statement;
mod members;
mod merge;
pub(crate) mod moment;
mod overview;
pub(crate) mod page;
mod palette;
mod parked_returns;
mod people;
mod period;
pub(crate) mod preferences;
pub(crate) mod problem;
mod programme;
pub(crate) mod query;
mod rewards;
pub(crate) mod roles;
mod sandbox;
pub(crate) mod session;
mod set_up;
mod sign_in;
mod statements;
mod throttle;
pub(crate) mod tier_progress;
mod upload;
mod vouchers;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::Redirect;
use axum::routing::{get, post};
use domain::programme::CompiledProgramme;
use operations::{Command, Engine, Insight, Reply, Request};

use session::Fields;
use throttle::Throttle;

/// Largest form: a programme document.
const BODY_BYTES_MAX: usize = 1 << 20;

/// What pages need.
#[derive(Clone)]
pub(crate) struct Console {
    pub(crate) engine: Engine,
    /// The lake that questions are answered from, if there is one.
    insight: Option<Insight>,
    /// Whether browsers reach us over TLS: then cookies are bound to it.
    over_tls: bool,
    throttle: Arc<Throttle>,
}

impl Console {
    /// The programme in force now, else the one that comes next.
    pub(crate) fn programme(&self) -> Option<Arc<CompiledProgramme>> {
        programme(&self.engine)
    }

    /// Carries out what a form asks for, under the number that was drawn for it: sent twice, it is done once.
    pub(crate) async fn carry_out_once(&self, actor: &str, fields: &Fields, command: Command) -> Reply {
        let key = format!("console:{}", fields.text("request"));
        self.engine.carry_out(Request::new(command, actor).with_key(Some(key))).await
    }

    /// A number that makes a form one request however often it is sent.
    #[expect(clippy::unused_self, reason = "reads as what the console does")]
    pub(crate) fn draw_request(&self) -> String {
        draw_request()
    }
}

/// The programme in force now, else the one that comes next.
pub(crate) fn programme(engine: &Engine) -> Option<Arc<CompiledProgramme>> {
    let programmes = engine.programmes();
    programmes.at(engine.clock().now()).or_else(|| programmes.latest()).cloned()
}

/// A number that makes a form one request however often it is sent.
pub(crate) fn draw_request() -> String {
    let mut bytes = [0_u8; 12];
    // Without randomness the form still works; it is then not recognised when sent twice.
    let drawn = getrandom::fill(&mut bytes).is_ok();
    if drawn { query::hexadecimal(&bytes) } else { String::new() }
}

/// The pages of the console and of the till, which share sessions, and their assets. `over_tls` says that browsers
/// reach the server over TLS, through a proxy.
pub fn router(engine: Engine, over_tls: bool, insight: Option<Insight>) -> Router {
    let console = Console { engine, insight, over_tls, throttle: Arc::default() };
    Router::new()
        .route("/", get(|| async { Redirect::to("/console") }))
        .route("/console", get(overview::page))
        .route("/console/overview/{name}", get(overview::file))
        .route("/console/sign-in", get(sign_in::form).post(sign_in::sign_in))
        .route("/console/sign-out", post(sign_in::sign_out))
        .route("/console/set-up", get(set_up::form).post(set_up::set_up))
        .route("/console/preferences", post(preferences::choose))
        .route("/console/members", get(members::page))
        .route("/console/members.csv", get(members::file))
        .route("/console/members/{id}", get(member::page))
        .route("/console/members/{id}/entries/{entry_no}", get(entries::page))
        .route("/console/members/{id}/adjustments", post(adjust::adjust))
        .route("/console/members/{id}/clubs/{club}", post(clubs::choose))
        .route("/console/members/{id}/merge", get(merge::page).post(merge::merge))
        .route("/console/members/{id}/undo-merge", post(merge::undo))
        .route("/console/members/{id}/statement", get(member_statement::page))
        .route("/console/palette", get(palette::options))
        .route("/console/sandbox", get(sandbox::page).post(sandbox::advance))
        .route("/console/adjustments", get(adjustments::page))
        .route("/console/adjustments/{id}", post(adjustments::decide))
        .route("/console/programme", get(programme::page).post(programme::publish))
        .route("/console/programme/versions/{version}/document", get(programme::document))
        .route("/console/audiences", audiences::route())
        .route("/console/imports", get(imports::page))
        .route("/console/imports/{id}", get(imports::run))
        .route("/console/imports/{id}/rejects.csv", get(imports::rejects))
        .route("/console/parked-returns", get(parked_returns::page))
        .route("/console/people", get(people::page).post(people::invite))
        .route("/console/people/change", post(people::change))
        .route("/console/{*rest}", get(missing))
        .merge(insight::routes())
        .merge(vouchers::routes())
        .merge(rewards::routes())
        .merge(holds::routes())
        .merge(households::routes())
        .merge(duplicates::routes())
        .merge(statements::routes())
        .merge(crate::till::routes())
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(axum::middleware::from_fn(headers::protect))
        .with_state(console)
        .route("/assets/{name}", get(assets::serve))
}

/// An address of the console that leads nowhere.
async fn missing(reader: session::Reader) -> axum::response::Response {
    problem::not_found(reader.frame)
}
