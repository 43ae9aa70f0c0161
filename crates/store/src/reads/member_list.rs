//! The list of members: search by name, pinyin or identifier, filters, five orders, pages by cursor.

use std::fmt::Write as _;

use domain::code::Code;
use domain::ids::AccountId;
use domain::ledger::AccountStatus;
use jiff::Timestamp;

use crate::StoreError;
use crate::cold::audiences::{id_list, id_list_of};
use crate::reader::{Dialect, Reader};
use crate::rows::{self, Columns};
use crate::value::{Row, Value};

/// Which members a list shows; everything unset shows all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemberFilter {
    /// Part of a name, of its pinyin or initials, or of an identifier.
    pub search: Option<String>,
    /// Tier on the main ladder.
    pub tier: Option<Code>,
    /// Whether the account takes part.
    pub status: Option<AccountStatus>,
    /// Least points of the main unit.
    pub points_min: Option<i64>,
    /// Most points of the main unit.
    pub points_max: Option<i64>,
    /// Latest purchase at or after this instant.
    pub last_purchase_from: Option<Timestamp>,
    /// Latest purchase before this instant; members without a purchase count as before.
    pub last_purchase_before: Option<Timestamp>,
    /// Joined at or after this instant.
    pub enrolled_from: Option<Timestamp>,
    /// Joined before this instant.
    pub enrolled_before: Option<Timestamp>,
    /// A segment the member is in.
    pub segment: Option<InSegment>,
}

/// Who is in a segment: whoever's profile says so, and the members of its audience who do not decline it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InSegment {
    /// The segment, as profiles name it.
    pub segment: Code,
    /// A bit for each member number, eight in a byte, the lowest first: whether it is in the audience. Numbers beyond the
    /// last are not.
    pub numbers: Vec<u8>,
    /// Accounts that are in the audience by another account's number.
    pub also: Vec<AccountId>,
    /// Accounts that are not in the audience, whatever numbers say.
    pub except: Vec<AccountId>,
}

impl InSegment {
    /// Whoever's profile says so.
    pub fn by_profile(segment: Code) -> Self {
        Self { segment, numbers: Vec::new(), also: Vec::new(), except: Vec::new() }
    }
}

/// What a list of members is ordered by; ties go by account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MemberSort {
    /// The name, by code points; members without one come first.
    Name,
    /// Points of the main unit.
    Points,
    /// Purchases less returns.
    Spend,
    /// The latest purchase; members without one come first.
    LastPurchaseAt,
    /// When the member joined.
    #[default]
    EnrolledAt,
}

/// A place in an ordered list of members: right after this key and account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberCursor {
    /// The key the list is ordered by, as [`MemberSummary::sort_key`] gives it.
    pub key: SortKey,
    /// The account that breaks ties.
    pub account_id: AccountId,
}

/// The value a list is ordered by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SortKey {
    /// Of a name.
    Text(String),
    /// Of anything else.
    Number(i64),
}

/// One line of a list of members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberSummary {
    /// Whose line it is.
    pub account_id: AccountId,
    /// The name, if known.
    pub name: Option<String>,
    /// Whether the account takes part.
    pub status: AccountStatus,
    /// Tier on the main ladder.
    pub tier: Option<Code>,
    /// Points of the main unit, less debt.
    pub points: i64,
    /// Pending points of the main unit.
    pub pending: i64,
    /// Purchases less returns, in minor units.
    pub spend: i64,
    /// Purchases recorded.
    pub purchase_count: u32,
    /// The latest purchase.
    pub last_purchase_at: Option<Timestamp>,
    /// When the member joined.
    pub enrolled_at: Timestamp,
    /// Segments the member is in.
    pub segments: Vec<Code>,
}

