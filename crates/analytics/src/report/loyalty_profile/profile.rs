//! The loyalty profile as figures and a table: how many are in each segment, what they spend, what they
//! withhold, and what to do about it.

use super::Member;
use super::segment::{Branch, Segment};
use crate::report::answer::{Figure, Kind, ReportTable, Value};
use crate::report::asked::Asked;
use crate::report::migration::{Migration, MigrationValue};
use crate::report::number::{count, real};

/// ρ in per cent: what of a loss can be won back. Coyles and Gokey (2002) report companies that cut downward
/// migration and defection “by as much as 30 percent”: the most that was seen, for every segment alike.
const RECOVERABLE_PER_CENT: i128 = 30;
/// η in per cent: what of the spend elsewhere of those who stay could be won, for every segment alike. Ours: no study
/// gives one. Sales, not margin: the lake knows no costs.
const UPWARD_PER_CENT: i128 = 10;
/// Days of a month on average, in thousandths: members tell what they spend in an ordinary month.
const MONTH_MILLIDAYS: i128 = 30_437;

/// What the members of a segment add up to.
struct Line {
    segment: Segment,
    members: u64,
    /// Of them, those who are in it by their own answers.
    asked: u64,
    before: i64,
    now: i64,
    /// The weight of their answers.
    asked_weight: f64,
    /// What those of them withhold who spend less.
    at_stake: i64,
    /// Those of them who stay and told what they spend elsewhere …
    told: u64,
    /// … and what that is in a month.
    elsewhere: i64,
}

impl Line {
    fn of(segment: Segment, members: &[Member]) -> Self {
        let mut line = Self {
            segment,
            members: 0,
            asked: 0,
            before: 0,
            now: 0,
            asked_weight: 0.0,
            at_stake: 0,
            told: 0,
            elsewhere: 0,
        };
        for member in members.iter().filter(|member| member.segment == segment) {
            line.members += 1;
            line.asked += u64::from(member.is_asked);
            line.before += member.spend.before;
            line.now += member.spend.now;
            line.asked_weight += if member.is_asked { member.weight } else { 0.0 };
            match (member.branch, member.elsewhere) {
                (Branch::Downward, _) => line.at_stake += member.spend.before - member.spend.now,
                (Branch::Loyalist, Some(elsewhere)) => {
                    line.told += 1;
                    line.elsewhere = line.elsewhere.saturating_add(elsewhere);
                }
                (Branch::Loyalist, None) => {}
            }
        }
        line
    }
}

/// Rounded down, once for each segment. Where all spend more, whoever falls behind may still spend more than
/// before: there is nothing to win back then.
fn recoverable(at_stake: i64) -> i64 {
    i64::try_from(i128::from(at_stake.max(0)) * RECOVERABLE_PER_CENT / 100).unwrap_or(i64::MAX)
}

/// η of what is spent elsewhere in so many days: the upward value, in sales. Rounded down, once for each segment.
fn upward(elsewhere: i64, days: i32) -> i64 {
    let in_period = i128::from(elsewhere) * i128::from(days) * 1_000 / MONTH_MILLIDAYS;
    i64::try_from(in_period * UPWARD_PER_CENT / 100).unwrap_or(i64::MAX)
}

/// Says how many were judged and asked, how many spend less, what that loses against leaving, and how members
/// divide into the segments.
pub(super) fn tell(asked: &mut Asked, members: &[Member]) {
    let lines = Segment::ALL.map(|segment| Line::of(segment, members));
    let judged = members.len() as u64;
    let surveyed = members.iter().filter(|member| member.is_asked).count() as u64;
    asked.figure(Figure::exact("loyalty-judged", Kind::Count, count(judged), judged));
    asked.figure(Figure::exact("loyalty-surveyed", Kind::Count, count(surveyed), judged));
    let downward = losses(asked, members);
    let sum: i64 = lines.iter().map(|line| recoverable(line.at_stake)).sum();
    asked.figure(Figure::exact("recoverable-value", Kind::Money, real(sum), downward));
    let days = asked.period().days();
    let told: u64 = lines.iter().map(|line| line.told).sum();
    if told > 0 {
        let sum: i64 = lines.iter().map(|line| upward(line.elsewhere, days)).sum();
        asked.figure(Figure::exact("upward-value", Kind::Money, real(sum), told));
    }
    asked.table(table(&lines, judged, days));
}

