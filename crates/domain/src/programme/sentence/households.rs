//! Households in words: what is pooled, by how many, and the rule by which it is shared.

use super::Speaker;
use crate::programme::{Households, Language, Programme};

/// What a household is, in one sentence.
pub fn households(programme: &Programme, households: &Households, language: Language) -> String {
    let speaker = Speaker { programme, language };
    let units: Vec<String> = households.units.iter().map(|unit| speaker.unit_name(*unit)).collect();
    let (units, most) = (units.join(language.pick("、", " and ")), households.members_max);
    speaker.pick(
        format!(
            "最多 {most} 位会员可组成家庭，共用{units}：可用后归入家庭，先到期先用；退出者带走其带来的剩余部分，\
             最后一人带走全部。"
        ),
        format!(
            "Up to {most} members may form a household and pool {units}: pooled once they can be spent, spent soonest \
             expiry first; who leaves takes along what is left of those they brought, the last one everything."
        ),
    )
}
