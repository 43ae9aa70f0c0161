//! Audiences on the pages: a file is uploaded, what became of it is told with its lines, and a member's page names the
//! audiences they are in.

use domain::code::Code;
use domain::member::{Identifier, IdentifierKind};
use operations::{Command, MemberReference, Request, Role};

use crate::answer::status;
use crate::desk::Desk;

const SEGMENTS: &str = "\n[[segments]]\ncode = \"early\"\nname = { zh = \"早鸟\", en = \"Early birds\" }\n";

impl Desk {
    /// Sends the form as a browser does.
    async fn upload(&self, cookie: &str, csrf: &str, segment: &str, only: &str, file: &str) -> String {
        let part = |name: &str, value: &str| {
            format!("--b7\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let body = [
            part("csrf", csrf),
            part("segment", segment),
            part("segment_column", only),
            part("source", ""),
            format!(
                "--b7\r\nContent-Disposition: form-data; name=\"file\"; filename=\"early.csv\"\r\n\
                 Content-Type: text/csv\r\n\r\n{file}\r\n--b7--\r\n"
            ),
        ]
        .concat();
        let headers = [
            ("Cookie", cookie),
            ("Accept-Language", "en"),
            ("Sec-Fetch-Site", "same-origin"),
            ("Content-Type", "multipart/form-data; boundary=b7"),
        ];
        self.house.send("POST /console/audiences", &headers, &body).await
    }

    async fn csrf(&self, cookie: &str) -> String {
        let page = self.house.get("/console", cookie).await;
        page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_file_replaces_an_audience_and_its_unknown_lines_are_shown() {
    let desk = Desk::open("audiences", SEGMENTS).await;
    let identifier = Identifier::new(IdentifierKind::External, "17850", None).unwrap();
    let link = Command::LinkIdentifier { member: MemberReference::Id(desk.member), identifier };
    desk.house.engine.carry_out(Request::new(link, "owner")).await.unwrap();
    let csrf = desk.csrf(&desk.cookie).await;
    let empty = desk.get("/console/audiences").await;
    assert!(empty.contains("Early birds") && empty.contains("No set was sent yet"), "{empty}");

    let done = desk.upload(&desk.cookie, &csrf, "early", "", "member\r\n17850\r\ncard:<4711>\r\n").await;
    assert_eq!(status(&done), "200", "{done}");
    for told in [
        "Early birds has 1 members now: 1 entered, 0 left",
        "2 rows read",
        "card:&#60;4711&#62;",
        "early.csv",
    ] {
        assert!(done.contains(told), "{told}: {done}");
    }
    let member = desk.get(&format!("/console/members/{}", desk.member)).await;
    assert!(member.contains("Audiences") && member.contains("Early birds"), "{member}");
    desk.house.engine.announce_audiences(&mut |_| {}).await.unwrap();
    let member = desk.get(&format!("/console/members/{}", desk.member)).await;
    assert!(member.contains("Entered an audience"), "{member}");

    let wrong = [
        ("", "who\r\n17850\r\n", "must name a column “member”"),
        ("", "member\r\nnobody\r\n", "Not one row names a member; the first says “nobody”"),
        ("early", "member\r\n17850\r\n", "else leave that empty"),
    ];
    for (only, file, told) in wrong {
        let refused = desk.upload(&desk.cookie, &csrf, "early", only, file).await;
        assert!(status(&refused) == "422" && refused.contains(told), "{refused}");
    }
    assert_eq!(desk.house.engine.view_audience(Code::constant("early")).await.unwrap().audience.version, 1);
    desk.house.close().await;
}

#[tokio::test]
async fn only_managers_and_analysts_replace_and_only_by_their_own_form() {
    let desk = Desk::open("audiences-roles", SEGMENTS).await;
    let file = format!("member\r\n{}\r\n", desk.member);
    for (role, expected) in
        [(Role::Analyst, "200"), (Role::Auditor, "403"), (Role::Support, "403"), (Role::Cashier, "403")]
    {
        let cookie = desk.house.session(role).await;
        let csrf = if role == Role::Cashier { String::new() } else { desk.csrf(&cookie).await };
        let answer = desk.upload(&cookie, &csrf, "early", "", &file).await;
        assert_eq!(status(&answer), expected, "{role:?}: {answer}");
    }
    let forged = desk.upload(&desk.cookie, "0", "early", "", &file).await;
    assert_eq!(status(&forged), "403", "{forged}");
    assert_eq!(desk.house.engine.view_audience(Code::constant("early")).await.unwrap().audience.version, 1);
    desk.house.close().await;
}
