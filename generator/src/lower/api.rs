//! What is stated once for the whole API: languages, servers, errors, limits, paging, authentication.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Lowered,
    context::{PagingStyle, StyleKind},
    scope::{Scope, Sink, refuse_aliases, shorten},
    types::{Declared, Position},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{
        Auth, BodyKind, Bucket, Errors, Field, Grant, KnownError, Language, Location, Operation, OperationId,
        OperationResult, Presence, Rate, Server, Type, TypeDef, TypeId, TypeKind,
    },
    names::{self, Namespace},
    source::Span,
    syntax::{
        decode::{Keyed, Str},
        error_key::ErrorKey,
        key::FieldDecl,
        model::{self, ApiFile},
        text::Localized,
    },
};

/// The languages, checked against those that the docs have strings for.
pub fn languages(raw: &ApiFile, known: &[&str], sink: &mut Sink) -> Vec<Language> {
    let mut out: Vec<Language> = Vec::new();
    for code in raw.languages.iter().flatten() {
        if !known.contains(&code.value.as_str()) {
            let message = format!("the docs have no strings for the language `{}`", shorten(&code.value));
            sink.report(
                Diagnostic::new(Code::UnknownLanguage, code.span, message).suggest(&code.value, known.iter().copied()),
            );
        } else if out.iter().any(|language| language.code == code.value) {
            let message = format!("the language `{}` is listed twice", code.value);
            sink.report(Diagnostic::new(Code::UnknownLanguage, code.span, message));
        } else {
            out.push(Language {
                code: code.value.clone(),
            });
        }
    }
    if let (true, Some(_)) = (out.is_empty(), &raw.languages) {
        let diagnostic = Diagnostic::new(Code::UnknownLanguage, raw.span, "the spec needs at least one language");
        sink.report(diagnostic.help(format!("known: `{}`", known.join("`, `"))));
    }
    out
}

/// The servers: `key: URL -- where it is`, with further URLs after commas.
pub fn servers(raw: &ApiFile, scope: &Scope<'_>, sink: &mut Sink) -> Vec<Server> {
    let mut out: Vec<Server> = Vec::new();
    let mut variants = Namespace::default();
    for (key, line) in raw.servers.iter().flatten() {
        let Some(rust_variant) = sink.name(names::camel(&key.value), &key.value, key.span) else {
            continue;
        };
        let Some((url, alternatives)) = line.urls.split_first() else {
            continue;
        };
        if let Err(first) = variants.declare(&rust_variant, key.span) {
            let message = format!("two servers are called `{rust_variant}` in Rust");
            sink.report(Diagnostic::new(Code::NameCollision, key.span, message).related(first, "the other one"));
            continue;
        }
        out.push(Server {
            key: key.value.clone(),
            rust_variant,
            url: url.clone(),
            alternatives: alternatives.to_vec(),
            doc: scope.text(&line.doc, sink),
        });
    }
    if raw.servers.as_ref().is_some_and(Vec::is_empty) {
        sink.report(Diagnostic::new(
            Code::MissingKey,
            raw.span,
            "the spec needs at least one server",
        ));
    }
    out
}

/// The default limit and the buckets.
pub fn limits(raw: &ApiFile, scope: &Scope<'_>, sink: &mut Sink) -> (Option<Rate>, Vec<Bucket>) {
    let Some(limits) = &raw.limits else {
        return (None, Vec::new());
    };
    let (mut constants, mut anchors) = (Namespace::default(), Namespace::anchors());
    let mut buckets = Vec::new();
    for (key, line) in limits.buckets.iter().flatten() {
        let doc = scope.text(&line.doc, sink);
        let name = sink.name(names::bucket(&key.value), &key.value, key.span);
        if let (Some(rate), Some(rust_const)) = (&line.rate, name) {
            let taken = constants.declare(&rust_const, key.span);
            if let Err(first) = taken.and(anchors.declare(&key.value, key.span)) {
                let message = format!("two buckets are called `{rust_const}`, apart from case");
                let diagnostic = Diagnostic::new(Code::NameCollision, key.span, message);
                sink.report(diagnostic.related(first, "the other one").help("rename one of them"));
            }
            buckets.push(Bucket {
                key: key.value.clone(),
                rust_const,
                rate: rate.clone(),
                doc,
            });
        } else {
            sink.unread.insert(Code::UnknownBucket);
        }
    }
    (limits.default.clone(), buckets)
}

