//! Running a statement over all members: points become vouchers, a page of accounts at a time. The run is on record;
//! stopped half-way, the next call goes on, and a member who has a statement of that date gets no second one.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use domain::code::Code;
use domain::operation::StatementOrder;
use domain::programme::CompiledProgramme;
use domain::refusal::Refusal;
use jiff::Timestamp;
use jiff::civil::Date;
use store::{StatementAccount, StatementRun};

pub use store::RunState as StatementRunState;

use crate::command::{Answer, Command, Request};
use crate::engine::Engine;
use crate::error::OperationError;
use crate::issue_vouchers::draw_codes;
use crate::voucher::{StatementAnswer, VoucherAnswer, VoucherCommand, statement_reference};

/// Accounts read at a time.
const PAGE_ACCOUNTS: u32 = 4_000;
/// Statements made with one commit.
const CALL_STATEMENTS: usize = 1_000;
/// Accounts between two notes of how far the run is.
const SAVE_ACCOUNTS: i64 = 20_000;

/// How far a run is, or what it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRunView {
    /// The statement.
    pub statement: Code,
    /// Its date.
    pub made_on: Date,
    /// The programme version whose terms it follows.
    pub programme_version: u32,
    /// What it is doing.
    pub state: StatementRunState,
    /// Members done.
    pub members: i64,
    /// Vouchers issued to them.
    pub vouchers: i64,
    /// Their face value in minor units.
    pub value: i64,
    /// Points that became vouchers.
    pub points: i64,
    /// Points carried over.
    pub carried: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Why it failed.
    pub error: Option<String>,
}

impl Engine {
    /// Makes the statements of a date for all members. A finished run is only reported.
    pub async fn run_statement(
        &self,
        statement: Code,
        made_on: Date,
        actor: &str,
        progress: &mut (dyn FnMut(&StatementRunView) + Send),
    ) -> Result<StatementRunView, OperationError> {
        let Some(_turn) = Turn::take(&self.shared().statements, (statement, made_on)) else {
            return self.view_statement_run(statement, made_on).await;
        };
        let (mut run, known_before) = self.begin_statement_run(statement, made_on, actor).await?;
        if run.state == StatementRunState::Finished {
            return Ok(run.into());
        }
        run.state = StatementRunState::Running;
        run.error = None;
        let outcome = self.make_statements(&mut run, known_before, actor, progress).await;
        let outcome = match outcome {
            Ok(()) => self.count_vouchers(&mut run).await,
            failed => failed,
        };
        run.finished_at = Some(self.clock().now());
        run.error = outcome.as_ref().err().map(ToString::to_string);
        run.state = if outcome.is_ok() { StatementRunState::Finished } else { StatementRunState::Failed };
        self.database().save_statement_run(&run).await?;
        outcome.map(|()| run.into())
    }

    /// Begins or resumes a run that goes on by itself, and says where it stands now.
    pub async fn start_statement_run(
        &self,
        statement: Code,
        made_on: Date,
        actor: &str,
    ) -> Result<StatementRunView, OperationError> {
        let (run, _) = self.begin_statement_run(statement, made_on, actor).await?;
        if run.state != StatementRunState::Finished {
            let (engine, actor) = (self.clone(), actor.to_owned());
            tokio::spawn(async move {
                if let Err(error) = engine.run_statement(statement, made_on, &actor, &mut |_| ()).await {
                    tracing::error!(%error, %statement, %made_on, "a statement's run stopped");
                }
            });
        }
        Ok(run.into())
    }

    /// A run by statement and date.
    pub async fn view_statement_run(
        &self,
        statement: Code,
        made_on: Date,
    ) -> Result<StatementRunView, OperationError> {
        let run = self.database().reader().await?.statement_run(statement, made_on).await?;
        let value = format!("{statement} of {made_on}");
        Ok(run.ok_or(Refusal::Unknown { what: "statement run".to_owned(), value })?.into())
    }

