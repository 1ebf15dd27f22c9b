//! `cargo xtask cost`: compares the build cost of the client with that of the clients that progenitor generates from the `OpenAPI`
//! document.
//!
//! The clients are built in turn in one run, with the same settings and on one core. Dependencies are built beforehand and are not
//! measured. Build artifacts are kept in `target/cost`.

mod build;
mod table;

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use generator::ir::Api;

use crate::tools::document::{Documents, Editions};
use crate::tools::install::{Tools, read, write};
use crate::tools::progenitor;

use build::{BuildFolder, Package, Profile};
use table::{Cost, Row};

/// One of the compared crates.
struct Client {
    name: &'static str,
    package: Package,
    /// The number of operations.
    count: Count,
}

enum Count {
    Known(usize),
    /// Counted in the generated code at this path.
    InCode(PathBuf),
}

impl Client {
    fn row(&self) -> Result<Row, String> {
        Ok(Row {
            name: self.name,
            operations: match &self.count {
                Count::Known(count) => *count,
                Count::InCode(code) => progenitor::operations(&read(code)?).len(),
            },
            debug: Cost::default(),
            release: Cost::default(),
        })
    }
}

/// Builds the client in the output folder and the clients generated from its document, each `times` times. Returns a table of the
/// build costs.
///
/// # Errors
///
/// Returns an error if a client cannot be built. A high build cost is not an error.
pub(crate) fn run(api: &Api, root: &Path, out: &Path, times: NonZeroUsize) -> Result<String, String> {
    let builds = BuildFolder::open(root.join("target/cost"))?;
    let tools = Tools::install(root, &[progenitor::PIN])?;
    let clients = clients(&builds, &tools, api, out)?;
    prepare(&builds, &clients)?;
    let mut rows = Vec::new();
    for client in &clients {
        rows.push(client.row()?);
    }
    for profile in Profile::ALL {
        for round in 1..=times.get() {
            eprintln!("{} build, {round} of {times}", profile.name());
            for (client, row) in clients.iter().zip(&mut rows) {
                let built = builds.build(&client.package, profile)?;
                eprintln!("  {}: {} ms", client.name, built.time.as_millis());
                row.add(profile, &built);
            }
        }
    }
    let version = tools.version(progenitor::PIN)?;
    Ok(format!(
        "progenitor {version}; builds of the crate without dependencies on one core, {times} of each: median and minimum time,\n\
         and median CPU time, which is less affected by other work on the machine\n\n{}",
        table::report(&rows)
    ))
}

/// Returns the clients to build. The table compares the first with the last.
fn clients(builds: &BuildFolder, tools: &Tools, api: &Api, out: &Path) -> Result<[Client; 4], String> {
    let manifest = |folder: &Path| {
        let path = folder.join("Cargo.toml");
        // Cargo reports canonical paths.
        fs::canonicalize(&path).map_err(|error| format!("error: {}: {error}", path.display()))
    };
    let ours = manifest(&out.join("client"))?;
    let theirs = manifest(&tools.pins().join(progenitor::CRATE))?;
    let document = document(builds, api, out)?;
    let operations = api.operations().count();
    let our_client = |name, features: &'static [&'static str]| Client {
        name,
        package: Package::new(&ours, features),
        count: Count::Known(operations),
    };
    let generated = |name, features: &'static [&'static str], code: &str| {
        let code = builds.folder().join(code);
        let mut package = Package::new(&theirs, features);
        package.progenitor = Some(progenitor::Paths {
            document: document.clone(),
            code: code.clone(),
        });
        Client {
            name,
            package,
            count: Count::InCode(code),
        }
    };
    Ok([
        our_client("client, default features", &[]),
        our_client("client, all features", &["--all-features"]),
        generated("progenitor, positional", &[], "positional.rs"),
        generated("progenitor, builder", &["--features", "builder"], "builder.rs"),
    ])
}

/// Writes the document in a form supported by progenitor. An unchanged document is not rewritten, so that the clients generated
/// from it stay up to date.
fn document(builds: &BuildFolder, api: &Api, out: &Path) -> Result<PathBuf, String> {
    let documents = Documents::load(api, &out.join("openapi"), &[Editions::V30])?;
    let mut documents = documents.of(Editions::V30);
    let document = documents.next().ok_or("error: there is no OpenAPI 3.0 document")?;
    let (document, _) = document.without_multipart();
    let path = builds.folder().join("document.json");
    if !fs::read_to_string(&path).is_ok_and(|existing| existing == document) {
        write(&path, &document)?;
    }
    Ok(path)
}

/// Builds the dependencies of all clients and generates those of progenitor.
fn prepare(builds: &BuildFolder, clients: &[Client]) -> Result<(), String> {
    for profile in Profile::ALL {
        for client in clients {
            eprintln!("{} build, dependencies of: {}", profile.name(), client.name);
            builds.prepare(&client.package, profile)?;
        }
    }
    Ok(())
}
