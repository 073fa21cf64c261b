//! Parameters as assignments in the notebook's language, after papermill's translators.

mod language;
mod quote;

use serde_json::Value;

use crate::parameters::{Parameters, not_finite};
use language::{Dialect, Language, Written};

/// Why parameters cannot be given to a notebook.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TranslateError {
    /// Penny does not know how values are written in this language.
    #[error(
        "parameters cannot be given to a notebook in {language} (kernel `{kernel}`): they can in Python, R, \
         Julia, Scala, JavaScript, Bash, PowerShell, C#, F# and MATLAB. Run it without parameters, or set \
         them in the notebook"
    )]
    UnknownLanguage {
        /// The kernel's name, empty when the notebook names none.
        kernel: String,
        /// The language's name.
        language: String,
    },
    /// A parameter's name cannot be a variable's.
    #[error(
        "parameter `{name}` has a name that no variable can have: use letters, digits and underscores, \
         beginning with a letter"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// The language has no way to write the value.
    #[error("parameter `{name}` cannot be written in {language}: it has no {what}")]
    Value {
        /// The parameter's name.
        name: String,
        /// The language's name.
        language: &'static str,
        /// What it has none of.
        what: &'static str,
    },
}

/// The source of the cell that sets the parameters: a comment, then one assignment a line.
pub(crate) fn cell_source(
    kernel: Option<&str>,
    language: &str,
    parameters: &Parameters,
) -> Result<String, TranslateError> {
    let kernel = kernel.unwrap_or_default();
    let found =
        Language::find(kernel, language).ok_or_else(|| TranslateError::UnknownLanguage {
            kernel: kernel.to_owned(),
            language: if language.is_empty() {
                "an unknown language".to_owned()
            } else {
                language.to_owned()
            },
        })?;
    let dialect = found.dialect();
    let mut source = format!("{}\n", dialect.comment.replace("{}", "Parameters"));
    for (name, value) in parameters {
        let variable =
            variable(found, name).ok_or_else(|| TranslateError::Name { name: name.clone() })?;
        let value = write(&dialect, value).map_err(|what| TranslateError::Value {
            name: name.clone(),
            language: dialect.name,
            what,
        })?;
        let (before, after) = dialect.assignment;
        source.push_str(&format!("{before}{variable}{}{value}{after}\n", dialect.equals));
    }
    Ok(source)
}

/// The variable that a parameter sets; none when its name could be something else than a name.
fn variable(language: Language, name: &str) -> Option<&str> {
    let name = match language {
        // No name may begin with an underscore in R.
        Language::R => name.trim_start_matches('_'),
        _ => name,
    };
    let is_letter = |c: char| match language {
        Language::Bash => c.is_ascii_alphabetic() || c == '_',
        _ => c.is_alphabetic() || c == '_',
    };
    let goes_on =
        |c: char| is_letter(c) || c.is_ascii_digit() || language == Language::R && c == '.';
    (name.starts_with(is_letter) && name.chars().all(goes_on)).then_some(name)
}

/// A value as the language writes it, or what the language has none of.
fn write(dialect: &Dialect, value: &Value) -> Written {
    match value {
        Value::Null => dialect.null.map(str::to_owned).ok_or("missing value"),
        Value::Bool(true) => Ok(dialect.booleans.0.to_owned()),
        Value::Bool(false) => Ok(dialect.booleans.1.to_owned()),
        Value::Number(number) => Ok(write_number(dialect, number.as_str())),
        Value::String(text) => (dialect.quote)(text),
        Value::Array(values) => {
            let (open, between, close) = dialect.list;
            let values = values.iter().map(|value| match value {
                Value::Array(_) if !dialect.nests => Err("list within a list"),
                value => write(dialect, value),
            });
            Ok(format!("{open}{}{close}", values.collect::<Result<Vec<_>, _>>()?.join(between)))
        }
        Value::Object(values) => match not_finite(value) {
            Some(name) => Ok(write_not_finite(dialect, name)),
            None => {
                let pairs = values
                    .iter()
                    .map(|(key, value)| Ok(((dialect.quote)(key)?, write(dialect, value)?)));
                (dialect.object)(&pairs.collect::<Result<Vec<_>, _>>()?)
            }
        },
    }
}

fn write_number(dialect: &Dialect, literal: &str) -> String {
    if !literal.contains(['.', 'e', 'E']) {
        return (dialect.integer)(literal);
    }
    match literal.parse::<f64>() {
        Ok(float) if float.is_infinite() && float > 0.0 => write_not_finite(dialect, "Infinity"),
        Ok(float) if float.is_infinite() => write_not_finite(dialect, "-Infinity"),
        _ => literal.to_owned(),
    }
}

