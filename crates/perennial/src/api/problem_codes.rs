//! The codes of problems with what they mean: the page behind every problem's `type`.

use std::fmt::Write as _;

/// Codes of the door and of the platform. Those of the rules are in [`RULE_CODES`].
const DOOR_CODES: [(&str, u16, &str); 23] = [
    ("field_invalid", 400, "A field or parameter has a value it may not have; `field` names it."),
    ("malformed", 400, "The body, query or path cannot be read at all."),
    ("body_incomplete", 400, "The body did not arrive whole."),
    ("bad_request", 400, "The request cannot be read."),
    ("batch_size", 400, "A list must have 1 to 1,000 purchases, with at most 120 vouchers."),
    ("idempotency_key_missing", 400, "This write has no natural key: send an Idempotency-Key."),
    ("key_missing", 401, "Send an API key as Authorization: Bearer."),
    ("key_unknown", 401, "No such API key."),
    ("key_ended", 401, "The API key was revoked or has expired."),
    ("scope_missing", 403, "The API key lacks the scope that `field` names."),
    ("test_key", 403, "A test key cannot do this, because it cannot be tried without doing it."),
    ("not_found", 404, "There is nothing at this address."),
    ("method_not_allowed", 405, "The address does not take this method; `Allow` lists those it takes."),
    ("changed", 412, "Somebody changed it since you read it: read it again."),
    ("body_too_large", 413, "The body is too large: send fewer documents per call."),
    ("media_type_unsupported", 415, "Send JSON; files as a form (multipart/form-data)."),
    ("no_answer", 422, "The lake does not hold what the question asks for; `detail` says what is missing."),
    ("if_match_missing", 428, "Send the ETag you read as If-Match."),
    ("rate_limited", 429, "The key calls too often; `Retry-After` says when to try again."),
    ("voucher_tries_exceeded", 429, "Too many wrong voucher codes; `Retry-After` says when to try again."),
    ("busy", 503, "All queues are full and nothing was done; `Retry-After` says when to try again."),
    ("lake", 503, "The lake cannot be read right now: try again later."),
    ("unavailable", 503, "The database cannot serve right now: try again with the same key."),
];

