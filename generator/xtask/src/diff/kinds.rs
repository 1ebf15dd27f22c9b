//! The kinds of change and their verdicts: one table, which `generator/DIFF.md` documents.

use serde::{Serialize, Serializer};

/// The outputs for which a change is judged, in the order of [`Verdicts`].
pub(crate) const OUTPUTS: [&str; 3] = ["client", "openapi", "wire"];

/// The effect of a change on the users of one output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    /// The output is the same.
    Unaffected,
    /// The output has something new that its users can ignore.
    Added,
    /// The output differs, but its users need not change anything.
    Compatible,
    /// The generator cannot judge the change.
    Unknown,
    /// Some users must change something.
    Breaking,
}

impl Verdict {
    /// Returns the name used in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unaffected => "unaffected",
            Self::Added => "added",
            Self::Compatible => "compatible",
            Self::Unknown => "unknown",
            Self::Breaking => "breaking",
        }
    }
}

/// A verdict for each of [`OUTPUTS`].
pub(crate) type Verdicts = [Verdict; 3];

/// The messages that contain the changed thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Direction {
    /// Only requests, and responses to webhooks.
    Request,
    /// Only responses, and webhooks.
    Response,
    /// Requests and responses.
    Both,
}

/// A row of the table.
pub(crate) struct Row {
    /// Stable name, used in reports.
    pub(crate) code: &'static str,
    /// The verdicts.
    pub(crate) rule: Rule,
    /// A sentence in which `{}` is the changed thing, and `{old}` and `{new}` are its values.
    pub(crate) sentence: &'static str,
}

/// The verdicts of a kind.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule {
    /// The same in requests and responses, or outside of both.
    Always(Verdicts),
    /// Different in requests and in responses.
    Each { request: Verdicts, response: Verdicts },
}

impl Rule {
    /// Returns the verdicts for a direction. Without a direction, a change affects requests.
    pub(crate) fn verdicts(self, direction: Option<Direction>) -> Verdicts {
        match (self, direction) {
            (Self::Always(verdicts), _) => verdicts,
            (Self::Each { request, .. }, None | Some(Direction::Request)) => request,
            (Self::Each { response, .. }, Some(Direction::Response)) => response,
            (Self::Each { request, response }, Some(Direction::Both)) => {
                std::array::from_fn(|output| request[output].max(response[output]))
            }
        }
    }
}

