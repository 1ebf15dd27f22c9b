//! Compares push settings, templates, bindings, contacts and notifications of the sandbox with a simple model while random steps are
//! taken.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

#[path = "support/push_model.rs"]
mod model;
#[path = "support/push_steps.rs"]
mod sequence;

use std::collections::BTreeMap;
use std::time::Duration;

use easemob::types::{NewPushNickname, Notification, PushBinding, PushScope};
use easemob::{Client, Error};
use easemob_sandbox::Sandbox;
use serde_json::{Value, json};

use model::{Answer, Chosen, Model};
use sequence::{Binding, COUNT, DEVICES, KEYS, LABEL, Settings, Step, TEMPLATES, name, names, sequences};
use support::steps::{self, refusal};
use support::world::{NOW, USERS, World, refused};

/// The sandbox, and a client of its second app.
struct Real {
    world: World,
    other: Client,
}

impl Real {
    async fn new() -> Self {
        let builder = Sandbox::builder().app(["acme", "support"], ["one", "secret"]);
        let world = World::without_spaces(builder.app(["acme", "sales"], ["two", "secret"]).seed(1)).await;
        let other = world.sandbox.client_of(&world.sandbox.apps()[1]);
        Self {
            other: other.expect("a client"),
            world,
        }
    }

    fn client(&self, app: usize) -> &Client {
        if app == 0 { &self.world.client } else { &self.other }
    }

    async fn take(&self, step: &Step, now: i64) -> Result<Answer, Error> {
        let client = &self.world.client;
        let (users, push) = (client.users(), client.push());
        match step {
            Step::Register(user) => drop(users.create(name(*user)).await?),
            Step::Delete(user) => drop(users.delete(name(*user)).await?),
            Step::Online(user, on) => {
                let state = if *on { "1" } else { "0" };
                client.presence().set(name(*user), "web_1", state, "").await?;
            }
            Step::Settings(user, scope, key, new) => self.set(*user, scope, KEYS[*key], new).await?,
            Step::Language(user, language) => {
                let language = language.map_or_else(String::new, |number| format!("l{number}"));
                assert_eq!(push.set_language(name(*user), &*language).await?.language, language);
            }
            Step::Template(app, name, text) => {
                let text = format!("text {text}");
                let created = self.client(*app).push().create_template(TEMPLATES[*name], "{0}", text);
                return Ok(vec![created.await?.content_pattern]);
            }
            Step::DropTemplate(app, name) => {
                let deleted = self.client(*app).push().delete_template(TEMPLATES[*name]).await?;
                return Ok(vec![deleted.content_pattern]);
            }
            Step::UserTemplate(user, template) => {
                let set = push.set_user_template(name(*user), TEMPLATES[*template]).await?;
                return Ok(vec![set.template]);
            }
            Step::Bind(user, device, binding) => return self.bind(*user, DEVICES[*device], *binding).await,
            Step::Nicknames(new) => {
                let new = new
                    .iter()
                    .map(|(user, number)| NewPushNickname::new(name(*user), format!("N{number}")));
                let set = push.set_nicknames(new.collect::<Vec<_>>()).await?;
                return Ok(set
                    .into_iter()
                    .map(|set| format!("{} {}", set.username, set.push_nickname))
                    .collect());
            }
            Step::Invalid(number) => self.send_invalid(*number).await,
            Step::Wait(seconds) => self.world.advance(*seconds),
            step => return self.link_or_notify(step, now).await,
        }
        Ok(Answer::new())
    }