/// Codes of refusals, in `domain::refusal`.
const RULE_CODES: [(&str, u16, &str); 83] = [
    ("amount_too_large", 400, "An amount or a sum leaves ±(2^53 − 1)."),
    ("programme_invalid", 400, "The programme does not pass its checks."),
    ("member_unknown", 404, "No member has this id or identifier."),
    ("unit_unknown", 404, "The programme has no such unit."),
    ("unknown", 404, "Nothing of that name exists."),
    ("identifier_taken", 409, "The identifier belongs to another member."),
    ("document_differs", 409, "The same source and reference were recorded with other content."),
    ("idempotency_key_reused", 409, "The idempotency key was used for another request."),
    ("audience_not_newer", 409, "The audience stands in this version or a later one."),
    ("hold_unknown", 404, "The member has no such hold."),
    ("reward_unknown", 404, "The programme has no such reward."),
    ("hold_ended", 409, "The hold was captured or voided."),
    ("redemption_ended", 409, "The redemption was fulfilled or cancelled."),
    ("hold_expired", 410, "The hold has timed out."),
    ("unit_not_redeemable", 422, "The unit cannot be held or used to pay."),
    ("points_below_minimum", 422, "Fewer points than the programme takes at a time."),
    ("points_above_maximum", 422, "More points than the programme takes at a time."),
    ("points_not_in_steps", 422, "The points do not come in whole steps."),
    ("points_worth_differs", 422, "The amount is not what the points are worth."),
    ("points_share_exceeded", 422, "Points would pay more of the purchase than the programme allows."),
    ("terms_changed", 422, "Other terms are in force than those quoted."),
    ("too_many_holds", 422, "The member has as many open holds as can be."),
    ("capture_exceeds_hold", 422, "The hold keeps fewer points."),
    ("reward_not_offered", 422, "The reward is not on offer on that day."),
    ("reward_not_for_member", 422, "The reward is for other tiers or segments."),
    ("reward_limit_reached", 422, "The member has had all that one member gets."),
    ("reward_out_of_stock", 422, "Too few are left."),
    ("not_a_redemption", 422, "The document named cannot be cancelled or fulfilled."),
    ("account_closed", 422, "The account neither earns nor spends."),
    ("no_programme_in_force", 422, "No programme was in force at the business time."),
    ("currency_differs", 422, "The purchase is in another currency than the programme."),
    ("in_future", 422, "The business time lies in the future."),
    ("too_late", 422, "The document is older than the programme accepts."),
    ("return_line_unknown", 422, "The purchase has no such line."),
    ("return_exceeds_purchase", 422, "More would come back than was bought."),
    ("nothing_to_return", 422, "Everything of the purchase has come back already."),
    ("not_a_purchase", 422, "The document that the return names is not a purchase."),
    ("insufficient_points", 422, "There are not enough spendable points."),
    ("approval_needed", 422, "A second person must approve."),
    ("approver_is_requester", 422, "The second person must be another one."),
    ("transfers_off", 422, "The programme lets nobody give points of this unit away."),
    ("stored_value_limit", 422, "The law lets a member known so well have no more stored value."),
    ("real_name_needed", 422, "So much was topped up that an identity document must be seen."),
    ("transfer_too_small", 422, "A transfer takes more points."),
    ("transfer_limit", 422, "More points than may change hands on this day."),
    ("account_too_young", 422, "An account must exist for some days before it gives or gets points."),
    ("too_few_transferable", 422, "Too few points are spendable and old enough to be given away."),
    ("offers_waiting", 422, "Too many offers of this member wait for an answer."),
    ("transfer_not_open", 422, "The transfer was answered, taken back or has lapsed."),
    ("merge_waits", 422, "Holds or transfers of the member are still under way."),
    ("merges_exhausted", 422, "Too many members were merged into this one."),
    ("not_merged", 422, "The member is not merged into another."),
    ("households_off", 422, "The programme pools no points in households."),
    ("not_a_household", 422, "The account is no household."),
    ("is_household", 422, "The account is a household, which only holds and spends points."),
    ("in_household", 422, "The member belongs to a household."),
    ("not_in_household", 422, "The member does not belong to the household."),
    ("household_full", 422, "The household has as many members as it may."),
    ("household_waits", 422, "Points of the household are held."),
    ("spender_needed", 422, "Nobody was named who spends the household's points."),
    ("spender_not_allowed", 422, "Who spends is no member of the household who may."),
    ("not_a_sandbox", 422, "Only the clock of a sandbox can be moved."),
    ("live_keys", 422, "Live API keys work here, so the clock is not moved."),
    ("notice_too_short", 422, "The programme promises more notice than the effective date leaves."),
    ("version_out_of_order", 422, "A later version takes effect earlier."),
    ("voucher_unknown", 404, "There is no such voucher."),
    ("voucher_batch_issued", 409, "The batch was issued before; its codes are shown once."),
    ("voucher_issue_exceeded", 422, "The template allows no more vouchers."),
    ("voucher_not_yet_valid", 422, "The voucher's time has not come."),
    ("voucher_expired", 422, "The voucher's time is over."),
    ("voucher_void", 422, "The voucher was declared void."),
    ("voucher_used_up", 422, "All uses of the voucher were redeemed."),
    ("voucher_reserved_elsewhere", 422, "Another order holds the voucher."),
    ("voucher_use_ended", 422, "This document had a use of the voucher and gave it back."),
    ("voucher_not_held", 422, "This document has no use of the voucher."),
    ("voucher_not_registered", 422, "The voucher has to be registered to a member first."),
    ("voucher_member_needed", 422, "The voucher belongs to a member, and none was named."),
    ("voucher_other_member", 422, "The voucher belongs to another member."),
    ("voucher_other_channel", 422, "The voucher is for another channel."),
    ("voucher_other_store", 422, "The voucher is for another store."),
    ("voucher_no_matching_line", 422, "No line is of the kind the voucher is for."),
    ("voucher_below_minimum", 422, "The basket is too small for the voucher."),
    ("voucher_nothing_left", 422, "Nothing was left for the voucher to take off."),
];

/// The codes of all refusals.
#[cfg(test)]
pub(crate) fn rule_codes() -> impl Iterator<Item = &'static str> {
    RULE_CODES.iter().map(|(code, _, _)| *code)
}

/// The page: every code can be addressed as `#code`.
pub(super) fn page() -> String {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Perennial API: problems</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"></head><body><main>\
         <h1>Problems</h1><p>What each <code>code</code> of an <code>application/problem+json</code> answer means.</p><dl>",
    );
    for (code, status, meaning) in DOOR_CODES.iter().chain(&RULE_CODES) {
        let _ = write!(page, "<dt id=\"{code}\"><code>{code}</code> ({status})</dt><dd>{meaning}</dd>");
    }
    page.push_str("<dt id=\"internal\"><code>internal</code> (500)</dt><dd>The server failed.</dd>");
    page.push_str("<dt id=\"timeout\"><code>timeout</code> (408)</dt><dd>The request took too long.</dd></dl></main></body></html>");
    page
}

#[cfg(test)]
mod tests {
    use super::{DOOR_CODES, RULE_CODES, page};

    #[test]
    fn every_code_is_listed_once() {
        let codes: Vec<&str> = DOOR_CODES.iter().chain(&RULE_CODES).map(|(code, _, _)| *code).collect();
        let page = page();
        for code in &codes {
            assert_eq!(page.matches(&format!("id=\"{code}\"")).count(), 1, "{code}");
        }
    }
}
