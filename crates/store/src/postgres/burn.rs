//! Holds, redemptions and stocks of a batch on PostgreSQL: one array statement for each kind of row.

use std::collections::HashSet;

use domain::ids::EntryId;
use tokio_postgres::Row;

use super::error::first_cause;
use super::lane::{Params, Run};
use super::load::{entry_id, split};
use crate::rows::{self, Columns, micros};
use crate::{BurnChanges, BurnLoaded, BurnLoads, Conflict, StockTake, StoreError};

pub(super) async fn stocks(run: &Run<'_>, needed: bool) -> Result<Vec<Row>, StoreError> {
    if !needed {
        return Ok(Vec::new());
    }
    run.query("read_stocks", &run.statements.read_stocks, &[]).await
}

pub(super) async fn load(run: &Run<'_>, loads: &BurnLoads) -> Result<BurnLoaded, StoreError> {
    let (holds, redemptions) = tokio::join!(
        biased;
        by_entry(run, "read_holds", &run.statements.read_holds, &loads.holds),
        by_entry(run, "read_redemptions", &run.statements.read_redemptions, &loads.redemptions),
    );
    let (holds, first) = split(holds);
    let (redemptions, second) = split(redemptions);
    first_cause([first, second])?;
    let mut loaded = BurnLoaded::default();
    for row in &holds {
        let stands = (rows::hold_state(row.text(2)?)?, rows::timestamp(row.int(3)?)?);
        loaded.holds.insert(entry_id(row, 0)?, stands);
    }
    for row in &redemptions {
        loaded.redemptions.insert(entry_id(row, 0)?, rows::redemption_state(row.text(2)?)?);
    }
    Ok(loaded)
}

async fn by_entry(
    run: &Run<'_>,
    name: &'static str,
    statement: &tokio_postgres::Statement,
    entries: &[EntryId],
) -> Result<Vec<Row>, StoreError> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let (accounts, numbers) = numbers(entries.iter());
    run.query(name, statement, &[&accounts, &numbers]).await
}

fn numbers<'e>(entries: impl Iterator<Item = &'e EntryId>) -> (Vec<i64>, Vec<i64>) {
    entries.map(|entry| (entry.account_id.number(), i64::from(entry.entry_no))).unzip()
}

pub(super) async fn save(run: &Run<'_>, changes: &BurnChanges) -> Result<(), StoreError> {
    let (first, second, third, fourth, fifth) = tokio::join!(
        biased;
        new_holds(run, changes),
        holds(run, changes),
        new_redemptions(run, changes),
        redemptions(run, changes),
        take_stocks(run, &changes.stocks),
    );
    first_cause([first, second, third, fourth, fifth])
}

async fn new_holds(run: &Run<'_>, changes: &BurnChanges) -> Result<(), StoreError> {
    let holds = &changes.new_holds;
    if holds.is_empty() {
        return Ok(());
    }
    let (accounts, numbers) = numbers(holds.iter().map(|hold| &hold.entry));
    let sources: Vec<&str> = holds.iter().map(|hold| hold.key.source.as_str()).collect();
    let references: Vec<&str> = holds.iter().map(|hold| hold.key.reference.as_str()).collect();
    let units: Vec<&str> = holds.iter().map(|hold| hold.unit.as_str()).collect();
    let points: Vec<i64> = holds.iter().map(|hold| hold.points).collect();
    let captured: Vec<i64> = holds.iter().map(|hold| hold.captured).collect();
    let states: Vec<&str> = holds.iter().map(|hold| hold.state.name()).collect();
    let opened: Vec<i64> = holds.iter().map(|hold| micros(hold.opened_at)).collect();
    let ends: Vec<i64> = holds.iter().map(|hold| micros(hold.ends_at)).collect();
    let params: Params<'_> =
        &[&accounts, &numbers, &sources, &references, &units, &points, &captured, &states, &opened, &ends];
    run.write("insert_holds", &run.statements.insert_holds, params, (holds.len(), Conflict::Hold)).await
}

