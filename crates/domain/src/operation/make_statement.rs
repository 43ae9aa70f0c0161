//! Making a member's statement: points become a voucher by full steps, soonest expiry first, and the rest is carried
//! over (domain.md R6.1). One statement of a kind and date at most, so that an interrupted run can be repeated.

use jiff::civil::Date;

use crate::code::Code;
use crate::ledger::{
    AccountState, AccountStatus, Booking, Fact, IssuedVoucher, LedgerAccount, StatementMark,
};
use crate::operation::join_household::is_pooled;
use crate::operation::{Context, Entries, Failure, advance, tiers};
use crate::programme::CompiledProgramme;
use crate::refusal::Refusal;
use crate::voucher::VoucherId;

/// Which statement to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StatementOrder {
    /// The statement.
    pub statement: Code,
    /// Its date.
    pub made_on: Date,
    /// The programme version whose terms it follows: the same for all members, however long the run takes.
    pub programme_version: u32,
    /// The voucher that points become, if there are enough.
    pub voucher: VoucherId,
}

/// What a statement came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MadeStatement {
    /// What was due first, then the statement's own entry if points became a voucher.
    pub entries: Entries,
    /// Points that became a voucher.
    pub points: i64,
    /// Points carried over.
    pub carried: i64,
    /// The voucher that was issued now; none if there were too few points, or the statement was made before.
    pub voucher: Option<IssuedVoucher>,
    /// The face value of its voucher in minor units, issued now or before.
    pub value: i64,
}

/// Makes a statement as of the ledger's clock. A closed account has none, and a household is nobody who could use a
/// voucher; what a member has in a household's pool becomes none.
pub fn make_statement(
    state: &mut AccountState,
    order: &StatementOrder,
    context: &Context<'_>,
) -> Result<MadeStatement, Failure> {
    let mut made = MadeStatement::default();
    if state.status == AccountStatus::Closed || state.is_household() {
        return Ok(made);
    }
    let before = state.statements.iter().find(|mark| mark.statement == order.statement).copied();
    if let Some(mark) = before.filter(|mark| mark.made_on >= order.made_on) {
        return Ok(MadeStatement { points: mark.points, carried: mark.carried, value: mark.value, ..made });
    }
    let context = &advance::settle(state, context, &mut made.entries)?;
    let unknown = || Refusal::Unknown { what: "statement".to_owned(), value: order.statement.to_string() };
    let programme = context.programmes.version(order.programme_version).ok_or_else(unknown)?;
    let statement = programme.programme().statement(order.statement).ok_or_else(unknown)?;
    if is_pooled(state, programme.programme(), statement.unit) {
        return Ok(made);
    }
    let (points, carried) = statement.split(state.balance(statement.unit).available);
    (made.points, made.carried) = (points, carried);
    if points == 0 {
        return Ok(made);
    }
    if !state.lots_loaded {
        return Err(Failure::LotsNeeded);
    }
    let too_large = || Refusal::AmountTooLarge { field: "points".to_owned() };
    let value = statement.worth(points, programme.programme()).ok_or_else(too_large)?;
    let voucher = issue(programme, statement.voucher, order, value)?;
    let unit = statement.unit;
    let mut booking = Booking::open(state, context.now, context.now, programme.version(), context.actor)?;
    booking.take_spendable(unit, points, LedgerAccount::Redeemed, None)?;
    let mark = StatementMark { statement: order.statement, made_on: order.made_on, points, carried, value };
    booking.state.statements.retain(|earlier| earlier.statement != order.statement);
    booking.state.statements.push(mark);
    let standing = tiers::standing(booking.state, context.programmes, context.now);
    let fact = Fact::StatementMade {
        statement: order.statement,
        made_on: order.made_on,
        unit,
        points,
        carried,
        voucher: voucher.clone(),
    };
    made.entries.push(booking.close(fact, standing));
    (made.voucher, made.value) = (Some(voucher), value);
    advance::schedule(state, context.programmes);
    Ok(made)
}

