//! The engine: an open database, the published programmes, and the lanes that carry out commands.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;

use domain::programme::{CompiledProgramme, Programme, Programmes};
use jiff::Timestamp;
use store::{Database, DatabaseUrl, OpenOptions};
use tokio::sync::{mpsc, oneshot};

use crate::audience::AudienceCache;
use crate::clock::Clock;
use crate::command::{Command, MemberReference, Reply, Request};
use crate::error::OperationError;
use crate::find_duplicates::RunningSearch;
use crate::identity::AccountIds;
use crate::lane::{self, Job, QUEUE_CALLS_MAX, Writer};
use crate::run_statement::RunningStatements;
use crate::voucher::TryCounts;

/// Lanes to a PostgreSQL server unless said otherwise: more gain little on two cores.
pub const POSTGRES_LANES: usize = 4;

/// How often another process's programme versions are looked for.
const PROGRAMME_POLL: Duration = Duration::from_secs(2);

/// How an engine is opened.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// The database's own settings.
    pub store: OpenOptions,
    /// Where the time comes from.
    pub clock: Clock,
    /// Start of the count in new account ids; random when absent.
    pub ids_start: Option<u32>,
    /// Lanes to a PostgreSQL server. SQLite has one writer.
    pub lanes: usize,
    /// Whether this database holds nothing but trials, so that its clock may be moved. One whose clock was moved
    /// before is a sandbox in any case.
    pub sandbox: bool,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            store: OpenOptions::default(),
            clock: Clock::System,
            ids_start: None,
            lanes: POSTGRES_LANES,
            sandbox: false,
        }
    }
}

/// What lanes and operations share.
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) ids: AccountIds,
    /// Whether the clock may be moved.
    sandbox: bool,
    programmes: RwLock<Arc<Programmes>>,
    pub(crate) statistics: Statistics,
    pub(crate) tries: TryCounts,
    pub(crate) statements: RunningStatements,
    pub(crate) audiences: AudienceCache,
    pub(crate) duplicates: RunningSearch,
}

/// Counts since the start, for `/metrics`.
#[derive(Debug, Default)]
pub(crate) struct Statistics {
    batches: AtomicU64,
    commands: AtomicU64,
    retries: AtomicU64,
    busy: AtomicU64,
    waiting: AtomicUsize,
}

/// A reading of the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Batches committed.
    pub batches: u64,
    /// Commands answered.
    pub commands: u64,
    /// Commands tried again because others got in their way.
    pub retries: u64,
    /// Calls turned away because all queues were full.
    pub busy: u64,
    /// Calls waiting for their answer now.
    pub waiting: usize,
}

impl Statistics {
    pub(crate) fn count_batch(&self, commands: usize) {
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.commands.fetch_add(u64::try_from(commands).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(crate) fn count_retry(&self) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }
}

impl Shared {
    /// The published programmes. The lock is held only to copy the pointer.
    pub(crate) fn programmes(&self) -> Arc<Programmes> {
        self.programmes.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds a version that was just published; one that is known already is left as it is.
    pub(crate) fn add_programme(&self, programme: Arc<CompiledProgramme>) {
        let mut programmes = self.programmes.write().unwrap_or_else(PoisonError::into_inner);
        if programmes.version(programme.version()).is_none() {
            let mut more = Programmes::clone(&programmes);
            more.publish(programme);
            *programmes = Arc::new(more);
        }
    }
}

/// The platform on one database. Clones share it.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    database: Database,
    shared: Arc<Shared>,
    lanes: RwLock<Vec<mpsc::Sender<Job>>>,
    workers: Mutex<Vec<Worker>>,
    /// Held by whoever moves the clock.
    clock_turn: tokio::sync::Mutex<()>,
}

enum Worker {
    Thread(std::thread::JoinHandle<()>),
    Task(tokio::task::JoinHandle<()>),
}

impl Engine {
    /// Opens a database, migrates it, loads its programmes and starts its lanes.
    //
    // Boxed, not `async fn`: so the lanes, and with them all decisions and both databases, are compiled in this crate
    // once, and not again in every program and test that opens an engine.
    pub fn open(
        url: &DatabaseUrl,
        options: EngineOptions,
    ) -> Pin<Box<dyn Future<Output = Result<Self, OperationError>> + Send + '_>> {
        Box::pin(Self::open_at(url, options))
    }

