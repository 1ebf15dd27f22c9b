//! Compares users, contacts, push settings, attributes and messages of the sandbox with a simple model while random steps are taken.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use easemob::Error;
use easemob::types::{HistoryBody, PushDisplayStyle, TextBody, User};
use easemob_sandbox::Sandbox;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use support::steps::{self, Refusal, refusal};
use support::world::{NOW, USERS, World, refused};

/// The size of the attributes of a user in bytes.
const ATTRIBUTES: usize = 2048;

/// An hour in milliseconds.
const HOUR: i64 = 3_600_000;

/// A step. Users are indices into `USERS`.
#[derive(Debug, Clone)]
enum Step {
    Register(usize, u8, Option<u8>),
    Delete(usize),
    /// Deletes as many of the oldest users.
    DeleteOldest(usize),
    Password(usize, u8),
    Befriend(usize, usize),
    Part(usize, usize),
    Block(usize, Vec<usize>),
    Unblock(usize, usize),
    Nickname(usize, u8),
    Style(usize, bool),
    Disturb(usize, bool, Option<(u8, u8)>),
    /// Sets an attribute to a value of this length.
    Attribute(usize, u8, usize),
    DropAttributes(usize),
    /// Without a sender, the sender is `admin`.
    Send(Target, Option<usize>, u8),
    /// Moves the clock by some minutes.
    Wait(i64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    User(usize),
    Group(u8),
    Room(u8),
}

fn sequences() -> impl Strategy<Value = Vec<Step>> {
    let user = || 0..USERS.len();
    let users = || subsequence((0..USERS.len()).collect::<Vec<_>>(), 1..=3).prop_shuffle();
    let two = || (user(), user()).prop_filter("two users", |(one, other)| one != other);
    let target = prop_oneof![
        user().prop_map(Target::User),
        (1..3_u8).prop_map(Target::Group),
        (1..3_u8).prop_map(Target::Room),
    ];
    let hours = prop::option::of((0..24_u8, 0..24_u8));
    let length = select(vec![1, 30, 900]);
    let step = prop_oneof![
        3 => (user(), 0..3_u8, prop::option::of(0..3_u8)).prop_map(|(user, number, name)| Step::Register(user, number, name)),
        1 => user().prop_map(Step::Delete),
        1 => (1..3_usize).prop_map(Step::DeleteOldest),
        2 => (user(), 0..3_u8).prop_map(|(user, number)| Step::Password(user, number)),
        5 => two().prop_map(|(one, other)| Step::Befriend(one, other)),
        2 => two().prop_map(|(one, other)| Step::Part(one, other)),
        5 => (user(), users()).prop_map(|(owner, users)| Step::Block(owner, users)),
        3 => two().prop_map(|(owner, user)| Step::Unblock(owner, user)),
        2 => (user(), 0..3_u8).prop_map(|(user, name)| Step::Nickname(user, name)),
        2 => (user(), any::<bool>()).prop_map(|(user, is_detail)| Step::Style(user, is_detail)),
        3 => (user(), any::<bool>(), hours).prop_map(|(user, on, hours)| Step::Disturb(user, on, hours)),
        4 => (user(), 0..3_u8, length).prop_map(|(user, key, length)| Step::Attribute(user, key, length)),
        1 => user().prop_map(Step::DropAttributes),
        4 => (target, prop::option::of(user()), any::<u8>()).prop_map(|(to, from, text)| Step::Send(to, from, text)),
        2 => (1..50_i64).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 40..70)
}

/// The results of the reads of a user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Person {
    created: i64,
    modified: i64,
    nickname: Option<String>,
    style: Option<i64>,
    do_not_disturb: Option<bool>,
    hours: [Option<i64>; 2],
    contacts: BTreeSet<String>,
    blocked: BTreeSet<String>,
}

/// A message: receiver, sender, text and time.
type Message = (String, String, String, i64);

/// The expected state of the service.
#[derive(Debug, Default)]
struct Model {
    people: BTreeMap<String, Person>,
    passwords: BTreeMap<String, String>,
    /// In the order of registration.
    order: Vec<String>,
    attributes: BTreeMap<String, BTreeMap<String, String>>,
    /// The messages of each hour.
    messages: BTreeMap<i64, Vec<Message>>,
    now: i64,
}

