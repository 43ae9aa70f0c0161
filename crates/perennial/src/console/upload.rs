//! Forms that bring a file: the fields with the secret among them, and the one file.

use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Console;
use super::problem;
use super::session::{Fields, Reader};
use crate::upload::parts;

/// A form with a file from somebody who has signed in, with the right secret.
pub(super) struct Upload {
    /// Who sent it.
    pub(super) reader: Reader,
    /// What they filled in.
    pub(super) fields: Fields,
    /// The file; one without a name was not chosen.
    pub(super) file: Option<UploadedFile>,
}

/// A file as it was sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UploadedFile {
    /// Its name on the sender's machine.
    pub(super) name: String,
    /// What is in it.
    pub(super) content: Bytes,
}

impl FromRequest<Console> for Upload {
    type Rejection = Response;
    async fn from_request(request: Request, console: &Console) -> Result<Self, Response> {
        let (mut head, body) = request.into_parts();
        let reader = Reader::from_request_parts(&mut head, console).await?;
        let kind = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.map(str::to_owned);
        let body = Bytes::from_request(Request::from_parts(head, body), &()).await;
        let body = body.map_err(IntoResponse::into_response)?;
        let Ok(sent) = parts(kind.as_deref(), body).await else {
            return Err(StatusCode::BAD_REQUEST.into_response());
        };
        let (mut fields, mut file) = (HashMap::new(), None);
        for part in sent {
            if !part.file.is_empty() {
                file = Some(UploadedFile { name: part.file, content: part.content });
            } else if part.name != "file" {
                fields.insert(part.name, String::from_utf8_lossy(&part.content).into_owned());
            }
        }
        let fields = Fields::from(fields);
        if fields.text("csrf") != reader.frame.csrf {
            return Err(problem::stale(reader.frame));
        }
        Ok(Self { reader, fields, file })
    }
}
