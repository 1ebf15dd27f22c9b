//! A request that is ready to be sent, whatever sends it.

use std::fmt;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
#[cfg(feature = "client")]
use http::header::{IF_RANGE, RANGE};
use serde::Serialize;

use super::check::At;
use super::error::{ConfigError, Error, InvalidArgument, Reason, TransportError, TransportKind};
#[cfg(feature = "client")]
use super::file::Content;
use super::file::{File, Form, Multipart, Piece};
use super::operation::OperationInfo;
use super::path::{self, Filled};
use super::secret::Secret;
use super::target::Target;
use super::wire::Nullable;
use crate::api::API;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const ANYTHING: HeaderValue = HeaderValue::from_static("*/*");

/// A value that a path, a query, a header or a form can carry.
pub trait Argument {
    /// Calls `with` for the text of the value, for each element of a list, or not at all where there is no value.
    fn each(&self, with: &mut dyn FnMut(&str));

    /// Whether the value is a list, which is sent comma-separated.
    fn is_list(&self) -> bool {
        false
    }

    /// Whether the value must never be printed.
    fn is_secret(&self) -> bool {
        false
    }
}

impl Argument for str {
    fn each(&self, with: &mut dyn FnMut(&str)) {
        with(self);
    }
}

impl<T: Argument + ?Sized> Argument for &T {
    fn each(&self, with: &mut dyn FnMut(&str)) {
        T::each(self, with);
    }

    fn is_list(&self) -> bool {
        T::is_list(self)
    }

    fn is_secret(&self) -> bool {
        T::is_secret(self)
    }
}

impl Argument for String {
    fn each(&self, with: &mut dyn FnMut(&str)) {
        with(self);
    }
}

impl Argument for Secret {
    fn each(&self, with: &mut dyn FnMut(&str)) {
        with(self.expose());
    }

    fn is_secret(&self) -> bool {
        true
    }
}

/// Values whose text is what they display.
macro_rules! displayed {
    ($($name:ty => $value:ident $text:expr;)*) => {$(
        impl Argument for $name {
            fn each(&self, with: &mut dyn FnMut(&str)) {
                let $value = self;
                with(&$text.to_string());
            }
        }
    )*};
}

displayed! {
    bool => value value;
    i64 => value value;
    f64 => value value;
    super::time::TimestampMillis => value value.0;
    super::time::TimestampSeconds => value value.0;
    super::time::Millis => value value.0;
    super::time::Seconds => value value.0;
}

impl<T: Argument> Argument for Option<T> {
    fn each(&self, with: &mut dyn FnMut(&str)) {
        if let Some(value) = self {
            value.each(with);
        }
    }

    fn is_list(&self) -> bool {
        self.as_ref().is_some_and(Argument::is_list)
    }

    fn is_secret(&self) -> bool {
        self.as_ref().is_some_and(Argument::is_secret)
    }
}

impl<T: Argument> Argument for Nullable<T> {
    fn each(&self, with: &mut dyn FnMut(&str)) {
        if let Some(value) = self.as_ref() {
            value.each(with);
        }
    }

    fn is_secret(&self) -> bool {
        self.as_ref().is_some_and(Argument::is_secret)
    }
}

impl<T: Argument> Argument for Vec<T> {
    fn each(&self, with: &mut dyn FnMut(&str)) {
        for value in self {
            value.each(with);
        }
    }

    fn is_list(&self) -> bool {
        true
    }

    fn is_secret(&self) -> bool {
        self.iter().any(Argument::is_secret)
    }
}

/// A request that is ready to be sent: checked, encoded, and independent of host, base path and token.
#[derive(Clone)]
pub struct Request {
    info: &'static OperationInfo,
    path: Filled,
    query: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Body,
    /// How many things it holds that are treated one by one: a rate limit may count them.
    elements: u32,
    /// An address anywhere, in place of the path below the base path.
    #[cfg(feature = "client")]
    link: Option<Box<str>>,
}

/// At most one of them is there. Forms are rare, and requests are moved often, so they are small.
#[derive(Clone, Default)]
struct Body {
    json: Option<Bytes>,
    form: Option<Box<Form>>,
    multipart: Option<Box<Multipart>>,
}

