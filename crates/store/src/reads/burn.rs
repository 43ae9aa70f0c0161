//! Lists of holds, redemptions and stocks: for staff, and for verification.

use domain::code::Code;
use domain::document::DocumentKey;
use domain::ids::{AccountId, EntryId};
use domain::ledger::RedemptionState;
use jiff::Timestamp;

use crate::reader::Reader;
use crate::rows::{self, Columns};
use crate::value::{Row, Value};
use crate::{HoldRow, RedemptionRow, StockRow, StoreError};

const HOLD_COLUMNS: &str =
    "account_id, hold_no, source, reference, unit, points, captured, state, opened_at, ends_at";
const REDEMPTION_COLUMNS: &str = "account_id, redemption_no, source, reference, reward, quantity, unit, points, \
     money, state, requested_at";

impl Reader {
    /// Open holds, those that end first on top, after one that ends at an instant: those of one source and those that
    /// end before an instant, where that is asked for.
    pub async fn open_holds(
        &mut self,
        (source, ending_before): (Option<&str>, Option<Timestamp>),
        after: Option<(Timestamp, EntryId)>,
        limit: u32,
    ) -> Result<Vec<HoldRow>, StoreError> {
        let (ends_at, entry) = after.unzip();
        let ends_at = ends_at.map_or(i64::MIN, rows::micros);
        let (account, number) = place(entry);
        let sql = format!(
            "SELECT {HOLD_COLUMNS} FROM hold WHERE state = 'open' \
             AND (ends_at, account_id, hold_no) > ($1, $2, $3) AND ends_at < $4 AND ($5 = '' OR source = $6) \
             ORDER BY ends_at, account_id, hold_no LIMIT $7"
        );
        let before = ending_before.map_or(i64::MAX, rows::micros);
        let source = source.unwrap_or_default();
        let mut params = vec![ends_at.into(), account.into(), number.into(), before.into()];
        params.extend([source.into(), source.into(), limit.into()]);
        self.query(&sql, params).await?.iter().map(hold).collect()
    }

    /// Redemptions in one state, oldest first, after one of an instant; of one reward if one is named.
    pub async fn redemptions_in(
        &mut self,
        (state, reward): (RedemptionState, Option<Code>),
        after: Option<(Timestamp, EntryId)>,
        limit: u32,
    ) -> Result<Vec<RedemptionRow>, StoreError> {
        let (requested_at, entry) = after.unzip();
        let requested_at = requested_at.map_or(i64::MIN, rows::micros);
        let (account, number) = place(entry);
        let sql = format!(
            "SELECT {REDEMPTION_COLUMNS} FROM redemption WHERE state = $1 \
             AND (requested_at, account_id, redemption_no) > ($2, $3, $4) AND ($5 = '' OR reward = $6) \
             ORDER BY requested_at, account_id, redemption_no LIMIT $7"
        );
        let reward = reward.map_or_else(String::new, |reward| reward.to_string());
        let mut params = vec![state.name().into(), requested_at.into(), account.into(), number.into()];
        params.extend([reward.clone().into(), reward.into(), limit.into()]);
        self.query(&sql, params).await?.iter().map(redemption).collect()
    }

    /// Redemptions of one member, newest first, before a number.
    pub async fn redemptions_of_member(
        &mut self,
        account_id: AccountId,
        before: Option<u32>,
        limit: u32,
    ) -> Result<Vec<RedemptionRow>, StoreError> {
        let sql = format!(
            "SELECT {REDEMPTION_COLUMNS} FROM redemption WHERE account_id = $1 AND redemption_no < $2 \
             ORDER BY redemption_no DESC LIMIT $3"
        );
        let before = before.map_or(i64::MAX, i64::from);
        let params = vec![account_id.into(), before.into(), limit.into()];
        self.query(&sql, params).await?.iter().map(redemption).collect()
    }

    /// One redemption.
    pub async fn redemption(&mut self, id: EntryId) -> Result<Option<RedemptionRow>, StoreError> {
        let sql = format!(
            "SELECT {REDEMPTION_COLUMNS} FROM redemption WHERE account_id = $1 AND redemption_no = $2"
        );
        let params = vec![id.account_id.into(), id.entry_no.into()];
        self.query_one(&sql, params).await?.map(|row| redemption(&row)).transpose()
    }

    /// All holds of the accounts after one and up to another, in order, whatever became of them.
    pub async fn holds_of(
        &mut self,
        after: Option<AccountId>,
        last: Option<AccountId>,
    ) -> Result<Vec<HoldRow>, StoreError> {
        let sql = format!(
            "SELECT {HOLD_COLUMNS} FROM hold WHERE account_id > $1 AND account_id <= $2 \
             ORDER BY account_id, hold_no"
        );
        self.query(&sql, range(after, last)).await?.iter().map(hold).collect()
    }

    /// All redemptions of the accounts after one and up to another, in order, whatever became of them.
    pub async fn redemptions_of(
        &mut self,
        after: Option<AccountId>,
        last: Option<AccountId>,
    ) -> Result<Vec<RedemptionRow>, StoreError> {
        let sql = format!(
            "SELECT {REDEMPTION_COLUMNS} FROM redemption WHERE account_id > $1 AND account_id <= $2 \
             ORDER BY account_id, redemption_no"
        );
        self.query(&sql, range(after, last)).await?.iter().map(redemption).collect()
    }

    /// What is taken of every stock.
    pub async fn all_stocks(&mut self) -> Result<Vec<StockRow>, StoreError> {
        let sql = "SELECT reward, taken, limit_units FROM stock ORDER BY reward";
        let found = self.query(sql, Vec::new()).await?;
        let row = |row: &Row| {
            Ok(StockRow { reward: rows::code(row.text(0)?)?, taken: row.int(1)?, limit_units: row.int(2)? })
        };
        found.iter().map(row).collect()
    }
}

fn range(after: Option<AccountId>, last: Option<AccountId>) -> Vec<Value> {
    vec![after.map_or(-1, AccountId::number).into(), last.map_or(i64::MAX, AccountId::number).into()]
}

/// Where a list goes on, before everything if at the start.
fn place(after: Option<EntryId>) -> (i64, i64) {
    after.map_or((-1, 0), |entry| (entry.account_id.number(), i64::from(entry.entry_no)))
}

fn entry(row: &impl Columns) -> Result<EntryId, StoreError> {
    Ok(EntryId { account_id: rows::account_id(row.int(0)?)?, entry_no: rows::number(row.int(1)?)? })
}

fn key(row: &impl Columns) -> Result<DocumentKey, StoreError> {
    Ok(DocumentKey { source: row.text(2)?.to_owned(), reference: row.text(3)?.to_owned() })
}

fn hold(row: &Row) -> Result<HoldRow, StoreError> {
    Ok(HoldRow {
        entry: entry(row)?,
        key: key(row)?,
        unit: rows::code(row.text(4)?)?,
        points: row.int(5)?,
        captured: row.int(6)?,
        state: rows::hold_state(row.text(7)?)?,
        opened_at: rows::timestamp(row.int(8)?)?,
        ends_at: rows::timestamp(row.int(9)?)?,
    })
}

fn redemption(row: &Row) -> Result<RedemptionRow, StoreError> {
    Ok(RedemptionRow {
        entry: entry(row)?,
        key: key(row)?,
        reward: rows::code(row.text(4)?)?,
        quantity: rows::number(row.int(5)?)?,
        unit: rows::code(row.text(6)?)?,
        points: row.int(7)?,
        money: row.int(8)?,
        state: rows::redemption_state(row.text(9)?)?,
        requested_at: rows::timestamp(row.int(10)?)?,
    })
}
