//! `new-programme`: writes a commented example to start from.

use std::path::PathBuf;

use clap::Args;
use domain::programme::examples;

use super::error::{CliError, Ended};
use super::output::Output;

/// Write a commented programme to start from.
#[derive(Debug, Args)]
pub(crate) struct NewProgramme {
    /// Which example: starter, jd, tmall, clubcard or hotel.
    #[arg(long, default_value = "starter", value_name = "NAME")]
    example: String,
    /// Where to write it; standard output if not said. An existing file is not overwritten.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl NewProgramme {
    pub(crate) fn run(self, output: Output) -> Result<Ended, CliError> {
        let Some(example) = examples().iter().find(|example| example.name == self.example) else {
            let names: Vec<&str> = examples().iter().map(|example| example.name).collect();
            let sentence = format!("there is no example “{}”: choose {}", self.example, names.join(", "));
            return Err(CliError::Usage(sentence));
        };
        let Some(path) = self.output else {
            Output::text(example.toml.trim_end());
            return Ok(Ended::Well);
        };
        let mut file = std::fs::File::create_new(&path).map_err(|cause| CliError::file(&path, &cause))?;
        std::io::Write::write_all(&mut file, example.toml.as_bytes())
            .map_err(|cause| CliError::file(&path, &cause))?;
        let written = serde_json::json!({ "written": path });
        output.print(&written, |_| format!("written: {}", path.display()))?;
        Ok(Ended::Well)
    }
}
