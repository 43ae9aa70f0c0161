//! All versions of a programme, each in force from its effective date.

use std::sync::Arc;

use jiff::Timestamp;

use super::CompiledProgramme;

/// The published versions of a programme. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Programmes {
    /// By effective date, then version.
    versions: Vec<Arc<CompiledProgramme>>,
}

impl Programmes {
    /// A history of versions, in any order.
    pub fn new(mut versions: Vec<Arc<CompiledProgramme>>) -> Self {
        versions.sort_by_key(|programme| (programme.effective_at(), programme.version()));
        Self { versions }
    }

    /// Adds a version.
    pub fn publish(&mut self, programme: Arc<CompiledProgramme>) {
        let key = (programme.effective_at(), programme.version());
        let position = self.versions.partition_point(|other| (other.effective_at(), other.version()) <= key);
        self.versions.insert(position, programme);
    }

    /// The version in force at an instant; none before the first. Of versions with the same effective date the
    /// one published last.
    pub fn at(&self, instant: Timestamp) -> Option<&Arc<CompiledProgramme>> {
        let after = self.versions.partition_point(|programme| programme.effective_at() <= instant);
        self.versions.get(after.checked_sub(1)?)
    }

    /// The version that takes effect last, now or in the future.
    pub fn latest(&self) -> Option<&Arc<CompiledProgramme>> {
        self.versions.last()
    }

    /// The number of the version in force at an instant; 0 before the first.
    pub fn version_at(&self, instant: Timestamp) -> u32 {
        self.at(instant).map_or(0, |programme| programme.version())
    }

    /// How many days late a document can be that is recorded at an instant: the most that any version in force by
    /// then allows, because each document is judged by the version of its own time.
    pub fn lateness_days_at(&self, instant: Timestamp) -> u32 {
        self.versions
            .iter()
            .take_while(|programme| programme.effective_at() <= instant)
            .map(|programme| programme.programme().policies.lateness_days)
            .max()
            .unwrap_or(0)
    }

    /// A version by number.
    pub fn version(&self, version: u32) -> Option<&Arc<CompiledProgramme>> {
        self.versions.iter().find(|programme| programme.version() == version)
    }

    /// All versions by effective date.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<CompiledProgramme>> {
        self.versions.iter()
    }

    /// The number the next version gets.
    pub fn next_version(&self) -> u32 {
        self.versions.iter().map(|programme| programme.version()).max().unwrap_or(0) + 1
    }
}
