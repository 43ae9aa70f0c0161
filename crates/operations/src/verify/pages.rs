//! Reading accounts page by page, each with all its entries, and auditing the pages on all cores.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::ids::{AccountId, EntryId};
use domain::ledger::Entry;
use domain::programme::Programmes;
use store::{Reader, StoreError};
use tokio::task::JoinSet;

use super::Found;
use super::account::{Page, Tally, audit};

/// Accounts in one page.
const PAGE_ACCOUNTS: u32 = 100;
/// Entries read at a time.
const PAGE_ENTRIES: u32 = 2_000;

/// Where reading stands.
#[derive(Default)]
pub(super) struct Pages {
    after: Option<AccountId>,
    last_entry: Option<EntryId>,
    // Read already, but of later accounts.
    carried: VecDeque<Entry>,
    entries_ended: bool,
}

/// Audits every account; calls `audited` with the number done so far.
pub(super) async fn audit_all(
    reader: &mut Reader,
    programmes: &Arc<Programmes>,
    found: &mut Found,
    tally: &mut Tally,
    audited: &mut (dyn FnMut(u64) + Send),
) -> Result<(), StoreError> {
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZeroUsize::get);
    let mut pages = Pages::default();
    let mut tasks: JoinSet<(Found, Tally)> = JoinSet::new();
    loop {
        let page = pages.next(reader, found).await?;
        while tasks.len() > workers || (page.is_none() && !tasks.is_empty()) {
            let Some(done) = tasks.join_next().await else { break };
            let (page_found, page_tally) =
                done.map_err(|cause| StoreError::Unavailable(format!("an audit was stopped: {cause}")))?;
            found.append(page_found);
            tally.append(&page_tally);
            audited(tally.accounts);
        }
        let Some(page) = page else { return Ok(()) };
        let programmes = Arc::clone(programmes);
        tasks.spawn_blocking(move || audit(&page, &programmes));
    }
}

impl Pages {
    /// The next accounts with all their entries.
    async fn next(&mut self, reader: &mut Reader, found: &mut Found) -> Result<Option<Page>, StoreError> {
        let states = reader.all_accounts(self.after, PAGE_ACCOUNTS).await?;
        let Some(last) = states.last().map(|state| state.account_id) else {
            self.rest(reader, found).await?;
            super::burn::rest(reader, self.after, found).await?;
            return Ok(None);
        };
        let columns = reader.all_account_columns(self.after, PAGE_ACCOUNTS).await?;
        let persons = reader.all_members(self.after, PAGE_ACCOUNTS).await?;
        let persons = persons.into_iter().map(|person| person.account_id).filter(|id| *id <= last).collect();
        let holds = reader.holds_of(self.after, Some(last)).await?;
        let redemptions = reader.redemptions_of(self.after, Some(last)).await?;
        self.after = Some(last);
        self.read_beyond(reader, last).await?;
        let mut accounts = Vec::with_capacity(states.len());
        for state in states {
            let mut entries = Vec::new();
            while let Some(entry) = self.carried.pop_front_if(|entry| entry.id.account_id <= state.account_id)
            {
                if entry.id.account_id == state.account_id {
                    entries.push(entry);
                } else {
                    orphan(&entry, found);
                }
            }
            accounts.push((state, entries));
        }
        Ok(Some(Page { accounts, columns, persons, holds, redemptions }))
    }

    /// Reads entries until all of accounts up to `last` are there.
    async fn read_beyond(&mut self, reader: &mut Reader, last: AccountId) -> Result<(), StoreError> {
        while !self.entries_ended && self.carried.back().is_none_or(|entry| entry.id.account_id <= last) {
            let page = reader.all_entries(self.last_entry, PAGE_ENTRIES).await?;
            self.entries_ended = page.is_empty();
            self.last_entry = page.last().map(|entry| entry.id).or(self.last_entry);
            self.carried.extend(page);
        }
        Ok(())
    }

    /// Entries after those of the last account belong to nobody.
    async fn rest(&mut self, reader: &mut Reader, found: &mut Found) -> Result<(), StoreError> {
        loop {
            for entry in self.carried.drain(..) {
                orphan(&entry, found);
            }
            let page = reader.all_entries(self.last_entry, PAGE_ENTRIES).await?;
            let Some(last) = page.last() else { return Ok(()) };
            self.last_entry = Some(last.id);
            self.carried.extend(page);
        }
    }
}

fn orphan(entry: &Entry, found: &mut Found) {
    let account = Some(entry.id.account_id);
    found.on(account, "entry_order", "an account of this entry", format!("entry {} of no account", entry.id));
}
