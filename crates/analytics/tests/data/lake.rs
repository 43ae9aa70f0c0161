//! The lake: what is committed is there once, whatever stops, overtakes or tidies up.

use std::path::Path;

use analytics::lake::{
    DocumentOwner, Lake, LakeError, LakeLocation, LakeWriter, MANIFESTS_KEPT, MemberRow, Origin, PostingRow,
    ReturnRow, SMALL_FILES_MAX, SessionOptions, Table, ask,
};
use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use domain::document::{DocumentKey, Purchase, PurchaseLine};
use domain::ledger::ReturnedLine;
use domain::money::Currency;
use jiff::Timestamp;
use jiff::tz::TimeZone;

fn location(folder: &Path) -> LakeLocation {
    LakeLocation::parse(folder.to_str().unwrap(), Vec::new()).unwrap()
}

fn ledger() -> Origin {
    Origin::Ledger { ledger: "L1".to_owned() }
}

async fn writer(place: &LakeLocation, token: u64) -> LakeWriter {
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    LakeWriter::open(place, ledger(), &zone, token).await.unwrap()
}

fn purchase(reference: &str, at: &str, amounts: &[i64]) -> Purchase {
    Purchase {
        key: DocumentKey { source: "till".to_owned(), reference: reference.to_owned() },
        occurred_at: at.parse().unwrap(),
        currency: Currency::new("CNY").unwrap(),
        store: Some("s1".to_owned()),
        channel: None,
        payments: Vec::new(),
        vouchers: Vec::new(),
        lines: amounts
            .iter()
            .enumerate()
            .map(|(number, amount)| PurchaseLine {
                sku: format!("sku{number}"),
                category: "tea".to_owned(),
                amount: *amount,
                quantity_milli: 1_000,
                ..PurchaseLine::default()
            })
            .collect(),
    }
}

fn owner(member_id: i64) -> DocumentOwner {
    DocumentOwner { member_id, entry_no: Some(1) }
}

/// The first cell of the first row.
async fn number(lake: &Lake, sql: &str) -> i64 {
    let session = lake.session(&SessionOptions::default()).await.unwrap();
    let found = ask(&session, sql).await.unwrap().collect().await.unwrap();
    found[0].column(0).as_primitive::<Int64Type>().value(0)
}

#[tokio::test]
async fn what_is_committed_can_be_asked_and_what_is_not_cannot() {
    let folder = tempfile::tempdir().unwrap();
    let place = location(&folder.path().join("a lake 湖 100%"));
    let missing = Lake::open(&place).await.expect_err("nothing there");
    assert!(missing.to_string().starts_with("there is no lake at "), "{missing}");
    let mut writer = writer(&place, 1).await;
    // 23:30 UTC on 31 March is 1 April in Shanghai.
    writer.add_purchase(owner(1), &purchase("r1", "2026-03-31T23:30:00Z", &[300, 45])).unwrap();
    writer.commit("5").await.unwrap();
    writer.add_purchase(owner(2), &purchase("r2", "2026-04-02T03:00:00Z", &[700])).unwrap();
    let lake = Lake::open(&place).await.unwrap();
    assert_eq!(number(&lake, "SELECT sum(amount) FROM purchases").await, 345);
    assert_eq!(number(&lake, "SELECT count(*) FROM lines WHERE category = 'tea'").await, 2);
    assert_eq!(number(&lake, "SELECT count(*) FROM purchases WHERE day = DATE '2026-04-01'").await, 1);
    assert_eq!(number(&lake, "SELECT count(*) FROM postings").await, 0, "an empty table is there, too");
    writer.commit("6").await.unwrap();
    assert_eq!(number(&lake, "SELECT count(*) FROM purchases").await, 1, "an opened lake stays as it was");
    let lake = Lake::open(&place).await.unwrap();
    assert_eq!(number(&lake, "SELECT count(*) FROM purchases").await, 2);
    assert_eq!(lake.manifest().position, "6");
    let months: Vec<_> = lake.manifest().files_of(Table::Purchases).map(|file| file.path.clone()).collect();
    assert!(months.iter().all(|path| path.starts_with("purchases/month=2026-04/")), "{months:?}");
}

