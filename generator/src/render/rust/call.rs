//! The call of an example in Rust.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::layout::print_statements;
use super::tokens::{TypeName, ident, integer, rust_type, time_type};
use crate::ir::{
    Api, EnumRepr, EnumValue, Example, Field, Json, KeyVariant, OperationId, TimeUnit, Type, TypeDef, TypeId, TypeKind,
};
use crate::render::canonical;

/// The call of an example, in pieces.
#[derive(Debug)]
pub struct Call<'a> {
    /// The `use` declarations.
    pub uses: TokenStream,
    /// The call, up to its `?`, and the field of its result that is bound.
    pub expression: TokenStream,
    /// The variable to which the result is bound, if there is one.
    pub variable: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// Builds the call of an example.
    #[must_use]
    pub fn new(api: &'a Api, id: OperationId, example: &Example) -> Self {
        let operation = api.operation(id);
        let mut builder = Builder::new(api);
        let (mut required, mut setters) = (Vec::new(), Vec::new());
        for argument in &example.arguments {
            let field = operation.input(argument.input);
            let value = builder.argument(&argument.value, &field.ty);
            if field.is_required() {
                required.push((argument.input, value));
            } else {
                let setter = ident(&field.rust);
                setters.push(quote!(.#setter(#value)));
            }
        }
        required.sort_by_key(|(input, _)| *input);
        let required = required.into_iter().map(|(_, value)| value);
        let (section, method) = (ident(&api.section_of(id).rust_module), ident(&operation.rust_fn));
        let binding = operation.binding.as_ref();
        let field = binding.and_then(|binding| binding.field.as_deref()).map(|field| {
            let field = ident(field);
            quote!(.#field)
        });
        Self {
            uses: builder.uses(),
            expression: quote!(client.#section().#method(#(#required),*)#(#setters)*.await? #field),
            variable: binding.map(|binding| binding.variable.as_str()),
        }
    }

    /// Returns the call as a statement that binds the result, if there is one.
    #[must_use]
    pub fn statement(&self) -> TokenStream {
        let call = &self.expression;
        match self.variable {
            Some(name) => {
                let name = ident(name);
                quote!(let #name = #call;)
            }
            None => quote!(#call;),
        }
    }

    /// Returns the code of the call, for an `async fn` that has a `client: Client` and returns a `Result`.
    ///
    /// The last statement binds the result: `let user = client.users().create("alice").await?;`.
    #[must_use]
    pub fn code(&self) -> String {
        let (uses, statement) = (&self.uses, self.statement());
        print_statements(quote! { #uses #statement })
    }
}

/// Builds expressions and records their imports.
struct Builder<'a> {
    api: &'a Api,
    /// Names in the root of the crate.
    root: BTreeSet<&'static str>,
    /// Names in the module `types`.
    types: BTreeSet<&'a str>,
    /// Whether `json!` is used.
    json: bool,
}

impl<'a> Builder<'a> {
    fn new(api: &'a Api) -> Self {
        Self {
            api,
            root: BTreeSet::new(),
            types: BTreeSet::new(),
            json: false,
        }
    }

    fn uses(&self) -> TokenStream {
        let krate = ident(&self.api.name);
        let group = |names: &BTreeSet<&str>, path: TokenStream| {
            let names: Vec<_> = names.iter().map(|name| ident(name)).collect();
            match names.as_slice() {
                [] => TokenStream::new(),
                [name] => quote!(use #path::#name;),
                names => quote!(use #path::{#(#names),*};),
            }
        };
        let root = group(&self.root, quote!(#krate));
        let types = group(&self.types, quote!(#krate::types));
        let json = self.json.then(|| {
            quote!(
                use serde_json::json;
            )
        });
        // rustfmt sorts lists behind names.
        if self.root.len() > 1 {
            quote! { #types #root #json }
        } else {
            quote! { #root #types #json }
        }
    }

    fn root(&mut self, name: &'static str) -> Ident {
        self.root.insert(name);
        ident(name)
    }

    fn type_def(&mut self, def: &'a TypeDef) -> Ident {
        self.types.insert(&def.name);
        ident(&def.name)
    }

    fn json(&mut self, value: &Json) -> TokenStream {
        self.json = true;
        let value = json_tokens(value);
        quote!(json!(#value))
    }

    /// Returns the value for a parameter of the type `impl Into<T>` or `impl IntoIterator<Item = impl Into<T>>`.
    fn argument(&mut self, value: &Json, ty: &Type) -> TokenStream {
        match (ty, value) {
            (Type::List(inner, _), Json::Array(items)) if !items.is_empty() => {
                let items = items.iter().map(|item| self.element(item, inner));
                quote!([#(#items),*])
            }
            (Type::List(inner, _), Json::Array(_)) => {
                let inner = self.type_name(inner);
                quote!(Vec::<#inner>::new())
            }
            (Type::Map(inner, _), Json::Object(entries)) if entries.is_empty() => {
                let inner = self.type_name(inner);
                quote!(Vec::<(String, #inner)>::new())
            }
            (Type::Map(inner, _), Json::Object(entries)) => {
                let entries = entries.iter().map(|(key, value)| {
                    let value = self.element(value, inner);
                    quote!((#key, #value))
                });
                quote!([#(#entries),*])
            }
            (Type::Family(family), value) => {
                let entries = family.entries(value).map(|(key, value)| {
                    let value = self.element(value, &family.value);
                    quote!((#key, #value))
                });
                quote!([#(#entries),*])
            }
            (Type::Nullable(inner), Json::Null) => {
                let inner = self.type_name(inner);
                quote!(None::<#inner>)
            }
            (Type::Nullable(inner), value) => self.argument(value, inner),
            (Type::String(_) | Type::Secret(_), Json::String(text)) => quote!(#text),
            (Type::Named(id), value) => self.named(value, *id, false),
            (ty, value) => self.scalar(value, ty),
        }
    }

    /// Returns the value of an element of a list or map.
    ///
    /// All elements need the same type, so collections are not left to `into`.
    fn element(&mut self, value: &Json, ty: &Type) -> TokenStream {
        match ty {
            Type::Map(..) | Type::List(..) | Type::Nullable(_) => self.exact(value, ty),
            _ => self.argument(value, ty),
        }
    }

    /// Returns the value as an expression of exactly its Rust type.
    fn exact(&mut self, value: &Json, ty: &Type) -> TokenStream {
        match (ty, value) {
            (Type::String(_), Json::String(text)) => quote!(#text.to_owned()),
            (Type::Secret(_), Json::String(text)) => {
                let secret = self.root("Secret");
                quote!(#secret::new(#text))
            }
            (Type::List(inner, _), Json::Array(items)) if !items.is_empty() => {
                let items = items.iter().map(|item| self.exact(item, inner));
                quote!(vec![#(#items),*])
            }
            (Type::Map(inner, _), Json::Object(entries)) => {
                let entries = entries.iter().map(|(key, value)| {
                    let value = self.exact(value, inner);
                    quote!((#key.to_owned(), #value))
                });
                quote!(std::collections::BTreeMap::from([#(#entries),*]))
            }
            (Type::Json | Type::JsonObject, value) => {
                let json = self.root("Json");
                let value = self.json(value);
                quote!(#json::from(#value))
            }
            (Type::Nullable(_), Json::Null) => quote!(None),
            (Type::Nullable(inner), value) => {
                let value = self.exact(value, inner);
                quote!(Some(#value))
            }
            (Type::Named(id), value) => self.named(value, *id, true),
            (ty, value) => self.argument(value, ty),
        }
    }

    fn scalar(&mut self, value: &Json, ty: &Type) -> TokenStream {
        match ty {
            Type::Bool => {
                let value = value.as_bool().unwrap_or_default();
                quote!(#value)
            }
            Type::Int(_) => integer(canonical::integer(value)),
            Type::Float => float(value),
            Type::Duration(unit, Some(forever)) => {
                let number = canonical::integer(value);
                let (seconds, rest) = match unit {
                    TimeUnit::Seconds => (number, 0),
                    TimeUnit::Millis => (number / 1000, number % 1000),
                };
                if number == *forever {
                    let span = self.root("Span");
                    quote!(#span::Forever)
                } else if rest == 0 {
                    let seconds = integer(seconds);
                    quote!(std::time::Duration::from_secs(#seconds))
                } else {
                    let number = integer(number);
                    quote!(std::time::Duration::from_millis(#number))
                }
            }
            Type::Timestamp(_) | Type::Duration(..) => {
                let (name, number) = (self.root(time_type(ty)), integer(canonical::integer(value)));
                quote!(#name(#number))
            }
            Type::File => self.file(value),
            _ => self.json(value),
        }
    }

    fn file(&mut self, value: &Json) -> TokenStream {
        let file = self.root("File");
        let text = |key: &str| value.get(key).and_then(Json::as_str).unwrap_or_default();
        let (name, media_type, content) = (text("filename"), text("type"), text("content"));
        quote!(#file::bytes(#name, #content).content_type(#media_type))
    }

    /// Returns a value of a declared type; with `exact`, as an expression of that type rather than one that converts into it.
    fn named(&mut self, value: &Json, id: TypeId, exact: bool) -> TokenStream {
        let def = self.api.type_def(id);
        match &def.kind {
            TypeKind::Newtype(inner) => {
                let value = match inner {
                    Type::Int(_) => integer(value.as_i64().unwrap_or_default()),
                    _ => {
                        let text = value.as_str().unwrap_or_default();
                        quote!(#text)
                    }
                };
                if exact {
                    let name = self.type_def(def);
                    quote!(#name::from(#value))
                } else {
                    value
                }
            }
            TypeKind::Enum { repr, values } => {
                let name = self.type_def(def);
                enum_value(&name, value, *repr, values)
            }
            TypeKind::Object(fields) => {
                let name = self.type_def(def);
                self.object(&name, value, fields)
            }
            TypeKind::Union(union) => {
                let name = self.type_def(def);
                let Some(variant) = union.variant_of(value) else {
                    return quote!(#name);
                };
                let content = union.content.as_ref().map_or(Some(value), |key| value.get(key));
                let content = self.named(content.unwrap_or(&Json::Null), variant.ty, true);
                let variant = ident(&variant.rust);
                quote!(#name::#variant(#content))
            }
            TypeKind::OneKey(variants) => {
                let name = self.type_def(def);
                let Some((variant, content)) = KeyVariant::find(variants, value) else {
                    return quote!(#name);
                };
                let content = self.exact(content, &variant.ty);
                let variant = ident(&variant.rust);
                quote!(#name::#variant(#content))
            }
        }
    }

    fn object(&mut self, name: &Ident, value: &Json, fields: &[Field]) -> TokenStream {
        let (mut required, mut setters) = (Vec::new(), Vec::new());
        for field in fields.iter().filter(|field| !field.is_constant()) {
            let value = if field.flatten {
                Some(value)
            } else {
                value.get(&field.wire)
            };
            let is_absent = |value: &&Json| {
                field
                    .family()
                    .is_some_and(|family| family.entries(value).next().is_none())
            };
            let Some(value) = value.filter(|value| !is_absent(value)) else {
                continue;
            };
            let expression = self.argument(value, &field.ty);
            if field.is_required() {
                required.push(expression);
            } else {
                let setter = ident(&field.rust);
                setters.push(quote!(.#setter(#expression)));
            }
        }
        quote!(#name::new(#(#required),*)#(#setters)*)
    }

    fn type_name(&mut self, ty: &Type) -> TokenStream {
        rust_type(ty, &mut |name| match name {
            TypeName::Map => quote!(std::collections::BTreeMap),
            TypeName::Runtime(name) => {
                let name = self.root(name);
                quote!(#name)
            }
            TypeName::Declared(id) => {
                let name = self.type_def(self.api.type_def(id));
                quote!(#name)
            }
        })
    }
}

fn enum_value(name: &Ident, value: &Json, repr: EnumRepr, values: &[EnumValue]) -> TokenStream {
    let wire = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match values.iter().find(|known| known.wire == wire) {
        Some(known) => {
            let variant = ident(&known.rust);
            quote!(#name::#variant)
        }
        None if repr == EnumRepr::Int => {
            let value = integer(value.as_i64().unwrap_or_default());
            quote!(#name::from(#value))
        }
        None => quote!(#name::from(#wire)),
    }
}

fn float(value: &Json) -> TokenStream {
    let value = Literal::f64_unsuffixed(value.as_f64().unwrap_or_default());
    quote!(#value)
}

/// Returns JSON as the argument of `json!`.
fn json_tokens(value: &Json) -> TokenStream {
    match value {
        Json::Null => quote!(null),
        Json::Bool(value) => quote!(#value),
        Json::Number(number) => number.as_i64().map_or_else(|| float(value), integer),
        Json::String(text) => quote!(#text),
        Json::Array(items) => {
            let items = items.iter().map(json_tokens);
            quote!([#(#items),*])
        }
        Json::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| {
                let value = json_tokens(value);
                quote!(#key: #value)
            });
            quote!({#(#entries),*})
        }
    }
}
