//! Paging, errors, limits and corrections.

use std::collections::BTreeMap;

use super::{Valid, context::OperationContext};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{
        Correction, EditionId, ErrorId, Errors, Field, Input, InputId, KnownError, Limit, LimitSource, Location, One,
        OperationId, OperationResult, Paging, PagingKind, Type, template,
    },
    lower::{
        context::StyleKind,
        scope::{Reporter, shorten},
    },
    names,
    source::Span,
    syntax::{
        decode::Str,
        error_key::ErrorReference,
        quantity::{LimitDecl, LimitDecls},
    },
};

impl OperationContext<'_> {
    pub fn paging(
        &self,
        inputs: &[Input],
        result: &OperationResult,
        valid: Valid,
        reporter: &mut Reporter,
    ) -> Option<Paging> {
        let name = self.raw.paging.as_ref()?;
        let Some(style) = self.shared.paging.iter().find(|style| style.key == name.value) else {
            let message = format!("unknown paging style `{}`", shorten(&name.value));
            let known = self.shared.paging.iter().map(|style| style.key.as_str());
            reporter.report(Diagnostic::new(Code::UnknownPaging, name.span, message).suggest(&name.value, known));
            return None;
        };
        if !valid.inputs {
            return None;
        }
        let kind = paging_kind(&style.kind, inputs, name.span, reporter);
        if !valid.result {
            return None;
        }
        let lists = result
            .parts()
            .iter()
            .enumerate()
            .filter(|(_, part)| is_list(&part.field.ty))
            .map(|(index, _)| index);
        let lists: Vec<_> = lists.collect();
        let [items] = lists[..] else {
            let count = lists.len();
            let message = format!("`paging` requires exactly one list in the result, found {count}");
            let help = "the list contains the elements of the page; remove `paging` if the result is not paged";
            reporter.report(Diagnostic::new(Code::BadPaging, name.span, message).help(help));
            return None;
        };
        Some(Paging {
            style: style.key.clone(),
            doc: style.doc.clone(),
            kind: kind?,
            items,
        })
    }

    pub fn errors(&self, reporter: &mut Reporter) -> Vec<ErrorId> {
        let references = self.raw.errors.iter().flatten();
        let mut out: Vec<_> = references
            .filter_map(|name| find_error(name, self.shared.errors, reporter))
            .collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    pub fn limits(&self, reporter: &mut Reporter) -> Vec<Limit> {
        let Some(LimitDecls(declared)) = &self.raw.limit else {
            let default = self.shared.default_limit.map(|rate| Limit {
                rate: rate.clone(),
                source: LimitSource::Default,
            });
            return default.into_iter().collect();
        };
        let mut out = Vec::new();
        for (index, limit) in declared.iter().enumerate() {
            if let Some(other) = declared[..index]
                .iter()
                .find(|other| overlap(&other.value, &limit.value))
            {
                let message = match &limit.value {
                    LimitDecl::Rate(rate) => format!("two limits count `{}` per `{}`", rate.unit, rate.period.sign()),
                    LimitDecl::Bucket(key) => format!("the bucket `{}` is listed twice", shorten(key)),
                };
                let diagnostic = Diagnostic::new(Code::BadValue, limit.span, message).help("remove one of them");
                reporter.report(diagnostic.related(other.span, "the other limit"));
                continue;
            }
            match &limit.value {
                LimitDecl::Rate(rate) => out.push(Limit {
                    rate: rate.clone(),
                    source: LimitSource::Operation,
                }),
                LimitDecl::Bucket(key) => out.extend(self.bucket(key, limit.span, reporter)),
            }
        }
        out
    }

    /// Resolves a bucket.
    fn bucket(&self, key: &str, span: Span, reporter: &mut Reporter) -> Option<Limit> {
        let buckets = self.shared.buckets;
        if let Some(index) = buckets.iter().position(|bucket| bucket.key == key) {
            return Some(Limit {
                rate: buckets[index].rate.clone(),
                source: LimitSource::Bucket(index),
            });
        }
        let message = format!("unknown bucket `{}`", shorten(key));
        let known = buckets.iter().map(|bucket| bucket.key.as_str());
        let mut diagnostic = Diagnostic::new(Code::UnknownBucket, span, message).suggest(key, known);
        diagnostic
            .help
            .get_or_insert_with(|| "declare it under `limits.buckets`, or write a rate such as `100/s`".to_owned());
        reporter.report(diagnostic);
        None
    }

    /// Resolves the operations to use instead.
    pub fn successors(&self, reporter: &mut Reporter) -> Vec<OperationId> {
        let mut out = Vec::new();
        let operations = self.shared.operations;
        for name in self.raw.superseded_by.iter().flatten() {
            let prefix = format!("{}.", self.section);
            let full = format!("{prefix}{}", name.value);
            if let Some(operation) = operations.get(&full).or_else(|| operations.get(&name.value)) {
                out.push(operation.id);
                continue;
            }
            let message = format!("unknown operation `{}`", shorten(&name.value));
            let known = operations.keys().map(|id| id.strip_prefix(&prefix).unwrap_or(id));
            let diagnostic = Diagnostic::new(Code::UnknownOperation, name.span, message);
            let diagnostic = reporter.suggest(diagnostic, &name.value, known);
            reporter.report(diagnostic);
        }
        out
    }

    /// Returns the request for a single element.
    pub fn one(
        &self,
        inputs: &[Input],
        result: &OperationResult,
        valid: Valid,
        reporter: &mut Reporter,
    ) -> Option<One> {
        let name = self.raw.one.as_ref()?;
        let is_list = |field: &Field| matches!(field.ty, Type::List(..));
        let is_argument = |input: &&Input| !input.field.is_constant();
        let lists = inputs.iter().filter(is_argument).filter(|input| is_list(&input.field));
        let fits = lists.count() == 1
            && inputs.iter().filter(is_argument).all(|input| input.field.is_required())
            && matches!(result, OperationResult::Value(part) if is_list(&part.field));
        if valid.inputs && valid.result && !fits {
            let message =
                "`one` requires one list among the arguments, no optional arguments, and a list as the result";
            reporter.report(Diagnostic::new(Code::BadValue, name.span, message).help("remove `one`"));
            return None;
        }
        let rust_fn = reporter.name(names::operation(&name.value), &name.value, name.span)?;
        let rust_type = reporter.name(names::request_type(&name.value), &name.value, name.span)?;
        Some(One { rust_fn, rust_type })
    }

    pub fn max_body(&self, reporter: &mut Reporter) -> Option<u64> {
        let size = self.raw.max_body.as_ref()?;
        let raw = self.raw;
        if [&raw.body, &raw.form, &raw.multipart].iter().all(|body| body.is_none()) {
            let message = "`max_body` requires a request body";
            let diagnostic = Diagnostic::new(Code::BadValue, size.span, message);
            reporter.report(diagnostic.help("remove `max_body`, or add `body`, `form` or `multipart`"));
            return None;
        }
        Some(size.bytes)
    }

    /// Returns the editions that describe the operation: the declared ones, or all.
    pub fn editions(&self, reporter: &mut Reporter) -> Vec<EditionId> {
        let known = self.shared.editions;
        let Some(raw) = &self.raw.editions else {
            return (0..known.len()).map(EditionId).collect();
        };
        let mut out: BTreeMap<EditionId, Span> = BTreeMap::new();
        for name in raw {
            let Some(id) = known.iter().position(|edition| edition.key == name.value) else {
                let message = format!("unknown edition `{}`", shorten(&name.value));
                let diagnostic = Diagnostic::new(Code::UnknownEdition, name.span, message);
                let keys = known.iter().map(|edition| edition.key.as_str());
                reporter.report(diagnostic.suggest(&name.value, keys));
                continue;
            };
            if let Some(first) = out.insert(EditionId(id), name.span) {
                let message = format!("the edition `{}` is listed twice", name.value);
                let diagnostic = Diagnostic::new(Code::DuplicateKey, name.span, message);
                reporter.report(diagnostic.related(first, "first listed here"));
            }
        }
        out.into_keys().collect()
    }

    pub fn correction(&self, row: Option<u32>, reporter: &mut Reporter) -> Option<Correction> {
        let raw = self.raw.corrects.as_ref()?;
        let route = self.raw.route.as_ref()?;
        if row.is_none() {
            let diagnostic = Diagnostic::new(Code::StaleCorrection, raw.span, "`corrects` requires `row`");
            reporter.report(diagnostic.help("add the `row` with the error, or remove `corrects`"));
        }
        let real_path = template(self.shared.base) + &template(&route.path.to_segments());
        let same = [
            (
                &raw.method,
                "method",
                route.method.value.as_str() == raw.method.as_ref().map_or("", |method| &method.value),
            ),
            (
                &raw.path,
                "path",
                raw.path.as_ref().is_some_and(|path| path.value == real_path),
            ),
        ];
        for (text, what, _) in same.iter().filter(|(_, _, same)| *same) {
            let Some(text) = text else { continue };
            let message = format!("this {what} equals that of the operation, so it corrects nothing");
            let help = "write it as printed in the source table, or remove the key";
            reporter.report(Diagnostic::new(Code::StaleCorrection, text.span, message).help(help));
        }
        let value = |text: &Option<Str>| text.as_ref().map(|text| text.value.clone());
        let correction = Correction {
            method: value(&raw.method),
            path: value(&raw.path),
            text: value(&raw.text),
            cosmetic: raw.cosmetic.as_ref().is_some_and(|cosmetic| cosmetic.value),
            why: self.shared.scope.required_text(raw.why.as_ref(), reporter),
        };
        if correction.method.is_none() && correction.path.is_none() && correction.text.is_none() {
            let message = "`corrects` requires at least one of `method`, `path` and `text`";
            reporter.report(Diagnostic::new(Code::MissingKey, raw.span, message));
        }
        Some(correction)
    }
}

