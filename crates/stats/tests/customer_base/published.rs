//! Published figures that need no data file, and values of the closed forms to fifteen digits. The fits to the CDNOW
//! and donations data are held to their published figures where those data can be read, in `analytics`.

use stats::customer_base::{
    BetaGeometricBetaBinomial, BetaGeometricNbd, FirstDropout, GammaGamma, Groups, History,
    OpportunityHistory, ParetoNbd, Renewals, ShiftedBetaGeometric, Spend, lifetime_value,
};

fn history(repeats: u32, recency: f64, age: f64) -> History {
    History::new(repeats, recency, age).expect("a history")
}

fn close(name: &str, found: f64, expected: f64, relative: f64) {
    let off = (found - expected).abs();
    assert!(off <= relative * expected.abs(), "{name}: {found}, not {expected}");
}

/// ln L and P(alive) of Fader and Hardie's closed form (2005, equations 13 to 15: their A0 by a difference of two 2F1, one
/// form for α ≥ β and one for α < β), evaluated with 40 digits in mpmath 1.3.
#[test]
#[expect(clippy::excessive_precision, reason = "digits as mpmath prints them")]
fn the_pareto_nbd_equals_the_closed_form_on_both_branches_however_close_and_however_many() {
    type Case = (u32, f64, f64, f64, f64);
    let cases: [([f64; 4], [Case; 4]); 5] = [
        (
            [0.553, 10.578, 0.606, 11.669],
            [
                (0, 0.0, 38.86, -0.521_046_294_080_890_31, 0.295_286_604_616_894_15),
                (2, 30.43, 38.86, -9.554_283_245_150_405_8, 0.869_167_559_153_011_19),
                (40, 20.0, 35.14, -34.061_552_074_376_596, 4.571_794_282_046_102_1e-6),
                (300, 10.0, 35.14, 497.611_262_549_160_32, 2.084_524_606_483_158_3e-102),
            ],
        ),
        (
            [0.553, 11.669, 0.606, 10.578],
            [
                (0, 0.0, 38.86, -0.479_934_578_246_860_4, 0.282_248_856_170_185_78),
                (2, 30.43, 38.86, -9.599_399_675_117_125_8, 0.866_923_429_514_770_11),
                (40, 20.0, 35.14, -35.399_750_252_185_629, 6.758_597_870_672_639_6e-6),
                (300, 10.0, 35.14, 482.213_531_809_860_75, 8.546_690_647_749_500_4e-99),
            ],
        ),
        (
            [2.0, 0.01, 0.5, 300.0],
            [
                (0, 0.0, 38.86, -10.998_981_187_663_392, 0.003_724_930_972_935_305_6),
                (2, 30.43, 38.86, -22.099_447_754_698_125, 0.979_291_026_433_154_45),
                (40, 20.0, 35.14, -28.231_294_426_594_901, 6.795_289_646_385_734_2e-8),
                (300, 10.0, 35.14, 705.870_271_171_107_84, 3.275_698_029_321_423_7e-161),
            ],
        ),
        (
            [2.0, 300.0, 0.5, 0.01],
            [
                (0, 0.0, 38.86, -0.007_274_510_263_809_164_6, 0.012_663_504_405_243_008),
                (2, 30.43, 38.86, -14.107_163_760_428_848, 0.879_363_914_437_204_29),
                (40, 20.0, 35.14, -122.097_040_845_665_8, 0.470_193_609_247_443_91),
                (300, 10.0, 35.14, -306.979_360_159_304_55, 7.026_829_754_177_863e-10),
            ],
        ),
        (
            [0.553, 11.0, 0.606, 11.000_000_1],
            [
                (0, 0.0, 38.86, -0.501_463_449_868_444_79, 0.286_458_720_229_425_23),
                (2, 30.43, 38.86, -9.580_305_971_315_329_9, 0.867_651_446_574_439_11),
                (40, 20.0, 35.14, -34.584_851_096_622_398, 5.286_598_787_323_279_2e-6),
                (300, 10.0, 35.14, 491.566_319_532_828_49, 5.528_671_998_933_744_6e-101),
            ],
        ),
    ];
    for ([r, alpha, s, beta], rows) in cases {
        let model = ParetoNbd::new(r, alpha, s, beta).expect("a model");
        for (repeats, recency, age, ln_likelihood, alive) in rows {
            let one = history(repeats, recency, age);
            let name = format!("{:?} {one:?}", model.parameters());
            // The smallest of them, 0.007, is a difference of numbers a hundred times as large.
            let found = model.log_likelihood(&Groups::of(vec![one])).value;
            assert!(
                (found - ln_likelihood).abs() < 2e-14 * (10.0 + ln_likelihood.abs()),
                "{name}: ln L {found}"
            );
            close(&name, model.probability_alive(&one), alive, 2e-12);
        }
        assert!((model.probability_alive(&history(7, 29.0, 29.0)) - 1.0).abs() < f64::EPSILON);
    }
}

