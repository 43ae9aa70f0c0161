//! The code under test, driven in memory as the engine drives it: every command is decided on a copy, which is kept
//! if the decision stands.

use std::collections::{BTreeMap, HashMap};

use domain::code::Code;
use domain::document::{Activity, DocumentKey, Purchase, Return};
use domain::ids::AccountId;
use domain::ledger::{AccountState, Entry, ReturnProgress};
use domain::operation::{self, Adjustment, BudgetLedger, Context, Failure, Person};
use domain::programme::Programmes;
use jiff::Timestamp;

/// One account with everything recorded about it.
#[derive(Clone)]
pub struct Account {
    pub state: AccountState,
    pub entries: Vec<Entry>,
    pub progress: Progress,
}

type Progress = HashMap<u32, ReturnProgress>;
pub(super) type Decided = Result<Vec<Entry>, Failure>;

/// What a decision may change, and the entries it may read.
pub(super) struct Copies<'a> {
    pub(super) state: &'a mut AccountState,
    entries: &'a [Entry],
    pub(super) progress: &'a mut Progress,
    pub(super) budgets: &'a mut BudgetLedger,
}

/// What a command led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// The new entries.
    Recorded(Vec<Entry>),
    Duplicate,
    Parked,
    Refused(&'static str),
}

#[derive(Clone)]
pub(super) struct Filed {
    pub(super) print: String,
    pub(super) member: usize,
    pub(super) entry_no: u32,
}

#[derive(Clone)]
pub struct Live {
    pub programmes: Programmes,
    pub accounts: Vec<Option<Account>>,
    pub spent: BTreeMap<Code, i64>,
    /// Units taken of stocks.
    pub taken: BTreeMap<Code, i64>,
    /// Whether lots are left out of decisions that do not need them, as the store does.
    pub thin: bool,
    pub(super) documents: HashMap<DocumentKey, Filed>,
    parked: Vec<(Return, String)>,
}

impl Live {
    pub fn new(members: usize, thin: bool) -> Self {
        Self {
            programmes: Programmes::default(),
            accounts: (0..members).map(|_| None).collect(),
            spent: BTreeMap::new(),
            taken: BTreeMap::new(),
            thin,
            documents: HashMap::new(),
            parked: Vec::new(),
        }
    }

    fn budgets(&self) -> BudgetLedger {
        let mut limits: BTreeMap<Code, i64> = BTreeMap::new();
        for programme in self.programmes.iter() {
            limits.extend(programme.budgets());
        }
        let left = |(rule, limit): (Code, i64)| (rule, limit - self.spent.get(&rule).copied().unwrap_or(0));
        let mut stocks: BTreeMap<Code, i64> = BTreeMap::new();
        for programme in self.programmes.iter() {
            stocks.extend(programme.stocks());
        }
        let units =
            |(reward, limit): (Code, i64)| (reward, limit - self.taken.get(&reward).copied().unwrap_or(0));
        let ledger = BudgetLedger::new(limits.into_iter().map(left).collect());
        ledger.with_stock(stocks.into_iter().map(units).collect())
    }

    fn keep_budgets(&mut self, budgets: &BudgetLedger) {
        for (rule, points) in budgets.spent() {
            *self.spent.entry(*rule).or_default() += points;
        }
        for (reward, units) in budgets.taken() {
            *self.taken.entry(*reward).or_default() += units;
        }
    }

    pub fn enrol(&mut self, member: usize, at: Timestamp, now: Timestamp) -> Done {
        let mut budgets = self.budgets();
        let context = Context { programmes: &self.programmes, now, actor: "till" };
        let account_id = AccountId::new(i64::try_from(member).expect("small") + 1).expect("an id");
        match operation::enrol_member(account_id, at, &Person::default(), &context, &mut budgets) {
            Err(failure) => refused(&failure),
            Ok((state, entries)) => {
                self.keep_budgets(&budgets);
                let account = Account { state, entries: entries.clone(), progress: HashMap::new() };
                self.accounts[member] = Some(account);
                Done::Recorded(entries)
            }
        }
    }

