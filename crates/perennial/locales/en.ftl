# The console in English. Keys are those of zh-CN.ftl; a test holds the two together.

## Frame
skip-to-content = Skip to content
navigation = Main navigation
language-other = 中文
language-other-tag = zh-CN
theme = Colour theme
theme-light = Light
theme-dark = Dark
theme-system = As the system
sign-out = Sign out
all-times-in = All times in { $value }
nav-overview = Overview
nav-members = Members
nav-adjustments = Adjustments
nav-programme = Programme
nav-imports = Imports
nav-parked = Parked returns
nav-people = People
nav-till = Till
pages = Pages
first-page = First page
previous-page = Previous page
next-page = Next page
download-csv = Download CSV
any = Any
any-time = Any time
apply = Apply
search = Search
clear = Clear filters
command-import = perennial import purchases FILE --map MAP.toml
command-new-programme = perennial new-programme PROGRAMME.toml
never = never
period-of = { $from } to { $until }
days-ago = { $count ->
    [0] today
    [one] yesterday
   *[other] { $shown } days ago
}
days-ahead = { $count ->
    [0] today
    [one] tomorrow
   *[other] in { $shown } days
}

## Sign-in and set-up
sign-in = Sign in
sign-in-hint = The console of your loyalty programme.
user-name = User name
password = Password
new-password = New password
password-hint = At least { $shown } characters. A sentence is easier to keep than a riddle.
sign-in-failed = Name and password do not match.
sign-in-throttled = Too many failed attempts. Try again in 15 minutes.
form-stale = This form was open for too long or in another window. Please send it again.
set-up = Create your account
set-up-hint = This link works once. Choose the name and password you will sign in with.
set-up-create = Create account
set-up-used = This link has been used or has expired. Ask for a new one.
choose-password = Choose a new password
choose-password-hint = This link works once.
choose-password-submit = Keep it and sign in
user-name-taken = Somebody already has this name. Choose another.
user-name-invalid = Use 2 to 40 letters, digits, dots, hyphens or underscores.
password-too-short = The password is too short.

## Problems
back-to-overview = To the overview
problem-not-found = There is nothing here
problem-not-found-detail = The address is wrong, or what it named no longer exists.
problem-forbidden = You may not do this
problem-forbidden-detail = Your role does not include it. Ask a manager.
problem-busy = Busy right now
problem-busy-detail = The platform could not answer in time. Nothing was changed. Try again in a moment.
voucher-tries-exceeded = { $count ->
    [one] Too many wrong voucher codes were tried. Try again in a minute.
   *[other] Too many wrong voucher codes were tried. Try again in { $shown } minutes.
}
problem-unavailable = No answer from the database
problem-unavailable-detail = If you were changing something, it is not known whether it was done. Look before you repeat it.
problem-internal = Something went wrong
problem-internal-detail = The cause is in the server's log. Look whether anything was changed before you repeat it.
problem-changed = Changed in between
problem-changed-detail = Somebody else changed this since you read it. Read it again, then repeat your change.
problem-refused = This cannot be done
refusal-approval-needed = This is more than one person may adjust. A second person must approve.
refusal-approver-is-requester = You asked for this adjustment yourself. A second person must approve it.
refusal-insufficient-points = The member has fewer spendable points than that.
refusal-account-closed = This account is closed: it neither earns nor spends.
refusal-unit-unknown = The programme has no such unit.
refusal-amount-too-large = The number is too large.
refusal-no-programme-in-force = No programme is in force yet. Publish one first.
refusal-member-unknown = There is no such member.
refusal-document-differs = This receipt number was recorded before with other content. Compare the two before anything else.
refusal-points-below-minimum = These are fewer points than can be used at a time.
refusal-points-above-maximum = These are more points than can be used at a time.
refusal-points-not-in-steps = The points are not a whole number of steps.
refusal-points-worth-differs = What the points pay has changed. Look at the preview again.
refusal-points-share-exceeded = Points would pay more of the purchase than is allowed.
refusal-in-future = The time lies in the future. Check the clock of this device.
refusal-too-late = The receipt is older than the programme accepts.
refusal-nothing-to-return = Everything of this purchase has come back already.
refusal-return-exceeds-purchase = More would come back than was bought.
refusal-field-invalid = “{ $value }” cannot be used for { $field }. Correct it and try again.
refusal-programme-invalid = The programme has errors. Correct them first.
refusal-unknown = There is nothing of this name.
refusal-identifier-taken = This card, phone number or address belongs to another member.
refusal-idempotency-key-reused = This form was sent before with other content. Look what was done, then begin anew.
refusal-audience-not-newer = Another set has taken the place of this audience meanwhile. Look at it, then send yours again.
refusal-hold-unknown = There are no points held under this number.
refusal-hold-ended = These points are no longer held: they were spent or given back.
refusal-hold-expired = The hold has timed out. Hold the points again.
refusal-too-many-holds = This member has as many open holds as can be. End one first.
refusal-capture-exceeds-hold = Fewer points are held than that.
refusal-unit-not-redeemable = These points cannot be used to pay.
refusal-terms-changed = The terms have changed since this was shown. Look at it again.
refusal-reward-unknown = There is no such reward any more.
refusal-reward-not-offered = This reward is not on offer today.
refusal-reward-not-for-member = This reward is for other members.
refusal-reward-limit-reached = Only { $left } more of this reward can be had in this period.
refusal-reward-out-of-stock = Only { $left } of this reward are left.
refusal-not-a-redemption = This document is no redemption that can be changed so.
refusal-redemption-ended = This redemption was handed out or taken back already.
refusal-currency-differs = The purchase is in another currency than the programme.
refusal-return-line-unknown = The purchase has no such line.
refusal-not-a-purchase = The number does not belong to a purchase.
refusal-transfers-off = These points cannot be given to other members.
refusal-stored-value-limit = A member known so well may have no more than { $limit } of stored value: { $room } more can be paid in.
refusal-real-name-needed = So much was topped up that an identity document must be seen first.
refusal-transfer-too-small = At least { $least } points must be given at once.
refusal-transfer-limit = Only { $left } more points may change hands today.
refusal-account-too-young = This account is too new to give or get points.
refusal-too-few-transferable = Only { $left } points are spendable and old enough to be given away.
refusal-offers-waiting = Too many offers wait for an answer. Let one be answered first.
refusal-transfer-not-open = This offer was answered, taken back or has lapsed.
refusal-merge-waits = Held points or transfers of this member are still under way. End them first.
refusal-merges-exhausted = Too many members were merged into this one already.
refusal-not-merged = This member is not merged into another.
refusal-households-off = The programme pools no points in households.
refusal-not-a-household = This account is no household.
refusal-is-household = This is a household: it only holds and spends points. Name one of its members.
refusal-in-household = This member belongs to a household and must leave it first.
refusal-not-in-household = This member does not belong to the household.
refusal-household-full = The household has as many members as it may.
refusal-household-waits = Points of the household are held. End the holds first: then who leaves takes along what is left of the points they brought.
refusal-spender-needed = Say which member spends the household's points.
refusal-spender-not-allowed = Only a member of the household who may spend its points can do this.
refusal-notice-too-short = The programme promises more notice: it can take effect on { $day } or later.
refusal-version-out-of-order = Another version takes effect on { $day }. Choose a later day.
refusal-not-a-sandbox = This is no sandbox: its clock cannot be moved.
refusal-live-keys = Live API keys work here, so the clock cannot be moved.
refusal-voucher-batch-issued = This batch was issued before. Its codes are shown once.
refusal-voucher-issue-exceeded = The template allows fewer vouchers than that.
refusal-voucher-unknown = There is no such voucher. Check the code.
refusal-voucher-not-yet-valid = This voucher cannot be used yet.
refusal-voucher-expired = This voucher has expired.
refusal-voucher-void = This voucher was declared void.
refusal-voucher-used-up = This voucher has been used.
refusal-voucher-reserved-elsewhere = Another order holds this voucher.
refusal-voucher-use-ended = This voucher was given back for this purchase already.
refusal-voucher-not-held = This purchase did not use this voucher.
refusal-voucher-not-registered = This voucher must be registered to a member first.
refusal-voucher-member-needed = This voucher belongs to a member: enter them first.
refusal-voucher-other-member = This voucher belongs to another member.
refusal-voucher-other-channel = This voucher cannot be used here.
refusal-voucher-other-store = This voucher is for another store.
refusal-voucher-no-matching-line = Nothing in this purchase is what the voucher is for.
refusal-voucher-below-minimum = The purchase is too small for this voucher.
refusal-voucher-nothing-left = Nothing is left for this voucher to take off.
field-points = the points
field-note = the note
field-amount = the amount
field-reference = the number
field-occurred-at = the time
field-name = the name
field-password = the password
field-role = the role
field-quantity = the quantity
field-segment = the segment
field-reason = the reason

