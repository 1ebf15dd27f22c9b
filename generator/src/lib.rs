//! Turns a compact, multilingual YAML spec of a REST API into a Rust client crate, an `OpenAPI` document and markdown docs.
//!
//! Data flows one way: files, raw model, IR, renderers, files. `ARCHITECTURE.md` beside this crate tells the whole story.

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

/// Generates every output of a spec.
///
/// # Errors
///
/// Every mistake in the spec, or a fault of the generator itself.
pub fn generate(sources: &SourceSet) -> Result<FileSet, Failure> {
    let api = load(sources)?;
    render(&api)
}

/// Reads, checks and lowers a spec.
///
/// # Errors
///
/// Every mistake in the spec.
pub fn load(sources: &SourceSet) -> Result<Api, Diagnostics> {
    let (spec, mut diagnostics) = syntax::load(sources);
    let lowered = spec.map(|spec| lower::lower(sources, &spec, render::docs::languages()));
    match lowered {
        Some(Ok(api)) if diagnostics.is_empty() => return Ok(api),
        Some(Err(found)) => diagnostics.extend(found),
        _ => {}
    }
    Err(Diagnostics::new(sources, diagnostics))
}

/// Renders every output; they are independent of each other.
///
/// # Errors
///
/// A fault of the generator itself.
pub fn render(api: &Api) -> Result<FileSet, Failure> {
    let (client, (openapi, docs)) = rayon::join(
        || render::client::render(api),
        || rayon::join(|| render::openapi::render(api), || render::docs::render(api)),
    );
    let docs = docs.map_err(|error| Failure::Internal(error.to_string()))?;
    let files = [client, openapi, docs, render::schema::render()];
    FileSet::new(files.into_iter().flatten()).map_err(|error| Failure::Internal(error.to_string()))
}

/// Why nothing was generated.
#[derive(Debug)]
pub enum Failure {
    /// Mistakes in the spec.
    Spec(Diagnostics),
    /// A fault of the generator itself.
    Internal(String),
}

impl Failure {
    /// The failure as text for a terminal, in colour if wanted.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        match self {
            Self::Spec(diagnostics) => diagnostics.render(colour),
            Self::Internal(message) => format!("error: the generator failed, which is a bug of its own: {message}\n"),
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
