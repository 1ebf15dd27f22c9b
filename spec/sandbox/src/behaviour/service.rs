//! The parts of the behaviour that belong to no operation: tokens, general errors, and the fields of all responses.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::accounts::Accounts;
use super::files::FileStore;
use super::messages::MessageStore;
use super::ordered::Ordered;
use super::push_labels::LabelStore;
use super::space::Spaces;
use super::threads::ThreadStore;
use super::{App, Settings, Subject};
use crate::api::{Envelope, ErrorBody};
use crate::errors::Known;
use crate::runtime::{
    Blob, Call, Condition, Failure, Location, Outbox, Overview, Rule, Service, Setup, TokenProblem, Tokens, Verdict,
    Violation, WebhookRules,
};

/// The errors for a wrong value in a request, the more specific ones first. The first that an operation documents applies.
const WRONG_VALUE: [Known; 10] = [
    Known::InvalidParameter400,
    Known::GroupError400,
    Known::MessageSendError400,
    Known::MessageRecallError400,
    Known::MetadataError400,
    Known::IllegalArgumentException400,
    Known::BadRequest400,
    Known::Rejected400,
    Known::IllegalArgument400,
    Known::JsonParse400,
];

/// The errors for an ID in the path that is not valid, the more specific ones first: those for an ID that does not exist. The first
/// that an operation documents applies.
const INVALID_ID: [Known; 8] = [
    Known::InvalidMessageIdException400,
    Known::GroupError404,
    Known::RestGroupFeignException404,
    Known::MetadataException404,
    Known::MetadataError404,
    Known::ServiceResourceNotFound404,
    Known::ResourceNotFound404,
    Known::MetadataException401,
];

/// The operations whose page size must not exceed the maximum. All others use the maximum instead.
const STRICT_PAGES: [&str; 3] = ["contacts.list_page", "threads.", "thread_members."];

/// The operations that reject a body with unknown fields.
const STRICT_BODIES: [&str; 2] = ["groups.update", "chatrooms.update"];

impl Service for App {
    type Settings = Settings;

