//! Rules in the parentheses of a type, and checks of values against them.

use regex_lite::Regex;

use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{CountRule, IntRule, StringRule, TimeUnit},
    lower::scope::Reporter,
    source::Span,
    syntax::{
        decode::Spanned,
        line::{Arg, Bounds},
    },
};

pub(super) fn string_rule(name: &str, args: &[Spanned<Arg>], reporter: &mut Reporter) -> Option<StringRule> {
    let mut rule = StringRule::default();
    for arg in args {
        match &arg.value {
            Arg::Range(bounds) => {
                let count = count_rule(*bounds, arg.span, reporter)?;
                if rule.min.is_some() || rule.max.is_some() {
                    bad_arg(name, arg, "only one length is allowed, e.g. `(1..64)`", reporter);
                    return None;
                }
                (rule.min, rule.max) = (count.min, count.max);
            }
            Arg::Pattern(pattern) => {
                if let Err(error) = Regex::new(pattern) {
                    let diagnostic =
                        Diagnostic::new(Code::BadRule, arg.span, format!("invalid regular expression: {error}"));
                    reporter.report(diagnostic);
                    return None;
                }
                if let Err(unportable) = super::pattern::check(pattern) {
                    let message = format!(
                        "`{}` in this pattern has different meanings in the client and in OpenAPI tools",
                        unportable.part
                    );
                    let diagnostic = Diagnostic::new(Code::BadRule, arg.span, message);
                    reporter.report(diagnostic.help(format!("instead, write {}", unportable.instead)));
                    return None;
                }
                rule.pattern = Some(pattern.clone());
            }
            Arg::Word(_) | Arg::Forever(_) => {
                bad_arg(
                    name,
                    arg,
                    "allowed: a length `(1..64)` and a pattern `(/^[a-z]+$/)`",
                    reporter,
                );
                return None;
            }
        }
    }
    Some(rule)
}

pub(super) fn int_rule(name: &str, args: &[Spanned<Arg>], reporter: &mut Reporter) -> Option<IntRule> {
    let mut rule = IntRule::default();
    for arg in args {
        let Arg::Range(bounds) = arg.value else {
            bad_arg(name, arg, "allowed: a range `(0..23)`", reporter);
            return None;
        };
        rule = IntRule {
            min: bounds.min,
            max: bounds.max,
        };
    }
    Some(rule)
}

pub(super) fn time_unit(name: &str, args: &[Spanned<Arg>], span: Span, reporter: &mut Reporter) -> Option<TimeUnit> {
    match args {
        [
            Spanned {
                value: Arg::Word(unit), ..
            },
        ] if unit == "ms" => Some(TimeUnit::Millis),
        [
            Spanned {
                value: Arg::Word(unit), ..
            },
        ] if unit == "s" => Some(TimeUnit::Seconds),
        _ => {
            let diagnostic = Diagnostic::new(Code::BadRule, span, format!("`{name}` requires a unit"));
            reporter.report(diagnostic.help(format!("write `{name}(ms)` or `{name}(s)`")));
            None
        }
    }
}

pub(super) fn count_rule(bounds: Bounds, span: Span, reporter: &mut Reporter) -> Option<CountRule> {
    let convert = |end: Option<i64>| end.map(u64::try_from).transpose();
    if let (Ok(min), Ok(max)) = (convert(bounds.min), convert(bounds.max)) {
        return Some(CountRule { min, max });
    }
    reporter.report(Diagnostic::new(
        Code::BadRule,
        span,
        "a length or number of elements cannot be negative",
    ));
    None
}

pub(super) fn no_args(name: &str, args: &[Spanned<Arg>], reporter: &mut Reporter) -> Option<()> {
    let Some(arg) = args.first() else { return Some(()) };
    let diagnostic = Diagnostic::new(Code::BadRule, arg.span, format!("`{name}` cannot have rules"));
    reporter.report(diagnostic.help("remove the rules; those of a declared type belong in its declaration"));
    None
}

fn bad_arg(name: &str, arg: &Spanned<Arg>, help: &str, reporter: &mut Reporter) {
    reporter.report(Diagnostic::new(Code::BadRule, arg.span, format!("`{name}` cannot have this rule")).help(help));
}

/// Returns `true` if a string satisfies the rule of its type.
#[must_use]
pub fn string_allows(rule: &StringRule, text: &str) -> bool {
    let length = text.chars().count() as u64;
    let long_enough = rule.min.is_none_or(|min| length >= min);
    let short_enough = rule.max.is_none_or(|max| length <= max);
    let matches = |pattern: &String| Regex::new(pattern).is_ok_and(|regex| regex.is_match(text));
    long_enough && short_enough && rule.pattern.as_ref().is_none_or(matches)
}

/// Returns `true` if an integer is within the range of its type.
#[must_use]
pub fn in_range(rule: IntRule, value: i64) -> bool {
    rule.min.is_none_or(|min| value >= min) && rule.max.is_none_or(|max| value <= max)
}