#[tokio::test]
async fn a_return_lowers_the_sum_and_says_what_came_back() {
    let folder = tempfile::tempdir().unwrap();
    let place = location(folder.path());
    let mut writer = writer(&place, 1).await;
    let bought = purchase("r1", "2026-03-01T03:00:00Z", &[300, 45]);
    writer.add_purchase(owner(1), &bought).unwrap();
    let key = DocumentKey { source: "till".to_owned(), reference: "b1".to_owned() };
    let back = ReturnRow {
        key: &key,
        purchase_reference: "r1",
        occurred_at: "2026-03-05T03:00:00Z".parse().unwrap(),
        currency: bought.currency,
        lines: &[ReturnedLine { line: 1, amount: 45 }],
        purchase: Some(&bought),
    };
    writer.add_return(owner(1), &back).unwrap();
    writer.commit("2").await.unwrap();
    let lake = Lake::open(&place).await.unwrap();
    assert_eq!(number(&lake, "SELECT sum(amount) FROM purchases").await, 300);
    assert_eq!(number(&lake, "SELECT sum(amount) FROM lines WHERE sku = 'sku1'").await, 0);
    assert_eq!(number(&lake, "SELECT count(*) FROM purchases WHERE kind = 'purchase'").await, 1);
}

#[tokio::test]
async fn of_two_writers_one_commits_and_the_other_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let place = location(folder.path());
    let (mut fast, mut slow) = (writer(&place, 1).await, writer(&place, 2).await);
    for writer in [&mut fast, &mut slow] {
        writer.add_purchase(owner(1), &purchase("r1", "2026-03-01T03:00:00Z", &[300])).unwrap();
    }
    fast.commit("1").await.unwrap();
    let refused = slow.commit("1").await.expect_err("somebody was faster");
    assert!(matches!(refused, LakeError::Overtaken { .. }), "{refused}");
    let lake = Lake::open(&place).await.unwrap();
    assert_eq!(number(&lake, "SELECT count(*) FROM purchases").await, 1);
}

#[tokio::test]
async fn a_writer_that_stopped_is_taken_up_from_its_last_commit() {
    let folder = tempfile::tempdir().unwrap();
    let place = location(folder.path());
    let mut stopped = writer(&place, 1).await;
    stopped.add_purchase(owner(1), &purchase("r1", "2026-03-01T03:00:00Z", &[1])).unwrap();
    stopped.commit("1").await.unwrap();
    stopped.add_purchase(owner(1), &purchase("r2", "2026-03-01T03:00:00Z", &[2])).unwrap();
    drop(stopped);
    let mut next = writer(&place, 2).await;
    assert_eq!(next.position(), "1");
    next.add_purchase(owner(1), &purchase("r2", "2026-03-01T03:00:00Z", &[2])).unwrap();
    next.commit("2").await.unwrap();
    let lake = Lake::open(&place).await.unwrap();
    assert_eq!(number(&lake, "SELECT sum(amount) FROM purchases").await, 3);
}

#[tokio::test]
async fn compaction_makes_one_file_of_many_and_changes_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let place = location(folder.path());
    let mut writer = writer(&place, 1).await;
    let commits = i64::try_from(SMALL_FILES_MAX + 3).unwrap();
    for number in 1..=commits {
        writer
            .add_purchase(owner(number), &purchase(&format!("r{number}"), "2026-03-01T03:00:00Z", &[number]))
            .unwrap();
        writer.commit(&number.to_string()).await.unwrap();
    }
    let before = Lake::open(&place).await.unwrap();
    let files_before = before.manifest().files.len();
    let fewer = writer.compact().await.unwrap();
    assert_eq!(files_before - fewer, 2, "one file of purchases and one of lines");
    let after = Lake::open(&place).await.unwrap();
    let sum = commits * (commits + 1) / 2;
    for lake in [&before, &after] {
        assert_eq!(number(lake, "SELECT sum(amount) FROM purchases").await, sum, "old and new can be read");
        assert_eq!(number(lake, "SELECT count(DISTINCT reference) FROM purchases").await, commits);
    }
    assert_eq!(after.manifest().position, commits.to_string());
    // With the commit after the next one the old files go.
    writer.add_purchase(owner(1), &purchase("last", "2026-03-01T03:00:00Z", &[1])).unwrap();
    writer.commit("12").await.unwrap();
    let left = files(folder.path());
    assert_eq!(left.iter().filter(|path| path.contains("part-")).count(), 4, "{left:?}");
    let manifests = left.iter().filter(|path| path.contains("_manifests")).count();
    assert_eq!(manifests, MANIFESTS_KEPT, "{left:?}");
}

fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path.to_str().unwrap().to_owned());
        }
    }
    found
}

