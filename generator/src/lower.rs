//! Lowers the raw model to the IR: resolves, checks and names everything, once.

mod api;
mod context;
mod crate_files;
mod diagram;
mod example;
mod flatten;
mod grant;
mod operation;
mod route;
mod scope;
mod sections;
mod types;
mod usage;
mod value;

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::{
    diagnostic::{Code, Diagnostic, Property},
    ir::{Api, BasePath, Bucket, Errors, Field, Rate, TypeDef},
    names::{self, ShellVariables},
    source::SourceSet,
    syntax::{Spec, model},
};
use context::{PagingStyle, Shared};
use scope::{Scope, Sink};
use sections::{Listed, Lowered, OperationName, check_rows, with_ids};
use types::{Declared, TypeDraft};

/// Lowers a raw model. `known_languages` are the languages in which the docs have interface strings.
///
/// # Errors
///
/// Returns every diagnostic about the model.
pub fn lower(sources: &SourceSet, spec: &Spec, known_languages: &[&str]) -> Result<Api, Vec<Diagnostic>> {
    let mut sink = Sink::default();
    sink.unread.extend(spec.unread.iter().flat_map(|key| consequences(key)));
    let scope = api::scope(sources, spec, known_languages, &mut sink);
    match Lowering::new(spec, &scope, &mut sink).lower(&mut sink) {
        Some(api) if sink.diagnostics.is_empty() => Ok(api),
        _ => Err(sink.finish()),
    }
}

/// Returns the codes to suppress when the value of `key` failed to parse, because they may be mere consequences of it. An empty
/// key stands for a whole file.
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

struct Lowering<'a> {
    raw: &'a model::ApiFile,
    scope: &'a Scope<'a>,
    sections: Vec<Listed<'a>>,
    declared: Declared<'a>,
}

/// Declarations that apply to all operations.
struct Stated {
    base: BasePath,
    errors: Errors,
    envelope: Vec<Field>,
    default_limit: Option<Rate>,
    buckets: Vec<Bucket>,
    paging: Vec<PagingStyle>,
}

impl<'a> Lowering<'a> {
    fn new(spec: &'a Spec, scope: &'a Scope<'a>, sink: &mut Sink) -> Self {
        let sections = sections::listed(spec, sink);
        let own = sections
            .iter()
            .enumerate()
            .filter_map(|(index, section)| Some((index, section.content.types.as_ref()?)));
        let declared = Declared::collect(&spec.types, own, scope, sink);
        Self {
            raw: &spec.api,
            scope,
            sections,
            declared,
        }
    }

    fn lower(&self, sink: &mut Sink) -> Option<Api> {
        let (raw, scope) = (self.raw, self.scope);
        let (types, broken) = self.declared.lower(sink);
        let mut variables = ShellVariables::default();
        let stated = self.stated(&mut variables, sink);
        let names = sections::operation_names(&self.sections);
        let shared = self.shared(&stated, &types, &broken, &names);
        let lowered = self.operations(&shared, sink);
        check_rows(&lowered, sink);
        let routes = route::group(with_ids(&lowered), sink);
        let raw_auth = raw.auth.as_ref();
        let raw_grant = raw_auth.and_then(|auth| auth.grant.as_ref());
        let grant = raw_grant.and_then(|grant| grant::lower(grant, &shared, &lowered, &mut variables, sink));
        let auth = raw_auth.and_then(|auth| api::auth(auth, grant, scope, sink));
        let types = self.used_types(types, &lowered, &stated, sink);
        let sections = sections::lower(&self.sections, lowered, scope, sink);
        let servers = api::servers(raw, scope, sink);
        let (server_type, server_setter) = api::server_names(raw, sink)?;
        let modules: Vec<_> = sections.iter().map(|section| section.rust_module.as_str()).collect();
        let client_files = crate_files::files(scope.sources, &modules, sink);
        let name = raw.api.as_ref();
        Some(Api {
            name: name.and_then(|name| sink.name(names::krate(&name.value), &name.value, name.span))?,
            version: api::version(raw, sink)?,
            title: scope.required_text(raw.title.as_ref(), sink),
            about: scope.required_text(raw.about.as_ref(), sink),
            languages: scope.languages.clone(),
            servers,
            server_type,
            server_setter,
            base: stated.base,
            auth,
            envelope: stated.envelope,
            errors: stated.errors,
            default_limit: stated.default_limit,
            buckets: stated.buckets,
            sections,
            types,
            routes,
            model: raw.model.as_ref().map(|model| diagram::model(model, scope, sink)),
            client_files,
            client_manifest: crate_files::manifest(scope.sources, sink),
        })
    }