/// How errors look, and the catalogue, sorted by status and code.
pub fn errors(raw: Option<&model::Errors>, scope: &Scope<'_>, declared: &Declared<'_>, sink: &mut Sink) -> Errors {
    let Some(raw) = raw else { return Errors::default() };
    let mut fields = match &raw.fields {
        Some(fields) => declared.fields(fields, Position::Field, scope, sink),
        None => Vec::new(),
    };
    for field in raw.fields.iter().flatten() {
        refuse_aliases(&field.key, "a field of an error", sink);
    }
    fields
        .iter_mut()
        .for_each(|field| field.presence = Presence::Optional { default: None });
    let mut key = |key: &Option<Str>| {
        let key = key.as_ref().filter(|_| raw.fields.is_some())?;
        if fields
            .iter()
            .any(|field| field.wire == key.value && matches!(field.ty, Type::String(_)))
        {
            return Some(key.value.clone());
        }
        let message = format!("the error body has no string `{}`", shorten(&key.value));
        let known = fields.iter().map(|field| field.wire.as_str());
        sink.report(Diagnostic::new(Code::UnknownKey, key.span, message).suggest(&key.value, known));
        None
    };
    let (code_key, message_key) = (key(&raw.code), key(&raw.message));
    let first = raw.known.iter().flatten().find_map(|(key, _)| key.as_ref());
    if let (None, Some(first)) = (&raw.code, first) {
        let message = "`known` needs the key `code`: without it, no error can be recognised";
        let diagnostic = Diagnostic::new(Code::MissingKey, first.span, message);
        sink.report(diagnostic.help("add `code`, the key of the error body that holds the machine-readable code"));
    }
    let mut catalogue: Vec<KnownError> = Vec::new();
    let mut codes = Codes::default();
    for (key, known) in raw.known.iter().flatten() {
        match known_error(key.as_ref(), known, &mut codes, scope, sink) {
            Some(known) => catalogue.push(known),
            None => drop(sink.unread.insert(Code::UnknownError)),
        }
    }
    catalogue.sort_by(|a, b| (a.status, &a.code).cmp(&(b.status, &b.code)));
    Errors {
        code_key,
        message_key,
        fields,
        catalogue,
    }
}

/// Names of codes: the same code has the same variant under every status, and no other code has it.
#[derive(Default)]
struct Codes(Vec<NamedCode>);

struct NamedCode {
    variant: String,
    code: String,
    span: Span,
}

impl Codes {
    fn declare(&mut self, variant: &str, code: &str, span: Span) -> Result<(), Span> {
        let like = |other: &&NamedCode| other.variant == variant || other.code == code;
        match self.0.iter().find(like) {
            Some(other) if other.variant != variant || other.code != code => return Err(other.span),
            Some(_) => {}
            None => self.0.push(NamedCode {
                variant: variant.to_owned(),
                code: code.to_owned(),
                span,
            }),
        }
        Ok(())
    }
}

fn known_error(
    key: Option<&ErrorKey>,
    raw: &model::KnownError,
    codes: &mut Codes,
    scope: &Scope<'_>,
    sink: &mut Sink,
) -> Option<KnownError> {
    let text = |text: &Option<Localized>, sink: &mut Sink| {
        text.as_ref().map(|text| scope.text(text, sink)).unwrap_or_default()
    };
    let (means, remedy) = (text(&raw.means, sink), text(&raw.remedy, sink));
    let ErrorKey {
        span,
        status,
        name: Str { value: name, .. },
        code: Str { value: code, .. },
    } = key?;
    let rust_variant = sink.name(names::camel(name), name, *span)?;
    if rust_variant == "Unknown" {
        let message = "`Unknown` holds every code that is not listed";
        let help = format!("give this one another name in Rust: `{status} other_name = {code}`");
        sink.report(Diagnostic::new(Code::NameCollision, *span, message).help(help));
        return None;
    }
    if let Err(first) = codes.declare(&rust_variant, code, *span) {
        let message = format!("the code `{code}` needs a name of its own in Rust, and the same one under every status");
        let diagnostic = Diagnostic::new(Code::NameCollision, *span, message);
        let help = format!("write `{status} other_name = {code}`");
        sink.report(diagnostic.related(first, "the other one").help(help));
        return None;
    }
    Some(KnownError {
        status: *status,
        code: code.clone(),
        rust_variant,
        means,
        remedy,
        retry: raw.retry.as_ref().is_some_and(|retry| retry.value),
    })
}

