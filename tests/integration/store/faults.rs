//! Every database call of a batch may fail: before it, after it, once or from then on. Then either the whole batch
//! is there or none of it, and saving it again completes it.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use store::{BudgetSpend, Changes, Fault, Faults, Injected, OpenOptions, StoreDigest, StoreError};

use crate::engines::{Store, on_both_with};
use crate::samples::{Member, code, everything, goods_return, member, parked};

/// A hook that can be armed: calls with this number or, from then on, later ones fail.
#[derive(Clone, Default)]
struct Plan {
    number: Arc<AtomicU64>,
    kind: Arc<AtomicU64>,
}

const AFTER: u64 = 1;
const FROM_THEN_ON: u64 = 2;

impl Plan {
    fn arm(&self, kind: u64, number: u64) {
        self.kind.store(kind, Ordering::SeqCst);
        self.number.store(number, Ordering::SeqCst);
    }

    fn faults(&self) -> Faults {
        let plan = self.clone();
        Faults::new(move |call| {
            let kind = plan.kind.load(Ordering::SeqCst);
            let fails_at = plan.number.load(Ordering::SeqCst);
            let hit =
                if kind & FROM_THEN_ON == 0 { call.number == fails_at } else { call.number >= fails_at };
            if fails_at > 0 && hit && call.done == (kind & AFTER != 0) {
                Fault::Error(Injected::ConnectionLost)
            } else {
                Fault::None
            }
        })
    }
}

/// A member of this number joins and buys, a return is parked, a budget is spent from.
fn changes(member: &Member) -> Changes<'_> {
    let number = member.state.account_id.number();
    Changes {
        parked: vec![parked(goods_return(&format!("T-{number}"), "R-none"))],
        budget_spends: vec![BudgetSpend { campaign: code("double"), points: 5, limit_points: 1_000_000 }],
        ..everything(std::slice::from_ref(member))
    }
}

fn digest(store: &Store) -> StoreDigest {
    store.runtime.block_on(store.database.digest()).unwrap()
}

/// Fails call after call, each in a batch of its own, until a batch has fewer calls; returns how many it had.
fn fail_every_call(store: &mut Store, plan: &Plan, faults: &Faults, kind: u64, first_account: i64) -> u64 {
    for number in 1.. {
        let member = member(first_account + i64::try_from(number).unwrap(), "张伟");
        let before = digest(store);
        let calls_before = faults.calls();
        plan.arm(kind, calls_before + number);
        let told = store.save(&changes(&member));
        plan.arm(kind, 0);
        match told {
            Ok(()) => {
                let calls = faults.calls() - calls_before;
                assert!(number > calls, "call {number} of {calls} failed and nobody noticed");
                return calls;
            }
            Err(StoreError::Ambiguous(_)) => {
                assert!(kind & AFTER != 0, "only a commit that was sent is ambiguous");
                assert_ne!(digest(store), before, "this commit did arrive");
                let again = store.save(&changes(&member));
                assert!(matches!(again, Err(StoreError::Conflict(_))), "nothing is saved twice: {again:?}");
            }
            Err(StoreError::Unavailable(_)) => {
                assert_eq!(digest(store), before, "call {number}: half a batch was saved");
                store.save(&changes(&member)).unwrap();
            }
            Err(other) => panic!("call {number}: {other:?}"),
        }
        let rows = |digest: &StoreDigest| digest.tables.iter().map(|(_, rows, _)| *rows).collect::<Vec<_>>();
        let (before, after) = (rows(&before), rows(&digest(store)));
        assert_eq!((after[0], after[2]), (before[0] + 1, before[2] + 2), "an account and two entries more");
    }
    unreachable!("a batch has an end")
}

#[test]
fn a_batch_survives_the_failure_of_any_of_its_calls() {
    let plan = Plan::default();
    let faults = plan.faults();
    on_both_with(&OpenOptions::default().faults(faults.clone()), |store| {
        for (round, kind) in (0..).zip([0, AFTER, FROM_THEN_ON, AFTER | FROM_THEN_ON]) {
            let calls = fail_every_call(store, &plan, &faults, kind, round * 1_000);
            assert!(calls >= 12, "only {calls} calls were failed");
        }
    });
}

/// The hook exists in tests only: the tree of what is built for a release does not contain its feature.
#[test]
fn no_release_contains_the_hook() {
    let features = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO"))
            .args(["tree", "--offline", "--package", "perennial", "--invert", "store"])
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let release = features(&["--edges", "normal,build,features"]);
    assert!(release.contains("operations"), "{release}");
    for hook in ["faults", "testing"] {
        assert!(!release.contains(&format!("store feature \"{hook}\"")), "{release}");
    }
    // These tests, in contrast, are built with it.
    const { assert!(store::FAULTS_COMPILED_IN) };
}
