//! What members will buy and be worth: models of the customer base fitted to their histories, judged by what they
//! foretold of a time that they had not seen.

mod members;

use jiff::ToSpan;
use jiff::civil::Date;
use stats::customer_base::{
    BetaGeometricNbd, CustomerBaseError, FirstDropout, GammaGamma, Groups, History, Nbd, ParetoNbd, Spend,
    lifetime_value,
};

use super::answer::{Figure, Kind, ReportTable, Value};
use super::asked::Asked;
use super::error::ReportError;
use super::number;

const HISTORIES: &str = include_str!("../../../reports/lifetime_value_histories.sql");
const SPEND: &str = include_str!("../../../reports/lifetime_value_spend.sql");

/// Days in the unit of the models' times: they are weeks, as in the papers.
const DAYS_OF_WEEK: f64 = 7.0;
/// How far ahead purchases are foretold.
const WEEKS_AHEAD: f64 = 52.0;
/// How far ahead they are worth something.
const WEEKS_OF_VALUE: f64 = 5.0 * 52.0;
/// What a yuan in a year is worth less than one today.
const DISCOUNT_PER_YEAR: f64 = 0.10;
/// Members that are listed, the most valuable first: what one page of a table can still be searched through.
const MEMBERS_LISTED_MAX: usize = 30_000;
/// Members with this many repeats or more are told together.
const REPEATS_TOGETHER: u32 = 7;
/// The part of the period that the models see when they are judged by the rest.
const SEEN: (i32, i32) = (2, 3);
/// Weeks that a period must have for its models to be judged.
const WEEKS_JUDGED_MIN: i32 = 12;

/// Members with the same history.
struct Alike {
    history: History,
    members: f64,
    /// What they bought after the models had stopped looking.
    later: f64,
    /// What they spend on a day after their first, on average; nothing of those without.
    mean: f64,
}

/// The models that are tried.
#[derive(Debug, Clone, Copy)]
enum Model {
    BetaGeometric(BetaGeometricNbd),
    Pareto(ParetoNbd),
    /// Nobody ever leaves: where the others find no maximum, because hardly anybody does.
    Steady(Nbd),
}

/// A model as it was fitted.
struct Fitted {
    name: &'static str,
    model: Model,
    log_likelihood: f64,
    parameters: Vec<(&'static str, f64, f64)>,
}

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    let to = asked.period().to;
    let Some(Models { alike, fits, best }) = models(asked).await? else { return Ok(()) };
    let best = &fits[best];
    let spend = spend(asked, to).await?;
    foretell(asked, &alike, best, spend.as_ref())?;
    let mut listed = members::table(asked, to, best, spend.as_ref()).await?;
    asked.note("members-not-listed", listed.rows.len().saturating_sub(MEMBERS_LISTED_MAX) as u64);
    listed.rows.truncate(MEMBERS_LISTED_MAX);
    asked.table(listed);
    let mut parameters = ReportTable::new(
        "model-parameters",
        &[
            ("model", Kind::Text),
            ("parameter", Kind::Text),
            ("value", Kind::Number),
            ("standard_error", Kind::Number),
        ],
    );
    for fitted in &fits {
        for (name, value, error) in &fitted.parameters {
            parameters.rows.push(vec![
                Value::Text(fitted.name.to_owned()),
                Value::Text((*name).to_owned()),
                Value::Number(*value),
                Value::Number(*error),
            ]);
        }
    }
    asked.table(parameters);
    Ok(())
}

/// All members with what the model says of them, those who will be worth most first.
pub(super) async fn members(asked: &mut Asked) -> Result<ReportTable, ReportError> {
    let to = asked.period().to;
    let none = ReportError::NoData {
        code: "no-model",
        missing: "no model fits what these members bought",
        remedy: "choose a longer period or other filters",
    };
    let Models { fits, best, .. } = models(asked).await?.ok_or(none)?;
    let spend = spend(asked, to).await?;
    members::table(asked, to, &fits[best], spend.as_ref()).await
}

/// The histories with all models that fit them, the most likely first.
struct Models {
    alike: Vec<Alike>,
    fits: Vec<Fitted>,
    /// Which foretold best, if it fits the whole period, too; else the most likely one.
    best: usize,
}

async fn models(asked: &mut Asked) -> Result<Option<Models>, ReportError> {
    let judged = judge(asked).await?;
    let alike = histories(asked, asked.period().to).await?;
    asked.members(count(&alike))?;
    let mut fits = fit(&alike)?;
    fits.sort_by(|left, right| right.log_likelihood.total_cmp(&left.log_likelihood));
    let best = fits.iter().position(|fitted| judged == Some(fitted.name)).unwrap_or(0);
    Ok((!fits.is_empty()).then_some(Models { alike, fits, best }))
}

