//! Slow hashes of passwords: argon2id with OWASP's parameters, on threads for blocking work, a few at a time.

use std::sync::LazyLock;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};

use tokio::sync::Semaphore;

use crate::error::OperationError;

/// OWASP's first choice: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes under way at once: each takes its memory and a core, and the tills need both more.
const AT_ONCE_MAX: usize = 4;

static SLOTS: Semaphore = Semaphore::const_new(AT_ONCE_MAX);

/// What an unknown name is checked against, so that it takes as long as a known one.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash_now("nobody has this password").ok());

fn hasher() -> Result<Argon2<'static>, OperationError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|cause| internal(&cause))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &str) -> Result<String, OperationError> {
    let hash = hasher()?.hash_password(password.as_bytes()).map_err(|cause| internal(&cause))?;
    Ok(hash.to_string())
}

/// Hashes a password with a random salt; the text carries salt and parameters.
pub(crate) async fn hash_password(password: String) -> Result<String, OperationError> {
    blocking(move || hash_now(&password)).await?
}

/// Whether a password belongs to a hash. Without a hash the answer is no, after the same work.
pub(crate) async fn verify_password(
    password: String,
    stored: Option<String>,
) -> Result<bool, OperationError> {
    blocking(move || {
        let known = stored.is_some();
        let Some(text) = stored.or_else(|| NOBODY.clone()) else { return Ok(false) };
        let hash = PasswordHash::new(&text).map_err(|cause| internal(&cause))?;
        Ok(hasher()?.verify_password(password.as_bytes(), &hash).is_ok() && known)
    })
    .await?
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, OperationError> {
    let slot = SLOTS.acquire().await.map_err(|cause| internal(&cause))?;
    // Kept by the thread: the work goes on although nobody may wait for it any more.
    let hashed = move || {
        let result = work();
        drop(slot);
        result
    };
    tokio::task::spawn_blocking(hashed).await.map_err(|cause| internal(&cause))
}

fn internal(cause: &impl ToString) -> OperationError {
    OperationError::Internal(cause.to_string())
}

#[cfg(test)]
mod tests {
    use super::{hash_password, verify_password};

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let hash = hash_password("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, hash_password("correct horse".to_owned()).await.unwrap(), "the salt is random");
        for (password, stored, expected) in [
            ("correct horse", Some(hash.clone()), true),
            ("correct house", Some(hash), false),
            ("nobody has this password", None, false),
        ] {
            let found = verify_password(password.to_owned(), stored).await.unwrap();
            assert_eq!(found, expected, "{password}");
        }
    }
}