    /// Takes one of the other steps.
    async fn link_or_notify(&self, step: &Step, now: i64) -> Result<Answer, Error> {
        let client = &self.world.client;
        let (contacts, push) = (client.contacts(), client.push_messages());
        match step {
            Step::Befriend(one, other) => drop(contacts.add(name(*one), name(*other)).await?),
            Step::Part(one, other) => drop(contacts.remove(name(*one), name(*other)).await?),
            Step::Remark(owner, contact, text) => {
                let text = text.map_or_else(String::new, |text| format!("remark {text}"));
                contacts.set_remark(name(*owner), name(*contact), text).await?;
            }
            Step::Import(owner, others) => return self.import(*owner, others).await,
            Step::Label(true) => drop(client.push_labels().create(LABEL).await?),
            Step::Label(false) => client.push_labels().delete(LABEL).await?,
            Step::Notify(user, strategy) => {
                let sent = push.send(name(*user), notification()).strategy(*strategy).await?;
                return Ok(sent.into_iter().map(|outcome| outcome.status.to_string()).collect());
            }
            Step::NotifyLater(users) => {
                let sent = push.send_to_users(names(users), notification()).await?;
                let shown = |outcome: easemob::types::PushOutcome| {
                    format!("{} {}", outcome.username.unwrap_or_default(), outcome.status)
                };
                return Ok(sent.into_iter().map(shown).collect());
            }
            Step::Task(all, start, count) => {
                let start = start.map(|seconds| date(now + seconds * 1000));
                for _ in 0..*count {
                    if *all {
                        push.send_to_all(notification()).start(start.clone()).await?;
                    } else {
                        push.send_to_label(LABEL, notification()).start(start.clone()).await?;
                    }
                }
            }
            step => panic!("{step:?} is not handled"),
        }
        Ok(Answer::new())
    }
}

impl Real {
    async fn set(&self, user: usize, scope: &PushScope, key: &str, new: &Settings) -> Result<(), Error> {
        let request = self.world.client.push().set_settings(name(user), scope.clone(), key);
        let request = request.mode(new.mode.clone()).quiet_hours(new.quiet_hours);
        let set = request.quiet_for(new.quiet_for.map(Duration::from_secs)).await?;
        assert_eq!(
            (set.mode, set.quiet_hours.as_deref()),
            (new.mode.clone(), new.quiet_hours)
        );
        assert_eq!(set.quiet_until.is_some(), new.quiet_for.is_some());
        Ok(())
    }

    async fn bind(&self, user: usize, device: &str, binding: Binding) -> Result<Answer, Error> {
        let text = |letter, number: Option<u8>| number.map_or_else(String::new, |number| format!("{letter}{number}"));
        let (certificate, token) = (text('c', binding.certificate), text('t', binding.token));
        let bound = self
            .world
            .client
            .push()
            .bind(name(user), device, certificate, token)
            .await?;
        let bound = bindings(bound).into_iter();
        let shown = bound.map(|((of, certificate), token)| {
            assert_eq!(of, device);
            format!("{certificate} {token}")
        });
        Ok(shown.collect())
    }

    async fn import(&self, owner: usize, others: &[usize]) -> Result<Answer, Error> {
        let imported = self.world.client.contacts().import(name(owner), names(others)).await?;
        assert!(imported.over_limit.is_empty());
        let lists = [
            ("added", imported.added),
            ("failed", imported.failed),
            ("not found", imported.not_found),
        ];
        let outcomes = lists
            .into_iter()
            .flat_map(|(outcome, users)| users.into_iter().map(move |user| format!("{outcome}: {user}")));
        let mut answer: Answer = outcomes.collect();
        answer.sort();
        Ok(answer)
    }

    /// Sends a request with wrong values, which is an error in every state.
    async fn send_invalid(&self, number: usize) {
        let invalid = invalid();
        let (method, path, body, code) = &invalid[number % invalid.len()];
        self.world.raw_refused(method, path, body.clone(), 400, code).await;
    }

    /// Compares what a step can change with the model. Steps about users and time, and invalid requests, can change everything.
    async fn compare_after(&self, step: &Step, model: &Model) -> Result<(), Error> {
        match step {
            Step::Template(..) | Step::DropTemplate(..) => self.compare_templates(model).await,
            Step::Settings(..) | Step::Language(..) | Step::UserTemplate(..) | Step::Bind(..) | Step::Nicknames(_) => {
                self.compare_push(model).await
            }
            Step::Befriend(..) | Step::Part(..) | Step::Remark(..) | Step::Import(..) => {
                self.compare_contacts(model).await
            }
            Step::Notify(..) | Step::NotifyLater(_) | Step::Task(..) | Step::Label(_) => Ok(()),
            _ => self.compare(model).await,
        }
    }

