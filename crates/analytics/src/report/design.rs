//! The experiment that a request names: who is in which arm, by the places of a hash or as a campaign has put them there, and
//! what is measured.

use datafusion::prelude::SessionContext;
use jiff::civil::Date;

use super::asked::{Asked, day_of, quoted};
use super::error::ReportError;
use super::outcome::Outcome;
use super::place::place_function;
use super::request::ReportRequest;
use crate::experiment::Arms;

const ASSIGNED: &str = include_str!("../../reports/experiment_assigned.sql");
const PLACED: &str = include_str!("../../reports/experiment_placed.sql");
const CONTACTS: &str = include_str!("../../reports/experiment_contacts.sql");

/// How members came into their arms.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Assignment {
    /// By the places that a hash of this salt and of them gives.
    Salt(String),
    /// As this campaign was imported.
    Campaign(String),
}

/// Who is in which arm, and what is measured.
pub(super) struct Design {
    assignment: Assignment,
    pub(super) arms: Arms,
    pub(super) outcome: Outcome,
}

impl Design {
    /// The design, with what its queries need made known to them.
    pub(super) async fn of(asked: &mut Asked) -> Result<Self, ReportError> {
        let design = Self::named(asked.request())?;
        asked.function(place_function());
        match &design.assignment {
            Assignment::Salt(_) => asked.view("experiment_placed", design.sql(PLACED)).await?,
            Assignment::Campaign(campaign) => design.assign(asked, campaign).await?,
        }
        Ok(design)
    }

    /// The design that a request names.
    pub(super) fn named(request: &ReportRequest) -> Result<Self, ReportError> {
        let text = request.arms.as_deref().unwrap_or(Arms::HOLD_OUT);
        let arms = Arms::parse(text).map_err(|fault| ReportError::Asked {
            field: "arms",
            value: text.to_owned(),
            remedy: fault.to_string(),
        })?;
        let assignment = match (&request.campaign, &request.experiment) {
            (Some(campaign), Some(_)) => {
                return Err(ReportError::Asked {
                    field: "campaign",
                    value: campaign.clone(),
                    remedy: "name a campaign or an experiment: members are in an arm by one of them"
                        .to_owned(),
                });
            }
            (Some(campaign), None) => Assignment::Campaign(campaign.clone()),
            (None, salt) => Assignment::Salt(salt.clone().unwrap_or_else(|| Arms::HOLD_OUT_SALT.to_owned())),
        };
        Ok(Self { assignment, arms, outcome: Outcome::of(request.outcome.as_deref())? })
    }

    /// The same, judged by something else.
    pub(super) fn judged_by(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }

    /// Whether members came into their arms by a hash.
    pub(super) fn is_by_place(&self) -> bool {
        matches!(self.assignment, Assignment::Salt(_))
    }

    /// A query with arms and outcome filled in, and the salt where it asks for it. A salt comes from people: it is quoted.
    pub(super) fn sql(&self, text: &str) -> String {
        let salt = match &self.assignment {
            Assignment::Salt(salt) => salt.as_str(),
            Assignment::Campaign(_) => "",
        };
        text.replace("{gone_arm}", &self.arm_of("gone_place"))
            .replace("{arm}", &self.arm_of("place"))
            .replace("{outcome}", self.outcome.sql())
            // Last: a salt is not looked through for places to fill.
            .replace("{salt}", &quoted(salt))
    }

    fn arm_of(&self, place: &str) -> String {
        let ends = self.arms.ends();
        let cases = ends.iter().enumerate().map(|(arm, end)| format!(" WHEN {place} < {end} THEN {arm}"));
        format!("CASE{} END", cases.collect::<String>())
    }

    /// Makes the view of whom a campaign has put into which arm, and says whom it has put elsewhere.
    async fn assign(&self, asked: &mut Asked, campaign: &str) -> Result<(), ReportError> {
        let first_places = std::iter::once(0).chain(self.arms.ends());
        let named = self.arms.all().iter().zip(first_places);
        let arms: Vec<_> = named.map(|(arm, place)| format!("({}, {place})", quoted(&arm.name))).collect();
        let fill = |text: &str| {
            // The campaign comes last: it is not looked through for places to fill.
            text.replace("{arms}", &arms.join(", ")).replace("{campaign}", &quoted(campaign))
        };
        asked.view("experiment_assigned", fill(ASSIGNED)).await?;
        let rows = asked.rows("experiment_contacts", &fill(CONTACTS), &[]).await?;
        let (found, members) = (rows.texts("arm")?, rows.counts("members")?);
        let is_arm = |name: &str| self.arms.all().iter().any(|arm| arm.name == name);
        if let Some(missing) = self.arms.all().iter().find(|arm| !found.contains(&arm.name)) {
            return Err(ReportError::Asked {
                field: "arms",
                value: missing.name.clone(),
                remedy: format!("the campaign has the arms {}", found.join(", ")),
            });
        }
        let (mut other, mut several) = (0, 0);
        for ((arm, members), in_one) in found.iter().zip(members).zip(rows.counts("members_in_one")?) {
            if is_arm(arm) { several += members - in_one } else { other += members }
        }
        asked.note("in-other-arms", other);
        asked.note("in-several-arms", several);
        Ok(())
    }
}

/// The local day on which a campaign first came to somebody. One that nobody has heard of is refused.
pub(super) async fn campaign_began(context: &SessionContext, campaign: &str) -> Result<Date, ReportError> {
    let sql = format!(
        "SELECT min(day) AS first FROM contacts WHERE kind = 'campaign' AND campaign = {}",
        quoted(campaign)
    );
    let found = context.sql(&sql).await?.collect().await?;
    found.first().and_then(|batch| day_of(batch, "first")).ok_or_else(|| ReportError::Asked {
        field: "campaign",
        value: campaign.to_owned(),
        remedy: "name a campaign whose contacts were imported into the lake".to_owned(),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Assignment, Design, Outcome};
    use crate::experiment::Arms;
    use crate::report::request::ReportRequest;

    #[test]
    fn a_salt_is_taken_as_it_is_whatever_it_looks_like() {
        let assignment = Assignment::Salt("it's {arm} of {outcome}".to_owned());
        let design = Design { assignment, arms: Arms::parse("a=50,b=50").unwrap(), outcome: Outcome::Spend };
        let sql = design.sql("place({salt}, m), {arm}");
        assert_eq!(
            sql,
            "place('it''s {arm} of {outcome}', m), CASE WHEN place < 5000 THEN 0 WHEN place < 10000 THEN 1 END"
        );
    }

    #[test]
    fn a_member_is_in_an_arm_by_a_campaign_or_by_an_experiment() {
        let both = ReportRequest {
            campaign: Some("spring".to_owned()),
            experiment: Some("spring".to_owned()),
            ..ReportRequest::default()
        };
        let refused = Design::named(&both).err().unwrap().to_string();
        assert!(refused.starts_with("campaign is “spring”"), "{refused}");
    }
}
