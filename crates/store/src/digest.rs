//! One number for a whole store: two stores with the same digest hold the same ledger, members and programme,
//! whatever engine they are on.

use std::fmt::Write;

use sha2::{Digest as _, Sha256};

use crate::reader::Reader;
use crate::value::Value;
use crate::{Database, StoreError};

/// Rows read at a time.
const PAGE: usize = 2_000;

/// A table, the columns of its key, and its other columns. What an engine numbers by itself is left out.
struct Table(&'static str, &'static [&'static str], &'static [&'static str]);

const TABLES: [Table; 25] = [
    Table(
        "account",
        &["account_id"],
        &[
            "status",
            "enrolled_at",
            "next_due_at",
            "tier",
            "points",
            "pending",
            "spend",
            "purchase_count",
            "last_purchase_at",
            "last_entry_no",
            "state",
        ],
    ),
    Table(
        "lot",
        &["account_id", "lot_no"],
        &[
            "unit",
            "entry_no",
            "funder",
            "cohort",
            "earned_at",
            "pending_until",
            "expires_at",
            "issued",
            "remaining",
            "held",
            "consumed",
            "expired",
            "clawed_back",
            "origin",
        ],
    ),
    Table(
        "entry",
        &["account_id", "entry_no"],
        &["event", "occurred_at", "recorded_at", "programme_version", "actor", "corrects", "body"],
    ),
    Table(
        "posting",
        &["account_id", "entry_no", "posting_no"],
        &["unit", "debit", "credit", "amount", "lot_no", "rule", "funder"],
    ),
    Table(
        "tier_change",
        &["account_id", "entry_no", "change_no"],
        &["ladder", "from_tier", "to_tier", "reason", "occurred_at"],
    ),
    Table("document", &["source", "reference"], &["account_id", "entry_no", "fingerprint"]),
    Table("idempotency", &["key"], &["fingerprint", "status", "answer", "recorded_at"]),
    Table(
        "parked_return",
        &["source", "reference"],
        &["purchase_source", "purchase_reference", "fingerprint", "body", "actor", "recorded_at"],
    ),
    Table("returned", &["account_id", "entry_no"], &["progress"]),
    Table("budget", &["campaign"], &["spent", "limit_points"]),
    Table(
        "hold",
        &["account_id", "hold_no"],
        &["source", "reference", "unit", "points", "captured", "state", "opened_at", "ends_at"],
    ),
    Table(
        "redemption",
        &["account_id", "redemption_no"],
        &["source", "reference", "reward", "quantity", "unit", "points", "money", "state", "requested_at"],
    ),
    Table("stock", &["reward"], &["taken", "limit_units"]),
    Table(
        "member",
        &["account_id"],
        &[
            "name",
            "born_on",
            "language",
            "segments",
            "declined_segments",
            "search",
            "created_at",
            "updated_at",
            "version",
        ],
    ),
    Table("household", &["account_id"], &["opened_at"]),
    Table("identifier", &["kind", "value"], &["account_id"]),
    Table("member_number", &["number"], &["account_id"]),
    Table(
        "audience",
        &["segment"],
        &[
            "version",
            "source",
            "actor",
            "replaced_at",
            "size",
            "entered",
            "gone",
            "untold",
            "members",
            "changed",
        ],
    ),
    Table(
        "audience_version",
        &["segment", "version"],
        &["source", "actor", "replaced_at", "size", "entered", "gone"],
    ),
    Table("programme_version", &["version"], &["effective_at", "published_at", "published_by", "document"]),
    Table(
        "voucher_batch",
        &["batch_no"],
        &[
            "reference",
            "fingerprint",
            "template",
            "programme_version",
            "quantity",
            "issued",
            "value",
            "valid_from",
            "expires_at",
            "state",
            "created_at",
            "created_by",
        ],
    ),
    Table("voucher_issue", &["template"], &["issued", "issue_max"]),
    Table(
        "voucher",
        &["voucher_id"],
        &["batch_no", "state", "account_id", "code", "value", "uses_max", "uses_taken", "version"],
    ),
    Table(
        "voucher_use",
        &["voucher_id", "use_no"],
        &[
            "slot",
            "state",
            "source",
            "reference",
            "account_id",
            "reserved_until",
            "discount",
            "taken_at",
            "changed_at",
            "actor",
        ],
    ),
    Table(
        "statement_run",
        &["statement", "made_on"],
        &[
            "programme_version",
            "batch_no",
            "state",
            "position",
            "members",
            "vouchers",
            "value",
            "points",
            "carried",
            "started_at",
            "started_by",
            "finished_at",
            "error",
        ],
    ),
];

/// What a store holds, condensed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreDigest {
    /// SHA-256 over all tables, in hexadecimal.
    pub whole: String,
    /// For each table its name, its number of rows and their SHA-256: where two stores differ.
    pub tables: Vec<(&'static str, u64, String)>,
}

impl Database {
    /// Condenses the whole store as of one instant.
    pub async fn digest(&self) -> Result<StoreDigest, StoreError> {
        let mut reader = self.snapshot().await?;
        let mut whole = Sha256::new();
        let mut tables = Vec::with_capacity(TABLES.len());
        for table in &TABLES {
            let (rows, hash) = table_digest(&mut reader, table).await?;
            whole.update(table.0);
            whole.update(&hash);
            tables.push((table.0, rows, hexadecimal(&hash)));
        }
        reader.finish().await?;
        Ok(StoreDigest { whole: hexadecimal(&whole.finalize()), tables })
    }
}

async fn table_digest(
    reader: &mut Reader,
    Table(name, key, others): &Table,
) -> Result<(u64, Vec<u8>), StoreError> {
    let keys = key.join(", ");
    let select = format!("SELECT {keys}, {} FROM {name}", others.join(", "));
    let places: Vec<String> = (1..=key.len()).map(|number| format!("${number}")).collect();
    let first = format!("{select} ORDER BY {keys} LIMIT {PAGE}");
    let next = format!("{select} WHERE ({keys}) > ({}) ORDER BY {keys} LIMIT {PAGE}", places.join(", "));
    let mut hash = Sha256::new();
    let mut count = 0;
    let mut after: Option<Vec<Value>> = None;
    loop {
        let page = match after {
            None => reader.query(&first, Vec::new()).await?,
            Some(key) => reader.query(&next, key).await?,
        };
        let mut last = Vec::new();
        for row in &page {
            last = row.values(key.len() + others.len())?;
            for value in &last {
                update(&mut hash, value);
            }
            count += 1;
        }
        if page.len() < PAGE {
            return Ok((count, hash.finalize().to_vec()));
        }
        last.truncate(key.len());
        after = Some(last);
    }
}

/// Kind, length and content, so that no two different rows give the same bytes.
fn update(hash: &mut Sha256, value: &Value) {
    let (kind, bytes): (u8, &[u8]) = match value {
        Value::Int(None) | Value::Text(None) => (0, &[]),
        Value::Int(Some(number)) => (1, &number.to_be_bytes()),
        Value::Text(Some(text)) => (2, text.as_bytes()),
        Value::Bytes(bytes) => (3, bytes),
    };
    hash.update([kind]);
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
