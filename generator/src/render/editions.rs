//! The editions of the `OpenAPI` document: which there are, and what their files are called.

use crate::ir::Api;

/// A version of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standard {
    /// 3.1
    V31,
    /// 3.0
    V30,
}

impl Standard {
    /// As the document states it.
    #[must_use]
    pub fn version(self) -> &'static str {
        match self {
            Self::V31 => "3.1.1",
            Self::V30 => "3.0.3",
        }
    }

    /// What the name of the file says of it.
    fn suffix(self) -> &'static str {
        match self {
            Self::V31 => "",
            Self::V30 => "-3.0",
        }
    }
}

/// One form of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edition {
    /// The version of the standard that it follows.
    pub standard: Standard,
    /// Index into [`Api::languages`].
    pub language: usize,
}

impl Edition {
    /// The name of its file. The first language stands without its code.
    #[must_use]
    pub fn file_name(self, api: &Api) -> String {
        let language = match api.languages.get(self.language) {
            Some(language) if self.language > 0 => format!(".{}", language.code),
            _ => String::new(),
        };
        format!("openapi{}{language}.yaml", self.standard.suffix())
    }
}

/// One for each language, and behind them one for tools that stayed with 3.0.
#[must_use]
pub fn editions(api: &Api) -> Vec<Edition> {
    let languages = (0..api.languages.len()).map(|language| (Standard::V31, language));
    languages
        .chain([(Standard::V30, 0)])
        .map(|(standard, language)| Edition { standard, language })
        .collect()
}
