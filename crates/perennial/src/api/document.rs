//! The OpenAPI document, made from the handlers, and what is true of all of them: the key they ask for and the
//! problems that the frame around them can answer.

use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref, RefOr,
    ResponseBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use super::problem::{Content, PROBLEM_JSON};

/// Problems that any endpoint with a key can answer.
const KEYED: [(&str, &str); 6] = [
    ("400", "The request cannot be read, or a field has a value it may not have."),
    ("401", "No API key, or one that does not work."),
    ("403", "The API key lacks the scope."),
    ("429", "The key calls too often; see `Retry-After`."),
    ("500", "The server failed; see its log under the request id."),
    ("503", "Busy, or the database is away; see `Retry-After`."),
];
/// Problems of endpoints without a key.
const OPEN: [(&str, &str); 3] = [
    ("400", "The request cannot be read."),
    ("500", "The server failed; see its log under the request id."),
    ("503", "The database is away; see `Retry-After`."),
];
/// Further problems of endpoints that take a body.
const WITH_BODY: [(&str, &str); 5] = [
    ("404", "Something named in the request does not exist."),
    ("409", "The request contradicts what is recorded."),
    ("413", "The body is too large."),
    ("415", "The body is not JSON."),
    ("422", "The rules say no."),
];

/// The document as it is committed and served.
pub fn openapi() -> String {
    // Nothing in it can fail to serialise: it is made of texts.
    document().to_pretty_json().unwrap_or_default() + "\n"
}

/// The document.
pub(super) fn document() -> OpenApi {
    let license = LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build();
    let info = InfoBuilder::new()
        .title("Perennial")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(license))
        .build();
    let mut document = OpenApiBuilder::new().info(info).components(Some(Components::new())).build();
    for router in [super::writes(), super::large_writes(), super::reads(), super::open()] {
        document.merge(router.into_openapi());
    }
    let components = document.components.get_or_insert_default();
    components.schemas.insert(Content::name().into_owned(), Content::schema());
    let key = Http::builder().scheme(HttpAuthScheme::Bearer).bearer_format("pk_live_… or pk_test_…").build();
    components.add_security_scheme("api_key", SecurityScheme::Http(key));
    for item in document.paths.paths.values_mut() {
        describe_problems(item);
    }
    document
}

const DESCRIPTION: &str = "Members, points and programmes. Amounts are whole numbers in minor units, instants RFC 3339, \
    ids typed by their prefix. Unknown fields are refused by name. Every error is an `application/problem+json` with a stable \
    `code`. A repeated document (`source` and `reference`) or `Idempotency-Key` gets the same receipt again, byte for byte. \
    Keys that begin with `pk_test_` only try what they write, unless the server is a sandbox. Lists come in pages: send \
    `next` as `after` while `has_more` is true.";

fn describe_problems(item: &mut PathItem) {
    let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
    for operation in operations.into_iter().flatten() {
        let keyed =
            operation.security.as_ref().is_some_and(|security| security.iter().any(|one| *one != open()));
        let basic: &[(&str, &str)] = if keyed { &KEYED } else { &OPEN };
        for (status, why) in basic {
            describe_problem(operation, status, why);
        }
        let in_path = |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Path);
        let named = operation.parameters.as_ref().is_some_and(|parameters| parameters.iter().any(in_path));
        if named
            || operation.operation_id.as_deref().is_some_and(|id| {
                matches!(id, "look_up_member" | "view_overview" | "list_rewards" | "view_statement_run")
            })
        {
            describe_problem(operation, "404", "Something named in the request does not exist.");
        }
        if operation.request_body.is_some() {
            for (status, why) in WITH_BODY {
                describe_problem(operation, status, why);
            }
        }
        if matches!(operation.operation_id.as_deref(), Some("record_purchase" | "capture_hold" | "void_hold"))
        {
            describe_problem(operation, "410", "The hold that is named has timed out.");
        }
        if operation.operation_id.as_deref() == Some("update_member") {
            describe_problem(operation, "412", "Somebody changed it since it was read.");
            describe_problem(operation, "428", "`If-Match` is missing.");
        }
    }
}

fn open() -> utoipa::openapi::security::SecurityRequirement {
    utoipa::openapi::security::SecurityRequirement::default()
}

fn describe_problem(operation: &mut Operation, status: &str, why: &str) {
    let schema = RefOr::Ref(Ref::from_schema_name(Content::name()));
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new().description(why).content(PROBLEM_JSON, content).build();
    operation.responses.responses.entry(status.to_owned()).or_insert(RefOr::T(response));
}
