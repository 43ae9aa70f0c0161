//! What can happen in a scenario: each phrase with the request it stands for. A phrase that is not here is a mistake in
//! the scenario.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::phrase::{self, fit, number, words};
use crate::run::Otherwise;
use crate::samples::{about, activity, adjustment, full_return, hold, money, order, purchase, with};
use crate::stage::Stage;
use crate::story::Line;

/// Members of a crowd, unless said otherwise.
const CROWD: i64 = 2_000;
/// How many members a crowd has.
const CROWD_VARIABLE: &str = "PERENNIAL_NIGHT_MEMBERS";
/// Purchases in one list.
const LIST: i64 = 1_000;

/// What the phrases are, for whoever wrote another one. `<when>` is a date and a time.
const PHRASES: &str = "one of
    It is <when>
    <Anna> joins
    <Anna> is given <n> points
    <Anna> buys <r1> for <amount> [+ <amount> …]
    <r1> is returned as <b1>
    <amount> of <r1> is returned as <b1>
    <amount> of line <n> of <r1> is returned as <b1>
    <Anna> does <what> as <a1>
    <Anna> holds <n> points as <h1>
    <c1> captures <h1>, <c1> captures <n> of <h1>, <v1> voids <h1>
    <Anna> redeems <o1>: <reward>, <x1> cancels <o1>, <f1> hands out <o1>
    <Anna> pays in <amount> as <t1>, <amount> is paid back to <Anna> as <p1>
    <Anna> is merged into <Berta>, The merge of <Anna> is undone
    The audience <families> is <Anna> [+ <Berta> …], The audience <families> is empty
    The household <Home> is opened, <Anna> joins <Home>, <Anna> leaves <Home>
    Many members buy for <amount> each
    The night's run takes place
    The same request is sent again
    The server is stopped and started again
    A backup is made, The backup is restored
    From <when> the programme says `this` instead of `that`
    At the same time:, <n> tills at the same time:
and after a comma
    on <when>, only asked, with key <key>, in <currency>, through <channel>, paying <n> points,
    may spend, spent by <Anna>,
    paying <n> points from <h1>, paying <amount> of stored value, known as <holder>, born on <date>, in segment <families>, for <n> minutes, quoted under version <n>, giving back the rest";

/// A request to the API.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    pub(crate) key: Option<String>,
    /// What names it: a request of the same name must be answered alike.
    pub(crate) name: String,
}

/// Something that happens.
pub(crate) enum Act {
    Call(Call),
    Clock(Timestamp),
    Crowd(Vec<Call>),
    Again,
    Restart,
    BackUp,
    Restore,
}

impl Call {
    fn new(path: &str, body: Value) -> Self {
        let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
        let name = format!("{path} {} {}", text("source"), text("reference"));
        Self { path: path.to_owned(), body: Some(body), key: None, name }
    }

    fn keyed(mut self, key: String) -> Self {
        self.name = format!("{} {key}", self.path);
        self.key = Some(key);
        self
    }

    /// Sets are put in their place, everything else is posted.
    pub(crate) fn method(&self) -> &'static str {
        if self.path.starts_with("/v1/audiences/") { "PUT" } else { "POST" }
    }

    pub(crate) fn night() -> Self {
        let path = "/v1/operations/expire-points".to_owned();
        Self { name: path.clone(), path, body: None, key: None }
    }
}

/// Reads what happens.
pub(crate) fn read(stage: &mut Stage, text: &str) -> Result<Act, Otherwise> {
    if text.starts_with("From ") && text.contains('`') {
        return terms(stage, text);
    }
    let words = words(text);
    let mut clauses = words.split(|word| *word == ",");
    let head = clauses.next().unwrap_or_default();
    if let Some(act) = other_than_a_request(stage, head)? {
        return match clauses.next() {
            Some(_) => Err(unknown(text)),
            None => Ok(act),
        };
    }
    let Some(mut call) = request(stage, head)? else { return Err(unknown(text)) };
    let now = stage.now().to_string();
    if let Some(Value::Object(body)) = &mut call.body
        && body.contains_key("occurred_at")
    {
        body.insert("occurred_at".to_owned(), now.into());
    }
    for clause in clauses {
        call = refined(stage, call, clause)?.ok_or_else(|| unknown(text))?;
    }
    Ok(Act::Call(call))
}

/// The lines that a line of things happening at the same time stands for.
pub(crate) fn multiplied(heading: &str, line: &Line) -> Result<Vec<Line>, Otherwise> {
    let words = words(heading);
    if fit("At the same time :", &words).is_some() {
        return Ok(vec![line.clone()]);
    }
    let Some(found) = fit("<n> tills at the same time :", &words) else { return Err(unknown(heading)) };
    let each = |till: i64| Line { number: line.number, text: line.text.replace('#', &till.to_string()) };
    Ok((1..=read_number(found[0][0])?).map(each).collect())
}

