//! Mutations of a spec.

use fastrand::Rng;

/// Files of a spec: path and bytes.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

type Mutation = fn(&mut Rng, &mut Files);

/// Each mutation with its weight. Those that resemble a person's mistakes are tried more often than those that only the
/// parser sees.
const MUTATIONS: [(Mutation, usize); 22] = [
    (replace_token, 20),
    (swap_tokens, 12),
    (insert_token, 12),
    (delete_token, 10),
    (delete_line, 10),
    (duplicate_line, 8),
    (swap_lines, 6),
    (move_line, 8),
    (indent_line, 6),
    (rename_key, 8),
    (change_number, 8),
    (delete_block, 6),
    (splice, 4),
    (flip_byte, 6),
    (insert_byte, 4),
    (truncate, 3),
    (rename_file, 3),
    (remove_file, 2),
    (invalid_utf8, 1),
    (nest, 1),
    (huge_scalar, 1),
    (repeat_text, 1),
];

/// Words of the notation and texts that break it; mutations put them anywhere.
#[rustfmt::skip] // One word per line would be several screens.
const DICTIONARY: &[&str] = &[
    "string", "bool", "int", "float", "secret", "json", "object", "file", "bytes", "timestamp(ms)", "timestamp(s)",
    "duration(ms)", "duration(s)", "const x", "map<string>", "map<", "int|string", "string|int", "Item[]|Item", "[]",
    "[1..2]", "[2..1]", "(..)", "(1..)", "(/[/)", "(/^a$/)", "(9..1)", "?", "?:", ":", ": ", " -- ", "--", " | ", "|",
    "=", " = 5", " = \"", "+", "%", "%2", "{", "}", "[", "]", "{a: 1}", "[a, b]", "&a", "*a", "<<", "!!int", "---",
    "...", "#", "\"", "'", "`", "\\", "/", "..", "../..", ">-", "|2", "\t", "\r", "\u{feff}", "\u{85}", "\u{2028}",
    "\u{202e}", "书", "é", "🦀", "null", "~", "true", "0x10", "1e999", ".nan", "9223372036854775807",
    "-9223372036854775809", "18446744073709551616", "-1", "0", "type", "self", "Self", "crate", "match", "r#fn",
    "api", "version", "languages", "title", "about", "servers", "server_type", "base", "parameters", "auth",
    "envelope", "errors", "limits", "paging", "sections", "header", "prefix", "grant", "operation", "credentials",
    "token", "lifetime", "code", "message", "fields", "known", "means", "remedy", "retry", "default", "buckets",
    "cursor", "next", "page", "size", "first", "enum", "enum int", "tag", "content", "union", "types", "operations",
    "route", "path", "query", "headers", "body", "form", "multipart", "result", "records", "limit", "idempotent",
    "row", "corrects", "method", "text", "cosmetic", "why", "superseded_by", "examples", "request", "status",
    "response", "GET", "POST /a", "PUT /items/{item}", "{item}", "{}", "/", "in data", "in entities[0]", "in a[",
    "Item", "ItemId", "State", "Notice", "Slip", "Nothing", "items.list", "passes.issue", "401", "999", "1/s",
    "0/min", "5 pages/h", "en", "zh", "en, en", "https://x.example", "con", "aux", "target", "lib", "mod",
];

/// Applies one to four mutations to a spec.
pub(crate) fn mutate(rng: &mut Rng, files: &mut Files) {
    let total: usize = MUTATIONS.iter().map(|(_, weight)| weight).sum();
    // One is the most likely number: a syntax error hides the mutations after it.
    let count = [1, 1, 1, 2, 3, 4][rng.usize(..6)];
    for _ in 0..count {
        let mut ticket = rng.usize(..total);
        for (mutation, weight) in MUTATIONS {
            if ticket < weight {
                mutation(rng, files);
                break;
            }
            ticket -= weight;
        }
    }
}

/// Picks a file.
fn any_text<'a>(rng: &mut Rng, files: &'a mut Files) -> &'a mut Vec<u8> {
    let index = rng.usize(..files.len());
    &mut files[index].1
}

