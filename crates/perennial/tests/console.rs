//! The console and the till as a browser's requests meet them: who may see which page, what protects forms, what
//! headers say, what a sale does.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "pages/answer.rs"]
mod answer;
#[path = "pages/audiences.rs"]
mod audiences;
#[path = "pages/clubs.rs"]
mod clubs;
#[path = "pages/desk.rs"]
mod desk;
#[path = "pages/duplicates.rs"]
mod duplicates;
#[path = "pages/house.rs"]
mod house;
#[path = "pages/households.rs"]
mod households;
#[path = "pages/insight.rs"]
mod insight;
#[path = "pages/insight_surveys.rs"]
mod insight_surveys;
#[path = "pages/merge.rs"]
mod merge;
#[path = "pages/statements.rs"]
mod statements;
#[path = "pages/stored_value.rs"]
mod stored_value;
#[path = "pages/till.rs"]
mod till;
#[path = "pages/vouchers.rs"]
mod vouchers;

use answer::{header, status};
use house::{House, PASSWORD};
use operations::Role;

#[tokio::test]
async fn each_role_sees_its_pages_and_no_others() {
    let house = House::open("roles", false).await;
    let table = [
        // page                          manager analyst auditor support cashier
        ("/console", ["200", "200", "200", "200", "303"]),
        ("/console/insight", ["200", "200", "200", "200", "403"]),
        ("/console/insight/claims", ["200", "200", "200", "200", "403"]),
        ("/console/insight/claims.csv", ["200", "200", "200", "200", "403"]),
        ("/console/insight/surveys", ["303", "303", "403", "403", "403"]),
        ("/console/insight/surveys/map.toml", ["200", "200", "403", "403", "403"]),
        ("/console/members", ["200", "200", "200", "200", "403"]),
        ("/console/members.csv", ["200", "200", "403", "403", "403"]),
        ("/console/members/mem_0000000000001", ["404", "404", "404", "404", "403"]),
        ("/console/adjustments", ["200", "200", "200", "200", "403"]),
        ("/console/programme", ["200", "200", "200", "200", "403"]),
        ("/console/imports", ["200", "200", "200", "200", "403"]),
        ("/console/audiences", ["200", "200", "200", "200", "403"]),
        ("/console/parked-returns", ["200", "200", "200", "200", "403"]),
        ("/console/people", ["200", "403", "403", "403", "403"]),
        ("/console/vouchers", ["200", "200", "200", "200", "403"]),
        ("/console/vouchers/issue", ["200", "403", "403", "403", "403"]),
        ("/console/rewards", ["200", "200", "200", "200", "403"]),
        ("/console/rewards/redemptions.csv", ["200", "200", "403", "403", "403"]),
        ("/console/holds", ["200", "200", "200", "200", "403"]),
        ("/console/statements", ["200", "200", "200", "200", "403"]),
        ("/console/members/mem_0000000000001/statement", ["404", "403", "403", "404", "403"]),
        ("/console/members/mem_0000000000001/merge", ["404", "403", "403", "404", "403"]),
        ("/console/sandbox", ["404", "403", "403", "403", "403"]),
        ("/console/palette?q=zw", ["200", "200", "200", "200", "403"]),
        ("/console/holds.csv", ["200", "200", "403", "403", "403"]),
        ("/till", ["200", "403", "403", "403", "200"]),
        ("/till/returns", ["200", "403", "403", "403", "200"]),
        ("/till/receipts/none", ["404", "403", "403", "403", "404"]),
        ("/console/nothing", ["404", "404", "404", "404", "403"]),
    ];
    for (position, role) in Role::ALL.into_iter().enumerate() {
        let cookie = house.session(role).await;
        for (page, expected) in table {
            assert_eq!(status(&house.get(page, &cookie).await), expected[position], "{page} for {role}");
        }
        // What they may do, with the right secret in the form.
        let home = if role == Role::Cashier { "/till" } else { "/console/programme" };
        let page = house.get(home, &cookie).await;
        let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let forms = [
            (
                "/console/programme",
                "action=check&document=x&effective_on=2030-01-01",
                ["200", "403", "403", "403", "403"],
            ),
            ("/console/people", "role=auditor", ["200", "403", "403", "403", "403"]),
            ("/console/adjustments/none", "decision=approve", ["422", "403", "403", "403", "403"]),
            (
                "/console/members/mem_0000000000001/adjustments",
                "points=1",
                ["404", "403", "403", "404", "403"],
            ),
            ("/till", "entry=12.50", ["200", "403", "403", "403", "200"]),
            ("/till/purchases", "member=nobody", ["422", "403", "403", "403", "422"]),
            ("/till/returns", "purchase=none", ["404", "403", "403", "403", "404"]),
        ];
        for (path, body, expected) in forms {
            let body = format!("csrf={csrf}&{body}");
            let answer = house.post(path, &cookie, "same-origin", &body).await;
            assert_eq!(status(&answer), expected[position], "POST {path} for {role}");
        }
    }
    house.close().await;
}