/// The share of those who spend less or left, and what either loses; returns how many they are.
fn losses(asked: &mut Asked, members: &[Member]) -> u64 {
    let judged = members.len() as u64;
    let all = |branch: Branch, defected: bool| {
        let chosen = |member: &&Member| member.branch == branch && member.defected == defected;
        members.iter().filter(chosen).fold(Migration::default(), |sum, member| Migration {
            members: sum.members + 1,
            before: sum.before + member.spend.before,
            now: sum.now + member.spend.now,
        })
    };
    let (down, defected) = (all(Branch::Downward, false), all(Branch::Downward, true));
    let downward = down.members + defected.members;
    let interval = stats::survey::proportion::wilson(count(downward), count(judged), 0.95).ok();
    let share = count(downward) / count(judged);
    asked.figure(Figure::exact("downward-share", Kind::Share, share, judged).within(interval));
    let value = MigrationValue::of(&down, &defected);
    asked.figure(Figure::exact("lost-down", Kind::Money, real(value.lost_down), down.members));
    asked.figure(Figure::exact("lost-defected", Kind::Money, real(value.lost_defected), defected.members));
    if let Some(ratio) = value.ratio() {
        asked.figure(Figure::exact("down-to-defected", Kind::Number, ratio, judged));
    }
    downward
}

fn table(lines: &[Line], judged: u64, days: i32) -> ReportTable {
    let weights: f64 = lines.iter().map(|line| line.asked_weight).sum();
    let mut table = ReportTable::new(
        "loyalty-profile",
        &[
            ("segment", Kind::Word),
            ("members", Kind::Count),
            ("members_share", Kind::Share),
            ("of_them_asked", Kind::Count),
            ("weighted_share", Kind::Share),
            ("amount_before", Kind::Money),
            ("amount_now", Kind::Money),
            ("at_stake", Kind::Money),
            ("recoverable", Kind::Money),
            ("upward", Kind::Money),
            ("play", Kind::Word),
        ],
    );
    for line in lines {
        table.rows.push(vec![
            Value::Text(line.segment.as_str().to_owned()),
            Value::count(line.members),
            Value::Number(count(line.members) / count(judged)),
            Value::count(line.asked),
            Value::known((weights > 0.0).then(|| line.asked_weight / weights)),
            Value::Integer(line.before),
            Value::Integer(line.now),
            Value::Integer(line.at_stake),
            Value::Integer(recoverable(line.at_stake)),
            if line.told > 0 { Value::Integer(upward(line.elsewhere, days)) } else { Value::Empty },
            Value::Text(line.segment.play().to_owned()),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::Member;
    use super::super::model::FEATURES;
    use super::super::segment::{Branch, Segment, Spend};
    use super::{Line, recoverable, upward};

    #[test]
    fn a_segment_adds_up_its_members_and_puts_at_stake_what_those_withhold_who_spend_less() {
        let member = |branch, segment, before, now, is_asked| Member {
            spend: Spend { before, now },
            defected: now == 0,
            branch,
            behaviour: [0.0; FEATURES.len()],
            is_asked,
            segment,
            weight: 1.5,
            elsewhere: Some(100),
        };
        let members = [
            member(Branch::Downward, Segment::Unresolved, 1_000, 600, false),
            member(Branch::Downward, Segment::Unresolved, 500, 0, false),
            member(Branch::Loyalist, Segment::Unresolved, 800, 900, false),
            member(Branch::Loyalist, Segment::Emotive, 700, 650, true),
        ];
        let open = Line::of(Segment::Unresolved, &members);
        assert_eq!((open.members, open.asked, open.before, open.now), (3, 0, 2_300, 1_500));
        assert_eq!(open.at_stake, 900, "a loyalist puts nothing at stake");
        let emotive = Line::of(Segment::Emotive, &members);
        assert_eq!((emotive.members, emotive.asked, emotive.at_stake), (1, 1, 0));
        assert!((emotive.asked_weight - 1.5).abs() < 1e-12 && open.asked_weight.abs() < 1e-12);
        assert_eq!((open.told, open.elsewhere), (1, 100), "only who stays can be won more of");
        assert_eq!(Line::of(Segment::Lifestyle, &members).members, 0);
    }

    #[test]
    fn a_tenth_of_what_loyalists_spend_elsewhere_could_be_won() {
        // 100 yuan a month in 365 days are 1,199.19 yuan, in one day 3.28.
        for (elsewhere, days, expected) in [(10_000, 365, 11_991), (10_000, 1, 32), (0, 365, 0)] {
            assert_eq!(upward(elsewhere, days), expected, "{elsewhere} in {days}");
        }
        assert!(upward(i64::MAX, 365) > 0);
    }

    #[test]
    fn three_tenths_of_a_loss_can_be_won_back_and_of_a_gain_nothing() {
        for (at_stake, expected) in [(900, 270), (901, 270), (903, 270), (904, 271), (0, 0), (-500, 0)] {
            assert_eq!(recoverable(at_stake), expected, "{at_stake}");
        }
        assert!(recoverable(i64::MAX) > 0);
    }
}
