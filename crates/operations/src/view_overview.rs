//! The programme at a glance: members, activity and points of a period, beside the period before.

use domain::calendar;
use domain::code::Code;
use domain::ledger::LedgerAccount;
use domain::money::Currency;
use domain::programme::CompiledProgramme;
use domain::refusal::Refusal;
use jiff::Timestamp;
use jiff::civil::Date;
use store::{Flow, PeriodFigures, Reader};

use crate::engine::Engine;
use crate::error::OperationError;

/// Longest period by day; longer ones are shown by month.
pub const DAILY_DAYS_MAX: i32 = 92;
/// Longest period at all.
pub const OVERVIEW_DAYS_MAX: i32 = 3_700;
/// Points that lapse within this many days count as expiring.
pub const EXPIRING_DAYS: i32 = 30;

/// Which period to look at, in local days of the programme's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverviewQuery {
    /// First day.
    pub from: Date,
    /// Day after the last.
    pub to: Date,
    /// Whether to look at the period of equal length before, too.
    pub compare: bool,
}

/// Figures of a period; points are those of the main unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Numbers {
    /// Members at the end of the period.
    pub members: i64,
    /// Members who joined in it.
    pub new_members: i64,
    /// Members with a purchase in it.
    pub active_members: i64,
    /// Purchases in it.
    pub purchases: i64,
    /// Points earned.
    pub earned: i64,
    /// Points spent.
    pub redeemed: i64,
    /// Points lapsed.
    pub expired: i64,
    /// Points taken back by returns.
    pub clawed_back: i64,
    /// Points adjusted by hand, net.
    pub adjusted: i64,
    /// Spendable points, less debt, at the end of the period.
    pub outstanding: i64,
    /// Points not yet spendable at the end of the period.
    pub pending: i64,
    /// Points that lapse in the 30 days from now; only known for the present.
    pub expiring: Option<i64>,
}

/// A bucket of the period: a day or a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeriesPoint {
    /// First day of the bucket.
    pub on: Date,
    /// Members who joined.
    pub new_members: i64,
    /// Members with a purchase.
    pub active_members: i64,
    /// Points earned.
    pub earned: i64,
    /// Points spent.
    pub redeemed: i64,
    /// Points lapsed.
    pub expired: i64,
    /// Points taken back.
    pub clawed_back: i64,
}

/// How many members held each tier of the main ladder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierMixPoint {
    /// The day, at its end.
    pub on: Date,
    /// Tier and members, lowest tier first.
    pub tiers: Vec<(Code, i64)>,
}

/// The overview of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// The main unit.
    pub unit: Code,
    /// The programme's currency.
    pub currency: Currency,
    /// The zone of all days.
    pub zone: String,
    /// First day.
    pub from: Date,
    /// Day after the last.
    pub to: Date,
    /// Whether buckets are months.
    pub monthly: bool,
    /// The figures.
    pub current: Numbers,
    /// The same for the period before, if asked for.
    pub previous: Option<Numbers>,
    /// The period by day or month.
    pub series: Vec<SeriesPoint>,
    /// Tiers at the end of each bucket.
    pub tier_mix: Vec<TierMixPoint>,
}

impl Engine {
    /// The overview of a period; `None` before a programme was published.
    pub async fn view_overview(&self, query: &OverviewQuery) -> Result<Option<Overview>, OperationError> {
        let days = check_period(query)?;
        let programmes = self.programmes();
        let Some(programme) = programmes.latest() else { return Ok(None) };
        let unit = programme.main_unit().code();
        let now = self.clock().now();
        let mut reader = self.database().snapshot().await?;

        let (monthly, starts) = buckets(query, days);
        let boundaries = instants(&starts, programme)?;
        let (from, to) = (boundaries[0], boundaries[boundaries.len() - 1]);
        let mut current = numbers(&mut reader, unit, from, to).await?;
        let expiring_to = now
            .checked_add(jiff::SignedDuration::from_hours(24 * i64::from(EXPIRING_DAYS)))
            .unwrap_or(Timestamp::MAX);
        let expiring = reader.expiring(now, expiring_to).await?;
        current.expiring = Some(expiring.iter().filter(|row| row.unit == unit).map(|row| row.points).sum());
        let previous = if query.compare {
            let before = calendar::add_days(query.from, -days).map_err(|_| out_of_range(query))?;
            let start = calendar::day_start(before, programme.zone()).map_err(|_| out_of_range(query))?;
            Some(numbers(&mut reader, unit, start, from).await?)
        } else {
            None
        };
        let periods = reader.periods(&boundaries).await?;
        let series = starts.iter().zip(&periods).map(|(on, figures)| point(*on, unit, figures)).collect();
        let tier_mix = tier_mix(&mut reader, programme, &starts, &boundaries).await?;
        reader.finish().await?;
        Ok(Some(Overview {
            unit,
            currency: programme.programme().currency,
            zone: programme.programme().time_zone.clone(),
            from: query.from,
            to: query.to,
            monthly,
            current,
            previous,
            series,
            tier_mix,
        }))
    }
}

fn check_period(query: &OverviewQuery) -> Result<i32, Refusal> {
    let days = calendar::day_number(query.to).saturating_sub(calendar::day_number(query.from));
    if (1..=OVERVIEW_DAYS_MAX).contains(&days) { Ok(days) } else { Err(out_of_range(query)) }
}

