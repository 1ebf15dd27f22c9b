//! Named types and type expressions.

use serde::Serialize;

use super::{Json, Text};

/// The file that declares a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Home {
    /// A file of types that any section and any group of events can use.
    Shared,
    /// A section: an index into [`Api::sections`](super::Api::sections).
    Section(usize),
    /// A group of events: an index into [`Webhooks::groups`](super::Webhooks::groups).
    Events(usize),
}

/// A field of an object, a form, or a result.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// Key on the wire.
    pub wire: String,
    /// Other keys that responses may use. Requests always use `wire`.
    pub aliases: Vec<String>,
    /// Name in Rust.
    pub rust: String,
    /// Type.
    pub ty: Type,
    /// How lenient clients are when they read the value.
    pub reads: Reads,
    /// Whether the field is required, optional or a constant.
    pub presence: Presence,
    /// Whether the keys of the value are part of the enclosing object. The type is then a union, an object or a family of keys.
    pub flatten: bool,
    /// Description.
    pub doc: Text,
}

/// The wire formats of a value that clients accept in responses. Requests use only one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Reads {
    /// The format of the type.
    Exact,
    /// An integer, timestamp or duration: a number, or a string that contains one.
    NumberOrText {
        /// The format in requests.
        sent_as: EnumRepr,
    },
    /// A boolean: `true`, `false`, or a string. This string means `true`, any other string `false`.
    TextForTrue(String),
    /// A list: an array, or a single element without an array.
    OneOrMany,
}

/// The presence of a value: required, optional or constant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Presence {
    /// The value is always present. In requests the caller provides it.
    Required,
    /// The value may be absent.
    Optional {
        /// The value that the server assumes if it is absent.
        default: Option<Json>,
    },
    /// The value is a list, which is empty if it is absent or `null` in a response. In requests the caller provides it.
    OrEmpty,
    /// The value is always this string and is not an argument. The type is a string without rules.
    Constant(String),
}

impl Presence {
    /// Returns the presence of a value that is not a constant.
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
    /// Returns `true` if the field always has a value, which may be a default.
    #[must_use]
    pub fn is_required(&self) -> bool {
        !matches!(self.presence, Presence::Optional { .. })
    }

    /// Returns `true` if every response contains the field.
    #[must_use]
    pub fn is_always_present(&self) -> bool {
        self.is_required() && !self.is_or_empty()
    }

    /// Returns `true` if the field is a list, which is empty if it is absent or `null` in a response.
    #[must_use]
    pub fn is_or_empty(&self) -> bool {
        self.presence == Presence::OrEmpty
    }

    /// Returns `true` if the field is an argument of a constructor: required, and not a constant.
    #[must_use]
    pub fn is_required_argument(&self) -> bool {
        matches!(self.presence, Presence::Required | Presence::OrEmpty)
    }

    /// Returns `true` if the field is a constant, which is sent but is not an argument.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.constant().is_some()
    }

    /// Returns `true` if the field is an integer that may be a string in responses.
    #[must_use]
    pub fn is_lenient_int(&self) -> bool {
        matches!((&self.ty, &self.reads), (Type::Int(_), Reads::NumberOrText { .. }))
    }

    /// Returns `true` if the field is an `Option` in Rust. A family of keys is a map instead, which can be empty.
    #[must_use]
    pub fn is_option(&self) -> bool {
        !self.is_required() && self.family().is_none()
    }

    /// Returns the family of keys that the field stands for.
    #[must_use]
    pub fn family(&self) -> Option<&KeyFamily> {
        match &self.ty {
            Type::Family(family) => Some(family),
            _ => None,
        }
    }

    /// Returns the value of a constant.
    #[must_use]
    pub fn constant(&self) -> Option<&str> {
        match &self.presence {
            Presence::Constant(word) => Some(word),
            Presence::Required | Presence::Optional { .. } | Presence::OrEmpty => None,
        }
    }

    /// Returns the value that the server assumes if the field is absent.
    #[must_use]
    pub fn default(&self) -> Option<&Json> {
        match &self.presence {
            Presence::Optional { default } => default.as_ref(),
            Presence::Required | Presence::Constant(_) | Presence::OrEmpty => None,
        }
    }

    /// Returns all keys that responses may use: the wire name, then the aliases.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.wire).chain(&self.aliases).map(String::as_str)
    }
}

/// Index into [`Api::types`](super::Api::types).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TypeId(pub usize);