    /// Compares everything that can be read with the model.
    async fn compare(&self, model: &Model) -> Result<(), Error> {
        self.compare_templates(model).await?;
        self.compare_push(model).await?;
        self.compare_contacts(model).await
    }

    async fn compare_templates(&self, model: &Model) -> Result<(), Error> {
        for (app, templates) in model.templates.iter().enumerate() {
            for name in TEMPLATES {
                let found = self.client(app).push().get_template(name).await;
                let Some((text, created)) = templates.get(name) else {
                    refused(found, 400, "EntityNotFoundException");
                    continue;
                };
                let found = found?;
                assert_eq!(
                    (&*found.name, &*found.title_pattern, &found.content_pattern),
                    (name, "{0}", text)
                );
                let times = [found.created, found.updated].map(|time| time.map(|time| time.0));
                assert_eq!(times, [Some(*created); 2], "template {name} of app {app}");
            }
        }
        Ok(())
    }

    /// Compares the push settings of users, and their nicknames.
    async fn compare_push(&self, model: &Model) -> Result<(), Error> {
        let push = self.world.client.push();
        for user in USERS.into_iter().take(COUNT) {
            let Some(person) = model.users.get(user) else {
                let unknown = "RequiredPropertyNotFoundException";
                refused(push.get_settings(user, PushScope::User, user).await, 400, unknown);
                refused(push.get_language(user).await, 400, unknown);
                refused(push.list_bindings(user).await, 404, "service_resource_not_found");
                continue;
            };
            for scope in [PushScope::User, PushScope::Group] {
                for key in KEYS {
                    let found = push.get_settings(user, scope.clone(), key).await?;
                    let found: Chosen = (found.mode, found.quiet_hours, found.quiet_until.map(|end| end.0));
                    assert_eq!(
                        found,
                        person.settings(&scope, key),
                        "settings of {user} for {scope} {key}"
                    );
                }
            }
            let language = push.get_language(user).await?.language;
            assert_eq!(language, person.language, "language of {user}");
            let found = bindings(push.list_bindings(user).await?);
            assert_eq!(found, person.bindings, "bindings of {user}");
            let found = self.world.client.users().get(user).await?;
            assert_eq!(found.nickname, person.nickname, "nickname of {user}");
            let found = bindings(found.push_info.unwrap_or_default());
            assert_eq!(found, person.bindings, "bindings of {user}");
        }
        Ok(())
    }

    async fn compare_contacts(&self, model: &Model) -> Result<(), Error> {
        let contacts = self.world.client.contacts();
        for user in USERS.into_iter().take(COUNT) {
            let Some(person) = model.users.get(user) else {
                refused(contacts.list(user).await, 404, "service_resource_not_found");
                refused(contacts.list_page(user).await, 404, "service_resource_not_found");
                continue;
            };
            let expected: Vec<_> = person.contacts.iter().map(|(contact, _)| &**contact).collect();
            assert_eq!(contacts.list(user).await?, expected, "contacts of {user}");
            for with_remarks in [false, true] {
                let mut all = contacts.list_page(user).limit(1).with_remarks(with_remarks).stream();
                let mut found = Vec::new();
                while let Some(contact) = all.try_next().await? {
                    found.push((contact.username.to_string(), contact.remark.flatten()));
                }
                let remark = |remark: &Option<String>| remark.clone().filter(|_| with_remarks);
                let contacts = person.contacts.iter();
                let expected: Vec<_> = contacts
                    .map(|(contact, text)| (contact.clone(), remark(text)))
                    .collect();
                assert_eq!(found, expected, "contacts of {user} with remarks: {with_remarks}");
            }
        }
        Ok(())
    }
}