/// Declares the kinds. Verdicts are `-` unaffected, `a` added, `c` compatible, `u` unknown and `B` breaking, for the client, the
/// `OpenAPI` documents and the wire. Two groups of verdicts are those in requests and in responses.
macro_rules! kinds {
    ($($title:literal { $($kind:ident $code:literal [$($verdict:tt)+] $sentence:literal,)+ })+) => {
        /// A kind of change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Kind {
            $($(#[doc = $sentence] $kind,)+)+
        }

        impl Kind {
            /// All kinds by topic, in the order of the table.
            #[cfg(test)]
            pub(crate) const TOPICS: &[(&str, &[Self])] = &[$(($title, &[$(Self::$kind),+])),+];

            /// Returns the row of the table.
            pub(crate) fn row(self) -> Row {
                match self {
                    $($(Self::$kind => Row { code: $code, rule: rule!($($verdict)+), sentence: $sentence },)+)+
                }
            }
        }
    };
}

macro_rules! rule {
    ($a:tt $b:tt $c:tt) => {
        Rule::Always([verdict!($a), verdict!($b), verdict!($c)])
    };
    ($a:tt $b:tt $c:tt / $d:tt $e:tt $f:tt) => {
        Rule::Each {
            request: [verdict!($a), verdict!($b), verdict!($c)],
            response: [verdict!($d), verdict!($e), verdict!($f)],
        }
    };
}

macro_rules! verdict {
    (-) => {
        Verdict::Unaffected
    };
    (a) => {
        Verdict::Added
    };
    (c) => {
        Verdict::Compatible
    };
    (u) => {
        Verdict::Unknown
    };
    (B) => {
        Verdict::Breaking
    };
}

kinds! {
    "The API as a whole" {
        ApiRenamed "api-renamed" [B c -] "The API is `{new}` instead of `{old}`, which is the name of the client crate.",
        VersionChanged "version-changed" [c c -] "The version is {new} instead of {old}.",
        LanguageAdded "language-added" [- a -] "{} was added.",
        LanguageRemoved "language-removed" [- B -] "{} was removed.",
        MainLanguageChanged "main-language-changed" [c B -] "The main language is `{new}` instead of `{old}`.",
        TextChanged "text-changed" [c c -] "The text of {} changed.",
        ServerAdded "server-added" [a a -] "{} was added.",
        ServerRemoved "server-removed" [B B B] "{} was removed.",
        ServerRenamed "server-renamed" [B - -] "{} was `{old}` before.",
        ServerUrlChanged "server-url-changed" [c c B] "{} has the URL {new} instead of {old}.",
        ServerAlternativesChanged "server-alternatives-changed" [c c c] "{} has other alternative URLs.",
        DefaultServerChanged "default-server-changed" [- B -] "The first server is `{new}` instead of `{old}`.",
        ServerTypeRenamed "server-type-renamed" [B - -] "The Rust type of servers is `{new}` instead of `{old}`.",
        BasePathChanged "base-path-changed" [c B B] "The base path is {new} instead of {old}.",
        ApiAuthAdded "api-auth-added" [B B B] "Requests now need a token: `{new}`.",
        ApiAuthRemoved "api-auth-removed" [B c c] "Requests no longer need a token.",
        AuthHeaderChanged "auth-header-changed" [c B B] "The token is sent as `{new}` instead of `{old}`.",
        CredentialsAdded "credentials-added" [a - -] "Clients can now obtain tokens with {new}.",
        CredentialsRemoved "credentials-removed" [B - -] "Clients can no longer obtain tokens with {old}.",
        CredentialsChanged "credentials-changed" [B - -] "Clients obtain tokens with {new} instead of {old}.",
        TokenReadingChanged "token-reading-changed" [c - -] "Clients read {new} from the response with the token instead of {old}.",
        ModelChanged "model-changed" [- - -] "The data model in the docs changed.",
        HandWrittenChanged "hand-written-changed" [u - -] "{} changed; compare the public API of the crate.",
    }
    "Errors and rate limits" {
        ErrorKeyChanged "error-key-changed" [c c B] "{} is at `{new}` instead of `{old}`.",
        KnownErrorAdded "known-error-added" [a a c] "{} was added.",
        KnownErrorRemoved "known-error-removed" [B c c] "{} was removed.",
        KnownErrorRenamed "known-error-renamed" [B - -] "{} is `{new}` in Rust instead of `{old}`.",
        KnownErrorStatusChanged "known-error-status-changed" [c B B] "{} has the status {new} instead of {old}.",
        KnownErrorHandlingChanged "known-error-handling-changed" [c c -] "{} is {new} instead of {old}.",
        OperationErrorAdded "operation-error-added" [c a c] "{} can now fail with {new}.",
        OperationErrorRemoved "operation-error-removed" [c c c] "{} can no longer fail with {old}.",
        BucketAdded "bucket-added" [a c -] "{} was added.",
        BucketRemoved "bucket-removed" [B c -] "{} was removed.",
        LimitAdded "limit-added" [c c B] "{} now has the rate limit {new}.",
        LimitRemoved "limit-removed" [c c c] "{} no longer has the rate limit {old}.",
        LimitRaised "limit-raised" [c c c] "The rate limit of {} is {new} instead of {old}.",
        LimitLowered "limit-lowered" [c c B] "The rate limit of {} is only {new} instead of {old}.",
        LimitSharingChanged "limit-sharing-changed" [c c B] "The rate limit of {} is counted for {new} instead of {old}.",
    }
    "Sections and operations" {
        SectionAdded "section-added" [a a -] "{} was added.",
        SectionRemoved "section-removed" [B B B] "{} was removed.",
        SectionRenamed "section-renamed" [B B -] "{} was `{old}` before.",
        SectionTitleChanged "section-title-changed" [c B -] "The title of {} changed, which is the tag of its operations.",
        OperationAdded "operation-added" [a a -] "{} was added.",
        OperationRemoved "operation-removed" [B B B] "{} was removed.",
        OperationRenamed "operation-renamed" [B B -] "{} was `{old}` before.",
        MergedNameChanged "merged-name-changed" [- B -] "{} is part of `{new}` in the OpenAPI documents instead of `{old}`.",
        MethodChanged "method-changed" [c B B] "{} is sent with {new} instead of {old}.",
        PathChanged "path-changed" [c B B] "{} is at {new} instead of {old}.",
        Deprecated "deprecated" [c c -] "{} is now deprecated in favour of {new}.",
        DeprecationWithdrawn "deprecation-withdrawn" [c c -] "{} is no longer deprecated.",
        ReplacementChanged "replacement-changed" [c c -] "{} is superseded by {new} instead of {old}.",
        AuthRequired "auth-required" [B B B] "{} now needs a token.",
        AuthDropped "auth-dropped" [c c c] "{} no longer needs a token.",
        IdempotenceGained "idempotence-gained" [c c c] "{} is now idempotent, and so it is retried.",
        IdempotenceLost "idempotence-lost" [c c B] "{} is no longer idempotent, and so it is not retried.",
        MaxBodyLowered "max-body-lowered" [B B B] "The body of {} can have at most {new} instead of {old}.",
        MaxBodyRaised "max-body-raised" [c c c] "The body of {} can have {new} instead of {old}.",
        BodyFormatChanged "body-format-changed" [c B B] "The body of {} is {new} instead of {old}.",
        PagingAdded "paging-added" [a c -] "{} can now be read page by page.",
        PagingRemoved "paging-removed" [B c -] "{} can no longer be read page by page.",
        PagingChanged "paging-changed" [c c B] "The next page of {} is requested with {new} instead of {old}.",
        SplitGained "split-gained" [a - -] "{} can now be split into several requests.",
        SplitLost "split-lost" [B - -] "{} can no longer be split into several requests.",
        OneAdded "one-added" [a - -] "{} has a request for a single element: `{new}`.",
        OneRemoved "one-removed" [B - -] "{} no longer has the request for a single element `{old}`.",
        ExampleChanged "example-changed" [- c -] "The examples of {} changed.",
        SourceRowChanged "source-row-changed" [- c -] "{} is row {new} of the source tables instead of {old}.",
        CorrectionChanged "correction-changed" [- - -] "The correction of the source tables for {} changed.",
    }
    "Webhooks" {
        WebhooksAdded "webhooks-added" [a a -] "The API now has webhooks.",
        WebhooksRemoved "webhooks-removed" [B B B] "The API no longer has webhooks.",
        WebhookIdAdded "webhook-id-added" [a - c] "Webhooks now have an ID at `{new}`.",
        WebhookIdRemoved "webhook-id-removed" [B - B] "Webhooks no longer have an ID; it was at `{old}`.",
        WebhookIdChanged "webhook-id-changed" [c - B] "The ID of webhooks is at `{new}` instead of `{old}`.",
        SignatureAdded "signature-added" [a c c] "Webhooks are now signed; the signature is in `{new}`.",
        SignatureRemoved "signature-removed" [B c B] "Webhooks are no longer signed; the signature was in `{old}`.",
        SignatureChanged "signature-changed" [c - B] "{} is `{new}` instead of `{old}`.",
        EventGroupAdded "event-group-added" [- a -] "{} was added.",
        EventGroupRemoved "event-group-removed" [- B -] "{} was removed.",
        EventGroupRenamed "event-group-renamed" [- - -] "{} was `{old}` before.",
        EventGroupTitleChanged "event-group-title-changed" [- B -] "The title of {} changed, which is the tag of its events.",
        EventAdded "event-added" [a a c] "{} was added.",
        EventRemoved "event-removed" [B B B] "{} was removed.",
        EventRenamed "event-renamed" [B B -] "{} was `{old}` before.",
        EventMoved "event-moved" [- B -] "{} is in the group `{new}` instead of `{old}`.",
        EventSigned "event-signed" [c c c] "{} is now signed.",
        EventUnsigned "event-unsigned" [c c B] "{} is no longer signed.",
        ConditionsWidened "conditions-widened" [c c c] "{} includes more webhooks: those with {new} instead of {old}.",
        ConditionsChanged "conditions-changed" [c c B] "{} is recognized by {new} instead of {old}.",
        EventResponseAdded "event-response-added" [c B B] "The server now reads the response to {}: `{new}`.",
        EventResponseRemoved "event-response-removed" [c B c] "The server no longer reads the response to {}; it was `{old}`.",
    }
    "Results" {
        ResultAdded "result-added" [B a c] "{} now has a result: {new}.",
        ResultRemoved "result-removed" [B B B] "{} no longer has a result; it was {old}.",
        DoneAdded "done-added" [c a c] "{} now says whether it was done.",
        DoneRemoved "done-removed" [c B B] "{} no longer says whether it was done.",
        ResultFormatChanged "result-format-changed" [B B B] "The result of {} is {new} instead of {old}.",
        ResultShapeChanged "result-shape-changed" [B - -] "In Rust, the result of {} is {new} instead of {old}.",
        ResultPathChanged "result-path-changed" [c B B] "{} is at `{new}` in the response instead of `{old}`.",
        RecordsAdded "records-added" [a c -] "The records in the files to which {} links can now be read.",
        RecordsRemoved "records-removed" [B c -] "The records in the files to which {} links can no longer be read.",
        RecordsChanged "records-changed" [B c B] "The records of {} are {new} instead of {old}.",
    }
    "Arguments and fields" {
        RequiredAdded "required-added" [B B B / a a c] "{} was added and is required.",
        OptionalAdded "optional-added" [a a c / a a c] "{} was added.",
        RequiredRemoved "required-removed" [B B B / B B B] "{} was removed.",
        OptionalRemoved "optional-removed" [B B B / B B c] "{} was removed; it was optional.",
        MadeOptional "made-optional" [B c c / B B B] "{} is now optional.",
        MadeRequired "made-required" [B B B / B c c] "{} is now required.",
        OrEmptyAdded "or-empty-added" [- - - / c B B] "{} can now be absent or `null` in responses, which is an empty list.",
        OrEmptyRemoved "or-empty-removed" [- - - / c c c] "{} can no longer be absent or `null` in responses.",
        ConstantAdded "constant-added" [c B B / a a c] "{} was added; it is always `{new}`.",
        ConstantRemoved "constant-removed" [c B B / B B B] "{} was removed; it was always `{old}`.",
        ConstantChanged "constant-changed" [c B B] "{} is always `{new}` instead of `{old}`.",
        BecameConstant "became-constant" [B B B] "{} is now always `{new}`.",
        BecameVariable "became-variable" [B c c / B B B] "{} is no longer always `{old}`.",
        DefaultAdded "default-added" [c c c] "{} now has the default `{new}`.",
        DefaultRemoved "default-removed" [c c c] "{} no longer has the default `{old}`.",
        DefaultChanged "default-changed" [c B B / c c c] "{} has the default `{new}` instead of `{old}`.",
        WireNameChanged "wire-name-changed" [c B B] "{} is `{new}` on the wire instead of `{old}`.",
        PathParameterRenamed "path-parameter-renamed" [c B -] "{} was `{old}` before.",
        RustNameChanged "rust-name-changed" [B - -] "{} is `{new}` in Rust instead of `{old}`.",
        LocationChanged "location-changed" [c B B] "{} is sent in the {new} instead of the {old}.",
        OrderChanged "order-changed" [B - -] "The required arguments of {} are in another order: {new} instead of {old}.",
        FlattenChanged "flatten-changed" [c B B] "{} is {new} instead of {old}.",
        AliasAdded "alias-added" [- - - / c B B] "{} can now be named `{new}` in responses.",
        AliasRemoved "alias-removed" [- - - / c B c] "{} can no longer be named `{old}` in responses.",
    }
    "Values" {
        TypeChanged "type-changed" [B B B] "{} is `{new}` instead of `{old}`.",
        TypeWidened "type-widened" [B c c / B B B] "{} is `{new}`, which includes every `{old}`.",
        TypeNarrowed "type-narrowed" [B B B / B c c] "{} is `{new}`, which is only part of `{old}`.",
        RustTypeChanged "rust-type-changed" [B c -] "{} is `{new}` in Rust instead of `{old}`.",
        UnitChanged "unit-changed" [B B B] "{} is `{new}` instead of `{old}`.",
        SecrecyChanged "secrecy-changed" [B c -] "{} is a `{new}` instead of a `{old}`.",
        RuleNarrowed "rule-narrowed" [B B B / c c c] "The rule of {} is stricter: `{new}` instead of `{old}`.",
        RuleWidened "rule-widened" [c c c / c B c] "The rule of {} is less strict: `{new}` instead of `{old}`.",
        PatternChanged "pattern-changed" [B B B / c B c] "The pattern of {} is `{new}` instead of `{old}`.",
        NullableAdded "nullable-added" [B c c / B B B] "{} can now be `null`.",
        NullableRemoved "nullable-removed" [B B B / B c c] "{} can no longer be `null`.",
        FormatAdded "format-added" [c c c / c B B] "{} can be `{new}` instead of only `{old}`.",
        FormatRemoved "format-removed" [c B c / c c c] "{} is only `{new}` instead of `{old}`.",
        SentFormatChanged "sent-format-changed" [c c B / - - -] "{} is sent as `{new}` instead of `{old}`.",
        TrueWordChanged "true-word-changed" [c c B] "The word `{new}` of {} means true instead of `{old}`.",
    }
    "Types" {
        TypeAdded "type-added" [a a -] "{} was added.",
        TypeRemoved "type-removed" [B B -] "{} was removed.",
        TypeRenamed "type-renamed" [B B -] "{} was `{old}` before.",
        TypeKindChanged "type-kind-changed" [B B B] "{} is {new} instead of {old}.",
        TypeUseGained "type-use-gained" [a c -] "{} is now used in {new}, too.",
        TypeUseLost "type-use-lost" [B c -] "{} is no longer used in {old}.",
        EnumValueAdded "enum-value-added" [a a c] "{} was added.",
        EnumValueRemoved "enum-value-removed" [B B B / B c c] "{} was removed.",
        EnumValueRenamed "enum-value-renamed" [B B -] "{} is `{new}` in Rust instead of `{old}`.",
        EnumValueWireChanged "enum-value-wire-changed" [c B B] "{} is `{new}` on the wire instead of `{old}`.",
        VariantAdded "variant-added" [a a c / a B c] "{} was added.",
        VariantRemoved "variant-removed" [B B B / B c c] "{} was removed.",
        VariantRenamed "variant-renamed" [B B -] "{} is `{new}` in Rust instead of `{old}`.",
        VariantTagChanged "variant-tag-changed" [c B B] "{} is `{new}` on the wire instead of `{old}`.",
        TagKeyChanged "tag-key-changed" [c B B] "{} has its {new} instead of {old}.",
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.row().code)
    }
}
