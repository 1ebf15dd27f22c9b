//! `cargo xtask cost`: what it takes to build the client, beside the clients that progenitor makes of the `OpenAPI` document.
//!
//! All are built in one run, in turn, under the same settings, on one core, and each without its dependencies, which are built
//! before. What is built is kept in `target/cost`.

mod build;
mod table;

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use crate::tools::document::{Document, Edition};
use crate::tools::install::{Tools, read, write};
use crate::tools::progenitor;

use build::{Package, Profile, Workshop};
use table::{Cost, Row};

/// One of the crates that are compared.
struct Client {
    name: &'static str,
    package: Package,
    /// How many operations it has.
    count: Count,
}

enum Count {
    Known(usize),
    /// To be counted in the code, once it was made.
    Made(PathBuf),
}

impl Client {
    fn row(&self) -> Result<Row, String> {
        Ok(Row {
            name: self.name,
            operations: match &self.count {
                Count::Known(count) => *count,
                Count::Made(code) => progenitor::operations(&read(code)?).len(),
            },
            debug: Cost::default(),
            release: Cost::default(),
        })
    }
}

/// Builds the client in the folder of the outputs and those made of the document beside it, so many times; a table of what
/// each took.
///
/// # Errors
///
/// If one of them cannot be built. A client that takes long is none.
pub(crate) fn run(root: &Path, out: &Path, operations: usize, times: NonZeroUsize) -> Result<String, String> {
    let workshop = Workshop::open(root.join("target/cost"))?;
    let tools = Tools::install(root, std::iter::once(progenitor::PIN))?;
    let clients = clients(&workshop, &tools, out, operations)?;
    prepare(&workshop, &clients)?;
    let mut rows = Vec::new();
    for client in &clients {
        rows.push(client.row()?);
    }
    for profile in Profile::ALL {
        for round in 1..=times.get() {
            eprintln!("{}, {round} of {times}", profile.name());
            for (client, row) in clients.iter().zip(&mut rows) {
                let built = workshop.build(&client.package, profile)?;
                eprintln!("  {}: {} ms", client.name, built.time.as_millis());
                row.add(profile, &built);
            }
        }
    }
    let version = tools.version(progenitor::PIN)?;
    Ok(format!(
        "progenitor {version}; builds of the crate alone on one core, {times} of each: median, least, and\n\
         median of CPU time, which other work on the machine changes less\n\n{}",
        table::report(&rows)
    ))
}

/// The client that is compared comes first, the one that it is compared with last.
fn clients(workshop: &Workshop, tools: &Tools, out: &Path, operations: usize) -> Result<[Client; 4], String> {
    let manifest = |folder: &Path| {
        let path = folder.join("Cargo.toml");
        // As cargo will call it.
        fs::canonicalize(&path).map_err(|error| format!("error: {}: {error}", path.display()))
    };
    let ours = manifest(&out.join("client"))?;
    let theirs = manifest(&tools.pins().join(progenitor::CRATE))?;
    let document = document(workshop, out)?;
    let own = |name, features: &'static [&'static str]| Client {
        name,
        package: Package::new(&ours, features),
        count: Count::Known(operations),
    };
    let made = |name, features: &'static [&'static str], code: &str| {
        let code = workshop.folder().join(code);
        let mut package = Package::new(&theirs, features);
        package.instruct = Some((document.clone(), code.clone()));
        Client {
            name,
            package,
            count: Count::Made(code),
        }
    };
    Ok([
        own("client, default features", &[]),
        own("client, all features", &["--all-features"]),
        made("progenitor, positional", &[], "positional.rs"),
        made("progenitor, builder", &["--features", "builder"], "builder.rs"),
    ])
}

/// The document as progenitor can read it. It is left as it is if it would stay the same, as what was made of it is.
fn document(workshop: &Workshop, out: &Path) -> Result<PathBuf, String> {
    let (document, _) = Document::load(&out.join("openapi"), Edition::V30)?.without_multipart();
    let path = workshop.folder().join("document.json");
    if !fs::read_to_string(&path).is_ok_and(|existing| existing == document) {
        write(&path, &document)?;
    }
    Ok(path)
}

/// Builds what the clients depend on, and lets progenitor make its own.
fn prepare(workshop: &Workshop, clients: &[Client]) -> Result<(), String> {
    for profile in Profile::ALL {
        for client in clients {
            eprintln!("{}, what is needed for {}", profile.name(), client.name);
            workshop.prepare(&client.package, profile)?;
        }
    }
    Ok(())
}