fn notification() -> Notification {
    Notification::new("News", "Five teas")
}

/// Returns the tokens of push bindings by device and certificate.
fn bindings(bindings: Vec<PushBinding>) -> BTreeMap<(String, String), String> {
    let count = bindings.len();
    let parts = bindings.into_iter().map(|binding| {
        let PushBinding {
            device_id,
            notifier_name,
            device_token,
            ..
        } = binding;
        let text = Option::unwrap_or_default;
        ((text(device_id), text(notifier_name)), text(device_token))
    });
    let bindings: BTreeMap<_, _> = parts.collect();
    assert_eq!(bindings.len(), count, "a certificate is bound twice");
    bindings
}

/// Returns a time in milliseconds as `yyyy-MM-dd HH:mm:ss`. It must be in November or December 2023.
fn date(time: i64) -> String {
    // The sandbox starts on 14 November 2023 at 22:13:20.
    let second = (time - NOW) / 1000 + 22 * 3600 + 13 * 60 + 20;
    let (day, second) = (14 + second / 86_400, second % 86_400);
    let (month, day) = if day > 30 { (12, day - 30) } else { (11, day) };
    format!(
        "2023-{month}-{day:02} {:02}:{:02}:{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// Returns requests that are never valid: the method, the path, the body and the code of the error.
fn invalid() -> Vec<(&'static str, &'static str, Option<Value>, &'static str)> {
    let settings = "/users/alice/notification/user/alice";
    let names = |count| (0..count).map(|number| format!("u{number}")).collect::<Vec<_>>();
    let nicknames: Vec<_> = names(51)
        .iter()
        .map(|user| json!({"username": user, "push_nickname": "N"}))
        .collect();
    let template = |name: &str| json!({"name": name, "title_pattern": "{0}", "content_pattern": "{1}"});
    let message = |title: String, content: String| json!({"pushMessage": {"title": title, "content": content}});
    let illegal = "IllegalArgumentException";
    vec![
        ("PUT", settings, Some(json!({"ignoreInterval": "24:00-07:00"})), illegal),
        ("PUT", settings, Some(json!({"ignoreDuration": -1})), illegal),
        ("PUT", settings, Some(json!({"type": "SOME"})), illegal),
        ("POST", "/notification/template", Some(template("not a name")), illegal),
        (
            "POST",
            "/notification/template",
            Some(template(&"n".repeat(65))),
            illegal,
        ),
        ("PUT", "/push/nickname", Some(json!(nicknames)), "illegal_argument"),
        (
            "PUT",
            "/push/nickname",
            Some(json!([{"username": "alice", "push_nickname": "n".repeat(101)}])),
            "illegal_argument",
        ),
        (
            "POST",
            "/push/async/alice",
            Some(message("t".repeat(33), String::new())),
            "MessageException",
        ),
        (
            "POST",
            "/push/task",
            Some(message(String::new(), "t".repeat(101))),
            "MessageException",
        ),
        (
            "PUT",
            "/user/alice/contacts/users/bob",
            Some(json!({"remark": "r".repeat(101)})),
            "illegal_argument",
        ),
        (
            "POST",
            "/users/alice/contacts/import",
            Some(json!({"usernames": names(11)})),
            "illegal_argument",
        ),
        ("GET", "/user/alice/contacts?limit=51", None, "illegal_argument"),
    ]
}

async fn run(steps: &[Step]) {
    let real = Real::new().await;
    let mut model = Model::new(NOW);
    for step in steps {
        let found = real.take(step, model.now).await.map_err(|error| refusal(&error));
        assert_eq!(found, model.take(step), "{step:?}");
        real.compare_after(step, &model)
            .await
            .unwrap_or_else(|error| panic!("after {step:?}: {error}"));
        real.world.sandbox.check();
    }
    let compared = real.compare(&model).await;
    compared.unwrap_or_else(|error| panic!("at the end: {error}"));
}

#[test]
fn push_settings_and_contacts_agree_with_the_model() {
    steps::run(12, sequences(), run);
}