    async fn open_at(url: &DatabaseUrl, options: EngineOptions) -> Result<Self, OperationError> {
        let database = Database::open(url, &options.store).await?;
        let programmes = load_programmes(&database).await?;
        let moved_to = read_clock(&database).await?;
        let sandbox = options.sandbox || moved_to.is_some();
        let shared = Arc::new(Shared {
            clock: sandbox_clock(options.clock, sandbox, moved_to),
            sandbox,
            ids: options.ids_start.map_or_else(AccountIds::random, AccountIds::starting_at),
            programmes: RwLock::new(Arc::new(programmes)),
            statistics: Statistics::default(),
            tries: TryCounts::default(),
            statements: RunningStatements::default(),
            audiences: AudienceCache::default(),
            duplicates: RunningSearch::default(),
        });
        // Without lanes every command is answered “unavailable”: reading needs none, and no lock on a file in use.
        let (lanes, workers) = if options.store.is_read_only() {
            (Vec::new(), Vec::new())
        } else {
            start_lanes(&database, &shared, options.lanes).await?
        };
        let inner = Arc::new(Inner {
            database,
            shared,
            lanes: RwLock::new(lanes),
            workers: Mutex::new(workers),
            clock_turn: tokio::sync::Mutex::new(()),
        });
        if matches!(inner.database, Database::Postgres(_)) {
            tokio::spawn(watch_programmes(Arc::downgrade(&inner)));
        }
        let engine = Self { inner };
        if options.sandbox {
            engine.check_no_live_keys(engine.clock().now()).await?;
        }
        Ok(engine)
    }

    /// Carries out the commands of one call, in order, in one batch with whatever else is waiting. Each gets its
    /// own answer; an error of the whole means that none was carried out.
    pub async fn submit(&self, requests: Vec<Request>) -> Result<Vec<Reply>, OperationError> {
        if requests.is_empty() {
            return Ok(Vec::new());
        }
        let (answer, answered) = oneshot::channel();
        let lane = self.lane(&requests[0].command)?;
        let statistics = &self.inner.shared.statistics;
        lane.try_send(Job { requests, answer }).map_err(|_| {
            statistics.busy.fetch_add(1, Ordering::Relaxed);
            OperationError::Busy
        })?;
        statistics.waiting.fetch_add(1, Ordering::Relaxed);
        let replies = answered.await;
        statistics.waiting.fetch_sub(1, Ordering::Relaxed);
        replies.map_err(|_| OperationError::Unavailable("the lane stopped before it answered".to_owned()))
    }

    /// Carries out one command.
    pub async fn carry_out(&self, request: Request) -> Reply {
        let missing = || Err(OperationError::Internal("a command without an answer".to_owned()));
        self.submit(vec![request]).await?.pop().unwrap_or_else(missing)
    }

