//! Declarations for the whole API: languages, servers, errors, limits, paging and authentication.

use super::{
    context::{PagingStyle, StyleKind},
    operation::declare_argument,
    scope::{Reporter, Scope, parameters, reject_aliases, reject_family, shorten},
    types::{Declared, Position, reject_sent_as_text},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{
        Auth, BasePath, Bucket, Edition, Errors, Field, Grant, KnownError, Language, Presence, Rate, Reads, Server,
        Type, TypeId,
    },
    names::{self, Namespace, ShellVariables},
    source::{SourceSet, Span},
    syntax::{
        Spec,
        decode::{Keyed, Spanned, Str},
        error_key::ErrorKey,
        key::FieldDecl,
        line::TypeExprKind,
        model::{self, ApiFile},
        text::Localized,
    },
};

/// Returns the scope in which texts and parameters are resolved.
pub fn scope<'a>(
    sources: &'a SourceSet,
    spec: &'a Spec,
    known_languages: &[&str],
    reporter: &mut Reporter,
) -> Scope<'a> {
    let raw = &spec.api;
    let languages = languages(raw, known_languages, reporter);
    let parameters = parameters(raw.parameters.as_ref(), reporter);
    let languages_known = raw
        .languages
        .as_ref()
        .is_some_and(|codes| !codes.is_empty() && codes.len() == languages.len());
    Scope {
        sources,
        languages,
        languages_known,
        parameters,
        syntax_errors: &spec.syntax_errors,
    }
}

/// Returns the languages of the spec. Reports duplicates and languages that are not in `known`.
pub fn languages(raw: &ApiFile, known: &[&str], reporter: &mut Reporter) -> Vec<Language> {
    let mut out: Vec<Language> = Vec::new();
    for code in raw.languages.iter().flatten() {
        if !known.contains(&code.value.as_str()) {
            let message = format!(
                "unsupported language `{}`: the docs have no strings for it",
                shorten(&code.value)
            );
            reporter.report(
                Diagnostic::new(Code::UnknownLanguage, code.span, message).suggest(&code.value, known.iter().copied()),
            );
        } else if out.iter().any(|language| language.code == code.value) {
            let message = format!("the language `{}` is listed twice", code.value);
            reporter.report(Diagnostic::new(Code::UnknownLanguage, code.span, message));
        } else {
            out.push(Language {
                code: code.value.clone(),
            });
        }
    }
    if let (true, Some(_)) = (out.is_empty(), &raw.languages) {
        let diagnostic = Diagnostic::new(
            Code::UnknownLanguage,
            raw.span,
            "`languages` is empty: at least one language is required",
        );
        reporter.report(diagnostic.help(format!("supported languages: `{}`", known.join("`, `"))));
    }
    out
}

/// Returns the names of the enum of servers and of its setter.
pub fn server_names(raw: &ApiFile, reporter: &mut Reporter) -> Option<(String, String)> {
    match &raw.server_type {
        None => names::server_type(names::SERVER_TYPE).ok(),
        Some(name) => reporter.name(names::server_type(&name.value), &name.value, name.span),
    }
}

/// Returns the version of the client crate.
pub fn version(raw: &ApiFile, reporter: &mut Reporter) -> Option<String> {
    let version = raw.version.as_ref()?;
    let parts: Vec<_> = version.value.split('.').collect();
    let number = |part: &str| !part.is_empty() && part.len() <= 9 && part.bytes().all(|b| b.is_ascii_digit());
    if parts.len() == 3 && parts.iter().copied().all(number) {
        return Some(version.value.clone());
    }
    let message = format!("`{}` is not a valid crate version", shorten(&version.value));
    reporter.report(
        Diagnostic::new(Code::BadValue, version.span, message).help("a version is three numbers, e.g. `0.1.0`"),
    );
    None
}

