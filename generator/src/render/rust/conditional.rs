//! Copies files without the parts that an API does not need.
//!
//! In `templates/client` and `templates/sandbox`, a part between the lines `// @if NAME` and `// @end` is only copied if the crate needs
//! `NAME`. Conditions can be nested. A file without remaining lines is not copied.

/// Returns a file without the parts for which `has` returns `false`; `None` if no line remains. The conditions are valid: the tests check
/// all copied files.
pub(crate) fn select(text: &str, has: impl Fn(&str) -> bool) -> Option<String> {
    let mut out = Selected::default();
    // One entry for each open condition: `true` if it holds.
    let mut open = Vec::new();
    for line in text.lines() {
        match condition(line) {
            Some(Condition::If(parts)) => open.push(parts.iter().all(|part| has(part))),
            Some(Condition::End) => drop(open.pop()),
            None if open.iter().all(|holds| *holds) => out.push(line),
            None => out.after_gap = true,
        }
    }
    out.finish()
}

/// The lines that are kept.
#[derive(Default)]
struct Selected {
    text: String,
    /// `true` if lines were left out after the last one.
    after_gap: bool,
}

impl Selected {
    /// Adds a line. Keeps the layout of rustfmt: next to a gap, there are no two empty lines and none at the edges of a block.
    fn push(&mut self, line: &str) {
        if self.after_gap {
            let is_edge = self.text.is_empty() || self.text.ends_with("\n\n") || self.text.ends_with("{\n");
            if line.is_empty() && is_edge {
                return;
            }
            if line.trim_start().starts_with('}') && self.text.ends_with("\n\n") {
                self.text.pop();
            }
            self.after_gap = false;
        }
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn finish(self) -> Option<String> {
        let text = self.text.trim_end();
        (!text.is_empty()).then(|| format!("{text}\n"))
    }
}

/// A line of a copied file that begins or ends a part.
#[derive(Debug)]
pub(crate) enum Condition<'l> {
    /// The parts that must all be used.
    If(Vec<&'l str>),
    End,
}

/// Reads a line of a copied file as a condition.
pub(crate) fn condition(line: &str) -> Option<Condition<'_>> {
    let words: Vec<_> = line.trim_start().strip_prefix("//")?.split_whitespace().collect();
    match *words.as_slice() {
        ["@if", ref parts @ ..] if !parts.is_empty() => Some(Condition::If(parts.to_vec())),
        ["@end"] => Some(Condition::End),
        _ => None,
    }
}
