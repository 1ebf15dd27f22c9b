//! Short texts of values for reports, in the notation of the spec.

use generator::ir::{Api, EnumRepr, Field, Json, Period, Rate, Reads, TimeUnit, Type};

/// Returns a type expression.
pub(super) fn of_type(api: &Api, ty: &Type) -> String {
    match ty {
        Type::String(rule) => format!(
            "string{}",
            parentheses(&range(rule.min, rule.max), rule.pattern.as_deref())
        ),
        Type::Secret(rule) => format!(
            "secret{}",
            parentheses(&range(rule.min, rule.max), rule.pattern.as_deref())
        ),
        Type::Bool => "bool".to_owned(),
        Type::Int(rule) => format!("int{}", parentheses(&range(rule.min, rule.max), None)),
        Type::Float => "float".to_owned(),
        Type::Json => "json".to_owned(),
        Type::JsonObject => "object".to_owned(),
        Type::Timestamp(unit) => format!("timestamp({})", of_unit(*unit)),
        Type::Duration(unit, None) => format!("duration({})", of_unit(*unit)),
        Type::Duration(unit, Some(forever)) => format!("duration({}, {forever} = forever)", of_unit(*unit)),
        Type::File => "file".to_owned(),
        Type::Named(id) => api.type_def(*id).name.clone(),
        Type::List(inner, rule) => format!("{}[{}]", of_type(api, inner), range(rule.min, rule.max)),
        Type::Map(inner, rule) => {
            format!(
                "map<{}>{}",
                of_type(api, inner),
                parentheses(&range(rule.min, rule.max), None)
            )
        }
        Type::Nullable(inner) => format!("{}?", of_type(api, inner)),
        Type::Family(family) => of_type(api, &family.value),
    }
}

/// Returns the type expression of a field with the formats that responses may use.
pub(super) fn of_formats(api: &Api, field: &Field) -> String {
    let ty = of_type(api, &field.ty);
    match &field.reads {
        Reads::Exact => ty,
        Reads::NumberOrText {
            sent_as: EnumRepr::String,
        } => ty.replacen("int", "string|int", 1),
        Reads::NumberOrText { sent_as: EnumRepr::Int } => ty + "|string",
        Reads::TextForTrue(word) => format!("{ty}|{word}"),
        Reads::OneOrMany => match &field.ty {
            Type::List(inner, _) => format!("{ty}|{}", of_type(api, inner)),
            _ => ty,
        },
    }
}

/// Returns `(RANGE, /PATTERN/)` with the parts that are present.
fn parentheses(range: &str, pattern: Option<&str>) -> String {
    match (range, pattern) {
        ("", None) => String::new(),
        ("", Some(pattern)) => format!("(/{pattern}/)"),
        (range, None) => format!("({range})"),
        (range, Some(pattern)) => format!("({range}, /{pattern}/)"),
    }
}

/// Returns a range such as `1..9`. Empty without bounds.
fn range<T: ToString>(min: Option<T>, max: Option<T>) -> String {
    if min.is_none() && max.is_none() {
        return String::new();
    }
    let text = |bound: Option<T>| bound.map_or_else(String::new, |bound| bound.to_string());
    format!("{}..{}", text(min), text(max))
}

fn of_unit(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Seconds => "s",
        TimeUnit::Millis => "ms",
    }
}

/// Returns a rate such as `100/s` or `6000 messages/min`.
pub(super) fn of_rate(rate: &Rate) -> String {
    let Rate { count, unit, period } = rate;
    let period = Period::sign(*period);
    if unit == "calls" {
        format!("{count}/{period}")
    } else {
        format!("{count} {unit}/{period}")
    }
}

/// Returns a JSON value; strings without quotes.
pub(super) fn of_json(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns a size such as `5KB`.
pub(super) fn of_size(bytes: u64) -> String {
    match bytes {
        bytes if bytes > 0 && bytes.is_multiple_of(1 << 20) => format!("{}MB", bytes >> 20),
        bytes if bytes > 0 && bytes.is_multiple_of(1 << 10) => format!("{}KB", bytes >> 10),
        bytes => format!("{bytes}B"),
    }
}
