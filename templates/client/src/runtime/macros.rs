//! What every type of a kind implements in the same way. The types themselves are written out.

/// Plumbing of an open enum of strings, which has `as_str` and `From<&str>`.
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

/// Plumbing of an open enum of integers, which has `value` and `From<i64>`.
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

/// Plumbing of a named string: a tuple struct around a private `String`.
macro_rules! string_newtype {
    ($name:ident) => {
        impl $name {
            /// The text.
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

        impl From<$name> for String {
            #[inline]
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

/// Plumbing of a named secret: a tuple struct around a private `Secret`.
macro_rules! secret_newtype {
    ($name:ident) => {
        impl $name {
            /// The text itself.
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
            fn each(&self, with: &mut dyn FnMut(&str)) {
                with(self.expose());
            }

            #[inline]
            fn is_secret(&self) -> bool {
                true
            }
        }
    };
}

/// Plumbing of a named integer: a tuple struct around a public `i64`.
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

/// A function that reads a truth value, of which answers may hold this text for true.
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

/// Reads an object of which some fields have several spellings, by way of a type that knows them all.
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

/// Plumbing of an object with exactly one key, which has `OneKey`.
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

/// `Display`, `AsRef<str>` and `Argument` of a type that is a text.
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
            fn each(&self, with: &mut dyn FnMut(&str)) {
                let $value = self;
                with($text);
            }
        }
    };
}

/// `Display` and `Argument` of a type that is a number.
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
            fn each(&self, with: &mut dyn FnMut(&str)) {
                let $value = self;
                with(&$number.to_string());
            }
        }
    };
}

