//! Random secrets that browsers and links carry, and the digests of them that are stored.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::error::OperationError;

/// 32 random bytes as hexadecimal text: too many to guess.
pub(crate) fn random_secret() -> Result<String, OperationError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|cause| OperationError::Internal(cause.to_string()))?;
    Ok(hexadecimal(&bytes))
}

/// A password for somebody who is about to read it: 20 letters and digits that cannot be mistaken for others.
pub fn draw_password() -> Result<String, OperationError> {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789-";
    let mut bytes = [0_u8; 20];
    getrandom::fill(&mut bytes).map_err(|cause| OperationError::Internal(cause.to_string()))?;
    Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
}

/// What is stored of a secret.
pub(crate) fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Bytes as text.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::{digest, hexadecimal, random_secret};

    #[test]
    fn secrets_are_long_and_never_the_same() {
        let secrets = [random_secret().unwrap(), random_secret().unwrap()];
        assert_eq!(secrets[0].len(), 64);
        assert_ne!(secrets[0], secrets[1]);
    }

    #[test]
    fn the_digest_is_sha_256() {
        // FIPS 180-4, example “abc”.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hexadecimal(&digest("abc")), expected);
    }
}
