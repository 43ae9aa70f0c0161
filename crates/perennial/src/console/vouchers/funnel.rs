//! Where the vouchers of a batch or of a template stand: counts and shares, which add up, as a table and as a file.

use axum::extract::{Query, State};
use axum::response::Response;
use domain::voucher::VoucherStatus;
use operations::OperationError;
use serde::Deserialize;

use crate::console::Console;
use crate::console::csv_file::CsvFile;
use crate::console::format::number;
use crate::console::page::Frame;
use crate::console::problem;
use crate::console::session::Reader;

/// The ways a voucher goes, in order.
const STEPS: [(VoucherStatus, &str); 6] = [
    (VoucherStatus::Issued, "issued"),
    (VoucherStatus::Registered, "registered"),
    (VoucherStatus::Reserved, "reserved"),
    (VoucherStatus::Redeemed, "redeemed"),
    (VoucherStatus::Expired, "expired"),
    (VoucherStatus::Void, "void"),
];
/// All of a whole, in shares.
const WHOLE: i64 = 1_000;

/// Where vouchers stand, as a table shows it.
pub(super) struct Funnel {
    pub(super) steps: Vec<Step>,
    pub(super) total: String,
    /// Vouchers that can still be used.
    pub(super) alive: i64,
}

/// How many vouchers stand somewhere.
pub(super) struct Step {
    /// The status, as programs call it.
    pub(super) code: &'static str,
    pub(super) name: String,
    pub(super) count: String,
    pub(super) plain: i64,
    pub(super) permille: i64,
    pub(super) share: String,
}

/// The name of a status as programs know it.
pub(super) fn status_code(status: VoucherStatus) -> &'static str {
    STEPS.iter().find(|(known, _)| *known == status).map_or("issued", |(_, code)| code)
}

impl Funnel {
    /// Counts in their order, those of nobody as well.
    pub(super) fn new(f: &Frame, counts: &[(VoucherStatus, i64)]) -> Self {
        let of = |status| counts.iter().find(|(known, _)| *known == status).map_or(0, |(_, count)| *count);
        let plain = STEPS.map(|(status, _)| of(status));
        let step = |((_, code), (count, permille)): (&(VoucherStatus, &'static str), (i64, i64))| Step {
            code,
            name: f.named("voucher-status-", code),
            count: number(count),
            plain: count,
            permille,
            share: format!("{}.{}%", permille / 10, permille % 10),
        };
        let shares = shares(&plain);
        Self {
            steps: STEPS.iter().zip(plain.into_iter().zip(shares)).map(step).collect(),
            total: number(plain.iter().sum()),
            alive: plain[..3].iter().sum(),
        }
    }
}

/// Shares in tenths of a per cent. They add up to the whole: what rounding down leaves goes to the largest remainders.
fn shares(counts: &[i64]) -> Vec<i64> {
    let total = counts.iter().map(|count| i128::from(*count)).sum::<i128>();
    if total == 0 {
        return vec![0; counts.len()];
    }
    let exact = |count: &i64| i128::from(*count) * i128::from(WHOLE);
    let mut shares: Vec<i64> =
        counts.iter().map(|count| i64::try_from(exact(count) / total).unwrap_or(0)).collect();
    let left = usize::try_from(WHOLE - shares.iter().sum::<i64>()).unwrap_or(0);
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(exact(&counts[*at]) % total));
    order.into_iter().take(left).for_each(|at| shares[at] += 1);
    shares
}

/// Whose vouchers are counted: those of a batch, else those of a template.
#[derive(Debug, Default, Deserialize)]
pub(in crate::console) struct FunnelQuery {
    #[serde(default)]
    reference: String,
    #[serde(default)]
    template: String,
}

/// The table as a file.
pub(in crate::console) async fn file(
    State(console): State<Console>,
    Query(query): Query<FunnelQuery>,
    reader: Reader,
) -> Response {
    let f = reader.frame;
    let counts = match query.counts(&console).await {
        Ok(counts) => counts,
        Err(error) => return problem::failed(f, &error),
    };
    let mut file = CsvFile::new(&["voucher-stands", "vouchers-count", "share"].map(|key| f.t(key)));
    for step in Funnel::new(&f, &counts).steps {
        file.row(&[step.name, step.plain.to_string(), step.share]);
    }
    file.download("voucher-funnel")
}

impl FunnelQuery {
    async fn counts(&self, console: &Console) -> Result<Vec<(VoucherStatus, i64)>, OperationError> {
        if !self.reference.is_empty() {
            return Ok(console.engine.view_voucher_batch(&self.reference).await?.funnel);
        }
        let unknown = || domain::refusal::Refusal::Unknown {
            what: "voucher template".to_owned(),
            value: self.template.clone(),
        };
        let template = self.template.parse().map_err(|_| unknown())?;
        console.engine.view_voucher_funnel(template).await
    }
}

#[cfg(test)]
mod tests {
    use super::shares;

    #[test]
    fn shares_add_up_to_the_whole() {
        assert_eq!(shares(&[1, 1, 1]), [334, 333, 333]);
        assert_eq!(shares(&[0, 0]), [0, 0], "of nothing there are no shares");
        assert_eq!(shares(&[7, 0, 0]), [1_000, 0, 0]);
        assert_eq!(shares(&[i64::MAX, i64::MAX]), [500, 500]);
        assert_eq!(shares(&[999_999, 1]).iter().sum::<i64>(), 1_000);
    }
}