/// Lowers the base path and its parameters.
pub fn base(
    raw: &ApiFile,
    scope: &Scope<'_>,
    declared: &Declared<'_>,
    variables: &mut ShellVariables,
    reporter: &mut Reporter,
) -> BasePath {
    let Some(base) = &raw.base else {
        return BasePath {
            segments: Vec::new(),
            params: Vec::new(),
            variables: Vec::new(),
        };
    };
    let (mut params, mut arguments) = (Vec::new(), Namespace::default());
    for (name, span) in base.placeholders() {
        let Some(FieldDecl { key, line }) = scope.parameters.get(name) else {
            let message = format!("no parameter is declared for the placeholder `{{{name}}}`");
            let known = scope.parameters.keys().copied();
            reporter.report(Diagnostic::new(Code::UndeclaredPlaceholder, span, message).suggest(name, known));
            continue;
        };
        reporter.used_parameters.insert(key.span);
        let rust = reporter.name(names::base_parameter(&key.name.value), &key.name.value, key.span);
        let ty = line
            .ty
            .as_ref()
            .and_then(|ty| declared.resolve(ty, Position::Param, reporter));
        let doc = scope.line_text(line, reporter);
        if let (Some(rust), Some(ty)) = (rust, ty) {
            declare_argument(&rust, key.span, &mut arguments, reporter);
            params.push(Field {
                wire: name.to_owned(),
                aliases: Vec::new(),
                rust,
                ty,
                reads: Reads::Exact,
                presence: Presence::Required,
                flatten: false,
                doc,
            });
        }
    }
    BasePath {
        segments: base.to_segments(),
        variables: variables.declare_all(&params),
        params,
    }
}

/// Lowers the servers: `key: URL -- description`, with additional URLs after commas.
pub fn servers(raw: &ApiFile, scope: &Scope<'_>, reporter: &mut Reporter) -> Vec<Server> {
    let mut out: Vec<Server> = Vec::new();
    let mut variants = Namespace::default();
    for (key, line) in raw.servers.iter().flatten() {
        let Some(rust_variant) = reporter.name(names::camel(&key.value), &key.value, key.span) else {
            continue;
        };
        let Some((url, alternatives)) = line.urls.split_first() else {
            continue;
        };
        if let Err(first) = variants.declare(&rust_variant, key.span) {
            let message = format!("two servers have the Rust name `{rust_variant}`");
            let diagnostic = Diagnostic::new(Code::NameCollision, key.span, message);
            reporter.report(diagnostic.related(first, "the other server").help("rename one of them"));
            continue;
        }
        out.push(Server {
            key: key.value.clone(),
            rust_variant,
            url: url.clone(),
            alternatives: alternatives.to_vec(),
            doc: scope.text(&line.doc, reporter),
        });
    }
    if raw.servers.as_ref().is_some_and(Vec::is_empty) {
        reporter.report(Diagnostic::new(
            Code::MissingKey,
            raw.span,
            "`servers` is empty: at least one server is required",
        ));
    }
    out
}

/// Lowers the default limit and the buckets.
pub fn limits(raw: &ApiFile, scope: &Scope<'_>, reporter: &mut Reporter) -> (Option<Rate>, Vec<Bucket>) {
    let Some(limits) = &raw.limits else {
        return (None, Vec::new());
    };
    let (mut constants, mut anchors) = (Namespace::default(), Namespace::anchors());
    let mut buckets = Vec::new();
    for (key, line) in limits.buckets.iter().flatten() {
        let doc = scope.text(&line.doc, reporter);
        let name = reporter.name(names::bucket(&key.value), &key.value, key.span);
        if let (Some(rate), Some(rust_const)) = (&line.rate, name) {
            let taken = constants.declare(&rust_const, key.span);
            if let Err(first) = taken.and(anchors.declare(&key.value, key.span)) {
                let message = format!("two buckets have the name `{rust_const}`, ignoring case");
                let diagnostic = Diagnostic::new(Code::NameCollision, key.span, message);
                reporter.report(diagnostic.related(first, "the other bucket").help("rename one of them"));
            }
            buckets.push(Bucket {
                key: key.value.clone(),
                rust_const,
                rate: rate.clone(),
                doc,
            });
        } else {
            reporter.unread.insert(Code::UnknownBucket);
        }
    }
    (limits.default.clone(), buckets)
}

