//! Names of components: unique even for tools that change their casing.

use std::collections::BTreeSet;

/// Names taken so far, as the tools that change casing see them.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// The name itself, or with a number behind it if it is taken.
    pub(super) fn take(&mut self, wanted: &str) -> String {
        if self.0.insert(folded(wanted)) {
            return wanted.to_owned();
        }
        let mut number = 2_u64;
        loop {
            let name = format!("{wanted}{number}");
            if self.0.insert(folded(&name)) {
                return name;
            }
            number += 1;
        }
    }
}

fn folded(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn tells_names_apart_after_casing() {
        let mut names = Names::default();
        assert_eq!(names.take("ItemId"), "ItemId");
        assert_eq!(names.take("Item_ID"), "Item_ID2");
        assert_eq!(names.take("itemid"), "itemid3");
    }
}
