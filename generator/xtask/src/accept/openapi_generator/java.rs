//! The Java client. It uses the HTTP client of the JDK.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Java, Report, Seen, Task};
use crate::accept::programs;
use crate::tools::install::{files, read};
use crate::tools::process::{BUILD_TIMEOUT, succeed};

/// Libraries of the client that the jar of the generator does not contain, and their Debian packages.
const LIBRARIES: [(&str, &str); 2] = [
    ("httpmime.jar", "libhttpmime-java"),
    (
        "geronimo-annotation-1.3-spec.jar",
        "libgeronimo-annotation-1.3-spec-java",
    ),
];

pub(super) fn check(task: &Task<'_>) -> Result<Report, String> {
    let java = Java::find(task)?;
    let warnings = java.generate(
        task,
        &[
            "--generator-name=java",
            "--library=native",
            "--additional-properties=openApiNullable=false",
            "--output=.",
        ],
    )?;
    let sources = files(&task.folder.join("src/main"), "java")?;
    let class_path = class_path(&java)?;
    let mut javac = Command::new("javac");
    javac
        .args(["-nowarn", "-d", "classes", "-classpath", &class_path])
        .current_dir(&task.folder);
    javac.args(&sources).arg(programs::source(task, "Main.java"));
    succeed(&mut javac, BUILD_TIMEOUT)?;
    let mut program = java.command(task);
    program.args(["-classpath", &format!("{class_path}:classes"), "Main"]);
    programs::run(task, &mut program)?;
    let apis = sources
        .iter()
        .filter(|path| path.parent().is_some_and(|folder| folder.ends_with("api")));
    let code: Result<String, String> = apis.map(|path: &PathBuf| read(path)).collect();
    Ok(Report {
        warnings,
        ..Seen::Operations(operations(&code?)).into()
    })
}

/// Returns the class path of the client: Jackson is part of the generator's jar.
fn class_path(java: &Java) -> Result<String, String> {
    let mut paths = vec![java.jar.clone()];
    for (jar, package) in LIBRARIES {
        let path = Path::new("/usr/share/java").join(jar);
        if !path.is_file() {
            return Err(format!(
                "error: {} does not exist; install the package {package}",
                path.display()
            ));
        }
        paths.push(path.display().to_string());
    }
    Ok(paths.join(":"))
}

/// Returns the operations. For each, there is a method named after it with the suffix `WithHttpInfo`.
fn operations(code: &str) -> BTreeSet<String> {
    let methods = code.lines().filter(|line| line.starts_with("  public ApiResponse<"));
    let names = methods.filter_map(|line| line.split_once("WithHttpInfo(")?.0.rsplit(' ').next());
    names.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::operations;

    #[test]
    fn finds_the_methods_with_their_http_response() {
        let code = "  public Kit kitsGet(String id) throws ApiException {\n    return kitsGetWithHttpInfo(id).getData();\n  \
            public ApiResponse<Kit> kitsGetWithHttpInfo(String id) throws ApiException {\n  \
            public ApiResponse<Void> kitsPutWithHttpInfo(String id, Map<String, String> headers) {\n";
        assert_eq!(operations(code).into_iter().collect::<Vec<_>>(), ["kitsGet", "kitsPut"]);
    }
}
