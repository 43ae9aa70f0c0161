//! Loading a demo retailer: a believable history out of a seed, run through the engine as if it had happened.
//! Members redeem points at the till now and then, so that points are burned as well as earned.

use std::collections::HashMap;

use analytics::demo::{DemoError, DemoEvent, DemoHappening, DemoOptions, DemoRetailer};
use domain::code::Code;
use domain::member::{Identifier, IdentifierKind};
use domain::operation::{Adjustment, REASON_REDEMPTION};
use domain::refusal::Refusal;
use jiff::Timestamp;
use serde::Serialize;
use stats::random::Random;

use crate::command::{Answer, Command, MemberReference, Reply, Request};
use crate::engine::Engine;
use crate::error::OperationError;
use crate::expire_points::SweepReport;
use crate::replay::{CALL_COMMANDS, Replay, ReplayCounts};

/// Who records the demo's history.
pub const DEMO_ACTOR: &str = "demo";
/// Points that a voucher at the till can cost, dearest first. All can be taken without a second person.
const VOUCHER_POINTS: [i64; 3] = [1_000, 500, 200];
/// How often a member who could redeem at a purchase does.
const REDEEMS: f64 = 0.42;
/// Keeps the draws of redemptions apart from those of the retailer.
const REDEMPTION_SEED: u64 = 0x7265_6465_656d;

/// How far loading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoProgress {
    /// The instant that was reached.
    pub at: Timestamp,
    /// First and last instant of the history.
    pub period: (Timestamp, Timestamp),
    /// Commands sent so far.
    pub commands: u64,
}

/// What was loaded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DemoReport {
    /// Members.
    pub members: u64,
    /// Purchases, those sent twice included.
    pub purchases: u64,
    /// Their line items.
    pub line_items: u64,
    /// Returns.
    pub returns: u64,
    /// Activities.
    pub activities: u64,
    /// Redemptions at the till.
    pub redemptions: u64,
    /// What became of all of them.
    pub commands: ReplayCounts,
    /// What fell due between the last of them and now.
    pub due: SweepReport,
}

impl Engine {
    /// Loads the history of a demo retailer under the programme in force.
    pub async fn load_demo(
        &self,
        options: DemoOptions,
        progress: &mut (dyn FnMut(DemoProgress) + Send),
    ) -> Result<DemoReport, OperationError> {
        let retailer = DemoRetailer::new(options).map_err(|error| refuse(&options, &error))?;
        let period = retailer.period();
        let programmes = self.programmes();
        let unit = programmes.latest().map(|programme| programme.main_unit().code());
        let unit = unit.ok_or(Refusal::NoProgrammeInForce { occurred_at: period.0 })?;
        let mut load = Load {
            retailer: &retailer,
            replay: Replay::new(self.clone(), call_commands(&options)),
            report: DemoReport::default(),
            members: HashMap::new(),
            spendable: HashMap::new(),
            till: Till { unit, random: Random::new(options.seed ^ REDEMPTION_SEED) },
            sent: 0,
        };
        for event in retailer.events() {
            progress(DemoProgress { at: event.reported_at, period, commands: load.sent });
            load.take(event).await?;
        }
        load.replay.finish().await?;
        load.report.commands = load.replay.counts().clone();
        load.report.due = self.expire_points(self.clock().now(), &mut |_| ()).await?;
        Ok(load.report)
    }
}

/// Redemptions are decided on answers that came back: the smaller the retailer, the smaller the calls, so that the
/// answers are never older than a few weeks of its history.
fn call_commands(options: &DemoOptions) -> usize {
    let months =
        usize::try_from(u64::from(options.members) * u64::from(options.months)).unwrap_or(usize::MAX);
    (months / 250).clamp(10, CALL_COMMANDS)
}

fn refuse(options: &DemoOptions, error: &DemoError) -> OperationError {
    let (field, value) = match error {
        DemoError::Members(_) => ("members", options.members.to_string()),
        DemoError::Months(_) => ("months", options.months.to_string()),
        _ => ("ends_on", options.ends_on.to_string()),
    };
    Refusal::field(field, value, error.to_string()).into()
}

/// A demo retailer on its way into the engine.
struct Load<'a> {
    retailer: &'a DemoRetailer,
    replay: Replay<u32>,
    report: DemoReport,
    members: HashMap<u32, Identifier>,
    /// What members can spend, as far as answers have come: the same answers come at the same place every time.
    spendable: HashMap<u32, i64>,
    till: Till,
    sent: u64,
}

/// Decides who redeems what.
struct Till {
    unit: Code,
    random: Random,
}

