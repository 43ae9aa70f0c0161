//! The server of a simulation: an engine whose database calls can be made to fail, once or until it is started again.

use std::sync::{Arc, Mutex};

use operations::{Clock, DatabaseUrl, Engine, EngineOptions, OpenOptions, OperationError, Reply, Request};
use store::{Fault, Faults, Injected};

use crate::support::{PROGRAMME, start};

/// How the database calls go on.
#[derive(Debug, Clone, Copy, Default)]
struct Plan {
    /// Calls until one fails; none when nothing is planned.
    left: Option<u64>,
    /// Only these calls count.
    only: Option<&'static str>,
    /// Whether that one fails after its effect.
    after: bool,
    /// Whether it takes the server down with it.
    ends: bool,
    /// Whether the server is down.
    down: bool,
    /// Calls that failed once.
    failed: u64,
    /// Commits that took effect although their server went down.
    unheard: u64,
}

/// A server that can be ended and started again. The machine's clock goes on while it is down.
pub struct Service {
    url: DatabaseUrl,
    clock: Clock,
    /// None only while the server is being opened again.
    engine: Option<Engine>,
    plan: Arc<Mutex<Plan>>,
    ids: u32,
}

impl Service {
    /// Opens a new database with a programme.
    pub async fn open(url: &DatabaseUrl) -> Self {
        let plan = Arc::new(Mutex::new(Plan::default()));
        let clock = Clock::manual(start());
        let engine = engine(url, &clock, &plan, 1).await;
        let from = start().checked_sub(jiff::SignedDuration::from_hours(24 * 60)).expect("in range");
        engine.publish_programme(PROGRAMME, from, "owner").await.expect("published");
        Self { url: url.clone(), clock, engine: Some(engine), plan, ids: 1 }
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    pub fn engine(&self) -> &Engine {
        self.engine.as_ref().expect("open")
    }

    /// One call, or one of a name, fails, `calls` from now, and may take the server with it.
    pub fn will_fail(&self, calls: u64, only: Option<&'static str>, after: bool, ends: bool) {
        let mut plan = self.plan.lock().expect("no panic");
        plan.left = Some(calls);
        plan.only = only;
        plan.after = after;
        plan.ends = ends;
    }

    pub fn is_down(&self) -> bool {
        self.plan.lock().expect("no panic").down
    }

    /// Calls that failed once, and commits nobody heard of, since this was asked last.
    pub fn take_counts(&self) -> (u64, u64) {
        let mut plan = self.plan.lock().expect("no panic");
        (std::mem::take(&mut plan.failed), std::mem::take(&mut plan.unheard))
    }

    /// The server comes back; `anew` opens the database again, as a new process does.
    pub async fn restart(&mut self, anew: bool) {
        *self.plan.lock().expect("no panic") = Plan::default();
        if anew {
            if let Some(engine) = self.engine.take() {
                engine.shut_down().await;
            }
            self.ids += 1_000_000;
            self.engine = Some(engine(&self.url, &self.clock, &self.plan, self.ids).await);
        }
    }

    /// What the network delivered together.
    pub async fn serve(&self, requests: Vec<Request>) -> Vec<Reply> {
        let count = requests.len();
        match self.engine().submit(requests).await {
            Ok(replies) => replies,
            Err(error) => (0..count).map(|_| Err::<_, OperationError>(error.clone())).collect(),
        }
    }

    /// Nothing of the ledger contradicts itself.
    pub async fn verify(&self) -> Result<(), String> {
        let report = self.engine().verify(true, &mut |_| {}).await.map_err(|error| format!("{error:?}"))?;
        if report.is_clean() { Ok(()) } else { Err(format!("{report:#?}")) }
    }

    pub async fn close(self) {
        self.engine().shut_down().await;
    }
}

async fn engine(url: &DatabaseUrl, clock: &Clock, plan: &Arc<Mutex<Plan>>, ids: u32) -> Engine {
    let plan = plan.clone();
    let faults = Faults::new(move |call| next(&mut plan.lock().expect("no panic"), call));
    let store = OpenOptions::default().faults(faults);
    let options =
        EngineOptions { store, clock: clock.clone(), ids_start: Some(ids), lanes: 1, sandbox: false };
    Engine::open(url, options).await.expect("the engine opens")
}

fn next(plan: &mut Plan, call: store::Call) -> Fault {
    let lost = Fault::Error(Injected::ConnectionLost);
    if plan.down {
        return lost;
    }
    let Some(left) = plan.left else { return Fault::None };
    if plan.only.is_some_and(|only| only != call.what) {
        return Fault::None;
    }
    let left = if call.done { left } else { left.saturating_sub(1) };
    plan.left = Some(left);
    if left > 0 || call.done != plan.after {
        return Fault::None;
    }
    plan.left = None;
    plan.down = plan.ends;
    if plan.ends {
        plan.unheard += u64::from(call.done && call.what == "commit");
    } else {
        plan.failed += 1;
    }
    lost
}
