//! Tills that write without a pause and keep books of their own: what was acknowledged with which receipt, and what
//! they never heard about.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::ScopedJoinHandle;

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

/// Tills at work at the same time.
const TILLS: u64 = 8;
/// Members they serve: few, so that their requests meet.
const MEMBERS: u64 = 40;
/// One of so many acknowledged requests is sent again.
const CHECK_ONE_IN: usize = 5;
/// Purchases in a call of many.
const MANY: u64 = 20;

/// A request, ready to be sent again.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    path: String,
    key: String,
    body: Value,
    /// The event it leads to, and how often.
    pub(crate) event: (&'static str, usize),
}

/// A purchase a till may take back, or praise its member for.
struct Bought {
    reference: String,
    /// What the till calls the member, and what the platform does.
    name: String,
    member: String,
}

/// What the tills know.
#[derive(Debug, Default)]
pub(crate) struct Books {
    pub(crate) acknowledged: Vec<(Sent, Value)>,
    pub(crate) unheard: Vec<Sent>,
    /// Problems the server answered with.
    pub(crate) problems: Vec<(u16, Value)>,
}

/// How a request ended.
pub(crate) enum Heard {
    Receipt(Value),
    Problem(u16, Value),
    Nothing,
}

/// Random numbers of one till (`SplitMix64`: Steele, Lea, Flood 2014).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// Tills write until so many requests are acknowledged; then `disturb` happens under their hands and they go home.
/// A till that hears nothing, or a problem, notes the request and goes home at once.
pub(crate) fn work(address: &str, key: &str, round: u64, until: usize, disturb: impl FnOnce()) -> Books {
    let books = Mutex::new(Books::default());
    let (stop, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let tills: Vec<_> = (0..TILLS)
            .map(|till| {
                let (books, stop, count) = (&books, &stop, &count);
                scope.spawn(move || {
                    serve_customers(address, key, &format!("r{round}t{till}"), books, stop, count);
                })
            })
            .collect();
        while count.load(Ordering::Relaxed) < until && !tills.iter().all(ScopedJoinHandle::is_finished) {
            std::thread::yield_now();
        }
        disturb();
        stop.store(true, Ordering::Relaxed);
    });
    books.into_inner().unwrap()
}

fn serve_customers(
    address: &str,
    key: &str,
    name: &str,
    books: &Mutex<Books>,
    stop: &AtomicBool,
    count: &AtomicUsize,
) {
    let mut dice = Dice(name.bytes().fold(0, |sum, byte| sum * 31 + u64::from(byte)));
    let mut bought: Vec<Bought> = Vec::new();
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let sent = next(&mut dice, &format!("{name}n{number}"), &mut bought);
        match send(address, key, &sent) {
            Heard::Receipt(answer) => {
                if sent.event == ("purchase_recorded", 1) {
                    bought.push(Bought {
                        reference: sent.body["reference"].as_str().unwrap().to_owned(),
                        name: sent.body["member"]["external"].as_str().unwrap().to_owned(),
                        member: answer["receipt"]["member_id"].as_str().unwrap().to_owned(),
                    });
                }
                books.lock().unwrap().acknowledged.push((sent, answer));
                count.fetch_add(1, Ordering::Relaxed);
            }
            Heard::Problem(status, problem) => {
                let mut books = books.lock().unwrap();
                books.problems.push((status, problem));
                books.unheard.push(sent);
                return;
            }
            Heard::Nothing => {
                books.lock().unwrap().unheard.push(sent);
                return;
            }
        }
    }
}

/// Mostly single purchases; now and then many at once, a return, an activity, an adjustment.
fn next(dice: &mut Dice, reference: &str, bought: &mut Vec<Bought>) -> Sent {
    let member = format!("m{}", dice.below(MEMBERS));
    let (path, body, event, count) = match dice.below(20) {
        0 => {
            let many: Vec<Value> = (0..MANY)
                .map(|n| purchase(&format!("{reference}-{n}"), &format!("m{}", dice.below(MEMBERS)), 100 + n))
                .collect();
            ("/v1/purchases".to_owned(), Value::from(many), "purchase_recorded", 20)
        }
        1 | 2 if !bought.is_empty() => (
            "/v1/returns".to_owned(),
            take_back(reference, &bought.remove(0).reference),
            "return_recorded",
            1,
        ),
        3 if !bought.is_empty() => {
            ("/v1/activities".to_owned(), activity(reference, &bought[0].name), "activity_recorded", 1)
        }
        4 | 5 if !bought.is_empty() => {
            let path = format!("/v1/members/{}/adjustments", bought[0].member);
            (path, adjustment(), "points_adjusted", 1)
        }
        _ => {
            let amount = 100 + dice.below(50_000);
            ("/v1/purchases".to_owned(), purchase(reference, &member, amount), "purchase_recorded", 1)
        }
    };
    Sent { path, key: format!("key-{reference}"), body, event: (event, count) }
}