impl Load<'_> {
    async fn take(&mut self, event: DemoEvent) -> Result<(), OperationError> {
        let DemoEvent { reported_at: at, member, happening } = event;
        match happening {
            DemoHappening::Enrol => {
                self.report.members += 1;
                let command = self.enrol(member, at);
                self.send(member, at, command).await
            }
            DemoHappening::Purchase(purchase) => {
                self.report.purchases += 1;
                self.report.line_items += purchase.lines.len() as u64;
                if let Some(points) = self.till.voucher(self.spendable.get(&member).copied()) {
                    self.report.redemptions += 1;
                    self.spendable.remove(&member);
                    let command = self.redemption(member, at, points)?;
                    self.send(member, at, command).await?;
                }
                let command =
                    Command::RecordPurchase { member: self.reference(member), enrol: false, purchase };
                self.send(member, at, command).await
            }
            DemoHappening::Return(document) => {
                self.report.returns += 1;
                // Spent points are not there to be taken back; the next answer tells what is left.
                self.spendable.remove(&member);
                self.send(member, at, Command::RecordReturn { document }).await
            }
            DemoHappening::Activity(activity) => {
                self.report.activities += 1;
                let command = Command::RecordActivity { member: self.reference(member), activity };
                self.send(member, at, command).await
            }
        }
    }

    async fn send(&mut self, member: u32, at: Timestamp, command: Command) -> Result<(), OperationError> {
        let request = Request::new(command, DEMO_ACTOR).at(at);
        self.sent += 1;
        self.replay.push(member, member, request).await?;
        for (member, reply) in self.replay.take_answers() {
            self.learn(member, &reply);
        }
        Ok(())
    }

    /// Remembers what a member could spend after a purchase.
    fn learn(&mut self, member: u32, reply: &Reply) {
        if let Ok(Answer::Recorded(recorded)) = reply
            && recorded.entry.fact.event() == "purchase_recorded"
        {
            let balances = &recorded.entry.standing.balances;
            let balance = balances.iter().find(|balance| balance.unit == self.till.unit);
            self.spendable.insert(member, balance.map_or(0, |balance| balance.available));
        }
    }

    fn enrol(&mut self, member: u32, at: Timestamp) -> Command {
        let person = self.retailer.member(member);
        let external = person.identifiers.iter().find(|found| found.kind == IdentifierKind::External);
        if let Some(external) = external {
            self.members.insert(member, external.clone());
        }
        Command::EnrolMember {
            identifiers: person.identifiers,
            profile: person.profile,
            enrolled_at: Some(at),
        }
    }

    fn reference(&self, member: u32) -> MemberReference {
        let known = self.members.get(&member).cloned();
        // Members join before anything else happens to them, and all have an external id.
        MemberReference::Identifier(
            known.unwrap_or_else(|| Identifier { kind: IdentifierKind::External, value: member.to_string() }),
        )
    }

    fn redemption(&self, member: u32, at: Timestamp, points: i64) -> Result<Command, OperationError> {
        let reason =
            Code::new(REASON_REDEMPTION).map_err(|error| OperationError::Internal(error.to_string()))?;
        let adjustment = Adjustment {
            unit: self.till.unit,
            points: -points,
            reason,
            note: format!("voucher for {points} points at the till"),
            occurred_at: at,
            approved_by: None,
        };
        Ok(Command::AdjustPoints { member: self.reference(member), adjustment })
    }
}

impl Till {
    /// The voucher a member takes at a purchase, if any: mostly the dearest the points suffice for.
    fn voucher(&mut self, spendable: Option<i64>) -> Option<i64> {
        let affordable = VOUCHER_POINTS.into_iter().filter(|points| spendable >= Some(*points));
        let affordable: Vec<i64> = affordable.collect();
        let dearest = *affordable.first()?;
        if !self.random.chance(REDEEMS) {
            return None;
        }
        if self.random.chance(0.7) { Some(dearest) } else { self.random.pick(&affordable).copied() }
    }
}

#[cfg(test)]
mod tests {
    use domain::code::Code;
    use stats::random::Random;

    use super::Till;

    #[test]
    fn nobody_redeems_more_than_is_there() {
        let mut till = Till { unit: Code::constant("points"), random: Random::new(1) };
        let vouchers: Vec<_> = (0..1_000).map(|_| till.voucher(Some(700))).collect();
        assert!(vouchers.iter().flatten().all(|points| *points <= 700));
        assert!(vouchers.iter().flatten().count() > 300);
        assert_eq!((0..100).find_map(|_| till.voucher(Some(199))), None);
        assert_eq!(till.voucher(None), None);
    }
}
