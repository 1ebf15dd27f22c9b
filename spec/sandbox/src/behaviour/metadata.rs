//! User attributes.

use std::collections::BTreeMap;

use super::App;
use super::accounts::count_of;
use crate::errors::Known;
use crate::runtime::{Call, Done, Failure};
use crate::sections::metadata::{Metadata, delete, get, get_capacity, get_many, update};

/// Maximum size of the attributes of a user, in bytes.
const SIZE: usize = 2 * 1024;

/// Returns the size of attributes in bytes.
fn size(attributes: &BTreeMap<String, String>) -> usize {
    attributes.iter().map(|(key, value)| key.len() + value.len()).sum()
}

impl Metadata for App {
    fn update(&mut self, call: &Call<'_>, arguments: update::Update) -> Result<update::UpdateResult, Failure> {
        call.settings.check_attributes()?;
        let attributes = self
            .accounts
            .attributes
            .entry(arguments.username.to_lowercase())
            .or_default();
        let mut changed = attributes.clone();
        changed.extend(arguments.attributes.clone());
        if size(&changed) > SIZE {
            let message = format!("the attributes have more than {SIZE} bytes");
            return Err(Failure::new(Known::Forbidden403, message));
        }
        *attributes = changed;
        Ok(update::UpdateResult {
            attributes: arguments.attributes,
        })
    }

    fn get(&mut self, call: &Call<'_>, arguments: get::Get) -> Result<get::GetResult, Failure> {
        call.settings.check_attributes()?;
        let attributes = self.accounts.attributes.get(&arguments.username.to_lowercase());
        Ok(get::GetResult {
            attributes: attributes.cloned().unwrap_or_default(),
        })
    }

    fn get_many(&mut self, call: &Call<'_>, arguments: get_many::GetMany) -> Result<get_many::GetManyResult, Failure> {
        call.settings.check_attributes()?;
        let of = |target: &String| {
            let attributes = self.accounts.attributes.get(&target.to_lowercase());
            let wanted = attributes
                .into_iter()
                .flatten()
                .filter(|(key, _)| arguments.properties.contains(key));
            wanted.map(|(key, value)| (key.clone(), value.clone())).collect()
        };
        let attributes = arguments
            .targets
            .iter()
            .map(|target| (target.clone(), of(target)))
            .collect();
        Ok(get_many::GetManyResult { attributes })
    }

    fn delete(&mut self, call: &Call<'_>, arguments: delete::Delete) -> Result<Done, Failure> {
        call.settings.check_attributes()?;
        self.accounts.attributes.remove(&arguments.username.to_lowercase());
        Ok(Done::default())
    }

    fn get_capacity(&mut self, call: &Call<'_>) -> Result<get_capacity::GetCapacityResult, Failure> {
        call.settings.check_attributes()?;
        let total: usize = self.accounts.attributes.values().map(size).sum();
        let size = count_of(total);
        Ok(get_capacity::GetCapacityResult { size })
    }
}
