//! What the demo retailer promises: the same history for the same seed, and one that could be real.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use analytics::demo::{DemoEvent, DemoHappening, DemoOptions, DemoRetailer, SYNTHETIC_SEGMENT};
use domain::document::{DocumentKey, Purchase};
use domain::member::{Identifier, IdentifierKind};
use jiff::civil::date;
use stats::concentration::Concentration;

fn options() -> DemoOptions {
    DemoOptions::new(date(2026, 6, 30))
}

fn retailer(options: DemoOptions) -> DemoRetailer {
    DemoRetailer::new(options).expect("a retailer")
}

/// A retailer small enough for tests that keep its whole history.
fn small() -> DemoRetailer {
    retailer(DemoOptions { members: 600, ..options() })
}

/// FNV-1a over the JSON of the first events.
fn fingerprint(seed: u64) -> u64 {
    let retailer = retailer(DemoOptions { seed, ..options() });
    let first = serde_json::to_string(&retailer.member(0)).expect("JSON");
    let events = retailer.events().take(1_000).map(|event| serde_json::to_string(&event).expect("JSON"));
    std::iter::once(first)
        .chain(events)
        .flat_map(String::into_bytes)
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Purchases by key, each once however often it was uploaded.
fn purchases(events: &[DemoEvent]) -> HashMap<DocumentKey, &Purchase> {
    let found = events.iter().filter_map(|event| match &event.happening {
        DemoHappening::Purchase(purchase) => Some((purchase.key.clone(), purchase)),
        _ => None,
    });
    found.collect()
}

/// Days since 1970 in China.
fn local_day(instant: jiff::Timestamp) -> i64 {
    (instant.as_second() + 8 * 3_600).div_euclid(86_400)
}

#[test]
fn a_seed_gives_the_same_bytes_for_ever_and_another_seed_others() {
    // Golden value of this project: a change here means that every demo and every generated file changes.
    assert_eq!(format!("{:016x}", fingerprint(1)), "a16219f1a207d62a");
    assert_ne!(fingerprint(1), fingerprint(2));
}

#[test]
fn the_default_retailer_has_about_half_a_million_line_items_and_loyal_customers() {
    let retailer = retailer(options());
    let mut spend = vec![0.0; 5_000];
    let (mut lines, mut bought, mut returned) = (0, HashSet::new(), HashSet::new());
    for event in retailer.events() {
        match event.happening {
            DemoHappening::Purchase(purchase) if !bought.contains(&purchase.key) => {
                lines += purchase.lines.len();
                let cents = i32::try_from(purchase.total().expect("a total")).expect("a small total");
                spend[event.member as usize] += f64::from(cents);
                bought.insert(purchase.key);
            }
            DemoHappening::Return(document) => {
                returned.insert(document.purchase);
            }
            _ => {}
        }
    }
    let spend = Concentration::new(spend).expect("spend");
    println!("{lines} lines, {} purchases, {} returned", bought.len(), returned.len());
    println!(
        "top 20 % {:.3}, top 2.5 % {:.3}, Gini {:.3}",
        spend.top_share(0.2),
        spend.top_share(0.025),
        spend.gini()
    );
    assert!((400_000..=600_000).contains(&lines), "{lines} line items");
    assert!((100_000..=150_000).contains(&bought.len()), "{} purchases", bought.len());
    assert!((0.50..=0.75).contains(&spend.top_share(0.2)), "top 20 % hold {}", spend.top_share(0.2));
    // 4 % of the purchases; five standard errors are a quarter of a per cent.
    let share = returned.len() * 10_000 / bought.len();
    assert!((350..=425).contains(&share), "{share} of 10,000 purchases were returned");
}

#[test]
fn events_come_in_time_order_and_begin_with_the_members_joining() {
    let retailer = small();
    let (start, end) = retailer.period();
    let mut last = start;
    let mut joined = BTreeSet::new();
    for event in retailer.events() {
        assert!(event.reported_at >= last && event.reported_at < end, "{event:?}");
        last = event.reported_at;
        let occurred_at = match &event.happening {
            DemoHappening::Enrol => {
                assert_eq!(event.reported_at, retailer.member(event.member).joined_at);
                assert!(joined.insert(event.member), "member {} joined twice", event.member);
                event.reported_at
            }
            DemoHappening::Purchase(purchase) => purchase.occurred_at,
            DemoHappening::Return(document) => document.occurred_at,
            DemoHappening::Activity(activity) => activity.occurred_at,
        };
        assert!(joined.contains(&event.member), "member {} acts before joining", event.member);
        assert!(occurred_at <= event.reported_at, "{event:?} is reported before it happens");
        assert!(occurred_at >= retailer.member(event.member).joined_at, "{event:?}");
    }
    assert_eq!(joined.len(), 600);
}

#[test]
fn documents_have_one_key_each_and_duplicates_are_exact() {
    let events: Vec<DemoEvent> = small().events().collect();
    let mut seen: HashMap<(&str, &str), String> = HashMap::new();
    let mut again = 0;
    for event in &events {
        let (key, body) = match &event.happening {
            DemoHappening::Enrol => continue,
            DemoHappening::Purchase(purchase) => (&purchase.key, format!("{purchase:?}")),
            DemoHappening::Return(document) => (&document.key, format!("{document:?}")),
            DemoHappening::Activity(activity) => (&activity.key, format!("{activity:?}")),
        };
        if let Some(before) = seen.insert((&key.source, &key.reference), body.clone()) {
            assert_eq!(before, body, "two documents of one key");
            again += 1;
        }
    }
    assert!(again >= 5, "{again} duplicate uploads");
}

#[test]
fn tills_that_were_offline_upload_late() {
    let events: Vec<DemoEvent> = small().events().collect();
    let late = |event: &&DemoEvent| match &event.happening {
        DemoHappening::Purchase(purchase) => {
            purchase.store.is_some() && event.reported_at > purchase.occurred_at
        }
        _ => false,
    };
    let late = events.iter().filter(late).count();
    assert!((5..events.len() / 50).contains(&late), "{late} late uploads");
}

#[test]
fn returns_refer_to_earlier_purchases_and_never_exceed_them() {
    let events: Vec<DemoEvent> = small().events().collect();
    let purchases = purchases(&events);
    let mut returned: BTreeMap<(&DocumentKey, u32), i64> = BTreeMap::new();
    let (mut whole, mut partial) = (0, 0);
    for event in &events {
        let DemoHappening::Return(document) = &event.happening else { continue };
        let purchase = purchases[&document.purchase];
        let days = local_day(document.occurred_at) - local_day(purchase.occurred_at);
        assert!((1..=25).contains(&days), "returned after {days} days");
        let all = (0_u32..).zip(&purchase.lines).map(|(line, bought)| (line, bought.amount));
        let parts: Vec<(u32, i64)> = match document.lines.len() {
            0 => all.collect(),
            _ => document.lines.iter().map(|part| (part.line, part.amount)).collect(),
        };
        if document.lines.is_empty() {
            whole += 1;
        } else {
            partial += 1;
        }
        for (line, amount) in parts {
            assert!(amount > 0);
            let sum = returned.entry((&document.purchase, line)).or_default();
            *sum += amount;
            assert!(*sum <= purchase.lines[line as usize].amount, "more returned than bought");
        }
    }
    assert!(whole > 50 && partial > 50, "{whole} whole, {partial} partial");
}

#[test]
fn purchases_add_up_and_use_every_channel_store_payment_and_tag() {
    let events: Vec<DemoEvent> = small().events().collect();
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for purchase in purchases(&events).values() {
        let paid: i64 = purchase.payments.iter().map(|payment| payment.amount).sum();
        assert_eq!(Some(paid), purchase.total());
        assert!(!purchase.lines.is_empty());
        let mut note = |what, value: &str| found.entry(what).or_default().insert(value.to_owned());
        note("channel", purchase.channel.as_deref().unwrap_or("none"));
        note("store", purchase.store.as_deref().unwrap_or("none"));
        for payment in &purchase.payments {
            note("payment", &payment.method);
        }
        for line in &purchase.lines {
            assert!(line.amount > 0 && line.tax >= 0 && line.tax < line.amount && line.quantity_milli > 0);
            note("category", &line.category);
            for tag in &line.tags {
                note("tag", tag);
            }
        }
    }
    let list = |what: &str| found[what].iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    assert_eq!(list("channel"), "app store web");
    assert_eq!(found["store"].len(), 13, "twelve stores and none");
    assert_eq!(list("payment"), "card cash gift_card mobile");
    assert_eq!(list("tag"), "delivery gift_card tobacco");
    assert_eq!(found["category"].len(), 32, "thirty of goods, delivery and gift cards");
}

#[test]
fn shopping_drifts_to_the_app_and_follows_the_seasons() {
    let events: Vec<DemoEvent> = small().events().collect();
    let mut by_month: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    let mut by_day: BTreeMap<String, u32> = BTreeMap::new();
    for purchase in purchases(&events).values() {
        let local = purchase.occurred_at.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)));
        let month = by_month.entry(local.strftime("%Y-%m").to_string()).or_default();
        month.0 += 1;
        month.1 += u32::from(purchase.channel.as_deref() == Some("app"));
        *by_day.entry(local.strftime("%Y-%m-%d").to_string()).or_default() += 1;
    }
    assert_eq!(by_month.len(), 24);
    let app_percent = |month: &str| by_month[month].1 * 100 / by_month[month].0;
    assert!(app_percent("2026-05") > app_percent("2024-08") + 10, "the app does not grow");
    for (festival, ordinary) in [("2025-11-11", "2025-10-21"), ("2026-06-18", "2026-05-14")] {
        assert!(by_day[festival] > 2 * by_day[ordinary], "{festival} is no festival");
    }
}

