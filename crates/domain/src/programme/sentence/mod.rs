//! Puts a programme into sentences, in Chinese and English: what a manager checks and a member may rely on.
//! Every field of a rule, unit, ladder and reward has its words here, so that nothing decides silently.

mod conditions;
mod households;
mod ladder;
mod redemption;
mod reward;
mod rule;
mod unit;
mod voucher;

pub use households::households;
pub use ladder::ladder;
pub use reward::{RewardTerms, reward, reward_terms};
pub use rule::rule;
pub use unit::unit;
pub use voucher::{VoucherTerms, statement, voucher, voucher_terms};

use super::{Exact, Language, Programme};
use crate::code::Code;

/// Speaks of one programme in one language.
#[derive(Clone, Copy)]
struct Speaker<'a> {
    programme: &'a Programme,
    language: Language,
}

impl Speaker<'_> {
    /// Chooses the text of the language.
    fn pick(self, zh: String, en: String) -> String {
        match self.language {
            Language::ZhCn => zh,
            Language::En => en,
        }
    }

    /// Clauses to one sentence.
    fn sentence(self, clauses: &[String]) -> String {
        let joined = clauses.join(self.language.pick("，", ", "));
        format!("{joined}{}", self.language.pick("。", "."))
    }

    /// `¥20.00`.
    fn money(self, amount: Exact) -> String {
        let currency = self.programme.currency.as_str();
        let symbol = match currency {
            "CNY" | "JPY" => "¥",
            "HKD" => "HK$",
            "USD" => "$",
            "GBP" => "£",
            "EUR" => "€",
            _ => return format!("{currency} {}", self.digits(amount)),
        };
        format!("{symbol}{}", self.digits(amount))
    }

    fn digits(self, amount: Exact) -> String {
        let mut digits = amount.0;
        digits.rescale(self.programme.decimals().max(amount.decimals()));
        Exact(digits).grouped()
    }

    /// `100 points`, `1 point`, `100 积分`.
    fn points(self, number: Exact, unit: Code) -> String {
        let name = self.unit_name(unit);
        let scale = rust_decimal::Decimal::from(10_i64.pow(self.programme.decimals()));
        if self.programme.counts_money(unit)
            && let Some(major) = number.0.checked_div(scale)
        {
            return format!("{} {name}", self.money(Exact(major.normalize())));
        }
        let one = number.0 == rust_decimal::Decimal::ONE;
        let number = Exact(number.0.normalize()).grouped();
        match name.strip_suffix('s') {
            Some(name) if one && self.language == Language::En => format!("{number} {name}"),
            _ => format!("{number} {name}"),
        }
    }

    fn unit_name(self, unit: Code) -> String {
        let named = self.programme.unit(unit).map(|unit| unit.name.get(self.language).to_owned());
        named.unwrap_or_else(|| unit.to_string())
    }

    fn tier_names(self, tiers: &[Code]) -> Vec<String> {
        let name = |tier: &Code| match self.programme.tier(*tier) {
            Some((_, tier)) => tier.name.get(self.language).to_owned(),
            None => tier.to_string(),
        };
        tiers.iter().map(name).collect()
    }

    fn segment_names(self, segments: &[Code]) -> Vec<String> {
        let name = |code: &Code| {
            let segment = self.programme.segment(*code);
            segment.map_or_else(|| code.to_string(), |segment| segment.name.get(self.language).to_owned())
        };
        segments.iter().map(name).collect()
    }

    /// `a, b or c`; `a、b 或 c`.
    fn any_of<T: AsRef<str>>(self, values: &[T]) -> String {
        let values: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
        match values.split_last() {
            Some((last, rest)) if !rest.is_empty() => {
                let rest = rest.join(self.language.pick("、", ", "));
                format!("{rest}{}{last}", self.language.pick(" 或 ", " or "))
            }
            _ => values.concat(),
        }
    }
}
