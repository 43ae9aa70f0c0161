//! The floor of a comparison: writes rows that the engine wrote before into a copy of the database it started from,
//! in a bare loop of prepared statements: no reading, no deciding. `bare_insert SOURCE TARGET AFTER BATCH CONNECTIONS`
//! takes the entries after a sequence number with all their rows, and prints one line of JSON.
#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "a measuring program prints rates")]

mod rows;
mod write;

use std::error::Error;
use std::time::Instant;

use store::{Database, DatabaseUrl, OpenOptions};

#[path = "../../../../bench/processor.rs"]
mod processor;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [source, target, after, batch, connections] = &arguments[..] else {
        return Err("bare_insert SOURCE TARGET AFTER BATCH CONNECTIONS".into());
    };
    let source: DatabaseUrl = source.parse()?;
    let after: i64 = after.parse()?;
    let (commands, last) = match &source {
        DatabaseUrl::Sqlite(path) => rows::read_sqlite(path, after)?,
        DatabaseUrl::Postgres(url) => rows::read_postgres(url, after).await?,
    };
    if target == "none" {
        println!("{{\"last\":{last}}}");
        return Ok(());
    }
    let entries = commands.len();
    let purchases = commands.iter().filter(|command| !command.documents.is_empty()).count();
    let target: DatabaseUrl = target.parse()?;
    // Makes the schema where there is none.
    drop(Database::open(&target, &OpenOptions::default()).await?);
    let batch: usize = batch.parse()?;
    let (began, processor_before) = (Instant::now(), processor::seconds("self"));
    match &target {
        DatabaseUrl::Sqlite(path) => write::sqlite(path, &commands, batch)?,
        DatabaseUrl::Postgres(url) => write::postgres(url, commands, batch, connections.parse()?).await?,
    }
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{{\"purchases\":{purchases},\"entries\":{entries},\"seconds\":{seconds:.3},\"per_second\":{:.1},\"processor_us\":{:.1},\"last\":{last}}}",
        purchases as f64 / seconds,
        // Nights have no purchases.
        (processor::seconds("self") - processor_before) * 1e6 / purchases.max(1) as f64,
    );
    Ok(())
}
