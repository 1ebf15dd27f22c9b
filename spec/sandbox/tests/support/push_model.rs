//! The expected state of push settings, templates, bindings and contacts, and the expected results of notifications.

use std::collections::{BTreeMap, BTreeSet};

use easemob::types::{PushMode, PushScope, PushStrategy};

use super::sequence::{Binding, COUNT, DEVICES, KEYS, Settings, Step, TEMPLATES, name, names};
use crate::support::steps::Refusal;

/// The maximum length of a time without notifications, in seconds.
const QUIET: u64 = 7 * 24 * 3600;

/// The seconds after the creation of a task in which it can start.
const START: std::ops::RangeInclusive<i64> = 3600..=30 * 24 * 3600;

/// The time in which 3 tasks can be created, in milliseconds.
const PERIOD: i64 = 300_000;

/// The texts that a step returns. Empty for most steps.
pub type Answer = Vec<String>;

/// Push settings: the mode, the period and the end.
pub type Chosen = (Option<PushMode>, Option<String>, Option<i64>);

/// The expected state of the service.
#[derive(Debug, Default)]
pub struct Model {
    pub users: BTreeMap<String, Person>,
    /// The templates of each app by name: the text and the time of creation.
    pub templates: [BTreeMap<&'static str, (String, i64)>; 2],
    has_label: bool,
    tasks: Vec<i64>,
    pub now: i64,
}

/// The state of a user.
#[derive(Debug, Clone, Default)]
pub struct Person {
    online: bool,
    /// `true` for groups.
    settings: BTreeMap<(bool, String), Chosen>,
    pub language: Option<String>,
    /// The tokens by device and certificate.
    pub bindings: BTreeMap<(String, String), String>,
    pub nickname: Option<String>,
    /// The contacts in the order in which they were added, and the remarks on them.
    pub contacts: Vec<(String, Option<String>)>,
}

impl Person {
    /// Returns the settings of a conversation. User IDs are case-insensitive.
    pub fn settings(&self, scope: &PushScope, key: &str) -> Chosen {
        self.settings.get(&place(scope, key)).cloned().unwrap_or_default()
    }

    fn has_contact(&self, user: &str) -> bool {
        self.contacts.iter().any(|(contact, _)| contact == user)
    }
}

fn place(scope: &PushScope, key: &str) -> (bool, String) {
    match scope {
        PushScope::Group => (true, key.to_owned()),
        _ => (false, key.to_lowercase()),
    }
}

fn fail<T>(status: u16, code: &str) -> Result<T, Refusal> {
    Err((status, code.to_owned()))
}

fn done() -> Result<Answer, Refusal> {
    Ok(Answer::new())
}

impl Model {
    /// Creates the state at the start.
    pub fn new(now: i64) -> Self {
        let users = (0..COUNT).map(|user| (name(user), Person::default()));
        Self {
            users: users.collect(),
            now,
            ..Self::default()
        }
    }

    pub fn take(&mut self, step: &Step) -> Result<Answer, Refusal> {
        match step {
            Step::Register(user) => self.register(name(*user)),
            Step::Delete(user) => self.delete(&name(*user)),
            Step::Online(user, on) => match self.users.get_mut(&name(*user)) {
                None => fail(400, "illegal_argument"),
                Some(person) => {
                    person.online = *on;
                    done()
                }
            },
            Step::Settings(user, scope, key, new) => self.set(&name(*user), scope, KEYS[*key], new),
            Step::Language(user, language) => {
                let language = language.map_or_else(String::new, |number| format!("l{number}"));
                self.pushed(&name(*user))?.language = Some(language);
                done()
            }
            Step::Template(app, name, text) => self.create_template(*app, TEMPLATES[*name], *text),
            Step::DropTemplate(app, name) => match self.templates[*app].remove(TEMPLATES[*name]) {
                None => fail(400, "EntityNotFoundException"),
                Some((text, _)) => Ok(vec![text]),
            },
            Step::UserTemplate(user, template) => {
                if !self.templates[0].contains_key(TEMPLATES[*template]) {
                    return fail(400, "EntityNotFoundException");
                }
                self.pushed(&name(*user))?;
                Ok(vec![TEMPLATES[*template].to_owned()])
            }
            Step::Bind(user, device, binding) => self.bind(&name(*user), DEVICES[*device], *binding),
            Step::Nicknames(new) => Ok(self.set_nicknames(new)),
            Step::Befriend(one, other) => self.befriend(&name(*one), &name(*other)),
            Step::Part(one, other) => self.part(&name(*one), &name(*other)),
            Step::Remark(owner, contact, text) => self.remark(&name(*owner), &name(*contact), *text),
            Step::Import(owner, contacts) => self.import(&name(*owner), &names(contacts)),
            _ => self.notify(step),
        }
    }

