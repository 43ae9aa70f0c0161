//! Borders between a lower, a middle and an upper third of the members. Equal values are on the same side of a border.

use crate::report::number::count;

/// The largest value of the lower third, and that of the middle one.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Thirds {
    pub(super) lower: f64,
    pub(super) middle: f64,
}

impl Thirds {
    /// Borders between these values, which are sorted; of none all is in the lower third.
    pub(super) fn of(values: &mut [f64]) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |part: usize| {
            let last = (part * values.len()).div_ceil(3).saturating_sub(1);
            values.get(last).copied().unwrap_or(f64::MAX)
        };
        Self { lower: at(1), middle: at(2) }
    }

    /// 0 in the lower third, 1 in the middle, 2 in the upper.
    pub(super) fn level(self, value: f64) -> usize {
        usize::from(value > self.lower) + usize::from(value > self.middle)
    }
}

/// The lower median of these values, which are sorted; none of none.
pub(super) fn middle(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied()
}

/// A part of a whole; none of nothing.
pub(super) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| count(part) / count(whole))
}

#[cfg(test)]
mod tests {
    use super::{Thirds, middle};

    #[test]
    fn equal_values_are_never_apart() {
        let thirds = Thirds::of(&mut [4.0, 1.0, 2.0, 2.0, 2.0, 3.0]);
        assert_eq!([1.0, 2.0, 2.5, 4.0].map(|value| thirds.level(value)), [0, 0, 2, 2]);
        assert_eq!(Thirds::of(&mut [5.0; 9]).level(5.0), 0);
        assert_eq!(Thirds::of(&mut []).level(5.0), 0);
        assert_eq!((middle(&mut [3.0, 1.0, 2.0, 9.0]), middle(&mut [])), (Some(2.0), None));
    }
}
