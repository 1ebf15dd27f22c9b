//! Places in the YAML of a spec, found without the generator: by indentation, brackets and quotes alone.
//!
//! It reads the YAML that the specs of this repository are written in, and no more of it.

use std::ops::Range;

/// A range of bytes in a file.
pub type Place = Range<usize>;

/// An entry of a mapping.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key, with its quotes.
    pub key: Place,
    /// The value; empty where there is none.
    pub value: Place,
}

impl Entry {
    /// All of it.
    pub fn whole(&self) -> Place {
        self.key.start..self.value.end
    }
}

/// The entries of the mapping at a place, in either style; none where something else stands there.
pub fn entries(text: &str, at: &Place) -> Vec<Entry> {
    let pieces = match text[at.clone()].chars().next() {
        Some('{') => pieces(text, at),
        None | Some('[' | '>' | '|' | '"' | '\'' | '-') => Vec::new(),
        Some(_) => blocks(text, at),
    };
    pieces.iter().filter_map(|piece| split(text, piece)).collect()
}

/// The items of the list at a place, in either style; none where something else stands there.
pub fn items(text: &str, at: &Place) -> Vec<Place> {
    match &text[at.clone()] {
        list if list.starts_with('[') => pieces(text, at),
        list if list.starts_with("- ") => {
            let blocks = blocks(text, at);
            blocks
                .iter()
                .map(|block| trim(text, block.start + 1..block.end))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The entry under a key.
pub fn get(text: &str, at: &Place, key: &str) -> Option<Entry> {
    entries(text, at)
        .into_iter()
        .find(|entry| &text[entry.key.clone()] == key)
}

/// What stands at a place in an answer such as `entities[0]` or `data.items`.
pub fn locate(text: &str, at: &Place, path: &str) -> Option<Place> {
    let mut steps = path.split(['.', '[']).filter(|step| !step.is_empty());
    steps.try_fold(at.clone(), |at, step| match step.strip_suffix(']') {
        Some(index) => items(text, &at).get(index.parse::<usize>().ok()?).cloned(),
        None => get(text, &at, step).map(|entry| entry.value),
    })
}

/// Where the line of a place begins.
pub fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

/// Line and column of a place, both counted from 1, in characters.
pub fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let start = line_start(text, at);
    (
        text[..start].matches('\n').count() + 1,
        text[start..at].chars().count() + 1,
    )
}

/// A place without the blanks at its ends.
pub fn trim(text: &str, at: Place) -> Place {
    let inner = &text[at.clone()];
    let start = at.start + inner.len() - inner.trim_start().len();
    start..start.max(at.start + inner.trim_end().len())
}

/// The parts of a block: each begins in the column of the first.
fn blocks(text: &str, at: &Place) -> Vec<Place> {
    let column = at.start - line_start(text, at.start);
    let mut starts = vec![at.start];
    let mut next = at.start;
    while let Some(end) = text[next..at.end].find('\n') {
        next += end + 1;
        let line = &text[next..at.end];
        if line.len() - line.trim_start_matches(' ').len() == column && !line[column..].starts_with(['\n', ' ']) {
            starts.push(next + column);
        }
    }
    let ends = starts[1..].iter().copied().chain([at.end]).collect::<Vec<_>>();
    starts
        .into_iter()
        .zip(ends)
        .map(|(start, end)| trim(text, start..end))
        .collect()
}

/// The parts of a mapping or list in brackets.
fn pieces(text: &str, at: &Place) -> Vec<Place> {
    let bytes = text.as_bytes();
    let (mut out, mut depth, mut start, mut here) = (Vec::new(), 0, at.start + 1, at.start);
    while here < at.end {
        match bytes[here] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            quote @ (b'"' | b'\'') if begins_token(&text[..here]) => here = end_of_quoted(bytes, here, quote),
            _ => {}
        }
        if (bytes[here] == b',' && depth == 1) || depth == 0 {
            out.push(trim(text, start..here));
            start = here + 1;
        }
        if depth == 0 {
            break;
        }
        here += 1;
    }
    out.retain(|piece| !piece.is_empty());
    out
}

/// Whether a quote after this text opens a string, and is no apostrophe.
fn begins_token(before: &str) -> bool {
    before.trim_end().ends_with(['{', '[', ',', ':'])
}

fn end_of_quoted(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut here = start + 1;
    while bytes[here] != quote || (quote == b'\'' && bytes[here + 1] == quote) {
        let escaped = bytes[here] == quote || (quote == b'"' && bytes[here] == b'\\');
        here += 1 + usize::from(escaped);
    }
    here
}

fn split(text: &str, piece: &Place) -> Option<Entry> {
    let inner = &text[piece.clone()];
    let from = match inner.as_bytes().first()? {
        quote @ (b'"' | b'\'') => end_of_quoted(inner.as_bytes(), 0, *quote),
        _ => 0,
    };
    let mut colons = inner[from..].match_indices(':').map(|(at, _)| from + at);
    let colon = colons.find(|at| inner[at + 1..].is_empty() || inner[at + 1..].starts_with([' ', '\n']))?;
    Some(Entry {
        key: piece.start..piece.start + colon,
        value: trim(text, piece.start + colon + 1..piece.end),
    })
}
