//! Households, newest first: those of a name, or those of a member.

use domain::ids::AccountId;
use domain::refusal::Refusal;
use store::Reader;

use crate::command::MemberReference;
use crate::cursor;
use crate::engine::Engine;
use crate::error::OperationError;
use crate::view_household::{HouseholdView, gather, members, name_all};
use crate::view_member::resolve;

/// Households on one page at the most.
pub const HOUSEHOLD_PAGE_SIZE_MAX: u16 = 100;
/// Households looked through at a time for a name.
const LOOKED_THROUGH: u16 = 100;

/// Which households a list is about; all of them unless something is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HouseholdFilter {
    /// A part of the household's name or of a member's name, in letters or pinyin.
    pub text: Option<String>,
    /// The one this member belongs to.
    pub member: Option<MemberReference>,
}

/// A page of households.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseholdPage {
    /// The households.
    pub households: Vec<HouseholdView>,
    /// Whether there are more.
    pub has_more: bool,
    /// What to ask for the next page with.
    pub next: Option<String>,
}

impl Engine {
    /// A page of the households, after the `next` of an earlier page.
    pub async fn list_households(
        &self,
        filter: &HouseholdFilter,
        after: Option<&str>,
        limit: u16,
    ) -> Result<HouseholdPage, OperationError> {
        cursor::check_limit(limit, HOUSEHOLD_PAGE_SIZE_MAX)?;
        let wrong =
            |text| Refusal::field("after", text, "use the cursor of the page before, as it was given");
        let after = after.map(|text| text.parse::<AccountId>().map_err(|_| wrong(text))).transpose()?;
        let mut reader = self.database().snapshot().await?;
        let mut ids = choose(&mut reader, filter, after, limit.saturating_add(1)).await?;
        let has_more = ids.len() > usize::from(limit);
        ids.truncate(usize::from(limit));
        let found = gather(&mut reader, &ids, (&self.programmes(), self.clock().now())).await?;
        let names = name_all(&mut reader, &found).await?;
        reader.finish().await?;
        let next = ids.last().filter(|_| has_more).map(ToString::to_string);
        let households = found.iter().map(|gathered| gathered.view(&names)).collect();
        Ok(HouseholdPage { households, has_more, next })
    }
}

/// The households that fit, newest first.
async fn choose(
    reader: &mut Reader,
    filter: &HouseholdFilter,
    after: Option<AccountId>,
    wanted: u16,
) -> Result<Vec<AccountId>, OperationError> {
    let of_member = match &filter.member {
        Some(member) => Some(household_of(reader, member).await?),
        None => None,
    };
    let text = filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
    match (of_member, text) {
        (Some(one), text) => {
            let one: Vec<AccountId> =
                one.into_iter().filter(|id| after.is_none_or(|after| *id < after)).collect();
            named(reader, one, text.unwrap_or_default()).await
        }
        (None, None) => Ok(reader.households(after, u32::from(wanted)).await?),
        (None, Some(text)) => look_through(reader, text, after, wanted).await,
    }
}

/// The household a member belongs to, or the household itself.
async fn household_of(
    reader: &mut Reader,
    member: &MemberReference,
) -> Result<Option<AccountId>, OperationError> {
    let id = resolve(reader, member).await?;
    let state = reader.account(id).await?;
    Ok(state.and_then(|state| if state.is_household() { Some(id) } else { state.household }))
}

/// Looks through the households for a name, a few hundred names at a time: members at large are never looked through.
async fn look_through(
    reader: &mut Reader,
    text: &str,
    mut after: Option<AccountId>,
    wanted: u16,
) -> Result<Vec<AccountId>, OperationError> {
    let mut found = Vec::new();
    while found.len() < usize::from(wanted) {
        let page = reader.households(after, u32::from(LOOKED_THROUGH)).await?;
        let Some(last) = page.last().copied() else { break };
        found.extend(named(reader, page, text).await?);
        after = Some(last);
    }
    found.truncate(usize::from(wanted));
    Ok(found)
}

/// Those of some households whose own name, or that of a member, has a text in it.
async fn named(
    reader: &mut Reader,
    page: Vec<AccountId>,
    text: &str,
) -> Result<Vec<AccountId>, OperationError> {
    let text = text.to_lowercase();
    let states = reader.accounts(&page).await?;
    let belonging = states.values().flat_map(members).map(|member| member.account_id);
    let people: Vec<AccountId> = page.iter().copied().chain(belonging).collect();
    let names = reader.person_names(&people).await?;
    let has = |id: &AccountId| names.get(id).is_some_and(|person| person.search.contains(&text));
    let fits = |id: &AccountId| {
        has(id) || states.get(id).is_some_and(|state| members(state).any(|member| has(&member.account_id)))
    };
    Ok(page.into_iter().filter(fits).collect())
}
