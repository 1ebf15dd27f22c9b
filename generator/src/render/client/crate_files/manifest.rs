//! The manifest and the README, from templates.

use std::collections::BTreeMap;

use minijinja::{Value, context};

use super::selection::Selection;
use crate::ir::Api;
use crate::render::rust::crate_template::{self, one_line};

const MANIFEST: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../templates/client/Cargo.toml.j2"
));
const README: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../templates/client/README.md.j2"));

/// Renders the manifest.
pub(super) fn manifest(api: &Api, selection: &Selection) -> String {
    template_file(api, selection, MANIFEST)
}

/// Renders the README, unless the spec has one.
pub(super) fn readme(api: &Api, selection: &Selection) -> Option<String> {
    (!api.client.has_file("README.md")).then(|| template_file(api, selection, README))
}

fn template_file(api: &Api, selection: &Selection, source: &str) -> String {
    let builder_arguments: Vec<_> = api
        .base
        .params
        .iter()
        .map(|param| format!("\"my-{}\"", param.rust.replace('_', "-")))
        .collect();
    let values = context! {
        name => &api.name,
        version => &api.version,
        title => api.title.get(0),
        description => one_line(api.title.get(0)),
        about => api.about.get(0),
        server_type => &api.server_type,
        server_setter => &api.server_setter,
        server_variant => &api.servers[0].rust_variant,
        builder_arguments => builder_arguments.join(", "),
        credentials => api.auth.as_ref().and_then(|auth| auth.grant.as_ref()).is_some(),
        authenticated => api.auth.is_some(),
        examples => programs(api, "examples/"),
        benches => programs(api, "benches/"),
        uses => selection.all().collect::<BTreeMap<_, _>>(),
        own => crate_template::entries(&api.client),
    };
    crate_template::render(source, values)
}

/// Returns the programs in a folder of the crate, sorted by name. Each is a file, or a folder with a `main.rs`.
fn programs(api: &Api, folder: &str) -> Vec<Value> {
    let files = api.client.files.iter();
    let programs = files.filter_map(|(path, text)| {
        let path = path.strip_prefix(folder)?.strip_suffix(".rs")?;
        let name = path.strip_suffix("/main").unwrap_or(path);
        (!name.contains('/')).then(|| (name.to_owned(), features(text)))
    });
    let programs: BTreeMap<_, _> = programs.collect();
    let programs = programs.into_iter();
    programs
        .map(|(name, features)| context! { name => name, features => features })
        .collect()
}

/// Returns the features that a program requires. Default: `client`. A line such as `// Features: blocking` or
/// `// Features: none` sets others.
fn features(text: &str) -> Vec<String> {
    match text.lines().find_map(|line| line.strip_prefix("// Features: ")) {
        None => vec!["client".to_owned()],
        Some("none") => Vec::new(),
        Some(names) => names.split(", ").map(str::to_owned).collect(),
    }
}
