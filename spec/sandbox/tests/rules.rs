//! The rules of the service, each with a test of its name. `RULES.md` lists them.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

#[path = "support/attribute_rules.rs"]
mod attributes;
#[path = "support/change_rules.rs"]
mod changes;
#[path = "support/common_rules.rs"]
mod common;
#[path = "support/contact_rules.rs"]
mod contacts;
#[path = "support/file_rules.rs"]
mod files;
#[path = "support/group_rules.rs"]
mod groups;
#[path = "support/history_rules.rs"]
mod history;
#[path = "support/label_rules.rs"]
mod labels;
#[path = "support/member_rules.rs"]
mod members;
#[path = "support/message_rules.rs"]
mod messages;
#[path = "support/mute_rules.rs"]
mod mutes;
#[path = "support/plan_rules.rs"]
mod plans;
#[path = "support/push_rules.rs"]
mod push;
#[path = "support/reaction_rules.rs"]
mod reactions;
#[path = "support/room_rules.rs"]
mod rooms;
#[path = "support/thread_rules.rs"]
mod threads;
#[path = "support/user_rules.rs"]
mod users;
#[path = "support/webhook_rules.rs"]
mod webhooks;

use std::collections::BTreeSet;

/// The modules with tests of rules.
const MODULES: &[&str] = &[
    include_str!("support/attribute_rules.rs"),
    include_str!("support/change_rules.rs"),
    include_str!("support/common_rules.rs"),
    include_str!("support/contact_rules.rs"),
    include_str!("support/file_rules.rs"),
    include_str!("support/group_rules.rs"),
    include_str!("support/history_rules.rs"),
    include_str!("support/label_rules.rs"),
    include_str!("support/member_rules.rs"),
    include_str!("support/message_rules.rs"),
    include_str!("support/mute_rules.rs"),
    include_str!("support/plan_rules.rs"),
    include_str!("support/push_rules.rs"),
    include_str!("support/reaction_rules.rs"),
    include_str!("support/room_rules.rs"),
    include_str!("support/thread_rules.rs"),
    include_str!("support/user_rules.rs"),
    include_str!("support/webhook_rules.rs"),
];

#[test]
fn the_page_of_rules_lists_each_test_once() {
    let rows = include_str!("../RULES.md").lines();
    let listed: Vec<_> = rows
        .filter_map(|row| row.strip_suffix("` |")?.rsplit('`').next())
        .collect();
    let tests = MODULES
        .iter()
        .flat_map(|module| module.split("#[tokio::test]\nasync fn ").skip(1));
    let tests: BTreeSet<_> = tests.filter_map(|test| test.split('(').next()).collect();
    assert_eq!(listed.iter().copied().collect::<BTreeSet<_>>(), tests);
    assert_eq!(listed.len(), tests.len(), "a rule is listed twice");
}