    /// Commands that name the same member go to the same lane, so that they queue there instead of on a row lock.
    fn lane(&self, command: &Command) -> Result<mpsc::Sender<Job>, OperationError> {
        let lanes = self.inner.lanes.read().unwrap_or_else(PoisonError::into_inner);
        let mut hasher = DefaultHasher::new();
        match command {
            Command::EnrolMember { identifiers, .. } => {
                identifiers.first().map(|id| &id.value).hash(&mut hasher);
            }
            Command::UpdateMember { member, .. }
            | Command::ChooseClub { member, .. }
            | Command::LinkIdentifier { member, .. }
            | Command::RecordPurchase { member, .. }
            | Command::RecordActivity { member, .. }
            | Command::HoldPoints { member, .. }
            | Command::RedeemReward { member, .. }
            | Command::AdjustPoints { member, .. }
            | Command::TopUp { member, .. }
            | Command::RefundStoredValue { member, .. }
            | Command::TransferPoints { from: member, .. }
            | Command::AcceptTransfer { member, .. }
            | Command::DeclineTransfer { member, .. }
            | Command::MergeMembers { into: member, .. } => hash_member(member, &mut hasher),
            Command::RecordReturn { document } => document.purchase.hash(&mut hasher),
            Command::CaptureHold { capture } => capture.hold.hash(&mut hasher),
            Command::VoidHold { void } => void.hold.hash(&mut hasher),
            Command::CancelRedemption { cancellation } => cancellation.redemption.hash(&mut hasher),
            Command::FulfilRedemption { fulfilment } => fulfilment.redemption.hash(&mut hasher),
            Command::WithdrawTransfer { transfer } => transfer.account_id.hash(&mut hasher),
            Command::Advance { account_id }
            | Command::AnnounceAudiences { account_id }
            | Command::UndoMerge { absorbed: account_id, .. } => {
                account_id.hash(&mut hasher);
            }
            Command::JoinHousehold { household, .. }
            | Command::ChangeHouseholdMember { household, .. }
            | Command::LeaveHousehold { household, .. } => {
                hash_member(&MemberReference::Id(*household), &mut hasher);
            }
            Command::CreateHousehold { name } => name.hash(&mut hasher),
            Command::Voucher(command) => command.hash_lane(&mut hasher),
            Command::PublishProgramme { .. } => {}
        }
        let count = u64::try_from(lanes.len()).unwrap_or(1).max(1);
        let index = usize::try_from(hasher.finish() % count).unwrap_or(0);
        let stopped = || OperationError::Unavailable("the platform is shutting down".to_owned());
        lanes.get(index).cloned().ok_or_else(stopped)
    }

    /// Lanes that carry out commands: one keeps all of them in order.
    pub(crate) fn lane_count(&self) -> usize {
        self.inner.lanes.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The published programmes.
    pub fn programmes(&self) -> Arc<Programmes> {
        self.inner.shared.programmes()
    }

    /// The ledger's clock.
    pub fn clock(&self) -> &Clock {
        &self.inner.shared.clock
    }

    /// Whether this database holds nothing but trials, so that its clock may be moved.
    pub fn is_sandbox(&self) -> bool {
        self.inner.shared.sandbox
    }

    /// One mover of the clock at a time.
    pub(crate) async fn clock_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.inner.clock_turn.lock().await
    }

    /// The kind of database, for people.
    pub fn database_kind(&self) -> &'static str {
        match self.database() {
            Database::Sqlite(_) => "SQLite",
            Database::Postgres(_) => "PostgreSQL",
        }
    }

    /// Counts since the start.
    pub fn counts(&self) -> Counts {
        let statistics = &self.inner.shared.statistics;
        Counts {
            batches: statistics.batches.load(Ordering::Relaxed),
            commands: statistics.commands.load(Ordering::Relaxed),
            retries: statistics.retries.load(Ordering::Relaxed),
            busy: statistics.busy.load(Ordering::Relaxed),
            waiting: statistics.waiting.load(Ordering::Relaxed),
        }
    }

    /// Takes no more commands, answers those that wait, and stops the lanes.
    pub async fn shut_down(&self) {
        self.inner.lanes.write().unwrap_or_else(PoisonError::into_inner).clear();
        let workers = std::mem::take(&mut *self.inner.workers.lock().unwrap_or_else(PoisonError::into_inner));
        for worker in workers {
            let ended = match worker {
                Worker::Task(task) => task.await.is_ok(),
                Worker::Thread(thread) => {
                    tokio::task::spawn_blocking(move || thread.join().is_ok()).await.unwrap_or(false)
                }
            };
            if !ended {
                tracing::error!("a lane ended in a panic");
            }
        }
    }

    pub(crate) fn database(&self) -> &Database {
        &self.inner.database
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.inner.shared
    }
}

