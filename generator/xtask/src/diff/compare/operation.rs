//! Operations.

use generator::ir::{Api, BodyKind, Example, Operation, OperationId, Paging, PagingKind, Text};

use super::fields::{Place, Slot};
use super::sections::nameless;
use super::{Comparison, labels};
use crate::diff::change::Scope;
use crate::diff::kinds::{Direction, Kind};

impl<'a> Comparison<'a> {
    /// Compares two operations.
    pub(super) fn operation(&mut self, scope: &Scope, old: &'a Operation, new: &'a Operation) {
        self.texts(scope, [&old.title, &old.about], [&new.title, &new.about]);
        self.merged_name(scope, old, new);
        self.route(scope, old, new);
        self.superseded(scope, old, new);
        self.inputs(scope, old, new);
        self.result(scope, old, new);
        self.paging(scope, old, new);
        self.properties(scope, old, new);
        self.operation_errors(scope, old, new);
        self.operation_limits(scope, old, new);
        self.docs(scope, old, new);
    }

    /// Compares the operations of the `OpenAPI` documents. A renamed operation has been reported.
    fn merged_name(&mut self, scope: &Scope, old: &Operation, new: &Operation) {
        let name = |api: &'a Api, operation: &Operation| {
            let is_here = |id: &OperationId| api.operation(*id).id == operation.id;
            let route = api.routes.iter().find(|route| route.operations.iter().any(is_here));
            route.map(|route| route.id.as_str()).unwrap_or_default()
        };
        if old.id == new.id {
            self.report_if_changed(Kind::MergedNameChanged, scope, name(self.old, old), name(self.new, new));
        }
    }

    fn route(&mut self, scope: &Scope, old: &Operation, new: &Operation) {
        self.report_if_changed(Kind::MethodChanged, scope, old.method.as_str(), new.method.as_str());
        if nameless(&old.path) != nameless(&new.path) {
            self.report(Kind::PathChanged, scope, old.path_template(), new.path_template());
        }
        // Without `auth` in either spec, the difference is that of the API.
        if self.old.auth.is_some() == self.new.auth.is_some() {
            match (old.authenticated, new.authenticated) {
                (false, true) => self.report(Kind::AuthRequired, scope, "", ""),
                (true, false) => self.report(Kind::AuthDropped, scope, "", ""),
                _ => {}
            }
        }
    }

    fn superseded(&mut self, scope: &Scope, old: &Operation, new: &Operation) {
        let before = old
            .superseded_by
            .iter()
            .map(|id| self.new_id_of(*id))
            .collect::<Vec<_>>()
            .join(", ");
        let after = new
            .superseded_by
            .iter()
            .map(|id| code(&self.new.operation(*id).id))
            .collect::<Vec<_>>()
            .join(", ");
        let kind = match (before.is_empty(), after.is_empty()) {
            (true, false) => Kind::Deprecated,
            (false, true) => Kind::DeprecationWithdrawn,
            _ => Kind::ReplacementChanged,
        };
        self.report_if_changed(kind, scope, before, after);
    }

    /// Returns the new ID of an operation of the old spec.
    pub(super) fn new_id_of(&self, id: OperationId) -> String {
        let old = self.old.operation(id).id.as_str();
        code(self.renamed_operations.get(old).unwrap_or(&old))
    }

    fn inputs(&mut self, scope: &Scope, old: &'a Operation, new: &'a Operation) {
        let (before, after) = (body_format(old.body), body_format(new.body));
        if let (Some(before), Some(after)) = (before, after) {
            self.report_if_changed(Kind::BodyFormatChanged, scope, before, after);
        }
        let slots = |operation: &'a Operation| -> Vec<Slot<'a>> {
            let slot = |input: &'a generator::ir::Input| Slot {
                field: &input.field,
                place: Place::Request(input.location),
            };
            operation.inputs.iter().map(slot).collect()
        };
        let (before, after) = (slots(old), slots(new));
        let outer = scope.clone().in_direction(Direction::Request);
        self.fields(&outer, &before, &after);
        self.argument_order(&outer, &before, &after);
    }

    fn paging(&mut self, scope: &Scope, old: &Operation, new: &Operation) {
        match (&old.paging, &new.paging) {
            (None, Some(_)) => self.report(Kind::PagingAdded, scope, "", ""),
            (Some(_), None) => self.report(Kind::PagingRemoved, scope, "", ""),
            (Some(before), Some(after)) => {
                let (before, after) = (paging_label(old, before), paging_label(new, after));
                self.report_if_changed(Kind::PagingChanged, scope, before, after);
            }
            (None, None) => {}
        }
        let names = [old, new].map(|operation| operation.one.as_ref().map(|one| one.rust_fn.clone()));
        if let [before, after] = names
            && before != after
        {
            before
                .into_iter()
                .for_each(|name| self.report(Kind::OneRemoved, scope, name, ""));
            after
                .into_iter()
                .for_each(|name| self.report(Kind::OneAdded, scope, "", name));
        }
        match (old.split.is_some(), new.split.is_some()) {
            (false, true) => self.report(Kind::SplitGained, scope, "", ""),
            (true, false) => self.report(Kind::SplitLost, scope, "", ""),
            _ => {}
        }
    }

    fn properties(&mut self, scope: &Scope, old: &Operation, new: &Operation) {
        let size = |bytes: Option<u64>| bytes.map_or_else(|| "any size".to_owned(), labels::of_size);
        let bytes = |operation: &Operation| operation.max_body.unwrap_or(u64::MAX);
        let has_body = old.body != BodyKind::None && new.body != BodyKind::None;
        let kind = if bytes(new) < bytes(old) {
            Kind::MaxBodyLowered
        } else {
            Kind::MaxBodyRaised
        };
        if has_body {
            self.report_if_changed(kind, scope, size(old.max_body), size(new.max_body));
        }
        match (old.idempotent, new.idempotent) {
            (false, true) => self.report(Kind::IdempotenceGained, scope, "", ""),
            (true, false) => self.report(Kind::IdempotenceLost, scope, "", ""),
            _ => {}
        }
    }

    /// Compares what only documentation shows.
    fn docs(&mut self, scope: &Scope, old: &Operation, new: &Operation) {
        let row = |row: Option<u32>| row.map_or_else(|| "none".to_owned(), |row| row.to_string());
        self.report_if_changed(Kind::SourceRowChanged, scope, row(old.row), row(new.row));
        let same_languages = self.old.languages == self.new.languages;
        let printed = |operation: &Operation| {
            let correction = operation.correction.clone();
            correction.map(|mut correction| {
                if !same_languages {
                    correction.why = Text::default();
                }
                correction
            })
        };
        if printed(old) != printed(new) {
            self.report(Kind::CorrectionChanged, scope, "", "");
        }
        let examples = |operation: &Operation| -> Vec<Example> {
            let mut examples = operation.examples.clone();
            for example in &mut examples {
                // These are derived from the others.
                example.arguments.clear();
                example.rust_test.clear();
                example.key.clear();
                if !same_languages {
                    example.title = Text::default();
                }
            }
            examples
        };
        if examples(old) != examples(new) {
            self.report(Kind::ExampleChanged, scope, "", "");
        }
    }
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

/// Returns the format of a body, if there is one.
fn body_format(body: BodyKind) -> Option<&'static str> {
    match body {
        BodyKind::None => None,
        BodyKind::Json => Some("a JSON object of the arguments"),
        BodyKind::JsonValue => Some("a JSON document that is the only argument"),
        BodyKind::Form => Some("a form"),
        BodyKind::FormMap => Some("a form with any fields"),
        BodyKind::Multipart => Some("a multipart form"),
    }
}

fn paging_label(operation: &Operation, paging: &Paging) -> String {
    let name = |input| code(&operation.input(input).wire);
    match &paging.kind {
        PagingKind::Cursor {
            param,
            next,
            ends_empty,
            ..
        } => {
            let end = if *ends_empty { ", until a page is empty" } else { "" };
            format!("{} from `{next}`{end}", name(*param))
        }
        PagingKind::Page {
            number, size, first, ..
        } => {
            format!("{} from {first} and {}", name(*number), name(*size))
        }
    }
}
