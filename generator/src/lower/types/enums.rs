//! Enums.

use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{EnumRepr, EnumValue},
    lower::scope::{Reporter, Scope},
    names::{self, Namespace},
    syntax::{decode::Keyed, key::ValueKey, text::Localized},
};

/// The maximum number of values of an enum.
const MAX_VALUES: usize = 4096;

pub(super) fn enum_values(
    repr: EnumRepr,
    declared: &Keyed<Localized, ValueKey>,
    scope: &Scope<'_>,
    reporter: &mut Reporter,
) -> Vec<EnumValue> {
    let mut out: Vec<EnumValue> = Vec::new();
    let (mut variants, mut wires) = (Namespace::default(), Namespace::default());
    for (key, text) in declared {
        if out.len() == MAX_VALUES {
            reporter.report(Diagnostic::new(
                Code::BadValue,
                key.span,
                format!("too many values in an enum: the maximum is {MAX_VALUES}"),
            ));
            break;
        }
        let doc = scope.text(text, reporter);
        let (name, wire) = (&key.name.value, &key.wire.value);
        let Some(rust) = reporter.name(names::camel(name), name, key.span) else {
            continue;
        };
        if repr == EnumRepr::Int && wire.parse::<i64>().is_err() {
            let diagnostic = Diagnostic::new(Code::BadValue, key.span, "expected `name = INTEGER` in `enum int`");
            reporter.report(diagnostic.help(format!("write `{name} = 0`, with the integer that is used on the wire")));
            continue;
        }
        let message = format!("the variant `{rust}` or its wire value `{wire}` is already used");
        let help = "rename it: `other_name = wire_value`; `Unknown` is reserved for unlisted values";
        let collision = Diagnostic::new(Code::NameCollision, key.span, message).help(help);
        if rust == "Unknown" {
            reporter.report(collision);
            continue;
        }
        let taken = variants.declare(&rust, key.span);
        if let Err(first) = taken.and(wires.declare(wire, key.span)) {
            reporter.report(collision.related(first, "the other value"));
            continue;
        }
        out.push(EnumValue {
            wire: wire.clone(),
            rust,
            doc,
        });
    }
    out
}
