//! Replaying history: commands in the order of time, in calls of a thousand, a few calls ahead of their answers so
//! that reading and deciding overlap. Each member's commands keep their order.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::task::Poll;

use serde::Serialize;

use crate::command::{Answer, Reply, Request};
use crate::engine::{Engine, POSTGRES_LANES};
use crate::error::OperationError;

/// Commands in one call, at the most.
pub const CALL_COMMANDS: usize = 1_000;
/// Calls on their way at the same time where one lane keeps them in order.
const CALLS_AHEAD: usize = 4;

/// What became of replayed commands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ReplayCounts {
    /// Recorded now.
    pub recorded: u64,
    /// Recorded before with the same content: nothing changed.
    pub duplicates: u64,
    /// Returns that wait for their purchase.
    pub parked: u64,
    /// Refused, by the code of the refusal.
    pub refused: BTreeMap<String, u64>,
}

impl ReplayCounts {
    /// Refused altogether.
    pub fn refusals(&self) -> u64 {
        self.refused.values().sum()
    }

    /// Everything that was answered.
    pub fn answered(&self) -> u64 {
        self.recorded + self.duplicates + self.parked + self.refusals()
    }

    fn count(&mut self, reply: &Reply) {
        match reply {
            Ok(Answer::Recorded(recorded)) if recorded.duplicate => self.duplicates += 1,
            Ok(Answer::Parked(_)) => self.parked += 1,
            Ok(_) => self.recorded += 1,
            Err(OperationError::Refused(refusal)) => {
                *self.refused.entry(refusal.code().to_owned()).or_default() += 1;
            }
            // Stops the replay and is reported by itself.
            Err(_) => {}
        }
    }
}

/// A call whose answers are still to come, or have come already.
enum Call {
    Waiting(Pin<Box<dyn Future<Output = Result<Vec<Reply>, OperationError>> + Send>>),
    Answered(Result<Vec<Reply>, OperationError>),
}

/// Commands that are carried out in the order in which they came.
struct Stream<T> {
    tags: Vec<T>,
    requests: Vec<Request>,
    calls: VecDeque<(Vec<T>, Call)>,
}

/// A replay under way. `T` is what the caller wants to know a command by when its answer comes.
pub(crate) struct Replay<T> {
    engine: Engine,
    streams: Vec<Stream<T>>,
    call_commands: usize,
    calls_ahead: usize,
    counts: ReplayCounts,
    answers: Vec<(T, Reply)>,
}

impl<T: Send> Replay<T> {
    /// A replay into an engine. One lane carries calls out in the order in which they are sent, so several may be
    /// on their way; with several lanes, each stream waits for its own call.
    pub(crate) fn new(engine: Engine, call_commands: usize) -> Self {
        let (streams, calls_ahead) =
            if engine.lane_count() == 1 { (1, CALLS_AHEAD) } else { (POSTGRES_LANES, 1) };
        let stream = || Stream { tags: Vec::new(), requests: Vec::new(), calls: VecDeque::new() };
        Self {
            engine,
            streams: (0..streams).map(|_| stream()).collect(),
            call_commands: call_commands.clamp(1, CALL_COMMANDS),
            calls_ahead,
            counts: ReplayCounts::default(),
            answers: Vec::new(),
        }
    }

    /// Adds a command. Commands with the same `member` are carried out in the order in which they are added.
    pub(crate) async fn push(
        &mut self,
        member: impl Hash,
        tag: T,
        request: Request,
    ) -> Result<(), OperationError> {
        let mut hasher = DefaultHasher::new();
        member.hash(&mut hasher);
        let count = u64::try_from(self.streams.len()).unwrap_or(1);
        let number = usize::try_from(hasher.finish() % count).unwrap_or(0);
        let stream = &mut self.streams[number];
        stream.tags.push(tag);
        stream.requests.push(request);
        if stream.requests.len() >= self.call_commands { self.send(number).await } else { Ok(()) }
    }

    /// What was answered since the last time this was asked.
    pub(crate) fn take_answers(&mut self) -> Vec<(T, Reply)> {
        std::mem::take(&mut self.answers)
    }

    /// What became of the commands answered so far.
    pub(crate) fn counts(&self) -> &ReplayCounts {
        &self.counts
    }

    /// Sends what is left and waits for all answers.
    pub(crate) async fn finish(&mut self) -> Result<(), OperationError> {
        for number in 0..self.streams.len() {
            self.send(number).await?;
            while !self.streams[number].calls.is_empty() {
                self.await_oldest(number).await?;
            }
        }
        Ok(())
    }

    async fn send(&mut self, number: usize) -> Result<(), OperationError> {
        while self.streams[number].calls.len() >= self.calls_ahead {
            self.await_oldest(number).await?;
        }
        let stream = &mut self.streams[number];
        let requests = std::mem::take(&mut stream.requests);
        let tags = std::mem::take(&mut stream.tags);
        if requests.is_empty() {
            return Ok(());
        }
        let engine = self.engine.clone();
        let mut waiting = Box::pin(async move { engine.submit(requests).await });
        // A call joins its lane's queue when it is first polled: polled here, the calls stand in order.
        let first = std::future::poll_fn(|context| Poll::Ready(waiting.as_mut().poll(context))).await;
        let call = match first {
            Poll::Ready(answered) => Call::Answered(answered),
            Poll::Pending => Call::Waiting(waiting),
        };
        stream.calls.push_back((tags, call));
        Ok(())
    }

    async fn await_oldest(&mut self, number: usize) -> Result<(), OperationError> {
        let Some((tags, call)) = self.streams[number].calls.pop_front() else { return Ok(()) };
        let replies = match call {
            Call::Waiting(waiting) => waiting.await?,
            Call::Answered(answered) => answered?,
        };
        for (tag, reply) in tags.into_iter().zip(replies) {
            self.counts.count(&reply);
            match reply {
                // The ledger did not say no: it could not answer. What follows would be out of order.
                Err(error) if !matches!(error, OperationError::Refused(_)) => return Err(error),
                reply => self.answers.push((tag, reply)),
            }
        }
        Ok(())
    }
}
