//! From the raw model to the IR: everything is looked up, checked and named here, once.

mod api;
mod context;
mod crate_files;
mod diagram;
mod example;
mod flatten;
mod operation;
mod route;
mod scope;
mod types;
mod usage;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::{
    diagnostic::{Code, Diagnostic, Property},
    ir::{Api, Auth, BasePath, Field, Operation, OperationId, OperationResult, Presence, Section, Text, TypeDef},
    names::{self, Namespace},
    source::{SourceSet, Span},
    syntax::{Spec, decode::Str, key::FieldDecl, model, text::Localized},
};
use context::Shared;
use scope::{Scope, Sink, shorten};
use types::{Declared, Position};

/// Lowers a raw model. `known_languages` are those that the docs have interface strings for.
///
/// # Errors
///
/// Every mistake in the model.
pub fn lower(sources: &SourceSet, spec: &Spec, known_languages: &[&str]) -> Result<Api, Vec<Diagnostic>> {
    let mut sink = Sink::default();
    sink.unread.extend(spec.unread.iter().flat_map(|key| consequences(key)));
    match Lowering::new(sources, spec, known_languages, &mut sink).lower(&mut sink) {
        Some(api) if sink.diagnostics.is_empty() => Ok(api),
        _ => Err(sink.finish()),
    }
}

/// Mistakes that a value under this key that could not be read may be the reason of; the empty key stands for a whole file.
fn consequences(key: &str) -> Vec<Code> {
    match key {
        "" => {
            let all = Code::ALL.iter().copied();
            all.filter(|code| code.has(Property::Lookup)).collect()
        }
        "types" => vec![Code::UnknownType],
        "parameters" | "path" => vec![Code::UnknownParameter, Code::UndeclaredPlaceholder],
        "sections" => vec![Code::UnknownSection, Code::UnlistedSection],
        "operations" => vec![Code::UnknownOperation, Code::BadGrant],
        "errors" => vec![Code::UnknownError, Code::ExampleUnknown],
        "known" => vec![Code::UnknownError],
        "limits" | "buckets" => vec![Code::UnknownBucket],
        "paging" => vec![Code::UnknownPaging],
        "envelope" | "fields" => vec![Code::ExampleUnknown],
        _ => Vec::new(),
    }
}

/// A section whose file was found, in the order of the outputs.
struct Listed<'a> {
    name: &'a Str,
    content: &'a model::SectionFile,
}

struct Lowering<'a> {
    raw: &'a model::ApiFile,
    scope: Scope<'a>,
    sections: Vec<Listed<'a>>,
    declared: Declared<'a>,
}

/// An operation, what it refers to, and where it stands.
struct Lowered<'a> {
    key: &'a Str,
    raw: &'a model::Operation,
    operation: Operation,
    /// Whether its arguments and results were read without a mistake.
    sound: bool,
}

impl<'a> Lowering<'a> {
    fn new(sources: &'a SourceSet, spec: &'a Spec, known_languages: &[&str], sink: &mut Sink) -> Self {
        let raw = &spec.api;
        let languages = api::languages(raw, known_languages, sink);
        let parameters = scope::parameters(raw.parameters.as_ref(), sink);
        let languages_known = raw
            .languages
            .as_ref()
            .is_some_and(|given| !given.is_empty() && given.len() == languages.len());
        let scope = Scope {
            sources,
            languages,
            languages_known,
            parameters,
            flaws: &spec.flaws,
        };
        let sections = listed_sections(spec, sink);
        let own = sections
            .iter()
            .enumerate()
            .filter_map(|(index, section)| Some((index, section.content.types.as_ref()?)));
        let declared = Declared::collect(&spec.types, own, sink);
        Self {
            raw,
            scope,
            sections,
            declared,
        }
    }

