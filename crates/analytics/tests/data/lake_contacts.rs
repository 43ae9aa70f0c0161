//! Vouchers, contacts and damage in the lake: what campaigns sent, each replaced as a whole; files that name themselves.

use std::path::{Path, PathBuf};

use analytics::import::{ContactMap, MemberFile};
use analytics::lake::{
    AnswerFormat, ContactImport, ContactRow, Lake, LakeError, LakeImportError, LakeLocation, LakeWriter,
    MemberRow, Origin, SMALL_FILES_MAX, SessionOptions, Table, VoucherRow, ask, import_contacts,
    write_answer,
};
use analytics::report::{ReportName, ReportRequest, run};
use domain::document::PurchaseLine;
use jiff::tz::TimeZone;

use crate::report_support::{sale, written};

const MAP: &str = r#"
campaign = "spring-mail"
time_zone = "Asia/Shanghai"
member = { column = "card" }
contacted_at = { columns = ["sent"], format = "%Y-%m-%d" }
channel = "=mail"
offer = "offer"
voucher_batch = "batch"
arm = "arm"
cost = "cost"
currency = "CNY"
"#;

struct Place {
    folder: tempfile::TempDir,
    location: LakeLocation,
}

impl Place {
    /// A lake with the members ann and bob.
    async fn with_members() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = LakeLocation::parse(folder.path().join("lake").to_str().unwrap(), Vec::new()).unwrap();
        let mut writer = writer(&location, 1).await;
        for (member_id, member) in [(1, "ann"), (2, "bob")] {
            writer
                .add_member(&MemberRow { member_id, member, status: "active", ..MemberRow::default() })
                .unwrap();
        }
        writer.commit("1").await.unwrap();
        Self { folder, location }
    }

    fn rejects(&self) -> PathBuf {
        self.folder.path().join("rejects.csv")
    }

    async fn import(&self, map: &str, text: &str) -> Result<ContactImport, LakeImportError> {
        let file = self.folder.path().join("sent.csv");
        std::fs::write(&file, text).unwrap();
        let map = ContactMap::parse(map).unwrap_or_else(|error| panic!("{error}"));
        import_contacts(
            &self.location,
            (&map, MemberFile { path: &file, sent: None }),
            Some(&self.rejects()),
            7,
            &mut |_| {},
        )
        .await
    }

    /// The answer to a question as lines, without the first.
    async fn lines(&self, sql: &str) -> String {
        let lake = Lake::open(&self.location).await.unwrap();
        let frame = ask(&lake.session(&SessionOptions::default()).await.unwrap(), sql).await.unwrap();
        let mut out = Vec::new();
        write_answer(frame, AnswerFormat::Csv, &mut out).await.unwrap();
        String::from_utf8(out).unwrap().lines().skip(1).collect::<Vec<_>>().join("\n")
    }
}

async fn writer(location: &LakeLocation, token: u64) -> LakeWriter {
    let origin = Origin::Ledger { ledger: "L1".to_owned() };
    LakeWriter::open(location, origin, &TimeZone::UTC, token).await.unwrap()
}

#[tokio::test]
async fn what_a_campaign_sent_is_read_as_its_map_says() {
    let place = Place::with_members().await;
    let text = "card,sent,offer,batch,arm,cost\n\
                ann,2026-03-01,tea,coupons,mail,0.85\n\
                bob,2026-03-01,,,control,\n\
                ann,2026-03-08,rice,,mail,1.20\n\
                nobody,2026-03-01,tea,,mail,0.85\n\
                bob,1 March,tea,,mail,0.85\n\
                bob,2026-03-01,tea,,mail,-1\n\
                ,2026-03-01,tea,,mail,0.85\n";
    let imported = place.import(MAP, text).await.unwrap();
    assert_eq!((imported.contacts, imported.replaced, imported.file.rows), (3, 0, 7));
    let sql = "SELECT member_id, kind, campaign, contacted_at, channel, offer, voucher_batch, arm, cost FROM contacts \
               ORDER BY member_id, contacted_at";
    // Midnight in Shanghai.
    assert_eq!(
        place.lines(sql).await,
        "1,campaign,spring-mail,2026-02-28T16:00:00Z,mail,tea,coupons,mail,85\n\
         1,campaign,spring-mail,2026-03-07T16:00:00Z,mail,rice,,mail,120\n\
         2,campaign,spring-mail,2026-02-28T16:00:00Z,mail,,,control,"
    );
    let rejects = std::fs::read_to_string(place.rejects()).unwrap();
    for line in [
        "5,member,nobody,unknown_respondent",
        "6,contacted_at,1 March,bad_time",
        // As spreadsheets are told that it is no formula.
        "7,cost,'-1,bad_amount",
        "8,member,,missing_respondent",
    ] {
        assert!(rejects.contains(line), "{line}: {rejects}");
    }
    assert_eq!(imported.rejected.values().sum::<u64>(), 4);
}

