//! The questions by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A question that can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportName {
    /// How complete, valid and fresh the data are.
    DataAudit,
    /// Who brings the sales, and how much of them the best few bring.
    CoreCustomers,
    /// Who belongs to the best customers from month to month.
    TopGroup,
    /// How recently, how often and for how much members buy.
    Rfm,
    /// How many of those who began in a month are still buying.
    Cohorts,
    /// How many members buy again, and how soon.
    RepeatPurchase,
    /// New, repeat, reactivated and lapsed members by month.
    MemberFlows,
    /// What members will buy and be worth, and how well the model foretold what they did buy.
    LifetimeValue,
    /// Who spends more and who spends less than before, and what that is worth.
    Migration,
    /// Why members stay or spend less: six kinds of loyalty.
    LoyaltyProfile,
    /// For want of an alternative, out of commitment, for offers, for what leaving costs or from habit: why members stay.
    LoyaltyTypes,
    /// How satisfied members are, whether they recommend us, and whether they do what they said.
    Satisfaction,
    /// Satisfaction, value drivers, loyalty drivers and loyalty indicators on one scale.
    Scorecard,
    /// How much of what members spend on the category they spend with us.
    ShareOfWallet,
    /// Which categories members buy.
    Categories,
    /// Which clubs the members form by what they favour.
    Clubs,
    /// What products stand for by what they are bought with, and which members prefer what.
    BasketDna,
    /// In which segments members are, in four layers one on another.
    SegmentStack,
    /// How long an experiment must run and how many members it needs.
    ExperimentPlan,
    /// What an experiment did, against its control.
    Experiment,
    /// Whom an experiment moved, and whether that can be told beforehand.
    Uplift,
    /// Who earns without spending more.
    FreeRiders,
    /// What to offer each member, and how good such offers would have been.
    Offers,
}

impl ReportName {
    /// All questions, in the order in which an analyst asks them.
    pub const ALL: [Self; 23] = [
        Self::DataAudit,
        Self::CoreCustomers,
        Self::TopGroup,
        Self::Rfm,
        Self::Cohorts,
        Self::RepeatPurchase,
        Self::MemberFlows,
        Self::LifetimeValue,
        Self::Migration,
        Self::LoyaltyProfile,
        Self::LoyaltyTypes,
        Self::Satisfaction,
        Self::Scorecard,
        Self::ShareOfWallet,
        Self::Categories,
        Self::Clubs,
        Self::BasketDna,
        Self::SegmentStack,
        Self::ExperimentPlan,
        Self::Experiment,
        Self::Uplift,
        Self::FreeRiders,
        Self::Offers,
    ];

    /// As it is written on the command line and in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DataAudit => "data-audit",
            Self::CoreCustomers => "core-customers",
            Self::TopGroup => "top-group",
            Self::Rfm => "rfm",
            Self::Cohorts => "cohorts",
            Self::RepeatPurchase => "repeat-purchase",
            Self::MemberFlows => "member-flows",
            Self::LifetimeValue => "lifetime-value",
            Self::Migration => "migration",
            Self::LoyaltyProfile => "loyalty-profile",
            Self::LoyaltyTypes => "loyalty-types",
            Self::Satisfaction => "satisfaction",
            Self::Scorecard => "scorecard",
            Self::ShareOfWallet => "share-of-wallet",
            Self::Categories => "categories",
            Self::Clubs => "clubs",
            Self::BasketDna => "basket-dna",
            Self::SegmentStack => "segment-stack",
            Self::ExperimentPlan => "experiment-plan",
            Self::Experiment => "experiment",
            Self::Uplift => "uplift",
            Self::FreeRiders => "free-riders",
            Self::Offers => "offers",
        }
    }

    /// The months it looks back from the end of the period, if none were named; all there is if none.
    pub(super) const fn months(self) -> Option<i32> {
        match self {
            Self::DataAudit
            | Self::CoreCustomers
            | Self::Rfm
            | Self::RepeatPurchase
            | Self::Migration
            | Self::LoyaltyProfile
            | Self::LoyaltyTypes
            | Self::Scorecard
            | Self::ShareOfWallet
            | Self::Categories
            | Self::BasketDna
            | Self::SegmentStack
            | Self::Experiment
            | Self::Uplift
            | Self::FreeRiders
            | Self::Offers => Some(12),
            // Long enough to have bought what is bought once a month, short enough for a life that changes.
            Self::Clubs => Some(6),
            Self::TopGroup
            | Self::Cohorts
            | Self::MemberFlows
            | Self::LifetimeValue
            | Self::Satisfaction
            | Self::ExperimentPlan => None,
        }
    }

    /// Whether it compares the arms of an experiment or of a campaign.
    pub const fn compares_arms(self) -> bool {
        matches!(self, Self::Experiment | Self::Uplift | Self::FreeRiders | Self::Scorecard)
    }

    /// Whether it speaks of answers to surveys, the first of which may have been given before the first purchase there is.
    pub(super) const fn begins_with_answers(self) -> bool {
        matches!(self, Self::Satisfaction | Self::ShareOfWallet)
    }

    /// Whether it compares with an equally long time before: where twelve months twice are more than there is, it looks
    /// at the later half.
    pub(super) const fn compares_with_before(self) -> bool {
        matches!(
            self,
            Self::Migration
                | Self::LoyaltyProfile
                | Self::Scorecard
                | Self::Experiment
                | Self::Uplift
                | Self::FreeRiders
        )
    }
}

impl fmt::Display for ReportName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no question.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no report “{0}”: use one of {known}", known = ReportName::ALL.map(ReportName::as_str).join(", "))]
pub struct UnknownReport(String);

impl FromStr for ReportName {
    type Err = UnknownReport;
    fn from_str(text: &str) -> Result<Self, UnknownReport> {
        let found = Self::ALL.into_iter().find(|name| name.as_str() == text);
        found.ok_or_else(|| UnknownReport(text.to_owned()))
    }
}
