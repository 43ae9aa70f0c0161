//! The stack as figures and tables. Nothing of fewer members than the least is told, and nothing from which it follows.

use stats::roll_up::Place;

use super::features::FEATURES;
use super::layer::{SegmentLayer, UNKNOWN};
use super::needs::{KEY, LAYERS, MEMBERS_MIN, segment_word, word};
use super::preference::Preferences;
use super::stack::Stack;
use super::sums::{Sum, Sums};
use crate::report::answer::{Figure, Kind, ReportTable, Value};
use crate::report::asked::Asked;
use crate::report::error::ReportError;
use crate::report::number::{count, real};

/// Need groups that are listed: the largest.
const GROUPS_TOLD_MAX: usize = 5_000;
/// Categories of a marker that are named.
const CATEGORIES_NAMED: usize = 5;

/// Tables of the three layers with names, and the figures of how they last.
const TABLES: [(&str, &str); 3] = [
    ("stack-preference", "preference-kept-month"),
    ("stack-life-stage", "life-stage-kept-month"),
    ("stack-usage", "usage-kept-month"),
];

/// A measure in which segments are compared with all members.
type Measure = (&'static str, fn(&Sum) -> Option<f64>);

const MEASURES: [Measure; 7] = [
    ("spend_per_member", Sum::amount_per_member),
    ("purchases_per_member", |sum| per(count(sum.purchases), count(sum.members))),
    ("spend_per_purchase", |sum| per(real(sum.amount), count(sum.purchases))),
    ("categories_per_member", |sum| per(count(sum.categories), count(sum.members))),
    ("prices_paid", |sum| per(real(sum.paid), sum.at_average)),
    ("weekend_share", |sum| per(count(sum.weekend_visits), count(sum.visits))),
    ("evening_share", |sum| per(count(sum.evenings), count(sum.purchases))),
];

fn per(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

/// What is told of each layer with names.
struct Layer<'a> {
    number: usize,
    sums: &'a Sums,
    all: &'a Sum,
}

pub(super) fn tell(asked: &mut Asked, stack: &Stack) -> Result<(), ReportError> {
    if (stack.members.len() as u64) < MEMBERS_MIN {
        return Err(ReportError::NoData {
            code: "too-few-to-tell",
            missing: "fewer than 50 members bought anything, and segments are not told of so few",
            remedy: "choose a longer period or other filters",
        });
    }
    notes(asked, stack);
    let sums = [0, 1, 2].map(|layer| stack.sums(layer));
    let mut all = Sum::default();
    stack.members.iter().for_each(|member| all.add(&member.habits, None));
    let kept = sums.each_ref().map(|sums| {
        let of = |value: fn(&Sum) -> u64| sums.values().map(value).sum::<u64>();
        (of(|sum| sum.compared), of(|sum| sum.unchanged))
    });
    let groups_kept = stack.need_groups_kept();
    for ((_, figure), kept) in TABLES.iter().zip(kept).chain([(&("", "need-group-kept-month"), groups_kept)])
    {
        stability(asked, figure, kept);
    }
    reach(asked, stack);
    asked.table(models(stack, &sums, &kept, groups_kept));
    for (number, sums) in sums.iter().enumerate() {
        asked.table(layer(stack, &Layer { number, sums, all: &all }));
    }
    need_groups(asked, stack, &all);
    let layers = sums.iter().enumerate().map(|(number, sums)| Layer { number, sums, all: &all });
    asked.table(explorer(layers));
    asked.table(markers(stack));
    Ok(())
}

fn notes(asked: &mut Asked, stack: &Stack) {
    asked.note("preference-not-told", u64::from(stack.preferences().is_none()));
    asked.note("life-stages-not-told", stack.silent_stages() as u64);
    let has_windows = stack.members.iter().any(|member| member.windows[0].is_some());
    asked.note("too-short-for-stability", u64::from(!has_windows));
    asked.note("small-cells-rolled-up", MEMBERS_MIN);
}

/// Of members who bought in two windows a month apart, those in the same segment.
fn stability(asked: &mut Asked, name: &'static str, (compared, unchanged): (u64, u64)) {
    if compared >= MEMBERS_MIN {
        let interval = stats::survey::proportion::wilson(count(unchanged), count(compared), 0.95).ok();
        let share = count(unchanged) / count(compared);
        asked.figure(Figure::exact(name, Kind::Share, share, compared).within(interval));
    }
}

/// How many combinations there could be, how many are told, and how many members are in one of them.
fn reach(asked: &mut Asked, stack: &Stack) {
    let members = stack.members.len() as u64;
    let told = stack.needs.groups().count() as u64;
    let inside = count(members - stack.needs.rest()) / count(members);
    for (name, kind, value) in [
        ("cells-addressable", Kind::Count, count(stack.needs.addressable)),
        ("need-groups-told", Kind::Count, count(told)),
        ("in-a-need-group", Kind::Share, inside),
    ] {
        asked.figure(Figure::exact(name, kind, value, members));
    }
}

/// The models: their versions, how sure they are on average, and how members stay.
fn models(stack: &Stack, sums: &[Sums; 3], kept: &[(u64, u64); 3], groups_kept: (u64, u64)) -> ReportTable {
    let columns = [
        ("layer", Kind::Word),
        ("version", Kind::Text),
        ("segments", Kind::Count),
        ("probability", Kind::Share),
        ("kept_month", Kind::Share),
    ];
    let mut table = ReportTable::new("segment-models", &columns);
    let kept = kept.iter().chain([&groups_kept]);
    for (number, (layer, kept)) in SegmentLayer::ALL.into_iter().zip(kept).enumerate() {
        let segments = match layer {
            SegmentLayer::NeedGroup => stack.needs.groups().count(),
            _ => super::layer::names(layer).len(),
        };
        // Usage is a rule: nothing about it is likely.
        let chances = sums.get(number).filter(|_| layer != SegmentLayer::Usage);
        let all = chances.map(|sums| {
            sums.values().fold((0.0, 0), |all: (f64, u64), sum| (all.0 + sum.chances, all.1 + sum.told))
        });
        table.rows.push(vec![
            Value::Text(layer.as_str().replace('-', "_")),
            Value::Text(stack.version(layer)),
            Value::count(segments as u64),
            Value::known(all.and_then(|(chances, told)| per(chances, count(told)))),
            Value::known(kept_share(kept.0, kept.1)),
        ]);
    }
    table
}

/// Of so few no share is told.
fn kept_share(compared: u64, unchanged: u64) -> Option<f64> {
    (compared >= MEMBERS_MIN).then(|| count(unchanged) / count(compared))
}

/// The segments of a layer: sizes, sales, index, how sure and how lasting they are.
fn layer(stack: &Stack, layer: &Layer<'_>) -> ReportTable {
    let names = stack.preferences().filter(|_| layer.number == 0).map(Preferences::names);
    let mut columns = vec![("segment", Kind::Word)];
    columns.extend((layer.number == 0).then_some(("prefers", Kind::Text)));
    columns.extend(SIZE_COLUMNS);
    columns.extend((layer.number != 2).then_some(("probability", Kind::Share)));
    columns.push(("kept_month", Kind::Share));
    let mut table = ReportTable::new(TABLES[layer.number].0, &columns);
    for (value, sum) in layer.sums.iter().filter(|(_, sum)| sum.members > 0) {
        let mut row = vec![Value::Text(segment_word(layer.number, *value).to_owned())];
        if layer.number == 0 {
            let name = names.as_ref().and_then(|names| names.get(usize::from(*value)));
            row.push(name.map_or(Value::Empty, |name| Value::Text(name.clone())));
        }
        row.extend(size_cells(sum, layer.all));
        if layer.number != 2 {
            row.push(Value::known(per(sum.chances, count(sum.told))));
        }
        row.push(Value::known(kept_share(sum.compared, sum.unchanged)));
        table.rows.push(row);
    }
    table
}

const SIZE_COLUMNS: [(&str, Kind); 5] = [
    ("members", Kind::Count),
    ("members_share", Kind::Share),
    ("amount", Kind::Money),
    ("amount_share", Kind::Share),
    ("index", Kind::Number),
];

/// Members, their share, sales, their share, and spend of a member against that of all, 100 being the same.
fn size_cells(sum: &Sum, all: &Sum) -> [Value; 5] {
    [
        Value::count(sum.members),
        Value::known(per(count(sum.members), count(all.members))),
        Value::Integer(sum.amount),
        Value::known(per(real(sum.amount), real(all.amount))),
        Value::known(index(sum, all, Sum::amount_per_member)),
    ]
}

/// A measure of some members against that of all; none where all have nothing of it.
fn index(sum: &Sum, all: &Sum, measure: fn(&Sum) -> Option<f64>) -> Option<f64> {
    per(100.0 * measure(sum)?, measure(all)?)
}

/// Need groups, the largest first; what is in none of them last.
fn need_groups(asked: &mut Asked, stack: &Stack, all: &Sum) {
    let mut sums: std::collections::BTreeMap<Vec<Place>, Sum> = std::collections::BTreeMap::new();
    for member in &stack.members {
        sums.entry(stack.needs.group(&member.key)).or_default().add(&member.habits, None);
    }
    let rest = sums.remove(&Vec::new());
    let mut sorted: Vec<(Vec<Place>, Sum)> = sums.into_iter().collect();
    sorted.sort_by(|one, other| other.1.members.cmp(&one.1.members).then_with(|| one.0.cmp(&other.0)));
    asked.note("need-groups-not-listed", sorted.len().saturating_sub(GROUPS_TOLD_MAX) as u64);
    sorted.truncate(GROUPS_TOLD_MAX);
    sorted.extend(rest.map(|rest| (Vec::new(), rest)));
    let layers = ["preference", "life_stage", "usage"].into_iter();
    let columns = layers.chain(FEATURES.iter().map(|(name, _)| *name)).map(|name| (name, Kind::Word));
    let columns: Vec<(&'static str, Kind)> = columns.chain(SIZE_COLUMNS).collect();
    let mut table = ReportTable::new("need-groups", &columns);
    for (group, sum) in &sorted {
        let cell = |place: usize| match (group.get(place), place) {
            (Some(value), _) => Value::Text(word(place, *value).to_owned()),
            (None, 0) => Value::Text("rest".to_owned()),
            (None, _) => Value::Empty,
        };
        table.rows.push((0..KEY).map(cell).chain(size_cells(sum, all)).collect());
    }
    asked.table(table);
}

/// Each segment against all members, measure by measure: 100 is the same.
fn explorer<'a>(layers: impl Iterator<Item = Layer<'a>>) -> ReportTable {
    let columns = [
        ("layer", Kind::Word),
        ("segment", Kind::Word),
        ("members", Kind::Count),
        ("measure", Kind::Word),
        ("index", Kind::Number),
    ];
    let mut table = ReportTable::new("segment-explorer", &columns);
    for layer in layers {
        for (value, sum) in layer.sums.iter().filter(|(_, sum)| sum.members > 0) {
            for (measure, of) in MEASURES {
                table.rows.push(vec![
                    Value::Text(LAYERS[layer.number].as_str().replace('-', "_")),
                    Value::Text(segment_word(layer.number, *value).to_owned()),
                    Value::count(sum.members),
                    Value::Text(measure.to_owned()),
                    Value::known(index(sum, layer.all, of)),
                ]);
            }
        }
    }
    table
}

/// What life stages are told by. Markers that no category has tell nothing.
fn markers(stack: &Stack) -> ReportTable {
    let columns = [
        ("marker", Kind::Word),
        ("categories", Kind::Count),
        ("matched", Kind::Text),
        ("members", Kind::Count),
        ("tells", Kind::Word),
    ];
    let mut table = ReportTable::new("life-stage-markers", &columns);
    for found in &stack.markers {
        let named: Vec<&str> = found.categories.iter().take(CATEGORIES_NAMED).map(String::as_str).collect();
        let (few, others) = (found.members, stack.members.len() as u64 - found.members);
        let is_told = few >= MEMBERS_MIN && (others == 0 || others >= MEMBERS_MIN);
        let tells = if found.categories.is_empty() { UNKNOWN } else { "told" };
        table.rows.push(vec![
            Value::Text(found.marker.name.clone()),
            Value::count(found.categories.len() as u64),
            if named.is_empty() { Value::Empty } else { Value::Text(named.join(", ")) },
            if is_told { Value::count(found.members) } else { Value::Empty },
            Value::Text(tells.to_owned()),
        ]);
    }
    table
}
