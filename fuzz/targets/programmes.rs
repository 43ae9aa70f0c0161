//! Fuzzes the reading of programme documents.
#![no_main]

#[path = "../entries/judge.rs"]
#[allow(dead_code, reason = "each target uses its part")]
mod judge;
#[path = "../entries/programmes.rs"]
mod programmes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    programmes::programmes(bytes);
});