/// Fits the models to the first part of the period, and compares what they foretell of the rest with what came. Gives the
/// name of the one that was nearest, member group by member group.
async fn judge(asked: &mut Asked) -> Result<Option<&'static str>, ReportError> {
    let period = asked.period();
    if period.days() < 7 * WEEKS_JUDGED_MIN {
        asked.note("too-short-to-judge", 1);
        return Ok(None);
    }
    let split = match asked.calibrate_to() {
        Some(split) if split > period.from && split < period.to => split,
        Some(split) => {
            return Err(ReportError::Asked {
                field: "calibrate_to",
                value: split.to_string(),
                remedy: format!("name a day between {} and {}", period.from, period.to),
            });
        }
        None => period.from.saturating_add((period.days() * SEEN.0 / SEEN.1).days()),
    };
    let alike = histories(asked, split).await?;
    let members = count(&alike);
    if members == 0 {
        return Ok(None);
    }
    let weeks = f64::from((period.to - split).get_days()) / DAYS_OF_WEEK;
    let actual: f64 = alike.iter().map(|alike| alike.later).sum();
    let fits = fit(&alike)?;
    let mut table = ReportTable::new(
        "models",
        &[
            ("model", Kind::Text),
            ("log_likelihood", Kind::Number),
            ("purchases_expected", Kind::Number),
            ("purchases_actual", Kind::Number),
            ("deviation", Kind::Share),
            ("miss", Kind::Number),
        ],
    );
    let mut best: Option<(f64, &Fitted)> = None;
    for fitted in &fits {
        let expected = total(&alike, |alike| fitted.model.expected(&alike.history, weeks))?;
        let miss = miss(&alike, fitted, weeks)?;
        table.rows.push(vec![
            Value::Text(fitted.name.to_owned()),
            Value::Number(fitted.log_likelihood),
            Value::Number(expected),
            Value::Number(actual),
            if actual > 0.0 { Value::Number(expected / actual - 1.0) } else { Value::Empty },
            Value::Number(miss),
        ]);
        if best.is_none_or(|(least, _)| miss < least) {
            best = Some((miss, fitted));
        }
    }
    asked.table(table);
    let Some((_, best)) = best else { return Ok(None) };
    let expected = total(&alike, |alike| best.model.expected(&alike.history, weeks))?;
    asked.figure(Figure::exact("holdout-expected", Kind::Number, expected, members));
    asked.figure(Figure::exact("holdout-actual", Kind::Number, actual, members));
    asked.table(calibration(&alike, best, weeks)?);
    Ok(Some(best.name))
}

/// How far a model's forecast is off, in purchases per member: by the number of repeats, so that errors of one group do
/// not make up for those of another.
fn miss(alike: &[Alike], fitted: &Fitted, weeks: f64) -> Result<f64, CustomerBaseError> {
    let (mut off, mut members) = (0.0, 0.0);
    for (_, group) in by_repeats(alike) {
        let mut difference = 0.0;
        for alike in group {
            difference += alike.members * fitted.model.expected(&alike.history, weeks)? - alike.later;
            members += alike.members;
        }
        off += difference.abs();
    }
    Ok(off / members)
}

/// Purchases per member by how often they had bought before: foretold and actual.
fn calibration(alike: &[Alike], best: &Fitted, weeks: f64) -> Result<ReportTable, ReportError> {
    let mut table = ReportTable::new(
        "calibration",
        &[
            ("repeats", Kind::Text),
            ("members", Kind::Count),
            ("purchases_expected", Kind::Number),
            ("purchases_actual", Kind::Number),
        ],
    );
    for (name, group) in by_repeats(alike) {
        let members: f64 = group.iter().map(|alike| alike.members).sum();
        let mut expected = 0.0;
        for alike in &group {
            expected += alike.members * best.model.expected(&alike.history, weeks)?;
        }
        let actual: f64 = group.iter().map(|alike| alike.later).sum();
        table.rows.push(vec![
            Value::Text(name),
            Value::Integer(whole(members)),
            Value::Number(expected / members),
            Value::Number(actual / members),
        ]);
    }
    Ok(table)
}

