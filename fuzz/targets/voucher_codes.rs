//! Fuzzes the reading of voucher codes.
#![no_main]

#[path = "../entries/judge.rs"]
#[allow(dead_code, reason = "each target uses its part")]
mod judge;
#[path = "../entries/voucher_codes.rs"]
mod voucher_codes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    voucher_codes::voucher_codes(bytes);
});
