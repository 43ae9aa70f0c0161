//! Why an entry says what it says, in sentences a member can check: what happened, what each rule gave or why it
//! gave nothing, which points moved between which accounts, and what the balances were afterwards.

mod households;
mod merges;
mod transfers;

use jiff::Timestamp;
use serde::Serialize;

use crate::calendar;
use crate::ledger::{Award, ClawbackPart, Entry, Fact, LedgerAccount, Posting, TierChange, TierChangeReason};
use crate::money::Money;
use crate::programme::{CompiledProgramme, Language, Outcome, sentence};
use crate::voucher::PurchaseVoucher;

mod burn;
mod stored_value;

/// An entry in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// What happened, in one sentence.
    pub title: String,
    /// What each rule gave, and from the rule's own words, why.
    pub awards: Vec<String>,
    /// Rules that gave nothing, and why.
    pub not_applied: Vec<String>,
    /// What each voucher took off, or why nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vouchers: Vec<String>,
    /// What was taken back, and from where.
    pub clawback: Vec<String>,
    /// What points paid, what was reserved for how long, and what was given back.
    pub spending: Vec<String>,
    /// Points that moved: amount, from, to, lot.
    pub movements: Vec<String>,
    /// Tiers that changed.
    pub tiers: Vec<String>,
    /// Balances right after.
    pub balances: Vec<String>,
    /// Which programme version decided, who asked, when it was recorded.
    pub decided: String,
}

/// Explains an entry. `programme` is the version that decided it.
pub fn explain(entry: &Entry, programme: Option<&CompiledProgramme>, language: Language) -> Explanation {
    let teller = Teller { programme, language };
    let (awards, outcomes, clawback): (&[Award], &str, &[ClawbackPart]) = match &entry.fact {
        Fact::PurchaseRecorded { awards, outcomes, .. }
        | Fact::ActivityRecorded { awards, outcomes, .. }
        | Fact::MemberEnrolled { awards, outcomes, .. } => (awards, outcomes, &[]),
        Fact::ReturnRecorded { clawback, .. } => (&[], "", clawback),
        _ => (&[], "", &[]),
    };
    Explanation {
        title: teller.title(entry),
        awards: awards.iter().map(|award| teller.award(award)).collect(),
        not_applied: teller.not_applied(outcomes),
        vouchers: teller.vouchers(entry),
        clawback: clawback.iter().flat_map(|part| teller.clawback(part)).collect(),
        spending: teller.spending(entry),
        movements: entry.postings.iter().map(|posting| teller.movement(posting)).collect(),
        tiers: entry.tier_changes.iter().map(|change| teller.tier_change(change)).collect(),
        balances: entry.standing.balances.iter().map(|balance| teller.balance(balance)).collect(),
        decided: teller.decided(entry),
    }
}

#[derive(Clone, Copy)]
struct Teller<'a> {
    programme: Option<&'a CompiledProgramme>,
    language: Language,
}

