//! The mistakes that can be made in an operation, and where each has to be reported.

use super::parts::{
    argument, body_kind, line_of, lines, literals, place_of, results, type_word, wire_name, with_comma, wrong_value,
};
use super::places::{self, Entry, Place};
use super::spec::Operation;

/// One mistake: a change of the text, and what it has to give.
#[derive(Debug, Clone)]
pub struct Mistake {
    /// What kind of mistake it is.
    pub kind: &'static str,
    /// The code of its diagnostic.
    pub code: &'static str,
    /// What is replaced.
    pub edit: Place,
    /// What it is replaced with.
    pub with: String,
    /// Where it is to be reported.
    pub mark: Mark,
    /// What the help has to say.
    pub help: Option<String>,
}

/// Where a mistake is to be reported.
#[derive(Debug, Clone, Copy)]
pub enum Mark {
    /// At this byte of what was put in.
    Inside(usize),
    /// At this byte of the file before it was changed.
    Outside(usize),
}

type Found = Vec<Mistake>;

impl Mistake {
    fn new(kind: &'static str, code: &'static str, edit: Place, with: impl Into<String>, mark: Mark) -> Self {
        Self {
            kind,
            code,
            edit,
            with: with.into(),
            mark,
            help: None,
        }
    }

    fn help(mut self, help: String) -> Self {
        self.help = Some(help);
        self
    }
}