    const TENANT: &'static [&'static str] = &["acme", "support"];
    const CREDENTIALS: &'static [&'static str] = &["example-client-id", "example-client-secret"];
    const WEBHOOKS: WebhookRules = WebhookRules {
        variable: "EASEMOB_WEBHOOK_SECRET",
        secret: "example-webhook-secret",
        timeout: Duration::from_secs(5),
        response_timeout: Duration::from_millis(200),
        max_response: 1000,
        max_failures: 90,
        period: Duration::from_secs(30),
        pause: Duration::from_secs(5 * 60),
        retention: Duration::from_secs(3 * 24 * 60 * 60),
    };

    fn new(setup: Setup) -> Self {
        let Setup {
            tenant,
            credentials,
            mut ids,
        } = setup;
        let mut tenant = tenant.into_iter();
        let mut credentials = credentials.into_iter();
        Self {
            org: tenant.next().unwrap_or_default(),
            name: tenant.next().unwrap_or_default(),
            uuid: ids.uuid(),
            client_id: credentials.next().unwrap_or_default(),
            client_secret: credentials.next().unwrap_or_default(),
            ids,
            tokens: Tokens::default(),
            accounts: Accounts::default(),
            groups: Spaces::default(),
            rooms: Spaces::default(),
            super_admins: Ordered::default(),
            threads: ThreadStore::default(),
            messages: MessageStore::default(),
            files: FileStore::default(),
            push_templates: BTreeMap::new(),
            group_files: FileStore::default(),
            labels: LabelStore::default(),
            push_tasks: Vec::new(),
            robots: Vec::new(),
            links: HashMap::new(),
            outbox: Outbox::default(),
        }
    }

    fn adopt(&mut self, setup: &Setup) {
        let mut values = setup.tenant.iter().chain(&setup.credentials).cloned();
        for part in [
            &mut self.org,
            &mut self.name,
            &mut self.client_id,
            &mut self.client_secret,
        ] {
            *part = values.next().unwrap_or_default();
        }
    }

    fn add_examples(&mut self, now: i64) {
        if let Err(failure) = self.add_sample_data(now) {
            tracing::error!(%failure, "the example data is incomplete");
        }
    }

    fn environment(setup: &Setup, origin: &str) -> Vec<(&'static str, String)> {
        // For the examples of the client, and for the samples of the docs.
        let names = [
            ["EASEMOB_BASE_URL", "HOST"],
            ["EASEMOB_ORG", "ORG_NAME"],
            ["EASEMOB_APP", "APP_NAME"],
            ["EASEMOB_CLIENT_ID", "CLIENT_ID"],
            ["EASEMOB_CLIENT_SECRET", "CLIENT_SECRET"],
        ];
        let settings = setup.tenant.iter().chain(&setup.credentials).map(String::as_str);
        let values = std::iter::once(origin).chain(settings);
        let pairs = names.into_iter().zip(values);
        pairs
            .flat_map(|(names, value)| names.map(|name| (name, value.to_owned())))
            .collect()
    }

    fn authenticate(&self, call: &Call<'_>) -> Result<(), Failure> {
        match self.tokens.find(call.token, call.now) {
            Ok(Subject::App) => Ok(()),
            Ok(Subject::User(_)) => Err(Failure::new(Known::Unauthorized401, "this call requires an app token")),
            Err(TokenProblem::Missing) => Err(Failure::new(Known::Unauthorized401, "the request has no token")),
            Err(TokenProblem::Expired) => Err(Failure::new(Known::Unauthorized401, "the token has expired")),
            Err(TokenProblem::Unknown) => Err(Failure::new(Known::AuthBadAccessToken401, "the token is not valid")),
        }
    }

    fn envelope(&self, call: &Call<'_>, count: Option<usize>) -> Envelope {
        let id = call.operation.map_or("", |operation| operation.id);
        let is_of = |prefixes: &[&str], text: &str| {
            let is_of = prefixes.iter().any(|prefix| id.starts_with(prefix));
            is_of.then(|| text.to_owned())
        };
        Envelope {
            action: Some(call.method.to_lowercase()),
            organization: Some(self.org.clone()),
            application: Some(self.uuid.clone()),
            application_name: Some(self.name.clone()),
            uri: Some(call.url(call.path)),
            path: Some(call.path.to_owned()),
            timestamp: Some(call.now),
            duration: Some(0),
            count: count.and_then(|count| i64::try_from(count).ok()),
            request_status_code: is_of(&["reactions.", "history."], "ok"),
            status: is_of(&["contacts.import", "contacts.list_page"], "ok").or_else(|| is_of(&["robots."], "OK")),
            ..Envelope::default()
        }
    }

    fn error_body(call: &Call<'_>, failure: &Failure) -> ErrorBody {
        ErrorBody {
            error: Some(failure.known.code().to_owned()),
            error_description: Some(failure.message.clone()),
            timestamp: Some(call.now),
            duration: Some(0),
            ..ErrorBody::default()
        }
    }

    fn general_error(condition: Condition, documented: &[Known]) -> Known {
        match condition {
            Condition::UnknownApp => Known::OrganizationApplicationNotFound404,
            Condition::UnknownPath => Known::WebApplication500,
            Condition::UnknownMethod => Known::UnsupportedServiceOperation500,
            Condition::TooManyRequests => Known::ReachLimit429,
            Condition::WrongMediaType => Known::WebApplication415,
            Condition::MalformedBody if documented.contains(&Known::ParamIllegal400) => Known::ParamIllegal400,
            Condition::MalformedBody => Known::JsonParse400,
            Condition::BodyTooLarge => Known::RequestEntityTooLarge413,
        }
    }

    fn judge(violation: &Violation<'_>) -> Verdict {
        let Violation {
            operation,
            rule,
            location,
            place,
            ..
        } = violation;
        let is_page_size = matches!(*place, "limit" | "pagesize" | "pageSize" | "pagenum");
        let is_strict = STRICT_PAGES.iter().any(|section| operation.starts_with(section));
        match rule {
            Rule::UnknownKey if !STRICT_BODIES.contains(operation) => Verdict::Accept,
            Rule::TooMany if violation.documented.contains(&Known::ParamException400) => {
                Verdict::Reject(Known::ParamException400)
            }
            Rule::TooMany if *operation == "group_members.add_many" => Verdict::Reject(Known::ExceedLimit403),
            Rule::TooLong if *operation == "chatrooms.update" => Verdict::Reject(Known::ExceedLimit403),
            Rule::TooLong if *operation == "chatrooms.update_announcement" => Verdict::Reject(Known::ForbiddenOp403),
            Rule::TooLong if *operation == "groups.update_announcement" => Verdict::Reject(Known::Forbidden403),
            Rule::TooLarge if is_page_size && !is_strict => Verdict::Clamp,
            _ if *operation == "messages.broadcast_to_rooms" => Verdict::Reject(Known::IllegalArgument400),
            Rule::Pattern | Rule::TooLong
                if *operation == "chatroom_attributes.force_delete" && *location == Location::Path =>
            {
                Verdict::Reject(Known::MetadataException401)
            }
            _ => {
                let is_invalid_id = *location == Location::Path && matches!(rule, Rule::Pattern | Rule::TooLong);
                let invalid_id = if is_invalid_id { &INVALID_ID[..] } else { &[] };
                let documented = |known: &&Known| violation.documented.contains(known);
                let known = invalid_id.iter().chain(&WRONG_VALUE).find(documented);
                Verdict::Reject(known.copied().unwrap_or(Known::IllegalArgument400))
            }
        }
    }

    fn linked_file(&self, call: &Call<'_>) -> Option<Blob> {
        self.history_file(call.path, call.now)
    }

    fn overview(&self) -> Overview {
        self.page_overview()
    }

    fn outbox(&mut self) -> &mut Outbox {
        &mut self.outbox
    }

    fn webhook_id(&mut self) -> String {
        format!("{}_{}", self.app_key(), self.ids.uuid())
    }

    fn expire_tokens(&mut self, now: i64) {
        self.tokens.expire_all(now);
    }
}