/// The paging styles.
pub fn paging(raw: Option<&Keyed<model::Paging>>, scope: &Scope<'_>, sink: &mut Sink) -> Vec<PagingStyle> {
    let mut out = Vec::new();
    let mut anchors = Namespace::anchors();
    for (key, raw) in raw.into_iter().flatten() {
        if sink
            .name(names::paging_style(&key.value), &key.value, key.span)
            .is_some()
            && let Err(first) = anchors.declare(&key.value, key.span)
        {
            let message = format!("two paging styles are called `{}`, apart from case", key.value);
            let diagnostic = Diagnostic::new(Code::NameCollision, key.span, message);
            sink.report(diagnostic.related(first, "the other one").help("rename one of them"));
        }
        let doc = raw
            .about
            .as_ref()
            .map(|about| scope.text(about, sink))
            .unwrap_or_default();
        let kind = match (&raw.cursor, &raw.next, &raw.page, &raw.size) {
            (Some(cursor), Some(next), None, None) => Some(StyleKind::Cursor {
                param: cursor.value.clone(),
                next: next.steps.clone(),
                ends_empty: raw.ends_empty.as_ref().is_some_and(|ends| ends.value),
            }),
            (None, None, Some(page), Some(size)) if raw.ends_empty.is_none() => Some(StyleKind::Page {
                number: page.value.clone(),
                size: size.value.clone(),
                first: raw.first.as_ref().map_or(1, |first| first.value),
            }),
            _ if scope.flaws_in(raw.extent) > 0 => {
                sink.unread.insert(Code::UnknownPaging);
                None
            }
            _ => {
                sink.unread.insert(Code::UnknownPaging);
                let diagnostic = Diagnostic::new(Code::BadPaging, raw.span, "this is no paging style");
                sink.report(
                    diagnostic.help("a style has `cursor` and `next`, with `ends_empty` or not, or `page` and `size`"),
                );
                None
            }
        };
        out.extend(kind.map(|kind| PagingStyle {
            key: key.value.clone(),
            doc,
            kind,
        }));
    }
    out
}

/// Fields around the payload; all of them optional.
pub fn envelope(raw: &ApiFile, scope: &Scope<'_>, declared: &Declared<'_>, sink: &mut Sink) -> Vec<Field> {
    let server_type = raw.server_type.as_ref().map_or(names::SERVER_TYPE, |name| &name.value);
    let Some(raw) = &raw.envelope else { return Vec::new() };
    let mut fields = declared.fields(raw, Position::Field, scope, sink);
    fields
        .iter_mut()
        .for_each(|field| field.presence = Presence::Optional { default: None });
    for id in fields.iter().filter_map(|field| named(&field.ty)) {
        let (Some(name), Some(span)) = (declared.name(id), declared.span(id)) else {
            continue;
        };
        if names::is_beside_envelope(name, server_type) {
            let message = format!("the envelope cannot hold the type `{name}`: the client has another one beside it");
            let diagnostic = Diagnostic::new(Code::NameCollision, span, message);
            sink.report(diagnostic.help("rename the type"));
        }
    }
    fields
}

/// The declared type in a type expression.
fn named(ty: &Type) -> Option<TypeId> {
    match ty {
        Type::Named(id) => Some(*id),
        Type::List(inner, _) | Type::Map(inner, _) | Type::OneOrMany(inner) | Type::Nullable(inner) => named(inner),
        _ => None,
    }
}

