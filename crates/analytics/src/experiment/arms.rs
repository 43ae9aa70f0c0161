//! Who is in which arm of an experiment: a salted hash of the member's id decides, for ever and for everybody alike.
//! SHA-256 (FIPS 180-4); hashing as a stable assignment after Kohavi, Tang and Xu (2020), Trustworthy Online Controlled
//! Experiments, section 4.

use std::fmt;

use sha2::{Digest, Sha256};

/// Places that members are spread over: shares of arms are whole hundredths of a per cent.
pub const PLACES: u32 = 10_000;
/// Arms an experiment may have.
const ARMS_MAX: usize = 10;

/// A member's place from 0 to 9,999: the first eight bytes of SHA-256 of `salt:member`, read as a big-endian number, times
/// 10,000, over 2⁶⁴, rounded down. The salt is the experiment's name, so that experiments are independent of each other.
pub fn place(salt: &str, member: &str) -> u32 {
    let hash = Sha256::new().chain_update(salt).chain_update(":").chain_update(member).finalize();
    let mut first = [0_u8; 8];
    first.iter_mut().zip(hash.iter()).for_each(|(to, from)| *to = *from);
    let scaled = (u128::from(u64::from_be_bytes(first)) * u128::from(PLACES)) >> 64;
    // Below 10,000 by construction.
    u32::try_from(scaled).unwrap_or(PLACES - 1)
}

/// A part of the members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arm {
    /// Its name.
    pub name: String,
    /// How many of the 10,000 places it has.
    pub places: u32,
}

/// The arms of an experiment in order, the control first. Each takes the places after those of the arm before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arms(Vec<Arm>);

/// Why a text names no arms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArmsFault {
    /// It has too few or too many.
    Count,
    /// A part is not a name and a share above 0, in per cent.
    Part,
    /// Two have the same name.
    Twice,
    /// The shares are not 100 together.
    Sum,
}

impl fmt::Display for ArmsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Count => "name two to ten arms, the control first: hold-out=5,programme=95",
            Self::Part => "give each arm a name and its share in per cent: hold-out=5,programme=95",
            Self::Twice => "give each arm a name of its own",
            Self::Sum => "let the shares of the arms be 100 together",
        })
    }
}

impl Arms {
    /// The hold-out that every programme should have: 5 % of the members.
    pub const HOLD_OUT: &'static str = "hold-out=5,programme=95";
    /// The salt of that hold-out.
    pub const HOLD_OUT_SALT: &'static str = "hold-out";

    /// Reads `control=5,treated=95`: shares in per cent with at most two decimals, 100 together.
    pub fn parse(text: &str) -> Result<Self, ArmsFault> {
        let arms = text.split(',').map(|part| {
            let (name, share) = part.split_once('=').ok_or(ArmsFault::Part)?;
            let places = places(share.trim()).filter(|places| *places > 0).ok_or(ArmsFault::Part)?;
            Ok(Arm { name: name.trim().to_owned(), places })
        });
        let arms = arms.collect::<Result<Vec<Arm>, ArmsFault>>()?;
        if !(2..=ARMS_MAX).contains(&arms.len()) {
            return Err(ArmsFault::Count);
        }
        if arms.iter().any(|arm| arm.name.is_empty()) {
            return Err(ArmsFault::Part);
        }
        for (number, arm) in arms.iter().enumerate() {
            if arms.iter().take(number).any(|other| other.name == arm.name) {
                return Err(ArmsFault::Twice);
            }
        }
        // At most ten of at most 10,000 each.
        if arms.iter().map(|arm| arm.places).sum::<u32>() != PLACES {
            return Err(ArmsFault::Sum);
        }
        Ok(Self(arms))
    }

    /// The arms, the control first.
    pub fn all(&self) -> &[Arm] {
        &self.0
    }

    /// The share of the members each arm is meant to have.
    pub fn shares(&self) -> Vec<f64> {
        self.0.iter().map(|arm| f64::from(arm.places) / f64::from(PLACES)).collect()
    }

