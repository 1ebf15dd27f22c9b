//! The part of a receiver of webhooks that does not depend on the HTTP server.
//!
//! ```text
//! export EASEMOB_WEBHOOK_SECRET=… EASEMOB_WEBHOOK_PORT=8080
//! ```

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Mutex, PoisonError};
use std::{env, mem, thread};

use easemob::types::{BeforeSendingResponse, BeforeSendingWebhook, HistoryBody};
use easemob::webhook::{self, Event, ParseError, Verifier, VerifyError};

/// Maximum size of a body, in bytes.
pub(crate) const MAX_BODY: usize = 1024 * 1024;

/// Maximum number of events that wait to be handled.
const MAX_WAITING: usize = 1000;

/// Number of IDs that are always remembered. Enough for 300 webhooks a second over the 5 minutes for which a signature is valid.
const REMEMBERED: usize = 100_000;

/// Returns the address to listen on: local, since a proxy in front of the server adds HTTPS.
pub(crate) fn address() -> Result<SocketAddr, Box<dyn std::error::Error>> {
    let port = env::var("EASEMOB_WEBHOOK_PORT").map_or(Ok(8080), |port| port.parse())?;
    Ok((Ipv4Addr::LOCALHOST, port).into())
}

/// Checks webhooks, and hands each event to a thread that handles it after the response.
pub(crate) struct Inbox {
    verifier: Verifier,
    seen: Mutex<Seen>,
    waiting: SyncSender<Event>,
}

/// The reason why a webhook is not accepted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Rejected {
    #[error(transparent)]
    Verify(#[from] VerifyError),
    #[error(transparent)]
    Parse(#[from] ParseError),
    #[error("too many events are waiting")]
    Busy,
}

impl Inbox {
    /// Makes an inbox with the secret from the environment, and starts its thread.
    pub(crate) fn from_env() -> Result<Self, String> {
        let (waiting, events) = mpsc::sync_channel(MAX_WAITING);
        thread::spawn(move || events.iter().for_each(|event| handle(&event)));
        Ok(Self {
            // With several rules in the console: `.or(the secret of the next rule)`.
            verifier: Verifier::new(super::variable("EASEMOB_WEBHOOK_SECRET")?),
            seen: Mutex::default(),
            waiting,
        })
    }

    /// Accepts the body of a webhook. Returns the response, if the server asks for a decision.
    pub(crate) fn accept(&self, body: &[u8]) -> Result<Option<BeforeSendingResponse>, Rejected> {
        let is_signed = match self.verifier.verify(body) {
            Ok(()) => true,
            Err(VerifyError::Unsigned) => false,
            Err(error) => return Err(error.into()),
        };
        let event = Event::parse(body)?;
        // The server does not sign these. Anyone who knows the URL can send them, see `handle`.
        let is_never_signed = matches!(event, Event::ReactionChanged(_) | Event::ThreadChanged(_));
        if !is_signed && !is_never_signed {
            return Err(VerifyError::Unsigned.into());
        }
        // Needs a response each time.
        if let Event::BeforeSending(message) = &event {
            return Ok(Some(decide(message)));
        }
        // An unsigned ID could be that of another webhook, which would then be taken for a repeated delivery.
        self.queue(event, webhook::id(body).filter(|_| is_signed))?;
        Ok(None)
    }

    /// Queues an event, unless it is a repeated delivery.
    fn queue(&self, event: Event, id: Option<String>) -> Result<(), Rejected> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if id.as_ref().is_some_and(|id| seen.contains(id)) {
            return Ok(());
        }
        // If there is no room, the server sends the event once more.
        self.waiting.try_send(event).map_err(|_| Rejected::Busy)?;
        if let Some(id) = id {
            seen.insert(id);
        }
        Ok(())
    }
}

/// The IDs of the last webhooks. A program that runs on several servers would keep them in a database.
#[derive(Default)]
struct Seen {
    recent: BTreeSet<String>,
    older: BTreeSet<String>,
}

impl Seen {
    fn contains(&self, id: &str) -> bool {
        self.recent.contains(id) || self.older.contains(id)
    }

    fn insert(&mut self, id: String) {
        self.recent.insert(id);
        if self.recent.len() == REMEMBERED {
            self.older = mem::take(&mut self.recent);
        }
    }
}

/// Decides whether a message is delivered. The server waits for the response, by default for 200 ms.
fn decide(message: &BeforeSendingWebhook) -> BeforeSendingResponse {
    let is_advertising = |body: &HistoryBody| matches!(body, HistoryBody::Text(text) if text.msg.contains("Buy now"));
    let is_valid = !message.payload.bodies.iter().any(is_advertising);
    let (from, to) = (&message.conversation.from, &message.conversation.to);
    println!("{from:?} is about to write to {to:?}, valid: {is_valid}");
    BeforeSendingResponse::new(is_valid).code((!is_valid).then_some("advertising"))
}

/// Handles an event. Takes as long as it needs: the server has its response already.
fn handle(event: &Event) {
    // `{:?}` escapes line breaks.
    match event {
        Event::Message(event) => println!("{:?} wrote to {:?}", event.conversation.from, event.conversation.to),
        Event::GroupOperation(event) => println!("group {:?}: {:?}", event.payload.muc_id, event.payload.operation),
        Event::UserStatus(event) => println!("{:?} is {:?}", event.user, event.status),
        // Not signed, and may come twice, so it is only a hint: request the reactions with `Client::reactions`, and use the response.
        Event::ReactionChanged(event) => println!("unverified: reactions to {} messages", event.payload.data.len()),
        // The same goes for threads.
        Event::ThreadChanged(event) => println!("unverified: thread {:?} changed", event.payload.data.id),
        other => println!("{other:?}"),
    }
}
