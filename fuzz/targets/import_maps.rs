//! Fuzzes the reading of import maps.
#![no_main]

#[path = "../entries/import_maps.rs"]
mod import_maps;
#[path = "../entries/judge.rs"]
#[allow(dead_code, reason = "each target uses its part")]
mod judge;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    import_maps::import_maps(bytes);
    import_maps::survey_maps(bytes);
    import_maps::contact_maps(bytes);
});