## Overview
period = Period
from = From
until = To
compare = Compare with the period before
compared-with = compared with { $value }
previously = before: { $value }
preset-30 = 30 days
preset-90 = 90 days
preset-365 = 12 months
preset-all = All
period-invalid = The period must end after it begins.
overview-empty = No purchases yet
overview-empty-hint = Numbers appear here as soon as purchases arrive, from the tills through the API or from history by an import.
tile-members = Members
tile-members-note = { $value } joined in the period
tile-active = Active members
tile-active-note = With a purchase in the period
tile-earned = Earned
tile-earned-note = { $value } given in the period
tile-burned = Burned
tile-burned-note = { $value } redeemed in the period
tile-outstanding = Outstanding
tile-outstanding-note = Spendable; { $value } more are pending
tile-expiring = Expiring
tile-expiring-note = In the 30 days from today
tile-expired = Expired
tile-expired-note = Lapsed in the period
tile-purchases = Purchases
tile-purchases-note = Receipts in the period
change-none = unchanged
chart-points = Earned, burned and expired
chart-tiers = Members by tier
chart-empty = Nothing to draw in this period.
chart-points-unit = { $value } per { $step }
chart-tiers-unit = Members at the end of each { $step }
step-day = day
step-month = month
chart-points-description = Line chart. In the period { $earned } earned, { $burned } burned, { $expired } expired. Most was earned on { $peak }: { $peak_value }. The table below has every value.
chart-tiers-description = Stacked area chart of members by tier. At the end: { $mix }. The table below has every value.
source-ledger = Source: ledger
show-table = Show as table
day = Day
month = Month
earned = Earned
burned = Burned
expired = Expired

## Members
members-hint = Search by name, pinyin, card, phone, e-mail or external number.
members-search = Search members
members-search-example = zhangwei, 张伟, +86138…
members-count = { $count ->
    [0] No members
    [one] 1 member
   *[other] { $shown } members
}
members-none-found = Nobody matches
members-none-found-hint = Try fewer letters, the beginning of a number, or no filters.
members-empty = No members yet
members-empty-hint = Members appear when they are enrolled through the API or by an import of purchases.
tier = Tier
status = Status
status-active = Active
status-closed = Closed
last-purchase = Last purchase
points-min = Points from
within-30 = Within 30 days
within-90 = Within 90 days
over-90 = More than 90 days ago
over-365 = More than a year ago
member = Member
points = Points
spend = Spend
purchases = Purchases
enrolled = Enrolled
pending-points = +{ $value } pending
nameless = No name
number-invalid = “{ $value }” is not a whole number.
day-invalid = “{ $value }” is not a day: write it as 2026-03-31.

## A member
member-since = member since { $value }
balances = Balances
held = Reserved
unit-kind-stored-value = money paid in
unit-kind-growth-value = counts towards tiers
unit-kind-miles = of a partner
no-balance = No points yet.
available = Available
pending = Pending
debt = Owed
earned-ever = Earned in all
redeemed-ever = Redeemed in all
expired-ever = Expired in all
progress-to = { $amount } more to { $tier }
progress-to-by = { $amount } more by { $day } to reach { $tier }
progress-so-far = { $amount } of { $threshold } counted
highest-tier = The highest tier.
tier-kept-until = Reviewed on { $value }
progress-points = { $amount } { $unit }
progress-visits = { $value } visits
progress-nights = { $value } nights
progress-spend = { $value } of spending
profile = Profile
profile-name = Name
profile-born = Born
profile-language = Language
profile-segments = Segments
profile-spend = Spend in all
profile-purchases = Purchases
profile-last-purchase = Last purchase
identifier-card = Card
identifier-phone = Phone
identifier-email = E-mail
identifier-external = External number
lots = Lots and expiry
all-lots = { $count ->
    [one] The one lot
   *[other] All { $shown } lots
}
no-lots = No open lots.
earned-on = Earned
remaining = Left
expires = Expires
expires-never = never
pending-until = pending until { $value }
timeline = Timeline
timeline-empty = Nothing has happened yet.
more-entries = Show earlier entries
entries-loaded = { $count ->
    [one] 1 entry
   *[other] { $shown } entries
 } shown
entry-number = no. { $value }
why = Why?
why-entry = Why? { $value }, number { $number }
why-title = How this came about
after-entry = then { $value }
rules-without-effect = { $count ->
    [one] 1 rule gave nothing
   *[other] { $shown } rules gave nothing
}
postings = { $count ->
    [one] 1 posting
   *[other] { $shown } postings
}
balances-after = Held right afterwards
raw-json = Raw JSON
event-member-enrolled = Joined
event-member-updated = Profile changed
event-identifier-linked = Identifier linked
event-club-joined = Joined a club
event-club-left = Left a club
event-purchase-recorded = Purchase
event-return-recorded = Return
event-activity-recorded = Activity
event-points-adjusted = Adjustment by hand
event-points-held = Points reserved
event-hold-captured = Hold captured
event-hold-voided = Hold voided
event-hold-expired = Hold timed out
event-reward-redeemed = Reward redeemed
event-redemption-cancelled = Redemption cancelled
event-redemption-fulfilled = Reward handed out
event-statement-made = Statement
event-topped-up = Topped up
event-stored-value-refunded = Stored value paid back
event-transfer-offered = Transfer offered
event-points-transferred = Points transferred
event-transfer-declined = Transfer declined
event-transfer-withdrawn = Transfer taken back
event-members-merged = Member merged
event-points-forwarded = Change passed on
event-merge-undone = Merge undone
event-household-created = Household opened
event-household-joined = Household joined
event-household-member-changed = Spending changed
event-household-left = Household left
event-points-pooled = Points pooled
event-audience-entered = Entered an audience
event-audience-left = Left an audience
event-points-released = Points became spendable
event-points-expired = Points expired
event-tiers-reviewed = Tier review
purchase-line = { $amount } · { $count ->
    [one] 1 line
   *[other] { $count } lines
 } · { $key }
return-line = { $key }, of { $purchase }
reward-line = { $reward } × { $quantity } · { $key }
followed-line = { $key }, of { $earlier }
activity-line = { $kind } · { $key }
topped-up-line = { $amount } paid in ({ $method }) · { $key }
paid-back-line = { $amount } paid back ({ $method }) · { $key }
adjusted-line = { $reason }: { $note }
approved-line = Approved by { $value }
identifier-line = A new { $value }
tier-reason-enrolment = Starts in { $to }
tier-reason-upgrade = Rises from { $from } to { $to }
tier-reason-requalified = Keeps { $to }
tier-reason-downgrade = Falls from { $from } to { $to }
tier-reason-merged = Keeps the higher { $to } of the two instead of { $from }
tier-reason-left = Holds { $to } no more
tier-reason-rejoined = Holds { $to } again