fn name(user: usize) -> String {
    USERS[user].to_owned()
}

fn password(number: u8) -> String {
    format!("word-{number}")
}

fn receiver(target: Target) -> String {
    match target {
        Target::User(user) => name(user),
        Target::Group(number) | Target::Room(number) => number.to_string(),
    }
}

fn missing<T>() -> Result<T, Refusal> {
    Err((404, "service_resource_not_found".to_owned()))
}

impl Model {
    fn take(&mut self, step: &Step) -> Result<(), Refusal> {
        match step {
            Step::Register(user, number, nickname) => return self.register(name(*user), *number, *nickname),
            Step::Delete(user) if !self.people.contains_key(USERS[*user]) => return missing(),
            Step::Delete(user) => self.delete(USERS[*user]),
            Step::DeleteOldest(count) => {
                for user in self.order.clone().into_iter().take(*count) {
                    self.delete(&user);
                }
            }
            Step::Password(user, number) => {
                if !self.people.contains_key(USERS[*user]) {
                    return Err((400, "required_property_not_found".to_owned()));
                }
                self.passwords.insert(name(*user), password(*number));
                self.modify(*user, |_| {})?;
            }
            Step::Befriend(one, other) => self.link(*one, *other, BTreeSet::insert)?,
            Step::Part(one, other) => self.link(*one, *other, |contacts, user| contacts.remove(&user))?,
            Step::Block(owner, users) => {
                self.person(*owner)?;
                users.iter().try_for_each(|user| self.person(*user).map(drop))?;
                self.person(*owner)?
                    .blocked
                    .extend(users.iter().map(|user| name(*user)));
            }
            Step::Unblock(owner, user) => {
                self.person(*user)?;
                self.person(*owner)?.blocked.remove(USERS[*user]);
            }
            Step::Nickname(user, nickname) => {
                self.modify(*user, |person| person.nickname = Some(format!("N{nickname}")))?;
            }
            Step::Style(user, is_detail) => self.modify(*user, |person| person.style = Some(i64::from(*is_detail)))?,
            Step::Disturb(user, on, hours) => self.modify(*user, |person| {
                person.do_not_disturb = Some(*on);
                if let Some((start, end)) = hours {
                    person.hours = [Some(i64::from(*start)), Some(i64::from(*end))];
                }
            })?,
            Step::Attribute(user, key, length) => return self.set_attribute(name(*user), *key, *length),
            Step::DropAttributes(user) => drop(self.attributes.remove(USERS[*user])),
            Step::Send(target, from, text) => {
                let from = from.map_or_else(|| "admin".to_owned(), name);
                let message = (receiver(*target), from, format!("text {text}"), self.now);
                self.messages.entry(self.now / HOUR).or_default().push(message);
            }
            Step::Wait(minutes) => self.now += minutes * 60_000,
        }
        Ok(())
    }

    fn person(&mut self, user: usize) -> Result<&mut Person, Refusal> {
        self.people.get_mut(USERS[user]).map_or_else(missing, Ok)
    }

    fn modify(&mut self, user: usize, change: impl FnOnce(&mut Person)) -> Result<(), Refusal> {
        let now = self.now;
        let person = self.person(user)?;
        change(person);
        person.modified = now;
        Ok(())
    }

    fn register(&mut self, user: String, number: u8, nickname: Option<u8>) -> Result<(), Refusal> {
        if self.people.contains_key(&user) {
            return Err((400, "duplicate_unique_property_exists".to_owned()));
        }
        let person = Person {
            created: self.now,
            modified: self.now,
            nickname: nickname.map(|nickname| format!("N{nickname}")),
            ..Person::default()
        };
        self.people.insert(user.clone(), person);
        self.passwords.insert(user.clone(), password(number));
        self.order.push(user);
        Ok(())
    }

    fn delete(&mut self, user: &str) {
        self.people.remove(user);
        self.passwords.remove(user);
        self.attributes.remove(user);
        self.order.retain(|other| other != user);
        for person in self.people.values_mut() {
            person.contacts.remove(user);
            person.blocked.remove(user);
        }
    }

