//! What the languages of notebooks look like.

/// How a language writes its parts.
#[derive(Debug)]
pub(super) struct Language {
    pub keywords: &'static [&'static str],
    pub constants: &'static [&'static str],
    pub builtins: &'static [&'static str],
    /// Keywords after which a name is defined.
    pub definers: &'static [&'static str],
    /// What begins a comment up to the end of the line.
    pub line_comments: &'static [&'static str],
    /// What begins and ends a comment of several lines, and whether they nest.
    pub block_comment: Option<(&'static str, &'static str, bool)>,
    pub strings: &'static [Quote],
    /// Whether keywords may be in capitals.
    pub any_case: bool,
    /// What begins a special name: `@` a decorator, `$` a variable.
    pub sigil: Option<char>,
    /// Whether lines may begin with `%` and `!`, and strings with `r`, `b`, `f`…
    pub magics: bool,
    /// Characters of names besides letters, digits and `_`.
    pub name_extra: &'static [char],
    /// Whether a string before a colon is a key.
    pub keys: bool,
    /// Whether a comment begins at the beginning of a word only.
    pub comments_at_words: bool,
}

/// How a string begins and ends.
#[derive(Debug)]
pub(super) struct Quote {
    pub open: &'static str,
    pub close: &'static str,
    /// Whether a backslash takes the next character with it.
    pub escapes: bool,
    /// Whether it may go past the end of a line.
    pub lines: bool,
}

const fn quote(mark: &'static str, escapes: bool, lines: bool) -> Quote {
    Quote { open: mark, close: mark, escapes, lines }
}

/// The language of a name, if it is known.
pub(super) fn language(name: &str) -> Option<&'static Language> {
    let name = name.trim().to_ascii_lowercase();
    Some(match name.as_str() {
        "python" | "python3" | "py" | "ipython" | "ipython2" | "ipython3" | "pycon" => &PYTHON,
        "r" | "ir" => &R,
        "bash" | "sh" | "shell" | "zsh" | "console" => &BASH,
        "sql" | "postgresql" | "postgres" | "psql" | "sqlite" | "redshift" => &SQL,
        "julia" | "jl" => &JULIA,
        "javascript" | "js" | "jsx" | "typescript" | "ts" | "node" => &JAVASCRIPT,
        "json" | "jsonc" | "ipynb" => &JSON,
        _ => return None,
    })
}

/// What follows a cell magic: `Some(None)` is in no language that is known; `None` that of the
/// notebook (`%%time`).
pub(super) fn of_cell_magic(name: &str) -> Option<Option<&'static Language>> {
    match name {
        "bash" | "sh" | "script" | "system" | "!" | "sx" => Some(Some(&BASH)),
        "R" => Some(Some(&R)),
        "javascript" | "js" => Some(Some(&JAVASCRIPT)),
        "sql" | "julia" => Some(language(name)),
        "html" | "HTML" | "latex" | "markdown" | "svg" | "SVG" | "writefile" | "perl" | "ruby" => {
            Some(None)
        }
        _ => None,
    }
}

const NONE: Language = Language {
    keywords: &[],
    constants: &[],
    builtins: &[],
    definers: &[],
    line_comments: &[],
    block_comment: None,
    strings: &[],
    any_case: false,
    sigil: None,
    magics: false,
    name_extra: &[],
    keys: false,
    comments_at_words: false,
};

#[rustfmt::skip]
static PYTHON: Language = Language {
    keywords: &[
        "and", "as", "assert", "async", "await", "break", "case", "class", "continue", "def",
        "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in",
        "is", "lambda", "match", "nonlocal", "not", "or", "pass", "raise", "return", "try",
        "while", "with", "yield",
    ],
    constants: &["True", "False", "None", "NotImplemented", "Ellipsis", "self", "cls"],
    builtins: &[
        "abs", "all", "any", "bool", "bytes", "callable", "chr", "dict", "dir", "display",
        "enumerate", "eval", "exec", "filter", "float", "format", "frozenset", "getattr",
        "hasattr", "hash", "help", "id", "input", "int", "isinstance", "issubclass", "iter", "len",
        "list", "map", "max", "min", "next", "object", "open", "ord", "pow", "print", "property",
        "range", "repr", "reversed", "round", "set", "setattr", "slice", "sorted", "staticmethod",
        "str", "sum", "super", "tuple", "type", "vars", "zip",
    ],
    definers: &["def", "class"],
    line_comments: &["#"],
    strings: &[
        quote("\"\"\"", true, true), quote("'''", true, true), quote("\"", true, false),
        quote("'", true, false),
    ],
    sigil: Some('@'),
    magics: true,
    ..NONE
};

