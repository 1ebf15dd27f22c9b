//! Families of keys: how they are sent, checked and read.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use seedshare::Operation;
use seedshare::plots::Check;
use seedshare::types::{Rest, SeedId, Server, Task};
use serde_json::json;

fn rest() -> Task {
    Task::Rest(Rest::new())
}

fn check() -> Check {
    Check::new(7, 1, rest())
}

#[test]
fn the_keys_are_beside_those_of_the_other_fields() {
    let sent = |request: &Check| serde_json::to_value(request).expect("JSON");
    assert_eq!(sent(&check()), json!({"number": 1, "do": "none"}));
    let request = check().doses([("be-1", 2), ("be-\"", 9)]).thirsty([("be-1", false)]);
    let expected = json!({"number": 1, "do": "none", "dose_be-1": 2, "dose_be-\"": 9, "thirsty_be-1": false});
    assert_eq!(sent(&request), expected);
}

#[test]
fn keys_and_values_are_checked() {
    let wrong = |request: Check| {
        let error = request.encode().err()?;
        Some(error.path().to_owned())
    };
    assert_eq!(wrong(check().doses([("be-1", 9)]).thirsty([("be-1", true)])), None);
    let wrong = [
        wrong(check().doses([("be-1", 1), ("be-2", 10)])),
        wrong(check().doses([("bean", 1)])),
        wrong(check().thirsty([("", true)])),
        wrong(check().after([("be-1", vec![rest(), rest(), rest()])])),
    ];
    let expected = ["dose_be-2", "dose_bean", "thirsty_", "after_be-1"];
    assert_eq!(wrong, expected.map(|path| Some(path.to_owned())));
}

#[test]
fn other_keys_are_ignored() {
    let read = |fields: &str| {
        serde_json::from_str::<Server>(&format!(r#"{{"number":1,"kind":"request","tasks":[],{fields}}}"#)).ok()
    };
    let server = read(r#""awake":true,"awake_be-1":true,"stock_be-1":"7","stock_be-2":7.0,"stock_\u0062e-3":1"#);
    let server = server.expect("a server");
    let stocks = ["be-1", "be-2", "be-3"].map(SeedId::from).into_iter().zip([7, 7, 1]);
    assert_eq!(
        (server.awake.len(), server.stocks),
        (0, stocks.collect::<BTreeMap<_, _>>())
    );
    // The last of several equal keys counts, and `null` is an absent value.
    let server = read(r#""awake-be-1":true,"awake-be-1":"off","awake-be-2":"on","awake-be-2":null"#);
    let awake = server.expect("a server").awake;
    assert_eq!(awake, BTreeMap::from([("be-1".into(), false)]));
    assert!(read(r#""stock_be-1":0.5"#).is_none());
    let server = read(r#""wants.be-1":{"do":"none","note":"hot"}"#).expect("a server");
    assert_eq!(
        server.wants,
        BTreeMap::from([("be-1".into(), Task::Rest(Rest::new().note("hot")))])
    );
}
