//! Where the API is served from, base path included.

use indexmap::IndexMap;

use super::document::{Server, ServerVariable};
use super::schemas::Schemas;
use crate::ir::{self, Json, Param, template};

/// The variable of the host.
const HOST: &str = "host";

/// One server with a variable for the host where hosts are all that differs, else one for each.
pub(super) fn servers(schemas: &Schemas<'_>) -> Vec<Server> {
    let api = schemas.api;
    let base = template(&api.base.segments);
    let params: IndexMap<String, ServerVariable> = api
        .base
        .params
        .iter()
        .map(|param| (param.wire.clone(), base_variable(schemas, param)))
        .collect();
    match api.servers.as_slice() {
        several @ [_, _, ..] => {
            if let Some((scheme, hosts)) = common_scheme(several)
                && !params.contains_key(HOST)
            {
                let host = host_variable(schemas, several, &hosts);
                let variables = std::iter::once((HOST.to_owned(), host)).chain(params).collect();
                let url = format!("{scheme}://{{{HOST}}}{base}");
                return vec![Server {
                    url,
                    description: String::new(),
                    variables,
                }];
            }
            several
                .iter()
                .map(|server| single(schemas, server, &base, &params))
                .collect()
        }
        few => few
            .iter()
            .map(|server| single(schemas, server, &base, &params))
            .collect(),
    }
}

fn single(
    schemas: &Schemas<'_>,
    server: &ir::Server,
    base: &str,
    variables: &IndexMap<String, ServerVariable>,
) -> Server {
    Server {
        url: format!("{}{base}", server.url),
        description: schemas.text(&server.doc),
        variables: variables.clone(),
    }
}

/// The scheme that all servers share, and their hosts, if they have nothing else.
fn common_scheme(servers: &[ir::Server]) -> Option<(&str, Vec<&str>)> {
    let mut common = None;
    let mut hosts = Vec::new();
    for server in servers {
        let (scheme, host) = server.url.split_once("://")?;
        if host.contains('/') || *common.get_or_insert(scheme) != scheme {
            return None;
        }
        hosts.push(host);
    }
    Some((common?, hosts))
}

fn host_variable(schemas: &Schemas<'_>, servers: &[ir::Server], hosts: &[&str]) -> ServerVariable {
    let colon = schemas.words.colon;
    let lines: Vec<String> = servers
        .iter()
        .zip(hosts)
        .map(|(server, host)| format!("- `{host}`{colon}{}", schemas.text(&server.doc)))
        .collect();
    ServerVariable {
        values: hosts.iter().map(|host| (*host).to_owned()).collect(),
        default: hosts.first().map(|host| (*host).to_owned()).unwrap_or_default(),
        description: lines.join("\n"),
    }
}

/// A variable must have a default, which for most parameters of a base path can only be a stand-in.
fn base_variable(schemas: &Schemas<'_>, param: &Param) -> ServerVariable {
    let given = param.default.as_ref().map(|value| match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    });
    ServerVariable {
        values: Vec::new(),
        default: given.unwrap_or_else(|| param.wire.replace('_', "")),
        description: schemas.text(&param.doc),
    }
}
