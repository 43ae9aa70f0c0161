//! What a process has used: processor time and memory, as the kernel counts them. Included by the measuring programs
//! with `#[path]`; none of them ships.
#![allow(dead_code, reason = "each program uses its own part")]

/// Processor time of a process so far, in seconds: `self` or a process id. Ticks are a hundredth of a second.
pub(crate) fn seconds(process: &str) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields = text.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
    let ticks: u32 = fields.skip(11).take(2).filter_map(|field| field.parse::<u32>().ok()).sum();
    f64::from(ticks) / 100.0
}

/// The most memory a process has had, in MiB.
pub(crate) fn memory_peak_mib(process: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) / 1024
}
