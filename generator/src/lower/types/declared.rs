//! The table of declared types.

use std::collections::BTreeMap;

use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{Home, Text, TypeId, TypeKind},
    lower::scope::{Reporter, Scope, shorten},
    names,
    source::Span,
    syntax::{
        decode::{Keyed, Str},
        key::FieldDecl,
        model::TypeDecl,
    },
};

/// The built-in types.
pub const BUILTIN: &[&str] = &[
    "bool",
    "const",
    "duration",
    "file",
    "float",
    "int",
    "json",
    "map",
    "object",
    "secret",
    "string",
    "timestamp",
];

/// The maximum number of fields in an object, and of variants in a union.
pub const MAX_FIELDS: usize = 512;

/// The position of a type expression, which determines the types that are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// A field of an object, or of a JSON body.
    Field,
    /// A path, query or header parameter.
    Param,
    /// A field of a form.
    Form,
    /// A part of a multipart form.
    Part,
    /// A result, or a part of one.
    Result,
    /// An element of a list or a map.
    Element,
    /// The type of a newtype.
    Newtype,
}

/// A lowered type without the facts derived from its uses.
#[derive(Debug)]
pub struct TypeDraft {
    /// Its name.
    pub name: String,
    /// Its description.
    pub doc: Text,
    /// The declared structure.
    pub kind: TypeKind,
    /// The file that declares it.
    pub home: Home,
}

/// Declared types, sorted by name; [`TypeId`] is an index into them.
#[derive(Debug)]
pub struct Declared<'a> {
    /// The scope of the whole spec.
    pub(super) scope: &'a Scope<'a>,
    pub(super) list: Vec<Declaration<'a>>,
}

/// A declared type.
#[derive(Debug)]
pub(super) struct Declaration<'a> {
    pub name: &'a str,
    pub span: Span,
    pub home: Home,
    pub decl: &'a TypeDecl,
}

impl<'a> Declared<'a> {
    /// Collects the declarations of all files.
    pub fn collect(
        files: impl IntoIterator<Item = (Home, &'a Keyed<TypeDecl>)>,
        scope: &'a Scope<'a>,
        reporter: &mut Reporter,
    ) -> Self {
        let mut entries = BTreeMap::new();
        for (home, types) in files {
            for (name, decl) in types {
                declare(&mut entries, name, home, decl, reporter);
            }
        }
        let mut list: Vec<_> = entries.into_values().collect();
        list.sort_by_key(|declaration| declaration.name);
        Self { scope, list }
    }

    fn get(&self, name: &str) -> Option<TypeId> {
        self.list
            .binary_search_by(|declaration| declaration.name.cmp(name))
            .ok()
            .map(TypeId)
    }

    /// Returns the location of the declaration of a type.
    pub fn span(&self, id: TypeId) -> Option<Span> {
        self.list.get(id.0).map(|declaration| declaration.span)
    }

    /// Returns the names of all declared types, in the order of their indexes.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.list.iter().map(|declaration| declaration.name)
    }

    /// Returns the name of a type.
    pub fn name(&self, id: TypeId) -> Option<&'a str> {
        self.list.get(id.0).map(|declaration| declaration.name)
    }

    /// Returns the location of the declaration of the type `name`, if it exists.
    pub fn declaration(&self, name: &str) -> Option<Span> {
        self.get(name).and_then(|id| self.span(id))
    }

    /// Resolves the name of a type. Reports an unknown name.
    pub fn lookup(&self, name: &Str, reporter: &mut Reporter) -> Option<TypeId> {
        if let Some(id) = self.get(&name.value) {
            return Some(id);
        }
        let message = format!("unknown type `{}`", shorten(&name.value));
        let known = self.names().chain(BUILTIN.iter().copied()).chain(["bytes", "done"]);
        let diagnostic = reporter.suggest(
            Diagnostic::new(Code::UnknownType, name.span, message),
            &name.value,
            known,
        );
        reporter.report(diagnostic);
        None
    }

    /// Returns the declared fields of a type if it is an object.
    pub fn object_fields(&self, id: TypeId) -> Option<&'a Vec<FieldDecl>> {
        match self.list.get(id.0)?.decl {
            TypeDecl::Keys(keys) => keys.fields.as_ref(),
            TypeDecl::Newtype(_) => None,
        }
    }

    /// Returns the description of a type. Its diagnostics are reported when the type itself is lowered.
    pub(super) fn doc_of(&self, id: TypeId) -> Option<Text> {
        match self.list.get(id.0)?.decl {
            TypeDecl::Keys(keys) => keys.about.as_ref().map(|about| Text(about.parts.clone())),
            TypeDecl::Newtype(_) => None,
        }
    }
}

fn declare<'a>(
    entries: &mut BTreeMap<String, Declaration<'a>>,
    name: &'a Str,
    home: Home,
    decl: &'a TypeDecl,
    reporter: &mut Reporter,
) {
    if BUILTIN.contains(&name.value.as_str()) {
        let message = format!("`{}` is a built-in type", name.value);
        reporter.report(
            Diagnostic::new(Code::DuplicateType, name.span, message).help("choose another name, in UpperCamelCase"),
        );
        return;
    }
    // A type with an invalid name is declared anyway, so that its uses are not reported as well.
    reporter.name(names::type_name(&name.value), &name.value, name.span);
    // Anchors and files are not case-sensitive everywhere.
    let folded = name.value.to_ascii_lowercase();
    if let Some(first) = entries.get(&folded).filter(|first| first.name != name.value) {
        let message = format!("the types `{}` and `{}` differ only in case", first.name, name.value);
        reporter.report(
            Diagnostic::new(Code::NameCollision, name.span, message)
                .related(first.span, "the other declaration")
                .help("rename one of them"),
        );
        return;
    }
    if let Some(first) = entries.get(&folded) {
        let message = format!("the type `{}` is declared twice", name.value);
        reporter.report(
            Diagnostic::new(Code::DuplicateType, name.span, message)
                .related(first.span, "first declared here")
                .help("type names must be unique in the spec; remove or rename one of them"),
        );
        return;
    }
    entries.insert(
        folded,
        Declaration {
            name: &name.value,
            span: name.span,
            home,
            decl,
        },
    );
}

/// Returns `true` if a declaration is of no valid kind, which is reported when it is lowered.
pub(super) fn is_unfinished(decl: &TypeDecl) -> bool {
    match decl {
        TypeDecl::Newtype(line) => line.is_invalid(),
        TypeDecl::Keys(keys) => {
            keys.fields.is_none() && keys.strings.is_none() && keys.integers.is_none() && keys.union.is_none()
        }
    }
}
