//! Encoded requests, independent of the transport.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Uri};
use serde::Serialize;

use super::check::At;
use super::error::{Error, ErrorKind, Reason};
use super::file::{Content, File, Multipart};
use super::operation::OperationInfo;
use super::path;
use super::secret::Secret;
use super::target::Target;
use crate::api::API;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
// @if form
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
// @end
const ANYTHING: HeaderValue = HeaderValue::from_static("*/*");
const IDENTITY: HeaderValue = HeaderValue::from_static("identity");

/// A value that can be sent in a path, a query, a header or a form. Implemented for the types of this crate's arguments only.
pub trait Argument {
    /// Calls `with` for the text of the value: once, once per element of a list, or never if there is no value.
    #[doc(hidden)]
    fn each(&self, with: &mut dyn FnMut(Text<'_>));
}

/// The text of an argument, or of an element of a list. Other crates cannot name it, so they cannot implement
/// [`Argument`].
#[derive(Debug, Clone, Copy)]
pub struct Text<'a> {
    pub(crate) text: &'a str,
    /// `true` for an element of a list, which is sent comma-separated.
    pub(crate) is_item: bool,
    /// `true` if it must never be printed.
    pub(crate) is_secret: bool,
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self {
            text,
            is_item: false,
            is_secret: false,
        }
    }
}

