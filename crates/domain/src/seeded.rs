//! Bugs planted on purpose, so that the test harness can prove that it would find them. With the feature
//! `seeded-bugs` off, as in every released binary, the question is a constant “no” and the code compiles to nothing.

/// Whether this build can plant bugs.
pub const COMPILED_IN: bool = cfg!(feature = "seeded-bugs");

macro_rules! bugs {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {
        /// A bug that can be planted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Bug {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Bug {
            /// All bugs.
            pub const ALL: &[Self] = &[$(Self::$name),+];
        }
    };
}

bugs! {
    /// Points that last longest are spent first.
    LotOrder;
    /// A lot can still be spent at the instant of its end.
    EndIncluded;
    /// Points due back are rounded for each return, not over all returns so far.
    RoundedPerReturn;
    /// A clawback leaves the purchase's pending points alone.
    PendingSpared;
    /// Debt is not repaid by new points.
    DebtNotRepaid;
    /// Released points do not repay debt.
    ReleaseSkipsDebt;
    /// The limit of a debt is not looked at.
    DebtUnlimited;
    /// A cap on times allows one time more.
    CapOffByOne;
    /// A grant is not counted for its month but for the next.
    MonthOff;
    /// Grants do not use up their budget.
    BudgetNotSpent;
    /// The months of grace before a review are forgotten.
    GraceIgnored;
    /// A review takes more than one level at once.
    SoftLandingIgnored;
    /// A rolling window is one month too long.
    WindowOff;
    /// Returned purchases are taken out of the period of the return.
    ReturnedToday;
    /// Returned purchases go on counting towards tiers.
    ReturnedStillCounts;
    /// A late purchase is judged by the tier of today.
    TierOfToday;
    /// A late document keeps no points for the promised days.
    FloorIgnored;
    /// The odd points of a split all go to the first.
    OddToTheFirst;
    /// A point that lapsed is counted again by every return.
    LapsedTwice;
    /// A clock that stands still gives two entries the same time.
    SameInstant;
    /// Days end at midnight in Greenwich.
    DaysOfGreenwich;
    /// A return does not count as activity.
    ReturnIsIdle;
    /// Nights are taken back by each return on its own.
    NightsPerReturn;
    /// Late sweeps decide by the time at which they run.
    SweptByClock;
    /// A hold is captured from its last lot.
    CaptureFromLastLot;
    /// Points that a hold gives back outlive their lot.
    HoldOutlivesLot;
    /// Holds do not time out by themselves.
    HoldNeverEnds;
    /// Terms that changed since the quote are not noticed.
    QuoteIgnored;
    /// A return gives a point too many back before the last part.
    RefundRoundedUp;
    /// Points that come back after they lapsed have no grace.
    GraceForgotten;
    /// Points that come back do not repay debt.
    RefundSparesDebt;
    /// A redemption can be cancelled again.
    CancelledTwice;
    /// A cancelled reward is not put back into stock.
    StockNotPutBack;
    /// The limit of a reward for one member is not looked at.
    RewardLimitIgnored;
    /// A voucher is used although all its uses are taken.
    VoucherUsedTwice;
    /// A voucher is used after its end.
    VoucherNeverExpires;
    /// A basket of exactly the minimum is too small.
    MinimumExcluded;
    /// A voucher takes off more than the lines come to.
    DiscountUnlimited;
    /// All vouchers of a group apply.
    GroupStacks;
    /// Points that move to another account never expire there.
    ExpiryRefreshed;
    /// Points that move to another account change their cohort.
    CohortRefreshed;
    /// Points younger than the return window may be given away.
    YoungPointsGiven;
    /// What was given away today is not counted.
    TransfersUncounted;
    /// Who leaves a household takes nothing along.
    ShareKept;
    /// Every member of a household may spend, whatever was agreed.
    AnyoneSpends;
    /// A member may leave a household while points of the pool are held.
    HoldOutlivesMember;
    /// Pending points go into the pool.
    PendingPooled;
    /// A payment in stored value takes the bonus in the other order than stated.
    BonusOrderSwapped;
    /// The bonus of a top-up stays when its money is paid back.
    BonusKeptOnRefund;
    /// A top-up earns the lowest step it reaches.
    LowestBonusStep;
}

#[cfg(feature = "seeded-bugs")]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Bug>> = const { std::cell::Cell::new(None) };
}

/// Plants a bug in this thread, or removes it.
#[cfg(feature = "seeded-bugs")]
pub fn plant(bug: Option<Bug>) {
    PLANTED.set(bug);
}

/// Whether a bug is planted in this thread.
#[cfg(feature = "seeded-bugs")]
pub(crate) fn planted(bug: Bug) -> bool {
    PLANTED.get() == Some(bug)
}

/// No bug is ever planted in this build.
#[cfg(not(feature = "seeded-bugs"))]
#[inline(always)]
#[expect(clippy::inline_always, reason = "a constant")]
pub(crate) const fn planted(_: Bug) -> bool {
    false
}

#[cfg(test)]
mod tests {
    #[test]
    fn bugs_are_compiled_in_only_on_request() {
        assert_eq!(super::COMPILED_IN, cfg!(feature = "seeded-bugs"));
        #[cfg(not(feature = "seeded-bugs"))]
        assert!(super::Bug::ALL.iter().all(|bug| !super::planted(*bug)));
    }
}