    /// Changes the contacts of both users.
    fn link(
        &mut self,
        one: usize,
        other: usize,
        change: fn(&mut BTreeSet<String>, String) -> bool,
    ) -> Result<(), Refusal> {
        self.person(other)?;
        change(&mut self.person(one)?.contacts, name(other));
        change(&mut self.person(other)?.contacts, name(one));
        Ok(())
    }

    fn set_attribute(&mut self, user: String, key: u8, length: usize) -> Result<(), Refusal> {
        let mut attributes = self.attributes.get(&user).cloned().unwrap_or_default();
        attributes.insert(format!("key{key}"), "v".repeat(length));
        if size(&attributes) > ATTRIBUTES {
            return Err((403, "FORBIDDEN".to_owned()));
        }
        self.attributes.insert(user, attributes);
        Ok(())
    }
}

fn size(attributes: &BTreeMap<String, String>) -> usize {
    attributes.iter().map(|(key, value)| key.len() + value.len()).sum()
}

/// Takes a step in the sandbox.
#[expect(deprecated, reason = "operations with a successor must work, too")]
async fn take(world: &World, step: &Step) -> Result<(), Error> {
    let client = &world.client;
    match step {
        Step::Register(user, number, nickname) => {
            let nickname = nickname.map(|nickname| format!("N{nickname}"));
            let request = client
                .users()
                .create(USERS[*user])
                .password(password(*number))
                .nickname(nickname);
            drop(request.await?);
        }
        Step::Delete(user) => drop(client.users().delete(USERS[*user]).await?),
        Step::DeleteOldest(count) => drop(client.users().delete_many().limit(*count).await?),
        Step::Password(user, number) => client.users().update_password(USERS[*user], password(*number)).await?,
        Step::Befriend(one, other) => drop(client.contacts().add(USERS[*one], USERS[*other]).await?),
        Step::Part(one, other) => drop(client.contacts().remove(USERS[*one], USERS[*other]).await?),
        Step::Block(owner, users) => {
            let users = users.iter().map(|user| USERS[*user]);
            drop(client.contacts().block(USERS[*owner], users).await?);
        }
        Step::Unblock(owner, user) => drop(client.contacts().unblock(USERS[*owner], USERS[*user]).await?),
        Step::Nickname(user, nickname) => {
            drop(
                client
                    .push()
                    .update_nickname(USERS[*user], format!("N{nickname}"))
                    .await?,
            );
        }
        Step::Style(user, is_detail) => {
            let style = if *is_detail {
                PushDisplayStyle::Detail
            } else {
                PushDisplayStyle::Summary
            };
            drop(client.push().update_display_style(USERS[*user], style).await?);
        }
        Step::Disturb(user, on, hours) => {
            let (start, end) = hours.unzip();
            let request = client.push().update_do_not_disturb(USERS[*user], *on);
            drop(request.start_hour(start).end_hour(end).await?);
        }
        Step::Attribute(user, key, length) => {
            let attribute = (format!("key{key}"), "v".repeat(*length));
            drop(client.metadata().update(USERS[*user], [attribute]).await?);
        }
        Step::DropAttributes(user) => client.metadata().delete(USERS[*user]).await?,
        Step::Send(target, from, text) => send(world, *target, from.map(|user| USERS[user]), *text).await?,
        Step::Wait(minutes) => world.advance(minutes.unsigned_abs() * 60),
    }
    Ok(())
}

async fn send(world: &World, target: Target, from: Option<&str>, text: u8) -> Result<(), Error> {
    let (messages, to) = (world.client.messages(), [receiver(target)]);
    let text = TextBody::new(format!("text {text}"));
    match target {
        Target::User(_) => drop(messages.send_to_users(to, text).from(from).await?),
        Target::Group(_) => drop(messages.send_to_groups(to, text).from(from).await?),
        Target::Room(_) => drop(messages.send_to_rooms(to, text).from(from).await?),
    }
    Ok(())
}

