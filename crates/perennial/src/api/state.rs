//! What all endpoints share: the engine, the keys seen lately, the counts, and how the door is set up.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use operations::{Engine, Insight};

use super::keys::KeyRing;
use super::metrics::HttpMetrics;
use super::rate_limit::RateLimit;

/// Longest time for which a revoked key may still work on a server that has seen it.
pub const KEY_STALENESS_MAX: Duration = Duration::from_secs(2);
/// Largest request body accepted, unless set up otherwise: a thousand purchases of ordinary size.
pub const BODY_BYTES_MAX: usize = 8 << 20;

/// How the door is set up.
#[derive(Clone)]
pub struct ApiOptions {
    /// How often one key may call.
    pub rate_limit: RateLimit,
    /// Largest request body.
    pub body_bytes_max: usize,
    /// Whether test keys write for good: this server holds nothing but trials.
    pub sandbox: bool,
    /// How long a key is believed before it is looked up again; at most [`KEY_STALENESS_MAX`] is promised.
    pub key_staleness: Duration,
    /// The lake that is kept up with the ledger, and that questions are answered from.
    pub insight: Option<Insight>,
}

impl Default for ApiOptions {
    fn default() -> Self {
        Self {
            rate_limit: RateLimit::default(),
            body_bytes_max: BODY_BYTES_MAX,
            sandbox: false,
            key_staleness: KEY_STALENESS_MAX / 2,
            insight: None,
        }
    }
}

/// The door's state. Clones share it.
#[derive(Clone)]
pub struct Api(Arc<Shared>);

/// What the clones of [`Api`] share.
pub struct Shared {
    /// The platform.
    pub engine: Engine,
    /// Keys seen lately.
    pub keys: KeyRing,
    /// Counts since the start.
    pub metrics: HttpMetrics,
    /// How the door is set up.
    pub options: ApiOptions,
}

impl Api {
    /// The state of a door on an engine.
    pub fn new(engine: Engine, options: ApiOptions) -> Self {
        let keys = KeyRing::new(engine.clone(), options.rate_limit, options.key_staleness);
        let metrics = HttpMetrics::new(&super::document());
        Self(Arc::new(Shared { engine, keys, metrics, options }))
    }
}

impl Deref for Api {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