#[tokio::test]
async fn a_campaign_replaces_what_it_had_brought_and_nothing_else() {
    let place = Place::with_members().await;
    let mut ledger = writer(&place.location, 5).await;
    let statement = ContactRow {
        member_id: 1,
        kind: "statement",
        campaign: "quarterly",
        contacted_at: "2026-02-01T03:00:00Z".parse().unwrap(),
        channel: None,
        offer: Some("letter"),
        voucher_batch: Some("statement quarterly 2026-02-01"),
        arm: None,
        cost: None,
    };
    ledger.add_contact(&statement).unwrap();
    ledger.commit("2").await.unwrap();
    let (head, autumn) = ("card,sent,offer,batch,arm,cost\n", MAP.replace("spring", "autumn"));
    place.import(MAP, &format!("{head}ann,2026-03-01,,,,\nbob,2026-03-01,,,,\n")).await.unwrap();
    place.import(&autumn, &format!("{head}ann,2026-09-01,,,,\n")).await.unwrap();
    let again = place.import(MAP, &format!("{head}bob,2026-03-02,,,,\n")).await.unwrap();
    assert_eq!((again.contacts, again.replaced), (1, 2));
    let sql = "SELECT campaign, member_id FROM contacts ORDER BY campaign";
    assert_eq!(place.lines(sql).await, "autumn-mail,1\nquarterly,1\nspring-mail,2");

    // Of a file without a row that can be used nothing is taken away.
    let refused = place.import(MAP, &format!("{head}nobody,2026-03-01,,,,\n")).await.expect_err("nobody");
    assert!(refused.to_string().contains("unknown_respondent: 1"), "{refused}");
    assert_eq!(place.lines("SELECT count(*) FROM contacts").await, "3");

    // The writer of the ledger goes on, and makes one file of many without touching the campaigns.
    let mut ledger = writer(&place.location, 6).await;
    for number in 0..=SMALL_FILES_MAX {
        ledger.add_contact(&statement).unwrap();
        ledger.commit(&format!("{}", number + 3)).await.unwrap();
    }
    assert!(ledger.compact().await.unwrap() > 0);
    let sql = "SELECT kind, count(*) FROM contacts GROUP BY kind ORDER BY kind";
    assert_eq!(place.lines(sql).await, format!("campaign,2\nstatement,{}", SMALL_FILES_MAX + 2));
    let lake = Lake::open(&place.location).await.unwrap();
    let of_campaigns: Vec<_> = lake
        .manifest()
        .files_of(Table::Contacts)
        .filter(|file| file.set.is_some())
        .map(|file| &file.path)
        .collect();
    assert!(of_campaigns.iter().all(|path| path.starts_with("contacts/campaign=")), "{of_campaigns:?}");
}

#[tokio::test]
async fn columns_that_a_map_names_must_be_there() {
    let place = Place::with_members().await;
    let refused =
        place.import(MAP, "card,sent,offer,batch,cost\nann,2026-03-01,,,\n").await.expect_err("no arm");
    assert!(refused.to_string().contains("column “arm” (map field arm)"), "{refused}");
}

#[tokio::test]
async fn a_lake_whose_surveys_are_named_as_they_were_before_is_understood() {
    let place = Place::with_members().await;
    let head = "card,sent,offer,batch,arm,cost\n";
    place.import(MAP, &format!("{head}ann,2026-03-01,,,,\n")).await.unwrap();
    let manifests = place.folder.path().join("lake/_manifests");
    for entry in std::fs::read_dir(manifests).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("\"set\":", "\"survey\":")).unwrap();
    }
    let again = place.import(MAP, &format!("{head}bob,2026-03-01,,,,\n")).await.unwrap();
    assert_eq!(again.replaced, 1);
}

#[tokio::test]
async fn steps_of_vouchers_are_rows_by_month_and_know_no_code() {
    let place = Place::with_members().await;
    let mut ledger = writer(&place.location, 5).await;
    let issued = VoucherRow {
        member_id: None,
        voucher_batch: "spring",
        template: "ten_off",
        step: "issued",
        occurred_at: "2026-03-01T03:00:00Z".parse().unwrap(),
        value: None,
        discount: None,
        document: None,
        expires_at: "2026-04-01T00:00:00Z".parse().unwrap(),
    };
    ledger.add_voucher(&issued).unwrap();
    let redeemed = VoucherRow {
        member_id: Some(2),
        step: "redeemed",
        occurred_at: "2026-04-02T03:00:00Z".parse().unwrap(),
        discount: Some(1_000),
        document: Some(("till", "R1")),
        ..issued
    };
    ledger.add_voucher(&redeemed).unwrap();
    ledger.commit("2").await.unwrap();
    let sql = "SELECT member_id, step, day, discount, source, purchase_reference FROM vouchers ORDER BY occurred_at";
    assert_eq!(place.lines(sql).await, ",issued,2026-03-01,,,\n2,redeemed,2026-04-02,1000,till,R1");
    let columns = Table::Vouchers.schema();
    let names: Vec<&str> = columns.fields().iter().map(|field| field.name().as_str()).collect();
    assert!(!names.iter().any(|name| name.contains("code") || name.contains("voucher_id")), "{names:?}");
    let lake = Lake::open(&place.location).await.unwrap();
    let months: Vec<_> =
        lake.manifest().files_of(Table::Vouchers).filter_map(|file| file.month.clone()).collect();
    assert_eq!(months, ["2026-03", "2026-04"]);
}