    /// Takes one of the other steps.
    fn notify(&mut self, step: &Step) -> Result<Answer, Refusal> {
        match step {
            Step::Label(true) if self.has_label => return fail(400, "IllegalArgumentException"),
            Step::Label(false) if !self.has_label => return fail(400, "ResourceNotFoundException"),
            Step::Label(on) => self.has_label = *on,
            Step::Notify(user, strategy) => {
                let is_sent = self.is_sent(&name(*user), strategy);
                return Ok(vec![if is_sent { "SUCCESS" } else { "FAIL" }.to_owned()]);
            }
            Step::NotifyLater(users) => {
                return Ok(names(users).into_iter().map(|user| user + " ASYNC_SUCCESS").collect());
            }
            Step::Task(all, start, count) => {
                for _ in 0..*count {
                    self.create_task(*all, *start)?;
                }
            }
            Step::Wait(seconds) => self.now += i64::try_from(*seconds).expect("a small number") * 1000,
            // An invalid request changes nothing.
            _ => {}
        }
        done()
    }

    fn register(&mut self, user: String) -> Result<Answer, Refusal> {
        if self.users.contains_key(&user) {
            return fail(400, "duplicate_unique_property_exists");
        }
        self.users.insert(user, Person::default());
        done()
    }

    fn delete(&mut self, user: &str) -> Result<Answer, Refusal> {
        if self.users.remove(user).is_none() {
            return fail(404, "service_resource_not_found");
        }
        for other in self.users.values_mut() {
            other.contacts.retain(|(contact, _)| contact != user);
        }
        done()
    }

    /// Returns a user whose push settings are changed.
    fn pushed(&mut self, user: &str) -> Result<&mut Person, Refusal> {
        let person = self.users.get_mut(user);
        person.map_or_else(|| fail(400, "RequiredPropertyNotFoundException"), Ok)
    }

    fn set(&mut self, user: &str, scope: &PushScope, key: &str, new: &Settings) -> Result<Answer, Refusal> {
        if new.quiet_for.is_some_and(|seconds| seconds > QUIET) {
            return fail(400, "IllegalArgumentException");
        }
        let now = self.now;
        let person = self.pushed(user)?;
        let place = place(scope, key);
        let is_app = place == (false, user.to_owned());
        if new.quiet_hours.is_some() && !is_app {
            return fail(400, "IllegalArgumentException");
        }
        let (mode, hours, end) = person.settings.entry(place).or_default();
        if new.mode.is_some() {
            mode.clone_from(&new.mode);
        }
        if let Some(new) = new.quiet_hours {
            *hours = Some(new.to_owned());
        }
        if let Some(seconds) = new.quiet_for {
            let length = i64::try_from(seconds).expect("a small number") * 1000;
            *end = Some(if seconds == 0 { 0 } else { now + length });
        }
        done()
    }

    fn create_template(&mut self, app: usize, name: &'static str, text: u8) -> Result<Answer, Refusal> {
        if self.templates[app].contains_key(name) {
            return fail(400, "IllegalArgumentException");
        }
        let text = format!("text {text}");
        self.templates[app].insert(name, (text.clone(), self.now));
        Ok(vec![text])
    }

