//! Households in words, from the side of the member or of the household whose entry it is.

use super::Teller;
use crate::ids::AccountId;
use crate::ledger::{Entry, Membership};

impl Teller<'_> {
    pub(super) fn joined_household(
        self,
        membership: &Membership,
        may_spend: bool,
        entry: &Entry,
        at: &str,
    ) -> String {
        let Membership { member, household, .. } = membership;
        let may = if may_spend { ("可", "may") } else { ("不可", "may not") };
        if entry.id.account_id == *household {
            return self.say(
                format!("{at} 会员 {member} 加入（{}使用家庭积分）：可用积分归入家庭，保留原到期日", may.0),
                format!(
                    "Member {member} joined on {at}, who {} spend here: what they could spend came along and lapses \
                     when it would have lapsed",
                    may.1
                ),
            );
        }
        self.say(
            format!("{at} 加入家庭 {household}（{}使用家庭积分）：可用积分归入家庭，待生效积分留在本账户", may.0),
            format!(
                "Joined household {household} on {at} and {} spend there: what could be spent went along, what is \
                 pending stays here until it can be",
                may.1
            ),
        )
    }

    pub(super) fn changed_household_member(self, member: AccountId, may_spend: bool, at: &str) -> String {
        let (zh, en) = if may_spend { ("可", "may") } else { ("不再可", "may no longer") };
        self.say(
            format!("{at} 起会员 {member} {zh}使用家庭积分"),
            format!("From {at} on member {member} {en} spend here"),
        )
    }

    pub(super) fn left_household(self, membership: &Membership, entry: &Entry, at: &str) -> String {
        let Membership { member, household, .. } = membership;
        if entry.id.account_id == *household {
            return self.say(
                format!("{at} 会员 {member} 退出：带走其带来的剩余积分"),
                format!(
                    "Member {member} left on {at} and took along what was left of the points they brought"
                ),
            );
        }
        self.say(
            format!("{at} 退出家庭 {household}：带来的积分剩余部分已退回"),
            format!(
                "Left household {household} on {at}: what was left of the points brought there came back"
            ),
        )
    }

    pub(super) fn pooled(self, membership: &Membership, entry: &Entry, at: &str) -> String {
        let Membership { member, household, .. } = membership;
        if entry.id.account_id == *household {
            return self.say(
                format!("{at} 会员 {member} 的积分变动归入家庭"),
                format!("What member {member} could spend or owed on {at} came here"),
            );
        }
        self.say(
            format!("{at} 积分变动归入家庭 {household}"),
            format!("What could be spent or was owed on {at} went to household {household}"),
        )
    }
}
