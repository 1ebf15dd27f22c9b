//! Rewrites the texts of a spec.

use generator::ir::{Api, Json};
use generator::source::SourceSet;

/// Returns the replacement of a text in one language.
pub(crate) type Rewrite = fn(&str) -> String;

/// Loads a spec in two languages with each of its texts rewritten.
pub(crate) fn with_texts(sources: &SourceSet, rewrite: Rewrite) -> Api {
    let files = sources.files().map(|(_, file)| {
        let mut content: Json = serde_yaml::from_str(&file.text).unwrap();
        // In webhooks, `response` is a type.
        let whole: &[&str] = if file.path.starts_with("webhooks/") {
            &[]
        } else {
            &["note", "response", "text"]
        };
        rewrite_all("", &mut content, whole, rewrite);
        // JSON is valid YAML.
        (file.path.clone(), content.to_string().into_bytes())
    });
    generator::load(&SourceSet::from_files(files.collect::<Vec<_>>()))
        .unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

/// Rewrites the texts under a key: descriptions, and all strings under the keys `whole`, which are quotes in examples and corrections.
fn rewrite_all(key: &str, content: &mut Json, whole: &[&str], rewrite: Rewrite) {
    match content {
        Json::Object(entries) => entries
            .iter_mut()
            .for_each(|(key, value)| rewrite_all(key, value, whole, rewrite)),
        Json::Array(items) => items.iter_mut().for_each(|item| rewrite_all("", item, whole, rewrite)),
        Json::String(line) => {
            let (before, text) = line.rsplit_once("-- ").unwrap_or(("", line));
            if let Some((english, chinese)) = text.split_once(" | ") {
                let separator = if before.is_empty() { "" } else { "-- " };
                *line = format!("{before}{separator}{} | {}", rewrite(english), rewrite(chinese));
            } else if whole.contains(&key) {
                *line = rewrite(line);
            }
        }
        _ => {}
    }
}
