//! Questions about the customers as a browser's requests meet them: without a lake, before it is written, with answers,
//! files, filters and faults, in both languages.

use std::time::Duration;

use domain::document::{DocumentKey, Purchase, PurchaseLine};
use domain::member::{Identifier, IdentifierKind};
use domain::money::Currency;
use operations::{Command, MemberReference, Request, Role};

use super::answer::{header, status};
use super::house::House;

/// A lake with the purchases of ten members in seven months: the first members bought seven times, the last once.
async fn house(name: &str) -> House {
    house_of(name, 10).await
}

/// The same with more members, who bought once.
async fn house_of(name: &str, members: u32) -> House {
    let house = House::open_with_lake(name).await;
    let starter = include_str!("../../../../examples/programmes/starter.toml");
    house.engine.publish_programme(starter, "2025-01-01T00:00:00Z".parse().unwrap(), "owner").await.unwrap();
    for member in 1..=members {
        for visit in 0..=10_u32.saturating_sub(member).min(6) {
            let purchase = Purchase {
                key: DocumentKey { source: "till".to_owned(), reference: format!("{member}-{visit}") },
                occurred_at: format!("2026-0{}-1{}T04:00:00Z", 1 + visit, member % 10).parse().unwrap(),
                currency: Currency::new("CNY").unwrap(),
                store: Some("o'hara".to_owned()),
                channel: None,
                payments: Vec::new(),
                vouchers: Vec::new(),
                lines: vec![PurchaseLine {
                    category: "<tea>".to_owned(),
                    amount: 1_000 * i64::from(11_u32.saturating_sub(member).max(1)),
                    ..PurchaseLine::default()
                }],
            };
            let identifier = Identifier { kind: IdentifierKind::External, value: member.to_string() };
            let member = MemberReference::Identifier(identifier);
            let at = purchase.occurred_at;
            let command = Command::RecordPurchase { member, enrol: true, purchase };
            house.engine.carry_out(Request::new(command, "test").at(at)).await.unwrap();
        }
    }
    let place = house.insight.as_ref().unwrap().location().clone();
    house.engine.write_lake(&place, true, &mut |_| {}).await.unwrap();
    house
}

/// A key that the catalogue lacks: it stands on the page as it is.
pub(crate) fn untranslated(page: &str) -> Option<&str> {
    let starts = ["figure-", "table-", "column-", "word-", "note-", "report-", "no-answer-", "insight-"];
    let is_class = |text: &str| ["insight-list", "table-card"].contains(&text);
    page.split(['>', '"']).find(|text| {
        starts.iter().any(|start| text.starts_with(start))
            && !text.contains(' ')
            && !text.ends_with("-table")
            && text.len() < 60
            && !is_class(text)
    })
}

