//! Groups of items from how like each two of them are: the two likest groups are joined again and again.
//! Average linkage (UPGMA): Sokal and Michener (1958), University of Kansas Science Bulletin 38.

use crate::rows::Rows;
use crate::unfit::{Unfit, length};

/// Joins items while two groups are on average liker than `likeness_min`. `likeness` is a square, symmetric table of any
/// scale on which more is liker; its diagonal is not read. Groups are given with their items ascending, the largest
/// first, equal ones by their first item. The work grows with the cube of the items: for some hundreds of them.
pub fn average_linkage(likeness: &Rows<'_>, likeness_min: f64) -> Result<Vec<Vec<usize>>, Unfit> {
    length("a row of the likeness table", likeness.columns(), likeness.len())?;
    let mut table: Vec<Vec<f64>> = likeness.iter().map(<[f64]>::to_vec).collect();
    let mut groups: Vec<Vec<usize>> = (0..likeness.len()).map(|item| vec![item]).collect();
    while let Some((left, right)) = likest(&table, likeness_min) {
        let joined = groups.remove(right);
        let [of_left, of_right] = [groups[left].len(), joined.len()].map(crate::real::real);
        let row = table.remove(right);
        for line in &mut table {
            line.remove(right);
        }
        // The mean likeness of all pairs between two groups is the mean of the parts' means, by size.
        let other = row.iter().enumerate().filter(|(item, _)| *item != right).map(|(_, value)| *value);
        let means: Vec<f64> = table[left]
            .iter()
            .zip(other)
            .map(|(of_one, of_other)| (of_left * of_one + of_right * of_other) / (of_left + of_right))
            .collect();
        for (line, mean) in table.iter_mut().zip(&means) {
            line[left] = *mean;
        }
        table[left] = means;
        groups[left].extend(joined);
    }
    for group in &mut groups {
        group.sort_unstable();
    }
    groups.sort_by(|left, right| right.len().cmp(&left.len()).then(left.cmp(right)));
    Ok(groups)
}

/// The two likest groups, if they are liker than the least; of equal ones the first.
fn likest(table: &[Vec<f64>], likeness_min: f64) -> Option<(usize, usize)> {
    let mut best = (likeness_min, None);
    for (left, row) in table.iter().enumerate() {
        for (right, likeness) in row.iter().enumerate().skip(left + 1) {
            if *likeness > best.0 {
                best = (*likeness, Some((left, right)));
            }
        }
    }
    best.1
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::average_linkage;
    use crate::rows::Rows;

    #[test]
    fn groups_join_by_the_mean_of_all_their_pairs() {
        // 0 and 1 join first; 2 is 0.6 like the one and 0.2 like the other, 0.4 on average; 3 is like nobody.
        #[rustfmt::skip]
        let likeness = [
            1.0, 0.9, 0.6, 0.0,
            0.9, 1.0, 0.2, 0.1,
            0.6, 0.2, 1.0, 0.1,
            0.0, 0.1, 0.1, 1.0,
        ];
        let likeness = Rows::new(&likeness, 4).expect("a square");
        let grouped = |likeness_min| average_linkage(&likeness, likeness_min).expect("groups");
        assert_eq!(grouped(0.39), [vec![0, 1, 2], vec![3]]);
        assert_eq!(grouped(0.41), [vec![0, 1], vec![2], vec![3]]);
        // The last joins at the mean of 0.0, 0.1 and 0.1.
        assert_eq!(grouped(0.066), [vec![0, 1, 2, 3]]);
        assert_eq!(grouped(0.067).len(), 2);
    }

    #[test]
    fn a_table_that_is_no_square_is_refused() {
        let values = [1.0, 0.5];
        assert!(average_linkage(&Rows::new(&values, 2).expect("rows"), 0.0).is_err());
    }
}