    fn lower(&self, sink: &mut Sink) -> Option<Api> {
        let (raw, scope) = (self.raw, &self.scope);
        let (mut types, broken) = self.declared.lower(scope, sink);
        let mut base = self.base(sink);
        let errors = api::errors(raw.errors.as_ref(), scope, &self.declared, sink);
        let envelope = api::envelope(raw, scope, &self.declared, sink);
        let (default_limit, buckets) = api::limits(raw, scope, sink);
        let paging = api::paging(raw.paging.as_ref(), scope, sink);
        let shared = Shared {
            scope,
            declared: &self.declared,
            types: &types,
            broken: &broken,
            base: &base.segments,
            envelope: &envelope,
            errors: &errors,
            has_default_limit: default_limit.is_some(),
            buckets: &buckets,
            paging: &paging,
            authenticated: raw.auth.is_some(),
            token_header: raw
                .auth
                .as_ref()
                .and_then(|auth| Some(auth.header.as_ref()?.value.as_str())),
        };
        let mut lowered = self.operations(&shared, sink);
        let declared = self.operation_ids();
        resolve_successors(&mut lowered, &self.sections, &declared, sink);
        check_rows(&lowered, sink);
        let routes = route::group(
            with_ids(&lowered).map(|(id, one)| (id, &one.operation, one.key.span, one.sound)),
            sink,
        );
        let by_id = with_ids(&lowered)
            .map(|(id, one)| (one.operation.id.clone(), (id, one)))
            .collect();
        let mut auth = raw
            .auth
            .as_ref()
            .and_then(|auth| api::auth(auth, &by_id, &declared, &types, scope, sink));
        name_variables(&mut base, auth.as_mut());
        // While anything is wrong, what could not be read may be what uses a type or a parameter.
        let complete = sink.diagnostics.is_empty() && scope.flaws.is_empty();
        if complete {
            self.unused_parameters(sink);
        }
        let mut hidden = Sink::default();
        mark_types(
            &mut types,
            &lowered,
            &base,
            &envelope,
            &errors.fields,
            &self.declared,
            if complete { &mut *sink } else { &mut hidden },
        );
        let mut sections = self.section_list(lowered, sink);
        names::name_examples(&mut sections);
        let servers = api::servers(raw, scope, sink);
        let (server_type, server_setter) = self.server_names(sink)?;
        let modules: Vec<_> = sections.iter().map(|section| section.rust_module.as_str()).collect();
        let client_files = crate_files::files(scope.sources, &modules, sink);
        let text = |text: &Option<Localized>, sink: &mut Sink| {
            text.as_ref().map(|text| scope.text(text, sink)).unwrap_or_default()
        };
        Some(Api {
            name: raw
                .api
                .as_ref()
                .and_then(|name| sink.name(names::krate(&name.value), &name.value, name.span))?,
            version: self.version(sink)?,
            title: text(&raw.title, sink),
            about: text(&raw.about, sink),
            languages: scope.languages.clone(),
            servers,
            server_type,
            server_setter,
            base,
            auth,
            envelope,
            errors,
            default_limit,
            buckets,
            sections,
            types,
            routes,
            model: raw.model.as_ref().map(|model| diagram::model(model, scope, sink)),
            client_files,
            client_manifest: crate_files::manifest(scope.sources, sink),
        })
    }

    fn base(&self, sink: &mut Sink) -> BasePath {
        let Some(base) = &self.raw.base else {
            return BasePath {
                segments: Vec::new(),
                params: Vec::new(),
                variables: Vec::new(),
            };
        };
        let (mut params, mut arguments) = (Vec::new(), Namespace::default());
        for (name, span) in base.placeholders() {
            let Some(FieldDecl { key, line }) = self.scope.parameters.get(name) else {
                let message = format!("the placeholder `{{{name}}}` has no parameter");
                let known = self.scope.parameters.keys().copied();
                sink.report(Diagnostic::new(Code::UndeclaredPlaceholder, span, message).suggest(name, known));
                continue;
            };
            sink.used_parameters.insert(key.span);
            let rust = sink.name(names::base_parameter(&key.name.value), &key.name.value, key.span);
            let ty = line
                .ty
                .as_ref()
                .and_then(|ty| self.declared.resolve(ty, Position::Param, sink));
            let doc = self.scope.line_text(line, sink);
            if let (Some(rust), Some(ty)) = (rust, ty) {
                operation::declare_argument(&rust, key.span, &mut arguments, sink);
                params.push(Field {
                    wire: name.to_owned(),
                    aliases: Vec::new(),
                    rust,
                    ty,
                    presence: Presence::Required,
                    flatten: false,
                    doc,
                });
            }
        }
        BasePath {
            segments: base.to_segments(),
            params,
            variables: Vec::new(),
        }
    }

