//! What lowering looks things up in, and where it puts what it finds wrong.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    diagnostic::{Code, Diagnostic, MAX_SHOWN},
    ir::{Language, Text},
    names::NameError,
    source::{SourceSet, Span},
    syntax::{
        decode::{Keyed, Str},
        line::{Line, within},
    },
};

pub use crate::diagnostic::shorten;

/// How many names are compared with unknown ones.
const MAX_COMPARED: usize = 100_000;

/// The longest text, in bytes.
const MAX_TEXT: usize = 8192;

/// The mistakes found, and the shared declarations that were used.
#[derive(Debug, Default)]
pub struct Sink {
    /// The mistakes so far.
    pub diagnostics: Vec<Diagnostic>,
    /// Where the parameters that were inherited are declared.
    pub used_parameters: BTreeSet<Span>,
    /// How many names were compared with unknown ones.
    compared: usize,
    /// The kinds of things of which one could not be read: what is not found may be that one.
    pub unread: BTreeSet<Code>,
}

impl Sink {
    /// Reports a mistake.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Proposes a known name, unless many were compared already: it takes its time, and few mistakes are shown.
    #[must_use]
    pub fn suggest<'k>(
        &mut self,
        diagnostic: Diagnostic,
        unknown: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) -> Diagnostic {
        if self.diagnostics.len() > MAX_SHOWN || self.compared > MAX_COMPARED {
            return diagnostic;
        }
        let known: Vec<_> = known.into_iter().collect();
        self.compared += known.len();
        diagnostic.suggest(unknown, known)
    }

    /// Whether nothing was found wrong since there were `count` diagnostics, apart from texts.
    #[must_use]
    pub fn is_sound_since(&self, count: usize) -> bool {
        self.diagnostics
            .iter()
            .skip(count)
            .all(|diagnostic| diagnostic.code == Code::MissingTranslation)
    }

    /// Every mistake, without those that follow from others.
    #[must_use]
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.diagnostics
            .retain(|diagnostic| !self.unread.contains(&diagnostic.code));
        self.diagnostics
    }

    /// Takes over what another sink holds.
    pub fn absorb(&mut self, other: Self) {
        self.unread.extend(other.unread);
        self.diagnostics.extend(other.diagnostics);
        self.used_parameters.extend(other.used_parameters);
    }

    /// The name, or a report of why it cannot be used.
    pub fn name<N>(&mut self, result: Result<N, NameError>, name: &str, span: Span) -> Option<N> {
        let name = &shorten(name);
        let (code, message, help) = match result {
            Ok(name) => return Some(name),
            Err(NameError::Keyword) => (
                Code::KeywordName,
                format!("`{name}` is a keyword of Rust"),
                format!("choose another name; a field keeps its wire name with `other_name = {name}`"),
            ),
            Err(NameError::Reserved) => (
                Code::NameCollision,
                format!("`{name}` is the name of something that every client has"),
                "choose another name; a field keeps its wire name with `other_name = wire_name`".to_owned(),
            ),
            Err(NameError::Device) => (
                Code::BadName,
                format!("no file can be called `{name}` on Windows"),
                "choose another name: sections, operations and types have files of their own".to_owned(),
            ),
            Err(NameError::TooLong) => {
                (Code::BadName, "this name is too long".to_owned(), "a name has at most 64 characters".to_owned())
            }
            Err(NameError::Form) => (
                Code::BadName,
                format!("`{name}` cannot be used as a name"),
                "names are ASCII letters, digits and `_`, and begin with a letter: types in UpperCamelCase, sections and \
                 operations in snake_case"
                    .to_owned(),
            ),
        };
        self.report(Diagnostic::new(code, span, message).help(help));
        None
    }
}

/// Parameters declared to be inherited, by wire name.
pub type Parameters<'a> = BTreeMap<&'a str, Parameter<'a>>;

/// A parameter declared to be inherited.
#[derive(Debug, Clone, Copy)]
pub struct Parameter<'a> {
    /// Where its key stands.
    pub span: Span,
    /// The name that Rust's is made from.
    pub name: &'a str,
    /// Whether it is marked optional.
    pub optional: bool,
    /// Its type and meaning.
    pub line: &'a Line,
}

impl Parameter<'_> {
    /// The key of a field that inherits it: the field's own, with the name that is given here unless it has one itself.
    pub fn key(&self, own: &FieldKey<'_>, span: Span) -> Str {
        let sigil = match own.sigil {
            Sigil::Plain => "",
            Sigil::Flatten => "+",
            Sigil::Whole => "=",
        };
        let name = if own.name == own.wire { self.name } else { own.name };
        let mut value = if name == own.wire {
            format!("{sigil}{name}")
        } else {
            format!("{sigil}{name} = {}", own.wire)
        };
        if let Some(others) = own.others {
            value = format!("{value}|{others}");
        }
        if own.optional {
            value.push('?');
        }
        Str { value, span }
    }
}