/// Lets a request be sent by the client that made it: by `.await`, or by `.send()` for the whole answer.
///
/// `inline` leaves compiling to the program that uses the operation, so that nobody pays for those they do not use.
macro_rules! sendable {
    ($name:ident) => {
        #[cfg(feature = "client")]
        impl<'c> $name<&'c $crate::runtime::Client> {
            /// Sends the request; gives the result together with the status, headers and body of the answer.
            ///
            /// To get the result alone, await the request itself.
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
            /// Sends the request, and waits for the result.
            ///
            /// # Errors
            ///
            /// See [`Error`]($crate::runtime::Error).
            #[inline]
            pub fn call(self) -> Result<<Self as $crate::runtime::Operation>::Output, $crate::runtime::Error> {
                self.client.call(&self)
            }

            /// Sends the request, and waits for the result together with the status, headers and body of the answer.
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

/// Lets a request for a file be sent by the client that made it; awaiting gives the file as a stream.
macro_rules! downloadable {
    ($name:ident) => {
        #[cfg(feature = "client")]
        impl $name<&$crate::runtime::Client> {
            /// Where the file is, for whoever fetches it by other means or is told of it: below the client's first base URL,
            /// which should be one that they can reach. What a request carries beside its URL, such as a token, is not part of
            /// it.
            ///
            /// # Errors
            ///
            /// The arguments must keep the rules.
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
            /// Where the file is, for whoever fetches it by other means or is told of it: below the client's first base URL,
            /// which should be one that they can reach. What a request carries beside its URL, such as a token, is not part of
            /// it.
            ///
            /// # Errors
            ///
            /// The arguments must keep the rules.
            #[inline]
            pub fn file_url(&self) -> Result<String, $crate::runtime::Error> {
                self.client.as_async().file_url(self)
            }

            /// Sends the request, and waits for the beginning of the file.
            ///
            /// # Errors
            ///
            /// See [`Error`]($crate::runtime::Error).
            #[inline]
            pub fn call(self) -> Result<$crate::runtime::blocking::Download, $crate::runtime::Error> {
                self.client.download(&self)
            }
        }
    };
}

/// Lets a list be read to its end; the type is [`sendable!`] as well.
macro_rules! pageable {
    ($name:ident) => {
        #[cfg(feature = "client")]
        impl $name<&$crate::runtime::Client> {
            /// All elements, from this page on. A page is requested when its first element is asked for.
            ///
            /// They borrow the client; for those that do not, see [`Client::stream`]($crate::runtime::Client::stream).
            #[inline]
            pub fn stream(self) -> $crate::runtime::Items<Self> {
                self.client.stream(self)
            }

            /// All pages, from this one on. Each is requested when it is asked for.
            ///
            /// They borrow the client; for those that do not, see [`Client::pages`]($crate::runtime::Client::pages).
            #[inline]
            pub fn pages(self) -> $crate::runtime::Pages<Self> {
                self.client.pages(self)
            }
        }

        #[cfg(feature = "blocking")]
        impl $name<&$crate::runtime::blocking::Client> {
            /// All elements, from this page on. A page is requested when its first element is asked for.
            #[inline]
            pub fn iter(self) -> $crate::runtime::blocking::Items<Self> {
                self.client.iter(self)
            }

            /// All pages, from this one on. Each is requested when it is asked for.
            #[inline]
            pub fn pages(self) -> $crate::runtime::blocking::Pages<Self> {
                self.client.pages(self)
            }
        }
    };
}

/// Lets a request on more things than the server takes at once be split; the type is [`sendable!`] as well.
macro_rules! splittable {
    ($name:ident, $list:ident: $element:ty, $most:literal) => {
        impl<C: Clone> $crate::runtime::Splittable for $name<C> {
            type Element = $element;
            const MOST: usize = $most;

            fn elements(&mut self) -> &mut Vec<Self::Element> {
                &mut self.$list
            }
        }

        #[cfg(feature = "client")]
        impl $name<&$crate::runtime::Client> {
            /// Sends the request in batches, for a list that is longer than the server takes; each batch has a result of its
            /// own. Each is checked when it is its turn, so that what is wrong with one does not stop the others.
            ///
            /// They borrow the client; for those that do not, see [`Client::split`]($crate::runtime::Client::split).
            #[inline]
            pub fn split(self) -> $crate::runtime::Batches<Self> {
                self.client.split(self)
            }
        }

        #[cfg(feature = "blocking")]
        impl $name<&$crate::runtime::blocking::Client> {
            /// Sends the request in batches, for a list that is longer than the server takes; each batch has a result of its
            /// own, and is sent when it is asked for.
            pub fn split(self) -> $crate::runtime::blocking::Batches<Self> {
                self.client.split(self)
            }
        }
    };
}

/// Lets the files of records be read that the answer leads to; the type is [`sendable!`] as well.
macro_rules! recorded {
    ($name:ident, $record:ty, |$output:ident| $links:expr) => {
        #[cfg(feature = "client")]
        impl<C> $name<C> {
            /// Fetching one of the files.
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
            /// Sends the request; gives the records of the files that the answer leads to, which are fetched without the
            /// token, and decompressed if need be.
            #[must_use = "nothing is sent until it is awaited"]
            #[inline]
            pub fn records(self) -> $crate::runtime::Opening<'c, $crate::runtime::Records<$record>> {
                self.records_as()
            }

            /// The same, with records of a type of your own: such as `Box<RawValue>` of `serde_json`, to keep them as they
            /// are.
            #[must_use = "nothing is sent until it is awaited"]
            #[inline]
            pub fn records_as<T: 'c>(self) -> $crate::runtime::Opening<'c, $crate::runtime::Records<T>> {
                self.client.fetch_records(&self, Self::FILE, |$output| $links)
            }
        }

        #[cfg(feature = "blocking")]
        impl $name<&$crate::runtime::blocking::Client> {
            /// Sends the request; gives the records of the files that the answer leads to, which are fetched without the
            /// token, and decompressed if need be.
            ///
            /// # Errors
            ///
            /// See [`Error`]($crate::runtime::Error).
            #[inline]
            pub fn records(self) -> Result<$crate::runtime::blocking::Records<$record>, $crate::runtime::Error> {
                self.records_as()
            }

            /// The same, with records of a type of your own: such as `Box<RawValue>` of `serde_json`, to keep them as they
            /// are.
            ///
            /// # Errors
            ///
            /// See [`Error`]($crate::runtime::Error).
            #[inline]
            pub fn records_as<T>(self) -> Result<$crate::runtime::blocking::Records<T>, $crate::runtime::Error> {
                self.client.fetch_records(&self, Self::FILE, |$output| $links)
            }
        }
    };
}

pub(crate) use {
    aliases, bool_text, displayed, downloadable, int_enum, int_newtype, one_key, pageable, recorded, secret_newtype,
    sendable, splittable, string_enum, string_newtype, text,
};
