//! All layers of all members: fitted to the whole period, and told of each member for the whole and for two windows a month
//! apart.

use jiff::ToSpan;
use jiff::civil::Date;
use stats::roll_up::Place;

use super::MEMBERS;
use super::features::Borders;
use super::habits::{Habits, Reader};
use super::layer::{SegmentLayer, place};
use super::life_stage::LifeStages;
use super::markers::{DEFAULT, Marker, Markers};
use super::needs::{KEY, Key, LAYERS, Needs};
use super::preference::{Placed, Preferences, SPANS};
use super::usage::Usage;
use super::version::Version;
use crate::report::asked::{Asked, quoted};
use crate::report::error::ReportError;
use crate::report::request::Period;

const CATEGORIES: &str = include_str!("../../../reports/segment_stack_categories.sql");
const MARKERS: &str = include_str!("../../../reports/segment_stack_markers.sql");

/// A member in all layers.
pub(super) struct Member {
    pub(super) id: i64,
    pub(super) habits: Habits,
    pub(super) key: Key,
    /// The chance of their segment in each of the three layers; none where it cannot be told.
    pub(super) chances: [Option<f64>; 3],
    /// Their values in the earlier and in the later window, where they bought something.
    pub(super) windows: [Option<Key>; 2],
}

/// A marker that some category has.
pub(super) struct Matched {
    pub(super) marker: Marker,
    /// The largest category first.
    pub(super) categories: Vec<String>,
    /// Members who bought such a thing.
    pub(super) members: u64,
}

/// The models and what they say of everybody.
pub(super) struct Stack {
    pub(super) members: Vec<Member>,
    known: Known,
    models: Models,
    pub(super) needs: Needs,
    /// Markers with their categories, also those without any.
    pub(super) markers: Vec<Matched>,
    markers_text: String,
    period: Period,
}

/// Spans of days: the whole period, and two windows a month apart; none where it is too short for that.
struct Spans {
    whole: (Date, Date),
    /// A month after the beginning and a month before the end.
    borders: Option<(Date, Date)>,
}

impl Spans {
    fn of(period: Period) -> Self {
        let borders = (period.from.saturating_add(1.month()), period.to.saturating_sub(1.month()));
        Self { whole: (period.from, period.to), borders: (borders.0 < borders.1).then_some(borders) }
    }

    /// The earlier window and the later one, if there are any.
    fn windows(&self) -> impl Iterator<Item = (Date, Date)> + use<> {
        let (from, to) = self.whole;
        self.borders.into_iter().flat_map(move |(second, last)| [(from, last), (second, to)])
    }
}

impl Stack {
    /// Fits the models and places everybody; in the windows as well where it is wanted.
    pub(super) async fn of(asked: &mut Asked, has_windows: bool) -> Result<Self, ReportError> {
        let markers_text = asked.request().markers.clone().unwrap_or_else(|| DEFAULT.to_owned());
        let markers = Markers::parse(&markers_text)?;
        let categories = asked.rows("segment_stack_categories", CATEGORIES, &[]).await?.texts("category")?;
        let reader = Reader::new(asked, !categories.is_empty()).await?;
        let spans = Spans::of(asked.period());
        let habits = reader.read(asked, spans.whole).await?;
        asked.members(habits.len() as u64)?;
        let mut matched = matched(&markers, &categories);
        let known = Known::of(asked, &spans).await?;
        let models = Models::of(&markers, &matched, &habits, asked.period().days())?;
        let (values, marked) = models.see(asked, &habits, &known, (0, spans.whole)).await?;
        let with_category = matched.iter_mut().filter(|found| !found.categories.is_empty());
        with_category.zip(marked).for_each(|(found, members)| found.members = members);
        let mut members: Vec<Member> = habits
            .into_iter()
            .zip(values)
            .map(|((id, habits), (key, chances))| Member { id, habits, key, chances, windows: [None; 2] })
            .collect();
        for (window, span) in (1..SPANS).zip(spans.windows()).filter(|_| has_windows) {
            let habits = reader.read(asked, span).await?;
            let (values, _) = models.see(asked, &habits, &known, (window, span)).await?;
            for ((id, _), (key, _)) in habits.iter().zip(values) {
                if let Ok(at) = members.binary_search_by_key(id, |member| member.id) {
                    members[at].windows[window - 1] = Some(key);
                }
            }
        }
        let needs = Needs::of(members.iter().map(|member| member.key))?;
        let period = asked.period();
        Ok(Self { members, known, models, needs, markers: matched, markers_text, period })
    }

