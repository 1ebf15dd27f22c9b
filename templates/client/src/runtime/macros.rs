//! Shared implementations for generated types, which are written out themselves.

/// Implements the traits of an open string enum, which has `as_str` and `From<&str>`.
macro_rules! string_enum {
    ($name:ident) => {
        $crate::runtime::macros::text!($name, |value| value.as_str());

        impl From<String> for $name {
            #[inline]
            fn from(value: String) -> Self {
                Self::from(value.as_str())
            }
        }

        impl ::serde::Serialize for $name {
            #[inline]
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::from)
            }
        }
    };
}

/// Implements the traits of an open integer enum, which has `value` and `From<i64>`.
macro_rules! int_enum {
    ($name:ident) => {
        $crate::runtime::macros::displayed!($name, |value| value.value());

        impl ::serde::Serialize for $name {
            #[inline]
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i64(self.value())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::runtime::wire::int::deserialize(deserializer).map(|value: i64| Self::from(value))
            }
        }
    };
}

/// Implements the traits of a string newtype around a private `String`.
macro_rules! string_newtype {
    ($name:ident) => {
        impl $name {
            /// Returns the text.
            #[must_use]
            #[inline]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        $crate::runtime::macros::text!($name, |value| value.0.as_str());

        impl From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            #[inline]
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&String> for $name {
            #[inline]
            fn from(text: &String) -> Self {
                Self(text.clone())
            }
        }

        impl From<&$name> for $name {
            #[inline]
            fn from(value: &$name) -> Self {
                value.clone()
            }
        }

        impl From<$name> for String {
            #[inline]
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl From<&$name> for String {
            #[inline]
            fn from(value: &$name) -> Self {
                value.0.clone()
            }
        }
    };
}

/// Implements the traits of a secret newtype around a private `Secret`.
macro_rules! secret_newtype {
    ($name:ident) => {
        impl $name {
            /// Returns the text.
            #[must_use]
            #[inline]
            pub fn expose(&self) -> &str {
                self.0.expose()
            }
        }

        impl From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            #[inline]
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl $crate::runtime::Argument for $name {
            #[inline]
            fn each(&self, with: &mut dyn FnMut($crate::runtime::request::Text<'_>)) {
                with($crate::runtime::request::Text::secret(self.expose()));
            }
        }
    };
}

/// Implements the traits of an integer newtype around a public `i64`.
macro_rules! int_newtype {
    ($name:ident) => {
        $crate::runtime::macros::displayed!($name, |value| value.0);

        impl From<i64> for $name {
            #[inline]
            fn from(value: i64) -> Self {
                Self(value)
            }
        }
    };
}

/// Defines a function that deserializes a boolean, or a text that is true if it equals this word.
macro_rules! bool_text {
    ($name:ident, $word:literal) => {
        fn $name<'de, T, D>(deserializer: D) -> Result<T, D::Error>
        where
            T: $crate::runtime::wire::Slot<bool>,
            D: ::serde::Deserializer<'de>,
        {
            $crate::runtime::wire::bool_text(deserializer, $word)
        }
    };
}

/// Deserializes an object whose fields have aliases, by way of a type that has all of them.
macro_rules! aliases {
    ($name:ident, $wire:ident, $($field:expr),+) => {
        impl<'de> ::serde::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $wire::deserialize($crate::runtime::alias::chosen(deserializer, &[$(&$field),+]))
            }
        }
    };
}

/// Implements `Deserialize` for an object with exactly one key, which has `OneKey`.
macro_rules! one_key {
    ($name:ident) => {
        impl<'de> ::serde::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::runtime::wire::one_key(deserializer)
            }
        }
    };
}

/// Implements `Display`, `AsRef<str>` and `Argument` for a type that is a text.
macro_rules! text {
    ($name:ident, |$value:ident| $text:expr) => {
        impl ::std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                let $value = self;
                f.write_str($text)
            }
        }

        impl AsRef<str> for $name {
            #[inline]
            fn as_ref(&self) -> &str {
                let $value = self;
                $text
            }
        }

        impl $crate::runtime::Argument for $name {
            #[inline]
            fn each(&self, with: &mut dyn FnMut($crate::runtime::request::Text<'_>)) {
                let $value = self;
                with($text.into());
            }
        }
    };
}

