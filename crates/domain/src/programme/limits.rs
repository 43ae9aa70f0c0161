//! Named limits of a programme. They catch slips of the pen (a rate of 1,000 instead of 1.000) and keep every
//! sum of the evaluator within 128-bit integers.

/// Most voucher templates in one programme.
pub const VOUCHER_TEMPLATES_MAX: usize = 256;
/// Most uses of one voucher: each is a row that every use reads.
pub const VOUCHER_USES_MAX: u32 = 100;
/// Most vouchers of one template that may be issued in all.
pub const VOUCHER_ISSUE_MAX: u32 = 1_000_000_000;
/// Most statements in one programme.
pub const STATEMENTS_MAX: usize = 8;
/// Most rules in one programme.
pub const RULES_MAX: usize = 256;
/// Most units in one programme.
pub const UNITS_MAX: usize = 16;
/// Most tier ladders in one programme.
pub const LADDERS_MAX: usize = 8;
/// Most tiers in one ladder.
pub const TIERS_MAX: usize = 16;
/// Most points a rate or step may give for one major unit of the currency.
pub const POINTS_PER_MAJOR_UNIT_MAX: i64 = 1_000;
/// Most points a fixed bonus may give.
pub const BONUS_POINTS_MAX: i64 = 10_000_000;
/// Largest factor of a multiplier.
pub const MULTIPLIER_MAX: i64 = 100;
/// Most digits after the decimal point of a rate, factor or money value.
pub const DECIMALS_MAX: u32 = 6;
/// Largest amount in a condition, in major units.
pub const AMOUNT_CONDITION_MAX: i64 = 1_000_000_000;
/// Longest pending period in days.
pub const PENDING_DAYS_MAX: u32 = 365;
/// Longest rolling expiry in months.
pub const EXPIRY_MONTHS_MAX: u32 = 600;
/// Longest rolling expiry in days.
pub const EXPIRY_DAYS_MAX: u32 = 18_250;
/// Most years ahead of a fixed expiry day.
pub const EXPIRY_YEARS_MAX: u32 = 50;
/// Longest rolling window of a ladder in months.
pub const WINDOW_MONTHS_MAX: u32 = 120;
/// Longest grace after a tier review falls due, in months.
pub const GRACE_MONTHS_MAX: u32 = 24;
/// Most days a purchase may be late, and most days its points are kept at the least.
pub const POLICY_DAYS_MAX: u32 = 3_650;
/// Most multipliers with a line filter that may be live on one day for one unit where multipliers multiply:
/// each of them doubles the work in the worst case.
pub const LINE_MULTIPLIERS_MAX: usize = 8;
/// Longest hold in minutes: 30 days.
pub const HOLD_MINUTES_MAX: u32 = 43_200;
/// Most days of grace for points that come back after they lapsed.
pub const GRACE_DAYS_MAX: u32 = 366;
/// Most rewards in one programme.
pub const REWARDS_MAX: usize = 2_000;
/// Most points one reward may cost, and most points taken at a time.
pub const REWARD_POINTS_MAX: i64 = 1_000_000_000;
/// Shortest notice of a change to the programme, in days, under the profiles `prc`, `hk` and `eu`. A default of
/// ours: the law speaks of a reasonable time.
pub const NOTICE_DAYS_MIN: u32 = 30;
/// Most stored value of a registered member, in yuan: measures on single-purpose commercial prepaid cards (Ministry of
/// Commerce 2012 no. 9), art. 18.
pub const STORED_VALUE_REGISTERED_YUAN_MAX: i64 = 5_000;
/// Most stored value of a member nobody knows, in yuan: the same, art. 18.
pub const STORED_VALUE_ANONYMOUS_YUAN_MAX: i64 = 1_000;
/// From so much topped up, in yuan, an identity document must have been seen: the same, art. 15, which speaks of one
/// purchase. Counted over all top-ups of a member, so that dividing them does not help.
pub const STORED_VALUE_REAL_NAME_YUAN_MIN: i64 = 10_000;
/// Most members a household may have at the most; fewer than two pool nothing.
pub const HOUSEHOLD_MEMBERS_MAX: u32 = 20;
/// Longest time for which an offered transfer waits for its answer, in days.
pub const ACCEPTANCE_DAYS_MAX: u32 = 90;
