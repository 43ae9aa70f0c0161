//! The chain ladder against published triangles and against histories it can be checked on.

use proptest::prelude::*;

use super::Triangle;
use crate::random::Random;

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
}

#[test]
fn the_golden_triangle_comes_to_sixty_per_cent() {
    // Case G-L13: issued 1,000, 1,200, 900; factors 2.25 and 1.3333; ultimates 600, 720, 540, 60 % of 3,100.
    let rows = vec![vec![200.0, 450.0, 600.0], vec![240.0, 540.0], vec![180.0]];
    let found = Triangle::new(rows).expect("a triangle").project();
    close(found.factors[0], 2.25, 1e-12);
    close(found.factors[1], 1.333_333, 5e-7);
    for (ultimate, expected) in found.ultimates.iter().zip([600.0, 720.0, 540.0]) {
        close(ultimate.expected, expected, 1e-9);
    }
    close(found.total.expected / 3_100.0, 0.6, 1e-12);
    // Both origins grew by exactly 2.25, so there is no spread to be unsure about.
    assert_eq!(found.total.standard_error, Some(0.0));
}

/// The triangle of Taylor and Ashe (1983), Journal of Econometrics 23, as printed by Mack (1993), section 6.
const TAYLOR_ASHE: [&[f64]; 10] = [
    &[
        357_848.0,
        1_124_788.0,
        1_735_330.0,
        2_218_270.0,
        2_745_596.0,
        3_319_994.0,
        3_466_336.0,
        3_606_286.0,
        3_833_515.0,
        3_901_463.0,
    ],
    &[
        352_118.0,
        1_236_139.0,
        2_170_033.0,
        3_353_322.0,
        3_799_067.0,
        4_120_063.0,
        4_647_867.0,
        4_914_039.0,
        5_339_085.0,
    ],
    &[290_507.0, 1_292_306.0, 2_218_525.0, 3_235_179.0, 3_985_995.0, 4_132_918.0, 4_628_910.0, 4_909_315.0],
    &[310_608.0, 1_418_858.0, 2_195_047.0, 3_757_447.0, 4_029_929.0, 4_381_982.0, 4_588_268.0],
    &[443_160.0, 1_136_350.0, 2_128_333.0, 2_897_821.0, 3_402_672.0, 3_873_311.0],
    &[396_132.0, 1_333_217.0, 2_180_715.0, 2_985_752.0, 3_691_712.0],
    &[440_832.0, 1_288_463.0, 2_419_861.0, 3_483_130.0],
    &[359_480.0, 1_421_128.0, 2_864_498.0],
    &[376_686.0, 1_363_294.0],
    &[344_014.0],
];

#[test]
fn reserves_and_errors_of_taylor_and_ashe_are_those_of_mack() {
    let rows = TAYLOR_ASHE.iter().map(|row| row.to_vec()).collect();
    let found = Triangle::new(rows).expect("a triangle").project();
    // Mack (1993), section 6: reserve and standard error by origin, in whole units.
    let published = [
        (0.0, 0.0),
        (94_634.0, 75_535.0),
        (469_511.0, 121_699.0),
        (709_638.0, 133_549.0),
        (984_889.0, 261_406.0),
        (1_419_459.0, 411_010.0),
        (2_177_641.0, 558_317.0),
        (3_920_301.0, 875_328.0),
        (4_278_972.0, 971_258.0),
        (4_625_811.0, 1_363_155.0),
    ];
    for (ultimate, (reserve, error)) in found.ultimates.iter().zip(published) {
        close(ultimate.outstanding(), reserve, 1.0);
        close(ultimate.standard_error.expect("an error"), error, 1.0);
    }
    close(found.total.outstanding(), 18_680_856.0, 1.0);
    close(found.total.standard_error.expect("an error"), 2_447_095.0, 1.0);
}

