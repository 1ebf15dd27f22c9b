//! Webhooks: events, how their bodies are told apart, and examples.

use std::collections::BTreeSet;

use super::{
    example::check_titles,
    scope::{Reporter, Scope, shorten},
    sections::{Listed, report_empty},
    types::{Declared, TypeDraft},
    value::Checker,
};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{Condition, Event, EventExample, EventGroup, Json, Signature, SignedPart, Type, TypeId, Webhooks},
    names::{self, Namespace},
    source::Span,
    syntax::{
        decode::Str,
        model,
        node::{Node, Value, to_json},
    },
};

/// The maximum number of events. Each is compared with all others.
const MAX_EVENTS: usize = 512;

/// Context for lowering events.
pub struct EventContext<'a> {
    /// The scope of the whole spec.
    pub scope: &'a Scope<'a>,
    /// Declared types.
    pub declared: &'a Declared<'a>,
    /// The same types, lowered, in the same order.
    pub types: &'a [TypeDraft],
    /// `true` for each of these types that has a diagnostic.
    pub broken: &'a [bool],
    /// `true` if webhooks have a signature.
    pub signed: bool,
}

/// A lowered event and its declaration.
struct Lowered<'a> {
    key: &'a Str,
    raw: &'a model::Event,
    event: Event,
}

