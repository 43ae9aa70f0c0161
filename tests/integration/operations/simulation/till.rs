//! A till of a simulation: it does one thing after the other, and each again until it hears an answer.

use jiff::{Timestamp, ToSpan};
use operations::{Command, Request};

use super::day::Names;
use crate::support::random::Random;
use crate::support::{
    activity, adjust, cancel, capture, enrol, fulfil, hold, pay, purchase, redeem, request, take_back, void,
};

/// A thing a till does, and what is known of it.
pub struct Errand {
    pub request: Request,
    /// The name under which it stands in the ledger; an enrolment has none.
    pub reference: Option<String>,
    /// How often it was sent.
    pub sent: u64,
    /// The answer that has to stay: a receipt, or a refusal that is kept.
    pub decided: Option<Decision>,
    /// Whether the till heard an answer and went on.
    pub heard: bool,
}

/// An answer that must be given again, byte for byte, and what it says of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub text: String,
    /// How often the thing may stand in the ledger.
    pub times: std::ops::RangeInclusive<usize>,
}

/// A till with its clock, which may be wrong.
pub struct Till {
    number: u64,
    errands_max: usize,
    clock_off_minutes: i64,
    pub errands: Vec<Errand>,
}

impl Till {
    pub fn new(number: u64, random: &mut Random) -> Self {
        Self {
            number,
            errands_max: random.between(3, 6) as usize,
            clock_off_minutes: random.pick(&[0, 0, 0, -60, 45]),
            errands: Vec::new(),
        }
    }

    /// Whether everything it had to do was answered.
    pub fn is_done(&self) -> bool {
        self.errands.len() == self.errands_max && self.errands.iter().all(|errand| errand.heard)
    }

    /// The errand it is at, a new one if the last was answered.
    pub fn next(&mut self, names: &mut Names, now: Timestamp, random: &mut Random) -> Option<usize> {
        if let Some(waiting) = self.errands.iter().position(|errand| !errand.heard) {
            return Some(waiting);
        }
        if self.errands.len() == self.errands_max {
            return None;
        }
        let reference = format!("{}t{}n{}", names.day, self.number, self.errands.len());
        let at = now.checked_add(self.clock_off_minutes.minutes()).expect("in range");
        let command = draw(&reference, names, at, random);
        let named = !matches!(command, Command::EnrolMember { .. });
        // An adjustment has no document: only its key makes it safe to send again.
        let keyed = matches!(command, Command::AdjustPoints { .. }) || !random.once_in(3);
        self.errands.push(Errand {
            request: request(command).with_key(keyed.then(|| format!("{reference}k"))),
            reference: named.then_some(reference),
            sent: 0,
            decided: None,
            heard: false,
        });
        Some(self.errands.len() - 1)
    }
}

fn draw(reference: &str, names: &mut Names, at: Timestamp, random: &mut Random) -> Command {
    let member = names.members[usize::from(random.once_in(3))].clone();
    let late = at.checked_sub(random.pick(&[0, 0, 0, 30, 3_000]).minutes()).expect("in range");
    let hold_named = (!names.holds.is_empty()).then(|| names.holds[random.index(names.holds.len())].clone());
    let redeemed = (!names.redemptions.is_empty())
        .then(|| names.redemptions[random.index(names.redemptions.len())].clone());
    match (random.below(17), hold_named, redeemed) {
        (0, ..) => enrol(&member),
        (1..=4, ..) => {
            names.purchases.push(reference.to_owned());
            let amounts: Vec<i64> = (0..random.between(1, 3)).map(|_| random.between(1, 900)).collect();
            purchase(&member, reference, random.pick(&[None, Some("app")]), late, &amounts)
        }
        (5 | 6, ..) if !names.purchases.is_empty() => {
            let of = &names.purchases[random.index(names.purchases.len())];
            let lines = if random.once_in(2) { vec![] } else { vec![(0, random.between(1, 400))] };
            take_back(reference, of, at, &lines)
        }
        (7, ..) => activity(&member, reference, late, random.between(1, 3)),
        (8 | 9, ..) => {
            let mut command = adjust(&member, random.between(1, 45), late);
            if let Command::AdjustPoints { adjustment, .. } = &mut command {
                adjustment.note = reference.to_owned();
            }
            command
        }
        (10 | 11, ..) => {
            names.holds.push(reference.to_owned());
            let mut command = hold(&member, reference, random.between(1, 12), late);
            if let Command::HoldPoints { hold, .. } = &mut command {
                hold.minutes = random.pick(&[None, Some(600), Some(90)]);
            }
            command
        }
        (12, Some(hold), _) => {
            names.redemptions.push(reference.to_owned());
            capture(reference, &hold, random.pick(&[None, Some(3), Some(9)]), at)
        }
        (13, Some(hold), _) => void(reference, &hold, at),
        (14, hold, _) => {
            names.purchases.push(reference.to_owned());
            let from = hold.filter(|_| random.once_in(2));
            pay(&member, reference, late, 60, random.between(1, 9), from.as_deref())
        }
        (16, _, Some(named)) if random.once_in(2) => fulfil(reference, &named, at),
        (16, _, Some(named)) => cancel(reference, &named, at),
        _ => {
            names.redemptions.push(reference.to_owned());
            redeem(&member, reference, "pen", late)
        }
    }
}
