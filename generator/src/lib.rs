//! Generates a Rust client crate, `OpenAPI` documents and Markdown docs from a compact, multilingual YAML spec of a REST API.
//!
//! Data flows in one direction: files, raw model, IR, renderers, files. See `ARCHITECTURE.md` in the folder of this crate.

pub mod diagnostic;
pub mod files;
pub mod ir;
pub mod lower;
pub mod names;
pub mod render;
pub mod source;
pub mod syntax;

use std::fmt;

use diagnostic::Diagnostics;
use files::FileSet;
use ir::Api;
use source::SourceSet;

/// Generates all outputs of a spec.
///
/// # Errors
///
/// Returns all errors in the spec, or [`Failure::Internal`] for a bug in the generator.
pub fn generate(sources: &SourceSet) -> Result<FileSet, Failure> {
    let api = load(sources)?;
    render(&api)
}

/// Parses, checks and lowers a spec.
///
/// # Errors
///
/// Returns all errors in the spec.
pub fn load(sources: &SourceSet) -> Result<Api, Diagnostics> {
    let (spec, mut diagnostics) = syntax::load(sources);
    let lowered = spec.map(|spec| lower::lower(sources, &spec, render::strings::LANGUAGES));
    match lowered {
        Some(Ok(api)) if diagnostics.is_empty() => return Ok(api),
        Some(Err(found)) => diagnostics.extend(found),
        _ => {}
    }
    Err(Diagnostics::new(sources, diagnostics))
}

/// Renders all outputs in parallel.
///
/// # Errors
///
/// Returns [`Failure::Internal`] for a bug in the generator.
pub fn render(api: &Api) -> Result<FileSet, Failure> {
    let catalogues = render::strings::catalogues(api).map_err(|error| Failure::Internal(error.to_string()))?;
    let (client, (openapi, docs)) = rayon::join(
        || render::client::render(api),
        || {
            rayon::join(
                || render::openapi::render(api, &catalogues),
                || render::docs::render(api, &catalogues),
            )
        },
    );
    let docs = docs.map_err(|error| Failure::Internal(error.to_string()))?;
    let files = [
        client,
        render::sandbox::render(api),
        openapi,
        docs,
        render::schema::render(),
    ];
    FileSet::new(files.into_iter().flatten()).map_err(|error| Failure::Internal(error.to_string()))
}

/// The reason why nothing was generated.
#[derive(Debug)]
pub enum Failure {
    /// Errors in the spec.
    Spec(Diagnostics),
    /// A bug in the generator.
    Internal(String),
}

impl Failure {
    /// Renders the failure as text for a terminal, optionally in colour.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        match self {
            Self::Spec(diagnostics) => diagnostics.render(colour),
            Self::Internal(message) => format!("error: internal error, a bug in the generator: {message}\n"),
        }
    }
}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Spec(diagnostics)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Failure {}
