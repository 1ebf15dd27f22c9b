//! Patches to a spec, as one reads them in a diff.
//!
//! ```text
//! --- sections/plants.yaml
//!   list:
//! -    route: GET /plants
//! +    route: FETCH /plants
//! ```
//!
//! A header names the file that the lines below it change. ` ` and `-` lines are there, once; ` ` and `+` lines are there
//! afterwards. An empty line ends a hunk. Where there are only `+` lines, they are the whole file. `(removed)` takes the
//! file away. `⟨ff⟩` is that byte, and `⟨100 x⟩` is `x`, a hundred times.

#![allow(clippy::similar_names, clippy::format_collect, reason = "it reads best so")]

use std::collections::BTreeMap;

/// Files of a spec: path and bytes.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Applies a patch to a copy of `files`.
pub fn apply(files: &Files, patch: &str) -> Result<Files, String> {
    let mut out = files.clone();
    let mut sections = patch.split("\n--- ");
    sections.next();
    for part in sections {
        let (path, lines) = part.split_once('\n').ok_or("a header without lines")?;
        if lines.trim() == "(removed)" {
            out.remove(path)
                .ok_or_else(|| format!("there is no `{path}` to remove"))?;
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
        return Err(format!("`{line}` begins with none of ` `, `-`, `+`"));
    }
    let (old, new) = (side([' ', '-']), unescape(&side([' ', '+']))?);
    if old.is_empty() {
        return Ok(new);
    }
    let (lines, wanted) = (format!("\n{text}"), format!("\n{old}"));
    let mut places = lines.match_indices(&wanted).map(|(at, _)| at);
    let (Some(at), None) = (places.next(), places.next()) else {
        return Err(format!("these lines are not there exactly once:\n{old}"));
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
                let count = count.parse().map_err(|_| format!("`⟨{escape}⟩` has no count"))?;
                out.extend(repeated.repeat(count).bytes());
            }
            None => out.push(u8::from_str_radix(escape, 16).map_err(|_| format!("`⟨{escape}⟩` is no byte"))?),
        }
        out.extend(rest.bytes());
    }
    Ok(out)
}
