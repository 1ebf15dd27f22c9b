//! Shared implementations for generated types, which are written out themselves.

// @if string_enum
/// Implements the traits of an open string enum, which has `as_str` and `From<&str>`.
macro_rules! string_enum {
    ($name:ident) => {
        $crate::runtime::macros::text!($name);

        impl From<String> for $name {
            fn from(value: String) -> Self {
                Self::from(value.as_str())
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let key = $crate::runtime::json::Key::deserialize(deserializer)?;
                Ok(Self::from(&*key.0))
            }
        }
    };
}

pub(crate) use string_enum;
// @end

// @if string_newtype
/// Implements the traits of a string newtype around a private `String`.
macro_rules! string_newtype {
    ($name:ident) => {
        impl $name {
            /// Returns the text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        $crate::runtime::macros::text!($name);
        $crate::runtime::macros::from_text!($name);
        $crate::runtime::macros::equal_text!($name, str, &str, String);

        $crate::runtime::macros::from!(String: |value: $name| value.0, |value: &$name| value.0.clone());

        impl ::std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            /// Accepts a string or a number, whose digits are kept.
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::runtime::wire::text(deserializer)?.id().map(Self)
            }
        }
    };
}

pub(crate) use string_newtype;
// @end

// @if object
/// Implements `Deserialize` for a struct. Each field has the keys from which it is read, and the way in which its value is made of
/// them. Flattened fields consist of entries of the object, and are read from its text.
///
/// The code is smaller than that of the derive macro.
macro_rules! object {
    ($name:ident { $($fields:tt)* }) => {
        $crate::runtime::macros::object!(@impl $name, object, _, { $($fields)* } {});
    };
    // @if flatten
    ($name:ident { $($fields:tt)* }, Flattened { $($flattened:tt)* }) => {
        $crate::runtime::macros::object!(@impl $name, flattened, text, { $($fields)* } { $($flattened)* });
    };
    // @end
    (@impl $name:ident, $deserialize:ident, $text:tt, {
        $($field:ident: $how:ident($key:literal $(| $alias:literal)* $(, $convert:expr)? $(,)?)),* $(,)?
    } {
        $($flattened:ident: $read:ident($($argument:expr),* $(,)?)),* $(,)?
    }) => {
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::runtime::wire::$deserialize(deserializer)
            }
        }

        impl $crate::runtime::wire::Object for $name {
            fn read<'de, A: ::serde::de::MapAccess<'de>>(mut entries: A, $text: &str) -> Result<Self, A::Error> {
                $(let mut $field = (None, 0);)*
                while let Some($crate::runtime::json::Key(key)) = entries.next_key()? {
                    match &*key {
                        $($key $(| $alias)* => {
                            $crate::runtime::wire::put(&mut $field, &key, &[$($alias),*], &mut entries)
                        })*
                        _ => entries.next_value().map(|::serde::de::IgnoredAny| ()),
                    }?;
                }
                Ok(Self {
                    $($field: $crate::runtime::macros::object!(@$how $field, $key $(, $convert)?),)*
                    $($flattened: $crate::runtime::wire::$read($text $(, $argument)*)?,)*
                })
            }
        }
    };
    (@required $field:ident, $key:literal $(, $convert:expr)?) => {
        $crate::runtime::wire::required($field.0, $key)$(.map($convert))??
    };
    (@nullable $field:ident, $key:literal $(, $convert:expr)?) => {
        $crate::runtime::wire::required($field.0.map(Some), $key)?$(.map($convert))?
    };
    // @if required_json
    (@json $field:ident, $key:literal) => {
        $crate::runtime::wire::required($field.0.map(Some), $key)?.unwrap_or_else(|| $crate::runtime::Json::from_text("null"))
    };
    // @end
    (@optional $field:ident, $key:literal $(, $convert:expr)?) => { $field.0.flatten()$(.map($convert))? };
    (@present $field:ident, $key:literal $(, $convert:expr)?) => { $field.0$(.map(|value| value.map($convert)))? };
    (@or_empty $field:ident, $key:literal $(, $convert:expr)?) => {
        $field.0.flatten()$(.map($convert))?.unwrap_or_default()
    };
}

pub(crate) use object;
// @end

// @if text
/// Implements `Display`, `AsRef<str>` and `Argument` for a type that has `as_str`.
macro_rules! text {
    ($name:ident) => {
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl $crate::runtime::Argument for $name {
            fn each(&self, with: &mut dyn FnMut($crate::runtime::request::Text<'_>)) {
                with(self.as_str().into());
            }
        }
    };
}

pub(crate) use text;
// @end

// @if from_text
/// Implements the conversions from text of a newtype around a type that is made from text.
macro_rules! from_text {
    ($name:ident) => {
        $crate::runtime::macros::from!(
            $name: |text: &str| Self(text.into()),
            |text: String| Self(text.into()),
            |text: &String| Self(text.as_str().into()),
            |value: &$name| value.clone()
        );

        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(text.into())
            }
        }
    };
}

pub(crate) use from_text;
// @end