#[tokio::test]
async fn a_stranger_is_sent_to_the_sign_in_page_and_back() {
    let house = House::open("stranger", false).await;
    for cookie in ["", "perennial_session=guess"] {
        let answer = house.get("/console/members?q=zw", cookie).await;
        assert_eq!(status(&answer), "303");
        let expected = Some("/console/sign-in?next=%2Fconsole%2Fmembers%3Fq%3Dzw");
        assert_eq!(header(&answer, "location"), expected);
    }
    let part = house.send("GET /console", &[("HX-Request", "true")], "").await;
    assert!(header(&part, "hx-redirect").is_some(), "a part of a page makes htmx load the whole");
    house.close().await;
}

#[tokio::test]
async fn forms_need_the_secret_and_the_origin_of_the_session() {
    let house = House::open("forms", false).await;
    let cookie = house.session(Role::Manager).await;
    for (site, csrf) in [("same-origin", "wrong"), ("cross-site", "wrong"), ("none", "")] {
        let answer = house.post("/console/sign-out", &cookie, site, &format!("csrf={csrf}")).await;
        assert_eq!(status(&answer), "403", "{site}");
    }
    assert_eq!(status(&house.get("/console", &cookie).await), "200", "nobody was signed out");
    let page = house.get("/console", &cookie).await;
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let answer = house.post("/console/sign-out", &cookie, "same-origin", &format!("csrf={csrf}")).await;
    assert_eq!((status(&answer), header(&answer, "location")), ("303", Some("/console/sign-in")));
    assert_eq!(status(&house.get("/console", &cookie).await), "303", "the session is over on the server");
    house.close().await;
}

#[tokio::test]
async fn signing_in_says_nothing_about_who_exists_and_slows_guessing_down() {
    let house = House::open("guessing", true).await;
    let page = house.get("/console/sign-in", "").await;
    let cookie = header(&page, "set-cookie").unwrap().split(';').next().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-perennial_visitor="), "{cookie}");
    assert!(header(&page, "set-cookie").unwrap().contains("HttpOnly; SameSite=Strict; Secure"));
    let csrf = cookie.split('=').nth(1).unwrap().to_owned();
    let attempt = |name: &'static str, password: &'static str| {
        let body = format!("csrf={csrf}&name={name}&password={}", password.replace(' ', "+"));
        let (house, cookie) = (&house, &cookie);
        async move { house.post("/console/sign-in", cookie, "same-origin", &body).await }
    };
    let known = attempt("manager", "wrong").await;
    let unknown = attempt("nobody", "wrong").await;
    assert_eq!((status(&known), status(&unknown)), ("422", "422"));
    let alert =
        |answer: &str| answer.split("role=\"alert\"").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_eq!(alert(&known), alert(&unknown));
    for _ in 0..7 {
        attempt("manager", "wrong").await;
    }
    assert_eq!(status(&attempt("manager", PASSWORD).await), "429", "even the right password has to wait");
    let other = attempt("auditor", PASSWORD).await;
    assert_eq!((status(&other), header(&other, "location")), ("303", Some("/console")));
    assert!(other.contains("__Host-perennial_session="), "the session is bound to the host");
    house.close().await;
}

