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
    /// The clock of a sandbox: the machine's until it is moved for the first time, then it stands where it was moved to.
    Sandbox(Arc<AtomicI64>),
}

/// A sandbox's clock that has not been moved yet.
const NOT_MOVED: i64 = i64::MIN;

impl Clock {
    /// A clock that stands at an instant.
    pub fn manual(at: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at.as_microsecond())))
    }

    /// The clock of a sandbox, where it was moved to before, if it was.
    pub(crate) fn sandbox(at: Option<Timestamp>) -> Self {
        Self::Sandbox(Arc::new(AtomicI64::new(at.map_or(NOT_MOVED, Timestamp::as_microsecond))))
    }

    /// Whether it stands where it was moved to.
    pub(crate) fn stands(&self) -> bool {
        match self {
            Self::System => false,
            Self::Manual(_) => true,
            Self::Sandbox(microseconds) => microseconds.load(Ordering::Relaxed) != NOT_MOVED,
        }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        let microseconds = match self {
            Self::System => Timestamp::now().as_microsecond(),
            Self::Manual(microseconds) => microseconds.load(Ordering::Relaxed),
            Self::Sandbox(microseconds) => match microseconds.load(Ordering::Relaxed) {
                NOT_MOVED => Timestamp::now().as_microsecond(),
                moved => moved,
            },
        };
        // Both come from a timestamp.
        Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Moves a clock that can be moved; the machine's cannot.
    pub fn set(&self, at: Timestamp) {
        if let Self::Manual(microseconds) | Self::Sandbox(microseconds) = self {
            microseconds.store(at.as_microsecond(), Ordering::Relaxed);
        }
    }

    /// Moves a clock on, and never back.
    pub(crate) fn move_on(&self, at: Timestamp) {
        if let Self::Manual(microseconds) | Self::Sandbox(microseconds) = self {
            microseconds.fetch_max(at.as_microsecond(), Ordering::Relaxed);
        }
    }
}