    /// The version of a layer's model.
    pub(super) fn version(&self, layer: SegmentLayer) -> String {
        let mut version = Version::of(layer, self.period);
        match layer {
            SegmentLayer::Preference => {
                if let Some(preferences) = self.preferences() {
                    preferences.add_to(&mut version);
                }
            }
            SegmentLayer::LifeStage => {
                version.text(&self.markers_text);
                for found in &self.markers {
                    found.categories.iter().for_each(|category| version.text(category));
                }
            }
            SegmentLayer::Usage => {
                let usage = &self.models.usage;
                version.numbers(&[usage.gap_days, usage.categories]);
                version.thirds(usage.rate);
            }
            SegmentLayer::NeedGroup => {
                for layer in LAYERS {
                    version.text(&self.version(layer));
                }
                version.thirds(self.models.borders.price);
                version.thirds(self.models.borders.basket);
            }
        }
        version.told()
    }

    /// The groups of preferences, if there are any.
    pub(super) fn preferences(&self) -> Option<&Preferences> {
        self.known.preferences.as_ref()
    }

    /// Life stages that nothing speaks for.
    pub(super) fn silent_stages(&self) -> usize {
        self.models.life_stages.silent(!self.known.ages.is_empty())
    }
}

/// A member's values in a span of days, and the chances of their segments.
type Values = (Key, [Option<f64>; 3]);

/// What is fitted to the whole period.
struct Models {
    usage: Usage,
    borders: Borders,
    life_stages: LifeStages,
    /// Categories with the number of their marker, as rows of values; empty where no category has any.
    chosen: (String, usize),
}

/// What is known of members beside their habits, in the order of their numbers.
struct Known {
    /// The age at the end of the period of those who told it.
    ages: Vec<(i64, i64)>,
    preferences: Option<Preferences>,
    preferred: Vec<(i64, Placed)>,
}

impl Known {
    async fn of(asked: &mut Asked, spans: &Spans) -> Result<Self, ReportError> {
        let ages = ages(asked).await?;
        let preferences = Preferences::fit(asked).await?;
        let borders = spans.borders.unwrap_or((spans.whole.1, spans.whole.1));
        let preferred = match &preferences {
            Some(preferences) => preferences.place(asked, borders).await?,
            None => Vec::new(),
        };
        Ok(Self { ages, preferences, preferred })
    }
}

impl Models {
    fn of(
        markers: &Markers,
        matched: &[Matched],
        habits: &[(i64, Habits)],
        days: i32,
    ) -> Result<Self, ReportError> {
        let with_category = matched.iter().filter(|found| !found.categories.is_empty());
        let with_category: Vec<&Marker> = with_category.map(|found| &found.marker).collect();
        let habits: Vec<Habits> = habits.iter().map(|(_, habits)| *habits).collect();
        Ok(Self {
            usage: Usage::of(&habits, days),
            borders: Borders::of(&habits),
            life_stages: LifeStages::of(markers, &with_category)?,
            chosen: chosen(matched),
        })
    }

    fn markers(&self) -> usize {
        self.chosen.1.max(1)
    }

    /// The values of members in a span of days, which is the whole, the earlier window or the later one; and how many of
    /// them bought what each marker stands for.
    async fn see(
        &self,
        asked: &mut Asked,
        habits: &[(i64, Habits)],
        known: &Known,
        (number, span): (usize, (Date, Date)),
    ) -> Result<(Vec<Values>, Vec<u64>), ReportError> {
        let visits = self.marker_visits(asked, habits, span).await?;
        let of_marker = |marker| visits.iter().skip(marker).step_by(self.markers());
        let marked = (0..self.chosen.1).map(|marker| of_marker(marker).filter(|v| **v > 0).count() as u64);
        let days = (span.1 - span.0).get_days();
        Ok((self.place(habits, &visits, known, (number, days))?, marked.collect()))
    }

