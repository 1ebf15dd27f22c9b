//! A spec of any size, made of copies of a real one.
//!
//! Each copy of a section is a section of its own, with its own types and routes: `users` becomes `users_17`, its type `Token`
//! `TokenC17`, its route `/users` `/c17/users`. The copy is made of the text, so that the loader has as much to do.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

/// One section's file.
struct Section {
    name: String,
    text: String,
    operations: usize,
    types: BTreeSet<String>,
}

/// Writes a copy of `spec` to `target`, with sections added until it has as many operations as wanted.
pub(crate) fn grow(spec: &Path, target: &Path, wanted: usize) -> io::Result<()> {
    fs::create_dir_all(target.join("types"))?;
    fs::create_dir_all(target.join("sections"))?;
    for file in files(&spec.join("types"))? {
        fs::copy(&file, target.join("types").join(file.file_name().unwrap_or_default()))?;
    }
    let api = fs::read_to_string(spec.join("api.yaml"))?;
    let mut sections = Vec::new();
    for name in section_names(&api) {
        let text = fs::read_to_string(spec.join(format!("sections/{name}.yaml")))?;
        fs::write(target.join(format!("sections/{name}.yaml")), &text)?;
        let (operations, types) = (
            keys_below("operations", &text).count(),
            keys_below("types", &text).collect(),
        );
        sections.push(Section {
            name,
            text,
            operations,
            types,
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
    fn copy(&self, number: usize) -> String {
        self.text
            .lines()
            .map(|line| self.rename_types(&copy_line(line, number), number) + "\n")
            .collect()
    }

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

/// Moves what has to be unique in the whole API: routes, and rows of the source tables.
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

/// The keys one level below a key at the top.
fn keys_below<'a>(top: &'a str, text: &'a str) -> impl Iterator<Item = String> + 'a {
    let block = text.lines().skip_while(move |line| *line != format!("{top}:")).skip(1);
    let block = block.take_while(|line| line.is_empty() || line.starts_with([' ', '#']));
    block.filter_map(|line| {
        let key = line.strip_prefix("  ")?.split_once(':')?.0;
        let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        is_key.then(|| key.to_owned())
    })
}

/// The names after `sections:`, in brackets or one per line.
fn section_names(api: &str) -> Vec<String> {
    let (_, after) = api.split_once("\nsections:").unwrap_or_default();
    let end = after.find("\n\n").or(after.find(']')).unwrap_or(after.len());
    let names = after[..end].split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn with_sections(api: &str, names: &[String]) -> String {
    // They are the last key.
    let (before, _) = api.split_once("\nsections:").unwrap_or_default();
    format!("{before}\nsections: [{}]\n", names.join(", "))
}

fn files(folder: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect()
}
