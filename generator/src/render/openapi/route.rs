//! The operations that become one operation of the document.

use crate::ir::{Api, Operation, OperationId, Route};
use crate::names;

/// The operations of a route.
pub(super) struct RouteOperations<'a> {
    pub(super) operations: Vec<(OperationId, &'a Operation)>,
    /// Prefix of the names of the components that belong to all of them.
    type_name: String,
}

impl<'a> RouteOperations<'a> {
    pub(super) fn new(api: &'a Api, route: &Route) -> Self {
        Self {
            operations: route.operations.iter().map(|id| (*id, api.operation(*id))).collect(),
            type_name: names::pascal(&route.id),
        }
    }

    /// Returns the name of the component for all operations: `PlotsOpenRequest`, where `kind` is `Request`.
    pub(super) fn component(&self, kind: &str) -> String {
        format!("{}{kind}", self.type_name)
    }

    /// Returns the name of the component for one of the operations. It differs from that for all of them, if there are others.
    pub(super) fn component_of(&self, op: &Operation, kind: &str) -> String {
        let name = names::pascal(&op.id);
        let one = if self.operations.len() > 1 && name == self.type_name {
            "One"
        } else {
            ""
        };
        format!("{name}{one}{kind}")
    }
}
