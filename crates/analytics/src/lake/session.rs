//! Reading: the tables of a lake in a query engine: in this process, within the memory that it may have, or a cluster.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use datafusion::datasource::TableProvider;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{FairSpillPool, GreedyMemoryPool, MemoryPool, TrackConsumersPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{DataFrame, SQLOptions, SessionConfig, SessionContext};

use super::engine::Engine;
use super::error::LakeError;
use super::extent::Extent;
use super::location::LakeLocation;
use super::manifest::Manifest;
use super::table::Table;

/// Consumers of memory that are named when it runs out.
const CONSUMERS_NAMED: NonZeroUsize = NonZeroUsize::new(3).unwrap();

/// Parts that an answer of this process is worked on in, at the most.
const PARTS_MAX: usize = 32;
/// Rows of the largest table for which there is one part more.
const ROWS_PER_PART: u64 = 500_000;
/// Memory that each part keeps for merging what it has sorted, as a share of all: three windows of all parts have room.
const MERGE_SHARE: usize = 16;

/// A folder that is never written: the files of a table that has none, for engines in other processes too.
const NO_FILES: &str = "_none";

/// What a question may use.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// Which engine answers.
    pub engine: Engine,
    /// Memory for sorting, grouping and joining; what outgrows it goes to disk. Executors of a cluster have their own limit.
    pub memory_bytes: usize,
    /// Where it goes.
    pub spill_folder: PathBuf,
    /// Threads; of a cluster, the parts that are worked on side by side.
    pub threads: usize,
    /// Whether it works in no more parts than there are threads, each with a fair share of the memory: slower, and content
    /// with less.
    pub frugal: bool,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self::of(Engine::default())
    }
}

impl SessionOptions {
    /// What a question may use of an engine unless it is said otherwise.
    pub fn of(engine: Engine) -> Self {
        let threads = engine.threads();
        let (memory_bytes, spill_folder) = (1 << 30, std::env::temp_dir());
        Self { engine, memory_bytes, spill_folder, threads, frugal: false }
    }

    /// The same for a question that has run out of memory; none if that would change nothing.
    pub(crate) fn frugally(&self) -> Option<Self> {
        let other = !self.frugal && self.engine == Engine::Embedded;
        other.then(|| Self { frugal: true, ..self.clone() })
    }

    /// In how many parts a question is worked on, where the largest table has so many rows. Groups by member are found in a
    /// table of all members; one for each part of them fits the processor's cache, where one for each thread does not.
    fn parts(&self, rows: u64) -> usize {
        let threads = self.threads.max(1);
        if self.frugal || self.engine != Engine::Embedded {
            return threads;
        }
        let wanted = usize::try_from(rows / ROWS_PER_PART).unwrap_or(PARTS_MAX);
        threads.max(wanted.min(PARTS_MAX))
    }

    /// Who needs memory gets it while there is some: of the fair shares of many parts most are wanted by none, and each is
    /// too small for one sort.
    fn memory_pool(&self) -> Arc<dyn MemoryPool> {
        if self.frugal {
            Arc::new(TrackConsumersPool::new(FairSpillPool::new(self.memory_bytes), CONSUMERS_NAMED))
        } else {
            Arc::new(TrackConsumersPool::new(GreedyMemoryPool::new(self.memory_bytes), CONSUMERS_NAMED))
        }
    }
}

/// A lake as it was after one commit. What is written later is not seen.
#[derive(Debug, Clone)]
pub struct Lake {
    location: LakeLocation,
    manifest: Manifest,
    extents: Arc<OnceLock<Vec<Extent>>>,
}

impl Lake {
    /// Opens the lake at a place as it is now.
    pub async fn open(location: &LakeLocation) -> Result<Self, LakeError> {
        match Manifest::newest(location).await? {
            Some(manifest) => Ok(Self { location: location.clone(), manifest, extents: Arc::default() }),
            None => Err(LakeError::Missing { location: location.to_string() }),
        }
    }

    /// Its state.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Where it is.
    pub fn location(&self) -> &LakeLocation {
        &self.location
    }

    /// What questions have found out about its purchases.
    pub(super) fn known_extents(&self) -> &OnceLock<Vec<Extent>> {
        &self.extents
    }

    /// A session in which its tables can be asked. Its files are looked for before: to the query engine one that is gone is
    /// one without rows.
    pub async fn session(&self, options: &SessionOptions) -> Result<SessionContext, LakeError> {
        self.check_sizes().await?;
        let spill = DiskManagerMode::Directories(vec![options.spill_folder.clone()]);
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(options.memory_pool())
            .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(spill))
            .build_arc()?;
        runtime.register_object_store(self.location.store_url(), Arc::clone(self.location.store()));
        let rows = Table::ALL.map(|table| self.manifest.rows(table)).into_iter().max().unwrap_or(0);
        let parts = options.parts(rows);
        let config = SessionConfig::new()
            .with_target_partitions(parts)
            .with_sort_spill_reservation_bytes(options.memory_bytes / parts / MERGE_SHARE)
            .with_information_schema(true)
            .set_bool("datafusion.execution.parquet.pushdown_filters", true);
        let context = match &options.engine {
            Engine::Embedded => SessionContext::new_with_config_rt(config, runtime),
            #[cfg(feature = "ballista")]
            Engine::Ballista(scheduler) => {
                let rows = Table::ALL.map(|table| (table.name(), self.manifest.rows(table))).into();
                super::cluster::session(scheduler, config, runtime, rows)?
            }
            #[cfg(not(feature = "ballista"))]
            Engine::Ballista(_) => return Err(LakeError::WithoutBallista),
        };
        for table in Table::ALL {
            context.register_table(table.name(), self.provider(table, &options.engine)?)?;
        }
        Ok(context)
    }

    fn provider(&self, table: Table, engine: &Engine) -> Result<Arc<dyn TableProvider>, LakeError> {
        let files = self.manifest.files_of(table).map(|file| self.location.url(&file.path));
        let mut addresses: Vec<String> = files.collect();
        if addresses.is_empty() {
            addresses.push(format!("{}/", self.location.url(NO_FILES)));
        }
        let paths = addresses.iter().map(ListingTableUrl::parse).collect::<Result<Vec<_>, _>>()?;
        let schema = match engine {
            Engine::Embedded => table.schema(),
            Engine::Ballista(_) => table.schema_without_views(),
        };
        let options = ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension(".parquet");
        let config =
            ListingTableConfig::new_with_multi_paths(paths).with_listing_options(options).with_schema(schema);
        Ok(Arc::new(ListingTable::try_new(config)?))
    }
}

/// Asks a question that only reads: nothing is created, changed or written by it.
pub async fn ask(context: &SessionContext, sql: &str) -> Result<DataFrame, LakeError> {
    let options = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    Ok(context.sql_with_options(sql, options).await?)
}

#[cfg(test)]
mod tests {
    use super::{PARTS_MAX, SessionOptions};

    #[test]
    fn large_tables_are_worked_on_in_many_parts_unless_memory_is_short() {
        let quick = SessionOptions { threads: 2, ..SessionOptions::default() };
        let parts = |options: &SessionOptions| [0, 1_600_000, u64::MAX].map(|rows| options.parts(rows));
        assert_eq!(parts(&quick), [2, 3, PARTS_MAX]);
        let frugal = quick.frugally().expect("another way");
        assert_eq!((parts(&frugal), frugal.frugally().is_none()), ([2; 3], true));
        let many = SessionOptions { threads: 64, ..quick };
        assert_eq!(parts(&many), [64; 3], "never fewer than there are threads");
    }
}
