//! The crate whose build script generates a client with progenitor.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use super::document::route;
use super::install::Pin;

/// The folder of the crate, next to the other pins.
pub(crate) const CRATE: &str = "progenitor";

pub(crate) const PIN: Pin = Pin::Cargo {
    folder: CRATE,
    package: "progenitor-impl",
};

/// The input and output of the build script.
pub(crate) struct Paths {
    /// The document, in JSON.
    pub(crate) document: PathBuf,
    /// The generated code.
    pub(crate) code: PathBuf,
}

impl Paths {
    /// Passes the paths to the build script.
    pub(crate) fn set(&self, cargo: &mut Command) {
        cargo
            .env("DOCUMENT", &self.document)
            .env("CODE", &self.code)
            .env("RUST_BACKTRACE", "0");
    }
}

/// Returns the routes in the generated code. The documentation of each method contains its route.
pub(crate) fn operations(code: &str) -> BTreeSet<String> {
    let sends = code.split("Sends a `").skip(1);
    let sends = sends.filter_map(|text| text.split_once("` request to `"));
    let routes = sends.filter_map(|(method, rest)| rest.split_once('`').map(|(path, _)| route(method, path)));
    routes.collect()
}

#[cfg(test)]
mod tests {
    use super::operations;

    #[test]
    fn finds_the_routes_in_the_docs_of_methods() {
        let code = "/**Makes one

Sends a `POST` request to `/a`

*/
pub async fn make() {}
///Sends a `GET` request to `/a/{b}`
pub async fn get() {}";
        let found: Vec<_> = operations(code).into_iter().collect();
        assert_eq!(found, ["GET /a/{b}", "POST /a"]);
    }
}
