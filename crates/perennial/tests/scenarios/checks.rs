//! What can be checked after a step. A balance is checked whole: what is not named must be nothing.

use jiff::Timestamp;
use serde_json::Value;

use crate::house::Answer;
use crate::phrase::{fit, number, words};
use crate::run::Otherwise;
use crate::stage::{Stage, lasting};
use crate::story::Step;

const PHRASES: &str = "one of
    refused: <code>, parked, nothing waits, answered as before
    earned <n>, earned nothing, spendable from <when>, lapsing at <when>
    taken back <n>: <n> from its own points, <n> lapsed, <n> from other points, <n> owed, <n> written off
    given back <n> points, given back nothing, rule <code>: <outcome>, decided by version <n>
    held <n> until <when>
    <Anna> has nothing, <Anna> has <n> available, <n> pending, <n> held, <n> owed
    <Anna> loses <n> at <when>, <Anna> is <tier>, <Anna> has <n> entries of <event>
    the points are worth <amount>
    <n> succeed, <n> are refused: <code>, all are answered alike, <n> are new
    <n> lapsed of <n> members, <n> lapsed of each of the many, <n> of <Anna>, nothing lapsed, each of the many has <n> available, each of the many has nothing";

/// Checks what stands after “then”.
pub(crate) fn check(stage: &Stage, text: &str) -> Result<(), Otherwise> {
    let words = words(text);
    for family in [of_an_answer, of_a_receipt, of_several, of_a_crowd, of_a_member] {
        if let Some(outcome) = family(stage, &words) {
            return outcome;
        }
    }
    Err(Otherwise::new(PHRASES, format!("a check that is not known: “{text}”")))
}

/// What holds unless a check says otherwise: whatever was asked for was done.
pub(crate) fn unsaid(stage: &Stage, step: &Step) -> Result<(), Otherwise> {
    let speaks = |check: &crate::story::Line| {
        ["refused", "parked", "succeed", "answered as before"].iter().any(|word| check.text.contains(word))
    };
    if step.checks.iter().any(speaks) {
        return Ok(());
    }
    let undone = |status: &Value| !["200", "201"].contains(&status.to_string().as_str());
    for (_, answer) in &stage.last {
        if undone(&answer.status.into()) {
            return Err(Otherwise::new("it is done", format!("{} {}", answer.status, answer.text)));
        }
        // A list is answered as a whole; what became of each part stands inside.
        if let Some(part) =
            answer.json()["results"].as_array().into_iter().flatten().find(|part| undone(&part["status"]))
        {
            return Err(Otherwise::new("it is done", part));
        }
    }
    Ok(())
}

type Checked = Option<Result<(), Otherwise>>;

fn integer(text: &str) -> Result<i64, Otherwise> {
    number(text).map_err(|expected| Otherwise::new(expected, text))
}

/// The answer to the one request of the step.
fn answer(stage: &Stage) -> Result<&Answer, Otherwise> {
    match &stage.last[..] {
        [(_, answer)] => Ok(answer),
        several => Err(Otherwise::new("one request in this step", several.len())),
    }
}

fn receipt(stage: &Stage) -> Result<Value, Otherwise> {
    let answer = answer(stage)?;
    match answer.status {
        200 | 201 => Ok(answer.json()["receipt"].clone()),
        status => Err(Otherwise::new("a receipt", format!("{status} {}", answer.text))),
    }
}

fn problem(answer: &Answer) -> String {
    match answer.status {
        ..400 => format!("{} {}", answer.status, answer.text),
        _ => answer.json()["code"].as_str().unwrap_or(&answer.text).to_owned(),
    }
}

