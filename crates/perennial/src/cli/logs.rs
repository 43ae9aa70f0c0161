//! Logs: to standard error, as text where somebody watches and as JSON lines where a program collects them.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Begins logging. `PERENNIAL_LOG` says what; `usual` where it does not.
pub(crate) fn begin(usual: &str) {
    let filter = EnvFilter::try_from_env("PERENNIAL_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Somebody else has begun already: then theirs is the right one.
    let _ = if std::io::stderr().is_terminal() { logs.try_init() } else { logs.json().try_init() };
}