/// Picks a position in a text; it may be the end.
fn position(rng: &mut Rng, text: &[u8]) -> usize {
    rng.usize(..=text.len())
}

/// Picks a file that is not empty and changes its lines, of which there is at least one.
fn with_lines(rng: &mut Rng, files: &mut Files, change: impl FnOnce(&mut Rng, &mut Vec<Vec<u8>>)) {
    let text = any_text(rng, files);
    let mut lines: Vec<_> = text
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    if !lines.is_empty() {
        change(rng, &mut lines);
        *text = lines.concat();
    }
}

fn indent(line: &[u8]) -> usize {
    line.iter().take_while(|byte| **byte == b' ').count()
}

fn any_word(rng: &mut Rng) -> Vec<u8> {
    DICTIONARY[rng.usize(..DICTIONARY.len())].as_bytes().to_vec()
}

/// Picks a token of a text, which is a word or one byte between words, and returns its range.
fn token(rng: &mut Rng, text: &[u8]) -> std::ops::Range<usize> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
    if text.is_empty() {
        return 0..0;
    }
    let at = rng.usize(..text.len());
    if !is_word(&text[at]) {
        return at..at + 1;
    }
    let start = text[..at]
        .iter()
        .rposition(|byte| !is_word(byte))
        .map_or(0, |before| before + 1);
    let end = text[at..]
        .iter()
        .position(|byte| !is_word(byte))
        .map_or(text.len(), |length| at + length);
    start..end
}

fn replace_token(rng: &mut Rng, files: &mut Files) {
    let word = any_word(rng);
    let text = any_text(rng, files);
    let range = token(rng, text);
    text.splice(range, word);
}

fn insert_token(rng: &mut Rng, files: &mut Files) {
    let word = any_word(rng);
    let text = any_text(rng, files);
    let at = token(rng, text).start;
    text.splice(at..at, word);
}

fn delete_token(rng: &mut Rng, files: &mut Files) {
    let text = any_text(rng, files);
    let range = token(rng, text);
    text.drain(range);
}

/// Replaces a token by another one of the spec.
fn swap_tokens(rng: &mut Rng, files: &mut Files) {
    let other = any_text(rng, files);
    let range = token(rng, other);
    let other = other[range].to_vec();
    let text = any_text(rng, files);
    let range = token(rng, text);
    text.splice(range, other);
}

fn delete_line(rng: &mut Rng, files: &mut Files) {
    with_lines(rng, files, |rng, lines| drop(lines.remove(rng.usize(..lines.len()))));
}

fn duplicate_line(rng: &mut Rng, files: &mut Files) {
    with_lines(rng, files, |rng, lines| {
        let at = rng.usize(..lines.len());
        lines.insert(at, lines[at].clone());
    });
}

fn swap_lines(rng: &mut Rng, files: &mut Files) {
    with_lines(rng, files, |rng, lines| {
        let (a, b) = (rng.usize(..lines.len()), rng.usize(..lines.len()));
        lines.swap(a, b);
    });
}

fn move_line(rng: &mut Rng, files: &mut Files) {
    with_lines(rng, files, |rng, lines| {
        let line = lines.remove(rng.usize(..lines.len()));
        lines.insert(rng.usize(..=lines.len()), line);
    });
}

fn indent_line(rng: &mut Rng, files: &mut Files) {
    with_lines(rng, files, |rng, lines| {
        let at = rng.usize(..lines.len());
        let line = &mut lines[at];
        line.drain(..indent(line));
        line.splice(0..0, b" ".repeat(rng.usize(..12)));
    });
}

/// Replaces a key by a word of the dictionary.
fn rename_key(rng: &mut Rng, files: &mut Files) {
    let word = any_word(rng);
    with_lines(rng, files, |rng, lines| {
        let at = rng.usize(..lines.len());
        let line = &mut lines[at];
        if let Some(colon) = line.iter().position(|byte| *byte == b':') {
            line.splice(indent(line).min(colon)..colon, word);
        }
    });
}

