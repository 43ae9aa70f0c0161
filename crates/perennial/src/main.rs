//! The program: reads the command line, runs one subcommand, ends with its exit code.

mod cli;
mod progress;

use std::process::ExitCode;

/// A purchase makes many small allocations, and receipts are freed on another thread than made them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
