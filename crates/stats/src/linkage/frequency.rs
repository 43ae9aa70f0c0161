//! Agreement on a rare value says more than agreement on a common one: two people called Smith are little evidence.
//! Winkler (2000), Frequency-based matching in the Fellegi-Sunter model, U.S. Census Bureau RR2000/06.

use crate::real::real;

/// How common each value of a field is.
#[derive(Debug, Clone)]
pub struct Frequencies {
    shares: Vec<f64>,
}

impl Frequencies {
    /// From the codes of a field over all records ([`crate::linkage::blocking::codes`]).
    pub fn new(codes: &[Option<u32>]) -> Self {
        let mut counts = Vec::new();
        for code in codes.iter().flatten() {
            let code = *code as usize;
            if counts.len() <= code {
                counts.resize(code + 1, 0_usize);
            }
            counts[code] += 1;
        }
        let total = real(counts.iter().sum::<usize>().max(1));
        Self { shares: counts.into_iter().map(|count| real(count) / total).collect() }
    }

    /// Bits to add to the weight of a pair that agrees on this value: log2 of the average chance agreement over the
    /// value's own share. Positive for rare values. A value seen so seldom that its share is not known is taken as no
    /// rarer than `share_min`. 0 for a value that was not counted.
    pub fn adjustment(&self, code: u32, chance_agreement: f64, share_min: f64) -> f64 {
        match self.shares.get(code as usize) {
            Some(share) if *share > 0.0 => libm::log2(chance_agreement / share.max(share_min)),
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Frequencies;

    #[test]
    fn rare_values_add_and_common_ones_take_away() {
        // Shares 0.5, 0.25, 0.125, 0.125 of eight; chance agreement Σ share² = 11/32.
        let codes = [0, 0, 0, 0, 1, 1, 2, 3].map(Some);
        let frequencies = Frequencies::new(&codes);
        for (code, expected) in [(0, -0.5406), (1, 0.4594), (2, 1.4594)] {
            let found = frequencies.adjustment(code, 11.0 / 32.0, 0.0);
            assert!((found - expected).abs() < 5e-5, "{code}: {found}");
        }
        assert!((frequencies.adjustment(2, 11.0 / 32.0, 0.25) - 0.4594).abs() < 5e-5);
        assert!(frequencies.adjustment(9, 0.5, 0.0).abs() < 1e-12);
    }

    #[test]
    fn over_chance_pairs_the_adjusted_evidence_is_neutral_on_average() {
        // Two random records agree on value v with probability share², and then the likelihood ratio m/share counts;
        // its expectation given agreement is Σ share²·(1/share)/Σ share² = 1/chance agreement, as without adjustment.
        let codes: Vec<Option<u32>> = (0..10).flat_map(|code| vec![Some(code); 1 << code]).collect();
        let (frequencies, total) = (Frequencies::new(&codes), 1_023.0_f64);
        let shares: Vec<f64> = (0..10).map(|code| f64::from(1 << code) / total).collect();
        let chance: f64 = shares.iter().map(|share| share * share).sum();
        let mean: f64 = (0_u32..10)
            .zip(&shares)
            .map(|(code, share)| share * share / chance * frequencies.adjustment(code, chance, 0.0).exp2())
            .sum();
        assert!((mean - 1.0).abs() < 1e-12, "{mean}");
    }
}
