//! Writes the rows: on SQLite one prepared statement per row and one commit per batch; on PostgreSQL one array
//! statement per table and batch, all of a batch on their way at once, on several connections.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use tokio::task::JoinSet;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Statement};

use crate::Failure;
use crate::rows::{Command, Row};

/// One way of writing to a table: its name, its columns with the key first, how many of them are the key if rows
/// are changed instead of inserted, and where the rows are.
type Table = (&'static str, &'static str, usize, fn(&Command) -> &Vec<Row>);

const ACCOUNT: &str = "account_id, status, enrolled_at, next_due_at, tier, points, pending, spend, purchase_count, \
    last_purchase_at, last_entry_no, state";
const LOT: &str = "account_id, lot_no, unit, entry_no, funder, cohort, earned_at, pending_until, expires_at, issued, \
    remaining, held, consumed, expired, clawed_back";
const ENTRY: &str =
    "account_id, entry_no, event, occurred_at, recorded_at, programme_version, actor, corrects, body";
const POSTING: &str = "posting_no, account_id, entry_no, unit, debit, credit, amount, lot_no, rule, funder";
const DOCUMENT: &str = "source, reference, account_id, entry_no, fingerprint";
const MEMBER: &str = "account_id, name, born_on, language, segments, search, created_at, updated_at, version";

const ENTRIES: Table = ("entry", ENTRY, 0, |command| &command.entries);
const POSTINGS: Table = ("posting", POSTING, 0, |command| &command.postings);
const OTHERS: [Table; 7] = [
    ("account", ACCOUNT, 0, |command| &command.new_accounts),
    ("account", ACCOUNT, 1, |command| &command.accounts),
    ("lot", LOT, 0, |command| &command.new_lots),
    ("lot", LOT, 2, |command| &command.lots),
    ("document", DOCUMENT, 0, |command| &command.documents),
    ("member", MEMBER, 0, |command| &command.members),
    ("identifier", "kind, value, account_id", 0, |command| &command.identifiers),
];

pub(crate) fn sqlite(path: &Path, commands: &[Command], batch: usize) -> Result<(), Failure> {
    let connection = Connection::open(path)?;
    // The settings of the store's writer.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -96 * 1024)?;
    connection.pragma_update(None, "wal_autocheckpoint", 10_000)?;
    connection.set_prepared_statement_cache_capacity(64);
    let others = OTHERS.map(|(table, columns, keys, rows)| (row_statement(table, columns, keys), rows));
    let insert_entry = row_statement(ENTRIES.0, ENTRIES.1, 0);
    // On SQLite postings hang on the sequence number of their entry.
    let insert_posting = row_statement(POSTINGS.0, &format!("{POSTING}, sequence"), 0);
    for batch in commands.chunks(batch) {
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        for (sql, rows) in &others {
            let mut statement = connection.prepare_cached(sql)?;
            for row in batch.iter().flat_map(rows) {
                statement.execute(params_from_iter(row))?;
            }
        }
        let mut entry = connection.prepare_cached(&insert_entry)?;
        let mut posting = connection.prepare_cached(&insert_posting)?;
        for command in batch {
            for row in &command.entries {
                entry.execute(params_from_iter(row))?;
            }
            let sequence = Value::Integer(connection.last_insert_rowid());
            for row in &command.postings {
                posting.execute(params_from_iter(row.iter().chain([&sequence])))?;
            }
        }
        connection.prepare_cached("COMMIT")?.execute([])?;
    }
    Ok(())
}

/// A statement for one row.
fn row_statement(table: &str, columns: &str, keys: usize) -> String {
    let names: Vec<&str> = columns.split(", ").collect();
    let marks: Vec<String> = (1..=names.len()).map(|number| format!("?{number}")).collect();
    if keys == 0 {
        return format!("INSERT INTO {table} ({columns}) VALUES ({})", marks.join(", "));
    }
    let equal: Vec<String> =
        names.iter().zip(&marks).map(|(name, mark)| format!("{name} = {mark}")).collect();
    format!("UPDATE {table} SET {} WHERE {}", equal[keys..].join(", "), equal[..keys].join(" AND "))
}