## Adjustments
adjust = Adjust points
adjust-points = Points (minus takes)
unit = Unit
reason = Reason
note = Note
adjust-hint = Above { $value } points a second person has to approve.
adjust-submit = Adjust
adjusted = Adjusted by { $value } points.
adjustment-waits = The adjustment waits for a second person.
reason-goodwill = Goodwill
reason-correction = Correction
reason-missing-purchase = Missing purchase
reason-redemption = Redemption
reason-fraud = Misuse
note-missing = Say why, in a few words.
adjustments-hint = Adjustments above the limit wait here for a second person.
adjustments-empty = Nothing waits for approval
adjustments-empty-hint = When somebody adjusts more points than one person may, it appears here.
asked-by = Asked by
state = State
decision = Decision
approve = Approve
reject = Reject
approve-for = Approve the adjustment of { $value }
reject-for = Reject the adjustment of { $value }
state-waiting = Waiting
state-unposted = Approved, not posted yet
state-approved = Approved
state-rejected = Rejected
decided-by = by { $who } on { $day }
needs-second-person = needs a second person
adjustment-approved = Approved and posted.
finish = Post now
finish-for = Post the approved adjustment of { $value }
approved-by-unposted = approved by { $value }
adjustment-rejected = Rejected.

## Programme
programme-hint = What the programme promises, in sentences drawn from its document.
programme-empty = No programme published
programme-empty-hint = Write an example, adapt it, then publish it here or from the shell.
versions = Versions
version-number = Version { $value }
effective-from = in force from { $value }
version-live = Live
version-scheduled = Scheduled
version-past = Past
compare-versions = Compare versions
before = Before
after = After
compare-submit = Compare
changes-title = From version { $before } to version { $after }
change = Change
no-changes = The two versions say the same.
part-units = What members collect
part-rules = Rules and campaigns
part-ladders = Tiers
download-document = Download document
publish = Publish a new version
publish-hint = Checking changes nothing. A published version can never be changed; the next one replaces it.
document = Document (TOML or JSON)
effective-on = In force from the start of
check = Check
publish-submit = Publish
published = Version { $value } is published.
findings = What the check found
line = Line
field = Field
value = Value
problem = What is wrong
severity-error = Error
severity-warning = Warning
check-clean = The check found nothing to object to.

## Imports
imports-hint = History read from files, with what was taken and what was not.
imports-empty = No imports yet
imports-empty-hint = Bring your purchase history in from CSV or Parquet files:
file = File
rows = Rows
rejected = Rejected
started = Started
run-running = Running
run-finished = Finished
run-failed = Stopped
documents = Documents recorded
what-became = What became of the rows
import-number = Import { $value }
progress = Progress
rejects = Rejected rows
no-rejects = Every row was taken.
row = Row

## Parked returns
parked-hint = Returns that arrived before their purchase. They are applied as soon as it does.
parked-empty = No return waits
parked-empty-hint = Every return has found its purchase.
return = Return
waits-for = Waits for
received = Received
by = By

## People
created = Created
name = Name
people-hint = Who may sign in to this console.
person-change = Change
person-change-for = Change the access of { $value }
person-disable = Shut out
person-disable-hint = Shutting out ends every session at once. The name stays in the history.
person-reset = New password by link
person-reset-hint = The old password and every session end at once.
person-return = Let in again by link
person-disabled = shut out
person-own = This is you
person-own-refused = Nobody does this to themselves: ask another manager.
person-disabled-done = { $value } is shut out. Every session has ended.
role = Role
role-manager = Manager
role-analyst = Analyst
role-auditor = Auditor
role-support = Support
role-cashier = Cashier
invite = Invite somebody
invite-hint = Creates a link that works once and expires after a day. Whoever opens it chooses a name and a password.
invite-submit = Create link
link-created = One-time link
link-created-hint = Send it to the person over a channel you trust. It is shown once.

## Till
till-sale = Sale
till-return = Return
till-online = Online
till-offline = Offline
till-offline-queued = Offline, queued { $value }
till-online-queued = Online, queued { $value }
till-signed-out = Signed out: sign in again
till-entry = Scan or type: member, item, price
till-entry-example = Phone, card, item code, 12.50, 2×12.50
till-enter = Enter
till-camera = Scan with the camera
till-camera-refused = The camera cannot be used. Allow it in the browser, or type the code.
till-close = Close
till-member-missing = Scan a card or type a phone number, so that this purchase earns.
till-member-unknown = Nobody has “{ $value }”. Was a digit mistyped?
till-member-new = Nobody has it yet.
till-member-unchecked = Not checked while offline; it is when uploaded.
till-enrol = Enrol with this sale
till-member-clear = Remove the member
till-worth = pays { $value }
till-pool = in the pool of { $value }
till-pool-may = may spend them on rewards
till-pool-may-not = may not spend them
till-basket = Basket
till-basket-empty = The basket is empty. Type a price, or scan an item and type its price.
till-item = Item
till-category = Category
till-quantity = Quantity
till-price = Price
till-amount = Amount
till-more = One more
till-less = One less
till-drop = Remove this line
till-line-nameless = Line { $value }
till-fault-missing = Fill this in.
till-fault-unreadable = Not a number: write it as 12.50.
till-fault-too-fine = Too many digits after the point.
till-fault-too-large = The number is too large.
till-fault-name-too-long = The name is too long: at most 128 bytes, about 42 Chinese characters.
till-fault-not-positive = The quantity must be above zero.
till-lines-unreadable = A line of the basket cannot be read. Correct it.
till-keypad = Keypad
till-key-delete = Delete
till-key-times = Times
till-key-letters = Show the letters
till-preview = Preview
till-total = Total
till-spendable-now = spendable now
till-spendable-from = spendable from { $value }
till-nothing-earned = this purchase earns nothing
till-preview-offline = No points are shown while offline: the rules decide once it is uploaded.
till-pay-points = Pay with points
till-points-terms = In steps of { $step } { $unit }, from { $minimum } on, up to { $share }% of the purchase.
till-points-pooled = These points are in the pool of the household. It pays for rewards, not for purchases: this one is paid with money.
till-points-most = up to { $value }
till-points-pay = pays { $value }
till-points-offline = Points cannot be spent while offline.
till-points-taken-off = Points cannot be spent while offline: they were taken off. Pay once more to take the whole amount.
till-most = Most
till-none = None
till-method = Way of paying
till-method-cash = Cash
till-method-card = Card
till-method-wallet = Wallet
till-method-points = Points
till-pay = Pay
till-storage-full = This device cannot keep more receipts. Connect it first.
till-outcome-unknown = The server did not answer: nobody knows yet whether this sale and its points were recorded. It is asked again, under the same number, once the connection is back. Do not take other money for it before.
till-set-aside = Set aside, next sale
till-recorded-by = Receipt %r of %a was recorded as sold by %b: no %a may use a till any more.
till-sign-out-sure = Receipts wait here. Sign out?
till-settings = This till
till-store = Store code
till-store-hint = Rules for some stores look at it; receipt numbers begin with it.
till-receipt = Receipt
till-receipt-number = Receipt number
till-receipt-again = This sale was recorded before: it is the same receipt.
till-programme-changed = The programme changed after the preview: the receipt follows the new version.
till-code-of = QR code of receipt { $value }
till-print = Print
till-next = Next sale
till-take-back = Take goods back
till-kept = The receipt is kept on this device
till-kept-hint = It is uploaded once the connection is back. Points come then, and come once.
till-clock-corrected = This device's clock is { $value } minutes off; the time of sale was corrected.
till-queue = Receipts to upload
till-queue-hint = They are uploaded by themselves. What was refused needs you.
till-waiting = Waiting
till-refused = Refused
till-send-again = Send again
till-see-recorded = See what is recorded
till-discard = Discard
till-discard-sure = Sure? The member gets no points
till-return-entry = Scan or type the number of the receipt
till-return-example = T-261125-7KQ4MX
till-find = Find
till-return-offline = A return needs the connection. Try again once it is back.
till-return-unknown = The server did not answer: nobody knows yet whether this return was recorded. Press once more; it keeps its number and counts once.
till-receipt-unknown = There is no receipt “{ $value }”.
till-left = { $value } can come back
till-return-how-many = How many of { $value } come back
till-return-quantity = The quantity of line { $value } is more than can come back.
till-return-nothing = Choose what comes back.
till-return-preview = Preview
till-return-all = Everything
till-return-record = Take back
till-return-receipt = Return receipt
till-return-of = of receipt { $value }
till-money-back = Money back
till-points-taken = Points taken back
till-points-given = Points given back
till-no-points-moved = no points move
till-voucher = Voucher
till-vouchers = Vouchers
till-voucher-off = −{ $value }
till-voucher-part = { $line }: −{ $amount }
till-voucher-not = Takes nothing off: { $value }
till-voucher-drop = Take out: { $value }
till-voucher-unknown = There is no voucher { $value }. Check the code.
till-voucher-mistyped = The voucher code has a wrong or swapped character. Type it again.
till-voucher-twice = This voucher is presented already.
till-voucher-most = At most { $value } vouchers go into one sale.
till-voucher-unchecked = Not checked while offline. Take the whole amount; what it takes off is said once the sale is uploaded.
till-vouchers-offline = Vouchers take nothing off while offline. Pay once more to take the whole amount; what is owed is said once the sale is uploaded.
till-vouchers-changed = The vouchers take something else off than before. Look at the preview, then pay.
till-before-vouchers = { $value } before vouchers
till-give-back = Give back { $value }: more was taken than the sale came to.
till-take-more = { $value } is missing: less was taken than the sale came to.
till-uploaded = Uploaded
till-upload-seen = Done

