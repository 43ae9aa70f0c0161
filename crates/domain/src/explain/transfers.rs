//! Transfers between members in words, from the side of the member whose entry it is.

use super::Teller;
use crate::ledger::{Entry, OfferEnd, TransferOffer};

impl Teller<'_> {
    pub(super) fn offered(self, offer: &TransferOffer, entry: &Entry, at: &str) -> String {
        let (unit, points, until) = (self.unit(offer.unit), offer.points, self.moment(offer.lapses_at));
        let other = offer.other(entry.id.account_id);
        if entry.id.account_id == offer.to {
            self.say(
                format!("{at} {other} 拟转赠 {points} {unit}，请于 {until} 前决定"),
                format!("{other} offered {points} {unit} on {at}; to be answered before {until}"),
            )
        } else {
            self.say(
                format!("{at} 拟转赠 {points} {unit} 给 {other}，待对方于 {until} 前接受"),
                format!("Offered {points} {unit} to {other} on {at}; to be accepted before {until}"),
            )
        }
    }

    pub(super) fn transferred(self, offer: &TransferOffer, entry: &Entry, at: &str) -> String {
        let (unit, points) = (self.unit(offer.unit), offer.points);
        let other = offer.other(entry.id.account_id);
        if entry.id.account_id == offer.to {
            self.say(
                format!("{at} 收到 {other} 转赠的 {points} {unit}，到期日不变"),
                format!(
                    "Got {points} {unit} from {other} on {at}; they lapse when they would have lapsed there"
                ),
            )
        } else {
            self.say(
                format!("{at} 转赠 {points} {unit} 给 {other}"),
                format!("Gave {points} {unit} to {other} on {at}"),
            )
        }
    }

    pub(super) fn transfer_ended(self, offer: &TransferOffer, end: OfferEnd, at: &str) -> String {
        let (unit, points) = (self.unit(offer.unit), offer.points);
        let (from, to) = (offer.from(), offer.to);
        match end {
            OfferEnd::Declined => self.say(
                format!("{at} {to} 谢绝了 {from} 拟转赠的 {points} {unit}"),
                format!("{to} declined {points} {unit} that {from} had offered, on {at}"),
            ),
            OfferEnd::Withdrawn => self.say(
                format!("{at} {from} 撤回了拟转赠给 {to} 的 {points} {unit}"),
                format!("{from} took back the offer of {points} {unit} to {to}, on {at}"),
            ),
        }
    }
}
