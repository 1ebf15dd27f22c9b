//! Facts derived from the uses of types: direction, rules, cycles and unused types.

use super::{
    scope::Reporter,
    types::{Declared, TypeDraft, reject_sent_as_text},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    ir::{CountRule, Event, Input, IntRule, OperationResult, Records, Type, TypeDef, TypeId, TypeKind},
    names,
};

/// Completes types with the facts derived from their uses.
pub fn finish(types: Vec<TypeDraft>, roots: &Roots) -> Vec<TypeDef> {
    let edges: Vec<Vec<TypeId>> = types.iter().map(|draft| all_references(&draft.kind)).collect();
    let in_request = reachable(&edges, roots.request.iter().chain(&roots.event_responses));
    let in_response = reachable(&edges, roots.response.iter().chain(&roots.event_bodies));
    let in_event = reachable(&edges, roots.event_bodies.iter());
    let in_operation = reachable(&edges, roots.request.iter().chain(&roots.response));
    let mut has_rules: Vec<bool> = types.iter().map(|draft| states_rule(&draft.kind)).collect();
    spread(&edges, &mut has_rules);
    let recursive = cycles(&edges);
    let finish = |(index, draft): (usize, TypeDraft)| TypeDef {
        rust_module: names::type_module(&draft.name),
        name: draft.name,
        doc: draft.doc,
        kind: draft.kind,
        in_request: in_request[index],
        in_response: in_response[index],
        in_operation: in_operation[index],
        in_event: in_event[index],
        has_rules: has_rules[index],
        home: draft.home,
        recursive: recursive[index],
    };
    types.into_iter().enumerate().map(finish).collect()
}

/// Reports unused types.
pub fn report_unused(types: &[TypeDef], declared: &Declared<'_>, reporter: &mut Reporter) {
    for (index, def) in types.iter().enumerate() {
        let Some(span) = declared
            .span(TypeId(index))
            .filter(|_| !def.in_request && !def.in_response)
        else {
            continue;
        };
        let message = format!("unused type `{}`", def.name);
        let help = "use it in an operation or an event, or remove it";
        reporter.report(Diagnostic::new(Code::UnusedType, span, message).help(help));
    }
}

/// Reports `string|int` in objects that no request contains.
pub fn report_never_sent(types: &[TypeDef], declared: &Declared<'_>, reporter: &mut Reporter) {
    for (index, def) in types.iter().enumerate().filter(|(_, def)| !def.in_request) {
        let TypeKind::Object(fields) = &def.kind else { continue };
        for decl in declared.object_fields(TypeId(index)).into_iter().flatten() {
            if let Some(field) = fields.iter().find(|field| field.wire == decl.key.wire.value) {
                reject_sent_as_text(decl, field, reporter);
            }
        }
    }
}

/// The types to which operations and events refer directly.
#[derive(Debug, Default)]
pub struct Roots {
    request: Vec<TypeId>,
    response: Vec<TypeId>,
    event_bodies: Vec<TypeId>,
    event_responses: Vec<TypeId>,
}

impl Roots {
    /// Returns `true` if one of these types is marked.
    #[must_use]
    pub fn any(&self, marks: &[bool]) -> bool {
        self.request.iter().chain(&self.response).any(|id| marks[id.0])
    }

    /// Adds the types of an operation.
    pub fn add(&mut self, inputs: &[Input], result: &OperationResult, records: Option<&Records>) {
        inputs.iter().for_each(|input| self.add_request(&input.field.ty));
        let parts = result.parts().iter();
        parts.for_each(|part| self.add_response(&part.field.ty));
        self.response.extend(records.map(|records| records.ty));
    }

    /// Adds the types of an event. An app receives the body and sends the response.
    pub fn add_event(&mut self, event: &Event) {
        self.event_bodies.push(event.body);
        self.event_responses.extend(event.response);
    }

    /// Adds the type of a request field or parameter.
    pub fn add_request(&mut self, ty: &Type) {
        references(ty, &mut self.request);
    }

    /// Adds the type of a response field.
    pub fn add_response(&mut self, ty: &Type) {
        references(ty, &mut self.response);
    }
}

/// Collects the declared types in a type expression.
fn references(ty: &Type, out: &mut Vec<TypeId>) {
    match ty {
        Type::Named(id) => out.push(*id),
        Type::List(inner, _) | Type::Map(inner, _) | Type::Nullable(inner) => {
            references(inner, out);
        }
        Type::Family(family) => {
            out.push(family.key);
            references(&family.value, out);
        }
        _ => {}
    }
}

/// Returns the declared type that every value of `ty` contains. Lists and maps do not count, because they can be empty.
fn direct_reference(ty: &Type) -> Option<TypeId> {
    match ty {
        Type::Named(id) => Some(*id),
        Type::Nullable(inner) => direct_reference(inner),
        _ => None,
    }
}

fn all_references(kind: &TypeKind) -> Vec<TypeId> {
    let mut out = Vec::new();
    match kind {
        TypeKind::Object(fields) => fields.iter().for_each(|field| references(&field.ty, &mut out)),
        TypeKind::Union(union) => out.extend(union.variants.iter().map(|variant| variant.ty)),
        TypeKind::OneKey(variants) => variants.iter().for_each(|variant| references(&variant.ty, &mut out)),
        TypeKind::Newtype(_) | TypeKind::Enum { .. } => {}
    }
    out
}

