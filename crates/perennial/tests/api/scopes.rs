//! Who may do what: one table of endpoints and the scope each needs, held against every scope there is.

use operations::Scope;
use serde_json::{Value, json};

use crate::house::{Actor, House};
use crate::samples::{
    CODE, about, activity, adjustment, full_return, hold, money, order, purchase, voucher_release,
    voucher_use,
};

const ID: &str = "mem_0000000000001";
const TRANSFER: &str = "ent_0000000000001_2";

/// Every endpoint that asks for a key: method, path, body, scope.
fn endpoints() -> Vec<(&'static str, String, Option<Value>, Scope)> {
    use Scope::{AdjustmentsWrite, MembersMerge, MembersRead, MembersWrite, Operations, OverviewRead};
    use Scope::{ProgrammesRead, ProgrammesWrite, PurchasesWrite, RedemptionsRead, RedemptionsWrite};
    use Scope::{VouchersIssue, VouchersRead, VouchersWrite};
    let read = |path: &str, scope| ("GET", path.to_owned(), None, scope);
    let write = |path: &str, body, scope| ("POST", path.to_owned(), Some(body), scope);
    let endpoints = vec![
        read("/v1/members", MembersRead),
        read("/v1/members/lookup?kind=external&value=1", MembersRead),
        read(&format!("/v1/members/{ID}"), MembersRead),
        read(&format!("/v1/members/{ID}/balance"), MembersRead),
        read(&format!("/v1/members/{ID}/lots"), MembersRead),
        read(&format!("/v1/members/{ID}/entries"), MembersRead),
        read("/v1/entries/ent_0000000000001_1", MembersRead),
        read("/v1/entries/ent_0000000000001_1/explanation", MembersRead),
        read(&format!("/v1/members/{ID}/statement"), MembersRead),
        read("/v1/parked-returns", MembersRead),
        read("/v1/holds", RedemptionsRead),
        read("/v1/redemptions", RedemptionsRead),
        read("/v1/rewards", RedemptionsRead),
        read("/v1/programmes", ProgrammesRead),
        read("/v1/programmes/1", ProgrammesRead),
        read("/v1/overview?from=2026-05-01&to=2026-05-02", OverviewRead),
        read("/v1/events", Operations),
        ("POST", "/v1/operations/expire-points".to_owned(), None, Operations),
        ("POST", "/v1/operations/review-tiers".to_owned(), None, Operations),
        read("/v1/operations/statement-runs?statement=s&made_on=2026-05-01", Operations),
        write(
            "/v1/operations/run-statement",
            json!({ "statement": "s", "made_on": "2026-05-01" }),
            Operations,
        ),
        write("/v1/vouchers/check", json!({ "codes": [CODE] }), VouchersRead),
        write("/v1/vouchers/register", json!({ "code": CODE, "member": { "external": "1" } }), VouchersWrite),
        write("/v1/vouchers/reserve", voucher_use(CODE, "o1"), VouchersWrite),
        write("/v1/vouchers/redeem", voucher_use(CODE, "o1"), VouchersWrite),
        write("/v1/vouchers/release", voucher_release(CODE, "o1"), VouchersWrite),
        write("/v1/vouchers/void", json!({ "voucher": { "code": CODE } }), VouchersIssue),
        write(
            "/v1/voucher-batches",
            json!({ "reference": "b", "template": "t", "quantity": 1 }),
            VouchersIssue,
        ),
        read("/v1/voucher-batches/b", VouchersIssue),
        ("POST", "/v1/voucher-batches/b/void".to_owned(), None, VouchersIssue),
        write("/v1/members", json!({}), MembersWrite),
        ("PUT", format!("/v1/members/{ID}"), Some(json!({})), MembersWrite),
        write(
            &format!("/v1/members/{ID}/identifiers"),
            json!({ "kind": "external", "value": "1" }),
            MembersWrite,
        ),
        write(&format!("/v1/members/{ID}/adjustments"), adjustment(1), AdjustmentsWrite),
        write("/v1/top-ups", money("t1", 100), PurchasesWrite),
        write("/v1/stored-value-refunds", money("w1", 100), RedemptionsWrite),
        write(
            &format!("/v1/members/{ID}/merge"),
            json!({ "absorbed": { "external": "1" }, "reason": "one person" }),
            MembersMerge,
        ),
        write(
            &format!("/v1/members/{ID}/undo-merge"),
            json!({ "reason": "two persons after all" }),
            MembersMerge,
        ),
        read("/v1/sandbox/clock", Operations),
        write("/v1/sandbox/clock", json!({ "to": "2027-01-01T00:00:00Z" }), Operations),
        write("/v1/purchases", purchase("r1", "1", 100), PurchasesWrite),
        write("/v1/returns", full_return("b1", "r1"), PurchasesWrite),
        write("/v1/activities", activity("a1", "1"), PurchasesWrite),
        write("/v1/holds", hold("h1", "1", 100), RedemptionsWrite),
        write("/v1/captures", about("hold", "h1", "c1"), RedemptionsWrite),
        write("/v1/voids", about("hold", "h1", "v1"), RedemptionsWrite),
        write("/v1/redemptions", order("o1", "1"), RedemptionsWrite),
        write("/v1/fulfilments", about("redemption", "o1", "f1"), RedemptionsWrite),
        write("/v1/cancellations", about("redemption", "o1", "x1"), RedemptionsWrite),
        write("/v1/programmes/check", json!({ "document": "" }), ProgrammesRead),
        write(
            "/v1/programmes",
            json!({ "document": "", "effective_at": "2027-01-01T00:00:00Z" }),
            ProgrammesWrite,
        ),
    ];
    let rooms = [
        endpoints_of_transfers(),
        endpoints_of_households(),
        endpoints_of_audiences(),
        endpoints_of_clubs(),
        endpoints_of_reports(),
        endpoints_of_duplicates(),
    ];
    [endpoints, rooms.concat()].concat()
}

