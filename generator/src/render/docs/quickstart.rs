//! The shortest way to a first response: variables, a token and a call, to be copied into a shell.

use serde::Serialize;

use super::markdown::Md;
use super::words::Words;
use crate::ir::{Api, Auth, Example, ExampleResponse, Field, Grant, Json, Location, Method, Operation, OperationId};
use crate::render::samples::{self, base_path, single_quotable};

#[derive(Serialize)]
pub(super) struct Quickstart {
    /// The variables that the reader fills in.
    variables: Md,
    /// Commands that obtain a token, if the API declares how.
    token: Option<Md>,
    token_operation: Option<Md>,
    operation: Md,
    call: Md,
    response: Md,
}

impl Quickstart {
    /// Returns `None` if every operation requires arguments.
    pub(super) fn new(words: Words<'_>) -> Option<Self> {
        let api = words.site.api;
        let (id, example) = first_call(api)?;
        let ExampleResponse::Json(response) = &example.response else {
            return None;
        };
        let auth = api.auth.as_ref().filter(|_| api.operation(id).authenticated);
        let grant = auth.and_then(|auth| auth.grant.as_ref());
        Some(Self {
            variables: Md::fence("sh", &variables(api, auth)),
            token: grant.map(|grant| Md::fence("sh", &token(api, grant))),
            token_operation: grant.map(|grant| words.operation_link(grant.operation)),
            operation: words.operation_link(id),
            call: Md::fence("sh", &samples::CURL.sample(api, id, example)),
            response: Md::fence("json", &format!("{response:#}")),
        })
    }
}

/// Returns the first `GET` operation that requires no arguments, and its first successful example.
fn first_call(api: &Api) -> Option<(OperationId, &Example)> {
    let is_easy = |operation: &Operation| {
        operation.method == Method::Get
            && operation.authenticated == api.auth.is_some()
            && operation.superseded_by.is_empty()
            && operation.required_inputs().next().is_none()
    };
    let is_shown = |example: &&Example| example.status < 300 && matches!(example.response, ExampleResponse::Json(_));
    let mut easy = api.operations().filter(|(_, operation)| is_easy(operation));
    easy.find_map(|(id, operation)| Some((id, operation.examples.iter().find(is_shown)?)))
}

/// Returns the commands that set the variables of the samples to placeholders.
fn variables(api: &Api, auth: Option<&Auth>) -> String {
    let host = api.servers.first().map_or("", |server| &server.url);
    let named = |variables: &[String], names: Vec<&String>| -> String {
        let exports = variables.iter().zip(names).map(|(variable, name)| {
            let value = name.replace('_', "-");
            format!("export {variable}='your-{value}'\n")
        });
        exports.collect()
    };
    let base = api.base.params.iter().map(|param| &param.rust).collect();
    let values = named(&api.base.variables, base);
    let secrets = match auth.map(|auth| &auth.grant) {
        Some(Some(grant)) => {
            let credentials = grant.credentials.iter().map(|field| &field.rust).collect();
            named(&grant.variables, credentials)
        }
        Some(None) => "export TOKEN='your-token'\n".to_owned(),
        None => String::new(),
    };
    format!("export HOST='{host}'\n{values}{secrets}")
}

/// Returns the commands that set `$TOKEN`, or print the response if it contains no token.
fn token(api: &Api, grant: &Grant) -> String {
    let operation = api.operation(grant.operation);
    let body: Vec<String> = operation
        .inputs_in(Location::Body)
        .filter_map(|(_, field)| entry(grant, field))
        .collect();
    format!(
        "RESPONSE=$(curl -sS -X {} \"$HOST{}{}\" \\\n  -H 'Content-Type: application/json' \\\n  -d '{{{}}}')\n\
         export TOKEN=\"$(printf '%s\\n' \"$RESPONSE\" | sed -n 's/.*{} *: *\"\\([^\"]*\\)\".*/\\1/p')\"\n\
         [ -n \"$TOKEN\" ] || echo \"$RESPONSE\"\n",
        operation.method.as_str(),
        base_path(api),
        operation.path_template(),
        body.join(","),
        single_quotable(&pattern(&json(&grant.token.wire))),
    )
}

/// Returns a field of the body for use within single quotes: a constant as its value, a credential as its variable.
fn entry(grant: &Grant, field: &Field) -> Option<String> {
    let mut credentials = grant.credentials.iter().zip(&grant.variables);
    let value = match (
        field.constant(),
        credentials.find(|(credential, _)| credential.wire == field.wire),
    ) {
        (Some(word), _) => single_quotable(&json(word)),
        // The shell expands no variables within single quotes, so they are closed and opened again.
        (_, Some((_, variable))) => format!("\"'\"${variable}\"'\""),
        _ => return None,
    };
    Some(format!("{}:{value}", single_quotable(&json(&field.wire))))
}

fn json(text: &str) -> String {
    Json::from(text).to_string()
}

/// Escapes a text for use in a regular expression.
fn pattern(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        if matches!(c, '\\' | '.' | '*' | '[' | ']' | '^' | '$' | '/') {
            out.push('\\');
        }
        out.push(c);
        out
    })
}
