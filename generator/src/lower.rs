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
mod webhooks;

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::{
    diagnostic::{Code, Diagnostic, Property},
    ir::{Api, BasePath, Bucket, Edition, Errors, Field, Home, Rate, TypeDef, Webhooks},
    names::{self, ShellVariables},
    source::SourceSet,
    syntax::{Spec, decode::Str, model},
};
use context::{PagingStyle, Shared};
use scope::{Reporter, Scope};
use sections::{List, Listed, Lowered, OperationName, check_rows, with_ids};
use types::{Declared, TypeDraft};
use webhooks::EventContext;

/// Lowers a raw model. `known_languages` are the languages in which the docs have interface strings.
///
/// # Errors
///
/// Returns every diagnostic about the model.
pub fn lower(sources: &SourceSet, spec: &Spec, known_languages: &[&str]) -> Result<Api, Vec<Diagnostic>> {
    let mut reporter = Reporter::default();
    reporter
        .unread
        .extend(spec.unread.iter().flat_map(|key| consequences(key)));
    let scope = api::scope(sources, spec, known_languages, &mut reporter);
    match Lowering::new(spec, &scope, &mut reporter).lower(&mut reporter) {
        Some(api) if reporter.diagnostics.is_empty() => Ok(api),
        _ => Err(reporter.finish()),
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
        "sections" | "webhooks" | "groups" => vec![Code::UnknownSection, Code::UnlistedSection],
        "operations" => vec![Code::UnknownOperation, Code::BadGrant],
        "errors" => vec![Code::UnknownError, Code::ExampleUnknown],
        "known" => vec![Code::UnknownError],
        "limits" | "buckets" => vec![Code::UnknownBucket],
        "paging" => vec![Code::UnknownPaging],
        "editions" => vec![Code::UnknownEdition],
        "envelope" | "fields" => vec![Code::ExampleUnknown],
        _ => Vec::new(),
    }
}

fn list_of_sections(spec: &Spec) -> List<'_, model::SectionFile> {
    List {
        names: spec.api.sections.as_ref(),
        files: &spec.sections,
        folder: "sections",
        noun: "section",
        key: "`sections`",
        check: names::section,
    }
}

fn list_of_events(spec: &Spec) -> List<'_, model::EventGroup> {
    const NONE: &Vec<Str> = &Vec::new();
    let names = spec
        .api
        .webhooks
        .as_ref()
        .map_or(Some(NONE), |webhooks| webhooks.groups.as_ref());
    List {
        names,
        files: &spec.webhooks,
        folder: "webhooks",
        noun: "group of events",
        key: "`groups` of `webhooks`",
        check: names::event_group,
    }
}

struct Lowering<'a> {
    raw: &'a model::ApiFile,
    scope: &'a Scope<'a>,
    sections: Vec<Listed<'a>>,
    events: Vec<Listed<'a, model::EventGroup>>,
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
    editions: Vec<Edition>,
}

impl<'a> Lowering<'a> {
    fn new(spec: &'a Spec, scope: &'a Scope<'a>, reporter: &mut Reporter) -> Self {
        let sections = sections::listed(&list_of_sections(spec), reporter);
        let events = sections::listed(&list_of_events(spec), reporter);
        let shared = spec.types.iter().map(|types| (Home::Shared, types));
        let of_sections = sections.iter().enumerate();
        let of_sections =
            of_sections.filter_map(|(index, section)| Some((Home::Section(index), section.content.types.as_ref()?)));
        let of_events = events.iter().enumerate();
        let of_events =
            of_events.filter_map(|(index, group)| Some((Home::Events(index), group.content.types.as_ref()?)));
        let declared = Declared::collect(shared.chain(of_sections).chain(of_events), scope, reporter);
        Self {
            raw: &spec.api,
            scope,
            sections,
            events,
            declared,
        }
    }

