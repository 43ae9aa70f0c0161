//! The catalogue of now: every reward with its price and what is left of it; for a member, with what they pay and why
//! they cannot have one.

use std::collections::BTreeMap;

use domain::code::Code;
use domain::operation::{self, BudgetLedger, Context, Offer, Person};

use crate::command::MemberReference;
use crate::engine::Engine;
use crate::error::OperationError;
use crate::view_member::{pooled, unknown};

/// The catalogue under a programme version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    /// The version in force; 0 before any.
    pub programme_version: u32,
    /// Its rewards.
    pub offers: Vec<Offer>,
}

impl Engine {
    /// The catalogue, as a member finds it if one is named.
    pub async fn list_rewards(&self, member: Option<&MemberReference>) -> Result<Catalogue, OperationError> {
        let (programmes, now) = (self.programmes(), self.clock().now());
        let mut reader = self.database().snapshot().await?;
        let taken: BTreeMap<Code, i64> =
            reader.all_stocks().await?.into_iter().map(|row| (row.reward, row.taken)).collect();
        let known = match member {
            None => None,
            Some(member) => {
                let id = crate::view_member::resolve(&mut reader, member).await?;
                let state = reader.account(id).await?.ok_or_else(|| unknown(member))?;
                let ids: Vec<_> =
                    std::iter::once(id).chain(state.absorbed.iter().map(|one| one.account_id)).collect();
                let mut segments = self.shared().audiences.segments_of(&mut reader, &ids).await?;
                let (state, _) = pooled(&mut reader, &state, (&programmes, now)).await?;
                let person = reader.member(id).await?.ok_or_else(|| unknown(member))?.profile;
                segments.extend(person.segments);
                Some((state, Person::Known { born_on: person.born_on, segments }))
            }
        };
        reader.finish().await?;
        let known = match known {
            None => None,
            Some((mut state, person)) => {
                operation::advance(&mut state, &programmes, now, &mut Vec::new())?;
                Some((state, person))
            }
        };
        let context = Context { programmes: &programmes, now, actor: "" };
        let limits: BTreeMap<Code, i64> = programmes.iter().flat_map(|version| version.stocks()).collect();
        let left = |(reward, limit): (Code, i64)| {
            (reward, limit.saturating_sub(taken.get(&reward).copied().unwrap_or(0)))
        };
        let stock = BudgetLedger::default().with_stock(limits.into_iter().map(left).collect());
        let offers =
            operation::offers(known.as_ref().map(|(state, person)| (state, person)), &context, &stock);
        Ok(Catalogue { programme_version: programmes.version_at(now), offers })
    }
}
