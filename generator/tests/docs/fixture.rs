//! An invented API that has one of everything, and one that has next to nothing.

use std::collections::BTreeMap;

use generator::ir::{
    Api, Auth, BasePath, Body, Bucket, Correction, CountRule, EnumRepr, EnumValue, ErrorId, Errors, Example,
    ExampleBody, ExampleResponse, Field, Grant, IntRule, Json, KnownError, Language, Limit, Method, Model, Operation,
    OperationId, OperationResult, Paging, PagingKind, Param, Period, Rate, Records, Relation, ResultPart, Route,
    Section, Segment, Server, Step, StringRule, Text, Thing, TimeUnit, Type, TypeDef, TypeId, TypeKind, Union, Variant,
};
use serde_json::json;

/// What happens to every text on its way into the API.
pub(crate) type Dress = fn(&str) -> String;

pub(crate) const SHIP_ID: TypeId = TypeId(0);
pub(crate) const CARGO: TypeId = TypeId(1);
pub(crate) const CRATES: TypeId = TypeId(2);
pub(crate) const LIQUID: TypeId = TypeId(3);
pub(crate) const PORT_STATE: TypeId = TypeId(4);
pub(crate) const RANK: TypeId = TypeId(5);
pub(crate) const SHIP: TypeId = TypeId(6);

/// An API that has one of everything.
pub(crate) fn harbour(dress: Dress) -> Api {
    named(Fixture { dress }.harbour())
}

/// An API without authentication, limits, errors, paging, types and corrections, in one language.
pub(crate) fn bare() -> Api {
    let text = |text: &str| Text(vec![text.to_owned()]);
    let mut ping = Fixture { dress: str::to_owned }.operation("ping", "read", Method::Get, "/ping");
    ping.title = text("Ping");
    ping.about = Text::default();
    ping.authenticated = false;
    ping.limit = Limit::None;
    named(Api {
        name: "bare".to_owned(),
        version: "0.1.0".to_owned(),
        title: text("Bare"),
        about: text("Answers."),
        languages: languages(&["en"]),
        servers: vec![server("main", "Main", "https://bare.example", text("The only one."))],
        server_type: "Server".to_owned(),
        server_setter: "server".to_owned(),
        base: BasePath {
            segments: Vec::new(),
            params: Vec::new(),
            variables: Vec::new(),
        },
        auth: None,
        envelope: Vec::new(),
        errors: Errors::default(),
        default_limit: None,
        buckets: Vec::new(),
        routes: vec![route(&ping, &[(0, 0)])],
        model: None,
        client_files: Vec::new(),
        client_manifest: Vec::new(),
        sections: vec![section("ping", "Ping", text("Ping"), text("Is it there?"), vec![ping])],
        types: Vec::new(),
    })
}

/// Names the examples, as lowering does.
fn named(mut api: Api) -> Api {
    generator::names::name_examples(&mut api.sections);
    api
}

struct Fixture {
    dress: Dress,
}

impl Fixture {
    fn text(&self, en: &str, zh: &str) -> Text {
        Text(vec![(self.dress)(en), (self.dress)(zh)])
    }

