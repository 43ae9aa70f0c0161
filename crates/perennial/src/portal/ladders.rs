//! How far a member is from the next tier, as one would say it: spend so much more by Sunday.

use domain::ledger::TierPosition;
use domain::programme::{Basis, CompiledLadder, CompiledProgramme};
use jiff::Timestamp;
use jiff::civil::Date;
use operations::MemberView;

use super::words::{day_ahead, day_of, money, points};
use crate::console::format::number;
use crate::console::page::Frame;
use crate::console::tier_progress::{last_day, tier_views};

/// A member's place on a ladder.
pub(super) struct LadderView {
    pub(super) ladder: String,
    pub(super) tier: String,
    /// Position on the ladder, for the colour.
    pub(super) rank: usize,
    /// What is missing to the next tier, in a sentence.
    pub(super) wish: Option<String>,
    /// How much of it is there, in a sentence and in thousandths.
    pub(super) so_far: String,
    pub(super) permille: i64,
    /// Until when the tier is kept.
    pub(super) kept: Option<String>,
}

/// The member's place on each ladder.
pub(super) fn ladder_views(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    member: &MemberView,
    now: Timestamp,
) -> Vec<LadderView> {
    let today = day_of(f, now);
    let enrolled_on = day_of(f, member.enrolled_at);
    let positions = member.standing.tiers.iter().zip(tier_views(f, programme, member, now));
    positions
        .map(|(position, known)| {
            let ladder = programme.and_then(|programme| programme.ladder(position.ladder));
            let last = ladder.and_then(|ladder| last_day(ladder, member, today, enrolled_on));
            let wish = ladder.and_then(|ladder| wish(f, programme, ladder, position, last, today));
            let so_far = ladder.zip(position.next).map(|(ladder, (_, threshold))| {
                let value = |value| measured(f, programme, ladder, value).1;
                let (amount, threshold) = (value(position.qualifying), value(threshold));
                f.with("card-so-far", &[("amount", &amount), ("threshold", &threshold)])
            });
            let kept = position.review_at.map(|at| f.v("card-tier-kept", f.formats.day(at)));
            LadderView {
                ladder: known.ladder,
                tier: known.name,
                rank: known.rank,
                wish,
                so_far: so_far.unwrap_or_else(|| f.t("card-highest-tier")),
                permille: known.next.map_or(1_000, |next| next.permille),
                kept,
            }
        })
        .collect()
}

fn wish(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    ladder: &CompiledLadder,
    position: &TierPosition,
    last: Option<Date>,
    today: Date,
) -> Option<String> {
    let (tier, threshold) = position.next?;
    let tier = ladder.tiers().get(ladder.position(tier)?)?.name.get(f.language);
    let missing = threshold.saturating_sub(position.qualifying).max(0);
    let (verb, amount) = measured(f, programme, ladder, missing);
    Some(match last {
        Some(day) => {
            let day = day_ahead(f, day, today);
            f.with(&format!("card-progress-{verb}-by"), &[("amount", &amount), ("day", &day), ("tier", tier)])
        }
        None => f.with(&format!("card-progress-{verb}"), &[("amount", &amount), ("tier", tier)]),
    })
}

/// What a ladder counts: what one does for it, and so much of it in words.
fn measured(
    f: &Frame,
    programme: Option<&CompiledProgramme>,
    ladder: &CompiledLadder,
    value: i64,
) -> (&'static str, String) {
    match &ladder.ladder.basis {
        Basis::Spend => ("spend", money(f, programme, value)),
        Basis::UnitBalance(unit) | Basis::UnitEarned(unit) => ("earn", points(f, programme, value, *unit)),
        Basis::Visits => ("visits", number(value)),
        Basis::Nights(_) => ("nights", number(value)),
    }
}
