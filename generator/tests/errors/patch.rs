//! Patches to a spec, written like a diff.
//!
//! ```text
//! --- sections/plants.yaml
//!   list:
//! -    route: GET /plants
//! +    route: FETCH /plants
//! ```
//!
//! A line `--- PATH` names the file that the hunks below it change. An empty line ends a hunk. A hunk replaces its ` ` and `-`
//! lines, which must occur in the file exactly once, by its ` ` and `+` lines. A hunk of `+` lines only replaces the whole file or
//! creates it. `(removed)` instead of hunks removes the file. In ` ` and `+` lines, `⟨ff⟩` stands for the byte 0xff and `⟨100 x⟩`
//! for 100 times `x`.

#![allow(
    clippy::similar_names,
    clippy::format_collect,
    reason = "the alternatives are harder to read"
)]

use super::specs::Files;

/// Applies a patch to a copy of `files`.
pub fn apply(files: &Files, patch: &str) -> Result<Files, String> {
    let mut out = files.clone();
    let mut sections = patch.split("\n--- ");
    sections.next();
    for part in sections {
        let (path, lines) = part.split_once('\n').ok_or("a header without lines")?;
        if lines.trim() == "(removed)" {
            out.remove(path)
                .ok_or_else(|| format!("`{path}` does not exist and cannot be removed"))?;
            continue;
        }
        for hunk in lines
            .split("\n\n")
            .map(|hunk| hunk.trim_matches('\n'))
            .filter(|hunk| !hunk.is_empty())
        {
            let before = out
                .get(path)
                .map_or("", |bytes| std::str::from_utf8(bytes).unwrap_or_default());
            let after = replace(before, hunk)?;
            out.insert(path.to_owned(), after);
        }
    }
    Ok(out)
}

fn replace(text: &str, hunk: &str) -> Result<Vec<u8>, String> {
    let side = |signs: [char; 2]| -> String {
        let lines = hunk.split('\n').filter(|line| line.starts_with(signs));
        lines.map(|line| format!("{}\n", &line[1..])).collect()
    };
    if let Some(line) = hunk.split('\n').find(|line| !line.starts_with([' ', '-', '+'])) {
        return Err(format!("`{line}` does not begin with ` `, `-` or `+`"));
    }
    let (old, new) = (side([' ', '-']), unescape(&side([' ', '+']))?);
    if old.is_empty() {
        return Ok(new);
    }
    let (lines, wanted) = (format!("\n{text}"), format!("\n{old}"));
    let mut matches = lines.match_indices(&wanted).map(|(at, _)| at);
    let (Some(at), None) = (matches.next(), matches.next()) else {
        return Err(format!("these lines do not occur exactly once:\n{old}"));
    };
    let bytes = text.as_bytes();
    Ok([&bytes[..at], &new, &bytes[at + old.len()..]].concat())
}

fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut sections = text.split('⟨');
    let mut out = sections.next().unwrap_or_default().as_bytes().to_vec();
    for part in sections {
        let (escape, rest) = part.split_once('⟩').ok_or("`⟨` without `⟩`")?;
        match escape.split_once(' ') {
            Some((count, repeated)) => {
                let count = count
                    .parse()
                    .map_err(|_| format!("`⟨{escape}⟩` does not begin with a count"))?;
                out.extend(repeated.repeat(count).bytes());
            }
            None => out.push(
                u8::from_str_radix(escape, 16).map_err(|_| format!("`⟨{escape}⟩` is not a byte in hexadecimal"))?,
            ),
        }
        out.extend(rest.bytes());
    }
    Ok(out)
}
