//! The manifest: which files count, and up to where the lake is complete.

use std::collections::BTreeSet;
use std::fmt;

use futures::TryStreamExt;
use object_store::{ObjectStoreExt, PutMode, PutOptions, PutPayload};
use serde::{Deserialize, Serialize};

use super::error::LakeError;
use super::location::LakeLocation;
use super::table::Table;

/// The folder of the manifests.
const FOLDER: &str = "_manifests";
/// The form that is written and understood.
const FORMAT: u32 = 1;

/// What a lake was written from. A lake holds one history, never two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Origin {
    /// The entries of a ledger, in the order of its feed.
    Ledger {
        /// The ledger's own name for itself.
        ledger: String,
    },
    /// A retailer's files, read by an import map.
    Files {
        /// What the files and the map say.
        fingerprint: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ledger { ledger } => write!(f, "the ledger {ledger}"),
            Self::Files { fingerprint } => write!(f, "files with the fingerprint {fingerprint}"),
        }
    }
}

/// A file that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LakeFile {
    /// The table whose rows it holds.
    pub table: Table,
    /// The month of its rows, as `2026-03`; none for tables that are not kept by month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<String>,
    /// The survey or campaign it was imported with, which the next import of the same name replaces.
    #[serde(default, alias = "survey", skip_serializing_if = "Option::is_none")]
    pub set: Option<String>,
    /// Its path within the lake.
    pub path: String,
    /// Rows in it.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
}

/// The state of a lake after a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    format: u32,
    /// The number of the commit, from 1.
    pub generation: u64,
    /// What the lake was written from.
    pub origin: Origin,
    /// The place in the origin up to which everything is in the lake, in the origin's own terms.
    pub position: String,
    /// The zone of the local days.
    pub time_zone: String,
    /// Members who were merged into others, whose purchases count as those of the other.
    pub merged_members: u64,
    /// The files that count.
    pub files: Vec<LakeFile>,
    /// Files that counted before the last compaction or replacement: readers may still be at them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retired: Vec<String>,
}

impl Manifest {
    /// An empty lake.
    pub(super) fn new(origin: Origin, time_zone: String) -> Self {
        Self {
            format: FORMAT,
            generation: 0,
            origin,
            position: String::new(),
            time_zone,
            merged_members: 0,
            files: Vec::new(),
            retired: Vec::new(),
        }
    }

    /// Whether it holds a ledger's history, whose members are told anew with each commit.
    pub(super) fn is_of_ledger(&self) -> bool {
        matches!(self.origin, Origin::Ledger { .. })
    }

    /// Rows of a table.
    pub fn rows(&self, table: Table) -> u64 {
        self.files_of(table).map(|file| file.rows).sum()
    }

    /// The files of a table.
    pub fn files_of(&self, table: Table) -> impl Iterator<Item = &LakeFile> {
        self.files.iter().filter(move |file| file.table == table)
    }

    /// The newest manifest at a place, if there is one.
    pub(super) async fn newest(location: &LakeLocation) -> Result<Option<Self>, LakeError> {
        // Between the listing and the reading, writers may go on and clean up behind them.
        for _ in 0..3 {
            let Some(generation) = generations(location).await?.pop_last() else { return Ok(None) };
            match location.store().get(&location.path(&path(generation))).await {
                Ok(found) => return Self::read(&path(generation), &found.bytes().await?).map(Some),
                Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(LakeError::Overtaken { location: location.to_string() })
    }

    fn read(path: &str, bytes: &[u8]) -> Result<Self, LakeError> {
        let fault = |message: String| LakeError::Manifest { path: path.to_owned(), message };
        let manifest: Self = serde_json::from_slice(bytes).map_err(|cause| fault(cause.to_string()))?;
        if manifest.format != FORMAT {
            return Err(fault(format!("it has form {}, this program reads form {FORMAT}", manifest.format)));
        }
        Ok(manifest)
    }

    /// Writes the manifest as the next one. Of several writers, one can.
    pub(super) async fn write(&self, location: &LakeLocation) -> Result<(), LakeError> {
        let text = serde_json::to_vec_pretty(self).map_err(|cause| LakeError::Manifest {
            path: path(self.generation),
            message: cause.to_string(),
        })?;
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        let place = location.path(&path(self.generation));
        match location.store().put_opts(&place, PutPayload::from(text), options).await {
            Ok(_) => Ok(()),
            Err(object_store::Error::AlreadyExists { .. }) => {
                Err(LakeError::Overtaken { location: location.to_string() })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes all but the newest `kept` manifests.
    pub(super) async fn delete_old(location: &LakeLocation, kept: usize) -> Result<(), LakeError> {
        let found = generations(location).await?;
        for generation in found.iter().rev().skip(kept) {
            location.delete(&path(*generation)).await?;
        }
        Ok(())
    }
}

fn path(generation: u64) -> String {
    format!("{FOLDER}/{generation:010}.json")
}

async fn generations(location: &LakeLocation) -> Result<BTreeSet<u64>, LakeError> {
    let folder = location.path(FOLDER);
    let found: Vec<_> = location.store().list(Some(&folder)).try_collect().await?;
    let number = |name: &str| name.strip_suffix(".json")?.parse().ok();
    Ok(found.iter().filter_map(|object| number(object.location.filename()?)).collect())
}