/// Implements [`Argument`] for types with one text.
macro_rules! arguments {
    ($($name:ty: $value:ident => $text:expr;)*) => {$(
        impl Argument for $name {
            fn each(&self, with: &mut dyn FnMut(Text<'_>)) {
                let $value = self;
                with($text.into());
            }
        }
    )*};
}

arguments! {
    str: value => value;
    String: value => value.as_str();
    Secret: value => Text { is_secret: true, ..value.expose().into() };
    bool: value => value.to_string().as_str();
    i64: value => value.to_string().as_str();
    f64: value => value.to_string().as_str();
    super::time::TimestampMillis: value => value.0.to_string().as_str();
    super::time::TimestampSeconds: value => value.0.to_string().as_str();
    super::time::Millis: value => value.0.to_string().as_str();
    super::time::Seconds: value => value.0.to_string().as_str();
}

impl<T: Argument + ?Sized> Argument for &T {
    fn each(&self, with: &mut dyn FnMut(Text<'_>)) {
        T::each(self, with);
    }
}

impl<T: Argument> Argument for Option<T> {
    fn each(&self, with: &mut dyn FnMut(Text<'_>)) {
        if let Some(value) = self {
            value.each(with);
        }
    }
}

impl<T: Argument> Argument for Vec<T> {
    fn each(&self, with: &mut dyn FnMut(Text<'_>)) {
        for value in self {
            value.each(&mut |text| with(Text { is_item: true, ..text }));
        }
    }
}

/// An encoded request: validated, and independent of host, base path and token.
#[derive(Clone)]
pub struct Request {
    info: &'static OperationInfo,
    path: Cow<'static, str>,
    query: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Body,
    /// Number of elements, such as receivers of a message, which a rate limit may count.
    elements: u32,
    /// An absolute URL, which replaces base URL and path.
    #[cfg(feature = "client")]
    pub(crate) link: Option<Box<Uri>>,
}

/// At most one of the fields is set. Multipart forms are boxed, since they are rare and requests are moved often.
#[derive(Clone, Default)]
struct Body {
    json: Option<Bytes>,
    // @if form
    form: Option<String>,
    // @end
    multipart: Option<Box<Multipart>>,
}

impl Request {
    /// Makes a request. `path` holds the arguments for the placeholders of the operation's path, in order.
    ///
    /// # Errors
    ///
    /// Fails if an argument is empty.
    pub fn new(info: &'static OperationInfo, path: &[&dyn Argument]) -> Result<Self, Error> {
        let path = path::fill(info.path, path).map_err(|(name, reason)| Error::invalid_argument(info, name, reason))?;
        Ok(Self {
            info,
            path,
            query: String::new(),
            headers: Vec::new(),
            body: Body::default(),
            elements: 1,
            #[cfg(feature = "client")]
            link: None,
        })
    }

    /// Sets the number of elements in the request, e.g. receivers of a message, for rate limits that do not count calls.
    /// Default: 1.
    pub fn holds(&mut self, count: usize) {
        self.elements = u32::try_from(count).unwrap_or(u32::MAX);
    }

    /// Adds a query parameter, unless there is no value.
    ///
    /// # Errors
    ///
    /// Fails if an element of a list is empty or contains a comma.
    pub fn query(&mut self, name: &str, value: &dyn Argument) -> Result<(), Error> {
        let before = self.query.len();
        self.query.push_str(if before == 0 { "" } else { "&" });
        self.query.extend(path::encode_text(name));
        self.query.push('=');
        let encoded = path::encode(&mut self.query, value, ",");
        if !matches!(encoded, Ok(true)) {
            self.query.truncate(before);
        }
        encoded.map(drop).map_err(|reason| self.invalid(name, reason))
    }

    /// Adds a header, unless there is no value.
    ///
    /// # Errors
    ///
    /// Fails if the value contains control characters, or an element of a list a comma.
    pub fn header(&mut self, name: &'static str, value: &dyn Argument) -> Result<(), Error> {
        let Some((text, is_secret)) = self.joined(name, value)? else {
            return Ok(());
        };
        let header = HeaderName::from_bytes(name.as_bytes());
        let (Ok(header), Ok(mut text)) = (header, HeaderValue::from_bytes(text.as_bytes())) else {
            return Err(self.invalid(name, Reason::HeaderText));
        };
        text.set_sensitive(is_secret);
        self.headers.push((header, text));
        Ok(())
    }

    /// Sets a JSON body.
    ///
    /// # Errors
    ///
    /// Fails if serialization fails.
    pub fn json(&mut self, body: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        let json =
            serde_json::to_vec(body).map_err(|error| self.invalid("body", Reason::NotJson(error.to_string())))?;
        self.body.json = Some(json.into());
        Ok(())
    }

    // @if form
    /// Adds a field to a form, unless there is no value.
    ///
    /// # Errors
    ///
    /// Fails if an element of a list contains a comma.
    pub fn form_field(&mut self, name: &str, value: &dyn Argument) -> Result<(), Error> {
        let text = self.joined(name, value)?;
        self.extend_form(text.iter().map(|(text, _)| (name, text.as_str())));
        Ok(())
    }

    /// Adds the entries of a map to a form.
    pub fn form_entries<'v>(&mut self, entries: impl IntoIterator<Item = (&'v String, &'v String)>) {
        self.extend_form(entries.into_iter().map(|(name, value)| (name.as_str(), value.as_str())));
    }

    fn extend_form<'a>(&mut self, fields: impl Iterator<Item = (&'a str, &'a str)>) {
        let form = self.body.form.get_or_insert_default();
        let mut encoder = form_urlencoded::Serializer::new(std::mem::take(form));
        *form = encoder.extend_pairs(fields).finish();
    }
    // @end

    /// Adds a part to a multipart form, unless there is no value.
    ///
    /// # Errors
    ///
    /// Fails if an element of a list contains a comma.
    pub fn part(&mut self, name: &'static str, value: &dyn Argument) -> Result<(), Error> {
        let text = self.joined(name, value)?;
        let parts = self.body.multipart.get_or_insert_default();
        if let Some((text, _)) = text {
            parts.text(name, text);
        }
        Ok(())
    }

    /// Adds a file to a multipart form, unless it is `None`.
    ///
    /// # Errors
    ///
    /// Fails if the file's media type is empty or contains control characters.
    pub fn file<'f>(&mut self, name: &'static str, file: impl Into<Option<&'f File>>) -> Result<(), Error> {
        let parts = self.body.multipart.get_or_insert_default();
        let added = file.into().map_or(Ok(()), |file| parts.file(name, file));
        added.map_err(|reason| self.invalid(name, reason))
    }

    /// Returns the metadata of the operation.
    #[must_use]
    pub fn info(&self) -> &'static OperationInfo {
        self.info
    }

    /// Returns the encoded path and query, relative to the base path.
    #[must_use]
    pub fn target(&self) -> String {
        self.target_below("")
    }

    /// Returns the encoded path and query, with the base path `base` in front.
    pub(crate) fn target_below(&self, base: &str) -> String {
        let mark = if self.query.is_empty() { "" } else { "?" };
        let parts = [base, &self.path, mark, &self.query];
        // Exactly, since a spare byte would cost another allocation as `Bytes`.
        let mut target = String::with_capacity(parts.iter().map(|part| part.len()).sum());
        target.extend(parts);
        target
    }

    /// Builds an `http` request, for any transport.
    ///
    /// # Errors
    ///
    /// Fails if the content of a file is not in memory, or the token or URL cannot be sent.
    pub fn to_http(&self, target: &Target) -> Result<http::Request<Bytes>, Error> {
        let (media_type, body) = match &self.body.multipart {
            Some(form) => self.whole(form)?,
            None => self.simple_body(),
        };
        let token = target.token().map(authorization).transpose()?;
        Ok(self.build(target.uri_of(self)?, HeaderMap::new(), token.as_ref(), media_type, body))
    }

    /// Returns media type and content of a multipart form whose content is in memory.
    fn whole(&self, form: &Multipart) -> Result<(Option<HeaderValue>, Bytes), Error> {
        let (boundary, pieces) = form.pieces();
        let mut whole = Vec::new();
        for content in pieces {
            match content {
                Content::Bytes(bytes) => whole.extend_from_slice(&bytes),
                #[cfg(feature = "client")]
                _ => return Err(self.invalid("file", Reason::NotInMemory)),
            }
        }
        let media_type = Multipart::media_type(&boundary).map_err(|error| self.unsendable(error))?;
        Ok((Some(media_type), whole.into()))
    }

    /// Returns media type and content of a JSON body or a form.
    pub(crate) fn simple_body(&self) -> (Option<HeaderValue>, Bytes) {
        // @if form
        if let Some(form) = &self.body.form {
            return (Some(FORM), form.clone().into());
        }
        // @end
        match &self.body.json {
            Some(json) => (Some(JSON), json.clone()),
            None => (None, Bytes::new()),
        }
    }

    /// Builds an `http` request. Its own headers replace these. `token` is the value of the header that carries it.
    pub(crate) fn build<B>(
        &self,
        uri: Uri,
        mut headers: HeaderMap,
        token: Option<&HeaderValue>,
        media_type: Option<HeaderValue>,
        body: B,
    ) -> http::Request<B> {
        headers.insert(ACCEPT, if self.info.bytes { ANYTHING } else { JSON });
        headers.insert(ACCEPT_ENCODING, IDENTITY);
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        if let Some(media_type) = media_type {
            headers.insert(CONTENT_TYPE, media_type);
        } else if matches!(self.info.method, Method::POST | Method::PUT | Method::PATCH) {
            // Without it, some servers respond with 411.
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        if let (true, Some(auth), Some(token)) = (self.info.authenticated, &API.auth, token) {
            headers.insert(&auth.header, token.clone());
        }
        let mut request = http::Request::new(body);
        *request.method_mut() = self.info.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        request
    }

    /// Returns the text of an argument, with the elements of a list joined by commas, and whether it is secret.
    fn joined(&self, name: &str, value: &dyn Argument) -> Result<Option<(String, bool)>, Error> {
        let mut joined = None::<(String, bool)>;
        let mut has_comma = false;
        value.each(&mut |part: Text<'_>| {
            has_comma |= part.is_item && part.text.contains(',');
            match &mut joined {
                Some((text, _)) => text.extend([",", part.text]),
                none => *none = Some((part.text.to_owned(), part.is_secret)),
            }
        });
        let comma = || self.invalid(name, Reason::Comma);
        (!has_comma).then_some(joined).ok_or_else(comma)
    }

    pub(crate) fn invalid(&self, argument: &str, reason: Reason) -> Error {
        At::new(self.info).key(argument).invalid(reason)
    }

    pub(crate) fn unsendable(&self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::transport(ErrorKind::Unsendable, error).of(self.info, None)
    }
}