#[test]
fn members_dormant_for_months_come_back() {
    let events: Vec<DemoEvent> = small().events().collect();
    let mut last: HashMap<u32, i64> = HashMap::new();
    let mut returning = HashSet::new();
    for event in &events {
        let DemoHappening::Purchase(purchase) = &event.happening else { continue };
        let at = purchase.occurred_at.as_second();
        if last.insert(event.member, at).is_some_and(|before| at - before > 120 * 86_400) {
            returning.insert(event.member);
        }
    }
    let gone = last
        .values()
        .filter(|at| events.last().expect("events").reported_at.as_second() - *at > 180 * 86_400);
    assert!(returning.len() > 30, "{} came back after four months", returning.len());
    assert!(gone.count() > 60);
}

#[test]
fn members_are_well_formed_distinct_and_marked_as_synthetic() {
    let retailer = retailer(options());
    let mut identifiers = HashSet::new();
    let (mut chinese, mut english, mut phones, mut emails, mut birthdays) = (0, 0, 0, 0, 0);
    for member in retailer.members() {
        for identifier in &member.identifiers {
            let again = Identifier::new(identifier.kind, &identifier.value, None);
            assert_eq!(again.as_ref(), Ok(identifier), "not in normal form");
            assert!(identifiers.insert(identifier.clone()), "{identifier:?} belongs to two members");
            phones += u32::from(identifier.kind == IdentifierKind::Phone);
            emails += u32::from(identifier.kind == IdentifierKind::Email);
        }
        let has = |kind| member.identifiers.iter().any(|identifier| identifier.kind == kind);
        assert!(has(IdentifierKind::Card) && has(IdentifierKind::External));
        let name = member.profile.name.expect("a name");
        if name.is_ascii() {
            english += 1;
        } else {
            chinese += 1;
        }
        birthdays += u32::from(member.profile.born_on.is_some());
        let segments: Vec<String> = member.profile.segments.iter().map(ToString::to_string).collect();
        assert!(segments.len() >= 2 && segments.iter().any(|segment| segment == SYNTHETIC_SEGMENT));
    }
    assert!(chinese > 4_000 && english > 400, "{chinese} Chinese and {english} English names");
    assert!(phones > 4_000 && emails > 2_000 && birthdays > 3_500);
}

