//! Results of operations, and the records in the files to which they link.

use generator::ir::{Api, Operation, OperationResult, Type};

use super::fields::{Place, Slot};
use super::{Comparison, labels};
use crate::diff::change::Scope;
use crate::diff::kinds::{Direction, Kind};

/// The format of a response body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Nothing,
    File,
    Json,
}

impl<'a> Comparison<'a> {
    /// Compares the results of two operations.
    pub(super) fn result(&mut self, scope: &Scope, old: &'a Operation, new: &'a Operation) {
        let outer = scope.step("result");
        let (before, after) = (label(self.old, &old.result), label(self.new, &new.result));
        match (format(&old.result), format(&new.result)) {
            (Format::Json, Format::Json) => {
                self.report_if_changed(Kind::ResultShapeChanged, &outer, shape(&old.result), shape(&new.result));
                let outer = outer.in_direction(Direction::Response);
                self.fields(&outer, &slots(&old.result), &slots(&new.result));
            }
            (Format::Nothing, Format::Nothing) | (Format::File, Format::File) => {}
            (Format::Nothing, _) if is_done(&new.result) => self.report(Kind::DoneAdded, scope, "", ""),
            (_, Format::Nothing) if is_done(&old.result) => self.report(Kind::DoneRemoved, scope, "", ""),
            (Format::Nothing, _) => self.report(Kind::ResultAdded, &outer, before, after),
            (_, Format::Nothing) => self.report(Kind::ResultRemoved, &outer, before, after),
            _ => self.report(Kind::ResultFormatChanged, &outer, before, after),
        }
        if let (OperationResult::Bytes(before), OperationResult::Bytes(after)) = (&old.result, &new.result) {
            self.text(Kind::TextChanged, &scope.step("result"), before, after);
        }
        self.records(scope, old, new);
    }

    fn records(&mut self, scope: &Scope, old: &'a Operation, new: &'a Operation) {
        match (&old.records, &new.records) {
            (None, Some(_)) => self.report(Kind::RecordsAdded, scope, "", ""),
            (Some(_), None) => self.report(Kind::RecordsRemoved, scope, "", ""),
            (Some(before), Some(after)) => {
                let before = self.new_name_of(self.old.type_def(before.ty));
                let after = &self.new.type_def(after.ty).name;
                self.report_if_changed(Kind::RecordsChanged, scope, format!("`{before}`"), format!("`{after}`"));
            }
            (None, None) => {}
        }
    }
}

fn format(result: &OperationResult) -> Format {
    match result {
        OperationResult::None => Format::Nothing,
        OperationResult::Bytes { .. } => Format::File,
        _ => Format::Json,
    }
}

/// Returns `true` if the result only says whether the operation was done.
fn is_done(result: &OperationResult) -> bool {
    matches!(result, OperationResult::Done(_))
}

/// Returns what a caller gets in Rust.
fn shape(result: &OperationResult) -> &'static str {
    match result {
        OperationResult::None => "nothing",
        OperationResult::Bytes { .. } => "a file",
        OperationResult::Done(_) => "nothing, or an error if it was not done",
        OperationResult::Value(_) => "one value",
        OperationResult::Parts { .. } => "a struct",
    }
}

fn slots(result: &OperationResult) -> Vec<Slot<'_>> {
    let is_named = matches!(result, OperationResult::Parts { .. });
    let slots = result.parts().iter().map(|part| Slot {
        place: Place::Response {
            path: part.path.to_string(),
            is_named,
        },
        field: &part.field,
    });
    slots.collect()
}

fn label(api: &Api, result: &OperationResult) -> String {
    match result {
        OperationResult::None => "nothing".to_owned(),
        OperationResult::Bytes { .. } => "a file".to_owned(),
        other => {
            let ty = |ty: &Type| format!("`{}`", labels::of_type(api, ty));
            let types = other.parts().iter().map(|part| ty(&part.field.ty));
            types.collect::<Vec<_>>().join(", ")
        }
    }
}
