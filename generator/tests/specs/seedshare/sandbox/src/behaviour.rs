//! The behaviour: seeds are kept, and everything else is out of season.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::api::{Envelope, ErrorBody};
use crate::errors::Known;
use crate::runtime::{
    Blob, Call, Condition, Done, Failure, Ids, NoSettings, Outbox, Paged, Rule, Service, Setup, TokenProblem, Tokens,
    Verdict, Violation, WebhookRules, numbered,
};
use crate::sections::{plots, seeds, service};
use crate::types::{Answer, HarvestDelivery, HarvestEvent, HarvestKind, Hint, Part, Seed, Server, Yield};
use crate::webhooks::Event;

/// The state of the only app.
#[derive(Debug, Serialize, Deserialize)]
pub struct App {
    ids: Ids,
    keys: Tokens<()>,
    seeds: BTreeMap<String, Seed>,
    outbox: Outbox,
}

/// Implements operations that are not available.
macro_rules! out_of_season {
    ($($name:ident($($arguments:ty)?) -> $result:ty;)*) => {
        $(fn $name(&mut self, _: &Call<'_> $(, _: $arguments)?) -> Result<$result, Failure> {
            Err(Failure::new(Known::OutOfSeason409, "this sandbox only keeps seeds"))
        })*
    };
}

impl seeds::Seeds for App {
    fn list(&mut self, _: &Call<'_>, arguments: seeds::list::List) -> Result<seeds::list::ListResult, Failure> {
        let page = numbered(self.seeds.values(), arguments.page, arguments.page_size);
        Ok(seeds::list::ListResult {
            seeds: page.cloned().collect(),
            total: i64::try_from(self.seeds.len()).unwrap_or(i64::MAX),
            hint: None,
        })
    }

    fn add(&mut self, _: &Call<'_>, arguments: seeds::add::Add) -> Result<Seed, Failure> {
        let id = format!("se-{}", self.ids.number(0));
        let seed = Seed {
            id: id.clone(),
            name: arguments.name,
            stock: arguments.stock,
            origin: arguments.origin,
            ..Seed::default()
        };
        self.seeds.insert(id, seed.clone());
        Ok(seed)
    }

    fn get(&mut self, _: &Call<'_>, arguments: seeds::get::Get) -> Result<Seed, Failure> {
        let missing = || Failure::new(Known::GoneForever404, format!("there is no seed {}", arguments.id));
        self.seeds.get(&arguments.id).cloned().ok_or_else(missing)
    }

    fn update(&mut self, _: &Call<'_>, arguments: seeds::update::Update) -> Result<(), Failure> {
        let missing = || Failure::new(Known::GoneForever404, format!("there is no seed {}", arguments.id));
        let seed = self.seeds.get_mut(&arguments.id).ok_or_else(missing)?;
        seed.name = arguments.name.unwrap_or_else(|| std::mem::take(&mut seed.name));
        Ok(())
    }

    fn delete(&mut self, call: &Call<'_>, arguments: seeds::delete::Delete) -> Result<(), Failure> {
        if self.seeds.remove(&arguments.id).is_some() {
            let event = HarvestEvent {
                kind: HarvestKind::Done,
                sent: call.now,
                seal: None,
                delivery: Some(HarvestDelivery { id: arguments.id }),
                weight: None,
                plot: 1,
            };
            self.outbox.send(Event::Harvested(event));
        }
        Ok(())
    }

    out_of_season! {
        add_many(seeds::add_many::AddMany) -> seeds::add_many::AddManyResult;
        import(seeds::import::Import) -> Vec<Hint>;
        get_many(seeds::get_many::GetMany) -> seeds::get_many::GetManyResult;
        retire(seeds::retire::Retire) -> Option<Yield>;
        add_photo(seeds::add_photo::AddPhoto) -> seeds::add_photo::AddPhotoResult;
        get_photo(seeds::get_photo::GetPhoto) -> Blob;
    }
}

