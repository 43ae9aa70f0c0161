//! What a purchase costs in SQLite, by table, in processor time of the writer's thread:
//! `cargo run --release -p store --example purchase_cost -- [MEMBERS] [PURCHASES] [BATCH]`.
//! Each part of the batch is saved alone on members drawn at random, then all of them together.

use std::time::Instant;

use domain::code::Code;
use domain::document::{DocumentKey, Purchase, PurchaseLine};
use domain::ids::{AccountId, EntryId};
use domain::ledger::{
    AccountState, Award, Balance, CapPeriod, Circumstances, Counter, Entry, Fact, LedgerAccount, Lot,
    LotChange, Posting, QualifyingAmount, Standing, TierPosition, TierStanding,
};
use domain::member::{Identifier, IdentifierKind, Profile};
use domain::money::Currency;
use jiff::{Timestamp, ToSpan};
use store::{
    Changes, Database, DatabaseUrl, Keys, Loads, NewDocument, NewIdentifier, NewMember, OpenOptions,
    SqliteWriter,
};

type Failure = Box<dyn std::error::Error>;

/// Processor time of this thread in nanoseconds, as the kernel counts it.
fn processor_time() -> Result<u64, Failure> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split_whitespace().next().unwrap_or("0").parse()?)
}

/// A small generator of numbers that look random (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % bound
    }
}

/// Which tables a run writes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Resolve,
    Load,
    Account,
    Lot,
    EntryAndPostings,
    Document,
    Everything,
}