/// Those of interest clubs.
fn endpoints_of_clubs() -> Vec<(&'static str, String, Option<Value>, Scope)> {
    let clubs = format!("/v1/members/{ID}/clubs");
    let choice = Some(json!({ "joined": true }));
    vec![
        ("PUT", format!("{clubs}/coffee"), choice, Scope::MembersWrite),
        ("GET", clubs, None, Scope::MembersRead),
    ]
}

/// Those of transfers between members.
fn endpoints_of_transfers() -> Vec<(&'static str, String, Option<Value>, Scope)> {
    use Scope::{MembersRead, TransfersWrite};
    let write = |path: &str, body| ("POST", path.to_owned(), Some(body), TransfersWrite);
    let to = || json!({ "member": { "external": "2" } });
    vec![
        ("GET", format!("/v1/members/{ID}/transfers"), None, MembersRead),
        write(
            "/v1/transfers",
            json!({ "from": { "external": "1" }, "to": { "external": "2" }, "unit": "points", "points": 50 }),
        ),
        write(&format!("/v1/transfers/{TRANSFER}/accept"), to()),
        write(&format!("/v1/transfers/{TRANSFER}/decline"), to()),
        ("POST", format!("/v1/transfers/{TRANSFER}/withdraw"), None, TransfersWrite),
    ]
}

/// Those of audiences.
fn endpoints_of_audiences() -> Vec<(&'static str, String, Option<Value>, Scope)> {
    let set = json!({ "source": "model 7", "members": [] });
    let read = |path: &str| ("GET", path.to_owned(), None, Scope::AudiencesRead);
    vec![
        read("/v1/audiences"),
        read("/v1/audiences/early"),
        ("PUT", "/v1/audiences/early".to_owned(), Some(set), Scope::AudiencesWrite),
    ]
}

/// Those of reports.
fn endpoints_of_reports() -> Vec<(&'static str, String, Option<Value>, Scope)> {
    let read = |path: &str| ("GET", path.to_owned(), None, Scope::OverviewRead);
    vec![
        read("/v1/reports"),
        read("/v1/reports/rfm"),
        read("/v1/claims"),
        ("POST", "/v1/survey-imports".to_owned(), Some(json!({})), Scope::SurveysWrite),
        ("GET", "/v1/survey-imports/0".to_owned(), None, Scope::SurveysWrite),
    ]
}

