//! The parts of the behaviour that belong to no operation.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::answer::Blob;
use super::call::Call;
use super::failure::Failure;
use super::ids::Ids;
// @if webhooks
use super::outbox::Outbox;
// @end
use super::overview::Overview;
use super::shape::Violation;
// @if webhooks
use super::webhook::WebhookRules;
// @end
use crate::api::{Envelope, ErrorBody};
use crate::errors::Known;

/// The behaviour of an app beside its operations. Each app has its own state.
pub trait Service: Serialize + DeserializeOwned + Send + Sized {
    /// The settings of all apps, such as features that are on or off. They are an object in JSON, and [`NoSettings`] if there are none.
    ///
    /// [`NoSettings`]: super::NoSettings
    type Settings: Debug + Clone + Default + Serialize + DeserializeOwned + Send + Sync + 'static;

    /// The default values of the parameters in the base path.
    const TENANT: &'static [&'static str];

    /// The default credentials.
    const CREDENTIALS: &'static [&'static str];

    // @if webhooks
    /// The rules by which webhooks are delivered.
    const WEBHOOKS: WebhookRules;
    // @end

    /// Creates an app without data.
    fn new(setup: Setup) -> Self;

    /// Takes over the values of the parameters in the base path and the credentials, after the state was loaded. Default: does
    /// nothing, for a state that does not contain them.
    fn adopt(&mut self, setup: &Setup) {
        let _ = setup;
    }

    /// Adds the data that the samples of the docs expect.
    fn add_examples(&mut self, now: i64);

    /// Returns the environment variables with which examples and samples reach the app, given the base URL.
    fn environment(setup: &Setup, origin: &str) -> Vec<(&'static str, String)>;

    /// Checks the token of an operation that requires one.
    ///
    /// # Errors
    ///
    /// Returns an error if the token is not accepted.
    fn authenticate(&self, call: &Call<'_>) -> Result<(), Failure>;

    /// Returns the fields that a response contains beside the result. `count` is the length of the list in it.
    fn envelope(&self, call: &Call<'_>, count: Option<usize>) -> Envelope;

    /// Returns the body of an error response.
    fn error_body(call: &Call<'_>, failure: &Failure) -> ErrorBody;

    /// Returns the error for a condition that is not specific to an operation. `documented` are the errors of the operation;
    /// empty if it is not known.
    fn general_error(condition: Condition, documented: &[Known]) -> Known;

    /// Decides about a value that does not match its type.
    fn judge(violation: &Violation<'_>) -> Verdict;

    /// Returns the file at a path outside of the API, to which results link.
    fn linked_file(&self, call: &Call<'_>) -> Option<Blob>;

    /// Returns what the web page shows of the state. Default: nothing; the page then only shows the state as JSON.
    fn overview(&self) -> Overview {
        Overview::default()
    }

    // @if webhooks
    /// Returns the webhooks of the app.
    fn outbox(&mut self) -> &mut Outbox;

    /// Returns a new ID of a webhook.
    fn webhook_id(&mut self) -> String;
    // @end

    /// Lets all tokens expire.
    fn expire_tokens(&mut self, now: i64);
}

/// The names and credentials that an app starts with.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The values of the parameters in the base path.
    pub tenant: Vec<String>,
    /// The credentials, in the order of the client's builder.
    pub credentials: Vec<String>,
    /// The source of identifiers.
    pub ids: Ids,
}

/// A condition that is not specific to an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// The app does not exist.
    UnknownApp,
    /// No operation has this path.
    UnknownPath,
    /// No operation with this path has this method.
    UnknownMethod,
    /// A rate limit is exceeded.
    TooManyRequests,
    /// The body has the wrong media type.
    WrongMediaType,
    /// The body cannot be parsed.
    MalformedBody,
    /// The body is too large.
    BodyTooLarge,
}

/// The treatment of a value that does not match its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The request fails with this error.
    Reject(Known),
    /// A number is replaced by the bound that it exceeds.
    Clamp,
    /// The value is accepted.
    Accept,
}
