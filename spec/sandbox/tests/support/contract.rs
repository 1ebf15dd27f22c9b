//! The OpenAPI document, against which responses are checked.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

/// The URI of the document of the API.
const API: &str = "urn:api";

/// The URI of the document of webhooks.
const WEBHOOKS: &str = "urn:webhooks";

/// The errors that every operation can respond with.
const GENERAL: &[(u16, &str)] = &[
    (400, "json_parse"),
    (401, "auth_bad_access_token"),
    (401, "unauthorized"),
    (404, "organization_application_not_found"),
    (413, "Request Entity Too Large"),
    (415, "web_application"),
    (429, "reach_limit"),
    (500, "unsupported_service_operation"),
    (500, "web_application"),
];

/// The errors that the docs do not mention, but which follow from their rules. `RULES.md` explains the choices.
const INFERRED: &[(&str, &str, u16, &str)] = &[
    ("GET", "/chatgroups", 400, "illegal_argument"),
    ("GET", "/chatgroups/{group_id}/users", 400, "illegal_argument"),
    ("GET", "/users", 400, "illegal_argument"),
    ("GET", "/users/{username}/joined_chatgroups", 400, "illegal_argument"),
    (
        "GET",
        "/chatgroups/{group_id}/user/{username}/is_joined",
        400,
        "illegal_argument",
    ),
    ("POST", "/chatgroups/{group_id}/admin", 403, "exceed_limit"),
    ("POST", "/chatgroups/{group_id}/admin", 403, "forbidden_op"),
    ("POST", "/chatrooms/{chatroom_id}/admin", 403, "exceed_limit"),
    ("POST", "/chatrooms/{chatroom_id}/admin", 403, "forbidden_op"),
    (
        "DELETE",
        "/chatrooms/{chatroom_id}/admin/{username}",
        403,
        "forbidden_op",
    ),
    ("POST", "/chatrooms/{chatroom_id}/mute", 403, "forbidden_op"),
    ("POST", "/messages", 403, "forbidden_op"),
    ("POST", "/messages/chatgroups", 403, "forbidden_op"),
    ("POST", "/messages/chatgroups/users", 403, "forbidden_op"),
    ("POST", "/messages/chatrooms", 403, "forbidden_op"),
    ("POST", "/messages/chatrooms/users", 403, "forbidden_op"),
    ("POST", "/messages/users", 403, "forbidden_op"),
    (
        "PUT",
        "/metadata/chatroom/{chatroom_id}/user/{username}",
        400,
        "illegal_argument",
    ),
    (
        "DELETE",
        "/metadata/chatroom/{chatroom_id}/user/{username}",
        400,
        "illegal_argument",
    ),
    (
        "DELETE",
        "/metadata/chatroom/{chatroom_id}/user/{username}/forced",
        401,
        "MetadataException",
    ),
    ("POST", "/users/{username}/blocks/users", 403, "exceed_limit"),
];

/// The errors of all changes of a banned group or of its threads. The docs do not mention them.
const BANNED: &[(&str, (u16, &str))] = &[
    ("/chatgroups/", (403, "forbidden_op")),
    ("/metadata/chatgroup/", (403, "forbidden_op")),
    ("/thread", (403, "group_error")),
];

/// Panics if a response is not one that the OpenAPI document describes. `path` is the path below the base path.
pub fn check(method: &str, path: &str, status: u16, media_type: &str, body: &[u8]) {
    let document = document();
    let shown = || {
        let text = String::from_utf8_lossy(body);
        format!(
            "{method} {path}: {status} {media_type} {}",
            text.chars().take(2000).collect::<String>()
        )
    };
    let (template, operation) = operation(document, method, path).unzip();
    let responses = operation.map(|operation| &operation["responses"]);
    let exact = responses.map(|responses| resolve(document, &responses[status.to_string()]));
    let exact = exact.filter(|response| !response.is_null());
    if status < 400 {
        let response = exact.unwrap_or_else(|| panic!("the status is not documented: {}", shown()));
        let content = &response["content"][media_type];
        assert!(content.is_object(), "the content type is not documented: {}", shown());
        let schema = &content["schema"]["$ref"];
        if let Some(schema) = schema.as_str() {
            validate(&format!("{API}{schema}"), body, shown);
        }
        return;
    }
    let code = &*error_code(media_type, body, shown);
    let documented = exact.and_then(|response| response["x-error-codes"].as_array());
    let is_documented = documented.is_some_and(|codes| codes.iter().any(|known| known == code));
    let is_inferred = template.is_some_and(|template| INFERRED.contains(&(method, template, status, code)));
    let is_banned = method != "GET"
        && BANNED
            .iter()
            .any(|(prefix, banned)| path.starts_with(prefix) && (status, code) == *banned);
    assert!(
        is_documented || is_inferred || is_banned || GENERAL.contains(&(status, code)),
        "the error is not documented: {}",
        shown()
    );
}

