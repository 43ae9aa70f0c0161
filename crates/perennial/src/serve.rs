//! Serving: one router of all doors on one listener, the sweep of time beside it, and an end that loses no answer.

use std::future::Future;
use std::io;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use operations::{AnnounceReport, Engine, Insight, OperationError, SweepReport};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::api::{self, Api, ApiOptions};
use crate::{console, portal};

/// How long requests under way may take once the server is told to stop.
pub const GRACE: Duration = Duration::from_secs(20);

/// Time between two sweeps, unless set up otherwise. Points lapse on time without them: a sweep only posts it.
pub const SWEEP_EVERY: Duration = Duration::from_mins(15);

/// Time between two looks for what the lake does not have yet.
pub const LAKE_EVERY: Duration = Duration::from_mins(1);

/// Time after which the members are told anew in the lake, if anything happened: that reads all of them.
pub const LAKE_MEMBERS_EVERY: Duration = Duration::from_hours(1);

/// Time between two looks for entries into audiences, and exits, that are still to be told.
pub const AUDIENCES_EVERY: Duration = Duration::from_secs(2);

/// How a server is set up.
#[derive(Clone)]
pub struct ServeOptions {
    /// The API.
    pub api: ApiOptions,
    /// Time between two sweeps that post what time alone has made due; none leaves them to others.
    pub sweep_every: Option<Duration>,
    /// Whether browsers reach the server over HTTPS, through a proxy: the console's cookies are bound to it.
    pub https: bool,
    /// How one-time codes reach members who want to see their card.
    pub member_codes: MemberCodes,
}

/// How one-time codes reach members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MemberCodes {
    /// Not at all: nobody can sign in to the portal.
    #[default]
    Off,
    /// By the server's log: whoever reads it can sign in as anybody, so it is for demos and trials.
    Log,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            api: ApiOptions::default(),
            sweep_every: Some(SWEEP_EVERY),
            https: false,
            member_codes: MemberCodes::Off,
        }
    }
}

/// All doors in one router.
pub fn router(engine: &Engine, options: &ServeOptions) -> Router {
    let sink = match options.member_codes {
        MemberCodes::Off => None,
        MemberCodes::Log => Some(portal::log_codes()),
    };
    api::router(Api::new(engine.clone(), options.api.clone()))
        .merge(console::router(engine.clone(), options.https, options.api.insight.clone()))
        .merge(portal::router(engine.clone(), options.https, sink))
}

/// Serves until `stop` is done, then takes no more requests, answers those under way, and stops the engine.
pub async fn serve(
    engine: Engine,
    listener: TcpListener,
    options: ServeOptions,
    stop: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let (tell, told) = watch::channel(false);
    // A receipt is one small packet: waiting to fill it would cost every request.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its small packets back");
        }
    });
    let router = router(&engine, &options);
    let sweeper = options.sweep_every.map(|every| tokio::spawn(sweep(engine.clone(), every, told.clone())));
    let insight = options.api.insight.clone();
    let keeper = insight.map(|insight| tokio::spawn(keep_lake(engine.clone(), insight, told.clone())));
    let announcer = tokio::spawn(announce_audiences(engine.clone(), told.clone()));
    let serving = axum::serve(listener, router).with_graceful_shutdown(until_told(told));
    let end = async {
        stop.await;
        tracing::info!("stopping: requests under way are answered first");
        let _ = tell.send(true);
        tokio::time::sleep(GRACE).await;
    };
    let ended = tokio::select! {
        ended = serving => ended,
        () = end => {
            tracing::warn!("some requests took longer than {} s and were left", GRACE.as_secs());
            Ok(())
        }
    };
    let _ = tell.send(true);
    if let Some(sweeper) = sweeper
        && sweeper.await.is_err()
    {
        tracing::error!("the sweep of time ended in a panic");
    }
    if let Some(keeper) = keeper
        && keeper.await.is_err()
    {
        tracing::error!("the writing of the lake ended in a panic");
    }
    if announcer.await.is_err() {
        tracing::error!("the telling of audiences ended in a panic");
    }
    engine.shut_down().await;
    ended
}

/// Posts what time has made due, now and then, until told to stop. A sweep under way ends at its next page: what it
/// leaves is still due at the next one.
async fn sweep(engine: Engine, every: Duration, told: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = until_told(told.clone()) => return,
            () = tokio::time::sleep(every) => {}
        }
        let now = engine.clock().now();
        let mut unwatched = |_: &SweepReport| ();
        tokio::select! {
            () = until_told(told.clone()) => return,
            swept = engine.expire_points(now, &mut unwatched) => match swept {
                Ok(report) => tracing::info!(accounts = report.accounts, "swept what time has made due"),
                Err(error) => tracing::error!(%error, "the sweep of time failed and will be tried again"),
            },
        }
    }
}

/// Tells who entered and left audiences, until told to stop. What a run leaves, the next one tells.
async fn announce_audiences(engine: Engine, told: watch::Receiver<bool>) {
    loop {
        let mut unwatched = |_: &AnnounceReport| ();
        tokio::select! {
            () = until_told(told.clone()) => return,
            announced = engine.announce_audiences(&mut unwatched) => match announced {
                Ok(report) if report.members == 0 => {}
                Ok(report) => tracing::info!(events = report.events, "told who entered and left audiences"),
                Err(error) => tracing::error!(%error, "audiences could not be told and will be tried again"),
            },
        }
        tokio::select! {
            () = until_told(told.clone()) => return,
            () = tokio::time::sleep(AUDIENCES_EVERY) => {}
        }
    }
}

/// Writes into the lake what it does not have yet, now and then, until told to stop. What a run leaves, the next one writes.
async fn keep_lake(engine: Engine, insight: Insight, told: watch::Receiver<bool>) {
    let mut members_told: Option<tokio::time::Instant> = None;
    let mut news = false;
    loop {
        let members = members_told.is_none_or(|at| news && at.elapsed() >= LAKE_MEMBERS_EVERY);
        let mut unwatched = |_: &operations::LakeReport| ();
        tokio::select! {
            () = until_told(told.clone()) => return,
            written = engine.write_lake(insight.location(), members, &mut unwatched) => match written {
                Ok(report) => {
                    news = news || report.entries > 0;
                    if report.members > 0 {
                        members_told = Some(tokio::time::Instant::now());
                        news = false;
                    }
                    if report.entries > 0 {
                        tracing::info!(entries = report.entries, members = report.members, "wrote the lake");
                    }
                }
                // Another server of the same ledger writes it, too.
                Err(error @ OperationError::Lake(_)) => tracing::warn!(%error, "the lake was not written"),
                Err(error) => tracing::error!(%error, "the lake could not be written and will be tried again"),
            },
        }
        tokio::select! {
            () = until_told(told.clone()) => return,
            () = tokio::time::sleep(LAKE_EVERY) => {}
        }
    }
}

/// Done when the process is told to stop: by Ctrl-C, or by its supervisor.
pub async fn stop_signal() {
    let interrupt = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "Ctrl-C cannot be heard");
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::error!(%error, "the supervisor's signal cannot be heard");
                std::future::pending::<()>().await;
            }
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}

async fn until_told(mut told: watch::Receiver<bool>) {
    // An error means that nobody can tell any more, which is the end as well.
    let _ = told.wait_for(|told| *told).await;
}
