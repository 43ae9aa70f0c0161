//! One bad day: what goes wrong is drawn from the seed alone, and the ledger is compared with what was heard.

use std::collections::BTreeMap;

use domain::document::DocumentKey;
use jiff::ToSpan;
use operations::{Answer, Command, OperationError, Reply, Request};
use serde_json::Value;

use super::service::Service;
use super::till::{Decision, Till};
use crate::support::random::Random;
use crate::support::{adjust, enrol, everything, member, receipt, request, start};

/// Steps after which a day must come to its end, and everything still open is sent until it is answered.
const STEPS: u32 = 32;
/// Sendings after which a healthy server must have answered.
const SENDINGS_MAX: u64 = 200;

/// How tills behave. All but the careful ones must be found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// The same thing has the same name, and counts when it was answered.
    Careful,
    /// What is sent again gets a new name and a new key.
    NewNameEachTime,
    /// No answer is taken for “recorded”.
    SilenceIsYes,
}

/// Names in use on one day, unlike those of other days in the same database.
pub struct Names {
    pub day: String,
    pub members: Vec<String>,
    pub purchases: Vec<String>,
    pub holds: Vec<String>,
    pub redemptions: Vec<String>,
}

/// A copy of an errand on its way: till and errand.
type Letter = (usize, usize);

pub struct Day {
    random: Random,
    habit: Habit,
    names: Names,
    tills: Vec<Till>,
    network: Vec<Letter>,
    /// Answers that contradict each other, found on the way.
    lies: Vec<String>,
    pub counts: BTreeMap<&'static str, u64>,
}

impl Day {
    pub fn new(seed: u64, habit: Habit) -> Self {
        let mut random = Random::new(seed);
        let day = format!("d{seed}");
        let names = Names {
            members: (0..2).map(|number| format!("{day}m{number}")).collect(),
            day,
            purchases: Vec::new(),
            holds: Vec::new(),
            redemptions: Vec::new(),
        };
        let tills = (0..3).map(|number| Till::new(number, &mut random)).collect();
        Self { random, habit, names, tills, network: Vec::new(), lies: Vec::new(), counts: BTreeMap::new() }
    }

    fn count(&mut self, what: &'static str, times: u64) {
        *self.counts.entry(what).or_default() += times;
    }

    pub async fn live(&mut self, service: &mut Service) {
        service.clock().set(start());
        // One member is known and has points; the other one is enrolled by whoever is first.
        let known = &self.names.members[0];
        let morning = vec![request(enrol(known)), request(adjust(known, 40, start()))];
        assert!(service.serve(morning).await.iter().all(Result::is_ok));
        for _ in 0..STEPS {
            match self.random.below(12) {
                0..=4 => self.send(service),
                5..=8 => self.deliver(service).await,
                9 => self.move_clock(service),
                10 => self.something_will_fail(service),
                _ => self.sweep(service).await,
            }
            if service.is_down() && self.random.once_in(2) {
                self.restart(service).await;
            }
        }
        self.end(service).await;
        let (failed, unheard) = service.take_counts();
        self.count("calls failed once", failed);
        self.count("ended after a commit that nobody heard of", unheard);
    }

    fn send(&mut self, service: &Service) {
        let number = self.random.index(self.tills.len());
        let now = service.clock().now();
        let till = &mut self.tills[number];
        let Some(errand) = till.next(&mut self.names, now, &mut self.random) else { return };
        till.errands[errand].sent += 1;
        if till.errands[errand].sent > 1 {
            self.count("sent again", 1);
        }
        self.network.push((number, errand));
    }

    /// Delivers some of what is on its way, in any order; a copy may stay behind.
    async fn deliver(&mut self, service: &mut Service) {
        let count = self.random.between(1, 4) as usize;
        let mut letters = Vec::new();
        while letters.len() < count && !self.network.is_empty() {
            let at = self.random.index(self.network.len());
            if at > 0 {
                self.count("delivered out of order", 1);
            }
            if self.random.once_in(6) {
                self.count("delivered twice", 1);
                letters.push(self.network[at]);
            } else {
                letters.push(self.network.remove(at));
            }
        }
        self.hand_over(service, letters, true).await;
    }

    async fn hand_over(&mut self, service: &Service, letters: Vec<Letter>, lossy: bool) {
        let requests = letters.iter().map(|letter| self.written(*letter)).collect();
        let replies = service.serve(requests).await;
        for ((till, errand), reply) in letters.into_iter().zip(replies) {
            let answer_lost = lossy && self.random.once_in(5);
            self.take_answer(till, errand, &reply, answer_lost);
        }
    }

    fn written(&self, (till, errand): Letter) -> Request {
        let errand = &self.tills[till].errands[errand];
        let mut request = errand.request.clone();
        if self.habit == Habit::NewNameEachTime && errand.sent > 1 {
            let again = format!("r{}", errand.sent);
            request.idempotency_key = request.idempotency_key.map(|key| key + &again);
            if let Command::RecordPurchase { purchase, .. } = &mut request.command {
                purchase.key.reference += &again;
            }
        }
        request
    }

