//! Shared by all operations: the [`Operation`] trait, requests and responses, errors, and the client.
//!
//! Nothing here depends on a particular operation. Only the client and the types that it returns do I/O.

pub(crate) mod args;
pub(crate) mod check;
mod error;
mod file;
mod free_form;
pub(crate) mod json;
pub(crate) mod macros;
mod operation;
pub(crate) mod path;
pub(crate) mod request;
mod secret;
mod split;
mod target;
mod time;
mod unrecognized;
pub(crate) mod wire;

// @if not_done
mod done;
// @end

// @if webhook
#[cfg(feature = "webhooks")]
pub(crate) mod webhook;
// @end

#[cfg(feature = "client")]
mod client;
pub(crate) mod paging;

// @if auth
pub(crate) use operation::AuthInfo;
// @end

// @if recorded
#[cfg(feature = "client")]
pub use client::{LineError, Records};
// @end

pub use args::Span;
#[cfg(feature = "rate-limit")]
pub use client::RateLimits;
#[cfg(feature = "blocking")]
pub use client::blocking;
#[cfg(feature = "client")]
pub use client::{
    Batch, Batches, Body, Builder, CallOptions, Client, Download, Items, Opening, RetryPolicy, Sending, Token,
    TokenFuture, TokenProvider, Transport, TransportFuture,
};
pub use error::{Error, ErrorKind, Excess, Reason};
pub use file::File;
pub use free_form::Json;
pub use json::Step;
pub(crate) use operation::ApiInfo;
pub use operation::{KnownError, Operation, OperationInfo, RateLimit, RawResponse, Response};
pub use paging::{Elements, Paged};
pub use request::{Argument, Request};
pub use secret::Secret;
pub use split::Splittable;
pub use target::Target;
pub use time::{Millis, Seconds, TimestampMillis, TimestampSeconds};
pub use unrecognized::Unrecognized;
