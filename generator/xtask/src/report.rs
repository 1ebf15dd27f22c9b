//! Compares the size of the spec with the size of the outputs.

use std::collections::BTreeMap;
use std::fmt::Write;

use generator::files::FileSet;

/// The size of a set of files.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Size {
    pub(crate) files: usize,
    pub(crate) bytes: usize,
    pub(crate) lines: usize,
}

impl Size {
    /// Adds a file.
    pub(crate) fn add(&mut self, text: &str) {
        self.files += 1;
        self.bytes += text.len();
        self.lines += text.lines().count();
    }
}

/// Returns the output that a file belongs to: its top-level folder, or one language of the docs or one `OpenAPI` document.
fn output(path: &str) -> &str {
    let levels = if path.starts_with("docs/") || path.starts_with("openapi/") {
        2
    } else {
        1
    };
    path.match_indices('/')
        .nth(levels - 1)
        .map_or(path, |(end, _)| &path[..end])
}

/// Formats a table with one row for the spec and one for each output.
pub(crate) fn table(operations: usize, spec: &Size, files: &FileSet) -> String {
    let mut outputs = BTreeMap::<_, Size>::new();
    for (path, contents) in files.iter() {
        outputs.entry(output(path)).or_default().add(contents);
    }
    let mut table = format!("{operations} operations\n\n");
    line(
        &mut table,
        ["", "files", "bytes", "lines", "bytes/op", "lines/op", "spec share"].map(str::to_owned),
    );
    line(&mut table, row("spec", spec, operations, None));
    for (output, size) in &outputs {
        line(&mut table, row(output, size, operations, Some(spec)));
    }
    table.truncate(table.trim_end().len());
    table
}

fn row(name: &str, size: &Size, operations: usize, spec: Option<&Size>) -> [String; 7] {
    let per_operation = |total: usize| {
        total
            .checked_div(operations)
            .map_or_else(String::new, |average| average.to_string())
    };
    let share = |spec: &Size| {
        let per_mille = (spec.bytes * 1000).checked_div(size.bytes).unwrap_or_default();
        format!("{}.{} %", per_mille / 10, per_mille % 10)
    };
    [
        name.to_owned(),
        size.files.to_string(),
        size.bytes.to_string(),
        size.lines.to_string(),
        per_operation(size.bytes),
        per_operation(size.lines),
        spec.map_or_else(String::new, share),
    ]
}

fn line(table: &mut String, [name, cells @ ..]: [String; 7]) {
    let _ = write!(table, "{name:<24}");
    for cell in cells {
        let _ = write!(table, " {cell:>10}");
    }
    table.push('\n');
}

#[cfg(test)]
mod tests {
    use generator::files::File;

    use super::*;

    #[test]
    fn each_output_has_a_row() {
        let file = |path: &str, lines: usize| File {
            path: path.to_owned(),
            contents: "0123456789\n".repeat(lines),
        };
        let files = FileSet::new([
            file("client/a.md", 10),
            file("client/b/c.md", 10),
            file("docs/en/a.md", 40),
            file("docs/fr/a.md", 20),
            file("openapi/openapi.yaml", 20),
        ])
        .unwrap();
        let table = table(
            4,
            &Size {
                files: 1,
                bytes: 100,
                lines: 8,
            },
            &files,
        );
        let rows: Vec<_> = table
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            rows,
            [
                "4 operations",
                "",
                "files bytes lines bytes/op lines/op spec share",
                "spec 1 100 8 25 2",
                "client 2 342 24 85 6 29.2 %",
                "docs/en 1 501 42 125 10 19.9 %",
                "docs/fr 1 281 22 70 5 35.5 %",
                "openapi/openapi.yaml 1 274 22 68 5 36.4 %",
            ]
        );
    }
}
