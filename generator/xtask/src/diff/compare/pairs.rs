//! Pairs the items of two lists.

/// The items of two lists, paired.
pub(super) struct Pairs<'a, T> {
    /// Items of both lists, in the order of the new list.
    pub(super) both: Vec<(&'a T, &'a T)>,
    /// Items of the old list only.
    pub(super) removed: Vec<&'a T>,
    /// Items of the new list only.
    pub(super) added: Vec<&'a T>,
}

/// A property by which two items are recognized as the same.
pub(super) type Key<'k, T> = &'k dyn Fn(&T) -> Option<String>;

/// Pairs items that have the same first key, then those that have the same second key, and so on. Items with a key that several
/// unpaired items of a list share are paired in order.
pub(super) fn pairs<'a, T>(old: &'a [T], new: &'a [T], keys: &[Key<'_, T>]) -> Pairs<'a, T> {
    let mut partner: Vec<Option<usize>> = vec![None; new.len()];
    let mut unpaired: Vec<usize> = (0..old.len()).collect();
    for key in keys {
        for (index, item) in new.iter().enumerate() {
            let Some(wanted) = key(item).filter(|_| partner[index].is_none()) else {
                continue;
            };
            let found = unpaired
                .iter()
                .position(|&other| key(&old[other]).as_ref() == Some(&wanted));
            partner[index] = found.map(|position| unpaired.remove(position));
        }
    }
    let items = partner.iter().zip(new);
    Pairs {
        both: items
            .clone()
            .filter_map(|(partner, item)| Some((&old[(*partner)?], item)))
            .collect(),
        added: items
            .filter(|(partner, _)| partner.is_none())
            .map(|(_, item)| item)
            .collect(),
        removed: unpaired.iter().map(|&index| &old[index]).collect(),
    }
}
