//! Attributes of group members.

use std::collections::BTreeMap;

use super::App;
use super::accounts::{SpaceNo, UserNo, number};
use super::space::{Kind, Space};
use super::webhooks::Detail;
use crate::errors::Known;
use crate::runtime::{Call, Failure};
use crate::sections::group_member_attributes::{GroupMemberAttributes, get, get_many, set, set_many};
use crate::types::{AttributeOutcomes, GroupOperation, MemberAttributes};

/// Maximum sizes in bytes: of a key, of a value, and of all attributes of a member.
const KEY: usize = 16;
const VALUE: usize = 512;
const ALL: usize = 4 * 1024;

type Attributes = BTreeMap<String, String>;

/// Returns the attributes after a change. An empty value deletes the key.
fn merged(old: Option<&Attributes>, new: &Attributes) -> Result<Attributes, Failure> {
    let too_long = |what: String| Failure::new(Known::MetadataError400, format!("{what} is too long"));
    let mut attributes = old.cloned().unwrap_or_default();
    for (key, value) in new {
        if key.len() > KEY {
            return Err(too_long(format!("the key {key}")));
        }
        if value.len() > VALUE {
            return Err(too_long(format!("the value of {key}")));
        }
        if value.is_empty() {
            attributes.remove(key);
        } else {
            attributes.insert(key.clone(), value.clone());
        }
    }
    let size: usize = attributes.iter().map(|(key, value)| key.len() + value.len()).sum();
    if size > ALL {
        return Err(too_long("the whole of the attributes".to_owned()));
    }
    Ok(attributes)
}

impl App {
    /// Returns a member of a group.
    ///
    /// # Errors
    ///
    /// Fails if the user is not a member.
    fn member_with_attributes(&self, group: &str, username: &str) -> Result<(&Space, UserNo), Failure> {
        let (_, space) = self.find_space(Kind::Group, group, Known::MetadataException404)?;
        let user = self.accounts.find(username);
        let member = user.filter(|user| space.members.contains(*user));
        let missing = || {
            Failure::new(
                Known::MetadataException404,
                format!("user {username} is not in the group"),
            )
        };
        Ok((space, member.ok_or_else(missing)?))
    }

    /// Informs the backend of changed attributes.
    fn attributes_changed(&mut self, group: SpaceNo, member: UserNo, attributes: &Attributes) {
        let detail = Detail::MemberAttributes(attributes);
        self.operated_with(
            Kind::Group,
            group,
            GroupOperation::MemberAttributes,
            Some(member),
            detail,
        );
    }
}

impl GroupMemberAttributes for App {
    fn set(&mut self, _: &Call<'_>, arguments: set::Set) -> Result<set::SetResult, Failure> {
        let (group, member) = self.member_with_attributes(&arguments.group_id, &arguments.username)?;
        let attributes = merged(group.attributes.get(&member), &arguments.attributes)?;
        let group = self.space_mut(Kind::Group, &arguments.group_id)?;
        group.attributes.insert(member, attributes);
        if let Some(no) = number(&arguments.group_id) {
            self.attributes_changed(no, member, &arguments.attributes);
        }
        Ok(set::SetResult {
            attributes: arguments.attributes,
        })
    }

    fn get(&mut self, _: &Call<'_>, arguments: get::Get) -> Result<get::GetResult, Failure> {
        let (group, member) = self.member_with_attributes(&arguments.group_id, &arguments.username)?;
        let attributes = group.attributes.get(&member).cloned().unwrap_or_default();
        Ok(get::GetResult { attributes })
    }

    fn get_many(&mut self, _: &Call<'_>, arguments: get_many::GetMany) -> Result<get_many::GetManyResult, Failure> {
        let keys = arguments.properties.unwrap_or_default();
        let of = |username: &String| {
            let found = self.member_with_attributes(&arguments.group_id, username).ok();
            let attributes = found.and_then(|(group, member)| group.attributes.get(&member));
            let mut attributes = attributes.cloned().unwrap_or_default();
            attributes.retain(|key, _| keys.is_empty() || keys.contains(key));
            (username.to_lowercase(), attributes)
        };
        let attributes = arguments.targets.iter().map(of).collect();
        Ok(get_many::GetManyResult { attributes })
    }

    fn set_many(&mut self, _: &Call<'_>, arguments: set_many::SetMany) -> Result<AttributeOutcomes, Failure> {
        let (no, group) = self.find_space(Kind::Group, &arguments.group_id, Known::MetadataError404)?;
        let mut changed: BTreeMap<UserNo, Attributes> = BTreeMap::new();
        for MemberAttributes { username, attributes } in &arguments.members {
            let (_, member) = self
                .member_with_attributes(&arguments.group_id, username)
                .map_err(|failure| Failure::new(Known::MetadataError400, failure.message))?;
            let old = changed.get(&member).or_else(|| group.attributes.get(&member));
            changed.insert(member, merged(old, attributes)?);
        }
        let updated = changed.iter().map(|(member, attributes)| MemberAttributes {
            username: self.accounts.name(*member),
            attributes: attributes.clone(),
        });
        let updated = updated.collect();
        self.space_mut(Kind::Group, &arguments.group_id)?
            .attributes
            .extend(changed);
        for MemberAttributes { username, attributes } in &arguments.members {
            if let Some(member) = self.accounts.find(username) {
                self.attributes_changed(no, member, attributes);
            }
        }
        Ok(AttributeOutcomes {
            updated,
            failed: Vec::new(),
        })
    }
}
