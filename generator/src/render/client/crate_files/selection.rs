//! Finds the parts of copied files that a crate does not use, so that they are left out.

use std::collections::BTreeSet;

use crate::files::File;
use crate::render::rust::conditional::select;

/// An optional part of the runtime: its name, the pieces of code that need it, and the parts that it needs itself.
type Part = (&'static str, &'static [&'static str], &'static [&'static str]);

#[rustfmt::skip]
const PARTS: [Part; 55] = [
    ("all_done", &[".all_done("], &["not_done"]),
    ("as_text", &["wire::as_text"], &["writer"]),
    ("auth", &["AuthInfo"], &[]),
    ("bool_text", &["wire::is("], &[]),
    ("check", &["Check"], &["checked", "each", "entries"]),
    ("checked", &["check::"], &[]),
    ("count", &["check::count("], &["within"]),
    ("cursor", &["paging::cursor("], &[]),
    ("done", &[".done("], &["bool_text", "not_done"]),
    ("downloadable", &["downloadable!"], &[]),
    ("each", &["check::each("], &[]),
    ("entries", &["check::entries("], &[]),
    ("equal_text", &["equal_text!"], &[]),
    ("family", &[": family("], &["flatten"]),
    ("family_check", &["check::family("], &[]),
    ("first_path", &[".first("], &[]),
    ("flatten", &["Flattened {"], &["json_part"]),
    ("form", &[".form_field(", ".form_entries("], &[]),
    ("from", &["from!"], &[]),
    ("from_content", &["from_content!"], &["from"]),
    ("from_text", &["from_text!"], &["from"]),
    ("has_elements", &["paging::has_elements("], &[]),
    ("id", &[], &[]),
    ("integer_argument", &["Integer::of("], &[]),
    ("json_part", &["text.decode("], &[]),
    ("length", &["check::length("], &["text_check", "within"]),
    ("list", &["wire::list"], &["one_or_many"]),
    ("not_done", &[], &[]),
    ("number", &["paging::number("], &["has_elements"]),
    ("object", &["object!"], &[]),
    ("one_key", &["text.key("], &[]),
    ("one_or_many", &[], &["json_part"]),
    ("pageable", &["pageable!"], &[]),
    ("pattern", &["check::pattern("], &["text_check"]),
    ("range", &["check::range("], &["within"]),
    ("recorded", &["recorded!"], &[]),
    ("required", &[": required(", ": nullable("], &[]),
    ("required_json", &[": json("], &["required"]),
    ("single", &["single!"], &[]),
    ("span", &[".or_forever("], &[]),
    ("splittable", &["splittable!"], &[]),
    ("string_enum", &["string_enum!"], &["text"]),
    ("string_newtype", &["string_newtype!"], &["equal_text", "from_text", "id", "text"]),
    ("tag", &["text.tag("], &["tagged"]),
    ("tagged", &[], &[]),
    ("tagged_value", &["text.value("], &["json_part", "tagged"]),
    ("text", &["text!"], &[]),
    ("text_check", &[], &[]),
    ("value", &["wire::value"], &[]),
    ("value_list", &["wire::value_list"], &["one_or_many"]),
    ("webhook", &["Received::new("], &[]),
    ("webhook_signature", &["SignedPart::"], &["webhook"]),
    ("write_family", &["wire::write_family"], &["writer"]),
    ("writer", &[], &[]),
    ("within", &[], &[]),
];

/// The parts that a crate uses.
#[derive(Debug, Default)]
pub(super) struct Selection(BTreeSet<&'static str>);

impl Selection {
    /// Finds the parts that the sources of a crate use. Comments do not count.
    pub(super) fn of<'f>(files: impl IntoIterator<Item = &'f File>) -> Self {
        let mut selection = Self::default();
        for file in files {
            let lines = file.contents.lines().map(str::trim_start);
            for line in lines.filter(|line| !line.starts_with("//")) {
                let needed = PARTS
                    .iter()
                    .filter(|(_, code, _)| code.iter().any(|code| contains(line, code)));
                needed.for_each(|part| selection.add(part));
            }
        }
        selection
    }

    /// Adds a part and those that it needs.
    fn add(&mut self, (part, _, needs): &Part) {
        if self.0.insert(*part) {
            let needed = PARTS.iter().filter(|(part, ..)| needs.contains(part));
            needed.for_each(|part| self.add(part));
        }
    }

    /// Returns `true` if the crate uses a part.
    pub(super) fn has(&self, part: &str) -> bool {
        self.0.contains(part)
    }

    /// Returns all parts, and whether the crate uses them.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, bool)> {
        PARTS.iter().map(|(part, ..)| (*part, self.has(part)))
    }

    /// Returns a copied file without the parts that are not used; `None` if nothing is left. Its conditions are valid: the tests
    /// check all copied files.
    pub(super) fn apply(&self, text: &str) -> Option<String> {
        select(text, |part| self.has(part))
    }
}

/// Returns `true` if a line contains code that does not begin or end within a word.
fn contains(line: &str, code: &str) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(code).any(|(start, _)| {
        let (before, after) = (
            line[..start].chars().next_back(),
            line[start + code.len()..].chars().next(),
        );
        !(is_word(code.chars().next()) && is_word(before) || is_word(code.chars().next_back()) && is_word(after))
    })
}

#[cfg(test)]
mod tests {
    use super::super::copied::VERBATIM;
    use super::*;
    use crate::render::rust::conditional::{Condition, condition};

    fn selection(parts: &[&'static str]) -> Selection {
        Selection(parts.iter().copied().collect())
    }

    /// Two parts, so that the tests do not depend on what they are.
    fn two() -> [&'static str; 2] {
        [PARTS[0].0, PARTS[1].0]
    }

    #[test]
    fn parts_that_are_not_used_are_left_out() {
        let [a, b] = two();
        let text = format!("1\n// @if {a}\n2\n    // @if {b}\n3\n    // @end\n4\n// @end\n5\n");
        for (parts, expected) in [
            (&[][..], "1\n5\n"),
            (&[a], "1\n2\n4\n5\n"),
            (&[b], "1\n5\n"),
            (&[a, b], "1\n2\n3\n4\n5\n"),
        ] {
            assert_eq!(selection(parts).apply(&text).as_deref(), Some(expected), "{parts:?}");
        }
    }

    #[test]
    fn gaps_keep_the_layout_of_rustfmt() {
        let [a, _] = two();
        let nothing = selection(&[]);
        for (text, expected) in [
            ("1\n\n// @if A\n2\n// @end\n\n3\n", "1\n\n3\n"),
            ("{\n    // @if A\n    2\n    // @end\n\n    3\n}\n", "{\n    3\n}\n"),
            ("{\n    1\n\n    // @if A\n    2\n    // @end\n}\n", "{\n    1\n}\n"),
            ("// @if A\n1\n// @end\n\n2\n", "2\n"),
            ("1\n\n// @if A\n2\n// @end\n", "1\n"),
        ] {
            let text = text.replace('A', a);
            assert_eq!(nothing.apply(&text).as_deref(), Some(expected), "{text}");
        }
        // Elsewhere, empty lines stay, for example in a literal.
        assert_eq!(nothing.apply("{\n\n\n}\n").as_deref(), Some("{\n\n\n}\n"));
    }

    #[test]
    fn a_file_of_which_nothing_is_left_is_left_out() {
        let [a, _] = two();
        let text = format!("// @if {a}\n1\n// @end\n");
        assert_eq!(selection(&[]).apply(&text), None);
        assert_eq!(selection(&[a]).apply(&text).as_deref(), Some("1\n"));
    }

    /// Returns the parts that the conditions of a file name, or what is wrong with them.
    fn conditions(text: &str) -> Result<BTreeSet<&str>, String> {
        let (mut named, mut open) = (BTreeSet::new(), 0_usize);
        for (line, number) in text.lines().zip(1..) {
            match condition(line) {
                Some(Condition::If(parts)) => {
                    let unknown = parts.iter().find(|part| PARTS.iter().all(|(known, ..)| known != *part));
                    if let Some(part) = unknown {
                        return Err(format!("line {number}: unknown part `{part}`"));
                    }
                    open += 1;
                    named.extend(parts);
                }
                Some(Condition::End) => {
                    let outer = open.checked_sub(1);
                    open = outer.ok_or_else(|| format!("line {number}: `@end` without `@if`"))?;
                }
                None if line.trim_start().starts_with("// @") && !line.starts_with("// @generated") => {
                    return Err(format!("line {number}: expected `// @if NAME` or `// @end`"));
                }
                None => {}
            }
        }
        if open == 0 {
            Ok(named)
        } else {
            Err("`@if` without `@end`".to_owned())
        }
    }

    #[test]
    fn invalid_conditions_are_found() {
        let [a, _] = two();
        for (text, message) in [
            ("// @if nothing\n// @end\n", "line 1: unknown part `nothing`"),
            ("1\n// @end\n", "line 2: `@end` without `@if`"),
            ("// @if A\n// @end\n// @end\n", "line 3: `@end` without `@if`"),
            ("// @if A\n1\n", "`@if` without `@end`"),
            ("// @if A\n// @if A\n// @end\n", "`@if` without `@end`"),
            ("// @if\n", "line 1: expected `// @if NAME` or `// @end`"),
            ("// @if A nothing\n// @end\n", "line 1: unknown part `nothing`"),
            ("// @else\n", "line 1: expected `// @if NAME` or `// @end`"),
            ("// @end A\n", "line 1: expected `// @if NAME` or `// @end`"),
        ] {
            let text = text.replace('A', a);
            assert_eq!(conditions(&text), Err(message.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_part_selects_those_that_it_needs() {
        for (part, code, needs) in PARTS {
            for need in needs {
                assert!(PARTS.iter().any(|(known, ..)| known == need), "{part} needs {need}");
            }
            for code in code {
                let contents = format!("{code} x);");
                let path = String::new();
                let selection = Selection::of([&File { path, contents }]);
                assert!(needs.iter().all(|need| selection.has(need)), "{code}");
            }
        }
    }

    #[test]
    fn code_selects_parts_and_comments_do_not() {
        for (part, codes, _) in PARTS {
            for code in codes {
                let of = |contents: String| {
                    let file = File {
                        path: String::new(),
                        contents,
                    };
                    Selection::of([&file]).has(part)
                };
                assert!(of(format!("    ({code} x);")), "{code}");
                assert!(!of(format!("/// ({code} x)\n    // ({code} x)\n")), "{code}");
            }
        }
    }

    #[test]
    fn only_whole_words_count() {
        for (line, code, expected) in [
            ("use crate::{A, Nullable};", "Nullable", true),
            ("NullableText, Nullable", "Nullable", true),
            ("NullableText", "Nullable", false),
            ("macros::int_enum!(A);", "int_enum!", true),
            ("macros::print_enum!(A);", "int_enum!", false),
            ("response.first(&[])", ".first(", true),
            ("response.first_of(&[])", ".first(", false),
        ] {
            assert_eq!(contains(line, code), expected, "{line}");
        }
    }

    #[test]
    fn every_copied_file_has_valid_conditions_and_every_part_occurs() {
        let mut named = BTreeSet::new();
        for (path, text) in VERBATIM {
            named.extend(conditions(text).unwrap_or_else(|error| panic!("{path}: {error}")));
        }
        assert_eq!(named, PARTS.iter().map(|(part, ..)| *part).collect());
    }
}