fn of_an_answer(stage: &Stage, words: &[&str]) -> Checked {
    if let Some(found) = fit("refused : <code>", words) {
        let code = found[0][0].to_owned();
        return Some(answer(stage).and_then(|answer| Otherwise::unless(&code, &problem(answer))));
    }
    if fit("parked", words).is_some() {
        return Some(answer(stage).and_then(|answer| Otherwise::unless(&202, &answer.status)));
    }
    if fit("nothing waits", words).is_some() {
        let waiting = stage.get("/v1/parked-returns").json()["data"].clone();
        return Some(Otherwise::unless(&Value::Array(Vec::new()), &waiting));
    }
    if fit("answered as before", words).is_some() {
        let again = |(call, answer): &(crate::acts::Call, Answer)| {
            Otherwise::unless(&stage.first[&call.name], &lasting(answer))?;
            match answer.status {
                201 | 202 => Err(Otherwise::new("nothing new", &answer.text)),
                _ => Ok(()),
            }
        };
        return Some(stage.last.iter().try_for_each(again));
    }
    None
}

fn of_a_receipt(stage: &Stage, words: &[&str]) -> Checked {
    let nothing = ["0"];
    let compare = |expected: &str, got: &dyn Fn(&Value) -> i64| {
        let expected = integer(expected)?;
        Otherwise::unless(&expected, &got(&receipt(stage)?))
    };
    let sum = |receipt: &Value, list: &str, field: &str| -> i64 {
        receipt[list].as_array().into_iter().flatten().filter_map(|item| item[field].as_i64()).sum()
    };
    let earned = fit("earned <n>", words).map(|found| found[0].clone());
    if let Some(points) = earned.filter(|points| points[0] != "nothing") {
        return Some(compare(points[0], &|receipt| sum(receipt, "earned", "points")));
    }
    if fit("earned nothing", words).is_some() {
        return Some(compare(nothing[0], &|receipt| sum(receipt, "earned", "points")));
    }
    if let Some(found) = fit("given back <n> points", words) {
        return Some(compare(found[0][0], &|receipt| sum(receipt, "refunds", "points")));
    }
    if fit("given back nothing", words).is_some() {
        return Some(compare(nothing[0], &|receipt| sum(receipt, "refunds", "points")));
    }
    if let Some(found) = fit("decided by version <n>", words) {
        return Some(compare(found[0][0], &|receipt| receipt["programme_version"].as_i64().unwrap()));
    }
    if let Some(found) = fit("the points are worth <amount>", words) {
        let expected =
            crate::phrase::money(found[0][0]).map_err(|expected| Otherwise::new(expected, found[0][0]));
        let got = |receipt: &Value| sum(receipt, "spent", "amount") + sum(receipt, "refunds", "amount");
        return Some(expected.and_then(|expected| Otherwise::unless(&expected, &got(&receipt(stage)?))));
    }
    if let Some(found) = fit("rule <code> : <outcome>", words) {
        return Some(rule(stage, found[0][0], found[1][0]));
    }
    let dates = [("spendable from <when>", "pending_until"), ("lapsing at <when>", "expires_at")];
    for (phrase, field) in dates {
        if let Some(found) = fit(phrase, words) {
            return Some(dated(stage, &found[0], |receipt| receipt["earned"][0][field].clone()));
        }
    }
    if let Some(found) = fit("held <n> until <when>", words) {
        let kept = compare(found[0][0], &|receipt| receipt["hold"]["held"].as_i64().unwrap_or(0));
        return Some(
            kept.and_then(|()| dated(stage, &found[1], |receipt| receipt["hold"]["ends_at"].clone())),
        );
    }
    fit("taken back <n> : <rest>", words).map(|found| taken_back(stage, found[0][0], &found[1]))
}

fn rule(stage: &Stage, code: &str, outcome: &str) -> Result<(), Otherwise> {
    let receipt = receipt(stage)?;
    let rules = receipt["rules"].as_array().unwrap();
    let got = rules.iter().find(|rule| rule["rule"] == code).map(|rule| rule["outcome"].clone());
    Otherwise::unless(&Some(Value::from(outcome)), &got)
}

fn dated(stage: &Stage, when: &[&str], read: impl Fn(&Value) -> Value) -> Result<(), Otherwise> {
    let got = read(&receipt(stage)?);
    Otherwise::unless(&stage.instant(when)?.to_string(), &whole_seconds(&got))
}

