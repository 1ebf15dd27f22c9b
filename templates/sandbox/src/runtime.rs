//! The part of the server that does not depend on the API.

pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod call;
pub(crate) mod clock;
pub(crate) mod decode;
pub(crate) mod failure;
pub(crate) mod family;
pub(crate) mod ids;
pub(crate) mod limiter;
pub(crate) mod operation;
pub(crate) mod paging;
pub(crate) mod route;
pub(crate) mod server;
pub(crate) mod service;
pub(crate) mod shape;
pub(crate) mod tokens;

pub use answer::{Blob, Done};
pub use body::Upload;
pub use call::Call;
pub use decode::present;
pub use failure::Failure;
pub use ids::Ids;
pub use paging::{Paged, numbered, position};
pub use service::{Condition, Service, Setup, Verdict};
pub use shape::{Rule, Violation};
pub use tokens::{TokenProblem, Tokens};
