//! The questions asked of the lake, and their answers: figures with how many cases they rest on and how far chance
//! moves them, tables, and the SQL behind both. One `.sql` file per query stands in `analytics/reports/`.

mod answer;
mod asked;
mod basket_dna;
mod batch;
mod by_hand;
mod categories;
mod clubs;
mod cohorts;
mod core_customers;
mod data_audit;
mod design;
mod error;
mod experiment;
mod experiment_plan;
mod extent;
mod free_riders;
mod kept;
mod lifetime_value;
mod loyalty_profile;
mod loyalty_types;
mod member_flows;
mod member_rows;
mod migration;
mod name;
mod number;
mod offers;
mod outcome;
mod place;
mod repeat_purchase;
mod replies;
mod request;
mod rfm;
mod satisfaction;
mod scorecard;
mod segment_stack;
mod share_of_wallet;
mod top_group;
mod uplift;

pub use answer::{Column, Figure, Kind, Note, Report, ReportTable, Source, Value};
pub use by_hand::QueriesByHand;
pub use clubs::{ClubMember, ClubMembers, club_members};
pub use error::ReportError;
pub use member_rows::{MemberRows, member_rows};
pub use migration::{Migration, MigrationValue};
pub use name::{ReportName, UnknownReport};
pub use request::{Period, ReportRequest};
pub use segment_stack::{SegmentLayer, SegmentMember, SegmentMembers, UnknownSegmentLayer, segment_members};

use crate::lake::{Lake, SessionOptions};

/// Answers a question from a lake.
pub async fn run(
    lake: &Lake,
    name: ReportName,
    request: &ReportRequest,
    options: &SessionOptions,
) -> Result<Report, ReportError> {
    let mut answered = answer(lake, name, request, options).await;
    if let Some(frugal) = once_more(&answered, options) {
        answered = answer(lake, name, request, &frugal).await;
    }
    damage_named(lake, answered).await
}

/// How to ask once more what has run out of memory.
fn once_more<T>(answered: &Result<T, ReportError>, options: &SessionOptions) -> Option<SessionOptions> {
    match answered {
        Err(ReportError::Lake(error)) if error.is_out_of_memory() => options.frugally(),
        _ => None,
    }
}

/// The same, with the file named that is damaged, if one is.
async fn damage_named<T>(lake: &Lake, answered: Result<T, ReportError>) -> Result<T, ReportError> {
    match answered {
        Err(ReportError::Lake(error)) => Err(lake.name_damage(error).await.into()),
        answered => answered,
    }
}

async fn answer(
    lake: &Lake,
    name: ReportName,
    request: &ReportRequest,
    options: &SessionOptions,
) -> Result<Report, ReportError> {
    let mut asked = asked::Asked::new(lake, name, request, options).await?;
    match name {
        ReportName::DataAudit => data_audit::answer(&mut asked).await?,
        ReportName::CoreCustomers => core_customers::answer(&mut asked).await?,
        ReportName::TopGroup => top_group::answer(&mut asked).await?,
        ReportName::Rfm => rfm::answer(&mut asked).await?,
        ReportName::Cohorts => cohorts::answer(&mut asked).await?,
        ReportName::RepeatPurchase => repeat_purchase::answer(&mut asked).await?,
        ReportName::MemberFlows => member_flows::answer(&mut asked).await?,
        ReportName::LifetimeValue => lifetime_value::answer(&mut asked).await?,
        ReportName::Migration => migration::answer(&mut asked).await?,
        ReportName::LoyaltyProfile => loyalty_profile::answer(&mut asked).await?,
        ReportName::LoyaltyTypes => loyalty_types::answer(&mut asked).await?,
        ReportName::Satisfaction => satisfaction::answer(&mut asked).await?,
        ReportName::Scorecard => scorecard::answer(&mut asked).await?,
        ReportName::ShareOfWallet => share_of_wallet::answer(&mut asked).await?,
        ReportName::Categories => categories::answer(&mut asked).await?,
        ReportName::Clubs => clubs::answer(&mut asked).await?,
        ReportName::BasketDna => basket_dna::answer(&mut asked).await?,
        ReportName::SegmentStack => segment_stack::answer(&mut asked).await?,
        ReportName::ExperimentPlan => experiment_plan::answer(&mut asked).await?,
        ReportName::Experiment => experiment::answer(&mut asked).await?,
        ReportName::Uplift => uplift::answer(&mut asked).await?,
        ReportName::FreeRiders => free_riders::answer(&mut asked).await?,
        ReportName::Offers => offers::answer(&mut asked).await?,
    }
    Ok(asked.finish())
}