/// For the client.
#[cfg(feature = "client")]
impl Request {
    // @if recorded
    /// Makes a request to a URL that the server returned, on any host. The operation must not send the token. The error does
    /// not show the URL, since it may contain a signature.
    pub(crate) fn link(info: &'static OperationInfo, link: &str) -> Result<Self, Error> {
        use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
        const UNQUOTED: AsciiSet = CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`');
        // HTTP clients encode or reject these characters.
        const ENCODED: &AsciiSet = &UNQUOTED.add(b'\\').add(b'^').add(b'{').add(b'|').add(b'}');
        let mut request = Self::new(info, &[])?;
        let uri = utf8_percent_encode(link, ENCODED).to_string().parse::<Uri>().ok();
        let uri = uri.filter(|uri| uri.authority().is_some() && matches!(uri.scheme_str(), Some("http" | "https")));
        let uri = uri.ok_or_else(|| request.unsendable("the link is not an HTTP URL"))?;
        request.link = Some(uri.into());
        Ok(request)
    }
    // @end

    /// Returns the number of elements.
    #[cfg(feature = "rate-limit")]
    pub(crate) fn elements(&self) -> u32 {
        self.elements
    }

    /// Returns the length of a JSON body, and 0 for other bodies.
    pub(crate) fn body_length(&self) -> u64 {
        self.body.json.as_ref().map_or(0, |json| json.len() as u64)
    }

    pub(crate) fn multipart(&self) -> Option<&Multipart> {
        self.body.multipart.as_deref()
    }

    /// Returns `true` if the request can be sent again. The content of a reader cannot.
    pub(crate) fn is_replayable(&self) -> bool {
        self.multipart().is_none_or(Multipart::is_replayable)
    }
}

/// Shows only the operation: paths, headers and bodies may contain secrets.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({}: {} {})", self.info.id, self.info.method, self.info.path)
    }
}

/// Returns the value of the header that carries a token.
pub(crate) fn authorization(token: &Secret) -> Result<HeaderValue, Error> {
    let invalid = || Error::config("the token is empty or contains characters that are not allowed in a header");
    let prefix = API.auth.as_ref().map_or("", |auth| auth.prefix);
    if token.expose().is_empty() {
        return Err(invalid());
    }
    let text = format!("{prefix}{}", token.expose());
    let mut value = HeaderValue::try_from(text).map_err(|_| invalid())?;
    value.set_sensitive(true);
    Ok(value)
}
