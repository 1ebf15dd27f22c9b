//! The markdown docs: one mdBook per language.
//!
//! `site` decides which pages there are and what is found where, the same for all languages. `pages` and `view` put a page
//! in one language with the help of `words`; templates only lay it out. Whatever text reaches a template is finished
//! markdown, which `markdown` has made safe.

mod coverage;
mod diagram;
mod forms;
mod machine;
mod markdown;
mod openapi;
mod pages;
mod pictures;
mod quickstart;
mod site;
mod strings;
mod templates;
mod view;
mod words;

use std::fmt;

use minijinja::value::{Serde, Value};
use minijinja::{Environment, context};
use rayon::prelude::*;

use self::machine::MachineView;
use self::markdown::Md;
use self::pages::Contents;
use self::site::{Page, Site};
use self::strings::Catalogue;
use self::words::Words;
use crate::files::File;
use crate::ir::Api;

/// The languages that the docs can be written in. In any other one, the words that do not come from the spec would be
/// those of the first.
#[must_use]
pub fn languages() -> &'static [&'static str] {
    strings::LANGUAGES
}

/// Renders the docs in every language of the API, below `docs/`.
///
/// # Errors
///
/// Fails where a template or a catalogue of strings is at odds with the code: whatever the spec, never because of it.
pub fn render(api: &Api) -> Result<Vec<File>, Error> {
    let site = Site::new(api);
    let environment = templates::environment()?;
    let catalogues = api.languages.iter().map(|language| Catalogue::load(&language.code));
    let catalogues = catalogues.collect::<Result<Vec<_>, _>>()?;
    let books: Vec<Book<'_>> = (0..catalogues.len())
        .map(|language| Book {
            site: &site,
            environment: &environment,
            catalogues: &catalogues,
            language,
            labels: Value::from(Serde(&catalogues[language].labels)),
        })
        .collect();
    let mut files = Vec::new();
    for book in &books {
        files.extend(book.frame()?);
    }
    let pages: Vec<(&Book<'_>, Page)> = books
        .iter()
        .flat_map(|book| site.pages.iter().map(move |page| (book, *page)))
        .collect();
    files.par_extend(
        pages
            .into_par_iter()
            .map(|(book, page)| book.page(page))
            .collect::<Result<Vec<_>, _>>()?,
    );
    Ok(files)
}

/// The front page of a site that holds the books of all languages, each at `docs/LANGUAGE/src/index.html`.
///
/// # Errors
///
/// As [`render`].
pub fn landing(api: &Api) -> Result<String, Error> {
    let books = api.languages.iter().enumerate().map(|(index, language)| {
        let catalogue = Catalogue::load(&language.code)?;
        Ok(context! {
            language => language.code.as_str(),
            name => catalogue.name,
            title => markdown::one_line(api.title.get(index)),
        })
    });
    let books = books.collect::<Result<Vec<Value>, Error>>()?;
    Ok(templates::environment()?
        .get_template("landing.html")?
        .render(context! { books })?)
}

/// The docs in one language.
struct Book<'a> {
    site: &'a Site<'a>,
    environment: &'a Environment<'static>,
    /// Of all languages, for the links between them.
    catalogues: &'a [Catalogue],
    language: usize,
    labels: Value,
}

impl Book<'_> {
    /// What makes the pages a book.
    fn frame(&self) -> Result<Vec<File>, Error> {
        let title = self.words(Page::Front).site.api.title.get(self.language);
        let settings = context! {
            // A JSON string is a TOML string too.
            title => serde_json::Value::from(markdown::one_line(title)).to_string(),
            language => self.code(self.language),
        };
        let contents =
            context! { s => self.labels.clone(), v => Value::from(Serde(Contents::new(self.words(Page::Front)))) };
        let machine = context! {
            s => self.labels.clone(),
            v => Value::from(Serde(MachineView::new(self.words(Page::Front)))),
        };
        let mut files = vec![
            self.file("book.toml", "book.toml", settings)?,
            self.file("site.css", "site.css", context! {})?,
            self.file("site.js", "site.js", context! {})?,
            self.file("llms.txt", "llms.txt", machine)?,
            self.file("src/SUMMARY.md", "summary.md", contents)?,
        ];
        files.extend(
            pictures::pictures(self.words(Page::Front))
                .into_iter()
                .map(|(name, svg)| File {
                    path: format!("docs/{}/src/{name}", self.code(self.language)),
                    contents: svg,
                }),
        );
        Ok(files)
    }

    fn page(&self, page: Page) -> Result<File, Error> {
        let words = self.words(page);
        let (template, view) = pages::view(words);
        let context = context! {
            s => self.labels.clone(),
            title => Value::from(Serde(words.page_title(page))),
            translations => Value::from(Serde(self.translations(page))),
            v => view,
        };
        self.file(&format!("src/{}.md", self.site.name(page)), template, context)
    }

    fn words(&self, page: Page) -> Words<'_> {
        Words {
            site: self.site,
            strings: &self.catalogues[self.language],
            catalogues: self.catalogues,
            language: self.language,
            page,
        }
    }

    fn code(&self, language: usize) -> &str {
        self.site
            .api
            .languages
            .get(language)
            .map_or("", |language| &language.code)
    }

    /// Links to the same page in the other languages.
    fn translations(&self, page: Page) -> Vec<Md> {
        let others = self
            .catalogues
            .iter()
            .enumerate()
            .filter(|(language, _)| *language != self.language);
        others
            .map(|(language, catalogue)| {
                let href = format!("../../{}/src/{}.md", self.code(language), self.site.name(page));
                Md::link(&Md::text(&catalogue.name), &href)
            })
            .collect()
    }

    fn file(&self, path: &str, template: &str, context: Value) -> Result<File, Error> {
        let contents = self.environment.get_template(template)?.render(context)?;
        Ok(File {
            path: format!("docs/{}/{path}", self.code(self.language)),
            contents,
        })
    }
}

/// A template or a catalogue of strings is at odds with the code.
#[derive(Debug)]
pub enum Error {
    /// A template is no template, or asks for something that its page does not have.
    Template(minijinja::Error),
    /// A catalogue lacks a string, or has one too many.
    Strings {
        /// The language of the catalogue.
        language: String,
        /// What is wrong with it.
        error: serde_yaml::Error,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Template(error) => write!(f, "{error}"),
            Self::Strings { language, error } => {
                write!(f, "strings of the docs in `{language}`: {error}")
            }
        }
    }
}

impl std::error::Error for Error {}

impl From<minijinja::Error> for Error {
    fn from(error: minijinja::Error) -> Self {
        Self::Template(error)
    }
}