    #[allow(clippy::too_many_lines, reason = "it lists what the docs can show")]
    fn harbour(&self) -> Api {
        let ships = self.ships();
        let reports = self.reports();
        Api {
            name: "harbour".to_owned(),
            version: "0.1.0".to_owned(),
            title: self.text("Harbour API", "港口 API"),
            about: self.text(
                "Ships and their cargo.\nFor harbour masters.",
                "船舶及其货物。\n供港务长使用。",
            ),
            languages: languages(&["en", "zh"]),
            servers: vec![
                server(
                    "north",
                    "North",
                    "https://north.harbour.example",
                    self.text("The north pier", "北码头"),
                ),
                Server {
                    alternatives: vec![
                        "https://south2.harbour.example".to_owned(),
                        "https://south3.harbour.example".to_owned(),
                    ],
                    ..server(
                        "south",
                        "South",
                        "https://south.harbour.example",
                        self.text("The south pier", "南码头"),
                    )
                },
            ],
            server_type: "Pier".to_owned(),
            server_setter: "pier".to_owned(),
            base: BasePath {
                segments: vec![Segment::Literal("v1".to_owned()), Segment::Param("fleet".to_owned())],
                params: vec![self.param(
                    "fleet",
                    Type::String(StringRule::default()),
                    "Name of the fleet.",
                    "船队名称。",
                )],
                variables: vec!["FLEET".to_owned()],
            },
            auth: Some(Auth {
                header: "Authorization".to_owned(),
                prefix: "Bearer ".to_owned(),
                about: self.text("Ask for a token first.", "请先获取 Token。"),
                grant: Some(Grant {
                    operation: OperationId {
                        section: 1,
                        operation: 0,
                    },
                    credentials: vec![self.field("key", Type::Secret(StringRule::default()), "The key.", "密钥。")],
                    variables: vec!["KEY".to_owned()],
                    token: self.field(
                        "access_token",
                        Type::Secret(StringRule::default()),
                        "The token.",
                        "Token。",
                    ),
                    lifetime: Some(self.field(
                        "expires_in",
                        Type::Duration(TimeUnit::Seconds),
                        "Its life.",
                        "有效期。",
                    )),
                }),
            }),
            envelope: vec![optional(self.field(
                "took",
                Type::Duration(TimeUnit::Millis),
                "How long it took.",
                "耗时。",
            ))],
            errors: self.errors(),
            default_limit: Some(rate(100, "calls", Period::Second)),
            buckets: vec![Bucket {
                key: "cargo".to_owned(),
                rust_const: "CARGO".to_owned(),
                rate: rate(1, "calls", Period::Minute),
                doc: self.text("Whatever moves `cargo`.", "一切搬运 `cargo` 的接口。"),
            }],
            routes: routes(&[&ships, &reports]),
            model: Some(self.model()),
            client_files: Vec::new(),
            client_manifest: Vec::new(),
            sections: vec![
                section(
                    "ships",
                    "Ships",
                    self.text("Ships", "船舶"),
                    self.text("Ships come and go.", "船舶往来。"),
                    ships,
                ),
                section(
                    "errors",
                    "Errors",
                    self.text("Reports", "报告"),
                    self.text("What broke.", "故障。"),
                    reports,
                ),
            ],
            types: self.types(),
        }
    }

    fn model(&self) -> Model {
        let thing = |key: &str, en, zh| Thing {
            key: key.to_owned(),
            name: self.text(en, zh),
        };
        let relation = |from, to, many_from, en, zh| Relation {
            from,
            to,
            many_from,
            many_to: true,
            label: self.text(en, zh),
        };
        Model {
            about: self.text("What a fleet has.", "船队的组成。"),
            things: vec![
                thing("fleet", "Fleet", "船队"),
                thing("ship", "Ship", "船舶"),
                thing("crate", "Crate", "货箱"),
                thing("sailor", "Sailor", "海员"),
            ],
            relations: vec![
                relation(0, 1, false, "owns", "拥有"),
                relation(1, 2, false, "carries", "运载"),
                relation(0, 3, false, "employs", "雇用"),
                relation(3, 1, true, "sails on", "服务于"),
                relation(3, 3, true, "knows", "认识"),
            ],
        }
    }

    fn errors(&self) -> Errors {
        let known = |status, code: &str, rust_variant: &str, retry| KnownError {
            status,
            code: code.to_owned(),
            rust_variant: rust_variant.to_owned(),
            means: self.text("It went wrong.", "出错了。"),
            remedy: self.text("Mend it.", "请修正。"),
            retry,
        };
        Errors {
            code_key: Some("error".to_owned()),
            message_key: Some("message".to_owned()),
            fields: vec![
                optional(self.field("error", Type::String(StringRule::default()), "The code.", "错误码。")),
                optional(self.field(
                    "message",
                    Type::String(StringRule::default()),
                    "What happened.",
                    "描述。",
                )),
            ],
            catalogue: vec![
                known(400, "Bad Ship", "BadShip", false),
                known(400, "bad_ship", "BadShip2", false),
                known(503, "storm|`calm`", "Storm", true),
            ],
        }
    }

