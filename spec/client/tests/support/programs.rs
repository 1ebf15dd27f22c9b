//! Lists the examples of the client, for the tests that run them.

use std::fs;
use std::path::Path;

/// Returns the names of the examples in a folder, sorted: those that call the API, and the servers, which receive webhooks and run
/// until they are stopped.
pub(crate) fn clients_and_servers(folder: impl AsRef<Path>) -> (Vec<String>, Vec<String>) {
    let files = fs::read_dir(folder).expect("examples");
    let mut names: Vec<_> = files
        .map(|file| file.expect("an entry").path())
        .filter(|path| path.is_file())
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    names.sort();
    names.into_iter().partition(|name| !name.starts_with("webhooks_"))
}
