//! A plan by which one database call fails, or every call from one on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use store::{Fault, Faults, Injected};

/// Which call fails, and how.
#[derive(Clone, Default)]
pub struct Plan {
    /// Calls begun since the plan was armed.
    seen: Arc<AtomicU64>,
    number: Arc<AtomicU64>,
    after: Arc<AtomicBool>,
    from_then_on: Arc<AtomicBool>,
    abort: Arc<AtomicBool>,
    hit: Arc<AtomicBool>,
}

impl Plan {
    /// What the store asks at every call.
    pub fn faults(&self) -> Faults {
        let plan = self.clone();
        Faults::new(move |call| {
            let number = plan.number.load(Ordering::SeqCst);
            if number == 0 {
                return Fault::None;
            }
            let seen = if call.done {
                plan.seen.load(Ordering::SeqCst)
            } else {
                plan.seen.fetch_add(1, Ordering::SeqCst) + 1
            };
            let due = if plan.from_then_on.load(Ordering::SeqCst) { seen >= number } else { seen == number };
            if !due || call.done != plan.after.load(Ordering::SeqCst) {
                return Fault::None;
            }
            plan.hit.store(true, Ordering::SeqCst);
            if plan.abort.load(Ordering::SeqCst) {
                Fault::Abort
            } else {
                Fault::Error(Injected::ConnectionLost)
            }
        })
    }

    /// Fails a call, numbered from 1, before or after its effect, once or from then on.
    pub fn arm(&self, number: u64, after: bool, from_then_on: bool) {
        self.hit.store(false, Ordering::SeqCst);
        self.seen.store(0, Ordering::SeqCst);
        self.after.store(after, Ordering::SeqCst);
        self.from_then_on.store(from_then_on, Ordering::SeqCst);
        self.number.store(number, Ordering::SeqCst);
    }

    /// The same, but the process ends there.
    pub fn arm_end(&self, number: u64, after: bool) {
        self.abort.store(true, Ordering::SeqCst);
        self.arm(number, after, false);
    }

    /// Disarms; whether anything failed.
    pub fn disarm(&self) -> bool {
        self.number.store(0, Ordering::SeqCst);
        self.hit.load(Ordering::SeqCst)
    }
}
