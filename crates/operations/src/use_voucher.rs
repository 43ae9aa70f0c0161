//! Registering, reserving, redeeming, releasing and voiding a voucher: each is one command, repeated without harm.

use domain::refusal::Refusal;
use domain::voucher::{VoucherCode, VoucherId};

use crate::command::{Answer, Command, MemberReference, Request};
use crate::engine::Engine;
use crate::error::OperationError;
use crate::voucher::{VoucherAnswer, VoucherCaller, VoucherCommand, VoucherView, voucher_id};

/// How an operation on a voucher is asked for.
#[derive(Debug, Clone)]
pub struct VoucherRequest<'a> {
    /// Who asks, as the rows name it.
    pub actor: &'a str,
    /// Who tries the code.
    pub caller: &'a VoucherCaller,
    /// The key under which the answer is frozen, if the caller chose one.
    pub idempotency_key: Option<String>,
    /// Decide and answer, but change nothing.
    pub dry_run: bool,
}

impl Engine {
    /// Binds a voucher to a member, who alone can use it from then on.
    pub async fn register_voucher(
        &self,
        code: &VoucherCode,
        member: MemberReference,
        request: VoucherRequest<'_>,
    ) -> Result<VoucherView, OperationError> {
        let (voucher, code) = (voucher_id(code), code.as_str().to_owned());
        self.on_voucher(VoucherCommand::Register { voucher, code, member }, request).await
    }

    /// Holds a use of a voucher for an order until it is redeemed, released or its time is over.
    pub async fn reserve_voucher(
        &self,
        wanted: crate::voucher::VoucherUseRequest,
        request: VoucherRequest<'_>,
    ) -> Result<VoucherView, OperationError> {
        self.on_voucher(VoucherCommand::Reserve(wanted), request).await
    }

    /// Spends a use of a voucher for a document: the one it holds, else a free one.
    pub async fn redeem_voucher(
        &self,
        wanted: crate::voucher::VoucherUseRequest,
        request: VoucherRequest<'_>,
    ) -> Result<VoucherView, OperationError> {
        self.on_voucher(VoucherCommand::Redeem(wanted), request).await
    }

    /// Gives back the use a document has, held or spent: once.
    pub async fn release_voucher(
        &self,
        voucher: VoucherId,
        document: domain::document::DocumentKey,
        request: VoucherRequest<'_>,
    ) -> Result<VoucherView, OperationError> {
        self.on_voucher(VoucherCommand::Release { voucher, document }, request).await
    }

    /// Declares a voucher void for ever.
    pub async fn void_voucher(
        &self,
        voucher: VoucherId,
        reason: Option<&str>,
        request: VoucherRequest<'_>,
    ) -> Result<VoucherView, OperationError> {
        if request.dry_run {
            domain::operation::check_reason(reason)?;
        } else {
            self.keep_void_reason(voucher.to_string(), reason, request.actor).await?;
        }
        self.on_voucher(VoucherCommand::Void { voucher }, request).await
    }

    async fn on_voucher(
        &self,
        command: VoucherCommand,
        request: VoucherRequest<'_>,
    ) -> Result<VoucherView, OperationError> {
        let command = Request::new(Command::Voucher(Box::new(command)), request.actor)
            .with_key(request.idempotency_key)
            .dry_run(request.dry_run);
        let answer = self.with_try(request.caller, self.carry_out(command)).await?;
        match answer {
            Answer::Voucher(VoucherAnswer::Voucher(view)) => Ok(*view),
            _ => Err(OperationError::Internal("this command has no voucher".to_owned())),
        }
    }
}

/// A code as a caller wrote it.
pub fn read_code(field: &str, text: &str) -> Result<VoucherCode, Refusal> {
    VoucherCode::parse(text).map_err(|error| Refusal::field(field, "…", error.to_string()))
}
