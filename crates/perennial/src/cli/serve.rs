//! `serve`: serves a database until it is asked to stop.

use std::net::SocketAddr;

use clap::Args;
use operations::{Engine, Role};
use perennial::serve::{ServeOptions, serve, stop_signal};
use tokio::net::TcpListener;

use super::database::DatabaseArgument;
use super::error::{CliError, Ended};
use super::output::Output;

/// Serve API and console.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address and port to listen on.
    #[arg(long, env = "PERENNIAL_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR")]
    listen: SocketAddr,
    /// Browsers reach the server over HTTPS, through a proxy: cookies are bound to it.
    #[arg(long, env = "PERENNIAL_HTTPS")]
    https: bool,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl Serve {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open_or_create().await?;
        let listener = listen(self.listen).await?;
        if engine.list_console_users().await?.is_empty() {
            let address = listener.local_addr().map_err(|cause| CliError::failed("listen", &cause))?;
            let secret = engine.create_setup_link(Role::Manager).await?;
            output.fact("setup", &format_args!("http://{address}/console/set-up?token={secret}"));
        }
        serve_until_stopped(engine, listener, self.https, output).await
    }
}

/// Says where everything is, and serves until the system asks to stop.
pub(crate) async fn serve_until_stopped(
    engine: Engine,
    listener: TcpListener,
    https: bool,
    output: Output,
) -> Result<Ended, CliError> {
    let address = listener.local_addr().map_err(|cause| CliError::failed("listen", &cause))?;
    output.fact("console", &format_args!("http://{address}/"));
    output.fact("api", &format_args!("http://{address}/v1"));
    output.fact("docs", &format_args!("http://{address}/docs"));
    output.ready();
    serve(engine, listener, ServeOptions { https, ..ServeOptions::default() }, stop_signal())
        .await
        .map_err(|cause| CliError::failed("serve", &cause))?;
    Ok(Ended::Well)
}

/// Listens, or says why not.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener, CliError> {
    TcpListener::bind(address).await.map_err(|cause| CliError::failed(address.to_string(), &cause))
}
