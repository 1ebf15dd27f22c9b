//! The mistakes that can be made in one line of an operation, and the location at which each must be reported.
//!
//! Lines are handled as text and YAML is not parsed, so the locations do not depend on the generator.

use std::ops::Range;

/// A line of an operation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) text: &'a str,
    /// Offset of the line in its file.
    pub(crate) start: usize,
    /// The whole operation.
    pub(crate) operation: &'a str,
    /// Whether the value ends on this line.
    pub(crate) is_whole: bool,
}

/// A change to one line, and the diagnostic that it must cause.
#[derive(Debug, Clone)]
pub(crate) struct Mistake {
    pub(crate) kind: &'static str,
    pub(crate) code: &'static str,
    /// The range of the file that is replaced.
    pub(crate) edit: Range<usize>,
    pub(crate) with: String,
    /// The expected offset of the diagnostic in the changed file, if this is the only change.
    pub(crate) at: usize,
    /// The expected help; empty for any.
    pub(crate) help: String,
}

/// Returns the mistakes of some kinds.
type Rule = fn(&Line<'_>) -> Vec<Mistake>;

/// Returns every mistake that can be made in a line.
pub(crate) fn all(line: &Line<'_>) -> Vec<Mistake> {
    let rules: [Rule; 10] = [
        types,
        brackets,
        json_paths,
        translations,
        routes,
        keys,
        requests,
        bodies,
        responses,
        references,
    ];
    rules.iter().flat_map(|rule| rule(line)).collect()
}

impl<'a> Line<'a> {
    /// Returns depth, key and range of the value. The first key of a list item is two deeper than its dash.
    fn entry(&self) -> Option<(usize, &'a str, Range<usize>)> {
        let content = self.text.trim_start_matches([' ', '-']);
        let depth = self.text.len() - content.len();
        let (key, value) = content
            .split_once(": ")
            .or(content.strip_suffix(':').map(|key| (key, "")))?;
        let start = self.text.len() - value.len();
        // Lines of prose can contain a colon, too.
        let is_word = |name: &str| !name.contains([' ', '{', '"']);
        key.split(" = ")
            .all(is_word)
            .then_some((depth, key, start..self.text.len()))
    }

    /// Returns the range of the value if the line has this key at this depth.
    fn value_of(&self, depth: usize, key: &str) -> Option<Range<usize>> {
        let (found, name, value) = self.entry()?;
        ((found, name) == (depth, key)).then_some(value)
    }

    /// Returns the type and its range if the line is a declaration.
    fn declared(&self) -> Option<(Range<usize>, &'a str)> {
        let (_, _, value) = self.entry()?;
        let ty = self.text[value.clone()].split_once(" -- ")?.0;
        Some((value.start..value.start + ty.len(), ty))
    }

    /// Makes a mistake that is reported `offset` bytes after the start of the edit.
    fn mistake(
        &self,
        (kind, code): (&'static str, &'static str),
        edit: Range<usize>,
        with: &str,
        offset: usize,
    ) -> Mistake {
        Mistake {
            kind,
            code,
            edit: self.start + edit.start..self.start + edit.end,
            with: with.to_owned(),
            at: self.start + edit.start + offset,
            help: String::new(),
        }
    }

    /// Swaps two letters of a word. The expected help suggests the word.
    fn typo(&self, kind_and_code: (&'static str, &'static str), word: Range<usize>) -> Option<Mistake> {
        let text = &self.text[word.clone()];
        let mut letters: Vec<char> = text.chars().collect();
        let differ =
            |at: &usize| letters[*at] != letters[at + 1] && letters[*at..at + 2].iter().all(|c| c.is_alphanumeric());
        let at = (1..letters.len().saturating_sub(1))
            .chain([0])
            .filter(|at| at + 1 < letters.len())
            .find(differ)?;
        letters.swap(at, at + 1);
        let help = format!("did you mean `{text}`?");
        let mistake = self.mistake(kind_and_code, word, &String::from_iter(letters), 0);
        Some(Mistake { help, ..mistake })
    }
}

/// Misspelt types, such as `strnig`.
fn types(line: &Line<'_>) -> Vec<Mistake> {
    let Some((at, ty)) = line.declared().filter(|(_, ty)| !ty.starts_with("const ")) else {
        return Vec::new();
    };
    let name = ty.trim_start_matches("map<");
    let start = at.start + ty.len() - name.len();
    let length = name.find(|c: char| !c.is_alphanumeric()).unwrap_or(name.len());
    line.typo(("type", "unknown-type"), start..start + length)
        .into_iter()
        .collect()
}

/// Missing closing brackets, reported where the bracket was expected.
fn brackets(line: &Line<'_>) -> Vec<Mistake> {
    // Regular expressions may contain brackets.
    let Some((at, ty)) = line.declared().filter(|(_, ty)| !ty.contains('/')) else {
        return Vec::new();
    };
    let found = ty.find([')', '>']).filter(|close| ty[close + 1..].is_empty());
    let mistake = |close: usize| {
        // Blanks before an expected `)` are skipped.
        let offset = usize::from(ty.ends_with(')'));
        line.mistake(
            ("bracket", "type-syntax"),
            at.start + close..at.start + close + 1,
            "",
            offset,
        )
    };
    found.map(mistake).into_iter().collect()
}

/// Invalid JSON paths of results.
fn json_paths(line: &Line<'_>) -> Vec<Mistake> {
    let Some((at, rest)) = line
        .declared()
        .and_then(|(at, ty)| Some((at, ty.split_once(" in ")?.1)))
    else {
        return Vec::new();
    };
    let start = at.end - rest.len();
    let path = rest.split(" = ").next().unwrap_or(rest);
    vec![line.mistake(
        ("JSON path", "bad-json-path"),
        start..start + path.len(),
        &format!("{path}["),
        0,
    )]
}

/// Texts without a second language.
fn translations(line: &Line<'_>) -> Vec<Mistake> {
    let Some((bar, (_, _, value))) = line.text.find(" | ").zip(line.entry()) else {
        return Vec::new();
    };
    let text = line.declared().map_or(value.start, |(ty, _)| ty.end + 4);
    let mut mistake = line.mistake(("translation", "missing-translation"), bar..value.end, "", 0);
    mistake.at = line.start + text;
    vec![mistake]
}

/// Invalid routes, and placeholders that are not declared as parameters.
fn routes(line: &Line<'_>) -> Vec<Mistake> {
    let Some(route) = line.value_of(4, "route") else {
        return Vec::new();
    };
    let Some(blank) = line.text[route.clone()].find(' ') else {
        return Vec::new();
    };
    let path = route.start + blank + 1;
    let broken = ("route", "route-syntax");
    let undeclared = ("placeholder", "undeclared-placeholder");
    let end = route.end;
    let mut out = vec![
        line.mistake(broken, path..path + 1, "", 0),
        line.mistake(broken, path..path, "/", 0),
        line.mistake(broken, route.start..path - 1, "FETCH", 0),
        line.mistake(undeclared, end..end, "/{nowhere}", 1),
    ];
    for (open, _) in line.text.match_indices('{') {
        let length = line.text[open..].find('}').unwrap_or_default();
        let typo = line.typo(undeclared, open + 1..open + length);
        out.extend(typo.map(|typo| Mistake {
            at: typo.at - 1,
            ..typo
        }));
        let unclosed = line.mistake(broken, open + length..open + length + 1, "", 0);
        out.push(Mistake {
            at: line.start + open,
            ..unclosed
        });
    }
    out
}

/// Misspelt and duplicate keys of operations and examples.
fn keys(line: &Line<'_>) -> Vec<Mistake> {
    let Some((depth, key, value)) = line.entry() else {
        return Vec::new();
    };
    let is_declared = line.declared().is_some();
    let start = value.start - line.text[..value.start].trim_start_matches([' ', '-']).len();
    let is_known = depth == 4 || (depth == 8 && !is_declared);
    let typo = is_known.then(|| line.typo(("key", "unknown-key"), start..start + key.len()));
    let copy = format!("\n{}{}", " ".repeat(depth), &line.text[start..]);
    let end = line.text.len();
    let twice = (line.is_whole && depth <= 8)
        .then(|| line.mistake(("duplicate key", "duplicate-key"), end..end, &copy, 1 + depth));
    typo.flatten().into_iter().chain(twice).collect()
}

/// Requests with another method than the operation, and undeclared query parameters.
fn requests(line: &Line<'_>) -> Vec<Mistake> {
    let Some(request) = line.value_of(8, "request") else {
        return Vec::new();
    };
    let text = &line.text[request.clone()];
    let method = request.start..request.start + text.find(' ').unwrap_or_default();
    let other = if text.starts_with("PUT") { "GET" } else { "PUT" };
    let mut out = vec![line.mistake(("request", "example-request"), method, other, 0)];
    if let Some(query) = text.find('?') {
        let start = request.start + query + 1;
        out.push(line.mistake(("argument", "example-unknown"), start..start, "nonsense=1&", 0));
    } else {
        let end = request.end;
        out.push(line.mistake(("argument", "example-unknown"), end..end, "?nonsense=1", 1));
    }
    out
}

/// Undeclared fields of bodies, and values of the wrong type.
fn bodies(line: &Line<'_>) -> Vec<Mistake> {
    let is_fields = line.operation.contains("\n    body:\n") && !line.operation.contains("\n      =");
    let body = line
        .value_of(8, "body")
        .filter(|body| is_fields && line.text[body.clone()].starts_with('{'));
    let Some(body) = body else {
        return Vec::new();
    };
    let start = body.start + 1;
    let mut out = vec![line.mistake(("unknown field", "example-unknown"), start..start, "nonsense: 1, ", 0)];
    // The first value, if it is a scalar.
    let first = &line.text[start..];
    let key = first.find(": ").unwrap_or_default();
    let word = first[key..].trim_start_matches([':', ' ']);
    let length = word.find([',', '}']).unwrap_or_default();
    let is_scalar = ["string", "int", "bool", "UserId"]
        .iter()
        .any(|ty| line.operation.contains(&format!("\n      {}: {ty}", &first[..key])));
    if is_scalar && !word[..length].starts_with(['[', '{']) {
        let value = line.text.len() - word.len();
        out.push(line.mistake(("value", "example-type"), value..value + length, "[7]", 0));
    }
    out
}

/// Values of the wrong type and unknown keys in the envelopes of responses.
fn responses(line: &Line<'_>) -> Vec<Mistake> {
    let is_enveloped = !line.operation.contains("\n    result: ") || line.operation.contains(" in ");
    let mut out = Vec::new();
    for key in ["timestamp", "duration", "count"] {
        let Some(value) = line.value_of(10, key).filter(|_| is_enveloped) else {
            continue;
        };
        out.push(line.mistake(("value", "example-type"), value.clone(), "soon", 0));
        let key = value.start - 2 - key.len()..value.start - 2;
        out.extend(line.typo(("key of a response", "example-unknown"), key));
    }
    out
}

/// References to names that are not declared, and invalid values.
fn references(line: &Line<'_>) -> Vec<Mistake> {
    let mut out = Vec::new();
    let value = |key| line.value_of(4, key);
    if let Some(errors) = value("errors") {
        let name = line.text[errors.clone()].trim_start_matches(|c: char| !c.is_alphabetic());
        let start = errors.end - name.len();
        let length = name.find([',', ']']).unwrap_or_default();
        let first = errors.start + 1;
        let typo = line.typo(("error", "unknown-error"), start..start + length);
        out.extend(typo.map(|typo| Mistake {
            at: line.start + first,
            ..typo
        }));
    }
    out.extend(value("paging").and_then(|style| line.typo(("paging style", "unknown-paging"), style)));
    for (key, code, with) in [
        ("limit", "unknown-bucket", "nowhere"),
        ("limit", "bad-value", "often/s"),
        ("row", "bad-value", "first"),
        ("idempotent", "bad-value", "maybe"),
        ("superseded_by", "unknown-operation", "[nowhere]"),
    ] {
        let mut mistake = match (value(key), value("title")) {
            (Some(value), _) => line.mistake((key, code), value, with, 0),
            (None, Some(title)) if !line.operation.contains(&format!("\n    {key}: ")) => {
                let added = format!("\n    {key}: {with}");
                line.mistake((key, code), title.end..title.end, &added, added.len() - with.len())
            }
            _ => continue,
        };
        // In a list, the diagnostic points at the element.
        mistake.at += usize::from(with.starts_with('['));
        out.push(mistake);
    }
    out
}