/// Every mistake that this file knows to make in an operation, one at a time.
pub fn all(operation: &Operation<'_>) -> Found {
    let kinds: [fn(&Operation<'_>) -> Found; 17] = [
        types,
        type_syntax,
        placeholders,
        removed_parameters,
        removed_fields,
        request_values,
        body_values,
        answer_values,
        duplicate_keys,
        routes,
        unknown_keys,
        translations,
        references,
        missing_keys,
        corrections,
        ambiguities,
        places_in_answers,
    ];
    kinds.iter().flat_map(|kind| kind(operation)).collect()
}

/// `strnig` for `string`.
fn types(operation: &Operation<'_>) -> Found {
    let mistake = |line: &Place| {
        let word = type_word(operation, line)?;
        typo("type", "unknown-type", operation, word)
    };
    lines(operation).iter().filter_map(mistake).collect()
}

/// A type whose parenthesis or angle bracket is not closed.
fn type_syntax(operation: &Operation<'_>) -> Found {
    let mistake = |line: &Place| {
        let ty = operation.at(line).split(" -- ").next()?;
        // A parenthesis may stand in a regular expression.
        let close = ty.find([')', '>']).filter(|_| !ty.contains('/'))?;
        let at = line.start + close;
        // What is missing is noticed behind the other brackets, and a parenthesis behind blanks.
        let rest = &operation.text[at + 1..];
        let after = if ty[close..].starts_with(')') {
            rest.trim_start()
        } else {
            rest.trim_start_matches('>')
        };
        let next = at + 1 + rest.len() - after.len();
        Some(Mistake::new(
            "syntax of a type",
            "type-syntax",
            at..at + 1,
            "",
            Mark::Outside(next),
        ))
    };
    lines(operation).iter().filter_map(mistake).collect()
}

/// A placeholder that is no parameter's name.
fn placeholders(operation: &Operation<'_>) -> Found {
    let Some(route) = operation.get("route") else {
        return Vec::new();
    };
    let names = operation.at(&route.value).match_indices('{').filter_map(|(open, _)| {
        let start = route.value.start + open + 1;
        let length = operation.text[start..].find('}')?;
        let mut mistake = typo(
            "placeholder",
            "undeclared-placeholder",
            operation,
            start..start + length,
        )?;
        mistake.mark = Mark::Outside(start - 1);
        Some(mistake)
    });
    let end = route.value.end;
    let added = Mistake::new(
        "placeholder",
        "undeclared-placeholder",
        end..end,
        "/{nowhere}",
        Mark::Inside(1),
    );
    names.chain([added]).collect()
}

/// A parameter of the query that is not declared, although an example has it.
fn removed_parameters(operation: &Operation<'_>) -> Found {
    let declared = operation.fields("query");
    let mistake = |entry: &Entry| {
        let name = wire_name(operation.at(&entry.key));
        let request = operation
            .examples()
            .iter()
            .find_map(|example| argument(operation, example, name));
        let line = if declared.len() == 1 {
            operation.get("query")?
        } else {
            entry.clone()
        };
        let start = request?.key.start;
        Some(Mistake::new(
            "removed parameter",
            "example-unknown",
            line_of(operation, &line),
            "",
            Mark::Outside(start),
        ))
    };
    declared.iter().filter_map(mistake).collect()
}

/// A field of the body that is not declared, although an example has it; and one that an example lacks.
fn removed_fields(operation: &Operation<'_>) -> Found {
    let Some(kind) = body_kind(operation) else {
        return Vec::new();
    };
    let declared = operation.fields(kind);
    let bodies: Vec<_> = operation
        .examples()
        .iter()
        .filter_map(|it| operation.in_example(it, "body"))
        .collect();
    let Some(first) = bodies.first() else { return Vec::new() };
    if let [_] = declared[..] {
        let body = line_of(operation, &operation.get(kind).unwrap());
        let at = Mark::Outside(first.start);
        return vec![Mistake::new("removed body", "example-unknown", body, "", at)];
    }
    let mut out = Vec::new();
    for entry in &declared {
        let name = operation.at(&entry.key);
        let mut used = bodies
            .iter()
            .filter_map(|body| places::get(operation.text, body, wire_name(name)));
        let Some(used) = used.next().filter(|_| !name.starts_with('+')) else {
            continue;
        };
        let line = line_of(operation, entry);
        out.push(Mistake::new(
            "removed field",
            "example-unknown",
            line,
            "",
            Mark::Outside(used.key.start),
        ));
        let is_first = first.contains(&used.key.start);
        if is_first && !name.ends_with('?') && operation.at(first).starts_with('{') {
            let item = with_comma(operation.text, &used.whole());
            let at = Mark::Outside(first.start);
            out.push(Mistake::new(
                "field that the example lacks",
                "example-missing",
                item,
                "",
                at,
            ));
        }
    }
    out
}

/// A request line that is not one of the operation, or holds a value of the wrong type.
fn request_values(operation: &Operation<'_>) -> Found {
    let mut out = Vec::new();
    for example in operation.examples() {
        let Some(request) = operation.in_example(&example, "request") else {
            continue;
        };
        let text = operation.at(&request);
        let (Some(blank), path_end) = (text.find(' '), text.find('?').unwrap_or(text.len())) else {
            continue;
        };
        let method = request.start..request.start + blank;
        let other = if operation.at(&method) == "PUT" { "GET" } else { "PUT" };
        out.push(Mistake::new(
            "method of an example",
            "example-request",
            method,
            other,
            Mark::Inside(0),
        ));
        let literals = literals(operation);
        let segments = text[blank + 1..path_end].split('/').skip(1);
        let mut start = request.start + blank + 2;
        for (segment, is_literal) in segments.zip(literals) {
            let place = start..start + segment.len();
            start = place.end + 1;
            if is_literal {
                let mistake = typo("path of an example", "example-request", operation, place);
                out.extend(mistake.map(|mistake| Mistake { help: None, ..mistake }));
            }
        }
        for field in operation.fields("query") {
            let ty = type_word(operation, &field.value).map(|word| operation.at(&word));
            if !matches!(ty, Some("int" | "bool")) {
                continue;
            }
            let argument = argument(operation, &example, wire_name(operation.at(&field.key)));
            out.extend(
                argument
                    .map(|it| Mistake::new("value in a request", "example-type", it.value, "wrong", Mark::Inside(0))),
            );
        }
    }
    out
}

/// A value of the wrong type in the body of an example; and one that the operation does not know.
fn body_values(operation: &Operation<'_>) -> Found {
    let Some(kind) = body_kind(operation) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for body in operation
        .examples()
        .iter()
        .filter_map(|it| operation.in_example(it, "body"))
    {
        for field in operation.fields(kind) {
            let name = operation.at(&field.key);
            let wrong = wrong_value(operation, &field.value);
            let value = match name.strip_prefix(['+', '=']) {
                None => places::get(operation.text, &body, wire_name(name)).map(|entry| entry.value),
                Some(_) if name.starts_with('=') => Some(body.clone()),
                Some(_) => None,
            };
            let found = value
                .zip(wrong)
                .map(|(value, wrong)| Mistake::new("value in a body", "example-type", value, wrong, Mark::Inside(0)));
            out.extend(found);
        }
        let is_whole = operation
            .fields(kind)
            .iter()
            .any(|field| operation.at(&field.key).starts_with('='));
        if operation.at(&body).starts_with('{') && !is_whole {
            let start = body.start + 1;
            let unknown = "nonsense: 1, ";
            out.push(Mistake::new(
                "unknown field",
                "example-unknown",
                start..start,
                unknown,
                Mark::Inside(0),
            ));
        }
    }
    out
}

/// A value of the wrong type in an answer, in the payload and around it; and a key that the envelope does not know.
fn answer_values(operation: &Operation<'_>) -> Found {
    let mut out = Vec::new();
    let results = results(operation);
    let is_whole = results.iter().any(|result| place_of(operation, result).is_empty());
    for answer in operation.answers() {
        for result in &results {
            let place = place_of(operation, result);
            let found = places::locate(operation.text, &answer, operation.at(&place));
            let found = found
                .filter(|found| operation.at(found) != "null")
                .zip(wrong_value(operation, &result.value));
            out.extend(found.map(|(value, wrong)| {
                Mistake::new("value in an answer", "example-type", value, wrong, Mark::Inside(0))
            }));
        }
        for number in ["timestamp", "duration", "count"].into_iter().filter(|_| !is_whole) {
            let Some(entry) = places::get(operation.text, &answer, number) else {
                continue;
            };
            let value = entry.value;
            out.push(Mistake::new(
                "value around an answer",
                "example-type",
                value,
                "soon",
                Mark::Inside(0),
            ));
            out.extend(typo("key around an answer", "example-unknown", operation, entry.key));
        }
    }
    out
}

/// A key that stands there twice, among those of the operation and of its first example.
fn duplicate_keys(operation: &Operation<'_>) -> Found {
    let indent = |at: usize| at - places::line_start(operation.text, at);
    let mut blocks: Vec<_> = operation.entries();
    for example in operation.examples().iter().take(1) {
        blocks.extend(places::entries(operation.text, example));
    }
    ["query", "body", "form", "multipart"]
        .into_iter()
        .for_each(|key| blocks.extend(operation.fields(key)));
    let mistake = |entry: &Entry| {
        let end = entry.value.end.max(entry.key.end + 1);
        let copy = format!(
            "\n{}{}",
            " ".repeat(indent(entry.key.start)),
            &operation.text[entry.key.start..end]
        );
        let mark = Mark::Inside(1 + indent(entry.key.start));
        Mistake::new("duplicate key", "duplicate-key", end..end, copy, mark)
    };
    let mut out: Vec<_> = blocks.iter().map(mistake).collect();
    let in_brackets = operation
        .answers()
        .into_iter()
        .filter(|answer| operation.at(answer).starts_with('{'));
    for entry in in_brackets.filter_map(|answer| places::entries(operation.text, &answer).into_iter().next()) {
        let copy = format!(", {}", operation.at(&entry.whole()));
        let end = entry.value.end;
        out.push(Mistake::new(
            "duplicate key",
            "duplicate-key",
            end..end,
            copy,
            Mark::Inside(2),
        ));
    }
    out
}

/// Routes that cannot be read.
fn routes(operation: &Operation<'_>) -> Found {
    let Some(Entry { value: route, .. }) = operation.get("route") else {
        return Vec::new();
    };
    let text = operation.at(&route);
    let Some(blank) = text.find(' ') else { return Vec::new() };
    let broken = |edit: Place, with: &str, mark| Mistake::new("route", "route-syntax", edit, with, mark);
    let path = route.start + blank + 1;
    let mut out = vec![
        broken(path..path + 1, "", Mark::Inside(0)),
        broken(path - 1..path, "", Mark::Outside(route.start)),
        broken(route.start..path, "", Mark::Inside(0)),
        broken(path..path, "/", Mark::Inside(0)),
        broken(route.start..path - 1, "FETCH", Mark::Inside(0)),
    ];
    out.extend(typo("route", "route-syntax", operation, route.start..path - 1));
    for (open, _) in text.match_indices('{') {
        let start = route.start + open;
        let Some(length) = operation.text[start..].find('}') else {
            continue;
        };
        let close = start + length;
        out.push(broken(close..close + 1, "", Mark::Outside(start)));
        out.push(broken(start..start + 1, "", Mark::Inside(0)));
    }
    out
}

/// A typo in a key of the operation or of an example.
fn unknown_keys(operation: &Operation<'_>) -> Found {
    let examples = operation.examples();
    let in_examples = examples
        .iter()
        .flat_map(|example| places::entries(operation.text, example));
    let keys = operation.entries().into_iter().chain(in_examples);
    keys.filter_map(|entry| typo("unknown key", "unknown-key", operation, entry.key))
        .collect()
}

/// A text without its second language.
fn translations(operation: &Operation<'_>) -> Found {
    let texts = ["title", "about"]
        .into_iter()
        .filter_map(|key| operation.get(key).map(|entry| entry.value));
    let why = operation
        .fields("corrects")
        .into_iter()
        .filter(|entry| operation.at(&entry.key) == "why");
    let titles = operation.examples();
    let titles = titles
        .iter()
        .filter_map(|example| operation.in_example(example, "title"));
    let meanings = lines(operation).into_iter().filter_map(|line| {
        let meaning = operation.at(&line).find(" -- ")? + 4;
        Some(line.start + meaning..line.end)
    });
    let texts = texts.chain(why.map(|entry| entry.value)).chain(titles).chain(meanings);
    let mistake = |text: Place| {
        let bar = operation
            .at(&text)
            .find(" | ")
            .filter(|_| !operation.at(&text).starts_with('>'))?;
        let rest = text.start + bar..text.end;
        Some(Mistake::new(
            "translation",
            "missing-translation",
            rest,
            "",
            Mark::Outside(text.start),
        ))
    };
    texts.filter_map(mistake).collect()
}

/// Names of what is declared elsewhere, with a typo; and values that are none.
fn references(operation: &Operation<'_>) -> Found {
    let mut out = Vec::new();
    let errors = operation
        .get("errors")
        .map(|entry| places::items(operation.text, &entry.value))
        .unwrap_or_default();
    for error in errors {
        let at = Mark::Outside(error.start);
        let code = operation.at(&error).find(|c: char| c.is_alphabetic()).unwrap_or(0);
        let mistake = typo("known error", "unknown-error", operation, error.start + code..error.end);
        out.extend(mistake.map(|mistake| Mistake { mark: at, ..mistake }));
    }
    if let Some(paging) = operation.get("paging") {
        out.extend(typo("paging style", "unknown-paging", operation, paging.value));
    }
    if let Some(limit) = operation.get("limit") {
        let is_rate = operation.at(&limit.value).contains('/');
        let (code, with) = if is_rate {
            ("bad-value", "often/s")
        } else {
            ("unknown-bucket", "nowhere")
        };
        out.push(Mistake::new("limit", code, limit.value, with, Mark::Inside(0)));
    }
    let title = operation.get("title").map_or(0, |entry| entry.value.end);
    for (key, value, code) in [
        ("superseded_by", "[nowhere]", "unknown-operation"),
        ("idempotent", "maybe", "bad-value"),
        ("limit", "nowhere", "unknown-bucket"),
        ("paging", "nowhere", "unknown-paging"),
        ("row", "first", "bad-value"),
        ("errors", "[nowhere]", "unknown-error"),
    ] {
        if operation.get(key).is_none() {
            let line = format!("\n    {key}: {value}");
            let at = line.len() - value.trim_start_matches('[').len();
            out.push(Mistake::new("added key", code, title..title, line, Mark::Inside(at)));
        }
    }
    out
}

/// Required keys that are not there.
fn missing_keys(operation: &Operation<'_>) -> Found {
    let key = operation.key_place().start;
    let required = ["route", "title", "examples"]
        .into_iter()
        .filter_map(|name| operation.get(name));
    let mut out: Vec<_> = required
        .map(|entry| {
            Mistake::new(
                "missing key",
                "missing-key",
                line_of(operation, &entry),
                "",
                Mark::Outside(key),
            )
        })
        .collect();
    let examples = operation.examples();
    for example in &examples {
        let entries = places::entries(operation.text, example);
        let required = |entry: &&Entry| matches!(operation.at(&entry.key), "request" | "response");
        for entry in entries.iter().skip(1).filter(required) {
            let at = Mark::Outside(example.start);
            out.push(Mistake::new(
                "missing key",
                "missing-key",
                line_of(operation, entry),
                "",
                at,
            ));
        }
        if let ([title, next, ..], [_, _, ..]) = (&entries[..], &examples[..]) {
            let gone = title.key.start..next.key.start;
            out.push(Mistake::new("missing title", "missing-key", gone, "", Mark::Inside(0)));
        }
    }
    out
}

/// Corrections that correct nothing.
fn corrections(operation: &Operation<'_>) -> Found {
    let api = operation.spec.api();
    let base = places::get(api, &places::trim(api, 0..api.len()), "base").map_or("", |entry| &api[entry.value]);
    let Some(route) = operation.get("route") else {
        return Vec::new();
    };
    let (method, path) = operation.at(&route.value).split_once(' ').unwrap();
    let path = format!("{base}{path}");
    let stale =
        |edit: Place, with: String, at| Mistake::new("correction", "stale-correction", edit, with, Mark::Inside(at));
    if operation.get("corrects").is_none() {
        let title = operation.get("title").map_or(0, |entry| entry.value.end);
        let with = |path: &str| format!("\n    corrects:\n      path: {path}\n      why: It is so. | 如此。");
        return vec![match operation.get("row") {
            Some(_) => stale(title..title, with(&path), with("").find("path: ").unwrap() + 6),
            None => stale(title..title, with("/printed"), with("").find("path: ").unwrap()),
        }];
    }
    let real = |entry: Entry| match operation.at(&entry.key) {
        "path" => Some(stale(entry.value, path.clone(), 0)),
        "method" => Some(stale(entry.value, method.to_owned(), 0)),
        "why" => {
            let start = entry.key.start;
            let given = operation.fields("corrects");
            let has_method = given.iter().any(|entry| operation.at(&entry.key) == "method");
            (!has_method).then(|| stale(start..start, format!("method: {method}\n      "), 8))
        }
        _ => None,
    };
    operation.fields("corrects").into_iter().filter_map(real).collect()
}

/// The operation once more, under another key: with its row, and without.
fn ambiguities(operation: &Operation<'_>) -> Found {
    let end = operation.whole().end;
    let key = operation.key_place().len();
    let copy = |without: &[&str]| {
        let entries = operation
            .entries()
            .into_iter()
            .filter(|entry| !without.contains(&operation.at(&entry.key)));
        let lines = entries.map(|entry| format!("\n    {}", operation.at(&entry.whole())));
        format!(
            "\n  {}_again:{}",
            operation.at(&operation.key_place()),
            lines.collect::<String>()
        )
    };
    let without = copy(&["row", "corrects"]);
    let mut out = vec![Mistake::new(
        "ambiguous operations",
        "ambiguous-operations",
        end..end,
        without,
        Mark::Inside(3),
    )];
    if operation.get("row").is_some() {
        let with = copy(&[]);
        let row = with.find("\n    row: ").unwrap() + 10;
        out.push(Mistake::new(
            "duplicate row",
            "duplicate-row",
            end..end,
            with,
            Mark::Inside(row),
        ));
    }
    let taken = operation.at(&operation.key_place()).to_owned();
    let twice = copy(&["row", "corrects"]).replacen("_again", "", 1);
    assert_eq!(&twice[3..3 + key], taken);
    out.push(Mistake::new(
        "duplicate operation",
        "duplicate-key",
        end..end,
        twice,
        Mark::Inside(3),
    ));
    out
}

/// Results that are nowhere in the answer, and places that cannot be read.
fn places_in_answers(operation: &Operation<'_>) -> Found {
    let mut out = Vec::new();
    for result in results(operation) {
        let place = place_of(operation, &result);
        let stated = operation.text[..place.start].ends_with(" in ");
        if !stated {
            continue;
        }
        let broken = format!("{}[", operation.at(&place));
        out.push(Mistake::new(
            "place",
            "bad-place",
            place.clone(),
            broken,
            Mark::Inside(0),
        ));
        let required = result.key.is_empty() || !operation.at(&result.key).ends_with('?');
        if let Some(answer) = operation.answers().first().filter(|_| required) {
            let at = Mark::Outside(answer.start);
            out.push(Mistake::new(
                "place of a result",
                "example-missing",
                place,
                "nowhere",
                at,
            ));
        }
    }
    out
}

/// Two letters of a word change places; none where that changes nothing.
fn typo(kind: &'static str, code: &'static str, operation: &Operation<'_>, word: Place) -> Option<Mistake> {
    let text = operation.at(&word);
    let letters: Vec<char> = text.chars().collect();
    let swaps = (1..letters.len()).chain([0]).filter(|at| at + 1 < letters.len());
    let at = swaps.into_iter().find(|at| {
        let (a, b) = (letters[*at], letters[at + 1]);
        a != b && a.is_alphanumeric() && b.is_alphanumeric()
    })?;
    let mut with = letters.clone();
    with.swap(at, at + 1);
    let help = format!("did you mean `{text}`?");
    Some(Mistake::new(kind, code, word, String::from_iter(with), Mark::Inside(0)).help(help))
}
