//! The state of all apps as JSON, and the file that keeps it.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::service::Service as _;
use super::shared::{Shared, Tenant};
use crate::behaviour::App;

/// Version of the format.
const FORMAT: u32 = 1;

/// Minimum time between two saves. Large states are saved less often.
const INTERVAL: Duration = Duration::from_secs(3);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: u32,
    clock_offset_ms: i64,
    apps: Vec<SavedApp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedApp {
    app: Vec<String>,
    state: App,
}

/// Returns the state of all apps as JSON. Each app is locked only while its part is written.
///
/// # Errors
///
/// Fails if a key in the state of an app is not a string or a number.
pub(crate) fn save(shared: &Shared) -> Result<Vec<u8>, serde_json::Error> {
    let offset = shared.clock.offset();
    let mut out = format!("{{\"format\":{FORMAT},\"clock_offset_ms\":{offset},\"apps\":[").into_bytes();
    for (index, setup) in shared.setups.iter().enumerate() {
        let separator: &[u8] = if index == 0 { b"" } else { b"," };
        out.extend_from_slice(separator);
        out.extend_from_slice(b"{\"app\":");
        serde_json::to_writer(&mut out, &setup.tenant)?;
        out.extend_from_slice(b",\"state\":");
        if let Some(tenant) = shared.tenant(&setup.tenant) {
            serde_json::to_writer(&mut out, &tenant.app)?;
        }
        out.push(b'}');
    }
    out.extend_from_slice(b"]}\n");
    Ok(out)
}

/// Replaces the state of all apps. An app that the document does not contain starts again.
///
/// # Errors
///
/// Fails if the document is not valid, or contains an app that the server does not have. Then nothing changes.
pub(crate) fn load(shared: &Shared, document: &[u8]) -> Result<(), String> {
    let Document {
        format,
        clock_offset_ms,
        apps,
    } = serde_json::from_slice(document).map_err(|error| format!("this is not a saved state: {error}"))?;
    if format != FORMAT {
        return Err(format!("the format of the state is {format}; expected {FORMAT}"));
    }
    let mut seen = HashSet::new();
    for SavedApp { app, .. } in &apps {
        if !shared.apps.contains_key(app) {
            let names: Vec<_> = shared.setups.iter().map(|setup| setup.tenant.join("/")).collect();
            let (app, names) = (app.join("/"), names.join(", "));
            return Err(format!("the state contains the app {app}; the server only has {names}"));
        }
        if !seen.insert(app) {
            return Err(format!("the state contains the app {} twice", app.join("/")));
        }
    }
    let mut states: HashMap<_, _> = apps.into_iter().map(|saved| (saved.app, saved.state)).collect();
    shared.clock.set_offset(clock_offset_ms);
    let now = shared.clock.now();
    for setup in &shared.setups {
        let replacement = match states.remove(&setup.tenant) {
            Some(mut app) => {
                app.adopt(setup);
                Tenant::with(app)
            }
            None => Tenant::new(setup, shared.example_data, now),
        };
        if let Some(mut tenant) = shared.tenant(&setup.tenant) {
            *tenant = replacement;
        }
    }
    shared.changed();
    Ok(())
}

/// Loads the state from a file, if it exists.
///
/// # Errors
///
/// Fails if the file cannot be read, or is not valid.
pub(crate) fn load_file(shared: &Shared, path: &Path) -> io::Result<()> {
    let problem = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    match fs::read(path) {
        Ok(document) => {
            load(shared, &document).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, problem(&error)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(io::Error::new(error.kind(), problem(&error))),
    }
}

/// Writes the state to a file, which always contains either the old or the new state.
fn save_file(shared: &Shared, path: &Path) -> io::Result<()> {
    let document = save(shared)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    let written = create(&temporary).and_then(|mut file| {
        file.write_all(&document)?;
        file.sync_all()
    });
    let renamed = written.and_then(|()| fs::rename(&temporary, path));
    if renamed.is_err() {
        drop(fs::remove_file(&temporary));
    }
    renamed.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

/// Creates a file that only its owner can read, because the state contains tokens.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Saves the state to a file after changes, and when it is stopped.
#[derive(Debug)]
pub(crate) struct Keeper {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl Keeper {
    /// Starts to save.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be written.
    pub(crate) fn start(shared: Arc<Shared>, path: PathBuf) -> io::Result<Self> {
        save_file(&shared, &path)?;
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("state file".to_owned())
            .spawn(move || keep(&shared, &path, &stopped))?;
        Ok(Self { stop, thread })
    }

    /// Saves for the last time.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be written.
    pub(crate) fn stop(self) -> io::Result<()> {
        drop(self.stop);
        let failed = || Err(io::Error::other("the state file could not be saved"));
        self.thread.join().unwrap_or_else(|_| failed())
    }
}

fn keep(shared: &Shared, path: &Path, stopped: &mpsc::Receiver<()>) -> io::Result<()> {
    let mut saved = shared.changes.load(Ordering::Relaxed);
    let mut wait = INTERVAL;
    loop {
        let stops = stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout);
        let changes = shared.changes.load(Ordering::Relaxed);
        if changes != saved {
            let started = Instant::now();
            match save_file(shared, path) {
                Ok(()) => saved = changes,
                Err(error) if stops => return Err(error),
                Err(error) => tracing::error!(%error, "the state file could not be saved"),
            }
            // Saving must not take more than a tenth of the time.
            wait = INTERVAL.max(started.elapsed() * 9);
        }
        if stops {
            return Ok(());
        }
    }
}
