//! The map of a campaign: one TOML file that says which columns tell who was sent what.

use domain::document::TEXT_LENGTH_MAX;
use serde::Deserialize;

use super::super::by_member::MemberColumnMap;
use super::super::map::{AmountMap, FileMap, MomentMap};
use super::super::map_check::{Checker, MapError};

/// What the columns of a campaign's file mean. A row is something that one member was sent. Where a field may name a
/// column, `=text` gives the text itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactMap {
    /// The campaign's name: small letters, digits and `-`. Imported again, it replaces what it had brought.
    pub campaign: String,
    /// Zone of dates and times that do not carry their own.
    pub time_zone: String,
    /// How the file is written.
    #[serde(default)]
    pub file: FileMap,
    /// Who was sent something.
    pub member: MemberColumnMap,
    /// When.
    pub contacted_at: MomentMap,
    /// By what way, for instance `=mail`.
    #[serde(default)]
    pub channel: Option<String>,
    /// What was offered.
    #[serde(default)]
    pub offer: Option<String>,
    /// The batch of the voucher that came with it, by its reference.
    #[serde(default)]
    pub voucher_batch: Option<String>,
    /// The arm of the experiment that the member is in.
    #[serde(default)]
    pub arm: Option<String>,
    /// The column of what it cost.
    #[serde(default)]
    pub cost: Option<String>,
    /// The currency of costs, for instance `CNY`; needed where there are some.
    #[serde(default)]
    pub currency: Option<String>,
    /// How amounts are written.
    #[serde(default)]
    pub amounts: AmountMap,
}

impl ContactMap {
    /// Reads and checks a map.
    pub fn parse(text: &str) -> Result<Self, MapError> {
        let (map, mut checker): (Self, _) = Checker::read(text)?;
        checker.contacts(&map);
        checker.finish(map)
    }

    /// The fields that are a column or a text, by their names.
    pub(super) fn texts(&self) -> [(&'static str, Option<&str>); 4] {
        [
            ("channel", self.channel.as_deref()),
            ("offer", self.offer.as_deref()),
            ("voucher_batch", self.voucher_batch.as_deref()),
            ("arm", self.arm.as_deref()),
        ]
    }
}

impl Checker<'_> {
    fn contacts(&mut self, map: &ContactMap) {
        self.set_name("campaign", &map.campaign, "spring-2026");
        self.file(&map.file);
        self.moment("contacted_at", &map.time_zone, &map.contacted_at);
        self.amounts(&map.amounts);
        self.currency(map.currency.as_ref(), map.cost.is_some());
        for (field, text) in map.texts() {
            let Some(fixed) = text.and_then(|text| text.strip_prefix('=')) else { continue };
            if fixed.is_empty() || fixed.len() > TEXT_LENGTH_MAX || fixed.chars().any(char::is_control) {
                self.problem(field, fixed, "name a column, or give a text of at most 128 bytes after =");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ContactMap;

    const GOOD: &str = r#"
campaign = "spring-mail"
time_zone = "Asia/Shanghai"
member = { column = "card", kind = "card" }
contacted_at = { columns = ["sent"], format = "%Y-%m-%d" }
channel = "=mail"
cost = "cost"
currency = "CNY"
"#;

    /// Replaces a part of a good map and expects one problem at a line, about a field.
    fn check(from: &str, to: &str, line: usize, field: &str, remedy: &str) {
        assert!(GOOD.contains(from), "{from}");
        let error = ContactMap::parse(&GOOD.replace(from, to)).expect_err(to);
        let problem = error.problems.first().expect("one problem");
        assert_eq!((problem.line, problem.field.as_str()), (line, field), "{error}");
        assert!(problem.remedy.contains(remedy), "{error}");
    }

    #[test]
    fn a_good_map_is_read() {
        let map = ContactMap::parse(GOOD).expect("a map");
        assert_eq!((map.campaign.as_str(), map.channel.as_deref()), ("spring-mail", Some("=mail")));
    }

    #[test]
    fn problems_name_line_field_and_remedy() {
        check("\"spring-mail\"", "\"Spring mail\"", 2, "campaign", "small letters");
        check("Asia/Shanghai", "Asia/Shanghia", 3, "time_zone", "IANA");
        check("%Y-%m-%d", "%Q", 5, "contacted_at.format", "pattern");
        check("\"=mail\"", "\"=\"", 6, "channel", "after =");
        check("currency = \"CNY\"\n", "", 1, "currency", "name the currency");
        check("\"CNY\"", "\"YUAN\"", 8, "currency", "ISO 4217");
        check("channel =", "chanel =", 6, "chanel", "unknown field");
    }
}
