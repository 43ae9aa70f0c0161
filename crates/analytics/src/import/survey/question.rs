//! The questions that a survey can ask, and what may be answered. Scales and items: satisfaction and recommendation of
//! Reichheld (2003), the eleven points of Juster (1966), attitudes after Coyles and Gokey (2002).

use serde::Deserialize;

/// A question of the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// How satisfied with the product, 1 to 5.
    Satisfaction,
    /// How satisfied with buying it, 1 to 5.
    BuyingSatisfaction,
    /// How satisfied with the programme, 1 to 5.
    ProgrammeSatisfaction,
    /// How likely to recommend, 0 to 10.
    Recommend,
    /// The chance still to buy here in twelve months, 0 (1 in 100) to 10 (99 in 100).
    WillBuy,
    /// “Clearly better for me than the alternatives”, 1 to 7.
    ClearlyBetter,
    /// “Having chosen it I hardly consider others”, 1 to 7.
    NoOthers,
    /// “Changing would be a hassle, not worth my time”, 1 to 7.
    Hassle,
    /// “I buy there mostly from habit or because it is convenient”, 1 to 7.
    Habit,
    /// “I often compare price, quality and service again before buying”, 1 to 7.
    Compares,
    /// “If another offered better terms I would go”, 1 to 7.
    WouldSwitch,
    /// How many other suppliers could realistically be used.
    Alternatives,
    /// The main reason for buying less.
    ReasonForLess,
    /// What happened in life in the last twelve months.
    LifeEvent,
    /// What is spent on the category with us in an ordinary month.
    OwnSpendNow,
    /// What is spent on the category elsewhere in an ordinary month.
    OtherSpendNow,
    /// What was spent with us in an ordinary month a year ago.
    OwnSpendBefore,
    /// What was spent elsewhere in an ordinary month a year ago.
    OtherSpendBefore,
    /// “I am looking out for better offers from others”, 1 to 7.
    LooksElsewhere,
    /// How many people were brought in the last twelve months who then bought.
    Referred,
    /// “I complained in the last twelve months, and went on buying there”.
    ComplainedAndStayed,
    /// “I know what it stands for”, 1 to 7.
    BrandKnown,
    /// “What it promises it does: in stock, on time, without mistakes”, 1 to 7.
    Performance,
    /// “What I get is worth what I pay”, 1 to 7.
    WorthIt,
    /// Worse or better than expected, −3 to 3.
    Expectations,
    /// “I can rely on it”, 1 to 7.
    Trust,
}

/// What may be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answers {
    /// A whole number from one to another.
    Scale(i64, i64),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// An amount of money that is not below zero.
    Money,
}

const YES_OR_NO: [&str; 2] = ["no", "yes"];
const REASONS: [&str; 5] = ["product_failure", "service_failure", "price", "need_ended", "other"];
const EVENTS: [&str; 8] =
    ["none", "moved", "job", "child", "marriage_or_divorce", "retirement", "health_or_diet", "need_ended"];
/// More suppliers than anybody could use, and more people than anybody brings.
const COUNTED_MAX: i64 = 1_000;

impl Question {
    /// All of them.
    pub const ALL: [Self; 26] = [
        Self::Satisfaction,
        Self::BuyingSatisfaction,
        Self::ProgrammeSatisfaction,
        Self::Recommend,
        Self::WillBuy,
        Self::ClearlyBetter,
        Self::NoOthers,
        Self::Hassle,
        Self::Habit,
        Self::Compares,
        Self::WouldSwitch,
        Self::Alternatives,
        Self::ReasonForLess,
        Self::LifeEvent,
        Self::OwnSpendNow,
        Self::OtherSpendNow,
        Self::OwnSpendBefore,
        Self::OtherSpendBefore,
        Self::LooksElsewhere,
        Self::Referred,
        Self::ComplainedAndStayed,
        Self::BrandKnown,
        Self::Performance,
        Self::WorthIt,
        Self::Expectations,
        Self::Trust,
    ];

    /// Its name: in the map and in the lake.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Satisfaction => "satisfaction",
            Self::BuyingSatisfaction => "buying_satisfaction",
            Self::ProgrammeSatisfaction => "programme_satisfaction",
            Self::Recommend => "recommend",
            Self::WillBuy => "will_buy",
            Self::ClearlyBetter => "clearly_better",
            Self::NoOthers => "no_others",
            Self::Hassle => "hassle",
            Self::Habit => "habit",
            Self::Compares => "compares",
            Self::WouldSwitch => "would_switch",
            Self::Alternatives => "alternatives",
            Self::ReasonForLess => "reason_for_less",
            Self::LifeEvent => "life_event",
            Self::OwnSpendNow => "own_spend_now",
            Self::OtherSpendNow => "other_spend_now",
            Self::OwnSpendBefore => "own_spend_before",
            Self::OtherSpendBefore => "other_spend_before",
            Self::LooksElsewhere => "looks_elsewhere",
            Self::Referred => "referred",
            Self::ComplainedAndStayed => "complained_and_stayed",
            Self::BrandKnown => "brand_known",
            Self::Performance => "performance",
            Self::WorthIt => "worth_it",
            Self::Expectations => "expectations",
            Self::Trust => "trust",
        }
    }

    pub(super) const fn answers(self) -> Answers {
        match self {
            Self::Satisfaction | Self::BuyingSatisfaction | Self::ProgrammeSatisfaction => {
                Answers::Scale(1, 5)
            }
            Self::Recommend | Self::WillBuy => Answers::Scale(0, 10),
            Self::ClearlyBetter
            | Self::NoOthers
            | Self::Hassle
            | Self::Habit
            | Self::Compares
            | Self::WouldSwitch
            | Self::LooksElsewhere
            | Self::BrandKnown
            | Self::Performance
            | Self::WorthIt
            | Self::Trust => Answers::Scale(1, 7),
            Self::Expectations => Answers::Scale(-3, 3),
            Self::Alternatives | Self::Referred => Answers::Scale(0, COUNTED_MAX),
            Self::ComplainedAndStayed => Answers::Choice(&YES_OR_NO),
            Self::ReasonForLess => Answers::Choice(&REASONS),
            Self::LifeEvent => Answers::Choice(&EVENTS),
            Self::OwnSpendNow | Self::OtherSpendNow | Self::OwnSpendBefore | Self::OtherSpendBefore => {
                Answers::Money
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Question;

    #[test]
    fn a_question_is_called_in_the_map_as_in_the_lake() {
        for question in Question::ALL {
            let read: Question = serde_json::from_value(question.name().into()).expect("a question");
            assert_eq!(read, question);
        }
    }
}
