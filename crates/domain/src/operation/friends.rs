//! A few members and their history, for tests of changes that span two accounts.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    BudgetLedger, Context, Failure, PairEntries, Person, enrol_member, record_purchase, record_return,
};
use crate::audit::{Audited, audit_account};
use crate::code::Code;
use crate::document::{DocumentKey, Purchase, PurchaseLine, Return};
use crate::ids::AccountId;
use crate::ledger::{AccountState, Entry, Fact, ReturnProgress};
use crate::money::Currency;
use crate::programme::{CompiledProgramme, Programmes, parse_toml};

pub(super) const POINTS: Code = Code::constant("points");

/// Members 1, 2, 3 … who all joined on 1 January 2026.
pub(super) struct Friends {
    pub(super) programmes: Programmes,
    pub(super) states: Vec<AccountState>,
    pub(super) entries: Vec<Vec<Entry>>,
}

pub(super) fn noon(day: &str) -> Timestamp {
    format!("{day}T12:00:00+08:00").parse().unwrap()
}

impl Friends {
    pub(super) fn of(programme: &str, count: i64) -> Self {
        let compiled =
            CompiledProgramme::compile(parse_toml(programme).unwrap(), 1, noon("2025-01-01")).unwrap();
        let programmes = Programmes::new(vec![Arc::new(compiled)]);
        let mut friends = Self { programmes, states: Vec::new(), entries: Vec::new() };
        (1..=count).for_each(|number| friends.joins(number, "2026-01-01"));
        friends
    }

    pub(super) fn joins(&mut self, number: i64, day: &str) {
        let context = Context { programmes: &self.programmes, now: noon(day), actor: "desk" };
        let id = AccountId::new(number).unwrap();
        let mut budgets = BudgetLedger::default();
        let (state, entries) =
            enrol_member(id, noon(day), &Person::default(), &context, &mut budgets).unwrap();
        self.states.push(state);
        self.entries.push(entries);
    }

    pub(super) fn buys(&mut self, who: usize, day: &str, reference: &str, amount: i64) {
        let purchase = Purchase {
            key: DocumentKey { source: "till".to_owned(), reference: reference.to_owned() },
            occurred_at: noon(day),
            currency: Currency::new("CNY").unwrap(),
            store: None,
            channel: None,
            vouchers: Vec::new(),
            payments: Vec::new(),
            lines: vec![PurchaseLine { amount, quantity_milli: 1_000, ..PurchaseLine::default() }],
        };
        let context = Context { programmes: &self.programmes, now: noon(day), actor: "till" };
        let mut budgets = BudgetLedger::default();
        let person = Person::default();
        let entries =
            record_purchase(&mut self.states[who], &person, purchase, &context, &mut budgets).unwrap();
        self.entries[who].extend(entries);
    }

    pub(super) fn returns(&mut self, who: usize, day: &str, reference: &str) {
        let key = DocumentKey { source: "till".to_owned(), reference: reference.to_owned() };
        let bought = |entry: &&Entry| matches!(&entry.fact, Fact::PurchaseRecorded { purchase, .. } if purchase.key == key);
        let purchase = self.entries[who].iter().find(bought).unwrap().clone();
        let back = DocumentKey { source: "till".to_owned(), reference: format!("{reference}-back") };
        let document = Return { key: back, purchase: key, occurred_at: noon(day), lines: Vec::new() };
        let context = Context { programmes: &self.programmes, now: noon(day), actor: "till" };
        let mut progress = ReturnProgress::default();
        let entries =
            record_return(&mut self.states[who], &purchase, &mut progress, document, &context).unwrap();
        self.entries[who].extend(entries);
    }

    /// Decides on copies, which are kept if the decision stands.
    pub(super) fn decide(
        &mut self,
        (from, to): (usize, usize),
        day: &str,
        decide: impl FnOnce(&mut AccountState, &mut AccountState, &Context<'_>) -> Result<PairEntries, Failure>,
    ) -> Result<(), &'static str> {
        let (mut one, mut other) = (self.states[from].clone(), self.states[to].clone());
        let context = Context { programmes: &self.programmes, now: noon(day), actor: "app" };
        match decide(&mut one, &mut other, &context) {
            Err(Failure::Refused(refusal)) => Err(refusal.code()),
            Err(Failure::LotsNeeded) => Err("lots_needed"),
            Ok((given, got)) => {
                (self.states[from], self.states[to]) = (one, other);
                self.entries[from].extend(given);
                self.entries[to].extend(got);
                Ok(())
            }
        }
    }

    pub(super) fn last(&self, who: usize) -> &Entry {
        self.entries[who].last().unwrap()
    }

    pub(super) fn holds(&self, who: usize) -> (i64, i64) {
        let balance = self.states[who].balance(POINTS);
        (balance.available, balance.debt)
    }

    /// Every account agrees with its entries, and its history repeats from its entries alone.
    pub(super) fn audited(&self) {
        for (state, entries) in self.states.iter().zip(&self.entries) {
            let mut state = state.clone();
            state.lots.sort_by_key(|lot| lot.lot_no);
            let findings = audit_account(Audited { state: &state, entries, programmes: &self.programmes });
            assert_eq!(findings, Vec::new());
        }
    }
}
