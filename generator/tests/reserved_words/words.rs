//! Words that a language or the generated code reserves.

/// Keywords, primitive types and attributes of Rust.
pub const RUST: &str = "abstract as async await become box break const continue crate do dyn else enum extern false final fn for gen \
    if impl in let loop macro match mod move mut override priv pub ref return self Self static struct super trait \
    true try type typeof unsafe unsized use virtual where while yield union macro_rules raw safe auto default bool \
    char str u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 main test cfg derive";

/// Names that are in scope everywhere in Rust: the prelude with its methods, macros, and the standard crates.
pub const PRELUDE: &str = "AsMut AsRef AsyncFn AsyncFnMut AsyncFnOnce Box Clone Copy Debug Default DoubleEndedIterator Drop Eq Err \
    ExactSizeIterator Extend Fn FnMut FnOnce From FromIterator Future Hash Into IntoFuture IntoIterator Iterator \
    None Ok Option Ord PartialEq PartialOrd Result Send Sized Some String Sync ToOwned ToString TryFrom TryInto \
    Unpin Vec align_of drop size_of size_of_val align_of_val assert clone cmp concat dbg env eprintln eq file fmt \
    format hash include into line module_path ne option_env panic partial_cmp print println stringify todo \
    try_from try_into to_owned to_string unimplemented unreachable vec write std core alloc proc_macro";

/// Names of the crate `http` and of crates that are used with it.
pub const HTTP: &str = "http Method StatusCode HeaderName HeaderMap HeaderValue Uri Version Request Response Extensions Scheme \
    Authority header method request response status uri version get put post delete patch head options connect \
    trace accept authorization host cookie bytes serde serde_json Serialize Deserialize Serializer Deserializer \
    serialize deserialize tokio reqwest hyper tracing Bytes body client server";

/// Reserved words of JavaScript, members of its objects, and built-in objects.
pub const JAVASCRIPT: &str = "arguments await break case catch class const continue debugger default delete do else enum eval export extends \
    false finally for function if implements import in instanceof interface let new null package private protected \
    public return static super switch this throw true try typeof undefined var void while with yield constructor \
    prototype __proto__ hasOwnProperty toString valueOf name length Object Array Number Boolean Symbol Map Set \
    Promise Date RegExp Error JSON Math NaN Infinity";

/// Keywords and built-in names of Python.
pub const PYTHON: &str = "False None True and as assert async await break class continue def del elif else except finally for from \
    global if import in is lambda nonlocal not or pass raise return try while with yield match case type self cls \
    print exec list dict set tuple int float str bytes object id len range property";

/// Reserved words of Java, and its best-known classes.
pub const JAVA: &str = "abstract assert boolean break byte case catch char class const continue default do double else enum extends \
    final finally float for goto if implements import instanceof int interface long native new package private \
    protected public return short static strictfp super switch synchronized this throw throws transient try void \
    volatile while var record sealed permits yield Object String Integer Long Double Class";

/// Keywords and predeclared names of Go.
pub const GO: &str = "break default func interface select case defer go map struct chan else goto package switch const fallthrough \
    if range type continue for import return var any append bool byte cap clear close comparable complex complex64 \
    complex128 copy delete error false float32 float64 imag init int iota len make max min new nil panic print \
    println real recover rune string true uint uintptr";

/// Names that the generated code declares, device names of Windows, and files of the docs.
pub const GENERATED: &str = "new with check at each name value values item items page pages path query headers into file create search \
    tests support examples replay found result records operation operations wire macros limits paging types errors \
    runtime api lib bin build target envelope token tokens credentials key unknown Unknown Other con nul aux \
    readme summary index";