#[tokio::test]
async fn members_are_told_anew_with_each_commit_that_has_them() {
    let folder = tempfile::tempdir().unwrap();
    let place = location(folder.path());
    let mut writer = writer(&place, 1).await;
    let member = |member_id, leads_to| MemberRow {
        member_id,
        member: "mem_x",
        status: "active",
        leads_to,
        points: Some(7),
        ..MemberRow::default()
    };
    writer.add_member(&member(1, None)).unwrap();
    writer.add_member(&member(2, None)).unwrap();
    writer.commit("1").await.unwrap();
    writer.add_purchase(owner(1), &purchase("r1", "2026-03-01T03:00:00Z", &[1])).unwrap();
    writer.commit("2").await.unwrap();
    let lake = Lake::open(&place).await.unwrap();
    assert_eq!(number(&lake, "SELECT count(*) FROM members").await, 2, "a commit without members keeps them");
    writer.add_member(&member(1, None)).unwrap();
    writer.add_member(&member(2, Some(1))).unwrap();
    writer.add_member(&member(3, None)).unwrap();
    writer.commit("3").await.unwrap();
    let lake = Lake::open(&place).await.unwrap();
    assert_eq!(number(&lake, "SELECT count(*) FROM members").await, 3);
    assert_eq!(lake.manifest().merged_members, 1);
}

#[tokio::test]
async fn a_lake_holds_one_history() {
    let folder = tempfile::tempdir().unwrap();
    let place = location(folder.path());
    writer(&place, 1).await.commit("1").await.unwrap();
    let other = Origin::Files { fingerprint: "f".to_owned() };
    let refused = LakeWriter::open(&place, other, &TimeZone::UTC, 2).await.expect_err("another history");
    assert!(refused.to_string().contains("was written from the ledger L1"), "{refused}");
}

#[tokio::test]
async fn a_question_only_reads() {
    let folder = tempfile::tempdir().unwrap();
    let place = location(folder.path());
    writer(&place, 1).await.commit("1").await.unwrap();
    let session = Lake::open(&place).await.unwrap().session(&SessionOptions::default()).await.unwrap();
    let file = folder.path().join("out.csv");
    for sql in [
        "CREATE VIEW v AS SELECT 1".to_owned(),
        format!("COPY (SELECT 1) TO '{}'", file.display()),
        "INSERT INTO purchases SELECT * FROM purchases".to_owned(),
        "SET datafusion.execution.batch_size = 1".to_owned(),
    ] {
        assert!(ask(&session, &sql).await.is_err(), "{sql}");
    }
    assert!(!file.exists());
    let unknown = ask(&session, "SELECT amuont FROM purchases").await.expect_err("a mistyped column");
    assert!(unknown.to_string().contains("amuont"), "{unknown}");
}

#[tokio::test]
async fn a_question_that_outgrows_its_memory_goes_to_disk() {
    let folder = tempfile::tempdir().unwrap();
    let place = location(folder.path());
    let mut writer = writer(&place, 1).await;
    let at: Timestamp = "2026-03-01T03:00:00Z".parse().unwrap();
    for number in 0..400_000_i64 {
        let posting = PostingRow {
            member_id: number * 7_919 % 400_009,
            entry_no: 1,
            posting_no: 1,
            event: "purchase_recorded",
            occurred_at: at,
            recorded_at: at,
            unit: "points",
            debit: "issuer",
            credit: "member_available",
            amount: number,
            rule: None,
            funder: "house",
        };
        writer.add_posting(&posting).unwrap();
    }
    writer.commit("1").await.unwrap();
    let lake = Lake::open(&place).await.unwrap();
    let options = SessionOptions { memory_bytes: 24 << 20, threads: 1, ..SessionOptions::default() };
    let session = lake.session(&options).await.unwrap();
    let sql = "SELECT member_id, amount, event, debit, credit FROM postings ORDER BY member_id";
    let frame = ask(&session, sql).await.unwrap();
    let plan = frame.create_physical_plan().await.unwrap();
    let found = datafusion::physical_plan::collect(plan.clone(), session.task_ctx()).await.unwrap();
    assert_eq!(found.iter().map(arrow::array::RecordBatch::num_rows).sum::<usize>(), 400_000);
    assert!(spilled(plan.as_ref()) > 0, "nothing was spilled");
}

/// How often parts of a plan went to disk.
fn spilled(plan: &dyn datafusion::physical_plan::ExecutionPlan) -> usize {
    let own = plan.metrics().and_then(|metrics| metrics.spill_count()).unwrap_or(0);
    own + plan.children().iter().map(|child| spilled(child.as_ref())).sum::<usize>()
}
