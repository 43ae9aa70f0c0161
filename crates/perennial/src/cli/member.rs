//! How the command line names members: by id, or by an identifier with its kind before a colon.

use domain::member::{Identifier, IdentifierKind};
use operations::{Engine, MemberReference};
use serde::Deserialize;

use super::error::CliError;

/// A member in a JSON document, named in exactly one way, as in the API.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MemberInput {
    /// By id.
    Id(domain::ids::AccountId),
    /// By card number.
    Card(String),
    /// By telephone number.
    Phone(String),
    /// By e-mail address.
    Email(String),
    /// By the number another system has for the member.
    External(String),
}

impl MemberInput {
    /// In normal form.
    pub(crate) fn reference(self, engine: &Engine) -> Result<MemberReference, CliError> {
        let (kind, text) = match self {
            Self::Id(id) => return Ok(MemberReference::Id(id)),
            Self::Card(text) => (IdentifierKind::Card, text),
            Self::Phone(text) => (IdentifierKind::Phone, text),
            Self::Email(text) => (IdentifierKind::Email, text),
            Self::External(text) => (IdentifierKind::External, text),
        };
        new_identifier(kind, &text, engine).map(MemberReference::Identifier)
    }
}

/// Reads `mem_…`, `card:…`, `phone:…`, `email:…` or `external:…`.
pub(crate) fn member(text: &str, engine: &Engine) -> Result<MemberReference, CliError> {
    if text.starts_with("mem_") {
        let id = text.parse().map_err(|error: domain::ids::IdError| CliError::Usage(error.to_string()))?;
        return Ok(MemberReference::Id(id));
    }
    identifier(text, engine).map(MemberReference::Identifier)
}

/// Reads `card:…`, `phone:…`, `email:…` or `external:…`.
pub(crate) fn identifier(text: &str, engine: &Engine) -> Result<Identifier, CliError> {
    let unclear = || {
        let sentence = format!("“{text}” names nobody: write card:…, phone:…, email:…, external:… or mem_…");
        CliError::Usage(sentence)
    };
    let (kind, value) = text.split_once(':').ok_or_else(unclear)?;
    let kind = match kind {
        "card" => IdentifierKind::Card,
        "phone" => IdentifierKind::Phone,
        "email" => IdentifierKind::Email,
        "external" => IdentifierKind::External,
        _ => return Err(unclear()),
    };
    new_identifier(kind, value, engine)
}

/// National phone numbers are completed with the programme's country.
fn new_identifier(kind: IdentifierKind, text: &str, engine: &Engine) -> Result<Identifier, CliError> {
    let programmes = engine.programmes();
    let region = programmes.latest().and_then(|programme| programme.programme().default_region.as_deref());
    Identifier::new(kind, text, region).map_err(|error| CliError::Usage(error.to_string()))
}
