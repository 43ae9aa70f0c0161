//! The clock of a sandbox: where it stands, kept in the database that it belongs to. It only moves on.

use jiff::Timestamp;

use crate::reader::Reader;
use crate::rows::{self, Columns};
use crate::{Database, StoreError};

impl Database {
    /// Moves the clock of this database on, and makes the database a sandbox if it was none. `false` if the clock
    /// stands later already.
    pub async fn move_sandbox_clock(&self, to: Timestamp) -> Result<bool, StoreError> {
        let sql = "INSERT INTO sandbox (only_row, clock_at) VALUES (1, $1) \
                   ON CONFLICT (only_row) DO UPDATE SET clock_at = excluded.clock_at \
                   WHERE sandbox.clock_at <= excluded.clock_at";
        Ok(self.write_one(sql, vec![to.into()]).await? == 1)
    }
}

impl Reader {
    /// Where the clock of this database stands; none in a database that goes by the machine's.
    pub async fn sandbox_clock(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let found = self.query("SELECT clock_at FROM sandbox", Vec::new()).await?;
        found.first().map(|row| rows::timestamp(row.int(0)?)).transpose()
    }

    /// The next instants at which something falls due by time alone, and on how many accounts, soonest first.
    pub async fn due_instants(
        &mut self,
        after: Timestamp,
        limit: u32,
    ) -> Result<Vec<(Timestamp, i64)>, StoreError> {
        let sql = "SELECT next_due_at, count(*) FROM account WHERE next_due_at > $1 \
                   GROUP BY next_due_at ORDER BY next_due_at LIMIT $2";
        let rows = self.query(sql, vec![after.into(), limit.into()]).await?;
        rows.iter().map(|row| Ok((rows::timestamp(row.int(0)?)?, row.int(1)?))).collect()
    }

    /// When something next falls due by time alone on any account after an instant, if anything ever does.
    pub async fn earliest_due_after(&mut self, at: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(next_due_at) FROM account WHERE next_due_at > $1";
        let found = self.query(sql, vec![at.into()]).await?;
        let earliest = found.first().map(|row| row.int_or_null(0)).transpose()?.flatten();
        earliest.map(rows::timestamp).transpose()
    }
}
