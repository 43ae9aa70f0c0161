//! Comparing the members that a blocking rule brings together: of each rule the most probable pairs, in bounded memory.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use stats::linkage::blocking::Blocking;
use store::{DuplicatePair, DuplicateState};

use super::persons::Persons;
use super::score::{Scorer, Weights, millibits, millibits_of};
use super::{PAIRS_PER_RULE_MAX, QUEUE_PROBABILITY, rules};
use crate::error::OperationError;
use crate::fingerprint::fingerprint;

/// Pairs compared between two looks at whether the run was given up.
const CHECK_PAIRS: u64 = 4_096;

/// Everything that comparing needs.
pub(super) struct Search {
    pub(super) scorer: Scorer,
    pub(super) blocking: Blocking,
}

/// What a rule found: pairs by position, the most probable of them.
pub(super) struct Found {
    pub(super) pairs: Vec<(usize, usize)>,
    pub(super) compared: u64,
    pub(super) over_limit: u64,
}

impl Search {
    /// With the weights of a run that goes on, or with those that these members give; the latter to be kept.
    pub(super) fn new(persons: Persons, known: Option<Weights>) -> Result<(Self, String), OperationError> {
        let blocking = rules::blocking(&persons)?;
        let weights = known.unwrap_or_else(|| Weights::learn(&persons, &blocking));
        let kept =
            serde_json::to_string(&weights).map_err(|cause| OperationError::Internal(cause.to_string()))?;
        Ok((Self { scorer: Scorer::new(persons, weights), blocking }, kept))
    }

    pub(super) fn strongest(&self, rule: usize, given_up: &AtomicBool) -> Found {
        self.strongest_of(rule, given_up, PAIRS_PER_RULE_MAX)
    }

    /// The most probable pairs of a rule, no more than so many.
    pub(super) fn strongest_of(&self, rule: usize, given_up: &AtomicBool, most: usize) -> Found {
        let least = millibits_of(QUEUE_PROBABILITY);
        let mut kept: BinaryHeap<Reverse<(i64, usize, usize)>> = BinaryHeap::new();
        let (mut compared, mut over_limit, mut stopped) = (0_u64, 0, false);
        self.blocking.for_each_new_pair_of(rule, |left, right| {
            compared += 1;
            if compared.is_multiple_of(CHECK_PAIRS) {
                stopped = given_up.load(Ordering::Relaxed);
            }
            if stopped {
                return;
            }
            let weight = millibits(self.scorer.evidence(left, right).weight());
            if weight >= least {
                kept.push(Reverse((weight, left, right)));
                if kept.len() > most {
                    kept.pop();
                    over_limit += 1;
                }
            }
        });
        let pairs = kept.into_iter().map(|Reverse((_, left, right))| (left, right)).collect();
        Found { pairs, compared, over_limit }
    }

    /// A pair as it is stored.
    pub(super) fn pair(
        &self,
        left: usize,
        right: usize,
        run_no: i64,
        found_at: Timestamp,
    ) -> Result<DuplicatePair, OperationError> {
        let evidence = self.scorer.evidence(left, right);
        let (one, other) = (&self.scorer.persons.all[left], &self.scorer.persons.all[right]);
        let json =
            serde_json::to_string(&evidence).map_err(|cause| OperationError::Internal(cause.to_string()))?;
        Ok(DuplicatePair {
            // Members are read in order of their accounts, so the smaller one comes first.
            left: one.account_id,
            right: other.account_id,
            state: DuplicateState::Open,
            weight_millibits: millibits(evidence.weight()),
            evidence: json,
            fingerprint: fingerprint(&(one.fingerprint, other.fingerprint))?,
            run_no,
            found_at,
            decided_at: None,
            decided_by: None,
        })
    }
}