impl MemberSummary {
    /// The key by which the line stands in a list of this order.
    pub fn sort_key(&self, sort: MemberSort) -> SortKey {
        match sort {
            MemberSort::Name => SortKey::Text(self.name.clone().unwrap_or_default()),
            MemberSort::Points => SortKey::Number(self.points),
            MemberSort::Spend => SortKey::Number(self.spend),
            MemberSort::LastPurchaseAt => SortKey::Number(self.last_purchase_at.map_or(NEVER, rows::micros)),
            MemberSort::EnrolledAt => SortKey::Number(rows::micros(self.enrolled_at)),
        }
    }

    /// The place right after this line.
    pub fn cursor(&self, sort: MemberSort) -> MemberCursor {
        MemberCursor { key: self.sort_key(sort), account_id: self.account_id }
    }
}

/// Stands for the instant of a purchase that never happened: before every real one.
const NEVER: i64 = i64::MIN + 1;

impl MemberSort {
    /// The same expression as in the index, where there is one.
    const fn expression(self) -> &'static str {
        match self {
            Self::Name => "coalesce(m.name, '')",
            Self::Points => "a.points",
            Self::Spend => "a.spend",
            Self::LastPurchaseAt => "coalesce(a.last_purchase_at, -9223372036854775807)",
            Self::EnrolledAt => "a.enrolled_at",
        }
    }
}

/// Conditions and their parameters, numbered as they are added.
#[derive(Default)]
struct Conditions {
    sql: String,
    params: Vec<Value>,
}

impl Conditions {
    /// Adds a condition in which `?` stands for the parameter.
    fn add(&mut self, condition: &str, param: impl Into<Value>) {
        self.params.push(param.into());
        let number = format!("${}", self.params.len());
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(&condition.replace('?', &number));
    }

    fn of(filter: &MemberFilter, dialect: Dialect) -> Self {
        let mut all = Self::default();
        let words = filter.search.as_deref().map(str::trim).filter(|search| !search.is_empty());
        if let Some(words) = words {
            let pattern = format!("%{}%", escape(&words.to_lowercase()));
            let condition = "(m.search LIKE CAST(? AS TEXT) ESCAPE '\\' OR a.account_id IN (SELECT i.account_id \
                             FROM identifier i WHERE lower(i.value) LIKE CAST(? AS TEXT) ESCAPE '\\'))";
            all.add(condition, pattern);
        }
        if let Some(tier) = &filter.tier {
            all.add("a.tier = ?", tier.as_str());
        }
        if let Some(status) = filter.status {
            all.add("a.status = ?", rows::status(status));
        }
        if let Some(points) = filter.points_min {
            all.add("a.points >= ?", points);
        }
        if let Some(points) = filter.points_max {
            all.add("a.points <= ?", points);
        }
        if let Some(instant) = filter.last_purchase_from {
            all.add("a.last_purchase_at >= ?", instant);
        }
        if let Some(instant) = filter.last_purchase_before {
            all.add("(a.last_purchase_at IS NULL OR a.last_purchase_at < ?)", instant);
        }
        if let Some(instant) = filter.enrolled_from {
            all.add("a.enrolled_at >= ?", instant);
        }
        if let Some(instant) = filter.enrolled_before {
            all.add("a.enrolled_at < ?", instant);
        }
        if let Some(segment) = &filter.segment {
            all.in_segment(segment, dialect);
        }
        all
    }

    fn in_segment(&mut self, wanted: &InSegment, dialect: Dialect) {
        let InSegment { segment, numbers, also, except } = wanted;
        let mut param = |value: Value| {
            self.params.push(value);
            format!("${}", self.params.len())
        };
        let pattern = param(names_code(*segment).into());
        let [also, except] = [also, except].map(|ids| id_list_of(dialect, &param(id_list(ids))));
        let is_set = bit_is_set(dialect, &param(numbers.as_slice().into()));
        let condition = format!(
            "(m.segments LIKE {pattern} ESCAPE '\\' OR (m.declined_segments NOT LIKE {pattern} ESCAPE '\\' \
             AND a.account_id NOT IN {except} AND (a.account_id IN {also} OR EXISTS (SELECT 1 FROM member_number n \
             WHERE n.account_id = a.account_id AND {is_set}))))"
        );
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(&condition);
    }
}

