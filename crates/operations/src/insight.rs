//! Questions on a server: each is worked on once however often it is asked, beside few others, and can be given up. Its
//! answer is kept until the lake has moved on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use analytics::lake::{Lake, LakeLocation, Manifest, SessionOptions};
use analytics::report::{self, MemberRows, Report, ReportName, ReportRequest, SegmentLayer};
use tokio::sync::{Semaphore, watch};
use tokio::task::AbortHandle;

use crate::error::OperationError;
use crate::import_survey::{SurveyImportView, SurveyImports, SurveyOrder};
use crate::list_member_rows::list_member_rows;

/// Questions that are worked on at the same time; others wait their turn.
const REPORTS_AT_ONCE: usize = 2;
/// Answers that are kept.
const REPORTS_KEPT: usize = 64;

/// A server's lake, and the questions asked of it. Clones share them.
#[derive(Clone)]
pub struct Insight {
    inner: Arc<Inner>,
}

struct Inner {
    location: LakeLocation,
    options: SessionOptions,
    turns: Arc<Semaphore>,
    jobs: Mutex<Vec<Job>>,
    surveys: SurveyImports,
}

/// A question that was asked of a commit of the lake.
#[derive(PartialEq, Eq, Clone)]
struct Asked {
    generation: u64,
    name: ReportName,
    request: ReportRequest,
}

type Outcome = Option<Result<Arc<Report>, OperationError>>;

struct Job {
    asked: Asked,
    began: Instant,
    outcome: watch::Receiver<Outcome>,
    task: AbortHandle,
}

/// How a question stands.
#[derive(Debug, Clone)]
pub enum ReportState {
    /// It is answered.
    Answered(Arc<Report>),
    /// It is being worked on, for so long.
    Running(Duration),
}

impl Insight {
    /// A lake at a place, and what each question may use.
    pub fn new(location: LakeLocation, options: SessionOptions) -> Self {
        let turns = Arc::new(Semaphore::new(REPORTS_AT_ONCE));
        Self {
            inner: Arc::new(Inner {
                location,
                options,
                turns,
                jobs: Mutex::default(),
                surveys: SurveyImports::default(),
            }),
        }
    }

    /// Where the lake is.
    pub fn location(&self) -> &LakeLocation {
        &self.inner.location
    }

    /// The state of the lake.
    pub async fn view_lake(&self) -> Result<Manifest, OperationError> {
        Ok(Lake::open(&self.inner.location).await?.manifest().clone())
    }

    /// Asks a question, and waits for its answer as long as `patience` allows. Who asks again later finds it worked on,
    /// or answered.
    pub async fn run_report(
        &self,
        name: ReportName,
        request: &ReportRequest,
        patience: Duration,
    ) -> Result<ReportState, OperationError> {
        let lake = Lake::open(&self.inner.location).await?;
        let asked = Asked { generation: lake.manifest().generation, name, request: request.clone() };
        let (began, mut outcome) = self.job(asked, lake);
        match tokio::time::timeout(patience, outcome.wait_for(Option::is_some)).await {
            Err(_) => Ok(ReportState::Running(began.elapsed())),
            Ok(Err(_)) => Err(OperationError::NoAnswer {
                code: "given-up",
                sentence: "the question was given up: ask it again".to_owned(),
            }),
            Ok(Ok(found)) => match found.as_ref() {
                Some(Ok(report)) => Ok(ReportState::Answered(Arc::clone(report))),
                Some(Err(error)) => Err(error.clone()),
                None => Ok(ReportState::Running(began.elapsed())),
            },
        }
    }

    /// What a question says of each member, after waiting for a turn among the questions.
    pub async fn list_member_rows(
        &self,
        (name, layer): (ReportName, SegmentLayer),
        request: &ReportRequest,
    ) -> Result<MemberRows, OperationError> {
        // The semaphore is never closed; without a turn the question would only wait less.
        let _turn = self.inner.turns.acquire().await;
        list_member_rows(&self.inner.location, (name, layer), request, &self.inner.options).await
    }

    /// Gives up a question that is being worked on; says whether it was.
    pub fn cancel_report(&self, name: ReportName, request: &ReportRequest) -> bool {
        let mut jobs = self.inner.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |job: &Job| {
            job.asked.name == name && job.asked.request == *request && job.outcome.borrow().is_none()
        };
        let found = jobs.iter().position(is_it);
        if let Some(position) = found {
            jobs.swap_remove(position).task.abort();
        }
        found.is_some()
    }

    /// Begins to import a survey into the lake; the number by which it can be asked after.
    pub fn import_survey(&self, order: SurveyOrder) -> Result<String, OperationError> {
        self.inner.surveys.begin(&self.inner.location, order)
    }

    /// How an import of a survey stands, after waiting for its end as long as `patience` allows.
    pub async fn view_survey_import(
        &self,
        id: &str,
        patience: Duration,
    ) -> Result<SurveyImportView, OperationError> {
        self.inner.surveys.view(id, patience).await
    }

