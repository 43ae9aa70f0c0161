//! Rows of holds, redemptions and stocks against what the entries say.

use std::collections::BTreeMap;

use domain::code::Code;
use domain::ids::{AccountId, EntryId};
use domain::ledger::{Entry, Fact, hold_changes, redemption_change};
use domain::programme::Programmes;
use store::{Reader, StoreError};

use super::Found;
use super::account::{Page, Tally};

/// What a row says, as entries tell it and as it is stored.
type Sides = BTreeMap<EntryId, (Option<String>, Option<String>)>;

/// Compares the rows of a page of accounts.
pub(super) fn compare(page: &Page, found: &mut Found) {
    let (mut holds, mut redemptions) = (Sides::new(), Sides::new());
    for (_, entries) in &page.accounts {
        told_holds(entries, &mut holds);
        told_redemptions(entries, &mut redemptions);
    }
    for row in &page.holds {
        let words =
            (&row.key.source, &row.key.reference, row.unit, row.points, row.captured, row.state.name());
        let words = format!("{words:?} {} {}", row.opened_at, row.ends_at);
        holds.entry(row.entry).or_default().1 = Some(words);
    }
    for row in &page.redemptions {
        let words = (&row.key.source, &row.key.reference, row.reward, row.quantity, row.unit, row.points);
        let words = format!("{words:?} {} {} {}", row.money, row.state.name(), row.requested_at);
        redemptions.entry(row.entry).or_default().1 = Some(words);
    }
    differences("hold_rows", holds, found);
    differences("redemption_rows", redemptions, found);
}

fn differences(check: &str, sides: Sides, found: &mut Found) {
    for (id, (told, stored)) in sides.into_iter().filter(|(_, (told, stored))| told != stored) {
        let none = || format!("no row of entry {id}");
        found.on(Some(id.account_id), check, told.unwrap_or_else(none), stored.unwrap_or_else(none));
    }
}

fn told_holds(entries: &[Entry], sides: &mut Sides) {
    let mut changes: BTreeMap<u32, (i64, &'static str)> = BTreeMap::new();
    for change in entries.iter().flat_map(hold_changes) {
        let sums = changes.entry(change.hold_no).or_insert((0, "open"));
        *sums = (sums.0.saturating_add(change.captured), change.state.name());
    }
    for entry in entries {
        let Fact::PointsHeld { hold, unit, ends_at } = &entry.fact else { continue };
        let (captured, state) = changes.get(&entry.id.entry_no).copied().unwrap_or((0, "open"));
        let words = (&hold.key.source, &hold.key.reference, *unit, hold.points, captured, state);
        sides.entry(entry.id).or_default().0 = Some(format!("{words:?} {} {ends_at}", entry.recorded_at));
    }
}

fn told_redemptions(entries: &[Entry], sides: &mut Sides) {
    let changes = entries.iter().filter_map(redemption_change);
    let states: BTreeMap<u32, &'static str> =
        changes.map(|change| (change.redemption_no, change.state.name())).collect();
    for entry in entries {
        let Fact::RewardRedeemed { order, unit, points, money, .. } = &entry.fact else { continue };
        let state = states.get(&entry.id.entry_no).copied().unwrap_or_default();
        let words = (&order.key.source, &order.key.reference, order.reward, order.quantity, *unit, *points);
        let words = format!("{words:?} {money} {state} {}", entry.recorded_at);
        sides.entry(entry.id).or_default().0 = Some(words);
    }
}

/// Rows after those of the last account belong to nobody.
pub(super) async fn rest(
    reader: &mut Reader,
    after: Option<AccountId>,
    found: &mut Found,
) -> Result<(), StoreError> {
    for row in reader.holds_of(after, None).await? {
        found.on(
            Some(row.entry.account_id),
            "hold_rows",
            "an account of this hold",
            format!("hold {}", row.entry),
        );
    }
    for row in reader.redemptions_of(after, None).await? {
        let (account, stored) = (Some(row.entry.account_id), format!("redemption {}", row.entry));
        found.on(account, "redemption_rows", "an account of this redemption", stored);
    }
    Ok(())
}

/// Counts the units that redemptions of an account took while the version that decided had a stock.
pub(super) fn count_units(entries: &[Entry], programmes: &Programmes, taken: &mut BTreeMap<Code, i64>) {
    let stocked = |entry: &Entry, reward: Code| {
        let programme = programmes.version(entry.programme_version);
        let offered = programme.and_then(|programme| programme.programme().reward(reward));
        offered.is_some_and(|offered| offered.stock.is_some())
    };
    for entry in entries {
        let (reward, units, decided) = match &entry.fact {
            Fact::RewardRedeemed { order, .. } => (order.reward, i64::from(order.quantity), entry),
            Fact::RedemptionCancelled { reward: Some((reward, quantity)), redemption_no, .. } => {
                let redeemed = entries.iter().find(|other| other.id.entry_no == *redemption_no);
                (*reward, -i64::from(*quantity), redeemed.unwrap_or(entry))
            }
            _ => continue,
        };
        if stocked(decided, reward) {
            let sum = taken.entry(reward).or_default();
            *sum = sum.saturating_add(units);
        }
    }
}

/// Every stock against what redemptions took, and against its limit.
pub(super) async fn stocks(reader: &mut Reader, found: &mut Found, tally: &Tally) -> Result<(), StoreError> {
    let rows = reader.all_stocks().await?;
    for row in &rows {
        let told = tally.taken.get(&row.reward).copied().unwrap_or(0);
        if told != row.taken {
            let expected = format!("{told} of {} taken", row.reward);
            found.whole("stocks", expected, format!("{} of {} taken", row.taken, row.reward));
        }
        if row.taken > row.limit_units {
            let expected = format!("at most {} of {} taken", row.limit_units, row.reward);
            found.whole("stocks", expected, format!("{} taken", row.taken));
        }
    }
    for (reward, units) in tally.taken.iter().filter(|(_, units)| **units != 0) {
        if rows.iter().all(|row| row.reward != *reward) {
            found.whole("stocks", format!("{units} of {reward} taken"), format!("no stock row of {reward}"));
        }
    }
    Ok(())
}