/// Lowers the fields of error responses, and the known errors, sorted by status and code.
pub fn errors(
    raw: Option<&model::Errors>,
    scope: &Scope<'_>,
    declared: &Declared<'_>,
    reporter: &mut Reporter,
) -> Errors {
    let Some(raw) = raw else { return Errors::default() };
    let fields = match &raw.fields {
        Some(fields) => received_fields(fields, declared, reporter),
        None => Vec::new(),
    };
    for field in raw.fields.iter().flatten() {
        reject_aliases(&field.key, "a field of an error response", reporter);
    }
    let mut key = |key: &Option<Str>| {
        let key = key.as_ref().filter(|_| raw.fields.is_some())?;
        if fields
            .iter()
            .any(|field| field.wire == key.value && matches!(field.ty, Type::String(_)))
        {
            return Some(key.value.clone());
        }
        let message = format!("error responses have no string field `{}`", shorten(&key.value));
        let known = fields.iter().map(|field| field.wire.as_str());
        reporter.report(Diagnostic::new(Code::UnknownKey, key.span, message).suggest(&key.value, known));
        None
    };
    let (code_key, message_key) = (key(&raw.code), key(&raw.message));
    let first = raw.known.iter().flatten().find_map(|(key, _)| key.as_ref());
    if let (None, Some(first)) = (&raw.code, first) {
        let message = "`known` requires `code`: known errors are recognized by their code";
        let diagnostic = Diagnostic::new(Code::MissingKey, first.span, message);
        reporter.report(
            diagnostic.help("add `code: KEY`, where KEY is the key of the machine-readable code in an error response"),
        );
    }
    let mut catalogue: Vec<KnownError> = Vec::new();
    let mut codes = Codes::default();
    for (key, known) in raw.known.iter().flatten() {
        match known_error(key.as_ref(), known, &mut codes, scope, reporter) {
            Some(known) => catalogue.push(known),
            None => drop(reporter.unread.insert(Code::UnknownError)),
        }
    }
    catalogue.sort_by(|a, b| (a.status, &a.code).cmp(&(b.status, &b.code)));
    Errors {
        code_key,
        message_key,
        reason_key: raw.reason.as_ref().map(|key| key.value.clone()),
        fields,
        catalogue,
    }
}

/// Variant names of error codes. A code has the same variant for every status, and different codes have different variants.
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
    reporter: &mut Reporter,
) -> Option<KnownError> {
    let means = scope.required_text(raw.means.as_ref(), reporter);
    let remedy = scope.required_text(raw.remedy.as_ref(), reporter);
    let ErrorKey {
        span,
        status,
        name: Str { value: name, .. },
        code: Str { value: code, .. },
    } = key?;
    let rust_variant = reporter.name(names::camel(name), name, *span)?;
    if rust_variant == "Unknown" {
        let message = "the name `Unknown` is reserved for unlisted codes";
        let help = format!("choose another Rust name: `{status} other_name = {code}`");
        reporter.report(Diagnostic::new(Code::NameCollision, *span, message).help(help));
        return None;
    }
    if let Err(first) = codes.declare(&rust_variant, code, *span) {
        let message = format!("the Rust name of the code `{code}` must be unique and the same for every status");
        let diagnostic = Diagnostic::new(Code::NameCollision, *span, message);
        let help = format!("set the name with `{status} other_name = {code}`");
        reporter.report(diagnostic.related(first, "the other code").help(help));
        return None;
    }
    let throttled = raw.throttled.as_ref().is_some_and(|throttled| throttled.value);
    if let (true, Some(Spanned { value: false, span })) = (throttled, &raw.retry) {
        let message = "a `throttled` error is one that a retry can resolve, but `retry` is `false`";
        reporter.report(Diagnostic::new(Code::ConflictingKeys, *span, message).help("remove one of the two keys"));
    }
    Some(KnownError {
        status: *status,
        code: code.clone(),
        rust_variant,
        means,
        remedy,
        retry: throttled || raw.retry.as_ref().is_some_and(|retry| retry.value),
        throttled,
    })
}

