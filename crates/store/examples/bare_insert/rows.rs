//! Reads what the engine wrote: every entry after a sequence number with its postings, lots, document and account,
//! as plain columns. The same questions serve both engines.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use tokio_postgres::NoTls;
use tokio_postgres::types::Type;

use crate::Failure;

/// The columns of one row.
pub(crate) type Row = Vec<Value>;
/// Account and number of an entry or a lot.
type Key = (i64, i64);

/// The rows of one entry.
#[derive(Default)]
pub(crate) struct Command {
    pub(crate) account_id: i64,
    pub(crate) new_accounts: Vec<Row>,
    pub(crate) accounts: Vec<Row>,
    pub(crate) new_lots: Vec<Row>,
    pub(crate) lots: Vec<Row>,
    pub(crate) entries: Vec<Row>,
    pub(crate) postings: Vec<Row>,
    pub(crate) documents: Vec<Row>,
    pub(crate) members: Vec<Row>,
    pub(crate) identifiers: Vec<Row>,
}

const ENTRIES: &str = "SELECT account_id, entry_no, event, occurred_at, recorded_at, programme_version, actor, \
    corrects, body, sequence FROM entry WHERE sequence > {after} ORDER BY sequence";
const POSTINGS: &str = "SELECT p.posting_no, p.account_id, p.entry_no, p.unit, p.debit, p.credit, p.amount, p.lot_no, \
    p.rule, p.funder FROM posting p JOIN entry e ON e.account_id = p.account_id AND e.entry_no = p.entry_no \
    WHERE e.sequence > {after} ORDER BY p.account_id, p.entry_no, p.posting_no";
const LOTS: &str = "SELECT account_id, lot_no, unit, entry_no, funder, cohort, earned_at, pending_until, expires_at, \
    issued, remaining, held, consumed, expired, clawed_back FROM lot \
    WHERE account_id IN (SELECT account_id FROM entry WHERE sequence > {after})";
const ACCOUNTS: &str = "SELECT account_id, status, enrolled_at, next_due_at, tier, points, pending, spend, \
    purchase_count, last_purchase_at, last_entry_no, state FROM account \
    WHERE account_id IN (SELECT account_id FROM entry WHERE sequence > {after})";
const DOCUMENTS: &str = "SELECT d.source, d.reference, d.account_id, d.entry_no, d.fingerprint FROM document d \
    JOIN entry e ON e.account_id = d.account_id AND e.entry_no = d.entry_no WHERE e.sequence > {after}";
const MEMBERS: &str = "SELECT account_id, name, born_on, language, segments, search, created_at, updated_at, version \
    FROM member WHERE account_id IN (SELECT account_id FROM entry WHERE sequence > {after} AND entry_no = 1)";
const IDENTIFIERS: &str = "SELECT kind, value, account_id FROM identifier \
    WHERE account_id IN (SELECT account_id FROM entry WHERE sequence > {after} AND entry_no = 1)";

/// The answers to the questions above, in their order.
type Tables = [Vec<Row>; 7];
const QUESTIONS: [&str; 7] = [ENTRIES, POSTINGS, LOTS, ACCOUNTS, DOCUMENTS, MEMBERS, IDENTIFIERS];

pub(crate) fn read_sqlite(path: &Path, after: i64) -> Result<(Vec<Command>, i64), Failure> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut tables = Tables::default();
    for (table, question) in tables.iter_mut().zip(QUESTIONS) {
        let mut statement = connection.prepare(&question.replace("{after}", &after.to_string()))?;
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect())?;
        *table = rows.collect::<Result<_, _>>()?;
    }
    Ok(assemble(tables, after))
}

pub(crate) async fn read_postgres(url: &str, after: i64) -> Result<(Vec<Command>, i64), Failure> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    let mut tables = Tables::default();
    for (table, question) in tables.iter_mut().zip(QUESTIONS) {
        let question = question.replace("{after}", &after.to_string());
        for row in client.query(&question, &[]).await? {
            let value = |column: usize| -> Result<Value, Failure> {
                Ok(match *row.columns()[column].type_() {
                    Type::INT8 => row.get::<_, Option<i64>>(column).map_or(Value::Null, Value::Integer),
                    Type::BYTEA => Value::Blob(row.get(column)),
                    _ => row.get::<_, Option<String>>(column).map_or(Value::Null, Value::Text),
                })
            };
            table.push((0..row.len()).map(value).collect::<Result<_, _>>()?);
        }
    }
    Ok(assemble(tables, after))
}

/// Puts the rows of each entry together, in the order in which the engine wrote them.
fn assemble(tables: Tables, after: i64) -> (Vec<Command>, i64) {
    let [entries, postings, lots, accounts, documents, members, identifiers] = tables;
    let last = entries.last().map_or(after, |row| number(&row[9]));
    let mut postings = grouped(postings, |row| (number(&row[1]), number(&row[2])));
    let mut documents = grouped(documents, |row| (number(&row[2]), number(&row[3])));
    let lots = grouped(lots, |row| (number(&row[0]), number(&row[1])));
    let accounts = grouped(accounts, |row| (number(&row[0]), 0));
    let mut members = grouped(members, |row| (number(&row[0]), 0));
    let mut identifiers = grouped(identifiers, |row| (number(&row[2]), 0));
    let commands = entries.into_iter().map(|mut entry| {
        entry.truncate(9);
        let (account_id, entry_no) = (number(&entry[0]), number(&entry[1]));
        let mut command = Command { account_id, ..Command::default() };
        command.postings = postings.remove(&(account_id, entry_no)).unwrap_or_default();
        command.documents = documents.remove(&(account_id, entry_no)).unwrap_or_default();
        let account = accounts.get(&(account_id, 0)).cloned().unwrap_or_default();
        if entry_no == 1 {
            command.new_accounts = account;
            command.members = members.remove(&(account_id, 0)).unwrap_or_default();
            command.identifiers = identifiers.remove(&(account_id, 0)).unwrap_or_default();
        } else {
            command.accounts = account;
        }
        // Several rules may pay into one lot: it is one row all the same.
        let paid: BTreeSet<i64> = command.postings.iter().map(|posting| number(&posting[7])).collect();
        for lot_no in paid {
            for lot in lots.get(&(account_id, lot_no)).into_iter().flatten() {
                let issued_here = number(&lot[3]) == entry_no;
                if issued_here { &mut command.new_lots } else { &mut command.lots }.push(lot.clone());
            }
        }
        command.entries.push(entry);
        command
    });
    (commands.collect(), last)
}

fn grouped(rows: Vec<Row>, key: impl Fn(&Row) -> Key) -> HashMap<Key, Vec<Row>> {
    let mut groups: HashMap<Key, Vec<Row>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}

pub(crate) fn number(value: &Value) -> i64 {
    if let Value::Integer(number) = value { *number } else { 0 }
}