/// How compressed data begin (RFC 8878, 3.1.1).
const ZSTD_FRAME: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// The file of purchases of a lake in a folder.
fn file_of_purchases(lake: &Lake) -> PathBuf {
    let file = lake.manifest().files_of(Table::Purchases).next().unwrap();
    Path::new(&lake.location().to_string()).join(&file.path)
}

/// Asks in SQL.
async fn asked(lake: &Lake) -> Result<(), LakeError> {
    let session = lake.session(&SessionOptions::default()).await?;
    let frame = ask(&session, "SELECT sum(amount), max(reference) FROM purchases").await?;
    match frame.collect().await {
        Ok(_) => Ok(()),
        Err(error) => Err(lake.name_damage(error.into()).await),
    }
}

#[tokio::test]
async fn a_damaged_file_is_named_whatever_is_wrong_with_it() {
    let given = written(|writer| {
        let owner = analytics::lake::DocumentOwner { member_id: 1, entry_no: None };
        for number in 0..500 {
            let line =
                PurchaseLine { amount: 1_000 + i64::try_from(number).unwrap(), ..PurchaseLine::default() };
            writer.add_purchase(owner, &sale(number, "2026-03-01", vec![line])).unwrap();
        }
    })
    .await;
    let path = file_of_purchases(given.lake());
    let whole = std::fs::read(&path).unwrap();
    let named = |what: &str, error: &dyn std::fmt::Display| {
        let text = error.to_string();
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(text.contains(name) && text.contains("is damaged"), "{what}: {text}");
    };
    // Every page is compressed, and no longer begins as what is compressed does.
    let mut flipped = whole.clone();
    for at in (0..whole.len()).filter(|at| whole[*at..].starts_with(&ZSTD_FRAME)) {
        flipped[at] ^= 0xA5;
    }
    assert_ne!(flipped, whole, "nothing is compressed");
    let half = whole[..whole.len() / 2].to_vec();
    for (what, bytes) in
        [("bytes of the data", flipped), ("half of it", half), ("another file", b"nothing".to_vec())]
    {
        std::fs::write(&path, bytes).unwrap();
        let error = given.report(ReportName::CoreCustomers, &ReportRequest::default()).await.expect_err(what);
        named(what, &error);
        named(what, &asked(given.lake()).await.expect_err(what));
    }
    std::fs::remove_file(&path).unwrap();
    let error = given.report(ReportName::CoreCustomers, &ReportRequest::default()).await.expect_err("gone");
    named("gone", &error);

    // What is wrong with a question is not looked for in files.
    std::fs::write(&path, &whole).unwrap();
    let request = ReportRequest { currency: Some("XYZ".to_owned()), ..ReportRequest::default() };
    let asked = run(given.lake(), ReportName::CoreCustomers, &request, &SessionOptions::default()).await;
    assert!(!asked.expect_err("no such currency").to_string().contains("damaged"));
}

#[tokio::test]
async fn compaction_names_a_damaged_file_and_changes_nothing() {
    let place = Place::with_members().await;
    let mut ledger = writer(&place.location, 5).await;
    let owner = analytics::lake::DocumentOwner { member_id: 1, entry_no: None };
    for number in 0..=SMALL_FILES_MAX {
        ledger.add_purchase(owner, &sale(number, "2026-03-01", Vec::new())).unwrap();
        ledger.commit(&format!("{}", number + 2)).await.unwrap();
    }
    let before = Lake::open(&place.location).await.unwrap();
    let path = file_of_purchases(&before);
    std::fs::write(&path, "nothing").unwrap();
    let refused = ledger.compact().await.expect_err("a damaged file").to_string();
    assert!(
        refused.contains(path.file_name().unwrap().to_str().unwrap()) && refused.contains("is damaged"),
        "{refused}"
    );
    let after = Lake::open(&place.location).await.unwrap();
    assert_eq!(after.manifest(), before.manifest());
}