/// An instant without the microseconds by which the ledger's time runs ahead of a clock that stands still.
fn whole_seconds(value: &Value) -> String {
    match value.as_str().and_then(|text| text.parse::<Timestamp>().ok()) {
        Some(instant) => Timestamp::from_second(instant.as_second()).unwrap().to_string(),
        None => value.to_string(),
    }
}

/// The parts of a sum: `<n> <words>`, set apart by commas; each part must be one of those that can be.
fn parts(text: &[&str], known: &[(&str, &str)]) -> Result<Vec<(String, i64)>, Otherwise> {
    let mut named: Vec<(String, i64)> = known.iter().map(|(_, field)| ((*field).to_owned(), 0)).collect();
    for part in text.split(|word| *word == ",") {
        let (amount, name) = part.split_first().ok_or_else(|| Otherwise::new("a number and a name", ""))?;
        let name = name.join(" ");
        let Some(position) = known.iter().position(|(words, _)| *words == name) else {
            let expected: Vec<&str> = known.iter().map(|(words, _)| *words).collect();
            return Err(Otherwise::new(expected.join(", "), name));
        };
        named[position].1 = integer(amount)?;
    }
    Ok(named)
}

fn taken_back(stage: &Stage, due: &str, text: &[&str]) -> Result<(), Otherwise> {
    let known = [
        ("from its own points", "own_lots"),
        ("lapsed", "lapsed"),
        ("from other points", "other_lots"),
        ("owed", "debt"),
        ("written off", "written_off"),
    ];
    let mut expected = parts(text, &known)?;
    expected.insert(0, ("due".to_owned(), integer(due)?));
    let receipt = receipt(stage)?;
    let part = &receipt["clawback"][0];
    let got: Vec<(String, i64)> =
        expected.iter().map(|(field, _)| (field.clone(), part[field].as_i64().unwrap_or(0))).collect();
    Otherwise::unless(&expected, &got)
}

fn of_a_member(stage: &Stage, words: &[&str]) -> Checked {
    for phrase in ["<Anna> has <n> entries of <event>", "<Anna> has <n> entry of <event>"] {
        if let Some(found) = fit(phrase, words) {
            return Some(entries(stage, found[0][0], found[1][0], found[2][0]));
        }
    }
    if let Some(found) = fit("<Anna> has <amount> of <unit>", words) {
        return Some(money_of(stage, found[0][0], found[1][0], found[2][0]));
    }
    if let Some(found) = fit("<Anna> has <rest>", words) {
        return Some(balance(stage, found[0][0], &found[1]));
    }
    if let Some(found) = fit("<Anna> loses <n> at <when>", words) {
        return Some(loses(stage, found[0][0], found[1][0], &found[2]));
    }
    let found = fit("<Anna> is <tier>", words)?;
    let tier = |id: String| {
        let held = stage.get(&format!("/v1/members/{id}/balance")).json()["tiers"][0]["tier"].clone();
        Otherwise::unless(&Value::from(found[1][0]), &held)
    };
    Some(stage.member_id(found[0][0]).and_then(tier))
}

fn held(stage: &Stage, name: &str) -> Result<Value, Otherwise> {
    let id = stage.member_id(name)?;
    Ok(stage.get(&format!("/v1/members/{id}/balance")).json()["units"][0].clone())
}

/// What can be spent of a unit that counts money.
fn money_of(stage: &Stage, name: &str, amount: &str, unit: &str) -> Result<(), Otherwise> {
    let expected = crate::phrase::money(amount).map_err(|expected| Otherwise::new(expected, amount))?;
    let id = stage.member_id(name)?;
    let balance = stage.get(&format!("/v1/members/{id}/balance")).json();
    let found = balance["units"].as_array().unwrap().iter().find(|one| one["unit"] == unit);
    Otherwise::unless(&expected, &found.map_or(0, |one| one["available"].as_i64().unwrap()))
}

