//! Starting and stopping the server.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::behaviour::App;
use crate::runtime::call::base_path;
use crate::runtime::clock::Clock;
use crate::runtime::limiter::Limiter;
use crate::runtime::server::{Shared, Tenant, serve};
use crate::runtime::{Ids, Service as _, Setup};

/// A running server. It stops when it is dropped.
#[derive(Debug)]
pub struct Sandbox {
    shared: Arc<Shared>,
    setups: Vec<Setup>,
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
    seed: Option<u64>,
    clock: Option<i64>,
    rate_limits: bool,
    example_data: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            apps: Vec::new(),
            seed: None,
            clock: None,
            rate_limits: false,
            example_data: false,
        }
    }
}

impl Builder {
    /// Sets the address. Default: a free port of `127.0.0.1`.
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Adds an app: the values of the parameters in the base path, and the credentials. Default: one app.
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

    /// Sets whether rate limits apply. Default: `false`.
    pub fn rate_limits(mut self, on: bool) -> Self {
        self.rate_limits = on;
        self
    }

    /// Sets whether each app starts with the data that the samples in the docs expect. Default: `false`.
    pub fn example_data(mut self, on: bool) -> Self {
        self.example_data = on;
        self
    }

    /// Starts the server in a thread of its own.
    ///
    /// # Errors
    ///
    /// Fails if the address is not available.
    pub fn start(self) -> io::Result<Sandbox> {
        let listener = TcpListener::bind(self.address)?;
        listener.set_nonblocking(true)?;
        let origin = format!("http://{}", listener.local_addr()?);
        let setups = self.setups();
        let clock = Clock::new(self.clock);
        let apps = setups.iter().map(|setup| {
            let mut app = App::new(setup.clone());
            if self.example_data {
                app.add_examples(clock.now());
            }
            let limiter = Limiter::default();
            (setup.tenant.clone(), Mutex::new(Tenant { app, limiter }))
        });
        let shared = Arc::new(Shared {
            apps: apps.collect::<HashMap<_, _>>(),
            clock,
            rate_limits: self.rate_limits,
            origin,
        });
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let served = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("sandbox".to_owned()).spawn(move || {
            runtime.block_on(async move {
                match tokio::net::TcpListener::from_std(listener) {
                    Ok(listener) => serve(listener, served, stopped).await,
                    Err(error) => tracing::error!(%error, "the server cannot listen"),
                }
            });
        })?;
        Ok(Sandbox {
            shared,
            setups,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    fn setups(&self) -> Vec<Setup> {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let mut apps = self.apps.clone();
        if apps.is_empty() {
            apps.push((owned(App::TENANT), owned(App::CREDENTIALS)));
        }
        let seed = self.seed.unwrap_or_else(|| fastrand::u64(..));
        let setups = apps.into_iter().zip(0..).map(|((tenant, credentials), index)| Setup {
            tenant,
            credentials,
            ids: Ids::new(seed.wrapping_add(index)),
        });
        setups.collect()
    }
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
        &self.setups
    }

    /// Returns the base URL of the first app.
    #[must_use]
    pub fn app_url(&self) -> String {
        let tenant = self.setups.first().map(|setup| setup.tenant.as_slice());
        self.url().to_owned() + &base_path(tenant.unwrap_or_default())
    }

    /// Returns the environment variables with which examples and samples reach the first app. The values need no quotes in a shell.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let setup = self.setups.first();
        setup.map_or_else(Vec::new, |setup| App::environment(setup, self.url()))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: std::time::Duration) {
        self.shared
            .clock
            .advance(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
    }

    /// Lets all tokens of all apps expire.
    pub fn expire_tokens(&self) {
        let now = self.shared.clock.now();
        for tenant in self.shared.apps.keys() {
            if let Some(mut tenant) = self.shared.tenant(tenant) {
                tenant.app.expire_tokens(now);
            }
        }
    }

    /// Waits until the server ends, which it does not do by itself.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
