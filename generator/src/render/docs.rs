//! The markdown docs: one mdBook per language.
//!
//! `site` decides on the pages and anchors, which are the same for all languages. `pages` and `view` build a page
//! in one language with the help of `words`; templates only lay it out. All text that reaches a template is
//! markdown that `markdown` has escaped.

mod constructs;
mod coverage;
mod diagram;
mod diagrams;
mod machine;
mod markdown;
mod openapi;
mod pages;
mod quickstart;
mod site;
mod templates;
mod view;
mod webhooks;
mod words;

use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error, context};
use rayon::prelude::*;

use self::machine::MachineView;
use self::markdown::Md;
use self::pages::Contents;
use self::site::{Page, Site};
use self::words::Words;
use crate::files::File;
use crate::ir::{Api, Language};
use crate::render::editions::editions;
use crate::render::markdown::one_line;
use crate::render::strings::Catalogue;

/// Renders the docs in every language of the API, below `docs/`.
///
/// # Errors
///
/// Fails if a template is invalid or uses a value that its page does not have, which no spec can cause.
pub fn render(api: &Api, catalogues: &[Catalogue]) -> Result<Vec<File>, Error> {
    let site = Site::new(api);
    let environment = templates::environment()?;
    let books: Vec<Book<'_>> = (0..catalogues.len())
        .map(|language| Book {
            site: &site,
            environment: &environment,
            catalogues,
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

/// Renders the front page of a site with the books of all languages, each at `docs/LANGUAGE/src/index.html`.
///
/// # Errors
///
/// As [`render`].
pub fn landing(api: &Api, catalogues: &[Catalogue]) -> Result<String, Error> {
    let book = |(index, language): (usize, &Language)| {
        let documents = editions(api).into_iter().filter(|edition| edition.language == index);
        let documents =
            documents.map(|edition| context! { file => edition.file_name(api), version => edition.standard.version() });
        context! {
            s => Value::from(Serde(&catalogues[index].labels)),
            language => language.code.as_str(),
            name => catalogues[index].name.as_str(),
            title => one_line(api.title.get(index)),
            about => one_line(api.about.get(index)),
            crate_name => api.name.as_str(),
            documents => documents.collect::<Vec<_>>(),
        }
    };
    let books: Vec<Value> = api.languages.iter().enumerate().map(book).collect();
    let environment = templates::environment()?;
    environment.get_template("landing.html")?.render(context! { books })
}

/// The docs in one language.
struct Book<'a> {
    site: &'a Site<'a>,
    environment: &'a Environment<'static>,
    /// The strings of all languages, for the links between them.
    catalogues: &'a [Catalogue],
    language: usize,
    labels: Value,
}

impl Book<'_> {
    /// Returns the files that make the pages a book.
    fn frame(&self) -> Result<Vec<File>, Error> {
        let title = self.words(Page::Front).site.api.title.get(self.language);
        let settings = context! {
            // A JSON string is a valid TOML string.
            title => serde_json::Value::from(one_line(title)).to_string(),
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
            self.file("site.js", "site.js", context! { words => self.website_words() })?,
            self.file("llms.txt", "llms.txt", machine)?,
            self.file("src/SUMMARY.md", "summary.md", contents)?,
        ];
        files.extend(
            diagrams::diagrams(self.words(Page::Front))
                .into_iter()
                .map(|(name, svg)| File {
                    path: format!("docs/{}/src/{name}", self.code(self.language)),
                    contents: svg,
                }),
        );
        Ok(files)
    }

    /// Returns the texts of the website as JSON.
    fn website_words(&self) -> String {
        let strings = &self.catalogues[self.language];
        let none = strings.labels.get("none");
        serde_json::json!({ "none": none, "website": strings.website }).to_string()
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

    /// Returns links to the same page in the other languages.
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