    /// Decides on a copy; with `keep`, the copy becomes the account.
    pub(super) fn decide(
        &mut self,
        member: usize,
        keep: bool,
        act: impl Fn(Copies<'_>) -> Decided,
    ) -> Decided {
        let original = self.accounts[member].as_ref().expect("enrolled");
        let entries = &original.entries;
        let (mut state, mut progress) = (original.state.clone(), original.progress.clone());
        let mut budgets = self.budgets();
        let whole = |state: &mut AccountState, progress: &mut Progress, budgets: &mut BudgetLedger| {
            act(Copies { state, entries, progress, budgets })
        };
        let decided = if self.thin {
            let kept = std::mem::take(&mut state.lots);
            state.lots_loaded = false;
            match whole(&mut state, &mut progress, &mut budgets) {
                Err(Failure::LotsNeeded) => {
                    (state, progress) = (original.state.clone(), original.progress.clone());
                    budgets = self.budgets();
                    whole(&mut state, &mut progress, &mut budgets)
                }
                decided => {
                    state.lots.splice(0..0, kept);
                    state.lots_loaded = true;
                    decided
                }
            }
        } else {
            whole(&mut state, &mut progress, &mut budgets)
        };
        let decided = decided?;
        if keep {
            self.keep_budgets(&budgets);
            let account = self.accounts[member].as_mut().expect("enrolled");
            account.state = state;
            account.progress = progress;
            account.entries.extend(decided.iter().cloned());
        }
        Ok(decided)
    }

    /// A copy to try something on.
    pub fn clone_for_trial(&self, member: usize) -> Self {
        let mut accounts: Vec<Option<Account>> = self.accounts.iter().map(|_| None).collect();
        accounts[member].clone_from(&self.accounts[member]);
        let programmes = self.programmes.clone();
        Self {
            programmes,
            accounts,
            spent: self.spent.clone(),
            taken: self.taken.clone(),
            thin: self.thin,
            documents: self.documents.clone(),
            parked: Vec::new(),
        }
    }

    pub(super) fn seen(&self, key: &DocumentKey, print: &str) -> Option<Done> {
        let filed = self.documents.get(key)?;
        Some(if filed.print == print { Done::Duplicate } else { Done::Refused("document_differs") })
    }

    pub fn purchase(&mut self, member: usize, purchase: &Purchase, now: Timestamp, keep: bool) -> Done {
        let print = serde_json::to_string(purchase).expect("JSON");
        if let Some(seen) = self.seen(&purchase.key, &print) {
            return seen;
        }
        if let Some(refused) = self.holds_refused(member, purchase) {
            return refused;
        }
        let programmes = self.programmes.clone();
        let context = Context { programmes: &programmes, now, actor: "till" };
        let decided = self.decide(member, keep, |copies| {
            let person = Person::default();
            operation::record_purchase(copies.state, &person, purchase.clone(), &context, copies.budgets)
        });
        let mut entries = match decided {
            Err(failure) => return refused(&failure),
            Ok(entries) => entries,
        };
        if keep {
            let entry_no = entries.last().expect("an entry").id.entry_no;
            self.documents.insert(purchase.key.clone(), Filed { print, member, entry_no });
            for (waiting, print) in std::mem::take(&mut self.parked) {
                if waiting.purchase == purchase.key
                    && let Done::Recorded(more) = self.apply(member, entry_no, &waiting, &print, now)
                {
                    entries.extend(more);
                } else {
                    self.parked.push((waiting, print));
                }
            }
        }
        Done::Recorded(entries)
    }

    fn apply(
        &mut self,
        member: usize,
        entry_no: u32,
        document: &Return,
        print: &str,
        now: Timestamp,
    ) -> Done {
        let programmes = self.programmes.clone();
        let context = Context { programmes: &programmes, now, actor: "till" };
        let decided = self.decide(member, true, |copies| {
            let purchase = copies.entries.iter().find(|entry| entry.id.entry_no == entry_no).expect("filed");
            let progress = copies.progress.entry(entry_no).or_default();
            operation::record_return(copies.state, purchase, progress, document.clone(), &context)
        });
        match decided {
            Err(failure) => refused(&failure),
            Ok(entries) => {
                let entry_no = entries.last().expect("an entry").id.entry_no;
                let filed = Filed { print: print.to_owned(), member, entry_no };
                self.documents.insert(document.key.clone(), filed);
                Done::Recorded(entries)
            }
        }
    }

    pub fn take_back(&mut self, document: &Return, now: Timestamp) -> Done {
        let print = serde_json::to_string(document).expect("JSON");
        if let Some(seen) = self.seen(&document.key, &print) {
            return seen;
        }
        if let Some((_, parked)) = self.parked.iter().find(|(parked, _)| parked.key == document.key) {
            return if *parked == print { Done::Parked } else { Done::Refused("document_differs") };
        }
        if let Some(filed) = self.documents.get(&document.purchase).cloned() {
            return self.apply(filed.member, filed.entry_no, document, &print, now);
        }
        self.parked.push((document.clone(), print));
        Done::Parked
    }

    pub fn activity(&mut self, member: usize, activity: &Activity, now: Timestamp) -> Done {
        let print = serde_json::to_string(activity).expect("JSON");
        if let Some(seen) = self.seen(&activity.key, &print) {
            return seen;
        }
        let programmes = self.programmes.clone();
        let context = Context { programmes: &programmes, now, actor: "till" };
        let decided = self.decide(member, true, |copies| {
            let person = Person::default();
            operation::record_activity(copies.state, &person, activity.clone(), &context, copies.budgets)
        });
        match decided {
            Err(failure) => refused(&failure),
            Ok(entries) => {
                let entry_no = entries.last().expect("an entry").id.entry_no;
                self.documents.insert(activity.key.clone(), Filed { print, member, entry_no });
                Done::Recorded(entries)
            }
        }
    }

    pub fn adjust(&mut self, member: usize, adjustment: &Adjustment, actor: &str, now: Timestamp) -> Done {
        let programmes = self.programmes.clone();
        let context = Context { programmes: &programmes, now, actor };
        let decided = self.decide(member, true, |copies| {
            operation::adjust_points(copies.state, adjustment.clone(), &context)
        });
        decided.map_or_else(|failure| refused(&failure), Done::Recorded)
    }

    pub fn pass_time(&mut self, member: usize, now: Timestamp) -> Done {
        let programmes = self.programmes.clone();
        let decided = self.decide(member, true, |copies| {
            let mut entries = Vec::new();
            operation::advance(copies.state, &programmes, now, &mut entries)?;
            Ok(entries)
        });
        decided.map_or_else(|failure| refused(&failure), Done::Recorded)
    }
}

impl Account {
    /// The state without the entries.
    pub fn clone_light(&self) -> Self {
        Self { state: self.state.clone(), entries: Vec::new(), progress: HashMap::new() }
    }
}

pub(super) fn refused(failure: &Failure) -> Done {
    match failure {
        Failure::Refused(refusal) => Done::Refused(refusal.code()),
        Failure::LotsNeeded => Done::Refused("lots_needed"),
    }
}
