//! What lowering looks things up in, and where it puts what it finds wrong.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    diagnostic::{Code, Diagnostic, MAX_SHOWN},
    ir::{Language, Text},
    names::NameError,
    source::{SourceSet, Span},
    syntax::{
        key::{FieldDecl, FieldKey},
        line::Line,
        text::Localized,
    },
};

pub use crate::diagnostic::shorten;

/// How many names are compared with unknown ones.
const MAX_COMPARED: usize = 100_000;

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
                format!("`{name}` is a Rust keyword"),
                format!("choose another name; for a field, write `other_name = {name}` to keep the wire name"),
            ),
            Err(NameError::Reserved) => (
                Code::NameCollision,
                format!("the name `{name}` is reserved: every client has an item of this name"),
                "choose another name; for a field, write `other_name = wire_name` to keep the wire name".to_owned(),
            ),
            Err(NameError::Device) => (
                Code::BadName,
                format!("`{name}` is not a valid file name on Windows"),
                "choose another name: files are generated for sections, operations and types".to_owned(),
            ),
            Err(NameError::TooLong) => {
                (Code::BadName, "this name is too long".to_owned(), "names have at most 64 characters".to_owned())
            }
            Err(NameError::Form) => (
                Code::BadName,
                format!("`{name}` is not a valid name"),
                "names consist of ASCII letters, digits and `_`, and begin with a letter; types are UpperCamelCase, sections \
                 and operations are snake_case"
                    .to_owned(),
            ),
        };
        self.report(Diagnostic::new(code, span, message).help(help));
        None
    }
}

/// Parameters declared to be inherited, by wire name.
pub type Parameters<'a> = BTreeMap<&'a str, &'a FieldDecl>;

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

    /// The parts of a text, or a report that one for a language is missing.
    pub fn text(&self, text: &Localized, sink: &mut Sink) -> Text {
        let parts = &text.parts;
        if !self.languages_known || parts.is_empty() {
            return Text(parts.clone());
        }
        let codes: Vec<_> = self.languages.iter().map(|language| language.code.as_str()).collect();
        let problem = if parts.len() != codes.len() {
            let label = format!("{} of {} languages", parts.len(), codes.len());
            Some((
                label,
                format!(
                    "write one part for each of `{}`, separated by ` | `",
                    codes.join("`, `")
                ),
            ))
        } else if let Some(empty) = parts.iter().position(String::is_empty) {
            Some((
                format!("empty for `{}`", codes[empty]),
                "add the missing part".to_owned(),
            ))
        } else {
            let copied = parts
                .iter()
                .skip(1)
                .position(|part| *part == parts[0] && part.contains(' '));
            copied.map(|at| {
                let label = format!("`{}` is the same as `{}`", codes[at + 1], codes[0]);
                (label, "translate it".to_owned())
            })
        };
        if let Some((label, help)) = problem {
            let diagnostic = Diagnostic::new(Code::MissingTranslation, text.span, "missing translation");
            sink.report(diagnostic.label(label).help(help));
        }
        Text(parts.clone())
    }

    /// The text of a field's line, or a report that there is none.
    pub fn line_text(&self, line: &Line, sink: &mut Sink) -> Text {
        if let Some(doc) = &line.doc {
            return self.text(doc, sink);
        }
        if line.is_invalid() {
            return Text::default();
        }
        let diagnostic = Diagnostic::new(Code::MissingTranslation, line.span, "missing description");
        sink.report(
            diagnostic
                .label("expected `-- description`")
                .help("write `TYPE -- description`, in all languages"),
        );
        Text::default()
    }

    /// The text of a required key; without parts where it is missing, which is reported already.
    pub fn required_text(&self, text: Option<&Localized>, sink: &mut Sink) -> Text {
        text.map(|text| self.text(text, sink)).unwrap_or_default()
    }

    /// The text of an optional key; empty where there is none.
    pub fn optional_text(&self, text: Option<&Localized>, sink: &mut Sink) -> Text {
        text.map_or_else(
            || Text(vec![String::new(); self.languages.len()]),
            |text| self.text(text, sink),
        )
    }
}

/// Collects declared parameters by wire name.
pub fn parameters<'a>(declared: Option<&'a Vec<FieldDecl>>, sink: &mut Sink) -> Parameters<'a> {
    let mut out = Parameters::new();
    for field in declared.into_iter().flatten() {
        refuse_aliases(&field.key, "a parameter", sink);
        let wire = field.key.wire.value.as_str();
        if field.line.ty.is_none() {
            let message = format!("the parameter `{wire}` has no type");
            sink.report(Diagnostic::new(Code::TypeSyntax, field.key.span, message).help("write `TYPE -- description`"));
            sink.unread
                .extend([Code::UnknownParameter, Code::UndeclaredPlaceholder]);
        } else {
            out.insert(wire, field);
        }
    }
    out
}

/// The field that inherits a parameter: it has the parameter's line, and its name unless it has one itself.
pub fn inherit(own: &FieldKey, parameter: &FieldDecl) -> FieldDecl {
    let mut key = own.clone();
    if key.name.value == key.wire.value {
        key.name = parameter.key.name.clone();
    }
    let line = parameter.line.clone();
    FieldDecl { key, line }
}

/// Reports aliases where nothing is read, so that there can be none.
pub fn refuse_aliases(key: &FieldKey, what: &str, sink: &mut Sink) {
    let Some(alias) = key.aliases.first() else { return };
    let message = format!("{what} cannot have an alias (`{}`)", shorten(&alias.value));
    let help = "aliases (`name|alias`) are only allowed for fields of types, and for results without a JSON path";
    sink.report(Diagnostic::new(Code::BadName, alias.span, message).help(help));
}
