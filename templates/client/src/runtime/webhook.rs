// @if webhook
//! Reading the bodies of webhooks.

use std::borrow::Cow;
// @if webhook_signature
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use md5::{Digest, Md5};
// @end
use serde::de::DeserializeOwned;
// @if webhook_signature
use subtle::ConstantTimeEq;
// @end

// @if webhook_signature
use super::Secret;
// @end
use super::error::Shown;
use super::json::{self, Step};
// @if webhook_signature
use crate::webhook::SIGNATURE;
// @end

/// A body that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unexpected webhook: {}{reason}", .path.as_ref().map_or_else(String::new, |path| format!("{path}: ")))]
pub struct ParseError {
    path: Option<String>,
    reason: String,
}

impl ParseError {
    fn new(path: String, error: &serde_json::Error) -> Self {
        Self {
            path: Some(path).filter(|path| !path.is_empty()),
            reason: Shown(error.to_string().as_bytes()).to_string(),
        }
    }

    /// Returns the JSON path of the unexpected value; `None` if the body is not valid JSON.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }
}

/// The body of a webhook, with the values by which events are told apart.
pub(crate) struct Received<'b, const N: usize> {
    body: &'b [u8],
    values: [Option<Cow<'b, str>>; N],
}

impl<'b, const N: usize> Received<'b, N> {
    /// Reads the values at these paths. Fails if the body is not valid JSON.
    pub(crate) fn new(body: &'b [u8], paths: [&[Step]; N]) -> Result<Self, ParseError> {
        json::find(body, &[]).map_err(|error| ParseError::new(String::new(), &error))?;
        let values = paths.map(|path| value(body, path));
        Ok(Self { body, values })
    }

    pub(crate) fn values(&self) -> [Option<&str>; N] {
        self.values.each_ref().map(Option::as_deref)
    }

    /// Decodes the body.
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Result<Box<T>, ParseError> {
        let decoded = json::decode(self.body).map(Box::new);
        decoded.map_err(|(path, error)| ParseError::new(path, &error))
    }
}

/// Returns the value at a path as text; `None` if there is none, or it is `null`.
fn value<'b>(body: &'b [u8], path: &[Step]) -> Option<Cow<'b, str>> {
    let found = json::find(body, path).ok()??;
    if found.starts_with('"') {
        return serde_json::from_str(found).ok().map(|json::Key(text)| text);
    }
    (found != "null").then_some(Cow::Borrowed(found))
}
// @end

// @if webhook_signature
/// How the server signs webhooks.
pub(crate) struct Signature {
    /// The key of the digest.
    pub(crate) key: &'static str,
    /// The parts of the text of which the signature is the digest.
    pub(crate) parts: &'static [SignedPart],
    /// The key of the time of signing, in milliseconds.
    pub(crate) time: &'static str,
}

/// A part of the text of which the signature is the digest.
pub(crate) enum SignedPart {
    /// The value of this key.
    Key(&'static str),
    /// The secret.
    Secret,
}

/// Checks the signatures of webhooks.
#[derive(Debug, Clone)]
pub struct Verifier {
    secrets: Vec<Secret>,
    tolerance: Duration,
}

impl Verifier {
    /// Makes a verifier that accepts webhooks signed with this secret.
    pub fn new(secret: impl Into<Secret>) -> Self {
        Self {
            secrets: vec![secret.into()],
            tolerance: Duration::from_secs(300),
        }
    }

    /// Also accepts webhooks signed with this secret, e.g. that of another rule, or the next one during a rotation.
    #[must_use]
    pub fn or(mut self, secret: impl Into<Secret>) -> Self {
        self.secrets.push(secret.into());
        self
    }

    /// Sets by how much the time of signing can differ from the clock. Default: 5 minutes.
    #[must_use]
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Checks the signature of a body, and that it was signed recently.
    ///
    /// # Errors
    ///
    /// Fails if the body has no signature, a wrong one, or was signed too long ago.
    pub fn verify(&self, body: &[u8]) -> Result<(), VerifyError> {
        self.verify_at(body, SystemTime::now())
    }

    /// Checks the signature of a body at another time than now.
    ///
    /// # Errors
    ///
    /// As for [`verify`](Self::verify).
    pub fn verify_at(&self, body: &[u8], now: SystemTime) -> Result<(), VerifyError> {
        let signature = text(body, SIGNATURE.key)?.to_ascii_lowercase();
        // All secrets are tried, so that the time does not tell which one fits.
        let mut is_genuine = false;
        for secret in &self.secrets {
            let digest = digest(body, secret)?;
            is_genuine |= bool::from(digest.as_bytes().ct_eq(signature.as_bytes()));
        }
        if !is_genuine {
            return Err(VerifyError::Forged);
        }
        let time = text(body, SIGNATURE.time)?.parse();
        let time = UNIX_EPOCH.checked_add(Duration::from_millis(time.map_err(|_| VerifyError::Unsigned)?));
        let time = time.ok_or(VerifyError::Expired)?;
        let age = now.duration_since(time).unwrap_or_else(|error| error.duration());
        if age > self.tolerance {
            return Err(VerifyError::Expired);
        }
        Ok(())
    }
}

/// Returns the signature that a body has if it is signed with this secret.
fn digest(body: &[u8], secret: &Secret) -> Result<String, VerifyError> {
    let mut md5 = Md5::new();
    for part in SIGNATURE.parts {
        match part {
            SignedPart::Key(key) => md5.update(text(body, key)?),
            SignedPart::Secret => md5.update(secret.expose()),
        }
    }
    Ok(format!("{:x}", Bytes::copy_from_slice(&md5.finalize())))
}

/// Returns the string or number of a key as text.
fn text(body: &[u8], key: &'static str) -> Result<String, VerifyError> {
    json::text(body, &[Step::Key(key)]).ok_or(VerifyError::Unsigned)
}

/// The reason why a webhook is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The body has no signature, or lacks a value that is signed.
    #[error("the webhook is not signed")]
    Unsigned,
    /// The signature is wrong: the body does not come from the server, or was signed with another secret.
    #[error("the signature of the webhook is wrong")]
    Forged,
    /// The time of signing differs from the clock by more than the tolerance.
    #[error("the webhook was signed too long ago, or the clocks differ")]
    Expired,
}
// @end
