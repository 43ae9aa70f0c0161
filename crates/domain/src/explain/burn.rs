//! The sentences of spending: holds and their ends, rewards, what points paid and what came back.

use super::Teller;
use crate::code::Code;
use crate::ledger::{Entry, Fact, PointsRefund, PointsSpent, Released};

impl Teller<'_> {
    pub(super) fn burn_title(self, entry: &Entry, at: &str) -> String {
        match &entry.fact {
            Fact::PointsHeld { hold, unit, .. } => {
                let (points, unit) = (hold.points, self.unit(*unit));
                let reference = &hold.key.reference;
                self.say(
                    format!("{at} 冻结 {points} {unit}（{reference}）"),
                    format!("Hold of {points} {unit} on {at} ({reference})"),
                )
            }
            Fact::HoldCaptured { capture, unit, points, .. } => {
                let (unit, hold) = (self.unit(*unit), &capture.hold.reference);
                self.say(
                    format!("{at} 使用冻结积分 {points} {unit}（冻结单 {hold}）"),
                    format!("Capture of {points} {unit} from hold {hold} on {at}"),
                )
            }
            Fact::HoldVoided { void, .. } => {
                let hold = &void.hold.reference;
                self.say(format!("{at} 撤销冻结单 {hold}"), format!("Void of hold {hold} on {at}"))
            }
            Fact::HoldExpired { hold_no, .. } => self.say(
                format!("{at} 冻结超时（分录 {hold_no}）"),
                format!("Time-out of the hold of entry {hold_no} on {at}"),
            ),
            Fact::RewardRedeemed { order, .. } => {
                let (reward, quantity) = (self.reward(order.reward), order.quantity);
                self.say(
                    format!("{at} 兑换 {reward} ×{quantity}"),
                    format!("Reward {reward} × {quantity} redeemed on {at}"),
                )
            }
            Fact::RedemptionCancelled { cancellation, .. } => {
                let redemption = &cancellation.redemption.reference;
                self.say(
                    format!("{at} 取消兑换 {redemption}"),
                    format!("Redemption {redemption} cancelled on {at}"),
                )
            }
            Fact::RedemptionFulfilled { fulfilment, .. } => {
                let redemption = &fulfilment.redemption.reference;
                self.say(
                    format!("{at} 兑换 {redemption} 已交付"),
                    format!("Redemption {redemption} fulfilled on {at}"),
                )
            }
            _ => String::new(),
        }
    }

    pub(super) fn spending(self, entry: &Entry) -> Vec<String> {
        match &entry.fact {
            Fact::PurchaseRecorded { spent, .. } => {
                spent.iter().flat_map(|spent| self.spent(spent)).collect()
            }
            Fact::ReturnRecorded { refunds, .. } => {
                refunds.iter().flat_map(|refund| self.refund(refund)).collect()
            }
            Fact::PointsHeld { ends_at, .. } => {
                let end = self.moment(*ends_at);
                vec![self.say(
                    format!("保留至 {end}，届时未使用则自动退回。"),
                    format!("Reserved until {end}; what is not captured by then goes back."),
                )]
            }
            Fact::HoldCaptured { unit, left, released, .. } => {
                let mut sentences = Vec::new();
                if *left > 0 {
                    let unit = self.unit(*unit);
                    sentences.push(
                        self.say(format!("仍冻结 {left} {unit}。"), format!("{left} {unit} stay reserved.")),
                    );
                }
                sentences.extend(self.released(*unit, *released));
                sentences
            }
            Fact::HoldVoided { unit, released, .. } | Fact::HoldExpired { unit, released, .. } => {
                self.released(*unit, *released)
            }
            Fact::RewardRedeemed { unit, points, money, .. } => {
                let unit = self.unit(*unit);
                let mut sentences =
                    vec![self.say(format!("花费 {points} {unit}。"), format!("It cost {points} {unit}."))];
                if *money > 0 {
                    let money = self.money(*money);
                    sentences.push(
                        self.say(format!("另付 {money}。"), format!("{money} are to be paid besides.")),
                    );
                }
                sentences
            }
            Fact::RedemptionCancelled { refund, .. } => self.refund(refund),
            _ => Vec::new(),
        }
    }

    fn spent(self, spent: &PointsSpent) -> Vec<String> {
        let (points, unit, money) = (spent.points, self.unit(spent.unit), self.money(spent.amount));
        let version = spent.programme_version;
        let mut sentences = vec![self.say(
            format!("{points} {unit}抵 {money}（计划第 {version} 版）。"),
            format!("{points} {unit} paid {money}, by the terms of programme version {version}."),
        )];
        sentences.extend(self.released(spent.unit, spent.released));
        sentences
    }

    fn released(self, unit: Code, released: Released) -> Vec<String> {
        let Released { points, lapsed } = released;
        let unit = self.unit(unit);
        let mut sentences = Vec::new();
        if points > 0 {
            sentences.push(self.say(
                format!("{points} {unit}退回原批次。"),
                format!("{points} {unit} went back to the lots they came from."),
            ));
        }
        if lapsed > 0 {
            sentences.push(self.say(
                format!("其中 {lapsed} {unit}的批次已到期，随即失效。"),
                format!("Of these {lapsed} {unit} lapsed at once, because their lot had ended."),
            ));
        }
        sentences
    }

    fn refund(self, refund: &PointsRefund) -> Vec<String> {
        let PointsRefund { unit, points, amount, graced, graced_until } = refund;
        let unit = self.unit(*unit);
        let mut sentences = vec![self.say(
            format!("{points} {unit}退回原批次。"),
            format!("{points} {unit} went back to the lots they came from."),
        )];
        if *amount > 0 {
            let money = self.money(*amount);
            sentences.push(self.say(
                format!("相当于 {money}，其余退现金。"),
                format!("They had paid {money}; the rest is given back in money."),
            ));
        }
        if let Some(until) = graced_until {
            let until = self.moment(*until);
            sentences.push(self.say(
                format!("其中 {graced} {unit}原已到期，宽限至 {until}。"),
                format!("Of these {graced} {unit} had lapsed and can be spent until {until}."),
            ));
        }
        sentences
    }

    fn reward(self, code: Code) -> String {
        let found = self.programme.and_then(|programme| programme.programme().reward(code));
        found.map_or_else(|| code.to_string(), |reward| reward.name.get(self.language).to_owned())
    }
}
