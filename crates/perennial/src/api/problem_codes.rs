//! The codes of problems with what they mean: the page behind every problem's `type`.

use std::fmt::Write as _;

/// Codes of the door and of the platform. Those of the rules are in [`RULE_CODES`].
const DOOR_CODES: [(&str, u16, &str); 20] = [
    ("field_invalid", 400, "A field or parameter has a value it may not have; `field` names it."),
    ("malformed", 400, "The body, query or path cannot be read at all."),
    ("body_incomplete", 400, "The body did not arrive whole."),
    ("bad_request", 400, "The request cannot be read."),
    ("batch_size", 400, "A list must have 1 to 1,000 purchases."),
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
    ("media_type_unsupported", 415, "Send JSON."),
    ("if_match_missing", 428, "Send the ETag you read as If-Match."),
    ("rate_limited", 429, "The key calls too often; `Retry-After` says when to try again."),
    ("busy", 503, "All queues are full and nothing was done; `Retry-After` says when to try again."),
    ("unavailable", 503, "The database cannot serve right now: try again with the same key."),
];

/// Codes of refusals, in `domain::refusal`.
const RULE_CODES: [(&str, u16, &str); 31] = [
    ("amount_too_large", 400, "An amount or a sum leaves ±(2^53 − 1)."),
    ("programme_invalid", 400, "The programme does not pass its checks."),
    ("member_unknown", 404, "No member has this id or identifier."),
    ("unit_unknown", 404, "The programme has no such unit."),
    ("unknown", 404, "Nothing of that name exists."),
    ("identifier_taken", 409, "The identifier belongs to another member."),
    ("document_differs", 409, "The same source and reference were recorded with other content."),
    ("idempotency_key_reused", 409, "The idempotency key was used for another request."),
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
    ("transfer_too_small", 422, "A transfer takes more points."),
    ("transfer_limit", 422, "More points than may change hands on this day."),
    ("account_too_young", 422, "An account must exist for some days before it gives or gets points."),
    ("too_few_transferable", 422, "Too few points are spendable and old enough to be given away."),
    ("offers_waiting", 422, "Too many offers of this member wait for an answer."),
    ("transfer_not_open", 422, "The transfer was answered, taken back or has lapsed."),
    ("not_a_sandbox", 422, "Only the clock of a sandbox can be moved."),
    ("live_keys", 422, "Live API keys work here, so the clock is not moved."),
    ("notice_too_short", 422, "The programme promises more notice than the effective date leaves."),
    ("version_out_of_order", 422, "A later version takes effect earlier."),
];

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