    fn lower(&self, reporter: &mut Reporter) -> Option<Api> {
        let (raw, scope) = (self.raw, self.scope);
        let (types, broken) = self.declared.lower(reporter);
        let mut variables = ShellVariables::default();
        let stated = self.stated(&mut variables, reporter);
        let names = sections::operation_names(&self.sections);
        let shared = self.shared(&stated, &types, &broken, &names);
        let lowered = self.operations(&shared, reporter);
        check_rows(&lowered, reporter);
        let routes = route::group(with_ids(&lowered), reporter);
        let raw_auth = raw.auth.as_ref();
        let raw_grant = raw_auth.and_then(|auth| auth.grant.as_ref());
        let grant = raw_grant.and_then(|grant| grant::lower(grant, &shared, &lowered, &mut variables, reporter));
        let auth = raw_auth.and_then(|auth| api::auth(auth, grant, scope, reporter));
        let webhooks = self.webhooks(&types, &broken, reporter);
        let types = self.used_types(types, &lowered, &stated, webhooks.as_ref(), reporter);
        let sections = sections::lower(&self.sections, lowered, scope, reporter);
        let servers = api::servers(raw, scope, reporter);
        let (server_type, server_setter) = api::server_names(raw, reporter)?;
        let modules: Vec<_> = sections.iter().map(|section| section.rust_module.as_str()).collect();
        let client = crate_files::client(scope.sources, &modules, reporter);
        let name = raw.api.as_ref();
        Some(Api {
            name: name.and_then(|name| reporter.name(names::krate(&name.value), &name.value, name.span))?,
            version: api::version(raw, reporter)?,
            title: scope.required_text(raw.title.as_ref(), reporter),
            about: scope.required_text(raw.about.as_ref(), reporter),
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
            editions: stated.editions,
            webhooks,
            model: raw.model.as_ref().map(|model| diagram::model(model, scope, reporter)),
            client,
            sandbox: crate_files::sandbox(scope.sources, &scope.languages, reporter),
        })
    }

    fn webhooks(&self, types: &[TypeDraft], broken: &[bool], reporter: &mut Reporter) -> Option<Webhooks> {
        let raw = self.raw.webhooks.as_ref()?;
        let context = EventContext {
            scope: self.scope,
            declared: &self.declared,
            types,
            broken,
            signed: raw.signature.is_some(),
        };
        Some(webhooks::lower(raw, &self.events, &context, reporter))
    }

    fn stated(&self, variables: &mut ShellVariables, reporter: &mut Reporter) -> Stated {
        let (raw, scope, declared) = (self.raw, self.scope, &self.declared);
        let base = api::base(raw, scope, declared, variables, reporter);
        let errors = api::errors(raw.errors.as_ref(), scope, declared, reporter);
        let envelope = api::envelope(raw, declared, reporter);
        let (default_limit, buckets) = api::limits(raw, scope, reporter);
        let paging = api::paging(raw.paging.as_ref(), scope, reporter);
        let editions = api::editions(raw.editions.as_ref(), scope, reporter);
        Stated {
            base,
            errors,
            envelope,
            default_limit,
            buckets,
            paging,
            editions,
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
            default_limit: stated.default_limit.as_ref(),
            buckets: &stated.buckets,
            paging: &stated.paging,
            editions: &stated.editions,
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
        webhooks: Option<&Webhooks>,
        reporter: &mut Reporter,
    ) -> Vec<TypeDef> {
        let mut roots = usage::Roots::default();
        stated.base.params.iter().for_each(|param| roots.add_request(&param.ty));
        let fields = stated.envelope.iter().chain(&stated.errors.fields);
        fields.for_each(|field| roots.add_response(&field.ty));
        for Lowered { operation, .. } in lowered.iter().flatten() {
            roots.add(&operation.inputs, &operation.result, operation.records.as_ref());
        }
        for (_, event) in webhooks.iter().flat_map(|webhooks| webhooks.events()) {
            roots.add_event(event);
        }
        let types = usage::finish(types, &roots);
        if reporter.diagnostics.is_empty() && self.scope.syntax_errors.is_empty() {
            self.unused_parameters(reporter);
            usage::report_unused(&types, &self.declared, reporter);
            usage::report_never_sent(&types, &self.declared, reporter);
        }
        types
    }

    /// Lowers the operations of all sections in parallel.
    fn operations(&self, shared: &Shared<'_>, reporter: &mut Reporter) -> Vec<Vec<Lowered<'a>>> {
        let lower_section = |section: &Listed<'a>| {
            let mut reporter = Reporter::default();
            let parameters = scope::parameters(section.content.parameters.as_ref(), &mut reporter);
            let mut out = Vec::new();
            for (key, raw) in section.content.operations.iter().flatten() {
                let operation = operation::lower(&section.name.value, &parameters, key, raw, shared, &mut reporter);
                out.extend(operation);
            }
            (out, reporter)
        };
        let done: Vec<_> = self.sections.par_iter().map(lower_section).collect();
        let mut out = Vec::new();
        for (section, (operations, found)) in self.sections.iter().zip(done) {
            sections::check_items(section, &operations, &self.declared, reporter);
            reporter.absorb(found);
            out.push(operations);
        }
        out
    }

    fn unused_parameters(&self, reporter: &mut Reporter) {
        api::unused_parameters(self.raw.parameters.as_ref(), reporter);
        for section in &self.sections {
            api::unused_parameters(section.content.parameters.as_ref(), reporter);
        }
    }
}
