//! The quantile function of the standard normal distribution.
//! Source: Wichura (1988), algorithm AS 241, routine PPND16, Applied Statistics 37, 477–484.

#![expect(
    clippy::unreadable_literal,
    clippy::excessive_precision,
    reason = "coefficients as the paper prints them"
)]

const CENTRE: ([f64; 8], [f64; 8]) = (
    [
        3.3871328727963666080,
        133.14166789178437745,
        1971.5909503065514427,
        13731.693765509461125,
        45921.953931549871457,
        67265.770927008700853,
        33430.575583588128105,
        2509.0809287301226727,
    ],
    [
        1.0,
        42.313330701600911252,
        687.18700749205790830,
        5394.1960214247511077,
        21213.794301586595867,
        39307.895800092710610,
        28729.085735721942674,
        5226.4952788528545610,
    ],
);

const SHOULDER: ([f64; 8], [f64; 8]) = (
    [
        1.42343711074968357734,
        4.63033784615654529590,
        5.76949722146069140550,
        3.64784832476320460504,
        1.27045825245236838258,
        0.241780725177450611770,
        0.0227238449892691845833,
        7.74545014278341407640e-4,
    ],
    [
        1.0,
        2.05319162663775882187,
        1.67638483018380384940,
        0.689767334985100004550,
        0.148103976427480074590,
        0.0151986665636164571966,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    ],
);

const TAIL: ([f64; 8], [f64; 8]) = (
    [
        6.65790464350110377720,
        5.46378491116411436990,
        1.78482653991729133580,
        0.296560571828504891230,
        0.0265321895265761230930,
        1.24266094738807843860e-3,
        2.71155556874348757815e-5,
        2.01033439929228813265e-7,
    ],
    [
        1.0,
        0.599832206555887937690,
        0.136929880922735805310,
        0.0148753612908506148525,
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    ],
);

/// The value below which a standard normal variable lies with the given probability; infinite at 0 and 1,
/// not a number outside of them. Relative accuracy about 1 in 10^16 (AS 241).
pub fn quantile(probability: f64) -> f64 {
    let distance = probability - 0.5;
    if distance.abs() <= 0.425 {
        return distance * ratio(&CENTRE, 0.180_625 - distance * distance);
    }
    let tail = if distance < 0.0 { probability } else { 1.0 - probability };
    if tail <= 0.0 {
        return if tail < 0.0 { f64::NAN } else { f64::INFINITY.copysign(distance) };
    }
    let r = (-libm::log(tail)).sqrt();
    let size = if r <= 5.0 { ratio(&SHOULDER, r - 1.6) } else { ratio(&TAIL, r - 5.0) };
    size.copysign(distance)
}

/// One polynomial divided by another, both with their constant first.
fn ratio((above, below): &([f64; 8], [f64; 8]), x: f64) -> f64 {
    let value = |coefficients: &[f64; 8]| coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c);
    value(above) / value(below)
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn quantiles_match_the_tables() {
        // Wichura's own three test values, then the usual 97.5 % point (to 2 in 10^15).
        for (probability, expected) in [
            (0.25, -0.6744897501960817),
            (0.001, -3.0902323061678135),
            (1e-20, -9.262340089798408),
            (0.975, 1.959963984540054),
            (0.5, 0.0),
        ] {
            let found = quantile(probability);
            assert!((found - expected).abs() <= 2e-15 * (1.0 + expected.abs()), "{probability}: {found}");
        }
    }

    #[test]
    fn the_ends_are_infinite_and_beyond_them_is_nothing() {
        assert!(quantile(0.0).is_infinite() && quantile(0.0) < 0.0);
        assert!(quantile(1.0).is_infinite() && quantile(1.0) > 0.0);
        assert!(quantile(-0.1).is_nan() && quantile(1.1).is_nan());
    }
}
