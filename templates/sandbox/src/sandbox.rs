//! Starting and stopping the server.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
// @if webhooks
use std::ops::Range;
// @end
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

// @if webhooks
use serde::Serialize;
// @end
use serde_json::Map;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, oneshot};

use crate::behaviour::App;
use crate::runtime::call::base_path;
use crate::runtime::clock::Clock;
// @if webhooks
use crate::runtime::dispatch::{Dispatcher, Target, deliver};
// @end
use crate::runtime::fault::Faults;
use crate::runtime::server::serve;
use crate::runtime::settings::{changed, value};
use crate::runtime::shared::{Settings, Shared, Tenant, lock};
use crate::runtime::state::{self, Keeper};
use crate::runtime::{Calls, Fault, Ids, InvalidFault, InvalidSetting, Service as _, Setup, body, control, journal};
// @if webhooks
use crate::runtime::{InvalidWebhook, StoredWebhook, WebhookFault, Webhooks};
// @end

/// A running server. It stops when it is dropped.
#[derive(Debug)]
pub struct Sandbox {
    shared: Arc<Shared>,
    keeper: Option<Keeper>,
    /// Dropping it stops the server.
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

/// Settings of a [`Sandbox`].
#[derive(Debug, Clone)]
#[must_use]
pub struct Builder {
    address: SocketAddr,
    apps: Vec<(Vec<String>, Vec<String>)>,
    credentials: Vec<String>,
    seed: Option<u64>,
    clock: Option<i64>,
    settings: Settings,
    rate_limits: bool,
    example_data: bool,
    state_file: Option<PathBuf>,
    read_timeout: Duration,
    recorded_body: usize,
    // @if webhooks
    webhook: Option<(String, String)>,
    // @end
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            apps: Vec::new(),
            credentials: App::CREDENTIALS.iter().map(|&text| text.to_owned()).collect(),
            seed: None,
            clock: None,
            settings: Settings::default(),
            rate_limits: false,
            example_data: false,
            state_file: None,
            read_timeout: Duration::from_secs(30),
            recorded_body: journal::BODY,
            // @if webhooks
            webhook: None,
            // @end
        }
    }
}

impl Builder {
    /// Sets the address. Default: a free port of `127.0.0.1`.
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Adds an app: the values of the parameters in the base path, and the credentials. Without credentials, it has those set with
    /// [`credentials`](Self::credentials). Default: one app.
    pub fn app<T: Into<String>, C: Into<String>>(
        mut self,
        tenant: impl IntoIterator<Item = T>,
        credentials: impl IntoIterator<Item = C>,
    ) -> Self {
        let tenant = tenant.into_iter().map(Into::into).collect();
        self.apps
            .push((tenant, credentials.into_iter().map(Into::into).collect()));
        self
    }

    /// Sets the credentials of apps that have none of their own.
    pub fn credentials<C: Into<String>>(mut self, credentials: impl IntoIterator<Item = C>) -> Self {
        self.credentials = credentials.into_iter().map(Into::into).collect();
        self
    }

    /// Makes all identifiers and tokens reproducible.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Stops the clock at this time, in milliseconds since 1970. Default: the clock of the system.
    pub fn clock(mut self, milliseconds: i64) -> Self {
        self.clock = Some(milliseconds);
        self
    }

    /// Changes the settings of all apps: features, limits and the like.
    pub fn configure(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Sets one of the settings of all apps by its name in the control interface. The value is JSON, or a text without quotes.
    ///
    /// # Errors
    ///
    /// Fails if the setting does not exist or cannot have the value.
    pub fn set(mut self, name: &str, text: &str) -> Result<Self, InvalidSetting> {
        let change = Map::from_iter([(name.to_owned(), value(text))]);
        self.settings = changed(&self.settings, change)?;
        Ok(self)
    }

    /// Sets whether rate limits apply. Default: `false`.
    pub fn rate_limits(mut self, on: bool) -> Self {
        self.rate_limits = on;
        self
    }

    /// Sets whether each app starts with the data that the samples in the docs use, so that each of them succeeds. Default: `false`.
    pub fn example_data(mut self, on: bool) -> Self {
        self.example_data = on;
        self
    }

    /// Loads the state of all apps from this file, if it exists, and saves it there some seconds after changes and when the server
    /// stops. Only one server at a time can use a file. Default: the state is lost when the server stops.
    pub fn state_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.state_file = Some(path.into());
        self
    }