    /// On how many days each member bought what each marker stands for, member by member.
    async fn marker_visits(
        &self,
        asked: &mut Asked,
        habits: &[(i64, Habits)],
        span: (Date, Date),
    ) -> Result<Vec<u32>, ReportError> {
        let (chosen, count) = &self.chosen;
        let mut found = vec![0; habits.len() * self.markers()];
        if *count == 0 {
            return Ok(found);
        }
        let sql = MARKERS.replace("{chosen}", chosen);
        let days = [("first", span.0), ("end", span.1)];
        let rows = asked.rows_with("segment_stack_markers", &sql, &[], &days).await?;
        let [members, markers, visits] =
            [rows.integers("member_id")?, rows.integers("marker")?, rows.integers("visits")?];
        for (row, member) in members.into_iter().enumerate() {
            let at = habits.binary_search_by_key(&member, |(member, _)| *member);
            let marker = usize::try_from(markers[row]).ok().filter(|marker| marker < count);
            if let (Ok(at), Some(marker)) = (at, marker) {
                found[at * count + marker] = u32::try_from(visits[row]).unwrap_or(u32::MAX);
            }
        }
        Ok(found)
    }

    /// The values of members in a span of days, and the chances of their segments.
    fn place(
        &self,
        habits: &[(i64, Habits)],
        visits: &[u32],
        known: &Known,
        (span, days): (usize, i32),
    ) -> Result<Vec<Values>, ReportError> {
        let mut places = Vec::with_capacity(habits.len());
        for ((id, habits), visits) in habits.iter().zip(visits.chunks(self.markers())) {
            let at = |found: Result<usize, usize>| found.ok();
            let age =
                at(known.ages.binary_search_by_key(id, |(member, _)| *member)).map(|at| known.ages[at].1);
            let found = at(known.preferred.binary_search_by_key(id, |(member, _)| *member));
            let preference = found.and_then(|at| known.preferred[at].1[span]);
            let visits = if self.chosen.1 == 0 { &[] } else { visits };
            let stage = self.life_stages.place(habits.visits, visits, age)?;
            let usage = self.usage.segment(habits, days);
            let mut key: Key = [0; KEY];
            key[0] = place(LAYERS[0], preference.map(|(segment, _)| segment));
            key[1] = place(LAYERS[1], stage.map(|(segment, _)| segment));
            key[2] = place(LAYERS[2], Some(usage));
            for (place, value) in key[LAYERS.len()..].iter_mut().zip(self.borders.values(habits)) {
                *place = Place::try_from(value).unwrap_or(Place::MAX);
            }
            let chances = [preference.map(|(_, chance)| chance), stage.map(|(_, chance)| chance), Some(1.0)];
            places.push((key, chances));
        }
        Ok(places)
    }
}

/// The markers, with the categories that have them.
fn matched(markers: &Markers, categories: &[String]) -> Vec<Matched> {
    let of = |marker: &Marker| Matched {
        categories: categories.iter().filter(|category| marker.has(category)).cloned().collect(),
        marker: marker.clone(),
        members: 0,
    };
    markers.markers.iter().map(of).collect()
}

/// The categories of markers that have any as rows of values, each with the number of its marker, and how many such markers
/// there are.
fn chosen(matched: &[Matched]) -> (String, usize) {
    let found: Vec<&Matched> = matched.iter().filter(|marker| !marker.categories.is_empty()).collect();
    let row = |(number, category): (usize, &String)| format!("({}, {number})", quoted(category));
    let rows = found
        .iter()
        .enumerate()
        .flat_map(|(number, marker)| marker.categories.iter().map(move |category| (number, category)));
    (rows.map(row).collect::<Vec<_>>().join(", "), found.len())
}

/// The age at the end of the period of each member whose year of birth is known.
async fn ages(asked: &mut Asked) -> Result<Vec<(i64, i64)>, ReportError> {
    let year = i64::from(asked.period().to.year());
    let rows = asked.rows("segment_stack_members", MEMBERS, &[]).await?;
    let born = rows.integers("member_id")?.into_iter().zip(rows.integers("birth_year")?);
    Ok(born.filter(|(_, born)| *born > 0).map(|(member, born)| (member, year - born)).collect())
}