    fn types(&self) -> Vec<TypeDef> {
        let rule = StringRule {
            min: Some(1),
            max: Some(8),
            pattern: Some("^[a-z]+(-|_)\\d$".to_owned()),
        };
        let variant = |tag: &str, rust: &str, ty| Variant {
            tag: tag.to_owned(),
            rust: rust.to_owned(),
            ty,
            doc: self.text("One kind of cargo.", "一种货物。"),
        };
        let value = |wire: &str, rust: &str| EnumValue {
            wire: wire.to_owned(),
            rust: rust.to_owned(),
            doc: self.text("A value.", "一个取值。"),
        };
        let crates = vec![self.field(
            "count",
            Type::Int(IntRule {
                min: Some(1),
                max: None,
            }),
            "How many.",
            "数量。",
        )];
        let liquid = vec![
            self.field("tank", Type::Const("main".to_owned()), "The tank.", "罐。"),
            self.field("litres", Type::Float, "How much.", "体积。"),
        ];
        let ship = vec![
            self.field("id", Type::Named(SHIP_ID), "Its id.", "ID。"),
            renamed(
                self.field(
                    "type",
                    Type::Nullable(Box::new(Type::Named(RANK))),
                    "Its rank.",
                    "等级。",
                ),
                "kind",
            ),
            Field {
                aliases: vec!["arrived_at".to_owned()],
                ..optional(self.field(
                    "arrivedAt",
                    Type::Timestamp(TimeUnit::Millis),
                    "When it came.",
                    "到港时间。",
                ))
            },
            flattened(self.field("cargo", Type::Named(CARGO), "What it carries.", "所载货物。")),
        ];
        let union = Union {
            tag: "type".to_owned(),
            content: Some("body".to_owned()),
            variants: vec![variant("crates", "Crates", CRATES), variant("liquid", "Liquid", LIQUID)],
        };
        let enumeration = |repr, values| TypeKind::Enum { repr, values };
        vec![
            self.type_def("ShipId", None, TypeKind::Newtype(Type::String(rule))),
            self.type_def("Cargo", Some(0), TypeKind::Union(union)),
            self.type_def("Crates", Some(0), TypeKind::Object(crates)),
            self.type_def("Liquid", Some(0), TypeKind::Object(liquid)),
            self.type_def(
                "PortState",
                None,
                enumeration(EnumRepr::String, vec![value("open", "Open"), value("", "Empty")]),
            ),
            self.type_def(
                "Rank",
                None,
                enumeration(EnumRepr::Int, vec![value("0", "First"), value("1", "Second")]),
            ),
            self.type_def("Ship", Some(0), TypeKind::Object(ship)),
        ]
    }

    fn ships(&self) -> Vec<Operation> {
        vec![
            self.create(),
            self.create_many(),
            self.list(),
            self.search(),
            self.upload(),
            self.download(),
            self.label(),
        ]
    }

    fn create(&self) -> Operation {
        let mut operation = self.operation("ships", "create", Method::Post, "/ships");
        operation.about = self.text(
            "The ship must be afloat.\n1. Not before.",
            "船必须浮在水上。\n此前不可。",
        );
        let crew = Type::List(
            Box::new(Type::Named(SHIP_ID)),
            CountRule {
                min: Some(1),
                max: Some(60),
            },
        );
        let mut limit = optional(self.field(
            "max_load",
            Type::Int(IntRule {
                min: Some(1),
                max: Some(9),
            }),
            "Load.",
            "载重。",
        ));
        limit.default = Some(json!(5));
        operation.body = Body::Json(vec![
            self.field("id", Type::Named(SHIP_ID), "Its id.", "ID。"),
            self.field("crew", crew, "Who is aboard.", "船员。"),
            limit,
            optional(self.field(
                "notes",
                Type::Map(
                    Box::new(Type::Json),
                    CountRule {
                        min: None,
                        max: Some(16),
                    },
                ),
                "Notes.",
                "备注。",
            )),
            flattened(self.field("cargo", Type::Named(CARGO), "What it carries.", "所载货物。")),
        ]);
        operation.result = OperationResult::Value(ResultPart {
            field: self.field("value", Type::Named(SHIP), "The new ship.", "新船。"),
            place: vec![Step::Key("entities".to_owned()), Step::Index(0)],
        });
        operation.errors = vec![ErrorId(0), ErrorId(2)];
        operation.row = Some(1);
        operation.correction = Some(Correction {
            method: Some("PUT".to_owned()),
            path: Some("/v1/{fleet}/ships/".to_owned()),
            text: None,
            cosmetic: false,
            why: self.text("A ship is made, not replaced.", "是新建而非替换。"),
        });
        operation.examples = vec![self.example(
            "/ships",
            &json!({"id": "ann-1", "type": "crates", "body": {"count": 2}}),
        )];
        operation
    }

