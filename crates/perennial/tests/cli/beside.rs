//! Keys and people are looked after while a server runs on the same SQLite file; nobody has to stop it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::shop::Shop;

/// The program serving a shop's database. Ends with the test.
struct Server {
    child: Child,
    base: String,
    agent: ureq::Agent,
}

impl Server {
    fn start(shop: &Shop) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_perennial"))
            .args(["serve", "--listen", "127.0.0.1:0", "--rate-limit", "1000000"])
            .current_dir(shop.path("."))
            .env("PERENNIAL_DATABASE", "sqlite:shop.db")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let agent = config.max_redirects_will_error(false).build().into();
        let mut server = Self { child, base: String::new(), agent };
        let output = BufReader::new(server.child.stdout.take().unwrap());
        for line in output.lines().map_while(Result::ok) {
            if let Some(address) = line.strip_prefix("api: ") {
                address.trim_end_matches("/v1").clone_into(&mut server.base);
            }
            if line == "ready" {
                return server;
            }
        }
        panic!("the server did not start");
    }

    /// The status of a read with a key.
    fn with_key(&self, key: &str) -> u16 {
        let asked = self.agent.get(format!("{}/v1/members", self.base));
        asked.header("Authorization", format!("Bearer {key}")).call().unwrap().status().as_u16()
    }

    fn page(&self, path: &str, cookie: &str) -> (u16, String) {
        let asked = self.agent.get(format!("{}{path}", self.base)).header("Cookie", cookie);
        let mut answer = asked.call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    }

    /// Sends a form of a visitor; the cookie of the session that begins with it, if one does.
    fn form(&self, path: &str, fields: &[(&str, &str)]) -> Option<String> {
        let page = self.agent.get(format!("{}/console/sign-in", self.base)).call().unwrap();
        let cookie = page.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let csrf = cookie.split('=').nth(1).unwrap().to_owned();
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend(fields);
        let sent = self.agent.post(format!("{}{path}", self.base)).header("Cookie", &cookie);
        let answer = sent.header("Sec-Fetch-Site", "same-origin").send_form(all).unwrap();
        let cookies = answer.headers().get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        let session = cookies
            .map(|cookie| cookie.split(';').next().unwrap())
            .find(|cookie| cookie.starts_with("perennial_session=") && !cookie.ends_with('='));
        session.map(str::to_owned)
    }

    fn sign_in(&self, name: &str, password: &str) -> Option<String> {
        self.form("/console/sign-in", &[("name", name), ("password", password)])
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn keys_are_issued_listed_and_revoked_beside_a_running_server() {
    let shop = Shop::with_programme();
    let server = Server::start(&shop);
    let issued = shop.json(["issue-api-key", "till", "--scopes", "members:read"]);
    let (key, id) = (issued["key"].as_str().unwrap(), issued["about"]["key_id"].as_str().unwrap());
    assert_eq!(server.with_key(key), 200);
    shop.run(["list-api-keys"]).succeeded().says(id);
    shop.run(["revoke-api-key", id]).succeeded();
    // Two seconds later at the latest; a server that never hears of it fails by asking too often.
    let asked = (0..2_000_000).find(|_| server.with_key(key) == 401);
    assert!(asked.is_some(), "a revoked key stops working");
    shop.run(["enrol-member", "--identifier", "external:1"]).expect_code(5).says("in use by another process");
}

#[test]
fn a_wrong_command_line_is_told_in_the_form_that_was_asked_for() {
    let shop = Shop::new();
    for words in
        [&["--json", "issue-api-key"][..], &["issue-api-key", "till", "--json"], &["--json", "nonsense"]]
    {
        let ran = shop.run(words);
        ran.expect_code(2);
        assert_eq!(ran.error_code(), "usage", "{words:?}");
    }
    shop.run(["nonsense"]).expect_code(2).says("error: unrecognized subcommand");
    let help = shop.run(["issue-api-key", "--help", "--json"]);
    for scope in ["transfers:write", "members:merge", "households:write", "vouchers:issue", "audiences:write"]
    {
        help.succeeded().says(scope);
    }
}

#[test]
fn people_are_added_shut_out_and_let_in_again_beside_a_running_server() {
    let shop = Shop::with_programme();
    let server = Server::start(&shop);
    let added = shop.json(["create-user", "ann.lee", "--role", "manager"]);
    let password = added["password"].as_str().unwrap();
    let session = server.sign_in("ann.lee", password).expect("she can sign in");
    assert_eq!(server.page("/console", &session).0, 200);

    shop.run(["disable-user", "nobody"]).expect_code(3);
    shop.run(["disable-user", "ann.lee"]).succeeded();
    assert_eq!(server.page("/console", &session).0, 303, "her session is over");
    assert_eq!(server.sign_in("ann.lee", password), None);

    let told = shop.json(["reset-password", "ann.lee", "--server", "https://shop.example/"]);
    let link = told["link"].as_str().unwrap();
    let path = link.strip_prefix("https://shop.example").unwrap();
    assert_eq!(server.sign_in("ann.lee", password), None, "the old password stays useless");
    let (status, page) = server.page(path, "");
    assert!(status == 200 && page.contains("ann.lee"), "the page says whose password it is");
    let token = path.split_once("token=").unwrap().1;
    let fields = |token: &'static str| [("token", token), ("password", "a new password")];
    let forged = format!("{}{}", token.rsplit_once('.').unwrap().0, ".626f62").leak();
    assert_eq!(server.form("/console/set-up", &fields(forged)), None, "the name cannot be changed");
    let token: &'static str = token.to_owned().leak();
    let session = server.form("/console/set-up", &fields(token)).expect("signed in by it");
    assert_eq!(server.page("/console", &session).0, 200);
    assert_eq!(server.form("/console/set-up", &fields(token)), None, "it works once");
    assert!(server.sign_in("ann.lee", "a new password").is_some());
}