/// Lowers the webhooks of an API.
pub fn lower(
    raw: &model::Webhooks,
    groups: &[Listed<'_, model::EventGroup>],
    context: &EventContext<'_>,
    reporter: &mut Reporter,
) -> Webhooks {
    let mut lowered: Vec<Vec<Lowered<'_>>> = Vec::new();
    let mut variants = Namespace::default();
    let mut tests = Namespace::default();
    for group in groups {
        let events = group.content.events.iter().flatten();
        let events = events.filter_map(|(key, raw)| context.event(key, raw, &mut variants, &mut tests, reporter));
        lowered.push(events.collect());
        if group.content.events.as_ref().is_some_and(Vec::is_empty) {
            let nouns = ["group of events", "events"];
            report_empty(group, group.content.extent, nouns, context.scope, reporter);
        }
    }
    let all: Vec<_> = lowered.iter().flatten().collect();
    check_distinct(&all, reporter);
    check_examples(&all, reporter);
    let groups = groups.iter().zip(lowered).map(|(group, events)| EventGroup {
        key: group.name.value.clone(),
        title: context.scope.required_text(group.content.title.as_ref(), reporter),
        about: context.scope.required_text(group.content.about.as_ref(), reporter),
        events: events.into_iter().map(|lowered| lowered.event).collect(),
    });
    let groups = groups.collect();
    Webhooks {
        about: context.scope.required_text(raw.about.as_ref(), reporter),
        id: raw.id.as_ref().map(|path| path.value.clone()),
        signature: raw
            .signature
            .as_ref()
            .and_then(|raw| signature(raw, context.scope, reporter)),
        groups,
    }
}

/// Lowers the signature.
fn signature(raw: &model::Signature, scope: &Scope<'_>, reporter: &mut Reporter) -> Option<Signature> {
    let parts = raw.md5.clone().unwrap_or_default();
    if raw.md5.is_some() && !parts.contains(&SignedPart::Secret) {
        let message = "a signature without a secret proves nothing";
        let help = "add `{secret}`, in quotes, at its place in the list";
        reporter.report(Diagnostic::new(Code::BadValue, raw.span, message).help(help));
    }
    let covers = |key: &Str| parts.contains(&SignedPart::Key(key.value.clone()));
    if let Some(time) = raw.time.as_ref().filter(|time| !covers(time)) {
        let message = format!(
            "the time `{}` is not part of the digest, so anyone can change it",
            shorten(&time.value)
        );
        reporter.report(Diagnostic::new(Code::BadValue, time.span, message).help("add it to `md5`"));
    }
    Some(Signature {
        about: scope.required_text(raw.about.as_ref(), reporter),
        key: raw.key.as_ref()?.value.clone(),
        parts,
        time: raw.time.as_ref()?.value.clone(),
    })
}

impl EventContext<'_> {
    fn event<'e>(
        &self,
        key: &'e Str,
        raw: &'e model::Event,
        variants: &mut Namespace,
        tests: &mut Namespace,
        reporter: &mut Reporter,
    ) -> Option<Lowered<'e>> {
        let rust_variant = reporter.name(names::event(&key.value), &key.value, key.span)?;
        if let Err(first) = variants.declare(&rust_variant, key.span) {
            let message = format!("two events have the Rust name `{rust_variant}`");
            let diagnostic = Diagnostic::new(Code::NameCollision, key.span, message);
            reporter.report(diagnostic.related(first, "the other event").help("rename one of them"));
            return None;
        }
        if raw.when.as_ref().is_some_and(Vec::is_empty) {
            let message = "`when` requires at least one JSON path";
            reporter.report(Diagnostic::new(Code::MissingKey, key.span, message));
        }
        for (_, values) in raw.when.iter().flatten() {
            report_repeated(&values.0, reporter);
        }
        let when = raw.when.iter().flatten();
        let when: Vec<_> = when
            .map(|(path, values)| Condition {
                path: path.value.clone(),
                values: values.0.iter().map(|value| value.value.clone()).collect(),
            })
            .collect();
        let body = raw.body.as_ref().and_then(|name| self.declared.lookup(name, reporter));
        let response = raw
            .response
            .as_ref()
            .and_then(|name| self.declared.lookup(name, reporter));
        self.check_signed(raw, reporter);
        let examples = self.examples(key, raw, (body, response), tests, reporter);
        let event = Event {
            key: key.value.clone(),
            rust_variant,
            title: self.scope.required_text(raw.title.as_ref(), reporter),
            about: self.scope.optional_text(raw.about.as_ref(), reporter),
            when,
            body: body?,
            response,
            is_unsigned: raw.signed.as_ref().is_some_and(|signed| !signed.value),
            examples,
        };
        Some(Lowered { key, raw, event })
    }

    /// Reports `signed` without a signature.
    fn check_signed(&self, raw: &model::Event, reporter: &mut Reporter) {
        if let (false, Some(signed)) = (self.signed, &raw.signed) {
            let message = "`signed` requires a `signature` in `webhooks`";
            reporter.report(Diagnostic::new(Code::ConflictingKeys, signed.span, message));
        }
    }

    fn examples(
        &self,
        key: &Str,
        raw: &model::Event,
        (body, response): (Option<TypeId>, Option<TypeId>),
        tests: &mut Namespace,
        reporter: &mut Reporter,
    ) -> Vec<EventExample> {
        if let Some(examples) = &raw.examples {
            let titled = examples.iter().map(|one| (one.span, one.extent, one.title.is_some()));
            check_titles("an event", raw.span, titled, self.scope, reporter);
        }
        let mut out = Vec::new();
        for example in raw.examples.iter().flatten() {
            self.check(example.body.as_ref(), body, false, "body", reporter);
            self.check(example.response.as_ref(), response, true, "response", reporter);
            check_response(example, raw, reporter);
            out.extend(example.body.as_ref().map(|node| EventExample {
                title: self.scope.optional_text(example.title.as_ref(), reporter),
                rust_test: tests.unique(&key.value, "_"),
                body: to_json(node),
                response: example.response.as_ref().map(to_json),
            }));
        }
        out
    }

    /// Checks a value against its type, unless the type has diagnostics.
    fn check(&self, node: Option<&Node>, ty: Option<TypeId>, sent: bool, name: &str, reporter: &mut Reporter) {
        let (Some(node), Some(ty)) = (node, ty) else { return };
        if !self.broken[ty.0] {
            let types = self.types;
            Checker { types, sent }.check(node, &Type::Named(ty), name, reporter);
        }
    }
}

