//! Counts and durations of requests for `/metrics`, in Prometheus' text format. Plain atomic numbers per operation:
//! the hot path adds to them without looking anything up by label, and memory does not grow between two readings.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use utoipa::openapi::{OpenApi, PathItem};

/// Upper bounds of the histogram's buckets in milliseconds.
const BOUNDS_MS: [u64; 12] = [1, 2, 3, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000];
const STATUS_MIN: u16 = 100;
const STATUS_COUNT: usize = 500;

/// What has been served since the start.
#[derive(Debug)]
pub struct HttpMetrics {
    /// By path template and method.
    places: HashMap<String, Vec<(Method, usize)>>,
    operations: Vec<Operation>,
}

#[derive(Debug)]
struct Operation {
    name: String,
    by_status: Vec<AtomicU64>,
    buckets: [AtomicU64; BOUNDS_MS.len()],
    count: AtomicU64,
    microseconds: AtomicU64,
}

impl HttpMetrics {
    /// A series for each documented operation, and one for everything else.
    pub fn new(document: &OpenApi) -> Self {
        let mut places: HashMap<String, Vec<(Method, usize)>> = HashMap::new();
        let mut operations = vec![Operation::new("none".to_owned())];
        for (path, item) in &document.paths.paths {
            for (method, operation) in methods(item) {
                places.entry(path.clone()).or_default().push((method, operations.len()));
                operations.push(Operation::new(operation.operation_id.clone().unwrap_or_default()));
            }
        }
        Self { places, operations }
    }

    /// Counts an answer.
    pub fn count(&self, path: Option<&str>, method: &Method, status: StatusCode, took: Duration) {
        let place = path.and_then(|path| self.places.get(path));
        let index =
            place.and_then(|place| place.iter().find(|(other, _)| other == method)).map_or(0, |(_, i)| *i);
        self.operations[index].count(status, took);
    }

    /// The text.
    pub fn render(&self, text: &mut String) {
        text.push_str("# HELP http_requests_total Answers, by operation and status.\n");
        text.push_str("# TYPE http_requests_total counter\n");
        for operation in &self.operations {
            operation.render_counts(text);
        }
        text.push_str(
            "# HELP http_request_duration_seconds Time from the first byte to the answer, by operation.\n",
        );
        text.push_str("# TYPE http_request_duration_seconds histogram\n");
        for operation in &self.operations {
            operation.render_durations(text);
        }
    }
}

/// The operations of one path with their methods.
pub(super) fn methods(item: &PathItem) -> Vec<(Method, &utoipa::openapi::path::Operation)> {
    let all = [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?))).collect()
}

impl Operation {
    fn new(name: String) -> Self {
        Self {
            name,
            by_status: (0..STATUS_COUNT).map(|_| AtomicU64::new(0)).collect(),
            buckets: std::array::from_fn(|_| AtomicU64::new(0)),
            count: AtomicU64::new(0),
            microseconds: AtomicU64::new(0),
        }
    }

    fn count(&self, status: StatusCode, took: Duration) {
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS_MS.iter().position(|bound| microseconds <= bound * 1_000);
        if let Some(bucket) = bucket {
            self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        }
        if let Some(count) = self.by_status.get(usize::from(status.as_u16().saturating_sub(STATUS_MIN))) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }

    fn render_counts(&self, text: &mut String) {
        for (status, count) in (STATUS_MIN..).zip(&self.by_status) {
            let count = count.load(Ordering::Relaxed);
            if count > 0 {
                let name = &self.name;
                let _ =
                    writeln!(text, "http_requests_total{{operation=\"{name}\",status=\"{status}\"}} {count}");
            }
        }
    }

    fn render_durations(&self, text: &mut String) {
        let count = self.count.load(Ordering::Relaxed);
        if count == 0 {
            return;
        }
        let name = &self.name;
        let mut below = 0;
        for (bound, bucket) in BOUNDS_MS.iter().zip(&self.buckets) {
            below += bucket.load(Ordering::Relaxed);
            let (seconds, thousandths) = (bound / 1_000, bound % 1_000);
            let _ = writeln!(
                text,
                "http_request_duration_seconds_bucket{{operation=\"{name}\",le=\"{seconds}.{thousandths:03}\"}} {below}"
            );
        }
        let microseconds = self.microseconds.load(Ordering::Relaxed);
        let (seconds, millionths) = (microseconds / 1_000_000, microseconds % 1_000_000);
        let _ = writeln!(
            text,
            "http_request_duration_seconds_bucket{{operation=\"{name}\",le=\"+Inf\"}} {count}\n\
             http_request_duration_seconds_sum{{operation=\"{name}\"}} {seconds}.{millionths:06}\n\
             http_request_duration_seconds_count{{operation=\"{name}\"}} {count}"
        );
    }
}

/// One line of a gauge or counter without labels.
pub(super) fn number(text: &mut String, kind: &str, name: &str, help: &str, value: impl std::fmt::Display) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
}

#[cfg(test)]
mod tests {
    use super::{HttpMetrics, Method, StatusCode};
    use std::time::Duration;
    use utoipa::openapi::path::{OperationBuilder, PathItemBuilder, PathsBuilder};
    use utoipa::openapi::{HttpMethod, OpenApiBuilder};

    #[test]
    fn answers_are_counted_by_operation_status_and_duration() {
        let operation = OperationBuilder::new().operation_id(Some("view_member")).build();
        let item = PathItemBuilder::new().operation(HttpMethod::Get, operation).build();
        let paths = PathsBuilder::new().path("/v1/members/{id}", item).build();
        let metrics = HttpMetrics::new(&OpenApiBuilder::new().paths(paths).build());
        let path = Some("/v1/members/{id}");
        metrics.count(path, &Method::GET, StatusCode::OK, Duration::from_micros(1_500));
        metrics.count(path, &Method::GET, StatusCode::NOT_FOUND, Duration::from_secs(9));
        metrics.count(path, &Method::DELETE, StatusCode::METHOD_NOT_ALLOWED, Duration::ZERO);
        let mut text = String::new();
        metrics.render(&mut text);
        for line in [
            "http_requests_total{operation=\"view_member\",status=\"200\"} 1",
            "http_requests_total{operation=\"view_member\",status=\"404\"} 1",
            "http_requests_total{operation=\"none\",status=\"405\"} 1",
            "http_request_duration_seconds_bucket{operation=\"view_member\",le=\"0.001\"} 0",
            "http_request_duration_seconds_bucket{operation=\"view_member\",le=\"0.002\"} 1",
            "http_request_duration_seconds_bucket{operation=\"view_member\",le=\"+Inf\"} 2",
            "http_request_duration_seconds_sum{operation=\"view_member\"} 9.001500",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }
}
