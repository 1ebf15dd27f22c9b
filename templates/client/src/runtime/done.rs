// @if not_done
//! Flags that say whether an operation was done.

// @if all_done
use std::collections::BTreeMap;

use serde_json::Value;
// @end

use super::error::{Error, NotDone};
use super::json::{self, Step};
use super::operation::RawResponse;
// @if done
use super::wire::BoolText;
// @end
use crate::api::API;

impl RawResponse {
    // @if done
    /// Checks a flag that is `true`, or this string, if the operation was done.
    pub(crate) fn done(&self, path: &[Step], word: Option<&str>) -> Result<(), Error> {
        let is_done = match word {
            Some(word) => self.at::<BoolText>(path)?.is(word),
            None => self.at(path)?,
        };
        let object = path.split_last().map_or(path, |(_, object)| object);
        is_done
            .then_some(())
            .ok_or_else(|| self.not_done(json::path(path), object, false))
    }
    // @end

    // @if all_done
    /// Checks the flags in an object, all of which are `true` if the operation was done. The reason can be among them.
    pub(crate) fn all_done(&self, path: &[Step]) -> Result<(), Error> {
        let mut flags: BTreeMap<String, Value> = self.at(path)?;
        flags.retain(|key, _| Some(key.as_str()) != API.not_done_reason);
        let is_done = |flag: &Value| *flag == Value::Bool(true);
        let failed = flags.iter().find(|(_, flag)| !is_done(flag)).map(|(key, _)| key);
        failed.map_or(Ok(()), |key| {
            let flag = json::join(json::path(path), key);
            Err(self.not_done(flag, path, flags.values().any(is_done)))
        })
    }
    // @end

    fn not_done(&self, flag: String, object: &[Step], in_part: bool) -> Error {
        let reason = |key| json::text(self.body(), &[object, &[Step::Key(key)]].concat());
        NotDone::new(self.clone(), flag, API.not_done_reason.and_then(reason), in_part).into()
    }
}
// @end
