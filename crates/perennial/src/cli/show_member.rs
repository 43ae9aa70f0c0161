//! `show-member`: a member's person, balances, tiers and open lots as of now.

use clap::Args;
use domain::ledger::{Lot, Standing};
use domain::member::{Identifier, Profile};
use jiff::Timestamp;
use operations::MemberView;
use serde::Serialize;

use super::database::DatabaseArgument;
use super::error::{CliError, Ended};
use super::member::member;
use super::output::Output;

/// Show a member: balances, tiers, lots.
#[derive(Debug, Args)]
pub(crate) struct ShowMember {
    /// mem_…, or card:…, phone:…, email:…, external:…
    member: String,
    #[command(flatten)]
    database: DatabaseArgument,
}

#[derive(Debug, Serialize)]
struct Shown {
    member_id: domain::ids::AccountId,
    version: i64,
    profile: Profile,
    identifiers: Vec<Identifier>,
    enrolled_at: Timestamp,
    standing: Standing,
    lots: Vec<Lot>,
    audiences: Vec<domain::code::Code>,
}

impl ShowMember {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open_to_read().await?;
        let member = member(&self.member, &engine)?;
        let MemberView {
            member_id,
            version,
            profile,
            identifiers,
            enrolled_at,
            standing,
            lots,
            audiences,
            ..
        } = engine.view_member(&member).await?;
        let shown =
            Shown { member_id, version, profile, identifiers, enrolled_at, standing, lots, audiences };
        output.print(&shown, words)?;
        engine.shut_down().await;
        Ok(Ended::Well)
    }
}

fn words(shown: &Shown) -> String {
    let name = shown.profile.name.as_deref().unwrap_or("no name");
    let mut lines = vec![format!("{}  {name}, member since {}", shown.member_id, shown.enrolled_at)];
    for identifier in &shown.identifiers {
        let kind = format!("{:?}", identifier.kind).to_lowercase();
        lines.push(format!("  {kind} {}", identifier.value));
    }
    if !shown.audiences.is_empty() {
        let audiences: Vec<&str> = shown.audiences.iter().map(domain::code::Code::as_str).collect();
        lines.push(format!("  in audiences {}", audiences.join(", ")));
    }
    for balance in &shown.standing.balances {
        let (unit, available, pending, debt) =
            (balance.unit, balance.available, balance.pending, balance.debt);
        let ever =
            format!("earned {}, redeemed {}, expired {}", balance.earned, balance.redeemed, balance.expired);
        lines.push(format!("{unit}: {available} available, {pending} pending, {debt} owed ({ever})"));
    }
    for position in &shown.standing.tiers {
        let next = position.next.map_or_else(String::new, |(tier, from)| format!(", {tier} from {from}"));
        let review = position.review_at.map_or_else(String::new, |at| format!(", reviewed on {at}"));
        let (ladder, tier, counted) = (position.ladder, position.tier, position.qualifying);
        lines.push(format!("{ladder}: {tier}, {counted} counted{next}{review}"));
    }
    for lot in &shown.lots {
        let until = lot.expires_at.map_or_else(|| "for ever".to_owned(), |end| format!("until {end}"));
        let pending = lot.pending_until.map_or_else(String::new, |end| format!(", pending until {end}"));
        lines.push(format!(
            "  lot {}: {} of {} {} {until}{pending}",
            lot.lot_no, lot.remaining, lot.issued, lot.unit
        ));
    }
    lines.join("\n")
}
