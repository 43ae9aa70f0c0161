//! Asking a Ballista cluster: a question is planned here and sent to the scheduler, executors read the lake and answer.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::AsArray;
use arrow::datatypes::{FieldRef, Int64Type};
use async_trait::async_trait;
use ballista_core::extension::{SessionConfigExt, SessionStateExt};
use ballista_core::utils::{GrpcClientConfig, create_grpc_client_connection};
use datafusion::catalog::Session;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNodeRecursion};
use datafusion::common::{ScalarValue, TableReference};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::context::QueryPlanner;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, TableScan, lit};
use datafusion::physical_plan::{ExecutionPlan, collect};
use datafusion::physical_planner::{DefaultPhysicalPlanner, PhysicalPlanner};
use datafusion::prelude::{SessionConfig, SessionContext};

use super::engine::Scheduler;
use super::error::LakeError;

/// How long a scheduler may take to accept a connection.
const CONNECT_TIMEOUT_SECONDS: u64 = 5;

/// A session whose questions go to a cluster. They are planned once: the planner that plans again after every stage, the usual
/// one since 55.0 (apache/datafusion-ballista#2315), adds stages without end where one side of a join has no rows.
pub(super) fn session(
    scheduler: &Scheduler,
    config: SessionConfig,
    runtime: Arc<RuntimeEnv>,
    rows: HashMap<&'static str, u64>,
) -> Result<SessionContext> {
    let state = SessionStateBuilder::new()
        .with_default_features()
        .with_config(config.upgrade_for_ballista().with_ballista_adaptive_query_planner(false))
        .with_runtime_env(runtime)
        .build()
        .upgrade_for_ballista(format!("http://{scheduler}"))?;
    let remote = Arc::clone(state.query_planner());
    let planner = Planner { scheduler: scheduler.clone(), remote, unseen: Mutex::new(rows) };
    let state = SessionStateBuilder::new_from_existing(state).with_query_planner(Arc::new(planner)).build();
    Ok(SessionContext::new_with_state(state))
}

/// Sends questions to the scheduler, once it is there, sees the lake and can understand them.
#[derive(Debug)]
struct Planner {
    scheduler: Scheduler,
    remote: Arc<dyn QueryPlanner + Send + Sync>,
    /// Tables that nobody has looked for on the cluster yet, with the rows they have.
    unseen: Mutex<HashMap<&'static str, u64>>,
}

#[async_trait]
impl QueryPlanner for Planner {
    async fn create_physical_plan(
        &self,
        plan: &LogicalPlan,
        session: &dyn Session,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let scans = scans(plan)?;
        if scans.is_empty() {
            // What follows from the question alone needs no cluster.
            return DefaultPhysicalPlanner::default().create_physical_plan(plan, session).await;
        }
        reach(&self.scheduler).await?;
        for scan in &scans {
            self.see(scan, session).await?;
        }
        self.remote.create_physical_plan(&with_columns(plan)?, session).await
    }
}

impl Planner {
    /// Compares the rows that the cluster finds in a table with those it has. Where there are no files, Ballista finds no
    /// rows, and would answer from nothing.
    async fn see(&self, scan: &TableScan, session: &dyn Session) -> Result<()> {
        let table = scan.table_name.table();
        let Some(rows) = self.unseen.lock().unwrap_or_else(PoisonError::into_inner).get(table).copied()
        else {
            return Ok(());
        };
        let counted = LogicalPlanBuilder::scan(scan.table_name.clone(), Arc::clone(&scan.source), None)?
            .aggregate(Vec::<Expr>::new(), vec![count(lit(1_i64))])?
            .build()?;
        let counted = self.remote.create_physical_plan(&counted, session).await?;
        let batches = collect(counted, session.task_ctx()).await?;
        let found = batches
            .iter()
            .find_map(|batch| batch.column(0).as_primitive_opt::<Int64Type>()?.iter().next().flatten());
        let found = u64::try_from(found.unwrap_or(0)).unwrap_or(0);
        if found != rows {
            let (scheduler, table) = (self.scheduler.to_string(), table.to_owned());
            let blind = LakeError::Unseen { scheduler, table, found, rows };
            return Err(DataFusionError::External(Box::new(blind)));
        }
        self.unseen.lock().unwrap_or_else(PoisonError::into_inner).remove(table);
        Ok(())
    }
}

/// Where a plan reads tables.
fn scans(plan: &LogicalPlan) -> Result<Vec<TableScan>> {
    let mut found = Vec::new();
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            found.push(scan.clone());
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(found)
}

/// Looks whether somebody listens: what sends the question waits longer, and does not say for whom.
async fn reach(scheduler: &Scheduler) -> Result<()> {
    let config =
        GrpcClientConfig { connect_timeout_seconds: CONNECT_TIMEOUT_SECONDS, ..GrpcClientConfig::default() };
    let Err(error) = create_grpc_client_connection(format!("http://{scheduler}"), &config).await else {
        return Ok(());
    };
    let mut cause: &dyn Error = &error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let unreachable = LakeError::Unreachable { scheduler: scheduler.to_string(), cause: cause.to_string() };
    Err(DataFusionError::External(Box::new(unreachable)))
}

/// Where the optimizer saw that no row can come, the plan says so in a way that loses its columns when it is sent: they are
/// sent as those of a row that is left out.
fn with_columns(plan: &LogicalPlan) -> Result<LogicalPlan> {
    let sent = |node: LogicalPlan| match node {
        LogicalPlan::EmptyRelation(empty) if !empty.produce_one_row && !empty.schema.fields().is_empty() => {
            let nothing = |(table, field): (Option<&TableReference>, &FieldRef)| {
                let null = lit(ScalarValue::try_from(field.data_type())?);
                Ok(null.alias_qualified(table.cloned(), field.name()))
            };
            let columns = empty.schema.iter().map(nothing).collect::<Result<Vec<_>>>()?;
            let none = LogicalPlanBuilder::empty(true).project(columns)?.limit(0, Some(0))?.build()?;
            Ok(Transformed::yes(none))
        }
        node => Ok(Transformed::no(node)),
    };
    plan.clone().transform_up_with_subqueries(sent).data()
}