// @if from
/// Implements `From` for a type.
macro_rules! from {
    ($name:ident: $(|$value:ident: $from:ty| $into:expr),+) => {$(
        impl From<$from> for $name {
            fn from($value: $from) -> Self {
                $into
            }
        }
    )+};
}

pub(crate) use from;
// @end

// @if from_content
/// Implements `From` for a union: from the content of each of these variants.
macro_rules! from_content {
    ($name:ident, $($variant:ident($content:ty)),+) => {
        $crate::runtime::macros::from!($name: $(|content: $content| Self::$variant(content)),+);
    };
}

pub(crate) use from_content;
// @end

// @if equal_text
/// Implements the comparison of a string newtype with types of text.
macro_rules! equal_text {
    ($name:ident, $($text:ty),+) => {$(
        impl ::std::cmp::PartialEq<$text> for $name {
            fn eq(&self, other: &$text) -> bool {
                self.0 == *other
            }
        }

        impl ::std::cmp::PartialEq<$name> for $text {
            fn eq(&self, other: &$name) -> bool {
                *self == other.0
            }
        }
    )+};
}

pub(crate) use equal_text;
// @end

/// Lets the client that made a request send it: `.await` for the result, `.send()` for the whole response.
///
/// The methods are `inline`, so that programs compile only the operations that they use.
macro_rules! sendable {
    ($name:ident) => {
        #[cfg(feature = "client")]
        impl<'c> $name<&'c $crate::runtime::Client> {
            /// Sends the request. Returns the result with the status, headers and body of the response.
            ///
            /// To get only the result, await the request itself.
            #[inline]
            pub fn send(
                self,
            ) -> $crate::runtime::Sending<'c, $crate::runtime::Response<<Self as $crate::runtime::Operation>::Output>>
            {
                self.client.send(&self)
            }
        }

        #[cfg(feature = "client")]
        impl<'c> ::std::future::IntoFuture for $name<&'c $crate::runtime::Client> {
            type Output = Result<<Self as $crate::runtime::Operation>::Output, $crate::runtime::Error>;
            type IntoFuture = $crate::runtime::Sending<'c, <Self as $crate::runtime::Operation>::Output>;

            #[inline]
            fn into_future(self) -> Self::IntoFuture {
                self.client.value(&self)
            }
        }

        #[cfg(feature = "blocking")]
        impl $name<&$crate::runtime::blocking::Client> {
            /// Sends the request and blocks until the result arrives.
            ///
            /// # Errors
            ///
            /// See [`Error`]($crate::runtime::Error).
            #[inline]
            pub fn call(self) -> Result<<Self as $crate::runtime::Operation>::Output, $crate::runtime::Error> {
                self.client.call(&self)
            }

            /// Sends the request and blocks. Returns the result with the status, headers and body of the response.
            ///
            /// # Errors
            ///
            /// See [`Error`]($crate::runtime::Error).
            #[inline]
            pub fn send(
                self,
            ) -> Result<$crate::runtime::Response<<Self as $crate::runtime::Operation>::Output>, $crate::runtime::Error>
            {
                self.client.send(&self)
            }
        }
    };
}

pub(crate) use sendable;

// @if downloadable
/// Lets the client that made a request for a file send it; `.await` returns the file as a stream.
macro_rules! downloadable {
    ($name:ident) => {
        #[cfg(feature = "client")]
        impl $name<&$crate::runtime::Client> {
            /// Returns the URL of the file, to fetch it by other means or pass it on. It starts with the client's first base
            /// URL, which the recipient must be able to reach. It does not contain what the request carries in headers, such
            /// as a token.
            ///
            /// # Errors
            ///
            /// Fails if an argument breaks a rule.
            #[inline]
            pub fn file_url(&self) -> Result<String, $crate::runtime::Error> {
                self.client.file_url(self)
            }
        }

        #[cfg(feature = "client")]
        impl<'c> ::std::future::IntoFuture for $name<&'c $crate::runtime::Client> {
            type Output = Result<$crate::runtime::Download, $crate::runtime::Error>;
            type IntoFuture = $crate::runtime::Opening<'c, $crate::runtime::Download>;

            #[inline]
            fn into_future(self) -> Self::IntoFuture {
                self.client.download(&self)
            }
        }

        #[cfg(feature = "blocking")]
        impl $name<&$crate::runtime::blocking::Client> {
            /// Returns the URL of the file, to fetch it by other means or pass it on. It starts with the client's first base
            /// URL, which the recipient must be able to reach. It does not contain what the request carries in headers, such
            /// as a token.
            ///
            /// # Errors
            ///
            /// Fails if an argument breaks a rule.
            #[inline]
            pub fn file_url(&self) -> Result<String, $crate::runtime::Error> {
                self.client.as_async().file_url(self)
            }

            /// Sends the request and blocks until the file begins to arrive.
            ///
            /// # Errors
            ///
            /// See [`Error`]($crate::runtime::Error).
            #[inline]
            pub fn call(
                self,
            ) -> Result<$crate::runtime::blocking::Iter<$crate::runtime::Download>, $crate::runtime::Error> {
                let download = self.client.block_on(self.client.as_async().download(&self))?;
                Ok(self.client.iter(download))
            }
        }
    };
}