/// Returns the code of an error response. Panics unless it has the form of one.
fn error_code(media_type: &str, body: &[u8], shown: impl Fn() -> String) -> String {
    assert_eq!(
        media_type,
        "application/json",
        "the content type is not documented: {}",
        shown()
    );
    validate(&format!("{API}#/components/schemas/ErrorResponse"), body, shown);
    let error: Value = serde_json::from_slice(body).unwrap_or_default();
    error["error"].as_str().unwrap_or_default().to_owned()
}

/// Panics unless a response is an error that the OpenAPI document describes for any operation.
pub fn check_simulated(status: u16, media_type: &str, body: &[u8]) {
    let shown = || format!("{status} {media_type} {}", String::from_utf8_lossy(body));
    let code = &*error_code(media_type, body, shown);
    let document = document();
    let paths = document["paths"]
        .as_object()
        .into_iter()
        .flat_map(|paths| paths.values());
    let mut operations = paths.filter_map(Value::as_object).flat_map(|path| path.values());
    let is_documented = operations.any(|operation| {
        let response = resolve(document, &operation["responses"][status.to_string()]);
        let mut codes = response["x-error-codes"].as_array().into_iter().flatten();
        codes.any(|known| known == code)
    });
    assert!(
        is_documented || GENERAL.contains(&(status, code)),
        "the error is not documented: {}",
        shown()
    );
}

/// Returns the operations of the OpenAPI document, as `SECTION-NAME` with hyphens instead of underscores.
pub fn operations() -> BTreeSet<String> {
    let paths = document()["paths"].as_object().expect("paths");
    let of_paths = paths
        .values()
        .filter_map(Value::as_object)
        .flat_map(|path| path.values());
    let mut operations = BTreeSet::new();
    for operation in of_paths.filter(|operation| operation["operationId"].is_string()) {
        let merged = operation["x-merged-operations"].as_array();
        let merged = merged.into_iter().flatten().map(|operation| &operation["id"]);
        let ids: Vec<_> = merged.filter_map(Value::as_str).collect();
        let id = operation["operationId"].as_str();
        let ids = if ids.is_empty() { id.into_iter().collect() } else { ids };
        operations.extend(ids.into_iter().map(|id| id.replace(['.', '_'], "-")));
    }
    operations
}

/// Panics if the body of a webhook is not as the document of webhooks describes it.
pub fn check_webhook(event: &str, body: &[u8]) {
    let body_of_event = &webhooks()["webhooks"][event]["post"]["requestBody"]["content"]["application/json"];
    let schema = body_of_event["schema"]["$ref"].as_str();
    let schema = schema.unwrap_or_else(|| panic!("the webhook {event} is not documented"));
    validate(&format!("{WEBHOOKS}{schema}"), body, || {
        format!("{event}: {}", String::from_utf8_lossy(body))
    });
}

fn validate(schema: &str, body: &[u8], shown: impl Fn() -> String) {
    let body: Value = serde_json::from_slice(body).unwrap_or_else(|error| panic!("{error}: {}", shown()));
    let errors: Vec<_> = validator(schema)
        .iter_errors(&body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?} in {}", shown());
}

fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| read("openapi.yaml"))
}

fn webhooks() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| read("webhooks.yaml"))
}

fn read(name: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/");
    let text = std::fs::read_to_string(folder.to_owned() + name).expect("the OpenAPI document exists");
    serde_yaml::from_str(&text).expect("the OpenAPI document is YAML")
}

fn resolve<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let pointer = value["$ref"].as_str().and_then(|link| link.strip_prefix('#'));
    pointer.map_or(value, |pointer| {
        document.pointer(pointer).expect("the reference resolves")
    })
}

/// Returns the path template and the operation of a request. Literal segments have priority over parameters.
fn operation<'d>(document: &'d Value, method: &str, path: &str) -> Option<(&'d str, &'d Value)> {
    let segments: Vec<_> = path.split('/').collect();
    let parameters = |template: &str| template.matches('{').count();
    let fits = |template: &str| {
        let parts: Vec<_> = template.split('/').collect();
        let fit = |(part, segment): (&&str, &&str)| part.starts_with('{') && !segment.is_empty() || part == segment;
        parts.len() == segments.len() && parts.iter().zip(&segments).all(fit)
    };
    let paths = document["paths"]
        .as_object()?
        .iter()
        .filter(|(template, _)| fits(template));
    let (template, best) = paths.min_by_key(|(template, _)| parameters(template))?;
    Some((template, best.get(method.to_lowercase())?))
}

fn validator(schema: &str) -> Arc<Validator> {
    static REGISTRY: OnceLock<Registry<'static>> = OnceLock::new();
    static VALIDATORS: OnceLock<Mutex<HashMap<String, Arc<Validator>>>> = OnceLock::new();
    let mut validators = VALIDATORS
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let make = || {
        let registry = REGISTRY.get_or_init(|| {
            let documents = [(API, document().clone()), (WEBHOOKS, webhooks().clone())];
            let registry = Registry::new().extend(documents).expect("valid URIs");
            registry.prepare().expect("a registry")
        });
        let options = jsonschema::options().with_registry(registry);
        let validator = options.build(&json!({"$ref": schema}));
        Arc::new(validator.expect("a valid schema"))
    };
    Arc::clone(validators.entry(schema.to_owned()).or_insert_with(make))
}
