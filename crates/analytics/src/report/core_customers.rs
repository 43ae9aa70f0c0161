//! Who brings the sales: the concentration of spend, and whether it is the same people as before.

use stats::bootstrap::Bootstrap;
use stats::concentration::{Concentration, index, spend_ratio};
use stats::survey;

use super::answer::{Figure, Kind, ReportTable, Value};
use super::asked::Asked;
use super::error::ReportError;

const SPEND: &str = include_str!("../../reports/core_customers.sql");
const DECILES: &str = include_str!("../../reports/core_customers_deciles.sql");
const STABILITY: &str = include_str!("../../reports/core_customers_stability.sql");

/// The best shares of members whose part of the sales is told.
const TOPS: [(&str, f64); 4] = [("top-2.5", 0.025), ("top-5", 0.05), ("top-10", 0.10), ("top-20", 0.20)];
/// Draws of one member in all resamples together: what a thousand resamples of 20,000 members take.
const DRAWS: usize = 20_000_000;
/// Resamples at least and at most.
const RESAMPLES: (usize, usize) = (100, 1_000);
const CONFIDENCE: f64 = 0.95;
/// Points of the curve.
const CURVE_STEPS: u32 = 100;

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    let rows = asked.rows("core_customers", SPEND, &[]).await?;
    let members = rows.len() as u64;
    asked.members(members)?;
    let amounts = rows.numbers("amount")?;
    asked.note("returned-everything", amounts.iter().filter(|amount| **amount <= 0.0).count() as u64);
    let spend = Concentration::new(amounts)?;
    asked.figure(Figure::exact("gini", Kind::Number, spend.gini(), members));
    let resamples = (DRAWS / spend.holders().max(1)).clamp(RESAMPLES.0, RESAMPLES.1);
    let bootstrap = Bootstrap { resamples, confidence: CONFIDENCE, seed: 1 };
    for (name, share) in TOPS {
        let top = spend.top_share(share);
        let interval = spend.top_share_interval(share, &bootstrap).ok();
        asked.figure(Figure::exact(name, Kind::Share, top, members).within(interval));
        if share > 0.19 {
            asked.figure(Figure::exact("spend-index", Kind::Number, index(share, top), members));
            if top < 1.0 {
                asked.figure(Figure::exact("spend-ratio", Kind::Number, spend_ratio(share, top), members));
            }
        }
    }
    asked.table(curve(&spend));
    deciles(asked).await?;
    stability(asked).await
}

fn curve(spend: &Concentration) -> ReportTable {
    let columns = [("members-share", Kind::Share), ("amount-share", Kind::Share)];
    let mut table = ReportTable::new("lorenz-curve", &columns);
    let point = |(members, amount): (f64, f64)| vec![Value::Number(members), Value::Number(amount)];
    table.rows = spend.lorenz_curve(CURVE_STEPS).into_iter().map(point).collect();
    table
}

async fn deciles(asked: &mut Asked) -> Result<(), ReportError> {
    let rows = asked.rows("core_customers_deciles", DECILES, &[]).await?;
    let columns = [
        ("decile", Kind::Count),
        ("members", Kind::Count),
        ("amount", Kind::Money),
        ("amount_share", Kind::Share),
        ("amount_per_member", Kind::Money),
        ("purchases_per_member", Kind::Number),
        ("amount_least", Kind::Money),
    ];
    asked.table(rows.table("deciles", &columns)?);
    Ok(())
}

/// How many of the best fifth were among the best fifth of the period before; nothing where there was none before.
async fn stability(asked: &mut Asked) -> Result<(), ReportError> {
    if asked.period().before() < asked.days().0 {
        asked.note("no-period-before", 1);
        return Ok(());
    }
    let rows = asked.rows("core_customers_stability", STABILITY, &[]).await?;
    let one = |name: &str| Ok::<_, ReportError>(rows.numbers(name)?.first().copied().unwrap_or(0.0));
    let (members, stayed) = (one("members")?, one("stayed")?);
    if members > 0.0 {
        let interval = survey::proportion::wilson(stayed, members, CONFIDENCE).ok();
        let cases = rows.counts("members")?.first().copied().unwrap_or(0);
        asked.figure(Figure::exact("top-20-stayed", Kind::Share, stayed / members, cases).within(interval));
    }
    Ok(())
}