    /// The IDs of all operations, those with a mistake among them.
    fn operation_ids(&self) -> BTreeSet<String> {
        let of_section = |section: &Listed<'a>| -> Vec<String> {
            let operations = section.content.operations.iter().flatten();
            operations
                .map(|(key, _)| format!("{}.{}", section.name.value, key.value))
                .collect()
        };
        self.sections.iter().flat_map(of_section).collect()
    }

    /// Lowers the operations of every section; sections are independent of each other.
    fn operations(&self, shared: &Shared<'_>, sink: &mut Sink) -> Vec<Vec<Lowered<'a>>> {
        let lower_section = |section: &Listed<'a>| {
            let mut sink = Sink::default();
            let own = scope::parameters(section.content.parameters.as_ref(), &mut sink);
            let mut out = Vec::new();
            for (key, raw) in section.content.operations.iter().flatten() {
                let operation = operation::lower(&section.name.value, &own, key, raw, shared, &mut sink);
                out.extend(operation.map(|(operation, sound)| Lowered {
                    key,
                    raw,
                    operation,
                    sound,
                }));
            }
            (out, sink)
        };
        let done: Vec<_> = self.sections.par_iter().map(lower_section).collect();
        let mut out = Vec::new();
        for (section, (operations, found)) in self.sections.iter().zip(done) {
            check_items(section, &operations, &self.declared, sink);
            sink.absorb(found);
            out.push(operations);
        }
        out
    }

    fn unused_parameters(&self, sink: &mut Sink) {
        api::unused_parameters(self.raw.parameters.as_ref(), sink);
        for section in &self.sections {
            api::unused_parameters(section.content.parameters.as_ref(), sink);
        }
    }

    fn section_list(&self, lowered: Vec<Vec<Lowered<'a>>>, sink: &mut Sink) -> Vec<Section> {
        let mut out = Vec::new();
        for (listed, operations) in self.sections.iter().zip(lowered) {
            let text = |text: Option<&Localized>, sink: &mut Sink| -> Text {
                text.map(|text| self.scope.text(text, sink)).unwrap_or_default()
            };
            let title = text(listed.content.title.as_ref(), sink);
            let about = text(listed.content.about.as_ref(), sink);
            let key = &listed.name.value;
            let is_read_well = self.scope.flaws_in(listed.content.extent) == 0;
            if is_read_well && listed.content.operations.as_ref().is_some_and(Vec::is_empty) {
                let message = format!("the section `{key}` has no operation");
                sink.report(Diagnostic::new(Code::MissingKey, listed.name.span, message));
            }
            out.push(Section {
                key: key.clone(),
                rust_module: key.clone(),
                rust_type: names::camel(key).unwrap_or_default(),
                title,
                about,
                operations: operations.into_iter().map(|one| one.operation).collect(),
            });
        }
        out
    }

    fn server_names(&self, sink: &mut Sink) -> Option<(String, String)> {
        match &self.raw.server_type {
            None => names::server_type(names::SERVER_TYPE).ok(),
            Some(name) => sink.name(names::server_type(&name.value), &name.value, name.span),
        }
    }

    fn version(&self, sink: &mut Sink) -> Option<String> {
        let version = self.raw.version.as_ref()?;
        let parts: Vec<_> = version.value.split('.').collect();
        let number = |part: &str| !part.is_empty() && part.len() <= 9 && part.bytes().all(|b| b.is_ascii_digit());
        if parts.len() == 3 && parts.iter().copied().all(number) {
            return Some(version.value.clone());
        }
        let message = format!("`{}` is no version of a crate", shorten(&version.value));
        sink.report(Diagnostic::new(Code::BadValue, version.span, message).help("write three numbers: `0.1.0`"));
        None
    }
}

/// Names the shell variables of samples.
fn name_variables(base: &mut BasePath, auth: Option<&mut Auth>) {
    let grant = auth.and_then(|auth| auth.grant.as_mut());
    let credentials = grant.as_ref().map_or(&[][..], |grant| &grant.credentials);
    let (of_base, of_grant) = names::shell_variables(&base.params, credentials);
    base.variables = of_base;
    if let Some(grant) = grant {
        grant.variables = of_grant;
    }
}

/// The sections that `api.yaml` lists, each with its file; reports the others.
fn listed_sections<'a>(spec: &'a Spec, sink: &mut Sink) -> Vec<Listed<'a>> {
    let mut out: Vec<Listed<'a>> = Vec::new();
    for name in spec.api.sections.iter().flatten() {
        if sink.name(names::section(&name.value), &name.value, name.span).is_none() {
            continue;
        }
        let Some(file) = spec.sections.iter().find(|section| section.name == name.value) else {
            let message = format!("there is no file `sections/{}.yaml`", name.value);
            let known = spec.sections.iter().map(|section| section.name.as_str());
            sink.report(Diagnostic::new(Code::UnknownSection, name.span, message).suggest(&name.value, known));
            continue;
        };
        if let Some(first) = out.iter().find(|listed| listed.name.value == name.value) {
            let message = format!("the section `{}` is listed twice", name.value);
            sink.report(Diagnostic::new(Code::DuplicateKey, name.span, message).related(first.name.span, "first time"));
            continue;
        }
        out.extend(file.content.as_ref().map(|content| Listed { name, content }));
    }
    let is_listed = |name: &str| spec.api.sections.iter().flatten().any(|listed| listed.value == name);
    for section in spec
        .sections
        .iter()
        .filter(|section| spec.api.sections.is_some() && !is_listed(&section.name))
    {
        let span = Span {
            file: section.file,
            start: 0,
            end: 0,
        };
        let message = format!("the section `{}` is not listed in `api.yaml`", shorten(&section.name));
        sink.report(
            Diagnostic::new(Code::UnlistedSection, span, message)
                .help("add it to `sections`, where it stands in the outputs"),
        );
    }
    out
}

