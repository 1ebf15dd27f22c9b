//! The types of values as data: checks JSON values and converts texts.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{OnceLock, RwLock};

use regex_lite::Regex;
use serde_json::{Map, Number, Value};

use super::failure::Failure;
use super::operation::Location;
use crate::errors::Known;

/// The type of a value.
#[derive(Debug)]
pub enum Shape {
    /// A string.
    String(StringRule),
    /// `true` or `false`.
    Bool,
    /// An integer between two bounds.
    Int(i64, i64),
    /// A number.
    Float,
    /// Any value.
    Any,
    /// Any object.
    AnyObject,
    /// A file in a multipart form.
    File,
    /// A list and its number of elements.
    List(&'static Shape, Count),
    /// An object with any keys and its number of entries.
    Map(&'static Shape, Count),
    /// A value or `null`.
    Nullable(&'static Shape),
    /// An object with these fields.
    Object(&'static [Field]),
    /// One of these strings.
    Enum(&'static [&'static str]),
    /// One of these integers.
    IntEnum(&'static [i64]),
    /// One of several objects, by the value of the tag.
    Union {
        /// The key of the tag.
        tag: &'static str,
        /// The key of the content. `None` if its keys are beside the tag.
        content: Option<&'static str>,
        /// Tags and contents.
        variants: &'static [(&'static str, &'static Shape)],
    },
    /// An object with one of these keys.
    OneKey(&'static [(&'static str, &'static Shape)]),
    /// All keys of the enclosing object that begin with the prefix.
    Family {
        /// The text that the keys begin with.
        prefix: &'static str,
        /// The type of the rest of the keys.
        key: &'static Shape,
        /// The type of the values.
        value: &'static Shape,
    },
}

impl Shape {
    /// Any string.
    pub const TEXT: Self = Self::String(StringRule {
        min: 0,
        max: usize::MAX,
        pattern: "",
    });
}

impl Count {
    /// Any number of elements.
    pub const ANY: Self = Self {
        min: 0,
        max: usize::MAX,
    };
}

/// A field of an object.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The key.
    pub wire: &'static str,
    /// The type.
    pub shape: &'static Shape,
    /// Whether requests contain the field.
    pub presence: Presence,
    /// Whether the keys of the value are part of the enclosing object.
    pub flatten: bool,
}

impl Field {
    /// A field that requests always contain.
    pub(crate) const fn required(wire: &'static str, shape: &'static Shape) -> Self {
        Self {
            wire,
            shape,
            presence: Presence::Required,
            flatten: false,
        }
    }

    /// A field that requests may contain.
    pub(crate) const fn optional(wire: &'static str, shape: &'static Shape) -> Self {
        Self {
            presence: Presence::Optional,
            ..Self::required(wire, shape)
        }
    }

    /// A field with a default, as JSON.
    pub(crate) const fn with_default(wire: &'static str, shape: &'static Shape, json: &'static str) -> Self {
        Self {
            presence: Presence::Default(json),
            ..Self::required(wire, shape)
        }
    }

    /// A field with a fixed value.
    pub(crate) const fn constant(wire: &'static str, word: &'static str) -> Self {
        Self {
            presence: Presence::Constant(word),
            ..Self::required(wire, &Shape::TEXT)
        }
    }

    /// A field whose keys are part of the enclosing object.
    pub(crate) const fn flattened(wire: &'static str, shape: &'static Shape) -> Self {
        Self {
            flatten: true,
            ..Self::required(wire, shape)
        }
    }

    /// A family of keys of the enclosing object, which may have none of them.
    pub(crate) const fn family(wire: &'static str, shape: &'static Shape) -> Self {
        Self {
            flatten: true,
            ..Self::with_default(wire, shape, "{}")
        }
    }
}

/// The presence of a field in requests.
#[derive(Debug, Clone, Copy)]
pub enum Presence {
    /// Always.
    Required,
    /// Not always.
    Optional,
    /// Not always. The default, as JSON.
    Default(&'static str),
    /// Always, with this value.
    Constant(&'static str),
}

/// Rules of a string.
#[derive(Debug)]
pub struct StringRule {
    /// Minimum number of characters.
    pub min: usize,
    /// Maximum number of characters.
    pub max: usize,
    /// A regular expression; empty if there is none.
    pub pattern: &'static str,
}

/// The bounds of a number of elements.
#[derive(Debug)]
pub struct Count {
    /// Minimum.
    pub min: usize,
    /// Maximum.
    pub max: usize,
}

/// A value of a request that does not match its type.
#[derive(Debug)]
pub struct Violation<'a> {
    /// The ID of the operation.
    pub operation: &'static str,
    /// The documented errors of the operation.
    pub documented: &'static [Known],
    /// The part of the request.
    pub location: Location,
    /// The place of the value, e.g. `users[0].name`.
    pub place: &'a str,
    /// The reason.
    pub rule: Rule,
    /// Description for the error response.
    pub message: &'a str,
}

/// The reason why a value does not match its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A required value is missing.
    Missing,
    /// An object contains a key that it does not have.
    UnknownKey,
    /// The type of the value is wrong.
    Type,
    /// The value is not one of the known ones.
    UnknownValue,
    /// The string does not match its pattern.
    Pattern,
    /// The string or list is too short.
    TooShort,
    /// The string is too long.
    TooLong,
    /// The list has too many elements.
    TooMany,
    /// The number is too small.
    TooSmall,
    /// The number is too large.
    TooLarge,
}

/// Checks the values of one request. Stops at the first violation that is an error.
pub(crate) struct Checker<'a> {
    /// Decides about a violation: place, rule, and message. Returns an error, or `true` if a number is to be replaced by the bound.
    pub(crate) judge: &'a dyn Fn(&str, Rule, &str) -> Result<bool, Failure>,
    /// The steps to the current value.
    at: Vec<Step<'a>>,
}

enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Checker<'a> {
    /// Creates a checker for the value of the input `key`.
    pub(crate) fn new(judge: &'a dyn Fn(&str, Rule, &str) -> Result<bool, Failure>, key: Option<&'a str>) -> Self {
        Self {
            judge,
            at: key.into_iter().map(Step::Key).collect(),
        }
    }

    /// Reports a violation. Returns `true` if a number is to be replaced by the bound.
    pub(crate) fn report(&self, rule: Rule, problem: &str) -> Result<bool, Failure> {
        let mut place = String::new();
        for step in &self.at {
            match step {
                Step::Key(key) if place.is_empty() => place.push_str(key),
                Step::Key(key) => drop(write!(place, ".{key}")),
                Step::Index(index) => drop(write!(place, "[{index}]")),
            }
        }
        let subject = if place.is_empty() { "the body" } else { &place };
        (self.judge)(&place, rule, &format!("{subject} {problem}"))
    }

    fn inside<T>(&mut self, step: Step<'a>, check: impl FnOnce(&mut Self) -> T) -> T {
        self.at.push(step);
        let result = check(self);
        self.at.pop();
        result
    }

    /// Checks a value, and brings it into the form that `serde` reads.
    pub(crate) fn check(&mut self, shape: &'static Shape, value: &mut Value) -> Result<(), Failure> {
        match (shape, &mut *value) {
            (Shape::Any, _)
            | (Shape::AnyObject, Value::Object(_))
            | (Shape::Bool, Value::Bool(_))
            | (Shape::Float, Value::Number(_))
            | (Shape::Nullable(_), Value::Null) => Ok(()),
            (Shape::Nullable(inner), _) => self.check(inner, value),
            (Shape::String(rule), Value::String(text)) => self.string(rule, text),
            (Shape::Int(min, max), _) => self.int(*min, *max, value),
            (Shape::Enum(known), Value::String(text)) => self.known(known.contains(&text.as_str())),
            (Shape::IntEnum(known), _) => match integer(value) {
                Some(number) => self.known(known.contains(&number)),
                None => self.mistyped("must be an integer"),
            },
            (Shape::List(element, count), Value::Array(elements)) => {
                self.count(count, elements.len())?;
                for (index, element_value) in elements.iter_mut().enumerate() {
                    self.inside(Step::Index(index), |checker| checker.check(element, element_value))?;
                }
                Ok(())
            }
            (Shape::Map(inner, count), Value::Object(entries)) => {
                self.count(count, entries.len())?;
                entries.values_mut().try_for_each(|entry| self.check(inner, entry))
            }
            (Shape::Object(fields), Value::Object(object)) => self.fields(fields, object),
            (Shape::Union { tag, content, variants }, Value::Object(object)) => {
                self.union(tag, *content, variants, object)
            }
            (Shape::OneKey(variants), Value::Object(object)) => self.one_key(variants, object),
            (Shape::Family { prefix, key, value }, Value::Object(object)) => self.family(prefix, key, value, object),
            (shape, _) => self.mistyped(expectation(shape)),
        }
    }

    fn mistyped(&self, problem: &str) -> Result<(), Failure> {
        self.report(Rule::Type, problem).map(drop)
    }

    fn known(&self, is_known: bool) -> Result<(), Failure> {
        if is_known {
            return Ok(());
        }
        self.report(Rule::UnknownValue, "is not one of the known values")
            .map(drop)
    }

    fn string(&self, rule: &StringRule, text: &str) -> Result<(), Failure> {
        let length = text.chars().count();
        if length < rule.min {
            let problem = if length == 0 {
                "must not be empty"
            } else {
                "is too short"
            };
            self.report(Rule::TooShort, problem)?;
        }
        if length > rule.max {
            self.report(Rule::TooLong, &format!("has more than {} characters", rule.max))?;
        }
        if !rule.pattern.is_empty() && !matches(rule.pattern, text) {
            self.report(Rule::Pattern, &format!("does not match {}", rule.pattern))?;
        }
        Ok(())
    }

    fn int(&self, min: i64, max: i64, value: &mut Value) -> Result<(), Failure> {
        let Some(mut number) = integer(value) else {
            return self.mistyped("must be an integer");
        };
        if number < min && self.report(Rule::TooSmall, &format!("is less than {min}"))? {
            number = min;
        }
        if number > max && self.report(Rule::TooLarge, &format!("is greater than {max}"))? {
            number = max;
        }
        *value = number.into();
        Ok(())
    }

    fn count(&self, count: &Count, length: usize) -> Result<(), Failure> {
        if length < count.min {
            let problem = if length == 0 {
                "must not be empty"
            } else {
                "has too few entries"
            };
            self.report(Rule::TooShort, problem)?;
        }
        if length > count.max {
            self.report(Rule::TooMany, &format!("has more than {} entries", count.max))?;
        }
        Ok(())
    }

    /// Checks the fields of an object, and adds defaults.
    pub(crate) fn fields(&mut self, fields: &'static [Field], object: &mut Map<String, Value>) -> Result<(), Failure> {
        for field in fields {
            if field.flatten {
                self.flattened(field.shape, object)?;
                continue;
            }
            match (object.get_mut(field.wire), &field.presence) {
                (Some(value), Presence::Constant(word)) => {
                    let is_equal = value == word;
                    self.inside(Step::Key(field.wire), |checker| checker.known(is_equal))?;
                }
                (Some(value), _) => {
                    self.inside(Step::Key(field.wire), |checker| checker.check(field.shape, value))?;
                }
                (None, Presence::Required | Presence::Constant(_)) => {
                    self.inside(Step::Key(field.wire), |checker| {
                        checker.report(Rule::Missing, "is missing")
                    })?;
                }
                (None, Presence::Default(json)) => drop(object.insert(field.wire.to_owned(), default(json))),
                (None, Presence::Optional) => {}
            }
        }
        Ok(())
    }

    fn flattened(&mut self, shape: &'static Shape, object: &mut Map<String, Value>) -> Result<(), Failure> {
        match shape {
            Shape::Object(fields) => self.fields(fields, object),
            Shape::Union { tag, content, variants } => self.union(tag, *content, variants, object),
            Shape::OneKey(variants) => self.one_key(variants, object),
            Shape::Family { prefix, key, value } => self.family(prefix, key, value, object),
            _ => Ok(()),
        }
    }

    fn family(
        &mut self,
        prefix: &str,
        key: &'static Shape,
        value: &'static Shape,
        object: &mut Map<String, Value>,
    ) -> Result<(), Failure> {
        for (name, entry) in object {
            if let Some(rest) = name.strip_prefix(prefix) {
                self.check(key, &mut rest.into())?;
                self.check(value, entry)?;
            }
        }
        Ok(())
    }

    fn union(
        &mut self,
        tag: &'static str,
        content: Option<&'static str>,
        variants: &'static [(&'static str, &'static Shape)],
        object: &mut Map<String, Value>,
    ) -> Result<(), Failure> {
        let name = match object.get(tag) {
            Some(Value::String(name)) => name,
            Some(_) => return self.inside(Step::Key(tag), |checker| checker.mistyped("must be a string")),
            None => {
                return self.inside(Step::Key(tag), |checker| {
                    checker.report(Rule::Missing, "is missing").map(drop)
                });
            }
        };
        let Some((_, shape)) = variants.iter().find(|(known, _)| known == name) else {
            return self.inside(Step::Key(tag), |checker| checker.known(false));
        };
        match content {
            None => self.flattened(shape, object),
            Some(key) => match object.get_mut(key) {
                Some(value) => self.inside(Step::Key(key), |checker| checker.check(shape, value)),
                None => self.inside(Step::Key(key), |checker| {
                    checker.report(Rule::Missing, "is missing").map(drop)
                }),
            },
        }
    }

    fn one_key(
        &mut self,
        variants: &'static [(&'static str, &'static Shape)],
        object: &mut Map<String, Value>,
    ) -> Result<(), Failure> {
        let found = variants.iter().find(|(key, _)| object.contains_key(*key));
        let Some((key, shape)) = found else {
            return self.report(Rule::Missing, "has none of the known keys").map(drop);
        };
        match object.get_mut(*key) {
            Some(value) => self.inside(Step::Key(key), |checker| checker.check(shape, value)),
            None => Ok(()),
        }
    }
}

impl Shape {
    /// Converts a text of a path, query, header or form. A text that does not match becomes a string, which `check` then rejects.
    pub(crate) fn parse(&self, text: &str) -> Value {
        let parsed = match self {
            Self::Bool => text.parse().ok().map(Value::Bool),
            Self::Int(..) | Self::IntEnum(_) => whole(text).map(Value::from),
            Self::Float => text.parse().ok().and_then(Number::from_f64).map(Value::Number),
            Self::List(..) if text.is_empty() => Some(Value::Array(Vec::new())),
            Self::List(element, _) => Some(text.split(',').map(|part| element.parse(part)).collect()),
            Self::Nullable(inner) => Some(inner.parse(text)),
            Self::Map(..)
            | Self::Object(_)
            | Self::Union { .. }
            | Self::OneKey(_)
            | Self::Family { .. }
            | Self::Any
            | Self::AnyObject => serde_json::from_str(text).ok(),
            Self::String(_) | Self::Enum(_) | Self::File => None,
        };
        parsed.unwrap_or_else(|| text.into())
    }
}

/// Returns the value of a default.
pub(crate) fn default(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_default()
}

fn expectation(shape: &Shape) -> &'static str {
    match shape {
        Shape::String(_) | Shape::Enum(_) => "must be a string",
        Shape::Bool => "must be true or false",
        Shape::Int(..) | Shape::IntEnum(_) => "must be an integer",
        Shape::Float => "must be a number",
        Shape::List(..) => "must be an array",
        Shape::File => "must be a file",
        _ => "must be an object",
    }
}

/// The end of the range in which an `f64` is the number that was written.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Returns the integer that a number, or a string with a number, stands for. As in JSON Schema, `9.0` is an integer.
fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let number = number.as_f64()?;
            let is_exact = number.fract() == 0.0 && number.abs() < EXACT;
            is_exact.then(|| format!("{number:.0}").parse().ok()).flatten()
        }),
        Value::String(text) => whole(text),
        _ => None,
    }
}

/// Returns the integer that a text stands for. A `+` is not part of an integer in JSON.
fn whole(text: &str) -> Option<i64> {
    text.parse().ok().filter(|_| !text.starts_with('+'))
}

/// Returns `true` if the text matches the pattern. Patterns are compiled once.
fn matches(pattern: &'static str, text: &str) -> bool {
    static COMPILED: OnceLock<RwLock<HashMap<&'static str, Option<Regex>>>> = OnceLock::new();
    let compiled = COMPILED.get_or_init(RwLock::default);
    if let Ok(compiled) = compiled.read()
        && let Some(regex) = compiled.get(pattern)
    {
        return regex.as_ref().is_none_or(|regex| regex.is_match(text));
    }
    let regex = Regex::new(pattern).ok();
    let is_match = regex.as_ref().is_none_or(|regex| regex.is_match(text));
    if let Ok(mut compiled) = compiled.write() {
        compiled.insert(pattern, regex);
    }
    is_match
}
