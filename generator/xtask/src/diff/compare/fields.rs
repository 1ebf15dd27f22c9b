//! Arguments of operations, fields of objects and parts of results.

use generator::ir::{EnumRepr, Field, Location, Presence, Reads, Type};

use super::pairs::{Pairs, pairs};
use super::{Comparison, labels};
use crate::diff::change::Scope;
use crate::diff::kinds::{Direction, Kind};

/// A field and where it is.
pub(super) struct Slot<'a> {
    pub(super) field: &'a Field,
    pub(super) place: Place,
}

/// Where a field is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// In an object.
    Object,
    /// In the base path of all requests. Its values are arguments of functions, so their names do not matter in Rust.
    Base,
    /// In a part of a request.
    Request(Location),
    /// At a JSON path of a response.
    Response {
        path: String,
        /// Whether it has a name in Rust. The only value of a result has none.
        is_named: bool,
    },
}

impl Slot<'_> {
    /// Returns the key by which a field is recognized: a parameter by its location and name, a part of a result by its path.
    fn key(&self) -> String {
        match &self.place {
            Place::Object | Place::Base => self.field.wire.clone(),
            Place::Request(location) => format!("{} {}", location.as_str(), self.field.wire),
            Place::Response { path, .. } => path.clone(),
        }
    }

    fn is_path_parameter(&self) -> bool {
        matches!(self.place, Place::Base | Place::Request(Location::Path))
    }

    /// Returns `true` if Rust code can contain the Rust name.
    fn is_named(&self) -> bool {
        !matches!(self.place, Place::Base | Place::Response { is_named: false, .. })
    }

    /// Returns the scope of the field.
    fn scope(&self, outer: &Scope) -> Scope {
        let (noun, name) = match &self.place {
            Place::Object => ("field", &self.field.wire),
            Place::Base | Place::Request(_) => ("argument", &self.field.wire),
            Place::Response { is_named: true, .. } => ("result", &self.field.rust),
            Place::Response { is_named: false, .. } => {
                let mut scope = outer.clone();
                scope.noun = "the result";
                scope.owner = Some(std::mem::take(&mut scope.name));
                return scope;
            }
        };
        let outer_path = match &self.place {
            Place::Request(location) => outer.step(location.as_str()),
            Place::Object | Place::Base | Place::Response { .. } => outer.clone(),
        };
        let mut scope = outer_path.part(noun, name);
        scope.owner = Some(outer.name.clone());
        scope
    }
}

/// Returns the fields of an object as slots.
pub(super) fn slots(fields: &[Field]) -> Vec<Slot<'_>> {
    let slot = |field| Slot {
        field,
        place: Place::Object,
    };
    fields.iter().map(slot).collect()
}

impl<'a> Comparison<'a> {
    /// Compares two lists of fields. The scope is the operation or object that they belong to.
    pub(super) fn fields(&mut self, outer: &Scope, old: &[Slot<'a>], new: &[Slot<'a>]) {
        let Pairs { both, removed, added } = pairs(
            old,
            new,
            &[
                &|slot| Some(slot.key()),
                &|slot| Some(slot.field.wire.clone()),
                &|slot| Some(slot.field.rust.clone()),
                // Path parameters have positions, not names.
                &|slot| slot.is_path_parameter().then(String::new),
            ],
        );
        for (old, new) in both {
            self.field(&new.scope(outer), old, new);
        }
        for slot in added {
            let label = labels::of_type(self.new, &slot.field.ty);
            let (kind, label) = match &slot.field.presence {
                Presence::Constant(word) => (Kind::ConstantAdded, word.clone()),
                _ if slot.field.is_required() => (Kind::RequiredAdded, label),
                _ => (Kind::OptionalAdded, label),
            };
            self.report(kind, &slot.scope(outer), "", label);
        }
        for slot in removed {
            let label = labels::of_type(self.old, &slot.field.ty);
            let (kind, label) = match &slot.field.presence {
                Presence::Constant(word) => (Kind::ConstantRemoved, word.clone()),
                _ if slot.field.is_required() => (Kind::RequiredRemoved, label),
                _ => (Kind::OptionalRemoved, label),
            };
            self.report(kind, &slot.scope(outer), label, "");
        }
    }

    /// Compares the order of the arguments of a constructor.
    pub(super) fn argument_order(&mut self, scope: &Scope, old: &[Slot<'a>], new: &[Slot<'a>]) {
        let names = |slots: &[Slot<'a>], others: &[Slot<'a>]| -> Vec<String> {
            let arguments = |slots: &[Slot<'a>]| -> Vec<String> {
                let required = slots.iter().filter(|slot| slot.field.is_required_argument());
                required.map(|slot| slot.field.rust.clone()).collect()
            };
            let others = arguments(others);
            let own = arguments(slots).into_iter();
            own.filter(|name| others.contains(name)).collect()
        };
        let (old, new) = (names(old, new).join(", "), names(new, old).join(", "));
        self.report_if_changed(Kind::OrderChanged, scope, old, new);
    }

