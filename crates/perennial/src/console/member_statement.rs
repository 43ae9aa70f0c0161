//! A member's statement as staff print it for them: the same paper that the member prints.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::AccountId;

use super::Console;
use super::page::{Frame, Section, Theme, show};
use super::problem;
use super::roles::Permission;
use super::session::Reader;
use crate::portal::statement::{Sheet, StatementQuery, sheet};

#[derive(Template)]
#[template(path = "console/member_statement.html")]
struct MemberStatementPage {
    f: Frame,
    member: String,
    sheet: Sheet,
    query: StatementQuery,
    error: Option<String>,
}

/// The page. It shows codes of vouchers, which are worth money: it is for those who hand them to the member.
pub(super) async fn page(
    State(console): State<Console>,
    Path(id): Path<String>,
    Query(query): Query<StatementQuery>,
    reader: Reader,
) -> Result<Response, Response> {
    let mut f = reader.require(Permission::PrintStatements)?.frame;
    f.section = Section::Members;
    let Ok(id) = id.parse::<AccountId>() else { return Ok(problem::not_found(f)) };
    let (days, error) = query.days(&f, &console.engine);
    Ok(match sheet(&console.engine, &f, id, days).await {
        Ok(sheet) => {
            let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            show(status, &MemberStatementPage { member: id.to_string(), sheet, query, error, f })
        }
        Err(error) => problem::failed(f, &error),
    })
}
