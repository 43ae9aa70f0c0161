//! Groups of like cases: k-means, Gaussian mixtures, average linkage, and whether the groups are there at all
//! (agreement of two groupings, stability under resampling, silhouette).

pub mod agreement;
pub mod average_linkage;
pub mod k_means;
pub mod mixture;
pub mod silhouette;
pub mod stability;

/// Squared Euclidean distance.
fn distance_squared(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| (a - b) * (a - b)).sum()
}
