//! Who may sign in: links with which managers invite others or give them a new password, and shutting people out.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use operations::{OperationError, Role};

use super::Console;
use super::moment::Choice;
use super::page::{Frame, Section, Theme, show};
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
    error: Option<String>,
}

struct PersonView {
    name: String,
    role: String,
    created: String,
    disabled: bool,
    own: bool,
}

/// The page.
pub(super) async fn page(State(console): State<Console>, reader: Reader) -> Result<Response, Response> {
    let f = reader.require(Permission::ManagePeople)?.frame;
    Ok(list(&console, f, None, None).await)
}

async fn list(console: &Console, mut f: Frame, link: Option<String>, error: Option<String>) -> Response {
    f.section = Section::People;
    "/console/people".clone_into(&mut f.here);
    let people = match console.engine.list_console_users().await {
        Ok(people) => people,
        Err(error) => return problem::failed(f, &error),
    };
    let own = f.person.as_ref().map_or_else(String::new, |person| person.name.clone());
    let person = |person: operations::ConsoleUser| PersonView {
        role: f.named("role-", person.role.name()),
        created: f.formats.day(person.created_at),
        disabled: person.disabled_at.is_some(),
        own: person.name == own,
        name: person.name,
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = PeoplePage {
        people: people.into_iter().map(person).collect(),
        roles: Role::ALL
            .map(|role| Choice::new(role.name(), f.named("role-", role.name()), "auditor"))
            .into(),
        link,
        error,
        f,
    };
    show(status, &page)
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
        Ok(secret) => list(&console, f, Some(link(&console, &headers, &secret)), None).await,
        Err(error) => problem::failed(f, &error),
    })
}

/// Shuts somebody out, or gives them a link to a new password. Nobody does so to themselves: so a manager remains.
pub(super) async fn change(
    State(console): State<Console>,
    headers: HeaderMap,
    Submission { reader, fields }: Submission,
) -> Result<Response, Response> {
    let mut f = reader.require(Permission::ManagePeople)?.frame;
    let name = fields.text("name");
    if f.person.as_ref().is_some_and(|person| person.name == name) {
        let error = f.t("person-own-refused");
        return Ok(list(&console, f, None, Some(error)).await);
    }
    let done = match fields.text("action") {
        "disable" => console.engine.disable_user(name).await.map(|()| None),
        "reset" => console.engine.reset_password(name).await.map(Some),
        _ => return Ok(problem::not_found(f)),
    };
    Ok(match done {
        Ok(Some(secret)) => list(&console, f, Some(link(&console, &headers, &secret)), None).await,
        Ok(None) => {
            f.notice = Some(f.v("person-disabled-done", name));
            list(&console, f, None, None).await
        }
        Err(error) => problem::failed(f, &error),
    })
}

fn link(console: &Console, headers: &HeaderMap, secret: &str) -> String {
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let scheme = if console.over_tls { "https" } else { "http" };
    format!("{scheme}://{host}/console/set-up?token={secret}")
}
