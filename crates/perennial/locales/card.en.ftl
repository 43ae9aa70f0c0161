# The card in English: what members read. Keys are those of card.zh-CN.ftl; a test holds the two together.

## Card: frame
card-tab-card = Card
card-tab-points = Points
card-tab-rewards = Rewards
card-tab-history = History
card-settings = Settings
card-home = To my card
card-back = Back
card-nameless = Dear member

## Card: sign-in
card-sign-in = My card
card-sign-in-hint = Type your card number, telephone number or e-mail address. We send you a code.
card-identifier = Card, telephone or e-mail
card-identifier-invalid = This is no card number, telephone number or e-mail address. Was a digit mistyped?
card-send-code = Send code
card-codes-throttled = Too many codes were asked for. Try again in an hour.
card-not-set-up = Signing in is not set up
card-not-set-up-hint = This server has no way yet to send codes to members. Whoever runs it can turn one on.
card-code-title = Your code
card-code-hint = If a member has what you typed, a code is on its way. It works for { $value } minutes, here only.
card-code = Code of { $value } digits
card-code-tries = { $value } tries, then you need a new code.
card-code-wrong = This code does not fit, or it is over.
card-code-again = Ask for a new code
card-tries-throttled = Too many wrong codes were tried. Try again in an hour.
card-enter = Sign in

## Card: the card
card-number = Card number
card-since = Member since { $value }
card-qr = QR code of the card number { $value }
card-no-number = No card number yet. At the till, your telephone number or e-mail address finds you, too.
card-closed = This account is closed. It neither earns nor spends.
card-points = { $amount } { $unit }
card-balance = Balance
card-balance-none = No points yet. They come with your first purchase.
card-pending = { $value } more pending
card-pending-from = { $points } more from { $day }
card-pending-first = { $points } more pending, { $first } of them from { $day }
card-held = { $value } reserved
card-debt = { $value } owed
card-expire = { $points } expire { $day ->
    [today] { $day }
    [tomorrow] { $day }
   *[other] on { $day }
 }
card-today = today
card-tomorrow = tomorrow
card-weekday-monday = Monday
card-weekday-tuesday = Tuesday
card-weekday-wednesday = Wednesday
card-weekday-thursday = Thursday
card-weekday-friday = Friday
card-weekday-saturday = Saturday
card-weekday-sunday = Sunday
card-progress-spend = Spend { $amount } more to reach { $tier }
card-progress-spend-by = Spend { $amount } more by { $day } to reach { $tier }
card-progress-earn = Earn { $amount } more to reach { $tier }
card-progress-earn-by = Earn { $amount } more by { $day } to reach { $tier }
card-progress-visits = { $amount } more visits to reach { $tier }
card-progress-visits-by = { $amount } more visits by { $day } to reach { $tier }
card-progress-nights = { $amount } more nights to reach { $tier }
card-progress-nights-by = { $amount } more nights by { $day } to reach { $tier }
card-so-far = { $amount } of { $threshold }
card-highest-tier = You are at the top.
card-tier-kept = Reviewed on { $value }
card-latest = Latest
card-all-history = All of the history
card-all-points = What expires when

## Card: points
card-points-title = My points
card-points-hint = Points that end first are spent first.
card-points-empty = No points to show
card-points-empty-hint = With your next purchase they appear here, each with its last day.
card-good-through = Good through { $value }
card-never-expire = Never expire
card-soon = Soon
card-earned-on = Earned on { $value }
card-spendable-from = spendable from { $value }
card-where-from = Where they come from
card-holds = Reserved
card-hold = { $points } until { $until }

## Card: rewards
card-rewards-title = Rewards
card-rewards-mine = My rewards
card-rewards-catalogue = Catalogue
card-rewards-empty = No rewards yet
card-rewards-empty-hint = The programme has none to offer at the moment.
card-you-have = You can spend { $value }
card-points-and-money = { $points } and { $money }
card-instead-of = Your price, instead of { $value }
card-few-left = Only { $value } left
card-offered-until = Until { $value }
card-why-points = { $value } to go
card-why-tiers = For { $value }
card-why-others = For other members
card-why-from = From { $value }
card-why-until = Was on offer until { $value }
card-why-limit = You have had all that one member gets { $value }
card-why-stock = Sold out
card-why-changed = The price changed in between. Look again before you redeem.
card-period-day = in a day
card-period-month = in a month
card-period-lifetime = in all
card-list-separator = {", "}
card-choose = Redeem
card-choose-name = Redeem: { $value }
card-confirm-title = Redeem this reward?
card-price = Price
card-left-after = Left afterwards
card-confirm-hint = The points are spent at once. Until the reward is handed out you can take it back.
card-confirm = Redeem for { $value }
card-redeemed = It is yours. Show your card where rewards are handed out.
card-redemptions-empty = Nothing redeemed yet
card-redemptions-empty-hint = What you redeem waits for you here.
card-redemption-number = No. { $value }
card-redemption-when = Redeemed on
card-redemption-state = State
card-state-requested = Waiting for you
card-state-fulfilled = Handed out
card-state-cancelled = Taken back
card-cancel = Take it back
card-cancel-hint = The points go back to where they came from, with the last days they had.
card-cancelled = Taken back. The points are where they were.
card-older = Older

## Card: history
card-history-title = History
card-history-empty = Nothing has happened yet
card-history-newest = Newest
card-bought = { $amount } · { $count ->
    [one] 1 item
   *[other] { $count } items
 }
card-bought-at = { $amount } · { $count ->
    [one] 1 item
   *[other] { $count } items
 } · { $place }
