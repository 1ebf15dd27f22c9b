//! Mistakes in a spec: what is wrong, where, and what to do about it.

use std::fmt;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::source::{FileId, SourceSet, Span, is_forbidden};

/// The most diagnostics that are shown; the rest are counted.
pub const MAX_SHOWN: usize = 200;

/// How far apart two places may be to be shown together, in bytes.
const MAX_WINDOW: usize = 1 << 13;

macro_rules! codes {
    ($($variant:ident = $name:literal $([$($property:ident),+])? $doc:literal,)+) => {
        /// What kind of mistake a diagnostic reports. Codes are stable: a new release adds some but never renames one.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $doc] $variant,)+
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code as it is shown.
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

/// A property of a code, which stands in brackets where the code is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Property {
    /// All declarations are read in spite of it, so later lookups can be trusted.
    Local,
    /// Suppressed when a declaration could not be read, because it may be a mere consequence of that.
    Lookup,
    /// Says as much about the declaration as about the example, so several examples of an operation report it once.
    OfDeclaration,
}

codes! {
    MissingFile = "missing-file" "A file of the spec is missing.",
    FileTooLarge = "file-too-large" "A file is larger than the reader takes.",
    NotUtf8 = "not-utf8" "A file is not UTF-8.",
    ControlCharacter = "control-character" [Local] "A file holds a control character.",
    YamlSyntax = "yaml-syntax" "A file is not YAML.",
    YamlFeature = "yaml-feature"
        "A YAML feature that the notation refuses: anchors, aliases, merge keys, tags, several documents, complex keys.",
    NestedTooDeep = "nested-too-deep" "YAML that is nested deeper than the reader follows.",
    DuplicateKey = "duplicate-key" [Local] "The same key twice in one mapping.",
    UnknownKey = "unknown-key" [Local] "A key that the notation does not know.",
    MissingKey = "missing-key" [Local] "A required key is missing.",
    WrongKind = "wrong-kind" [Local] "A mapping, a list or a scalar where another of them is expected.",
    BadValue = "bad-value" [Local] "A scalar that does not have the expected form.",
    ConflictingKeys = "conflicting-keys" "Keys that exclude each other.",
    MissingTranslation = "missing-translation" "A text that does not have a part for every language.",
    UnknownLanguage = "unknown-language" "A language that has no interface strings.",
    TypeSyntax = "type-syntax" [Local] "A type expression that cannot be read.",
    UnknownType = "unknown-type" [Lookup] "A type that is not declared.",
    MisplacedType = "misplaced-type" "A type that stands where it cannot.",
    BadRule = "bad-rule" [Local] "A rule that its type cannot have, or that nothing can fulfil.",
    BadDefault = "bad-default" "A default that does not fit its type.",
    DuplicateType = "duplicate-type" "A type declared twice.",
    CyclicType = "cyclic-type" "A type that holds itself, so that no value of it is finite.",
    UnusedType = "unused-type" "A type that nothing uses.",
    UnionTag = "union-tag" "A union whose variants cannot be told apart.",
    BadName = "bad-name" [Local] "A name that no output could use.",
    KeywordName = "keyword-name" "A name that is a keyword of Rust.",
    NameCollision = "name-collision" "Names that are equal once they are cased for an output.",
    RouteSyntax = "route-syntax" [Local] "A route that cannot be read.",
    UndeclaredPlaceholder = "undeclared-placeholder" [Lookup] "A placeholder in a path that no parameter declares.",
    UnusedParameter = "unused-parameter"
        "A path parameter that is not in the path, or a shared parameter that nothing uses.",
    UnknownParameter = "unknown-parameter" [Lookup] "A parameter to inherit that is not declared.",
    UnknownSection = "unknown-section" [Lookup] "A section that is listed but has no file.",
    UnlistedSection = "unlisted-section" [Lookup] "A section's file that is not listed.",
    UnknownError = "unknown-error" [Lookup] "An error that is not in the catalogue.",
    UnknownBucket = "unknown-bucket" [Lookup] "A rate-limit bucket that is not declared.",
    UnknownPaging = "unknown-paging" [Lookup] "A paging style that is not declared.",
    UnknownOperation = "unknown-operation" [Lookup] "An operation that does not exist.",
    BadPlace = "bad-place" [Local] "A place in the answer that cannot be read, or that two results share.",
    BadPaging = "bad-paging" "A paging style that does not fit its operation.",
    MissingLink = "missing-link" "An operation with `records` whose result does not link to a file.",
    BadGrant = "bad-grant" [Lookup] "A token grant that does not fit its operation.",
    DuplicateRow = "duplicate-row" "A row of the source tables claimed twice.",
    StaleCorrection = "stale-correction" "A correction that corrects nothing.",
    AmbiguousOperations = "ambiguous-operations"
        "Operations on one method and path whose requests cannot be told apart.",
    ClientManifest = "client-manifest" "Something by hand for the client's manifest that it cannot take.",
    ExampleRequest = "example-request" "An example whose request is not one of its operation.",
    ExampleMissing = "example-missing" [OfDeclaration] "An example without a required value.",
    ExampleUnknown = "example-unknown" [OfDeclaration] "An example with a value that its operation does not know.",
    ExampleType = "example-type" "An example value of the wrong type.",
    ExampleRule = "example-rule" "An example value that breaks a rule.",
}

/// One mistake.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// What kind of mistake.
    pub code: Code,
    /// What is wrong, in one line.
    pub message: String,
    /// Where; `None` where a whole file is missing.
    pub span: Option<Span>,
    /// What to say at the caret.
    pub label: String,
    /// Other places that matter.
    pub related: Vec<(Span, String)>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A mistake at a place.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        let (message, label) = (message.into(), String::new());
        Self {
            code,
            message,
            span: Some(span),
            label,
            related: Vec::new(),
            help: None,
        }
    }

    /// A mistake without a place, such as a missing file.
    pub fn nowhere(code: Code, message: impl Into<String>) -> Self {
        let (message, label) = (message.into(), String::new());
        Self {
            code,
            message,
            span: None,
            label,
            related: Vec::new(),
            help: None,
        }
    }

    /// Says something at the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Points to another place that matters.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Proposes the known name that is most like the unknown one, or else lists the known ones where they are few.
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

