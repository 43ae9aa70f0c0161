//! How often each interesting thing happened. A campaign in which one of them stays rare proves nothing about it,
//! so every one has a floor.

macro_rules! events {
    ($($name:ident $floor:literal;)+) => {
        /// Interesting events.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Event { $($name,)+ }

        /// Every event with its floor per 10,000 histories.
        pub const EVENTS: &[(Event, &str, u64)] = &[$((Event::$name, stringify!($name), $floor),)+];
    };
}

events! {
    Purchase 100_000;
    Duplicate 20_000;
    AlteredDuplicate 10_000;
    DryRun 10_000;
    LateUnderOldVersion 900;
    TooLate 40_000;
    InTheFuture 10_000;
    ClockWentBack 8000;
    ClockStoodStill 100_000;
    PartialReturn 30_000;
    PartialReturnAfterTierChange 10_000;
    LastPartReturned 30_000;
    ReturnedTooMuch 30_000;
    ReturnBeforePurchase 10_000;
    ReturnAfterLotExpired 10_000;
    ReturnOfPending 10_000;
    ReturnTookOtherLots 1000;
    DebtCreated 600;
    DebtRepaid 600;
    WrittenOff 200;
    CapHitExactly 10_000;
    CutByCap 30_000;
    BudgetHitsExactlyZero 6000;
    Released 80_000;
    Expired 60_000;
    ExpiredForInactivity 10_000;
    ExpiryRacesSpend 800;
    SpendOfExpiredRefused 2000;
    LapsedOnLeapDay 1000;
    LapsedOnClockChangeDay 200;
    LateFloorKept 5000;
    Upgrade 40_000;
    UpgradeAfterReturn 20_000;
    Downgrade 10_000;
    DowngradeWithDeduction 900;
    Requalified 30_000;
    SoftLanding 1000;
    LotsLeftOut 20_000;
    SplitFunding 80_000;
    Hold 8000;
    HoldCaptured 1500;
    RestReleased 120;
    HoldVoided 700;
    HoldTimedOut 5500;
    UseAfterTimeOut 10_000;
    UseAfterEnd 4000;
    HoldAcrossExpiry 25;
    GivenBackAfterExpiry 180;
    TermsChangedSinceQuote 3500;
    RuleChangedBeforeCapture 120;
    PaidWithPoints 5000;
    PaidFromHold 120;
    PointsRefunded 1500;
    PointsGraced 700;
    RefundRepaidDebt 25;
    RewardRedeemed 4500;
    StockHitsExactlyZero 140;
    OutOfStock 90;
    RewardLimitReached 650;
    RedemptionCancelled 1100;
    CancelledAfterEnd 500;
    SpendingRepeated 450;
    ToppedUp 20_000;
    BonusGiven 14_000;
    MoneyHeld 3000;
    PaidWithMoney 10_000;
    PaidWithMoneyAndBonus 600;
    MoneyRestored 3000;
    MoneyPaidBack 3000;
    BonusTakenBack 300;
    RefundAboveMoneyRefused 7000;
}

/// Counts of all events.
#[derive(Debug, Clone)]
pub struct Counters(Vec<u64>);

impl Default for Counters {
    fn default() -> Self {
        Self(vec![0; EVENTS.len()])
    }
}

impl Counters {
    pub fn count(&mut self, event: Event) {
        self.0[event as usize] += 1;
    }

    pub fn count_if(&mut self, holds: bool, event: Event) {
        self.0[event as usize] += u64::from(holds);
    }

    pub fn add(&mut self, other: &Self) {
        for (sum, more) in self.0.iter_mut().zip(&other.0) {
            *sum += more;
        }
    }

    /// Prints all counts and returns those below their floor for so many histories.
    pub fn report(&self, histories: u64) -> Vec<String> {
        let mut rare = Vec::new();
        for (event, name, floor) in EVENTS {
            let (count, floor) = (self.0[*event as usize], floor * histories / 10_000);
            println!("  {name:<32} {count:>10}   floor {floor:>8}");
            if count < floor {
                rare.push(format!("{name}: {count}, floor {floor}"));
            }
        }
        rare
    }
}