/// What the best model says of the time after the period.
fn foretell(
    asked: &mut Asked,
    alike: &[Alike],
    best: &Fitted,
    spend: Option<&GammaGamma>,
) -> Result<(), ReportError> {
    let members = count(alike);
    let all = number::count(members);
    let active: f64 = alike.iter().map(|alike| alike.members * best.model.alive(&alike.history)).sum();
    asked.figure(Figure::exact("active-share", Kind::Share, active / all, members));
    let expected = total(alike, |alike| best.model.expected(&alike.history, WEEKS_AHEAD))?;
    asked.figure(Figure::exact("purchases-next-year", Kind::Number, expected, members));
    let mut table = ReportTable::new(
        "value-by-repeats",
        &[
            ("repeats", Kind::Text),
            ("members", Kind::Count),
            ("active_share", Kind::Share),
            ("purchases_next_year", Kind::Number),
            ("value_per_member", Kind::Money),
        ],
    );
    let mut value = 0.0;
    for (name, group) in by_repeats(alike) {
        let (mut people, mut active, mut purchases, mut worth) = (0.0, 0.0, 0.0, 0.0);
        for alike in group {
            people += alike.members;
            active += alike.members * best.model.alive(&alike.history);
            purchases += alike.members * best.model.expected(&alike.history, WEEKS_AHEAD)?;
            if let Some(spend) = spend {
                worth += alike.members * worth_of(alike, best, spend)?;
            }
        }
        value += worth;
        table.rows.push(vec![
            Value::Text(name),
            Value::Integer(whole(people)),
            Value::Number(active / people),
            Value::Number(purchases / people),
            if spend.is_some() { Value::Integer(whole(worth / people)) } else { Value::Empty },
        ]);
    }
    if let Some(spend) = spend {
        if let Ok(mean) = spend.population_mean() {
            asked.figure(Figure::exact("spend-per-purchase", Kind::Money, mean, members));
        }
        asked.figure(Figure::exact("value-per-member", Kind::Money, value / all, members));
        asked.figure(Figure::exact("value-of-all", Kind::Money, value, members));
    }
    asked.table(table);
    Ok(())
}

/// The present value of what a member will spend, before any cost. The expected spend is linear in the member's own
/// mean, so that the mean of members alike serves for all of them.
fn worth_of(alike: &Alike, best: &Fitted, spend: &GammaGamma) -> Result<f64, ReportError> {
    let rate = DISCOUNT_PER_YEAR.ln_1p() / WEEKS_AHEAD;
    let purchases = best.model.discounted(&alike.history, rate, WEEKS_OF_VALUE)?;
    let known = Spend::new(alike.history.repeats(), alike.mean).ok();
    let amount = match known {
        Some(known) => spend.expected_spend(&known),
        None => spend.population_mean(),
    };
    // Without a mean of all, those of whom nothing is known are worth nothing that could be said.
    Ok(lifetime_value(purchases, amount.unwrap_or(0.0), 1.0))
}

async fn histories(asked: &mut Asked, split: Date) -> Result<Vec<Alike>, ReportError> {
    let rows = asked.rows_with("lifetime_value_histories", HISTORIES, &[], &[("split", split)]).await?;
    let repeats = rows.integers("repeats")?;
    let [recency, age] = [rows.numbers("recency")?, rows.numbers("age")?];
    let [members, later, mean] = [rows.numbers("members")?, rows.numbers("later")?, rows.numbers("mean")?];
    let mut alike = Vec::with_capacity(rows.len());
    for row in 0..rows.len() {
        let history = History::new(
            u32::try_from(repeats[row]).unwrap_or(0),
            recency[row] / DAYS_OF_WEEK,
            age[row] / DAYS_OF_WEEK,
        )
        .map_err(|fault| CustomerBaseError::Row { row, fault })?;
        alike.push(Alike { history, members: members[row], later: later[row], mean: mean[row] });
    }
    Ok(alike)
}

/// The model of what a purchase is worth; none where nobody bought twice, or where it does not fit.
async fn spend(asked: &mut Asked, split: Date) -> Result<Option<GammaGamma>, ReportError> {
    let rows = asked.rows_with("lifetime_value_spend", SPEND, &[], &[("split", split)]).await?;
    let (purchases, members) = (rows.integers("purchases")?, rows.counts("members")?);
    let mean = rows.numbers("mean")?;
    let mut spends = Vec::new();
    for row in 0..rows.len() {
        let spend = Spend::new(u32::try_from(purchases[row]).unwrap_or(0), mean[row])
            .map_err(|fault| CustomerBaseError::Row { row, fault })?;
        spends.extend(std::iter::repeat_n(spend, usize::try_from(members[row]).unwrap_or(0)));
    }
    let fitted = GammaGamma::fit(&Groups::of(spends)).ok().map(|fit| fit.model);
    if fitted.is_none() {
        asked.note("no-model-of-spend", 1);
    }
    Ok(fitted)
}

