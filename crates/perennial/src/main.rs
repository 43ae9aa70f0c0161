//! The program: reads the command line, runs one subcommand, ends with its exit code.

mod cli;
mod progress;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
