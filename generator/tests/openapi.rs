//! The `OpenAPI` document of a small invented API that holds every hard shape.

use std::collections::BTreeMap;

use generator::ir::{
    Api, Argument, ArgumentPlace, Auth, BasePath, Body, Bucket, CountRule, EnumRepr, EnumValue, ErrorId, Errors,
    Example, ExampleBody, ExampleResponse, Field, IntRule, Json, KnownError, Language, Limit, Method, Operation,
    OperationId, OperationResult, Paging, PagingKind, Param, Period, Rate, Records, ResultPart, Route, Section,
    Segment, Server, Step, StringRule, Text, TimeUnit, Type, TypeDef, TypeId, TypeKind, Union, Variant,
};
use generator::render::openapi::render;
use serde_json::json;

#[test]
fn renders_every_shape() {
    let files = render(&library());
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "openapi/openapi.yaml",
            "openapi/openapi.zh.yaml",
            "openapi/openapi-3.0.yaml"
        ]
    );
    insta::assert_snapshot!("library", files[0].contents);
    insta::assert_snapshot!("library_zh", files[1].contents);
    insta::assert_snapshot!("library_30", files[2].contents);
}

#[test]
fn renders_the_smallest_api() {
    let mut api = library();
    api.base = BasePath {
        segments: Vec::new(),
        params: Vec::new(),
        variables: Vec::new(),
    };
    api.auth = Some(Auth {
        header: "X-Key".into(),
        prefix: "Key ".into(),
        ..bearer()
    });
    api.servers.truncate(1);
    api.envelope.clear();
    api.errors = Errors::default();
    api.default_limit = None;
    api.buckets.clear();
    let mut get = api.sections[0].operations[3].clone();
    get.errors.clear();
    get.limit = Limit::None;
    get.paging = None;
    api.sections[0].operations = vec![get];
    api.sections.truncate(1);
    api.routes = routes(&api);
    insta::assert_snapshot!("smallest", render(&api)[0].contents);
}

#[test]
fn joins_bodies_that_overlap_with_any_of() {
    let mut api = library();
    let Body::Json(fields) = &mut api.sections[0].operations[1].body else {
        panic!("a JSON body")
    };
    fields.push(Field {
        required: false,
        ..field("name", Type::String(StringRule::default()))
    });
    let document = &parsed(&api)[0].1;
    let union = &document["components"]["schemas"]["ReadersRenameAnyRequest"];
    assert!(union.get("anyOf").is_some(), "{union}");
}

#[test]
fn quotes_what_readers_disagree_on() {
    let text = &render(&library())[0].contents;
    for quoted in ["'200':", "'no'", "'2024-05-01'", "'007'", "'4XX':"] {
        assert!(text.contains(quoted), "{quoted}");
    }
}

#[test]
fn leaves_out_examples_that_look_like_references() {
    let mut api = library();
    let operation = &mut api.sections[0].operations[3];
    operation.examples[0].response = ExampleResponse::Json(json!({"entities": [{"$ref": "r1"}]}));
    let document = &parsed(&api)[0].1;
    let operation = &document["paths"]["/readers"]["get"];
    assert!(
        operation["responses"]["200"]["content"]["application/json"]
            .get("examples")
            .is_none()
    );
    assert!(
        operation["responses"]["429"]["content"]["application/json"]
            .get("examples")
            .is_some()
    );
}

/// Tools refuse two paths that differ in the names of their parameters alone.
#[test]
fn gives_paths_of_one_shape_the_same_names() {
    let mut api = library();
    for operation in &mut api.sections[0].operations {
        if operation.method == Method::Delete {
            operation.path = vec![literal("readers"), Segment::Param("id".into())];
            operation.path_params[0].wire = "id".into();
        }
    }
    api.routes = routes(&api);
    let document = &parsed(&api)[0].1;
    assert!(document["paths"].get("/readers/{id}").is_none());
    let delete = &document["paths"]["/readers/{reader_id}"]["delete"];
    assert_eq!(delete["parameters"][0]["name"], "reader_id");
}