/// Reports values of a condition that are listed twice.
fn report_repeated(values: &[Str], reporter: &mut Reporter) {
    for (index, value) in values.iter().enumerate() {
        if let Some(first) = values[..index].iter().find(|first| first.value == value.value) {
            let message = format!("the value `{}` is listed twice", shorten(&value.value));
            let diagnostic = Diagnostic::new(Code::DuplicateKey, value.span, message).help("remove one of them");
            reporter.report(diagnostic.related(first.span, "first listed here"));
        }
    }
}

/// Reports a response that is missing or that the event does not have.
fn check_response(example: &model::EventExample, raw: &model::Event, reporter: &mut Reporter) {
    match (&raw.response, &example.response) {
        (Some(_), None) => {
            let message = "missing response";
            let help = "add `response`, or remove it from the event";
            reporter.report(Diagnostic::new(Code::ExampleMissing, example.span, message).help(help));
        }
        (None, Some(response)) => {
            let message = "the server does not read the response to this event";
            let help = "declare `response` in the event, or remove it from the example";
            reporter.report(Diagnostic::new(Code::ExampleUnknown, response.span, message).help(help));
        }
        _ => {}
    }
}

/// Reports events whose bodies can meet the conditions of another one.
fn check_distinct(events: &[&Lowered<'_>], reporter: &mut Reporter) {
    if let Some(beyond) = events.get(MAX_EVENTS) {
        let message = format!("more than {MAX_EVENTS} events");
        reporter.report(Diagnostic::new(Code::BadValue, beyond.key.span, message));
        return;
    }
    for (index, one) in events.iter().enumerate() {
        for other in &events[..index] {
            if !excludes(&one.event.when, &other.event.when) {
                let (key, earlier) = (&one.event.key, &other.event.key);
                let message = format!("webhooks of the events `{earlier}` and `{key}` cannot be distinguished");
                let help = "in `when`, give the same JSON path different values in both; a path without a value means that the body \
                            has none";
                let diagnostic = Diagnostic::new(Code::AmbiguousEvents, one.key.span, message);
                reporter.report(diagnostic.related(other.key.span, "the other event").help(help));
            }
        }
    }
}

/// Returns `true` if no body can meet both lists of conditions.
fn excludes(one: &[Condition], other: &[Condition]) -> bool {
    let are_disjoint = |one: &Condition, other: &Condition| {
        let both_absent = one.values.is_empty() && other.values.is_empty();
        let values: BTreeSet<_> = one.values.iter().collect();
        !both_absent && other.values.iter().all(|value| !values.contains(value))
    };
    let same_path = |condition: &Condition| other.iter().find(|other| other.path == condition.path);
    one.iter()
        .any(|condition| same_path(condition).is_some_and(|other| are_disjoint(condition, other)))
}

/// Reports example bodies that do not meet the conditions of their event.
fn check_examples(events: &[&Lowered<'_>], reporter: &mut Reporter) {
    for Lowered { raw, event, .. } in events {
        let bodies = raw
            .examples
            .iter()
            .flatten()
            .filter_map(|example| example.body.as_ref());
        for body in bodies {
            for condition in &event.when {
                let value = body.at(&condition.path).filter(|value| !value.is_null());
                if !holds(condition, value) {
                    let span = value.map_or(body.span, |value| value.span);
                    report_mismatch(condition, span, reporter);
                }
            }
        }
    }
}

fn holds(condition: &Condition, value: Option<&Node>) -> bool {
    match value.map(|node| (&node.value, to_json(node))) {
        None => condition.values.is_empty(),
        Some((Value::Scalar(_), Json::String(text))) => condition.values.contains(&text),
        Some((Value::Scalar(_), json)) => condition.values.contains(&json.to_string()),
        Some(_) => false,
    }
}

fn report_mismatch(condition: &Condition, span: Span, reporter: &mut Reporter) {
    let Condition { path, values } = condition;
    let message = if values.is_empty() {
        format!("the event requires that `{path}` has no value")
    } else {
        format!(
            "the event requires that `{path}` is `{}`",
            shorten(&values.join("` or `"))
        )
    };
    let help = "change the example, or `when` of the event";
    reporter.report(Diagnostic::new(Code::ExampleRule, span, message).help(help));
}