fn unknown(text: &str) -> Otherwise {
    Otherwise::new(PHRASES, format!("a step that is not known: “{text}”"))
}

fn read_number(text: &str) -> Result<i64, Otherwise> {
    number(text).map_err(|expected| Otherwise::new(expected, text))
}

fn read_money(text: &str) -> Result<i64, Otherwise> {
    phrase::money(text).map_err(|expected| Otherwise::new(expected, text))
}

fn other_than_a_request(stage: &mut Stage, head: &[&str]) -> Result<Option<Act>, Otherwise> {
    if let Some(found) = fit("It is <when>", head) {
        return Ok(Some(Act::Clock(stage.instant(&found[0])?)));
    }
    if let Some(found) = fit("Many members buy for <amount> each", head) {
        return Ok(Some(crowd(stage, read_money(found[0][0])?)));
    }
    let plain = [
        ("The same request is sent again", Act::Again),
        ("The night's run takes place", Act::Call(Call::night())),
        ("The server is stopped and started again", Act::Restart),
        ("A backup is made", Act::BackUp),
        ("The backup is restored", Act::Restore),
    ];
    Ok(plain.into_iter().find(|(phrase, _)| fit(phrase, head).is_some()).map(|(_, act)| act))
}

fn request(stage: &mut Stage, head: &[&str]) -> Result<Option<Call>, Otherwise> {
    if let Some(call) = request_of_a_member(stage, head)? {
        return Ok(Some(call));
    }
    let one = |found: &[Vec<&str>], place: usize| found[place][0].to_owned();
    let returned = |of: &str, reference: &str, line: i64, amount: Option<&str>| {
        let mut body = full_return(reference, of);
        if let Some(amount) = amount {
            body = with(body, "lines", json!([{ "line": line, "amount": read_money(amount)? }]));
        }
        Ok::<_, Otherwise>(Call::new("/v1/returns", body))
    };
    if let Some(found) = fit("<r1> is returned as <b1>", head) {
        return returned(found[0][0], found[1][0], 0, None).map(Some);
    }
    if let Some(found) = fit("<amount> of <r1> is returned as <b1>", head) {
        return returned(found[1][0], found[2][0], 0, Some(found[0][0])).map(Some);
    }
    if let Some(found) = fit("<amount> of line <n> of <r1> is returned as <b1>", head) {
        let line = read_number(found[1][0])? - 1;
        return returned(found[2][0], found[3][0], line, Some(found[0][0])).map(Some);
    }
    if let Some(found) = fit("<c1> captures <n> of <h1>", head) {
        let body =
            with(about("hold", &one(&found, 2), &one(&found, 0)), "points", json!(read_number(found[1][0])?));
        return Ok(Some(Call::new("/v1/captures", body)));
    }
    let abouts = [
        ("<c1> captures <h1>", "hold", "/v1/captures"),
        ("<v1> voids <h1>", "hold", "/v1/voids"),
        ("<x1> cancels <o1>", "redemption", "/v1/cancellations"),
        ("<f1> hands out <o1>", "redemption", "/v1/fulfilments"),
    ];
    let call = abouts.iter().find_map(|(phrase, field, path)| {
        let found = fit(phrase, head)?;
        Some(Call::new(path, about(field, found[1][0], found[0][0])))
    });
    Ok(call)
}

