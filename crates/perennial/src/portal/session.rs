//! Whose card it is and how they want to read: taken from the cookies of each request. Everybody else is sent to the
//! sign-in page; forms must bring the secret that was in them.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use domain::ids::AccountId;
use domain::ledger::Actor;

use super::Portal;
use super::problem;
use super::shell::Shell;
use crate::console::cookies::{self, Name};
use crate::console::page::Frame;
use crate::console::query::encode;
use crate::console::session::{Fields, frame, read_fields};

/// Somebody who may not have signed in yet.
pub(super) struct Visitor {
    /// Around the page.
    pub(super) frame: Frame,
    /// The portal around it.
    pub(super) shell: Shell,
}

/// A member who has.
pub(super) struct Member {
    /// Around the page.
    pub(super) frame: Frame,
    /// The portal around it.
    pub(super) shell: Shell,
    /// Whose card it is.
    pub(super) id: AccountId,
    /// Who the ledger says asked.
    pub(super) actor: Actor,
}

/// A form from a member, with the right secret.
pub(super) struct Submission {
    /// Who sent it.
    pub(super) member: Member,
    /// What they filled in.
    pub(super) fields: Fields,
}

/// A form from somebody who may not have signed in yet.
pub(super) struct VisitorSubmission {
    /// Who sent it.
    pub(super) visitor: Visitor,
    /// What they filled in; `None` if the secret was wrong.
    pub(super) fields: Option<Fields>,
}

impl FromRequestParts<Portal> for Visitor {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Response> {
        let mut frame = frame(parts, &portal.engine, portal.over_tls);
        let known = cookies::read(&parts.headers, Name::CardVisitor, portal.over_tls);
        frame.csrf = known.filter(|secret| secret.len() == 64).unwrap_or_default();
        let shell = Shell::new(&frame, &portal.engine);
        Ok(Self { frame, shell })
    }
}

impl FromRequestParts<Portal> for Member {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Response> {
        let mut frame = frame(parts, &portal.engine, portal.over_tls);
        let mut shell = Shell::new(&frame, &portal.engine);
        let secret = cookies::read(&parts.headers, Name::Card, portal.over_tls);
        let signed_in = match secret {
            Some(secret) => portal.engine.view_member_session(&secret).await,
            None => Ok(None),
        };
        match signed_in {
            Ok(Some(signed_in)) => {
                let actor = signed_in.actor();
                frame.csrf = signed_in.csrf;
                shell.signed_in = true;
                Ok(Self { frame, shell, id: signed_in.member_id, actor })
            }
            Ok(None) => {
                let address = format!("/card/sign-in?next={}", encode(&frame.here));
                Err(Redirect::to(&address).into_response())
            }
            Err(error) => Err(problem::failed(frame, shell, &error)),
        }
    }
}

impl FromRequest<Portal> for Submission {
    type Rejection = Response;
    async fn from_request(request: Request, portal: &Portal) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let member = Member::from_request_parts(&mut parts, portal).await?;
        let fields = read_fields(Request::from_parts(parts, body)).await?;
        if fields.text("csrf") != member.frame.csrf {
            return Err(problem::stale(member.frame, member.shell));
        }
        Ok(Self { member, fields })
    }
}

impl FromRequest<Portal> for VisitorSubmission {
    type Rejection = Response;
    async fn from_request(request: Request, portal: &Portal) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, portal).await?;
        let fields = read_fields(Request::from_parts(parts, body)).await?;
        let genuine = !visitor.frame.csrf.is_empty() && fields.text("csrf") == visitor.frame.csrf;
        Ok(Self { visitor, fields: genuine.then_some(fields) })
    }
}
