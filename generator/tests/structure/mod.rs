//! Finds what a compiler or a browser would reject in the outputs, without running either: Rust files that do not parse, duplicate
//! items in a scope, duplicate anchors on a page, duplicate operation ids in a document.

use std::collections::BTreeSet;

use syn::{Fields, FnArg, ImplItem, Item, Pat, Type, UseTree};

/// Hand-written files, which are the same for every spec. They are skipped,
/// since only a compiler evaluates their `cfg`s.
const HAND_WRITTEN: [&str; 3] = ["client/src/runtime", "client/tests/support", "client/examples"];

/// Returns the problems of files, given by path and content.
pub fn problems<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Vec<String> {
    let mut out = Vec::new();
    for (path, contents) in files {
        if HAND_WRITTEN.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        let found = match path.rsplit_once('.') {
            Some((_, "rs")) => in_rust(contents),
            Some((_, "md")) => repeated(values(contents, "id=\"", "\"")),
            Some((_, "yaml")) => repeated(values(contents, "operationId: ", "\n")),
            _ => Vec::new(),
        };
        out.extend(found.into_iter().map(|problem| format!("{path}: {problem}")));
    }
    out
}

/// Returns the texts between each `before` and the next `after`.
fn values<'t>(text: &'t str, before: &'t str, after: &'t str) -> impl Iterator<Item = String> + 't {
    let parts = text.split(before).skip(1);
    parts.filter_map(move |part| part.split(after).next().map(str::to_owned))
}

/// Returns a problem for each duplicate name.
fn repeated(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let duplicates = names.into_iter().filter(|name| !seen.insert(name.clone()));
    duplicates.map(|name| format!("duplicate `{name}`")).collect()
}

fn in_rust(code: &str) -> Vec<String> {
    match syn::parse_file(code) {
        Ok(file) => in_items(&file.items),
        Err(error) => vec![format!("does not parse as Rust: {error}")],
    }
}

/// The names of a scope. Types and values have separate namespaces; an import with a lower-case name counts as both.
#[derive(Default)]
struct Scope {
    types: Vec<String>,
    values: Vec<String>,
}

fn in_items(items: &[Item]) -> Vec<String> {
    let mut scope = Scope::default();
    let (mut problems, mut methods) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Item::Struct(item) => {
                scope.types.push(item.ident.to_string());
                if let Fields::Named(fields) = &item.fields {
                    let names = fields.named.iter().filter_map(|field| field.ident.as_ref());
                    problems.extend(repeated(names.map(ToString::to_string)));
                }
            }
            Item::Enum(item) => {
                scope.types.push(item.ident.to_string());
                problems.extend(repeated(item.variants.iter().map(|variant| variant.ident.to_string())));
            }
            Item::Mod(item) => {
                scope.types.push(item.ident.to_string());
                problems.extend(item.content.iter().flat_map(|(_, items)| in_items(items)));
            }
            Item::Fn(item) => {
                scope.values.push(item.sig.ident.to_string());
                problems.extend(in_arguments(item.sig.inputs.iter()));
            }
            Item::Const(item) => scope.values.push(item.ident.to_string()),
            Item::Static(item) => scope.values.push(item.ident.to_string()),
            Item::Use(item) => import(&item.tree, &mut scope),
            Item::Impl(item) if item.trait_.is_none() => {
                for inner in &item.items {
                    if let ImplItem::Fn(method) = inner {
                        methods.push(format!("{}::{}", path(&item.self_ty), method.sig.ident));
                        problems.extend(in_arguments(method.sig.inputs.iter()));
                    }
                }
            }
            _ => {}
        }
    }
    problems.extend(repeated(scope.types));
    problems.extend(repeated(scope.values));
    problems.extend(repeated(methods));
    problems
}

fn in_arguments<'a>(inputs: impl Iterator<Item = &'a FnArg>) -> Vec<String> {
    let names = inputs.filter_map(|input| match input {
        FnArg::Typed(input) => match &*input.pat {
            Pat::Ident(name) => Some(name.ident.to_string()),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    });
    repeated(names)
}

fn import(tree: &UseTree, scope: &mut Scope) {
    match tree {
        UseTree::Path(path) => match &*path.tree {
            UseTree::Group(group) => {
                for tree in &group.items {
                    match tree {
                        UseTree::Name(name) if name.ident == "self" => scope.types.push(path.ident.to_string()),
                        tree => import(tree, scope),
                    }
                }
            }
            tree => import(tree, scope),
        },
        UseTree::Group(group) => group.items.iter().for_each(|tree| import(tree, scope)),
        UseTree::Name(name) => imported(name.ident.to_string(), scope),
        UseTree::Rename(rename) if rename.rename != "_" => imported(rename.rename.to_string(), scope),
        _ => {}
    }
}

fn imported(name: String, scope: &mut Scope) {
    if name.starts_with(|c: char| c.is_ascii_lowercase()) {
        scope.values.push(name.clone());
    }
    scope.types.push(name);
}

/// Returns the path of a type without generic arguments.
fn path(ty: &Type) -> String {
    match ty {
        Type::Path(ty) => {
            let segments: Vec<_> = ty
                .path
                .segments
                .iter()
                .map(|segment| segment.ident.to_string())
                .collect();
            segments.join("::")
        }
        _ => String::new(),
    }
}
