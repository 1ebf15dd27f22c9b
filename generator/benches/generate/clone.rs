//! Grows a spec to any number of operations by copying its sections.
//!
//! The names of a copy are unique: copy 17 of the section `users` is `users_17`, its type `Token` is `TokenC17` and its route
//! `/users` is `/c17/users`. Copies are made as text, so the loader has to read all of it.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

/// A section of the original spec.
struct Section {
    name: String,
    text: String,
    operations: usize,
    types: BTreeSet<String>,
}

/// Writes a copy of `spec` to `target`, with copies of sections until it has at least `wanted` operations.
pub(crate) fn grow(spec: &Path, target: &Path, wanted: usize) -> io::Result<()> {
    fs::create_dir_all(target.join("sections"))?;
    for folder in ["types", "webhooks"] {
        fs::create_dir_all(target.join(folder))?;
        for file in files(&spec.join(folder))? {
            fs::copy(&file, target.join(folder).join(file.file_name().unwrap_or_default()))?;
        }
    }
    let api = fs::read_to_string(spec.join("api.yaml"))?;
    let mut sections = Vec::new();
    for name in section_names(&api) {
        let text = fs::read_to_string(spec.join(format!("sections/{name}.yaml")))?;
        fs::write(target.join(format!("sections/{name}.yaml")), &text)?;
        sections.push(Section {
            name,
            operations: keys_below("operations", &text).count(),
            types: keys_below("types", &text).collect(),
            text,
        });
    }

    let mut names: Vec<_> = sections.iter().map(|section| section.name.clone()).collect();
    let mut operations: usize = sections.iter().map(|section| section.operations).sum();
    let copies = (1..).flat_map(|copy| sections.iter().map(move |section| (copy, section)));
    for (copy, section) in copies {
        if operations >= wanted {
            break;
        }
        let name = format!("{}_{copy}", section.name);
        fs::write(target.join(format!("sections/{name}.yaml")), section.copy(copy))?;
        operations += section.operations;
        names.push(name);
    }
    fs::write(target.join("api.yaml"), with_sections(&api, &names))
}

impl Section {
    /// Returns the text of a copy.
    fn copy(&self, number: usize) -> String {
        self.text
            .lines()
            .map(|line| self.rename_types(&copy_line(line, number), number) + "\n")
            .collect()
    }

    /// Appends `C` and the number to each name of a type of this section.
    fn rename_types(&self, line: &str, number: usize) -> String {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let mut out = String::with_capacity(line.len());
        let mut rest = line;
        while let Some(start) = rest.find(is_word) {
            let end = rest[start..]
                .find(|c| !is_word(c))
                .map_or(rest.len(), |length| start + length);
            out += &rest[..end];
            if self.types.contains(&rest[start..end]) {
                out.extend(["C", &number.to_string()]);
            }
            rest = &rest[end..];
        }
        out + rest
    }
}

/// Changes routes and row numbers, which are unique in an API.
fn copy_line(line: &str, number: usize) -> String {
    let key = line.trim_start().trim_start_matches("- ");
    if key.starts_with("route:") || key.starts_with("request:") {
        return line.replacen('/', &format!("/c{number}/"), 1);
    }
    match key
        .strip_prefix("row:")
        .and_then(|row| row.trim().parse::<usize>().ok())
    {
        Some(row) => format!("    row: {}", row + 1000 * number),
        None => line.to_owned(),
    }
}

/// Returns the keys one level below a top-level key.
fn keys_below<'a>(top: &'a str, text: &'a str) -> impl Iterator<Item = String> + 'a {
    let block = text.lines().skip_while(move |line| *line != format!("{top}:")).skip(1);
    let block = block.take_while(|line| line.is_empty() || line.starts_with([' ', '#']));
    block.filter_map(|line| {
        let key = line.strip_prefix("  ")?.split_once(':')?.0;
        let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        is_key.then(|| key.to_owned())
    })
}

/// Returns the names after `sections:`, which are in brackets or one per line.
fn section_names(api: &str) -> Vec<String> {
    let (_, after) = api.split_once("\nsections:").unwrap_or_default();
    let end = after.find("\n\n").or(after.find(']')).unwrap_or(after.len());
    let names = after[..end].split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Replaces the list of sections.
fn with_sections(api: &str, names: &[String]) -> String {
    // `sections` is the last key.
    let (before, _) = api.split_once("\nsections:").unwrap_or_default();
    format!("{before}\nsections: [{}]\n", names.join(", "))
}

fn files(folder: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect()
}