/// A page once its answer is there.
pub(crate) async fn answered(house: &House, path: &str, cookie: &str) -> String {
    for _ in 0..120 {
        let page = house.get(path, cookie).await;
        if !page.contains("data-working") {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("{path} was not answered within a minute")
}

#[tokio::test]
async fn without_a_lake_the_page_says_how_to_have_one() {
    let house = House::open("insight-none", false).await;
    let cookie = house.session(Role::Analyst).await;
    let page = house.get("/console/insight", &cookie).await;
    assert!(page.contains("perennial serve --lake"), "{page}");
    let sent_back = house.get("/console/insight/rfm", &cookie).await;
    assert_eq!((status(&sent_back), header(&sent_back, "location")), ("303", Some("/console/insight")));
    house.close().await;
}

#[tokio::test]
async fn a_lake_that_is_not_written_yet_is_said_to_begin() {
    let house = House::open_with_lake("insight-begins").await;
    let cookie = house.session(Role::Analyst).await;
    let page = house.get("/console/insight", &cookie).await;
    assert!(page.contains("正在首次写入") || page.contains("for the first time"), "{page}");
    house.close().await;
}

#[tokio::test]
async fn every_question_is_answered_in_both_languages() {
    let house = house("insight-all").await;
    let cookie = house.session(Role::Analyst).await;
    for language in ["en", "zh-CN"] {
        let cookie = format!("{cookie}; perennial_language={language}");
        let list = house.get("/console/insight", &cookie).await;
        for name in analytics::report::ReportName::ALL {
            assert!(list.contains(&format!("/console/insight/{name}\"")), "{name}");
            let page = answered(&house, &format!("/console/insight/{name}"), &cookie).await;
            assert_eq!(status(&page), "200", "{name}: {page}");
            assert_eq!(untranslated(&page), None, "{name} in {language}");
        }
    }
    house.close().await;
}

#[tokio::test]
async fn an_answer_shows_its_numbers_their_interval_their_cases_and_their_sql() {
    let house = house("insight-numbers").await;
    let cookie = format!("{}; perennial_language=en", house.session(Role::Analyst).await);
    let page = answered(&house, "/console/insight/repeat-purchase", &cookie).await;
    // Nine of ten members bought on more than one day.
    assert!(page.contains("90.0%") && page.contains("n = 10") && page.contains("95%:"), "{page}");
    assert!(page.contains("repeat_purchase.sql") && page.contains("GROUP BY member_id"), "{page}");
    let page = answered(&house, "/console/insight/categories", &cookie).await;
    assert!(page.contains("&#60;tea&#62;") && !page.contains("<tea>"), "a category is text: {page}");
    let file = house.get("/console/insight/categories/categories.csv", &cookie).await;
    assert_eq!(header(&file, "content-type"), Some("text/csv; charset=utf-8"));
    assert!(file.contains("category,members,penetration"), "{file}");
    let file = house.get("/console/insight/core-customers/deciles.parquet", &cookie).await;
    assert!(file.contains("PAR1"), "a Parquet file");
    house.close().await;
}

#[tokio::test]
async fn what_a_question_says_of_each_member_is_a_file_for_whoever_may_take_lists_away() {
    let house = house_of("insight-members", 60).await;
    let cookie = format!("{}; perennial_language=en", house.session(Role::Analyst).await);
    let page = answered(&house, "/console/insight/rfm?store=o%27hara", &cookie).await;
    let link = "/console/insight/rfm/members.csv?store=o%27hara";
    assert!(page.contains(link) && page.contains("Each member (CSV)"), "{page}");
    let file = house.get(link, &cookie).await;
    assert!(header(&file, "content-disposition").unwrap().contains("rfm-members.csv"), "{file}");
    let rows =
        file.split("member,segment,recency,frequency,monetary,last_day,purchases,amount").nth(1).unwrap();
    assert_eq!(rows.matches("2026-").count(), 60, "each member: {file}");
    assert!(
        house.get("/console/insight/rfm/members.parquet", &cookie).await.contains("PAR1"),
        "a Parquet file"
    );
    let page = answered(&house, "/console/insight/segment-stack", &cookie).await;
    assert!(
        page.contains("members.csv?layer=life-stage") && page.contains("Each member: life stage"),
        "{page}"
    );
    let file = house.get("/console/insight/segment-stack/members.csv?layer=usage", &cookie).await;
    assert!(file.contains("member,segment,probability"), "{file}");

    let auditor = format!("{}; perennial_language=en", house.session(Role::Auditor).await);
    let page = answered(&house, "/console/insight/rfm", &auditor).await;
    assert!(!page.contains("members.csv"), "{page}");
    assert_eq!(status(&house.get("/console/insight/rfm/members.csv", &auditor).await), "403");
    assert_eq!(status(&house.get("/console/insight/cohorts/members.csv", &cookie).await), "404");
    house.close().await;
}

#[tokio::test]
async fn filters_and_faults_are_answered_with_what_to_do() {
    let house = house("insight-filters").await;
    let cookie = format!("{}; perennial_language=en", house.session(Role::Analyst).await);
    for (path, expected, said) in [
        ("/console/insight/rfm?store=o%27hara", "200", "n = 10"),
        ("/console/insight/rfm?store=nowhere", "200", "No purchase passes the filters"),
        ("/console/insight/rfm?currency=usd", "200", "USD"),
        ("/console/insight/rfm?from=2026-13-01", "422", "2026-03-31"),
        ("/console/insight/rfm?from=2026-03-01&until=2026-02-01", "200", "No answer"),
        ("/console/insight/nothing", "404", ""),
        ("/console/insight/rfm/nothing.csv", "404", ""),
        ("/console/insight/rfm/rfm-cells.exe", "404", ""),
    ] {
        let page = answered(&house, path, &cookie).await;
        assert_eq!(status(&page), expected, "{path}");
        assert!(page.contains(said), "{path}: {page}");
    }
    let forged = house.post("/console/insight/rfm/cancel", &cookie, "same-origin", "csrf=x").await;
    assert_eq!(status(&forged), "403");
    house.close().await;
}

#[tokio::test]
async fn a_table_is_sorted_and_filtered_as_its_address_says() {
    let house = house("insight-tables").await;
    let cookie = format!("{}; perennial_language=en", house.session(Role::Analyst).await);
    let audit = "/console/insight/data-audit";
    let page = answered(&house, &format!("{audit}?table=checks&find=MEDIANS"), &cookie).await;
    assert!(
        page.contains("Purchase of more than 100 medians") && !page.contains("Purchase without lines"),
        "{page}"
    );
    assert!(page.contains("Rows 1 to 1 of 1 that match, 8 in all"), "{page}");

    // Every purchase names its store, none its channel: from the emptiest on, or from the fullest.
    for (direction, store_first) in [("ascending", false), ("descending", true)] {
        let path = format!("{audit}?table=completeness&sort=filled&direction={direction}&store=o%27hara");
        let page = answered(&house, &path, &cookie).await;
        let rows = page.split_once("id=\"rows-completeness\"").expect("the table").1;
        assert!(rows.contains(&format!("aria-sort=\"{direction}\"")), "{rows}");
        let place = |name: &str| rows.find(&format!("<th scope=\"row\">{name}<")).expect(name);
        assert_eq!(place("Store") < place("Channel"), store_first, "{direction}: {rows}");
        let turned = if store_first { "ascending" } else { "descending" };
        let link = format!("?store=o%27hara&#38;table=completeness&#38;sort=filled&#38;direction={turned}");
        assert!(rows.contains(&link), "the head turns the order around: {rows}");
    }
    let strange = format!("{audit}?table=checks&sort=nothing&direction=up&page=99999999999999999999");
    assert_eq!(status(&answered(&house, &strange, &cookie).await), "200");
    house.close().await;
}

#[tokio::test]
async fn claims_are_sorted_filtered_and_lead_to_ones_own_figure() {
    let house = house("insight-claims").await;
    let cookie = format!("{}; perennial_language=en", house.session(Role::Analyst).await);
    let page = house.get("/console/insight/claims", &cookie).await;
    let all = analytics::claims::claims().len();
    assert_eq!(page.matches("<th scope=\"row\">").count(), all);
    let row =
        page.split("<tr id=\"best-fortieth-brings-a-third\">").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(
        row.contains("33.0%") && row.contains("Unverified") && row.contains("No public source found"),
        "{row}"
    );
    assert!(row.contains("href=\"/console/insight/core-customers\""), "{row}");
    assert!(page.contains("£150,000,000") || page.contains("GBP"), "{page}");

    let filtered = house.get("/console/insight/claims?status=implausible&find=GUINNESS", &cookie).await;
    assert!(filtered.contains(&format!("1 of {all} claims")), "{filtered}");
    let none = house.get("/console/insight/claims?find=nothing-like-it", &cookie).await;
    assert!(none.contains(&format!("0 of {all} claims")), "{none}");
    let sorted = house
        .get("/console/insight/claims?sort=value&direction=descending&find=best%20customer", &cookie)
        .await;
    assert!(sorted.contains("aria-sort=\"descending\""), "{sorted}");
    let place = |id: &str| sorted.find(&format!("<tr id=\"best-to-ordinary-{id}\">")).expect(id);
    assert!(place("retail") < place("restaurants") && place("restaurants") < place("hotels"), "{sorted}");
    assert_eq!(status(&house.get("/console/insight/claims?sort=nothing&direction=up", &cookie).await), "200");

    let file = house.get("/console/insight/claims.csv?status=contradicted", &cookie).await;
    assert_eq!(header(&file, "content-type"), Some("text/csv; charset=utf-8"));
    assert!(file.contains("1500000000,,GBP") && !file.contains("confirmed,"), "{file}");
    let chinese = format!("{cookie}; perennial_language=zh-CN").replace("perennial_language=en; ", "");
    let page = house.get("/console/insight/claims?find=%E5%81%A5%E5%8A%9B%E5%A3%AB", &chinese).await;
    assert!(page.contains("健力士的市场份额") && page.contains("不可信"), "{page}");

    // What is told elsewhere stands beside the figure that measures it.
    let page = answered(&house, "/console/insight/core-customers", &cookie).await;
    assert!(page.contains("/console/insight/claims#best-fortieth-brings-a-third"), "{page}");
    assert!(page.contains("Told of a department store"), "{page}");
    house.close().await;
}

/// A form with a map and answers, as a browser sends it.
fn survey_form(csrf: &str, map: &str, answers: &str) -> String {
    let file = |name: &str, content: &str| {
        format!(
            "--B\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}.txt\"\r\n\r\n{content}\r\n"
        )
    };
    let csrf = format!("--B\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n");
    csrf + &file("map", map) + &file("answers", answers) + "--B--\r\n"
}

const MAP: &str = "survey = \"spring-2026\"\ntime_zone = \"Asia/Shanghai\"\nmember = { column = \"who\" }\n\
    answered_at = { columns = [\"at\"], format = \"%Y-%m-%d\" }\n[question]\nsatisfaction = \"q\"\n";

#[tokio::test]
async fn an_analyst_imports_a_survey_and_sees_what_became_of_its_rows() {
    let house = house("insight-surveys").await;
    let cookie = format!("{}; perennial_language=en", house.session(Role::Analyst).await);
    let page = house.get("/console/insight/surveys", &cookie).await;
    assert!(
        page.contains("There are none yet") && page.contains("enctype=\"multipart/form-data\""),
        "{page}"
    );
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let upload = async |csrf: &str, map: &str, answers: &str| {
        let headers = [
            ("Cookie", cookie.as_str()),
            ("Sec-Fetch-Site", "same-origin"),
            ("Content-Type", "multipart/form-data; boundary=B"),
        ];
        house.send("POST /console/insight/surveys", &headers, &survey_form(csrf, map, answers)).await
    };
    assert_eq!(status(&upload("wrong", MAP, "a").await), "403");
    let member =
        house.engine.search_members(&operations::MemberSearch::default()).await.unwrap().members[0].member_id;
    let answers = format!("who,at,q\n{member},2026-03-01,5\n<b>,2026-03-01,5\n{member},2026-03-02,9\n");
    let sent = upload(&csrf, MAP, &answers).await;
    assert_eq!(status(&sent), "303", "{sent}");
    let import = header(&sent, "location").unwrap().to_owned();
    let page = answered(&house, &import, &cookie).await;
    assert!(page.contains("Forms used</h2><p class=\"figure\">1</p>"), "{page}");
    assert!(page.contains("Nobody in the lake is called so") && page.contains("&#60;b&#62;"), "{page}");
    assert!(page.contains("Not an answer that this question can have"), "{page}");
    let file = house.get(&format!("{import}/rejects.csv"), &cookie).await;
    assert!(file.contains("answers.txt,3,member,<b>,Nobody in the lake"), "{file}");
    let page = house.get("/console/insight/surveys", &cookie).await;
    assert!(page.contains("<th scope=\"row\">spring-2026</th><td class=\"num\">1</td>"), "{page}");

    let failed = upload(&csrf, MAP, "who,at,q\nnobody,2026-03-01,5\n").await;
    let page = answered(&house, header(&failed, "location").unwrap(), &cookie).await;
    assert!(page.contains("No row can be used") && page.contains("rejects.csv"), "{page}");
    let wrong = upload(&csrf, &MAP.replace("satisfaction", "contentment"), &answers).await;
    assert!(status(&wrong) == "422" && wrong.contains("contentment") && wrong.contains("line 6"), "{wrong}");
    let empty = survey_form(&csrf, "", "").replace("filename=\"answers.txt\"", "filename=\"\"");
    let headers = [
        ("Cookie", cookie.as_str()),
        ("Sec-Fetch-Site", "same-origin"),
        ("Content-Type", "multipart/form-data; boundary=B"),
    ];
    let empty = house.send("POST /console/insight/surveys", &headers, &empty).await;
    assert!(status(&empty) == "422" && empty.contains("Choose a map and a file"), "{empty}");
    assert_eq!(status(&house.get("/console/insight/surveys/none", &cookie).await), "404");
    let auditor = house.session(Role::Auditor).await;
    assert_eq!(status(&house.get(&import, &auditor).await), "403");
    house.close().await;
}
