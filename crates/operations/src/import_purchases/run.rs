//! A run of the importer on record: how far it came, what it counted, what it refused. A run that was stopped tells
//! the next one of the same files with the same map where to go on.

use analytics::import::{Import, RejectedRow};
use serde_json::json;
use store::{Fingerprint, ImportReject, ImportRun, ImportState};

use super::PurchaseImport;
use crate::engine::Engine;
use crate::error::OperationError;
use crate::replay::ReplayCounts;

/// Documents between two notes of how far the run is.
const SAVE_DOCUMENTS: u64 = 20_000;

pub(super) struct RunRecord {
    run: ImportRun,
    passed_over: u64,
    saved_at: u64,
    rejects: u64,
    counts: ReplayCounts,
}

impl RunRecord {
    /// Begins a run, after the last one of the same import if that was stopped.
    pub(super) async fn begin(
        engine: &Engine,
        import: &PurchaseImport,
        fingerprint: &str,
    ) -> Result<Self, OperationError> {
        let fingerprint = condensed(fingerprint);
        let started_at = engine.clock().now();
        let run_id = format!("imp_{}", started_at.as_microsecond());
        let before = engine.database().reader().await?.import_run_like(&fingerprint).await?;
        let stopped = before.filter(|run| run.state != ImportState::Finished);
        let passed_over = stopped.as_ref().and_then(|run| run.position.parse().ok()).unwrap_or(0);
        if let Some(mut stopped) = stopped.filter(|run| run.state == ImportState::Running) {
            stopped.state = ImportState::Failed;
            stopped.error = Some(format!("stopped; {run_id} goes on"));
            stopped.finished_at = Some(started_at);
            engine.database().save_import(&stopped, &[]).await?;
        }
        let run = ImportRun {
            run_id,
            files: import.paths.iter().map(|path| path.display().to_string()).collect(),
            map: import.map_text.clone(),
            fingerprint,
            state: ImportState::Running,
            rows_read: 0,
            documents: passed_over,
            rejected: 0,
            position: passed_over.to_string(),
            counts: "{}".to_owned(),
            started_at,
            finished_at: None,
            error: None,
        };
        engine.database().save_import(&run, &[]).await?;
        Ok(Self { run, passed_over, saved_at: passed_over, rejects: 0, counts: ReplayCounts::default() })
    }

    pub(super) fn run_id(&self) -> &str {
        &self.run.run_id
    }

    /// Documents that an earlier run recorded.
    pub(super) fn passed_over(&self) -> u64 {
        self.passed_over
    }

    /// What became of the documents of this run.
    pub(super) fn counts(&self) -> &ReplayCounts {
        &self.counts
    }

    pub(super) fn is_time_to_save(&self, position: u64) -> bool {
        position >= self.saved_at.saturating_add(SAVE_DOCUMENTS)
    }

    /// Notes what was counted.
    pub(super) fn note(&mut self, counts: &ReplayCounts) {
        self.counts = counts.clone();
    }

    /// Notes that everything before `position` is recorded.
    pub(super) async fn save(
        &mut self,
        engine: &Engine,
        documents: &mut Import,
        counts: &ReplayCounts,
        position: u64,
    ) -> Result<(), OperationError> {
        self.note(counts);
        self.saved_at = position;
        self.run.position = position.to_string();
        self.write(engine, documents).await
    }

    /// Ends the run, well or with an error.
    pub(super) async fn end(
        &mut self,
        engine: &Engine,
        documents: &mut Import,
        error: Option<&OperationError>,
    ) -> Result<(), OperationError> {
        self.run.state = if error.is_some() { ImportState::Failed } else { ImportState::Finished };
        self.run.error = error.map(ToString::to_string);
        self.run.finished_at = Some(engine.clock().now());
        self.write(engine, documents).await
    }

    async fn write(&mut self, engine: &Engine, documents: &mut Import) -> Result<(), OperationError> {
        let rejects: Vec<ImportReject> =
            documents.take_rejects().into_iter().map(|row| self.number(row)).collect();
        let (read, counts) = (documents.report(), &self.counts);
        self.run.rows_read = read.rows;
        self.run.documents = self.passed_over + counts.answered();
        self.run.rejected = read.rejected.values().sum::<u64>() + counts.refusals();
        self.run.counts = json!({
            "rows": read.rows,
            "excluded": read.excluded,
            "dropped": read.dropped,
            "rejected": read.rejected,
            "purchases": read.purchases,
            "returns": read.returns,
            "lines": read.lines,
            "recorded": counts.recorded,
            "known_already": counts.duplicates,
            "waiting": counts.parked,
            "refused": counts.refused,
        })
        .to_string();
        engine.database().save_import(&self.run, &rejects).await?;
        Ok(())
    }

    fn number(&mut self, row: RejectedRow) -> ImportReject {
        self.rejects += 1;
        let RejectedRow { file, row, field, value, sentence, .. } = row;
        ImportReject { reject_no: self.rejects, file, row_no: row, field, value, reason: sentence }
    }
}

/// The first 16 bytes of a fingerprint in hexadecimal.
fn condensed(hexadecimal: &str) -> Fingerprint {
    let mut condensed = Fingerprint::default();
    for (position, byte) in condensed.iter_mut().enumerate() {
        let digits = hexadecimal.get(2 * position..2 * position + 2);
        *byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).unwrap_or(0);
    }
    condensed
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_fingerprint_is_condensed_to_its_first_bytes() {
        let condensed = super::condensed("00ff1020304050607080a0b0c0d0e0f0");
        assert_eq!(condensed[..4], [0, 255, 16, 32]);
        assert_ne!(super::condensed(&"ab".repeat(32)), super::condensed(&"ac".repeat(32)));
    }
}
