//! The names of members that a list is about: a read for each, of one small row.

use std::collections::HashMap;

use domain::ids::AccountId;

use crate::engine::Engine;
use crate::error::OperationError;

impl Engine {
    /// The names of members, of those that have one.
    pub async fn name_members(
        &self,
        members: impl IntoIterator<Item = AccountId>,
    ) -> Result<HashMap<AccountId, String>, OperationError> {
        let members: Vec<AccountId> = members.into_iter().collect();
        let mut reader = self.database().reader().await?;
        let mut names = HashMap::new();
        for id in members {
            if names.contains_key(&id) {
                continue;
            }
            if let Some(name) = reader.member(id).await?.and_then(|person| person.profile.name) {
                names.insert(id, name);
            }
        }
        Ok(names)
    }
}