/// Implements `Display` and `Argument` for a type that is a number.
macro_rules! displayed {
    ($name:ident, |$value:ident| $number:expr) => {
        impl ::std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                let $value = self;
                ::std::fmt::Display::fmt(&$number, f)
            }
        }

        impl $crate::runtime::Argument for $name {
            #[inline]
            fn each(&self, with: &mut dyn FnMut($crate::runtime::request::Text<'_>)) {
                let $value = self;
                with($number.to_string().as_str().into());
            }
        }
    };
}

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
                self.client.download(&self)
            }
        }
    };
}

/// Lets a list be read to its end. The type must also be [`sendable!`].
macro_rules! pageable {
    ($name:ident { $($field:ident),* }) => {
        #[cfg(feature = "client")]
        impl $name<&$crate::runtime::Client> {
            /// Returns all elements from this page on. Each page is requested when its first element is needed.
            ///
            /// The stream owns a clone of the client.
            #[inline]
            pub fn stream(self) -> $crate::runtime::Items<$name> {
                self.client.stream($name { client: (), $($field: self.$field),* })
            }

            /// Returns all pages from this one on. Each page is requested when it is needed.
            ///
            /// The stream owns a clone of the client.
            #[inline]
            pub fn pages(self) -> $crate::runtime::Pages<$name> {
                self.client.pages($name { client: (), $($field: self.$field),* })
            }
        }

        #[cfg(feature = "blocking")]
        impl $name<&$crate::runtime::blocking::Client> {
            /// Returns all elements from this page on. Each page is requested when its first element is needed.
            #[inline]
            pub fn iter(self) -> $crate::runtime::blocking::Iter<$crate::runtime::Items<$name>> {
                self.client.iter($name { client: (), $($field: self.$field),* })
            }

            /// Returns all pages from this one on. Each page is requested when it is needed.
            #[inline]
            pub fn pages(self) -> $crate::runtime::blocking::Iter<$crate::runtime::Pages<$name>> {
                self.client.pages($name { client: (), $($field: self.$field),* })
            }
        }
    };
}

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
                self.client.split($name { client: (), $($field: self.$field),* })
            }
        }
    };
}

/// Lets the records of linked files be read. The type must also be [`sendable!`].
macro_rules! recorded {
    ($name:ident, $record:ty, |$output:ident| $links:expr) => {
        #[cfg(feature = "client")]
        impl<C> $name<C> {
            /// The request for one of the files.
            const FILE: &'static $crate::runtime::OperationInfo = &$crate::runtime::OperationInfo::new(
                <$name as $crate::runtime::Operation>::INFO.id,
                ::http::Method::GET,
                "",
            )
            .anonymous()
            .idempotent()
            .secret()
            .bytes();
        }

        #[cfg(feature = "client")]
        impl<'c> $name<&'c $crate::runtime::Client> {
            /// Sends the request. Returns the records of the files that the result links to. The files are fetched without the
            /// token, and decompressed if need be.
            #[must_use = "nothing is sent until it is awaited"]
            #[inline]
            pub fn records(self) -> $crate::runtime::Opening<'c, $crate::runtime::Records<$record>> {
                self.records_as()
            }

            /// Like [`records`](Self::records), with a custom record type, such as `Box<RawValue>` of `serde_json` to keep
            /// records as they are.
            #[must_use = "nothing is sent until it is awaited"]
            #[inline]
            pub fn records_as<T: 'c>(self) -> $crate::runtime::Opening<'c, $crate::runtime::Records<T>> {
                self.client.fetch_records(&self, Self::FILE, |$output| $links)
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
                self.records_as()
            }

            /// Like [`records`](Self::records), with a custom record type, such as `Box<RawValue>` of `serde_json` to keep
            /// records as they are.
            ///
            /// # Errors
            ///
            /// See [`Error`]($crate::runtime::Error).
            #[inline]
            pub fn records_as<T>(
                self,
            ) -> Result<$crate::runtime::blocking::Iter<$crate::runtime::Records<T>>, $crate::runtime::Error> {
                self.client.fetch_records(&self, Self::FILE, |$output| $links)
            }
        }
    };
}

pub(crate) use {
    aliases, bool_text, displayed, downloadable, int_enum, int_newtype, one_key, pageable, recorded, secret_newtype,
    sendable, splittable, string_enum, string_newtype, text,
};
