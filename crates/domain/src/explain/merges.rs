//! Merges in words, from the side of the member whose entry it is.

use super::Teller;
use crate::ledger::{Entry, Merge};

impl Teller<'_> {
    pub(super) fn merged(self, merge: &Merge, reason: &str, entry: &Entry, at: &str) -> String {
        let Merge { absorbed, into, .. } = merge;
        if entry.id.account_id == *into {
            self.say(
                format!("{at} 并入会员 {absorbed}：积分保留原到期日，等级取高（原因：{reason}）"),
                format!(
                    "Member {absorbed} was merged into this one on {at}: points lapse when they would have lapsed \
                     there, the higher tier is kept (reason: {reason})"
                ),
            )
        } else {
            self.say(
                format!("{at} 已并入会员 {into}（原因：{reason}）"),
                format!("Merged into member {into} on {at} (reason: {reason})"),
            )
        }
    }

    pub(super) fn forwarded(self, merge: &Merge, entry: &Entry, at: &str) -> String {
        let Merge { absorbed, into, .. } = merge;
        if entry.id.account_id == *into {
            self.say(
                format!("{at} 转入已合并会员 {absorbed} 的变动"),
                format!("What changed on {at} for merged member {absorbed} came here"),
            )
        } else {
            self.say(
                format!("{at} 变动转给会员 {into}"),
                format!("What changed here went on to member {into} on {at}"),
            )
        }
    }

    pub(super) fn merge_undone(self, merge: &Merge, reason: &str, entry: &Entry, at: &str) -> String {
        let Merge { absorbed, into, .. } = merge;
        if entry.id.account_id == *into {
            self.say(
                format!("{at} 撤销与会员 {absorbed} 的合并：剩余积分已退回（原因：{reason}）"),
                format!(
                    "The merge with member {absorbed} was undone on {at}: what was left of its points went back \
                     (reason: {reason})"
                ),
            )
        } else {
            self.say(
                format!("{at} 撤销并入会员 {into}：剩余积分已退回（原因：{reason}）"),
                format!(
                    "The merge into member {into} was undone on {at}: what was left of the points came back \
                     (reason: {reason})"
                ),
            )
        }
    }
}
