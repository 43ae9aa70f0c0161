//! How a request names its member: by id, or by any identifier.

use domain::ids::AccountId;
use domain::member::{Identifier, IdentifierKind};
use operations::{Engine, MemberReference};
use serde::Deserialize;
use utoipa::ToSchema;

use super::problem::Problem;
use super::schema::IdentifierBody;

/// A member, named in exactly one way.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(example = json!({ "phone": "+8613800138000" }))]
pub(super) enum MemberBody {
    /// By id.
    #[schema(value_type = String, example = "mem_0cvq6w2m8z4k1")]
    Id(AccountId),
    /// By card number.
    Card(String),
    /// By telephone number.
    Phone(String),
    /// By e-mail address.
    Email(String),
    /// By the number another system has for the member.
    External(String),
}

impl MemberBody {
    /// In normal form; a national phone number is completed with `region`.
    pub(super) fn reference(self, region: Option<&str>) -> Result<MemberReference, Problem> {
        let (kind, name, text) = match self {
            Self::Id(id) => return Ok(MemberReference::Id(id)),
            Self::Card(text) => (IdentifierKind::Card, "member.card", text),
            Self::Phone(text) => (IdentifierKind::Phone, "member.phone", text),
            Self::Email(text) => (IdentifierKind::Email, "member.email", text),
            Self::External(text) => (IdentifierKind::External, "member.external", text),
        };
        identifier(kind, &text, region, name).map(MemberReference::Identifier)
    }
}

/// An identifier in normal form.
pub(super) fn identifier(
    kind: IdentifierKind,
    text: &str,
    region: Option<&str>,
    field: &str,
) -> Result<Identifier, Problem> {
    Identifier::new(kind, text, region).map_err(|error| Problem::invalid(field, error.to_string()))
}

/// The identifiers of a new member.
pub(super) fn identifiers(
    bodies: &[IdentifierBody],
    region: Option<&str>,
) -> Result<Vec<Identifier>, Problem> {
    let place = |position: usize| format!("identifiers[{position}].value");
    let read = |(position, body): (usize, &IdentifierBody)| {
        identifier(body.kind.into(), &body.value, region, &place(position))
    };
    bodies.iter().enumerate().map(read).collect()
}

/// The country of telephone numbers without a country code, as the newest programme states it.
pub(super) fn region(engine: &Engine) -> Option<String> {
    engine.programmes().latest().and_then(|programme| programme.programme().default_region.clone())
}
