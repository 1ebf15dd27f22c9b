//! The servers of the API. Their URLs include the base path.

use indexmap::IndexMap;

use super::document::{Server, ServerVariable};
use super::schemas::Schemas;
use crate::ir::{self, Field, Json, template};

/// The variable for the host.
const HOST: &str = "host";

/// Returns one server with a variable for the host if the URLs differ only in the host, otherwise one server per URL.
pub(super) fn servers(schemas: &Schemas<'_>) -> Vec<Server> {
    let api = schemas.api;
    let base = template(&api.base.segments);
    let params: IndexMap<String, ServerVariable> = api
        .base
        .params
        .iter()
        .map(|param| (param.wire.clone(), base_variable(schemas, param)))
        .collect();
    let urls: Vec<(&ir::Server, &str)> = api
        .servers
        .iter()
        .flat_map(|server| server.urls().map(move |url| (server, url)))
        .collect();
    if urls.len() > 1
        && let Some((scheme, hosts)) = common_scheme(&urls)
        && !params.contains_key(HOST)
    {
        let host = host_variable(schemas, &hosts);
        return vec![Server {
            url: format!("{scheme}://{{{HOST}}}{base}"),
            description: String::new(),
            variables: std::iter::once((HOST.to_owned(), host)).chain(params).collect(),
        }];
    }
    urls.iter()
        .map(|(server, url)| Server {
            url: format!("{url}{base}"),
            description: schemas.text(&server.doc),
            variables: params.clone(),
        })
        .collect()
}

/// Returns the common scheme of the URLs and their hosts. `None` if the schemes differ or a URL has a path.
fn common_scheme<'a>(urls: &[(&'a ir::Server, &'a str)]) -> Option<(&'a str, Vec<(&'a ir::Server, &'a str)>)> {
    let mut common = None;
    let mut hosts = Vec::new();
    for (server, url) in urls {
        let (scheme, host) = url.split_once("://")?;
        if host.contains('/') || *common.get_or_insert(scheme) != scheme {
            return None;
        }
        hosts.push((*server, host));
    }
    Some((common?, hosts))
}

fn host_variable(schemas: &Schemas<'_>, hosts: &[(&ir::Server, &str)]) -> ServerVariable {
    let colon = &schemas.words.colon;
    let lines: Vec<String> = hosts
        .iter()
        .map(|(server, host)| format!("- `{host}`{colon}{}", schemas.text(&server.doc)))
        .collect();
    ServerVariable {
        values: hosts.iter().map(|(_, host)| (*host).to_owned()).collect(),
        default: hosts.first().map(|(_, host)| (*host).to_owned()).unwrap_or_default(),
        description: lines.join("\n"),
    }
}

/// Returns the variable for a parameter of the base path.
///
/// `OpenAPI` requires a default. If the parameter has none, its name serves as a placeholder.
fn base_variable(schemas: &Schemas<'_>, param: &Field) -> ServerVariable {
    let default = param.default().map(|value| match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    });
    ServerVariable {
        values: Vec::new(),
        default: default.unwrap_or_else(|| param.wire.replace('_', "")),
        description: schemas.text(&param.doc),
    }
}
