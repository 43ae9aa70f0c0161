//! Which clubs the categories suggest: those that the same members favour are put together and named after themselves.

use std::cmp::Reverse;

use stats::association::rules::Together;
use stats::cluster::average_linkage::average_linkage;
use stats::rows::Rows;
use stats::unfit::Unfit;

/// Categories in the name of a club.
const NAMES_MAX: usize = 3;

/// A club that is proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Club {
    /// Its most favoured categories.
    pub(super) name: String,
    /// Positions of its categories, the most favoured first.
    pub(super) categories: Vec<usize>,
}

/// Groups categories by how far having one goes with having the other among `members`, given how many favour both of two
/// (and each, as a pair with itself). Groups of several categories come before single ones, then those with more members.
/// Also says how many categories found no place in the `clubs_max` first clubs.
pub(super) fn propose(
    names: &[String],
    members: u64,
    pairs: &[(usize, usize, u64)],
    correlation_min: f64,
    clubs_max: usize,
) -> Result<(Vec<Club>, u64), Unfit> {
    let mut favoured = vec![0; names.len()];
    pairs.iter().filter(|(left, right, _)| left == right).for_each(|(at, _, count)| favoured[*at] = *count);
    let mut likeness = vec![0.0; names.len() * names.len()];
    for left in 0..names.len() {
        for right in left + 1..names.len() {
            let found = pairs.iter().find(|(one, other, _)| (*one, *other) == (left, right));
            let both = found.map_or(0, |(_, _, count)| *count);
            let together = Together { sets: members, first: favoured[left], second: favoured[right], both };
            likeness[left * names.len() + right] = together.correlation();
            likeness[right * names.len() + left] = together.correlation();
        }
    }
    let mut groups = average_linkage(&Rows::new(&likeness, names.len())?, correlation_min)?;
    // What nobody favours is no club.
    groups.retain(|group| group.iter().any(|category| favoured[*category] > 0));
    for group in &mut groups {
        group.sort_by_key(|category| (Reverse(favoured[*category]), *category));
    }
    groups.sort_by_key(|group| {
        let size: u64 = group.iter().map(|category| favoured[*category]).sum();
        (group.len() == 1, Reverse(size), group.first().copied())
    });
    groups.truncate(clubs_max);
    let placed: usize = groups.iter().map(Vec::len).sum();
    let club = |categories: Vec<usize>| Club { name: name(names, &categories), categories };
    Ok((groups.into_iter().map(club).collect(), (names.len() - placed) as u64))
}

/// A name made of the first categories.
fn name(names: &[String], categories: &[usize]) -> String {
    let first: Vec<&str> =
        categories.iter().take(NAMES_MAX).map(|category| names[*category].as_str()).collect();
    let rest = categories.len() - first.len();
    let name = first.join(" + ");
    if rest > 0 { format!("{name} + {rest} …") } else { name }
}

#[cfg(test)]
mod tests {
    use super::propose;

    /// Of 100 members 20 favour nappies and 18 of them milk powder; 30 favour wine, 6 of them nappies as chance has it.
    const PAIRS: [(usize, usize, u64); 7] =
        [(0, 0, 30), (0, 1, 6), (0, 2, 5), (1, 1, 20), (1, 2, 18), (2, 2, 19), (3, 3, 10)];

    fn names() -> Vec<String> {
        ["wine", "nappies", "milk powder", "tea", "nails"].map(str::to_owned).to_vec()
    }

    #[test]
    fn what_the_same_members_favour_is_one_club() {
        let (clubs, left_out) = propose(&names(), 100, &PAIRS, 0.05, 13).expect("clubs");
        let found: Vec<&str> = clubs.iter().map(|club| club.name.as_str()).collect();
        assert_eq!(found, ["nappies + milk powder", "wine", "tea"]);
        assert_eq!(left_out, 1, "nobody favours nails");
    }

    #[test]
    fn clubs_beyond_the_most_are_left_out() {
        let (clubs, left_out) = propose(&names(), 100, &PAIRS, 0.05, 1).expect("clubs");
        assert_eq!((clubs.len(), left_out), (1, 3));
    }

    #[test]
    fn a_long_name_ends_with_how_many_more_there_are() {
        let all: Vec<usize> = (0..5).collect();
        assert_eq!(super::name(&names(), &all), "wine + nappies + milk powder + 2 …");
    }
}