impl Teller<'_> {
    fn say(self, zh: String, en: String) -> String {
        match self.language {
            Language::ZhCn => zh,
            Language::En => en,
        }
    }

    fn moment(self, instant: Timestamp) -> String {
        match self.programme {
            Some(programme) => {
                let local = calendar::local(instant, programme.zone());
                local.strftime("%Y-%m-%d %H:%M").to_string()
            }
            None => instant.to_string(),
        }
    }

    fn money(self, amount: i64) -> String {
        let currency = self.programme.map(|programme| programme.programme().currency);
        currency.map_or_else(|| amount.to_string(), |currency| Money { amount, currency }.to_string())
    }

    fn vouchers(self, entry: &Entry) -> Vec<String> {
        let Fact::PurchaseRecorded { purchase, .. } = &entry.fact else { return Vec::new() };
        let name = |voucher: &PurchaseVoucher| {
            let template = voucher.template?;
            let found = self.programme.and_then(|programme| programme.programme().voucher(template));
            Some(found.map_or_else(|| template.to_string(), |found| found.name.get(self.language).to_owned()))
        };
        let told = purchase.vouchers.iter().map(|voucher| {
            let named = name(voucher).unwrap_or_else(|| voucher.voucher.to_string());
            if voucher.applied() {
                let off = self.money(voucher.discount);
                return self.say(format!("“{named}”减 {off}"), format!("“{named}” took {off} off"));
            }
            let why =
                voucher.outcome.sentence(self.language, &|minor| self.money(minor), &|at| self.moment(at));
            self.say(format!("“{named}”未使用：{why}"), format!("“{named}” was not used: {why}"))
        });
        told.collect()
    }

    fn unit(self, unit: crate::code::Code) -> String {
        let found = self.programme.and_then(|programme| programme.unit(unit));
        found.map_or_else(|| unit.to_string(), |found| found.unit.name.get(self.language).to_owned())
    }

    /// The name of a segment, or its code where the programme does not declare it.
    fn segment(self, segment: crate::code::Code) -> String {
        let declared = self.programme.and_then(|programme| programme.programme().segment(segment));
        declared.map_or_else(|| segment.to_string(), |found| found.name.get(self.language).to_owned())
    }

    /// A number of a unit: as money where it counts money.
    fn number(self, unit: crate::code::Code, number: i64) -> String {
        let money = self.programme.is_some_and(|programme| programme.programme().counts_money(unit));
        if money { self.money(number) } else { number.to_string() }
    }

    /// A number of a unit with the unit's name.
    fn amount(self, unit: crate::code::Code, number: i64) -> String {
        format!("{} {}", self.number(unit, number), self.unit(unit))
    }

    fn title(self, entry: &Entry) -> String {
        let at = self.moment(entry.occurred_at);
        match &entry.fact {
            Fact::MemberEnrolled { .. } => self.say(format!("{at} 入会"), format!("Joined on {at}")),
            Fact::MemberUpdated { fields } => {
                let fields = fields.join(", ");
                self.say(format!("{at} 更新资料：{fields}"), format!("Profile changed on {at}: {fields}"))
            }
            Fact::ClubChosen { club, joined } => {
                let club = self.segment(*club);
                if *joined {
                    self.say(format!("{at} 加入俱乐部：{club}"), format!("Joined the club {club} on {at}"))
                } else {
                    self.say(format!("{at} 退出俱乐部：{club}"), format!("Left the club {club} on {at}"))
                }
            }
            Fact::IdentifierLinked { kind } => {
                self.say(format!("{at} 绑定标识：{kind}"), format!("Identifier linked on {at}: {kind}"))
            }
            Fact::PurchaseRecorded { purchase, .. } => {
                let amount = purchase.total().unwrap_or_default();
                let total = Money { amount, currency: purchase.currency };
                let key = &purchase.key;
                self.say(
                    format!("{at} 消费 {total}（{} {}）", key.source, key.reference),
                    format!("Purchase of {total} on {at} ({} {})", key.source, key.reference),
                )
            }
            Fact::ReturnRecorded { document, .. } => {
                let (key, purchase) = (&document.key, &document.purchase);
                self.say(
                    format!("{at} 退货 {}，对应消费 {}", key.reference, purchase.reference),
                    format!("Return {} of purchase {} on {at}", key.reference, purchase.reference),
                )
            }
            Fact::ActivityRecorded { activity, .. } => self
                .say(format!("{at} 互动：{}", activity.kind), format!("Activity {} on {at}", activity.kind)),
            Fact::PointsAdjusted { unit, points, reason, note, .. } => {
                let unit = self.unit(*unit);
                self.say(
                    format!("{at} 人工调整 {points:+} {unit}（{reason}：{note}）"),
                    format!("Adjustment of {points:+} {unit} on {at} ({reason}: {note})"),
                )
            }
            Fact::PointsHeld { .. }
            | Fact::HoldCaptured { .. }
            | Fact::HoldVoided { .. }
            | Fact::HoldExpired { .. }
            | Fact::RewardRedeemed { .. }
            | Fact::RedemptionCancelled { .. }
            | Fact::RedemptionFulfilled { .. } => self.burn_title(entry, &at),
            Fact::ToppedUp { top_up, unit, bonus } => self.topped_up(top_up, *unit, bonus.as_ref(), &at),
            Fact::StoredValueRefunded { refund, unit, bonus } => self.paid_back(refund, *unit, bonus, &at),
            Fact::StatementMade { made_on, unit, points, carried, voucher, .. } => {
                let (unit, worth) = (self.unit(*unit), self.money(voucher.value));
                let until = self.moment(voucher.expires_at);
                self.say(
                    format!("{made_on} 对账单：{points} {unit}换成 {worth} 的券（{until} 前有效），结转 {carried}"),
                    format!(
                        "Statement of {made_on}: {points} {unit} became a voucher worth {worth}, valid until {until}; \
                         {carried} carried over"
                    ),
                )
            }
            Fact::TransferOffered { offer, .. } => self.offered(offer, entry, &at),
            Fact::PointsTransferred { offer, .. } => self.transferred(offer, entry, &at),
            Fact::TransferEnded { offer, end, .. } => self.transfer_ended(offer, *end, &at),
            Fact::MembersMerged { merge, reason, .. } => self.merged(merge, reason, entry, &at),
            Fact::PointsForwarded { merge, .. } => self.forwarded(merge, entry, &at),
            Fact::MergeUndone { merge, reason, .. } => self.merge_undone(merge, reason, entry, &at),
            Fact::HouseholdCreated => self.say(format!("{at} 新建家庭"), format!("Household opened on {at}")),
            Fact::HouseholdJoined { membership, may_spend, .. } => {
                self.joined_household(membership, *may_spend, entry, &at)
            }
            Fact::HouseholdMemberChanged { member, may_spend } => {
                self.changed_household_member(*member, *may_spend, &at)
            }
            Fact::AudienceEntered { segment, version } => {
                let segment = self.segment(*segment);
                self.say(
                    format!("{at} 进入人群：{segment}（第 {version} 版名单）"),
                    format!("In audience {segment} since {at} (version {version} of the set)"),
                )
            }
            Fact::AudienceLeft { segment, version } => {
                let segment = self.segment(*segment);
                self.say(
                    format!("{at} 退出人群：{segment}（第 {version} 版名单）"),
                    format!("No more in audience {segment} since {at} (version {version} of the set)"),
                )
            }
            Fact::HouseholdLeft { membership, .. } => self.left_household(membership, entry, &at),
            Fact::PointsPooled { membership, .. } => self.pooled(membership, entry, &at),
            Fact::PointsReleased => {
                self.say(format!("{at} 积分到账可用"), format!("Points became spendable on {at}"))
            }
            Fact::PointsExpired => self.say(format!("{at} 积分过期"), format!("Points lapsed on {at}")),
            Fact::TiersReviewed { ladder } => {
                self.say(format!("{at} 等级复评（{ladder}）"), format!("Tier review on {at} ({ladder})"))
            }
        }
    }

    fn award(self, award: &Award) -> String {
        let unit = self.unit(award.unit);
        let points = award.points;
        let (name, words) =
            self.programme.and_then(|programme| Some((programme, programme.rule(award.rule)?))).map_or_else(
                || (award.rule.to_string(), String::new()),
                |(programme, rule)| {
                    let words = sentence::rule(programme.programme(), &rule.rule, self.language);
                    (rule.rule.name.get(self.language).to_owned(), words)
                },
            );
        let mut text = self
            .say(format!("{name}：{points} {unit}。{words}"), format!("{name}: {points} {unit}. {words}"));
        if let Some(until) = award.pending_until {
            let day = self.moment(until);
            text.push_str(&self.say(format!("{day} 起可用。"), format!(" Spendable from {day}.")));
        }
        if let Some(end) = award.expires_at {
            let day = self.moment(end);
            text.push_str(&self.say(format!("{day} 起失效。"), format!(" Lapses on {day}.")));
        }
        if award.funding.len() > 1 {
            let parts: Vec<_> =
                award.funding.iter().map(|(funder, points)| format!("{funder} {points}")).collect();
            let parts = parts.join(", ");
            text.push_str(&self.say(format!("费用承担：{parts}。"), format!(" Paid by {parts}.")));
        }
        text
    }

    fn not_applied(self, outcomes: &str) -> Vec<String> {
        let Some(programme) = self.programme else { return Vec::new() };
        programme
            .rules()
            .iter()
            .zip(outcomes.chars())
            .filter_map(|(rule, letter)| Some((rule, Outcome::from_letter(letter)?)))
            .filter(|(_, outcome)| {
                !outcome.fired() && !matches!(outcome, Outcome::OtherTrigger | Outcome::NotLive)
            })
            .map(|(rule, outcome)| {
                let name = rule.rule.name.get(self.language);
                let why = outcome.sentence(self.language);
                self.say(format!("{name}：{why}"), format!("{name}: {why}"))
            })
            .collect()
    }

    fn clawback(self, part: &ClawbackPart) -> Vec<String> {
        let unit = self.unit(part.unit);
        let rows = [
            (part.due, "应收回", "due back"),
            (part.own_lots, "取自该笔消费所得", "from what this purchase earned"),
            (part.lapsed, "已过期，无需收回", "had lapsed already: nothing to take"),
            (part.other_lots, "取自其他积分（先到期先扣）", "from other points, soonest expiry first"),
            (part.debt, "转为欠分，由之后所得抵扣", "owed, repaid by points earned later"),
            (part.written_off, "由计划核销", "written off by the programme"),
        ];
        rows.into_iter()
            .filter(|(points, ..)| *points > 0)
            .map(|(points, zh, en)| {
                self.say(format!("{points} {unit} {zh}"), format!("{points} {unit} {en}"))
            })
            .collect()
    }

    fn movement(self, posting: &Posting) -> String {
        let (from, to) = (self.account(posting.debit), self.account(posting.credit));
        let amount = self.amount(posting.unit, posting.amount);
        let lot = match (posting.lot_no, self.language) {
            (0, _) => String::new(),
            (lot, Language::ZhCn) => format!("（批次 {lot}）"),
            (lot, Language::En) => format!(" (lot {lot})"),
        };
        format!("{amount}: {from} → {to}{lot}")
    }

    fn account(self, account: LedgerAccount) -> &'static str {
        let (zh, en) = match account {
            LedgerAccount::Issuer => ("发行方", "issuer"),
            LedgerAccount::MemberPending => ("待生效", "pending"),
            LedgerAccount::MemberAvailable => ("可用", "available"),
            LedgerAccount::MemberHeld => ("冻结", "held"),
            LedgerAccount::MemberDebt => ("欠分", "debt"),
            LedgerAccount::Redeemed => ("已兑换", "redeemed"),
            LedgerAccount::Expired => ("已过期", "lapsed"),
            LedgerAccount::Adjustment => ("人工调整", "adjustment"),
            LedgerAccount::TierDeduction => ("等级扣减", "tier deduction"),
            LedgerAccount::WrittenOff => ("核销", "written off"),
            LedgerAccount::PaidIn => ("会员缴存", "paid in"),
            LedgerAccount::Transfer => ("会员间转移", "transfer"),
        };
        self.language.pick(zh, en)
    }

    fn tier_change(self, change: &TierChange) -> String {
        let name = |tier: crate::code::Code| {
            let found = self.programme.and_then(|programme| programme.programme().tier(tier));
            found.map_or_else(|| tier.to_string(), |(_, tier)| tier.name.get(self.language).to_owned())
        };
        let to = name(change.to);
        let from = change.from.map(name).unwrap_or_default();
        let (zh, en) = match change.reason {
            TierChangeReason::Enrolment => (format!("起始等级：{to}"), format!("Starts as {to}")),
            TierChangeReason::Upgrade => {
                (format!("升级：{from} → {to}"), format!("Moves up from {from} to {to}"))
            }
            TierChangeReason::Requalified => (format!("保级：{to}"), format!("Keeps {to}")),
            TierChangeReason::Downgrade => {
                (format!("降级：{from} → {to}"), format!("Moves down from {from} to {to}"))
            }
            TierChangeReason::Left => {
                (format!("不再持有等级：{to}"), format!("Holds {to} no more: the tier went along"))
            }
            TierChangeReason::Rejoined => (format!("重新持有等级：{to}"), format!("Holds {to} again")),
            TierChangeReason::Merged => (
                format!("合并会员保留较高等级：{from} → {to}"),
                format!("Keeps the higher tier of the two: {to} instead of {from}"),
            ),
        };
        self.say(zh, en)
    }

    fn balance(self, balance: &crate::ledger::Balance) -> String {
        let unit = self.unit(balance.unit);
        let [available, pending, held, debt] =
            [balance.available, balance.pending, balance.held, balance.debt]
                .map(|n| self.number(balance.unit, n));
        let reserved = if balance.held == 0 {
            String::new()
        } else {
            self.say(format!("，冻结 {held}"), format!(", {held} held"))
        };
        let owed = if balance.debt == 0 {
            String::new()
        } else {
            self.say(format!("，欠 {debt}"), format!(", {debt} owed"))
        };
        self.say(
            format!("{unit}：可用 {available}，待生效 {pending}{reserved}{owed}"),
            format!("{unit}: {available} available, {pending} pending{reserved}{owed}"),
        )
    }

    fn decided(self, entry: &Entry) -> String {
        let version = entry.programme_version;
        let recorded = self.moment(entry.recorded_at);
        let actor = &entry.actor;
        self.say(
            format!("依据计划第 {version} 版，由 {actor} 于 {recorded} 记账。"),
            format!("Decided by programme version {version}, recorded by {actor} on {recorded}."),
        )
    }
}