pub(crate) async fn postgres(
    url: &str,
    commands: Vec<Command>,
    batch: usize,
    connections: usize,
) -> Result<(), Failure> {
    // Each account has its connection, as it has its lane in the engine.
    let mut shares: Vec<Vec<Command>> = (0..connections).map(|_| Vec::new()).collect();
    for command in commands {
        let share = usize::try_from(command.account_id)? % connections;
        shares[share].push(command);
    }
    let mut tasks = JoinSet::new();
    for share in shares {
        let url = url.to_owned();
        tasks.spawn(async move { write_share(&url, &share, batch).await });
    }
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    Ok(())
}

async fn write_share(url: &str, commands: &[Command], batch: usize) -> Result<(), Failure> {
    let (mut client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    // As in the engine: the keys are the only way to the rows, whatever the statistics say.
    client
        .batch_execute(
            "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off; \
             SET plan_cache_mode = force_generic_plan",
        )
        .await?;
    let mut statements = Vec::new();
    for table in [ENTRIES, POSTINGS].into_iter().chain(OTHERS) {
        statements.push((client.prepare(&array_statement(table.0, table.1, table.2)).await?, table));
    }
    for batch in commands.chunks(batch) {
        let transaction = client.transaction().await?;
        let writes = statements
            .iter()
            .map(|(statement, table)| write_rows(transaction.client(), statement, *table, batch));
        for written in join_all(writes).await {
            written?;
        }
        transaction.commit().await?;
    }
    Ok(())
}

/// Polls all in order, so that all are sent before the first answer is waited for.
async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        let mut done = true;
        for (future, output) in &mut waiting {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    std::task::Poll::Ready(ready) => *output = Some(ready),
                    std::task::Poll::Pending => done = false,
                }
            }
        }
        if done { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    waiting.into_iter().filter_map(|(_, output)| output).collect()
}

/// The rows of one table as arrays.
async fn write_rows(
    client: &Client,
    statement: &Statement,
    (_, columns, _, rows): Table,
    batch: &[Command],
) -> Result<(), Failure> {
    let rows: Vec<&Row> = batch.iter().flat_map(rows).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let arrays: Vec<Box<dyn ToSql + Sync + Send>> =
        columns.split(", ").enumerate().map(|(column, name)| array(&rows, column, name)).collect();
    let params: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(|array| array.as_ref() as _).collect();
    client.execute(statement, &params).await?;
    Ok(())
}

fn array(rows: &[&Row], column: usize, name: &str) -> Box<dyn ToSql + Sync + Send> {
    let values = rows.iter().map(|row| &row[column]);
    match kind(name) {
        "bigint" => Box::new(
            values
                .map(|value| if let Value::Integer(number) = value { Some(*number) } else { None })
                .collect::<Vec<Option<i64>>>(),
        ),
        "bytea" => Box::new(
            values
                .map(|value| if let Value::Blob(bytes) = value { Some(bytes.clone()) } else { None })
                .collect::<Vec<Option<Vec<u8>>>>(),
        ),
        _ => Box::new(
            values
                .map(|value| if let Value::Text(text) = value { Some(text.clone()) } else { None })
                .collect::<Vec<Option<String>>>(),
        ),
    }
}

fn kind(column: &str) -> &'static str {
    match column {
        "fingerprint" => "bytea",
        "status" | "tier" | "state" | "unit" | "funder" | "event" | "actor" | "body" | "debit" | "credit"
        | "rule" | "source" | "reference" | "kind" | "value" | "name" | "born_on" | "language"
        | "segments" | "search" => "text",
        _ => "bigint",
    }
}

/// A statement for the rows of a batch.
fn array_statement(table: &str, columns: &str, keys: usize) -> String {
    let names: Vec<&str> = columns.split(", ").collect();
    let marks: Vec<String> =
        (1..).zip(&names).map(|(number, name)| format!("${number}::{}[]", kind(name))).collect();
    let unnest = format!("unnest({})", marks.join(", "));
    if keys == 0 {
        return format!("INSERT INTO {table} ({columns}) SELECT * FROM {unnest}");
    }
    let set: Vec<String> = names[keys..].iter().map(|name| format!("{name} = u.{name}")).collect();
    let key: Vec<String> = names[..keys].iter().map(|name| format!("t.{name} = u.{name}")).collect();
    let condition = key.join(" AND ");
    format!("UPDATE {table} t SET {} FROM {unnest} AS u ({columns}) WHERE {condition}", set.join(", "))
}
