//! What the tools say, for people.

use super::Coverage;

/// One tool and one document.
pub(super) struct Row {
    pub(super) tool: &'static str,
    pub(super) version: String,
    pub(super) document: &'static str,
    /// What was seen and the warnings, or what made the tool fail.
    pub(super) answer: Result<(Coverage, Vec<String>), String>,
}

impl Row {
    /// Whether the tool accepts the document and saw all of it.
    pub(super) fn passed(&self) -> bool {
        self.answer.as_ref().is_ok_and(|(coverage, _)| coverage.is_whole())
    }

    /// `88`, `86 of 88, without multipart`, or `130 schemas`.
    fn seen(&self) -> String {
        let Ok((
            Coverage {
                seen, total, remark, ..
            },
            _,
        )) = &self.answer
        else {
            return "-".to_owned();
        };
        if seen == total {
            format!("{seen}{remark}")
        } else {
            format!("{seen} of {total}{remark}")
        }
    }

    fn verdict(&self) -> String {
        match &self.answer {
            Err(_) => "FAILED".to_owned(),
            Ok((coverage, _)) if !coverage.is_whole() => "FAILED: not all was seen".to_owned(),
            Ok((_, warnings)) => match warnings.len() {
                0 => "passed".to_owned(),
                1 => "passed, 1 warning".to_owned(),
                several => format!("passed, {several} warnings"),
            },
        }
    }

    /// What there is to mend.
    fn findings(&self) -> Option<String> {
        let findings = match &self.answer {
            Err(message) => message.trim_end().to_owned(),
            Ok((coverage, warnings)) => {
                let missing = coverage.missing.iter().map(|name| format!("not seen: {name}"));
                missing.chain(warnings.iter().cloned()).collect::<Vec<_>>().join("\n")
            }
        };
        (!findings.is_empty()).then(|| format!("--- {}: {}\n{findings}\n", self.tool, self.document))
    }

    fn cells(&self) -> [String; 5] {
        [
            self.tool.to_owned(),
            self.version.clone(),
            self.document.to_owned(),
            self.seen(),
            self.verdict(),
        ]
    }
}

/// The findings, and a row for each tool and document.
pub(super) fn report(rows: &[Row]) -> String {
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
    let findings = rows.iter().filter_map(Row::findings);
    findings.chain(table.iter().map(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(answer: Result<(Coverage, Vec<String>), String>) -> Row {
        Row {
            tool: "tool",
            version: "1.0".into(),
            document: "openapi.yaml",
            answer,
        }
    }

    fn coverage(seen: usize, spared: usize, remark: &str) -> Coverage {
        let missing = (seen + spared..88).map(|number| format!("GET /{number}")).collect();
        Coverage {
            seen,
            total: 88,
            missing,
            spared,
            remark: remark.to_owned(),
        }
    }

    #[test]
    fn shows_findings_and_a_table() {
        let rows = [
            row(Ok((coverage(88, 0, ""), Vec::new()))),
            row(Ok((coverage(88, 0, " schemas"), vec!["found".into()]))),
            row(Ok((coverage(87, 1, ", without it"), Vec::new()))),
            row(Err("bad\n".into())),
        ];
        assert_eq!(
            report(&rows),
            "--- tool: openapi.yaml\nfound\n--- tool: openapi.yaml\nbad\n\
             tool  version  document      operations            verdict\n\
             tool  1.0      openapi.yaml  88                    passed\n\
             tool  1.0      openapi.yaml  88 schemas            passed, 1 warning\n\
             tool  1.0      openapi.yaml  87 of 88, without it  passed\n\
             tool  1.0      openapi.yaml  -                     FAILED\n"
        );
        assert!(rows[..3].iter().all(Row::passed) && !rows[3].passed());
    }

    #[test]
    fn a_tool_that_drops_an_operation_has_failed() {
        let dropped = row(Ok((coverage(87, 0, ""), Vec::new())));
        assert!(!dropped.passed());
        let report = report(&[dropped]);
        assert!(report.starts_with("--- tool: openapi.yaml\nnot seen: GET /87\n"));
        assert!(report.ends_with("87 of 88    FAILED: not all was seen\n"));
    }
}
