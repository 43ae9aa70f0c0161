//! Surveys into a server's lake: one file at a time is read and written, beside the server that writes the lake, and
//! whoever sent it finds out how far it is and what became of its rows. What is known of an import goes with the process;
//! what it wrote stays in the lake.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use analytics::import::{MemberFile, RejectedRow, SurveyMap};
use analytics::lake::{LakeImportError, LakeLocation, MemberFileProgress, SurveyImport, import_survey};
use domain::refusal::Refusal;
use tokio::sync::watch;

use crate::error::OperationError;

/// Largest file of answers that is taken.
pub const SURVEY_BYTES_MAX: usize = 8 << 20;
/// Imports that may wait or be under way: each holds its file.
pub const SURVEY_IMPORTS_WAITING_MAX: usize = 4;
/// Imports that are remembered.
const IMPORTS_KEPT: usize = 32;

/// Answers that were sent to be imported.
#[derive(Debug, Clone)]
pub struct SurveyOrder {
    /// Which column answers which question.
    pub map: SurveyMap,
    /// The name of the file, as its sender calls it.
    pub file: String,
    /// What is in it.
    pub content: Vec<u8>,
    /// Who sent it.
    pub actor: String,
}

/// An import of a survey.
#[derive(Debug, Clone)]
pub struct SurveyImportView {
    /// Its number.
    pub id: String,
    /// The survey.
    pub survey: String,
    /// The file.
    pub file: String,
    /// Bytes in it.
    pub bytes: u64,
    /// How it stands.
    pub state: SurveyImportState,
}

/// How an import of a survey stands.
#[derive(Debug, Clone)]
pub enum SurveyImportState {
    /// It waits for its turn, or is under way.
    Running(MemberFileProgress),
    /// It is done.
    Finished(Arc<SurveyImport>),
    /// Nothing was changed: why, and the rows that cannot be used.
    Failed(Arc<SurveyFailure>),
}

/// Why a survey was not imported.
#[derive(Debug, Clone)]
pub struct SurveyFailure {
    /// In a sentence.
    pub sentence: String,
    /// The rows that cannot be used, as many as are kept.
    pub rows: Vec<RejectedRow>,
}

/// The imports of one lake.
#[derive(Default)]
pub(crate) struct SurveyImports {
    known: Mutex<Vec<Known>>,
    /// Held by the import under way: two would only overtake each other.
    turn: Arc<tokio::sync::Mutex<()>>,
}

struct Known {
    id: String,
    survey: String,
    file: String,
    bytes: u64,
    state: watch::Receiver<SurveyImportState>,
}

impl Known {
    fn is_running(&self) -> bool {
        matches!(*self.state.borrow(), SurveyImportState::Running(_))
    }
}

impl SurveyImports {
    /// Takes an order on; its number.
    pub(crate) fn begin(
        &self,
        location: &LakeLocation,
        order: SurveyOrder,
    ) -> Result<String, OperationError> {
        if order.content.len() > SURVEY_BYTES_MAX {
            let remedy = format!("send at most {SURVEY_BYTES_MAX} bytes, or import it at a shell");
            return Err(Refusal::field("answers", order.content.len(), remedy).into());
        }
        let token = getrandom::u64().map_err(|cause| OperationError::Internal(cause.to_string()))?;
        let id = format!("{token:016x}");
        let (tell, state) = watch::channel(SurveyImportState::Running(MemberFileProgress::Reading(0)));
        let (survey, file) = (order.map.survey.clone(), order.file.clone());
        let bytes = u64::try_from(order.content.len()).unwrap_or(u64::MAX);
        {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.iter().filter(|known| known.is_running()).count() >= SURVEY_IMPORTS_WAITING_MAX {
                return Err(OperationError::Busy);
            }
            if known.len() >= IMPORTS_KEPT
                && let Some(oldest) = known.iter().position(|known| !known.is_running())
            {
                known.remove(oldest);
            }
            known.push(Known { id: id.clone(), survey, file, bytes, state });
        }
        let (turn, location) = (Arc::clone(&self.turn), location.clone());
        tokio::spawn(async move {
            let _turn = turn.lock_owned().await;
            let runtime = tokio::runtime::Handle::current();
            // Reading a file keeps a thread busy for as long as it takes.
            let heard = tell.clone();
            let done =
                tokio::task::spawn_blocking(move || runtime.block_on(run(&location, &order, token, &heard)));
            let ended = done.await.unwrap_or_else(|cause| {
                tracing::error!(%cause, "an import of a survey ended in a panic");
                SurveyImportState::Failed(Arc::new(SurveyFailure {
                    sentence: "the server failed: send it again".to_owned(),
                    rows: Vec::new(),
                }))
            });
            let _ = tell.send(ended);
        });
        Ok(id)
    }

    /// How an import stands, after waiting for its end as long as `patience` allows.
    pub(crate) async fn view(
        &self,
        id: &str,
        patience: Duration,
    ) -> Result<SurveyImportView, OperationError> {
        let found = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let known = known.iter().find(|known| known.id == id);
            known.map(|known| {
                let state = known.state.clone();
                (state, known.survey.clone(), known.file.clone(), known.bytes)
            })
        };
        let Some((mut state, survey, file, bytes)) = found else {
            return Err(Refusal::Unknown { what: "survey import".to_owned(), value: id.to_owned() }.into());
        };
        let is_over = |state: &SurveyImportState| !matches!(state, SurveyImportState::Running(_));
        // Who gives up waiting is told how far it is.
        let _ = tokio::time::timeout(patience, state.wait_for(is_over)).await;
        let state = state.borrow().clone();
        Ok(SurveyImportView { id: id.to_owned(), survey, file, bytes, state })
    }
}

async fn run(
    location: &LakeLocation,
    order: &SurveyOrder,
    token: u64,
    tell: &watch::Sender<SurveyImportState>,
) -> SurveyImportState {
    let path = PathBuf::from(&order.file);
    let file = MemberFile { path: &path, sent: Some(&order.content) };
    let mut show = |progress| {
        let _ = tell.send(SurveyImportState::Running(progress));
    };
    let (survey, actor) = (order.map.survey.as_str(), order.actor.as_str());
    match import_survey(location, (&order.map, file), None, token, &mut show).await {
        Ok(imported) => {
            tracing::info!(survey, actor, forms = imported.forms, "imported a survey");
            SurveyImportState::Finished(Arc::new(imported))
        }
        Err(error) => {
            tracing::warn!(survey, actor, %error, "a survey was not imported");
            let sentence = match &error {
                LakeImportError::Lake(_) => {
                    "the lake cannot be written right now: try again later".to_owned()
                }
                _ => error.to_string(),
            };
            let rows = if let LakeImportError::NoRow { rows, .. } = error { rows } else { Vec::new() };
            SurveyImportState::Failed(Arc::new(SurveyFailure { sentence, rows }))
        }
    }
}
