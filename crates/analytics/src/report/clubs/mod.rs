//! Clubs: members who give certain categories far more of their spend than all do. The clubs are proposed from which
//! categories the same members favour; what a member has to do with a club is counted, not modelled.

mod answer;
mod members;
mod named;
mod proposal;

pub use members::{ClubMember, ClubMembers, club_members};

use jiff::ToSpan;
use jiff::civil::Date;

use self::named::named;
use self::proposal::{Club, propose};
use super::answer::{Figure, Kind};
use super::asked::{Asked, Rows, day_text, quoted};
use super::error::ReportError;
use super::number::{count, real};

const CATEGORIES: &str = include_str!("../../../reports/clubs_categories.sql");
const BASE: &str = include_str!("../../../reports/clubs_base.sql");
const MEMBERS: &str = include_str!("../../../reports/clubs_members.sql");
const TOGETHER: &str = include_str!("../../../reports/clubs_together.sql");
const CLUBS: &str = include_str!("../../../reports/clubs.sql");
const PER_MEMBER: &str = include_str!("../../../reports/clubs_per_member.sql");
const REASONS: &str = include_str!("../../../reports/clubs_reasons.sql");
const WHY: &str = include_str!("../../../reports/clubs_why.sql");
const STABILITY: &str = include_str!("../../../reports/clubs_stability.sql");

/// Categories that clubs are made of: those with most sales. The proposal compares each with each.
const CATEGORIES_MAX: i64 = 50;
/// Clubs that are proposed: as many as one manager can keep alive.
const CLUBS_MAX: usize = 13;
/// A member is in a club whose share of their spend is at least this per cent of its share of all spend.
const INDEX_MIN: i64 = 150;
/// Purchases of a club's categories that a member of it has made at least.
const PURCHASES_MIN: i64 = 3;
/// Categories whose members are correlated by more than this are put together. Weaker ties join everything to everything.
const CORRELATION_MIN: f64 = 0.05;

/// A table of who favours what, and the one of the shares that all give to it.
type Favours = (&'static str, &'static str);

const CLUB_MEMBERS: Favours = ("club_members", "club_members_base");
const CATEGORY_MEMBERS: Favours = ("category_members", "category_members_base");
const CLUB_MEMBERS_BY_SPAN: Favours = ("club_members_by_span", "club_members_by_span_base");

/// What clubs are made of: the categories with most sales, in that order, and the members and sales they are seen against.
struct Base {
    names: Vec<String>,
    amounts: Vec<i64>,
    members: u64,
    amount: i64,
}

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    let (base, clubs) = found_clubs(asked).await?;
    let chosen = chosen_of(&base, &clubs);
    let sizes = asked.rows("clubs", CLUBS, &[]).await?;
    let stability = stability(asked, &chosen, clubs.len()).await?;
    let per_member = asked.rows("clubs_per_member", PER_MEMBER, &[]).await?;
    membership(asked, &base, &per_member)?;
    asked.table(answer::clubs(&base, &clubs, &sizes, &stability)?);
    asked.keep("club_reasons", (REASONS, &chosen)).await?;
    let why = asked.rows("clubs_why", WHY, &[]).await?;
    asked.table(answer::why(&base, &clubs, &sizes, &why)?);
    let together = TOGETHER.replace("{view}", CLUB_MEMBERS.0);
    let overlaps = asked.rows("clubs_overlaps", &together, &[]).await?;
    asked.table(answer::overlaps(&clubs, &overlaps, base.members)?);
    asked.table(answer::per_member(&per_member, base.members)?);
    Ok(())
}

/// The clubs that the question names, or else those that the categories suggest, with a view of who is in them.
async fn found_clubs(asked: &mut Asked) -> Result<(Base, Vec<Club>), ReportError> {
    let text = asked.request().clubs.clone();
    // A club that is named may be made of any category.
    let base = base(asked, if text.is_some() { i64::MAX } else { CATEGORIES_MAX }).await?;
    let clubs = match text {
        Some(text) => named(&text, &base)?,
        None => proposed(asked, &base).await?,
    };
    if clubs.is_empty() {
        return Err(ReportError::NoData {
            code: "no-club",
            missing: "no category is favoured by anybody who has bought it often enough",
            remedy: "choose a longer period or other filters",
        });
    }
    let whole = [(asked.period().from, asked.period().to)];
    favours(asked, CLUB_MEMBERS, &chosen_of(&base, &clubs), &whole).await?;
    Ok((base, clubs))
}

fn chosen_of(base: &Base, clubs: &[Club]) -> String {
    chosen(base, clubs.iter().map(|club| club.categories.as_slice()))
}

async fn base(asked: &mut Asked, categories_max: i64) -> Result<Base, ReportError> {
    let rows = asked.rows("clubs_categories", CATEGORIES, &[("categories_max", categories_max)]).await?;
    let names = rows.texts("category")?;
    if names.is_empty() {
        return Err(ReportError::NoData {
            code: "no-category",
            missing: "no line of these purchases has a category",
            remedy: "name the category's column in the import map, or send categories with purchases",
        });
    }
    let members = rows.counts("members_total")?.first().copied().unwrap_or(0);
    asked.members(members)?;
    let all = rows.counts("categories")?.first().copied().unwrap_or(0);
    asked.note("categories-left-out", all.saturating_sub(names.len() as u64));
    let amount = rows.integers("amount_total")?.first().copied().unwrap_or(0);
    Ok(Base { names, amounts: rows.integers("amount")?, members, amount })
}

