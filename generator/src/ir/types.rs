//! Named types and type expressions.

use serde::Serialize;

use super::{Json, Text};

/// A field of an object, a form, or a multi-part result.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// Key on the wire.
    pub wire: String,
    /// Other keys under which answers may hold it; what is sent has the first.
    pub aliases: Vec<String>,
    /// Name in Rust.
    pub rust: String,
    /// Its type.
    pub ty: Type,
    /// How it is read where responses do not always hold it in the form of its type.
    pub reads: Reads,
    /// Whether and how it is there.
    pub presence: Presence,
    /// The field's own keys stand directly in the surrounding object (its type is a union or an object).
    pub flatten: bool,
    /// Its meaning.
    pub doc: Text,
}

/// The forms that responses may hold a value in. Requests hold it in one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Reads {
    /// The form of its type.
    Exact,
    /// An integer, a point or a length of time: a number, or a string that holds one.
    NumberOrText {
        /// How it is sent.
        sent_as: EnumRepr,
    },
    /// A boolean: `true` or `false`, this text for true, or any other text for false.
    TextForTrue(String),
    /// A list: an array, or one bare element.
    OneOrMany,
}

/// Whether and how a value is there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Presence {
    /// It is always there, and a caller gives it.
    Required,
    /// It may be absent.
    Optional {
        /// The value that the server assumes then.
        default: Option<Json>,
    },
    /// It is always this text, and no argument. The type is a string without rules.
    Constant(String),
}

impl Presence {
    /// The presence of a value that is no constant.
    #[must_use]
    pub fn new(required: bool, default: Option<Json>) -> Self {
        if required {
            Self::Required
        } else {
            Self::Optional { default }
        }
    }
}

impl Field {
    /// Returns `true` if it is always there.
    #[must_use]
    pub fn is_required(&self) -> bool {
        !matches!(self.presence, Presence::Optional { .. })
    }

    /// Returns `true` if it is an argument of a constructor: required, and not a constant.
    #[must_use]
    pub fn is_required_argument(&self) -> bool {
        self.presence == Presence::Required
    }

    /// Returns `true` if it is a constant: it is sent, but no argument.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.constant().is_some()
    }

    /// Returns `true` if it is an integer that responses may hold as a string.
    #[must_use]
    pub fn is_lenient_int(&self) -> bool {
        matches!((&self.ty, &self.reads), (Type::Int(_), Reads::NumberOrText { .. }))
    }

    /// The text, if it is a constant.
    #[must_use]
    pub fn constant(&self) -> Option<&str> {
        match &self.presence {
            Presence::Constant(word) => Some(word),
            Presence::Required | Presence::Optional { .. } => None,
        }
    }

    /// The value that the server assumes when it is absent.
    #[must_use]
    pub fn default(&self) -> Option<&Json> {
        match &self.presence {
            Presence::Optional { default } => default.as_ref(),
            Presence::Required | Presence::Constant(_) => None,
        }
    }

    /// Every key under which an answer may hold it.
    pub fn spellings(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.wire).chain(&self.aliases).map(String::as_str)
    }
}

/// Index into [`Api::types`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TypeId(pub usize);

/// A named type.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and any combination can occur"
)]
pub struct TypeDef {
    /// Its name: the same in Rust, in OpenAPI and in the docs.
    pub name: String,
    /// The Rust module of its file, e.g. `user_id`.
    pub rust_module: String,
    /// Its meaning.
    pub doc: Text,
    /// What it is.
    pub kind: TypeKind,
    /// Whether a request carries it.
    pub in_request: bool,
    /// Whether an answer carries it.
    pub in_response: bool,
    /// Whether it holds a rule, itself or below, that is checked before sending.
    pub has_rules: bool,
    /// The section that declares it; `None` for types shared by sections.
    pub section: Option<usize>,
    /// Whether it holds itself, directly or through others.
    pub recursive: bool,
}

