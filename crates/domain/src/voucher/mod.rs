//! Vouchers: the codes people type and scan, what becomes of one in its life, what it takes off a basket or why it
//! does not, and how many wrong codes one caller may try. Pure functions; the terms stand in the programme.

mod apply;
mod code;
mod id;
mod life;
mod outcome;
mod step;
#[cfg(test)]
mod tests;
mod tries;

pub use apply::{Basket, Presented, VOUCHERS_MAX, apply_vouchers, as_reported, net_lines};
pub use code::{CodeError, CodeForm, SHARED_BITS, VoucherCode};
pub use id::VoucherId;
pub use life::{
    RESERVATION_MINUTES_MAX, UseChange, UseState, Voucher, VoucherCall, VoucherStatus, VoucherUse,
};
pub use outcome::{PurchaseVoucher, VoucherOutcome};
pub use step::{StepKind, VoucherStep};
pub use tries::{
    ALL_TRIES_PER_HOUR, CALLERS_MAX, CallerKind, MEMBER_TRIES_PER_HOUR, TILL_TRIES_PER_HOUR, Tries,
    TryRefused,
};
