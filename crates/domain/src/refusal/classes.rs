//! What doors need to know of a refusal besides its sentence: its code, its kind, the field it is about.

use super::{Refusal, RefusalKind};
use crate::voucher::VoucherOutcome;

impl Refusal {
    /// The stable code, as in the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::FieldInvalid { .. } => "field_invalid",
            Self::AmountTooLarge { .. } => "amount_too_large",
            Self::MemberUnknown { .. } => "member_unknown",
            Self::IdentifierTaken { .. } => "identifier_taken",
            Self::AccountClosed { .. } => "account_closed",
            Self::NoProgrammeInForce { .. } => "no_programme_in_force",
            Self::CurrencyDiffers { .. } => "currency_differs",
            Self::InFuture { .. } => "in_future",
            Self::TooLate { .. } => "too_late",
            Self::DocumentDiffers { .. } => "document_differs",
            Self::ReturnLineUnknown { .. } => "return_line_unknown",
            Self::ReturnExceedsPurchase { .. } => "return_exceeds_purchase",
            Self::NothingToReturn => "nothing_to_return",
            Self::NotAPurchase { .. } => "not_a_purchase",
            Self::UnitUnknown { .. } => "unit_unknown",
            Self::InsufficientPoints { .. } => "insufficient_points",
            Self::UnitNotRedeemable { .. } => "unit_not_redeemable",
            Self::PointsBelowMinimum { .. } => "points_below_minimum",
            Self::PointsAboveMaximum { .. } => "points_above_maximum",
            Self::PointsNotInSteps { .. } => "points_not_in_steps",
            Self::PointsWorthDiffers { .. } => "points_worth_differs",
            Self::PointsShareExceeded { .. } => "points_share_exceeded",
            Self::TermsChanged { .. } => "terms_changed",
            Self::TooManyHolds { .. } => "too_many_holds",
            Self::HoldUnknown { .. } => "hold_unknown",
            Self::HoldExpired { .. } => "hold_expired",
            Self::HoldEnded { .. } => "hold_ended",
            Self::CaptureExceedsHold { .. } => "capture_exceeds_hold",
            Self::RewardUnknown { .. } => "reward_unknown",
            Self::RewardNotOffered { .. } => "reward_not_offered",
            Self::RewardNotForMember { .. } => "reward_not_for_member",
            Self::RewardLimitReached { .. } => "reward_limit_reached",
            Self::RewardOutOfStock { .. } => "reward_out_of_stock",
            Self::NotARedemption { .. } => "not_a_redemption",
            Self::RedemptionEnded { .. } => "redemption_ended",
            Self::TransfersOff { .. } => "transfers_off",
            Self::TransferTooSmall { .. } => "transfer_too_small",
            Self::TransferLimit { .. } => "transfer_limit",
            Self::AccountTooYoung { .. } => "account_too_young",
            Self::TooFewTransferable { .. } => "too_few_transferable",
            Self::OffersWaiting { .. } => "offers_waiting",
            Self::TransferNotOpen { .. } => "transfer_not_open",
            Self::MergeWaits { .. } => "merge_waits",
            Self::MergesExhausted { .. } => "merges_exhausted",
            Self::NotMerged { .. } => "not_merged",
            Self::HouseholdsOff => "households_off",
            Self::NotAHousehold { .. } => "not_a_household",
            Self::IsHousehold { .. } => "is_household",
            Self::InHousehold { .. } => "in_household",
            Self::NotInHousehold { .. } => "not_in_household",
            Self::HouseholdFull { .. } => "household_full",
            Self::HouseholdWaits { .. } => "household_waits",
            Self::SpenderNeeded { .. } => "spender_needed",
            Self::SpenderNotAllowed { .. } => "spender_not_allowed",
            Self::ApprovalNeeded { .. } => "approval_needed",
            Self::ApproverIsRequester { .. } => "approver_is_requester",
            Self::ProgrammeInvalid { .. } => "programme_invalid",
            Self::NoticeTooShort { .. } => "notice_too_short",
            Self::VersionOutOfOrder { .. } => "version_out_of_order",
            Self::IdempotencyKeyReused { .. } => "idempotency_key_reused",
            Self::StoredValueLimit { .. } => "stored_value_limit",
            Self::RealNameNeeded { .. } => "real_name_needed",
            Self::NotASandbox => "not_a_sandbox",
            Self::LiveKeys { .. } => "live_keys",
            Self::AudienceNotNewer { .. } => "audience_not_newer",
            Self::Unknown { .. } => "unknown",
            Self::Voucher { reason } => reason.code(),
            Self::VoucherBatchIssued { .. } => "voucher_batch_issued",
            Self::VoucherIssueExceeded { .. } => "voucher_issue_exceeded",
        }
    }

    /// What kind of “no” it is.
    pub fn kind(&self) -> RefusalKind {
        match self {
            Self::FieldInvalid { .. } | Self::AmountTooLarge { .. } | Self::ProgrammeInvalid { .. } => {
                RefusalKind::Invalid
            }
            Self::MemberUnknown { .. }
            | Self::UnitUnknown { .. }
            | Self::HoldUnknown { .. }
            | Self::RewardUnknown { .. }
            | Self::Voucher { reason: VoucherOutcome::Unknown }
            | Self::Unknown { .. } => RefusalKind::NotFound,
            Self::HoldEnded { .. } | Self::RedemptionEnded { .. } => RefusalKind::Ended,
            Self::HoldExpired { .. } => RefusalKind::TimedOut,
            Self::DocumentDiffers { .. }
            | Self::AudienceNotNewer { .. }
            | Self::VoucherBatchIssued { .. }
            | Self::IdentifierTaken { .. }
            | Self::IdempotencyKeyReused { .. } => RefusalKind::Conflict,
            _ => RefusalKind::Business,
        }
    }

    /// The offending field of the request, where one can be named.
    pub fn offending_field(&self) -> Option<&str> {
        Some(match self {
            Self::FieldInvalid { field, .. }
            | Self::AmountTooLarge { field }
            | Self::PointsBelowMinimum { field, .. }
            | Self::PointsAboveMaximum { field, .. }
            | Self::PointsNotInSteps { field, .. }
            | Self::PointsWorthDiffers { field, .. }
            | Self::CaptureExceedsHold { field, .. } => field,
            Self::MemberUnknown { .. } => "member",
            Self::CurrencyDiffers { .. } => "currency",
            Self::InFuture { .. } | Self::TooLate { .. } | Self::NoProgrammeInForce { .. } => "occurred_at",
            Self::DocumentDiffers { .. } | Self::VoucherBatchIssued { .. } => "reference",
            Self::ReturnLineUnknown { .. } | Self::ReturnExceedsPurchase { .. } | Self::NothingToReturn => {
                "lines"
            }
            Self::NotAPurchase { .. } => "purchase",
            Self::UnitUnknown { .. } | Self::UnitNotRedeemable { .. } | Self::TransfersOff { .. } => "unit",
            Self::PointsShareExceeded { .. } => "payments",
            Self::TermsChanged { .. } => "programme_version",
            Self::HoldUnknown { .. } | Self::HoldExpired { .. } | Self::HoldEnded { .. } => "hold",
            Self::RewardUnknown { .. }
            | Self::RewardNotOffered { .. }
            | Self::RewardNotForMember { .. }
            | Self::RewardLimitReached { .. }
            | Self::RewardOutOfStock { .. } => "reward",
            Self::NotARedemption { .. } | Self::RedemptionEnded { .. } => "redemption",
            Self::InsufficientPoints { .. }
            | Self::ApprovalNeeded { .. }
            | Self::TransferTooSmall { .. }
            | Self::TransferLimit { .. }
            | Self::TooFewTransferable { .. } => "points",
            Self::StoredValueLimit { .. } => "amount",
            Self::RealNameNeeded { .. } => "holder",
            Self::SpenderNeeded { .. } | Self::SpenderNotAllowed { .. } => "spender",
            Self::ApproverIsRequester { .. } => "approved_by",
            Self::NoticeTooShort { .. } | Self::VersionOutOfOrder { .. } => "effective_at",
            Self::AudienceNotNewer { .. } => "version",
            Self::IdempotencyKeyReused { .. } => "Idempotency-Key",
            Self::ProgrammeInvalid { .. } => "document",
            Self::Voucher { .. } => "code",
            Self::VoucherIssueExceeded { .. } => "quantity",
            Self::IdentifierTaken { .. }
            | Self::AccountClosed { .. }
            | Self::TooManyHolds { .. }
            | Self::AccountTooYoung { .. }
            | Self::OffersWaiting { .. }
            | Self::TransferNotOpen { .. }
            | Self::MergeWaits { .. }
            | Self::MergesExhausted { .. }
            | Self::NotMerged { .. }
            | Self::HouseholdsOff
            | Self::NotAHousehold { .. }
            | Self::IsHousehold { .. }
            | Self::InHousehold { .. }
            | Self::NotInHousehold { .. }
            | Self::HouseholdFull { .. }
            | Self::HouseholdWaits { .. }
            | Self::NotASandbox
            | Self::LiveKeys { .. }
            | Self::Unknown { .. } => return None,
        })
    }
}
