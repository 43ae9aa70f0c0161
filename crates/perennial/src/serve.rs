//! Serving: one HTTP server for all doors, stopped in order when the system asks.

use axum::Router;
use axum::routing::get;
use operations::Engine;
use tokio::net::TcpListener;

/// Serves an engine on a listening socket until SIGTERM or Ctrl-C, then answers what is under way and stops.
pub(crate) async fn serve(engine: Engine, listener: TcpListener) -> std::io::Result<()> {
    let router = Router::new().route("/healthz", get(|| async { "ok" }));
    axum::serve(listener, router).with_graceful_shutdown(asked_to_stop()).await?;
    engine.shut_down().await;
    Ok(())
}

async fn asked_to_stop() {
    let interrupted = async {
        // Without a handler the signal ends the process by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                () = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    interrupted.await;
}
