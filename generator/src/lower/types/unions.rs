//! Unions: tagged, or untagged, with exactly one key that determines the variant.

use super::declared::{Declared, MAX_FIELDS, Position, is_unfinished};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{KeyVariant, Text, Type, TypeId, TypeKind, Union, Variant},
    lower::scope::{Reporter, shorten},
    names::{self, Namespace},
    syntax::{
        decode::{Keyed, Str},
        key::{Sigil, ValueKey},
        line::{Line, TypeExpr, TypeExprKind},
        model::TypeKeys,
    },
};

impl Declared<'_> {
    /// Lowers a tagged union, or an untagged one: an object with exactly one key.
    pub(super) fn union(
        &self,
        keys: &TypeKeys,
        declared: &Keyed<Line, ValueKey>,
        doc: &Text,
        reporter: &mut Reporter,
    ) -> Option<TypeKind> {
        if declared.is_empty() {
            let message = "a union requires at least one variant";
            reporter.report(Diagnostic::new(Code::UnionTag, keys.span, message));
            return None;
        }
        if let Some((key, _)) = declared.get(MAX_FIELDS) {
            let message = format!("too many variants in a union: the maximum is {MAX_FIELDS}");
            reporter.report(Diagnostic::new(Code::BadValue, key.span, message));
            return None;
        }
        match (&keys.tag, &keys.content) {
            (Some(tag), _) => self.tagged(keys, tag, declared, doc, reporter).map(TypeKind::Union),
            (None, Some(content)) => {
                let message = "`content` requires `tag`, the key that holds the tag";
                let help = "add `tag: KEY`, or remove `content` for an untagged union: an object with exactly one key";
                reporter.report(Diagnostic::new(Code::UnionTag, content.span, message).help(help));
                None
            }
            (None, None) => Some(TypeKind::OneKey(self.one_key(declared, doc, reporter))),
        }
    }

    fn tagged(
        &self,
        keys: &TypeKeys,
        tag: &Str,
        declared: &Keyed<Line, ValueKey>,
        doc: &Text,
        reporter: &mut Reporter,
    ) -> Option<Union> {
        let content = keys.content.as_ref();
        if content.is_some_and(|content| content.value == tag.value) {
            let diagnostic = Diagnostic::new(Code::UnionTag, tag.span, "`tag` and `content` are the same key");
            reporter.report(diagnostic.help("remove `content` if the fields of the content are next to the tag"));
            return None;
        }
        let (mut variants, mut before) = (Vec::new(), Variants::default());
        let tagged = Tagged {
            tag,
            is_beside: content.is_none(),
            doc,
        };
        for (key, line) in declared {
            variants.extend(self.variant(key, line, &tagged, &mut before, reporter));
        }
        Some(Union {
            tag: tag.value.clone(),
            content: content.map(|content| content.value.clone()),
            variants,
        })
    }

    fn variant(
        &self,
        key: &ValueKey,
        line: &Line,
        union: &Tagged<'_>,
        before: &mut Variants,
        reporter: &mut Reporter,
    ) -> Option<Variant> {
        let (tag, rust) = variant_key(key, line, before, reporter)?;
        let ty = line.ty.as_ref().filter(|_| !line.is_invalid())?;
        let id = self.content(ty, union, reporter)?;
        let doc = match &line.doc {
            Some(doc) => self.scope.text(doc, reporter),
            None => self.doc_of(id).unwrap_or_else(|| union.doc.clone()),
        };
        Some(Variant {
            tag: tag.to_owned(),
            rust,
            ty: id,
            doc,
        })
    }

    /// Resolves the content of a variant, which must be an object.
    fn content(&self, ty: &TypeExpr, union: &Tagged<'_>, reporter: &mut Reporter) -> Option<TypeId> {
        let Tagged { tag, is_beside, .. } = union;
        let TypeExprKind::Name { name, args } = &ty.kind else {
            reporter.report(Diagnostic::new(
                Code::UnionTag,
                ty.span,
                "the content of a variant must be a declared object",
            ));
            return None;
        };
        if !args.is_empty() {
            reporter.report(Diagnostic::new(
                Code::BadRule,
                ty.span,
                "the content of a variant cannot have rules",
            ));
        }
        let id = self.lookup(
            &Str {
                value: name.clone(),
                span: ty.span,
            },
            reporter,
        )?;
        if self
            .list
            .get(id.0)
            .is_some_and(|declaration| is_unfinished(declaration.decl))
        {
            return None;
        }
        let fields = self.object_fields(id);
        if fields.is_none() {
            let message = format!(
                "`{name}` is not an object, so it cannot contain the tag `{}`",
                tag.value
            );
            reporter.report(
                Diagnostic::new(Code::UnionTag, ty.span, message)
                    .help("the content of a variant must be a type with `fields`"),
            );
            return None;
        }
        let clash =
            fields.into_iter().flatten().map(|field| &field.key).find(|key| {
                *is_beside && key.sigil != Sigil::Flatten && key.wire_names().any(|wire| wire == tag.value)
            });
        if let Some(field) = clash {
            let message = format!(
                "`{name}` declares the field `{}`, which is also the tag of this union",
                tag.value
            );
            reporter.report(
                Diagnostic::new(Code::UnionTag, ty.span, message)
                    .related(field.span, "this field")
                    .help("remove the field: the union reads and writes the tag"),
            );
        }
        Some(id)
    }

    fn one_key(&self, declared: &Keyed<Line, ValueKey>, union_doc: &Text, reporter: &mut Reporter) -> Vec<KeyVariant> {
        let (mut out, mut before, mut statics) = (Vec::new(), Variants::default(), Namespace::default());
        for (key, line) in declared {
            let named = variant_key(key, line, &mut before, reporter);
            let ty = match &line.ty {
                Some(expr) => self.resolve(expr, Position::Element, reporter),
                None => {
                    let message = format!("the variant `{}` has no type", shorten(&key.wire.value));
                    reporter.report(
                        Diagnostic::new(Code::TypeSyntax, key.span, message).help("write `TYPE -- description`"),
                    );
                    None
                }
            };
            let (Some((wire, rust)), Some(ty)) = (named, ty) else {
                continue;
            };
            let doc = match (&line.doc, &ty) {
                (None, Type::Named(id)) => self.doc_of(*id).unwrap_or_else(|| union_doc.clone()),
                _ => self.scope.line_text(line, reporter),
            };
            out.push(KeyVariant {
                key: wire.to_owned(),
                rust_static: statics.unique(&names::recased(&rust), "_"),
                rust,
                ty,
                doc,
            });
        }
        out
    }
}

