//! Operations whose lists can be split.

use serde::Serialize;

use super::operation::Operation;

/// An operation on a list whose elements are independent, and which the server limits to a maximum length.
pub trait Splittable: Operation + Clone {
    /// The type of the elements.
    type Element: Serialize + Clone;

    /// The maximum number of elements in a request.
    const MOST: usize;

    /// Returns the list.
    fn elements(&mut self) -> &mut Vec<Self::Element>;
}
