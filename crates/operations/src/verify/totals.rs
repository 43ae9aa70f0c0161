//! What holds for all accounts together: budgets, the totals of member accounts, and the feed.

use std::collections::BTreeMap;

use domain::code::Code;
use domain::history::Sums;
use domain::ledger::{LedgerAccount, Posting};
use domain::programme::Programmes;
use store::{FeedPosition, Reader, StoreError};

use super::Found;
use super::account::Tally;
use super::multiset::Multiset;

const PAGE_ENTRIES: u32 = 2_000;

/// Every budget against the awards of its rule, and against its limit.
pub(super) async fn budgets(
    reader: &mut Reader,
    programmes: &Programmes,
    found: &mut Found,
    tally: &Tally,
) -> Result<(), StoreError> {
    let rows = reader.all_budgets().await?;
    for row in &rows {
        let awarded = tally.awarded.get(&row.campaign).copied().unwrap_or(0);
        if awarded != row.spent {
            let (expected, spent) = (format!("{} spent {awarded}", row.campaign), row.spent);
            found.whole("budgets", expected, format!("{} spent {spent}", row.campaign));
        }
        if row.spent > row.limit_points {
            let (limit, spent) = (row.limit_points, row.spent);
            let expected = format!("{} spent at most {limit}", row.campaign);
            found.whole("budgets", expected, format!("{} spent {spent}", row.campaign));
        }
    }
    let budgeted: BTreeMap<Code, i64> = programmes.iter().flat_map(|programme| programme.budgets()).collect();
    for rule in budgeted.keys().filter(|rule| rows.iter().all(|row| row.campaign != **rule)) {
        if let Some(awarded) = tally.awarded.get(rule).filter(|awarded| **awarded != 0) {
            found.whole("budgets", format!("{rule} spent {awarded}"), format!("{rule} has no budget row"));
        }
    }
    Ok(())
}

/// Vouchers against their uses, their orders, and the statements that issued them.
pub(super) async fn vouchers(
    reader: &mut Reader,
    found: &mut Found,
    tally: &Tally,
) -> Result<(), StoreError> {
    let audit = reader.voucher_audit().await?;
    for (what, count) in [
        ("vouchers that miscount their uses", audit.miscounted),
        ("templates that miscount", audit.misordered),
    ] {
        if count != 0 {
            found.whole("vouchers", format!("no {what}"), format!("{count} {what}"));
        }
    }
    let (count, value) = tally.statement_vouchers;
    if (count, value) != (audit.of_statements, audit.value) {
        let expected = format!("{count} vouchers worth {value} from statements");
        found.whole("vouchers", expected, format!("{} worth {}", audit.of_statements, audit.value));
    }
    Ok(())
}

/// Σ of all members' balances against Σ of all postings. House accounts are the other side of the same rows, so
/// that the whole is zero by construction.
pub(super) async fn house(reader: &mut Reader, found: &mut Found, tally: &Tally) -> Result<(), StoreError> {
    let mut posted: BTreeMap<Code, Sums> = BTreeMap::new();
    let mut on_their_way: BTreeMap<Code, i64> = BTreeMap::new();
    for flow in reader.house_totals().await? {
        let transfer = |account| if account == LedgerAccount::Transfer { flow.amount } else { 0 };
        let net = transfer(flow.credit).saturating_sub(transfer(flow.debit));
        let sum = on_their_way.entry(flow.unit).or_default();
        *sum = sum.saturating_add(net);
        let (unit, debit, credit, amount) = (flow.unit, flow.debit, flow.credit, flow.amount);
        let posting = Posting { unit, debit, credit, amount, lot_no: 0, rule: None, funder: unit };
        posted.entry(unit).or_default().add(&posting);
    }
    for (unit, points) in on_their_way.into_iter().filter(|(_, points)| *points != 0) {
        found.whole(
            "pairs",
            format!("{unit}: as much out as in"),
            format!("{unit}: {points} more out than in"),
        );
    }
    let units = posted.keys().chain(tally.balances.keys()).copied();
    for unit in units.collect::<std::collections::BTreeSet<Code>>() {
        let expected = posted.get(&unit).copied().unwrap_or_default();
        let members = tally.balances.get(&unit).copied().unwrap_or_default();
        if expected != members {
            found.whole("totals", format!("{unit}: {expected:?}"), format!("{unit}: {members:?}"));
        }
    }
    Ok(())
}

/// The feed against the entries of all accounts.
pub(super) async fn feed(reader: &mut Reader, found: &mut Found, tally: &Tally) -> Result<(), StoreError> {
    let mut told = Multiset::default();
    let mut after = FeedPosition::default();
    loop {
        let page = reader.feed(after, PAGE_ENTRIES).await?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        for (_, entry) in &page {
            told.add(&entry.id);
        }
    }
    if tally.entry_ids.differing(&told).is_some() {
        let (entries, events) = (tally.entries, told.count());
        found.whole(
            "feed",
            format!("{entries} entries, each once"),
            format!("{events} events, not the same"),
        );
    }
    Ok(())
}
