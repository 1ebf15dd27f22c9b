//! A change between two specs, and the thing that changed.

use super::kinds::{Direction, Kind, Verdict, Verdicts};

/// The thing that changed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    /// Where it is, from the outside in, e.g. `groups.create`, `body`, `name`.
    pub(crate) path: Vec<String>,
    /// Its category, e.g. `argument`.
    pub(crate) noun: &'static str,
    /// Its name, e.g. `name`.
    pub(crate) name: String,
    /// The thing that it belongs to, e.g. `groups.create`.
    pub(crate) owner: Option<String>,
    /// The messages that contain it.
    pub(crate) direction: Option<Direction>,
}

impl Scope {
    /// A thing that belongs to no other, e.g. an operation.
    pub(crate) fn root(noun: &'static str, name: &str) -> Self {
        Self {
            path: vec![name.to_owned()],
            noun,
            name: name.to_owned(),
            owner: None,
            direction: None,
        }
    }

    /// A thing that belongs to this one.
    pub(crate) fn part(&self, noun: &'static str, name: &str) -> Self {
        let mut part = self.step(name);
        part.noun = noun;
        name.clone_into(&mut part.name);
        part.owner = Some(self.name.clone());
        part
    }

    /// The same thing with a longer path.
    pub(crate) fn step(&self, step: &str) -> Self {
        let mut longer = self.clone();
        longer.path.push(step.to_owned());
        longer
    }

    /// The elements of a list or the values of a map: the sign is `[]` or `{}`.
    pub(crate) fn elements(&self, sign: &str) -> Self {
        let mut elements = self.clone();
        if let Some(last) = elements.path.last_mut() {
            last.push_str(sign);
        }
        elements.name.push_str(sign);
        elements
    }

    /// The same thing in messages of a direction.
    pub(crate) fn in_direction(mut self, direction: Direction) -> Self {
        self.direction = Some(direction);
        self
    }

    /// Returns the thing as the subject of a sentence, e.g. ``argument `name` of `groups.create` ``.
    pub(crate) fn subject(&self) -> String {
        let name = if self.name.is_empty() {
            String::new()
        } else {
            format!(" `{}`", self.name)
        };
        let owner = self.owner.as_ref().filter(|owner| !owner.is_empty());
        let owner = owner.map_or_else(String::new, |owner| format!(" of `{owner}`"));
        format!("{}{name}{owner}", self.noun)
    }
}

/// A change between two specs.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    /// Its kind.
    pub(crate) kind: Kind,
    /// The thing that changed, with its path in the new spec, or in the old one if it was removed.
    pub(crate) scope: Scope,
    /// The old value, in short. May be empty.
    pub(crate) old: String,
    /// The new value, in short. May be empty.
    pub(crate) new: String,
}

impl Change {
    /// Returns the verdict for each output.
    pub(crate) fn verdicts(&self) -> Verdicts {
        self.kind.row().rule.verdicts(self.scope.direction)
    }

    /// Returns `true` if the change is breaking for an output.
    pub(crate) fn is_breaking(&self) -> bool {
        self.verdicts().contains(&Verdict::Breaking)
    }

    /// Returns a sentence about the change for a changelog.
    pub(crate) fn sentence(&self) -> String {
        let subject = self.scope.subject();
        let mut sentence = String::new();
        let mut rest = self.kind.row().sentence;
        while let Some((before, (mark, after))) = rest
            .split_once('{')
            .and_then(|(before, after)| Some((before, after.split_once('}')?)))
        {
            sentence += before;
            sentence += match mark {
                "old" => &self.old,
                "new" => &self.new,
                _ => &subject,
            };
            rest = after;
        }
        sentence += rest;
        let mut chars = sentence.chars();
        let first = chars.next().map(|first| first.to_uppercase().to_string());
        first.unwrap_or_default() + chars.as_str()
    }
}