/// Fader et al. (2005), equation 10, and its counterpart of Batislam et al. (2007), with 40 digits in mpmath 1.3.
#[test]
fn expectations_of_the_beta_geometric_models_equal_the_closed_forms() {
    use FirstDropout::{AfterFirst, AfterRepeat};
    let often = (40, 20.0, 35.14);
    let twice = (2, 30.43, 38.86);
    let never = (0, 0.0, 38.86);
    for (dropout, [r, alpha, a, b], (repeats, recency, age), span, expected) in [
        (AfterRepeat, [0.243, 4.414, 0.793, 2.426], never, 39.0, 0.195_098_052_011_263),
        (AfterRepeat, [0.243, 4.414, 0.793, 2.426], twice, 39.0, 1.226_028_174_767_14),
        (AfterRepeat, [0.243, 4.414, 0.793, 2.426], twice, 1e5, 48.616_844_073_588_7),
        (AfterRepeat, [0.243, 4.414, 0.793, 2.426], often, 520.0, 2.809_269_388_444_33e-5),
        (AfterRepeat, [0.525, 6.183, 0.891, 1.614], never, 520.0, 2.213_950_000_624_91),
        (AfterRepeat, [3.0, 0.2, 1.000_01, 5.0], twice, 1.0, 0.081_172_072_225_774_5),
        (AfterRepeat, [3.0, 0.2, 1.000_01, 5.0], twice, 520.0, 10.433_634_988_185_2),
        (AfterRepeat, [0.243, 4.414, 2.5, 0.3], never, 1e5, 1.004_646_036_396_47),
        (AfterRepeat, [0.243, 4.414, 2.5, 0.3], often, 39.0, 1.022_236_775_328_63e-6),
        (AfterFirst, [0.525, 6.183, 0.891, 1.614], never, 39.0, 0.154_012_746_675_147),
        (AfterFirst, [0.525, 6.183, 0.891, 1.614], twice, 39.0, 1.262_960_623_267_37),
        (AfterFirst, [0.525, 6.183, 0.891, 1.614], twice, 1e5, 33.712_440_828_111_3),
        (AfterFirst, [0.243, 4.414, 2.5, 0.3], often, 520.0, 1.662_381_941_893e-6),
    ] {
        let model = BetaGeometricNbd::new(dropout, r, alpha, a, b).expect("a model");
        let one = history(repeats, recency, age);
        let found = model.expected_given(&one, span).expect("a span");
        close(&format!("{model:?} {one:?} {span}"), found, expected, 1e-12);
    }
}

