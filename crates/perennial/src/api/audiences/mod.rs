//! `/v1/audiences`: the members of a segment as a set that is replaced whole. One file for each endpoint.

pub(super) mod list_audiences;
pub(super) mod replace_audience;
pub(super) mod view_audience;

use domain::code::Code;
use jiff::Timestamp;
use operations::AudienceView;
use serde::Serialize;
use utoipa::ToSchema;

/// Largest body that replaces an audience: about two million members.
pub(super) const AUDIENCE_BYTES_MAX: usize = 64 << 20;

/// An audience in one version.
#[derive(Serialize, ToSchema)]
pub(super) struct AudienceAnswer {
    /// The segment whose members it holds.
    #[schema(value_type = String)]
    segment: Code,
    /// Its number, from 1; it only grows.
    version: u64,
    /// The report, the model and its version, or the file it came from.
    source: String,
    /// Who replaced the version before.
    replaced_by: String,
    /// When.
    replaced_at: Timestamp,
    /// Accounts in it.
    size: u64,
    /// Accounts in it that were not in the version before.
    entered: u64,
    /// Accounts of the version before that are not in it.
    left: u64,
    /// Accounts whose entry or exit may still have to be told in the feed; 0 for earlier versions.
    untold: u64,
}

impl From<AudienceView> for AudienceAnswer {
    fn from(view: AudienceView) -> Self {
        let AudienceView { segment, version, source, replaced_by, replaced_at, size, entered, left, untold } =
            view;
        Self { segment, version, source, replaced_by, replaced_at, size, entered, left, untold }
    }
}
