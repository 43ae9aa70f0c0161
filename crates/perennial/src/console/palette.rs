//! The members that the command palette offers for what was typed: by name, pinyin or any identifier.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use operations::MemberSearch;
use serde::Deserialize;

use super::Console;
use super::members::shortest;
use super::page::ok;
use super::problem;
use super::session::Reader;

/// Members offered.
const MEMBERS: u16 = 8;

/// What was typed.
#[derive(Debug, Default, Deserialize)]
pub(super) struct PaletteQuery {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "console/palette.html")]
struct Options {
    rows: Vec<Row>,
}

struct Row {
    id: String,
    name: String,
    identifier: String,
}

/// The options, as a part of the dialog.
pub(super) async fn options(
    State(console): State<Console>,
    Query(query): Query<PaletteQuery>,
    reader: Reader,
) -> Response {
    let f = reader.frame;
    let text = query.q.trim();
    if text.is_empty() {
        return ok(&Options { rows: Vec::new() });
    }
    let search = MemberSearch { text: Some(text.to_owned()), limit: MEMBERS, ..MemberSearch::default() };
    match console.engine.search_members(&search).await {
        Ok(found) => {
            let rows = found.members.into_iter().map(|member| Row {
                id: member.member_id.to_string(),
                identifier: shortest(&member.identifiers),
                name: member.name.unwrap_or_else(|| f.t("nameless")),
            });
            ok(&Options { rows: rows.collect() })
        }
        Err(error) => problem::failed(f, &error),
    }
}