#[test]
fn discounted_purchases_equal_the_closed_forms() {
    // Fader, Hardie and Lee (2005, JMR), equation 3, and for the BG/NBD its mean over the dropout probability, with
    // mpmath 1.3. The parameters of the first are of the example of `pnbd.DERT` in the R package BTYD.
    for ([r, alpha, s, beta], (repeats, recency, age), expected) in [
        ([0.562_996_6, 12.559_037, 0.408_109_5, 10.514_804_8], (7, 35.0, 77.86), 1.864_183_328_071_33),
        ([0.553, 10.578, 0.606, 11.669], (2, 30.43, 38.86), 6.483_773_567_730_74),
        ([0.553, 10.578, 0.606, 11.669], (0, 0.0, 38.86), 0.477_136_229_032_195),
    ] {
        let model = ParetoNbd::new(r, alpha, s, beta).expect("a model");
        let found =
            model.discounted_given(&history(repeats, recency, age), 0.0027, f64::INFINITY).expect("finite");
        close("Pareto/NBD", found, expected, 1e-10);
    }
    let model =
        BetaGeometricNbd::new(FirstDropout::AfterRepeat, 0.243, 4.414, 0.793, 2.426).expect("a model");
    let found = model.discounted_given(&history(2, 30.43, 38.86), 0.0027, f64::INFINITY).expect("finite");
    close("BG/NBD", found, 5.156_379_826_15, 1e-10);
    close("value", lifetime_value(found, 35.0, 0.3), found * 10.5, 1e-15);
}

#[test]
fn the_beta_geometric_beta_binomial_gives_the_figures_of_its_reference_implementation() {
    // R package BTYD, walkthrough and help pages: donations data, 6 opportunities seen, 10 to come.
    let model = BetaGeometricBetaBinomial::new(1.203_5, 0.749_7, 0.656_7, 2.783_4).expect("a model");
    let one = |x, last| OpportunityHistory::new(x, last, 6).expect("a history");
    close("never", model.expected_given(&one(0, 0), 10), 0.130_216_9, 2e-4);
    close("four times", model.expected_given(&one(4, 5), 10), 3.627_858, 2e-4);
}

#[test]
fn a_cohort_of_subscribers_is_fitted_and_projected_as_published() {
    // Fader and Hardie (2007), table 1, "regular" customers, five years.
    let mut renewals = Renewals::default();
    renewals.add_cohort(&[1000, 631, 468, 382, 326, 289]).expect("a cohort");
    let fit = ShiftedBetaGeometric::fit(&renewals).expect("a fit");
    let [alpha, beta] = fit.model.parameters();
    close("alpha", alpha, 0.737, 1e-3);
    close("beta", beta, 1.245, 1e-3);
    assert!((fit.log_likelihood + 1517.07).abs() < 0.005, "{}", fit.log_likelihood);
    let survival = [62.8, 47.3, 38.5, 32.8, 28.8, 25.8, 23.4, 21.5, 19.9, 18.5, 17.4, 16.4];
    for (year, percent) in (1..).zip(survival) {
        let found = 100.0 * fit.model.survival(0, year);
        assert!((found - percent).abs() < 0.06, "year {year}: {found} %, not {percent} %");
    }
}

#[test]
fn a_small_customer_is_drawn_to_the_mean_of_all() {
    // Fader and Hardie (2013), section 5: p 6.25, q 3.74, γ 15.44; the population's mean is p γ/(q − 1) = 35.2.
    let model = GammaGamma::new(6.25, 3.74, 15.44).expect("a model");
    close("mean", model.population_mean().expect("finite"), 6.25 * 15.44 / 2.74, 1e-15);
    let spend = |x, mean| model.expected_spend(&Spend::new(x, mean).expect("spend")).expect("finite");
    // (q−1)/(px+q−1) of the population's mean, the rest of the customer's own.
    let weight = 2.74 / (6.25 * 2.0 + 2.74);
    close("two purchases", spend(2, 100.0), weight * 6.25 * 15.44 / 2.74 + (1.0 - weight) * 100.0, 1e-14);
    close("many purchases", spend(100_000, 100.0), 100.0, 1e-5);
}
