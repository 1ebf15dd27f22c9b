//! Files with the messages of one hour.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use super::App;
use super::messages::Message;
use crate::errors::Known;
use crate::runtime::{Blob, Failure};
use crate::types::{
    AudioBody, AudioRecord, ChatType, CustomBody, CustomRecord, Direction, FileBody, FileRecord, HistoryBody,
    HistoryPayload, HistoryRecord, ImageBody, ImageRecord, LegacyMessage, LocationBody, LocationRecord, MessageContent,
    TextBody, TextRecord, VideoBody, VideoRecord,
};

/// An hour in milliseconds.
pub(super) const HOUR: i64 = 3600 * 1000;

/// The time for which a link is valid, in milliseconds.
const LINK_LIFETIME: i64 = HOUR;

/// The path of a link, before its secret.
const LINK: &str = "/_history/";

/// A link to a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Link {
    hour: i64,
    expires: i64,
}

impl App {
    /// Creates a link to the messages of an hour, given as `yyyyMMddHH` in UTC. Returns its path.
    pub(super) fn link_history(&mut self, time: &str, now: i64) -> Result<String, Failure> {
        let hour = hour_of(time)
            .ok_or_else(|| Failure::new(Known::IllegalArgument400, format!("{time} is not an hour, yyyyMMddHH")))?;
        if self.messages.of_hour(hour).next().is_none() {
            let message = format!("there are no messages in the hour {time}");
            return Err(Failure::new(Known::StorageObjectNotFound404, message));
        }
        self.links.retain(|_, link| link.expires > now);
        let secret = self.ids.secret(40);
        let expires = now + LINK_LIFETIME;
        self.links.insert(secret.clone(), Link { hour, expires });
        Ok(format!("{LINK}{secret}"))
    }

    /// Returns the file that a link leads to, compressed.
    pub(super) fn history_file(&self, path: &str, now: i64) -> Option<Blob> {
        let link = self.links.get(path.strip_prefix(LINK)?)?;
        if link.expires <= now {
            return None;
        }
        let mut file = GzEncoder::new(Vec::new(), Compression::fast());
        for message in self.messages.of_hour(link.hour) {
            let json = serde_json::to_string(&record(message)).ok()?;
            writeln!(file, "{json}").ok()?;
        }
        Some(Blob {
            content: file.finish().ok()?.into(),
            media_type: "application/gzip".to_owned(),
        })
    }
}

/// Returns the hour since 1970 that `yyyyMMddHH` stands for.
pub(super) fn hour_of(time: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| time.get(range)?.parse::<i64>().ok();
    let (year, month, day, hour) = (number(0..4)?, number(4..6)?, number(6..8)?, number(8..10)?);
    let is_valid = time.len() == 10 && (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24;
    // Days since 1970, with years that begin in March.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days =
        year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (month * 153 + 2) / 5 + day;
    is_valid.then_some((days - 719_469) * 24 + hour)
}

/// Returns a time, in milliseconds since 1970, in the format of ISO 8601.
pub(super) fn iso_8601(time: i64) -> String {
    let (days, in_day) = (time.div_euclid(24 * HOUR), time.rem_euclid(24 * HOUR));
    // Days since 1 March 0000, in cycles of 400 years and years that begin in March.
    let days = days + 719_468;
    let (cycle, in_cycle) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (in_cycle - in_cycle / 1460 + in_cycle / 36_524 - in_cycle / 146_096) / 365;
    let in_year = in_cycle - (365 * year + year / 4 - year / 100);
    let month = (5 * in_year + 2) / 153;
    let day = in_year - (153 * month + 2) / 5 + 1;
    let (year, month) = match month {
        0..10 => (year, month + 3),
        _ => (year + 1, month - 9),
    };
    let year = cycle * 400 + year;
    let (hour, minute) = (in_day / HOUR, in_day / 60_000 % 60);
    let (second, millis) = (in_day / 1000 % 60, in_day % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// Returns a message as the file contains it.
fn record(message: &Message) -> HistoryRecord {
    let kind = match message.kind {
        ChatType::Chat => "chat",
        ChatType::Group => "groupchat",
        ChatType::Room => "chatroom",
    };
    HistoryRecord {
        msg_id: message.id.to_string(),
        timestamp: message.time,
        direction: Some(Direction::Outgoing),
        from: Some(message.from.clone()),
        to: Some(message.to.clone()),
        chat_type: message.kind,
        payload: HistoryPayload {
            kind: Some(kind.to_owned()),
            meta: None,
            bodies: vec![message.body.clone()],
            ext: message.ext.clone(),
            from: Some(message.from.clone()),
            to: Some(message.to.clone()),
        },
    }
}

impl From<MessageContent> for HistoryBody {
    fn from(content: MessageContent) -> Self {
        match content {
            MessageContent::Text(body) => text(body),
            MessageContent::Image(body) => image(body),
            MessageContent::Audio(body) => audio(body),
            MessageContent::Video(body) => video(body),
            MessageContent::File(body) => Self::File(file(body)),
            MessageContent::Location(body) => location(&body),
            MessageContent::Command(body) => Self::Command(body),
            MessageContent::Custom(body) => custom(body),
        }
    }
}

impl From<LegacyMessage> for HistoryBody {
    fn from(message: LegacyMessage) -> Self {
        match message {
            LegacyMessage::Text(body) => text(body),
            LegacyMessage::Image(body) => image(body),
            LegacyMessage::Audio(body) => audio(body),
            LegacyMessage::Video(body) => video(body),
            LegacyMessage::File(body) => Self::File(file(body)),
            LegacyMessage::Location(body) => location(&body),
            LegacyMessage::Command(body) => Self::Command(body),
            LegacyMessage::Custom(body) => custom(body),
        }
    }
}

/// Returns the content of a text message.
pub(super) fn text(body: TextBody) -> HistoryBody {
    HistoryBody::Text(TextRecord {
        msg: body.msg,
        ..TextRecord::default()
    })
}

fn file(body: FileBody) -> FileRecord {
    FileRecord {
        filename: body.filename,
        file_length: None,
        url: Some(body.url),
        secret: body.secret,
    }
}

fn image(body: ImageBody) -> HistoryBody {
    HistoryBody::Image(ImageRecord {
        file: file(body.file),
        size: body.size,
    })
}

fn audio(body: AudioBody) -> HistoryBody {
    HistoryBody::Audio(AudioRecord {
        file: file(body.file),
        length: body.length,
    })
}

fn video(body: VideoBody) -> HistoryBody {
    HistoryBody::Video(VideoRecord {
        file: FileRecord {
            filename: body.filename,
            file_length: body.file_length,
            url: Some(body.url),
            secret: body.secret,
        },
        length: body.length,
        size: None,
        thumb: body.thumb,
        thumb_secret: body.thumb_secret,
    })
}

fn location(body: &LocationBody) -> HistoryBody {
    HistoryBody::Location(LocationRecord {
        lat: body.lat.parse().ok(),
        lng: body.lng.parse().ok(),
        addr: Some(body.addr.clone()),
    })
}

/// Returns the content of a custom message.
pub(super) fn custom(body: CustomBody) -> HistoryBody {
    let exts = body.custom_exts.unwrap_or_default();
    let old = exts
        .iter()
        .map(|(key, value)| serde_json::json!({ key: value }))
        .collect();
    HistoryBody::Custom(CustomRecord {
        custom_event: body.custom_event,
        custom_exts: Some(serde_json::Value::Array(old)),
        v2_custom_exts: Some(exts),
    })
}
