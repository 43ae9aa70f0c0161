//! The method of largest remainder: splits a whole number in proportion to weights so that the parts add up.

use crate::seeded::{Bug, planted};

/// Weights that fit on the stack; longer lists go to the heap.
const INLINE: usize = 16;

/// Replaces weights (not negative) by their parts of `total` (not negative). The parts differ from exact
/// proportion by less than 1 and add up to `total`; of equal remainders the earlier part gets the odd one. Where
/// all weights are 0 the first part gets everything.
pub(crate) fn split(total: i64, weights: &mut [i64]) {
    // At most 1,000 weights below 2^53 stay below 2^63.
    let sum = weights.iter().fold(0, |sum: i64, weight| sum.saturating_add(*weight));
    if sum == 0 {
        if let Some(first) = weights.first_mut() {
            *first = total;
        }
        return;
    }
    let mut inline = [0_u64; INLINE];
    let mut long;
    let remainders = if weights.len() <= INLINE {
        &mut inline[..weights.len()]
    } else {
        long = vec![0_u64; weights.len()];
        &mut long[..]
    };
    let mut left = total;
    for (weight, remainder) in weights.iter_mut().zip(remainders.iter_mut()) {
        let (part, rest) = divide(total, *weight, sum);
        *weight = part;
        *remainder = if planted(Bug::OddToTheFirst) { 0 } else { rest };
        left -= part;
    }
    hand_out(left, weights, remainders);
}

/// `total × weight ÷ sum` and its remainder; the part is at most `total`, the remainder less than `sum`.
fn divide(total: i64, weight: i64, sum: i64) -> (i64, u64) {
    if let Some(product) = total.checked_mul(weight) {
        return (product / sum, (product % sum).unsigned_abs());
    }
    let (product, sum) = (i128::from(total) * i128::from(weight), i128::from(sum));
    (i64::try_from(product / sum).unwrap_or(0), u64::try_from(product % sum).unwrap_or(0))
}

/// Gives one more to the `left` parts with the largest remainders; `left` is less than the number of parts.
fn hand_out(left: i64, parts: &mut [i64], remainders: &mut [u64]) {
    if parts.len() <= INLINE {
        for _ in 0..left {
            let mut best = 0;
            for (position, remainder) in remainders.iter().enumerate() {
                if *remainder > remainders[best] {
                    best = position;
                }
            }
            parts[best] += 1;
            remainders[best] = 0;
        }
        return;
    }
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|position| std::cmp::Reverse(remainders[*position]));
    for position in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        parts[position] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    fn check(total: i64, weights: &[i64], expected: &[i64]) {
        let mut parts = weights.to_vec();
        split(total, &mut parts);
        assert_eq!(parts, expected, "{total} by {weights:?}");
    }

    #[test]
    fn parts_add_up_and_odd_ones_go_to_the_largest_remainder() {
        check(10, &[1, 1, 1], &[4, 3, 3]);
        check(10, &[3333, 6667], &[3, 7]);
        check(7, &[60, 40], &[4, 3]);
        check(1, &[1, 2, 2], &[0, 1, 0]);
        check(5, &[0, 0], &[5, 0]);
        check(0, &[1, 2], &[0, 0]);
        check(9_007_199_254_740_991, &[9_007_199_254_740_991, 1], &[9_007_199_254_740_990, 1]);
    }

    #[test]
    fn long_lists_follow_the_same_rule() {
        let mut parts = vec![1; 1_000];
        split(1_001, &mut parts);
        assert_eq!(parts.iter().sum::<i64>(), 1_001);
        assert_eq!((parts[0], parts[1], parts[999]), (2, 1, 1));
    }
}