/// Those of duplicates.
fn endpoints_of_duplicates() -> Vec<(&'static str, String, Option<Value>, Scope)> {
    let read = |path: String| ("GET", path, None, Scope::MembersRead);
    let decision = Some(json!({ "decision": "later" }));
    vec![
        read("/v1/duplicates".to_owned()),
        read("/v1/duplicates/figures".to_owned()),
        read(format!("/v1/members/{ID}/lineage")),
        ("POST", format!("/v1/duplicates/{ID}/{ID}/decision"), decision, Scope::MembersMerge),
        ("POST", "/v1/operations/find-duplicates".to_owned(), None, Scope::Operations),
        ("POST", "/v1/operations/cancel-find-duplicates".to_owned(), None, Scope::Operations),
    ]
}

/// Those of households.
fn endpoints_of_households() -> Vec<(&'static str, String, Option<Value>, Scope)> {
    let write = |path: &str, body| ("POST", path.to_owned(), Some(body), Scope::HouseholdsWrite);
    let read = |path: String| ("GET", path, None, Scope::MembersRead);
    let change = json!({ "may_spend": true });
    let joining = json!({ "member": { "external": "1" }, "may_spend": true });
    vec![
        write("/v1/households", json!({ "name": "home" })),
        write(&format!("/v1/households/{ID}/members"), joining),
        ("PUT", format!("/v1/households/{ID}/members/{ID}"), Some(change), Scope::HouseholdsWrite),
        ("POST", format!("/v1/households/{ID}/members/{ID}/leave"), None, Scope::HouseholdsWrite),
        read("/v1/households".to_owned()),
        read(format!("/v1/households/{ID}")),
    ]
}

fn send(
    actor: &Actor,
    (method, path, body, _): &(&str, String, Option<Value>, Scope),
) -> crate::house::Answer {
    actor.send(method, path, &[], body.as_ref().map(Value::to_string).as_deref())
}

#[test]
fn each_endpoint_opens_to_its_scope_and_to_no_other() {
    let house = House::open();
    let actors: Vec<(Scope, Actor)> = Scope::ALL
        .into_iter()
        .map(|scope| (scope, house.actor(&scope.name().replace(':', "-"), &[scope])))
        .collect();
    for endpoint in endpoints() {
        for (scope, actor) in &actors {
            let answer = send(actor, &endpoint);
            let place = format!("{} {} with {}", endpoint.0, endpoint.1, scope.name());
            if *scope == endpoint.3 {
                assert!(
                    answer.status != 401 && answer.status != 403 && answer.status < 500,
                    "{place}: {}",
                    answer.text
                );
            } else {
                assert_eq!(answer.status, 403, "{place}: {}", answer.text);
                assert_eq!(
                    answer.problem(),
                    ("scope_missing".to_owned(), Some(endpoint.3.name().to_owned()))
                );
            }
        }
        let stranger = send(&house.visitor(), &endpoint).expect(401);
        assert_eq!(stranger.problem().0, "key_missing");
        assert_eq!(stranger.header("www-authenticate"), "Bearer realm=\"perennial\"");
    }
}

#[test]
fn the_table_holds_every_endpoint_that_asks_for_a_key() {
    let document: Value = serde_json::from_str(&perennial::api::openapi()).unwrap();
    let mut documented = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let scopes = &operation["security"][0]["api_key"];
            if scopes.is_null() {
                continue;
            }
            documented += 1;
            let fits = |template: &str, actual: &str| {
                let actual = actual.split('?').next().unwrap();
                let (template, actual) = (template.split('/'), actual.split('/'));
                template.clone().count() == actual.clone().count()
                    && template.zip(actual).all(|(part, found)| part.starts_with('{') || part == found)
            };
            let listed = endpoints().into_iter().any(|(verb, actual, _, scope)| {
                verb.eq_ignore_ascii_case(method) && fits(path, &actual) && scopes == &json!([scope.name()])
            });
            assert!(listed, "{method} {path} with {scopes} is not in the table");
        }
    }
    assert_eq!(documented, endpoints().len());
}

#[test]
fn what_is_open_is_open() {
    let house = House::open();
    for path in
        ["/v1/openapi.json", "/v1/outcomes", "/healthz", "/readyz", "/metrics", "/docs/", "/docs/problems"]
    {
        let answer = house.visitor().get(path).expect(200);
        assert!(!answer.header("x-content-type-options").is_empty(), "{path}");
    }
}
