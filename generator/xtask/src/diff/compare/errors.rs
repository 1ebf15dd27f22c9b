//! Error responses and known errors.

use generator::ir::{KnownError, Operation};

use super::Comparison;
use super::fields::slots;
use super::pairs::{Pairs, pairs};
use crate::diff::change::Scope;
use crate::diff::kinds::{Direction, Kind};

impl<'a> Comparison<'a> {
    /// Compares what the specs say of all error responses.
    pub(super) fn errors(&mut self) {
        let (old, new) = (&self.old.errors, &self.new.errors);
        let keys = [
            ("the code of error responses", &old.code_key, &new.code_key),
            ("the message of error responses", &old.message_key, &new.message_key),
            ("the reason why nothing was done", &old.reason_key, &new.reason_key),
        ];
        for (noun, before, after) in keys {
            let scope = Scope {
                path: vec!["errors".to_owned()],
                noun,
                ..Scope::default()
            };
            let label = |key: &Option<String>| key.clone().unwrap_or_else(|| "none".to_owned());
            self.report_if_changed(Kind::ErrorKeyChanged, &scope, label(before), label(after));
        }
        let fields = Scope::root("error responses", "errors").in_direction(Direction::Response);
        self.fields(&fields, &slots(&old.fields), &slots(&new.fields));
        let Pairs { both, removed, added } = self.known_errors();
        for (before, after) in both {
            self.known_error(before, after);
        }
        for error in added {
            self.report(Kind::KnownErrorAdded, &scope(error), "", name(error));
        }
        for error in removed {
            self.report(Kind::KnownErrorRemoved, &scope(error), name(error), "");
        }
    }

    fn known_errors(&self) -> Pairs<'a, KnownError> {
        pairs(
            &self.old.errors.catalogue,
            &self.new.errors.catalogue,
            &[&|error| Some(name(error)), &|error| Some(error.code.clone())],
        )
    }

    fn known_error(&mut self, old: &'a KnownError, new: &'a KnownError) {
        let scope = scope(new);
        self.report_if_changed(
            Kind::KnownErrorStatusChanged,
            &scope,
            old.status.to_string(),
            new.status.to_string(),
        );
        self.report_if_changed(Kind::KnownErrorRenamed, &scope, &old.rust_variant, &new.rust_variant);
        let handling = |error: &KnownError| match (error.retry, error.throttled) {
            (_, true) => "a rejection because of too many requests",
            (true, false) => "worth a retry",
            (false, false) => "final",
        };
        self.report_if_changed(Kind::KnownErrorHandlingChanged, &scope, handling(old), handling(new));
        for (step, old, new) in [("means", &old.means, &new.means), ("remedy", &old.remedy, &new.remedy)] {
            self.text(Kind::TextChanged, &scope.step(step), old, new);
        }
    }

    /// Compares the known errors of two operations. Errors that are not known any more are reported once, not for each operation.
    pub(super) fn operation_errors(&mut self, scope: &Scope, old: &'a Operation, new: &'a Operation) {
        let known = self.known_errors().both;
        let before: Vec<String> = old
            .errors
            .iter()
            .filter_map(|id| {
                let error = self.old.error(*id);
                let pair = known.iter().find(|(old, _)| *old == error);
                pair.map(|(_, new)| name(new))
            })
            .collect();
        let after: Vec<String> = new.errors.iter().map(|id| name(self.new.error(*id))).collect();
        for error in after.iter().filter(|error| !before.contains(error)) {
            self.report(Kind::OperationErrorAdded, scope, "", format!("`{error}`"));
        }
        for error in before.iter().filter(|error| !after.contains(error)) {
            self.report(Kind::OperationErrorRemoved, scope, format!("`{error}`"), "");
        }
    }
}

fn name(error: &KnownError) -> String {
    format!("{} {}", error.status, error.code)
}

fn scope(error: &KnownError) -> Scope {
    let mut scope = Scope::root("known error", &name(error));
    scope.path.insert(0, "errors".to_owned());
    scope
}