    /// Sets the time in which a client must send the headers of a request, and then the body, and the time after which a client that
    /// does not read a response is disconnected. Default: 30 seconds.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.read_timeout = timeout;
        self
    }

    // @if webhooks
    /// Sends webhooks to this URL, signed with this secret. Default: no webhooks are sent.
    pub fn webhook(mut self, url: impl Into<String>, secret: impl Into<String>) -> Self {
        self.webhook = Some((url.into(), secret.into()));
        self
    }
    // @end

    /// Sets how many bytes of each body are kept for [`calls`](Sandbox::calls). Default: 64 KiB. The bodies of all calls together have
    /// at most 32 MiB.
    pub fn recorded_body(mut self, bytes: usize) -> Self {
        self.recorded_body = bytes;
        self
    }

    /// Starts the server in a thread of its own.
    ///
    /// # Errors
    ///
    /// Fails if the address is not available, if an app has too few or too many parameters or credentials, if a URL is not valid, or if
    /// the state file cannot be read or written.
    pub fn start(self) -> io::Result<Sandbox> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (listener, shared, keeper) = match self.prepare(&runtime) {
            Ok(prepared) => prepared,
            Err(error) => {
                // Dropping it would panic if the caller is asynchronous.
                runtime.shutdown_background();
                return Err(error);
            }
        };
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("sandbox".to_owned()).spawn(move || {
            // @if webhooks
            runtime.spawn(deliver(Arc::clone(&served)));
            // @end
            runtime.block_on(serve(listener, served, stopped));
            // Does not wait for threads of the runtime, e.g. one that looks up a host name.
            runtime.shutdown_background();
        })?;
        Ok(Sandbox {
            shared,
            keeper,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    fn prepare(self, runtime: &Runtime) -> io::Result<(TcpListener, Arc<Shared>, Option<Keeper>)> {
        let listener = {
            let _entered = runtime.enter();
            listen(self.address)?
        };
        let origin = format!("http://{}", reachable(listener.local_addr()?));
        let shared = Arc::new(self.shared(origin)?);
        let keeper = match self.state_file {
            Some(path) => {
                state::load_file(&shared, &path)?;
                Some(Keeper::start(Arc::clone(&shared), path)?)
            }
            None => None,
        };
        Ok((listener, shared, keeper))
    }

    fn shared(&self, origin: String) -> io::Result<Shared> {
        let seed = self.seed.unwrap_or_else(|| fastrand::u64(..));
        let setups = self.setups(seed);
        let clock = Clock::new(self.clock);
        let settings = Arc::new(self.settings.clone());
        // @if webhooks
        let target = self.target()?;
        // @end
        let mut apps = HashMap::new();
        for setup in &setups {
            let invalid = |problem: &str| {
                let name = setup.tenant.join("/");
                Err(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    format!("the app `{name}` {problem}"),
                ))
            };
            if setup.tenant.len() != App::TENANT.len() {
                return invalid(&format!("must have {} parts", App::TENANT.len()));
            }
            if setup.credentials.len() != App::CREDENTIALS.len() {
                return invalid(&format!("must have {} credentials", App::CREDENTIALS.len()));
            }
            if setup
                .tenant
                .iter()
                .any(|value| value.is_empty() || value == control::SEGMENT)
            {
                return invalid("has a part that is empty or reserved");
            }
            let tenant = Tenant::new(setup, self.example_data, clock.now());
            if apps.insert(setup.tenant.clone(), Mutex::new(tenant)).is_some() {
                return invalid("is listed twice");
            }
        }
        Ok(Shared {
            apps,
            setups,
            clock,
            first_settings: Arc::clone(&settings),
            settings: Mutex::new(settings),
            rate_limits: self.rate_limits,
            example_data: self.example_data,
            read_timeout: self.read_timeout,
            origin,
            journal: Mutex::default(),
            recorded_body: self.recorded_body,
            watched: Mutex::default(),
            receiving: Semaphore::new(body::RECEIVING),
            faults: Mutex::new(Faults::new(seed)),
            // @if webhooks
            webhooks: Dispatcher::new(target),
            // @end
            changes: AtomicU64::new(0),
        })
    }

    // @if webhooks
    fn target(&self) -> io::Result<Option<Target>> {
        let target = self.webhook.as_ref().map(|(url, secret)| Target::new(url, secret));
        let invalid = |error| io::Error::new(io::ErrorKind::InvalidInput, error);
        target.transpose().map_err(invalid)
    }
    // @end

    fn setups(&self, seed: u64) -> Vec<Setup> {
        let mut apps = self.apps.clone();
        if apps.is_empty() {
            let tenant = App::TENANT.iter().map(|&text| text.to_owned());
            apps.push((tenant.collect(), Vec::new()));
        }
        let setups = apps.into_iter().zip(0..).map(|((tenant, credentials), index)| Setup {
            tenant,
            credentials: if credentials.is_empty() {
                self.credentials.clone()
            } else {
                credentials
            },
            ids: Ids::new(seed.wrapping_add(index)),
        });
        setups.collect()
    }
}

