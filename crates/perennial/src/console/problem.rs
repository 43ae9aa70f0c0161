//! Pages that say why there is no other: not found, not allowed, busy, refused. Causes stay in the log.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::money::{Currency, Money};
use domain::refusal::Refusal;
use operations::OperationError;

use super::format::number;
use super::page::{Frame, Theme, show};
use crate::api::status_of;

#[derive(Template)]
#[template(path = "console/problem.html")]
struct ProblemPage {
    f: Frame,
    title: String,
    detail: String,
}

fn page(f: Frame, status: StatusCode, title: &str, detail: String) -> Response {
    let title = f.t(title);
    show(status, &ProblemPage { f, title, detail })
}

/// There is nothing at this address.
pub(crate) fn not_found(f: Frame) -> Response {
    let detail = f.t("problem-not-found-detail");
    page(f, StatusCode::NOT_FOUND, "problem-not-found", detail)
}

/// The reader's role does not include this.
pub(crate) fn forbidden(f: Frame) -> Response {
    let detail = f.t("problem-forbidden-detail");
    page(f, StatusCode::FORBIDDEN, "problem-forbidden", detail)
}

/// The address asks for what cannot be.
pub(crate) fn refused_query(f: Frame, detail: String) -> Response {
    page(f, StatusCode::UNPROCESSABLE_ENTITY, "problem-refused", detail)
}

/// The secret of a form was not the session's.
pub(crate) fn stale(f: Frame) -> Response {
    let detail = f.t("form-stale");
    page(f, StatusCode::FORBIDDEN, "problem-refused", detail)
}

/// An operation gave no result.
pub(crate) fn failed(f: Frame, error: &OperationError) -> Response {
    use OperationError as E;
    let (status, title, detail) = match error {
        E::Refused(refusal) => (status_of(refusal), "problem-refused", sentence(&f, error)),
        E::Busy | E::TooManyTries { .. } => {
            (StatusCode::SERVICE_UNAVAILABLE, "problem-busy", f.t("problem-busy-detail"))
        }
        E::Unavailable(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "problem-unavailable", f.t("problem-unavailable-detail"))
        }
        E::Changed => (StatusCode::PRECONDITION_FAILED, "problem-changed", f.t("problem-changed-detail")),
        E::Lake(_) => (StatusCode::SERVICE_UNAVAILABLE, "problem-lake", f.t("problem-lake-detail")),
        E::NoAnswer { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "problem-no-answer", sentence(&f, error)),
        E::File { .. } | E::Internal(_) => {
            (StatusCode::INTERNAL_SERVER_ERROR, "problem-internal", f.t("problem-internal-detail"))
        }
    };
    if let E::Internal(cause) | E::Unavailable(cause) | E::Lake(cause) = error {
        tracing::error!(%cause, here = %f.here, "a page could not be served");
    }
    if status == StatusCode::NOT_FOUND {
        return not_found(f);
    }
    page(f, status, title, detail)
}

/// Why an operation gave no result, in the reader's language where the catalogue has the sentence.
pub(crate) fn sentence(f: &Frame, error: &OperationError) -> String {
    match error {
        OperationError::Refused(refusal) => refused(f, refusal),
        OperationError::TooManyTries { retry_after_seconds } => {
            f.n("voucher-tries-exceeded", retry_after_seconds.saturating_add(59) / 60)
        }
        OperationError::Lake(_) => f.t("problem-lake-detail"),
        OperationError::NoAnswer { code, .. } => f.named("no-answer-", code),
        OperationError::Changed => f.t("problem-changed-detail"),
        OperationError::Busy => f.t("problem-busy-detail"),
        // Perhaps the answer alone was lost.
        OperationError::Unavailable(_) => f.t("problem-unavailable-detail"),
        _ => f.t("problem-internal-detail"),
    }
}

