//! Fuzzes the reading of bodies of `POST /v1/purchases`.
#![no_main]

#[path = "../entries/judge.rs"]
#[allow(dead_code, reason = "each target uses its part")]
mod judge;
#[path = "../entries/purchases.rs"]
mod purchases;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    purchases::purchases(bytes);
});
