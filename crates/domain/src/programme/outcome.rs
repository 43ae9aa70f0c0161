//! What became of each rule for one document: fired, or the first reason why not. Stored as one letter per rule,
//! so that a receipt can explain a purchase for ever at the price of a byte.

use super::Language;

macro_rules! outcomes {
    ($($(#[doc = $doc:literal])+ $name:ident $letter:literal $zh:literal $en:literal;)+) => {
        /// What became of a rule: fired, or the first reason why not, in the order in which it is judged.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Outcome {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Outcome {
            /// All outcomes.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The letter stored for it.
            pub const fn letter(self) -> char {
                match self { $(Self::$name => $letter,)+ }
            }

            /// The outcome of a stored letter.
            pub const fn from_letter(letter: char) -> Option<Self> {
                match letter { $($letter => Some(Self::$name),)+ _ => None }
            }

            /// A sentence for the receipt.
            pub fn sentence(self, language: Language) -> &'static str {
                match self { $(Self::$name => language.pick($zh, $en),)+ }
            }
        }
    };
}

outcomes! {
    /// It gave points.
    Fired 'F' "已生效，积分已发放" "applied";
    /// It gave fewer points because of a cap.
    FiredCapped 'C' "已生效，达到上限，部分发放" "applied, cut down by its cap";
    /// It gave fewer points because its budget ended.
    FiredBudget 'U' "已生效，活动预算不足，部分发放" "applied, cut down because its budget ended";
    /// It looks at another kind of document.
    OtherTrigger 'a' "不适用于此类事件" "is for another kind of event";
    /// The day is outside its window.
    NotLive 'b' "不在有效期内" "does not run on this day";
    /// Another tier.
    Tier 'e' "会员等级不符" "is for other tiers";
    /// Another segment.
    Segment 'f' "不在适用人群内" "is for other members";
    /// Another day of the week.
    Weekday 'g' "星期不符" "is for other days of the week";
    /// Another day of the month.
    DayOfMonth 'h' "日期（每月几号）不符" "is for other days of the month";
    /// A day outside its date windows.
    Date 'i' "不在活动日期内" "is for other dates";
    /// Another time of day.
    Time 'j' "不在活动时段内" "is for other times of the day";
    /// Not the birthday or its month.
    Birthday 'k' "不在生日或生日月" "is for birthdays";
    /// Not the purchase with that number.
    PurchaseNumber 'l' "不是指定次数的消费" "is for another purchase in the member's count";
    /// Too few shopping days this month.
    ShoppingDays 'n' "本月购物天数不足" "needs more shopping days in the month";
    /// Another channel.
    Channel 'c' "渠道不符" "is for other channels";
    /// Another store.
    Store 'd' "门店不符" "is for other stores";
    /// Another way of paying.
    Payment 'm' "支付方式不符" "is for other ways of paying";
    /// Receipt total too small.
    AmountMinimum 'o' "未达到最低消费金额" "needs a larger purchase";
    /// Receipt total too large.
    AmountMaximum 'p' "超过最高消费金额" "is for smaller purchases";
    /// No line counts.
    NoMatchingLine 'q' "没有符合条件的商品" "finds no line that counts";
    /// Too few items.
    Quantity 'r' "商品数量不足" "needs more items";
    /// The lines that count add up to too little.
    LinesMinimum 's' "符合条件的商品金额不足" "needs a larger amount on the lines that count";
    /// Nothing was paid in a way that earns.
    NothingPaid 't' "没有可积分的支付金额" "finds nothing paid that earns";
    /// The amount is below the rule's minimum or gives less than one point.
    RoundsToZero 'u' "金额不足以获得一个积分" "gives less than one point for this amount";
    /// A multiplier without anything to multiply.
    NoBase 'v' "没有可加倍的积分" "finds no points to multiply";
    /// The member has had all it gives.
    CapReached 'w' "已达到个人上限" "has reached its cap for this member";
    /// All members together have had all it gives.
    BudgetExhausted 'x' "活动预算已用完" "has used up its budget";
    /// Another rule of its group gives more.
    BeatenInGroup 'y' "同组其他规则更优惠" "gave way to a better rule of its group";
    /// Another multiplier gives more, and only the best applies.
    BeatenByMultiplier 'z' "其他倍数更优惠" "gave way to a better multiplier";
}

impl Outcome {
    /// Whether points were given.
    pub const fn fired(self) -> bool {
        matches!(self, Self::Fired | Self::FiredCapped | Self::FiredBudget)
    }

    /// The letter as a byte: all letters are ASCII.
    pub(super) const fn byte(self) -> u8 {
        self.letter() as u8
    }
}

/// Reads stored letters; letters of unknown meaning are left out.
pub fn outcomes(letters: &str) -> impl Iterator<Item = Outcome> {
    letters.chars().filter_map(Outcome::from_letter)
}

#[cfg(test)]
mod tests {
    use super::Outcome;
    use crate::programme::Language;

    #[test]
    fn every_outcome_has_its_own_ascii_letter_and_sentences() {
        let mut seen = std::collections::BTreeSet::new();
        for outcome in Outcome::ALL {
            assert!(outcome.letter().is_ascii_alphabetic());
            assert!(seen.insert(outcome.letter()), "{outcome:?} shares its letter");
            assert_eq!(Outcome::from_letter(outcome.letter()), Some(*outcome));
            assert!(
                !outcome.sentence(Language::ZhCn).is_empty() && !outcome.sentence(Language::En).is_empty()
            );
        }
        assert_eq!(Outcome::from_letter('?'), None);
    }
}