fn an_hour_ago() -> Timestamp {
    Timestamp::now() - 1.hour()
}

fn purchase(reference: &str, member: &str, amount: u64) -> Value {
    json!({
        "member": { "external": member }, "enrol": true, "source": "till", "reference": reference,
        "occurred_at": an_hour_ago(), "currency": "CNY", "channel": "store",
        "lines": [{ "sku": "A-1", "category": "tea", "amount": amount }]
    })
}

fn take_back(reference: &str, purchase: &str) -> Value {
    json!({
        "source": "till", "reference": reference, "purchase": { "source": "till", "reference": purchase },
        "occurred_at": an_hour_ago()
    })
}

fn activity(reference: &str, member: &str) -> Value {
    json!({
        "member": { "external": member }, "source": "app", "reference": reference, "kind": "app_installed",
        "occurred_at": an_hour_ago()
    })
}

fn adjustment() -> Value {
    json!({ "unit": "points", "points": 1, "reason": "goodwill", "note": "late", "occurred_at": an_hour_ago() })
}

/// Sends a request under its key.
pub(crate) fn send(address: &str, key: &str, sent: &Sent) -> Heard {
    let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
    let agent: ureq::Agent = config.build().into();
    let answered = agent
        .post(format!("{address}{}", sent.path))
        .header("Authorization", format!("Bearer {key}"))
        .header("Content-Type", "application/json")
        .header("Idempotency-Key", &sent.key)
        .send(sent.body.to_string());
    let Ok(mut answered) = answered else { return Heard::Nothing };
    let status = answered.status().as_u16();
    let Ok(text) = answered.body_mut().read_to_string() else { return Heard::Nothing };
    let Ok(body) = serde_json::from_str::<Value>(&text) else { return Heard::Nothing };
    let items = body["results"].as_array().map_or(&[][..], Vec::as_slice);
    // A list may be taken in part: the till sends all of it again.
    let left = items.iter().find(|item| item["problem"].is_object());
    match left {
        Some(item) => {
            Heard::Problem(serde_json::from_value(item["status"].clone()).unwrap(), item["problem"].clone())
        }
        None if status < 300 => Heard::Receipt(body),
        None => Heard::Problem(status, body),
    }
}

/// The receipts of an answer, without whether they are repeated ones.
pub(crate) fn receipts(answer: &Value) -> Vec<Value> {
    match answer["results"].as_array() {
        Some(results) => results.iter().map(|result| result["receipt"].clone()).collect(),
        None => vec![answer["receipt"].clone()],
    }
}

/// Sends again what nobody heard about, and a part of what was acknowledged: every request now has one receipt, and
/// the old ones have not changed.
pub(crate) fn settle(address: &str, key: &str, books: &mut Books) {
    for sent in std::mem::take(&mut books.unheard) {
        match send(address, key, &sent) {
            Heard::Receipt(answer) => books.acknowledged.push((sent, answer)),
            Heard::Problem(status, problem) => panic!("{sent:?} is answered with {status} {problem}"),
            Heard::Nothing => panic!("{sent:?} is not answered"),
        }
    }
    for (sent, answer) in books.acknowledged.iter().rev().step_by(CHECK_ONE_IN) {
        match send(address, key, sent) {
            Heard::Receipt(again) => assert_eq!(receipts(answer), receipts(&again), "{sent:?}"),
            Heard::Problem(status, problem) => panic!("{sent:?} is answered with {status} {problem}"),
            Heard::Nothing => panic!("{sent:?} is not answered"),
        }
    }
}

/// How many entries of each event the books stand for.
pub(crate) fn expected(books: &[Books]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (sent, _) in books.iter().flat_map(|books| &books.acknowledged) {
        let (event, count) = sent.event;
        *counts.entry(event.to_owned()).or_default() += count;
    }
    counts
}

/// The status of an address anyone may ask, if it answers.
pub(crate) fn probe(address: &str, path: &str) -> Option<u16> {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    let agent: ureq::Agent = config.build().into();
    agent.get(format!("{address}{path}")).call().ok().map(|answer| answer.status().as_u16())
}