    fn bind(&mut self, user: &str, device: &str, binding: Binding) -> Result<Answer, Refusal> {
        let Some(person) = self.users.get_mut(user) else {
            return fail(404, "service_resource_not_found");
        };
        match (binding.certificate, binding.token) {
            (None, _) => person.bindings.retain(|(of, _), _| of != device),
            (Some(certificate), token) => {
                let place = (device.to_owned(), format!("c{certificate}"));
                person.bindings.remove(&place);
                person.bindings.extend(token.map(|token| (place, format!("t{token}"))));
            }
        }
        let of_device = person.bindings.iter().filter(|((of, _), _)| of == device);
        Ok(of_device
            .map(|((_, certificate), token)| format!("{certificate} {token}"))
            .collect())
    }

    fn set_nicknames(&mut self, new: &[(usize, u8)]) -> Answer {
        let mut set = Answer::new();
        for (user, number) in new {
            if let Some(person) = self.users.get_mut(&name(*user)) {
                let nickname = format!("N{number}");
                set.push(format!("{} {nickname}", name(*user)));
                person.nickname = Some(nickname);
            }
        }
        set
    }

    fn person(&mut self, user: &str) -> Result<&mut Person, Refusal> {
        let person = self.users.get_mut(user);
        person.map_or_else(|| fail(404, "service_resource_not_found"), Ok)
    }

    fn befriend(&mut self, one: &str, other: &str) -> Result<Answer, Refusal> {
        for user in [one, other] {
            self.person(user)?;
        }
        for (owner, contact) in [(one, other), (other, one)] {
            let owner = self.person(owner)?;
            if !owner.has_contact(contact) {
                owner.contacts.push((contact.to_owned(), None));
            }
        }
        done()
    }

    fn part(&mut self, one: &str, other: &str) -> Result<Answer, Refusal> {
        for user in [one, other] {
            self.person(user)?;
        }
        for (owner, contact) in [(one, other), (other, one)] {
            self.person(owner)?.contacts.retain(|(user, _)| user != contact);
        }
        done()
    }

    fn remark(&mut self, owner: &str, contact: &str, text: Option<u8>) -> Result<Answer, Refusal> {
        for user in [owner, contact] {
            self.person(user)?;
        }
        let contacts = &mut self.person(owner)?.contacts;
        let Some((_, remark)) = contacts.iter_mut().find(|(user, _)| user == contact) else {
            return fail(400, "illegal_argument");
        };
        *remark = Some(text.map_or_else(String::new, |text| format!("remark {text}")));
        done()
    }

    fn import(&mut self, owner: &str, contacts: &[String]) -> Result<Answer, Refusal> {
        self.person(owner)?;
        let known: BTreeSet<_> = self.users.keys().cloned().collect();
        let mut answer = Answer::new();
        for contact in contacts {
            let outcome = if !known.contains(contact) {
                "not found"
            } else if contact == owner {
                "failed"
            } else {
                self.befriend(owner, contact)?;
                "added"
            };
            answer.push(format!("{outcome}: {contact}"));
        }
        answer.sort();
        Ok(answer)
    }

    /// Returns `true` if a notification reaches a user.
    fn is_sent(&self, user: &str, strategy: &PushStrategy) -> bool {
        let Some(person) = self.users.get(user) else {
            return false;
        };
        let by_vendor = !person.bindings.is_empty();
        match strategy {
            PushStrategy::VendorOnly => by_vendor,
            PushStrategy::OnlineOnly => person.online,
            PushStrategy::VendorFirst | PushStrategy::OwnIfOnline => by_vendor || person.online,
            // It is kept until the user is online.
            _ => true,
        }
    }

    fn create_task(&mut self, all: bool, start: Option<i64>) -> Result<(), Refusal> {
        if !all && !self.has_label {
            return fail(400, "ResourceNotFoundException");
        }
        if start.is_some_and(|start| !START.contains(&start)) {
            return fail(400, "IllegalArgumentException");
        }
        let recent = self.tasks.iter().filter(|created| self.now - **created < PERIOD);
        if recent.count() == 3 {
            return fail(403, "LimitException");
        }
        self.tasks.push(self.now);
        Ok(())
    }
}
