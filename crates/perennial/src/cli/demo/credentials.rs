//! What lets a visitor into a demo: printed once, for nothing but its digest is kept. And whose card to look at.

use domain::member::IdentifierKind;
use operations::{
    DEMO_ACTOR, Engine, KeyMode, KeyRequest, MEMBER_PAGE_SIZE_MAX, MemberSearch, MemberSort, Role, Scope,
    draw_password,
};

use crate::cli::error::CliError;
use crate::cli::output::Output;

/// Makes and prints the credentials of a new demo: a manager, somebody who asks for what a manager approves, a
/// cashier for the till, and a key for the API.
pub(super) async fn issue(engine: &Engine, output: Output) -> Result<(), CliError> {
    let password = draw_password()?;
    engine.create_console_user("manager", &password, Role::Manager).await?;
    output.fact("user", &"manager");
    output.fact("password", &password);
    let support = draw_password()?;
    engine.create_console_user("support", &support, Role::Support).await?;
    output.fact("second user", &"support");
    output.fact("second password", &support);
    let cashier = draw_password()?;
    engine.create_console_user("cashier", &cashier, Role::Cashier).await?;
    output.fact("cashier", &"cashier");
    output.fact("cashier password", &cashier);
    let (client, scopes) = (DEMO_ACTOR.to_owned(), Scope::ALL.to_vec());
    // A live key: what a visitor records is there afterwards.
    let request = KeyRequest { client, mode: KeyMode::Live, scopes, expires_at: None };
    let issued = engine.issue_api_key(request, DEMO_ACTOR.to_owned()).await?;
    output.fact("key", &issued.text);
    if let Some(card) = card_with_points(engine).await? {
        output.fact("member", &card);
    }
    Ok(())
}

/// The card of a member with much to spend and, if there is one, a tier ahead; none where nobody has a card.
async fn card_with_points(engine: &Engine) -> Result<Option<String>, CliError> {
    let limit = MEMBER_PAGE_SIZE_MAX;
    let search =
        MemberSearch { sort: MemberSort::Points, descending: true, limit, ..MemberSearch::default() };
    let mut found = engine.search_members(&search).await?.members;
    let programmes = engine.programmes();
    let ladder = programmes.latest().and_then(|programme| programme.main_ladder());
    let highest = ladder.and_then(|ladder| ladder.tiers().last()).map(|tier| tier.code);
    // The order by points stays as it is among those with a tier ahead.
    found.sort_by_key(|member| member.tier == highest);
    let mut known = found.into_iter().flat_map(|member| member.identifiers);
    Ok(known.find(|known| known.kind == IdentifierKind::Card).map(|card| card.value))
}
