//! What the history says of a failed run, in its parts.

/// How many lines of an exception's text a message repeats; the output notebook has all of it.
const LINES_MAX: usize = 8;

/// What the history says of a failed run, in its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What happened and where: "failed in cell 4 (Extraction)".
    pub happened: String,
    /// The error's own sentence.
    pub error: String,
    /// The line at fault, with its number: "5 │ df['Retard'] = …".
    pub line: Option<String>,
    /// What to do.
    pub hints: Vec<String>,
}

impl Told {
    /// Takes the text of a run of that notebook apart.
    pub fn of(text: &str, notebook: &str) -> Told {
        let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
        let first = lines.next().unwrap_or_default();
        let begins = format!("notebook `{notebook}` ");
        let mut told = Told {
            happened: first.strip_prefix(&begins).unwrap_or(first).to_owned(),
            ..Told::default()
        };
        let mut error: Vec<&str> = Vec::new();
        for line in lines {
            if let Some(hint) = line.strip_prefix("hint: ") {
                told.hints.push(hint.to_owned());
            } else if is_code(line) {
                told.line = Some(line.to_owned());
            } else if error.len() < LINES_MAX {
                error.push(line);
            }
        }
        told.error = error.join("\n");
        told
    }
}

/// "5 │ code".
fn is_code(line: &str) -> bool {
    line.split_once(" │").is_some_and(|(number, _)| number.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_taken_apart() {
        let text = "notebook `customers` failed in cell 4 (Extraction)\n  KeyError: 'dateline'\n  \
                    5 │ df['Retard'] = df['dateline']\n  hint: look at the columns";
        assert_eq!(
            Told::of(text, "customers"),
            Told {
                happened: "failed in cell 4 (Extraction)".into(),
                error: "KeyError: 'dateline'".into(),
                line: Some("5 │ df['Retard'] = df['dateline']".into()),
                hints: vec!["look at the columns".into()],
            }
        );
    }

    #[test]
    fn a_long_text_is_cut_and_a_text_of_another_form_stays_whole() {
        let long: Vec<String> = (0..50).map(|n| format!("row {n}")).collect();
        let text = format!("notebook `n` failed in cell 1\n{}", long.join("\n"));
        assert_eq!(Told::of(&text, "n").error.lines().count(), LINES_MAX);
        let other = Told::of("there is no file notebooks/N.ipynb", "n");
        assert_eq!(other.happened, "there is no file notebooks/N.ipynb");
        assert_eq!(other.error, "");
    }
}
