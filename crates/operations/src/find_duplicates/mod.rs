//! Looking for members who are one person: cleanses what is known of all members, compares those who agree on something,
//! and keeps the pairs that are probable enough for a person to look at. The run is on record; stopped half-way, the next
//! call goes on with the rule it stopped before. What people decided about a pair stays.

mod compare;
mod persons;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::cast_precision_loss)]
mod planted;
mod rules;
mod score;
mod search;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::AccountId;
use jiff::{SignedDuration, Timestamp};
use store::{DuplicateRun, DuplicateState};

pub(crate) use compare::{BIRTH, EMAIL, FAMILY, GIVEN, NEAR, PHONE, SOUNDS_SAME};
pub use rules::BLOCK_MEMBERS_MAX;
pub(crate) use score::{StoredEvidence, millibits_of, probability_of};
pub use store::DuplicateRunState;

use crate::engine::Engine;
use crate::error::OperationError;
use persons::{Intake, Persons};
use search::Search;

/// Pairs at least this probable are offered for merging.
pub const LIKELY_PROBABILITY: f64 = 0.95;
/// Pairs at least this probable are for a person to look at.
pub const QUEUE_PROBABILITY: f64 = 0.1;
/// Most pairs kept of one rule, the most probable. How many were too many is counted.
pub const PAIRS_PER_RULE_MAX: usize = 50_000;
/// Members read at a time.
const PAGE_MEMBERS: u32 = 4_000;
/// Pairs written with one commit: tills wait no longer than that.
const SAVE_PAIRS: usize = 200;
/// A run that stopped longer ago than this is begun anew: its first rules saw other members.
const RESUME_HOURS: i64 = 24;
/// Who says that two members are one person where that was decided elsewhere, or taken back.
const MERGED_ELSEWHERE: &str = "merge_members";
const PARTED_ELSEWHERE: &str = "undo_merge";

/// How far a run is, or what it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateRunView {
    /// Its number, from 1.
    pub run_no: i64,
    /// What it is doing.
    pub state: DuplicateRunState,
    /// Blocking rules done.
    pub rules_done: u32,
    /// Blocking rules there are.
    pub rules_total: u32,
    /// Members compared.
    pub members: u64,
    /// Records that had been merged into those members before.
    pub merged: u64,
    /// Pairs compared.
    pub compared: u64,
    /// Pairs kept.
    pub pairs: u64,
    /// Blocks of more than [`BLOCK_MEMBERS_MAX`] members, which were not compared.
    pub blocks_left_out: u64,
    /// The pairs in them; another rule may have compared some.
    pub pairs_left_out: u64,
    /// Pairs that were probable enough and more than [`PAIRS_PER_RULE_MAX`] of one rule.
    pub pairs_over_limit: u64,
    /// When it began.
    pub started_at: Timestamp,
    /// Who started it.
    pub started_by: String,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Why it failed.
    pub error: Option<String>,
}

/// The search under way on this server, if there is one: whether it was given up.
pub(crate) type RunningSearch = Arc<Mutex<Option<Arc<AtomicBool>>>>;

/// What a run tells as it goes.
type Tell<'a> = &'a mut (dyn FnMut(&DuplicateRunView) + Send);

impl Engine {
    /// Compares all members. While another call does so already, this one only says how far it is.
    pub async fn find_duplicates(
        &self,
        actor: &str,
        progress: Tell<'_>,
    ) -> Result<Option<DuplicateRunView>, OperationError> {
        let Some(turn) = Turn::take(&self.shared().duplicates) else {
            return self.view_duplicate_run().await;
        };
        let mut run = self.begin_duplicate_run(actor).await?;
        let outcome = self.compare_members(&mut run, &turn.given_up, progress).await;
        run.finished_at = Some(self.clock().now());
        run.state = match outcome {
            Ok(true) => DuplicateRunState::Finished,
            // Whoever gave it up put that on record.
            Ok(false) => return self.view_duplicate_run().await,
            Err(_) => DuplicateRunState::Failed,
        };
        run.error = outcome.as_ref().err().map(ToString::to_string);
        let saved = self.database().save_duplicate_run(&run).await?;
        outcome?;
        if saved { Ok(Some(run.into())) } else { self.view_duplicate_run().await }
    }