    /// The latest runs, newest first.
    pub async fn list_statement_runs(&self, limit: u32) -> Result<Vec<StatementRunView>, OperationError> {
        let runs = self.database().reader().await?.statement_runs(limit).await?;
        Ok(runs.into_iter().map(StatementRunView::from).collect())
    }

    /// The run on record, or a new one.
    pub(crate) async fn begin_statement_run(
        &self,
        statement: Code,
        made_on: Date,
        actor: &str,
    ) -> Result<(StatementRun, bool), OperationError> {
        let known = self.database().reader().await?.statement_run(statement, made_on).await?;
        if let Some(run) = known {
            return Ok((run, true));
        }
        let now = self.clock().now();
        let programme = self.check_statement(statement, made_on)?;
        let unknown = || Refusal::Unknown { what: "statement".to_owned(), value: statement.to_string() };
        let template = programme.programme().statement(statement).ok_or_else(unknown)?.voucher;
        let reference = statement_reference(statement, made_on);
        let batch = self.open_statement_batch(reference, template, made_on, actor).await?;
        let run = StatementRun {
            statement,
            made_on,
            programme_version: batch.programme_version,
            batch_no: batch.batch_no,
            state: StatementRunState::Running,
            position: None,
            members: 0,
            vouchers: 0,
            value: 0,
            points: 0,
            carried: 0,
            started_at: now,
            started_by: actor.to_owned(),
            finished_at: None,
            error: None,
        };
        self.database().save_statement_run(&run).await?;
        Ok((run, false))
    }

    /// The programme under which a statement of a date begins now, or why it cannot.
    pub(crate) fn check_statement(
        &self,
        statement: Code,
        made_on: Date,
    ) -> Result<Arc<CompiledProgramme>, OperationError> {
        let (now, programmes) = (self.clock().now(), self.programmes());
        let programme = programmes.at(now).ok_or(Refusal::NoProgrammeInForce { occurred_at: now })?;
        let unknown = || Refusal::Unknown { what: "statement".to_owned(), value: statement.to_string() };
        let template = programme.programme().statement(statement).ok_or_else(unknown)?.voucher;
        if made_on > domain::calendar::local(now, programme.zone()).date() {
            let remedy = "use today or an earlier day: points are counted as they are now";
            return Err(Refusal::field("made_on", made_on, remedy).into());
        }
        let validity =
            programme.voucher(template).and_then(|terms| terms.validity(made_on, programme.zone()));
        if validity.is_some_and(|(_, expires_at)| expires_at <= now) {
            let remedy = "use a later day: vouchers of that day would have lapsed already";
            return Err(Refusal::field("made_on", made_on, remedy).into());
        }
        Ok(programme.clone())
    }

    /// What was issued is what the batch holds, however often the run was stopped.
    async fn count_vouchers(&self, run: &mut StatementRun) -> Result<(), OperationError> {
        let totals = self.database().reader().await?.voucher_totals(run.batch_no).await?;
        (run.vouchers, run.value) = totals;
        Ok(())
    }

    async fn make_statements(
        &self,
        run: &mut StatementRun,
        known_before: bool,
        actor: &str,
        progress: &mut (dyn FnMut(&StatementRunView) + Send),
    ) -> Result<(), OperationError> {
        let programmes = self.programmes();
        let gone =
            || OperationError::Internal(format!("programme version {} is gone", run.programme_version));
        let programme = programmes.version(run.programme_version).ok_or_else(gone)?.clone();
        let mut saved_at = run.members;
        // Where an earlier run may have been, every member is asked: those who have their voucher count, too.
        let exact_below =
            if known_before { saved_at.saturating_add(SAVE_ACCOUNTS + i64::from(PAGE_ACCOUNTS)) } else { 0 };
        loop {
            let next_exact = run.members < exact_below;
            let now = self.clock().now();
            let mut reader = self.database().reader().await?;
            let page = reader.statement_accounts(run.position, now, PAGE_ACCOUNTS).await?;
            drop(reader);
            let Some(last) = page.last().map(|account| account.account_id) else { return Ok(()) };
            // A page that fails half-way is made and counted again.
            let mut next = run.clone();
            self.make_page(&mut next, &programme, &page, next_exact, actor).await?;
            next.position = Some(last);
            next.members = next.members.saturating_add(i64::try_from(page.len()).unwrap_or(i64::MAX));
            *run = next;
            if run.members >= saved_at.saturating_add(SAVE_ACCOUNTS) {
                self.database().save_statement_run(run).await?;
                saved_at = run.members;
            }
            progress(&run.clone().into());
        }
    }

