//! The ledger's clock, in whole microseconds: what the database stores is what the decision saw.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Where the time comes from.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that stands still until it is moved: for tests and simulations.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at an instant.
    pub fn manual(at: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at.as_microsecond())))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        let microseconds = match self {
            Self::System => Timestamp::now().as_microsecond(),
            Self::Manual(microseconds) => microseconds.load(Ordering::Relaxed),
        };
        // Both come from a timestamp.
        Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Moves a manual clock; the machine's clock cannot be moved.
    pub fn set(&self, at: Timestamp) {
        if let Self::Manual(microseconds) = self {
            microseconds.store(at.as_microsecond(), Ordering::Relaxed);
        }
    }
}
