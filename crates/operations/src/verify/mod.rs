//! Verifying a live database: every account audited from its entries, every document, budget and total compared.
//! Reads one snapshot in pages, so memory does not grow with the database; accounts are audited on all cores.

mod account;
mod burn;
mod documents;
mod multiset;
mod pages;
mod pairs;
mod totals;

use std::collections::BTreeMap;

use domain::audit::{Check, Finding};
use domain::ids::AccountId;
use serde::Serialize;
use store::{Reader, StoreError};

use self::account::Tally;
use crate::engine::Engine;
use crate::error::OperationError;

/// Differences listed in full at the most; further ones are only counted.
pub const DIFFERENCES_LISTED_MAX: usize = 1_000;

/// Checks that look across accounts, each with what must hold.
const WHOLE_CHECKS: [(&str, &str); 12] = [
    ("readable", "stored rows can be read"),
    ("columns", "the columns that lists read say what the state says"),
    ("persons", "every account has its person, every person an account"),
    ("documents", "every document leads to the entry that records it, and every such entry has its document"),
    ("pairs", "a change on two accounts is in both, says the same in both, and moves as much out as in"),
    ("budgets", "a budget has spent what its awards gave, and not more than its limit"),
    ("hold_rows", "every hold has its row, which says how it stands"),
    ("redemption_rows", "every redeemed reward has its row, which says how it stands"),
    ("stocks", "a stock has given what redemptions took less what was put back, and not more than its limit"),
    (
        "vouchers",
        "a voucher counts its open uses, a template its vouchers, and statements issued what their entries say",
    ),
    ("totals", "balances of all members together are what all postings sum to"),
    ("feed", "the feed tells every entry exactly once"),
];

/// How far verification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyProgress {
    /// Accounts audited.
    pub accounts_done: u64,
    /// All accounts.
    pub accounts_total: u64,
}

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The check that found it.
    pub check: String,
    /// The account, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// The entry, if it shows in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry_no: Option<u32>,
    /// What ought to be.
    pub expected: String,
    /// What is.
    pub found: String,
}

/// What was checked and how often it did not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckResult {
    /// Its name.
    pub check: String,
    /// What must hold.
    pub sentence: &'static str,
    /// How often it does not.
    pub differences: u64,
}

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Accounts audited.
    pub accounts: u64,
    /// Their entries.
    pub entries: u64,
    /// Their postings.
    pub postings: u64,
    /// Their lots.
    pub lots: u64,
    /// Documents compared.
    pub documents: u64,
    /// Every check, whether it found something or not.
    pub checks: Vec<CheckResult>,
    /// The first differences, in full.
    pub differences: Vec<Difference>,
}

impl VerifyReport {
    /// Whether everything holds.
    pub fn is_clean(&self) -> bool {
        self.checks.iter().all(|check| check.differences == 0)
    }
}

/// Differences in the making: all counted, the first kept.
#[derive(Default)]
struct Found {
    counts: BTreeMap<String, u64>,
    kept: Vec<Difference>,
}

impl Found {
    fn add(&mut self, difference: Difference) {
        *self.counts.entry(difference.check.clone()).or_default() += 1;
        if self.kept.len() < DIFFERENCES_LISTED_MAX {
            self.kept.push(difference);
        }
    }

    fn whole(&mut self, check: &str, expected: impl Into<String>, found: impl Into<String>) {
        self.on(None, check, expected, found);
    }

    fn on(
        &mut self,
        account_id: Option<AccountId>,
        check: &str,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) {
        let (check, expected, found) = (check.to_owned(), expected.into(), found.into());
        self.add(Difference { check, account_id, entry_no: None, expected, found });
    }

    fn finding(&mut self, finding: Finding) {
        let Finding { check, account_id, entry_no, expected, found } = finding;
        self.add(Difference { check: name(check), account_id: Some(account_id), entry_no, expected, found });
    }

    fn append(&mut self, other: Self) {
        for (check, count) in other.counts {
            *self.counts.entry(check).or_default() += count;
        }
        let room = DIFFERENCES_LISTED_MAX.saturating_sub(self.kept.len());
        self.kept.extend(other.kept.into_iter().take(room));
    }
}

/// The name of a check of one account, as in reports.
fn name(check: Check) -> String {
    match serde_json::to_value(check) {
        Ok(serde_json::Value::String(name)) => name,
        // Checks are plain names; a new one that is not still gets a name.
        _ => format!("{check:?}"),
    }
}

impl Engine {
    /// Checks everything. `deep` also reads the whole feed.
    pub async fn verify(
        &self,
        deep: bool,
        progress: &mut (dyn FnMut(VerifyProgress) + Send),
    ) -> Result<VerifyReport, OperationError> {
        let mut reader = self.database().snapshot().await?;
        let mut found = Found::default();
        let mut tally = Tally::default();
        match self.verify_all(&mut reader, deep, &mut found, &mut tally, progress).await {
            Ok(()) => reader.finish().await?,
            // A row that cannot be read is what verification is there to find; nothing after it can be checked.
            Err(StoreError::Corrupt(cause)) => {
                found.whole("readable", "rows of the form this version writes", cause);
            }
            Err(error) => return Err(error.into()),
        }
        Ok(report(found, &tally, deep))
    }

    async fn verify_all(
        &self,
        reader: &mut Reader,
        deep: bool,
        found: &mut Found,
        tally: &mut Tally,
        progress: &mut (dyn FnMut(VerifyProgress) + Send),
    ) -> Result<(), StoreError> {
        let programmes = self.programmes();
        let accounts_total = reader.account_totals().await?.accounts;
        let mut audited = |accounts_done| progress(VerifyProgress { accounts_done, accounts_total });
        pages::audit_all(reader, &programmes, found, tally, &mut audited).await?;
        documents::compare(reader, found, tally).await?;
        pairs::compare(reader, found, tally).await?;
        totals::budgets(reader, &programmes, found, tally).await?;
        burn::stocks(reader, found, tally).await?;
        totals::vouchers(reader, found, tally).await?;
        totals::house(reader, found, tally).await?;
        if deep { totals::feed(reader, found, tally).await } else { Ok(()) }
    }
}

fn report(found: Found, tally: &Tally, deep: bool) -> VerifyReport {
    let account_checks = Check::ALL.into_iter().map(|check| (name(check), check.sentence()));
    let whole_checks = WHOLE_CHECKS.into_iter().map(|(name, sentence)| (name.to_owned(), sentence));
    let checks = account_checks.chain(whole_checks).filter(|(name, _)| deep || name != "feed");
    let checks = checks.map(|(check, sentence)| {
        let differences = found.counts.get(&check).copied().unwrap_or(0);
        CheckResult { check, sentence, differences }
    });
    VerifyReport {
        accounts: tally.accounts,
        entries: tally.entries,
        postings: tally.postings,
        lots: tally.lots,
        documents: tally.documents.count(),
        checks: checks.collect(),
        differences: found.kept,
    }
}
