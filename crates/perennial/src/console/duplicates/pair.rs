//! Two members side by side: what is known of each, how they agree field by field, and the evidence that gives.

use domain::ids::AccountId;
use domain::member::IdentifierKind;
use operations::{DuplicateMember, DuplicateState, DuplicateView, EvidenceField};

use super::PATH;
use crate::console::format::number;
use crate::console::page::Frame;

/// Two members side by side.
pub(super) struct PairView {
    pub(super) action: String,
    pub(super) left: MemberColumn,
    pub(super) right: MemberColumn,
    pub(super) probability: String,
    pub(super) likely: bool,
    pub(super) rows: Vec<FieldRow>,
    pub(super) decided: Option<String>,
    pub(super) state: DuplicateState,
    /// The reason that was typed, where it was refused.
    pub(super) typed: String,
    pub(super) refused: bool,
}

impl PairView {
    /// Whether something can be decided about it: a merge is undone elsewhere.
    pub(super) fn open(&self) -> bool {
        self.state != DuplicateState::Merged
    }

    /// Whether it can go back into the queue.
    pub(super) fn reopens(&self) -> bool {
        matches!(self.state, DuplicateState::Later | DuplicateState::NotSame)
    }
}

pub(super) struct MemberColumn {
    pub(super) id: String,
    pub(super) name: String,
    /// Whether this one goes on unless the other is chosen.
    pub(super) survives: bool,
}

/// A field of both, and what it says.
pub(super) struct FieldRow {
    pub(super) name: String,
    pub(super) left: String,
    pub(super) right: String,
    /// `up`, `down` or nothing, for how it counts.
    pub(super) mark: &'static str,
    pub(super) agreement: String,
    pub(super) bits: String,
}

/// A decision that was refused.
pub(super) struct Refused {
    pub(super) pair: (AccountId, AccountId),
    pub(super) typed: String,
    pub(super) told: String,
}

/// A share as a per cent: never shown as certain.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1}\u{a0}%", share.clamp(0.0, 0.999) * 100.0)
}

/// A pair as its card shows it.
pub(super) fn pair_view(f: &Frame, pair: &DuplicateView, refused: Option<&Refused>) -> PairView {
    let refused = refused.filter(|refused| refused.pair == (pair.left.member_id, pair.right.member_id));
    // Who bought more goes on; of equals, who came first.
    let right_survives = pair.right.purchase_count > pair.left.purchase_count;
    let column = |member: &DuplicateMember, survives| MemberColumn {
        id: member.member_id.to_string(),
        name: member.profile.name.clone().unwrap_or_else(|| f.t("nameless")),
        survives,
    };
    let decided = pair.decided_at.map(|at| {
        let by = pair.decided_by.as_deref().unwrap_or("–");
        f.with("duplicate-decided", &[("by", by), ("at", &*f.formats.time(at))])
    });
    PairView {
        action: format!("{PATH}/{}/{}", pair.left.member_id, pair.right.member_id),
        left: column(&pair.left, !right_survives),
        right: column(&pair.right, right_survives),
        probability: percent(pair.probability),
        likely: pair.likely,
        rows: rows(f, pair),
        decided,
        state: pair.state,
        typed: refused.map_or_else(|| f.t("duplicate-reason"), |refused| refused.typed.clone()),
        refused: refused.is_some(),
    }
}

fn rows(f: &Frame, pair: &DuplicateView) -> Vec<FieldRow> {
    let both = |value: &dyn Fn(&DuplicateMember) -> String| (value(&pair.left), value(&pair.right));
    let mut rows: Vec<FieldRow> = pair
        .evidence
        .iter()
        .map(|one| {
            let (left, right) = match one.field {
                EvidenceField::FamilyName | EvidenceField::GivenName => {
                    both(&|member| member.profile.name.clone().unwrap_or_else(|| "–".to_owned()))
                }
                EvidenceField::BornOn => both(&|member| {
                    member.profile.born_on.map_or_else(|| "–".to_owned(), |day| f.formats.date(day))
                }),
                EvidenceField::Phone => {
                    both(&|member| identifiers(member, |kind| kind == IdentifierKind::Phone))
                }
                EvidenceField::Email => {
                    both(&|member| identifiers(member, |kind| kind == IdentifierKind::Email))
                }
            };
            let agreement = f.named("duplicate-agreement-", one.agreement.name());
            row(f.named("duplicate-field-", one.field.name()), (left, right), agreement, Some(one.bits))
        })
        .collect();
    let others = |kind| matches!(kind, IdentifierKind::Card | IdentifierKind::External);
    for (key, told) in [
        ("duplicate-numbers", both(&|member| identifiers(member, others))),
        ("merge-joined", both(&|member| f.formats.day(member.enrolled_at))),
        ("profile-purchases", both(&|member| number(i64::from(member.purchase_count)))),
    ] {
        rows.push(row(f.t(key), told, String::new(), None));
    }
    for (key, bits) in [
        ("duplicate-prior", pair.prior_bits),
        ("duplicate-household", pair.household_bits),
        ("duplicate-sum", pair.weight_bits),
    ] {
        rows.push(row(f.t(key), (String::new(), String::new()), String::new(), Some(bits)));
    }
    rows
}

fn row(name: String, (left, right): (String, String), agreement: String, bits: Option<f64>) -> FieldRow {
    let mark = match bits {
        Some(bits) if bits >= 0.05 => "up",
        Some(bits) if bits <= -0.05 => "down",
        _ => "",
    };
    let bits = bits.map_or_else(String::new, |bits| format!("{bits:+.1}").replace('-', "−"));
    FieldRow { name, left, right, mark, agreement, bits }
}

fn identifiers(member: &DuplicateMember, which: impl Fn(IdentifierKind) -> bool) -> String {
    let of = member.identifiers.iter().filter(|one| which(one.kind));
    let told: Vec<&str> = of.map(|one| one.value.as_str()).collect();
    if told.is_empty() { "–".to_owned() } else { told.join(", ") }
}