card-paid-with = Paid with { $value }
card-return-of = Of purchase { $value }
card-reward-times = { $reward } × { $quantity }
card-award = { $rule } { $points }
card-why-entry = Why? { $value }

## Card: vouchers
card-tab-vouchers = Vouchers
card-voucher = Voucher
card-vouchers-title = My vouchers
card-vouchers-hint = Show the code at the till, or read it out.
card-vouchers-empty = No vouchers yet
card-vouchers-empty-hint = What is sent to you appears here by itself. A code on paper you can add below.
card-vouchers-past = Used or expired
card-voucher-show = Show the code
card-voucher-qr = QR code of voucher { $value }
card-voucher-uses = { $count ->
    [one] 1 use left
   *[other] { $shown } uses left
}
card-voucher-used = Used
card-voucher-used-on = Saved { $amount } on { $day }
card-voucher-expired = Expired
card-voucher-expired-on = Was good through { $value }
card-voucher-void = Withdrawn
card-voucher-void-hint = The issuer withdrew it.
card-voucher-register-title = Add a voucher
card-voucher-register-hint = Type the code of a voucher on paper. From then on it is yours alone.
card-voucher-code = Voucher code
card-voucher-register = Add to my vouchers
card-voucher-registered = It is yours. You find it among your vouchers.
card-voucher-mistyped = This is no voucher code. Was a character left out or swapped?
card-voucher-not-registered = It cannot be added: { $value }

## Card: giving points
card-gift-title = Give points
card-gift-hint = An offer moves nothing until it is accepted. Then there is no way back.
card-gift-waiting = { $count ->
    [one] Points are offered to you
   *[other] { $shown } offers of points wait for you
}
card-gift-received = Offered to you
card-gift-sent = Offered by you
card-gift-from = From { $value }
card-gift-to = To { $value }
card-gift-until = Until { $value }
card-gift-accept = Accept
card-gift-decline = Decline
card-gift-withdraw = Take back
card-gift-give = New offer
card-gift-receiver = Card, telephone or e-mail of whoever gets them
card-gift-receiver-short = To
card-gift-unit = Kind
card-gift-points = Points
card-gift-most = You can give up to { $value } today.
card-gift-limit-points = At least { $least } at once, at most { $day } a day.
card-gift-limit-age = Points can be given { $days } days after they were earned, between accounts of at least { $account } days.
card-gift-next = Continue
card-gift-confirm-title = Offer these points?
card-gift-confirm-hint = Whoever has this number sees your name and has { $value } days to accept. Until then you can take the offer back.
card-gift-confirm = Offer { $value }
card-gift-done-offered = Your offer waits for an answer.
card-gift-done-accepted = The points are yours.
card-gift-done-declined = Declined. Nothing has moved.
card-gift-done-withdrawn = Taken back. Nothing has moved.
card-gift-points-invalid = Type a whole number of points.
card-gift-own = This is your own number.
card-gift-nobody = The offer could not be made: nobody who can get points now has this number.
card-gift-throttled = You have tried many offers. Try again in an hour.
card-gift-off = Points cannot be given away here.
card-gift-too-small = At least { $value } points go into one offer.
card-gift-limit = Of { $limit } points a day, { $left } are left today. Try again tomorrow.
card-gift-too-young = Your account must be { $value } days old first.
card-gift-too-few = You can give { $points }: only what is spendable and { $days } days old.
card-gift-too-many = { $value } offers wait already. Take one back, or wait for an answer.
card-gift-not-open = This offer does not wait any more.
card-gift-giver-cannot = Whoever offers them cannot give them now. Ask them, or decline.
card-history-given = To another member: { $value }
card-history-got = From another member: { $value }

## Card: household
card-pool = Household { $value }
card-pool-nameless = Your household
card-pool-may = You may spend these points.
card-pool-may-not = You may not spend these points. { $value } may.
card-pool-nobody-may = Nobody of the household may spend these points yet. Ask us in the shop.
card-pool-with = You share them with { $value }.
card-pool-alone = Nobody else belongs to the household yet.
card-pool-somebody = somebody without a name
card-pool-pending = Yours, and in the pool once they can be spent: { $value }
card-pool-own-held = { $value } of yours reserved
card-pool-empty = The pool of your household has nothing now. What its members earn comes here once it can be spent.
card-pool-own = Yours until they can be spent
card-pool-has = { $pool } has { $points }
card-pool-gift = These points are in the pool of your household and cannot be given away.
card-why-spender = The points of your household pay for this, and you may not spend them. Ask somebody who may.
card-history-joined = What you could spend is in the pool of your household now.
card-history-may-not = You may not spend from it.
card-history-left = What was left of the points you brought came back to you.
card-history-pooled = They went to the pool of your household and end when they would have ended.
card-history-owed = The household owes them now, not you.
card-redemptions-household = Household

# Interest clubs
card-clubs-title = Clubs
card-clubs-hint = Some you join yourself, in some you are because of what you buy. You can leave any of them.
card-clubs-own = Your clubs
card-clubs-others = More clubs
card-clubs-empty = No clubs yet
card-clubs-empty-hint = When there are some, you find them here.
card-clubs-in-none = You are in no club.
card-all-clubs = See all clubs
card-club-is-joined = You have joined.
card-club-is-placed = You are in it because of what you buy.
card-club-is-left = You have left. What you buy does not bring you back.
card-club-is-outside = You are not in it.
card-club-join = Join
card-club-join-name = Join { $value }
card-club-leave = Leave
card-club-leave-name = Leave { $value }
card-club-joined = You have joined.
card-club-left = You have left, and stay out whatever you buy.