/// What a named type is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum TypeKind {
    /// An object with known fields; unknown ones are ignored.
    Object(Vec<Field>),
    /// A string or an integer with a name, and maybe rules.
    Newtype(Type),
    /// Known values of a string or an integer; others are kept.
    Enum {
        /// What the values are on the wire.
        repr: EnumRepr,
        /// The known values.
        values: Vec<EnumValue>,
    },
    /// One of several objects, told apart by a tag.
    Union(Union),
    /// An object with exactly one key, which says what its value is. Never empty.
    OneKey(Vec<KeyVariant>),
}

/// The wire form of an enum's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum EnumRepr {
    /// JSON strings.
    String,
    /// JSON integers.
    Int,
}

/// A known value of an enum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EnumValue {
    /// The value on the wire; for [`EnumRepr::Int`] its decimal digits.
    pub wire: String,
    /// The Rust variant.
    pub rust: String,
    /// Its meaning.
    pub doc: Text,
}

/// A tagged union.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Union {
    /// The key that holds the tag.
    pub tag: String,
    /// The key that holds the content; `None` where the content's keys stand beside the tag.
    pub content: Option<String>,
    /// The variants, in the order of the spec. Never empty.
    pub variants: Vec<Variant>,
}

impl Union {
    /// Returns the variant that the tag of a value names.
    #[must_use]
    pub fn variant_of(&self, value: &Json) -> Option<&Variant> {
        let tag = value.get(&self.tag)?.as_str()?;
        self.variants.iter().find(|variant| variant.tag == tag)
    }
}

/// One variant of a union.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Variant {
    /// The tag on the wire.
    pub tag: String,
    /// The Rust variant.
    pub rust: String,
    /// The content: always a [`TypeKind::Object`].
    pub ty: TypeId,
    /// Its meaning; the meaning of the type where the spec gives none.
    pub doc: Text,
}

/// One variant of a [`TypeKind::OneKey`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeyVariant {
    /// The key on the wire.
    pub key: String,
    /// The Rust variant.
    pub rust: String,
    /// What the static of its pattern is named after, unique among the variants, e.g. `a_b`.
    pub rust_static: String,
    /// What the key holds.
    pub ty: Type,
    /// Its meaning; the meaning of the type where the spec gives none.
    pub doc: Text,
}

impl KeyVariant {
    /// Returns the variant that the key of a value names, and the value of that key.
    #[must_use]
    pub fn find<'a>(variants: &'a [Self], value: &'a Json) -> Option<(&'a Self, &'a Json)> {
        let mut variants = variants.iter();
        variants.find_map(|variant| Some((variant, value.get(&variant.key)?)))
    }
}

/// A type expression, resolved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Type {
    /// Text.
    String(StringRule),
    /// Text that must never be printed.
    Secret(StringRule),
    /// `true` or `false`.
    Bool,
    /// A 64-bit signed integer.
    Int(IntRule),
    /// A 64-bit floating-point number.
    Float,
    /// Any JSON value: only where the API itself is free-form.
    Json,
    /// A JSON object with free keys and values.
    JsonObject,
    /// A point in time.
    Timestamp(TimeUnit),
    /// A length of time.
    Duration(TimeUnit),
    /// The content of a file: a multipart part.
    File,
    /// A named type.
    Named(TypeId),
    /// A list.
    List(Box<Type>, CountRule),
    /// An object with free keys and typed values.
    Map(Box<Type>, CountRule),
    /// A value that may be JSON `null`.
    Nullable(Box<Type>),
}

/// Rules for a string. Lengths count Unicode scalar values.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct StringRule {
    /// Smallest length.
    pub min: Option<u64>,
    /// Largest length.
    pub max: Option<u64>,
    /// A regular expression that is known to compile, e.g. `^[a-z]+$`.
    pub pattern: Option<String>,
}

impl StringRule {
    /// Whether there is nothing to check.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Rules for an integer; both ends are included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct IntRule {
    /// Smallest value.
    pub min: Option<i64>,
    /// Largest value.
    pub max: Option<i64>,
}

/// Rules for the number of elements; both ends are included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct CountRule {
    /// Smallest number.
    pub min: Option<u64>,
    /// Largest number.
    pub max: Option<u64>,
}

/// Unit of a timestamp or a duration on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum TimeUnit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Millis,
}