    fn stated(&self, variables: &mut ShellVariables, sink: &mut Sink) -> Stated {
        let (raw, scope, declared) = (self.raw, self.scope, &self.declared);
        let base = api::base(raw, scope, declared, variables, sink);
        let errors = api::errors(raw.errors.as_ref(), scope, declared, sink);
        let envelope = api::envelope(raw, declared, sink);
        let (default_limit, buckets) = api::limits(raw, scope, sink);
        let paging = api::paging(raw.paging.as_ref(), scope, sink);
        Stated {
            base,
            errors,
            envelope,
            default_limit,
            buckets,
            paging,
        }
    }

    fn shared<'s>(
        &'s self,
        stated: &'s Stated,
        types: &'s [TypeDraft],
        broken: &'s [bool],
        operations: &'s BTreeMap<String, OperationName>,
    ) -> Shared<'s> {
        let auth = self.raw.auth.as_ref();
        Shared {
            scope: self.scope,
            declared: &self.declared,
            types,
            broken,
            base: &stated.base.segments,
            envelope: &stated.envelope,
            errors: &stated.errors,
            has_default_limit: stated.default_limit.is_some(),
            buckets: &stated.buckets,
            paging: &stated.paging,
            operations,
            authenticated: auth.is_some(),
            token_header: auth.and_then(|auth| Some(auth.header.as_ref()?.value.as_str())),
        }
    }

    /// Completes types with the facts derived from their uses, and reports unused types and parameters. Nothing is reported if
    /// there are other diagnostics: a part of the spec that failed to parse may be the only use.
    fn used_types(
        &self,
        types: Vec<TypeDraft>,
        lowered: &[Vec<Lowered<'a>>],
        stated: &Stated,
        sink: &mut Sink,
    ) -> Vec<TypeDef> {
        let mut roots = usage::Roots::default();
        stated.base.params.iter().for_each(|param| roots.add_request(&param.ty));
        let fields = stated.envelope.iter().chain(&stated.errors.fields);
        fields.for_each(|field| roots.add_response(&field.ty));
        for Lowered { operation, .. } in lowered.iter().flatten() {
            roots.add(&operation.inputs, &operation.result, operation.records.as_ref());
        }
        let types = usage::finish(types, &roots);
        if sink.diagnostics.is_empty() && self.scope.syntax_errors.is_empty() {
            self.unused_parameters(sink);
            usage::report_unused(&types, &self.declared, sink);
        }
        types
    }

    /// Lowers the operations of all sections in parallel.
    fn operations(&self, shared: &Shared<'_>, sink: &mut Sink) -> Vec<Vec<Lowered<'a>>> {
        let lower_section = |section: &Listed<'a>| {
            let mut sink = Sink::default();
            let own = scope::parameters(section.content.parameters.as_ref(), &mut sink);
            let mut out = Vec::new();
            for (key, raw) in section.content.operations.iter().flatten() {
                let operation = operation::lower(&section.name.value, &own, key, raw, shared, &mut sink);
                out.extend(operation);
            }
            (out, sink)
        };
        let done: Vec<_> = self.sections.par_iter().map(lower_section).collect();
        let mut out = Vec::new();
        for (section, (operations, found)) in self.sections.iter().zip(done) {
            sections::check_items(section, &operations, &self.declared, sink);
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
}
