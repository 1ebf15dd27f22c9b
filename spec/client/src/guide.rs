//! Guides: how to use the client, one topic each.
//!
//! The guides are part of the documentation only. Each sample is compiled as a test.

#![cfg(all(doc, feature = "client"))]

/// Programs without async: the feature `blocking`.
#[doc = include_str!("guide/blocking.md")]
pub mod blocking {}

/// Many calls at once.
#[doc = include_str!("guide/concurrency.md")]
pub mod concurrency {}

/// Matching errors, and deciding whether to send a request again.
#[doc = include_str!("guide/errors.md")]
pub mod errors {}

/// Uploads and downloads.
#[doc = include_str!("guide/files.md")]
pub mod files {}

/// Reading the message history.
#[doc = include_str!("guide/history.md")]
pub mod history {}

/// Rate limits, limits of arguments, and calls without checks.
#[doc = include_str!("guide/limits.md")]
pub mod limits {}

/// Lists in responses and in requests: paging, streams, resuming, batches.
#[doc = include_str!("guide/lists.md")]
pub mod lists {}

/// Operations that this crate does not cover.
#[doc = include_str!("guide/operations.md")]
pub mod operations {}

/// Retries, timeouts, and settings for single calls.
#[doc = include_str!("guide/retries.md")]
pub mod retries {}

/// What you can rely on, and what a new version may change.
#[doc = include_str!("guide/stability.md")]
pub mod stability {}

/// Common tasks: users, messages, groups and chat rooms.
#[doc = include_str!("guide/tasks.md")]
pub mod tasks {}

/// Testing a program that uses the client.
#[doc = include_str!("guide/testing.md")]
pub mod testing {}

/// Obtaining, renewing and sharing tokens.
#[doc = include_str!("guide/tokens.md")]
pub mod tokens {}

/// Spans and events: the feature `tracing`.
#[doc = include_str!("guide/tracing.md")]
pub mod tracing {}

/// Hosts and failover, HTTP clients, custom headers and custom transports.
#[doc = include_str!("guide/transport.md")]
pub mod transport {}

/// Requests and responses without the client.
#[doc = include_str!("guide/without_io.md")]
pub mod without_io {}

/// Receiving webhooks: signatures, events and responses.
#[cfg(feature = "webhooks")]
#[doc = include_str!("guide/webhooks.md")]
pub mod webhooks {}
