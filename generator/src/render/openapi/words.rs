//! The words that the document adds to the texts of the spec.

/// Fixed texts in one language.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) unix_seconds: &'static str,
    pub(super) unix_millis: &'static str,
    pub(super) seconds: &'static str,
    pub(super) millis: &'static str,
    pub(super) comma_separated: &'static str,
    /// With `{code}` for the text that stands for true.
    pub(super) text_for_true: &'static str,
    /// With `{code}` for the name of the field.
    pub(super) spelling_of: &'static str,
    /// With `{code}` for an alias of the field.
    pub(super) also_spelled: &'static str,
    pub(super) known_values: &'static str,
    pub(super) other_values: &'static str,
    pub(super) success: &'static str,
    pub(super) other_error: &'static str,
    pub(super) merged: &'static str,
    /// Before the names of operations.
    pub(super) superseded_by: &'static str,
    pub(super) prefix: &'static str,
    pub(super) colon: &'static str,
    /// Between the parts of a list.
    pub(super) comma: &'static str,
    /// The end of a sentence.
    pub(super) stop: &'static str,
    /// Between sentences.
    pub(super) gap: &'static str,
}

static ENGLISH: Words = Words {
    unix_seconds: "Unix time in seconds.",
    unix_millis: "Unix time in milliseconds.",
    seconds: "In seconds.",
    millis: "In milliseconds.",
    comma_separated: "Comma-separated list.",
    text_for_true: "Responses may contain a string: {code} means `true`, any other string `false`.",
    spelling_of: "Alias of {code}.",
    also_spelled: "Alias in responses: {code}.",
    known_values: "Known values:",
    other_values: "Other values are possible.",
    success: "Success.",
    other_error: "Any other error.",
    merged: "Operations with this method and path:",
    superseded_by: "Superseded by ",
    prefix: "Prefix of the token: ",
    colon: ": ",
    comma: ", ",
    stop: ".",
    gap: " ",
};

static CHINESE: Words = Words {
    unix_seconds: "Unix 时间戳，单位为秒。",
    unix_millis: "Unix 时间戳，单位为毫秒。",
    seconds: "单位为秒。",
    millis: "单位为毫秒。",
    comma_separated: "以英文逗号分隔的列表。",
    text_for_true: "响应中可能是字符串：{code} 表示 `true`，其他字符串表示 `false`。",
    spelling_of: "{code} 的别名。",
    also_spelled: "响应中的别名：{code}。",
    known_values: "已知取值：",
    other_values: "可能出现其他取值。",
    success: "成功。",
    other_error: "其他错误。",
    merged: "方法和路径相同的接口：",
    superseded_by: "已被取代，请改用 ",
    prefix: "token 的前缀：",
    colon: "：",
    comma: "、",
    stop: "。",
    gap: "",
};

/// The words of a language; English where it has none.
pub(super) fn of(language: &str) -> &'static Words {
    match language {
        "zh" => &CHINESE,
        _ => &ENGLISH,
    }
}