fn refused(f: &Frame, refusal: &Refusal) -> String {
    use Refusal as R;
    let values = match refusal {
        R::FieldInvalid { field, value, .. } => {
            vec![("field", f.named("field-", field)), ("value", value.clone())]
        }
        R::RewardLimitReached { left, .. } => vec![("left", number(i64::from(*left)))],
        R::RewardOutOfStock { left, .. } | R::TransferLimit { left, .. } => vec![("left", number(*left))],
        R::TransferTooSmall { least, .. } => vec![("least", number(*least))],
        R::StoredValueLimit { limit, room, .. } => vec![("limit", yuan(f, *limit)), ("room", yuan(f, *room))],
        R::TooFewTransferable { points, .. } => vec![("left", number(*points))],
        R::NoticeTooShort { earliest, .. } => vec![("day", f.formats.day(*earliest))],
        R::VersionOutOfOrder { existing, .. } => vec![("day", f.formats.day(*existing))],
        _ => Vec::new(),
    };
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    f.with(&format!("refusal-{}", refusal.code().replace('_', "-")), &values)
}

/// Minor units of the yuan: only Chinese law limits stored value.
fn yuan(f: &Frame, amount: i64) -> String {
    Currency::new("CNY")
        .map_or_else(|_| number(amount), |currency| f.formats.money(Money { amount, currency }))
}

#[cfg(test)]
mod tests {
    use domain::programme::Language;
    use domain::refusal::Refusal;
    use jiff::Timestamp;
    use jiff::tz::TimeZone;
    use operations::OperationError;

    use super::sentence;
    use crate::api::problem_codes::rule_codes;
    use crate::console::catalogue::Texts;
    use crate::console::format::Formats;
    use crate::console::page::{Frame, Theme};

    fn frame(language: Language) -> Frame {
        Frame::new(language, Theme::System, Formats { language, zone: TimeZone::UTC })
    }

    #[test]
    fn every_refusal_has_a_sentence_in_both_languages() {
        let keys =
            rule_codes().chain(["field_invalid"]).map(|code| format!("refusal-{}", code.replace('_', "-")));
        let missing: Vec<String> = keys
            .filter(|key| {
                [Language::ZhCn, Language::En].iter().any(|language| !Texts::of(*language).has(key))
            })
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn the_values_of_a_refusal_reach_its_sentence() {
        let code = domain::code::Code::constant("mug");
        let day = "2026-03-31T12:00:00Z".parse::<Timestamp>().unwrap();
        let refusals = [
            (Refusal::field("note", "x y z", "say why"), "x y z"),
            (Refusal::RewardOutOfStock { reward: code, asked: 2, left: 1_234 }, "1,234"),
            (Refusal::TransferTooSmall { points: 1, least: 50 }, "50"),
            (Refusal::TransferLimit { points: 9, left: 7, limit: 8 }, "7"),
            (Refusal::TooFewTransferable { unit: code, asked: 9, points: 7, days: 3 }, "7"),
            (Refusal::VersionOutOfOrder { effective_at: day, version: 3, existing: day }, "31"),
            (Refusal::NoticeTooShort { effective_at: day, notice_days: 7, earliest: day }, "31"),
        ];
        for (refusal, value) in refusals {
            for language in [Language::ZhCn, Language::En] {
                let told = sentence(&frame(language), &OperationError::Refused(refusal.clone()));
                assert!(told.contains(value) && !told.contains('⟦'), "{language:?} {refusal:?}: {told}");
            }
        }
    }

    #[test]
    fn what_may_have_been_done_is_not_said_to_be_undone() {
        for language in [Language::ZhCn, Language::En] {
            let f = frame(language);
            let busy = sentence(&f, &OperationError::Busy);
            let lost =
                sentence(&f, &OperationError::Unavailable("the outcome of the commit is unknown".to_owned()));
            assert!(busy.contains("Nothing was changed") || busy.contains("没有任何改动"), "{busy}");
            assert!(lost.contains("not known whether") || lost.contains("无法确定"), "{lost}");
            assert!(!lost.contains("Nothing was") && !lost.contains("没有任何改动"), "{lost}");
        }
    }
}
