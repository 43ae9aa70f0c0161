//! Files that are sent with a form: the parts of a `multipart/form-data` body (RFC 7578). The body is in memory, and
//! bounded, before it is taken apart.

use axum::body::{Body, Bytes};

/// Parts of a body: more than any form here has.
const PARTS_MAX: usize = 16;
/// Longest name of a file that is kept.
const FILE_NAME_LENGTH_MAX: usize = 100;

/// A field of a form, or a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// The name of the field.
    pub(crate) name: String,
    /// The name of the file, without folders; empty where a field is no file or none was chosen.
    pub(crate) file: String,
    /// What is in it.
    pub(crate) content: Bytes,
}

/// Why a body is no form with files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UploadFault {
    /// It says so itself.
    #[error("the body must be a form with files: send Content-Type: multipart/form-data with a boundary")]
    ContentType,
    /// A boundary is missing, or a part's head.
    #[error(
        "the parts of the form cannot be told apart: send it again, with the boundary that its head names"
    )]
    Broken,
    /// No form here has so many.
    #[error("the form has more than {PARTS_MAX} parts: leave out those that nobody asks for")]
    TooMany,
}

/// Takes a body apart, by the boundary that its `Content-Type` names.
pub(crate) async fn parts(content_type: Option<&str>, body: Bytes) -> Result<Vec<Part>, UploadFault> {
    let boundary = content_type.and_then(|text| multer::parse_boundary(text).ok());
    let boundary = boundary.ok_or(UploadFault::ContentType)?;
    let mut form = multer::Multipart::new(Body::from(body).into_data_stream(), boundary);
    let mut parts = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|_| UploadFault::Broken)? {
        if parts.len() == PARTS_MAX {
            return Err(UploadFault::TooMany);
        }
        let name = field.name().ok_or(UploadFault::Broken)?.to_owned();
        let file = file_name(field.file_name().unwrap_or_default());
        let content = field.bytes().await.map_err(|_| UploadFault::Broken)?;
        parts.push(Part { name, file, content });
    }
    Ok(parts)
}

/// The name without folders and control characters; browsers write a quotation mark in it as `%22`.
fn file_name(sent: &str) -> String {
    let name = sent.rsplit(['/', '\\']).next().unwrap_or_default().replace("%22", "\"");
    name.chars().filter(|letter| !letter.is_control()).take(FILE_NAME_LENGTH_MAX).collect()
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;

    use super::{Part, UploadFault, parts};

    const KIND: &str = "multipart/form-data; boundary=B";
    const FORM: &str = "--B\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nsecret\r\n\
        --B\r\nContent-Disposition: form-data; name=\"answers\"; filename=\"surveys/答案 %221%22.csv\"\r\n\
        Content-Type: text/csv\r\n\r\na,b\r\n-- B\r\n\r\n1,2\r\n\r\n\
        --B\r\nContent-Disposition: form-data; name=\"map\"; filename=\"\"\r\n\r\n\r\n--B--\r\n";

    async fn read(body: &str) -> Result<Vec<Part>, UploadFault> {
        parts(Some(KIND), Bytes::copy_from_slice(body.as_bytes())).await
    }

    #[tokio::test]
    async fn fields_and_files_come_with_their_names_and_content() {
        let part = |name: &str, file: &str, content: &'static str| Part {
            name: name.to_owned(),
            file: file.to_owned(),
            content: Bytes::from_static(content.as_bytes()),
        };
        let expected = [
            part("csrf", "", "secret"),
            part("answers", "答案 \"1\".csv", "a,b\r\n-- B\r\n\r\n1,2\r\n"),
            part("map", "", ""),
        ];
        assert_eq!(read(FORM).await.expect("a form"), expected);
    }

    #[tokio::test]
    async fn what_is_no_form_is_refused() {
        let nameless = "--B\r\nA: b\r\n\r\nc\r\n--B--";
        for body in ["", "--B", "--B\r\n", nameless, &FORM[..FORM.len() - 12], &FORM[..40]] {
            assert_eq!(read(body).await, Err(UploadFault::Broken), "{body}");
        }
        for kind in
            [None, Some("text/plain"), Some("multipart/form-data"), Some("application/json; boundary=B")]
        {
            assert_eq!(
                parts(kind, Bytes::from_static(b"--B--")).await,
                Err(UploadFault::ContentType),
                "{kind:?}"
            );
        }
        let many = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n".repeat(17) + "--B--";
        assert_eq!(read(&many).await, Err(UploadFault::TooMany));
    }
}