impl Request {
    /// Starts a request: `path` holds the arguments for the placeholders of the operation's path, in order.
    ///
    /// # Errors
    ///
    /// An argument that is empty cannot be part of a path.
    pub fn new(info: &'static OperationInfo, path: &[&dyn Argument]) -> Result<Self, InvalidArgument> {
        let path = path::fill(info.path, path).map_err(|(name, reason)| InvalidArgument::new(info, name, reason))?;
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

    /// Says how many things the request holds that the server treats one by one, e.g. receivers of a message: a client that
    /// keeps rate limits counts them where the limit is not one of calls. Unless it is said, one.
    pub fn holds(&mut self, count: usize) {
        self.elements = u32::try_from(count).unwrap_or(u32::MAX);
    }

    /// How many things it holds that are treated one by one.
    #[cfg(feature = "rate-limit")]
    pub(crate) fn elements(&self) -> u32 {
        self.elements
    }

    /// A request to an address that the server gave, on whatever host. The operation must not send the token.
    #[cfg(feature = "client")]
    pub(crate) fn link(info: &'static OperationInfo, address: &str) -> Result<Self, InvalidArgument> {
        Ok(Self {
            link: Some(address.into()),
            ..Self::new(info, &[])?
        })
    }

    #[cfg(feature = "client")]
    pub(crate) fn address(&self) -> Option<&str> {
        self.link.as_deref()
    }

    /// The same request for the part of a file from this byte on, if the file is still the same.
    #[cfg(feature = "client")]
    pub(crate) fn from_byte(&self, start: u64, same: &HeaderValue) -> Self {
        let mut request = self.clone();
        if let Ok(range) = HeaderValue::try_from(format!("bytes={start}-")) {
            request.headers.extend([(RANGE, range), (IF_RANGE, same.clone())]);
        }
        request
    }

    /// How many bytes the body has, where it is in memory.
    #[cfg(feature = "client")]
    pub(crate) fn body_length(&self) -> u64 {
        self.body.json.as_ref().map_or(0, |json| json.len() as u64)
    }

    /// Adds a query parameter, unless there is no value.
    ///
    /// # Errors
    ///
    /// An element of a list cannot be empty or hold a comma.
    pub fn query(&mut self, name: &str, value: &dyn Argument) -> Result<(), InvalidArgument> {
        let before = self.query.len();
        self.query.push_str(if before == 0 { "" } else { "&" });
        self.query.extend(path::encode_text(name));
        self.query.push('=');
        let encoded = path::encode(&mut self.query, value, ",");
        if !matches!(encoded, Ok(true)) {
            self.query.truncate(before);
        }
        encoded.map(drop).map_err(|reason| self.refuse(name, reason))
    }

    /// Adds a header, unless there is no value.
    ///
    /// # Errors
    ///
    /// A header cannot hold control characters, nor an element of a list a comma.
    pub fn header(&mut self, name: &'static str, value: &dyn Argument) -> Result<(), InvalidArgument> {
        let Some(text) = joined(value).map_err(|reason| self.refuse(name, reason))? else {
            return Ok(());
        };
        let header = HeaderName::from_bytes(name.as_bytes());
        let (Ok(header), Ok(mut text)) = (header, HeaderValue::from_bytes(text.as_bytes())) else {
            return Err(self.refuse(name, Reason::HeaderText));
        };
        text.set_sensitive(value.is_secret());
        self.headers.push((header, text));
        Ok(())
    }

    /// Sets a JSON body.
    ///
    /// # Errors
    ///
    /// A value whose own `Serialize` fails cannot be sent.
    pub fn json(&mut self, body: &(impl Serialize + ?Sized)) -> Result<(), InvalidArgument> {
        let json = serde_json::to_vec(body).map_err(|error| self.refuse("body", Reason::NotJson(error.to_string())))?;
        self.body.json = Some(json.into());
        Ok(())
    }

    /// Adds a field to a form, unless there is no value.
    ///
    /// # Errors
    ///
    /// An element of a list cannot hold a comma.
    pub fn form_field(&mut self, name: &str, value: &dyn Argument) -> Result<(), InvalidArgument> {
        let text = joined(value).map_err(|reason| self.refuse(name, reason))?;
        self.body
            .form
            .get_or_insert_default()
            .extend(text.iter().map(|text| (name, text.as_str())));
        Ok(())
    }

    /// Makes a form of the entries of a map.
    pub fn form_entries<'v>(&mut self, entries: impl IntoIterator<Item = (&'v String, &'v String)>) {
        self.body
            .form
            .get_or_insert_default()
            .extend(entries.into_iter().map(|(name, value)| (name.as_str(), value.as_str())));
    }

    /// Adds a part to a multipart form, unless there is no value.
    ///
    /// # Errors
    ///
    /// An element of a list cannot hold a comma.
    pub fn part(&mut self, name: &'static str, value: &dyn Argument) -> Result<(), InvalidArgument> {
        let text = joined(value).map_err(|reason| self.refuse(name, reason))?;
        let parts = self.body.multipart.get_or_insert_default();
        if let Some(text) = text {
            parts.text(name, text);
        }
        Ok(())
    }