/// Whatever the standard has no place for is stated once, and operations refer to it.
#[test]
fn states_limits_paging_and_errors_at_the_top() {
    let document = &parsed(&library())[0].1;
    let list = &document["paths"]["/readers"]["get"];
    assert_eq!(
        list["x-paging"],
        json!({"style": "cursor", "items": "/entities", "cursor_parameter": "cursor", "next_cursor": "/cursor"})
    );
    assert_eq!(document["x-paging"]["cursor"]["kind"], "cursor");
    let rename = &document["paths"]["/readers/{reader_id}"]["put"];
    let bucket = rename["x-rate-limit"]["bucket"].as_str().unwrap_or_default();
    assert_eq!(document["x-rate-limits"]["buckets"][bucket]["count"], 10);
    let catalogue = document["x-error-catalogue"].as_array().map_or(0, Vec::len);
    assert_eq!(catalogue, library().errors.catalogue.len());
}

#[expect(clippy::expect_used, reason = "a test fails by it")]
fn parsed(api: &Api) -> Vec<(String, Json)> {
    let files = render(api).into_iter();
    files
        .map(|file| {
            let document = serde_yaml::from_str(&file.contents).expect("the document is YAML");
            (file.path, document)
        })
        .collect()
}

// The API.

const READER_ID: TypeId = TypeId(0);
const READER: TypeId = TypeId(1);
const SHELF: TypeId = TypeId(2);
const GRADE: TypeId = TypeId(3);
const CHANNEL: TypeId = TypeId(4);
const NOTE: TypeId = TypeId(5);
const TEXT_NOTE: TypeId = TypeId(6);
const PLACE_NOTE: TypeId = TypeId(7);
const EVENT: TypeId = TypeId(8);
const SCAN: TypeId = TypeId(9);
const RECORD: TypeId = TypeId(10);

fn library() -> Api {
    let mut api = Api {
        name: "library".into(),
        version: "1.2.0".into(),
        title: t("Library API", "图书馆 API"),
        about: t("Lends <books> & keeps `notes`.", "借阅图书。"),
        languages: vec![Language { code: "en".into() }, Language { code: "zh".into() }],
        servers: vec![
            server("north", "https://n1.library.test", "North", "北馆"),
            server("south", "https://s1.library.test", "South", "南馆"),
        ],
        server_type: "Branch".into(),
        server_setter: "branch".into(),
        base: BasePath {
            segments: vec![Segment::Param("city_name".into()), literal("v1")],
            params: vec![param("city_name", text())],
            variables: vec!["CITY_NAME".into()],
        },
        auth: Some(bearer()),
        envelope: vec![
            optional("took", Type::Duration(TimeUnit::Millis)),
            optional("at", Type::Timestamp(TimeUnit::Millis)),
            optional("count", Type::Int(IntRule::default())),
        ],
        errors: errors(),
        default_limit: Some(rate(100, Period::Second)),
        buckets: vec![Bucket {
            key: "readers".into(),
            rust_const: "READERS".into(),
            rate: rate(10, Period::Minute),
            doc: t("Readers", "读者"),
        }],
        sections: vec![readers(), notes(), scans()],
        types: types(),
        routes: Vec::new(),
        model: None,
        client_files: Vec::new(),
        client_manifest: Vec::new(),
    };
    for section in &mut api.sections {
        for operation in &mut section.operations {
            operation.id = format!("{}.{}", section.key, operation.key);
            if operation.path.is_empty() {
                operation.path = vec![literal(&section.key)];
            }
        }
    }
    generator::names::name_examples(&mut api.sections);
    api.routes = routes(&api);
    api
}

fn bearer() -> Auth {
    Auth {
        header: "Authorization".into(),
        prefix: "Bearer ".into(),
        about: t("Every call carries a token.", "每次调用都要携带令牌。"),
        grant: None,
    }
}