fn change_number(rng: &mut Rng, files: &mut Files) {
    let text = any_text(rng, files);
    let digits: Vec<_> = (0..text.len()).filter(|at| text[*at].is_ascii_digit()).collect();
    if let Some(at) = rng.choice(digits) {
        let number = [0, 1, 2, 9, 10, 48, 1000, u64::MAX][rng.usize(..8)].to_string();
        text.splice(at..=at, number.into_bytes());
    }
}

/// Deletes a line with the deeper lines below it.
fn delete_block(rng: &mut Rng, files: &mut Files) {
    with_lines(rng, files, |rng, lines| {
        let at = rng.usize(..lines.len());
        let depth = indent(&lines[at]);
        let length = lines[at + 1..].iter().take_while(|line| indent(line) > depth).count();
        lines.drain(at..=at + length);
    });
}

/// Inserts part of a file into another one.
fn splice(rng: &mut Rng, files: &mut Files) {
    let other = any_text(rng, files).clone();
    let (a, b) = (position(rng, &other), position(rng, &other));
    let text = any_text(rng, files);
    let at = position(rng, text);
    text.splice(at..at, other[a.min(b)..a.max(b)].to_vec());
}

fn flip_byte(rng: &mut Rng, files: &mut Files) {
    let text = any_text(rng, files);
    if !text.is_empty() {
        let at = rng.usize(..text.len());
        text[at] ^= 1 << rng.u8(..8);
    }
}

fn insert_byte(rng: &mut Rng, files: &mut Files) {
    let byte = if rng.bool() {
        b"\0\x01\x1b\x7f\t\r\n :#-?&*!|>'\"%@`{}[],"[rng.usize(..27)]
    } else {
        rng.u8(..)
    };
    let text = any_text(rng, files);
    let at = position(rng, text);
    text.insert(at, byte);
}

fn truncate(rng: &mut Rng, files: &mut Files) {
    let text = any_text(rng, files);
    let length = position(rng, text);
    text.truncate(length);
}

fn rename_file(rng: &mut Rng, files: &mut Files) {
    let name = String::from_utf8_lossy(&any_word(rng)).into_owned();
    let folder = ["", "types/", "sections/", "sections/../", "/", "other/"][rng.usize(..6)];
    let index = rng.usize(..files.len());
    files[index].0 = format!("{folder}{name}.yaml");
}

fn remove_file(rng: &mut Rng, files: &mut Files) {
    if files.len() > 1 {
        files.remove(rng.usize(..files.len()));
    }
}

fn invalid_utf8(rng: &mut Rng, files: &mut Files) {
    let bytes: &[u8] = [
        b"\xff\xfe".as_slice(),
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"\xe4\xb9",
        b"\xf5\x80\x80\x80",
    ][rng.usize(..5)];
    let text = any_text(rng, files);
    let at = position(rng, text);
    text.splice(at..at, bytes.iter().copied());
}

/// Inserts YAML or a type expression that is nested too deeply for a recursive parser's stack.
fn nest(rng: &mut Rng, files: &mut Files) {
    let depth = [40, 60, 1_000, 20_000][rng.usize(..4)];
    let nested = match rng.usize(..5) {
        0 => "[".repeat(depth),
        1 => "{a: ".repeat(depth),
        2 => "- ".repeat(depth),
        3 => "map<".repeat(depth) + "string" + &">".repeat(depth),
        _ => (0..depth.min(1_000)).map(|level| " ".repeat(level) + "a:\n").collect(),
    };
    let text = any_text(rng, files);
    let range = token(rng, text);
    text.splice(range, nested.into_bytes());
}

fn huge_scalar(rng: &mut Rng, files: &mut Files) {
    let unit = ["a", "书", "a ", "0", "| ", "a: ", "`", "/a"][rng.usize(..8)];
    let scalar = unit.repeat([300, 300, 5_000, 5_000, 5_000, 400_000][rng.usize(..6)]);
    let text = any_text(rng, files);
    let range = token(rng, text);
    text.splice(range, scalar.into_bytes());
}

/// Repeats a whole file, so that every name in it is a duplicate.
fn repeat_text(rng: &mut Rng, files: &mut Files) {
    let text = any_text(rng, files);
    *text = text.repeat(rng.usize(2..6));
}
