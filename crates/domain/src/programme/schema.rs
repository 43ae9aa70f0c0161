//! The JSON Schema of a programme document, for editors and other programs.

use serde_json::Value;

use super::Programme;

/// The schema, generated from the document types and their descriptions.
pub fn json_schema() -> Value {
    let mut schema = schemars::schema_for!(Programme);
    schema.insert("title".to_owned(), Value::from("Perennial programme"));
    schema.to_value()
}
