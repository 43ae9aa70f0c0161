//! A lane: one writer to the database and the queue before it. It takes what has queued up, decides it as one
//! batch, makes it durable with one commit, and only then answers.

use std::collections::HashMap;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use domain::ids::AccountId;
use domain::programme::CompiledProgramme;
use store::{
    Changes, Keys, Loaded, Loads, PostgresLane, PostgresTransaction, Resolved, SqliteTransaction,
    SqliteWriter, StoreError,
};
use tokio::sync::{mpsc, oneshot};

use crate::batch::{self, Batch, Needs};
use crate::command::{Answer, Command, Reply, Request};
use crate::engine::Shared;
use crate::error::OperationError;

/// Commands decided in one batch at the most, unless one call brings more.
pub const BATCH_COMMANDS_MAX: usize = 1_024;
/// Calls that wait in a lane's queue at the most; one more is answered “busy”.
pub const QUEUE_CALLS_MAX: usize = 4_096;
/// How often a batch is loaded at the most: lots, and accounts that only loaded ones know to be needed.
const LOADS_MAX: u32 = 8;
/// How often one command is tried when others get in its way.
const ATTEMPTS_MAX: u32 = 8;

/// The commands of one call and where their answers go.
pub(crate) struct Job {
    pub(crate) requests: Vec<Request>,
    pub(crate) answer: oneshot::Sender<Vec<Reply>>,
}

/// The writer of a lane.
pub(crate) enum Writer {
    Sqlite(SqliteWriter),
    Postgres(Box<PostgresLane>),
}

enum Transaction<'w> {
    Sqlite(SqliteTransaction<'w>),
    Postgres(PostgresTransaction<'w>),
}

impl Writer {
    async fn begin(&mut self) -> Result<Transaction<'_>, StoreError> {
        match self {
            Self::Sqlite(writer) => writer.begin().map(Transaction::Sqlite),
            Self::Postgres(lane) => lane.begin().await.map(Transaction::Postgres),
        }
    }
}

impl Transaction<'_> {
    async fn resolve(&mut self, keys: &Keys) -> Result<Resolved, StoreError> {
        match self {
            Self::Sqlite(transaction) => transaction.resolve(keys),
            Self::Postgres(transaction) => transaction.resolve(keys).await,
        }
    }

    /// What was resolved, to compare with later, where others can write between the statements of a transaction.
    fn remember(&self, resolved: &Resolved) -> Option<Resolved> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(_) => Some(resolved.clone()),
        }
    }

    /// Whether the keys still lead where they led before the accounts were locked. Each statement sees its own
    /// moment; what was recorded between two of them would be refused for its own effect.
    async fn still_resolves(&mut self, keys: &Keys, before: Resolved) -> Result<bool, StoreError> {
        let keys = Keys { budgets: false, stocks: false, ..keys.clone() };
        let before = Resolved { budgets: HashMap::new(), stocks: HashMap::new(), ..before };
        Ok(self.resolve(&keys).await? == before)
    }

    async fn load(&mut self, loads: &Loads) -> Result<Loaded, StoreError> {
        match self {
            Self::Sqlite(transaction) => transaction.load(loads),
            Self::Postgres(transaction) => transaction.load(loads).await,
        }
    }

    async fn save(&mut self, changes: &Changes<'_>) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(transaction) => transaction.save(changes),
            Self::Postgres(transaction) => transaction.save(changes).await,
        }
    }

    async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(transaction) => transaction.commit(),
            Self::Postgres(transaction) => transaction.commit().await,
        }
    }

    async fn rollback(self) {
        match self {
            Self::Sqlite(transaction) => transaction.rollback(),
            Self::Postgres(transaction) => {
                if let Err(error) = transaction.rollback().await {
                    tracing::warn!(%error, "a transaction could not be rolled back");
                }
            }
        }
    }
}

/// Serves a queue until it is closed and empty.
pub(crate) async fn serve(mut writer: Writer, mut queue: mpsc::Receiver<Job>, shared: Arc<Shared>) {
    while let Some(first) = queue.recv().await {
        let mut jobs = vec![first];
        let mut commands = jobs[0].requests.len();
        while commands < BATCH_COMMANDS_MAX {
            let Ok(job) = queue.try_recv() else { break };
            commands += job.requests.len();
            jobs.push(job);
        }
        let mut sizes = Vec::with_capacity(jobs.len());
        let mut answers = Vec::with_capacity(jobs.len());
        let mut requests = Vec::with_capacity(commands);
        for job in jobs {
            sizes.push(job.requests.len());
            answers.push(job.answer);
            requests.extend(job.requests);
        }
        let mut replies = carry_out(&mut writer, &requests, &shared).await.into_iter();
        shared.statistics.count_batch(commands);
        for (size, answer) in sizes.into_iter().zip(answers) {
            // A caller that hung up gets no answer; what was recorded stays, and the same key tells.
            let _ = answer.send(replies.by_ref().take(size).collect());
        }
    }
}

/// Decides and saves all commands together; if that fails, one by one, so that a single command that cannot be saved
/// does not fail its neighbours.
async fn carry_out(writer: &mut Writer, requests: &[Request], shared: &Shared) -> Vec<Reply> {
    match attempt(writer, requests, shared).await {
        Ok(replies) => return replies,
        Err(error) if requests.len() == 1 && !retryable(&error) => return fail_all(requests, error),
        Err(error) if concerns_all(&error) => return fail_all(requests, error),
        Err(_) => {}
    }
    let mut replies = Vec::with_capacity(requests.len());
    for request in requests {
        replies.push(carry_out_one(writer, request, shared).await);
    }
    replies
}