    /// Begins or resumes a run that goes on by itself, and says where it stands now.
    pub async fn start_find_duplicates(&self, actor: &str) -> Result<DuplicateRunView, OperationError> {
        let run = self.begin_duplicate_run(actor).await?;
        let (engine, actor) = (self.clone(), actor.to_owned());
        tokio::spawn(async move {
            if let Err(error) = engine.find_duplicates(&actor, &mut |_| ()).await {
                tracing::error!(%error, "the search for duplicates stopped");
            }
        });
        Ok(run.into())
    }

    /// Gives up the run that is under way, wherever it is worked on; says whether there was one. What it found so far
    /// stays, and the next run goes on from there.
    pub async fn cancel_find_duplicates(&self) -> Result<bool, OperationError> {
        let running = self.shared().duplicates.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(given_up) = running {
            given_up.store(true, Ordering::Relaxed);
        }
        Ok(self.database().cancel_duplicate_run(self.clock().now()).await?)
    }

    /// The latest run.
    pub async fn view_duplicate_run(&self) -> Result<Option<DuplicateRunView>, OperationError> {
        Ok(self.database().reader().await?.duplicate_run().await?.map(DuplicateRunView::from))
    }

    /// The run that stopped not long ago, or a new one.
    async fn begin_duplicate_run(&self, actor: &str) -> Result<DuplicateRun, OperationError> {
        let now = self.clock().now();
        let last = self.database().reader().await?.duplicate_run().await?;
        let fresh = |run: &DuplicateRun| {
            run.state != DuplicateRunState::Finished
                && now.duration_since(run.started_at) <= SignedDuration::from_hours(RESUME_HOURS)
        };
        if let Some(mut run) = last.clone().filter(fresh) {
            self.database().resume_duplicate_run(run.run_no).await?;
            (run.state, run.finished_at, run.error) = (DuplicateRunState::Running, None, None);
            return Ok(run);
        }
        let run = DuplicateRun {
            run_no: last.map_or(1, |run| run.run_no.saturating_add(1)),
            state: DuplicateRunState::Running,
            rules_done: 0,
            rules_total: count_u32(rules::HELD.len()),
            members: 0,
            merged: 0,
            compared: 0,
            pairs: 0,
            blocks_left_out: 0,
            pairs_left_out: 0,
            pairs_over_limit: 0,
            weights: None,
            started_at: now,
            started_by: actor.to_owned(),
            finished_at: None,
            error: None,
        };
        if self.database().begin_duplicate_run(&run).await? {
            return Ok(run);
        }
        let begun = self.database().reader().await?.duplicate_run().await?;
        begun.ok_or_else(|| OperationError::Internal("a run vanished".to_owned()))
    }

    /// Whether all of it was done; not if the run was given up.
    async fn compare_members(
        &self,
        run: &mut DuplicateRun,
        given_up: &Arc<AtomicBool>,
        progress: Tell<'_>,
    ) -> Result<bool, OperationError> {
        progress(&run.clone().into());
        let Some(persons) = self.read_persons(given_up).await? else { return Ok(false) };
        self.settle_duplicates(&persons).await?;
        (run.members, run.merged) = (count(persons.all.len()), count(persons.merged.len()));
        let known = run.weights.as_deref().and_then(|weights| serde_json::from_str(weights).ok());
        let (search, weights) = blocking(move || Search::new(persons, known)).await?;
        run.weights = Some(weights);
        run.rules_total = count_u32(rules::HELD.len());
        run.blocks_left_out = count(search.blocking.oversized());
        run.pairs_left_out = search.blocking.pairs_left_out();
        let search = Arc::new(search);
        for rule in run.rules_done..run.rules_total {
            if !self.database().save_duplicate_run(run).await? {
                return Ok(false);
            }
            progress(&run.clone().into());
            let (shared, flag) = (Arc::clone(&search), Arc::clone(given_up));
            let found = blocking(move || Ok(shared.strongest(rule as usize, &flag))).await?;
            if given_up.load(Ordering::Relaxed) {
                return Ok(false);
            }
            self.save_found(&search, run.run_no, &found.pairs).await?;
            run.rules_done = rule + 1;
            run.compared = run.compared.saturating_add(found.compared);
            run.pairs = run.pairs.saturating_add(count(found.pairs.len()));
            run.pairs_over_limit = run.pairs_over_limit.saturating_add(found.over_limit);
        }
        self.database().forget_duplicates_before(run.run_no).await?;
        Ok(true)
    }

