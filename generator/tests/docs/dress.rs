//! Specs with other texts.

use generator::ir::{Api, Json};
use generator::source::SourceSet;

/// What happens to a text in one language.
pub(crate) type Dress = fn(&str) -> String;

/// Loads a spec in two languages with each of its texts changed.
pub(crate) fn dressed(sources: &SourceSet, dress: Dress) -> Api {
    let files = sources.files().map(|(_, file)| {
        let mut content: Json = serde_yaml::from_str(&file.text).unwrap();
        dress_all("", &mut content, dress);
        // JSON is YAML, too.
        (file.path.clone(), content.to_string().into_bytes())
    });
    generator::load(&SourceSet::from_files(files.collect::<Vec<_>>())).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Changes the texts under a key: meanings, and what examples and corrections quote.
fn dress_all(key: &str, content: &mut Json, dress: Dress) {
    match content {
        Json::Object(entries) => entries.iter_mut().for_each(|(key, value)| dress_all(key, value, dress)),
        Json::Array(items) => items.iter_mut().for_each(|item| dress_all("", item, dress)),
        Json::String(line) => {
            let (before, text) = line.rsplit_once("-- ").unwrap_or(("", line));
            if let Some((english, chinese)) = text.split_once(" | ") {
                let separator = if before.is_empty() { "" } else { "-- " };
                *line = format!("{before}{separator}{} | {}", dress(english), dress(chinese));
            } else if ["note", "response", "text"].contains(&key) {
                *line = dress(line);
            }
        }
        _ => {}
    }
}
