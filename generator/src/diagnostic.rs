//! Diagnostics: errors in a spec, with position, explanation and help.

use std::fmt;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::source::{FileId, SourceSet, Span, is_forbidden};

/// Maximum number of diagnostics that are shown. The rest are only counted.
pub const MAX_SHOWN: usize = 200;

/// Maximum distance between two spans that are shown in one snippet, in bytes.
const MAX_WINDOW: usize = 1 << 13;

macro_rules! codes {
    ($($variant:ident = $name:literal $([$($property:ident),+])? $doc:literal,)+) => {
        /// The kind of error that a diagnostic reports. Codes are stable: a new release may add codes but never renames one.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $doc] $variant,)+
        }

        impl Code {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns the code as shown in messages.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// Returns `true` if the code has the property.
            #[must_use]
            pub fn has(self, property: Property) -> bool {
                let properties: &[Property] = match self {
                    $(Self::$variant => &[$($(Property::$property),+)?],)+
                };
                properties.contains(&property)
            }
        }
    };
}

/// A property of a code, written in brackets in the declaration of the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Property {
    /// Does not hide declarations, so lookups of names are still reliable.
    Local,
    /// Suppressed when a declaration failed to parse, because it may be a mere consequence of that.
    Lookup,
    /// May be caused by the declaration as well as by the example, so it is reported once for all examples of an operation.
    OfDeclaration,
}

codes! {
    MissingFile = "missing-file" "A file of the spec is missing.",
    FileTooLarge = "file-too-large" "A file exceeds the maximum size.",
    NotUtf8 = "not-utf8" "A file is not UTF-8.",
    ControlCharacter = "control-character" [Local] "A file contains a control character.",
    YamlSyntax = "yaml-syntax" "A file is not valid YAML.",
    YamlFeature = "yaml-feature"
        "A YAML feature that is not part of the notation: anchors, aliases, merge keys, tags, multiple documents, complex keys, keys without `:`.",
    NestedTooDeep = "nested-too-deep" "The YAML exceeds the maximum nesting depth.",
    DuplicateKey = "duplicate-key" [Local] "A key appears twice in a map.",
    UnknownKey = "unknown-key" [Local] "A key is not part of the notation.",
    MissingKey = "missing-key" [Local] "A required key is missing.",
    WrongKind = "wrong-kind" [Local] "A map, list or scalar was found where another of them is expected.",
    BadValue = "bad-value" [Local] "A scalar does not have the expected form.",
    ConflictingKeys = "conflicting-keys" "Keys are mutually exclusive.",
    MissingTranslation = "missing-translation" "A text does not have a part for every language.",
    UnknownLanguage = "unknown-language" "The docs do not support a language.",
    TypeSyntax = "type-syntax" [Local] "A type expression is invalid.",
    UnknownType = "unknown-type" [Lookup] "A type is not declared.",
    MisplacedType = "misplaced-type" "A type is not allowed at its position.",
    BadRule = "bad-rule" [Local] "A rule does not apply to its type, or no value satisfies it.",
    BadDefault = "bad-default" "A default does not match its type.",
    DuplicateType = "duplicate-type" "A type is declared twice.",
    CyclicType = "cyclic-type" "A type contains itself, so it has no finite value.",
    UnusedType = "unused-type" "A type is not used.",
    UnionTag = "union-tag" "The variants of a union cannot be distinguished.",
    BadName = "bad-name" [Local] "A name cannot be used in the outputs.",
    KeywordName = "keyword-name" "A name is a Rust keyword.",
    NameCollision = "name-collision" "Names are equal in the case style of an output.",
    RouteSyntax = "route-syntax" [Local] "A route is invalid.",
    UndeclaredPlaceholder = "undeclared-placeholder" [Lookup] "A placeholder in a path is not declared as a parameter.",
    UnusedParameter = "unused-parameter"
        "A path parameter is not in the path, or a shared parameter is not used.",
    UnknownParameter = "unknown-parameter" [Lookup] "An inherited parameter is not declared.",
    UnknownSection = "unknown-section" [Lookup] "A listed section or group of events has no file.",
    UnlistedSection = "unlisted-section" [Lookup] "The file of a section or of a group of events is not listed.",
    UnknownError = "unknown-error" [Lookup] "An error is not one of the known errors.",
    UnknownBucket = "unknown-bucket" [Lookup] "A rate-limit bucket is not declared.",
    UnknownPaging = "unknown-paging" [Lookup] "A paging style is not declared.",
    UnknownEdition = "unknown-edition" [Lookup] "An edition of the source documentation is not declared.",
    UnknownOperation = "unknown-operation" [Lookup] "An operation does not exist.",
    BadJsonPath = "bad-json-path" [Local] "The JSON path of a result is invalid, misplaced or used twice.",
    BadPaging = "bad-paging" "A paging style does not match its operation.",
    UnnamedResult = "unnamed-result" "A scalar or a map is the result of an operation, but has no name.",
    MissingLink = "missing-link" "The result of an operation with `records` does not link to a file.",
    BadGrant = "bad-grant" [Lookup] "A token grant does not match its operation.",
    DuplicateRow = "duplicate-row" "A row of the source tables is used twice.",
    StaleCorrection = "stale-correction" "A correction corrects nothing.",
    AmbiguousOperations = "ambiguous-operations"
        "Requests of operations with the same method and path cannot be distinguished.",
    AmbiguousEvents = "ambiguous-events" "Webhooks of two events cannot be distinguished.",
    ClientManifest = "client-manifest" "A hand-written entry cannot be added to the manifest of the client.",
    ExampleRequest = "example-request" "The request of an example does not match its operation.",
    ExampleMissing = "example-missing" [OfDeclaration] "An example lacks a required value.",
    ExampleUnknown = "example-unknown" [OfDeclaration] "An example contains a value that its operation does not declare.",
    ExampleType = "example-type" "A value in an example has the wrong type.",
    ExampleRule = "example-rule" "A value in an example violates a rule.",
}