/// Whether the bit of a member's number is set in a parameter. SQLite gives a byte of a blob by where it stands among all bytes.
fn bit_is_set(dialect: Dialect, bits: &str) -> String {
    match dialect {
        Dialect::Sqlite => {
            let mut all = String::new();
            for byte in 0..=u8::MAX {
                // Writing to a string cannot fail.
                let _ = write!(all, "{byte:02x}");
            }
            format!("((instr(X'{all}', substr({bits}, n.number / 8 + 1, 1)) - 1) >> (n.number % 8)) & 1")
        }
        Dialect::Postgres => format!(
            "CASE WHEN n.number < 8 * length(CAST({bits} AS BYTEA)) THEN get_bit(CAST({bits} AS BYTEA), n.number) = 1 \
             ELSE FALSE END"
        ),
    }
}

/// What a searcher types is looked for as it is.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// The pattern of a list of codes that has one in it.
pub(crate) fn names_code(code: Code) -> String {
    format!("%\"{}\"%", escape(code.as_str()))
}

/// Every account has a person, if an empty one.
const FROM: &str = " FROM account a JOIN member m ON m.account_id = a.account_id";

impl Reader {
    /// A page of the list of members.
    pub async fn members(
        &mut self,
        filter: &MemberFilter,
        sort: MemberSort,
        descending: bool,
        after: Option<&MemberCursor>,
        limit: u32,
    ) -> Result<Vec<MemberSummary>, StoreError> {
        let mut conditions = Conditions::of(filter, self.dialect);
        let key = sort.expression();
        let (comparison, direction) = if descending { ("<", "DESC") } else { (">", "ASC") };
        if let Some(cursor) = after {
            let value: Value = match &cursor.key {
                SortKey::Text(text) => text.as_str().into(),
                SortKey::Number(number) => (*number).into(),
            };
            conditions.params.push(cursor.account_id.into());
            let tie = conditions.params.len();
            conditions.add(&format!("({key}, a.account_id) {comparison} (?, ${tie})"), value);
        }
        conditions.params.push(limit.into());
        let sql = format!(
            "SELECT a.account_id, m.name, a.status, a.tier, a.points, a.pending, a.spend, a.purchase_count, \
             a.last_purchase_at, a.enrolled_at, m.segments{FROM}{} \
             ORDER BY {key} {direction}, a.account_id {direction} LIMIT ${}",
            conditions.sql,
            conditions.params.len()
        );
        let found = self.query(&sql, conditions.params).await?;
        found.iter().map(summary).collect()
    }

    /// How many members a filter finds.
    pub async fn count_members(&mut self, filter: &MemberFilter) -> Result<u64, StoreError> {
        let conditions = Conditions::of(filter, self.dialect);
        let sql = format!("SELECT count(*){FROM}{}", conditions.sql);
        let row = self.query_one(&sql, conditions.params).await?;
        row.map_or(Ok(0), |row| rows::number(row.int(0)?))
    }
}

fn summary(row: &Row) -> Result<MemberSummary, StoreError> {
    Ok(MemberSummary {
        account_id: rows::account_id(row.int(0)?)?,
        name: row.text_or_null(1)?.map(str::to_owned),
        status: rows::parse_status(row.text(2)?)?,
        tier: row.text_or_null(3)?.map(rows::code).transpose()?,
        points: row.int(4)?,
        pending: row.int(5)?,
        spend: row.int(6)?,
        purchase_count: rows::number(row.int(7)?)?,
        last_purchase_at: row.int_or_null(8)?.map(rows::timestamp).transpose()?,
        enrolled_at: rows::timestamp(row.int(9)?)?,
        segments: rows::parse("segments", row.text(10)?)?,
    })
}