    /// Adds a file to a multipart form, unless there is none.
    ///
    /// # Errors
    ///
    /// The file's media type cannot hold control characters.
    pub fn file<'f>(&mut self, name: &'static str, file: impl Into<Option<&'f File>>) -> Result<(), InvalidArgument> {
        let info = self.info;
        let parts = self.body.multipart.get_or_insert_default();
        match file.into() {
            Some(file) => parts
                .file(name, file)
                .map_err(|reason| InvalidArgument::new(info, name, reason)),
            None => Ok(()),
        }
    }

    /// What is known about the operation.
    #[must_use]
    pub fn info(&self) -> &'static OperationInfo {
        self.info
    }

    /// The path and query below the base path, encoded.
    #[must_use]
    pub fn target(&self) -> String {
        let path = &self.path.path;
        if self.query.is_empty() {
            path.clone()
        } else {
            format!("{path}?{}", self.query)
        }
    }

    /// The request as an `http` type, for any transport.
    ///
    /// # Errors
    ///
    /// The content of a file must be in memory, and the token and URL must be fit to be sent.
    pub fn to_http(&self, target: &Target) -> Result<http::Request<Bytes>, Error> {
        let (media_type, body) = match &self.body.multipart {
            Some(form) => self.whole(form)?,
            None => self.simple_body(),
        };
        let token = target.token().map(authorization).transpose()?;
        let mut request = http::Request::new(body.unwrap_or_default());
        *request.method_mut() = self.info.method.clone();
        *request.uri_mut() = self
            .url(target)
            .parse()
            .map_err(|error: http::uri::InvalidUri| self.unsendable(error))?;
        *request.headers_mut() = self.all_headers(token.as_ref(), media_type);
        Ok(request)
    }

    /// Media type and content of a form whose content is in memory.
    fn whole(&self, form: &Multipart) -> Result<(Option<HeaderValue>, Option<Bytes>), Error> {
        let (boundary, pieces) = form.pieces();
        let mut whole = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Bytes(bytes) => whole.extend_from_slice(&bytes),
                #[cfg(feature = "client")]
                Piece::Content(Content::Bytes(bytes), _) => whole.extend_from_slice(&bytes),
                #[cfg(feature = "client")]
                Piece::Content(..) => return Err(self.refuse("file", Reason::NotInMemory).into()),
            }
        }
        let media_type = HeaderValue::try_from(Multipart::media_type(&boundary));
        Ok((
            Some(media_type.map_err(|error| self.unsendable(error))?),
            Some(whole.into()),
        ))
    }

    pub(crate) fn url(&self, target: &Target) -> String {
        format!("{}{}", target.url(), self.target())
    }

    /// The parameter whose value is `.` or `..`.
    #[cfg(feature = "reqwest")]
    pub(crate) fn dots(&self) -> Option<&'static str> {
        self.path.dots
    }

    #[cfg(feature = "client")]
    pub(crate) fn multipart(&self) -> Option<&Multipart> {
        self.body.multipart.as_deref()
    }

    /// Whether it can be sent once more: the content of a reader cannot.
    #[cfg(feature = "client")]
    pub(crate) fn is_replayable(&self) -> bool {
        self.body.multipart.as_ref().is_none_or(|form| form.is_replayable())
    }

    /// The path below the base path `base`.
    #[cfg(feature = "client")]
    pub(crate) fn path_below(&self, base: &str) -> String {
        // Room for the query too, which may follow.
        let mut path = String::with_capacity(base.len() + self.path.path.len() + self.query.len() + 1);
        path.extend([base, &self.path.path]);
        path
    }

    /// The query, encoded, if there is any.
    #[cfg(feature = "client")]
    pub(crate) fn query_text(&self) -> Option<&str> {
        (!self.query.is_empty()).then_some(&*self.query)
    }

    /// Media type and content of a body that is in memory anyway.
    pub(crate) fn simple_body(&self) -> (Option<HeaderValue>, Option<Bytes>) {
        match (&self.body.json, &self.body.form) {
            (Some(json), _) => (Some(JSON), Some(json.clone())),
            (None, Some(form)) => (Some(FORM), Some(form.encoded().into())),
            (None, None) => (None, None),
        }
    }

    /// `token` is the value of the header that shows it.
    pub(crate) fn all_headers(&self, token: Option<&HeaderValue>, media_type: Option<HeaderValue>) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(self.headers.len() + 4);
        headers.insert(ACCEPT, if self.info.bytes { ANYTHING } else { JSON });
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        if let Some(media_type) = media_type {
            headers.insert(CONTENT_TYPE, media_type);
        }
        if let (true, Some(auth), Some(token)) = (self.info.authenticated, &API.auth, token) {
            headers.insert(&auth.header, token.clone());
        }
        headers
    }

    pub(crate) fn refuse(&self, argument: &str, reason: Reason) -> InvalidArgument {
        At::new(self.info).key(argument).refuse(reason)
    }

    pub(crate) fn unsendable(&self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        TransportError::new(self.info, TransportKind::Request, error).into()
    }
}

/// Shows the operation alone: paths, headers and bodies may hold what must not be printed.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({}: {} {})", self.info.id, self.info.method, self.info.path)
    }
}

/// The value of the header that shows a token.
pub(crate) fn authorization(token: &Secret) -> Result<HeaderValue, ConfigError> {
    let prefix = API.auth.as_ref().map_or("", |auth| auth.prefix);
    if token.expose().is_empty() {
        return Err(ConfigError::Token);
    }
    let text = format!("{prefix}{}", token.expose());
    let mut value = HeaderValue::try_from(text).map_err(|_| ConfigError::Token)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The text of an argument, the elements of a list joined by commas.
fn joined(argument: &dyn Argument) -> Result<Option<String>, Reason> {
    let mut texts = Vec::new();
    argument.each(&mut |text| texts.push(text.to_owned()));
    if argument.is_list() && texts.iter().any(|text| text.contains(',')) {
        return Err(Reason::Comma);
    }
    Ok(if texts.is_empty() { None } else { Some(texts.join(",")) })
}