    /// Members who surely have too few points are only counted; the others get their statement.
    async fn make_page(
        &self,
        run: &mut StatementRun,
        programme: &CompiledProgramme,
        page: &[StatementAccount],
        exact: bool,
        actor: &str,
    ) -> Result<(), OperationError> {
        let unknown = || OperationError::Internal(format!("statement {} is gone", run.statement));
        let statement = programme.programme().statement(run.statement).ok_or_else(unknown)?;
        let form = programme.voucher(statement.voucher).map(|terms| terms.template.form).unwrap_or_default();
        // Lists know the points of the main unit alone, and debt only while nothing is available.
        let main = |programme: &CompiledProgramme| programme.main_unit().code() == statement.unit;
        let known = !exact && self.programmes().iter().all(|version| main(version));
        let too_few = |account: &&StatementAccount| {
            known && !account.due && statement.split(account.points.max(0)).0 == 0
        };
        let mut asked = Vec::with_capacity(page.len());
        for account in page {
            if too_few(&account) {
                run.carried = run.carried.saturating_add(account.points.max(0));
            } else {
                asked.push(account.account_id);
            }
        }
        for accounts in asked.chunks(CALL_STATEMENTS) {
            let codes = draw_codes(form, accounts.len())?;
            let requests = accounts.iter().zip(codes).map(|(account_id, drawn)| {
                let command = VoucherCommand::MakeStatement {
                    account_id: *account_id,
                    order: StatementOrder {
                        statement: run.statement,
                        made_on: run.made_on,
                        programme_version: run.programme_version,
                        voucher: drawn.voucher,
                    },
                    code: drawn.code.as_str().to_owned(),
                    batch_no: run.batch_no,
                };
                Request::new(Command::Voucher(Box::new(command)), actor)
            });
            for reply in self.submit(requests.collect()).await? {
                count(run, &reply?);
            }
        }
        Ok(())
    }
}

/// Statements being run by this server: one run is never made twice at once.
pub(crate) type RunningStatements = Arc<Mutex<HashSet<(Code, Date)>>>;

/// The right to run a statement, given back when dropped.
struct Turn {
    running: RunningStatements,
    key: (Code, Date),
}

impl Turn {
    fn take(running: &RunningStatements, key: (Code, Date)) -> Option<Self> {
        let free = running.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
        free.then(|| Self { running: running.clone(), key })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

fn count(run: &mut StatementRun, answer: &Answer) {
    let Answer::Voucher(VoucherAnswer::Statement(StatementAnswer { points, carried, value })) = answer else {
        return;
    };
    run.points = run.points.saturating_add(*points);
    run.carried = run.carried.saturating_add(*carried);
    run.value = run.value.saturating_add(*value);
    run.vouchers = run.vouchers.saturating_add(i64::from(*value > 0));
}

impl From<StatementRun> for StatementRunView {
    fn from(run: StatementRun) -> Self {
        Self {
            statement: run.statement,
            made_on: run.made_on,
            programme_version: run.programme_version,
            state: run.state,
            members: run.members,
            vouchers: run.vouchers,
            value: run.value,
            points: run.points,
            carried: run.carried,
            started_at: run.started_at,
            finished_at: run.finished_at,
            error: run.error,
        }
    }
}
