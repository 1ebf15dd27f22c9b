//! The circumstances of a call.

use super::operation::{Operation, Segment};
use super::service::Service;
use crate::api::BASE;
use crate::behaviour::App;

/// The circumstances of a call that are not arguments of its operation.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The operation. `None` if the error occurs before it is known.
    pub operation: Option<&'static Operation>,
    /// The HTTP method.
    pub method: &'a str,
    /// The base URL of the server, without a trailing slash.
    pub origin: &'a str,
    /// The values of the parameters in the base path.
    pub tenant: &'a [String],
    /// The path below the base path, without the query string.
    pub path: &'a str,
    /// The parameters of the query string.
    pub query: &'a [(String, String)],
    /// The token.
    pub token: Option<&'a str>,
    /// The time, in milliseconds since 1970.
    pub now: i64,
    /// The settings.
    pub settings: &'a <App as Service>::Settings,
}

impl Call<'_> {
    /// Returns the URL of a path below the base path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin, base_path(self.tenant))
    }
}

/// Returns the base path of an app.
pub(crate) fn base_path(tenant: &[String]) -> String {
    let mut values = tenant.iter();
    let segments = BASE.iter().map(|segment| match segment {
        Segment::Literal(literal) => *literal,
        Segment::Param(_) => values.next().map_or("", String::as_str),
    });
    segments.flat_map(|segment| ["/", segment]).collect()
}