struct Run {
    writer: SqliteWriter,
    members: u64,
    batch: usize,
    numbers: Numbers,
    document_no: u64,
    now: Timestamp,
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let members = arguments.next().transpose()?.unwrap_or(1_000_000);
    let purchases = arguments.next().transpose()?.unwrap_or(100_000);
    let batch = usize::try_from(arguments.next().transpose()?.unwrap_or(256))?;
    let folder = std::env::temp_dir().join(format!("perennial-cost-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let url = DatabaseUrl::Sqlite(folder.join("cost.db"));
    let runtime = tokio::runtime::Runtime::new()?;
    let database = runtime.block_on(Database::open(&url, &OpenOptions::default()))?;
    let Database::Sqlite(file) = &database else { return Err("a SQLite address gave another engine".into()) };
    let now: Timestamp = "2026-01-01T00:00:00Z".parse()?;
    let mut run = Run { writer: file.writer()?, members, batch, numbers: Numbers(7), document_no: 0, now };
    let begun = Instant::now();
    run.enrol()?;
    println!("{members} members enrolled in {:.1} s", begun.elapsed().as_secs_f64());
    println!("{:<22} {:>14} {:>14}", "part", "CPU us each", "wall us each");
    for (name, part) in [
        ("resolve", Part::Resolve),
        ("load", Part::Load),
        ("account", Part::Account),
        ("lot", Part::Lot),
        ("entry and postings", Part::EntryAndPostings),
        ("document", Part::Document),
        ("everything", Part::Everything),
    ] {
        let (processor, wall) = (processor_time()?, Instant::now());
        run.purchases(purchases, part)?;
        #[expect(clippy::cast_precision_loss, reason = "figures to read")]
        let each = |nanoseconds: f64| nanoseconds / 1_000.0 / purchases as f64;
        #[expect(clippy::cast_precision_loss, reason = "figures to read")]
        let spent = (processor_time()? - processor) as f64;
        println!("{name:<22} {:>14.1} {:>14.1}", each(spent), each(wall.elapsed().as_secs_f64() * 1e9));
    }
    drop(run);
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

fn code(text: &str) -> Result<Code, Failure> {
    Ok(Code::new(text)?)
}

fn account(number: u64) -> Result<AccountId, Failure> {
    AccountId::new(i64::try_from(number)?).ok_or_else(|| "a negative account".into())
}

impl Run {
    /// A member some purchases into the programme, without open lots in memory.
    fn state(&self, number: u64) -> Result<AccountState, Failure> {
        let mut state = AccountState::new(account(number)?, self.now);
        let points = code("points")?;
        let status = code("status")?;
        state.lots_loaded = false;
        state.last_entry_no = 1;
        state.last_recorded_at = self.now;
        state.balances =
            vec![Balance { available: 900, pending: 120, earned: 1_020, ..Balance::zero(points) }];
        state.tiers = vec![TierStanding {
            ladder: status,
            tier: code("silver")?,
            since: self.now,
            review_at: Some(self.now.checked_add(8_760.hours())?),
            earlier: Vec::new(),
        }];
        state.qualifying = vec![QualifyingAmount { ladder: status, bucket: 2026, amount: 12_000 }];
        let rule = code("double_day")?;
        state.counters =
            vec![Counter { rule, period: CapPeriod::Day, bucket: 20_454, times: 1, points: 120 }];
        state.purchase_count = 3;
        state.spend = 45_900;
        state.last_purchase_at = Some(self.now);
        state.purchase_days = vec![20_440, 20_454];
        state.next_due_at = Some(self.now.checked_add(336.hours())?);
        Ok(state)
    }

    fn enrol(&mut self) -> Result<(), Failure> {
        let mut next = 0;
        while next < self.members {
            let last = (next + 5_000).min(self.members);
            let states = (next..last).map(|number| self.state(number)).collect::<Result<Vec<_>, _>>()?;
            let mut changes = Changes { new_accounts: states.iter().collect(), ..Changes::default() };
            for state in &states {
                let account_id = state.account_id;
                let value = format!("62{:010}", account_id.number());
                let identifier = Identifier { kind: IdentifierKind::Card, value };
                changes.new_identifiers.push(NewIdentifier { identifier, account_id });
                let (profile, search) = (Profile::default(), String::new());
                changes.new_members.push(NewMember { account_id, profile, search, created_at: self.now });
            }
            let mut batch = self.writer.begin()?;
            batch.save(&changes)?;
            batch.commit()?;
            next = last;
        }
        Ok(())
    }

    fn purchases(&mut self, count: u64, part: Part) -> Result<(), Failure> {
        let mut left = usize::try_from(count)?;
        while left > 0 {
            let size = left.min(self.batch);
            self.one_batch(size, part)?;
            left -= size;
        }
        Ok(())
    }

    fn one_batch(&mut self, size: usize, part: Part) -> Result<(), Failure> {
        let mut numbers: Vec<u64> = (0..size).map(|_| self.numbers.below(self.members)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let whole = part == Part::Everything;
        let documents: Vec<DocumentKey> = numbers.iter().map(|_| self.document_key()).collect();
        let mut batch = self.writer.begin()?;
        if whole || part == Part::Resolve {
            let identifiers = numbers
                .iter()
                .map(|number| Identifier { kind: IdentifierKind::Card, value: format!("62{number:010}") });
            let keys = Keys {
                identifiers: identifiers.collect(),
                documents: documents.clone(),
                purchases_awaited: documents.clone(),
                ..Keys::default()
            };
            batch.resolve(&keys)?;
        }
        let accounts = numbers.iter().map(|number| account(*number)).collect::<Result<Vec<_>, _>>()?;
        let loads = Loads { accounts, persons: true, due_before: Some(self.now), ..Loads::default() };
        let mut states: Vec<AccountState> = batch.load(&loads)?.states.into_values().collect();
        states.sort_by_key(|state| state.account_id);
        let mut entries = Vec::new();
        for (state, key) in states.iter_mut().zip(&documents) {
            entries.push(purchase(state, key, self.now, part)?);
        }
        let mut changes = Changes {
            main_unit: Some(code("points")?),
            main_ladder: Some(code("status")?),
            ..Changes::default()
        };
        if part != Part::Resolve && part != Part::Load {
            // Numbers of entries and lots move in the state: it is written in every part that uses them up.
            changes.accounts = states.iter().collect();
        }
        if whole || part == Part::EntryAndPostings {
            changes.entries = entries.iter().collect();
        }
        if whole || part == Part::Document {
            let rows = entries.iter().zip(documents);
            changes.documents =
                rows.map(|(entry, key)| NewDocument { key, entry: entry.id, fingerprint: [7; 16] }).collect();
        }
        batch.save(&changes)?;
        Ok(batch.commit()?)
    }

    fn document_key(&mut self) -> DocumentKey {
        self.document_no += 1;
        let (store, till) = (self.numbers.below(40), self.numbers.below(6));
        DocumentKey {
            source: "till".to_owned(),
            reference: format!("s{store:03}-{till}-{:08}", self.document_no),
        }
    }
}

/// What a decision would do: one line, one award, one lot, one posting.
fn purchase(
    state: &mut AccountState,
    key: &DocumentKey,
    now: Timestamp,
    part: Part,
) -> Result<Entry, Failure> {
    let (points, house, rule) = (code("points")?, code("house")?, code("base")?);
    let lots = matches!(part, Part::Lot | Part::Everything);
    state.last_entry_no += 1;
    state.purchase_count += 1;
    state.spend += 12_800;
    if lots {
        state.last_lot_no += 1;
        state.lots.push(Lot {
            lot_no: state.last_lot_no,
            unit: points,
            entry_no: state.last_entry_no,
            origin: None,
            funder: house,
            cohort: 24_312,
            earned_at: now,
            pending_until: Some(now.checked_add(336.hours())?),
            expires_at: Some(now.checked_add(8_760.hours())?),
            issued: 128,
            remaining: 128,
            held: 0,
            consumed: 0,
            expired: 0,
            clawed_back: 0,
            change: LotChange::New,
        });
    }
    let line = PurchaseLine {
        sku: "6901234567892".into(),
        category: "tea".into(),
        amount: 12_800,
        ..Default::default()
    };
    let purchase = Purchase {
        key: key.clone(),
        occurred_at: now,
        currency: Currency::new("CNY")?,
        store: Some("s001".to_owned()),
        channel: Some("store".to_owned()),
        vouchers: Vec::new(),
        payments: Vec::new(),
        lines: vec![line],
    };
    let award = Award {
        rule,
        unit: points,
        points: 128,
        funding: vec![(house, 128)],
        shares: vec![128],
        pending_until: Some(now.checked_add(336.hours())?),
        expires_at: Some(now.checked_add(8_760.hours())?),
    };
    let tiers = vec![(code("status")?, code("silver")?)];
    Ok(Entry {
        id: EntryId { account_id: state.account_id, entry_no: state.last_entry_no },
        occurred_at: now,
        recorded_at: now,
        programme_version: 1,
        actor: "key_till".to_owned(),
        corrects: None,
        fact: Fact::PurchaseRecorded {
            purchase,
            circumstances: Circumstances { purchase_no: state.purchase_count, tiers, ..Default::default() },
            awards: vec![award],
            outcomes: "F".repeat(50),
            spent: Vec::new(),
        },
        postings: vec![Posting {
            unit: points,
            debit: LedgerAccount::Issuer,
            credit: LedgerAccount::MemberPending,
            amount: 128,
            lot_no: state.last_lot_no,
            rule: Some(rule),
            funder: house,
        }],
        tier_changes: Vec::new(),
        standing: Standing {
            balances: state.balances.clone(),
            tiers: vec![TierPosition {
                ladder: code("status")?,
                tier: code("silver")?,
                qualifying: 12_000,
                next: Some((code("gold")?, 50_000)),
                review_at: None,
            }],
        },
    })
}
