//! Holds, redemptions and stocks of a batch on SQLite.

use rusqlite::Connection;

use super::load::Lookup;
use super::save::Save;
use crate::faults::Faults;
use crate::rows::{self, Columns, micros};
use crate::{BurnChanges, BurnLoaded, BurnLoads, Conflict, Resolved, StoreError};

pub(super) fn resolve(
    connection: &Connection,
    faults: &Faults,
    resolved: &mut Resolved,
) -> Result<(), StoreError> {
    let sql = "SELECT reward, taken FROM stock";
    let taken = Lookup::new(connection, faults, "read_stocks", sql)?
        .all([], |row| Ok((rows::code(row.text(0)?)?, row.int(1)?)))?;
    resolved.stocks.extend(taken);
    Ok(())
}

pub(super) fn load(
    connection: &Connection,
    faults: &Faults,
    loads: &BurnLoads,
) -> Result<BurnLoaded, StoreError> {
    let mut loaded = BurnLoaded::default();
    if !loads.holds.is_empty() {
        let sql = "SELECT state, ends_at FROM hold WHERE account_id = ?1 AND hold_no = ?2";
        let mut lookup = Lookup::new(connection, faults, "read_hold", sql)?;
        for entry in &loads.holds {
            let key = (entry.account_id.number(), entry.entry_no);
            let found = lookup
                .one(key, |row| Ok((rows::hold_state(row.text(0)?)?, rows::timestamp(row.int(1)?)?)))?;
            loaded.holds.extend(found.map(|found| (*entry, found)));
        }
    }
    if !loads.redemptions.is_empty() {
        let sql = "SELECT state FROM redemption WHERE account_id = ?1 AND redemption_no = ?2";
        let mut lookup = Lookup::new(connection, faults, "read_redemption", sql)?;
        for entry in &loads.redemptions {
            let key = (entry.account_id.number(), entry.entry_no);
            let found = lookup.one(key, |row| rows::redemption_state(row.text(0)?))?;
            loaded.redemptions.extend(found.map(|found| (*entry, found)));
        }
    }
    Ok(loaded)
}

impl Save<'_> {
    /// Rows of holds and redemptions, then stocks: on the other engine these are shared by all lanes.
    pub(super) fn burn(&self, changes: &BurnChanges) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        self.holds(changes)?;
        self.redemptions(changes)?;
        self.stocks(changes)
    }

    fn holds(&self, changes: &BurnChanges) -> Result<(), StoreError> {
        let mut insert = self.write(
            "insert_hold",
            Conflict::Hold,
            "INSERT INTO hold (account_id, hold_no, source, reference, unit, points, captured, state, opened_at, \
             ends_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?;
        for hold in &changes.new_holds {
            insert.run((
                hold.entry.account_id.number(),
                hold.entry.entry_no,
                hold.key.source.as_str(),
                hold.key.reference.as_str(),
                hold.unit.as_str(),
                hold.points,
                hold.captured,
                hold.state.name(),
                micros(hold.opened_at),
                micros(hold.ends_at),
            ))?;
        }
        let mut update = self.write(
            "update_hold",
            Conflict::AccountChanged,
            "UPDATE hold SET captured = captured + ?3, state = ?4 \
             WHERE account_id = ?1 AND hold_no = ?2 AND state = 'open'",
        )?;
        for hold in &changes.holds {
            let (account, number) = (hold.entry.account_id.number(), hold.entry.entry_no);
            update.run_on_one((account, number, hold.captured, hold.state.name()))?;
        }
        Ok(())
    }

    fn redemptions(&self, changes: &BurnChanges) -> Result<(), StoreError> {
        let mut insert = self.write(
            "insert_redemption",
            Conflict::Redemption,
            "INSERT INTO redemption (account_id, redemption_no, source, reference, reward, quantity, unit, points, \
             money, state, requested_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?;
        for redemption in &changes.new_redemptions {
            insert.run((
                redemption.entry.account_id.number(),
                redemption.entry.entry_no,
                redemption.key.source.as_str(),
                redemption.key.reference.as_str(),
                redemption.reward.as_str(),
                redemption.quantity,
                redemption.unit.as_str(),
                redemption.points,
                redemption.money,
                redemption.state.name(),
                micros(redemption.requested_at),
            ))?;
        }
        let mut update = self.write(
            "update_redemption",
            Conflict::AccountChanged,
            "UPDATE redemption SET state = ?3 \
             WHERE account_id = ?1 AND redemption_no = ?2 AND state = 'requested'",
        )?;
        for (entry, state) in &changes.redemptions {
            update.run_on_one((entry.account_id.number(), entry.entry_no, state.name()))?;
        }
        Ok(())
    }

    fn stocks(&self, changes: &BurnChanges) -> Result<(), StoreError> {
        for take in &changes.stocks {
            let conflict = Conflict::Stock(take.reward);
            let reward = take.reward.as_str();
            let mut ensure = self.write(
                "ensure_stock",
                conflict.clone(),
                "INSERT INTO stock (reward, taken, limit_units) VALUES (?1, 0, ?2) ON CONFLICT (reward) DO NOTHING",
            )?;
            ensure.run((reward, take.limit_units))?;
            // Putting back is always possible, even when the number was lowered in between.
            let mut update = self.write(
                "take_stock",
                conflict,
                "UPDATE stock SET taken = taken + ?2, limit_units = max(?3, taken + ?2) \
                 WHERE reward = ?1 AND (?2 <= 0 OR taken + ?2 <= ?3)",
            )?;
            update.run_on_one((reward, take.units, take.limit_units))?;
        }
        Ok(())
    }
}
