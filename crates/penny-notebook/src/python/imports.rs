//! The modules that a notebook imports.

use crate::notebook::Notebook;

use super::statements;

impl Notebook {
    /// The modules that the code cells of a Python notebook import, in their order and each once, as they
    /// are written: `import a.b as c` gives `a.b`, `from x.y import z` gives `x.y`.
    ///
    /// Imports within `try`, `if` and functions count; relative ones, magics, strings and comments do not.
    /// It is a guess: a name that is in the list need not be there to be imported, and one that is made
    /// up at run time is not in it. Empty for a notebook in another language.
    pub fn imports(&self) -> Vec<String> {
        let mut imports: Vec<String> = Vec::new();
        if !self.is_python() {
            return imports;
        }
        for cell in (0..self.cell_count()).filter(|&cell| self.is_code(cell)) {
            for module in imports_of(&self.source(cell)) {
                if !imports.contains(&module) {
                    imports.push(module);
                }
            }
        }
        imports
    }
}

fn imports_of(source: &str) -> Vec<String> {
    let mut imports = Vec::new();
    for statement in statements(source) {
        let (_, form) = statement.joined(" ");
        let form = after_headings(&form);
        if let Some(modules) = word(form, "import") {
            let names = modules.split(',').filter_map(|part| part.split_whitespace().next());
            imports.extend(names.filter(|name| is_module(name)).map(str::to_owned));
        } else if let Some(rest) = word(form, "from") {
            let mut words = rest.split_whitespace();
            let module = words.next().filter(|name| is_module(name));
            // `from x import(y)` needs no space.
            if words.next().is_some_and(|next| next == "import" || next.starts_with("import(")) {
                imports.extend(module.map(str::to_owned));
            }
        }
    }
    imports
}

/// What follows `try:`, `if x:`, `else:` on their line; the statement itself when nothing of use does.
fn after_headings(form: &str) -> &str {
    let mut rest = form;
    while let Some((_, after)) = rest.split_once(':') {
        rest = after.trim_start();
        if word(rest, "import").is_some() || word(rest, "from").is_some() {
            return rest;
        }
    }
    form
}

/// What follows that word and a space.
fn word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    text.strip_prefix(word)
        .filter(|rest| rest.starts_with(char::is_whitespace))
        .map(str::trim_start)
}

/// Whether this is a dotted name of a module, and not one relative to a package.
fn is_module(name: &str) -> bool {
    name.split('.').all(|part| {
        part.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &[&str]) {
        assert_eq!(imports_of(source), expected, "{source}");
    }

    #[test]
    fn each_way_to_import_is_read() {
        check("import pandas as pd", &["pandas"]);
        check("import os, sys as s,json", &["os", "sys", "json"]);
        check("import a.b as c", &["a.b"]);
        check("from x.y import z", &["x.y"]);
        check("from x import (\n    y,\n    z as w,\n)", &["x"]);
        check("from x import(y)", &["x"]);
        check("from x import *", &["x"]);
        check("import a; from b import c ;import d", &["a", "b", "d"]);
        check("import \\\n    a, \\\n    b", &["a", "b"]);
        check("import données", &["données"]);
        check("\timport a\r\nimport b\r\n", &["a", "b"]);
    }

    #[test]
    fn imports_within_other_statements_are_read() {
        check("try:\n    import a\nexcept ImportError:\n    import b as a", &["a", "b"]);
        check("try: import a\nexcept ImportError: a = None", &["a"]);
        check("if x[1:2] == {'a': 1}: import a", &["a"]);
        check("def f(x: int) -> int:\n    from b import c\n    return c", &["b"]);
        check("with open('x') as f: import a", &["a"]);
    }

    #[test]
    fn what_only_looks_like_an_import_is_not_one() {
        check("# import a", &[]);
        check("x = 'import a'", &[]);
        check("\"\"\"\nimport a\nfrom b import c\n\"\"\"\nimport d", &["d"]);
        check("x = '''\nimport a''' ; import b", &["b"]);
        check("s = 'it\\'s'\nimport a", &["a"]);
        check("s = \"a # b\"; import c # import d", &["c"]);
        check("from . import a\nfrom .b import c\nfrom .. import d", &[]);
        check("importlib.import_module('a')", &[]);
        check("yield from x\nimport_ = 1\nfrom_ = 2", &[]);
        check("import 'a'\nimport 1a\nfrom a", &[]);
        check("x = (\nimport a\n)", &[]);
    }

    #[test]
    fn magics_and_shell_lines_are_skipped() {
        check("%matplotlib inline\nimport a", &["a"]);
        check("!pip install \"it's\nimport a", &["a"]);
        check("%%time\nimport a", &["a"]);
        check("%%bash\nimport a", &[]);
        check("%load_ext x\n  %time import b\n?help", &[]);
        check("files = !ls \"it's\nimport a", &["a"]);
    }

    #[test]
    fn nothing_makes_the_scanner_panic() {
        check("", &[]);
        check("\\", &[]);
        check("'\\", &[]);
        check("'''", &[]);
        check(")))]\nimport a", &["a"]);
        check("(((\nimport a", &[]);
        check("é'é\\é'é;é", &[]);
        check("import", &[]);
        check("import ,", &[]);
    }
}
