//! The version of a model: a digest of its period and its parameters, so that the same data give the same version and
//! another model another one.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::layer::SegmentLayer;
use super::thirds::Thirds;
use crate::report::request::Period;

/// Bytes of the digest that are told: enough to tell models apart.
const BYTES_TOLD: usize = 6;
/// Raised whenever the same parameters come to mean something else.
const REVISION: u8 = 1;

/// A version in the making.
pub(super) struct Version(Sha256);

impl Version {
    pub(super) fn of(layer: SegmentLayer, period: Period) -> Self {
        let mut version = Self(Sha256::new());
        version.text(&format!("{layer} {REVISION} {} {}", period.from, period.to));
        version
    }

    pub(super) fn text(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
    }

    pub(super) fn numbers(&mut self, numbers: &[f64]) {
        self.0.update((numbers.len() as u64).to_le_bytes());
        for number in numbers {
            self.0.update(number.to_bits().to_le_bytes());
        }
    }

    pub(super) fn thirds(&mut self, thirds: Thirds) {
        self.numbers(&[thirds.lower, thirds.middle]);
    }

    pub(super) fn told(self) -> String {
        let digest = self.0.finalize();
        digest.iter().take(BYTES_TOLD).fold(String::new(), |mut text, byte| {
            // Writing to a text never fails.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{Period, SegmentLayer, Version};

    #[test]
    fn versions_differ_by_layer_period_and_parameter_alone() {
        let period = Period { from: date(2025, 1, 1), to: date(2026, 1, 1) };
        let later = Period { from: date(2025, 2, 1), to: date(2026, 2, 1) };
        let version = |layer, period, numbers: &[f64]| {
            let mut version = Version::of(layer, period);
            version.numbers(numbers);
            version.told()
        };
        let one = version(SegmentLayer::Usage, period, &[1.0, 2.0]);
        assert_eq!(one, version(SegmentLayer::Usage, period, &[1.0, 2.0]));
        assert_eq!(one.len(), 12);
        for other in [
            version(SegmentLayer::Preference, period, &[1.0, 2.0]),
            version(SegmentLayer::Usage, later, &[1.0, 2.0]),
            version(SegmentLayer::Usage, period, &[1.0, 2.000_000_000_1]),
        ] {
            assert_ne!(one, other);
        }
    }
}
