//! Members, purchases and entries to store; small, complete, and with every optional field both set and unset.

use domain::code::Code;
use domain::document::{DocumentKey, Payment, Purchase, PurchaseLine, Return, ReturnLine};
use domain::ids::{AccountId, EntryId};
use domain::ledger::{
    AccountState, Award, Balance, CapPeriod, Circumstances, Counter, Entry, Fact, LedgerAccount, Lot,
    LotChange, Posting, QualifyingAmount, Standing, TierChange, TierChangeReason, TierPosition, TierStanding,
};
use domain::member::{Identifier, IdentifierKind, Profile, name_search_keys};
use domain::money::Currency;
use jiff::Timestamp;
use store::{Changes, NewDocument, NewIdentifier, NewMember, ParkedReturn};

pub(crate) fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn account(number: i64) -> AccountId {
    AccountId::new(number).unwrap()
}

pub(crate) fn external(value: &str) -> Identifier {
    Identifier { kind: IdentifierKind::External, value: value.to_owned() }
}

pub(crate) fn key(reference: &str) -> DocumentKey {
    DocumentKey { source: "till".to_owned(), reference: reference.to_owned() }
}

/// A member who joined and bought once: state with one new lot, two entries, the person, an identifier, a document.
pub(crate) struct Member {
    pub(crate) state: AccountState,
    pub(crate) entries: Vec<Entry>,
    pub(crate) person: NewMember,
    pub(crate) identifier: NewIdentifier,
    pub(crate) document: NewDocument,
}

pub(crate) fn member(number: i64, name: &str) -> Member {
    let account_id = account(number);
    let joined = at("2025-03-01T02:00:00Z");
    let mut state = AccountState::new(account_id, joined);
    state.last_entry_no = 2;
    state.last_lot_no = 1;
    state.last_recorded_at = at("2025-03-02T02:00:01.000001Z");
    state.balances = vec![Balance { pending: 120, earned: 120, ..Balance::zero(code("points")) }];
    state.tiers = vec![TierStanding {
        ladder: code("status"),
        tier: code("silver"),
        since: joined,
        review_at: Some(at("2026-03-01T00:00:00Z")),
        earlier: vec![(joined, code("basic"))],
    }];
    state.qualifying = vec![QualifyingAmount { ladder: code("status"), bucket: 2025, amount: 12_000 }];
    state.counters =
        vec![Counter { rule: code("base"), period: CapPeriod::Day, bucket: 20_149, times: 1, points: 120 }];
    state.purchase_count = 1;
    state.spend = 12_000;
    state.last_purchase_at = Some(at("2025-03-02T02:00:00Z"));
    state.last_activity_at = at("2025-03-02T02:00:00Z");
    state.purchase_days = vec![20_149];
    state.next_due_at = Some(at("2025-03-16T00:00:00Z"));
    state.lots = vec![lot(1, 2, 120)];
    Member {
        entries: vec![enrolment(account_id), purchase(account_id, 2, &format!("R-{number}"))],
        person: NewMember {
            account_id,
            profile: Profile {
                name: Some(name.to_owned()),
                born_on: Some("1988-02-29".parse().unwrap()),
                language: Some("zh-CN".to_owned()),
                segments: vec![code("vip")],
                declined_segments: vec![code("wine")],
            },
            search: name_search_keys(name),
            created_at: joined,
        },
        identifier: NewIdentifier { identifier: external(&format!("c{number}")), account_id },
        document: NewDocument {
            key: key(&format!("R-{number}")),
            entry: EntryId { account_id, entry_no: 2 },
            fingerprint: [7; 16],
        },
        state,
    }
}

pub(crate) fn lot(lot_no: u32, entry_no: u32, points: i64) -> Lot {
    Lot {
        lot_no,
        unit: code("points"),
        entry_no,
        origin: None,
        funder: code("house"),
        cohort: 24_302,
        earned_at: at("2025-03-02T02:00:00Z"),
        pending_until: Some(at("2025-03-16T00:00:00Z")),
        expires_at: Some(at("2026-04-01T00:00:00Z")),
        issued: points,
        remaining: points,
        held: 0,
        consumed: 0,
        expired: 0,
        clawed_back: 0,
        change: LotChange::New,
    }
}

