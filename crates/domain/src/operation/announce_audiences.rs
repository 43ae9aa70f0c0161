//! Entry and exit events: what the feed has told of a member's audiences catches up with the sets that rules read.
//! Told twice it says nothing, so that whoever tells may stop anywhere and begin again.

use crate::code::Code;
use crate::ledger::{AccountState, Fact};
use crate::operation::{Context, Entries, Failure, note_fact};

/// Where a member stands with one audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AudiencePlace {
    /// The segment whose members the audience holds.
    pub segment: Code,
    /// The version of the set that says so.
    pub version: u64,
    /// Whether the member is in it.
    pub inside: bool,
}

/// One entry for each audience that the member entered or left since the feed last told of it.
pub fn announce_audiences(
    state: &mut AccountState,
    places: &[AudiencePlace],
    context: &Context<'_>,
) -> Result<Entries, Failure> {
    let mut entries = Entries::new();
    for AudiencePlace { segment, version, inside } in places.iter().copied() {
        let fact = if inside {
            Fact::AudienceEntered { segment, version }
        } else {
            Fact::AudienceLeft { segment, version }
        };
        entries.extend(repeat_audience(state, &fact, context)?);
    }
    Ok(entries)
}

/// Notes one entry or exit; nothing where the feed has told of it.
pub(crate) fn repeat_audience(
    state: &mut AccountState,
    fact: &Fact,
    context: &Context<'_>,
) -> Result<Entries, Failure> {
    match fact {
        Fact::AudienceEntered { segment, .. } => match state.audiences.binary_search(segment) {
            Ok(_) => return Ok(Entries::new()),
            Err(place) => state.audiences.insert(place, *segment),
        },
        Fact::AudienceLeft { segment, .. } => match state.audiences.binary_search(segment) {
            Ok(place) => {
                state.audiences.remove(place);
            }
            Err(_) => return Ok(Entries::new()),
        },
        _ => return Ok(Entries::new()),
    }
    note_fact(state, fact.clone(), context.now, context)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{AudiencePlace, announce_audiences};
    use crate::code::Code;
    use crate::history::rederive;
    use crate::ids::AccountId;
    use crate::operation::{BudgetLedger, Context, Person, enrol_member};
    use crate::programme::Programmes;

    fn place(segment: &str, version: u64, inside: bool) -> AudiencePlace {
        AudiencePlace { segment: Code::new(segment).unwrap(), version, inside }
    }

    #[test]
    fn each_entry_and_exit_is_told_once_and_the_history_repeats() {
        let programmes = Programmes::default();
        let context =
            |now: &str| Context { programmes: &programmes, now: now.parse().unwrap(), actor: "system" };
        let joined = context("2026-01-01T00:00:00Z");
        let (mut state, mut history) = enrol_member(
            AccountId::new(1).unwrap(),
            joined.now,
            &Person::default(),
            &joined,
            &mut BudgetLedger::default(),
        )
        .unwrap();
        let steps: [(&str, &[AudiencePlace], &[&str]); 5] = [
            ("2026-01-02T00:00:00Z", &[place("b", 1, true), place("a", 3, true)], &["audience_entered"; 2]),
            ("2026-01-03T00:00:00Z", &[place("b", 1, true), place("a", 3, true)], &[]),
            ("2026-01-04T00:00:00Z", &[place("b", 2, false), place("a", 3, true)], &["audience_left"]),
            ("2026-01-05T00:00:00Z", &[place("b", 2, false), place("c", 1, false)], &[]),
            (
                "2026-01-06T00:00:00Z",
                &[place("b", 3, true), place("a", 4, false)],
                &["audience_entered", "audience_left"],
            ),
        ];
        for (at, places, told) in steps {
            let entries = announce_audiences(&mut state, places, &context(at)).unwrap();
            let events: Vec<&str> = entries.iter().map(|entry| entry.fact.event()).collect();
            assert_eq!(events, told, "{at}");
            history.extend(entries);
        }
        assert_eq!(state.audiences, [Code::new("b").unwrap()]);
        assert_eq!(rederive(&history, &programmes), Ok(Some(state)));
    }
}