fn errors() -> Errors {
    let known = |status, code: &str, variant: &str, retry| KnownError {
        status,
        code: code.into(),
        rust_variant: variant.into(),
        means: t(&format!("It failed: {code}."), "失败。"),
        remedy: t("Mend it.", "改正。"),
        retry,
    };
    Errors {
        code_key: Some("error".into()),
        message_key: Some("message".into()),
        fields: vec![
            optional("error", text()),
            optional("message", text()),
            optional("at", Type::Timestamp(TimeUnit::Seconds)),
        ],
        catalogue: vec![
            known(400, "bad_name", "BadName", false),
            known(400, "too long", "TooLong", false),
            known(429, "slow_down", "SlowDown", true),
        ],
    }
}

fn readers() -> Section {
    let reader_in_list = value(Type::Named(READER), vec![key("entities"), Step::Index(0)]);
    let update = |key: &str, type_name: &str, title: &str, body: Vec<Field>, example: Json| Operation {
        path: vec![literal("readers"), Segment::Param("reader_id".into())],
        path_params: vec![param("reader_id", text())],
        body: Body::Json(body),
        result: OperationResult::Value(reader_in_list.clone()),
        limit: Limit::Shared(0),
        row: Some(4),
        errors: vec![ErrorId(0), ErrorId(1), ErrorId(2)],
        examples: vec![Example {
            arguments: vec![Argument {
                place: ArgumentPlace::Path(0),
                value: json!("r1"),
            }],
            body: ExampleBody::Json(example),
            ..answered(json!({"entities": [{"id": "r1", "born": null, "books": 3}]}))
        }],
        ..operation(key, type_name, Method::Put, title)
    };
    let closing = field(
        "hours",
        Type::LooseInt {
            rule: IntRule {
                min: Some(0),
                max: Some(23),
            },
            sent_as: EnumRepr::String,
        },
    );
    Section {
        operations: vec![
            update(
                "rename",
                "Rename",
                "Rename a reader",
                vec![field("name", text())],
                json!({"name": "Ann"}),
            ),
            update(
                "set_grade",
                "SetGrade",
                "Grade a reader",
                vec![field("grade", Type::Named(GRADE))],
                json!({"grade": 2}),
            ),
            update(
                "set_hours",
                "SetHours",
                "Set the hours",
                vec![closing],
                json!({"hours": "7"}),
            ),
            list_readers(),
            create(false),
            create(true),
            remove(
                "remove",
                "Remove",
                text(),
                value(Type::Named(SHELF), vec![key("data")]),
                json!({"data": {"label": "007"}}),
            ),
            remove(
                "remove_many",
                "RemoveMany",
                Type::List(
                    Box::new(text()),
                    CountRule {
                        min: Some(1),
                        max: Some(9),
                    },
                ),
                value(
                    Type::List(Box::new(Type::Named(SHELF)), CountRule::default()),
                    vec![key("data")],
                ),
                json!({"data": []}),
            ),
        ],
        ..section("readers", "Readers", "Readers", "读者")
    }
}

fn list_readers() -> Operation {
    let readers = value(
        Type::List(Box::new(Type::Named(READER)), CountRule::default()),
        vec![key("entities")],
    );
    let mut cursor = value(text(), vec![key("cursor")]);
    cursor.field = optional("cursor", text());
    let mut names = param("names", Type::List(Box::new(text()), CountRule::default()));
    names.required = false;
    let mut limit = param(
        "limit",
        Type::Int(IntRule {
            min: Some(1),
            max: Some(100),
        }),
    );
    limit.required = false;
    limit.default = Some(json!(10));
    let mut after = param("cursor", text());
    after.required = false;
    Operation {
        query: vec![limit, after, names],
        result: OperationResult::Parts {
            rust_type: "ListResult".into(),
            parts: vec![named(readers, "readers"), cursor],
        },
        paging: Some(Paging {
            style: "cursor".into(),
            doc: t("Repeat with the `cursor` of the answer.", "使用响应中的 `cursor`。"),
            kind: PagingKind::Cursor {
                ends_empty: false,
                param: 1,
                next: vec![key("cursor")],
            },
            items: 0,
        }),
        errors: vec![ErrorId(2)],
        max_body: None,
        repeatable: true,
        examples: vec![
            Example {
                title: t("Two", "两个"),
                arguments: vec![
                    Argument {
                        place: ArgumentPlace::Query(0),
                        value: json!(2),
                    },
                    Argument {
                        place: ArgumentPlace::Query(2),
                        value: json!(["Ann", "Bob"]),
                    },
                ],
                ..answered(
                    json!({"entities": [{"id": "r1", "born": "2024-05-01", "books": "3", "channel": "no"}], "cursor": "c"}),
                )
            },
            Example {
                title: t("Too fast", "过快"),
                status: 429,
                ..answered(json!({"error": "slow_down", "message": "no"}))
            },
        ],
        ..operation("list", "List", Method::Get, "List readers")
    }
}