fn issue(
    programme: &CompiledProgramme,
    template: Code,
    order: &StatementOrder,
    value: i64,
) -> Result<IssuedVoucher, Refusal> {
    let unknown = || Refusal::Unknown { what: "voucher template".to_owned(), value: template.to_string() };
    let terms = programme.voucher(template).ok_or_else(unknown)?;
    let (valid_from, expires_at) = terms.validity(order.made_on, programme.zone()).ok_or_else(unknown)?;
    let (funder, cost) = (terms.template.funder, terms.cost_of(value));
    let voucher = order.voucher;
    Ok(IssuedVoucher { voucher, template, value, funder, cost, valid_from, expires_at })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::{MadeStatement, StatementOrder, make_statement};
    use crate::audit::{Audited, audit_account};
    use crate::code::Code;
    use crate::history::rederive;
    use crate::ids::AccountId;
    use crate::ledger::{AccountState, Entry, LedgerAccount};
    use crate::operation::{Adjustment, BudgetLedger, Context, Person, adjust_points, enrol_member};
    use crate::programme::{CompiledProgramme, Programmes, examples, parse_toml};
    use crate::voucher::VoucherId;

    struct Shop {
        programmes: Programmes,
        state: AccountState,
        entries: Vec<Entry>,
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn shop() -> Shop {
        let clubcard = examples().iter().find(|example| example.name == "clubcard").unwrap();
        let programme = parse_toml(clubcard.toml).unwrap();
        let compiled = CompiledProgramme::compile(programme, 1, Timestamp::UNIX_EPOCH).unwrap();
        let programmes = Programmes::new(vec![Arc::new(compiled)]);
        let context = Context { programmes: &programmes, now: at("2010-01-02T00:00:00Z"), actor: "test" };
        let mut budgets = BudgetLedger::default();
        let account_id = AccountId::new(7).unwrap();
        let (state, entries) =
            enrol_member(account_id, context.now, &Person::default(), &context, &mut budgets).unwrap();
        Shop { programmes, state, entries }
    }

    impl Shop {
        fn give(&mut self, points: i64, when: &str) {
            let adjustment = Adjustment {
                unit: Code::constant("points"),
                points,
                reason: Code::constant("test"),
                note: "test".to_owned(),
                occurred_at: at(when),
                approved_by: Some("second".to_owned()),
            };
            let context = Context { programmes: &self.programmes, now: at(when), actor: "test" };
            self.entries.extend(adjust_points(&mut self.state, adjustment, &context).unwrap());
        }

        fn statement(&mut self, made_on: &str, when: &str) -> MadeStatement {
            let voucher = VoucherId::from_bytes([1; 16]);
            let order = StatementOrder {
                statement: Code::constant("quarterly"),
                made_on: made_on.parse().unwrap(),
                programme_version: 1,
                voucher,
            };
            let context = Context { programmes: &self.programmes, now: at(when), actor: "statement" };
            let made = make_statement(&mut self.state, &order, &context).unwrap();
            self.entries.extend(made.entries.clone());
            let audited =
                Audited { state: &self.state, entries: &self.entries, programmes: &self.programmes };
            assert_eq!(audit_account(audited), []);
            made
        }
    }

    /// domain.md G-T1, in the ledger.
    #[test]
    fn a_statement_spends_full_steps_and_carries_the_rest() {
        for (points, value, carried) in
            [(149, 0, 149), (150, 150, 0), (199, 150, 49), (265, 250, 15), (999, 950, 49)]
        {
            let mut shop = shop();
            shop.give(points, "2010-01-05T12:00:00Z");
            let made = shop.statement("2010-02-01", "2010-02-01T03:00:00Z");
            assert_eq!((made.value, made.carried), (value, carried), "{points} points");
            let balance = shop.state.balance(Code::constant("points"));
            assert_eq!((balance.available, balance.redeemed), (carried, points - carried));
            assert_eq!(made.voucher.is_some(), value > 0);
        }
    }

    #[test]
    fn points_that_lapse_first_become_the_voucher_and_it_states_cost_and_end() {
        let mut shop = shop();
        shop.give(120, "2010-01-05T12:00:00Z");
        shop.give(120, "2010-01-07T12:00:00Z");
        let made = shop.statement("2010-02-01", "2010-02-01T03:00:00Z");
        let spent: Vec<(u32, i64)> = made.entries[0]
            .postings
            .iter()
            .inspect(|posting| assert_eq!(posting.credit, LedgerAccount::Redeemed))
            .map(|posting| (posting.lot_no, posting.amount))
            .collect();
        assert_eq!(spent, [(1, 120), (2, 80)]);
        let voucher = made.voucher.unwrap();
        assert_eq!((voucher.value, voucher.cost), (200, 200));
        assert_eq!(voucher.expires_at, at("2012-02-02T00:00:00Z"));
    }

    #[test]
    fn a_statement_of_a_date_is_made_once() {
        let mut shop = shop();
        shop.give(400, "2010-01-05T12:00:00Z");
        let made = shop.statement("2010-02-01", "2010-02-01T03:00:00Z");
        shop.give(400, "2010-02-01T04:00:00Z");
        let again = shop.statement("2010-02-01", "2010-02-01T05:00:00Z");
        assert_eq!((again.points, again.carried, again.value), (made.points, made.carried, made.value));
        assert!(again.voucher.is_none() && again.entries.is_empty());
        let next = shop.statement("2010-05-01", "2010-05-01T03:00:00Z");
        assert_eq!(next.points, 400);
        let repeated = rederive(&shop.entries, &shop.programmes).unwrap().unwrap();
        assert_eq!(repeated.statements, shop.state.statements);
    }

    #[test]
    fn points_that_have_lapsed_by_then_do_not_count() {
        let mut shop = shop();
        shop.give(400, "2010-01-05T12:00:00Z");
        let made = shop.statement("2012-02-01", "2012-02-01T03:00:00Z");
        assert_eq!((made.points, made.carried), (0, 0));
        assert_eq!(made.entries.len(), 1, "the expiry that was due");
    }
}