fn write_not_finite(dialect: &Dialect, name: &str) -> String {
    let [nan, infinity, minus_infinity] = dialect.not_finite;
    let written = match name {
        "NaN" => nan,
        "Infinity" => infinity,
        _ => minus_infinity,
    };
    written.to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn source(kernel: &str, language: &str, parameters: Value) -> Result<String, TranslateError> {
        let parameters = parameters.as_object().expect("parameters are an object");
        cell_source(Some(kernel), language, parameters)
    }

    #[track_caller]
    fn check(language: &str, value: Value, expected: &str) {
        let written =
            source("any", language, json!({ "x": value })).expect("the value can be written");
        assert_eq!(written.lines().nth(1), Some(expected));
    }

    #[test]
    fn python_values() {
        check("python", json!("Société \"A\"\\B\n"), r#"x = "Société \"A\"\\B\n""#);
        check(
            "python",
            json!("\u{0}\u{1b}\u{2028}\u{202e}€😀"),
            "x = \"\\x00\\x1b\\u2028\\u202e€😀\"",
        );
        check(
            "python",
            json!([true, null, [1, { "a": false }]]),
            r#"x = [True, None, [1, {"a": False}]]"#,
        );
        check("python", json!([{ "$number": "NaN" }]), "x = [float('nan')]");
        check("python", serde_json::from_str("-1e999").unwrap(), "x = float('-inf')");
        check(
            "python",
            serde_json::from_str("12345678901234567890123").unwrap(),
            "x = 12345678901234567890123",
        );
        check("python", json!(1.5), "x = 1.5");
        check("python", json!({}), "x = {}");
    }

    #[test]
    fn values_of_other_languages() {
        let value = json!({ "a": [true, null, 1.5, "d'é"] });
        check("R", value.clone(), r#"x = list("a" = list(TRUE, NULL, 1.5, "d'é"))"#);
        check("julia", value.clone(), r#"x = Dict("a" => [true, nothing, 1.5, "d'é"])"#);
        check("scala", value.clone(), r#"val x = Map("a" -> Seq(true, None, 1.5, "d'é"))"#);
        check("javascript", value.clone(), r#"var x = {"a": [true, null, 1.5, "d'é"]};"#);
        check("powershell", value.clone(), "$x = @{'a' = @($True, $Null, 1.5, 'd''é')}");
        check("F#", json!([1, 2]), "let x = [ 1; 2 ]");
        check("c#", json!(["a"]), r#"var x = new [] { "a" };"#);
        check("matlab", json!({ "a": 1 }), "x = containers.Map({'a'}, {1});");
        check("bash", json!("l'été $HOME"), r#"x='l'"'"'été $HOME'"#);
        check("bash", json!("plain-1.0"), "x=plain-1.0");
        check("bash", json!(["a b", 1, true]), "x=('a b' 1 true)");
        check("bash", json!(null), "x=");
    }

    #[test]
    fn text_is_never_code() {
        check("julia", json!("$(run(`ls`))"), r#"x = "\$(run(`ls`))""#);
        check("javascript", json!("\";alert(1)//"), r#"var x = "\";alert(1)//";"#);
        check("bash", json!("$(ls)"), "x='$(ls)'");
        check("powershell", json!("’; ls"), "$x = '’’; ls'");
        check("R", json!("a\\b"), r#"x = "a\\b""#);
    }

    #[test]
    fn integers_beyond_a_languages_own_keep_their_value() {
        check("scala", json!(2_147_483_648_i64), "val x = 2147483648L");
        check(
            "scala",
            serde_json::from_str("9223372036854775808").unwrap(),
            r#"val x = BigInt("9223372036854775808")"#,
        );
        check("javascript", json!(9_007_199_254_740_993_i64), "var x = 9007199254740993n;");
        check("javascript", json!(-5), "var x = -5;");
        check("c#", json!(-2_147_483_649_i64), "var x = -2147483649L;");
    }

    #[test]
    fn the_kernels_name_goes_before_the_language() {
        insta::assert_snapshot!(source("sparkrkernel", "python", json!({ "_a": 1 })).unwrap(), @r"
        # Parameters
        a = 1
        ");
        insta::assert_snapshot!(source("python3", "Python", json!({ "date_debut": "2026-01-01", "limite": null })).unwrap(), @r#"
        # Parameters
        date_debut = "2026-01-01"
        limite = None
        "#);
        insta::assert_snapshot!(source(".net-fsharp", "F#", json!({ "n": 1 })).unwrap(), @r"
        (* Parameters *)
        let n = 1
        ");
    }

    #[test]
    fn what_cannot_be_written_is_said() {
        #[track_caller]
        fn check(language: &str, parameters: Value, expected: &str) {
            let error =
                source("k", language, parameters).expect_err("the parameters cannot be written");
            assert_eq!(error.to_string(), expected);
        }
        check(
            "cobol",
            json!({ "a": 1 }),
            "parameters cannot be given to a notebook in cobol (kernel `k`): they can in Python, R, Julia, Scala, \
             JavaScript, Bash, PowerShell, C#, F# and MATLAB. Run it without parameters, or set them in the notebook",
        );
        check(
            "bash",
            json!({ "a": { "b": 1 } }),
            "parameter `a` cannot be written in Bash: it has no dictionary value",
        );
        check(
            "bash",
            json!({ "a": [[1]] }),
            "parameter `a` cannot be written in Bash: it has no list within a list",
        );
        check(
            "bash",
            json!({ "a": "\0" }),
            "parameter `a` cannot be written in Bash: it has no NUL character",
        );
        check(
            "c#",
            json!({ "a": null }),
            "parameter `a` cannot be written in C#: it has no missing value",
        );
        let bad_name = "has a name that no variable can have: use letters, digits and underscores, \
                        beginning with a letter";
        for name in ["a b", "", "1a", "a;b", "a\nb", "a.b"] {
            check("python", json!({ name: 1 }), &format!("parameter `{name}` {bad_name}"));
        }
        check("R", json!({ "__": 1 }), &format!("parameter `__` {bad_name}"));
        assert!(source("k", "R", json!({ "a.b": 1 })).is_ok());
        assert!(source("k", "python", json!({ "année": 1 })).is_ok());
    }
}