    fn take_answer(&mut self, till: usize, number: usize, reply: &Reply, answer_lost: bool) {
        let errand = &self.tills[till].errands[number];
        let keyed = errand.request.idempotency_key.is_some();
        let decision = |times| Some(Decision { text: receipt(reply), times });
        let decided = match reply {
            Ok(Answer::Recorded(_)) => decision(1..=1),
            Ok(Answer::Parked(_)) if keyed => decision(0..=1),
            Err(OperationError::Refused(refusal)) if keyed && refusal.kind().is_frozen() => decision(0..=0),
            Ok(_) | Err(OperationError::Refused(_)) => None,
            Err(OperationError::Unavailable(_) | OperationError::Busy)
                if self.habit == Habit::SilenceIsYes =>
            {
                Some(Decision { text: "silence".to_owned(), times: 1..=1 })
            }
            Err(OperationError::Unavailable(_) | OperationError::Busy) => return,
            Err(error) => {
                self.lies.push(format!("{:?} was answered {error:?}", errand.reference));
                return;
            }
        };
        self.count("refused", u64::from(matches!(reply, Err(OperationError::Refused(_)))));
        self.count("returns waiting for their purchase", u64::from(matches!(reply, Ok(Answer::Parked(_)))));
        self.count("answers lost", u64::from(answer_lost));
        let errand = &mut self.tills[till].errands[number];
        errand.heard |= !answer_lost;
        let Some(decided) = decided else { return };
        match &errand.decided {
            None => errand.decided = Some(decided),
            Some(first) if *first == decided => self.count("the same answer again", 1),
            // A return under no key waits at first and is recorded later; both are true in their time.
            Some(first) if self.habit == Habit::Careful => {
                self.lies.push(format!(
                    "{:?} was answered\n  {}\nand then\n  {}",
                    errand.reference, first.text, decided.text
                ));
            }
            Some(_) => {}
        }
    }

    fn move_clock(&mut self, service: &Service) {
        let minutes = self.random.pick(&[1, 60, 1_440, 1_440, 4_000, 30_000, -1, -90]);
        self.count("clocks set back", u64::from(minutes < 0));
        let moved = service.clock().now().checked_add(minutes.minutes()).expect("in range");
        service.clock().set(moved);
    }

    fn something_will_fail(&mut self, service: &Service) {
        if service.is_down() {
            return;
        }
        let ends = !self.random.once_in(5);
        let only = self.random.once_in(3).then_some("commit");
        let calls = if only.is_some() { 1 } else { self.random.between(1, 30) as u64 };
        service.will_fail(calls, only, self.random.once_in(2), ends);
    }

    async fn restart(&mut self, service: &mut Service) {
        self.count("servers ended", 1);
        let (failed, unheard) = service.take_counts();
        self.count("calls failed once", failed);
        self.count("ended after a commit that nobody heard of", unheard);
        let anew = self.random.once_in(30);
        self.count("servers opened again", u64::from(anew));
        service.restart(anew).await;
    }

    /// What is due at a member's is posted, as the nightly run does.
    async fn sweep(&mut self, service: &Service) {
        let name = &self.names.members[self.random.index(self.names.members.len())];
        let Ok(account_id) = service.engine().find_member(&member(name)).await else { return };
        service.serve(vec![request(Command::Advance { account_id })]).await;
    }

    /// The server is well, the network is not yet empty: everything open is sent until it is answered, and the
    /// copies still on their way arrive in the end.
    async fn end(&mut self, service: &mut Service) {
        if service.is_down() {
            self.count("servers ended", 1);
        }
        service.restart(false).await;
        let now = service.clock().now();
        for number in 0..self.tills.len() {
            let mut sendings = 0;
            while let Some(errand) = self.tills[number].next(&mut self.names, now, &mut self.random) {
                self.tills[number].errands[errand].sent += 1;
                sendings += 1;
                assert!(sendings < SENDINGS_MAX, "till {number} never gets an answer");
                self.hand_over(service, vec![(number, errand)], false).await;
            }
            assert!(self.tills[number].is_done());
        }
        let late = std::mem::take(&mut self.network);
        self.hand_over(service, late, false).await;
    }

    /// Compares the ledger with everything that was answered.
    pub async fn check(&mut self, service: &Service) -> Result<(), String> {
        let mut entries = Vec::new();
        for name in self.names.members.clone() {
            let text = everything(service.engine(), &name).await;
            let Some(last) = text.lines().last().filter(|_| text != "unknown") else { continue };
            let found: Vec<Value> = serde_json::from_str(last).map_err(|error| error.to_string())?;
            let enrolments = found.iter().filter(|entry| event(entry) == "member_enrolled").count();
            if enrolments != 1 {
                self.lies.push(format!("{name} was enrolled {enrolments} times"));
            }
            entries.extend(found);
        }
        self.count("entries", entries.len() as u64);
        let timed_out = entries.iter().filter(|entry| event(entry) == "hold_expired").count();
        self.count("holds ended by time", timed_out as u64);
        let standing: Vec<String> = entries.iter().filter_map(reference).collect();
        for errand in self.tills.iter().flat_map(|till| &till.errands) {
            let (Some(name), Some(decided)) = (&errand.reference, &errand.decided) else { continue };
            let is_it = |found: &&String| *found == name || found.starts_with(&format!("{name}r"));
            let times = standing.iter().filter(is_it).count();
            if !decided.times.contains(&times) {
                self.lies.push(format!("{name} stands {times} times, and was answered {}", decided.text));
            }
        }
        if self.lies.is_empty() { Ok(()) } else { Err(self.lies.join("\n")) }
    }
}

fn event(entry: &Value) -> &str {
    entry["fact"]["event"].as_str().unwrap_or_default()
}

/// The name of the document an entry records, or an adjustment's note.
fn reference(entry: &Value) -> Option<String> {
    let fact = entry["fact"].as_object()?;
    if let Some(note) = fact.get("note") {
        return note.as_str().map(str::to_owned);
    }
    let documents =
        fact.values().filter_map(|value| serde_json::from_value::<DocumentKey>(value.clone()).ok());
    documents.map(|key| key.reference).next()
}
