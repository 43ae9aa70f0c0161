//! What lets a visitor into a demo: printed once, for nothing but its digest is kept.

use operations::{DEMO_ACTOR, Engine, KeyMode, KeyRequest, Role, Scope, draw_password};

use crate::cli::error::CliError;
use crate::cli::output::Output;

/// Makes and prints the credentials of a new demo: a manager, somebody who asks for what a manager approves, and a
/// key for the API.
pub(super) async fn issue(engine: &Engine, output: Output) -> Result<(), CliError> {
    let password = draw_password()?;
    engine.create_console_user("manager", &password, Role::Manager).await?;
    output.fact("user", &"manager");
    output.fact("password", &password);
    let support = draw_password()?;
    engine.create_console_user("support", &support, Role::Support).await?;
    output.fact("second user", &"support");
    output.fact("second password", &support);
    let (client, scopes) = (DEMO_ACTOR.to_owned(), Scope::ALL.to_vec());
    // A live key: what a visitor records is there afterwards.
    let request = KeyRequest { client, mode: KeyMode::Live, scopes, expires_at: None };
    let issued = engine.issue_api_key(request, DEMO_ACTOR.to_owned()).await?;
    output.fact("key", &issued.text);
    Ok(())
}
