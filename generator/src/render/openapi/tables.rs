//! Rate limits, paging styles and errors, each stated once at the root of the document.

use indexmap::IndexMap;

use super::document::{Bucket, KnownError, NextPage, Paging, PagingStyle, Rate, RateLimit, RateLimits};
use super::schemas::Schemas;
use crate::ir::{self, Api, JsonPath, Limit, LimitSource, Operation, PagingKind, Step};

/// Returns every rate limit that more than one operation can have.
pub(super) fn rate_limits(schemas: &Schemas<'_>) -> RateLimits {
    let bucket = |bucket: &ir::Bucket| {
        let described = Bucket {
            description: schemas.text(&bucket.doc),
            rate: rate(&bucket.rate),
        };
        (bucket.key.clone(), described)
    };
    RateLimits {
        default: schemas.api.default_limit.as_ref().map(rate),
        buckets: schemas.api.buckets.iter().map(bucket).collect(),
    }
}

/// Returns the rate limits of an operation.
pub(super) fn rate_limits_of(api: &Api, op: &Operation) -> Vec<RateLimit> {
    let described = |limit: &Limit| RateLimit {
        rate: rate(&limit.rate),
        bucket: match limit.source {
            LimitSource::Bucket(bucket) => Some(api.buckets[bucket].key.clone()),
            LimitSource::Default | LimitSource::Operation => None,
        },
    };
    op.limits.iter().map(described).collect()
}

fn rate(rate: &ir::Rate) -> Rate {
    Rate {
        count: rate.count,
        unit: rate.unit.clone(),
        period_seconds: rate.period.seconds(),
    }
}

/// Returns the paging styles that operations use.
pub(super) fn paging_styles(schemas: &Schemas<'_>) -> IndexMap<String, PagingStyle> {
    let mut styles = IndexMap::new();
    for paging in schemas.api.operations().filter_map(|(_, op)| op.paging.as_ref()) {
        if !styles.contains_key(&paging.style) {
            styles.insert(paging.style.clone(), paging_style(schemas, paging));
        }
    }
    styles
}

fn paging_style(schemas: &Schemas<'_>, paging: &ir::Paging) -> PagingStyle {
    let (kind, first_page, ends_empty) = match paging.kind {
        PagingKind::Cursor { ends_empty, .. } => ("cursor", None, ends_empty.then_some(true)),
        PagingKind::Page { first, .. } => ("page", Some(first), None),
    };
    PagingStyle {
        kind,
        description: schemas.text(&paging.doc),
        first_page,
        ends_empty,
    }
}

/// Returns the location of the items of a page, and how to request the next page.
pub(super) fn paging(op: &Operation) -> Option<Paging> {
    let paging = op.paging.as_ref()?;
    let name = |id| op.input(id).wire.clone();
    let next = match &paging.kind {
        PagingKind::Cursor { param, next, .. } => NextPage::Cursor {
            cursor_parameter: name(*param),
            next_cursor: pointer(next),
        },
        PagingKind::Page { number, size, .. } => NextPage::Page {
            page_parameter: name(*number),
            size_parameter: name(*size),
        },
    };
    Some(Paging {
        style: paging.style.clone(),
        items: pointer(&op.result.parts().get(paging.items)?.path),
        next,
    })
}

/// Returns the JSON pointer of a path.
fn pointer(path: &JsonPath) -> String {
    path.0.iter().fold(String::new(), |out, step| match step {
        Step::Key(key) => out + "/" + &key.replace('~', "~0").replace('/', "~1"),
        Step::Index(index) => format!("{out}/{index}"),
    })
}

/// Returns every known error, including those that no operation refers to.
pub(super) fn error_catalogue(schemas: &Schemas<'_>) -> Vec<KnownError> {
    let entry = |error: &ir::KnownError| KnownError {
        status: error.status,
        code: error.code.clone(),
        meaning: schemas.text(&error.means),
        remedy: schemas.text(&error.remedy),
        retryable: error.retry,
        throttled: error.throttled,
    };
    schemas.api.errors.catalogue.iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::{JsonPath, Step, pointer};

    #[test]
    fn escapes_what_a_pointer_would_read() {
        let path = JsonPath(vec![Step::Key("a/b~".into()), Step::Index(0), Step::Key("好".into())]);
        assert_eq!(pointer(&path), "/a~1b~0/0/好");
        assert_eq!(pointer(&JsonPath::default()), "");
    }
}
