//! JSON Schemas of the notation, for editors. They come from the same declarations as the decoder of the spec.

use serde_json::{Value as Json, json};

use crate::{
    files::{File, MARK},
    syntax::{
        decode::{Decode, Definitions, Keyed},
        model::{ApiFile, EventGroup, SectionFile, TypeDecl},
    },
};

/// Renders a schema for each kind of spec file.
#[must_use]
pub fn render() -> Vec<File> {
    vec![
        file::<ApiFile>("api", "`api.yaml`: the API as a whole, and the order of its sections."),
        file::<Keyed<TypeDecl>>("types", "`types/*.yaml`: types that more than one section uses."),
        file::<SectionFile>("section", "`sections/*.yaml`: one endpoint table."),
        file::<EventGroup>(
            "webhooks",
            "`webhooks/*.yaml`: a group of events about which the server informs an app.",
        ),
    ]
}

fn file<T: Decode>(name: &str, title: &str) -> File {
    let mut definitions = Definitions::new();
    let root = T::schema(&mut definitions);
    let mut schema = json!({
        "$comment": MARK,
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
    });
    if let (Json::Object(schema), Json::Object(root)) = (&mut schema, root) {
        schema.extend(root);
        schema.insert("$defs".to_owned(), json!(definitions));
    }
    File {
        path: format!("schema/{name}.schema.json"),
        contents: format!("{schema:#}\n"),
    }
}