/// Fits every model; those that do not fit are left out, unless none does.
fn fit(alike: &[Alike]) -> Result<Vec<Fitted>, ReportError> {
    let histories = alike.iter().flat_map(|alike| {
        std::iter::repeat_n(alike.history, usize::try_from(whole(alike.members)).unwrap_or(0))
    });
    let groups = Groups::of(histories.collect());
    let beta_geometric = |name, dropout| -> Result<Fitted, CustomerBaseError> {
        let fit = BetaGeometricNbd::fit(&groups, dropout)?;
        let names = ["r", "alpha", "a", "b"];
        Ok(Fitted {
            name,
            model: Model::BetaGeometric(fit.model),
            log_likelihood: fit.log_likelihood,
            parameters: named(names, fit.model.parameters(), fit.standard_errors),
        })
    };
    let pareto = || -> Result<Fitted, CustomerBaseError> {
        let fit = ParetoNbd::fit(&groups)?;
        let names = ["r", "alpha", "s", "beta"];
        Ok(Fitted {
            name: "Pareto/NBD",
            model: Model::Pareto(fit.model),
            log_likelihood: fit.log_likelihood,
            parameters: named(names, fit.model.parameters(), fit.standard_errors),
        })
    };
    let steady = || -> Result<Fitted, CustomerBaseError> {
        let fit = Nbd::fit(&groups)?;
        Ok(Fitted {
            name: "NBD",
            model: Model::Steady(fit.model),
            log_likelihood: fit.log_likelihood,
            parameters: named(["r", "alpha"], fit.model.parameters(), fit.standard_errors),
        })
    };
    let tried = [
        beta_geometric("BG/NBD", FirstDropout::AfterRepeat),
        beta_geometric("MBG/NBD", FirstDropout::AfterFirst),
        pareto(),
        steady(),
    ];
    let mut fits = Vec::new();
    let mut fault = None;
    for result in tried {
        match result {
            Ok(fitted) => fits.push(fitted),
            Err(error) => fault = fault.or(Some(error)),
        }
    }
    match fault {
        Some(error) if fits.is_empty() => Err(error.into()),
        _ => Ok(fits),
    }
}

fn named<const N: usize>(
    names: [&'static str; N],
    values: [f64; N],
    errors: [f64; N],
) -> Vec<(&'static str, f64, f64)> {
    names.into_iter().zip(values).zip(errors).map(|((name, value), error)| (name, value, error)).collect()
}

/// Groups by the number of repeats, those with many together.
fn by_repeats(alike: &[Alike]) -> Vec<(String, Vec<&Alike>)> {
    (0..=REPEATS_TOGETHER)
        .map(|repeats| {
            let name = if repeats == REPEATS_TOGETHER { format!("{repeats}+") } else { repeats.to_string() };
            let of = |alike: &&Alike| alike.history.repeats().min(REPEATS_TOGETHER) == repeats;
            (name, alike.iter().filter(of).collect::<Vec<_>>())
        })
        .filter(|(_, group)| !group.is_empty())
        .collect()
}

fn total(
    alike: &[Alike],
    of: impl Fn(&Alike) -> Result<f64, CustomerBaseError>,
) -> Result<f64, CustomerBaseError> {
    alike.iter().try_fold(0.0, |sum, alike| Ok(sum + alike.members * of(alike)?))
}

impl Model {
    fn alive(&self, history: &History) -> f64 {
        match self {
            Self::BetaGeometric(model) => model.probability_alive(history),
            Self::Pareto(model) => model.probability_alive(history),
            Self::Steady(model) => model.probability_alive(history),
        }
    }

    fn expected(&self, history: &History, weeks: f64) -> Result<f64, CustomerBaseError> {
        match self {
            Self::BetaGeometric(model) => model.expected_given(history, weeks),
            Self::Pareto(model) => model.expected_given(history, weeks),
            Self::Steady(model) => model.expected_given(history, weeks),
        }
    }

    fn discounted(&self, history: &History, rate: f64, weeks: f64) -> Result<f64, CustomerBaseError> {
        match self {
            Self::BetaGeometric(model) => model.discounted_given(history, rate, weeks),
            Self::Pareto(model) => model.discounted_given(history, rate, weeks),
            Self::Steady(model) => model.discounted_given(history, rate, weeks),
        }
    }
}

fn count(alike: &[Alike]) -> u64 {
    u64::try_from(whole(alike.iter().map(|alike| alike.members).sum())).unwrap_or(0)
}

#[expect(clippy::cast_possible_truncation, reason = "counts of members and sums of money are far below 2^53")]
fn whole(value: f64) -> i64 {
    value.round() as i64
}