pub(crate) fn enrolment(account_id: AccountId) -> Entry {
    Entry {
        id: EntryId { account_id, entry_no: 1 },
        occurred_at: at("2025-03-01T02:00:00Z"),
        recorded_at: at("2025-03-01T02:00:01Z"),
        programme_version: 1,
        actor: "key_1".to_owned(),
        corrects: None,
        fact: Fact::MemberEnrolled {
            circumstances: Circumstances::default(),
            awards: Vec::new(),
            outcomes: String::new(),
        },
        postings: Vec::new(),
        tier_changes: vec![TierChange {
            ladder: code("status"),
            from: None,
            to: code("basic"),
            reason: TierChangeReason::Enrolment,
        }],
        standing: Standing::default(),
    }
}

pub(crate) fn purchase(account_id: AccountId, entry_no: u32, reference: &str) -> Entry {
    let fact = Fact::PurchaseRecorded {
        purchase: Purchase {
            key: key(reference),
            occurred_at: at("2025-03-02T02:00:00Z"),
            currency: Currency::new("CNY").unwrap(),
            store: Some("s001".to_owned()),
            channel: None,
            vouchers: Vec::new(),
            payments: vec![Payment {
                method: "card".to_owned(),
                amount: 12_000,
                points: None,
                stored_value: None,
            }],
            lines: vec![
                PurchaseLine {
                    sku: "龙井 “A”".to_owned(),
                    amount: 10_000,
                    quantity_milli: 1_000,
                    ..Default::default()
                },
                PurchaseLine {
                    sku: "b\\1".to_owned(),
                    amount: 2_000,
                    quantity_milli: 1_500,
                    ..Default::default()
                },
            ],
        },
        circumstances: Circumstances {
            purchase_no: 1,
            tiers: vec![(code("status"), code("basic"))],
            ..Default::default()
        },
        awards: vec![Award {
            rule: code("base"),
            unit: code("points"),
            points: 120,
            funding: vec![(code("house"), 120)],
            shares: vec![100, 20],
            pending_until: Some(at("2025-03-16T00:00:00Z")),
            expires_at: None,
        }],
        outcomes: "Fn".to_owned(),
        spent: Vec::new(),
    };
    Entry {
        id: EntryId { account_id, entry_no },
        occurred_at: at("2025-03-02T02:00:00Z"),
        recorded_at: at("2025-03-02T02:00:01.000001Z"),
        programme_version: 1,
        actor: "key_1".to_owned(),
        corrects: Some(1),
        fact,
        postings: vec![Posting {
            unit: code("points"),
            debit: LedgerAccount::Issuer,
            credit: LedgerAccount::MemberPending,
            amount: 120,
            lot_no: 1,
            rule: Some(code("base")),
            funder: code("house"),
        }],
        tier_changes: vec![TierChange {
            ladder: code("status"),
            from: Some(code("basic")),
            to: code("silver"),
            reason: TierChangeReason::Upgrade,
        }],
        standing: Standing {
            balances: vec![Balance { pending: 120, earned: 120, ..Balance::zero(code("points")) }],
            tiers: vec![TierPosition {
                ladder: code("status"),
                tier: code("silver"),
                qualifying: 12_000,
                next: Some((code("gold"), 50_000)),
                review_at: None,
            }],
        },
    }
}

pub(crate) fn goods_return(reference: &str, purchase: &str) -> Return {
    Return {
        key: key(reference),
        purchase: key(purchase),
        occurred_at: at("2025-03-05T02:00:00Z"),
        lines: vec![ReturnLine { line: 1, amount: 500 }],
    }
}

/// The changes that store these members with all their rows.
pub(crate) fn everything(members: &[Member]) -> Changes<'_> {
    Changes {
        main_unit: Some(code("points")),
        main_ladder: Some(code("status")),
        new_accounts: members.iter().map(|member| &member.state).collect(),
        entries: members.iter().flat_map(|member| &member.entries).collect(),
        documents: members.iter().map(|member| member.document.clone()).collect(),
        new_members: members.iter().map(|member| member.person.clone()).collect(),
        new_identifiers: members.iter().map(|member| member.identifier.clone()).collect(),
        ..Changes::default()
    }
}

pub(crate) fn parked(document: Return) -> ParkedReturn {
    ParkedReturn {
        document,
        fingerprint: [1; 16],
        actor: "key_1".to_owned(),
        recorded_at: at("2025-03-05T02:00:00Z"),
    }
}