/// Lowers the paging styles.
pub fn paging(raw: Option<&Keyed<model::Paging>>, scope: &Scope<'_>, reporter: &mut Reporter) -> Vec<PagingStyle> {
    let mut out = Vec::new();
    let mut anchors = Namespace::anchors();
    for (key, raw) in raw.into_iter().flatten() {
        if reporter
            .name(names::paging_style(&key.value), &key.value, key.span)
            .is_some()
            && let Err(first) = anchors.declare(&key.value, key.span)
        {
            let message = format!("two paging styles have the name `{}`, ignoring case", key.value);
            let diagnostic = Diagnostic::new(Code::NameCollision, key.span, message);
            reporter.report(diagnostic.related(first, "the other style").help("rename one of them"));
        }
        let doc = scope.required_text(raw.about.as_ref(), reporter);
        let kind = match (&raw.cursor, &raw.next, &raw.page, &raw.size) {
            (Some(cursor), Some(next), None, None) => Some(StyleKind::Cursor {
                param: cursor.value.clone(),
                next: next.value.clone(),
                ends_empty: raw.ends_empty.as_ref().is_some_and(|ends| ends.value),
            }),
            (None, None, Some(page), Some(size)) if raw.ends_empty.is_none() => Some(StyleKind::Page {
                number: page.value.clone(),
                size: size.value.clone(),
                first: raw.first.as_ref().map_or(1, |first| first.value),
            }),
            _ if scope.syntax_errors_in(raw.extent) > 0 => {
                reporter.unread.insert(Code::UnknownPaging);
                None
            }
            _ => {
                reporter.unread.insert(Code::UnknownPaging);
                let diagnostic = Diagnostic::new(Code::BadPaging, raw.span, "this is not a valid paging style");
                reporter.report(diagnostic.help(
                    "a style has either `cursor`, `next` and optionally `ends_empty`, or `page`, `size` and optionally \
                         `first`",
                ));
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

/// Lowers the editions of the source documentation.
pub fn editions(raw: Option<&Keyed<Localized>>, scope: &Scope<'_>, reporter: &mut Reporter) -> Vec<Edition> {
    let editions = raw.into_iter().flatten();
    let lowered = editions.map(|(key, name)| Edition {
        key: key.value.clone(),
        name: scope.text(name, reporter),
    });
    lowered.collect()
}

/// Lowers the envelope. All its fields are optional.
pub fn envelope(raw: &ApiFile, declared: &Declared<'_>, reporter: &mut Reporter) -> Vec<Field> {
    let server_type = raw.server_type.as_ref().map_or(names::SERVER_TYPE, |name| &name.value);
    let Some(raw) = &raw.envelope else { return Vec::new() };
    let fields = received_fields(raw, declared, reporter);
    for id in fields.iter().filter_map(|field| named(&field.ty)) {
        let (Some(name), Some(span)) = (declared.name(id), declared.span(id)) else {
            continue;
        };
        if names::is_beside_envelope(name, server_type) {
            let message = format!("the envelope cannot use the type `{name}`: the client has a type of the same name");
            let diagnostic = Diagnostic::new(Code::NameCollision, span, message);
            reporter.report(diagnostic.help("rename the type"));
        }
    }
    fields
}

/// Lowers fields that are only received; all of them are optional. Reports constants, which are only sent.
fn received_fields(raw: &[FieldDecl], declared: &Declared<'_>, reporter: &mut Reporter) -> Vec<Field> {
    for field in raw {
        reject_family(&field.key, "a field of the envelope or of errors", reporter);
    }
    for expr in raw.iter().filter_map(|field| field.line.ty.as_ref()) {
        if matches!(expr.kind, TypeExprKind::Const(_)) {
            let diagnostic = Diagnostic::new(
                Code::MisplacedType,
                expr.span,
                "`const` is not allowed in the envelope or in errors",
            );
            reporter.report(diagnostic.help("use `string`: this field is part of a response"));
        }
    }
    let mut fields = declared.fields(raw, Position::Field, reporter);
    for field in &mut fields {
        if let Some(decl) = raw.iter().find(|decl| decl.key.wire.value == field.wire) {
            reject_sent_as_text(decl, field, reporter);
        }
        field.presence = Presence::Optional { default: None };
    }
    fields
}

/// Returns the declared type that a type expression refers to.
fn named(ty: &Type) -> Option<TypeId> {
    match ty {
        Type::Named(id) => Some(*id),
        Type::List(inner, _) | Type::Map(inner, _) | Type::Nullable(inner) => named(inner),
        _ => None,
    }
}

/// Lowers the authentication.
pub fn auth(raw: &model::Auth, grant: Option<Grant>, scope: &Scope<'_>, reporter: &mut Reporter) -> Option<Auth> {
    let about = scope.required_text(raw.about.as_ref(), reporter);
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
        let diagnostic = Diagnostic::new(Code::BadValue, header.span, "this is not a valid token header");
        reporter.report(
            diagnostic
                .help("header and prefix consist of letters, digits, `-` and `_`, e.g. `Authorization` and `Bearer `"),
        );
    }
    if names::is_set_by_client(&header.value) {
        let message = format!("the header `{}` is reserved: the client sets it itself", header.value);
        let diagnostic = Diagnostic::new(Code::NameCollision, header.span, message);
        reporter.report(diagnostic.help("use another header for the token, e.g. `Authorization`"));
    }
    Some(Auth {
        header: header.value.clone(),
        prefix,
        about,
        grant,
    })
}

/// Reports shared parameters that no operation inherits.
pub fn unused_parameters(declared: Option<&Vec<FieldDecl>>, reporter: &mut Reporter) {
    for FieldDecl { key, .. } in declared.into_iter().flatten() {
        if !reporter.used_parameters.contains(&key.span) {
            let message = format!("unused parameter `{}`", shorten(&key.wire.value));
            reporter.report(
                Diagnostic::new(Code::UnusedParameter, key.span, message)
                    .help("inherit it in an operation, or remove it"),
            );
        }
    }
}
