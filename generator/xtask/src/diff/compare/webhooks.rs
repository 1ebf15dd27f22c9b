//! Webhooks: their ID and signature, groups and events.

use generator::ir::{Condition, Event, EventExample, EventGroup, Signature, SignedPart, Text, TypeId, Webhooks};

use super::Comparison;
use super::pairs::{Pairs, pairs};
use crate::diff::change::Scope;
use crate::diff::kinds::{Direction, Kind};

/// An event and its group.
type Grouped<'a> = (&'a EventGroup, &'a Event);

impl<'a> Comparison<'a> {
    /// Compares the webhooks.
    pub(super) fn webhooks(&mut self) {
        let (old, new) = (self.old.webhooks.as_ref(), self.new.webhooks.as_ref());
        let scope = Scope {
            path: vec!["webhooks".to_owned()],
            noun: "webhooks",
            ..Scope::default()
        };
        match (old, new) {
            (None, Some(_)) => self.report(Kind::WebhooksAdded, &scope, "", ""),
            (Some(_), None) => self.report(Kind::WebhooksRemoved, &scope, "", ""),
            (Some(old), Some(new)) => {
                self.text(Kind::TextChanged, &scope.step("about"), &old.about, &new.about);
                self.webhook_id(&scope.step("id"), old, new);
                self.signature(old.signature.as_ref(), new.signature.as_ref());
            }
            (None, None) => {}
        }
        let groups = |webhooks: Option<&'a Webhooks>| webhooks.map_or(&[][..], |webhooks| &webhooks.groups);
        self.groups(groups(old), groups(new));
    }

    fn webhook_id(&mut self, scope: &Scope, old: &Webhooks, new: &Webhooks) {
        match (&old.id, &new.id) {
            (None, Some(id)) => self.report(Kind::WebhookIdAdded, scope, "", id.to_string()),
            (Some(id), None) => self.report(Kind::WebhookIdRemoved, scope, id.to_string(), ""),
            (Some(old), Some(new)) => {
                self.report_if_changed(Kind::WebhookIdChanged, scope, old.to_string(), new.to_string());
            }
            (None, None) => {}
        }
    }

    fn signature(&mut self, old: Option<&Signature>, new: Option<&Signature>) {
        let scope = Scope {
            path: vec!["webhooks".to_owned(), "signature".to_owned()],
            noun: "the signature",
            ..Scope::default()
        };
        match (old, new) {
            (None, Some(new)) => self.report(Kind::SignatureAdded, &scope, "", &new.key),
            (Some(old), None) => self.report(Kind::SignatureRemoved, &scope, &old.key, ""),
            (Some(old), Some(new)) => {
                let properties = [
                    ("key", "the key of the signature", old.key.clone(), new.key.clone()),
                    ("md5", "the signed text", signed_text(old), signed_text(new)),
                    ("time", "the time of the signature", old.time.clone(), new.time.clone()),
                ];
                for (key, noun, old, new) in properties {
                    let property = Scope {
                        noun,
                        ..scope.step(key)
                    };
                    self.report_if_changed(Kind::SignatureChanged, &property, old, new);
                }
                self.text(Kind::TextChanged, &scope.step("about"), &old.about, &new.about);
            }
            (None, None) => {}
        }
    }

    /// Compares the groups, then the events of all groups, because an event can be moved to another group.
    fn groups(&mut self, old: &'a [EventGroup], new: &'a [EventGroup]) {
        let events =
            |group: &EventGroup| -> String { group.events.iter().map(|event| event.key.clone() + "\n").collect() };
        let Pairs { both, removed, added } = pairs(
            old,
            new,
            &[
                &|group| Some(group.key.clone()),
                &|group| Some(events(group)),
                &|group| Some(group.title.get(0).to_owned()),
            ],
        );
        for (before, after) in &both {
            self.group(&group_scope(after), before, after);
        }
        for group in added {
            self.report(Kind::EventGroupAdded, &group_scope(group), "", group.title.get(0));
        }
        for group in removed {
            self.report(Kind::EventGroupRemoved, &group_scope(group), group.title.get(0), "");
        }
        self.events(old, new, &both);
    }

    fn group(&mut self, scope: &Scope, old: &EventGroup, new: &EventGroup) {
        self.report_if_changed(Kind::EventGroupRenamed, scope, &old.key, &new.key);
        self.text(Kind::EventGroupTitleChanged, scope, &old.title, &new.title);
        self.text(Kind::TextChanged, &scope.step("about"), &old.about, &new.about);
    }

    /// Compares the events. They are recognized by their keys, or else by their conditions.
    fn events(&mut self, old: &'a [EventGroup], new: &'a [EventGroup], groups: &[(&EventGroup, &EventGroup)]) {
        let all = |groups: &'a [EventGroup]| -> Vec<Grouped<'a>> {
            let of_group = |group: &'a EventGroup| group.events.iter().map(move |event| (group, event));
            groups.iter().flat_map(of_group).collect()
        };
        let (old, new) = (all(old), all(new));
        let Pairs { both, removed, added } = pairs(
            &old,
            &new,
            &[&|(_, event)| Some(event.key.clone()), &|(_, event)| {
                Some(conditions(&event.when))
            }],
        );
        for ((old_group, before), (group, after)) in both {
            let scope = event_scope(after);
            if !groups
                .iter()
                .any(|(old, new)| old.key == old_group.key && new.key == group.key)
            {
                self.report(Kind::EventMoved, &scope, &old_group.key, &group.key);
            }
            self.event(&scope, before, after);
        }
        for (_, event) in added {
            self.report(Kind::EventAdded, &event_scope(event), "", conditions(&event.when));
        }
        for (_, event) in removed {
            self.report(Kind::EventRemoved, &event_scope(event), conditions(&event.when), "");
        }
    }

