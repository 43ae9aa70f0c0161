//! Statements from the console: told before they are made, made once, printed for a member by staff and by the member
//! alone; the clock of a sandbox; and the members that the command palette offers.

use domain::code::Code;
use operations::{Role, StatementRunState};

use crate::answer::{header, status};
use crate::desk::Desk;
use crate::house::House;

const TERMS: &str = r#"
[[vouchers]]
code = "letter"
name = { zh = "对账券", en = "Letter" }
effect.amount = {}
valid = { months = 24 }
stacking = "free"
holder = "personal"

[[statements]]
code = "quarterly"
name = { zh = "季度对账单", en = "Quarterly" }
unit = "points"
minimum = 100
step = 100
voucher = "letter"
"#;

#[tokio::test]
async fn a_statement_is_told_before_it_is_made_and_made_once() {
    let desk = Desk::open("statements", TERMS).await;
    let page = desk.get("/console/statements").await;
    assert!(page.contains("From 100 points on") && page.contains("No run yet"), "{page}");
    let today =
        page.split("name=\"made_on\" type=\"date\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let asked = [("statement", "quarterly"), ("made_on", today)];
    let late = [("statement", "quarterly"), ("made_on", "2999-01-01"), ("step", "try")];
    let late = desk.post("/console/statements", &late).await;
    assert!(status(&late) == "422" && late.contains("value=\"2999-01-01\""), "what was typed stays: {late}");

    let told = desk.post("/console/statements", &[&asked[..], &[("step", "try")]].concat()).await;
    assert!(status(&told) == "200" && told.contains("1,800") && told.contains("CN¥18.00"), "{told}");
    assert_eq!(desk.house.engine.list_statement_runs(10).await.unwrap(), []);
    for _ in 0..2 {
        let started = desk.post("/console/statements", &[&asked[..], &[("step", "start")]].concat()).await;
        assert_eq!(status(&started), "303", "{started}");
    }
    let (statement, day) = (Code::constant("quarterly"), today.parse().unwrap());
    let run = loop {
        let run = desk.house.engine.view_statement_run(statement, day).await.unwrap();
        if run.state != StatementRunState::Running {
            break run;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!((run.vouchers, run.value), (1, 1_800), "one voucher, however often it was started");
    let page = desk.get("/console/statements").await;
    assert!(page.contains("badge finished") && page.contains("CN¥18.00"), "{page}");

    let sheet = desk.get(&format!("/console/members/{}/statement", desk.member)).await;
    assert!(
        sheet.contains("class=\"sheet-qr\"") && sheet.contains("¥18.00 off"),
        "a voucher to cut out: {sheet}"
    );
    assert!(
        sheet.contains("+1,800") && sheet.contains("−1,800") && sheet.contains("Goodwill"),
        "why: {sheet}"
    );
    let early = desk
        .get(&format!("/console/members/{}/statement?from=2020-01-01&until=2020-01-31", desk.member))
        .await;
    assert!(early.contains("Nothing was booked in this period."), "{early}");
    let wrong =
        desk.get(&format!("/console/members/{}/statement?from=x&until=2020-01-31", desk.member)).await;
    assert!(status(&wrong) == "422" && wrong.contains("value=\"x\""), "{wrong}");
    desk.house.close().await;
}

#[tokio::test]
async fn only_a_sandbox_has_a_clock_to_move() {
    let desk = Desk::open("no-sandbox", "").await;
    assert_eq!(status(&desk.get("/console/sandbox").await), "404");
    assert!(!desk.get("/console/vouchers").await.contains("/console/sandbox"), "no place in the navigation");
    desk.house.close().await;

    let desk = Desk::over(House::open_sandbox("sandbox").await, "").await;
    let before = desk.house.engine.view_clock().unwrap().now;
    let page = desk.get("/console/sandbox").await;
    assert!(page.contains("href=\"/console/sandbox\" aria-current=\"page\""), "{page}");
    assert!(page.contains("What falls due next") && page.matches("<tr>").count() > 1, "{page}");
    let from = page.split("name=\"from\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let back = desk.post("/console/sandbox", &[("by", "instant"), ("to", "2020-01-01T00:00")]).await;
    assert!(status(&back) == "422" && back.contains("never goes back"), "{back}");
    let wrong = desk.post("/console/sandbox", &[("by", "days"), ("days", "soon")]).await;
    assert!(status(&wrong) == "422" && wrong.contains("value=\"soon\""), "{wrong}");
    let form = [("by", "days"), ("days", "500"), ("from", &*from)];
    let moved = desk.post("/console/sandbox", &form).await;
    assert!(status(&moved) == "200" && moved.contains("What was posted on the way"), "{moved}");
    let after = desk.house.engine.view_clock().unwrap().now;
    assert!(after.duration_since(before).as_hours() >= 499 * 24, "{before} {after}");
    let again = desk.house.session(Role::Manager).await;
    let desk = Desk { cookie: again, ..desk };
    let twice = desk.post("/console/sandbox", &form).await;
    assert_eq!(status(&twice), "422", "the same form asks for an instant that is reached: {twice}");
    assert_eq!(desk.house.engine.view_clock().unwrap().now, after);
    desk.house.close().await;
}

#[tokio::test]
async fn the_palette_offers_pages_of_the_role_and_members_by_name() {
    let desk = Desk::open("palette", "").await;
    let found = desk.get("/console/palette?q=lilei").await;
    assert!(found.contains("role=\"option\"") && found.contains("李雷"), "{found}");
    assert!(!desk.get("/console/palette?q=").await.contains("role=\"option\""));
    let cashier = desk.house.session(Role::Cashier).await;
    assert_eq!(status(&desk.house.get("/console/palette?q=lilei", &cashier).await), "403");
    let auditor = desk.house.session(Role::Auditor).await;
    let page = desk.house.get("/console", &auditor).await;
    assert!(page.contains("data-href=\"/console/vouchers\""), "{page}");
    assert!(!page.contains("data-href=\"/console/people\""), "a page of managers");
    let script =
        page.split("src=\"").find(|part| part.contains("palette.")).unwrap().split('"').next().unwrap();
    let script = desk.house.get(script, "").await;
    assert_eq!(header(&script, "content-type"), Some("text/javascript; charset=utf-8"));
    desk.house.close().await;
}
