//! The tables of the lake and their columns.

use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use serde::{Deserialize, Serialize};

/// The zone of all instants, as Parquet and Arrow write it.
pub(super) const UTC: &str = "+00:00";

/// A table of the lake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// One row for each member, as they are now; without name, date of birth and identifiers.
    Members,
    /// One row for each purchase and each return; the amount of a return is negative.
    Purchases,
    /// One row for each line of each purchase, and for each line that came back, whose amount is negative.
    Lines,
    /// One row for each posting of the ledger.
    Postings,
    /// One row for each activity.
    Activities,
    /// One row for each answer to a question of a survey.
    Surveys,
    /// One row for each step in the life of each voucher; never its code.
    Vouchers,
    /// One row for each statement with a voucher, and for each message of a campaign, that a member was sent.
    Contacts,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Text,
    Instant,
    Day,
}

/// A column: its name, what it holds, whether it may be empty.
type Column = (&'static str, Kind, bool);

const MEMBERS: [Column; 10] = [
    ("member_id", Kind::Integer, false),
    ("member", Kind::Text, false),
    ("leads_to", Kind::Integer, true),
    ("status", Kind::Text, false),
    ("enrolled_at", Kind::Instant, true),
    ("birth_year", Kind::Integer, true),
    ("language", Kind::Text, true),
    ("segments", Kind::Text, true),
    ("tier", Kind::Text, true),
    ("points", Kind::Integer, true),
];

const PURCHASES: [Column; 14] = [
    ("member_id", Kind::Integer, false),
    ("entry_no", Kind::Integer, true),
    ("kind", Kind::Text, false),
    ("source", Kind::Text, false),
    ("reference", Kind::Text, false),
    ("purchase_reference", Kind::Text, false),
    ("occurred_at", Kind::Instant, false),
    ("day", Kind::Day, false),
    ("currency", Kind::Text, false),
    ("amount", Kind::Integer, false),
    ("lines", Kind::Integer, false),
    ("store", Kind::Text, true),
    ("channel", Kind::Text, true),
    ("vouchers", Kind::Integer, false),
];

const LINES: [Column; 15] = [
    ("member_id", Kind::Integer, false),
    ("kind", Kind::Text, false),
    ("source", Kind::Text, false),
    ("reference", Kind::Text, false),
    ("purchase_reference", Kind::Text, false),
    ("line", Kind::Integer, false),
    ("occurred_at", Kind::Instant, false),
    ("day", Kind::Day, false),
    ("currency", Kind::Text, false),
    ("amount", Kind::Integer, false),
    ("quantity_milli", Kind::Integer, true),
    ("sku", Kind::Text, true),
    ("category", Kind::Text, true),
    ("brand", Kind::Text, true),
    ("store", Kind::Text, true),
];

const POSTINGS: [Column; 13] = [
    ("member_id", Kind::Integer, false),
    ("entry_no", Kind::Integer, false),
    ("posting_no", Kind::Integer, false),
    ("event", Kind::Text, false),
    ("occurred_at", Kind::Instant, false),
    ("recorded_at", Kind::Instant, false),
    ("day", Kind::Day, false),
    ("unit", Kind::Text, false),
    ("debit", Kind::Text, false),
    ("credit", Kind::Text, false),
    ("amount", Kind::Integer, false),
    ("rule", Kind::Text, true),
    ("funder", Kind::Text, false),
];

const ACTIVITIES: [Column; 7] = [
    ("member_id", Kind::Integer, false),
    ("activity", Kind::Text, false),
    ("source", Kind::Text, false),
    ("reference", Kind::Text, false),
    ("occurred_at", Kind::Instant, false),
    ("day", Kind::Day, false),
    ("count", Kind::Integer, false),
];

const SURVEYS: [Column; 10] = [
    ("survey", Kind::Text, false),
    ("member_id", Kind::Integer, false),
    ("response", Kind::Integer, false),
    ("answered_at", Kind::Instant, false),
    ("day", Kind::Day, false),
    ("question", Kind::Text, false),
    ("subject", Kind::Text, true),
    ("answer", Kind::Integer, true),
    ("choice", Kind::Text, true),
    ("weight_milli", Kind::Integer, false),
];

const VOUCHERS: [Column; 11] = [
    ("member_id", Kind::Integer, true),
    ("voucher_batch", Kind::Text, false),
    ("template", Kind::Text, false),
    ("step", Kind::Text, false),
    ("occurred_at", Kind::Instant, false),
    ("day", Kind::Day, false),
    ("value", Kind::Integer, true),
    ("discount", Kind::Integer, true),
    ("source", Kind::Text, true),
    ("purchase_reference", Kind::Text, true),
    ("expires_at", Kind::Instant, false),
];

const CONTACTS: [Column; 10] = [
    ("member_id", Kind::Integer, false),
    ("kind", Kind::Text, false),
    ("campaign", Kind::Text, false),
    ("contacted_at", Kind::Instant, false),
    ("day", Kind::Day, false),
    ("channel", Kind::Text, true),
    ("offer", Kind::Text, true),
    ("voucher_batch", Kind::Text, true),
    ("arm", Kind::Text, true),
    ("cost", Kind::Integer, true),
];

impl Table {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Members,
        Self::Purchases,
        Self::Lines,
        Self::Postings,
        Self::Activities,
        Self::Surveys,
        Self::Vouchers,
        Self::Contacts,
    ];

    /// Its name: of the folder, and in SQL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Purchases => "purchases",
            Self::Lines => "lines",
            Self::Postings => "postings",
            Self::Activities => "activities",
            Self::Surveys => "surveys",
            Self::Vouchers => "vouchers",
            Self::Contacts => "contacts",
        }
    }

    /// What the sets are called that files bring into it, each replaced whole by the next of its name; none where what
    /// is there stays.
    pub(super) const fn set(self) -> Option<&'static str> {
        match self {
            Self::Surveys => Some("survey"),
            Self::Contacts => Some("campaign"),
            _ => None,
        }
    }

    /// Its columns in order.
    pub fn schema(self) -> SchemaRef {
        static SCHEMAS: LazyLock<[SchemaRef; 8]> = LazyLock::new(|| Table::ALL.map(schema_of));
        // `ALL` lists the tables in the order of their declaration.
        SCHEMAS.get(self as usize).cloned().unwrap_or_else(|| schema_of(self))
    }

    /// The same as executors of a cluster hand them on: views of texts would be sent with everything that their buffers hold
    /// (apache/datafusion-ballista#1182).
    pub(super) fn schema_without_views(self) -> SchemaRef {
        let plain = |field: &FieldRef| match field.data_type() {
            DataType::Utf8View => Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8)),
            _ => Arc::clone(field),
        };
        Arc::new(Schema::new(self.schema().fields().iter().map(plain).collect::<Vec<_>>()))
    }

    pub(super) const fn columns(self) -> &'static [Column] {
        match self {
            Self::Members => &MEMBERS,
            Self::Purchases => &PURCHASES,
            Self::Lines => &LINES,
            Self::Postings => &POSTINGS,
            Self::Activities => &ACTIVITIES,
            Self::Surveys => &SURVEYS,
            Self::Vouchers => &VOUCHERS,
            Self::Contacts => &CONTACTS,
        }
    }
}

fn schema_of(table: Table) -> SchemaRef {
    let field = |(name, kind, nullable): &Column| Field::new(*name, kind.data_type(), *nullable);
    Arc::new(Schema::new(table.columns().iter().map(field).collect::<Vec<_>>()))
}

impl Kind {
    fn data_type(self) -> DataType {
        match self {
            Self::Integer => DataType::Int64,
            Self::Text => DataType::Utf8View,
            Self::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
            Self::Day => DataType::Date32,
        }
    }
}