/// Makes a table of who favours which group of categories in which span of days.
async fn favours(
    asked: &mut Asked,
    (view, base): Favours,
    chosen: &str,
    spans: &[(Date, Date)],
) -> Result<(), ReportError> {
    let span = |(number, (from, to)): (usize, &(Date, Date))| {
        format!("({number}, {}, {})", day_text(*from), day_text(*to))
    };
    let spans: Vec<String> = spans.iter().enumerate().map(span).collect();
    let filled = |sql: &str| {
        sql.replace("{view}", view)
            .replace("{index_min}", &INDEX_MIN.to_string())
            .replace("{purchases_min}", &PURCHASES_MIN.to_string())
            .replace("{spans}", &spans.join(", "))
    };
    asked.keep(base, (&filled(BASE), chosen)).await?;
    asked.keep(view, (&filled(MEMBERS), chosen)).await
}

/// Each category with the number of its group, as rows of values.
fn chosen<'a>(base: &Base, groups: impl Iterator<Item = &'a [usize]>) -> String {
    let row = |(group, category): (usize, &usize)| format!("({}, {group})", quoted(&base.names[*category]));
    let rows =
        groups.enumerate().flat_map(|(group, categories)| categories.iter().map(move |one| (group, one)));
    rows.map(row).collect::<Vec<_>>().join(", ")
}

/// The clubs that the categories suggest, each category being a group of its own to begin with.
async fn proposed(asked: &mut Asked, base: &Base) -> Result<Vec<Club>, ReportError> {
    let each: Vec<usize> = (0..base.names.len()).collect();
    let whole = [(asked.period().from, asked.period().to)];
    favours(asked, CATEGORY_MEMBERS, &chosen(base, each.chunks(1)), &whole).await?;
    let together = TOGETHER.replace("{view}", CATEGORY_MEMBERS.0);
    let rows = asked.rows("clubs_together", &together, &[]).await?;
    let numbers = |name: &str| -> Result<Vec<usize>, ReportError> {
        Ok(rows.counts(name)?.into_iter().map(|number| usize::try_from(number).unwrap_or(0)).collect())
    };
    let (left, right, members) = (numbers("club")?, numbers("other_club")?, rows.counts("members")?);
    let pairs: Vec<(usize, usize, u64)> =
        (0..rows.len()).map(|row| (left[row], right[row], members[row])).collect();
    let (clubs, left_out) = propose(&base.names, base.members, &pairs, CORRELATION_MIN, CLUBS_MAX)
        .map_err(ReportError::no_groups)?;
    asked.note("categories-in-no-club", left_out);
    Ok(clubs)
}

/// Members a club has in both, and in either, of two spans of days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Kept {
    both: u64,
    either: u64,
}

impl Kept {
    /// Jaccard's index; none of a club without members.
    fn share(self) -> Option<f64> {
        (self.either > 0).then(|| count(self.both) / count(self.either))
    }
}

/// What clubs keep: in two windows a month apart, and between the two halves of the period.
#[derive(Debug, Default)]
struct Stability {
    clubs: Vec<[Kept; 2]>,
}

impl Stability {
    fn of(&self, club: usize, pair: usize) -> Kept {
        self.clubs.get(club).map_or(Kept::default(), |pairs| pairs[pair])
    }
}

/// The windows a month apart overlap, as two monthly runs over the same number of weeks do; the halves do not.
async fn stability(asked: &mut Asked, chosen: &str, clubs: usize) -> Result<Stability, ReportError> {
    let period = asked.period();
    let (later, earlier) = (period.from.saturating_add(1.month()), period.to.saturating_sub(1.month()));
    if later >= earlier {
        asked.note("too-short-for-clubs-to-last", 1);
        return Ok(Stability::default());
    }
    let half = period.from.saturating_add((period.days() / 2).days());
    let spans = [(period.from, earlier), (later, period.to), (period.from, half), (half, period.to)];
    favours(asked, CLUB_MEMBERS_BY_SPAN, chosen, &spans).await?;
    let rows = asked.rows("clubs_stability", STABILITY, &[]).await?;
    let [numbers, pairs] = [rows.integers("club")?, rows.integers("pair")?];
    let [both, either] = [rows.counts("members_both")?, rows.counts("members_either")?];
    let mut found = Stability { clubs: vec![[Kept::default(); 2]; clubs] };
    let mut sums = [Kept::default(); 2];
    for row in 0..rows.len() {
        let at = |number: i64| usize::try_from(number).unwrap_or(0);
        let kept = Kept { both: both[row], either: either[row] };
        found.clubs[at(numbers[row])][at(pairs[row])] = kept;
        let sum = &mut sums[at(pairs[row])];
        *sum = Kept { both: sum.both + kept.both, either: sum.either + kept.either };
    }
    for (name, sum) in [("clubs-kept-month", sums[0]), ("clubs-kept-halves", sums[1])] {
        if let Some(share) = sum.share() {
            let interval = stats::survey::proportion::wilson(count(sum.both), count(sum.either), 0.95).ok();
            asked.figure(Figure::exact(name, Kind::Share, share, sum.either).within(interval));
        }
    }
    Ok(found)
}

/// How many are in a club at all, and in how many.
fn membership(asked: &mut Asked, base: &Base, per_member: &Rows) -> Result<(), ReportError> {
    let (clubs, members) = (per_member.integers("clubs")?, per_member.counts("members")?);
    let inside: u64 = members.iter().sum();
    let places: f64 = clubs.iter().zip(&members).map(|(clubs, members)| real(*clubs) * count(*members)).sum();
    let interval = stats::survey::proportion::wilson(count(inside), count(base.members), 0.95).ok();
    let share = count(inside) / count(base.members);
    asked.figure(Figure::exact("in-a-club", Kind::Share, share, base.members).within(interval));
    if inside > 0 {
        asked.figure(Figure::exact("clubs-per-member", Kind::Number, places / count(inside), inside));
    }
    Ok(())
}
