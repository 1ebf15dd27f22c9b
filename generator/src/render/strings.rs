//! The strings of the outputs that do not come from the spec: one catalogue per language.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::ir::Api;

macro_rules! languages {
    ($($code:literal),*) => {
        /// Codes of the supported languages.
        pub const LANGUAGES: &[&str] = &[$($code),*];

        /// The strings files, by language code.
        const SOURCES: &[(&str, &str)] = &[$((
            $code,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../templates/docs/strings/", $code, ".yaml")),
        )),*];
    };
}

// A new language is a file in `templates/docs/strings` and an entry here.
languages!["en", "zh"];

/// Returns the catalogue of each language of an API, in their order.
///
/// # Errors
///
/// Returns an error if a language has no strings file, or the file does not match [`Catalogue`].
pub fn catalogues(api: &Api) -> Result<Vec<Catalogue>, Error> {
    let languages = api.languages.iter();
    languages.map(|language| Catalogue::load(&language.code)).collect()
}

/// An error in the strings of a language.
#[derive(Debug)]
pub enum Error {
    /// The language has no strings file.
    Unknown {
        /// Code of the language.
        language: String,
    },
    /// The strings file lacks a string or contains an unknown one.
    Invalid {
        /// Code of the language.
        language: &'static str,
        /// The error of the parser.
        error: serde_yaml::Error,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { language } => write!(f, "there is no strings file for the language `{language}`"),
            Self::Invalid { language, error } => write!(f, "strings of the language `{language}`: {error}"),
        }
    }
}

impl std::error::Error for Error {}

/// All strings of one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The language's name for itself.
    pub(super) name: String,
    pub(super) pages: PageWords,
    /// One line about each page.
    pub(super) notes: PageWords,
    pub(super) token: TokenWords,
    pub(super) extensions: ExtensionsWords,
    pub(super) constructs: ConstructsWords,
    pub(super) simplified: SimplifiedWords,
    /// Strings of the templates. Templates are strict, so a missing label is an error.
    pub(super) labels: BTreeMap<String, String>,
    pub(super) phrases: Phrases,
    pub(super) website: WebsiteWords,
    pub(super) document: DocumentWords,
    units: BTreeMap<String, Unit>,
}

impl Catalogue {
    pub(super) fn load(code: &str) -> Result<Self, Error> {
        let Some((language, yaml)) = SOURCES.iter().find(|(known, _)| *known == code) else {
            let language = code.to_owned();
            return Err(Error::Unknown { language });
        };
        serde_yaml::from_str(yaml).map_err(|error| Error::Invalid { language, error })
    }

    /// Returns the unit of a rate, in the singular if `count` is 1.
    pub(super) fn unit<'a>(&'a self, unit: &'a str, count: u32) -> &'a str {
        match self.units.get(unit) {
            Some(words) if count == 1 => &words.one,
            Some(words) => &words.many,
            None => unit,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unit {
    one: String,
    many: String,
}

/// Texts that the script of the website adds.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WebsiteWords {
    search_none: String,
    search_one: String,
    search_many: String,
    /// Translations of the texts of mdBook.
    interface: BTreeMap<String, String>,
}

/// A string for each kind of page except the sections.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PageWords {
    pub(super) front: String,
    pub(super) model: String,
    pub(super) authentication: String,
    pub(super) hosts: String,
    pub(super) envelope: String,
    pub(super) errors: String,
    pub(super) limits: String,
    pub(super) paging: String,
    pub(super) sandbox: String,
    pub(super) webhooks: String,
    pub(super) types: String,
    pub(super) openapi: String,
    pub(super) corrections: String,
    pub(super) coverage: String,
}

/// Strings of the diagram of a token's life cycle.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenWords {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) credentials: String,
    pub(super) request: String,
    pub(super) used: String,
    pub(super) again: String,
    pub(super) expired: String,
    pub(super) renew: String,
}

/// Descriptions of the extension keys (`x-…`) of the `OpenAPI` documents.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExtensionsWords {
    pub(super) locations: LocationWords,
    pub(super) rate_limits: String,
    pub(super) rate_limit: String,
    pub(super) max_body: String,
    pub(super) paging_styles: String,
    pub(super) paging: String,
    pub(super) error_catalogue: String,
    pub(super) error_codes: String,
    pub(super) idempotent: String,
    pub(super) superseded_by: String,
    pub(super) merged: String,
    pub(super) records: String,
    pub(super) source_row: String,
    pub(super) sensitive: String,
    pub(super) open_values: String,
    pub(super) value_names: String,
    pub(super) families: String,
}

/// Names of the objects of an `OpenAPI` document that have extension keys.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LocationWords {
    pub(super) document: String,
    pub(super) operation: String,
    pub(super) response: String,
    pub(super) schema: String,
}

/// Constructs of the `OpenAPI` documents that some tools mishandle.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConstructsWords {
    /// Client generators in general.
    pub(super) generators: String,
    pub(super) multipart: ConstructWords,
    pub(super) json_or_form: ConstructWords,
    pub(super) free_form: ConstructWords,
    pub(super) number_or_text: ConstructWords,
    pub(super) list_or_single: ConstructWords,
    pub(super) null: ConstructWords,
    pub(super) confusable_keys: ConstructWords,
    pub(super) lists: ConstructWords,
}

/// Constructs that the 3.0 document replaces by simpler ones.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SimplifiedWords {
    pub(super) list_or_single: ConstructWords,
    pub(super) list_or_object: ConstructWords,
    pub(super) untagged: ConstructWords,
    pub(super) number_or_text: ConstructWords,
}

/// A construct, and how tools react to it with a workaround.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConstructWords {
    pub(super) construct: String,
    pub(super) advice: String,
}