pub(crate) use downloadable;
// @end

// @if single
/// Implements `Operation` for the request for a single element of a list. The type must also be [`sendable!`].
macro_rules! single {
    ($name:ident, $list:ident, $item:ty, $path:expr) => {
        impl<C> $crate::runtime::Operation for $name<C> {
            type Output = $item;
            const INFO: &'static $crate::runtime::OperationInfo = <$list as $crate::runtime::Operation>::INFO;

            fn encode(&self) -> Result<$crate::runtime::Request, $crate::runtime::Error> {
                self.list.encode()
            }

            fn encode_unchecked(&self) -> Result<$crate::runtime::Request, $crate::runtime::Error> {
                self.list.encode_unchecked()
            }

            fn decode(response: &$crate::runtime::RawResponse) -> Result<Self::Output, $crate::runtime::Error> {
                response.first_of(<$list as $crate::runtime::Operation>::decode(response)?, $path)
            }
        }
    };
}

pub(crate) use single;
// @end

// @if pageable
/// Lets a list be read to its end. The type must also be [`sendable!`].
macro_rules! pageable {
    ($name:ident: $($field:ident),*) => {
        #[cfg(feature = "client")]
        impl $name<&$crate::runtime::Client> {
            /// Returns all elements from this page on. Each page is requested when its first element is needed.
            ///
            /// The stream owns a clone of the client.
            #[inline]
            pub fn stream(self) -> $crate::runtime::Items<$name> {
                self.client.stream($name { client: (), $($field: self.$field),* })
            }
        }

        #[cfg(feature = "blocking")]
        impl $name<&$crate::runtime::blocking::Client> {
            /// Returns all elements from this page on. Each page is requested when its first element is needed.
            #[inline]
            pub fn iter(self) -> $crate::runtime::blocking::Iter<$crate::runtime::Items<$name>> {
                self.client.iter(self.client.as_async().stream($name { client: (), $($field: self.$field),* }))
            }
        }
    };
}

pub(crate) use pageable;
// @end

// @if splittable
/// Lets a request with a large list be split into batches. The type must also be [`sendable!`].
macro_rules! splittable {
    ($name:ident { $($field:ident),* }, $list:ident: $element:ty, $most:literal) => {
        impl<C: Clone> $crate::runtime::Splittable for $name<C> {
            type Element = $element;
            const MOST: usize = $most;

            fn elements(&mut self) -> &mut Vec<Self::Element> {
                &mut self.$list
            }
        }

        #[cfg(feature = "client")]
        impl $name<&$crate::runtime::Client> {
            /// Sends the request in batches, for a list that exceeds the server's limit. Each batch has its own result.
            /// Elements that break a rule are put aside, so they do not stop the others.
            ///
            /// The batches own a clone of the client.
            #[inline]
            pub fn split(self) -> $crate::runtime::Batches<$name> {
                self.client.split($name { client: (), $($field: self.$field),* })
            }
        }

        #[cfg(feature = "blocking")]
        impl $name<&$crate::runtime::blocking::Client> {
            /// Sends the request in batches, for a list that exceeds the server's limit. Each batch has its own result.
            /// Elements that break a rule are put aside, so they do not stop the others.
            #[inline]
            pub fn split(self) -> $crate::runtime::blocking::Iter<$crate::runtime::Batches<$name>> {
                self.client.iter(self.client.as_async().split($name { client: (), $($field: self.$field),* }))
            }
        }
    };
}

pub(crate) use splittable;
// @end

// @if recorded
/// Lets the records of linked files be read. The type must also be [`sendable!`].
macro_rules! recorded {
    ($name:ident, $record:ty, |$output:ident| $links:expr) => {
        #[cfg(feature = "client")]
        impl<'c> $name<&'c $crate::runtime::Client> {
            /// Sends the request. Returns the records of the files that the result links to. The files are fetched without the
            /// token, and decompressed if need be.
            #[must_use = "nothing is sent until it is awaited"]
            #[inline]
            pub fn records(self) -> $crate::runtime::Opening<'c, $crate::runtime::Records<$record>> {
                self.client.fetch_records(&self, |$output| $links)
            }
        }

        #[cfg(feature = "blocking")]
        impl $name<&$crate::runtime::blocking::Client> {
            /// Sends the request. Returns the records of the files that the result links to. The files are fetched without the
            /// token, and decompressed if need be.
            ///
            /// # Errors
            ///
            /// See [`Error`]($crate::runtime::Error).
            #[inline]
            pub fn records(
                self,
            ) -> Result<$crate::runtime::blocking::Iter<$crate::runtime::Records<$record>>, $crate::runtime::Error>
            {
                let records = self.client.as_async().fetch_records(&self, |$output| $links);
                Ok(self.client.iter(self.client.block_on(records)?))
            }
        }
    };
}

pub(crate) use recorded;
// @end
