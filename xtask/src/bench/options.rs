//! What is to be measured, and how often.

use std::path::PathBuf;

use super::Result;

/// What `--help` prints.
pub const HELP: &str = "\
usage: cargo xtask bench [a|b|c|d|many|dashboard …] [options]

  a    executing notebooks: penny, papermill, nbclient, plain python scripts
  b    the twelve Import notebooks as one sync, with everything they import
  c    publishing a ledger: penny, to_sql, COPY from CSV, ADBC, and a bare COPY as the floor
  d    memory while a notebook runs (Linux)
  many what ten thousand notebooks in penny.toml cost the processor: status, start, each tick (not Windows);
       it needs no server, and takes a minute
  dashboard
       how long the dashboard's pages let a reader wait, with 100,000 runs in the history, and an output notebook
       of 50 MB (not Windows); it needs no server, and takes two minutes
       without a word: all of them

  --rounds N      turns of each contestant (3); those that take minutes have one
  --rows N,N      rows of the ledgers that are published (100000,1000000)
  --json FILE     also writes every single time to a file
  --markdown      prints what README shows
  --penny FILE    measures this binary instead of building one

It makes a Python environment and its workspaces under target/penny-bench, starts a PostgreSQL and a simulated
Pennylane of its own, and ends both (after Ctrl-C, `penny db stop` in target/penny-bench/company does, and so
does the next bench). All of it takes about an hour; part c alone 20 minutes.
";

/// A part of the bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// (a)
    Execution,
    /// (b)
    Sync,
    /// (c)
    Publishing,
    /// (d)
    Memory,
    /// Ten thousand notebooks
    Many,
    /// A hundred thousand runs
    Dashboard,
}

impl Part {
    /// Whether it needs a PostgreSQL, the simulated Pennylane and a Python with what the others need.
    pub fn needs_servers(self) -> bool {
        !matches!(self, Part::Many | Part::Dashboard)
    }
}

/// What the arguments say.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// In order.
    pub parts: Vec<Part>,
    /// Turns of each contestant.
    pub rounds: usize,
    /// The ledgers' sizes.
    pub rows: Vec<usize>,
    /// Where every time goes.
    pub json: Option<PathBuf>,
    /// Whether README's form is printed.
    pub markdown: bool,
    /// The binary, when none is to be built.
    pub penny: Option<PathBuf>,
}

impl Options {
    /// Reads the arguments; `None` when help is asked for.
    pub fn parse(arguments: &[&str]) -> Result<Option<Options>> {
        let mut options = Options {
            parts: Vec::new(),
            rounds: 3,
            rows: vec![100_000, 1_000_000],
            json: None,
            markdown: false,
            penny: None,
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().ok_or_else(|| format!("`{argument}` needs a value"));
            match *argument {
                "-h" | "--help" => return Ok(None),
                "a" => options.parts.push(Part::Execution),
                "b" => options.parts.push(Part::Sync),
                "c" => options.parts.push(Part::Publishing),
                "d" => options.parts.push(Part::Memory),
                "many" => options.parts.push(Part::Many),
                "dashboard" => options.parts.push(Part::Dashboard),
                "--rounds" => options.rounds = count(value()?)?,
                "--rows" => {
                    options.rows = value()?.split(',').map(count).collect::<Result<_>>()?;
                }
                "--json" => options.json = Some(value()?.into()),
                "--markdown" => options.markdown = true,
                "--penny" => options.penny = Some(value()?.into()),
                other => return Err(format!("`{other}` is not known here")),
            }
        }
        if options.parts.is_empty() {
            options.parts = vec![
                Part::Execution,
                Part::Sync,
                Part::Publishing,
                Part::Memory,
                Part::Many,
                Part::Dashboard,
            ];
        }
        Ok(Some(options))
    }
}

fn count(text: &str) -> Result<usize> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(format!("`{text}` is no number from 1 up")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_options_come_in_any_order() {
        let options = Options::parse(&["c", "--rounds", "5", "a", "--rows", "1000,20"]);
        let options = options.unwrap().unwrap();
        assert_eq!(options.parts, [Part::Publishing, Part::Execution]);
        assert_eq!((options.rounds, options.rows), (5, vec![1000, 20]));
    }

    #[test]
    fn without_a_letter_everything_is_measured() {
        assert_eq!(Options::parse(&[]).unwrap().unwrap().parts.len(), 6);
        assert_eq!(Options::parse(&["a", "--help"]), Ok(None));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (arguments, named) in
            [(["e", ""], "`e`"), (["--rounds", "0"], "`0`"), (["a", "--rows"], "`--rows`")]
        {
            let wrong = Options::parse(&arguments).unwrap_err();
            assert!(wrong.contains(named), "{wrong}");
        }
    }
}