    fn create_many(&self) -> Operation {
        let mut operation = self.operation("ships", "create_many", Method::Post, "/ships");
        let ships = Type::List(
            Box::new(Type::Named(SHIP)),
            CountRule {
                min: None,
                max: Some(60),
            },
        );
        operation.body = Body::JsonValue(self.field("ships", ships, "The ships.", "船舶列表。"));
        operation.result = OperationResult::Parts {
            rust_type: "CreateManyResult".to_owned(),
            parts: vec![
                ResultPart {
                    field: self.field("ships", Type::OneOrMany(Box::new(Type::Named(SHIP))), "Made.", "已建。"),
                    place: vec![Step::Key("entities".to_owned())],
                },
                ResultPart {
                    field: optional(self.field("cursor", Type::String(StringRule::default()), "Next.", "游标。")),
                    place: vec![Step::Key("a.b".to_owned()), Step::Key("cursor".to_owned())],
                },
            ],
        };
        operation.limit = Limit::Shared(0);
        operation.examples = vec![
            titled(
                self.example("/ships", &json!([{"id": "ann-1"}])),
                self.text("One", "一艘"),
            ),
            titled(
                self.example("/ships", &json!([{"id": "ann-1"}, {"id": "bob-2"}])),
                self.text("Two", "两艘"),
            ),
        ];
        operation
    }

    fn list(&self) -> Operation {
        let mut operation = self.operation("ships", "list", Method::Get, "/ships");
        let mut limit = self.param(
            "limit",
            Type::Int(IntRule {
                min: Some(1),
                max: Some(100),
            }),
            "How many.",
            "数量。",
        );
        limit.required = false;
        limit.default = Some(json!(10));
        let mut cursor = self.param(
            "cursor",
            Type::String(StringRule::default()),
            "From the answer before.",
            "上一响应的游标。",
        );
        cursor.required = false;
        operation.query = vec![limit, cursor];
        operation.result = list_of(self.field("value", ship_list(), "The ships.", "船舶列表。"));
        operation.paging = Some(Paging {
            style: "cursor".to_owned(),
            doc: self.text("Cursors live for a minute.", "游标一分钟内有效。"),
            kind: PagingKind::Cursor {
                ends_empty: false,
                param: 1,
                next: vec![Step::Key("cursor".to_owned())],
            },
            items: 0,
        });
        operation.superseded_by = vec![id(0, 3), id(1, 0)];
        operation.correction = Some(Correction {
            method: None,
            path: None,
            text: Some((self.dress)("Lists all ships.")),
            cosmetic: true,
            why: self.text("It lists a page.", "只列出一页。"),
        });
        operation.examples = vec![self.example("/ships?limit=2", &Json::Null)];
        operation
    }

    fn search(&self) -> Operation {
        let mut operation = self.operation("ships", "search", Method::Get, "/ships/search");
        let int = || Type::Int(IntRule::default());
        let mut page = self.param("page", int(), "Which page.", "页码。");
        page.required = false;
        let mut size = self.param("size", int(), "How many.", "数量。");
        size.required = false;
        size.default = Some(json!(20));
        operation.query = vec![
            self.param("state", Type::Named(PORT_STATE), "In port?", "是否在港。"),
            page,
            size,
        ];
        operation.headers = vec![self.param(
            "X-Trace",
            Type::String(StringRule::default()),
            "For logs.",
            "用于日志。",
        )];
        operation.result = list_of(self.field("value", ship_list(), "The ships.", "船舶列表。"));
        operation.paging = Some(Paging {
            style: "numbered".to_owned(),
            doc: self.text("Pages are numbered.", "页面有编号。"),
            kind: PagingKind::Page {
                number: 1,
                size: 2,
                first: 1,
            },
            items: 0,
        });
        operation.limit = Limit::Own(rate(6000, "knots", Period::Hour));
        operation.examples = vec![self.example("/ships/search?state=open", &Json::Null)];
        operation
    }