#[rustfmt::skip]
static R: Language = Language {
    keywords: &[
        "break", "else", "for", "function", "if", "in", "next", "repeat", "return", "while",
        "library", "require",
    ],
    constants: &[
        "TRUE", "FALSE", "NULL", "NA", "NaN", "Inf", "NA_character_", "NA_integer_", "NA_real_",
    ],
    line_comments: &["#"],
    strings: &[quote("\"", true, true), quote("'", true, true), quote("`", false, false)],
    name_extra: &['.'],
    ..NONE
};

#[rustfmt::skip]
static BASH: Language = Language {
    keywords: &[
        "case", "do", "done", "elif", "else", "esac", "exit", "export", "fi", "for", "function",
        "if", "in", "local", "return", "set", "source", "then", "unset", "until", "while",
    ],
    builtins: &["cd", "echo", "printf", "read", "test", "true", "false", "eval", "exec", "trap"],
    definers: &["function"],
    line_comments: &["#"],
    strings: &[quote("\"", true, true), quote("'", false, true), quote("`", true, true)],
    sigil: Some('$'),
    name_extra: &['-'],
    comments_at_words: true,
    ..NONE
};

#[rustfmt::skip]
static SQL: Language = Language {
    keywords: &[
        "add", "all", "alter", "and", "any", "as", "asc", "begin", "between", "by", "case", "cast",
        "column", "commit", "constraint", "create", "cross", "database", "default", "delete",
        "desc", "distinct", "drop", "else", "end", "except", "exists", "filter", "foreign", "from",
        "full", "grant", "group", "having", "ilike", "in", "index", "inner", "insert", "intersect",
        "interval", "into", "is", "join", "key", "lateral", "left", "like", "limit", "natural",
        "not", "offset", "on", "or", "order", "outer", "over", "partition", "primary",
        "references", "returning", "revoke", "right", "rollback", "schema", "select", "set",
        "table", "then", "to", "truncate", "union", "unique", "update", "using", "values", "view",
        "when", "where", "window", "with",
    ],
    constants: &["true", "false", "null", "unknown"],
    builtins: &[
        "abs", "avg", "coalesce", "count", "date_trunc", "extract", "greatest", "least", "lower",
        "max", "min", "now", "nullif", "round", "row_number", "sum", "upper",
    ],
    line_comments: &["--"],
    block_comment: Some(("/*", "*/", false)),
    strings: &[quote("'", false, true), quote("\"", false, true)],
    any_case: true,
    ..NONE
};

#[rustfmt::skip]
static JULIA: Language = Language {
    keywords: &[
        "abstract", "baremodule", "begin", "break", "catch", "const", "continue", "do", "else",
        "elseif", "end", "export", "finally", "for", "function", "global", "if", "import", "in",
        "isa", "let", "local", "macro", "module", "mutable", "primitive", "quote", "return",
        "struct", "try", "type", "using", "where", "while",
    ],
    constants: &["true", "false", "nothing", "missing", "Inf", "NaN", "pi"],
    builtins: &["println", "print", "length", "map", "filter", "sum", "push!", "typeof"],
    definers: &["function", "macro", "struct", "module", "type"],
    line_comments: &["#"],
    block_comment: Some(("#=", "=#", true)),
    strings: &[quote("\"\"\"", true, true), quote("\"", true, true), quote("`", true, true)],
    sigil: Some('@'),
    name_extra: &['!'],
    ..NONE
};

#[rustfmt::skip]
static JAVASCRIPT: Language = Language {
    keywords: &[
        "as", "async", "await", "break", "case", "catch", "class", "const", "continue", "debugger",
        "default", "delete", "do", "else", "export", "extends", "finally", "for", "from",
        "function", "if", "implements", "import", "in", "instanceof", "interface", "let", "new",
        "of", "return", "static", "super", "switch", "throw", "try", "type", "typeof", "var",
        "void", "while", "with", "yield",
    ],
    constants: &["true", "false", "null", "undefined", "NaN", "Infinity", "this"],
    definers: &["function", "class"],
    line_comments: &["//"],
    block_comment: Some(("/*", "*/", false)),
    strings: &[quote("\"", true, false), quote("'", true, false), quote("`", true, true)],
    sigil: Some('@'),
    name_extra: &['$'],
    ..NONE
};

static JSON: Language = Language {
    constants: &["true", "false", "null", "NaN", "Infinity"],
    strings: &[quote("\"", true, false)],
    keys: true,
    ..NONE
};