    fn event(&mut self, scope: &Scope, old: &'a Event, new: &'a Event) {
        if old.key == new.key {
            self.report_if_changed(Kind::RustNameChanged, scope, &old.rust_variant, &new.rust_variant);
        } else {
            self.report(Kind::EventRenamed, scope, &old.key, &new.key);
        }
        self.texts(scope, [&old.title, &old.about], [&new.title, &new.about]);
        let kind = if are_wider(&new.when, &old.when) {
            Kind::ConditionsWidened
        } else {
            Kind::ConditionsChanged
        };
        self.report_if_changed(kind, &scope.step("when"), conditions(&old.when), conditions(&new.when));
        let body = part(scope, "body", "the body").in_direction(Direction::Response);
        self.value_of(&body, old.body, new.body);
        self.event_response(scope, old, new);
        self.event_signed(scope, old, new);
        self.event_examples(scope, old, new);
    }

    fn event_response(&mut self, scope: &Scope, old: &'a Event, new: &'a Event) {
        match (old.response, new.response) {
            (None, Some(response)) => {
                let name = &self.new.type_def(response).name;
                self.report(Kind::EventResponseAdded, &scope.step("response"), "", name);
            }
            (Some(response), None) => {
                let name = &self.old.type_def(response).name;
                self.report(Kind::EventResponseRemoved, &scope.step("response"), name, "");
            }
            (Some(old), Some(new)) => {
                let response = part(scope, "response", "the response").in_direction(Direction::Request);
                self.value_of(&response, old, new);
            }
            (None, None) => {}
        }
    }

    /// Compares a value whose type is declared.
    fn value_of(&mut self, scope: &Scope, old: TypeId, new: TypeId) {
        let (before, after) = (self.old.type_def(old), self.new.type_def(new));
        if self.new_name_of(before) != after.name {
            self.report(Kind::TypeChanged, scope, &before.name, &after.name);
        }
    }

    /// Compares whether an event is signed. If webhooks are signed in only one of the specs, that has been reported.
    fn event_signed(&mut self, scope: &Scope, old: &Event, new: &Event) {
        let signed = |webhooks: Option<&Webhooks>| webhooks.is_some_and(|webhooks| webhooks.signature.is_some());
        if !signed(self.old.webhooks.as_ref()) || !signed(self.new.webhooks.as_ref()) {
            return;
        }
        match (old.is_unsigned, new.is_unsigned) {
            (true, false) => self.report(Kind::EventSigned, &scope.step("signed"), "", ""),
            (false, true) => self.report(Kind::EventUnsigned, &scope.step("signed"), "", ""),
            _ => {}
        }
    }

    fn event_examples(&mut self, scope: &Scope, old: &Event, new: &Event) {
        let same_languages = self.old.languages == self.new.languages;
        let examples = |event: &Event| -> Vec<EventExample> {
            let mut examples = event.examples.clone();
            for example in &mut examples {
                example.rust_test.clear();
                if !same_languages {
                    example.title = Text::default();
                }
            }
            examples
        };
        if examples(old) != examples(new) {
            self.report(Kind::ExampleChanged, &scope.step("examples"), "", "");
        }
    }
}

fn group_scope(group: &EventGroup) -> Scope {
    let mut scope = Scope::root("group of events", &group.key);
    scope.path.splice(0..0, ["webhooks".to_owned(), "groups".to_owned()]);
    scope
}

fn event_scope(event: &Event) -> Scope {
    let mut scope = Scope::root("event", &event.key);
    scope.path.splice(0..0, ["webhooks".to_owned(), "events".to_owned()]);
    scope
}

/// Returns the scope of the body of an event, or of the response to it.
fn part(event: &Scope, step: &str, noun: &'static str) -> Scope {
    Scope {
        noun,
        name: String::new(),
        owner: Some(event.name.clone()),
        ..event.step(step)
    }
}

/// Returns the signed text.
fn signed_text(signature: &Signature) -> String {
    let parts = signature.parts.iter().map(|part| match part {
        SignedPart::Key(key) => key,
        SignedPart::Secret => "{secret}",
    });
    parts.collect::<Vec<_>>().join(" + ")
}

/// Returns conditions in the notation of the spec, sorted, e.g. `` `event: [moved, opened]`, `stall: ~` ``.
fn conditions(conditions: &[Condition]) -> String {
    let label = |Condition { path, values }: &Condition| {
        let mut values: Vec<&str> = values.iter().map(String::as_str).collect();
        values.sort_unstable();
        match values.as_slice() {
            [] => format!("`{path}: ~`"),
            [value] => format!("`{path}: {value}`"),
            values => format!("`{path}: [{}]`", values.join(", ")),
        }
    };
    let mut labels: Vec<_> = conditions.iter().map(label).collect();
    labels.sort_unstable();
    labels.join(", ")
}

/// Returns `true` if every body that meets the second conditions meets the first ones.
fn are_wider(wide: &[Condition], narrow: &[Condition]) -> bool {
    let includes = |wide: &Condition, narrow: &Condition| {
        wide.path == narrow.path
            && wide.values.is_empty() == narrow.values.is_empty()
            && narrow.values.iter().all(|value| wide.values.contains(value))
    };
    wide.iter()
        .all(|wide| narrow.iter().any(|narrow| includes(wide, narrow)))
}
