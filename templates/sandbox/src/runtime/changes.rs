//! The changes of a call, as the web page shows them.

use std::collections::HashMap;

use serde::Serialize;

use super::overview::{Conversation, Label, Overview, Table};

/// Maximum number of changes of a call that are kept.
const KEPT: usize = 20;

/// A row of a table or a message of a conversation that a call added, changed or removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecordedChange {
    /// Title of the table, or kind of the conversation.
    pub title: Label,
    /// The cells of the row before the call, or title and text of the message. `None` if it is new.
    pub before: Option<Vec<String>>,
    /// The cells after the call. `None` if the row was removed.
    pub after: Option<Vec<String>>,
    /// Marks of the message after the call, such as "recalled".
    pub marks: Vec<Label>,
}

/// Returns the differences between two overviews of an app.
pub(crate) fn between(before: &Overview, after: &Overview) -> Vec<RecordedChange> {
    let mut changes = Vec::new();
    for table in &after.tables {
        if let Some(old) = before.tables.iter().find(|old| old.title == table.title) {
            of_table(old, table, &mut changes);
        }
    }
    of_messages(&before.conversations, &after.conversations, &mut changes);
    changes.truncate(KEPT);
    changes
}

fn of_table(old: &Table, new: &Table, changes: &mut Vec<RecordedChange>) {
    let (old_rows, new_rows) = (by_id(old), by_id(new));
    let mut add = |before: Option<&Vec<String>>, after: Option<&Vec<String>>| {
        changes.push(RecordedChange {
            title: new.title,
            before: before.cloned(),
            after: after.cloned(),
            marks: Vec::new(),
        });
    };
    // In a table with more rows than are shown, a row can appear or disappear because of another one.
    let is_whole = old.rows.len() == old.total;
    for row in &old.rows {
        if !new_rows.contains_key(&row.first()) && (is_whole || new.total < old.total) {
            add(Some(row), None);
        }
    }
    for row in &new.rows {
        match old_rows.get(&row.first()) {
            None if is_whole || new.total > old.total => add(None, Some(row)),
            Some(before) if *before != row => add(Some(before), Some(row)),
            _ => {}
        }
    }
}

/// Returns the rows of a table by their first cells.
fn by_id(table: &Table) -> HashMap<Option<&String>, &Vec<String>> {
    table.rows.iter().map(|row| (row.first(), row)).collect()
}

fn of_messages(old: &[Conversation], new: &[Conversation], changes: &mut Vec<RecordedChange>) {
    let all = old.iter().flat_map(|conversation| &conversation.messages);
    let old: HashMap<_, _> = all.map(|line| (&line.id, line)).collect();
    for conversation in new {
        for line in &conversation.messages {
            let before = old.get(&line.id);
            if before.is_some_and(|before| *before == line) {
                continue;
            }
            let cells = |text: &str| vec![conversation.title.clone(), format!("{}: {text}", line.from)];
            changes.push(RecordedChange {
                title: conversation.kind,
                before: before.map(|before| cells(&before.text)),
                after: Some(cells(&line.text)),
                marks: line.marks.clone(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Conversation, Overview, RecordedChange, Table, between};
    use crate::runtime::Line;

    fn overview(total: usize, rows: &[[&str; 2]], texts: &[(&str, &str)]) -> Overview {
        let line = |(id, text): &(&str, &str)| Line {
            id: (*id).to_owned(),
            from: "ann".to_owned(),
            text: (*text).to_owned(),
            ..Line::default()
        };
        Overview {
            tables: vec![Table {
                title: &[("en", "Users")],
                total,
                columns: Vec::new(),
                rows: rows.iter().map(|row| row.map(str::to_owned).to_vec()).collect(),
            }],
            conversations: vec![Conversation {
                kind: &[("en", "Group")],
                title: "1".to_owned(),
                messages: texts.iter().map(line).collect(),
            }],
        }
    }

    fn shown(before: &Overview, after: &Overview) -> Vec<String> {
        let text = |cells: Option<Vec<String>>| cells.map_or_else(|| "-".to_owned(), |cells| cells.join(" "));
        let changes = between(before, after).into_iter();
        changes
            .map(|RecordedChange { before, after, .. }| format!("{} > {}", text(before), text(after)))
            .collect()
    }

    #[test]
    fn finds_rows_and_messages_that_differ() {
        let before = overview(2, &[["a", "1"], ["b", "2"]], &[("7", "hi")]);
        let after = overview(2, &[["c", "3"], ["a", "4"]], &[("7", "ho"), ("8", "new")]);
        let expected = [
            "b 2 > -",
            "- > c 3",
            "a 1 > a 4",
            "1 ann: hi > 1 ann: ho",
            "- > 1 ann: new",
        ];
        assert_eq!(shown(&before, &after), expected);
        assert!(shown(&after, &after).is_empty());
    }

    #[test]
    fn leaves_out_rows_that_make_room_or_move_up() {
        let before = overview(3, &[["a", "1"], ["b", "2"]], &[]);
        let added = overview(4, &[["c", "3"], ["a", "1"]], &[]);
        assert_eq!(shown(&before, &added), ["- > c 3"]);
        assert_eq!(shown(&added, &before), ["c 3 > -"]);
    }
}