fn create(many: bool) -> Operation {
    let list = Type::List(
        Box::new(Type::Named(READER)),
        CountRule {
            min: Some(1),
            max: Some(60),
        },
    );
    let created = json!({"id": "r1", "born": null, "books": 3});
    let (key_name, type_name, body, example, place) = if many {
        (
            "create_many",
            "CreateMany",
            Body::JsonValue(field("readers", list.clone())),
            json!([created.clone()]),
            vec![key("entities")],
        )
    } else {
        (
            "create",
            "Create",
            Body::JsonValue(field("reader", Type::Named(READER))),
            created.clone(),
            vec![key("entities"), Step::Index(0)],
        )
    };
    let result = if many { list } else { Type::Named(READER) };
    Operation {
        body,
        authenticated: many,
        result: OperationResult::Value(value(result, place)),
        examples: vec![Example {
            body: ExampleBody::Json(example),
            status: 201,
            ..answered(json!({"entities": [created]}))
        }],
        ..operation(key_name, type_name, Method::Post, "Create readers")
    }
}

fn remove(key: &str, type_name: &str, id: Type, result: ResultPart, answer: Json) -> Operation {
    let given = if matches!(id, Type::String(_)) {
        json!("r1")
    } else {
        json!(["r1", "r2"])
    };
    Operation {
        path: vec![literal("readers"), Segment::Param("reader_id".into())],
        path_params: vec![param("reader_id", id)],
        result: OperationResult::Value(result),
        examples: vec![Example {
            arguments: vec![Argument {
                place: ArgumentPlace::Path(0),
                value: given,
            }],
            ..answered(answer)
        }],
        ..operation(key, type_name, Method::Delete, "Remove readers")
    }
}