impl plots::Plots for App {
    out_of_season! {
        open(plots::open::Open) -> ();
        close(plots::close::Close) -> ();
        water(plots::water::Water) -> ();
        water_with(plots::water_with::WaterWith) -> plots::water_with::WaterWithResult;
        check(plots::check::Check) -> Server;
        report(plots::report::Report) -> ();
        events(plots::events::Events) -> Paged<plots::events::EventsResult>;
        log(plots::log::Log) -> plots::log::LogResult;
        label(plots::label::Label) -> plots::label::LabelResult;
        keepers(plots::keepers::Keepers) -> plots::keepers::KeepersResult;
        visitors(plots::visitors::Visitors) -> plots::visitors::VisitorsResult;
        is_closed(plots::is_closed::IsClosed) -> plots::is_closed::IsClosedResult;
        ask_for(plots::ask_for::AskFor) -> Answer;
        lay_out(plots::lay_out::LayOut) -> Part;
    }
}

impl service::Service for App {
    out_of_season! {
        status() -> Done;
        start() -> Done;
        repair() -> Vec<&'static str>;
        now() -> service::now::NowResult;
        settings() -> service::settings::SettingsResult;
        set(service::set::Set) -> service::set::SetResult;
        rates() -> service::rates::RatesResult;
    }
}

impl Service for App {
    type Settings = NoSettings;

    const TENANT: &'static [&'static str] = &[];
    const CREDENTIALS: &'static [&'static str] = &["key"];
    const WEBHOOKS: WebhookRules = WebhookRules {
        variable: "SEEDSHARE_WEBHOOK_SECRET",
        secret: "seal",
        timeout: Duration::from_secs(5),
        response_timeout: Duration::from_secs(5),
        max_response: 100,
        max_failures: 10,
        period: Duration::from_secs(60),
        pause: Duration::from_secs(60),
        retention: Duration::from_secs(24 * 60 * 60),
    };

    fn new(setup: Setup) -> Self {
        let mut keys = Tokens::default();
        for key in setup.credentials {
            keys.issue(key, (), None);
        }
        Self {
            ids: setup.ids,
            keys,
            seeds: BTreeMap::new(),
            outbox: Outbox::default(),
        }
    }

    fn add_examples(&mut self, _: i64) {}

    fn environment(_: &Setup, origin: &str) -> Vec<(&'static str, String)> {
        vec![("SEEDSHARE_URL", origin.to_owned())]
    }

    fn authenticate(&self, call: &Call<'_>) -> Result<(), Failure> {
        match self.keys.find(call.token, call.now) {
            Ok(()) => Ok(()),
            Err(TokenProblem::Missing) => Err(Failure::new(Known::KeyMissing401, "the key is missing")),
            Err(TokenProblem::Expired | TokenProblem::Unknown) => {
                Err(Failure::new(Known::KeyMissing401, "the key is not valid"))
            }
        }
    }

    fn envelope(&self, _: &Call<'_>, _: Option<usize>) -> Envelope {
        Envelope::default()
    }

    fn error_body(_: &Call<'_>, failure: &Failure) -> ErrorBody {
        ErrorBody {
            code: Some(failure.known.code().to_owned()),
            detail: Some(failure.message.clone()),
            ..ErrorBody::default()
        }
    }

    fn general_error(condition: Condition, _: &[Known]) -> Known {
        match condition {
            Condition::UnknownApp | Condition::UnknownPath | Condition::UnknownMethod => Known::GoneForever404,
            Condition::TooManyRequests => Known::OutOfSeason429,
            Condition::WrongMediaType | Condition::MalformedBody | Condition::BodyTooLarge => Known::Invalid422,
        }
    }

    fn judge(violation: &Violation<'_>) -> Verdict {
        match violation.rule {
            Rule::UnknownKey => Verdict::Accept,
            _ => Verdict::Reject(Known::Invalid422),
        }
    }

    fn linked_file(&self, _: &Call<'_>) -> Option<Blob> {
        None
    }

    fn outbox(&mut self) -> &mut Outbox {
        &mut self.outbox
    }

    fn webhook_id(&mut self) -> String {
        self.ids.uuid()
    }

    fn expire_tokens(&mut self, now: i64) {
        self.keys.expire_all(now);
    }
}
