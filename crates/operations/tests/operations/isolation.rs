//! Isolation: clients of three engines on one PostgreSQL database, as of three servers, append to the same accounts and
//! read them; then every history is judged. The same runs on SQLite, with one engine.

mod history;
mod planted;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::random::Random;
use crate::support::{
    Kind, activity, after_minutes, engines, enrol, everything, member, place, purchase, request, shop, start,
};
use domain::ids::AccountId;
use domain::ledger::Entry;
use history::{Append, History, Read, Written};
use operations::{Answer, Engine, OperationError};
use store::Faults;

const CLIENTS: usize = 8;
const ACCOUNTS: usize = 4;
/// What each client does in one history.
const STEPS: usize = 60;
/// Rounds that make one history; `PERENNIAL_RACE_ROUNDS` asks for more rounds.
const ROUNDS_OF_A_HISTORY: u32 = 5;
const ROUNDS: u32 = 25;

fn histories() -> u32 {
    #[allow(clippy::disallowed_methods, reason = "the number of rounds comes from the environment")]
    let asked = std::env::var("PERENNIAL_RACE_ROUNDS").ok();
    let rounds = asked.map_or(ROUNDS, |text| text.replace('_', "").parse().expect("a number"));
    rounds.div_ceil(ROUNDS_OF_A_HISTORY)
}

/// The accounts of one history and the order in which its clients see things happen.
struct Board {
    round: u32,
    ids: Vec<AccountId>,
    order: AtomicU64,
}

impl Board {
    fn tick(&self) -> u64 {
        self.order.fetch_add(1, Ordering::SeqCst)
    }

    fn name(&self, account: usize) -> String {
        format!("list{}-{account}", self.round)
    }
}

/// What an entry appends: its document, and the points it gave.
fn reference(entry: &Entry) -> String {
    entry.fact.document_key().map_or_else(|| entry.fact.event().to_owned(), |key| key.reference.clone())
}

fn points(entry: &Entry) -> i64 {
    entry.postings.iter().map(|posting| posting.amount).sum()
}

/// One client's part: random appends and reads.
async fn client(engine: Engine, board: Arc<Board>, number: usize) -> (Vec<Append>, Vec<Read>) {
    let mut random = Random::new(u64::from(board.round) * 100 + number as u64);
    let (mut appends, mut reads) = (Vec::new(), Vec::new());
    for step in 0..STEPS {
        let account = random.index(ACCOUNTS);
        if random.once_in(8) {
            // Servers have clocks of their own, and theirs do not agree.
            engine.clock().set(after_minutes(random.between(0, 3)));
        }
        if random.once_in(2) {
            reads.push(look(&engine, &board, number, account, random.once_in(2)).await);
        } else {
            let reference = format!("{}-{number}-{step}", board.round);
            appends.push(write(&engine, &board, account, reference, random.once_in(3)).await);
        }
    }
    (appends, reads)
}

async fn write(engine: &Engine, board: &Board, account: usize, reference: String, review: bool) -> Append {
    let name = board.name(account);
    let command = if review {
        activity(&name, &reference, start(), 1)
    } else {
        purchase(&name, &reference, None, start(), &[500])
    };
    let asked = board.tick();
    let reply = engine.carry_out(request(command)).await;
    let answered = board.tick();
    let number = match reply {
        Ok(Answer::Recorded(recorded)) => Some(recorded.entry.id.entry_no),
        Err(OperationError::Busy | OperationError::Unavailable(_)) => None,
        other => panic!("neither recorded nor unheard: {other:?}"),
    };
    Append { account, reference, asked, answered, number }
}

/// Reads a balance, or the newest entries.
async fn look(engine: &Engine, board: &Board, client: usize, account: usize, balance: bool) -> Read {
    let asked = board.tick();
    let (last, window, points) = if balance {
        let view = engine.view_member(&member(&board.name(account))).await.expect("a member");
        let held = view.state.balances.first().map_or(0, |balance| balance.pending + balance.available);
        (view.state.last_entry_no, Vec::new(), Some(held))
    } else {
        let page = engine.list_entries(board.ids[account], None, 100).await.expect("entries");
        let newest = page.entries.first().map_or(0, |entry| entry.id.entry_no);
        (newest, page.entries.iter().rev().map(reference).collect(), None)
    };
    Read { client, account, asked, answered: board.tick(), last, window, points }
}

/// All entries of an account, the oldest first.
async fn list(engine: &Engine, id: AccountId) -> Vec<Written> {
    let (mut entries, mut after) = (Vec::new(), None);
    loop {
        let page = engine.list_entries(id, after, 100).await.expect("entries");
        entries.extend(page.entries);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    entries.reverse();
    let written = |entry: &Entry| Written {
        number: entry.id.entry_no,
        reference: reference(entry),
        recorded_at: entry.recorded_at.as_microsecond(),
        points: points(entry),
    };
    entries.iter().map(written).collect()
}

async fn one_history(engines: &[Engine], round: u32) -> History {
    let mut board = Board { round, ids: Vec::new(), order: AtomicU64::new(0) };
    for account in 0..ACCOUNTS {
        let reply = engines[0].carry_out(request(enrol(&board.name(account)))).await;
        let Ok(Answer::Recorded(recorded)) = reply else { panic!("not enrolled: {reply:?}") };
        board.ids.push(recorded.entry.id.account_id);
    }
    let board = Arc::new(board);
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| tokio::spawn(client(engines[number % engines.len()].clone(), board.clone(), number)))
        .collect();
    let mut history = History::default();
    for client in clients {
        let (appends, reads) = client.await.expect("no panic");
        history.appends.extend(appends);
        history.reads.extend(reads);
    }
    for (account, id) in board.ids.iter().enumerate() {
        history.lists.insert(account, list(&engines[account % engines.len()], *id).await);
        everything(&engines[0], &board.name(account)).await;
    }
    history
}

/// How often clients were in each other's way: without it the histories would prove nothing.
fn overlaps(history: &History) -> usize {
    let mut spans: BTreeMap<usize, Vec<(u64, u64)>> = BTreeMap::new();
    for append in &history.appends {
        spans.entry(append.account).or_default().push((append.asked, append.answered));
    }
    let crossing = |spans: &mut Vec<(u64, u64)>| {
        spans.sort_unstable();
        spans.windows(2).filter(|pair| pair[1].0 < pair[0].1).count()
    };
    spans.values_mut().map(crossing).sum()
}

async fn isolation_on(kind: Kind) {
    let Some(place) = place(kind) else { return };
    let engines = engines(shop(&place.url, Faults::default()).await, &place, kind).await;
    let (mut appends, mut reads, mut overlapping) = (0, 0, 0);
    for round in 0..histories() {
        let history = one_history(&engines, round).await;
        let faults = history.faults();
        assert!(faults.is_empty(), "history {round} on {kind:?}:\n{}", faults.join("\n"));
        appends += history.appends.len();
        reads += history.reads.len();
        overlapping += overlaps(&history);
    }
    println!("{kind:?}: {appends} appends, {overlapping} of them overlapping another, {reads} reads");
    assert!(overlapping * 4 > appends, "too few appends met: {overlapping} of {appends}");
    let report = engines[0].verify(true, &mut |_| {}).await.expect("verified");
    assert!(report.is_clean(), "{:#?}", report.differences);
    for engine in engines {
        engine.shut_down().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn histories_on_sqlite_could_have_run_one_at_a_time() {
    isolation_on(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn histories_of_three_engines_on_postgres_could_have_run_one_at_a_time() {
    isolation_on(Kind::Postgres).await;
}
