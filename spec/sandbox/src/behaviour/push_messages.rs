//! Notifications that are not messages.

use serde_json::json;

use super::App;
use super::history;
use crate::errors::Known;
use crate::runtime::{Call, Failure};
use crate::sections::push_messages::{PushMessages, send, send_later, send_to_all, send_to_label, send_to_users};
use crate::types::{Notification, PushOutcome, PushStatus, PushStrategy};

/// Maximum number of tasks in a period.
const TASKS: usize = 3;

/// The period, in milliseconds: 5 minutes.
const PERIOD: i64 = 5 * 60 * 1000;

/// The earliest and the latest start of a task after its creation, in milliseconds: 1 hour and 30 days.
const START: [i64; 2] = [3600 * 1000, 30 * 24 * 3600 * 1000];

/// Returns the width of a text: a character outside of ASCII counts as two.
fn width(text: &str) -> usize {
    text.chars()
        .map(|character| if character.is_ascii() { 1 } else { 2 })
        .sum()
}

/// Returns an error if a notification is too large.
fn check(notification: &Notification) -> Result<(), Failure> {
    let ext = notification.ext.as_ref();
    let keys = ext.map_or(0, serde_json::Map::len);
    let length = ext.map_or(0, |ext| json!(ext).to_string().chars().count());
    let problem = if width(&notification.title) > 32 {
        "the title has more than 32 characters"
    } else if width(&notification.content) > 100 {
        "the content has more than 100 characters"
    } else if keys > 10 || length > 1024 {
        "ext has more than 10 keys or 1024 characters"
    } else {
        return Ok(());
    };
    Err(Failure::new(Known::MessageException400, problem))
}

/// Returns an error if a task cannot start at a time, `yyyy-MM-dd HH:mm:ss` in UTC.
fn check_start(start: Option<&str>, now: i64) -> Result<(), Failure> {
    let Some(start) = start else { return Ok(()) };
    let digits: String = start.chars().filter(char::is_ascii_digit).collect();
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i64>().ok().filter(|number| *number < 60);
    let time = history::hour_of(digits.get(..10).unwrap_or_default())
        .zip(number(10..12))
        .zip(number(12..14))
        .map(|((hour, minute), second)| hour * history::HOUR + minute * 60_000 + second * 1000);
    let [first, last] = START;
    if time.is_some_and(|time| (now + first..=now + last).contains(&time)) {
        return Ok(());
    }
    let message = format!("{start} is not a time from 1 hour to 30 days from now");
    Err(Failure::new(Known::IllegalArgumentException400, message))
}

impl App {
    /// Returns the result of sending a notification to a user.
    fn push_to(&self, username: &str, strategy: PushStrategy) -> PushOutcome {
        let user = self.accounts.find(username);
        let account = user.and_then(|user| self.accounts.get(user));
        let has_binding = account.is_some_and(|account| !account.push.bindings.is_empty());
        let is_online = account.is_some_and(|account| account.presence.is_online());
        let is_sent = match strategy {
            PushStrategy::VendorFirst | PushStrategy::OwnIfOnline => has_binding || is_online,
            PushStrategy::OwnOnly => account.is_some(),
            PushStrategy::VendorOnly => has_binding,
            PushStrategy::OnlineOnly => is_online,
        };
        let reason = match account {
            None => "the user does not exist",
            Some(_) => "the user has no push binding, or is offline",
        };
        PushOutcome {
            status: if is_sent {
                PushStatus::Success
            } else {
                PushStatus::Failed
            },
            username: None,
            data: is_sent.then(|| json!({"result": "ok"})),
            desc: (!is_sent).then(|| reason.to_owned()),
        }
    }

    /// Creates a task. Returns its ID.
    fn create_task(&mut self, now: i64, start: Option<&str>, notification: &Notification) -> Result<i64, Failure> {
        check(notification)?;
        check_start(start, now)?;
        self.push_tasks.retain(|created| *created > now - PERIOD);
        if self.push_tasks.len() >= TASKS {
            let message = format!("{TASKS} tasks were created in 5 minutes");
            return Err(Failure::new(Known::LimitException403, message));
        }
        self.push_tasks.push(now);
        let id = self.ids.number(968_120_000_000_000_000);
        Ok(i64::try_from(id).unwrap_or(i64::MAX))
    }
}

/// Returns the result of a notification that is sent later.
fn queued(username: Option<String>) -> PushOutcome {
    PushOutcome {
        status: PushStatus::Queued,
        username,
        data: Some("".into()),
        desc: None,
    }
}

impl PushMessages for App {
    fn send(&mut self, _: &Call<'_>, arguments: send::Send) -> Result<Vec<PushOutcome>, Failure> {
        check(&arguments.notification)?;
        Ok(vec![self.push_to(&arguments.target, arguments.strategy)])
    }

    fn send_later(&mut self, _: &Call<'_>, arguments: send_later::SendLater) -> Result<Vec<PushOutcome>, Failure> {
        check(&arguments.notification)?;
        Ok(vec![queued(None)])
    }

    fn send_to_users(
        &mut self,
        _: &Call<'_>,
        arguments: send_to_users::SendToUsers,
    ) -> Result<Vec<PushOutcome>, Failure> {
        check(&arguments.notification)?;
        let targets = arguments.targets.into_iter();
        Ok(targets.map(|target| queued(Some(target.to_lowercase()))).collect())
    }

    fn send_to_label(
        &mut self,
        call: &Call<'_>,
        arguments: send_to_label::SendToLabel,
    ) -> Result<send_to_label::SendToLabelResult, Failure> {
        for label in &arguments.labels {
            self.labels.get(label)?;
        }
        let start = arguments.start.as_deref();
        let task_id = self.create_task(call.now, start, &arguments.notification)?;
        Ok(send_to_label::SendToLabelResult { task_id })
    }

    fn send_to_all(
        &mut self,
        call: &Call<'_>,
        arguments: send_to_all::SendToAll,
    ) -> Result<send_to_all::SendToAllResult, Failure> {
        let start = arguments.start.as_deref();
        let task_id = self.create_task(call.now, start, &arguments.notification)?;
        Ok(send_to_all::SendToAllResult { task_id })
    }
}
