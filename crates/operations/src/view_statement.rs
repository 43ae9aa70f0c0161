//! A member's statement as of now: lots and when they lapse, vouchers with their codes, what the last statement made
//! of the points and why, and how many are missing to the next voucher.

use domain::code::Code;
use domain::ids::AccountId;
use domain::ledger::{Balance, Lot, StatementMark};
use domain::programme::{Names, Statement};
use domain::refusal::Refusal;
use domain::voucher::{Voucher, VoucherOutcome};
use jiff::Timestamp;

use crate::command::MemberReference;
use crate::engine::Engine;
use crate::error::OperationError;
use crate::voucher::{VoucherView, call, terms};

/// Vouchers on a statement at the most.
const VOUCHERS_SHOWN_MAX: u32 = 200;

/// A member's statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementView {
    /// Whose.
    pub member_id: AccountId,
    /// As of when.
    pub as_of: Timestamp,
    /// Points by unit.
    pub balances: Vec<Balance>,
    /// Lots with something left, soonest end first.
    pub lots: Vec<Lot>,
    /// Points that lapse, by unit and instant, soonest first.
    pub expiring: Vec<(Code, Timestamp, i64)>,
    /// Vouchers that have not ended.
    pub vouchers: Vec<StatementVoucher>,
    /// What each statement of the programme made of the points last, and what it will make of them.
    pub statements: Vec<StatementOutlook>,
}

/// A voucher on a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementVoucher {
    /// Where it stands.
    pub voucher: VoucherView,
    /// What members call it.
    pub name: Option<Names>,
    /// Its code, as printed.
    pub code: Option<String>,
    /// Why it cannot be used now; none if it can.
    pub why_not: Option<VoucherOutcome>,
}

/// A statement of the programme, for one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementOutlook {
    /// The statement.
    pub statement: Statement,
    /// The last time it turned points into a voucher.
    pub last: Option<StatementMark>,
    /// Points that would become a voucher now.
    pub points: i64,
    /// What that voucher would be worth, in minor units.
    pub value: i64,
    /// Points that would be carried over.
    pub carried: i64,
    /// Points that are missing to the next step.
    pub missing: i64,
}

impl Engine {
    /// A member's statement as of now.
    pub async fn view_statement(&self, member: &MemberReference) -> Result<StatementView, OperationError> {
        let view = self.view_member(member).await?;
        let now = self.clock().now();
        let vouchers = {
            let mut reader = self.database().reader().await?;
            let mut found = reader.vouchers_of(view.member_id, now, VOUCHERS_SHOWN_MAX).await?;
            for one in &view.state.absorbed {
                found.extend(reader.vouchers_of(one.account_id, now, VOUCHERS_SHOWN_MAX).await?);
            }
            found.sort_by_key(|voucher| (voucher.expires_at, voucher.id));
            found
        };
        let programmes = self.programmes();
        let programme = programmes.at(now).ok_or(Refusal::NoProgrammeInForce { occurred_at: now })?;
        let available = |unit: Code| {
            view.standing
                .balances
                .iter()
                .find(|balance| balance.unit == unit)
                .map_or(0, |found| found.available)
        };
        let outlook = |statement: &Statement| {
            let (points, carried) = statement.split(available(statement.unit));
            let next = (points + statement.step).max(first_step(statement));
            StatementOutlook {
                statement: statement.clone(),
                last: view.state.statements.iter().find(|mark| mark.statement == statement.code).copied(),
                points,
                value: statement.worth(points, programme.programme()).unwrap_or(0),
                carried,
                missing: next.saturating_sub(available(statement.unit)),
            }
        };
        Ok(StatementView {
            member_id: view.member_id,
            as_of: now,
            expiring: expiring(&view.lots),
            statements: programme.programme().statements.iter().map(outlook).collect(),
            vouchers: vouchers.iter().map(|voucher| self.statement_voucher(voucher, now)).collect(),
            balances: view.standing.balances,
            lots: view.lots,
        })
    }

    fn statement_voucher(&self, voucher: &Voucher, now: Timestamp) -> StatementVoucher {
        let programmes = self.programmes();
        let terms = terms(&programmes, voucher);
        let call = call(None, voucher.member, now, "");
        let code = voucher.code.as_deref().and_then(|text| domain::voucher::VoucherCode::parse(text).ok());
        StatementVoucher {
            voucher: VoucherView::new(voucher, None, now),
            name: terms.map(|terms| terms.template.name.clone()),
            code: code.map(|code| code.to_string()),
            why_not: terms.and_then(|terms| voucher.usable(&call, terms.template.holder, now).err()),
        }
    }
}

/// The least points that become a voucher.
fn first_step(statement: &Statement) -> i64 {
    let minimum = statement.minimum.max(1);
    let step = statement.step.max(1);
    if minimum < step { step } else { minimum }
}

fn expiring(lots: &[Lot]) -> Vec<(Code, Timestamp, i64)> {
    let mut expiring: Vec<(Code, Timestamp, i64)> = Vec::new();
    for lot in lots.iter().filter(|lot| lot.remaining > 0) {
        let Some(at) = lot.expires_at else { continue };
        match expiring.iter_mut().find(|(unit, when, _)| *unit == lot.unit && *when == at) {
            Some((.., points)) => *points = points.saturating_add(lot.remaining),
            None => expiring.push((lot.unit, at, lot.remaining)),
        }
    }
    expiring.sort_by_key(|(unit, at, _)| (*at, *unit));
    expiring
}