fn hash_member(member: &MemberReference, hasher: &mut DefaultHasher) {
    match member {
        MemberReference::Id(account_id) => account_id.hash(hasher),
        MemberReference::Identifier(identifier) => identifier.value.hash(hasher),
    }
}

async fn start_lanes(
    database: &Database,
    shared: &Arc<Shared>,
    postgres_lanes: usize,
) -> Result<(Vec<mpsc::Sender<Job>>, Vec<Worker>), OperationError> {
    let mut lanes = Vec::new();
    let mut workers = Vec::new();
    match database {
        Database::Sqlite(file) => {
            let writer = Writer::Sqlite(file.writer()?);
            let (sender, queue) = mpsc::channel(QUEUE_CALLS_MAX);
            let shared = shared.clone();
            let thread = std::thread::Builder::new()
                .name("ledger".to_owned())
                .spawn(move || lane::block_on(lane::serve(writer, queue, shared)))
                .map_err(|cause| OperationError::Internal(cause.to_string()))?;
            lanes.push(sender);
            workers.push(Worker::Thread(thread));
        }
        Database::Postgres(server) => {
            for _ in 0..postgres_lanes.max(1) {
                let writer = Writer::Postgres(Box::new(server.lane().await?));
                let (sender, queue) = mpsc::channel(QUEUE_CALLS_MAX);
                lanes.push(sender);
                workers.push(Worker::Task(tokio::spawn(lane::serve(writer, queue, shared.clone()))));
            }
        }
    }
    Ok((lanes, workers))
}

/// The clock to go by: a sandbox goes on where its clock was left, and never back.
fn sandbox_clock(clock: Clock, sandbox: bool, moved_to: Option<Timestamp>) -> Clock {
    match clock {
        Clock::System if sandbox => Clock::sandbox(moved_to),
        other => {
            if let Some(at) = moved_to {
                other.move_on(at);
            }
            other
        }
    }
}

async fn read_clock(database: &Database) -> Result<Option<Timestamp>, OperationError> {
    Ok(database.reader().await?.sandbox_clock().await?)
}

/// Several processes may serve one PostgreSQL database: versions that another one publishes are taken up here,
/// long before the notice they keep has passed. Ends with the engine.
async fn watch_programmes(inner: Weak<Inner>) {
    loop {
        tokio::time::sleep(PROGRAMME_POLL).await;
        let Some(inner) = inner.upgrade() else { return };
        match load_programmes(&inner.database).await {
            Ok(published) => published.iter().for_each(|version| inner.shared.add_programme(version.clone())),
            Err(error) => tracing::warn!(%error, "published programmes could not be read"),
        }
        if inner.shared.sandbox {
            match read_clock(&inner.database).await {
                Ok(moved_to) => moved_to.into_iter().for_each(|at| inner.shared.clock.move_on(at)),
                Err(error) => tracing::warn!(%error, "the sandbox's clock could not be read"),
            }
        }
    }
}

/// Reads and compiles every published version.
pub(crate) async fn load_programmes(database: &Database) -> Result<Programmes, OperationError> {
    let mut programmes = Programmes::default();
    for stored in database.reader().await?.programme_versions().await? {
        let broken = |cause: String| {
            OperationError::Internal(format!("programme version {} cannot be read: {cause}", stored.version))
        };
        let programme = Programme::from_json(&stored.document)
            .map_err(|findings| broken(findings.first().map_or_else(String::new, ToString::to_string)))?;
        let compiled = CompiledProgramme::compile(programme, stored.version, stored.effective_at)
            .map_err(|findings| broken(findings.first().map_or_else(String::new, ToString::to_string)))?;
        programmes.publish(Arc::new(compiled));
    }
    Ok(programmes)
}
