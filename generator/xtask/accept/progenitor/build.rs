//! Generates the client with progenitor in a build script.

use std::error::Error;
use std::fs::{self, File};
use std::{env, path::Path};

use progenitor_impl::{GenerationSettings, Generator, InterfaceStyle, TagStyle};

/// Reads the path of the document, in JSON, from `DOCUMENT`, and the path for the generated code from `CODE`.
fn main() -> Result<(), Box<dyn Error>> {
    for name in ["DOCUMENT", "CODE"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    let document = env::var("DOCUMENT")?;
    let code = env::var("CODE")?;
    println!("cargo::rerun-if-changed={document}");
    println!("cargo::rustc-env=CODE={code}");
    generate(Path::new(&document), Path::new(&code))
}

fn generate(document: &Path, code: &Path) -> Result<(), Box<dyn Error>> {
    let document: openapiv3::OpenAPI = serde_json::from_reader(File::open(document)?)?;
    let client = Generator::new(&settings()).generate_tokens(&document)?;
    fs::write(code, prettyplease::unparse(&syn::parse2(client)?))?;
    Ok(())
}

fn settings() -> GenerationSettings {
    let mut settings = GenerationSettings::default();
    if env::var_os("CARGO_FEATURE_BUILDER").is_some() {
        settings.with_interface(InterfaceStyle::Builder);
        settings.with_tag(TagStyle::Separate);
    }
    settings
}
