//! Makes the client, as those do who use progenitor in a build script.

use std::error::Error;
use std::fs::{self, File};
use std::{env, path::Path};

/// `DOCUMENT` is the path of the document, in JSON; `CODE` is where its client goes.
fn main() -> Result<(), Box<dyn Error>> {
    for name in ["DOCUMENT", "CODE"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    let (document, code) = (env::var("DOCUMENT")?, env::var("CODE")?);
    println!("cargo::rerun-if-changed={document}");
    println!("cargo::rustc-env=CODE={code}");
    generate(Path::new(&document), Path::new(&code))
}

fn generate(document: &Path, code: &Path) -> Result<(), Box<dyn Error>> {
    let document: openapiv3::OpenAPI = serde_json::from_reader(File::open(document)?)?;
    let client = progenitor_impl::Generator::default().generate_tokens(&document)?;
    fs::write(code, prettyplease::unparse(&syn::parse2(client)?))?;
    Ok(())
}
