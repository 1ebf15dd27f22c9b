//! The API as a whole.

use std::collections::BTreeMap;

use generator::ir::{Api, Auth, BasePath, Grant, Server, hand_written_module, template};

use super::Comparison;
use super::fields::{Place, Slot, slots};
use super::pairs::{Pairs, pairs};
use super::sections::nameless;
use crate::diff::change::Scope;
use crate::diff::kinds::{Direction, Kind};

impl<'a> Comparison<'a> {
    /// Compares what belongs to no section.
    pub(super) fn api(&mut self) {
        let (old, new) = (self.old, self.new);
        let scope = Scope {
            path: vec!["api".to_owned()],
            noun: "the API",
            ..Scope::default()
        };
        self.report_if_changed(Kind::ApiRenamed, &scope, &old.name, &new.name);
        self.report_if_changed(Kind::VersionChanged, &scope, &old.version, &new.version);
        self.texts(&scope, [&old.title, &old.about], [&new.title, &new.about]);
        self.languages(&scope);
        self.servers(&scope);
        self.base(&old.base, &new.base);
        self.auth(old.auth.as_ref(), new.auth.as_ref());
        let envelope = Scope::root("envelope", "envelope").in_direction(Direction::Response);
        self.fields(&envelope, &slots(&old.envelope), &slots(&new.envelope));
        if old.languages == new.languages && old.model != new.model {
            self.report(Kind::ModelChanged, &scope.step("model"), "", "");
        }
        self.hand_written();
    }

    fn languages(&mut self, scope: &Scope) {
        let codes = |api: &Api| -> Vec<String> { api.languages.iter().map(|language| language.code.clone()).collect() };
        let (old, new) = (codes(self.old), codes(self.new));
        for code in new.iter().filter(|code| !old.contains(code)) {
            self.report(Kind::LanguageAdded, &scope.part("language", code), "", code);
        }
        for code in old.iter().filter(|code| !new.contains(code)) {
            self.report(Kind::LanguageRemoved, &scope.part("language", code), code, "");
        }
        self.report_if_changed(Kind::MainLanguageChanged, scope, &old[0], &new[0]);
    }

    fn servers(&mut self, scope: &Scope) {
        let (old, new) = (self.old, self.new);
        let types = |api: &Api| format!("{}, set with {}", api.server_type, api.server_setter);
        self.report_if_changed(Kind::ServerTypeRenamed, &scope.step("servers"), types(old), types(new));
        let Pairs { both, removed, added } = pairs(
            &old.servers,
            &new.servers,
            &[&|server| Some(server.key.clone()), &|server| Some(server.url.clone())],
        );
        let first = both.iter().find(|(before, _)| *before == &old.servers[0]);
        if let Some((first, _)) = first.filter(|(_, after)| *after != &new.servers[0]) {
            let (first, other) = (&first.key, &new.servers[0].key);
            self.report(Kind::DefaultServerChanged, &scope.step("servers"), first, other);
        }
        for (before, after) in both {
            self.server(before, after);
        }
        for server in added {
            self.report(Kind::ServerAdded, &server_scope(server), "", &server.url);
        }
        for server in removed {
            self.report(Kind::ServerRemoved, &server_scope(server), &server.url, "");
        }
    }

    fn server(&mut self, old: &'a Server, new: &'a Server) {
        let scope = server_scope(new);
        if old.key == new.key {
            self.report_if_changed(Kind::RustNameChanged, &scope, &old.rust_variant, &new.rust_variant);
        } else {
            self.report(Kind::ServerRenamed, &scope, &old.key, &new.key);
        }
        self.report_if_changed(Kind::ServerUrlChanged, &scope, &old.url, &new.url);
        let others = |server: &Server| server.alternatives.join(", ");
        self.report_if_changed(Kind::ServerAlternativesChanged, &scope, others(old), others(new));
        self.text(Kind::TextChanged, &scope, &old.doc, &new.doc);
    }

