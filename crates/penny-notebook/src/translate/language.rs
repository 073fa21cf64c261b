//! The languages whose values Penny can write, side by side.

use super::quote;

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Python,
    R,
    Julia,
    Scala,
    JavaScript,
    Bash,
    PowerShell,
    CSharp,
    FSharp,
    Matlab,
}

/// What a language writes, or what it has none of.
pub(super) type Written = Result<String, &'static str>;

/// How a language writes an assignment and each kind of value.
pub(super) struct Dialect {
    pub name: &'static str,
    /// A comment line; `{}` stands for its text.
    pub comment: &'static str,
    /// What stands before the variable and after the value.
    pub assignment: (&'static str, &'static str),
    pub equals: &'static str,
    /// A missing value, if the language can write one.
    pub null: Option<&'static str>,
    /// True and false.
    pub booleans: (&'static str, &'static str),
    /// NaN, infinity, minus infinity.
    pub not_finite: [&'static str; 3],
    /// A whole number, from its digits.
    pub integer: fn(&str) -> String,
    /// A text, or what the language has none of.
    pub quote: fn(&str) -> Written,
    /// What stands before, between and after the values of a list.
    pub list: (&'static str, &'static str, &'static str),
    /// Whether a list can hold lists.
    pub nests: bool,
    /// A dictionary, from its written keys and values.
    pub object: fn(&[(String, String)]) -> Written,
}

impl Language {
    /// The language that a kernel speaks: by the names that papermill knows kernels by, then by the
    /// language's name in any case.
    pub fn find(kernel: &str, language: &str) -> Option<Language> {
        let by_kernel = match kernel {
            "python" | "pysparkkernel" => Some(Language::Python),
            "R" | "sparkrkernel" => Some(Language::R),
            "julia" => Some(Language::Julia),
            "scala" | "sparkkernel" => Some(Language::Scala),
            "matlab" => Some(Language::Matlab),
            "bash" => Some(Language::Bash),
            ".net-csharp" => Some(Language::CSharp),
            ".net-fsharp" => Some(Language::FSharp),
            ".net-powershell" => Some(Language::PowerShell),
            _ => None,
        };
        by_kernel.or(match language.to_lowercase().as_str() {
            "python" | "python3" | "ipython" => Some(Language::Python),
            "r" => Some(Language::R),
            "julia" => Some(Language::Julia),
            "scala" => Some(Language::Scala),
            "javascript" | "typescript" => Some(Language::JavaScript),
            "bash" | "sh" => Some(Language::Bash),
            "powershell" | "pwsh" => Some(Language::PowerShell),
            "c#" | "csharp" => Some(Language::CSharp),
            "f#" | "fsharp" => Some(Language::FSharp),
            "matlab" => Some(Language::Matlab),
            _ => None,
        })
    }

    pub fn dialect(self) -> Dialect {
        match self {
            Language::Python => Dialect {
                null: Some("None"),
                booleans: ("True", "False"),
                not_finite: ["float('nan')", "float('inf')", "float('-inf')"],
                quote: quote::python,
                ..PYTHON_LIKE
            },
            Language::R => Dialect {
                name: "R",
                null: Some("NULL"),
                booleans: ("TRUE", "FALSE"),
                not_finite: ["NaN", "Inf", "-Inf"],
                quote: quote::r,
                list: ("list(", ", ", ")"),
                object: |pairs| Ok(joined("list(", pairs, " = ", ", ", ")")),
                ..PYTHON_LIKE
            },
            Language::Julia => Dialect {
                name: "Julia",
                null: Some("nothing"),
                not_finite: ["NaN", "Inf", "-Inf"],
                quote: quote::julia,
                object: |pairs| Ok(joined("Dict(", pairs, " => ", ", ", ")")),
                ..PYTHON_LIKE
            },
            Language::Scala => Dialect {
                name: "Scala",
                comment: "// {}",
                assignment: ("val ", ""),
                null: Some("None"),
                not_finite: ["Double.NaN", "Double.PositiveInfinity", "Double.NegativeInfinity"],
                integer: |digits| long(digits, |digits| format!("BigInt(\"{digits}\")")),
                list: ("Seq(", ", ", ")"),
                object: |pairs| Ok(joined("Map(", pairs, " -> ", ", ", ")")),
                ..PYTHON_LIKE
            },
            Language::JavaScript => Dialect {
                name: "JavaScript",
                comment: "// {}",
                assignment: ("var ", ";"),
                null: Some("null"),
                not_finite: ["NaN", "Infinity", "-Infinity"],
                integer: javascript_integer,
                ..PYTHON_LIKE
            },
            Language::Bash => Dialect {
                name: "Bash",
                equals: "=",
                null: Some(""),
                not_finite: ["nan", "inf", "-inf"],
                quote: quote::bash,
                list: ("(", " ", ")"),
                nests: false,
                object: |_| Err("dictionary value"),
                ..PYTHON_LIKE
            },
            Language::PowerShell => Dialect {
                name: "PowerShell",
                assignment: ("$", ""),
                null: Some("$Null"),
                booleans: ("$True", "$False"),
                not_finite: [
                    "[double]::NaN",
                    "[double]::PositiveInfinity",
                    "[double]::NegativeInfinity",
                ],
                quote: quote::powershell,
                list: ("@(", ", ", ")"),
                object: |pairs| Ok(joined("@{", pairs, " = ", "; ", "}")),
                ..PYTHON_LIKE
            },
            Language::CSharp => Dialect {
                name: "C#",
                comment: "// {}",
                assignment: ("var ", ";"),
                null: None,
                not_finite: ["double.NaN", "double.PositiveInfinity", "double.NegativeInfinity"],
                integer: |digits| {
                    long(digits, |digits| format!("System.Numerics.BigInteger.Parse(\"{digits}\")"))
                },
                list: ("new [] { ", ", ", " }"),
                object: |pairs| {
                    let pairs: Vec<_> =
                        pairs.iter().map(|(key, value)| format!("{{ {key} , {value} }}")).collect();
                    Ok(format!("new Dictionary<string,Object>{{ {} }}", pairs.join(", ")))
                },
                ..PYTHON_LIKE
            },
            Language::FSharp => Dialect {
                name: "F#",
                comment: "(* {} *)",
                assignment: ("let ", ""),
                null: Some("None"),
                not_finite: ["nan", "infinity", "-infinity"],
                integer: |digits| long(digits, |digits| format!("{digits}I")),
                list: ("[ ", "; ", " ]"),
                object: |pairs| {
                    let pairs: Vec<_> = pairs
                        .iter()
                        .map(|(key, value)| format!("({key}, {value} :> IComparable)"))
                        .collect();
                    Ok(format!("[ {} ] |> Map.ofList", pairs.join("; ")))
                },
                ..PYTHON_LIKE
            },
            Language::Matlab => Dialect {
                name: "MATLAB",
                comment: "% {}",
                assignment: ("", ";"),
                null: Some("NaN"),
                not_finite: ["NaN", "Inf", "-Inf"],
                quote: quote::matlab,
                list: ("{", ", ", "}"),
                object: |pairs| {
                    let keys: Vec<_> = pairs.iter().map(|(key, _)| key.as_str()).collect();
                    let values: Vec<_> = pairs.iter().map(|(_, value)| value.as_str()).collect();
                    Ok(format!(
                        "containers.Map({{{}}}, {{{}}})",
                        keys.join(", "),
                        values.join(", ")
                    ))
                },
                ..PYTHON_LIKE
            },
        }
    }
}

/// What most languages share, under Python's name.
const PYTHON_LIKE: Dialect = Dialect {
    name: "Python",
    comment: "# {}",
    assignment: ("", ""),
    equals: " = ",
    null: None,
    booleans: ("true", "false"),
    not_finite: ["", "", ""],
    integer: str::to_owned,
    quote: quote::unicode,
    list: ("[", ", ", "]"),
    nests: true,
    object: |pairs| Ok(joined("{", pairs, ": ", ", ", "}")),
};

fn joined(open: &str, pairs: &[(String, String)], is: &str, between: &str, close: &str) -> String {
    let pairs: Vec<_> = pairs.iter().map(|(key, value)| format!("{key}{is}{value}")).collect();
    format!("{open}{}{close}", pairs.join(between))
}

/// A whole number where one of more than 32 bits takes an `L`, and one of more than 64 another form.
fn long(digits: &str, big: fn(&str) -> String) -> String {
    match digits.parse::<i64>() {
        Ok(number) if i32::try_from(number).is_ok() => digits.to_owned(),
        Ok(_) => format!("{digits}L"),
        Err(_) => big(digits),
    }
}

/// Beyond 2⁵³ a number of JavaScript's is no more exact, and a BigInt takes its place.
fn javascript_integer(digits: &str) -> String {
    match digits.parse::<i64>() {
        Ok(number) if number.unsigned_abs() < 1 << 53 => digits.to_owned(),
        _ => format!("{digits}n"),
    }
}
