//! Shows that the features of serde_json are enabled, so that the other tests mean something.

use serde_json::Value;

#[test]
fn the_features_are_enabled() {
    let kept = |text: &str| serde_json::from_str::<Value>(text).is_ok_and(|value| value.to_string() == text);
    assert!(kept("1.10") && kept("12345678901234567890123"), "arbitrary_precision");
    assert!(kept(r#"{"b":1,"a":2}"#), "preserve_order");
    let _ = serde_json::Deserializer::from_str("1").disable_recursion_limit();
}
