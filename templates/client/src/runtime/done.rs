// @if not_done
//! Flags that say whether an operation was done.

// @if all_done
use std::collections::BTreeMap;

use serde_json::Value;
// @end

use super::error::Error;
use super::json::{self, Step};
use super::operation::RawResponse;
// @if done
use super::wire;
// @end
use crate::api::API;

impl RawResponse {
    // @if done
    /// Checks a flag that is `true`, or this string, if the operation was done.
    pub(crate) fn done(&self, path: &[Step], word: Option<&str>) -> Result<(), Error> {
        let is_done = match word {
            Some(word) => self.at(path).map(wire::is(word))?,
            None => self.at(path)?,
        };
        let object = path.split_last().map_or(path, |(_, object)| object);
        let failed = || self.not_done(json::path(path), object, false);
        is_done.then_some(()).ok_or_else(failed)
    }
    // @end

    // @if all_done
    /// Checks the flags in an object, none of which is `false` if the operation was done. Other values are not flags.
    pub(crate) fn all_done(&self, path: &[Step]) -> Result<(), Error> {
        let flags: BTreeMap<String, Value> = self.at(path)?;
        let failed = flags.iter().find(|(_, flag)| **flag == Value::Bool(false));
        failed.map_or(Ok(()), |(key, _)| {
            let flag = json::join(json::path(path), key);
            let in_part = flags.values().any(|flag| *flag == Value::Bool(true));
            Err(self.not_done(flag, path, in_part))
        })
    }
    // @end

    fn not_done(&self, flag: String, object: &[Step], in_part: bool) -> Error {
        let reason = |key| json::text(self.body(), &[object, &[Step::Key(key)]].concat());
        Error::not_done(self.clone(), flag, API.not_done_reason.and_then(reason), in_part)
    }
}
// @end