/// What is the same for the whole spec.
#[derive(Debug)]
pub struct Scope<'a> {
    /// The files.
    pub sources: &'a SourceSet,
    /// The languages of every text.
    pub languages: Vec<Language>,
    /// Whether every language is known, so that texts can be checked.
    pub languages_known: bool,
    /// Parameters of `api.yaml`.
    pub parameters: Parameters<'a>,
    /// Where reading found mistakes, sorted.
    pub flaws: &'a [Span],
}

impl Scope<'_> {
    /// How many mistakes reading found within a place.
    #[must_use]
    pub fn flaws_in(&self, place: Span) -> usize {
        let from = self
            .flaws
            .partition_point(|flaw| (flaw.file, flaw.start) < (place.file, place.start));
        self.flaws[from..]
            .iter()
            .take_while(|flaw| flaw.file == place.file && flaw.start <= place.end)
            .count()
    }

    /// Splits a text into its languages.
    pub fn text(&self, text: &Str, sink: &mut Sink) -> Text {
        if text.value.len() > MAX_TEXT {
            let diagnostic = Diagnostic::new(Code::BadValue, text.span, "this text is too long");
            sink.report(diagnostic.help(format!("a text has at most {MAX_TEXT} bytes in all languages")));
            return Text::default();
        }
        let parts = split_languages(&text.value);
        if !self.languages_known {
            return Text(parts.into_iter().map(str::to_owned).collect());
        }
        let codes: Vec<_> = self.languages.iter().map(|language| language.code.as_str()).collect();
        let problem = if parts.len() != codes.len() {
            let label = format!("{} of {} languages", parts.len(), codes.len());
            Some((
                label,
                format!(
                    "a text has a part for each of `{}`, separated by ` | `",
                    codes.join("`, `")
                ),
            ))
        } else if let Some(empty) = parts.iter().position(|part| part.is_empty()) {
            Some((
                format!("nothing for `{}`", codes[empty]),
                "write the missing part".to_owned(),
            ))
        } else {
            let copied = parts
                .iter()
                .skip(1)
                .position(|part| *part == parts[0] && part.contains(' '));
            copied.map(|at| {
                let label = format!("`{}` repeats `{}`", codes[at + 1], codes[0]);
                (label, "translate it".to_owned())
            })
        };
        if let Some((label, help)) = problem {
            let diagnostic = Diagnostic::new(Code::MissingTranslation, text.span, "this text lacks a translation");
            sink.report(diagnostic.label(label).help(help));
        }
        Text(parts.into_iter().map(str::to_owned).collect())
    }

    /// The text of a field's line, or a report that there is none.
    pub fn line_text(&self, line: &Line, sink: &mut Sink) -> Text {
        if let Some(doc) = &line.doc {
            return self.text(doc, sink);
        }
        if line.is_broken() {
            return Text::default();
        }
        let diagnostic = Diagnostic::new(
            Code::MissingTranslation,
            line.span,
            "this has no meaning written beside it",
        );
        sink.report(
            diagnostic
                .label("`-- meaning` is missing")
                .help("write `TYPE -- meaning`, in every language"),
        );
        Text::default()
    }

    /// The text of an optional key; empty where there is none.
    pub fn optional_text(&self, text: Option<&Str>, sink: &mut Sink) -> Text {
        text.map_or_else(
            || Text(vec![String::new(); self.languages.len()]),
            |text| self.text(text, sink),
        )
    }
}

/// Splits at ` | ` outside of backticks.
fn split_languages(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut in_code) = (Vec::new(), 0, false);
    let bytes = text.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        in_code ^= byte == b'`';
        let separator =
            byte == b'|' && (at == 0 || bytes[at - 1] == b' ') && bytes.get(at + 1).is_none_or(|b| *b == b' ');
        if separator && !in_code {
            parts.push(text[start..at].trim());
            start = at + 1;
        }
    }
    parts.push(text[start..].trim());
    parts
}