/// Authentication; the grant needs the operations. Those that are declared but not lowered have a mistake of their own.
pub fn auth(
    raw: &model::Auth,
    operations: &BTreeMap<String, (OperationId, &Lowered<'_>)>,
    declared: &BTreeSet<String>,
    types: &[TypeDef],
    scope: &Scope<'_>,
    sink: &mut Sink,
) -> Option<Auth> {
    let about = raw
        .about
        .as_ref()
        .map(|about| scope.text(about, sink))
        .unwrap_or_default();
    let grant = raw
        .grant
        .as_ref()
        .and_then(|grant| lower_grant(grant, operations, declared, types, sink));
    let header = raw.header.as_ref()?;
    let prefix = raw
        .prefix
        .as_ref()
        .map(|prefix| prefix.value.clone())
        .unwrap_or_default();
    let token_like = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    if header.value.is_empty() || !token_like(&header.value) || !token_like(prefix.trim_end()) {
        let diagnostic = Diagnostic::new(Code::BadValue, header.span, "this is no header that can carry a token");
        sink.report(
            diagnostic
                .help("a header and its prefix are letters, digits and `-`, such as `Authorization` and `Bearer `"),
        );
    }
    if names::is_set_by_client(&header.value) {
        let message = format!("the client sets the header `{}` itself", header.value);
        let diagnostic = Diagnostic::new(Code::NameCollision, header.span, message);
        sink.report(diagnostic.help("a token has a header of its own, such as `Authorization`"));
    }
    Some(Auth {
        header: header.value.clone(),
        prefix,
        about,
        grant,
    })
}

fn lower_grant(
    raw: &model::Grant,
    operations: &BTreeMap<String, (OperationId, &Lowered<'_>)>,
    declared: &BTreeSet<String>,
    types: &[TypeDef],
    sink: &mut Sink,
) -> Option<Grant> {
    let name = raw.operation.as_ref()?;
    let Some((id, lowered)) = operations.get(&name.value) else {
        if declared.contains(&name.value) {
            return None;
        }
        let message = format!("there is no operation `{}`", shorten(&name.value));
        let known = declared.iter().map(String::as_str);
        sink.report(Diagnostic::new(Code::UnknownOperation, name.span, message).suggest(&name.value, known));
        return None;
    };
    if !lowered.sound {
        return None;
    }
    let operation = &lowered.operation;
    if operation.authenticated {
        let diagnostic = Diagnostic::new(Code::BadGrant, name.span, "obtaining a token cannot need a token");
        sink.report(diagnostic.help(format!("state `auth: false` for `{}`", operation.id)));
    }
    let credentials = grant_credentials(raw, operation, types, sink);
    let fields = result_fields(operation, types);
    let find = |wanted: &Str, fits: &dyn Fn(&Field) -> bool, what: &str, sink: &mut Sink| {
        let found = fields
            .iter()
            .find(|field| field.wire == wanted.value && fits(field))
            .cloned();
        if found.is_none() {
            let message = format!(
                "the result of `{}` has no {what} `{}`",
                operation.id,
                shorten(&wanted.value)
            );
            let known = fields.iter().map(|field| field.wire.as_str());
            sink.report(Diagnostic::new(Code::BadGrant, wanted.span, message).suggest(&wanted.value, known));
        }
        found
    };
    let is_token = |field: &Field| field.is_required() && matches!(field.ty, Type::Secret(_) | Type::String(_));
    let token = raw
        .token
        .as_ref()
        .and_then(|token| find(token, &is_token, "required secret", sink));
    let is_lifetime = |field: &Field| matches!(field.ty, Type::Duration(_));
    let lifetime = match &raw.lifetime {
        Some(lifetime) => Some(find(lifetime, &is_lifetime, "duration", sink)?),
        None => None,
    };
    Some(Grant {
        operation: *id,
        credentials: credentials?,
        variables: Vec::new(),
        token: token?,
        lifetime,
    })
}

fn grant_credentials(
    raw: &model::Grant,
    operation: &Operation,
    types: &[TypeDef],
    sink: &mut Sink,
) -> Option<Vec<Field>> {
    if operation.body != BodyKind::Json {
        let name = raw.operation.as_ref()?;
        let diagnostic = Diagnostic::new(
            Code::BadGrant,
            name.span,
            "an operation that grants tokens takes a JSON body",
        );
        sink.report(diagnostic.help("the credentials are fields of that body"));
        return None;
    }
    let fields: Vec<_> = operation.fields_in(Location::Body).collect();
    let wanted = raw.credentials.as_ref()?;
    let is_text = |ty: &Type| match ty {
        Type::Secret(_) | Type::String(_) => true,
        Type::Named(id) => matches!(types[id.0].kind, TypeKind::Newtype(Type::Secret(_) | Type::String(_))),
        _ => false,
    };
    let mut credentials = Vec::new();
    for name in wanted {
        match fields
            .iter()
            .find(|field| field.wire == name.value && field.is_required() && is_text(&field.ty))
        {
            Some(&field) => credentials.push(field.clone()),
            None => {
                let message = format!("`{}` has no required text `{}`", operation.id, shorten(&name.value));
                let known = fields.iter().map(|field| field.wire.as_str());
                sink.report(Diagnostic::new(Code::BadGrant, name.span, message).suggest(&name.value, known));
                return None;
            }
        }
    }
    let given = |field: &&Field| wanted.iter().all(|name| name.value != field.wire);
    let mut missing = operation
        .inputs
        .iter()
        .filter(|input| input.field.is_required_argument());
    let missing = missing.find(|input| input.location != Location::Body || given(&&input.field));
    if let Some(missing) = missing {
        let diagnostic = Diagnostic::new(
            Code::BadGrant,
            raw.span,
            "the credentials do not fill every argument of the operation",
        );
        sink.report(diagnostic.help(format!("add `{}` to `credentials`", missing.field.wire)));
        return None;
    }
    Some(credentials)
}

/// The fields of the object that an operation answers.
fn result_fields<'t>(operation: &Operation, types: &'t [TypeDef]) -> &'t [Field] {
    let OperationResult::Value(part) = &operation.result else {
        return &[];
    };
    match &part.field.ty {
        Type::Named(id) => match &types[id.0].kind {
            TypeKind::Object(fields) => fields,
            _ => &[],
        },
        _ => &[],
    }
}

/// Reports shared parameters that no operation inherits.
pub fn unused_parameters(declared: Option<&Vec<FieldDecl>>, sink: &mut Sink) {
    for FieldDecl { key, .. } in declared.into_iter().flatten() {
        if !sink.used_parameters.contains(&key.span) {
            let message = format!("nothing inherits the parameter `{}`", shorten(&key.wire.value));
            sink.report(Diagnostic::new(Code::UnusedParameter, key.span, message).help("use it, or remove it"));
        }
    }
}