fn notes() -> Section {
    let note = Field {
        flatten: true,
        ..field("note", Type::Named(NOTE))
    };
    let text_note = json!({"to": ["r1"], "type": "txt", "body": {"text": "Hi <b>"}});
    let place_note = json!({"to": ["r1"], "silent": true, "type": "loc", "body": {"lat": 1.5, "lng": -2.0}});
    let to = field(
        "to",
        Type::List(
            Box::new(Type::Named(READER_ID)),
            CountRule {
                min: Some(1),
                max: Some(600),
            },
        ),
    );
    let mut silent = optional("silent", Type::Bool);
    silent.default = Some(json!(false));
    let answer = json!({"data": {"r1": "n1"}, "took": 3});
    let send = Operation {
        path: vec![literal("notes")],
        body: Body::Json(vec![to, silent, note]),
        result: OperationResult::Value(value(
            Type::Map(Box::new(text()), CountRule::default()),
            vec![key("data")],
        )),
        errors: vec![ErrorId(0)],
        examples: vec![
            Example {
                title: t("A text", "文本"),
                body: ExampleBody::Json(text_note),
                ..answered(answer.clone())
            },
            Example {
                title: t("A place", "位置"),
                body: ExampleBody::Json(place_note),
                ..answered(answer.clone())
            },
        ],
        ..operation("send", "Send", Method::Post, "Send a note")
    };
    let legacy = Operation {
        path: vec![literal("events")],
        body: Body::Json(vec![
            field("kind", Type::Const("event".into())),
            field("event", Type::Named(EVENT)),
        ]),
        superseded_by: vec![OperationId {
            section: 1,
            operation: 0,
        }],
        examples: vec![Example {
            body: ExampleBody::Json(json!({"kind": "event", "event": {"type": "txt", "text": "Hi"}})),
            ..answered(json!({}))
        }],
        ..operation("send_event", "SendEvent", Method::Post, "Send an event")
    };
    let history = Operation {
        path: vec![literal("events"), Segment::Param("hour".into())],
        path_params: vec![param(
            "hour",
            Type::String(StringRule {
                pattern: Some("^[0-9]{10}$".into()),
                ..StringRule::default()
            }),
        )],
        result: OperationResult::Value(value(text(), vec![key("data"), key("url")])),
        records: Some(Records {
            ty: RECORD,
            part: 0,
            field: None,
        }),
        max_body: None,
        repeatable: true,
        examples: vec![Example {
            arguments: vec![Argument {
                place: ArgumentPlace::Path(0),
                value: json!("2024050107"),
            }],
            records: vec![json!({"at": 1, "event": {"type": "loc", "lat": 1.0, "lng": 2.0}})],
            ..answered(json!({"data": {"url": "https://files.library.test/1"}}))
        }],
        ..operation("get_history", "GetHistory", Method::Get, "Get the history")
    };
    let mut section = section("notes", "Notes", "Notes", "便条");
    section.operations = vec![send, legacy, history];
    section
}

fn scans() -> Section {
    let upload = Operation {
        body: Body::Multipart(vec![field("file", Type::File), optional("caption", text())]),
        headers: vec![Param {
            required: false,
            ..param("restrict-access", Type::Bool)
        }],
        result: OperationResult::Value(value(Type::Named(SCAN), vec![key("entities"), Step::Index(0)])),
        examples: vec![Example {
            arguments: vec![
                Argument {
                    place: ArgumentPlace::Header(0),
                    value: json!(true),
                },
                Argument {
                    place: ArgumentPlace::Body(0),
                    value: json!({"filename": "a.txt", "type": "text/plain", "content": "hello"}),
                },
            ],
            body: ExampleBody::Multipart(vec![("file".into(), json!({"filename": "a.txt", "content": "hello"}))]),
            ..answered(json!({"entities": [{"uuid": "u1", "secret": "s"}]}))
        }],
        ..operation("upload", "Upload", Method::Post, "Upload a scan")
    };
    let download = Operation {
        path: vec![literal("scans"), Segment::Param("uuid".into())],
        path_params: vec![param("uuid", text())],
        headers: vec![Param {
            required: false,
            ..param("share-secret", Type::Secret(StringRule::default()))
        }],
        result: OperationResult::Bytes,
        max_body: None,
        repeatable: true,
        examples: vec![Example {
            arguments: vec![Argument {
                place: ArgumentPlace::Path(0),
                value: json!("u1"),
            }],
            response: ExampleResponse::Bytes("hello".into()),
            ..answered(Json::Null)
        }],
        ..operation("download", "Download", Method::Get, "Download a scan")
    };
    let label = Operation {
        path: vec![literal("scans"), Segment::Param("uuid".into()), literal("labels")],
        path_params: vec![param("uuid", text())],
        body: Body::FormMap(field(
            "labels",
            Type::Map(
                Box::new(text()),
                CountRule {
                    min: None,
                    max: Some(5),
                },
            ),
        )),
        result: OperationResult::Value(value(Type::OneOrMany(Box::new(Type::Named(SHELF))), vec![key("count")])),
        examples: vec![Example {
            arguments: vec![
                Argument {
                    place: ArgumentPlace::Path(0),
                    value: json!("u1"),
                },
                Argument {
                    place: ArgumentPlace::Body(0),
                    value: json!({"name": "好"}),
                },
            ],
            body: ExampleBody::Form("name=%E5%A5%BD".into()),
            ..answered(json!({"count": {"label": "好"}}))
        }],
        ..operation("label", "Label", Method::Put, "Label a scan")
    };
    let size = Operation {
        path: vec![literal("scans"), literal("size")],
        result: OperationResult::Value(ResultPart {
            field: field("value", Type::Named(SCAN)),
            place: Vec::new(),
        }),
        limit: Limit::Own(rate(5, Period::Hour)),
        examples: vec![answered(json!({"uuid": "u1"}))],
        ..operation("whole", "Whole", Method::Get, "Get the whole document")
    };
    let mut section = section("scans", "Scans", "Scans", "扫描件");
    section.operations = vec![upload, download, label, size];
    section
}

