//! Condensed content of requests and documents: the same key with other content is a conflict.

use serde::Serialize;
use sha2::{Digest, Sha256};
use store::Fingerprint;

use crate::error::OperationError;

/// The first 16 bytes of the SHA-256 of the value's JSON. Field order is that of the type, so equal values have
/// equal fingerprints.
pub(crate) fn fingerprint(value: &impl Serialize) -> Result<Fingerprint, OperationError> {
    let json = serde_json::to_vec(value).map_err(|cause| OperationError::Internal(cause.to_string()))?;
    let digest = Sha256::digest(&json);
    let mut condensed = Fingerprint::default();
    condensed.copy_from_slice(&digest[..16]);
    Ok(condensed)
}
