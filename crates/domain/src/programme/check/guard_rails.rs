//! Checks what the law of the programme's profile says of earn rules. A forbidden combination is refused with the
//! reason, not merely warned of. Not legal advice: every profile needs counsel.

use super::Findings;
use crate::programme::limits::NOTICE_DAYS_MIN;
use crate::programme::{Profile, Programme, Segment};

pub(super) fn check(programme: &Programme, findings: &mut Findings) {
    let profile = programme.guard_rails.profile;
    let notice = programme.guard_rails.notice_days;
    if profile != Profile::International && notice < NOTICE_DAYS_MIN {
        let message = "members must hear of a change in good time before it takes effect";
        let remedy = format!("Use {NOTICE_DAYS_MIN} days or more");
        findings.error("guard_rails.notice_days", notice, message, &remedy);
    }
    for (position, rule) in programme.rules.iter().enumerate() {
        let lists =
            [("segment", &rule.conditions.segment), ("except_segment", &rule.conditions.except_segment)];
        for (name, codes) in lists {
            let field = format!("rules[{position}].conditions.{name}");
            for segment in codes.iter().filter_map(|code| programme.segment(*code)) {
                segment_use(profile, segment, &field, findings);
            }
        }
    }
    rewards(programme, profile, findings);
}

/// Rewards for some members only are held to the same: a reward is a price.
fn rewards(programme: &Programme, profile: Profile, findings: &mut Findings) {
    for (position, reward) in programme.rewards.iter().enumerate() {
        let field = format!("rewards[{position}].segment");
        for segment in reward.segment.iter().filter_map(|code| programme.segment(*code)) {
            segment_use(profile, segment, &field, findings);
        }
    }
}

/// What each profile forbids of segments in earn rules.
fn segment_use(profile: Profile, segment: &Segment, field: &str, findings: &mut Findings) {
    if segment.sensitive
        && let Some(reason) = sensitive_forbidden(profile)
    {
        findings.error(
            field,
            segment.code,
            reason,
            "Choose members by something they did, not by what they are",
        );
    }
    if segment.automated
        && let Some(reason) = automated_forbidden(profile)
    {
        findings.error(field, segment.code, reason, "Open the rule to all members, or to those who opted in");
    }
}

/// Why sensitive facts may not decide what members earn; none where they may.
fn sensitive_forbidden(profile: Profile) -> Option<&'static str> {
    match profile {
        Profile::International => None,
        Profile::Prc => {
            Some("sensitive personal information needs separate consent and necessity (PIPL art. 28)")
        }
        Profile::Hk => {
            Some("sensitive facts are out of proportion to the purpose (PDPO, data protection principle 1)")
        }
        Profile::Eu => Some("special categories of personal data may not be used so (GDPR art. 9)"),
    }
}

/// Why a model may not decide what members earn; none where it may.
fn automated_forbidden(profile: Profile) -> Option<&'static str> {
    match profile {
        Profile::International | Profile::Hk => None,
        Profile::Prc => Some("automated decisions must not treat members unequally in price (PIPL art. 24)"),
        Profile::Eu => Some("decisions based solely on automated processing need consent (GDPR art. 22)"),
    }
}
