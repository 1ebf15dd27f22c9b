//! Texts in the languages of the API.

use serde::Serialize;

/// A text in every language of the API, in the order of [`Api::languages`](super::Api::languages).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Text(pub Vec<String>);

impl Text {
    /// Returns the text in the language with this index, or in the first language if there is no such index.
    #[must_use]
    pub fn get(&self, language: usize) -> &str {
        self.0.get(language).or(self.0.first()).map_or("", String::as_str)
    }

    /// Returns `true` if the text is empty in every language.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(String::is_empty)
    }
}

/// A language of the outputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Language {
    /// Code such as `en` or `zh`, used for folder names and `lang` attributes.
    pub code: String,
}
