//! Rate limits.

use generator::ir::{Api, Bucket, LimitSource, Operation, Rate};

use super::pairs::{Pairs, pairs};
use super::{Comparison, labels};
use crate::diff::change::Scope;
use crate::diff::kinds::Kind;

/// A rate limit of an operation and where it is declared.
struct Counted<'a> {
    rate: &'a Rate,
    source: Source<'a>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Source<'a> {
    Default,
    Operation,
    Bucket(&'a str),
}

impl Source<'_> {
    /// Returns the calls that count toward the limit.
    fn counted(self) -> String {
        match self {
            Self::Default | Self::Operation => "the operation alone".to_owned(),
            Self::Bucket(key) => format!("all operations of `{key}`"),
        }
    }
}

/// Returns the limits of an operation.
fn limits<'a>(api: &'a Api, operation: &'a Operation) -> Vec<Counted<'a>> {
    let limits = operation.limits.iter().map(|limit| Counted {
        rate: &limit.rate,
        source: match limit.source {
            LimitSource::Default => Source::Default,
            LimitSource::Operation => Source::Operation,
            LimitSource::Bucket(bucket) => Source::Bucket(&api.buckets[bucket].key),
        },
    });
    limits.collect()
}

impl<'a> Comparison<'a> {
    /// Compares the limits that are not those of one operation.
    pub(super) fn limits(&mut self) {
        let scope = Scope {
            path: vec!["limits".to_owned(), "default".to_owned()],
            noun: "any other operation",
            ..Scope::default()
        };
        self.rates(&scope, self.old.default_limit.as_ref(), self.new.default_limit.as_ref());
        let (old, new) = (self.old, self.new);
        let Pairs { both, removed, added } = pairs(&old.buckets, &new.buckets, &[&|bucket| Some(bucket.key.clone())]);
        for (before, after) in both {
            let scope = bucket_scope(after);
            self.rates(&scope, Some(&before.rate), Some(&after.rate));
            self.report_if_changed(Kind::RustNameChanged, &scope, &before.rust_const, &after.rust_const);
            self.text(Kind::TextChanged, &scope, &before.doc, &after.doc);
        }
        for bucket in added {
            self.report(
                Kind::BucketAdded,
                &bucket_scope(bucket),
                "",
                labels::of_rate(&bucket.rate),
            );
        }
        for bucket in removed {
            self.report(
                Kind::BucketRemoved,
                &bucket_scope(bucket),
                labels::of_rate(&bucket.rate),
                "",
            );
        }
    }

    /// Compares the limits of two operations, unless both are declared at the same place outside of the operations.
    pub(super) fn operation_limits(&mut self, scope: &Scope, old: &'a Operation, new: &'a Operation) {
        let (before, after) = (limits(self.old, old), limits(self.new, new));
        let per = |limit: &Counted<'_>| format!("{}/{}", limit.rate.unit, limit.rate.period.seconds());
        let Pairs { both, removed, added } = pairs(
            &before,
            &after,
            &[
                &|limit| Some(format!("{} {}", per(limit), limit.source.counted())),
                &|limit| Some(per(limit)),
                &|limit| Some(limit.rate.unit.clone()),
            ],
        );
        let both: Vec<_> = both.into_iter().map(|(old, new)| (Some(old), Some(new))).collect();
        let removed = removed.into_iter().map(|limit| (Some(limit), None));
        let added = added.into_iter().map(|limit| (None, Some(limit)));
        for (old, new) in both.into_iter().chain(removed).chain(added) {
            let sources = (old.map(|limit| limit.source), new.map(|limit| limit.source));
            let is_declared_elsewhere = match sources {
                (Some(Source::Default), None) => self.new.default_limit.is_none(),
                (None, Some(Source::Default)) => self.old.default_limit.is_none(),
                (old, new) => old == new && old != Some(Source::Operation),
            };
            if is_declared_elsewhere {
                continue;
            }
            self.rates(scope, old.map(|limit| limit.rate), new.map(|limit| limit.rate));
            if let (Some(before), Some(after)) = sources {
                self.report_if_changed(Kind::LimitSharingChanged, scope, before.counted(), after.counted());
            }
        }
    }

    fn rates(&mut self, scope: &Scope, old: Option<&Rate>, new: Option<&Rate>) {
        match (old, new) {
            (None, Some(new)) => self.report(Kind::LimitAdded, scope, "", labels::of_rate(new)),
            (Some(old), None) => self.report(Kind::LimitRemoved, scope, labels::of_rate(old), ""),
            (Some(old), Some(new)) if old.unit != new.unit => {
                self.report(Kind::LimitRemoved, scope, labels::of_rate(old), "");
                self.report(Kind::LimitAdded, scope, "", labels::of_rate(new));
            }
            (Some(old), Some(new)) => {
                // A longer period permits longer bursts at the same rate.
                let per_period = |rate: &Rate, other: &Rate| u64::from(rate.count) * u64::from(other.period.seconds());
                let is_higher =
                    (per_period(new, old), new.period.seconds()) > (per_period(old, new), old.period.seconds());
                let kind = if is_higher {
                    Kind::LimitRaised
                } else {
                    Kind::LimitLowered
                };
                self.report_if_changed(kind, scope, labels::of_rate(old), labels::of_rate(new));
            }
            (None, None) => {}
        }
    }
}

fn bucket_scope(bucket: &Bucket) -> Scope {
    let mut scope = Scope::root("shared limit", &bucket.key);
    scope.path.insert(0, "limits".to_owned());
    scope
}
