//! datamodel-code-generator: imports its Pydantic models, and reads and writes every example with them.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{Report, Seen, Task, Tool, python_package};
use crate::tools::document::Editions;
use crate::tools::install::{Pin, read};
use crate::tools::process::{RUN_TIMEOUT, succeed};

pub(super) const TOOL: Tool = Tool {
    name: "datamodel-code-generator",
    pin: Pin::Python("datamodel-code-generator"),
    editions: Editions::EveryStandardAndWebhooks,
    check,
};

fn check(task: &Task<'_>) -> Result<Report, String> {
    let mut generate = task.tools.python(&task.folder);
    generate.args(["-m", "datamodel_code_generator", "--input-file-type=openapi", "--input"]);
    generate.arg(&task.document.path).args([
        "--output=models/__init__.py",
        "--output-model-type=pydantic_v2.BaseModel",
        "--formatters=builtin",
        "--emit-model-metadata=models.json",
        // Servers may send keys that the document does not list.
        "--extra-fields=allow",
    ]);
    succeed(&mut generate, RUN_TIMEOUT)?;
    python_package::import(task, "models")?;
    let mut round_trip = task.tools.script("round_trip.py", &task.folder);
    succeed(round_trip.arg(&task.folder).arg(&task.document.path), RUN_TIMEOUT)?;
    let schemas = schemas(&read(&task.folder.join("models.json"))?)?;
    Ok(Seen::Schemas(schemas).into())
}

/// Returns the schemas for which a model was generated.
fn schemas(metadata: &str) -> Result<BTreeSet<String>, String> {
    let metadata: Metadata = serde_json::from_str(metadata).map_err(|error| format!("models.json: {error}"))?;
    let paths = metadata.models.into_iter().map(|model| model.source_path);
    let schemas = paths.filter_map(|path| match path.as_deref() {
        Some([components, schemas, name]) if components == "components" && schemas == "schemas" => Some(name.clone()),
        _ => None,
    });
    Ok(schemas.collect())
}

#[derive(Deserialize)]
struct Metadata {
    models: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    source_path: Option<Vec<String>>,
}

#[cfg(test)]
mod tests {
    use super::schemas;

    #[test]
    fn finds_the_schemas_of_the_models() {
        let metadata = r#"{"version": 1, "models": [
            {"class_name": "A", "source_path": ["components", "schemas", "A"]},
            {"class_name": "Kind", "source_path": ["components", "schemas", "A", "properties", "kind"]},
            {"class_name": "B1", "source_path": ["components", "schemas", "b"], "fields": []},
            {"class_name": "X", "source_path": null}
        ]}"#;
        let found: Vec<_> = schemas(metadata).unwrap().into_iter().collect();
        assert_eq!(found, ["A", "b"]);
        assert!(schemas("[]").is_err());
    }
}