/// An error in a spec.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// The kind of error.
    pub code: Code,
    /// The error in one line.
    pub message: String,
    /// Position of the error; `None` if a whole file is missing.
    pub span: Option<Span>,
    /// Text at the position of the error.
    pub label: String,
    /// Other positions related to the error, with labels.
    pub related: Vec<(Span, String)>,
    /// How to fix the error.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Creates a diagnostic for an error at a position.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            span: Some(span),
            ..Self::without_span(code, message)
        }
    }

    /// Creates a diagnostic for an error without a position, such as a missing file.
    pub fn without_span(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            span: None,
            label: String::new(),
            related: Vec::new(),
            help: None,
        }
    }

    /// Sets the text at the position of the error.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds another position related to the error.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }

    /// Sets the help text.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Suggests the most similar known name. If no name is similar, lists the known names, up to 12.
    #[must_use]
    pub fn suggest<'a>(self, unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let mut known: Vec<_> = known.into_iter().filter(|known| *known != unknown).collect();
        known.sort_unstable();
        known.dedup();
        match closest(unknown, &known) {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None if known.is_empty() => self,
            None if known.len() <= 12 => self.help(format!("known: `{}`", known.join("`, `"))),
            None => self,
        }
    }
}

/// Shortens a text of the spec to at most 60 characters for a message, and replaces control characters.
#[must_use]
pub fn shorten(text: &str) -> String {
    let sanitize = |c: char| {
        if is_forbidden(c) || c.is_control() {
            '\u{fffd}'
        } else {
            c
        }
    };
    let (head, tail) = text.char_indices().nth(60).map_or((text, ""), |_| (text, "…"));
    let length = if tail.is_empty() { 60 } else { 59 };
    head.chars().take(length).map(sanitize).chain(tail.chars()).collect()
}

/// Returns the known name most similar to an unknown one, if it is similar enough to be a typo.
#[must_use]
pub fn closest<'a>(unknown: &str, known: &[&'a str]) -> Option<&'a str> {
    // The cost is quadratic in the length of the name.
    if unknown.len() > 64 {
        return None;
    }
    let distance = |name: &str| strsim::damerau_levenshtein(&unknown.to_lowercase(), &name.to_lowercase());
    let (distance, name) = known.iter().map(|name| (distance(name), *name)).min()?;
    let tolerated = unknown.chars().count().max(name.chars().count()) / 3;
    (distance <= tolerated).then_some(name)
}

/// The diagnostics of a run, with the sources to display them.
#[derive(Debug, Clone)]
pub struct Diagnostics {
    sources: SourceSet,
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Sorts diagnostics by position and removes exact duplicates.
    #[must_use]
    pub fn new(sources: &SourceSet, mut list: Vec<Diagnostic>) -> Self {
        list.sort_by(|a, b| (a.span, a.code, &a.message).cmp(&(b.span, b.code, &b.message)));
        list.dedup_by(|a, b| a.span == b.span && a.code == b.code && a.message == b.message);
        Self {
            sources: sources.clone(),
            list,
        }
    }

