//! progenitor, with its Rust client compiled.

use crate::tools::document::Edition;
use crate::tools::install::{read, write};
use crate::tools::process::{A_BUILD, succeed};
use crate::tools::progenitor::{CRATE, PIN, instruct, operations};

use super::{Answer, Seen, Spared, Task, Tool};

pub(super) const TOOL: Tool = Tool {
    name: "progenitor",
    pin: PIN,
    editions: &[Edition::V30],
    ask,
};

fn ask(task: &Task<'_>) -> Result<Answer, String> {
    let (document, routes) = task.document.without_multipart();
    let (path, code) = (task.folder.join("document.json"), task.folder.join("client.rs"));
    write(&path, &document)?;
    let mut check = task.tools.cargo_check(CRATE, &task.folder);
    instruct(&mut check, &path, &code);
    succeed(&mut check, A_BUILD)?;
    Ok(Answer {
        seen: Seen::Operations(operations(&read(&code)?)),
        spared: Some(Spared {
            routes,
            reason: "without multipart",
        }),
        warnings: Vec::new(),
    })
}
