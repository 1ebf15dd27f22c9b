//! The editions of the `OpenAPI` document and their file names.

use crate::ir::Api;

/// A version of the `OpenAPI` standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standard {
    /// 3.1
    V31,
    /// 3.0
    V30,
}

impl Standard {
    /// Returns the version number that the document states.
    #[must_use]
    pub fn version(self) -> &'static str {
        match self {
            Self::V31 => "3.1.1",
            Self::V30 => "3.0.3",
        }
    }

    /// Returns the suffix of the file name.
    fn suffix(self) -> &'static str {
        match self {
            Self::V31 => "",
            Self::V30 => "-3.0",
        }
    }
}

/// The document in one language, following one version of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edition {
    /// The version of the standard that it follows.
    pub standard: Standard,
    /// Index into [`Api::languages`].
    pub language: usize,
}

impl Edition {
    /// Returns the file name, which contains the code of the language unless it is the first one.
    #[must_use]
    pub fn file_name(self, api: &Api) -> String {
        format!(
            "openapi{}{}.yaml",
            self.standard.suffix(),
            language_suffix(api, self.language)
        )
    }
}

/// Returns the file name of the document of the webhooks in one language.
#[must_use]
pub fn webhooks_file_name(api: &Api, language: usize) -> String {
    format!("webhooks{}.yaml", language_suffix(api, language))
}

/// Returns the code of a language after a dot, or nothing for the first one.
fn language_suffix(api: &Api, language: usize) -> String {
    match api.languages.get(language) {
        Some(code) if language > 0 => format!(".{}", code.code),
        _ => String::new(),
    }
}

/// Returns an edition for each language, followed by one for tools that only read 3.0.
#[must_use]
pub fn editions(api: &Api) -> Vec<Edition> {
    let languages = (0..api.languages.len()).map(|language| (Standard::V31, language));
    languages
        .chain([(Standard::V30, 0)])
        .map(|(standard, language)| Edition { standard, language })
        .collect()
}