    /// The job of a question, begun if need be.
    fn job(&self, asked: Asked, lake: Lake) -> (Instant, watch::Receiver<Outcome>) {
        let mut jobs = self.inner.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(job) = jobs.iter().find(|job| job.asked == asked) {
            return (job.began, job.outcome.clone());
        }
        let newest = asked.generation;
        jobs.retain(|job| job.asked.generation >= newest || job.outcome.borrow().is_none());
        if jobs.len() >= REPORTS_KEPT {
            jobs.remove(0).task.abort();
        }
        let (tell, outcome) = watch::channel(None);
        let (options, turns) = (self.inner.options.clone(), Arc::clone(&self.inner.turns));
        let (name, request) = (asked.name, asked.request.clone());
        let task = tokio::spawn(async move {
            // The semaphore is never closed; without a turn the question would only wait less.
            let _turn = turns.acquire().await;
            let answered = report::run(&lake, name, &request, &options).await;
            let _ = tell.send(Some(answered.map(Arc::new).map_err(OperationError::from)));
        });
        let began = Instant::now();
        jobs.push(Job { asked, began, outcome: outcome.clone(), task: task.abort_handle() });
        (began, outcome)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use std::time::Duration;

    use analytics::lake::{DocumentOwner, LakeLocation, LakeWriter, Origin, SessionOptions};
    use analytics::report::{ReportName, ReportRequest};
    use domain::document::{DocumentKey, Purchase, PurchaseLine};
    use domain::money::Currency;
    use jiff::tz::TimeZone;

    use super::{Insight, ReportState};
    use crate::error::OperationError;

    async fn given(folder: &std::path::Path) -> (Insight, LakeWriter) {
        let place = LakeLocation::parse(folder.to_str().unwrap(), Vec::new()).unwrap();
        let origin = Origin::Ledger { ledger: "L1".to_owned() };
        let mut writer = LakeWriter::open(&place, origin, &TimeZone::UTC, 1).await.unwrap();
        add(&mut writer, "1");
        writer.commit("1").await.unwrap();
        (Insight::new(place, SessionOptions::default()), writer)
    }

    fn add(writer: &mut LakeWriter, reference: &str) {
        let purchase = Purchase {
            key: DocumentKey { source: "till".to_owned(), reference: reference.to_owned() },
            occurred_at: "2026-01-10T12:00:00Z".parse().unwrap(),
            currency: Currency::new("CNY").unwrap(),
            store: None,
            channel: None,
            payments: Vec::new(),
            vouchers: Vec::new(),
            lines: vec![PurchaseLine { amount: 100, ..PurchaseLine::default() }],
        };
        writer.add_purchase(DocumentOwner { member_id: 1, entry_no: Some(1) }, &purchase).unwrap();
    }

    #[tokio::test]
    async fn a_question_is_answered_once_until_the_lake_moves_on() {
        let folder = tempfile::tempdir().unwrap();
        let (insight, mut writer) = given(folder.path()).await;
        let (name, request) = (ReportName::RepeatPurchase, ReportRequest::default());
        let ask = || async {
            match insight.run_report(name, &request, Duration::from_mins(1)).await.unwrap() {
                ReportState::Answered(report) => report,
                ReportState::Running(_) => panic!("a minute was not enough"),
            }
        };
        let (first, second) = (ask().await, ask().await);
        assert!(std::sync::Arc::ptr_eq(&first, &second), "the answer is kept");
        add(&mut writer, "2");
        writer.commit("2").await.unwrap();
        let third = ask().await;
        assert_eq!((first.source.generation, third.source.generation), (1, 2));
    }

    #[tokio::test]
    async fn a_question_can_be_given_up_and_asked_again() {
        let folder = tempfile::tempdir().unwrap();
        let (insight, _writer) = given(folder.path()).await;
        let (name, request) = (ReportName::Rfm, ReportRequest::default());
        assert!(!insight.cancel_report(name, &request), "nobody asked yet");
        let state = insight.run_report(name, &request, Duration::ZERO).await.unwrap();
        assert!(matches!(state, ReportState::Running(_)));
        assert!(insight.cancel_report(name, &request));
        let state = insight.run_report(name, &request, Duration::from_mins(1)).await.unwrap();
        assert!(matches!(state, ReportState::Answered(_)));
        assert!(!insight.cancel_report(name, &request), "it is answered");
    }

    #[tokio::test]
    async fn what_is_missing_is_said_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let (insight, _writer) = given(folder.path()).await;
        let request = ReportRequest::default();
        let asked = insight.run_report(ReportName::Categories, &request, Duration::from_mins(1)).await;
        assert!(matches!(asked, Err(OperationError::NoAnswer { code: "no-category", .. })), "{asked:?}");
    }
}