/// A history of eight origins to its end, growing as Mack's model says, and the triangle known of it.
fn history(random: &mut Random) -> (Triangle, f64) {
    // A factor and Mack's σ² for each age; both fall with age, as they do in what the method is used on.
    let factors = [(2.5, 40.0), (1.6, 20.0), (1.3, 8.0), (1.15, 3.0), (1.08, 1.0), (1.04, 0.3), (1.02, 0.1)];
    let (mut rows, mut truth) = (Vec::new(), 0.0);
    for origin in 0..8 {
        let mut row = vec![10_000.0 * (0.9 + 0.2 * random.uniform())];
        for (factor, spread) in factors {
            let now = row[row.len() - 1];
            row.push((factor * now + (spread * now).sqrt() * random.normal()).max(now));
        }
        truth += row[row.len() - 1];
        row.truncate(8 - origin);
        rows.push(row);
    }
    (Triangle::new(rows).expect("a triangle"), truth)
}

#[test]
fn the_interval_covers_what_the_origins_really_came_to() {
    let mut random = Random::new(131);
    let (mut covered, mut bias) = (0_u32, 0.0);
    for _ in 0..1_000 {
        let (triangle, truth) = history(&mut random);
        let total = triangle.project().total;
        let interval = total.interval(0.9).expect("fits").expect("an error");
        covered += u32::from(interval.covers(truth));
        bias += (total.expected / truth - 1.0) / 1_000.0;
    }
    // Eight origins estimate each σ² from seven steps or fewer, so the level holds within a few per cent.
    close(f64::from(covered) / 1_000.0, 0.9, 0.05);
    close(bias, 0.0, 0.001);
}

#[test]
fn a_triangle_too_small_for_errors_says_so() {
    let found = Triangle::new(vec![vec![100.0, 150.0], vec![200.0]]).expect("a triangle").project();
    close(found.ultimates[1].expected, 300.0, 1e-9);
    assert_eq!(found.total.standard_error, None);
    assert_eq!(found.total.interval(0.95).expect("fits"), None);
}

#[test]
fn an_origin_without_anything_yet_stays_at_nothing() {
    let rows = vec![vec![100.0, 150.0, 160.0], vec![80.0, 130.0], vec![0.0]];
    let found = Triangle::new(rows).expect("a triangle").project();
    assert_eq!((found.ultimates[2].expected, found.ultimates[2].standard_error), (0.0, Some(0.0)));
}

#[test]
fn what_is_no_triangle_is_refused() {
    for rows in [
        vec![vec![1.0, 2.0]],
        vec![vec![1.0], vec![1.0]],
        vec![vec![1.0, 2.0], vec![1.0, 2.0, 3.0]],
        vec![vec![1.0, 2.0], vec![]],
        vec![vec![1.0, -2.0], vec![1.0]],
        vec![vec![0.0, 2.0], vec![1.0]],
        vec![vec![f64::NAN, 2.0], vec![1.0]],
    ] {
        assert!(Triangle::new(rows.clone()).is_err(), "{rows:?}");
    }
}

proptest! {
    #[test]
    fn another_unit_of_money_changes_only_the_unit(
        first in prop::collection::vec(1.0_f64..2.0, 4), start in prop::collection::vec(10.0_f64..1e3, 4), unit in 0.01_f64..100.0,
    ) {
        let rows = |unit: f64| -> Vec<Vec<f64>> {
            start.iter().enumerate().map(|(origin, start)| {
                let mut row = vec![start * unit];
                for age in 1..4 - origin {
                    // A growth that differs by origin, so that there is a spread.
                    row.push(row[age - 1] * (first[age] + first[origin] / 10.0));
                }
                row
            }).collect()
        };
        let (plain, scaled) = (Triangle::new(rows(1.0)).unwrap().project(), Triangle::new(rows(unit)).unwrap().project());
        prop_assert!((scaled.total.expected / (plain.total.expected * unit) - 1.0).abs() < 1e-9);
        let (plain, scaled) = (plain.total.standard_error.unwrap(), scaled.total.standard_error.unwrap());
        // Mack's error is of the order of √C, so σ² grows with the unit and the error with it.
        prop_assert!((scaled - plain * unit).abs() < 1e-6 * (1.0 + plain * unit));
    }
}
