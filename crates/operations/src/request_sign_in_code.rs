//! Asking for a one-time code. Whoever asks gets the same answer after the same work, whether or not a member has the
//! identifier; the code itself goes to the member and nowhere else.

use domain::ids::AccountId;
use domain::member::{Identifier, IdentifierKind};
use jiff::{SignedDuration, Timestamp};

use crate::engine::Engine;
use crate::error::OperationError;
use crate::secret::{digest, random_secret};
use crate::sign_in::later;

/// How long a code works.
pub const CODE_MINUTES: i64 = 10;
/// Digits of a code.
pub const CODE_DIGITS: usize = 6;

/// A code on its way to its member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInCode {
    /// Whom it lets in.
    pub member_id: AccountId,
    /// The identifier they named.
    pub identifier: Identifier,
    /// The digits.
    pub code: String,
    /// First instant at which it no longer works.
    pub expires_at: Timestamp,
}

/// What a member may have typed to be found by: a card number, a telephone number, an e-mail address. Some texts are
/// both a card and a telephone number.
pub fn read_sign_in_identifier(text: &str, default_region: Option<&str>) -> Vec<Identifier> {
    [IdentifierKind::Card, IdentifierKind::Phone, IdentifierKind::Email]
        .into_iter()
        .filter_map(|kind| Identifier::new(kind, text, default_region).ok())
        .collect()
}

impl Engine {
    /// Makes a code, in place of the member's earlier one, and has it delivered. The answer is the challenge that
    /// [`Engine::sign_in_member`] wants with the code: it stays in the browser that asked, so that nobody can try
    /// codes they have not asked for, nor find one in a copy of the database.
    pub async fn request_sign_in_code(
        &self,
        identifiers: &[Identifier],
        deliver: &(dyn Fn(&SignInCode) + Send + Sync),
    ) -> Result<String, OperationError> {
        let mut reader = self.database().reader().await?;
        let mut found = None;
        for identifier in identifiers {
            // Each is looked up even where one before was found: the work says nothing.
            let account = reader.account_of(identifier).await?;
            found = found.or(account.map(|account| (account, identifier.clone())));
        }
        drop(reader);
        let (challenge, code) = (random_secret()?, draw_code()?);
        let now = self.clock().now();
        let expires_at = later(now, SignedDuration::from_mins(CODE_MINUTES));
        let record = store::MemberCode {
            challenge_hash: digest(&challenge),
            account_id: found.as_ref().map(|(account, _)| *account),
            code_hash: code_digest(&challenge, &code),
            tries: 0,
            created_at: now,
            expires_at,
        };
        self.database().replace_member_code(&record).await?;
        if let Some((member_id, identifier)) = found {
            deliver(&SignInCode { member_id, identifier, code, expires_at });
        }
        Ok(challenge)
    }
}

/// What is stored of a code. With the challenge in it, a million guesses at the digits lead nowhere.
pub(crate) fn code_digest(challenge: &str, code: &str) -> [u8; 32] {
    digest(&format!("{challenge}:{code}"))
}

/// Digits from the operating system's generator; draws that would make some digits likelier are thrown away.
fn draw_code() -> Result<String, OperationError> {
    const CODES: u32 = 1_000_000;
    const FAIR: u32 = u32::MAX - u32::MAX % CODES;
    loop {
        let drawn = getrandom::u32().map_err(|cause| OperationError::Internal(cause.to_string()))?;
        if drawn < FAIR {
            return Ok(format!("{:0width$}", drawn % CODES, width = CODE_DIGITS));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use domain::member::{IdentifierKind, card_check_digit};

    use super::{CODE_DIGITS, code_digest, draw_code, read_sign_in_identifier};

    #[test]
    fn codes_are_six_digits_and_seldom_the_same() {
        let codes: Vec<String> = (0..1_000).map(|_| draw_code().unwrap()).collect();
        assert!(codes.iter().all(|c| c.len() == CODE_DIGITS && c.bytes().all(|b| b.is_ascii_digit())));
        assert!(codes.iter().any(|code| code.starts_with('0')), "zeros in front are kept");
        // A thousand draws out of a million meet about half a time.
        assert!(codes.iter().collect::<HashSet<_>>().len() > 980);
    }

    #[test]
    fn the_same_digits_are_stored_differently_for_every_challenge() {
        assert_ne!(code_digest("a", "123456"), code_digest("b", "123456"));
    }

    #[test]
    fn members_may_type_card_phone_or_e_mail_as_they_write_them() {
        let kinds = |text: &str| {
            let read = read_sign_in_identifier(text, Some("CN"));
            read.into_iter().map(|identifier| (identifier.kind, identifier.value)).collect::<Vec<_>>()
        };
        let card = format!("62001234567{}", card_check_digit("62001234567"));
        let spaced = format!("{} {}", &card[..4], &card[4..]);
        assert_eq!(kinds(&spaced), [(IdentifierKind::Card, card)]);
        assert_eq!(
            kinds(" 138 0013 8000 ").last().unwrap(),
            &(IdentifierKind::Phone, "+8613800138000".to_owned())
        );
        assert_eq!(kinds("Lei@Example.org"), [(IdentifierKind::Email, "lei@example.org".to_owned())]);
        assert_eq!(kinds("M000001"), []);
        assert_eq!(kinds(""), []);
    }
}
