//! The state of an app as the web page shows it.

use serde::Serialize;

/// A text in several languages: pairs of language code and text. The page shows the first if it has no text in its language.
pub type Label = &'static [(&'static str, &'static str)];

/// The tables and conversations that the web page shows of an app. Keep it small: it is built after every change.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Overview {
    /// Tables.
    pub tables: Vec<Table>,
    /// Conversations, which look like those of a chat.
    pub conversations: Vec<Conversation>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Table {
    /// Title.
    pub title: Label,
    /// Number of rows. `rows` can contain fewer.
    pub total: usize,
    /// Titles of the columns.
    pub columns: Vec<Label>,
    /// Rows. The first cell identifies the row.
    pub rows: Vec<Vec<String>>,
}

/// A conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conversation {
    /// Kind, e.g. "Group".
    pub kind: Label,
    /// Title.
    pub title: String,
    /// The last messages, oldest first.
    pub messages: Vec<Line>,
}

/// A message of a [`Conversation`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Line {
    /// Identifies the message.
    pub id: String,
    /// Milliseconds since 1970.
    pub time: i64,
    /// The sender.
    pub from: String,
    /// The content.
    pub text: String,
    /// Marks, such as "recalled".
    pub marks: Vec<Label>,
}
