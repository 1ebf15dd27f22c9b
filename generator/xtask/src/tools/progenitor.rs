//! The crate whose build script lets progenitor make a client.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::document::route;
use super::install::Pin;

/// Its folder, beside the other pins.
pub(crate) const CRATE: &str = "progenitor";

pub(crate) const PIN: Pin = Pin::Cargo {
    folder: CRATE,
    package: "progenitor-impl",
};

/// Tells the build script where the document is, in JSON, and where the code goes.
pub(crate) fn instruct(cargo: &mut Command, document: &Path, code: &Path) {
    cargo
        .env("DOCUMENT", document)
        .env("CODE", code)
        .env("RUST_BACKTRACE", "0");
}

/// The routes of the code: each method says what it sends.
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
    fn an_operation_is_a_method_that_sends() {
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
