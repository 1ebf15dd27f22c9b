//! Samples of a call, shared by the outputs that show one.

use crate::ir::{Api, Example, OperationId};

/// The call of an example in Rust, as statements inside an `async fn` that has a `client: Client` and returns a `Result`.
///
/// The last statement binds the result: `let user = client.users().create("alice").await?;`.
#[must_use]
pub fn rust(api: &Api, operation: OperationId, example: &Example) -> String {
    let _ = (api, operation, example);
    String::new()
}

/// The call of an example as a curl command line.
#[must_use]
pub fn curl(api: &Api, operation: OperationId, example: &Example) -> String {
    let _ = (api, operation, example);
    String::new()
}
