//! Load for a server: `load max|rate URL KEY …` sends purchases over keep-alive connections as raw HTTP/1.1 with
//! prepared bytes and prints one line of JSON; `load empty-server ADDRESS` is the floor it is compared with: the same
//! HTTP library, runtime and allocator, and no work. A fixed rate counts each latency from the moment the request
//! was due, so that a stalled server cannot hide the requests it kept waiting (no coordinated omission).
#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "a measuring program prints rates")]
#![allow(clippy::cast_possible_truncation, reason = "digits, and positions in lists of a few thousand")]

mod client;
mod empty_server;

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clap::{Args, Parser};
use tokio::task::JoinSet;
use tokio::time::Instant;

use client::{Connection, Prepared};

#[path = "../../../../bench/processor.rs"]
mod processor;
#[path = "../../../../bench/workload.rs"]
mod workload;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn Error + Send + Sync>;

#[derive(Parser)]
enum Mode {
    /// Answers every purchase with the same bytes.
    EmptyServer { address: std::net::SocketAddr },
    /// Sends purchases.
    Send(Sending),
}

/// What to send.
#[derive(Args, Clone)]
struct Sending {
    /// Host and port of the server.
    #[arg(long)]
    address: String,
    /// API key.
    #[arg(long, default_value = "none")]
    key: String,
    /// Keep-alive connections.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Purchases in one call; with 1 the body is an object, else a list.
    #[arg(long, default_value_t = 1)]
    per_call: u64,
    /// Calls in a second; as many as the server takes when absent.
    #[arg(long)]
    rate: Option<f64>,
    /// How long.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Members to choose from.
    #[arg(long, default_value_t = 1_000_000)]
    members: u64,
    /// Name of this run: receipts are numbered within it.
    #[arg(long)]
    run: String,
    /// The server's process, whose processor time and memory are reported.
    #[arg(long)]
    process: Option<String>,
}

/// What one connection saw.
#[derive(Default)]
struct Seen {
    latencies_us: Vec<u32>,
    refused: u64,
    example: Option<String>,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    match Mode::parse() {
        Mode::EmptyServer { address } => empty_server::serve(address).await,
        Mode::Send(send) => measure(send).await,
    }
}

async fn measure(send: Sending) -> Result<(), Failure> {
    let prepared = Arc::new(Prepared::new(&send)?);
    let mut connections = Vec::new();
    for _ in 0..send.connections {
        connections.push(Connection::open(&send.address).await?);
    }
    let next = Arc::new(AtomicU64::new(0));
    let used = |process: &Option<String>| process.as_deref().map_or(0.0, processor::seconds);
    let processor_before = used(&send.process);
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for connection in connections {
        tasks.spawn(run(connection, prepared.clone(), next.clone(), send.clone(), began));
    }
    let mut all = Seen::default();
    while let Some(task) = tasks.join_next().await {
        let seen = task??;
        all.latencies_us.extend(seen.latencies_us);
        all.refused += seen.refused;
        all.example = all.example.or(seen.example);
    }
    let seconds = began.elapsed().as_secs_f64();
    report(&send, all, seconds, used(&send.process) - processor_before);
    Ok(())
}

/// Sends calls over one connection until the time is over. Calls are numbered over all connections; at a fixed rate
/// the number says when a call is due.
async fn run(
    mut connection: Connection,
    prepared: Arc<Prepared>,
    next: Arc<AtomicU64>,
    send: Sending,
    began: Instant,
) -> Result<Seen, Failure> {
    let mut seen = Seen::default();
    let end = began + Duration::from_secs_f64(send.seconds);
    let mut request = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let mut due = Instant::now();
        if let Some(rate) = send.rate {
            due = began + Duration::from_secs_f64(number as f64 / rate);
            tokio::time::sleep_until(due).await;
        }
        if due >= end {
            return Ok(seen);
        }
        prepared.write(number, &mut request);
        let status = connection.call(&request).await?;
        seen.latencies_us.push(u32::try_from(due.elapsed().as_micros())?);
        if status >= 300 {
            seen.refused += 1;
            seen.example.get_or_insert_with(|| connection.last_answer());
        }
    }
}

fn report(send: &Sending, mut seen: Seen, seconds: f64, processor_seconds: f64) {
    seen.latencies_us.sort_unstable();
    let calls = seen.latencies_us.len();
    let at = |per_mille: usize| {
        let index = (calls * per_mille / 1_000).min(calls.saturating_sub(1));
        seen.latencies_us.get(index).map_or(0.0, |us| f64::from(*us) / 1_000.0)
    };
    let purchases = (calls as u64 - seen.refused) * send.per_call;
    println!(
        "{{\"calls\":{calls},\"refused\":{},\"purchases\":{purchases},\"seconds\":{seconds:.3},\"per_second\":{:.1},\
         \"p50_ms\":{:.3},\"p99_ms\":{:.3},\"p999_ms\":{:.3},\"max_ms\":{:.3},\"server_processor_us\":{:.1},\
         \"generator_processor_us\":{:.1},\"server_memory_mib\":{}}}",
        seen.refused,
        purchases as f64 / seconds,
        at(500),
        at(990),
        at(999),
        at(1_000),
        processor_seconds * 1e6 / purchases as f64,
        processor::seconds("self") * 1e6 / purchases as f64,
        send.process.as_deref().map_or(0, processor::memory_peak_mib),
    );
    if let Some(example) = seen.example {
        eprintln!("an answer that was no receipt: {example}");
    }
}
