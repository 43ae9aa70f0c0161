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
problem-internal = Something went wrong
problem-internal-detail = The cause is in the server's log. Nothing was changed.
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

## A member
member-since = member since { $value }
balances = Balances
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
event-transfer-offered = Transfer offered
event-points-transferred = Points transferred
event-transfer-declined = Transfer declined
event-transfer-withdrawn = Transfer taken back
event-members-merged = Member merged
event-points-forwarded = Change passed on
event-merge-undone = Merge undone
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
state-approved = Approved
state-rejected = Rejected
decided-by = by { $who } on { $day }
needs-second-person = needs a second person
adjustment-approved = Approved and posted.
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
