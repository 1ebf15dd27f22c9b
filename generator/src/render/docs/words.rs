//! Types, rules, rates and paths in the words of one language, with links relative to one page.

use super::markdown::Md;
use super::site::{Page, Site, event_groups};
use crate::ir::{
    Auth, CountRule, EnumRepr, Event, Field, IntRule, Json, JsonPath, Limit, LimitSource, Operation, OperationId,
    Paging, PagingKind, Period, Rate, Reads, StringRule, Text, TimeUnit, Type, TypeId, TypeKind,
};
use crate::render::size;
use crate::render::strings::{Bounds, Catalogue, PageWords};

/// The number of links to operations that a table cell shows at most.
pub(super) const MAX_LINKS: usize = 6;

/// A language and a page, with the strings of the language and the targets of links.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) site: &'a Site<'a>,
    pub(super) strings: &'a Catalogue,
    /// The strings of all languages of the API, in their order.
    pub(super) catalogues: &'a [Catalogue],
    /// Index into the languages of the API.
    pub(super) language: usize,
    pub(super) page: Page,
}

impl Words<'_> {
    /// Returns a text in one line.
    pub(super) fn text(&self, text: &Text) -> Md {
        Md::text(text.get(self.language))
    }

    /// Returns a text that may have several paragraphs.
    pub(super) fn paragraphs(&self, text: &Text) -> Md {
        Md::paragraphs(text.get(self.language))
    }

    /// Joins sentences.
    pub(super) fn sentences(&self, sentences: &[Md]) -> Md {
        Md::join(sentences, &self.strings.phrases.sentence_gap)
    }

    /// Returns the title of a page.
    pub(super) fn page_title(&self, page: Page) -> Md {
        match page {
            Page::Section(section) => return self.text(&self.site.api.sections[section].title),
            Page::Events(group) => return self.text(&event_groups(self.site.api)[group].title),
            _ => {}
        }
        phrase(Self::of_page(&self.strings.pages, page))
    }

    /// Returns the description of a page.
    pub(super) fn page_note(&self, page: Page) -> Md {
        match page {
            Page::Section(section) => return self.text(&self.site.api.sections[section].about),
            Page::Events(group) => return self.text(&event_groups(self.site.api)[group].about),
            _ => {}
        }
        phrase(Self::of_page(&self.strings.notes, page))
    }

    /// Returns the string for a page without a title in the spec, such as that of a section.
    fn of_page(words: &PageWords, page: Page) -> &str {
        match page {
            Page::Front => &words.front,
            Page::Model => &words.model,
            Page::Authentication => &words.authentication,
            Page::Hosts => &words.hosts,
            Page::Envelope => &words.envelope,
            Page::Errors => &words.errors,
            Page::Limits => &words.limits,
            Page::Paging => &words.paging,
            Page::Sandbox => &words.sandbox,
            Page::Section(_) | Page::Events(_) => "",
            Page::Webhooks => &words.webhooks,
            Page::Types => &words.types,
            Page::OpenApi => &words.openapi,
            Page::Corrections => &words.corrections,
            Page::Coverage => &words.coverage,
        }
    }

    /// Returns the header that carries the token, as it is sent.
    pub(super) fn token_header(&self, auth: &Auth) -> Md {
        let token = self.strings.labels.get("auth_token_word").map_or("", String::as_str);
        Md::code(&format!("{}: {}<{token}>", auth.header, auth.prefix))
    }

    /// Returns a link to a page.
    pub(super) fn page_link(&self, page: Page) -> Md {
        Md::link(&self.page_title(page), &format!("{}.md", self.site.name(page)))
    }

    /// Returns a link to an operation, labelled with its title.
    pub(super) fn operation_link(&self, id: OperationId) -> Md {
        let title = self.text(&self.site.api.operation(id).title);
        Md::link(&title, &self.site.operation_href(self.page, id))
    }

    /// Returns a link to an example, labelled with its title, or with its number if it has no title.
    pub(super) fn example_link(&self, id: OperationId, example: usize) -> Md {
        let title = self.site.api.operation(id).examples.get(example);
        let title = title.map(|example| self.text(&example.title)).unwrap_or_default();
        let label = if title.is_empty() {
            Md::phrase(
                &self.strings.phrases.example_number,
                &[("number", &Md::text(&(example + 1).to_string()))],
            )
        } else {
            title
        };
        Md::link(&label, &self.site.example_href(self.page, id, example))
    }

    /// Returns a link to the row of an operation in the coverage table.
    pub(super) fn row_link(&self, operation: &Operation) -> Option<Md> {
        let row = operation.row?;
        let href = self.site.row_href(self.page, row);
        Some(Md::link(&Md::text(&row.to_string()), &href))
    }

    /// Returns the names of the editions that describe an operation. `None` if all do.
    pub(super) fn editions(&self, operation: &Operation) -> Option<Vec<Md>> {
        let all = &self.site.api.editions;
        let described = &operation.editions;
        (described.len() < all.len()).then(|| described.iter().map(|id| self.text(&all[id.0].name)).collect())
    }

    /// Returns links to several operations.
    pub(super) fn operation_links(&self, ids: impl IntoIterator<Item = OperationId>) -> Vec<Md> {
        ids.into_iter().map(|id| self.operation_link(id)).collect()
    }

    /// Returns links to operations: one for each if there are few, otherwise one for each section, with the number of its operations.
    pub(super) fn few_operation_links(&self, ids: &[OperationId]) -> Vec<Md> {
        if ids.len() <= MAX_LINKS {
            return self.operation_links(ids.iter().copied());
        }
        let phrases = &self.strings.phrases;
        let sections = ids.chunk_by(|one, next| one.section == next.section);
        let share = |ids: &[OperationId]| {
            let section = ids.first()?.section;
            let (count, total) = (ids.len(), self.site.api.sections[section].operations.len());
            let template = if count == total {
                &phrases.all_of_section
            } else {
                &phrases.some_of_section
            };
            let [count, total] = [count, total].map(|number| Md::text(&number.to_string()));
            let section = self.page_link(Page::Section(section));
            Some(Md::phrase(
                template,
                &[("section", &section), ("count", &count), ("total", &total)],
            ))
        };
        sections.filter_map(share).collect()
    }

    /// Returns a link to an event, labelled with its title.
    pub(super) fn event_link(&self, group: usize, event: &Event) -> Md {
        let href = self.site.event_href(self.page, group, &event.key);
        Md::link(&self.text(&event.title), &href)
    }

    /// Returns a link to a type, labelled with its name.
    pub(super) fn type_link(&self, id: TypeId) -> Md {
        let def = self.site.api.type_def(id);
        Md::link(&Md::text(&def.name), &self.site.type_href(self.page, def))
    }

    /// Describes a type without its rules.
    pub(super) fn ty(&self, ty: &Type) -> Md {
        let words = &self.strings.phrases;
        let of = |template: &str, inner: &Type| Md::phrase(template, &[("item", &self.ty(inner))]);
        match ty {
            Type::String(_) => phrase(&words.string),
            Type::Secret(_) => phrase(&words.secret),
            Type::Bool => phrase(&words.bool),
            Type::Int(_) => phrase(&words.int),
            Type::Float => phrase(&words.float),
            Type::Json => phrase(&words.json),
            Type::JsonObject => phrase(&words.object),
            Type::Timestamp(TimeUnit::Seconds) => phrase(&words.timestamp_seconds),
            Type::Timestamp(TimeUnit::Millis) => phrase(&words.timestamp_millis),
            Type::Duration(TimeUnit::Seconds, _) => phrase(&words.duration_seconds),
            Type::Duration(TimeUnit::Millis, _) => phrase(&words.duration_millis),
            Type::File => phrase(&words.file),
            Type::Named(id) => self.type_link(*id),
            Type::List(item, _) => self.list(&words.list, item),
            Type::Map(item, _) => of(&words.map, item),
            Type::Nullable(item) => of(&words.nullable, item),
            Type::Family(family) => self.ty(&family.value),
        }
    }

    /// Describes a list type.
    fn list(&self, template: &str, item: &Type) -> Md {
        let mut name = self.ty(item);
        if matches!(item, Type::Named(_)) {
            name = Md::phrase(&self.strings.phrases.listed_type, &[("name", &name)]);
        }
        Md::phrase(template, &[("item", &name)])
    }

    /// Returns the rules and the default of a type in one line, which is empty if there are none.
    pub(super) fn rules(&self, ty: &Type, default: Option<&Json>) -> Md {
        let mut rules = self.type_rules(ty);
        if let Some(value) = default {
            let value = Md::code(&value.to_string());
            rules.push(Md::phrase(&self.strings.phrases.default, &[("value", &value)]));
        }
        Md::join(&rules, &self.strings.phrases.rule_separator)
    }

    /// Describes a type with its rules.
    pub(super) fn type_with_rules(&self, ty: &Type) -> Md {
        let mut parts = vec![self.ty(ty)];
        parts.extend(self.type_rules(ty));
        Md::join(&parts, &self.strings.phrases.rule_separator)
    }

    fn type_rules(&self, ty: &Type) -> Vec<Md> {
        let words = &self.strings.phrases;
        match ty {
            Type::String(rule) | Type::Secret(rule) => self.string_rules(rule),
            Type::Int(rule) => int_rules(&words.range, *rule),
            Type::List(item, rule) => self.collection_rules(&words.items, *rule, item),
            Type::Map(item, rule) => self.collection_rules(&words.entries, *rule, item),
            Type::Nullable(inner) => self.type_rules(inner),
            Type::Family(family) => self.type_rules(&family.value),
            Type::Named(id) => match &self.site.api.type_def(*id).kind {
                TypeKind::Newtype(inner) => self.type_rules(inner),
                TypeKind::Object(_) | TypeKind::Enum { .. } | TypeKind::Union(_) | TypeKind::OneKey(_) => Vec::new(),
            },
            Type::Duration(_, Some(forever)) => {
                let value = Md::code(&forever.to_string());
                vec![Md::phrase(&words.duration_forever, &[("value", &value)])]
            }
            Type::Bool
            | Type::Float
            | Type::Json
            | Type::JsonObject
            | Type::Timestamp(_)
            | Type::Duration(..)
            | Type::File => Vec::new(),
        }
    }

    /// Returns the number of elements that a list or a map may have, or `None` if there is no upper limit.
    pub(super) fn count(&self, ty: &Type) -> Option<Md> {
        let words = &self.strings.phrases;
        match ty {
            Type::List(_, rule) if rule.max.is_some() => bounds(&words.items, rule.min, rule.max),
            Type::Map(_, rule) if rule.max.is_some() => bounds(&words.entries, rule.min, rule.max),
            Type::Nullable(inner) => self.count(inner),
            _ => None,
        }
    }

    /// Returns the maximum size of a request body.
    pub(super) fn max_body(operation: &Operation) -> Option<Md> {
        operation.max_body.map(|bytes| Md::text(&size::text(bytes)))
    }

    fn string_rules(&self, rule: &StringRule) -> Vec<Md> {
        let words = &self.strings.phrases;
        let mut rules: Vec<Md> = bounds(&words.length, rule.min, rule.max).into_iter().collect();
        if let Some(pattern) = &rule.pattern {
            rules.push(Md::phrase(&words.pattern, &[("pattern", &Md::code(pattern))]));
        }
        rules
    }

    fn collection_rules(&self, words: &Bounds, rule: CountRule, item: &Type) -> Vec<Md> {
        let mut rules: Vec<Md> = bounds(words, rule.min, rule.max).into_iter().collect();
        let inner = self.rules(item, None);
        if !inner.is_empty() {
            rules.push(Md::phrase(&self.strings.phrases.each, &[("rules", &inner)]));
        }
        rules
    }

    /// Describes a rate, e.g. `100 calls per second`.
    pub(super) fn rate(&self, rate: &Rate) -> Md {
        let words = &self.strings.phrases;
        let period = match rate.period {
            Period::Second => &words.second,
            Period::Minute => &words.minute,
            Period::Hour => &words.hour,
        };
        let count = Md::text(&rate.count.to_string());
        let unit = Md::text(self.strings.unit(&rate.unit, rate.count));
        Md::phrase(
            &words.rate,
            &[("count", &count), ("unit", &unit), ("period", &phrase(period))],
        )
    }

    /// Describes the type of a field, or its constant.
    pub(super) fn field_type(self, field: &Field) -> Md {
        let words = &self.strings.phrases;
        if let Some(word) = field.constant() {
            return Md::phrase(&words.constant, &[("value", &Md::code(word))]);
        }
        let ty = match (&field.reads, &field.ty) {
            (Reads::NumberOrText { sent_as }, Type::Int(_)) => phrase(match sent_as {
                EnumRepr::Int => &words.lenient_number,
                EnumRepr::String => &words.lenient_string,
            }),
            (Reads::NumberOrText { .. }, ty) => Md::phrase(&words.lenient_time, &[("item", &self.ty(ty))]),
            (Reads::TextForTrue(word), _) => {
                let word = Md::code(&Json::from(word.as_str()).to_string());
                Md::phrase(&words.lenient_bool, &[("word", &word)])
            }
            (Reads::OneOrMany, Type::List(item, _)) => self.list(&words.one_or_many, item),
            (Reads::Exact | Reads::OneOrMany, ty) => self.ty(ty),
        };
        if field.is_or_empty() {
            Md::phrase(&words.or_empty, &[("list", &ty)])
        } else {
            ty
        }
    }

    /// Describes the rate limits of an operation, with links to the operations that share them.
    pub(super) fn limits(&self, operation: &Operation) -> Vec<Md> {
        operation.limits.iter().map(|limit| self.limit(limit)).collect()
    }

    fn limit(&self, limit: &Limit) -> Md {
        let rate = self.rate(&limit.rate);
        let LimitSource::Bucket(bucket) = limit.source else {
            return rate;
        };
        let link = Md::link(
            &Md::code(&self.site.api.buckets[bucket].key),
            &self.site.bucket_href(self.page, bucket),
        );
        Md::phrase(
            &self.strings.phrases.shared_limit,
            &[("rate", &rate), ("bucket", &link)],
        )
    }

    /// Returns the path to a value in the response.
    pub(super) fn path(&self, path: &JsonPath) -> Md {
        if path.is_empty() {
            phrase(&self.strings.phrases.whole_response)
        } else {
            Md::code(&path.to_string())
        }
    }

    /// Describes how to request the next page, in one or two sentences.
    pub(super) fn paging_rule(&self, operation: &Operation, paging: &Paging) -> Md {
        let words = &self.strings.phrases;
        let param = |id| Md::code(&operation.input(id).wire);
        match &paging.kind {
            PagingKind::Cursor {
                param: cursor,
                next,
                ends_empty,
            } => Md::phrase(
                if *ends_empty {
                    &words.paging_cursor_or_empty
                } else {
                    &words.paging_cursor
                },
                &[("param", &param(*cursor)), ("next", &self.path(next))],
            ),
            PagingKind::Page { number, size, first } => {
                let (first, number, size_name) = (Md::code(&first.to_string()), param(*number), param(*size));
                let mut values = vec![("number", &number), ("size", &size_name), ("first", &first)];
                let Some(default) = operation.input(*size).default() else {
                    return Md::phrase(&words.paging_page_required, &values);
                };
                let default = Md::code(&default.to_string());
                values.push(("default", &default));
                Md::phrase(&words.paging_page, &values)
            }
        }
    }

    /// Describes the location of the list in a page.
    pub(super) fn paged_list(&self, operation: &Operation, paging: &Paging) -> Md {
        operation
            .result
            .parts()
            .get(paging.items)
            .map(|part| self.path(&part.path))
            .unwrap_or_default()
    }
}

/// Returns a phrase that has no placeholders.
pub(super) fn phrase(words: &str) -> Md {
    Md::phrase(words, &[])
}

fn int_rules(words: &Bounds, rule: IntRule) -> Vec<Md> {
    bounds(words, rule.min, rule.max).into_iter().collect()
}

fn bounds<N: ToString + PartialEq>(words: &Bounds, min: Option<N>, max: Option<N>) -> Option<Md> {
    let template = match (&min, &max) {
        (None, None) => return None,
        (Some(min), Some(max)) if min == max => &words.exactly,
        (Some(_), Some(_)) => &words.between,
        (Some(min), None) if min.to_string() == "1" => &words.at_least_one,
        (Some(_), None) => &words.min,
        (None, Some(_)) => &words.max,
    };
    let show = |number: Option<N>| number.map(|number| phrase(&number.to_string())).unwrap_or_default();
    Some(Md::phrase(template, &[("min", &show(min)), ("max", &show(max))]))
}