/// A text of the spec for a message: never longer than a line, and nothing in it that a terminal would obey.
#[must_use]
pub fn shorten(text: &str) -> String {
    let shown = |c: char| {
        if is_forbidden(c) || c.is_control() {
            '\u{fffd}'
        } else {
            c
        }
    };
    let (head, tail) = text.char_indices().nth(60).map_or((text, ""), |_| (text, "…"));
    let length = if tail.is_empty() { 60 } else { 59 };
    head.chars().take(length).map(shown).chain(tail.chars()).collect()
}

/// The known name that a typo most likely meant.
#[must_use]
pub fn closest<'a>(unknown: &str, known: &[&'a str]) -> Option<&'a str> {
    // Bounded, so that a hostile key of a megabyte does not cost a megabyte squared.
    if unknown.len() > 64 {
        return None;
    }
    let distance = |name: &str| strsim::damerau_levenshtein(&unknown.to_lowercase(), &name.to_lowercase());
    let (distance, name) = known.iter().map(|name| (distance(name), *name)).min()?;
    let tolerated = unknown.chars().count().max(name.chars().count()) / 3;
    (distance <= tolerated).then_some(name)
}

/// Every mistake of a run, with the sources to show them in.
#[derive(Debug, Clone)]
pub struct Diagnostics {
    sources: SourceSet,
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Sorts mistakes by place and drops exact repetitions.
    #[must_use]
    pub fn new(sources: &SourceSet, mut list: Vec<Diagnostic>) -> Self {
        list.sort_by(|a, b| (a.span, a.code, &a.message).cmp(&(b.span, b.code, &b.message)));
        list.dedup_by(|a, b| a.span == b.span && a.code == b.code && a.message == b.message);
        Self {
            sources: sources.clone(),
            list,
        }
    }

    /// The mistakes, in the order of their places.
    #[must_use]
    pub fn list(&self) -> &[Diagnostic] {
        &self.list
    }

    /// The mistakes as text for a terminal, in colour if wanted.
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
        let rest = if hidden > 0 {
            format!(" ({hidden} of them not shown)")
        } else {
            String::new()
        };
        let plural = if self.list.len() == 1 { "" } else { "s" };
        format!(
            "error: {} mistake{plural} in the spec{rest}; nothing was written\n",
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

    /// Adds the lines of places in one file, with what is to be said about them.
    fn show<'a>(&'a self, group: Group<'a>, places: &[(Span, &'a String, AnnotationKind)]) -> Group<'a> {
        let Some((first, ..)) = places.first() else {
            return group;
        };
        let file = self.sources.file(first.file);
        let window = self.window(places.iter().map(|(span, ..)| *span));
        let line = file.text[..window.start].matches('\n').count() + 1;
        // Nobody reads a line of a megabyte, and laying it out takes its time.
        if window.end - window.start > 4 * MAX_WINDOW {
            let start = self.clamp(*first, &window).start;
            let column = file.text[window.start..window.start + start].chars().count() + 1;
            return group.element(Origin::path(&file.path).line(line).char_column(column));
        }
        let annotations = places
            .iter()
            .map(|(span, label, kind)| kind.span(self.clamp(*span, &window)).label(label.as_str()));
        let snippet = Snippet::source(&file.text[window.start..window.end])
            .line_start(line)
            .path(&file.path);
        group.element(snippet.annotations(annotations))
    }

    /// The lines that hold the beginnings of these places of one file; more of it need not be looked at.
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

    /// A range of at most one line of a window: a caret under a whole section helps nobody.
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