async fn carry_out_one(writer: &mut Writer, request: &Request, shared: &Shared) -> Reply {
    let requests = std::slice::from_ref(request);
    let mut tried = 1;
    loop {
        let error = match attempt(writer, requests, shared).await {
            Ok(mut replies) => {
                let missing = || Err(OperationError::Internal("a command without an answer".to_owned()));
                return replies.pop().unwrap_or_else(missing);
            }
            Err(error) => error,
        };
        if tried == ATTEMPTS_MAX || !retryable(&error) {
            tracing::warn!(%error, tried, "a command could not be saved");
            return Err(error.into());
        }
        tried += 1;
        shared.statistics.count_retry();
    }
}

/// Whether deciding again can help: others got in the way, or only reading again tells whether it was saved. A
/// command whose outcome is unknown is safe to repeat if the ledger would recognise it: by its document or its key.
fn retryable(error: &StoreError) -> bool {
    error.is_transient() && !matches!(error, StoreError::Conflict(store::Conflict::MemberVersion))
}

/// Whether the database is away or full, or nobody knows what it did: each command alone would fare the same.
fn concerns_all(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable(_) | StoreError::Ambiguous(_) | StoreError::DiskFull(_))
}

fn is_refused(reply: &Reply) -> bool {
    matches!(reply, Err(OperationError::Refused(_)))
}

fn fail_all(requests: &[Request], error: StoreError) -> Vec<Reply> {
    tracing::error!(%error, commands = requests.len(), "a batch could not be saved");
    let error = OperationError::from(error);
    requests.iter().map(|_| Err(error.clone())).collect()
}

async fn attempt(
    writer: &mut Writer,
    requests: &[Request],
    shared: &Shared,
) -> Result<Vec<Reply>, StoreError> {
    let mut needs = Needs::default();
    for _ in 0..LOADS_MAX {
        match attempt_with(writer, requests, shared, &needs).await? {
            Attempt::Answered(replies) => return Ok(replies),
            Attempt::LotsNeeded => needs.all_lots = true,
            Attempt::AccountsNeeded(accounts) => needs.accounts.extend(accounts),
        }
    }
    Err(StoreError::Corrupt("what a batch asked for was not loaded".to_owned()))
}

/// What came of one attempt.
enum Attempt {
    Answered(Vec<Reply>),
    /// Another attempt is to load all lots.
    LotsNeeded,
    /// Another attempt is to load these accounts, too.
    AccountsNeeded(Vec<AccountId>),
}

/// One transaction: resolve, load, decide, save, commit.
async fn attempt_with(
    writer: &mut Writer,
    requests: &[Request],
    shared: &Shared,
    needs: &Needs,
) -> Result<Attempt, StoreError> {
    let mut transaction = writer.begin().await?;
    let now = shared.clock.now();
    let programmes = shared.programmes();
    let keys = batch::keys(requests);
    let resolved = transaction.resolve(&keys).await?;
    let remembered = transaction.remember(&resolved);
    let mut loads = batch::loads(requests, &resolved, now, needs);
    let known = batch::asks_for_audiences(requests, &programmes).then(|| shared.audiences.latest());
    loads.audiences = known.as_ref().map(|known| known.versions());
    let mut loaded = transaction.load(&loads).await?;
    let audiences = match known {
        Some(known) => shared.audiences.take(&known, std::mem::take(&mut loaded.audiences))?,
        None => Arc::default(),
    };
    let missing = batch::missing(requests, &audiences, &loaded);
    if !missing.is_empty() {
        transaction.rollback().await;
        return Ok(Attempt::AccountsNeeded(missing));
    }
    let mut batch = Batch::new(&programmes, &shared.ids, now, resolved, loaded, audiences);
    let Ok(replies) = batch.decide(requests) else {
        transaction.rollback().await;
        return Ok(Attempt::LotsNeeded);
    };
    if let Some(before) = remembered.filter(|_| replies.iter().any(is_refused))
        && !transaction.still_resolves(&keys, before).await?
    {
        return Err(StoreError::Retry("keys were recorded while a command was refused".to_owned()));
    }
    if batch.is_unchanged() {
        transaction.rollback().await;
    } else {
        transaction.save(&batch.changes()).await?;
        transaction.commit().await?;
        put_in_force(requests, &replies, shared);
    }
    Ok(Attempt::Answered(replies))
}

/// What was published decides from now on, whether or not the caller is still there to hear of it.
fn put_in_force(requests: &[Request], replies: &[Reply], shared: &Shared) {
    for (request, reply) in requests.iter().zip(replies) {
        let (Command::PublishProgramme { programme, effective_at }, Ok(Answer::Published(version))) =
            (&request.command, reply)
        else {
            continue;
        };
        if request.dry_run {
            continue;
        }
        match CompiledProgramme::compile((**programme).clone(), *version, *effective_at) {
            Ok(compiled) => shared.add_programme(Arc::new(compiled)),
            Err(findings) => tracing::error!(?findings, version, "a published programme does not compile"),
        }
    }
}

/// Runs a lane on a thread of its own, outside the async runtime: the SQLite writer blocks.
pub(crate) fn block_on(future: impl Future<Output = ()>) {
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    while future.as_mut().poll(&mut context) == Poll::Pending {
        std::thread::park();
    }
}
