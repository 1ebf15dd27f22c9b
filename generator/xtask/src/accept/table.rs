//! What the tools say, for people.

use super::Answer;

/// One tool and one document.
pub(super) struct Row {
    pub(super) tool: &'static str,
    pub(super) version: String,
    pub(super) document: &'static str,
    /// How many the document has.
    pub(super) operations: usize,
    pub(super) answer: Result<Answer, String>,
}

impl Row {
    /// Whether the tool accepts the document and saw all of it.
    pub(super) fn passed(&self) -> bool {
        self.answer.as_ref().is_ok_and(|answer| self.saw_all(answer))
    }

    fn saw_all(&self, answer: &Answer) -> bool {
        let spared = answer.spared.map_or(0, |(operations, _)| operations);
        answer.seen + spared == self.operations
    }

    /// `88`, or `86 of 88, without multipart`.
    fn seen(&self) -> String {
        match &self.answer {
            Err(_) => "-".to_owned(),
            Ok(answer) => {
                let reason = answer.spared.map(|(_, reason)| format!(", {reason}"));
                if answer.seen == self.operations {
                    answer.seen.to_string()
                } else {
                    format!("{} of {}{}", answer.seen, self.operations, reason.unwrap_or_default())
                }
            }
        }
    }

    fn verdict(&self) -> String {
        match &self.answer {
            Err(_) => "FAILED".to_owned(),
            Ok(answer) if !self.saw_all(answer) => "FAILED: not every operation was seen".to_owned(),
            Ok(answer) => match answer.warnings.len() {
                0 => "passed".to_owned(),
                1 => "passed, 1 warning".to_owned(),
                several => format!("passed, {several} warnings"),
            },
        }
    }

    /// What the tool printed, if there is anything to mend.
    fn findings(&self) -> Option<String> {
        let findings = match &self.answer {
            Err(message) => message.trim_end().to_owned(),
            Ok(answer) => answer.warnings.join("\n"),
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

    fn row(answer: Result<Answer, String>) -> Row {
        Row {
            tool: "tool",
            version: "1.0".into(),
            document: "openapi.yaml",
            operations: 88,
            answer,
        }
    }

    fn seen(seen: usize) -> Answer {
        Answer {
            seen,
            ..Answer::default()
        }
    }

    #[test]
    fn shows_findings_and_a_table() {
        let mut warned = seen(88);
        warned.warnings.push("found".into());
        let rows = [row(Ok(seen(88))), row(Ok(warned)), row(Err("bad\n".into()))];
        assert_eq!(
            report(&rows),
            "--- tool: openapi.yaml\nfound\n--- tool: openapi.yaml\nbad\n\
             tool  version  document      operations  verdict\n\
             tool  1.0      openapi.yaml  88          passed\n\
             tool  1.0      openapi.yaml  88          passed, 1 warning\n\
             tool  1.0      openapi.yaml  -           FAILED\n"
        );
    }

    #[test]
    fn a_tool_that_drops_an_operation_has_failed() {
        let dropped = row(Ok(seen(87)));
        assert!(!dropped.passed());
        assert!(report(&[dropped]).ends_with("87 of 88    FAILED: not every operation was seen\n"));

        let spare = |seen, spared| Answer {
            seen,
            spared: Some((spared, "without multipart")),
            warnings: Vec::new(),
        };
        let spared = row(Ok(spare(86, 2)));
        assert!(spared.passed());
        assert!(report(&[spared]).ends_with("86 of 88, without multipart  passed\n"));
        assert!(!row(Ok(spare(85, 2))).passed());
        assert!(!row(Ok(seen(89))).passed());
    }
}