fn types() -> Vec<TypeDef> {
    let variants = vec![variant("txt", "Text", TEXT_NOTE), variant("loc", "Place", PLACE_NOTE)];
    let reader = vec![
        field("id", Type::Named(READER_ID)),
        field("born", Type::Nullable(Box::new(text()))),
        field(
            "books",
            Type::LooseInt {
                rule: IntRule::default(),
                sent_as: EnumRepr::Int,
            },
        ),
        optional("shelf", Type::Nullable(Box::new(Type::Named(SHELF)))),
        optional("channel", Type::Named(CHANNEL)),
        optional("extra", Type::JsonObject),
    ];
    let shelf = vec![
        optional("label", text()),
        optional("inner", Type::List(Box::new(Type::Named(SHELF)), CountRule::default())),
    ];
    let id_rule = StringRule {
        min: Some(1),
        max: Some(64),
        pattern: Some("^[a-z0-9]+$".into()),
    };
    vec![
        type_def("ReaderId", TypeKind::Newtype(Type::String(id_rule)), true),
        type_def("Reader", TypeKind::Object(reader), true),
        type_def("Shelf", TypeKind::Object(shelf), true),
        type_def(
            "Grade",
            TypeKind::Enum {
                repr: EnumRepr::Int,
                values: values([("1", "Low"), ("2", "High")]),
            },
            false,
        ),
        type_def(
            "Channel",
            TypeKind::Enum {
                repr: EnumRepr::String,
                values: values([("no", "No"), ("mail", "Mail")]),
            },
            true,
        ),
        type_def(
            "Note",
            TypeKind::Union(Union {
                tag: "type".into(),
                content: Some("body".into()),
                variants: variants.clone(),
            }),
            false,
        ),
        type_def("TextNote", TypeKind::Object(vec![field("text", text())]), true),
        type_def(
            "PlaceNote",
            TypeKind::Object(vec![field("lat", Type::Float), field("lng", Type::Float)]),
            true,
        ),
        type_def(
            "Event",
            TypeKind::Union(Union {
                tag: "type".into(),
                content: None,
                variants,
            }),
            true,
        ),
        type_def(
            "Scan",
            TypeKind::Object(vec![
                field("uuid", text()),
                optional("secret", Type::Secret(StringRule::default())),
            ]),
            true,
        ),
        type_def(
            "Record",
            TypeKind::Object(vec![
                field("at", Type::Timestamp(TimeUnit::Seconds)),
                field("event", Type::Named(EVENT)),
                optional("before", Type::Named(RECORD)),
            ]),
            true,
        ),
    ]
}

// Short forms.

fn type_def(name: &str, kind: TypeKind, in_response: bool) -> TypeDef {
    TypeDef {
        name: name.into(),
        rust_module: name.to_lowercase(),
        doc: t(&format!("Type {name}."), "类型。"),
        kind,
        in_request: true,
        in_response,
        has_rules: false,
        section: None,
        recursive: false,
    }
}

fn values(values: [(&str, &str); 2]) -> Vec<EnumValue> {
    let one = |(wire, rust): (&str, &str)| EnumValue {
        wire: wire.into(),
        rust: rust.into(),
        doc: t("One.", "一。"),
    };
    values.map(one).to_vec()
}