    fn upload(&self) -> Operation {
        let mut operation = self.operation("ships", "upload_chart", Method::Put, "/ships/{ship}/chart");
        operation.path_params = vec![self.param("ship", Type::Named(SHIP_ID), "The ship.", "船舶。")];
        operation.max_body = Some(10 << 20);
        let sent_as = EnumRepr::String;
        operation.body = Body::Multipart(vec![
            self.field("file", Type::File, "The chart.", "海图。"),
            optional(self.field(
                "scale",
                Type::LooseInt {
                    rule: IntRule::default(),
                    sent_as,
                },
                "Its scale.",
                "比例尺。",
            )),
        ]);
        let mut example = self.example("/ships/ann-1/chart", &Json::Null);
        example.body = ExampleBody::Multipart(vec![
            (
                "file".to_owned(),
                json!({"filename": "chart.png", "type": "image/png", "content": "x"}),
            ),
            ("scale".to_owned(), json!("50000")),
        ]);
        operation.examples = vec![example];
        operation
    }

    fn download(&self) -> Operation {
        let mut operation = self.operation("ships", "download_chart", Method::Get, "/ships/{ship}/chart");
        operation.path_params = vec![self.param("ship", Type::Named(SHIP_ID), "The ship.", "船舶。")];
        operation.result = OperationResult::Bytes;
        operation.records = Some(Records {
            ty: SHIP,
            part: 0,
            field: None,
        });
        let mut example = self.example("/ships/ann-1/chart", &Json::Null);
        example.response = ExampleResponse::Bytes((self.dress)("Here be dragons.\n"));
        example.records = vec![json!({"id": "ann-1"})];
        operation.examples = vec![example];
        operation
    }

    fn label(&self) -> Operation {
        let mut operation = self.operation("ships", "label", Method::Patch, "/ships/{ship}/labels");
        operation.path_params = vec![self.param("ship", Type::Named(SHIP_ID), "The ship.", "船舶。")];
        let labels = Type::Map(Box::new(Type::String(StringRule::default())), CountRule::default());
        operation.body = Body::FormMap(self.field("labels", labels, "Any labels.", "任意标签。"));
        operation.result = OperationResult::Value(ResultPart {
            field: optional(self.field("value", Type::Bool, "Whether it worked.", "是否成功。")),
            place: Vec::new(),
        });
        let mut example = self.example("/ships/ann-1/labels", &Json::Null);
        example.body = ExampleBody::Form("colour=red&flag=blue".to_owned());
        operation.examples = vec![example];
        operation
    }

    fn reports(&self) -> Vec<Operation> {
        let mut operation = self.operation("errors", "report", Method::Post, "/reports");
        operation.authenticated = false;
        operation.body = Body::Form(vec![self.field(
            "text",
            Type::String(StringRule::default()),
            "What broke.",
            "故障。",
        )]);
        let mut example = self.example("/reports", &Json::Null);
        example.body = ExampleBody::Form("text=mast".to_owned());
        operation.examples = vec![example];
        vec![operation]
    }