/// Compares everything that can be read with the model.
async fn compare(world: &World, model: &Model) -> Result<(), Error> {
    let client = &world.client;
    let mut listed = Vec::new();
    let mut users = client.users().list().limit(2).stream();
    while let Some(user) = users.try_next().await? {
        listed.push(user.username.to_string());
    }
    assert_eq!(listed, model.order, "the list of all users");
    for user in USERS {
        let Some(expected) = model.people.get(user) else {
            refused(client.users().get(user).await, 404, "service_resource_not_found");
            refused(client.contacts().list(user).await, 404, "service_resource_not_found");
            continue;
        };
        assert_eq!(person(world, user).await?, *expected, "{user}");
    }
    let mut total = 0;
    for user in USERS {
        let expected = model.attributes.get(user).cloned().unwrap_or_default();
        total += size(&expected);
        let found = client.metadata().get(user).await?.attributes;
        assert_eq!(
            found.into_iter().collect::<BTreeMap<_, _>>(),
            expected,
            "attributes of {user}"
        );
    }
    let capacity = client.metadata().get_capacity().await?.size;
    assert_eq!(usize::try_from(capacity), Ok(total), "the size of all attributes");
    Ok(())
}

/// Reads a user.
async fn person(world: &World, username: &str) -> Result<Person, Error> {
    let client = &world.client;
    let User {
        created,
        modified,
        nickname,
        push_display_style,
        do_not_disturb,
        do_not_disturb_start,
        do_not_disturb_end,
        ..
    } = client.users().get(username).await?;
    let set = |users: Vec<easemob::types::UserId>| {
        let set: BTreeSet<_> = users.iter().map(ToString::to_string).collect();
        assert_eq!(set.len(), users.len(), "a user is listed twice");
        set
    };
    Ok(Person {
        created: created.map_or(0, |time| time.0),
        modified: modified.map_or(0, |time| time.0),
        nickname,
        style: push_display_style.map(|style| style.value()),
        do_not_disturb,
        hours: [do_not_disturb_start, do_not_disturb_end],
        contacts: set(client.contacts().list(username).await?),
        blocked: set(client.contacts().list_blocked(username).await?),
    })
}

/// Compares the passwords with the model.
async fn compare_passwords(world: &World, model: &Model) {
    for user in USERS {
        for word in (0..3).map(password) {
            let token = world.client.tokens().create_user_token(user, &*word).await;
            match model.passwords.get(user) {
                Some(expected) if *expected == word => drop(token.expect("a token")),
                Some(_) => refused(token, 400, "invalid_grant"),
                None => refused(token, 404, "invalid_grant"),
            }
        }
    }
}

/// Compares the history files with the model.
async fn compare_history(world: &World, model: &Model) -> Result<(), Error> {
    let hours = NOW / HOUR..=model.now / HOUR;
    for (hour, time) in hours.zip(22..) {
        let day = 14 + time / 24;
        let request = world
            .client
            .messages()
            .get_history_file(format!("202311{day}{:02}", time % 24));
        let Some(expected) = model.messages.get(&hour) else {
            refused(request.await, 404, "storage_object_not_found");
            continue;
        };
        let mut records = request.records().await?;
        let mut found: Vec<Message> = Vec::new();
        while let Some(record) = records.try_next().await? {
            let record = record.expect("a record");
            let [HistoryBody::Text(text)] = &record.payload.bodies[..] else {
                panic!("{record:?}")
            };
            let time = record.timestamp.0;
            found.push((
                record.to.unwrap_or_default(),
                record.from.unwrap_or_default(),
                text.msg.clone(),
                time,
            ));
        }
        assert_eq!(found, *expected, "the messages of hour {hour}");
    }
    Ok(())
}

async fn run(steps: &[Step]) {
    let world = World::without_spaces(Sandbox::builder().seed(1)).await;
    let mut model = Model {
        now: NOW,
        ..Model::default()
    };
    for (user, username) in USERS.iter().enumerate() {
        model.register((*username).to_owned(), 0, None).expect("a new user");
        let step = Step::Password(user, 0);
        model.take(&step).expect("a password");
        take(&world, &step).await.expect("a password");
    }
    for step in steps {
        let expected = model.take(step);
        let found = take(&world, step).await.map_err(|error| refusal(&error));
        assert_eq!(found, expected, "{step:?}");
        compare(&world, &model)
            .await
            .unwrap_or_else(|error| panic!("after {step:?}: {error}"));
        world.sandbox.check();
    }
    compare_passwords(&world, &model).await;
    let history = compare_history(&world, &model).await;
    history.unwrap_or_else(|error| panic!("history: {error}"));
}

#[test]
fn users_agree_with_the_model() {
    steps::run(7, sequences(), run);
}