/// A named type.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and any combination can occur"
)]
pub struct TypeDef {
    /// Name in Rust, OpenAPI and the docs.
    pub name: String,
    /// Rust module of its file, e.g. `user_id`.
    pub rust_module: String,
    /// Description.
    pub doc: Text,
    /// Structure.
    pub kind: TypeKind,
    /// `true` if requests, or responses to webhooks, contain it.
    pub in_request: bool,
    /// `true` if responses, or webhooks, contain it.
    pub in_response: bool,
    /// `true` if an operation uses it. Otherwise only webhooks do.
    pub in_operation: bool,
    /// `true` if the body of a webhook contains it.
    pub in_event: bool,
    /// Whether the type, or a type that it contains, has a rule that is checked before a request is sent.
    pub has_rules: bool,
    /// The file that declares it, on whose page it is described.
    pub home: Home,
    /// Whether the type contains itself, directly or through other types.
    pub recursive: bool,
}

/// The structure of a named type.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum TypeKind {
    /// An object with known fields. Unknown fields are ignored.
    Object(Vec<Field>),
    /// A named string or integer, possibly with rules.
    Newtype(Type),
    /// A string or an integer with known values. Unknown values are kept.
    Enum {
        /// Wire format of the values.
        repr: EnumRepr,
        /// The known values.
        values: Vec<EnumValue>,
    },
    /// One of several objects, distinguished by a tag.
    Union(Union),
    /// An externally tagged union: an object whose key determines the type of its value. Clients ignore other keys. Never empty.
    OneKey(Vec<KeyVariant>),
}

/// The wire format of the values of an enum.
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
    /// The value on the wire. For [`EnumRepr::Int`], its decimal digits.
    pub wire: String,
    /// The Rust variant.
    pub rust: String,
    /// Description.
    pub doc: Text,
}

/// A tagged union.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Union {
    /// The key of the tag.
    pub tag: String,
    /// The key of the content. `None` if the keys of the content are beside the tag.
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
    /// The content, always a [`TypeKind::Object`].
    pub ty: TypeId,
    /// Description. Defaults to that of the type.
    pub doc: Text,
}

/// One variant of a [`TypeKind::OneKey`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeyVariant {
    /// The key on the wire.
    pub key: String,
    /// The Rust variant.
    pub rust: String,
    /// Stem of the name of its pattern's static, unique among the variants, e.g. `a_b`.
    pub rust_static: String,
    /// Type of the value.
    pub ty: Type,
    /// Description. Defaults to that of the type.
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

/// A resolved type expression.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Type {
    /// A string.
    String(StringRule),
    /// A string that must never be printed.
    Secret(StringRule),
    /// `true` or `false`.
    Bool,
    /// A 64-bit signed integer.
    Int(IntRule),
    /// A 64-bit floating-point number.
    Float,
    /// Any JSON value, for parts of the API that are free-form.
    Json,
    /// A JSON object with any keys and values.
    JsonObject,
    /// A point in time.
    Timestamp(TimeUnit),
    /// A duration, and the number that stands for one without an end, if there is one.
    Duration(TimeUnit, Option<i64>),
    /// A file in a multipart form.
    File,
    /// A named type.
    Named(TypeId),
    /// A list.
    List(Box<Type>, CountRule),
    /// An object with any keys and values of one type.
    Map(Box<Type>, CountRule),
    /// A value that may be JSON `null`.
    Nullable(Box<Type>),
    /// Any number of keys of the enclosing object. Only the type of a field, which is flattened and optional.
    Family(Box<KeyFamily>),
}

/// Keys that consist of a prefix and a value, such as `count_a` and `count_b`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeyFamily {
    /// The text that all keys begin with. No other key of the object begins with it.
    pub prefix: String,
    /// The type of the rest of a key, always a [`TypeKind::Newtype`] of a string.
    pub key: TypeId,
    /// The type of the values.
    pub value: Type,
}

impl KeyFamily {
    /// Returns the rest of each key of the family in an object, and its value.
    pub fn entries<'j>(&'j self, object: &'j Json) -> impl Iterator<Item = (&'j str, &'j Json)> {
        let entries = object.as_object().into_iter().flatten();
        entries.filter_map(|(key, value)| Some((key.strip_prefix(self.prefix.as_str())?, value)))
    }
}

/// Rules for a string. Lengths count Unicode scalar values.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct StringRule {
    /// Minimum length.
    pub min: Option<u64>,
    /// Maximum length.
    pub max: Option<u64>,
    /// A valid regular expression, e.g. `^[a-z]+$`.
    pub pattern: Option<String>,
}

impl StringRule {
    /// Returns `true` if there is no rule.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Rules for an integer. Both bounds are inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct IntRule {
    /// Minimum value.
    pub min: Option<i64>,
    /// Maximum value.
    pub max: Option<i64>,
}

/// Rules for the number of elements. Both bounds are inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct CountRule {
    /// Minimum number.
    pub min: Option<u64>,
    /// Maximum number.
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