    fn operation(&self, section: &str, key: &str, method: Method, path: &str) -> Operation {
        let segments = path.split('/').skip(1).map(|segment| match segment.strip_prefix('{') {
            Some(name) => Segment::Param(name.trim_end_matches('}').to_owned()),
            None => Segment::Literal(segment.to_owned()),
        });
        let words = key.replace('_', " ");
        Operation {
            key: key.to_owned(),
            id: format!("{section}.{key}"),
            rust_fn: key.to_owned(),
            rust_type: key.to_owned(),
            method,
            path: segments.collect(),
            title: self.text(&format!("{words} title"), &format!("{words} 标题")),
            about: self.text("", ""),
            authenticated: true,
            path_params: Vec::new(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Body::None,
            inputs: Vec::new(),
            result: OperationResult::None,
            records: None,
            paging: None,
            errors: Vec::new(),
            limit: Limit::Default,
            split: None,
            max_body: None,
            repeatable: method != Method::Post,
            row: None,
            correction: None,
            superseded_by: Vec::new(),
            examples: vec![self.example(path, &Json::Null)],
        }
    }

    fn example(&self, target: &str, body: &Json) -> Example {
        Example {
            title: Text::default(),
            rust_test: String::new(),
            key: String::new(),
            arguments: Vec::new(),
            target: target.to_owned(),
            headers: BTreeMap::new(),
            body: if body.is_null() {
                ExampleBody::None
            } else {
                ExampleBody::Json(body.clone())
            },
            status: 200,
            response: ExampleResponse::Json(json!({"took": 3, "note": (self.dress)("fine")})),
            records: Vec::new(),
        }
    }

    fn field(&self, name: &str, ty: Type, en: &str, zh: &str) -> Field {
        let (wire, rust) = (name.to_owned(), name.to_owned());
        Field {
            wire,
            aliases: Vec::new(),
            rust,
            ty,
            required: true,
            flatten: false,
            default: None,
            doc: self.text(en, zh),
        }
    }

    fn param(&self, name: &str, ty: Type, en: &str, zh: &str) -> Param {
        let (wire, rust) = (name.to_owned(), name.replace('-', "_").to_lowercase());
        Param {
            wire,
            rust,
            ty,
            required: true,
            default: None,
            doc: self.text(en, zh),
        }
    }

    fn type_def(&self, name: &str, section: Option<usize>, kind: TypeKind) -> TypeDef {
        TypeDef {
            name: name.to_owned(),
            rust_module: name.to_lowercase(),
            doc: self.text(&format!("About {name}."), &format!("关于 {name}。")),
            kind,
            in_request: true,
            in_response: true,
            has_rules: false,
            section,
            recursive: false,
        }
    }
}

fn languages(codes: &[&str]) -> Vec<Language> {
    codes
        .iter()
        .map(|code| Language {
            code: (*code).to_owned(),
        })
        .collect()
}

fn server(key: &str, rust_variant: &str, url: &str, doc: Text) -> Server {
    Server {
        key: key.to_owned(),
        rust_variant: rust_variant.to_owned(),
        url: url.to_owned(),
        alternatives: Vec::new(),
        doc,
    }
}

fn section(key: &str, rust_type: &str, title: Text, about: Text, operations: Vec<Operation>) -> Section {
    Section {
        key: key.to_owned(),
        rust_module: key.to_owned(),
        rust_type: rust_type.to_owned(),
        title,
        about,
        operations,
    }
}

fn route(operation: &Operation, ids: &[(usize, usize)]) -> Route {
    let operations = ids
        .iter()
        .map(|(section, operation)| id(*section, *operation))
        .collect();
    Route {
        method: operation.method,
        path: operation.path.clone(),
        operations,
    }
}

fn routes(sections: &[&Vec<Operation>]) -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    for (section, operations) in sections.iter().enumerate() {
        for (index, operation) in operations.iter().enumerate() {
            match routes
                .iter_mut()
                .find(|it| it.method == operation.method && it.path == operation.path)
            {
                Some(route) => route.operations.push(id(section, index)),
                None => routes.push(route(operation, &[(section, index)])),
            }
        }
    }
    routes
}

fn id(section: usize, operation: usize) -> OperationId {
    OperationId { section, operation }
}

fn rate(count: u32, unit: &str, period: Period) -> Rate {
    Rate {
        count,
        unit: unit.to_owned(),
        period,
    }
}

fn ship_list() -> Type {
    Type::List(Box::new(Type::Named(SHIP)), CountRule::default())
}

fn list_of(field: Field) -> OperationResult {
    OperationResult::Value(ResultPart {
        field,
        place: vec![Step::Key("entities".to_owned())],
    })
}

fn titled(example: Example, title: Text) -> Example {
    Example { title, ..example }
}

fn optional(field: Field) -> Field {
    Field {
        required: false,
        ..field
    }
}

fn flattened(field: Field) -> Field {
    Field { flatten: true, ..field }
}

fn renamed(field: Field, rust: &str) -> Field {
    Field {
        rust: rust.to_owned(),
        ..field
    }
}
