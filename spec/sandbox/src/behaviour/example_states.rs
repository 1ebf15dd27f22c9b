//! The example data about push notifications, remarks and reactions.

use super::App;
use super::push_labels::Label;
use super::reactions::ReactionState;
use crate::runtime::Failure;
use crate::types::{PushBinding, PushMode, PushSettings, PushTemplate};

/// The message with reactions.
const MESSAGE: u64 = 1_284_460_951_017_736_224;

/// ID, emoji and users of each reaction.
const REACTIONS: [(&str, &str, &str); 2] = [
    ("946463470818405943", "emoji_40", "bob carol"),
    ("946463470818405944", "👍", "alice"),
];

impl App {
    /// Adds this part of the data.
    pub(super) fn add_sample_states(&mut self) -> Result<(), Failure> {
        self.add_sample_push_settings()?;
        self.add_sample_labels()?;
        self.add_sample_robot();
        let [alice, bob] = [self.named_user("alice")?, self.named_user("bob")?];
        if let Some(account) = self.accounts.get_mut(alice) {
            account.remarks.insert(bob, "Bob from sales".to_owned());
        }
        for (id, emoji, usernames) in REACTIONS {
            let mut reaction = ReactionState::new(id.to_owned(), emoji.to_owned(), 1_718_600_340_000);
            for user in self.sample_users(usernames)? {
                reaction.users.insert(user);
            }
            self.messages.changes_mut(MESSAGE).reactions.push(reaction);
        }
        Ok(())
    }

    /// Sets push settings, binds a device and adds a template.
    fn add_sample_push_settings(&mut self) -> Result<(), Failure> {
        let alice = self.named_user("alice")?;
        if let Some(account) = self.accounts.get_mut(alice) {
            let settings = PushSettings {
                mode: Some(PushMode::Mentions),
                quiet_hours: Some("21:30-08:00".to_owned()),
                quiet_until: Some(1_718_236_920_640),
            };
            account.push.chats.insert("alice".to_owned(), settings);
            account.push.language = Some("en".to_owned());
            account.push.bindings.push(PushBinding {
                device_id: Some("7d3c5a90-8e1f-4b62-a0d4-c95f2b7e6138".to_owned()),
                device_token: Some("example-device-token".to_owned()),
                notifier_name: Some("acme-support-push".to_owned()),
            });
        }
        let name = "default".to_owned();
        let template = PushTemplate {
            name: name.clone(),
            title_pattern: "{$dynamicFrom}".to_owned(),
            content_pattern: "{$msg}".to_owned(),
            created: Some(1_718_150_800_310),
            updated: Some(1_718_150_800_310),
        };
        self.push_templates.insert(name, template);
        Ok(())
    }

    fn add_sample_labels(&mut self) -> Result<(), Failure> {
        let members = self.sample_users("alice bob")?;
        let mut newsletter = Label::new(
            "newsletter".to_owned(),
            Some("Weekly news".to_owned()),
            1_718_585_940_311,
        );
        for user in members {
            newsletter.add(user, 1_718_586_000_418);
        }
        self.labels.add(Label::new("beta".to_owned(), None, 1_718_585_900_114));
        self.labels.add(newsletter);
        Ok(())
    }
}