fn out_of_range(query: &OverviewQuery) -> Refusal {
    Refusal::field(
        "to",
        query.to,
        format!("use a day 1 to {OVERVIEW_DAYS_MAX} days after `from` ({})", query.from),
    )
}

/// The first days of all buckets, and the day after the last bucket.
fn buckets(query: &OverviewQuery, days: i32) -> (bool, Vec<Date>) {
    let monthly = days > DAILY_DAYS_MAX;
    let mut starts = vec![query.from];
    while let Some(last) = starts.last().filter(|last| **last < query.to) {
        let next = if monthly { last.last_of_month().tomorrow() } else { last.tomorrow() };
        starts.push(next.unwrap_or(query.to).min(query.to));
    }
    (monthly, starts)
}

fn instants(days: &[Date], programme: &CompiledProgramme) -> Result<Vec<Timestamp>, Refusal> {
    let start = |day: &Date| calendar::day_start(*day, programme.zone());
    let instants: Result<Vec<_>, _> = days.iter().map(start).collect();
    instants.map_err(|_| Refusal::field("from", days[0], "use a day the calendar can express"))
}

/// Members who were merged into others in a period, less those taken apart again: each has two entries.
fn merged(period: &PeriodFigures) -> i64 {
    (count(period, "members_merged") - count(period, "merge_undone")) / 2
}

/// Figures of a period. What stands at its end is what stands now, less what has moved since.
async fn numbers(
    reader: &mut Reader,
    unit: Code,
    from: Timestamp,
    to: Timestamp,
) -> Result<Numbers, OperationError> {
    let period = reader.period(from, to).await?;
    let since = reader.period(to, Timestamp::MAX).await?;
    let totals = reader.account_totals().await?;
    let point = point(Date::ZERO, unit, &period);
    let balance = |figures: &PeriodFigures, account| net(&figures.flows, unit, account);
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    Ok(Numbers {
        members: whole(totals.active) - count(&since, "member_enrolled") + merged(&since),
        new_members: point.new_members,
        active_members: point.active_members,
        purchases: count(&period, "purchase_recorded"),
        earned: point.earned,
        redeemed: point.redeemed,
        expired: point.expired,
        clawed_back: point.clawed_back,
        adjusted: -balance(&period, LedgerAccount::Adjustment),
        outstanding: totals.points
            - balance(&since, LedgerAccount::MemberAvailable)
            - balance(&since, LedgerAccount::MemberDebt),
        pending: totals.pending - balance(&since, LedgerAccount::MemberPending),
        expiring: None,
    })
}

fn count(figures: &PeriodFigures, event: &str) -> i64 {
    let found = figures.events.iter().find(|found| found.event == event);
    found.map_or(0, |found| i64::try_from(found.entries).unwrap_or(i64::MAX))
}

/// Credits less debits of a ledger account.
fn net(flows: &[Flow], unit: Code, account: LedgerAccount) -> i64 {
    flows
        .iter()
        .filter(|flow| flow.unit == unit)
        .map(|flow| match (flow.debit == account, flow.credit == account) {
            (false, true) => flow.amount,
            (true, false) => -flow.amount,
            _ => 0,
        })
        .sum()
}

fn point(on: Date, unit: Code, figures: &PeriodFigures) -> SeriesPoint {
    let moved = |test: fn(&Flow) -> bool| -> i64 {
        figures.flows.iter().filter(|flow| flow.unit == unit && test(flow)).map(|flow| flow.amount).sum()
    };
    let buyers = figures.events.iter().find(|found| found.event == "purchase_recorded");
    SeriesPoint {
        on,
        new_members: count(figures, "member_enrolled"),
        active_members: buyers.map_or(0, |found| i64::try_from(found.accounts).unwrap_or(i64::MAX)),
        earned: moved(|flow| {
            flow.debit == LedgerAccount::Issuer
                && matches!(flow.credit, LedgerAccount::MemberAvailable | LedgerAccount::MemberPending)
        }),
        redeemed: moved(|flow| flow.credit == LedgerAccount::Redeemed),
        expired: moved(|flow| flow.credit == LedgerAccount::Expired),
        clawed_back: moved(|flow| {
            flow.credit == LedgerAccount::Issuer && flow.debit != LedgerAccount::WrittenOff
        }),
    }
}

async fn tier_mix(
    reader: &mut Reader,
    programme: &CompiledProgramme,
    starts: &[Date],
    boundaries: &[Timestamp],
) -> Result<Vec<TierMixPoint>, OperationError> {
    let Some(ladder) = programme.main_ladder() else { return Ok(Vec::new()) };
    let ends = boundaries.get(1..).unwrap_or_default();
    let mixes = reader.tier_mix(ladder.code(), ends).await?;
    let tiers: Vec<Code> = ladder.tiers().iter().map(|tier| tier.code).collect();
    Ok(starts
        .iter()
        .zip(mixes)
        .map(|(on, mix)| TierMixPoint {
            on: *on,
            tiers: tiers.iter().map(|tier| (*tier, mix.get(tier).copied().unwrap_or(0))).collect(),
        })
        .collect())
}
