//! The real spec as text, and the operations in it.

use std::path::Path;

use generator::source::SourceSet;

use super::places::{self, Entry, Place};

/// In how many examples of an operation mistakes are made: some have nine.
const EXAMPLES: usize = 2;

/// The files that hold a spec, in the order of their paths.
#[derive(Debug)]
pub struct Spec {
    /// Paths and texts.
    pub files: Vec<(String, String)>,
}

/// An operation, in the text of its section.
#[derive(Debug, Clone, Copy)]
pub struct Operation<'a> {
    /// The spec that it is in.
    pub spec: &'a Spec,
    /// Path of its file.
    pub path: &'a str,
    /// Text of its file.
    pub text: &'a str,
    /// First byte of its key.
    key: usize,
    key_end: usize,
    end: usize,
}

impl Spec {
    /// Reads the folder, as far as mistakes can be made in it.
    pub fn read(root: &Path) -> Self {
        let sources = SourceSet::load(root).unwrap();
        let files = sources.files().filter(|(_, file)| !file.path.starts_with("client/"));
        Self {
            files: files.map(|(_, file)| (file.path.clone(), file.text.clone())).collect(),
        }
    }

    /// Every operation.
    pub fn operations(&self) -> Vec<Operation<'_>> {
        let sections = self.files.iter().filter(|(path, _)| path.starts_with("sections/"));
        let of_section = |(path, text): &'_ (String, String)| -> Vec<(usize, usize, usize)> {
            let declared = places::get(text, &places::trim(text, 0..text.len()), "operations");
            assert!(declared.is_some(), "{path} has no operations");
            let entries = places::entries(text, &declared.unwrap().value);
            entries
                .iter()
                .map(|entry| (entry.key.start, entry.key.end, entry.value.end))
                .collect()
        };
        sections
            .flat_map(|file| of_section(file).into_iter().map(move |places| (file, places)))
            .map(|((path, text), (key, key_end, end))| Operation {
                spec: self,
                path,
                text,
                key,
                key_end,
                end,
            })
            .collect()
    }

    /// The text of `api.yaml`.
    pub fn api(&self) -> &str {
        &self.files.iter().find(|(path, _)| path == "api.yaml").unwrap().1
    }

    /// The spec without the sections but one, and the one that obtains tokens.
    pub fn reduced(&self, path: &str) -> Self {
        let stem = |path: &str| {
            path.trim_start_matches("sections/")
                .trim_end_matches(".yaml")
                .to_owned()
        };
        let api = self.api();
        let all = places::get(api, &places::trim(api, 0..api.len()), "sections")
            .unwrap()
            .value;
        let grant = api
            .find("operation: ")
            .map_or("", |at| api[at + 11..].split('.').next().unwrap());
        let kept: Vec<_> = [grant.to_owned(), stem(path)]
            .into_iter()
            .filter(|name| !name.is_empty())
            .collect();
        let keep = |file: &&(String, String)| !file.0.starts_with("sections/") || kept.contains(&stem(&file.0));
        let shorten = |(path, text): &(String, String)| match path.as_str() {
            "api.yaml" => {
                let mut names = kept.clone();
                names.dedup();
                let list = format!("[{}]", names.join(", "));
                (
                    path.clone(),
                    format!("{}{list}{}", &text[..all.start], &text[all.end..]),
                )
            }
            _ => (path.clone(), text.clone()),
        };
        Self {
            files: self.files.iter().filter(keep).map(shorten).collect(),
        }
    }

    /// Whether the type of this name is written as a single value: a newtype or an enum.
    pub fn is_scalar(&self, name: &str) -> bool {
        let head = format!("{name}:");
        self.files.iter().any(|(_, text)| {
            let mut lines = text
                .lines()
                .map(str::trim_start)
                .skip_while(|line| !line.starts_with(&head));
            let is_newtype = lines.next().is_some_and(|line| line.len() > head.len());
            is_newtype || lines.take(2).any(|line| line.starts_with("enum"))
        })
    }
}

impl<'a> Operation<'a> {
    /// `section.key`.
    pub fn id(&self) -> String {
        let section = self.path.trim_start_matches("sections/").trim_end_matches(".yaml");
        format!("{section}.{}", &self.text[self.key_place()])
    }

    /// Its key.
    pub fn key_place(&self) -> Place {
        self.key..self.key_end
    }

    /// All of it.
    pub fn whole(&self) -> Place {
        self.key..self.end
    }

    /// What stands at a place of its file.
    pub fn at(&self, place: &Place) -> &'a str {
        &self.text[place.clone()]
    }

    /// Its keys.
    pub fn entries(&self) -> Vec<Entry> {
        places::entries(self.text, &places::trim(self.text, self.key_end + 1..self.end))
    }

    /// What it says under a key.
    pub fn get(&self, key: &str) -> Option<Entry> {
        self.entries().into_iter().find(|entry| self.at(&entry.key) == key)
    }

    /// What it says under a key, if that is a mapping: its entries.
    pub fn fields(&self, key: &str) -> Vec<Entry> {
        self.get(key)
            .map(|entry| places::entries(self.text, &entry.value))
            .unwrap_or_default()
    }

    /// Its first examples.
    pub fn examples(&self) -> Vec<Place> {
        let examples = self.get("examples").map(|entry| places::items(self.text, &entry.value));
        examples.into_iter().flatten().take(EXAMPLES).collect()
    }

    /// What an example says under a key.
    pub fn in_example(&self, example: &Place, key: &str) -> Option<Place> {
        places::get(self.text, example, key).map(|entry| entry.value)
    }

    /// The answers of examples that are no errors.
    pub fn answers(&self) -> Vec<Place> {
        let fine = |example: &Place| {
            self.in_example(example, "status")
                .is_none_or(|status| self.at(&status).starts_with('2'))
        };
        let examples = self.examples().into_iter().filter(fine);
        examples
            .filter_map(|example| self.in_example(&example, "response"))
            .collect()
    }
}
