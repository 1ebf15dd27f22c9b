//! Failures that the server simulates.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::operation::Operation;
use crate::api::ROUTES;
use crate::errors::Known;

/// Maximum number of faults at a time.
const FAULTS: usize = 1000;

/// Maximum delay in milliseconds: an hour.
const DELAY: u64 = 3_600_000;

/// A failure that the server simulates in the next call. The methods limit it to an operation, or extend it to more calls.
///
/// Calls are only counted if their token is accepted and their operation is known. The operation then has no effect, unless
/// [`takes_effect`](Self::takes_effect) says so; only delayed and truncated responses are those of operations that took effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct Fault {
    fault: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fraction: Option<f64>,
    #[serde(default)]
    delay_ms: u64,
    #[serde(default)]
    takes_effect: bool,
}

/// The kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// An error response.
    Status,
    /// The connection is closed without a response.
    Drop,
    /// The connection is closed in the middle of the response.
    Truncate,
    /// There is no response, and the connection stays open.
    Silence,
    /// A response that is not JSON.
    Garbage,
    /// The response is late.
    Delay,
}

impl Kind {
    /// Returns the name in JSON.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Drop => "drop",
            Self::Truncate => "truncate",
            Self::Silence => "silence",
            Self::Garbage => "garbage",
            Self::Delay => "delay",
        }
    }
}

impl Fault {
    fn new(fault: Kind) -> Self {
        Self {
            fault,
            status: None,
            code: None,
            operation: None,
            times: None,
            fraction: None,
            delay_ms: 0,
            takes_effect: false,
        }
    }

    /// Responds with this status, between 400 and 599. The body is a documented error with this status, preferably one of the
    /// operation; if there is none, a line of text.
    pub fn status(status: u16) -> Self {
        Self {
            status: Some(status),
            ..Self::new(Kind::Status)
        }
    }

    /// Responds with a documented error.
    pub fn error(error: Known) -> Self {
        Self {
            code: Some(error.code().to_owned()),
            ..Self::status(error.status())
        }
    }

    /// Closes the connection without a response.
    pub fn drop_connection() -> Self {
        Self::new(Kind::Drop)
    }

    /// Closes the connection in the middle of the body of the response.
    pub fn truncate_body() -> Self {
        Self::new(Kind::Truncate)
    }

    /// Never responds, and keeps the connection open.
    pub fn silence() -> Self {
        Self::new(Kind::Silence)
    }

    /// Responds with status 200 and a body that claims to be JSON and is not.
    pub fn garbage() -> Self {
        Self::new(Kind::Garbage)
    }

    /// Performs the operation after this time, at most an hour.
    pub fn delay(delay: Duration) -> Self {
        Self::new(Kind::Delay).delayed_by(delay)
    }

    /// Waits before the fault, at most an hour.
    pub fn delayed_by(mut self, delay: Duration) -> Self {
        self.delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        self
    }

    /// Limits the fault to an operation, e.g. `users.create`. Default: all operations.
    pub fn operation(mut self, id: impl Into<String>) -> Self {
        self.operation = Some(id.into());
        self
    }

    /// Sets how many calls fail. Default: 1; with [`fraction`](Self::fraction), all until the faults are cleared.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Lets this fraction of the calls fail, chosen at random with the seed of the server. 1 means all.
    pub fn fraction(mut self, fraction: f64) -> Self {
        self.fraction = Some(fraction);
        self
    }

    /// Performs the operation before the response fails, as if the response was lost on the way.
    pub fn takes_effect(mut self) -> Self {
        self.takes_effect = true;
        self
    }

    /// Returns the kind.
    pub(crate) fn kind(&self) -> Kind {
        self.fault
    }

    /// Returns how long to wait.
    pub(crate) fn wait(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }

    /// Returns `true` if the operation is performed.
    pub(crate) fn performs(&self) -> bool {
        self.takes_effect || matches!(self.fault, Kind::Truncate | Kind::Delay)
    }

    /// Returns the status of the response and the documented error that has it.
    pub(crate) fn response(&self, operation: &Operation) -> (u16, Option<Known>) {
        let status = self.status.unwrap_or(500);
        let fits =
            |known: &&Known| known.status() == status && self.code.as_deref().is_none_or(|code| code == known.code());
        let known = operation.errors.iter().chain(Known::ALL).find(fits);
        (status, known.copied())
    }

    fn check(&self) -> Result<(), InvalidFault> {
        let error = |message: String| Err(InvalidFault(message));
        if let Some(id) = &self.operation {
            let mut operations = ROUTES.iter().flat_map(|route| route.operations);
            if !operations.any(|operation| operation.id == id) {
                return error(format!(
                    "there is no operation `{id}`; expected its section and name, as in the journal"
                ));
            }
        }
        let is_status = self.fault == Kind::Status;
        if is_status != self.status.is_some() {
            return error("`status` is expected if the fault is `status`, and only then".to_owned());
        }
        if let Some(status) = self.status.filter(|status| !(400..600).contains(status)) {
            return error(format!("the status is {status}; expected 400 to 599"));
        }
        if let Some(code) = &self.code {
            let mut same = Known::ALL.iter().filter(|known| Some(known.status()) == self.status);
            if !same.any(|known| known.code() == code) {
                return error(format!("no documented error has this status and the code `{code}`"));
            }
        }
        if self.times == Some(0) {
            return error("`times` is 0; expected at least 1".to_owned());
        }
        if self
            .fraction
            .is_some_and(|fraction| !(fraction > 0.0 && fraction <= 1.0))
        {
            return error("`fraction` is out of range; expected more than 0, and at most 1".to_owned());
        }
        if self.delay_ms > DELAY {
            return error(format!("the delay is {} ms; expected at most {DELAY}", self.delay_ms));
        }
        Ok(())
    }
}

/// The reason why a [`Fault`] is not valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidFault(String);

impl fmt::Display for InvalidFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidFault {}

/// The faults to come, in the order in which they apply.
#[derive(Debug)]
pub(crate) struct Faults {
    pending: Vec<Fault>,
    random: fastrand::Rng,
}

impl Faults {
    /// Creates an empty list. Equal seeds choose the same calls.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            pending: Vec::new(),
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// Adds a fault.
    pub(crate) fn add(&mut self, mut fault: Fault) -> Result<(), InvalidFault> {
        fault.check()?;
        if self.pending.len() >= FAULTS {
            return Err(InvalidFault(format!("there are {FAULTS} faults already")));
        }
        if fault.fraction.is_none() {
            fault.times.get_or_insert(1);
        }
        self.pending.push(fault);
        Ok(())
    }

    /// Returns the fault that a call of an operation meets.
    pub(crate) fn take(&mut self, operation: &str) -> Option<Fault> {
        let random = &mut self.random;
        let at = self.pending.iter().position(|fault| {
            fault.operation.as_deref().is_none_or(|id| id == operation)
                && fault.fraction.is_none_or(|fraction| random.f64() < fraction)
        })?;
        let fault = self.pending[at].clone();
        match &mut self.pending[at].times {
            Some(times) if *times > 1 => *times -= 1,
            Some(_) => drop(self.pending.remove(at)),
            None => {}
        }
        Some(fault)
    }

    /// Returns the faults that are not used up.
    pub(crate) fn pending(&self) -> &[Fault] {
        &self.pending
    }

    /// Removes all faults.
    pub(crate) fn clear(&mut self) {
        self.pending.clear();
    }
}