    /// All members; none if the run was given up meanwhile.
    async fn read_persons(&self, given_up: &AtomicBool) -> Result<Option<Persons>, OperationError> {
        let (mut intake, mut after) = (Intake::default(), None);
        while !given_up.load(Ordering::Relaxed) {
            let page = self.database().reader().await?.persons(after, PAGE_MEMBERS).await?;
            let Some(last) = page.last() else { return intake.finish().map(Some) };
            after = Some(last.account_id);
            intake = blocking(move || {
                page.into_iter().try_for_each(|record| intake.add(record))?;
                Ok(intake)
            })
            .await?;
        }
        Ok(None)
    }

    /// What was merged or parted at other doors since the last run.
    async fn settle_duplicates(&self, persons: &Persons) -> Result<(), OperationError> {
        let (database, now) = (self.database(), self.clock().now());
        database.part_duplicates(PARTED_ELSEWHERE, now).await?;
        loop {
            let gone = database.reader().await?.duplicates_gone(PAGE_MEMBERS).await?;
            if gone.is_empty() {
                return Ok(());
            }
            for pair in gone {
                if persons.survivor(pair.left) == persons.survivor(pair.right) {
                    let accounts = (pair.left, pair.right);
                    database
                        .decide_duplicate(accounts, DuplicateState::Merged, MERGED_ELSEWHERE, now)
                        .await?;
                } else {
                    database.forget_duplicate(pair.left, pair.right).await?;
                }
            }
        }
    }

    async fn save_found(
        &self,
        search: &Search,
        run_no: i64,
        found: &[(usize, usize)],
    ) -> Result<(), OperationError> {
        let now = self.clock().now();
        for some in found.chunks(SAVE_PAIRS) {
            let pairs = some.iter().map(|(left, right)| search.pair(*left, *right, run_no, now));
            self.database().save_duplicates(&pairs.collect::<Result<Vec<_>, _>>()?).await?;
        }
        Ok(())
    }
}

/// The right to look for duplicates on this server, given back when dropped.
struct Turn {
    running: RunningSearch,
    given_up: Arc<AtomicBool>,
}

impl Turn {
    fn take(running: &RunningSearch) -> Option<Self> {
        let mut search = running.lock().unwrap_or_else(PoisonError::into_inner);
        if search.is_some() {
            return None;
        }
        let given_up = Arc::new(AtomicBool::new(false));
        *search = Some(Arc::clone(&given_up));
        Some(Self { running: Arc::clone(running), given_up })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Calculates where it cannot hold up other tasks.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, OperationError> + Send + 'static,
) -> Result<T, OperationError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|cause| OperationError::Internal(cause.to_string()))?
}

/// Two accounts in the order in which a pair names them.
pub(crate) fn ordered(one: AccountId, other: AccountId) -> (AccountId, AccountId) {
    (one.min(other), one.max(other))
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn count_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl From<DuplicateRun> for DuplicateRunView {
    fn from(run: DuplicateRun) -> Self {
        Self {
            run_no: run.run_no,
            state: run.state,
            rules_done: run.rules_done,
            rules_total: run.rules_total,
            members: run.members,
            merged: run.merged,
            compared: run.compared,
            pairs: run.pairs,
            blocks_left_out: run.blocks_left_out,
            pairs_left_out: run.pairs_left_out,
            pairs_over_limit: run.pairs_over_limit,
            started_at: run.started_at,
            started_by: run.started_by,
            finished_at: run.finished_at,
            error: run.error,
        }
    }
}
