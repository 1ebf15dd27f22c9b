//! Texts in the languages of the API.

use serde::Serialize;

/// A text in every language of the API, in the order of [`Api::languages`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Text(pub Vec<String>);

impl Text {
    /// The text in the language with this index; the first language where there is none.
    #[must_use]
    pub fn get(&self, language: usize) -> &str {
        self.0.get(language).or(self.0.first()).map_or("", String::as_str)
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(String::is_empty)
    }
}

/// A language of the docs: a code such as `en` or `zh`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Language {
    /// The code, as used for folder names and `lang` attributes.
    pub code: String,
}
