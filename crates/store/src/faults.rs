//! A hook around every database call, so that tests can fail the n-th one. With the feature `faults` off, as in
//! every released binary, the hook is an empty type and the calls compile to nothing.

/// Whether this build can inject faults.
pub const FAULTS_COMPILED_IN: bool = cfg!(feature = "faults");

#[cfg(feature = "faults")]
pub use compiled_in::{Call, Fault, Faults, Injected};

/// No hook: nothing to configure, nothing to call.
#[cfg(not(feature = "faults"))]
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {}

/// A call under way; here it has nothing to remember.
#[cfg(not(feature = "faults"))]
#[derive(Clone, Copy)]
pub(crate) struct Ticket;

#[cfg(not(feature = "faults"))]
#[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the shape of the hook of the other build")]
impl Faults {
    #[inline]
    pub(crate) fn before(&self, _what: &'static str) -> Result<Ticket, crate::StoreError> {
        Ok(Ticket)
    }

    #[inline]
    pub(crate) fn after(&self, _ticket: Ticket) -> Result<(), crate::StoreError> {
        Ok(())
    }
}

#[cfg(feature = "faults")]
mod compiled_in {
    use std::fmt;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use crate::StoreError;

    /// One database call, seen from the hook.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Call {
        /// Running number since the hook was installed, from 1; the two moments of a call have the same.
        pub number: u64,
        /// `begin`, `commit`, or the name of a statement.
        pub what: &'static str,
        /// Whether the call has had its effect already.
        pub done: bool,
    }

    /// What the hook wants to happen.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Fault {
        /// Carry on.
        None,
        /// Report this error: before the call it has no effect, after it the effect stays.
        Error(Injected),
        /// End the process on the spot, as a power cut would.
        Abort,
    }

    /// The errors a hook can inject.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Injected {
        /// As after a serialization failure.
        Retry,
        /// As after a lost connection; during commit the outcome is unknown.
        ConnectionLost,
        /// As on a full disk.
        DiskFull,
    }

    /// A call under way, so that its second moment has the number of its first.
    #[derive(Clone, Copy)]
    pub(crate) struct Ticket {
        number: u64,
        what: &'static str,
    }

    type Hook = Arc<dyn Fn(Call) -> Fault + Send + Sync>;

    /// The hook of one database; all its connections share the running number.
    #[derive(Clone, Default)]
    pub struct Faults {
        hook: Option<Hook>,
        calls: Arc<AtomicU64>,
    }

    impl Faults {
        /// Calls `hook` before and after every database call.
        pub fn new(hook: impl Fn(Call) -> Fault + Send + Sync + 'static) -> Self {
            Self { hook: Some(Arc::new(hook)), calls: Arc::default() }
        }

        /// How many calls were begun so far.
        pub fn calls(&self) -> u64 {
            self.calls.load(Ordering::SeqCst)
        }

        pub(crate) fn before(&self, what: &'static str) -> Result<Ticket, StoreError> {
            let Some(hook) = &self.hook else { return Ok(Ticket { number: 0, what }) };
            let number = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
            let call = Call { number, what, done: false };
            obey(hook(call), call)?;
            Ok(Ticket { number, what })
        }

        pub(crate) fn after(&self, ticket: Ticket) -> Result<(), StoreError> {
            let Some(hook) = &self.hook else { return Ok(()) };
            let call = Call { number: ticket.number, what: ticket.what, done: true };
            obey(hook(call), call)
        }
    }

    impl fmt::Debug for Faults {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Faults").field("calls", &self.calls()).finish_non_exhaustive()
        }
    }

    fn obey(fault: Fault, call: Call) -> Result<(), StoreError> {
        let moment = if call.done { "after" } else { "before" };
        let sentence = format!("injected {moment} call {} ({})", call.number, call.what);
        match fault {
            Fault::None => Ok(()),
            Fault::Abort => std::process::abort(),
            Fault::Error(Injected::ConnectionLost) if call.done && call.what == "commit" => {
                Err(StoreError::Ambiguous(sentence))
            }
            Fault::Error(Injected::ConnectionLost) => Err(StoreError::Unavailable(sentence)),
            Fault::Error(Injected::Retry) => Err(StoreError::Retry(sentence)),
            Fault::Error(Injected::DiskFull) => Err(StoreError::DiskFull(sentence)),
        }
    }
}