/// Context for the variants of a tagged union.
struct Tagged<'a> {
    /// The key that holds the tag.
    tag: &'a Str,
    /// Whether the fields of the content are next to the tag.
    is_beside: bool,
    /// The description of the union.
    doc: &'a Text,
}

/// The Rust names and the tags of the variants so far.
#[derive(Default)]
struct Variants {
    names: Namespace,
    tags: Namespace,
}

/// Returns the wire name and the Rust name of a variant. Reports everything except a type and a description.
fn variant_key<'k>(
    key: &'k ValueKey,
    line: &Line,
    before: &mut Variants,
    reporter: &mut Reporter,
) -> Option<(&'k str, String)> {
    let (name, wire) = (&key.name.value, &key.wire.value);
    if key.optional || key.sigil != Sigil::Plain {
        let diagnostic = Diagnostic::new(Code::BadName, key.span, "`?`, `+` and `=` are not allowed for variants");
        reporter.report(diagnostic.help("write `tag` or `other_name = tag`"));
        return None;
    }
    if let Some(path) = &line.path {
        let diagnostic = Diagnostic::new(Code::BadJsonPath, path.span, "`in` is only allowed in results");
        reporter.report(diagnostic.help("remove `in` and the path"));
    }
    if let Some(default) = &line.default {
        let diagnostic = Diagnostic::new(Code::BadDefault, default.span, "a variant cannot have a default");
        reporter.report(diagnostic.help("remove the default"));
    }
    let rust = reporter.name(names::camel(name), name, key.span)?;
    let taken = before.names.declare(&rust, key.span);
    if let Err(first) = taken.and(before.tags.declare(wire, key.span)) {
        let message = format!("two variants have the Rust name `{rust}` or the tag `{wire}`");
        let diagnostic = Diagnostic::new(Code::NameCollision, key.span, message);
        reporter.report(
            diagnostic
                .related(first, "the other variant")
                .help("rename it: `other_name = tag`"),
        );
        return None;
    }
    if rust == "Other" {
        let message = "the name `Other` is reserved for unlisted variants";
        reporter.report(Diagnostic::new(Code::NameCollision, key.span, message).help("rename it: `other_name = tag`"));
        return None;
    }
    Some((wire, rust))
}