/// Opens a port.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A server that stopped a moment ago must not keep the port busy.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    // The 128 connections that the standard library lets wait are too few for a burst: the system makes the others wait a second.
    socket.listen(4096)
}

/// Returns the address at which clients on this machine reach a server that listens on an address.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

impl Sandbox {
    /// Starts a server with one app on a free port of `127.0.0.1`.
    ///
    /// # Errors
    ///
    /// Fails if no port is available.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// Returns settings, which are changed before the server starts.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Returns the base URL, e.g. `http://127.0.0.1:41234`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.shared.origin
    }

    /// Returns the apps: the values of the parameters in their base paths, and their credentials.
    #[must_use]
    pub fn apps(&self) -> &[Setup] {
        &self.shared.setups
    }

    /// Returns the credentials of the first app, in the order of the client's builder.
    #[must_use]
    pub fn credentials(&self) -> &[String] {
        self.apps().first().map_or(&[], |setup| &setup.credentials)
    }

    /// Returns the base URL of the first app.
    #[must_use]
    pub fn app_url(&self) -> String {
        let tenant = self.apps().first().map(|setup| setup.tenant.as_slice());
        self.url().to_owned() + &base_path(tenant.unwrap_or_default())
    }

    /// Returns the environment variables with which programs reach the first app: those that examples and samples read, and
    /// `BASE_URL`, the base URL of the app.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let setup = self.apps().first();
        let mut environment = setup.map_or_else(Vec::new, |setup| App::environment(setup, self.url()));
        // @if webhooks
        environment.push((App::WEBHOOKS.variable, self.shared.webhooks.secret()));
        // @end
        // The last one, so that a program that reads the output knows when it is complete.
        environment.push(("BASE_URL", self.app_url()));
        environment
    }

    /// Changes the settings of all apps for the next calls.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        self.shared.configure(change);
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.shared.advance(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
    }

    /// Lets all tokens of all apps expire.
    pub fn expire_tokens(&self) {
        self.shared.expire_tokens();
    }

    /// Returns the last calls.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.calls_after(0)
    }

    /// Returns the last calls after the one with this number.
    #[must_use]
    pub fn calls_after(&self, number: u64) -> Calls {
        self.shared.calls(number)
    }

    /// Lets the next calls fail:
    ///
    /// ```text
    /// sandbox.fail(Fault::status(429).operation("users.create").times(2))?;
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if an argument of the fault is out of range, or the operation does not exist.
    pub fn fail(&self, fault: Fault) -> Result<(), InvalidFault> {
        self.shared.fail(fault)
    }

    // @if webhooks
    /// Sends the next webhooks to this URL, signed with this secret.
    ///
    /// # Errors
    ///
    /// Fails if the URL is not valid.
    pub fn set_webhook(&self, url: &str, secret: &str) -> Result<(), InvalidWebhook> {
        self.shared.webhooks.set_target(Some(Target::new(url, secret)?));
        Ok(())
    }

    /// Sends no more webhooks.
    pub fn clear_webhook(&self) {
        self.shared.webhooks.set_target(None);
    }

    /// Returns the last webhooks.
    #[must_use]
    pub fn webhooks(&self) -> Webhooks {
        self.webhooks_after(0)
    }

    /// Returns the last webhooks after the one with this number.
    #[must_use]
    pub fn webhooks_after(&self, number: u64) -> Webhooks {
        self.shared.webhooks.after(number)
    }

    /// Sends a webhook of any event of the first app, e.g. of one that only client apps cause. The body is that of the first documented
    /// example, with a new ID, the time, and the values in `changes`, an object. A value `null` removes its key. Returns the number of the
    /// webhook.
    ///
    /// # Errors
    ///
    /// Fails if there is no such event, if `changes` is not an object, or if webhooks have no URL.
    pub fn send_webhook(&self, event: &str, changes: impl Serialize) -> Result<u64, InvalidWebhook> {
        let changes = serde_json::to_value(changes).map_err(|error| InvalidWebhook::new(error.to_string()))?;
        self.shared.send_webhook(None, event, changes)
    }

    /// Returns the webhooks of the first app that could not be delivered, oldest first.
    #[must_use]
    pub fn stored_webhooks(&self) -> Vec<StoredWebhook> {
        let now = self.shared.clock.now();
        let setup = self.apps().first();
        let tenant = setup.and_then(|setup| self.shared.tenant(&setup.tenant));
        tenant.map_or_else(Vec::new, |mut tenant| {
            tenant.app.outbox().stored(now).cloned().collect()
        })
    }

    /// Sends the stored webhooks of all apps whose time, in milliseconds since 1970, is in a span once more, to the configured URL or
    /// another one, and keeps them stored. Returns their number.
    ///
    /// # Errors
    ///
    /// Fails if the URL is not valid, or if webhooks have none.
    pub fn resend_webhooks(&self, span: &Range<i64>, url: Option<&str>) -> Result<usize, InvalidWebhook> {
        self.shared.resend_webhooks(span, url)
    }

    /// Lets the next webhooks fail:
    ///
    /// ```text
    /// sandbox.fail_webhooks(WebhookFault::duplicate().times(2))?;
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if an argument of the fault is out of range, or the event does not exist.
    pub fn fail_webhooks(&self, fault: WebhookFault) -> Result<(), InvalidWebhook> {
        lock(self.shared.webhooks.faults()).add(fault)
    }

    /// Waits until all webhooks were delivered, or could not be. Returns the last ones.
    pub async fn settled_webhooks(&self) -> Webhooks {
        self.shared.webhooks.settled().await;
        self.webhooks()
    }
    // @end

    /// Removes all faults that are not used up.
    pub fn clear_faults(&self) {
        lock(&self.shared.faults).clear();
        // @if webhooks
        lock(self.shared.webhooks.faults()).clear();
        // @end
    }

    /// Restores the settings, and the state in which the server starts without a state file. Removes all calls and faults.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// Returns the state of all apps as JSON. It contains tokens and the hashes of passwords.
    ///
    /// # Errors
    ///
    /// Fails if the state of an app cannot be written as JSON.
    pub fn save(&self) -> io::Result<Vec<u8>> {
        Ok(state::save(&self.shared)?)
    }

    /// Replaces the state of all apps by one that [`save`](Self::save) returned. An app that it does not contain starts again.
    ///
    /// # Errors
    ///
    /// Fails if the state is not valid, or contains an app that the server does not have. Then nothing changes.
    pub fn load(&self, state: &[u8]) -> io::Result<()> {
        let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, error);
        state::load(&self.shared, state).map_err(invalid)
    }

    /// Stops the server. Dropping it does the same, but ignores errors.
    ///
    /// # Errors
    ///
    /// Fails if the state file cannot be written.
    pub fn stop(mut self) -> io::Result<()> {
        self.end()
    }

    fn end(&mut self) -> io::Result<()> {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
        self.keeper.take().map_or(Ok(()), Keeper::stop)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::error!(%error, "the state file could not be saved");
        }
    }
}