    fn field(&mut self, scope: &Scope, old: &Slot<'a>, new: &Slot<'a>) {
        self.place(scope, old, new);
        let (before, after) = (old.field, new.field);
        if before.rust != after.rust && old.is_named() && new.is_named() {
            self.report(Kind::RustNameChanged, scope, &before.rust, &after.rust);
        }
        if before.flatten != after.flatten {
            let label = |flatten: bool| if flatten { "flattened" } else { "nested" };
            self.report(Kind::FlattenChanged, scope, label(before.flatten), label(after.flatten));
        }
        self.presence(scope, before, after);
        self.value(scope, &before.ty, &after.ty);
        self.formats(scope, before, after);
        if scope.direction != Some(Direction::Request) {
            self.aliases(scope, before, after);
        }
        self.text(Kind::TextChanged, scope, &before.doc, &after.doc);
    }

    /// Compares where two fields are.
    fn place(&mut self, scope: &Scope, old: &Slot<'a>, new: &Slot<'a>) {
        let wire = [&old.field.wire, &new.field.wire];
        match (&old.place, &new.place) {
            (Place::Response { path: before, .. }, Place::Response { path: after, .. }) => {
                self.report_if_changed(Kind::ResultPathChanged, scope, before, after);
                return;
            }
            (Place::Request(before), Place::Request(after)) => {
                self.report_if_changed(Kind::LocationChanged, scope, before.as_str(), after.as_str());
            }
            _ => {}
        }
        let kind = if new.is_path_parameter() && old.is_path_parameter() {
            Kind::PathParameterRenamed
        } else {
            Kind::WireNameChanged
        };
        self.report_if_changed(kind, scope, wire[0], wire[1]);
    }

    fn presence(&mut self, scope: &Scope, old: &Field, new: &Field) {
        match (old.constant(), new.constant()) {
            (Some(before), Some(after)) => self.report_if_changed(Kind::ConstantChanged, scope, before, after),
            (Some(before), None) => self.report(Kind::BecameVariable, scope, before, ""),
            (None, Some(after)) => self.report(Kind::BecameConstant, scope, "", after),
            (None, None) => match (old.is_required(), new.is_required()) {
                (true, false) => self.report(Kind::MadeOptional, scope, "required", "optional"),
                (false, true) => self.report(Kind::MadeRequired, scope, "optional", "required"),
                _ => {}
            },
        }
        if old.is_required() && new.is_required() && scope.direction != Some(Direction::Request) {
            match (old.is_or_empty(), new.is_or_empty()) {
                (false, true) => self.report(Kind::OrEmptyAdded, scope, "", ""),
                (true, false) => self.report(Kind::OrEmptyRemoved, scope, "", ""),
                _ => {}
            }
        }
        match (old.default().map(labels::of_json), new.default().map(labels::of_json)) {
            (Some(before), Some(after)) => self.report_if_changed(Kind::DefaultChanged, scope, before, after),
            (None, Some(after)) => self.report(Kind::DefaultAdded, scope, "", after),
            (Some(before), None) if !new.is_required() => self.report(Kind::DefaultRemoved, scope, before, ""),
            _ => {}
        }
    }

    /// Compares the formats of a value in responses, and the format in requests.
    fn formats(&mut self, scope: &Scope, old: &Field, new: &Field) {
        let (before, after) = (labels::of_formats(self.old, old), labels::of_formats(self.new, new));
        match (&old.reads, &new.reads) {
            (Reads::Exact, Reads::Exact) => return,
            (Reads::Exact, _) => self.report(Kind::FormatAdded, scope, &before, &after),
            (_, Reads::Exact) => self.report(Kind::FormatRemoved, scope, &before, &after),
            (Reads::TextForTrue(before), Reads::TextForTrue(after)) => {
                self.report_if_changed(Kind::TrueWordChanged, scope, before, after);
            }
            _ => {}
        }
        if let (Some(old), Some(new)) = (sent_as(old), sent_as(new))
            && old != new
        {
            self.report(Kind::SentFormatChanged, scope, before, after);
        }
    }

    fn aliases(&mut self, scope: &Scope, old: &Field, new: &Field) {
        for alias in new.aliases.iter().filter(|alias| !old.keys().any(|key| key == *alias)) {
            self.report(Kind::AliasAdded, scope, "", alias);
        }
        for alias in old.aliases.iter().filter(|alias| !new.keys().any(|key| key == *alias)) {
            self.report(Kind::AliasRemoved, scope, alias, "");
        }
    }
}

/// Returns the format of an integer in requests. `None` if it is not an integer.
fn sent_as(field: &Field) -> Option<EnumRepr> {
    match (&field.ty, &field.reads) {
        (_, Reads::NumberOrText { sent_as }) => Some(*sent_as),
        (Type::Int(_) | Type::Timestamp(_) | Type::Duration(..), _) => Some(EnumRepr::Int),
        _ => None,
    }
}