fn request_of_a_member(stage: &mut Stage, head: &[&str]) -> Result<Option<Call>, Otherwise> {
    if let Some(found) = fit("<Anna> joins", head) {
        let body = json!({ "identifiers": [{ "kind": "external", "value": found[0][0] }] });
        return Ok(Some(Call::new("/v1/members", body).keyed(format!("enrol-{}", found[0][0]))));
    }
    if let Some(found) = fit("<Anna> is given <n> points", head) {
        let path = format!("/v1/members/{}/adjustments", stage.member_id(found[0][0])?);
        let key = format!("gift-{}", stage.next_number());
        return Ok(Some(Call::new(&path, adjustment(read_number(found[1][0])?)).keyed(key)));
    }
    if let Some(found) = fit("<Anna> pays in <amount> as <t1>", head) {
        let body = with(money(found[2][0], read_money(found[1][0])?), "member", named(found[0][0]));
        return Ok(Some(Call::new("/v1/top-ups", body)));
    }
    if let Some(found) = fit("<amount> is paid back to <Anna> as <p1>", head) {
        let body = with(money(found[2][0], read_money(found[0][0])?), "member", named(found[1][0]));
        return Ok(Some(Call::new("/v1/stored-value-refunds", body)));
    }
    if let Some(found) = fit("<Anna> is merged into <Berta>", head) {
        let (absorbed, into) = (found[0][0], stage.member_id(found[1][0])?);
        let merged = stage.member_id(absorbed)?;
        stage.merged.insert(absorbed.to_owned(), merged);
        let body = json!({ "absorbed": { "external": absorbed }, "reason": "one person" });
        let key = format!("merge-{}", stage.next_number());
        return Ok(Some(Call::new(&format!("/v1/members/{into}/merge"), body).keyed(key)));
    }
    if let Some(found) = fit("The merge of <Anna> is undone", head) {
        let merged = stage.merged.get(found[0][0]).cloned();
        let merged = merged.ok_or_else(|| Otherwise::new("a member who was merged", found[0][0]))?;
        let key = format!("undo-{}", stage.next_number());
        let body = json!({ "reason": "two persons after all" });
        return Ok(Some(Call::new(&format!("/v1/members/{merged}/undo-merge"), body).keyed(key)));
    }
    if let Some(call) = request_of_an_audience(stage, head) {
        return Ok(Some(call));
    }
    if let Some(call) = request_of_a_household(stage, head)? {
        return Ok(Some(call));
    }
    if let Some(found) = fit("<Anna> buys <r1> for <rest>", head) {
        let mut lines = Vec::new();
        for amount in found[2].split(|word| *word == "+") {
            let [amount] = amount else { return Ok(None) };
            lines.push(json!({ "sku": "A-1", "amount": read_money(amount)? }));
        }
        let body = with(purchase(found[1][0], found[0][0], 0), "lines", Value::from(lines));
        return Ok(Some(Call::new("/v1/purchases", body)));
    }
    if let Some(found) = fit("<Anna> does <what> as <a1>", head) {
        let body = with(activity(found[2][0], found[0][0]), "kind", json!(found[1][0]));
        return Ok(Some(Call::new("/v1/activities", body)));
    }
    if let Some(found) = fit("<Anna> holds <n> points as <h1>", head) {
        let body = hold(found[2][0], found[0][0], read_number(found[1][0])?);
        return Ok(Some(Call::new("/v1/holds", body)));
    }
    if let Some(found) = fit("<Anna> redeems <o1> : <reward>", head) {
        let body = with(order(found[1][0], found[0][0]), "reward", json!(found[2][0]));
        return Ok(Some(Call::new("/v1/redemptions", body)));
    }
    Ok(None)
}

fn request_of_an_audience(stage: &mut Stage, head: &[&str]) -> Option<Call> {
    let empty = fit("The audience <families> is empty", head).map(|found| (found[0][0], Vec::new()));
    let (segment, members) = empty.or_else(|| {
        let found = fit("The audience <families> is <rest>", head)?;
        Some((found[0][0], found[1].iter().copied().filter(|word| *word != "+").collect()))
    })?;
    let set = json!({ "source": "scenario", "members": members });
    let call = Call::new(&format!("/v1/audiences/{segment}"), set);
    Some(call.keyed(format!("audience-{}", stage.next_number())))
}

fn request_of_a_household(stage: &mut Stage, head: &[&str]) -> Result<Option<Call>, Otherwise> {
    if let Some(found) = fit("The household <Home> is opened", head) {
        let body = json!({ "name": found[0][0] });
        return Ok(Some(Call::new("/v1/households", body).keyed(format!("open-{}", found[0][0]))));
    }
    if let Some(found) = fit("<Anna> joins <Home>", head) {
        let path = format!("/v1/households/{}/members", stage.member_id(found[1][0])?);
        let body = json!({ "member": { "external": found[0][0] }, "may_spend": false });
        return Ok(Some(Call::new(&path, body).keyed(format!("join-{}", stage.next_number()))));
    }
    if let Some(found) = fit("<Anna> leaves <Home>", head) {
        let (member, home) = (stage.member_id(found[0][0])?, stage.member_id(found[1][0])?);
        let path = format!("/v1/households/{home}/members/{member}/leave");
        let call = Call::new(&path, Value::Null).keyed(format!("leave-{}", stage.next_number()));
        return Ok(Some(Call { body: None, ..call }));
    }
    Ok(None)
}

