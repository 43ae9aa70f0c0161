//! Figures of a period and of an instant, for overviews and reports. Periods are half open: from, up to but not
//! including to. Which pairs of ledger accounts mean “earned” or “expired” is for the caller to say.

use std::collections::BTreeMap;

use domain::code::Code;
use jiff::Timestamp;

use super::entries::{Flow, flow};
use crate::StoreError;
use crate::reader::Reader;
use crate::rows::{self, Columns};

/// How often an event occurred in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventCount {
    /// For instance `purchase_recorded`.
    pub event: String,
    /// Entries.
    pub entries: u64,
    /// Different accounts.
    pub accounts: u64,
}

/// What occurred in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodFigures {
    /// First instant.
    pub from: Timestamp,
    /// First instant after it.
    pub to: Timestamp,
    /// Events by name.
    pub events: Vec<EventCount>,
    /// Points that moved, by unit and pair of ledger accounts.
    pub flows: Vec<Flow>,
}

/// All accounts now, in the main unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountTotals {
    /// Accounts.
    pub accounts: u64,
    /// Of these, members who take part: not closed, not merged into another, and no household.
    pub active: u64,
    /// Of all, with at least one purchase.
    pub with_purchase: u64,
    /// Points less debt.
    pub points: i64,
    /// Pending points.
    pub pending: i64,
}

/// Points of a unit that expire in a period if nobody spends them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiring {
    /// The unit.
    pub unit: Code,
    /// Points.
    pub points: i64,
    /// Members who lose some.
    pub accounts: u64,
}

impl Reader {
    /// What occurred in a period.
    pub async fn period(&mut self, from: Timestamp, to: Timestamp) -> Result<PeriodFigures, StoreError> {
        Ok(PeriodFigures {
            from,
            to,
            events: self.events(from, to).await?,
            flows: self.flows(from, to).await?,
        })
    }

    /// A series: what occurred between each boundary and the next.
    pub async fn periods(&mut self, boundaries: &[Timestamp]) -> Result<Vec<PeriodFigures>, StoreError> {
        let mut series = Vec::with_capacity(boundaries.len());
        for pair in boundaries.windows(2) {
            series.push(self.period(pair[0], pair[1]).await?);
        }
        Ok(series)
    }

    /// Events of a period by name. Members who joined, members who bought and the number of purchases are here.
    pub async fn events(&mut self, from: Timestamp, to: Timestamp) -> Result<Vec<EventCount>, StoreError> {
        let sql = "SELECT event, count(*), count(DISTINCT account_id) FROM entry \
                   WHERE occurred_at >= $1 AND occurred_at < $2 GROUP BY event ORDER BY event";
        let found = self.query(sql, vec![from.into(), to.into()]).await?;
        found
            .iter()
            .map(|row| {
                Ok(EventCount {
                    event: row.text(0)?.to_owned(),
                    entries: rows::number(row.int(1)?)?,
                    accounts: rows::number(row.int(2)?)?,
                })
            })
            .collect()
    }

    /// Points that moved in a period. From the beginning of time up to an instant, this gives the balances then.
    pub async fn flows(&mut self, from: Timestamp, to: Timestamp) -> Result<Vec<Flow>, StoreError> {
        let sql = format!(
            "SELECT p.unit, p.debit, p.credit, CAST(sum(p.amount) AS BIGINT) FROM entry e JOIN posting p ON {} \
             WHERE e.occurred_at >= $1 AND e.occurred_at < $2 \
             GROUP BY p.unit, p.debit, p.credit ORDER BY p.unit, p.debit, p.credit",
            self.dialect.posting_of_entry()
        );
        let found = self.query(&sql, vec![from.into(), to.into()]).await?;
        found.iter().map(|row| flow(row, 0)).collect()
    }

    /// All accounts now.
    pub async fn account_totals(&mut self) -> Result<AccountTotals, StoreError> {
        let sql = "SELECT count(*), count(last_purchase_at), CAST(coalesce(sum(points), 0) AS BIGINT), \
                   CAST(coalesce(sum(pending), 0) AS BIGINT), \
                   count(CASE WHEN status = 'active' THEN 1 END) - (SELECT count(*) FROM household) FROM account";
        let row = self.query_one(sql, Vec::new()).await?;
        let row = row.ok_or_else(|| StoreError::Corrupt("a total has no row".to_owned()))?;
        Ok(AccountTotals {
            accounts: rows::number(row.int(0)?)?,
            with_purchase: rows::number(row.int(1)?)?,
            points: row.int(2)?,
            pending: row.int(3)?,
            active: rows::number(row.int(4)?)?,
        })
    }

    /// Points that expire in a period, by unit.
    pub async fn expiring(&mut self, from: Timestamp, to: Timestamp) -> Result<Vec<Expiring>, StoreError> {
        let sql = "SELECT unit, CAST(sum(remaining) AS BIGINT), count(DISTINCT account_id) FROM lot \
                   WHERE remaining > 0 AND expires_at >= $1 AND expires_at < $2 GROUP BY unit ORDER BY unit";
        let found = self.query(sql, vec![from.into(), to.into()]).await?;
        found
            .iter()
            .map(|row| {
                Ok(Expiring {
                    unit: rows::code(row.text(0)?)?,
                    points: row.int(1)?,
                    accounts: rows::number(row.int(2)?)?,
                })
            })
            .collect()
    }

    /// How many members held each tier of a ladder right before each of some instants, given in ascending order.
    pub async fn tier_mix(
        &mut self,
        ladder: Code,
        instants: &[Timestamp],
    ) -> Result<Vec<BTreeMap<Code, i64>>, StoreError> {
        // Who left holds nothing afterwards.
        let sql = "SELECT from_tier, CASE WHEN reason <> 'left' THEN to_tier END, count(*) FROM tier_change \
                   WHERE ladder = $1 AND occurred_at >= $2 AND occurred_at < $3 GROUP BY 1, 2";
        let mut mix: BTreeMap<Code, i64> = BTreeMap::new();
        let mut start = Timestamp::MIN;
        let mut all = Vec::with_capacity(instants.len());
        for instant in instants {
            let params = vec![ladder.as_str().into(), start.into(), (*instant).into()];
            for row in self.query(sql, params).await? {
                let members = row.int(2)?;
                if let Some(from) = row.text_or_null(0)? {
                    *mix.entry(rows::code(from)?).or_default() -= members;
                }
                if let Some(to) = row.text_or_null(1)? {
                    *mix.entry(rows::code(to)?).or_default() += members;
                }
            }
            start = *instant;
            all.push(mix.iter().filter(|(_, members)| **members != 0).map(|(t, m)| (*t, *m)).collect());
        }
        Ok(all)
    }
}
