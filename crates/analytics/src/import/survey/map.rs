//! The survey map: one TOML file that says which column holds the answers to which question.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::by_member::{MemberColumnMap, NAME_LENGTH_MAX};
use super::super::map::{AmountMap, FileMap, MomentMap};
use super::super::map_check::{Checker, MapError};
use super::question::{Answers, Question};

/// Brands that one survey can compare.
const BRANDS_MAX: usize = 50;

/// What the columns of a survey's answers mean. A row is a form that one member filled in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurveyMap {
    /// The survey's name: small letters, digits and `-`. Imported again, it replaces what it had brought.
    pub survey: String,
    /// Zone of dates and times that do not carry their own.
    pub time_zone: String,
    /// How the file is written.
    #[serde(default)]
    pub file: FileMap,
    /// Who answered.
    pub member: MemberColumnMap,
    /// When.
    pub answered_at: MomentMap,
    /// A column of weights; every form counts the same without one.
    #[serde(default)]
    pub weight: Option<String>,
    /// The currency of amounts, for instance `CNY`; needed where a question asks for money.
    #[serde(default)]
    pub currency: Option<String>,
    /// How amounts are written.
    #[serde(default)]
    pub amounts: AmountMap,
    /// The column of each question.
    #[serde(default)]
    pub question: BTreeMap<Question, String>,
    /// What is asked of each brand that is compared.
    #[serde(default)]
    pub brand: Vec<BrandMap>,
}

/// What is asked of a brand.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrandMap {
    /// Its name.
    pub name: String,
    /// Whether it is ours.
    #[serde(default)]
    pub own: bool,
    /// The column of the overall satisfaction with it, 0 to 10; empty where it is not used.
    #[serde(default)]
    pub rating: Option<String>,
    /// The column of its part of what is bought: of the last ten purchases, or an amount. Only shares of it are used.
    #[serde(default)]
    pub wallet: Option<String>,
}

impl SurveyMap {
    /// Reads and checks a map.
    pub fn parse(text: &str) -> Result<Self, MapError> {
        let (map, mut checker): (Self, _) = Checker::read(text)?;
        checker.survey(&map);
        checker.finish(map)
    }
}

impl Checker<'_> {
    fn survey(&mut self, map: &SurveyMap) {
        self.set_name("survey", &map.survey, "spring-2026");
        self.file(&map.file);
        self.moment("answered_at", &map.time_zone, &map.answered_at);
        self.amounts(&map.amounts);
        let asks_money = map.question.keys().any(|question| question.answers() == Answers::Money);
        self.currency(map.currency.as_ref(), asks_money);
        if map.question.is_empty() && map.brand.is_empty() {
            let known = Question::ALL.map(Question::name).join(", ");
            self.problem("question", "", &format!("give the column of at least one question: {known}"));
        }
        self.brands(&map.brand);
    }

    fn brands(&mut self, brands: &[BrandMap]) {
        for (position, brand) in brands.iter().enumerate() {
            let field = format!("brand.{position}");
            if brand.name.is_empty() || brand.name.len() > NAME_LENGTH_MAX {
                self.problem(&format!("{field}.name"), &brand.name, "name the brand in at most 64 bytes");
            }
            if brands.iter().skip(position + 1).any(|other| other.name == brand.name) {
                self.problem(&format!("{field}.name"), &brand.name, "give each brand its own name");
            }
            if brand.rating.is_none() && brand.wallet.is_none() {
                self.problem(&field, &brand.name, "give the column of its rating, of its wallet, or both");
            }
        }
        if !brands.is_empty() && brands.iter().filter(|brand| brand.own).count() != 1 {
            self.problem("brand", "", "say of exactly one brand that it is ours: own = true");
        }
        if brands.len() > BRANDS_MAX {
            self.problem("brand", &brands.len().to_string(), "compare at most 50 brands");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SurveyMap;

    const GOOD: &str = r#"
survey = "spring-2026"
time_zone = "Asia/Shanghai"
currency = "CNY"
member = { column = "card", kind = "card" }
answered_at = { columns = ["answered"], format = "%Y-%m-%d" }
[question]
satisfaction = "q1"
own_spend_now = "q2"
[[brand]]
name = "ours"
own = true
rating = "q3"
"#;

    /// Replaces a part of a good map and expects one problem at a line, about a field.
    fn check(from: &str, to: &str, line: usize, field: &str, remedy: &str) {
        assert!(GOOD.contains(from), "{from}");
        let error = SurveyMap::parse(&GOOD.replace(from, to)).expect_err(to);
        let problem = error.problems.first().expect("one problem");
        assert_eq!((problem.line, problem.field.as_str()), (line, field), "{error}");
        assert!(problem.remedy.contains(remedy), "{error}");
    }

    #[test]
    fn a_good_map_is_read() {
        let map = SurveyMap::parse(GOOD).expect("a map");
        assert_eq!((map.survey.as_str(), map.question.len(), map.brand.len()), ("spring-2026", 2, 1));
    }

    #[test]
    fn problems_name_line_field_and_remedy() {
        check("\"spring-2026\"", "\"Spring 2026\"", 2, "survey", "small letters");
        check("Asia/Shanghai", "Asia/Shanghia", 3, "time_zone", "IANA");
        check("currency = \"CNY\"\n", "", 1, "currency", "name the currency");
        check("%Y-%m-%d", "%Q", 6, "answered_at.format", "pattern");
        check("satisfaction =", "contentment =", 8, "contentment", "unknown variant");
        check("own = true", "own = false", 10, "brand", "exactly one");
        check("rating = \"q3\"", "", 10, "brand.0", "its rating");
    }
}
