//! `serve`: serves a database until it is asked to stop.

use std::net::SocketAddr;

use analytics::lake::{LakeLocation, SessionOptions};
use clap::Args;
use operations::{Engine, EngineOptions, Insight, Role};
use perennial::api::RateLimit;
use perennial::serve::{MemberCodes, ServeOptions, serve, stop_signal};
use tokio::net::TcpListener;

use super::database::DatabaseArgument;
use super::error::{CliError, Ended};
use super::lake::{EngineArgument, parse_location};
use super::output::Output;

/// Serve API, console and till.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address and port to listen on.
    #[arg(long, env = "PERENNIAL_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR")]
    listen: SocketAddr,
    /// Browsers reach the server over HTTPS, through a proxy: cookies are bound to it.
    #[arg(long, env = "PERENNIAL_HTTPS")]
    https: bool,
    /// Calls a second that one API key may make over time; twice as many at once.
    #[arg(long, env = "PERENNIAL_RATE_LIMIT", value_name = "CALLS")]
    rate_limit: Option<u32>,
    /// Let test keys write for good and the clock be moved: this database holds nothing but trials.
    #[arg(long, env = "PERENNIAL_SANDBOX")]
    sandbox: bool,
    /// How one-time codes reach members who sign in to their card: `log` writes them to the server's log, where whoever
    /// reads it can sign in as anybody. Without this nobody can.
    #[arg(long, env = "PERENNIAL_MEMBER_CODES", value_name = "HOW", value_parser = ["log"])]
    member_codes: Option<String>,
    /// A lake to keep up with the ledger and to answer questions from: a folder, or the address of an object store.
    #[arg(long, env = "PERENNIAL_LAKE", value_name = "PLACE")]
    lake: Option<String>,
    #[command(flatten)]
    engine: EngineArgument,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl Serve {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let lake = self.lake.as_deref().map(parse_location).transpose()?;
        let options = EngineOptions { sandbox: self.sandbox, ..EngineOptions::default() };
        let engine = self.database.open_or_create_with(options).await?;
        let listener = listen(self.listen).await?;
        if engine.list_console_users().await?.iter().all(|user| user.disabled_at.is_some()) {
            let address = listener.local_addr().map_err(|cause| CliError::failed("listen", &cause))?;
            let secret = engine.create_setup_link(Role::Manager).await?;
            output.fact("setup", &format_args!("http://{address}/console/set-up?token={secret}"));
        }
        let mut options = ServeOptions { https: self.https, ..ServeOptions::default() };
        options.api.insight = lake.map(|lake| Insight::new(lake, self.engine.options()));
        options.api.sandbox = self.sandbox;
        if self.member_codes.is_some() {
            options.member_codes = MemberCodes::Log;
        }
        if let Some(per_second) = self.rate_limit {
            options.api.rate_limit = RateLimit { per_second, burst: per_second.saturating_mul(2) };
        }
        serve_with(engine, listener, options, output).await
    }
}

/// Serves a demo: everything at its default, and codes in the log.
pub(crate) async fn serve_demo(
    engine: Engine,
    listener: TcpListener,
    lake: LakeLocation,
    output: Output,
) -> Result<Ended, CliError> {
    let mut options = ServeOptions { member_codes: MemberCodes::Log, ..ServeOptions::default() };
    options.api.insight = Some(Insight::new(lake, SessionOptions::default()));
    serve_with(engine, listener, options, output).await
}

/// Says where everything is, and serves until the system asks to stop.
async fn serve_with(
    engine: Engine,
    listener: TcpListener,
    options: ServeOptions,
    output: Output,
) -> Result<Ended, CliError> {
    let address = listener.local_addr().map_err(|cause| CliError::failed("listen", &cause))?;
    output.fact("console", &format_args!("http://{address}/"));
    output.fact("till", &format_args!("http://{address}/till"));
    if options.member_codes == MemberCodes::Log {
        output.fact("card", &format_args!("http://{address}/card"));
    }
    output.fact("api", &format_args!("http://{address}/v1"));
    output.fact("docs", &format_args!("http://{address}/docs"));
    output.ready();
    serve(engine, listener, options, stop_signal())
        .await
        .map_err(|cause| CliError::failed("serve", &cause))?;
    Ok(Ended::Well)
}

/// Listens, or says why not.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener, CliError> {
    TcpListener::bind(address).await.map_err(|cause| CliError::failed(address.to_string(), &cause))
}
