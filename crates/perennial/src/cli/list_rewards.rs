//! `list-rewards`: the catalogue of now, as anybody or as one member finds it.

use clap::Args;
use domain::operation::Offer;
use domain::refusal::Refusal;
use serde_json::json;

use super::database::DatabaseArgument;
use super::error::{CliError, Ended};
use super::member::member;
use super::output::Output;

/// Show the catalogue of rewards, as a member finds it if one is named.
#[derive(Debug, Args)]
pub(crate) struct ListRewards {
    /// mem_…, or card:…, phone:…, email:…, external:…
    member: Option<String>,
    #[command(flatten)]
    database: DatabaseArgument,
}

impl ListRewards {
    pub(crate) async fn run(self, output: Output) -> Result<Ended, CliError> {
        let engine = self.database.open_to_read().await?;
        let member = self.member.as_deref().map(|text| member(text, &engine)).transpose()?;
        let catalogue = engine.list_rewards(member.as_ref()).await?;
        engine.shut_down().await;
        let rewards = catalogue.offers.iter().map(|offer| {
            json!({
                "reward": offer.reward.code, "name": offer.reward.name, "category": offer.reward.category,
                "unit": offer.reward.unit, "points": offer.points, "money": offer.money,
                "in_stock": offer.in_stock, "reason": offer.refusal.as_ref().map(Refusal::code),
                "detail": offer.refusal.as_ref().map(ToString::to_string),
            })
        });
        let rewards: Vec<_> = rewards.collect();
        let answer = json!({ "programme_version": catalogue.programme_version, "rewards": rewards });
        output.print(&answer, |_| catalogue.offers.iter().map(line).collect::<Vec<_>>().join("\n"))?;
        Ok(Ended::Well)
    }
}

fn line(offer: &Offer) -> String {
    let Offer { reward, points, money, in_stock, refusal } = offer;
    let besides = if *money > 0 { format!(" and {money} in minor units") } else { String::new() };
    let left = in_stock.map_or_else(String::new, |left| format!(", {left} left"));
    let why = refusal.as_ref().map_or_else(String::new, |refusal| format!("; {refusal}"));
    format!("{:<24} {points} {}{besides}{left}{why}", reward.code.as_str(), reward.unit)
}
