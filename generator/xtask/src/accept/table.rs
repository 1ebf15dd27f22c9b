//! Formats the results of the tools.

use super::Coverage;

/// The result of one tool for one document.
pub(super) struct Row {
    pub(super) tool: &'static str,
    pub(super) version: String,
    pub(super) document: String,
    /// The findings of the tool, or its error.
    pub(super) result: Result<Findings, String>,
}

/// The findings of a tool that accepts the document.
pub(super) struct Findings {
    pub(super) coverage: Coverage,
    pub(super) warnings: Vec<String>,
}

impl Row {
    /// Returns `true` if the tool accepts the document and processed all of it.
    pub(super) fn passed(&self) -> bool {
        let is_complete = |findings: &Findings| findings.coverage.is_complete();
        self.result.as_ref().is_ok_and(is_complete)
    }

    /// Formats the coverage: `88`, `86 of 88, without multipart`, or `130 schemas`.
    fn seen(&self) -> String {
        let Ok(findings) = &self.result else {
            return "-".to_owned();
        };
        let Coverage {
            seen, total, remark, ..
        } = &findings.coverage;
        if seen == total {
            format!("{seen}{remark}")
        } else {
            format!("{seen} of {total}{remark}")
        }
    }

    fn verdict(&self) -> String {
        match &self.result {
            Err(_) => "FAILED".to_owned(),
            Ok(findings) if !findings.coverage.is_complete() => "FAILED: incomplete".to_owned(),
            Ok(findings) => match findings.warnings.len() {
                0 => "passed".to_owned(),
                1 => "passed, 1 warning".to_owned(),
                several => format!("passed, {several} warnings"),
            },
        }
    }

    /// Formats the error, or missing operations and warnings. Returns `None` if there are none.
    fn details(&self) -> Option<String> {
        let details = match &self.result {
            Err(message) => message.trim_end().to_owned(),
            Ok(Findings { coverage, warnings }) => {
                let missing = coverage.missing.iter().map(|name| format!("not seen: {name}"));
                missing.chain(warnings.iter().cloned()).collect::<Vec<_>>().join("\n")
            }
        };
        (!details.is_empty()).then(|| format!("--- {}: {}\n{details}\n", self.tool, self.document))
    }

    fn cells(&self) -> [String; 5] {
        [
            self.tool.to_owned(),
            self.version.clone(),
            self.document.clone(),
            self.seen(),
            self.verdict(),
        ]
    }
}

/// Formats the details, followed by a table with a row for each tool and document.
pub(super) fn format(rows: &[Row]) -> String {
    let heads = ["tool", "version", "document", "operations", "verdict"].map(str::to_owned);
    let table: Vec<_> = std::iter::once(heads).chain(rows.iter().map(Row::cells)).collect();
    let width = |column: usize| table.iter().map(|cells| cells[column].len()).max().unwrap_or_default();
    let widths: [usize; 5] = std::array::from_fn(width);
    let line = |cells: &[String; 5]| {
        let padded = cells
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}  "));
        padded.collect::<String>().trim_end().to_owned() + "\n"
    };
    let details = rows.iter().filter_map(Row::details);
    details.chain(table.iter().map(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(result: Result<Findings, String>) -> Row {
        Row {
            tool: "tool",
            version: "1.0".into(),
            document: "openapi.yaml".into(),
            result,
        }
    }

    fn findings(seen: usize, skipped: usize, remark: &str, warnings: &[&str]) -> Findings {
        let missing = (seen + skipped..88).map(|number| format!("GET /{number}")).collect();
        Findings {
            coverage: Coverage {
                seen,
                total: 88,
                missing,
                skipped,
                remark: remark.to_owned(),
            },
            warnings: warnings.iter().map(|&warning| warning.to_owned()).collect(),
        }
    }

    #[test]
    fn formats_details_and_a_table() {
        let rows = [
            row(Ok(findings(88, 0, "", &[]))),
            row(Ok(findings(88, 0, " schemas", &["unused"]))),
            row(Ok(findings(87, 1, ", without it", &[]))),
            row(Err("bad\n".into())),
        ];
        assert_eq!(
            format(&rows),
            "--- tool: openapi.yaml\nunused\n--- tool: openapi.yaml\nbad\n\
             tool  version  document      operations            verdict\n\
             tool  1.0      openapi.yaml  88                    passed\n\
             tool  1.0      openapi.yaml  88 schemas            passed, 1 warning\n\
             tool  1.0      openapi.yaml  87 of 88, without it  passed\n\
             tool  1.0      openapi.yaml  -                     FAILED\n"
        );
        assert!(rows[..3].iter().all(Row::passed) && !rows[3].passed());
    }

    #[test]
    fn a_tool_that_omits_an_operation_fails() {
        let incomplete = row(Ok(findings(87, 0, "", &[])));
        assert!(!incomplete.passed());
        let text = format(&[incomplete]);
        assert!(text.starts_with("--- tool: openapi.yaml\nnot seen: GET /87\n"));
        assert!(text.ends_with("87 of 88    FAILED: incomplete\n"));
    }
}