fn balance(stage: &Stage, name: &str, text: &[&str]) -> Result<(), Otherwise> {
    let known = ["available", "pending", "held", "owed"]
        .map(|word| (word, if word == "owed" { "debt" } else { word }));
    let expected =
        if text == ["nothing"] { parts(&["0", "available"], &known) } else { parts(text, &known) }?;
    let unit = held(stage, name)?;
    let got: Vec<(String, i64)> =
        expected.iter().map(|(field, _)| (field.clone(), unit[field].as_i64().unwrap_or(0))).collect();
    Otherwise::unless(&expected, &got)
}

fn loses(stage: &Stage, name: &str, points: &str, when: &[&str]) -> Result<(), Otherwise> {
    let (points, at) = (integer(points)?, stage.instant(when)?.to_string());
    let unit = held(stage, name)?;
    let lapsing: Vec<(i64, String)> = unit["expiring"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|part| (part["points"].as_i64().unwrap(), whole_seconds(&part["expires_at"])))
        .collect();
    if lapsing.contains(&(points, at.clone())) {
        return Ok(());
    }
    Err(Otherwise::new(format!("{points} at {at} among them"), format!("{lapsing:?}")))
}

fn entries(stage: &Stage, name: &str, count: &str, event: &str) -> Result<(), Otherwise> {
    let id = stage.member_id(name)?;
    let (mut found, mut after) = (0, String::new());
    loop {
        let page = stage.get(&format!("/v1/members/{id}/entries?limit=100{after}")).json();
        let data = page["data"].as_array().unwrap();
        found += data.iter().filter(|entry| entry["fact"]["event"] == event).count();
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    Otherwise::unless(&integer(count)?, &i64::try_from(found).unwrap())
}

fn of_several(stage: &Stage, words: &[&str]) -> Checked {
    let count = |expected: &str, fits: &dyn Fn(&Answer) -> bool| {
        let got = stage.last.iter().filter(|(_, answer)| fits(answer)).count();
        let expected = integer(expected)?;
        if usize::try_from(expected) == Ok(got) {
            return Ok(());
        }
        let answers: Vec<String> = stage.last.iter().map(|(_, answer)| lasting(answer)).collect();
        Err(Otherwise::new(expected, format!("{got}: {answers:#?}")))
    };
    for phrase in ["<n> succeed", "<n> succeeds"] {
        if let Some(found) = fit(phrase, words) {
            return Some(count(found[0][0], &|answer| answer.status < 300));
        }
    }
    for phrase in ["<n> are refused : <code>", "<n> is refused : <code>"] {
        if let Some(found) = fit(phrase, words) {
            return Some(count(found[0][0], &|answer| problem(answer) == found[1][0]));
        }
    }
    for phrase in ["<n> are new", "<n> is new"] {
        if let Some(found) = fit(phrase, words) {
            return Some(count(found[0][0], &|answer| answer.status == 201));
        }
    }
    fit("all are answered alike", words)?;
    let mut answers: Vec<String> = stage.last.iter().map(|(_, answer)| lasting(answer)).collect();
    answers.dedup();
    Some(Otherwise::unless(&1, &answers.len()))
}

fn of_a_crowd(stage: &Stage, words: &[&str]) -> Checked {
    let lapsed = |points: i64, members: i64| {
        let total = |field: &str| -> i64 {
            stage.last.iter().filter_map(|(_, answer)| answer.json()[field].as_i64()).sum()
        };
        Otherwise::unless(&(points, members), &(total("points_expired"), total("expiries")))
    };
    if let Some(found) = fit("<n> lapsed of <n> members", words) {
        return Some(integer(found[0][0]).and_then(|points| lapsed(points, integer(found[1][0])?)));
    }
    if fit("nothing lapsed", words).is_some() {
        return Some(lapsed(0, 0));
    }
    if let Some(found) = fit("<n> lapsed of each of the many , <n> of <Anna>", words) {
        let total = |each: i64, one: i64| lapsed(each * stage.crowd + one, stage.crowd + 1);
        return Some(integer(found[0][0]).and_then(|each| total(each, integer(found[1][0])?)));
    }
    let found = fit("each of the many has <rest>", words)?;
    Some((0..stage.crowd).step_by(97).try_for_each(|number| balance(stage, &format!("c{number}"), &found[0])))
}