    /// The number of the arm that a place belongs to.
    pub fn arm_of(&self, place: u32) -> usize {
        self.ends().iter().position(|end| place < *end).unwrap_or(self.0.len() - 1)
    }

    /// The first place behind each arm.
    pub fn ends(&self) -> Vec<u32> {
        let add = |end: &mut u32, arm: &Arm| {
            *end += arm.places;
            Some(*end)
        };
        self.0.iter().scan(0, add).collect()
    }
}

/// A share in per cent as places: `5` is 500, `2.5` is 250.
fn places(share: &str) -> Option<u32> {
    let (whole, part) = share.split_once('.').unwrap_or((share, ""));
    if part.len() > 2 || !whole.bytes().chain(part.bytes()).all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let hundredths: u32 = format!("{part:0<2}").parse().ok()?;
    let whole: u32 = whole.parse().ok()?;
    (whole <= 100).then(|| whole * 100 + hundredths)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{Arms, ArmsFault, PLACES, place};

    /// Salt, member, place; the digits that the hash begins with.
    const PLACES_BY_HAND: [(&str, &str, u32); 5] = [
        ("hold-out", "mem_1", 4_324),    // 6eb4dc9ba927f672
        ("hold-out", "mem_2", 3_631),    // 5cf42d05c402c01f
        ("spring-2026", "mem_1", 7_687), // c4ccf568a47f667d
        ("spring-2026", "2375", 9_235),  // ec6cfa9aeed9f681
        ("加油", "会员", 7_313),         // bb379e08d62f999a
    ];

    #[test]
    fn places_can_be_recomputed_by_anybody() {
        // printf 'hold-out:mem_1' | sha256sum begins with the digits at the right; place = digits · 10,000 / 16¹⁶.
        for (salt, member, expected) in PLACES_BY_HAND {
            assert_eq!(place(salt, member), expected, "{salt}:{member}");
        }
    }

    #[test]
    fn arms_have_the_members_they_should_have() {
        let arms = Arms::parse("control=10, mail=45, post=45").expect("arms");
        assert_eq!((arms.ends(), arms.shares()), (vec![1_000, 5_500, 10_000], vec![0.1, 0.45, 0.45]));
        assert_eq!([0, 999, 1_000, 5_500, 9_999].map(|place| arms.arm_of(place)), [0, 0, 1, 2, 2]);
        let mut found = [0.0; 3];
        for member in 0..20_000 {
            found[arms.arm_of(place("spring", &format!("mem_{member}")))] += 1.0;
        }
        let ratio = stats::experiment::sample_ratio::sample_ratio(&found, &arms.shares()).expect("groups");
        assert!(ratio.chance > 0.01, "{found:?} {ratio:?}");
    }

    #[test]
    fn experiments_are_independent_of_each_other() {
        // Of 20,000 members 5 % and 5 % share 50 of the 1,000 in the first; four standard errors are 28.
        let is_in = |salt: &str, member: u32| place(salt, &member.to_string()) < PLACES / 20;
        let both = (0..20_000).filter(|member| is_in("a", *member) && is_in("b", *member)).count();
        assert!((22..=78).contains(&both), "{both}");
    }

    #[test]
    fn texts_that_name_no_arms_are_refused_with_the_reason() {
        for (text, fault) in [
            ("control=100", ArmsFault::Count),
            ("control=50,treated", ArmsFault::Part),
            ("=50,treated=50", ArmsFault::Part),
            ("control=0,treated=100", ArmsFault::Part),
            ("control=4.999,treated=95.001", ArmsFault::Part),
            ("control=-5,treated=105", ArmsFault::Part),
            ("a=50,a=50", ArmsFault::Twice),
            ("control=5,treated=90", ArmsFault::Sum),
        ] {
            assert_eq!(Arms::parse(text), Err(fault), "{text}");
        }
        let fine = Arms::parse("control=2.5,treated=97.5").expect("arms");
        assert_eq!(fine.all()[0].places, 250);
        assert!(Arms::parse(Arms::HOLD_OUT).is_ok());
    }
}
