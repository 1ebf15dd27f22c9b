//! Operations on more things than the server takes at once.

use serde::Serialize;

use super::operation::Operation;

/// An operation on a list of things, each of which it treats by itself, and of which the server takes only so many at once.
pub trait Splittable: Operation + Clone {
    /// What the list holds.
    type Element: Serialize + Clone;

    /// The most elements that the server takes at once.
    const MOST: usize;

    /// The list.
    fn elements(&mut self) -> &mut Vec<Self::Element>;
}