/// A request with what stands after a comma.
fn refined(stage: &Stage, mut call: Call, clause: &[&str]) -> Result<Option<Call>, Otherwise> {
    let body = call.body.take().unwrap_or_default();
    let mut set = |field: &str, value: Value| call.body = Some(with(body.clone(), field, value));
    if let Some(found) = fit("on <when>", clause) {
        set("occurred_at", json!(stage.instant(&found[0])?.to_string()));
    } else if let Some(found) = fit("in <currency>", clause) {
        set("currency", json!(found[0][0]));
    } else if let Some(found) = fit("through <channel>", clause) {
        set("channel", json!(found[0][0]));
    } else if let Some(found) = fit("born on <date>", clause) {
        call.body = Some(with_profile(body, "born_on", json!(found[0][0])));
    } else if let Some(found) = fit("in segment <families>", clause) {
        call.body = Some(with_profile(body, "segments", json!([found[0][0]])));
    } else if let Some(found) = fit("for <n> minutes", clause) {
        set("minutes", json!(read_number(found[0][0])?));
    } else if let Some(found) = fit("quoted under version <n>", clause) {
        set("programme_version", json!(read_number(found[0][0])?));
    } else if fit("giving back the rest", clause).is_some() {
        set("release_rest", json!(true));
    } else if let Some(found) = fit("paying <n> points", clause) {
        set("payments", payment(read_number(found[0][0])?, None));
    } else if let Some(found) = fit("paying <n> points from <h1>", clause) {
        set("payments", payment(read_number(found[0][0])?, Some(found[1][0])));
    } else if fit("may spend", clause).is_some() {
        set("may_spend", json!(true));
    } else if let Some(found) = fit("spent by <Anna>", clause) {
        let home = body["member"]["external"].as_str().unwrap_or_default();
        let body = with(body.clone(), "member", json!({ "id": stage.member_id(home)? }));
        call.body = Some(with(body, "spender", json!(stage.member_id(found[0][0])?)));
    } else if let Some(found) = fit("paying <amount> of stored value", clause) {
        let amount = read_money(found[0][0])?;
        set("payments", json!([{ "method": "stored_value", "amount": amount, "stored_value": {} }]));
    } else if let Some(found) = fit("known as <holder>", clause) {
        set("holder", json!(found[0][0]));
    } else if fit("only asked", clause).is_some() {
        call.body = Some(body);
        call.name = format!("question {}", call.name);
        call.path.push_str("?dry_run=true");
    } else if let Some(found) = fit("with key <key>", clause) {
        call.body = Some(body);
        call.key = Some(found[0][0].to_owned());
    } else {
        return Ok(None);
    }
    Ok(Some(call))
}

/// A member as requests name them.
fn named(name: &str) -> Value {
    json!({ "external": name })
}

/// A new member with something known about the person.
fn with_profile(mut body: Value, field: &str, value: Value) -> Value {
    body["profile"][field] = value;
    body
}

/// Points at a till: in every scenario one of them pays 0.01.
fn payment(points: i64, hold: Option<&str>) -> Value {
    let mut tender = json!({ "points": points });
    if let Some(hold) = hold {
        tender["hold"] = json!({ "source": "shop", "reference": hold });
    }
    json!([{ "method": "points", "amount": points, "points": tender }])
}

/// Purchases of as many members as the environment says, in lists.
fn crowd(stage: &mut Stage, amount: i64) -> Act {
    let asked = std::env::var(CROWD_VARIABLE).ok();
    let members = asked.map_or(CROWD, |text| text.replace('_', "").parse().unwrap());
    stage.crowd = members;
    let now = stage.now().to_string();
    let sale = |member: i64| {
        with(purchase(&format!("c{member}"), &format!("c{member}"), amount), "occurred_at", json!(now))
    };
    let lists = (0..members).step_by(usize::try_from(LIST).unwrap()).map(|first| {
        let list: Vec<Value> = (first..members.min(first + LIST)).map(sale).collect();
        Call { name: format!("crowd {first}"), ..Call::new("/v1/purchases", Value::from(list)) }
    });
    Act::Crowd(lists.collect())
}

/// Publishes the programme with a text of it replaced.
fn terms(stage: &mut Stage, text: &str) -> Result<Act, Otherwise> {
    let parts: Vec<&str> = text.split('`').collect();
    let [from, new, " instead of ", old, ""] = parts[..] else { return Err(unknown(text)) };
    let words = words(from);
    let Some(found) = fit("From <when> the programme says", &words) else { return Err(unknown(text)) };
    if stage.programme.matches(old).count() != 1 {
        return Err(Otherwise::new(format!("`{old}` once in the programme"), "none or several"));
    }
    stage.programme = stage.programme.replace(old, new);
    let body = json!({ "document": stage.programme, "effective_at": stage.instant(&found[0])?.to_string() });
    let key = format!("terms-{}", stage.next_number());
    Ok(Act::Call(Call::new("/v1/programmes", body).keyed(key)))
}