## Questions about the customers

nav-insight = Insight
insight-hint = Questions about your customers, answered from the whole history, with the figures behind each answer.
insight-lake = { $documents } purchases and returns, { $postings } postings, in { $files } files.
insight-lake-begins = The history is being written for the first time: come back in a moment.
insight-empty = This server has no lake yet
insight-empty-hint = Questions are answered from a copy of the history in Parquet files. Start the server with a place for it:
command-lake = perennial serve --lake perennial-data/perennial.lake
insight-running = The question is being worked on
insight-running-hint = For { $value } s so far. This page shows the answer as soon as it is there.
insight-give-up = Give up
insight-none = No answer
insight-period-invalid = A day must be written as 2026-03-31, and the period must end after it begins.
insight-amount-invalid = An amount must be written as a whole number of minor units: 1999 for 19.99.
insight-cost = Cost, in minor units
insight-budget = Budget, in minor units
insight-factor-weights = Weights of the four factors, in per cent
insight-clubs = Clubs and their categories (TOML; proposed if empty)
insight-markers = Markers of life stages (TOML; ours if empty)
experiment-salt = Experiment (hold-out)
experiment-campaign = or campaign that was imported
experiment-arms = Arms in per cent, control first (hold-out=5,programme=95)
experiment-outcome = Judged by
claims-title = Claims about loyalty
claims-hint = Numbers that are told about loyalty programmes, with where they come from and what they are worth. They are benchmarks, never targets: hold your own figure against them.
claims-table = Register of claims
claims-claim = What is claimed
claims-value = Value
claims-value-high = Up to
claims-unit = Unit
claims-scope = Told of
claims-source = Source
claims-status = Status
claims-note = Note
claims-own = Your own figure
claims-any-status = Any
claims-no-source = No public source found
claims-count = { $found } of { $all } claims
claim-confirmed = Confirmed
claim-corroborated = Corroborated
claim-unverified = Unverified
claim-contradicted = Contradicted
claim-implausible = Implausible
claim-beside = Told of { $scope }: { $value } ({ $status })
surveys-title = Surveys
surveys-hint = Answers of members, in the lake beside what they buy. A survey of the same name replaces itself.
surveys-import = Import a survey
surveys-map = Map
surveys-map-hint = A TOML file that says which column answers which question.
surveys-map-example = A map to begin with
surveys-file = Answers
surveys-file-hint = CSV in UTF-8 or GBK, one row for each form, at most { $megabytes } MiB.
surveys-send = Import
surveys-refused = Nothing was imported:
surveys-files-missing = Choose a map and a file of answers.
surveys-there = Surveys in the lake
surveys-none = There are none yet.
surveys-questions = They are asked by:
surveys-rows = Rows
surveys-forms = Forms used
surveys-answers = Answers
surveys-replaced = Answers replaced
surveys-running = The survey is being imported
surveys-reading = { $done } of { $all } bytes read
surveys-writing = { $done } of { $all } forms written
surveys-failed = Nothing was imported
surveys-no-form = No row can be used: the lake is left as it was. Correct the map or the file.
surveys-rejected = Rows that cannot be used
surveys-rejects-shown = The first { $shown } of { $all } rows. The file has all.
surveys-rejects-kept = The first { $shown } rows. The file has the first { $all }; no more are kept.
survey-of = { $survey } from { $file }
reject-field-count = More or fewer fields than the first line: check quotes and delimiter
reject-bad-member = Not an identifier of the kind that the map states
reject-bad-time = Not a moment in the format that the map states
reject-missing-respondent = The form does not say whose it is
reject-unknown-respondent = Nobody in the lake is called so: check member.kind in the map
reject-answered-twice = An earlier row has the same member’s form
reject-bad-answer = Not an answer that this question can have
reject-bad-weight = Not a weight above 0, and at most 1000
insight-each-member = Each member (CSV)
insight-each-member-of = Each member: { $value } (CSV)
layer-preference = preference
layer-life-stage = life stage
layer-usage = usage and speed
layer-need-group = need group
insight-source = Source: lake, commit { $generation }, { $documents } documents, purchases from { $first } to { $last }
insight-interval = 95%: { $low } to { $high }
insight-cases = n = { $value }
insight-chart = Chart: { $title }. “{ $table }” shows its numbers.
insight-unnamed = (none)
insight-find = Rows with
insight-rows-shown = Rows { $first } to { $last } of { $found } that match, { $all } in all. The files have all.
insight-rows-in-file = { $count ->
    [one] One row is in the file.
   *[other] { $shown } rows are in the file.
}
file-csv = CSV
file-parquet = Parquet
insight-sql = The SQL behind it
cohorts-hint = Share of a cohort’s members who bought in the months after their first
club-overlaps-hint = Of the members of the club in the row, how many are in the club of the column
segment-explorer-hint = Each segment against all members: 100 is the same, 150 half as much again
unit-per-cent = Per cent
unit-of-calibration = Purchases per member
unit-of-member-flows = Members
unit-of-top-group = Members
unit-of-product-map = Near each other stands what is bought together
unit-of-arms = Per member
unit-of-scorecard = Points from 0 to 100
unit-of-migration-flows = Members
unit-of-qini-curve = In all, if so many members were treated
unit-of-uplift-tenths = Per member
store = Store
channel = Channel
currency = Currency
problem-lake = The lake cannot be read
problem-lake-detail = The copy of the history that questions are answered from cannot be read right now. Try again later.
problem-no-answer = No answer
no-answer-no-lake = This server has no lake: start it with --lake and a place.
no-answer-given-up = The question was given up. Ask it again.
no-answer-nobody-spent = Nobody spent anything. Choose a longer period or other filters.
no-answer-no-purchases = There are no purchases yet. Import history, or record purchases.
no-answer-no-purchase-passes = No purchase passes the filters. Name a store, channel or currency that purchases have.
no-answer-nobody-bought = Nobody bought anything in this period with these filters. Choose a longer period or other filters.
no-answer-no-period-before = There is no period of the same length before this one. Choose a shorter period, or import more history.
no-answer-no-category = No line of these purchases has a category. Name the category’s column in the import map, or send categories with purchases.
no-answer-too-few-months = A group that lasts from month to month needs at least three months of purchases. Choose a longer period, or import more history.
no-answer-no-model = The models do not fit these members. Choose a longer period: too few of them bought again.
no-answer-no-club = No category is favoured by anybody who has bought it three times. Choose a longer period or other filters.
no-answer-no-product = No product was in enough baskets. Choose a longer period, or send product numbers with purchases.
no-answer-no-label = The products have neither two categories nor two brands. Name the column of categories in the import map, or send categories with purchases.
no-answer-no-groups = There is too little that differs to make groups of. Choose a longer period or other filters.
no-answer-too-few-to-tell = Fewer than 50 members bought anything, and segments are not told of so few. Choose a longer period or other filters.
no-answer-arm-too-small = An arm of the experiment has fewer than three members. Give it a larger share, or choose a longer period.
no-answer-too-few-for-uplift = An arm of the experiment has fewer than 100 members: who responds cannot be told from so few. Give it a larger share, or choose a longer period.
no-answer-too-short-to-plan = There are no eight weeks in which members bought and bought differently. Import more history, or wait until there is some.
no-answer-nobody-moved = Nobody’s spend changed, or an arm has fewer than two members. Give the control a larger share, or choose a longer period.
no-answer-no-rewards = No member earned points in this period. Ask a lake that is written from a ledger, or choose a later period.
no-answer-no-hold-out = Nobody is held out from earning: without them it cannot be told who spends more because of it. Hold members out by the places of an experiment, and name it with its arms.
no-answer-no-survey = There are no answers to these questions in this period. Import a survey with perennial import survey, or choose a longer period.
no-answer-too-few-purchases-before = No member bought three times in the equally long period before this one. Choose a longer period or other filters.
no-answer-too-few-visits = No member bought on three days in this period. Choose a longer period or other filters.
report-core-customers = Core customers
report-question-core-customers = Who brings the sales, and how much of them do the best few bring?
report-top-group = Top group
report-question-top-group = Who is among the best customers month by month, who enters and who leaves?
report-rfm = Recency, frequency, value
report-question-rfm = How recently, how often and for how much do members buy?
report-cohorts = Cohorts
report-question-cohorts = Of those who first bought in a month, how many are still buying?
report-repeat-purchase = Repeat purchase
report-question-repeat-purchase = How many members buy again, how often, and how far apart?
report-member-flows = New, lapsed, back
report-question-member-flows = How many members are new each month, lapse, and come back?
report-lifetime-value = Lifetime value
report-question-lifetime-value = What will members buy and be worth, and how well did the model foretell what they did buy?
report-migration = Migration
report-question-migration = Who spends more and who less than before, and what is that worth?
report-loyalty-profile = Loyalty profile
report-question-loyalty-profile = Why do members stay or spend less, and what of it can be won back?
report-loyalty-types = Types of loyalty
report-question-loyalty-types = Do members stay out of commitment, or for want of an alternative, for offers, because leaving costs, from habit?
report-satisfaction = Satisfaction
report-question-satisfaction = How satisfied are members, would they recommend us, and do they do what they said?
report-scorecard = Scorecard
report-question-scorecard = How do satisfaction, value drivers, loyalty drivers and loyalty indicators stand, and what drives what?
report-share-of-wallet = Share of wallet
report-question-share-of-wallet = How much of what members spend on the category do they spend with us, and who has the rest?
report-categories = Categories
report-question-categories = Which categories do members buy?
report-data-audit = Data audit
report-question-data-audit = How complete, valid and fresh are the data, and what was told twice?
report-clubs = Clubs
report-question-clubs = Which clubs do members form by what they favour, and do they last?
report-basket-dna = Basket DNA
report-question-basket-dna = What do products stand for by what they are bought with, and who prefers what?
report-segment-stack = Segment stack
report-question-segment-stack = What do members prefer, where in life are they, how do they buy, and which need groups follow from it?
report-experiment-plan = Planning an experiment
report-question-experiment-plan = How long must an experiment run, and how many members does it need?
report-experiment = Experiment
report-question-experiment = What did members do more than those held out, and how sure is that?
report-uplift = Who responds
report-question-uplift = Whom did an experiment move, and can that be told before it?
report-free-riders = Free riders
report-question-free-riders = How many members are rewarded without spending more for it, and what do they earn?
report-offers = Offers
report-question-offers = What should each member be offered, and how good would such offers have been?
figure-gini = Gini coefficient
figure-top-2-5 = Best 2.5% of members bring
figure-top-5 = Best 5% bring
figure-top-10 = Best 10% bring
figure-top-20 = Best 20% bring
figure-spend-index = Best 20% against the average, times
figure-spend-ratio = Best 20% against the rest, times
figure-top-20-stayed = Of the best 20% before, still are
figure-top-group-members = In the top group at the end
figure-top-group-share = Their share of the spend
figure-top-group-stayed = Still in it a month later
figure-moves-spared = Moves spared by two borders
figure-rfm-cells = Cells with members
figure-champions-share = Champions
figure-at-risk-share = At risk
figure-retention-1 = Bought again one month later
figure-retention-3 = Three months later
figure-retention-12 = Twelve months later
figure-repeat-rate = Repeat rate
figure-visits-per-member = Visits per member
figure-days-between-visits = Days between visits
figure-new-members = New members
figure-reactivated-members = Came back
figure-lapsed-members = Lapsed
figure-holdout-expected = Purchases foretold for the held-out time
figure-holdout-actual = Purchases that came
figure-active-share = Still customers
figure-purchases-next-year = Purchases in the next 52 weeks
figure-spend-per-purchase = Spend per purchase
figure-value-per-member = Value per member, five years
figure-value-of-all = Value of all members
figure-down-share = Spend less
figure-defected-share = Left
figure-up-share = Spend more
figure-lost-down = Withheld by those who spend less
figure-lost-defected = Withheld by those who left
figure-down-to-defected = Spending less against leaving, times
figure-loyalty-judged = Members judged
figure-loyalty-surveyed = Judged by their own answers
figure-downward-share = Spend less, or left
figure-recoverable-value = Can be won back (30% of what is withheld)
figure-upward-value = Could be won of what loyal members spend elsewhere (10% assumed; sales, not margin)
figure-types-judged = Members judged
figure-types-asked = Members who were asked
figure-typed-share = Of one of the five types
figure-captive-members = Stay without being satisfied
figure-net-promoter-score = Net promoter score (latest survey)
figure-net-promoter-score-change = Its change since the survey before
figure-satisfied-share = Satisfied with the product (4 or 5 of 5)
figure-satisfied-buying-share = Satisfied with buying it
figure-satisfied-programme-share = Satisfied with the programme
figure-satisfied-share-change = Satisfied with the product: change since the survey before
figure-will-buy = Say they will still buy in twelve months
figure-did-buy = Did buy in the twelve months after they were asked
figure-scorecard-composite = All factors together
figure-factor-satisfaction = Product and programme satisfaction
figure-factor-value-drivers = Value drivers
figure-factor-loyalty-drivers = Loyalty drivers
figure-factor-loyalty-indicators = Loyalty indicators (50 = no effect)
figure-incremental-spend = More spend per member than those held out
figure-wallet-share-of-sums = Our share of all that members buy, as stated
figure-wallet-share-mean = Our share of each member’s wallet on average, as stated
figure-wallet-share-by-rank = Our share as the rank of satisfaction implies
figure-stated-share-of-sums = Our share of all monthly spend, as stated
figure-stated-share-mean = Our share of each member’s monthly spend on average, as stated
figure-inside-outside-correlation = Correlation of spend with us and elsewhere
figure-wallet-model-explained = Of the differences between wallets, the model explains
figure-categories = Categories
figure-fields-filled = Fields that are filled
figure-repeated-purchases = Purchases told twice (same member, instant, amount and lines)
figure-lines-differ = Purchases whose lines do not add up
figure-checks-failed = Checks that found something
figure-clubs-kept-month = Same members in windows a month apart (target 70%)
figure-clubs-kept-halves = Same members in both halves of the period
figure-in-a-club = In at least one club
figure-clubs-per-member = Clubs per member of one
figure-products-scored = Products scored
figure-dimensions = Dimensions
figure-labels-found = Hidden labels found again
figure-spread-rounds = Rounds until scores stood still
figure-segments-agree = Agreement of two groupings (adjusted Rand)
figure-segments-kept-halves = Same segment in both halves of the period
figure-preference-kept-month = Same preference in windows a month apart
figure-life-stage-kept-month = Same life stage
figure-usage-kept-month = Same usage and speed
figure-need-group-kept-month = Same need group
figure-cells-addressable = Combinations that can be addressed
figure-need-groups-told = Need groups of 50 members or more
figure-in-a-need-group = Members in one of them
figure-lift-per-member = More per member
figure-lift-share = More, as a share of the control
figure-lift-in-all = More by all members treated
figure-qini = Qini coefficient (0 is chance, 1 perfect)
figure-lift-best-fifth = More per member, among the fifth expected to respond most
figure-lift-others = More per member, among the others
figure-cost-per-unit = Cost of one more unit
figure-variance-left = Variance left by what was known before
figure-sizes-chance = Chance of arms of these sizes
figure-detectable-lift = Smallest effect that would be seen
figure-weeks-needed = In so many weeks
figure-free-riders-most = Free riders, at most
figure-free-riders-least = Free riders, at least
figure-points-earned = Points earned
figure-points-to-free-riders = Points earned by free riders, at most
figure-cost-of-free-riders = Cost of free riders, at most
figure-first-hit-rate = Likeliest offer, bought
figure-first-hits-over-popular = Likeliest offer: more than the most popular category
figure-hit-rate = Offers that were bought
figure-hits-over-popular = More than of popular categories
figure-hits-over-random = More than of random categories
figure-new-hit-rate = Offers of what was never bought before, bought
figure-new-hits-over-popular = Never bought before: more than of popular ones
figure-new-hits-over-random = Never bought before: more than of random ones
figure-offers = Offers
figure-members-reached = Members with an offer
figure-items-offered = Categories that are offered to anybody
table-lorenz-curve = Lorenz curve
table-deciles = Deciles by spend
table-rfm-segments = Segments
table-rfm-cells = Cells
table-cohorts = Retention by month
table-visits = Members by number of visits
table-member-flows = Members by month
table-models = Models judged by the held-out time
table-calibration = Foretold and actual purchases, by repeat purchases before
table-value-by-repeats = Value by repeat purchases
table-members-by-value = Members by lifetime value
table-model-parameters = Parameters
table-migration = Spend in the period before and in this one
table-migration-flows = Where members came from and went to
table-loyalty-profile = Loyalty segments
table-loyalty-model = The model, judged by members it has not seen
table-loyalty-types = Types and their satisfaction
table-loyalty-scores = Scores member by member, those at risk first
table-satisfaction = Satisfied members by survey
table-recommendation = Recommendation by survey
table-intention = What members meant to do, and what they did
table-scorecard = The four factors
table-scorecard-items = The items of the first three factors
table-scorecard-indicators = Loyalty indicators against those held out
table-scorecard-drivers = What goes with what
table-brands = Brands and their shares
table-duplication = Who uses one brand and also another
table-headroom = Members with the most to win, per month
table-categories = Categories
table-checks = Checks
table-completeness = Completeness
table-sources = Sources
table-top-group = Top group by month
table-clubs = Clubs
table-club-categories = Why a member is in a club
table-club-overlaps = Overlaps of clubs
table-clubs-per-member = Members by number of clubs
table-preference-segments = Preference segments
table-segment-dimensions = What each segment prefers
table-product-map = Product map
table-score-sources = What the scores come from
table-segment-models = Models and their versions
table-stack-preference = Preference
table-stack-life-stage = Life stage
table-stack-usage = Usage and speed
table-need-groups = Need groups
table-segment-explorer = Segments against all members
table-life-stage-markers = What life stages are told by
table-lift = Effect per member, in three ways
table-arms = Arms
table-responders = What sets the fifth expected to respond most apart
table-uplift-at = Effect among those expected to respond most
table-uplift-tenths = Effect expected and found, by tenths of the expected
table-qini-curve = Qini curve: gained by treating those first who are expected to respond
table-learners = Ways to learn effects
table-plan = Smallest effect that would be seen, by weeks
table-effects = Members needed by effect
table-who-pays-for-whom = Who pays for whom: tenths by spend before
table-back-test = Offers made before the last month, and bought in it
table-places = Offers bought, by place
table-offers = Offers
column-members-share = Share of members
column-amount-share = Share of sales
column-decile = Decile
column-members = Members
column-members-began = Members at the beginning
column-amount = Sales
column-amount-per-member = Sales per member
column-purchases-per-member = Purchases per member
column-amount-least = From
column-segment = Segment
column-days-since = Days since the last purchase
column-recency = Recency
column-frequency = Frequency
column-monetary = Value
column-purchases = Purchases
column-cohort = First purchase in
column-months-after = Months after
column-retention = Retention
column-visits = Visits
column-month = Month
column-new-members = New
column-repeat-members = Bought again
column-reactivated-members = Came back
column-lapsed-members = Lapsed
column-model = Model
column-log-likelihood = Log-likelihood
column-purchases-expected = Foretold
column-purchases-actual = Actual
column-deviation = Deviation
column-miss = Miss per member
column-repeats = Repeat purchases
column-active-share = Still customers
column-active-chance = Still a customer
column-lifetime-value = Value in five years
column-purchases-next-year = Purchases, next 52 weeks
column-value-per-member = Value per member
column-parameter = Parameter
column-value = Value
column-standard-error = Standard error
column-migration = Group
column-group-before = Before
column-group-now = Now
column-amount-before = Before
column-amount-now = Now
column-change = Change
column-of-them-asked = By their own answers
column-weighted-share = Share of answers, by their weights
column-loyalty-type = Type
column-monopoly = Monopoly
column-committed = Committed
column-incentivised = Incentivised
column-economy = Cost of leaving
column-habitual = Habitual
column-at-risk = At risk
column-captive = Not satisfied, at risk if a convenient alternative opens
column-at-stake = Withheld
column-recoverable = Can be won back
column-upward = Could be won from elsewhere
column-play = What to do
column-branch = Spend
column-asked = By their own answers
column-asked-share = Share of them
column-predicted-share = Mean chance foretold
column-labelled = Would be named so
column-labelled-right = Of these, right
column-survey = Survey
column-question = Question
column-answers = Answers
column-effective-answers = Effective n
column-satisfied = Satisfied
column-promoters = Promoters (9 or 10)
column-detractors = Detractors (0 to 6)
column-net-promoter-score = Net promoter score
column-said = Said they would
column-followed = Followed for a year
column-said-followed = Of these, said they would
column-did = Did
column-gap = Did less said
column-factor = Factor
column-item = Item
column-alpha = Cronbach’s alpha
column-warning = Warning
column-direction = Direction
column-factor-weight = Weight
column-indicator = Indicator
column-driver = Driver
column-outcome = Goes with
column-coefficient = Points more for each point
column-explained = Explains
column-brand = Brand
column-other-brand = Other brand
column-whose = Whose
column-users = Users
column-share-of-sums = Share of all that is bought
column-mean-share = Share on average
column-share-by-rank = Share by rank
column-also-use-other = Also use the other
column-own = With us
column-wallet = In all, by the model
column-headroom = To win
column-category = Category
column-penetration = Members who buy it
column-lines = Lines
column-lines-per-member = Lines per buyer
column-check-name = Check
column-cases = Looked at
column-failing = Found
column-failing-share = Share
column-field = Field
column-of-what = Of each
column-filled = Filled
column-filled-share = Filled, share
column-source = Source
column-returns = Returns
column-first-day = First day
column-last-day = Last day
column-days-with-documents = Days with documents
column-longest-silence = Longest silence
column-days-since-last = Days since the last
column-entered = Entered
column-left = Left
column-moved-without-hysteresis = Moves with one border
column-club = Club
column-other-club = Other club
column-clubs = Clubs
column-distinctiveness = Distinctiveness (100 = all members)
column-only-here = In no other club
column-kept-month = Same members a month later
column-kept-halves = Same in both halves
column-index = Index (100 = all members)
column-buyers-share = Of the club buy it
column-of-club = Of the club
column-overlap-lift = Times as many as by chance
column-product = Product
column-dimension = Dimension
column-score = Score
column-x = First coordinate
column-y = Second coordinate
column-baskets = Baskets
column-seed = Seed product
column-part-of-score = Part of the score
column-layer = Layer
column-version = Version
column-segments = Segments
column-probability = Mean probability
column-prefers = Prefers
column-preference = Preference
column-life-stage = Life stage
column-usage = Usage and speed
column-price-level = Prices paid
column-basket-size = Basket
column-time-of-day = Time of day
column-time-of-week = Time of week
column-channel-use = Channel
column-measure = Measure
column-marker = Marker
column-categories = Categories
column-matched = Which, the largest first
column-tells = Tells
column-arm = Arm
column-method = Method
column-lift = More per member
column-lift-expected = Expected
column-lift-random = Of any members
column-targeted = Share of members treated
column-gained = Gained, likeliest first
column-gained-random = Gained, in no order
column-habit = Before the experiment
column-differs = Differs, in standard deviations
column-learner = Way
column-qini = Qini coefficient
column-low = 95%: from
column-high = to
column-members-intended = Intended
column-mean-before = Per member before
column-mean-now = Per member in the period
column-weeks = Weeks
column-variation = Coefficient of variation
column-correlation = Correlation with the time before
column-detectable-lift = Smallest effect
column-detectable-lift-cuped = With the time before (CUPED)
column-lift-share = Effect
column-points = Points earned
column-points-share = Share of points
column-members-held-out = Held out
column-members-treated = Treated
column-members-held-out-cuped = Held out, with CUPED
column-members-treated-cuped = Treated, with CUPED
column-offers-of = Offers of
column-hit-rate = Bought
column-place = Place
column-member = Member
column-reason = Reason
word-champions = Champions
word-loyal = Loyal
word-cannot-lose = Not to be lost
word-at-risk = At risk
word-potential-loyalists = May become loyal
word-need-attention = Need attention
word-promising = Promising
word-new = New
word-about-to-sleep = About to lapse
word-hibernating = Lapsed
word-defected = Left
word-down = Spend less
word-stable = Much the same
word-up = Spend more
word-emotive = Emotive: you are better
word-inertial = Inertial: changing is a hassle
word-deliberative = Deliberative: compares anew
word-lifestyle = Lifestyle: needs have changed
word-dissatisfied = Dissatisfied
word-deliberative-down = Deliberative, spends less
word-unresolved = Unresolved
word-monopoly = Monopoly: no alternative
word-committed = Committed: you are better, and they say so
word-incentivised = Incentivised: offers hold them
word-economy = Cost of leaving: they look for better
word-habitual = Habitual: they always have
word-no-type = None of the five
word-unclassified = Fewer than three visits
word-captive = Captive, at risk if a convenient alternative opens
word-loyalist = Same or more
word-downward = Less, or left
word-recognise = Recognise them, let them recommend
word-ease = Make it easy, offer more kinds
word-fix-offer = Repair offer, price and convenience; aimed rewards
word-new-products = New products and channels
word-find-and-repair = Find and repair failures
word-ask = Ask them
word-satisfaction = The product
word-buying-satisfaction = Buying it
word-programme-satisfaction = The programme
word-overall-satisfaction = Product and programme satisfaction
word-value-drivers = Value drivers
word-loyalty-drivers = Loyalty drivers
word-loyalty-indicators = Loyalty indicators
word-items-disagree = Alpha below 0.7: the items disagree
word-score-up = ▲ Higher than before
word-score-down = ▼ Lower than before
word-score-level = ● No sure change
word-brand-known = Know what the brand stands for
word-performance = Does what it promises
word-worth-it = Worth what is paid
word-expectations = As expected, worse or better
word-trust = Trust
word-lines-bought = Quantity: lines of receipts
word-active-months = Usage: months with a purchase
word-rose = Rose
word-fell = Fell
word-no-clear-change = No clear change
word-own = Ours
word-other = Another
word-too-few = Too few purchases to judge
word-amount-not-positive = Purchase of nothing or less
word-amount-extreme = Purchase of more than 100 medians
word-no-lines = Purchase without lines
word-lines-differ = Lines do not add up to the amount
word-quantity-not-positive = Line with a quantity of nothing or less
word-line-negative = Line with a negative amount
word-return-without-purchase = Return that names no purchase
word-same-instant = Same member, instant, amount and lines
word-same-day = Same member, day, amount and lines
word-store = Store
word-channel = Channel
word-sku = Product
word-category = Category
word-brand = Brand
word-quantity = Quantity
word-birth-year = Year of birth
word-language = Language
word-purchase = Purchase
word-line = Line
word-member = Member
word-spend = Spend
word-frequency = Number of purchases
word-late-share = Share of spend in the later half
word-silence = Days since the last purchase
word-known-days = Days since the first purchase
word-basket = Lines per purchase
word-categories = Number of categories
word-several-stores = Buys in several stores
word-several-channels = Buys through several channels
word-on-category = Share of spend on the category
word-crossed = Crossed (X-learner): this one counts
word-two-models = A model for each arm (T-learner)
word-one-model = One model for both arms (S-learner)
word-best-fifth = Best fifth
word-middle-fifths = Next two fifths
word-last-fifths = Last two fifths
word-not-yet = Bought nothing yet
word-no-more = Buys nothing
word-purchases = Purchases
word-buyers = Buyers
word-difference = Difference in means
word-cuped = Adjusted for the time before (CUPED)
word-differences = Difference in differences
word-ranked = As ranked
word-popularity = Most popular
word-random = At random
word-first-offers = the likeliest one
word-all-offers = everything
word-known-offers = what they buy
word-new-offers = what they never bought
word-bought-often = Because you buy it often
word-bought-before = Because you bought it
word-similar-baskets = Members with baskets like yours buy it
word-popular = Many members buy it
word-life-stage = Life stage
word-preference = Preference
word-usage = Usage and speed
word-need-group = Need group
word-unknown = Cannot be told
word-others = Others, fewer than 50 each
word-rest = The rest
word-told = Told
word-preference-1 = Preference 1
word-preference-2 = Preference 2
word-preference-3 = Preference 3
word-preference-4 = Preference 4
word-preference-5 = Preference 5
word-preference-6 = Preference 6
word-student = Student
word-young-adult = Young adult
word-baby-family = Family with a baby
word-child-family = Family with children
word-teen-family = Family with teenagers
word-pet-household = Household with pets, no children
word-older-adult = Older adult
word-pensioner = Pensioner
word-frequent-broad = Frequent, broad
word-frequent-narrow = Frequent, narrow
word-regular-broad = Regular, broad
word-regular-narrow = Regular, narrow
word-occasional-broad = Occasional, broad
word-occasional-narrow = Occasional, narrow
word-frequent-slowing = Frequent, slowing down
word-regular-slowing = Regular, slowing down
word-occasional-slowing = Occasional, slowing down
word-regular-lapsed = Regular or frequent, lapsed
word-occasional-lapsed = Occasional, lapsed
word-low-price = Economy
word-mid-price = Middle
word-premium = Premium
word-small-basket = Small
word-medium-basket = Medium
word-large-basket = Large
word-morning = Morning
word-afternoon = Afternoon
word-evening = Evening
word-weekdays = Weekdays
word-weekend = Weekend
word-main-channel = The commonest channel
word-other-channel = Another channel
word-spend-per-member = Spend
word-purchases-per-member = Purchases
word-spend-per-purchase = Basket
word-categories-per-member = Categories
word-prices-paid = Prices paid
word-weekend-share = At weekends
word-evening-share = In the evening
word-baby = Baby
word-children = Children
word-teenagers = Teenagers
word-students = Students
word-young-adults = Young adults
word-pets = Pets
word-older-adults = Older adults
word-pensioners = Pensioners
note-no-survey = { $count ->
    [one] The one member judged has not answered the questions on loyalty in this period: they stay unresolved. Import a survey.
   *[other] None of the { $shown } members judged has answered the questions on loyalty in this period: all stay unresolved. Import a survey.
}
note-loyalists-not-modelled = { $count ->
    [one] One member who spends the same or more stays unresolved: a model needs 30 answers from each segment.
   *[other] { $shown } members who spend the same or more stay unresolved: a model needs 30 answers from each segment.
}
note-downward-not-modelled = { $count ->
    [one] One member who spends less stays unresolved: a model needs 30 answers from each segment.
   *[other] { $shown } members who spend less stay unresolved: a model needs 30 answers from each segment.
}
note-types-no-survey = { $count ->
    [one] The one member judged has not been asked: monopoly, committed, economy and habitual rest on answers and are not given. Import a survey.
   *[other] None of the { $shown } members judged has been asked: monopoly, committed, economy and habitual rest on answers and are not given. Import a survey.
}
note-types-no-offers = There are no weeks with and without vouchers to compare: nobody is called incentivised.
note-types-unresolved = { $count ->
    [one] One member is unresolved: a type might hold, but something it rests on is not known.
   *[other] { $shown } members are unresolved: a type might hold, but something it rests on is not known.
}
note-types-open = { $count ->
    [one] One member has a type although one that comes before it might hold as well: they were not asked about it.
   *[other] { $shown } members have a type although one that comes before it might hold as well: they were not asked about it.
}
note-scorecard-no-composite = { $count ->
    [one] One factor is not told: there is nothing for all together. Weights of 0 leave a factor out.
   *[other] { $shown } factors are not told: there is nothing for all together. Weights of 0 leave a factor out.
}
note-scorecard-factor-not-asked = { $count ->
    [one] One of the first three factors has no 30 members who answered all of its items.
   *[other] { $shown } of the first three factors have no 30 members who answered all of their items.
}
note-scorecard-alpha-low = { $count ->
    [one] The items of one factor disagree: Cronbach’s alpha is below 0.7.
   *[other] The items of { $shown } factors disagree: Cronbach’s alpha is below 0.7.
}
note-scorecard-no-period-before = There is no earlier period of the same length: loyalty indicators are changes against those held out, and are not told.
note-scorecard-nobody-held-out = { $count ->
    [one] Nobody is held out: loyalty indicators are not told, for one member before and after says nothing about the programme.
   *[other] Nobody is held out: loyalty indicators are not told, for { $shown } members before and after say nothing about the programme.
}
note-scorecard-arm-too-small = Fewer than 30 members are treated, or held out: loyalty indicators are not told.
note-too-few-answers = Fewer than 30 answers are not told: { $shown }.
note-rank-rule-does-not-apply = Too few of the { $shown } members use more than one brand for ranks among brands to say something about shares.
note-wallet-model-explains-little = What is known of members’ buying explains less than a tenth of the differences between the wallets that { $shown } members stated: nobody’s headroom is told.
note-too-few-for-a-wallet-model = { $shown } members stated what they spend in an ordinary month: a model of the wallet of the others needs 100.
note-other-currencies = { $count ->
    [one] One purchase in another currency is not counted.
   *[other] { $shown } purchases in other currencies are not counted.
}
note-returned-everything = { $count ->
    [one] One member returned at least as much as they bought, and counts with nothing.
   *[other] { $shown } members returned at least as much as they bought, and count with nothing.
}
note-no-period-before = There is no earlier period of the same length to compare the best members with.
note-too-short-to-judge = The period is too short to judge the models: twelve weeks are needed.
note-no-model-of-spend = What a purchase is worth cannot be modelled: too few members bought again.
note-categories-left-out = { $count ->
    [one] One category is not looked at: clubs are made of the 50 with most sales.
   *[other] { $shown } categories are not looked at: clubs are made of the 50 with most sales.
}
note-categories-in-no-club = { $count ->
    [one] One category is in none of the clubs: nobody favours it enough, or 13 others come first.
   *[other] { $shown } categories are in none of the clubs: nobody favours them enough, or 13 other clubs come first.
}
note-too-short-for-clubs-to-last = The period is too short to say how clubs last: more than two months are needed.
note-staples-left-out = { $count ->
    [one] One product is in more than a tenth of all baskets. It goes with everything, and is not scored.
   *[other] { $shown } products are each in more than a tenth of all baskets. They go with everything, and are not scored.
}
note-products-in-too-few-baskets = { $count ->
    [one] One product was in fewer than five baskets, and is not scored yet.
   *[other] { $shown } products were in fewer than five baskets, and are not scored yet.
}
note-products-left-out = { $count ->
    [one] One product is not scored: the 2,000 in most baskets are.
   *[other] { $shown } products are not scored: the 2,000 in most baskets are.
}
note-pairs-left-out = { $count ->
    [one] One pair of products is not looked at: the 300,000 commonest are.
   *[other] { $shown } pairs of products are not looked at: the 300,000 commonest are.
}
note-labels-are-categories = { $count ->
    [one] Nobody has labelled products: one stands for its category.
   *[other] Nobody has labelled products: { $shown } stand for their categories, those with most sales being the dimensions.
}
note-labels-are-brands = { $count ->
    [one] Nobody has labelled products, and they have no categories: one stands for its brand.
   *[other] Nobody has labelled products, and they have no categories: { $shown } stand for their brands, those with most sales being the dimensions.
}
note-products-not-told = { $count ->
    [one] One scored product is not in the tables: the 500 in most baskets are.
   *[other] { $shown } scored products are not in the tables: the 500 in most baskets are.
}
note-members-not-placed = { $count ->
    [one] One member has fewer than three baskets of scored products, and is in no segment.
   *[other] { $shown } members have fewer than three baskets of scored products, and are in no segment.
}
note-members-not-sampled = { $count ->
    [one] Members are an even sample: one more could be placed.
   *[other] Members are an even sample: { $shown } more could be placed.
}
note-too-few-members-to-group = There are too few members with three baskets or more to make segments of.
note-preference-not-told = There is too little to group members by what they buy: products in too few baskets, or members with too few of them. Preference cannot be told.
note-life-stages-not-told = { $count ->
    [one] Nothing speaks for one of the eight life stages: no category stands for it, and no year of birth is known. It cannot be told.
   *[other] Nothing speaks for { $shown } of the eight life stages: no category stands for them, and no year of birth is known. They cannot be told.
}
note-too-short-for-stability = The period is too short to say how segments last: more than two months are needed.
note-small-cells-rolled-up = Nothing is told of fewer than { $shown } members, nor can it be found by subtraction: small segments are told together, small need groups without the features that make them small.
note-need-groups-not-listed = { $count ->
    [one] One need group is not listed: the 5,000 largest are.
   *[other] { $shown } need groups are not listed: the 5,000 largest are.
}
note-lines-without-category = { $count ->
    [one] One line has no category.
   *[other] { $shown } lines have no category.
}
note-sample-ratio-mismatch = The arms of these { $shown } members are not as large as they should be: find out who was lost or moved before you believe an effect.
note-uplift-no-better-than-random = Nothing to find: what was known of these { $shown } members before the experiment does not tell who responds better than chance would. Treat all of them or nobody, by the effect on all.
note-uplift-of-a-part = Of so many members a part is looked at: { $shown } more are not.
note-uplift-of-the-first-arm = Only the first treated arm is compared with the control; { $shown } more are not.
note-in-other-arms = { $count ->
    [one] One member whom the campaign put into an arm that was not named is left out.
   *[other] { $shown } members whom the campaign put into an arm that was not named are left out.
}
note-in-several-arms = { $count ->
    [one] One place in an arm is of a member whom the campaign put into several: in none of them they count.
   *[other] { $shown } places in an arm are of members whom the campaign put into several: in none of them they count.
}
note-merged-across-arms = { $count ->
    [one] One member was merged into one of another arm.
   *[other] { $shown } members were merged into one of another arm.
}
note-no-effect-to-pay-for = There is not more of it: the cost has bought nothing.
note-held-out-rewarded = { $count ->
    [one] One member who is held out earned points all the same.
   *[other] { $shown } members who are held out earned points all the same.
}
note-members-beyond-limit = { $count ->
    [one] One member who has not been there lately gets no offer here. Choose a store to see theirs.
   *[other] { $shown } members who have not been there lately get no offers here. Choose a store to see theirs.
}
note-articles-for-categories = No line has a category: articles are offered instead.
note-offers-not-judged = The period is too short to judge offers by its last month.
note-offers-beyond-budget = { $count ->
    [one] One offer is not paid for by the budget.
   *[other] { $shown } offers are not paid for by the budget.
}
note-members-not-listed = { $count ->
    [one] One member is not listed: choose a store, a channel or a shorter period.
   *[other] { $shown } members are not listed: choose a store, a channel or a shorter period.
}
note-offers-not-listed = { $count ->
    [one] One offer is not listed.
   *[other] { $shown } offers are not listed. Choose a store or a shorter period.
}
