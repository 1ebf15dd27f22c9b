//! The part of the server that does not depend on the API.

pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod call;
pub(crate) mod changes;
pub(crate) mod clock;
pub(crate) mod control;
pub(crate) mod decode;
// @if webhooks
pub(crate) mod deliveries;
pub(crate) mod dispatch;
// @end
pub(crate) mod exchange;
pub(crate) mod failure;
pub(crate) mod family;
pub(crate) mod fault;
pub(crate) mod guard;
pub(crate) mod ids;
pub(crate) mod journal;
pub(crate) mod limiter;
pub(crate) mod operation;
// @if webhooks
pub(crate) mod outbox;
// @end
pub(crate) mod overview;
pub(crate) mod page;
pub(crate) mod paging;
pub(crate) mod recent;
pub(crate) mod reply;
pub(crate) mod route;
pub(crate) mod secrets;
pub(crate) mod server;
pub(crate) mod service;
pub(crate) mod settings;
pub(crate) mod shape;
pub(crate) mod shared;
pub(crate) mod state;
pub(crate) mod tokens;
// @if webhooks
pub(crate) mod webhook;
pub(crate) mod webhook_control;
pub(crate) mod webhook_fault;
// @end
pub(crate) mod write_timeout;

pub use answer::{Blob, Done};
pub use body::Upload;
pub use call::Call;
pub use changes::RecordedChange;
pub use decode::present;
// @if webhooks
pub use deliveries::{RecordedWebhook, WebhookAttempt, WebhookOutcome, Webhooks};
// @end
pub use failure::Failure;
pub use fault::{Fault, InvalidFault};
pub use ids::Ids;
pub use journal::{Calls, RecordedBody, RecordedCall};
pub use operation::Location;
// @if webhooks
pub use outbox::{Outbox, StoredWebhook};
// @end
pub use overview::{Conversation, Label, Line, Overview, Table};
pub use paging::{Paged, numbered, position};
pub use service::{Condition, Service, Setup, Verdict};
pub use settings::{InvalidSetting, NoSettings};
pub use shape::{Rule, Violation};
pub use tokens::{TokenProblem, Tokens};
// @if webhooks
pub use webhook::{InvalidWebhook, WebhookRules};
pub use webhook_fault::WebhookFault;
// @end