    /// Returns the diagnostics, sorted by position.
    #[must_use]
    pub fn list(&self) -> &[Diagnostic] {
        &self.list
    }

    /// Renders the diagnostics as text for a terminal, optionally in colour.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() }.term_width(160);
        let mut out = String::new();
        for diagnostic in self.list.iter().take(MAX_SHOWN) {
            out += &renderer.render(&[self.report(diagnostic)]);
            out += "\n\n";
        }
        out + &self.summary()
    }

    fn summary(&self) -> String {
        let hidden = self.list.len().saturating_sub(MAX_SHOWN);
        let not_shown = if hidden > 0 {
            format!(" ({hidden} not shown)")
        } else {
            String::new()
        };
        let plural = if self.list.len() == 1 { "" } else { "s" };
        format!(
            "error: found {} error{plural} in the spec{not_shown}; nothing was written\n",
            self.list.len()
        )
    }

    fn report<'a>(&'a self, diagnostic: &'a Diagnostic) -> Group<'a> {
        let title = Level::ERROR
            .primary_title(&diagnostic.message)
            .id(diagnostic.code.as_str());
        let mut group = Group::with_title(title);
        if let Some(span) = diagnostic.span {
            let is_near = |related: Span| related.file == span.file && related.start.abs_diff(span.start) < MAX_WINDOW;
            let (near, far): (Vec<_>, Vec<_>) = diagnostic.related.iter().partition(|(related, _)| is_near(*related));
            let main = (span, &diagnostic.label, AnnotationKind::Primary);
            let near = near
                .into_iter()
                .map(|(span, label)| (*span, label, AnnotationKind::Context));
            group = self.show(group, &[main].into_iter().chain(near).collect::<Vec<_>>());
            for (related, label) in far {
                group = self.show(group, &[(*related, label, AnnotationKind::Context)]);
            }
        }
        if let Some(help) = &diagnostic.help {
            group = group.element(Level::HELP.message(help));
        }
        group
    }

    /// Adds a snippet of one file with annotations to a group.
    fn show<'a>(&'a self, group: Group<'a>, annotations: &[(Span, &'a String, AnnotationKind)]) -> Group<'a> {
        let Some((first, ..)) = annotations.first() else {
            return group;
        };
        let file = self.sources.file(first.file);
        let window = self.window(annotations.iter().map(|(span, ..)| *span));
        let line = file.text[..window.start].matches('\n').count() + 1;
        // Very long lines are unreadable and slow to lay out.
        if window.end - window.start > 4 * MAX_WINDOW {
            let start = self.clamp(*first, &window).start;
            let column = file.text[window.start..window.start + start].chars().count() + 1;
            return group.element(Origin::path(&file.path).line(line).char_column(column));
        }
        let annotations = annotations
            .iter()
            .map(|(span, label, kind)| kind.span(self.clamp(*span, &window)).label(label.as_str()));
        let snippet = Snippet::source(&file.text[window.start..window.end])
            .line_start(line)
            .path(&file.path);
        group.element(snippet.annotations(annotations))
    }

    /// Returns the range of lines in which the spans begin. All spans are in the same file.
    fn window(&self, spans: impl Iterator<Item = Span> + Clone) -> Span {
        let file = spans.clone().next().map_or(FileId(0), |span| span.file);
        let text = self.sources.file(file).text.as_bytes();
        let at = |start: Option<usize>| start.unwrap_or_default().min(text.len());
        let first = at(spans.clone().map(|span| span.start).min());
        let last = at(spans.map(|span| span.start).max());
        let start = text[..first]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let end = text[last..]
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(text.len(), |offset| last + offset);
        Span { file, start, end }
    }

    /// Returns the part of a span in its first line, relative to the window, so that carets never cover a whole section.
    fn clamp(&self, span: Span, window: &Span) -> std::ops::Range<usize> {
        let text = &self.sources.file(span.file).text;
        let floor = |index: usize| {
            (0..=index.min(text.len()))
                .rev()
                .find(|i| text.is_char_boundary(*i))
                .unwrap_or(0)
        };
        let start = floor(span.start);
        let line_end = text[start..].find('\n').map_or(text.len(), |offset| start + offset);
        let end = floor(span.end).clamp(start, line_end);
        start - window.start..end.max(start) - window.start
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}