/// Strings that the renderer uses itself: types, rules, rates.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Phrases {
    /// A part of the signature of webhooks.
    pub(super) secret_of_webhooks: String,
    pub(super) sentence_gap: String,
    pub(super) rule_separator: String,
    pub(super) rust_name: String,
    pub(super) one_of: String,
    /// About the tag of a flattened union whose content has a key.
    pub(super) tag_of_content: String,
    /// About the tag of a flattened union whose fields are beside it.
    pub(super) tag_of_fields: String,
    pub(super) content_of_tag: String,
    pub(super) json_object: String,
    /// A section, and the number of its operations that are meant.
    pub(super) some_of_section: String,
    pub(super) all_of_section: String,
    pub(super) aliases: String,
    pub(super) family: String,
    pub(super) name_separator: String,
    pub(super) list_separator: String,
    pub(super) whole_response: String,
    pub(super) corrected_text: String,
    pub(super) example_number: String,

    pub(super) string: String,
    pub(super) secret: String,
    pub(super) bool: String,
    pub(super) int: String,
    pub(super) float: String,
    pub(super) json: String,
    pub(super) object: String,
    pub(super) timestamp_seconds: String,
    pub(super) timestamp_millis: String,
    pub(super) duration_seconds: String,
    pub(super) duration_millis: String,
    pub(super) duration_forever: String,
    pub(super) file: String,
    pub(super) constant: String,
    pub(super) list: String,
    /// The name of a type as the item of a list. In Chinese, a space follows it.
    pub(super) listed_type: String,
    pub(super) map: String,
    pub(super) lenient_number: String,
    pub(super) lenient_string: String,
    pub(super) lenient_bool: String,
    pub(super) lenient_time: String,
    pub(super) one_or_many: String,
    pub(super) or_empty: String,
    pub(super) nullable: String,

    pub(super) length: Bounds,
    pub(super) range: Bounds,
    pub(super) items: Bounds,
    pub(super) entries: Bounds,
    pub(super) pattern: String,
    pub(super) each: String,
    pub(super) default: String,

    pub(super) rate: String,
    pub(super) second: String,
    pub(super) minute: String,
    pub(super) hour: String,
    pub(super) shared_limit: String,

    pub(super) paging_at: String,
    pub(super) paging_cursor: String,
    pub(super) paging_cursor_or_empty: String,
    pub(super) paging_page: String,
    pub(super) paging_page_required: String,
}

/// Strings for a minimum and a maximum.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bounds {
    pub(super) between: String,
    pub(super) min: String,
    pub(super) at_least_one: String,
    pub(super) max: String,
    pub(super) exactly: String,
}

/// Strings that the `OpenAPI` document adds to the texts of the spec.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DocumentWords {
    /// A condition for the body of an event, with `{path}` and `{values}`, without a full stop.
    pub(super) has_value: String,
    /// A condition for the body of an event, with `{path}`, without a full stop.
    pub(super) has_no_value: String,
    /// The separator of alternatives.
    pub(super) alternative_separator: String,
    /// About a webhook without a signature.
    pub(super) unsigned: String,
    /// About the response to a webhook that the server does not read.
    pub(super) unread_response: String,
    pub(super) unix_seconds: String,
    pub(super) unix_millis: String,
    pub(super) seconds: String,
    pub(super) millis: String,
    /// With `{code}` for the number.
    pub(super) forever: String,
    /// With `{code}` for the value.
    pub(super) default: String,
    pub(super) comma_separated: String,
    /// With `{code}` for the string that means `true`.
    pub(super) text_for_true: String,
    /// With `{code}` for the name of the field.
    pub(super) alias_of: String,
    /// With `{code}` for the prefix of a family of keys.
    pub(super) family: String,
    /// With `{code}` for an alias of the field.
    pub(super) also_accepted: String,
    pub(super) known_values: String,
    pub(super) other_values: String,
    pub(super) success: String,
    pub(super) not_done_reason: String,
    pub(super) other_error: String,
    pub(super) merged: String,
    /// For a body or response with forms that the document does not describe.
    pub(super) other_forms: String,
    /// Before the names of operations.
    pub(super) superseded_by: String,
    pub(super) prefix: String,
    pub(super) colon: String,
    /// Between the elements of a list.
    pub(super) comma: String,
    /// The end of a sentence.
    pub(super) stop: String,
    /// Between sentences.
    pub(super) sentence_gap: String,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use regex_lite::Regex;

    use super::*;

    #[test]
    fn languages_agree_on_placeholders() {
        let placeholder = Regex::new(r"\{\w+\}").expect("a regular expression");
        let placeholders = |yaml: &str| {
            let tree: serde_yaml::Value = serde_yaml::from_str(yaml).expect("YAML");
            let mut found = Vec::new();
            visit_strings("", &tree, &mut |key, text| {
                let names: BTreeSet<String> = placeholder
                    .find_iter(text)
                    .map(|found| found.as_str().to_owned())
                    .collect();
                found.push((key.to_owned(), names));
            });
            found
        };
        let (_, first) = SOURCES[0];
        for (code, yaml) in SOURCES {
            assert_eq!(placeholders(yaml), placeholders(first), "placeholders in `{code}`");
        }
    }

    fn visit_strings(path: &str, tree: &serde_yaml::Value, each: &mut dyn FnMut(&str, &str)) {
        if let Some(map) = tree.as_mapping() {
            for (key, value) in map {
                visit_strings(&format!("{path}.{}", key.as_str().unwrap_or_default()), value, each);
            }
        } else if let Some(text) = tree.as_str() {
            assert!(!text.is_empty() || path.ends_with("_gap"), "{path} is empty");
            each(path, text);
        } else {
            panic!("{path} is not a string");
        }
    }
}
