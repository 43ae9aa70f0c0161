//! PT-09: expiry and release over random zones and days, against a calendar that searches for midnight.

use domain::programme::{CompiledProgramme, Expiry, FixedDay, Pending, Programme, Rolling};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::campaign::programmes::family;
use crate::campaign::random::Random;
use crate::campaign::run::setting;
use crate::reference::days::{self, Day, Zone};

/// Dates of a normal run; `PERENNIAL_DATES` asks for more.
const DATES: u64 = 40_000;

fn civil(day: Day) -> Date {
    let small = |number: i32| i8::try_from(number).expect("small");
    Date::new(i16::try_from(day.0).expect("small"), small(day.1), small(day.2)).expect("a day")
}

fn draw_day(random: &mut Random) -> Day {
    let year = i32::try_from(random.between(1972, 2037)).expect("small");
    // Days on which something can go wrong come often.
    match random.below(4) {
        0 => (year, 2, days::month_length(year, 2)),
        1 => days::end_of_month((year, i32::try_from(random.between(1, 12)).expect("small"), 1)),
        _ => days::add_days((year, 1, 1), u32::try_from(random.below(365)).expect("small")),
    }
}

fn draw_expiry(random: &mut Random) -> Expiry {
    let number =
        |random: &mut Random, first, last| u32::try_from(random.between(first, last)).expect("small");
    match random.below(3) {
        0 => Expiry::Rolling(Rolling {
            months: Some(number(random, 2, 30)),
            days: None,
            end_of_month: random.once_in(2),
        }),
        1 => Expiry::Rolling(Rolling {
            months: None,
            days: Some(number(random, 25, 400)),
            end_of_month: random.once_in(2),
        }),
        _ => Expiry::FixedDay(FixedDay {
            month: u8::try_from(random.between(1, 12)).expect("small"),
            day: u8::try_from(random.between(1, 28)).expect("small"),
            years: number(random, 1, 3),
        }),
    }
}

/// The last day of something earned on a day, by counting.
fn last_day(expiry: &Expiry, day: Day) -> Day {
    match expiry {
        Expiry::Rolling(rolling) => {
            let last = match rolling.months {
                Some(months) => days::add_months(day, i32::try_from(months).expect("small")),
                None => days::add_days(day, rolling.days.expect("days")),
            };
            if rolling.end_of_month { days::end_of_month(last) } else { last }
        }
        Expiry::FixedDay(fixed) => {
            let year = day.0 + i32::try_from(fixed.years).expect("small");
            (year, i32::from(fixed.month), i32::from(fixed.day))
        }
        Expiry::None | Expiry::InactivityMonths(_) => unreachable!("not drawn"),
    }
}

#[test]
fn pt_09_points_end_with_the_local_day_in_every_zone() {
    let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    let mut random = Random::new(setting("PERENNIAL_SEED").unwrap_or(9));
    let count = setting("PERENNIAL_DATES").unwrap_or(DATES);
    let template: Programme =
        Programme { rules: Vec::new(), ladders: Vec::new(), rewards: Vec::new(), ..family(1)[0].clone() };
    let mut checked = 0;
    let mut changes = 0;
    while checked < count {
        let name = &names[random.index(names.len())];
        let mut programme = template.clone();
        programme.time_zone.clone_from(name);
        programme.units[0].expiry = draw_expiry(&mut random);
        programme.units[0].pending = Pending::Days(u32::try_from(random.between(1, 20)).expect("small"));
        let compiled = CompiledProgramme::compile(programme.clone(), 1, Timestamp::UNIX_EPOCH);
        let compiled = compiled.unwrap_or_else(|findings| panic!("{name}: {findings:?}"));
        let (unit, zone) = (compiled.main_unit(), Zone::named(name));
        for _ in 0..40 {
            let day = draw_day(&mut random);
            let end = unit.expires_at(civil(day)).expect("an end");
            let last = last_day(&programme.units[0].expiry, day);
            assert_eq!(end, zone.end_of(last), "{name} {day:?} {:?}", programme.units[0].expiry);
            assert!(end > zone.start_of(day), "{name} {day:?}: ends before it was earned");
            let before = end.checked_sub(1.microsecond()).expect("in range");
            assert!(
                zone.day_of(before) <= last && zone.day_of(end) > last,
                "{name} {day:?}: not the first instant"
            );
            let tomorrow = unit.expires_at(civil(days::next(day))).expect("an end");
            assert!(tomorrow >= end, "{name} {day:?}: earned later, ended sooner");
            let Pending::Days(wait) = programme.units[0].pending else { unreachable!("set above") };
            let noon = civil(day).at(12, 0, 0, 0);
            assert_eq!(
                unit.release_at(noon),
                Some(zone.start_of(days::add_days(day, wait))),
                "{name} {day:?}"
            );
            changes += u64::from((end.as_second() - zone.start_of(last).as_second()) != 86_400);
            checked += 1;
        }
    }
    println!(
        "{checked} dates in {} zones, {changes} of them ending on a day with a clock change",
        names.len()
    );
    assert!(changes * 1_000 > checked, "days with a clock change are too rare to prove anything");
}
