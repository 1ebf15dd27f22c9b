//! The operations that become one operation of the document.

use crate::ir::{Operation, OperationId};

/// The operations of a route.
pub(super) struct RouteOperations<'a> {
    pub(super) operations: Vec<(OperationId, &'a Operation)>,
    /// Prefix of the names of the components that belong to all of them.
    pub(super) type_name: String,
}
