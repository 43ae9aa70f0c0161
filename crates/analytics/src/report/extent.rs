//! Of which purchases a question is asked: the currency, the days, and which conditions every purchase meets, so that a
//! question that leaves them out is answered the same and sooner.

use domain::money::Currency;
use jiff::civil::Date;

use super::error::ReportError;
use super::request::{Period, ReportRequest};
use crate::lake::Extent;

/// The currency that is asked about, the days with purchases in it, and how many purchases are in others.
pub(super) fn currency(
    extents: &[Extent],
    request: &ReportRequest,
) -> Result<(Currency, (Date, Date), u64), ReportError> {
    let with_purchases: Vec<_> = extents.iter().filter_map(|extent| Some((extent, extent.days?))).collect();
    let Some((most, _)) = with_purchases.first() else {
        return Err(ReportError::NoData {
            code: "no-purchases",
            missing: "the lake has no purchases",
            remedy: "import history, or record purchases and write the lake again",
        });
    };
    let wanted = request.currency.as_ref().unwrap_or(&most.currency);
    let found = with_purchases.iter().find(|(extent, _)| extent.currency == *wanted);
    let Some(((extent, days), currency)) = found.zip(Currency::new(wanted).ok()) else {
        let names: Vec<&str> = with_purchases.iter().map(|(extent, _)| extent.currency.as_str()).collect();
        return Err(ReportError::Asked {
            field: "currency",
            value: wanted.clone(),
            remedy: format!("the purchases are in {}", names.join(", ")),
        });
    };
    let all: u64 = with_purchases.iter().map(|(extent, _)| extent.purchases).sum();
    Ok((currency, *days, if request.currency.is_some() { 0 } else { all - extent.purchases }))
}

/// Conditions that not every purchase and return of a lake meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Needed {
    pub(super) currency: bool,
    pub(super) from: bool,
    pub(super) to: bool,
}

impl Needed {
    pub(super) fn of(extents: &[Extent], period: Period) -> Self {
        Self {
            currency: extents.len() > 1,
            from: extents.iter().any(|extent| extent.documents.0 < period.from),
            to: extents.iter().any(|extent| extent.documents.1 >= period.to),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::{Needed, currency};
    use crate::lake::Extent;
    use crate::report::request::{Period, ReportRequest};

    fn extent(code: &str, purchases: u64, days: Option<(Date, Date)>, documents: (Date, Date)) -> Extent {
        Extent { currency: code.to_owned(), purchases, days, documents }
    }

    #[test]
    fn a_condition_is_left_out_where_every_document_meets_it() {
        let (first, last) = (date(2026, 1, 5), date(2026, 3, 9));
        let extents = [extent("CNY", 9, Some((first, last)), (first, date(2026, 3, 20)))];
        let needed = |from, to| {
            let needed = Needed::of(&extents, Period { from, to });
            (needed.currency, needed.from, needed.to)
        };
        assert_eq!(needed(first, date(2026, 3, 21)), (false, false, false));
        // A return after the last purchase is a document, too.
        assert_eq!(needed(first, date(2026, 3, 20)), (false, false, true));
        assert_eq!(needed(date(2026, 1, 6), date(2026, 3, 21)), (false, true, false));
    }

    #[test]
    fn a_currency_that_only_returns_are_in_is_not_asked_about_and_still_kept_apart() {
        let (first, last) = (date(2026, 1, 5), date(2026, 3, 9));
        let extents =
            [extent("CNY", 9, Some((first, last)), (first, last)), extent("EUR", 0, None, (first, last))];
        let (found, days, others) = currency(&extents, &ReportRequest::default()).expect("a currency");
        assert_eq!((found.as_str(), days, others), ("CNY", (first, last), 0));
        assert!(Needed::of(&extents, Period { from: first, to: date(2026, 4, 1) }).currency);
        let euros = ReportRequest { currency: Some("EUR".to_owned()), ..ReportRequest::default() };
        let refused = currency(&extents, &euros).expect_err("no purchase in it").to_string();
        assert!(refused.contains("the purchases are in CNY"), "{refused}");
    }
}
