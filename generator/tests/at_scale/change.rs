//! A spec with mistakes, and what is reported about it.

use std::fmt;

use generator::diagnostic::{Diagnostics, MAX_SHOWN};
use generator::source::SourceSet;

use super::mistakes::{Mark, Mistake};
use super::places;
use super::spec::{Operation, Spec};

/// A mistake in an operation.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// The operation.
    pub operation: &'a Operation<'a>,
    /// The mistake.
    pub mistake: &'a Mistake,
}

impl fmt::Display for Change<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mistake { kind, edit, with, .. } = self.mistake;
        write!(
            f,
            "{}: {kind}: {:?} -> {with:?}",
            self.operation.id(),
            self.operation.at(edit)
        )
    }
}

/// A spec with mistakes.
#[derive(Debug)]
pub struct Changed<'a> {
    sources: SourceSet,
    /// The mistakes, and where they are to be reported: path, line and column.
    expected: Vec<(Change<'a>, (String, usize, usize))>,
}

impl<'a> Changed<'a> {
    /// Makes mistakes in a spec, at most one in each operation.
    pub fn new(spec: &Spec, changes: &[Change<'a>]) -> Self {
        let mut expected = Vec::new();
        let mut files = Vec::new();
        for (path, text) in &spec.files {
            let here = changes.iter().filter(|change| change.operation.path == path);
            let mistakes: Vec<_> = here.clone().map(|change| change.mistake).collect();
            let (broken, marks) = apply(text, &mistakes);
            expected.extend(here.zip(marks).map(|(change, mark)| {
                let (line, column) = places::line_and_column(&broken, mark);
                (*change, (path.clone(), line, column))
            }));
            files.push((path.clone(), broken.into_bytes()));
        }
        assert_eq!(expected.len(), changes.len());
        Self {
            sources: SourceSet::from_files(files),
            expected,
        }
    }
}

/// Makes mistakes in a text, in their order; the text, and where each is to be reported in it.
fn apply(text: &str, mistakes: &[&Mistake]) -> (String, Vec<usize>) {
    let (mut out, mut done) = (String::new(), 0);
    let mut starts = Vec::new();
    for mistake in mistakes {
        out += &text[done..mistake.edit.start];
        starts.push(out.len());
        out += &mistake.with;
        done = mistake.edit.end;
    }
    out += &text[done..];
    let moved = |at: usize| {
        let before = mistakes.iter().filter(|mistake| mistake.edit.end <= at);
        before.fold(at, |at, mistake| at + mistake.with.len() - mistake.edit.len())
    };
    let mark = |(mistake, start): (&&Mistake, usize)| match mistake.mark {
        Mark::Inside(offset) => start + offset,
        Mark::Outside(at) => moved(at),
    };
    let marks = mistakes.iter().zip(starts).map(mark).collect();
    (out, marks)
}

/// What is reported about a spec.
#[derive(Debug)]
pub struct Outcome {
    diagnostics: Diagnostics,
    text: String,
    /// Code, path, line, column and help of every diagnostic.
    found: Vec<(&'static str, (String, usize, usize), String)>,
}

impl Outcome {
    /// Loads a spec.
    pub fn of(changed: &Changed<'_>) -> Self {
        let sources = &changed.sources;
        let diagnostics = generator::load(sources)
            .err()
            .unwrap_or_else(|| Diagnostics::new(sources, Vec::new()));
        let found = diagnostics.list().iter().filter_map(|diagnostic| {
            let file = sources.file(diagnostic.span?.file);
            let (line, column) = places::line_and_column(&file.text, diagnostic.span?.start);
            let place = (file.path.clone(), line, column);
            Some((
                diagnostic.code.as_str(),
                place,
                diagnostic.help.clone().unwrap_or_default(),
            ))
        });
        Self {
            found: found.collect(),
            text: diagnostics.render(false),
            diagnostics,
        }
    }

    /// How many mistakes are reported.
    pub fn count(&self) -> usize {
        self.diagnostics.list().len()
    }

    /// What the author reads.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The mistakes that are not reported as they should be, each with what is wrong about it.
    pub fn unreported(&self, changed: &Changed<'_>) -> Vec<String> {
        let flaw = |(change, place): &(Change<'_>, (String, usize, usize))| {
            let Mistake { code, help, .. } = change.mistake;
            let (path, line, column) = place;
            let shown = format!("--> {path}:{line}:{column}\n");
            let mut here = self.found.iter().filter(|(found, at, _)| found == code && at == place);
            let wrong = match here.next() {
                None => format!("no {code} at {path}:{line}:{column}"),
                Some((.., given)) if !given.contains(help.as_deref().unwrap_or_default()) => {
                    format!("the help is {given:?}, not {help:?}")
                }
                Some(_) if self.count() <= MAX_SHOWN && !self.text.contains(&shown) => format!("no {shown:?} is shown"),
                Some(_) => return None,
            };
            let text = if changed.expected.len() == 1 { self.text() } else { "" };
            Some(format!("{change}: {wrong}\n{text}"))
        };
        changed.expected.iter().filter_map(flaw).collect()
    }
}
