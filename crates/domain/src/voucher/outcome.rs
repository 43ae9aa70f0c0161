//! What became of a voucher that was presented: applied, or the one reason why not, with what to do about it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::VoucherId;
use crate::code::Code;
use crate::programme::Language;

/// What became of a voucher. `Display` is the English sentence.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum VoucherOutcome {
    /// Named in a purchase that has not been judged yet.
    #[default]
    Presented,
    /// It took something off the price, or can.
    Applied,
    /// There is no such voucher.
    Unknown,
    /// Its time has not come.
    NotYetValid {
        /// The first instant at which it can be used.
        from: Timestamp,
    },
    /// Its time is over.
    Expired {
        /// The first instant at which it could no longer be used.
        at: Timestamp,
    },
    /// It, or its whole batch, was declared void.
    Void,
    /// All its uses were redeemed.
    UsedUp,
    /// Another order holds its last use.
    ReservedElsewhere {
        /// When that reservation ends at the latest.
        until: Timestamp,
    },
    /// This document had a use and gave it back.
    UseEnded,
    /// This document has no use of it.
    NotHeld,
    /// It has to be registered to a member first.
    NotRegistered,
    /// It belongs to a member, and no member was named.
    MemberNeeded,
    /// It belongs to another member.
    OtherMember,
    /// It is for another channel.
    OtherChannel,
    /// It is for another store.
    OtherStore,
    /// No line of the basket is of the kind it is for.
    NoMatchingLine,
    /// The basket is too small.
    BelowMinimum {
        /// Minor units that are missing.
        missing: i64,
    },
    /// Another voucher of its group gives more.
    BeatenInGroup,
    /// It does not go with the other vouchers, which together give more.
    NotCombinable,
    /// Nothing was left to take off.
    NothingLeft,
    /// It was presented before in the same purchase.
    PresentedTwice,
}

/// A voucher in a purchase: as reported, only its id; as recorded, what it took off each line, or why nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseVoucher {
    /// The voucher.
    pub voucher: VoucherId,
    /// Its template in the programme; none if there is no such voucher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Code>,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: VoucherOutcome,
    /// Minor units it took off in all.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub discount: i64,
    /// Minor units it took off each line; sums to `discount`. Empty if it took nothing off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<i64>,
    /// The tax contained in these shares. Empty if there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tax_shares: Vec<i64>,
    /// Who bears the cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funder: Option<Code>,
    /// What it costs them, in minor units.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cost: i64,
}

impl PurchaseVoucher {
    /// A voucher named in a purchase.
    pub const fn presented(voucher: VoucherId) -> Self {
        Self {
            voucher,
            template: None,
            outcome: VoucherOutcome::Presented,
            discount: 0,
            shares: Vec::new(),
            tax_shares: Vec::new(),
            funder: None,
            cost: 0,
        }
    }

    /// Whether it took something off.
    pub fn applied(&self) -> bool {
        self.outcome == VoucherOutcome::Applied
    }
}

impl VoucherOutcome {
    /// The stable code of a refusal for this reason.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Presented | Self::Applied => "voucher_applied",
            Self::Unknown => "voucher_unknown",
            Self::NotYetValid { .. } => "voucher_not_yet_valid",
            Self::Expired { .. } => "voucher_expired",
            Self::Void => "voucher_void",
            Self::UsedUp => "voucher_used_up",
            Self::ReservedElsewhere { .. } => "voucher_reserved_elsewhere",
            Self::UseEnded => "voucher_use_ended",
            Self::NotHeld => "voucher_not_held",
            Self::NotRegistered => "voucher_not_registered",
            Self::MemberNeeded => "voucher_member_needed",
            Self::OtherMember => "voucher_other_member",
            Self::OtherChannel => "voucher_other_channel",
            Self::OtherStore => "voucher_other_store",
            Self::NoMatchingLine => "voucher_no_matching_line",
            Self::BelowMinimum { .. } => "voucher_below_minimum",
            Self::BeatenInGroup => "voucher_beaten_in_group",
            Self::NotCombinable => "voucher_not_combinable",
            Self::NothingLeft => "voucher_nothing_left",
            Self::PresentedTwice => "voucher_presented_twice",
        }
    }

    /// The sentence in a language. `money` writes minor units as an amount, `moment` an instant.
    pub fn sentence(
        &self,
        language: Language,
        money: &dyn Fn(i64) -> String,
        moment: &dyn Fn(Timestamp) -> String,
    ) -> String {
        let (zh, en) = match self {
            Self::Presented => ("尚未判定", "not judged yet"),
            Self::Applied => ("可用", "applies"),
            Self::Unknown => ("没有此券：请核对券码", "there is no such voucher: check the code"),
            Self::NotYetValid { from } => {
                let (zh, en) = ("未到使用时间，{at} 起可用", "not valid before {at}: use it then");
                return language.pick(zh, en).replace("{at}", &moment(*from));
            }
            Self::Expired { at } => {
                let (zh, en) = ("已于 {at} 过期", "it expired at {at}: it can no longer be used");
                return language.pick(zh, en).replace("{at}", &moment(*at));
            }
            Self::Void => ("已作废", "it was declared void: it can no longer be used"),
            Self::UsedUp => ("已用完", "all its uses were redeemed: it can no longer be used"),
            Self::ReservedElsewhere { until } => {
                let zh = "已被另一订单占用，最迟至 {at}";
                let en = "another order holds it until {at} at the latest: pay or cancel that order, or wait";
                return language.pick(zh, en).replace("{at}", &moment(*until));
            }
            Self::UseEnded => {
                ("该单据已退回此券：请用新的单据号", "this document gave its use back: use another reference")
            }
            Self::NotHeld => {
                ("该单据没有占用此券", "this document has no use of it: name the one that reserved it")
            }
            Self::NotRegistered => {
                ("须先登记到会员名下", "it has to be registered to a member first: register it")
            }
            Self::MemberNeeded => {
                ("此券属于某位会员：请先识别会员", "it belongs to a member: name the member")
            }
            Self::OtherMember => ("此券属于另一位会员", "it belongs to another member"),
            Self::OtherChannel => ("不适用于此渠道", "it is for another channel"),
            Self::OtherStore => ("不适用于此门店", "it is for another store"),
            Self::NoMatchingLine => {
                ("没有适用的商品", "no line is of the kind it is for: add something it covers")
            }
            Self::BelowMinimum { missing } => {
                let (zh, en) = ("再买 {missing} 方可使用", "{missing} are missing: buy that much more");
                return language.pick(zh, en).replace("{missing}", &money(*missing));
            }
            Self::BeatenInGroup => ("同组中另一张更优惠", "another voucher of its group gives more"),
            Self::NotCombinable => {
                ("不可与其他券同用", "it does not go with the others, and they give more: present it alone")
            }
            Self::NothingLeft => ("没有可抵扣的金额", "nothing was left to take off"),
            Self::PresentedTwice => ("同一券重复出示", "it was presented twice: name it once"),
        };
        language.pick(zh, en).to_owned()
    }
}

impl std::fmt::Display for VoucherOutcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let money = |minor| format!("{minor} minor units");
        f.write_str(&self.sentence(Language::En, &money, &|at| at.to_string()))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(amount: &i64) -> bool {
    *amount == 0
}