fn with_ids<'l, 'a>(lowered: &'l [Vec<Lowered<'a>>]) -> impl Iterator<Item = (OperationId, &'l Lowered<'a>)> {
    lowered.iter().enumerate().flat_map(|(section, operations)| {
        let id = move |operation| OperationId { section, operation };
        operations
            .iter()
            .enumerate()
            .map(move |(operation, one)| (id(operation), one))
    })
}

/// Reports items of the module of a section that have the same name: its handle, its requests and their results. The handle
/// has the name of no declared type either, since those are imported there.
fn check_items(section: &Listed<'_>, operations: &[Lowered<'_>], declared: &Declared<'_>, sink: &mut Sink) {
    let Ok(handle) = names::camel(&section.name.value) else {
        return;
    };
    let key = &section.name.value;
    if let Some(span) = declared.declaration(&handle) {
        let message = format!("the section `{key}` generates the type `{handle}`, which is declared already");
        let diagnostic = Diagnostic::new(Code::NameCollision, section.name.span, message);
        sink.report(
            diagnostic
                .related(span, "declared here")
                .help("rename the section or the declared type"),
        );
    }
    let mut items = Namespace::default();
    let mut declare = |name: &str, span: Span| {
        if let Err(first) = items.declare(name, span) {
            let message = format!("the section `{key}` has two items that are called `{name}` in Rust");
            let diagnostic = Diagnostic::new(Code::NameCollision, span, message);
            sink.report(diagnostic.related(first, "the other one").help("rename one of them"));
        }
    };
    declare(&handle, section.name.span);
    for Lowered { key, operation, .. } in operations {
        declare(&operation.rust_type, key.span);
        if let OperationResult::Parts { rust_type, .. } = &operation.result {
            declare(rust_type, key.span);
        }
    }
}

fn resolve_successors(
    lowered: &mut [Vec<Lowered<'_>>],
    sections: &[Listed<'_>],
    declared: &BTreeSet<String>,
    sink: &mut Sink,
) {
    let ids: BTreeMap<String, OperationId> = with_ids(lowered)
        .map(|(id, one)| (one.operation.id.clone(), id))
        .collect();
    for (listed, operations) in sections.iter().zip(lowered) {
        for one in operations {
            for name in one.raw.superseded_by.iter().flatten() {
                let full = format!("{}.{}", listed.name.value, name.value);
                let Some(id) = ids.get(&full).or_else(|| ids.get(&name.value)) else {
                    if declared.contains(&full) || declared.contains(&name.value) {
                        continue;
                    }
                    let message = format!("there is no operation `{}`", shorten(&name.value));
                    let prefix = format!("{}.", listed.name.value);
                    let known = declared.iter().map(|id| id.strip_prefix(&prefix).unwrap_or(id));
                    let diagnostic = Diagnostic::new(Code::UnknownOperation, name.span, message);
                    let diagnostic = sink.suggest(diagnostic, &name.value, known);
                    sink.report(diagnostic);
                    continue;
                };
                one.operation.superseded_by.push(*id);
            }
        }
    }
}

fn check_rows(lowered: &[Vec<Lowered<'_>>], sink: &mut Sink) {
    let mut seen: BTreeMap<i64, Span> = BTreeMap::new();
    for (_, one) in with_ids(lowered) {
        let Some(row) = &one.raw.row else { continue };
        if u32::try_from(row.value).is_err() || row.value == 0 {
            sink.report(Diagnostic::new(Code::BadValue, row.span, "rows are counted from 1"));
        } else if let Some(first) = seen.insert(row.value, row.span) {
            let message = format!("row {} is claimed twice", row.value);
            sink.report(Diagnostic::new(Code::DuplicateRow, row.span, message).related(first, "first claimed here"));
        }
    }
}

#[allow(
    clippy::too_many_arguments,
    reason = "they are everything that a type can be used by"
)]
fn mark_types(
    types: &mut [TypeDef],
    lowered: &[Vec<Lowered<'_>>],
    base: &BasePath,
    envelope: &[Field],
    errors: &[Field],
    declared: &Declared<'_>,
    sink: &mut Sink,
) {
    let mut roots = usage::Roots::default();
    base.params.iter().for_each(|param| roots.add_request(&param.ty));
    envelope
        .iter()
        .chain(errors)
        .for_each(|field| roots.add_response(&field.ty));
    with_ids(lowered).for_each(|(_, one)| roots.add(&one.operation));
    usage::mark(types, &roots, declared, sink);
}
