//! Progress of long commands: a bar on standard error, only where somebody watches a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that is not drawn unless standard error is a terminal.
pub(crate) struct Progress(ProgressBar);

/// What the numbers of a bar are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Things that are counted.
    Items,
    /// Bytes of files.
    Bytes,
}

impl Progress {
    /// A bar with a label; silent where the caller asked for JSON.
    pub(crate) fn new(silent: bool, label: &str, unit: Unit) -> Self {
        let bar = if silent { ProgressBar::hidden() } else { ProgressBar::new(0) };
        bar.set_message(label.to_owned());
        bar.set_style(style(unit));
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// Shows how much of how much is done.
    pub(crate) fn set(&self, done: u64, total: u64) {
        self.0.set_length(total.max(done));
        self.0.set_position(done);
    }

    /// Changes the label, for the next part of the work.
    pub(crate) fn label(&self, label: &str) {
        self.0.set_message(label.to_owned());
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}

fn style(unit: Unit) -> ProgressStyle {
    let numbers = match unit {
        Unit::Items => "{human_pos} / {human_len}",
        Unit::Bytes => "{bytes} / {total_bytes}",
    };
    let template = format!("{{msg:<24}} [{{bar:40}}] {numbers}  {{elapsed}}");
    ProgressStyle::with_template(&template)
        .map_or_else(|_| ProgressStyle::default_bar(), |style| style.progress_chars("=> "))
}
