//! The state of the server.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use super::clock::Clock;
// @if webhooks
use super::dispatch::Dispatcher;
// @end
use super::fault::{Fault, Faults, InvalidFault};
use super::journal::{Calls, Entry};
use super::limiter::Limiter;
use super::recent::Recent;
use super::service::{Service, Setup};
use super::settings::{InvalidSetting, changed};
use crate::behaviour::App;

/// The settings of all apps.
pub(crate) type Settings = <App as Service>::Settings;

/// Time after its last request in which the web page counts as open. Browsers delay the requests of pages in the background.
const WATCHED: Duration = Duration::from_secs(90);

/// The state of the server.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The apps, by the values of the parameters in the base path.
    pub(crate) apps: HashMap<Vec<String>, Mutex<Tenant>>,
    /// The names and credentials that each app starts with.
    pub(crate) setups: Vec<Setup>,
    /// The clock of all apps.
    pub(crate) clock: Clock,
    /// The settings with which the server starts.
    pub(crate) first_settings: Arc<Settings>,
    /// The settings of the next calls.
    pub(crate) settings: Mutex<Arc<Settings>>,
    /// Whether rate limits apply.
    pub(crate) rate_limits: bool,
    /// Whether each app starts with data that has the names and IDs of the samples in the docs.
    pub(crate) example_data: bool,
    /// Time in which a client must send the headers, and then the body.
    pub(crate) read_timeout: Duration,
    /// The base URL, without a trailing slash.
    pub(crate) origin: String,
    /// The last calls.
    pub(crate) journal: Mutex<Recent<Entry>>,
    /// Maximum number of bytes of each body in the journal.
    pub(crate) recorded_body: usize,
    /// The last time at which the web page was open.
    pub(crate) watched: Mutex<Option<Instant>>,
    /// Limits the total size of the bodies that are being received: a permit for each byte.
    pub(crate) receiving: Semaphore,
    /// The faults to come.
    pub(crate) faults: Mutex<Faults>,
    // @if webhooks
    /// The webhooks.
    pub(crate) webhooks: Dispatcher,
    // @end
    /// Counts the calls that may have changed an app.
    pub(crate) changes: AtomicU64,
}

/// An app and its use of the rate limits.
#[derive(Debug)]
pub(crate) struct Tenant {
    /// The state of the app.
    pub(crate) app: App,
    /// The calls in the current periods.
    pub(crate) limiter: Limiter,
}

impl Tenant {
    /// Creates an app as the server starts with it.
    pub(crate) fn new(setup: &Setup, example_data: bool, now: i64) -> Self {
        let mut app = App::new(setup.clone());
        if example_data {
            app.add_examples(now);
        }
        // @if webhooks
        drop(app.outbox().take());
        // @end
        Self::with(app)
    }

    /// Creates an app with a state.
    pub(crate) fn with(app: App) -> Self {
        Self {
            app,
            limiter: Limiter::default(),
        }
    }
}

impl Shared {
    /// Returns the app with these values in the base path.
    pub(crate) fn tenant(&self, tenant: &[String]) -> Option<MutexGuard<'_, Tenant>> {
        self.apps.get(tenant).map(lock)
    }

    /// Notes that the web page is open.
    pub(crate) fn watch(&self) {
        *lock(&self.watched) = Some(Instant::now());
    }

    /// Returns `true` if the web page is open.
    pub(crate) fn is_watched(&self) -> bool {
        lock(&self.watched).is_some_and(|last| last.elapsed() < WATCHED)
    }

    /// Notes that an app may have changed.
    pub(crate) fn changed(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the calls after the one with this number.
    pub(crate) fn calls(&self, after: u64) -> Calls {
        let entries = lock(&self.journal).after(after);
        entries.iter().map(Entry::readable).collect()
    }

    /// Adds a fault.
    pub(crate) fn fail(&self, fault: Fault) -> Result<(), InvalidFault> {
        lock(&self.faults).add(fault)
    }

    /// Changes the settings of the next calls.
    pub(crate) fn configure(&self, change: impl FnOnce(&mut Settings)) {
        change(Arc::make_mut(&mut lock(&self.settings)));
        self.changed();
    }

    /// Replaces some settings of the next calls.
    pub(crate) fn set(&self, changes: Map<String, Value>) -> Result<(), InvalidSetting> {
        let mut settings = lock(&self.settings);
        *settings = Arc::new(changed(&**settings, changes)?);
        self.changed();
        Ok(())
    }

    /// Moves the clock forward.
    pub(crate) fn advance(&self, milliseconds: i64) {
        self.clock.advance(milliseconds);
        self.changed();
    }

    /// Lets all tokens of all apps expire.
    pub(crate) fn expire_tokens(&self) {
        let now = self.clock.now();
        for app in self.apps.values() {
            lock(app).app.expire_tokens(now);
        }
        self.changed();
    }

    /// Restores the settings and the state with which the server started without a state file.
    pub(crate) fn reset(&self) {
        // @if webhooks
        self.webhooks.reset();
        // @end
        lock(&self.settings).clone_from(&self.first_settings);
        self.clock.set_offset(0);
        let now = self.clock.now();
        for setup in &self.setups {
            if let Some(mut tenant) = self.tenant(&setup.tenant) {
                *tenant = Tenant::new(setup, self.example_data, now);
            }
        }
        lock(&self.faults).clear();
        lock(&self.journal).clear();
        self.changed();
    }
}

/// Locks a mutex. A panic while it was locked is reported to the caller whose request caused it, and concerns no other.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
