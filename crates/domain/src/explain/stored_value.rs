//! Money that was paid in and paid back, in words.

use super::Teller;
use crate::code::Code;
use crate::stored_value::{BonusGiven, BonusTaken, StoredValueRefund, TopUp};

impl Teller<'_> {
    pub(super) fn topped_up(
        self,
        top_up: &TopUp,
        unit: Code,
        bonus: Option<&BonusGiven>,
        at: &str,
    ) -> String {
        let (paid, name, method) = (self.money(top_up.amount), self.unit(unit), &top_up.method);
        let given = bonus.map(|bonus| self.amount(bonus.unit, bonus.points));
        let (zh, en) = given.map_or_else(Default::default, |given| {
            (format!("，另赠 {given}"), format!(", with {given} on top"))
        });
        self.say(
            format!("{at} {name}充值 {paid}（{method}）{zh}"),
            format!("{paid} paid in to {name} on {at} ({method}){en}"),
        )
    }

    pub(super) fn paid_back(
        self,
        refund: &StoredValueRefund,
        unit: Code,
        bonus: &[BonusTaken],
        at: &str,
    ) -> String {
        let (paid, name, method) = (self.money(refund.amount), self.unit(unit), &refund.method);
        let taken: Vec<String> = bonus.iter().map(|taken| self.amount(taken.unit, taken.points)).collect();
        let taken = taken.join(", ");
        let (zh, en) = if taken.is_empty() {
            Default::default()
        } else {
            (format!("，同时收回赠送 {taken}"), format!("; {taken} of its bonus went with it"))
        };
        self.say(
            format!("{at} {name}退款 {paid}（{method}）{zh}"),
            format!("{paid} paid back from {name} on {at} ({method}){en}"),
        )
    }
}