#[test]
fn impossible_retailers_are_refused() {
    for bad in [
        DemoOptions { months: 0, ..options() },
        DemoOptions { months: 2_000, ..options() },
        DemoOptions { members: 60_000_000, ..options() },
        DemoOptions::new(date(9_999, 12, 31)),
        DemoOptions::new(date(-50, 1, 1)),
    ] {
        assert!(DemoRetailer::new(bad).is_err(), "{bad:?}");
    }
    assert_eq!(retailer(DemoOptions { members: 0, ..options() }).events().count(), 0);
}

#[test]
fn the_files_hold_the_same_history() {
    let retailer = retailer(DemoOptions { members: 60, ..options() });
    let folder = std::env::temp_dir().join(format!("perennial-demo-{}", std::process::id()));
    let files = retailer.write_csv(&folder).expect("written");
    let events: Vec<DemoEvent> = retailer.events().collect();
    let purchases = purchases(&events);

    let mut reader = csv::Reader::from_path(&files.purchases).expect("readable");
    let columns = reader.headers().expect("column names").clone();
    let cell = |row: &csv::StringRecord, name: &str| {
        row[columns.iter().position(|column| column == name).expect("the column")].to_owned()
    };
    let mut distinct: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut rows = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        rows += 1;
        if cell(&row, "kind") == "sale" {
            distinct.insert((cell(&row, "receipt"), cell(&row, "line")), cell(&row, "amount"));
        } else {
            assert!(cell(&row, "amount").starts_with('-') && !cell(&row, "return_of").is_empty());
        }
    }
    let written = files.rows;
    assert_eq!(rows, written.purchase_lines + written.duplicate_lines + written.return_lines);
    assert_eq!(distinct.len() as u64, written.purchase_lines);
    for purchase in purchases.values() {
        for (number, line) in purchase.lines.iter().enumerate() {
            let amount = &distinct[&(purchase.key.reference.clone(), (number + 1).to_string())];
            assert_eq!(amount.replace('.', "").parse::<i64>(), Ok(line.amount));
        }
    }
    let members = csv::Reader::from_path(&files.members).expect("readable").into_records().count();
    assert_eq!((members, written.members), (60, 60));
    std::fs::remove_dir_all(&folder).expect("removed");
}
