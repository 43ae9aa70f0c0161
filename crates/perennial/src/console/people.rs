//! Who may sign in, and links with which managers invite others.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use operations::{OperationError, Role};

use super::Console;
use super::moment::Choice;
use super::page::{Frame, Section, Theme, ok};
use super::problem;
use super::roles::Permission;
use super::session::{Reader, Submission};

#[derive(Template)]
#[template(path = "console/people.html")]
struct PeoplePage {
    f: Frame,
    people: Vec<PersonView>,
    roles: Vec<Choice>,
    link: Option<String>,
}

struct PersonView {
    name: String,
    role: String,
    created: String,
}

/// The page.
pub(super) async fn page(State(console): State<Console>, reader: Reader) -> Result<Response, Response> {
    let f = reader.require(Permission::ManagePeople)?.frame;
    Ok(list(&console, f, None).await)
}

async fn list(console: &Console, mut f: Frame, link: Option<String>) -> Response {
    f.section = Section::People;
    "/console/people".clone_into(&mut f.here);
    let people = match console.engine.list_console_users().await {
        Ok(people) => people,
        Err(error) => return problem::failed(f, &error),
    };
    let person = |person: operations::ConsoleUser| PersonView {
        role: f.named("role-", person.role.name()),
        created: f.formats.day(person.created_at),
        name: person.name,
    };
    ok(&PeoplePage {
        people: people.into_iter().map(person).collect(),
        roles: Role::ALL
            .map(|role| Choice::new(role.name(), f.named("role-", role.name()), "auditor"))
            .into(),
        link,
        f,
    })
}

/// Makes a one-time link for a role.
pub(super) async fn invite(
    State(console): State<Console>,
    headers: HeaderMap,
    Submission { reader, fields }: Submission,
) -> Result<Response, Response> {
    let f = reader.require(Permission::ManagePeople)?.frame;
    let role = fields.text("role").parse::<Role>().map_err(OperationError::from);
    let secret = match role {
        Ok(role) => console.engine.create_setup_link(role).await,
        Err(error) => Err(error),
    };
    Ok(match secret {
        Ok(secret) => {
            let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
            let scheme = if console.over_tls { "https" } else { "http" };
            let link = format!("{scheme}://{host}/console/set-up?token={secret}");
            list(&console, f, Some(link)).await
        }
        Err(error) => problem::failed(f, &error),
    })
}