/// Returns, for each type, whether it is a root or reachable from one.
fn reachable<'r>(edges: &[Vec<TypeId>], roots: impl Iterator<Item = &'r TypeId>) -> Vec<bool> {
    let mut seen = vec![false; edges.len()];
    let mut open: Vec<TypeId> = roots.copied().collect();
    while let Some(id) = open.pop() {
        if !std::mem::replace(&mut seen[id.0], true) {
            open.extend(&edges[id.0]);
        }
    }
    seen
}

/// Propagates marks from types to the types that contain them.
pub fn spread_to_holders(types: &[TypeDraft], marks: &mut [bool]) {
    let edges: Vec<Vec<TypeId>> = types.iter().map(|def| all_references(&def.kind)).collect();
    spread(&edges, marks);
}

fn spread(edges: &[Vec<TypeId>], marks: &mut [bool]) {
    let mut holders: Vec<Vec<usize>> = vec![Vec::new(); edges.len()];
    for (holder, held) in edges.iter().enumerate() {
        held.iter().for_each(|id| holders[id.0].push(holder));
    }
    let mut open: Vec<usize> = (0..marks.len()).filter(|index| marks[*index]).collect();
    while let Some(index) = open.pop() {
        for holder in &holders[index] {
            if !std::mem::replace(&mut marks[*holder], true) {
                open.push(*holder);
            }
        }
    }
}

fn states_rule(kind: &TypeKind) -> bool {
    match kind {
        TypeKind::Object(fields) => fields.iter().any(|field| has_own_rule(&field.ty)),
        TypeKind::Newtype(ty) => has_own_rule(ty),
        TypeKind::OneKey(variants) => variants.iter().any(|variant| has_own_rule(&variant.ty)),
        TypeKind::Enum { .. } | TypeKind::Union(_) => false,
    }
}

/// Returns `true` if a type expression has a rule itself, apart from the types to which it refers.
#[must_use]
pub fn has_own_rule(ty: &Type) -> bool {
    match ty {
        Type::String(rule) | Type::Secret(rule) => !rule.is_empty(),
        Type::Int(rule) => *rule != IntRule::default(),
        Type::List(inner, rule) | Type::Map(inner, rule) => *rule != CountRule::default() || has_own_rule(inner),
        Type::Nullable(inner) => has_own_rule(inner),
        Type::Family(family) => has_own_rule(&family.value),
        // Clients check that free-form JSON is an object.
        Type::JsonObject => true,
        _ => false,
    }
}

/// Returns, for each node, whether it is on a cycle or on a path between two cycles. Repeatedly removes nodes without outgoing
/// edges, then nodes without incoming edges. Not recursive, so deep input cannot overflow the stack.
fn cycles(edges: &[Vec<TypeId>]) -> Vec<bool> {
    let mut reversed: Vec<Vec<TypeId>> = vec![Vec::new(); edges.len()];
    for (from, targets) in edges.iter().enumerate() {
        targets.iter().for_each(|to| reversed[to.0].push(TypeId(from)));
    }
    let mut alive = vec![true; edges.len()];
    for (forward, backward) in [(edges, &reversed[..]), (&reversed[..], edges)] {
        let degree_of = |targets: &Vec<TypeId>, alive: &[bool]| targets.iter().filter(|id| alive[id.0]).count();
        let mut degree: Vec<usize> = forward.iter().map(|targets| degree_of(targets, &alive)).collect();
        let mut open: Vec<usize> = (0..edges.len())
            .filter(|index| alive[*index] && degree[*index] == 0)
            .collect();
        while let Some(index) = open.pop() {
            alive[index] = false;
            for id in backward[index].iter().filter(|id| alive[id.0]) {
                degree[id.0] -= 1;
                if degree[id.0] == 0 {
                    open.push(id.0);
                }
            }
        }
    }
    alive
}

/// Reports types whose values would be infinite because each contains another value of the same type, and marks them as broken.
pub fn report_infinite(types: &[TypeDraft], broken: &mut [bool], declared: &Declared<'_>, reporter: &mut Reporter) {
    let direct: Vec<Vec<TypeId>> = types
        .iter()
        .map(|def| match &def.kind {
            TypeKind::Object(fields) => fields.iter().filter_map(|field| direct_reference(&field.ty)).collect(),
            TypeKind::Union(union) => union.variants.iter().map(|variant| variant.ty).collect(),
            TypeKind::OneKey(variants) => variants
                .iter()
                .filter_map(|variant| direct_reference(&variant.ty))
                .collect(),
            TypeKind::Newtype(_) | TypeKind::Enum { .. } => Vec::new(),
        })
        .collect();
    for (index, _) in cycles(&direct)
        .into_iter()
        .enumerate()
        .filter(|(_, in_cycle)| *in_cycle)
    {
        let Some(span) = declared.span(TypeId(index)) else {
            continue;
        };
        broken[index] = true;
        let message = format!(
            "the type `{}` contains itself, so its values would be infinite",
            types[index].name
        );
        let help = "break the cycle with a list or a map, which can be empty";
        reporter.report(Diagnostic::new(Code::CyclicType, span, message).help(help));
    }
}