pub fn is_list(ty: &Type) -> bool {
    matches!(ty, Type::List(..))
}

/// Finds the parameters of a paging style in the query.
fn paging_kind(style: &StyleKind, inputs: &[Input], span: Span, reporter: &mut Reporter) -> Option<PagingKind> {
    let in_query = |wire: &str| {
        let matches = |input: &Input| input.location == Location::Query && input.field.wire == wire;
        inputs.iter().position(matches).map(InputId)
    };
    let optional = |wire: &str| in_query(wire).filter(|id| !inputs[id.0].field.is_required());
    let field = |id: InputId| &inputs[id.0].field;
    let (message, help) = match style {
        StyleKind::Cursor {
            param,
            next,
            ends_empty,
        } => {
            let found = optional(param).filter(|id| matches!(field(*id).ty, Type::String(_)));
            if let Some(param) = found {
                return Some(PagingKind::Cursor {
                    param,
                    next: next.clone(),
                    ends_empty: *ends_empty,
                });
            }
            let message = format!("the paging style requires the optional query parameter `{param}`, a string");
            (
                message,
                "add the parameter to `query`, optional with `?` and of type `string`",
            )
        }
        StyleKind::Page { number, size, first } => {
            if let (Some(number), Some(size)) = (optional(number), in_query(size))
                && is_page(field(number), field(size))
            {
                return Some(PagingKind::Page {
                    number,
                    size,
                    first: *first,
                });
            }
            let message = format!(
                "the paging style requires the query parameters `{number}`, an optional integer, and `{size}`, an integer that is \
                 required or has a default"
            );
            let help = "add both to `query`, of type `int`; the number is optional with `?`, and so is the size if it has a default";
            (message, help)
        }
    };
    reporter.report(Diagnostic::new(Code::BadPaging, span, message).help(help));
    None
}