async fn holds(run: &Run<'_>, changes: &BurnChanges) -> Result<(), StoreError> {
    let holds = &changes.holds;
    if holds.is_empty() {
        return Ok(());
    }
    let (accounts, numbers) = numbers(holds.iter().map(|hold| &hold.entry));
    let captured: Vec<i64> = holds.iter().map(|hold| hold.captured).collect();
    let states: Vec<&str> = holds.iter().map(|hold| hold.state.name()).collect();
    let params: Params<'_> = &[&accounts, &numbers, &captured, &states];
    let expected = (holds.len(), Conflict::AccountChanged);
    run.write("update_holds", &run.statements.update_holds, params, expected).await
}

async fn new_redemptions(run: &Run<'_>, changes: &BurnChanges) -> Result<(), StoreError> {
    let redemptions = &changes.new_redemptions;
    if redemptions.is_empty() {
        return Ok(());
    }
    let (accounts, numbers) = numbers(redemptions.iter().map(|redemption| &redemption.entry));
    let sources: Vec<&str> = redemptions.iter().map(|row| row.key.source.as_str()).collect();
    let references: Vec<&str> = redemptions.iter().map(|row| row.key.reference.as_str()).collect();
    let rewards: Vec<&str> = redemptions.iter().map(|row| row.reward.as_str()).collect();
    let quantities: Vec<i64> = redemptions.iter().map(|row| i64::from(row.quantity)).collect();
    let units: Vec<&str> = redemptions.iter().map(|row| row.unit.as_str()).collect();
    let points: Vec<i64> = redemptions.iter().map(|row| row.points).collect();
    let money: Vec<i64> = redemptions.iter().map(|row| row.money).collect();
    let states: Vec<&str> = redemptions.iter().map(|row| row.state.name()).collect();
    let requested: Vec<i64> = redemptions.iter().map(|row| micros(row.requested_at)).collect();
    let params: Params<'_> = &[
        &accounts,
        &numbers,
        &sources,
        &references,
        &rewards,
        &quantities,
        &units,
        &points,
        &money,
        &states,
        &requested,
    ];
    let expected = (redemptions.len(), Conflict::Redemption);
    run.write("insert_redemptions", &run.statements.insert_redemptions, params, expected).await
}

async fn redemptions(run: &Run<'_>, changes: &BurnChanges) -> Result<(), StoreError> {
    let redemptions = &changes.redemptions;
    if redemptions.is_empty() {
        return Ok(());
    }
    let (accounts, numbers) = numbers(redemptions.iter().map(|(entry, _)| entry));
    let states: Vec<&str> = redemptions.iter().map(|(_, state)| state.name()).collect();
    let expected = (redemptions.len(), Conflict::AccountChanged);
    let params: Params<'_> = &[&accounts, &numbers, &states];
    run.write("update_redemptions", &run.statements.update_redemptions, params, expected).await
}

/// Last and sorted: a stock is shared by all lanes, so its row is locked for as short as can be.
async fn take_stocks(run: &Run<'_>, takes: &[StockTake]) -> Result<(), StoreError> {
    if takes.is_empty() {
        return Ok(());
    }
    let mut takes = takes.to_vec();
    takes.sort_by_key(|take| take.reward);
    let rewards: Vec<&str> = takes.iter().map(|take| take.reward.as_str()).collect();
    let units: Vec<i64> = takes.iter().map(|take| take.units).collect();
    let limits: Vec<i64> = takes.iter().map(|take| take.limit_units).collect();
    run.execute("ensure_stocks", &run.statements.ensure_stocks, &[&rewards, &limits]).await?;
    let params: Params<'_> = &[&rewards, &units, &limits];
    let rows = run.query("take_stocks", &run.statements.take_stocks, params).await?;
    let granted = rows.iter().map(|row| row.text(0)).collect::<Result<HashSet<&str>, _>>()?;
    match takes.iter().find(|take| !granted.contains(take.reward.as_str())) {
        Some(refused) => Err(Conflict::Stock(refused.reward).into()),
        None => Ok(()),
    }
}
