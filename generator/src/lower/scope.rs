//! The scope in which names are resolved, and the collector of diagnostics.

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

/// The maximum number of names compared with unknown names for suggestions.
const MAX_COMPARED: usize = 100_000;

/// Collects diagnostics, and the shared declarations that are used.
#[derive(Debug, Default)]
pub struct Reporter {
    /// The diagnostics so far.
    pub diagnostics: Vec<Diagnostic>,
    /// The declarations of the inherited parameters.
    pub used_parameters: BTreeSet<Span>,
    /// The number of names compared with unknown names so far.
    compared: usize,
    /// Codes to suppress, because a declaration that failed to parse may be what was not found.
    pub unread: BTreeSet<Code>,
}

impl Reporter {
    /// Adds a diagnostic.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Adds the most similar known name to a diagnostic. Does nothing after many comparisons or diagnostics: comparing is
    /// slow, and only the first diagnostics are shown.
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

    /// Returns `true` if nothing was reported after the first `count` diagnostics, apart from missing translations.
    #[must_use]
    pub fn is_valid_since(&self, count: usize) -> bool {
        self.diagnostics
            .iter()
            .skip(count)
            .all(|diagnostic| diagnostic.code == Code::MissingTranslation)
    }

    /// Returns the diagnostics, without those that may be mere consequences of others.
    #[must_use]
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.diagnostics
            .retain(|diagnostic| !self.unread.contains(&diagnostic.code));
        self.diagnostics
    }

    /// Adds the contents of `other`.
    pub fn absorb(&mut self, other: Self) {
        self.unread.extend(other.unread);
        self.diagnostics.extend(other.diagnostics);
        self.used_parameters.extend(other.used_parameters);
    }

    /// Returns the name, or reports why it is invalid.
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

/// Parameters that can be inherited, by wire name.
pub type Parameters<'a> = BTreeMap<&'a str, &'a FieldDecl>;

/// Context for the whole spec.
#[derive(Debug)]
pub struct Scope<'a> {
    /// The files.
    pub sources: &'a SourceSet,
    /// The languages of every text.
    pub languages: Vec<Language>,
    /// Whether `languages` is valid, so that texts can be checked.
    pub languages_known: bool,
    /// Parameters of `api.yaml`.
    pub parameters: Parameters<'a>,
    /// The locations of syntax errors, sorted.
    pub syntax_errors: &'a [Span],
}

impl Scope<'_> {
    /// Returns the number of syntax errors within a span.
    #[must_use]
    pub fn syntax_errors_in(&self, span: Span) -> usize {
        let from = self
            .syntax_errors
            .partition_point(|error| (error.file, error.start) < (span.file, span.start));
        self.syntax_errors[from..]
            .iter()
            .take_while(|error| error.file == span.file && error.start <= span.end)
            .count()
    }

    /// Returns the parts of a text. Reports missing translations.
    pub fn text(&self, text: &Localized, reporter: &mut Reporter) -> Text {
        let parts = &text.parts;
        if !self.languages_known || parts.is_empty() {
            return Text(parts.clone());
        }
        let codes: Vec<_> = self.languages.iter().map(|language| language.code.as_str()).collect();
        let problem = if parts.len() != codes.len() {
            let noun = if parts.len() == 1 { "part" } else { "parts" };
            let label = format!("{} {noun} for {} languages", parts.len(), codes.len());
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
            reporter.report(diagnostic.label(label).help(help));
        }
        Text(parts.clone())
    }

    /// Returns the description in the line of a field. Reports a missing one.
    pub fn line_text(&self, line: &Line, reporter: &mut Reporter) -> Text {
        if let Some(doc) = &line.doc {
            return self.text(doc, reporter);
        }
        if line.is_invalid() {
            return Text::default();
        }
        let diagnostic = Diagnostic::new(Code::MissingTranslation, line.span, "missing description");
        reporter.report(
            diagnostic
                .label("expected `-- description`")
                .help("write `TYPE -- description`, with the description in all languages"),
        );
        Text::default()
    }

    /// Returns the text of a required key. It has no parts if the key is missing, which is already reported.
    pub fn required_text(&self, text: Option<&Localized>, reporter: &mut Reporter) -> Text {
        text.map(|text| self.text(text, reporter)).unwrap_or_default()
    }

    /// Returns the text of an optional key. Default: empty in every language.
    pub fn optional_text(&self, text: Option<&Localized>, reporter: &mut Reporter) -> Text {
        text.map_or_else(
            || Text(vec![String::new(); self.languages.len()]),
            |text| self.text(text, reporter),
        )
    }
}

/// Collects declared parameters by wire name.
pub fn parameters<'a>(declared: Option<&'a Vec<FieldDecl>>, reporter: &mut Reporter) -> Parameters<'a> {
    let mut out = Parameters::new();
    for field in declared.into_iter().flatten() {
        reject_aliases(&field.key, "a parameter", reporter);
        reject_family(&field.key, "a parameter", reporter);
        let wire = field.key.wire.value.as_str();
        if field.line.ty.is_none() {
            let message = format!("the parameter `{wire}` has no type");
            reporter
                .report(Diagnostic::new(Code::TypeSyntax, field.key.span, message).help("write `TYPE -- description`"));
            reporter
                .unread
                .extend([Code::UnknownParameter, Code::UndeclaredPlaceholder]);
        } else {
            out.insert(wire, field);
        }
    }
    out
}

/// Returns a field with the line of the parameter that it inherits, and its Rust name unless the field has a different one.
pub fn inherit(key: &FieldKey, parameter: &FieldDecl) -> FieldDecl {
    let mut key = key.clone();
    if key.name.value == key.wire.value {
        key.name = parameter.key.name.clone();
    }
    let line = parameter.line.clone();
    FieldDecl { key, line }
}

/// Reports families of keys where they are not allowed. `what` is the subject of the message.
pub fn reject_family(key: &FieldKey, what: &str, reporter: &mut Reporter) {
    if key.family.is_none() {
        return;
    }
    let message = format!("{what} cannot be a family of keys (`{}`)", shorten(&key.wire.value));
    let help =
        "families of keys (`name = prefix{Type}`) are only allowed in types and in the JSON `body` of an operation";
    reporter.report(Diagnostic::new(Code::MisplacedType, key.span, message).help(help));
}

/// Reports aliases where they are not allowed. `what` is the subject of the message.
pub fn reject_aliases(key: &FieldKey, what: &str, reporter: &mut Reporter) {
    let Some(alias) = key.aliases.first() else { return };
    let message = format!("{what} cannot have an alias (`{}`)", shorten(&alias.value));
    let help = "aliases (`name|alias`) are only allowed for fields of types, and for results without a JSON path";
    reporter.report(Diagnostic::new(Code::BadName, alias.span, message).help(help));
}