/// Collects declared parameters by wire name.
pub fn parameters<'a>(declared: Option<&'a Keyed<Line>>, sources: &SourceSet, sink: &mut Sink) -> Parameters<'a> {
    let mut out = Parameters::new();
    for (key, line) in declared.into_iter().flatten() {
        let Some(parsed) = FieldKey::parse(key, sink) else {
            continue;
        };
        parsed.refuse_others(key, "a parameter", sources, sink);
        let wire = parsed.wire;
        if line.ty.is_none() {
            let message = format!("the parameter `{wire}` has no type");
            sink.report(Diagnostic::new(Code::TypeSyntax, key.span, message).help("write `TYPE -- meaning`"));
            sink.unread
                .extend([Code::UnknownParameter, Code::UndeclaredPlaceholder]);
        } else {
            let parameter = Parameter {
                span: key.span,
                name: parsed.name,
                optional: parsed.optional,
                line,
            };
            out.insert(wire, parameter);
        }
    }
    out
}

/// How a field stands in its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sigil {
    /// Under its own key.
    Plain,
    /// `+name`: its keys stand directly in the object.
    Flatten,
    /// `=name`: it is the whole body.
    Whole,
}

/// A field's key, taken apart: `+name?`, `name = wire`, `name = wire|other_spelling`.
#[derive(Debug, Clone, Copy)]
pub struct FieldKey<'a> {
    /// How it stands in its object.
    pub sigil: Sigil,
    /// The name that Rust's is made from.
    pub name: &'a str,
    /// The name on the wire.
    pub wire: &'a str,
    /// Other names that answers use, separated by `|`.
    others: Option<&'a str>,
    /// Whether the field may be absent.
    pub optional: bool,
}

impl<'a> FieldKey<'a> {
    /// The key of a required field whose name is the one on the wire.
    pub fn plain(name: &'a str) -> Self {
        Self {
            sigil: Sigil::Plain,
            name,
            wire: name,
            others: None,
            optional: false,
        }
    }

    /// Takes the key of a field apart, or reports that it has another form.
    pub fn parse(key: &'a Str, sink: &mut Sink) -> Option<Self> {
        let whole = Self::parse_value(key, sink)?;
        let (wire, others) = match whole.wire.split_once('|') {
            Some((wire, others)) => (wire, Some(others)),
            None => (whole.wire, None),
        };
        let name = if whole.name == whole.wire { wire } else { whole.name };
        if wire.is_empty() || others.is_some_and(|others| others.split('|').any(str::is_empty)) {
            Self::misshapen(key, sink);
            return None;
        }
        Some(Self {
            name,
            wire,
            others,
            ..whole
        })
    }

    /// Takes the key of a variant or of an enum's value apart, which has one spelling, or reports that it has another form.
    pub fn parse_value(key: &'a Str, sink: &mut Sink) -> Option<Self> {
        let text = key.value.as_str();
        let (text, optional) = text.strip_suffix('?').map_or((text, false), |text| (text, true));
        let (sigil, text) = match text.as_bytes().first() {
            Some(b'+') => (Sigil::Flatten, &text[1..]),
            Some(b'=') => (Sigil::Whole, &text[1..]),
            _ => (Sigil::Plain, text),
        };
        let (name, wire) = text.split_once(" = ").unwrap_or((text, text));
        let fits = |part: &str| !part.is_empty() && part.len() <= 128 && !part.contains(char::is_whitespace);
        if fits(name) && fits(wire) && wire.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\') {
            return Some(Self {
                sigil,
                name,
                wire,
                others: None,
                optional,
            });
        }
        Self::misshapen(key, sink);
        None
    }

    /// Other names that answers use, with their places.
    pub fn others(&self, key: &Str, sources: &SourceSet) -> impl Iterator<Item = (Span, &'a str)> {
        let end = key.value.len() - usize::from(self.optional);
        let mut start = end - self.others.map_or(0, str::len);
        let others = self.others.into_iter().flat_map(|others| others.split('|'));
        others.map(move |other| {
            let part = start..start + other.len();
            start = part.end + 1;
            (within(sources, key.span, &key.value, part), other)
        })
    }

    /// Reports other spellings where nothing is read, so that there can be none. Whether there were some.
    pub fn refuse_others(&self, key: &Str, what: &str, sources: &SourceSet, sink: &mut Sink) -> bool {
        let Some((span, other)) = self.others(key, sources).next() else {
            return false;
        };
        let message = format!("{what} has no other spelling such as `{}`", shorten(other));
        let help = "`name|other` is for what answers hold: a field of a type, or a part of a result without a place";
        sink.report(Diagnostic::new(Code::BadName, span, message).help(help));
        true
    }

    fn misshapen(key: &Str, sink: &mut Sink) {
        let diagnostic = Diagnostic::new(
            Code::BadName,
            key.span,
            format!("`{}` is no name of a field", shorten(&key.value)),
        );
        sink.report(
            diagnostic.help("a field is `name`, `name?`, `+name`, `=name` or `rust_name = wire_name`, in ASCII"),
        );
    }
}
