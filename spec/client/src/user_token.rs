//! User tokens that are computed locally, without a request: Easemob's dynamic tokens.
//!
//! A user's device logs in with such a token. It is signed with the app's secret, so only your server may create it.
//! To call the API, use an app token: see [`Builder::credentials`](crate::Builder::credentials).
//!
//! ```
//! use std::time::Duration;
//!
//! use easemob::user_token::Signer;
//!
//! let signer = Signer::new("my-org", "my-app", "my client ID", "my client secret");
//! let token = signer.token("alice", Duration::from_secs(600));
//! let to_hand_out: &str = token.expose();
//! assert!(to_hand_out.starts_with("ZHQt"));
//! ```

#![cfg(feature = "user-token")]

use std::fmt::{self, Write as _};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::runtime::{Seconds, Secret, TimestampSeconds};

/// Prefix of every token, before it is encoded.
const KIND: &str = "dt-";

/// Creates tokens for the users of an app.
#[derive(Clone)]
pub struct Signer {
    app_key: String,
    client_id: String,
    client_secret: Secret,
}

/// The content of a token.
#[derive(Serialize)]
struct Claims<'a> {
    signature: String,
    appkey: &'a str,
    #[serde(rename = "userId")]
    user_id: &'a str,
    #[serde(rename = "curTime")]
    start: TimestampSeconds,
    ttl: Seconds,
}

impl Signer {
    /// Makes a signer from the names of an app and its credentials, as shown in the console.
    pub fn new(
        org_name: impl fmt::Display,
        app_name: impl fmt::Display,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> Self {
        Self {
            app_key: format!("{org_name}#{app_name}"),
            client_id: client_id.into(),
            client_secret: client_secret.into(),
        }
    }

    /// Returns a token for a user that is valid from now on for `lifetime`, in whole seconds. Keep it short: the server does not
    /// know the token before it is used.
    #[must_use]
    pub fn token(&self, user_id: &str, lifetime: Duration) -> Secret {
        self.token_at(user_id, lifetime, SystemTime::now())
    }

    /// Returns a token for a user that is valid from `start` on for `lifetime`.
    #[must_use]
    pub fn token_at(&self, user_id: &str, lifetime: Duration, start: SystemTime) -> Secret {
        let (start, ttl) = (TimestampSeconds::from(start), Seconds::from(lifetime));
        let claims = Claims {
            signature: self.signature(user_id, start, ttl),
            appkey: &self.app_key,
            user_id,
            start,
            ttl,
        };
        // Serializing strings and integers never fails.
        let json = serde_json::to_string(&claims).unwrap_or_default();
        Secret::new(URL_SAFE.encode(format!("{KIND}{json}")))
    }

    fn signature(&self, user_id: &str, start: TimestampSeconds, ttl: Seconds) -> String {
        let mut hash = Sha256::new();
        for part in [&self.client_id, &self.app_key, user_id] {
            hash.update(part);
        }
        hash.update(format!("{}{}", start.0, ttl.0));
        hash.update(self.client_secret.expose());
        hash.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a `String` never fails.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("app_key", &self.app_key)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with Python, independent of this module:
    ///
    /// ```text
    /// sig = hashlib.sha256((client_id + app_key + user + "1686207557" + "600" + secret).encode()).hexdigest()
    /// base64.urlsafe_b64encode(f'dt-{{"signature":"{sig}","appkey":"{app_key}",…}}'.encode())
    /// ```
    const KNOWN: [(&str, &str); 2] = [
        (
            "alice",
            "ZHQteyJzaWduYXR1cmUiOiIxMGRhOGJlNTRkYzJiOGIzMmMxMjhkOGJjZDk2NTBiYWVkNTJlMDU3MDQ2Mjg5MmI1ZDg2ZDgyZWM3YjhkNzk3Ii\
             wiYXBwa2V5IjoibXktb3JnI215LWFwcCIsInVzZXJJZCI6ImFsaWNlIiwiY3VyVGltZSI6MTY4NjIwNzU1NywidHRsIjo2MDB9",
        ),
        (
            "环信~>?",
            "ZHQteyJzaWduYXR1cmUiOiI3NmFjNTg0MjhlNTM1YWRlNmYxYTk0NjgzY2Y0NGRmNmJmMTQyZDQzN2RmOGM1MTQ0MWY1ZGZlNjZjYzhmMWI3Ii\
             wiYXBwa2V5IjoibXktb3JnI215LWFwcCIsInVzZXJJZCI6IueOr-S_oX4-PyIsImN1clRpbWUiOjE2ODYyMDc1NTcsInR0bCI6NjAwfQ==",
        ),
    ];

    fn signer() -> Signer {
        Signer::new("my-org", "my-app", "YXA6client", "YXA6secret")
    }

    #[test]
    fn tokens_equal_those_of_another_implementation() {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_686_207_557);
        for (user, token) in KNOWN {
            let made = signer().token_at(user, Duration::from_millis(600_999), start);
            assert_eq!(made.expose(), token);
        }
    }

    #[test]
    fn neither_secret_nor_token_is_printed() {
        let signer = signer();
        let token = signer.token("alice", Duration::from_secs(600));
        let printed = format!("{signer:?} {token:?}");
        assert!(!printed.contains("YXA6secret") && !printed.contains(token.expose()));
    }
}