fn variant(tag: &str, rust: &str, ty: TypeId) -> Variant {
    Variant {
        tag: tag.into(),
        rust: rust.into(),
        ty,
        doc: t("A kind.", "一种。"),
    }
}

fn t(english: &str, chinese: &str) -> Text {
    Text(vec![english.into(), chinese.into()])
}

fn text() -> Type {
    Type::String(StringRule::default())
}

fn literal(segment: &str) -> Segment {
    Segment::Literal(segment.into())
}

fn key(key: &str) -> Step {
    Step::Key(key.into())
}

fn rate(count: u32, period: Period) -> Rate {
    Rate {
        count,
        unit: "calls".into(),
        period,
    }
}

fn server(key: &str, url: &str, english: &str, chinese: &str) -> Server {
    Server {
        key: key.into(),
        rust_variant: english.into(),
        url: url.into(),
        alternatives: Vec::new(),
        doc: t(english, chinese),
    }
}

fn param(wire: &str, ty: Type) -> Param {
    let Field {
        wire,
        rust,
        ty,
        required,
        default,
        doc,
        ..
    } = field(wire, ty);
    Param {
        wire,
        rust,
        ty,
        required,
        default,
        doc,
    }
}

fn field(wire: &str, ty: Type) -> Field {
    Field {
        wire: wire.into(),
        aliases: Vec::new(),
        rust: wire.replace('-', "_"),
        ty,
        required: true,
        flatten: false,
        default: None,
        doc: t(&format!("The {wire}."), "字段。"),
    }
}

fn optional(wire: &str, ty: Type) -> Field {
    Field {
        required: false,
        ..field(wire, ty)
    }
}

fn value(ty: Type, place: Vec<Step>) -> ResultPart {
    ResultPart {
        field: field("value", ty),
        place,
    }
}

fn named(mut part: ResultPart, name: &str) -> ResultPart {
    part.field.rust = name.into();
    part
}

fn answered(response: Json) -> Example {
    Example {
        title: Text::default(),
        rust_test: String::new(),
        key: String::new(),
        arguments: Vec::new(),
        target: String::new(),
        headers: BTreeMap::new(),
        body: ExampleBody::None,
        status: 200,
        response: ExampleResponse::Json(response),
        records: Vec::new(),
    }
}

fn section(key: &str, rust_type: &str, english: &str, chinese: &str) -> Section {
    Section {
        key: key.into(),
        rust_module: key.into(),
        rust_type: rust_type.into(),
        title: t(english, chinese),
        about: t(&format!("About {english}."), chinese),
        operations: Vec::new(),
    }
}

fn operation(key: &str, rust_type: &str, method: Method, title: &str) -> Operation {
    Operation {
        key: key.into(),
        id: key.into(),
        rust_fn: key.into(),
        rust_type: rust_type.into(),
        method,
        path: Vec::new(),
        title: t(title, "操作"),
        about: t(&format!("{title}, as asked."), "按要求操作。"),
        authenticated: true,
        path_params: Vec::new(),
        query: Vec::new(),
        headers: Vec::new(),
        body: Body::None,
        inputs: Vec::new(),
        result: OperationResult::None,
        records: None,
        paging: None,
        errors: vec![ErrorId(2)],
        limit: Limit::Default,
        split: None,
        max_body: None,
        repeatable: false,
        row: None,
        correction: None,
        superseded_by: Vec::new(),
        examples: Vec::new(),
    }
}

/// The routes of all operations.
fn routes(api: &Api) -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    for (id, operation) in api.operations() {
        match routes
            .iter_mut()
            .find(|route| route.method == operation.method && route.path == operation.path)
        {
            Some(route) => route.operations.push(id),
            None => routes.push(Route {
                method: operation.method,
                path: operation.path.clone(),
                operations: vec![id],
            }),
        }
    }
    routes
}