fn is_page(number: &Field, size: &Field) -> bool {
    let is_int = |field: &Field| matches!(field.ty, Type::Int(_));
    is_int(number) && is_int(size) && (size.is_required() || size.default().is_some())
}

fn find_error(name: &ErrorReference, errors: &Errors, reporter: &mut Reporter) -> Option<ErrorId> {
    let ErrorReference { text, status, code } = name;
    let fits = |known: &KnownError| known.code == *code && status.is_none_or(|status| known.status == status);
    let found: Vec<_> = errors
        .catalogue
        .iter()
        .enumerate()
        .filter(|(_, known)| fits(known))
        .collect();
    match found.as_slice() {
        [(index, _)] => Some(ErrorId(*index)),
        [] => {
            let message = format!("unknown error `{}`", shorten(&text.value));
            let same = errors.catalogue.iter().find(|known| known.code == *code);
            if let Some(known) = same {
                let help = format!("the code is declared as `{} {code}`", known.status);
                reporter.report(Diagnostic::new(Code::UnknownError, text.span, message).help(help));
                return None;
            }
            let known = errors.catalogue.iter().map(|known| known.code.as_str());
            let mut diagnostic = reporter.suggest(Diagnostic::new(Code::UnknownError, text.span, message), code, known);
            diagnostic
                .help
                .get_or_insert_with(|| "declare it under `errors.known` of `api.yaml`".to_owned());
            reporter.report(diagnostic);
            None
        }
        several => {
            let choices: Vec<_> = several
                .iter()
                .map(|(_, known)| format!("`{} {}`", known.status, known.code))
                .collect();
            let message = format!("the code `{code}` has several statuses");
            let help = format!("write one of {}", choices.join(", "));
            reporter.report(Diagnostic::new(Code::UnknownError, text.span, message).help(help));
            None
        }
    }
}

/// Returns `true` if one of two limits of an operation is redundant: the same bucket, or rates of the same unit and period.
fn overlap(a: &LimitDecl, b: &LimitDecl) -> bool {
    match (a, b) {
        (LimitDecl::Rate(a), LimitDecl::Rate(b)) => (&a.unit, a.period) == (&b.unit, b.period),
        (LimitDecl::Bucket(a), LimitDecl::Bucket(b)) => a == b,
        _ => false,
    }
}