    fn base(&mut self, old: &'a BasePath, new: &'a BasePath) {
        let scope = Scope::root("base path", "base").in_direction(Direction::Request);
        if nameless(&old.segments) != nameless(&new.segments) {
            self.report(
                Kind::BasePathChanged,
                &scope,
                template(&old.segments),
                template(&new.segments),
            );
        }
        let slots = |base: &'a BasePath| -> Vec<Slot<'a>> {
            let place = Place::Base;
            base.params
                .iter()
                .map(|field| Slot {
                    field,
                    place: place.clone(),
                })
                .collect()
        };
        let (before, after) = (slots(old), slots(new));
        self.fields(&scope, &before, &after);
        self.argument_order(&scope, &before, &after);
    }

    fn auth(&mut self, old: Option<&'a Auth>, new: Option<&'a Auth>) {
        let scope = Scope {
            path: vec!["auth".to_owned()],
            noun: "the token",
            ..Scope::default()
        };
        let header = |auth: &Auth| format!("{}: {}", auth.header, auth.prefix).trim_end().to_owned();
        match (old, new) {
            (None, Some(new)) => self.report(Kind::ApiAuthAdded, &scope, "", header(new)),
            (Some(old), None) => self.report(Kind::ApiAuthRemoved, &scope, header(old), ""),
            (Some(old), Some(new)) => {
                self.report_if_changed(Kind::AuthHeaderChanged, &scope, header(old), header(new));
                self.text(Kind::TextChanged, &scope.step("about"), &old.about, &new.about);
                self.grant(&scope.step("grant"), old.grant.as_ref(), new.grant.as_ref());
            }
            (None, None) => {}
        }
    }

    /// Compares how clients obtain tokens.
    fn grant(&mut self, scope: &Scope, old: Option<&Grant>, new: Option<&Grant>) {
        let label = |id: String, grant: &Grant| {
            let credentials: Vec<&str> = grant.credentials.iter().map(|field| field.rust.as_str()).collect();
            format!("{id} ({})", credentials.join(", "))
        };
        let before = old.map(|grant| label(self.new_id_of(grant.operation), grant));
        let after = new.map(|grant| label(format!("`{}`", self.new.operation(grant.operation).id), grant));
        match (before, after) {
            (None, Some(after)) => self.report(Kind::CredentialsAdded, scope, "", after),
            (Some(before), None) => self.report(Kind::CredentialsRemoved, scope, before, ""),
            (Some(before), Some(after)) => self.report_if_changed(Kind::CredentialsChanged, scope, before, after),
            (None, None) => {}
        }
        if let (Some(old), Some(new)) = (old, new) {
            let fields = |grant: &Grant| {
                let names = std::iter::once(&grant.token)
                    .chain(&grant.lifetime)
                    .map(|field| field.rust.as_str());
                names.collect::<Vec<_>>().join(", ")
            };
            self.report_if_changed(Kind::TokenReadingChanged, scope, fields(old), fields(new));
        }
    }

    /// Compares the hand-written sources and manifest entries of the client.
    fn hand_written(&mut self) {
        let files = |api: &'a Api| -> BTreeMap<String, &'a str> {
            let sources = api
                .client
                .files
                .iter()
                .filter(|(path, _)| hand_written_module(path).is_some());
            let sources = sources.map(|(path, text)| (path.clone(), text.as_str()));
            let tables = api.client.manifest.iter();
            let tables = tables.map(|(table, text)| (format!("Cargo.toml, {}", table.name()), text.as_str()));
            sources.chain(tables).collect()
        };
        let (old, new) = (files(self.old), files(self.new));
        let mut paths: Vec<&String> = old.keys().chain(new.keys()).collect();
        paths.sort();
        paths.dedup();
        for path in paths.into_iter().filter(|path| old.get(*path) != new.get(*path)) {
            let mut scope = Scope::root("file", path);
            scope.path.insert(0, "client".to_owned());
            self.report(Kind::HandWrittenChanged, &scope, "", "");
        }
    }
}

fn server_scope(server: &Server) -> Scope {
    let mut scope = Scope::root("server", &server.key);
    scope.path.insert(0, "servers".to_owned());
    scope
}