#[tokio::test]
async fn a_set_up_link_works_once() {
    let house = House::open("link", false).await;
    let link = house.engine.create_setup_link(Role::Auditor).await.unwrap();
    let forged = link.replace("auditor", "manager");
    assert_eq!(house.engine.use_setup_link(&forged, "mallory", PASSWORD).await.unwrap(), None);
    assert!(house.engine.use_setup_link(&link, "manager", PASSWORD).await.is_err(), "the name is taken");
    assert!(house.engine.use_setup_link(&link, "new.person", "short").await.is_err());
    let added = house.engine.use_setup_link(&link, "new.person", PASSWORD).await.unwrap().unwrap();
    assert_eq!(added.role, Role::Auditor);
    assert_eq!(house.engine.use_setup_link(&link, "second", PASSWORD).await.unwrap(), None);
    assert!(house.engine.sign_in("new.person", PASSWORD).await.unwrap().is_some());
    house.close().await;
}

#[tokio::test]
async fn every_page_forbids_inline_script_frames_and_caching() {
    let house = House::open("headers", false).await;
    let page = house.get("/console/sign-in", "").await;
    let policy = header(&page, "content-security-policy").unwrap();
    assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(header(&page, name), Some(value), "{name}");
    }
    let body = page.split("\r\n\r\n").nth(1).unwrap();
    assert!(!body.contains("<style") && !body.contains(" style=") && !body.contains(" onclick="));
    let stylesheet =
        body.split("href=\"").find(|part| part.contains("console.") && part.contains(".css")).unwrap();
    let asset = house.get(stylesheet.split('"').next().unwrap(), "").await;
    assert_eq!(header(&asset, "cache-control"), Some("public, max-age=31536000, immutable"));
    house.close().await;
}

/// Guesses at the same moment count like guesses one after the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_at_the_same_moment_are_counted_before_they_are_checked() {
    let house = House::open("parallel", false).await;
    let page = house.get("/console/sign-in", "").await;
    let cookie = header(&page, "set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let csrf = cookie.split('=').nth(1).unwrap().to_owned();
    let body = |name: &str| format!("csrf={csrf}&name={name}&password=wrong");
    let house = std::sync::Arc::new(house);
    let mut guesses = tokio::task::JoinSet::new();
    for _ in 0..24 {
        let (house, cookie, body) = (house.clone(), cookie.clone(), body("manager"));
        guesses.spawn(async move { house.post("/console/sign-in", &cookie, "same-origin", &body).await });
    }
    let mut checked = 0;
    for answer in guesses.join_all().await {
        assert!(["422", "429"].contains(&status(&answer)), "{answer}");
        checked += i32::from(status(&answer) == "422");
    }
    assert_eq!(checked, 8);
    let long = house.post("/console/sign-in", &cookie, "same-origin", &body(&"x".repeat(100_000))).await;
    assert_eq!(status(&long), "422", "a name nobody has");
    std::sync::Arc::into_inner(house).unwrap().close().await;
}

#[tokio::test]
async fn people_are_shut_out_and_let_in_again_by_a_manager() {
    let house = House::open("people", false).await;
    let cookie = house.session(Role::Manager).await;
    let support = house.session(Role::Support).await;
    let page = house.get("/console/people", &cookie).await;
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(page.matches("value=\"disable\"").count(), 4, "everybody but the manager themselves");
    let change = async |name: &str, action: &str| {
        let body = format!("csrf={csrf}&name={name}&action={action}");
        house.post("/console/people/change", &cookie, "same-origin", &body).await
    };
    assert_eq!(status(&change("manager", "disable").await), "422", "nobody locks themselves out");
    assert_eq!(status(&change("nobody", "disable").await), "404");
    assert_eq!(status(&house.get("/console", &support).await), "200");
    let answer = change("support", "disable").await;
    assert!(status(&answer) == "200" && answer.contains("badge rejected"), "{answer}");
    assert_eq!(status(&house.get("/console", &support).await), "303", "the session has ended");
    assert_eq!(house.engine.sign_in("support", PASSWORD).await.unwrap(), None);

    let answer = change("support", "reset").await;
    let token = answer.split("/console/set-up?token=").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_eq!(house.engine.sign_in("support", PASSWORD).await.unwrap(), None, "the old password is gone");
    assert!(house.engine.use_password_link(&token, "short").await.is_err());
    let user = house.engine.use_password_link(&token, "a new password").await.unwrap().unwrap();
    assert_eq!((user.name.as_str(), user.role), ("support", Role::Support));
    assert_eq!(house.engine.use_password_link(&token, "a new password").await.unwrap(), None, "once");
    assert!(house.engine.sign_in("support", "a new password").await.unwrap().is_some());

    change("support", "reset").await;
    let lost = house.engine.reset_password("support").await.unwrap();
    change("support", "disable").await;
    assert_eq!(
        house.engine.use_password_link(&lost, "a new password").await.unwrap(),
        None,
        "shut out since"
    );
    house.close().await;
}

