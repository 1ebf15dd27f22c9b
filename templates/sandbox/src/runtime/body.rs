//! The body of a request.

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde_json::Value;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::operation::BodyKind;
use super::service::Condition;

/// Maximum total size of the bodies that the server is receiving, in bytes.
pub(crate) const RECEIVING: usize = 512 * 1024 * 1024;

/// The reason why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is larger than the limit.
    TooLarge,
    /// The connection ended.
    Incomplete,
    /// The server is receiving too many others.
    Busy,
}

/// Reads a body. It counts towards the bodies that the server is receiving until the permit is dropped.
pub(crate) async fn read<'a>(
    receiving: &'a Semaphore,
    body: &mut Incoming,
    limit: usize,
) -> Result<(Bytes, Option<SemaphorePermit<'a>>), Unread> {
    let mut content = BytesMut::new();
    let mut held: Option<SemaphorePermit<'a>> = None;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Unread::Incomplete)?.into_data() else {
            continue;
        };
        if content.len() + data.len() > limit {
            return Err(Unread::TooLarge);
        }
        let size = u32::try_from(data.len()).map_err(|_| Unread::TooLarge)?;
        let permit = receiving.try_acquire_many(size).map_err(|_| Unread::Busy)?;
        match &mut held {
            Some(held) => held.merge(permit),
            None => held = Some(permit),
        }
        content.extend_from_slice(&data);
    }
    Ok((content.freeze(), held))
}

/// The parsed body of a request.
#[derive(Debug)]
pub(crate) enum Body {
    /// None.
    None,
    /// JSON.
    Json(Value),
    /// The fields of a form.
    Form(Vec<(String, String)>),
    /// The parts of a multipart form.
    Multipart(Vec<(String, Upload)>),
}

/// A file in a multipart form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Upload {
    /// The file name.
    pub name: String,
    /// The media type; empty if the request does not state it.
    pub media_type: String,
    /// The content.
    pub content: Bytes,
}

/// Parses the body of a request to operations with these kinds of bodies.
pub(crate) async fn parse(
    kinds: impl Iterator<Item = BodyKind> + Clone,
    headers: &HeaderMap,
    content: Bytes,
) -> Result<Body, Condition> {
    if kinds.clone().all(|kind| kind == BodyKind::None) {
        return Ok(Body::None);
    }
    let media_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let is_expected = kinds
        .clone()
        .filter_map(BodyKind::media_type)
        .any(|expected| expected.eq_ignore_ascii_case(essence));
    if !is_expected {
        let is_optional = content.is_empty() && kinds.into_iter().any(|kind| kind == BodyKind::None);
        return if is_optional {
            Ok(Body::None)
        } else {
            Err(Condition::WrongMediaType)
        };
    }
    match essence.to_ascii_lowercase().as_str() {
        "application/json" => {
            let value = serde_json::from_slice(&content).map_err(|_| Condition::MalformedBody)?;
            Ok(Body::Json(value))
        }
        "application/x-www-form-urlencoded" => {
            let fields = form_urlencoded::parse(&content);
            Ok(Body::Form(
                fields
                    .map(|(key, value)| (key.into_owned(), value.into_owned()))
                    .collect(),
            ))
        }
        _ => multipart(media_type, content)
            .await
            .map(Body::Multipart)
            .ok_or(Condition::MalformedBody),
    }
}

async fn multipart(media_type: &str, content: Bytes) -> Option<Vec<(String, Upload)>> {
    let boundary = multer::parse_boundary(media_type).ok()?;
    let stream = futures_util::stream::once(std::future::ready(Ok::<_, std::convert::Infallible>(content)));
    let mut parts = multer::Multipart::new(stream, boundary);
    let mut out = Vec::new();
    while let Some(part) = parts.next_field().await.ok()? {
        let key = part.name().unwrap_or_default().to_owned();
        let name = part.file_name().unwrap_or_default().to_owned();
        let media_type = part.content_type().map(ToString::to_string).unwrap_or_default();
        let content = part.bytes().await.ok()?;
        out.push((
            key,
            Upload {
                name,
                media_type,
                content,
            },
        ));
    }
    Some(out)
}
