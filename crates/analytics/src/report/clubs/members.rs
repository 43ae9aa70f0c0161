//! Who is in which club, by name, with what of their purchases put them there.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};

use super::{Base, found_clubs};
use crate::lake::{Lake, LakeError, SessionOptions};
use crate::report::asked::Asked;
use crate::report::error::ReportError;
use crate::report::name::ReportName;
use crate::report::number::real;
use crate::report::request::{Period, ReportRequest};

const NAMES: &str = include_str!("../../../reports/clubs_names.sql");

/// A member of a club, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct ClubMember {
    /// Their name in the lake: of a ledger's member its public name, of a file's that of the file.
    pub member: String,
    /// The club's name.
    pub club: String,
    /// The share of its categories in what they spend, against the share in what all spend: 100 is the same.
    pub index: f64,
    /// How many of their purchases have one of its categories.
    pub purchases: i64,
}

/// Everybody who is in a club in a period, once for each of their clubs.
#[derive(Debug, Clone, PartialEq)]
pub struct ClubMembers {
    /// The period.
    pub period: Period,
    /// The members, club by club.
    pub members: Vec<ClubMember>,
}

impl ClubMembers {
    /// The members as rows of `member`, `segment`, `index` and `purchases`.
    pub fn to_batch(&self) -> Result<RecordBatch, LakeError> {
        let texts = |text: fn(&ClubMember) -> &str| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(self.members.iter().map(text)))
        };
        let index: ArrayRef =
            Arc::new(Float64Array::from_iter_values(self.members.iter().map(|member| member.index)));
        let purchases: ArrayRef =
            Arc::new(Int64Array::from_iter_values(self.members.iter().map(|member| member.purchases)));
        Ok(RecordBatch::try_from_iter([
            ("member", texts(|member| &member.member)),
            ("segment", texts(|member| &member.club)),
            ("index", index),
            ("purchases", purchases),
        ])?)
    }
}

/// Who is in which club: the same clubs, members and period as the question `clubs` has.
pub async fn club_members(
    lake: &Lake,
    request: &ReportRequest,
    options: &SessionOptions,
) -> Result<ClubMembers, ReportError> {
    let mut asked = Asked::new(lake, ReportName::Clubs, request, options).await?;
    let (base, clubs) = found_clubs(&mut asked).await?;
    let rows = asked.rows("clubs_names", NAMES, &[]).await?;
    let [numbers, purchases] = [rows.integers("club")?, rows.integers("purchases")?];
    let [amounts, totals] = [rows.integers("amount")?, rows.integers("amount_total")?];
    let shares: Vec<f64> = clubs.iter().map(|club| share(&base, &club.categories)).collect();
    let mut members = Vec::with_capacity(rows.len());
    for (row, member) in rows.texts("member")?.into_iter().enumerate() {
        let number = usize::try_from(numbers[row]).unwrap_or(usize::MAX);
        let Some(club) = clubs.get(number) else { continue };
        members.push(ClubMember {
            member,
            club: club.name.clone(),
            index: 100.0 * real(amounts[row]) / real(totals[row]) / shares[number],
            purchases: purchases[row],
        });
    }
    Ok(ClubMembers { period: asked.period(), members })
}

/// What part of all spend goes to some categories.
fn share(base: &Base, categories: &[usize]) -> f64 {
    let amount: i64 = categories.iter().map(|category| base.amounts[*category]).sum();
    real(amount) / real(base.amount)
}