#[tokio::test]
async fn a_file_of_members_has_all_of_them_or_none() {
    let house = House::open("file", false).await;
    let cookie = house.session(Role::Analyst).await;
    let enrol = |number: usize| {
        let identifier = domain::member::Identifier::new(
            domain::member::IdentifierKind::External,
            &number.to_string(),
            None,
        );
        let (identifiers, profile) = (vec![identifier.unwrap()], domain::member::Profile::default());
        operations::Request::new(
            operations::Command::EnrolMember { identifiers, profile, enrolled_at: None },
            "test",
        )
    };
    for reply in house.engine.submit((0..450).map(enrol).collect()).await.unwrap() {
        reply.unwrap();
    }
    let file = house.get("/console/members.csv", &cookie).await;
    assert_eq!(header(&file, "content-type"), Some("text/csv; charset=utf-8"));
    let members: std::collections::BTreeSet<&str> = file
        .lines()
        .filter_map(|line| line.split(',').next())
        .filter(|cell| cell.starts_with("mem_"))
        .collect();
    assert_eq!(members.len(), 450, "every page of the list");
    let wrong = house.get("/console/members.csv?points_min=many", &cookie).await;
    assert!(status(&wrong) == "422" && !wrong.contains("mem_"), "not everybody: {wrong}");
    house.close().await;
}

#[tokio::test]
async fn a_form_of_an_adjustment_sent_twice_is_one_and_its_number_is_for_nothing_else() {
    let house = House::open("adjust", false).await;
    let starter = include_str!("../../../examples/programmes/starter.toml");
    house.engine.publish_programme(starter, "2020-01-01T00:00:00Z".parse().unwrap(), "test").await.unwrap();
    let enrol = operations::Command::EnrolMember {
        identifiers: Vec::new(),
        profile: domain::member::Profile::default(),
        enrolled_at: None,
    };
    let reply = house.engine.carry_out(operations::Request::new(enrol, "test")).await.unwrap();
    let member = reply.recorded().unwrap().entry.id.account_id;
    let cookie = house.session(Role::Manager).await;
    let address = format!("/console/members/{member}");
    let form = async || {
        let page = house.get(&address, &cookie).await;
        let hidden = |name: &str| {
            let rest = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
            rest.split('"').next().unwrap().to_owned()
        };
        (hidden("csrf"), hidden("request"), hidden("at"))
    };
    let send = async |(csrf, request, at): &(String, String, String), points: i64| {
        let body = format!(
            "csrf={csrf}&request={request}&at={}&points={points}&unit=points&reason=goodwill&note=sorry",
            at.replace(':', "%3A")
        );
        house.post(&format!("{address}/adjustments"), &cookie, "same-origin", &body).await
    };
    let within = form().await;
    for _ in 0..2 {
        let answer = send(&within, 10).await;
        assert_eq!(status(&answer), "303", "{answer}");
        assert!(header(&answer, "location").unwrap().contains("adjusted"));
    }
    let other = send(&within, 20).await;
    assert!(status(&other) == "422" && other.contains("role=\"alert\""), "the number is taken: {other}");
    let above = form().await;
    for _ in 0..2 {
        let answer = send(&above, 5_000).await;
        assert!(header(&answer, "location").unwrap().contains("waits"), "{answer}");
    }
    let waiting = house.engine.list_adjustment_requests(10).await.unwrap();
    assert_eq!(waiting.len(), 1);
    let (csrf, request, _) = form().await;
    let old = send(&(csrf, request, "2020-01-02T00:00:00Z".to_owned()), 10).await;
    assert_eq!(status(&old), "422", "a time of long ago would choose another programme");
    house.engine.approve_adjustment(&waiting[0].request_id, "console:another").await.unwrap();
    let view = house.engine.view_member(&operations::MemberReference::Id(member)).await.unwrap();
    assert_eq!(view.state.balance(domain::code::Code::constant("points")).available, 5_010);
    house.close().await;
}
