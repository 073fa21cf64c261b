//! Whether a text is one statement, and one that only reads.

use super::error::{Place, ReadError};

/// The words that begin a reading statement.
const READING: [&str; 6] = ["select", "with", "values", "table", "show", "explain"];

/// The statement without what follows its semicolon: nothing may, except space and comments.
///
/// The server is told to refuse writing as well; this check says so in better words, and before.
pub(super) fn one_that_reads(sql: &str) -> Result<&str, ReadError> {
    let mut end = None;
    let mut first = None;
    let mut scanner = Scanner { sql, at: 0 };
    while let Some((at, token)) = scanner.next() {
        if end.is_some() && token != Token::Semicolon {
            return Err(ReadError::MoreThanOneStatement { place: Place::of(sql, at) });
        }
        match token {
            Token::Semicolon if first.is_none() => {}
            Token::Semicolon => end = end.or(Some(at)),
            Token::Word(word) => {
                first.get_or_insert(word);
            }
            Token::Other => {
                first.get_or_insert("(");
            }
        }
    }
    let first = first.ok_or(ReadError::Empty)?;
    if first != "(" && !READING.iter().any(|word| word.eq_ignore_ascii_case(first)) {
        return Err(ReadError::NotReading { word: first.to_owned() });
    }
    let begin = scanner.leading_semicolons();
    Ok(&sql[begin..end.unwrap_or(sql.len())])
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Semicolon,
    Word(&'a str),
    /// A quoted text or name, a number, an operator.
    Other,
}

/// Walks over a statement, past quotes and comments, in which a semicolon means nothing.
struct Scanner<'a> {
    sql: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn next(&mut self) -> Option<(usize, Token<'a>)> {
        self.skip_space_and_comments();
        let begin = self.at;
        let rest = &self.sql[begin..];
        let first = rest.chars().next()?;
        let token = match first {
            ';' => {
                self.at += 1;
                Token::Semicolon
            }
            '\'' => self.quoted('\'', false),
            '"' => self.quoted('"', false),
            'e' | 'E' if rest[1..].starts_with('\'') => {
                self.at += 1;
                self.quoted('\'', true)
            }
            '$' => self.dollar_quoted(),
            letter if letter.is_alphabetic() || letter == '_' => {
                let in_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
                let length = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
                self.at += length;
                Token::Word(&rest[..length])
            }
            other => {
                self.at += other.len_utf8();
                Token::Other
            }
        };
        Some((begin, token))
    }

    fn skip_space_and_comments(&mut self) {
        loop {
            let rest = &self.sql[self.at..];
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with("--") {
                self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if trimmed.starts_with("/*") {
                self.at += block_comment(trimmed);
            } else {
                return;
            }
        }
    }

    /// Moves past a quoted text; a doubled quote belongs to it. One without an end ends with the text.
    fn quoted(&mut self, quote: char, backslashes: bool) -> Token<'a> {
        let mut characters = self.sql[self.at + 1..].char_indices().peekable();
        let begin = self.at + 1;
        while let Some((at, character)) = characters.next() {
            if backslashes && character == '\\' {
                characters.next();
            } else if character == quote && characters.next_if(|(_, next)| *next == quote).is_none()
            {
                self.at = begin + at + 1;
                return Token::Other;
            }
        }
        self.at = self.sql.len();
        Token::Other
    }

    /// Moves past `$tag$ … $tag$`, or past a lone dollar.
    fn dollar_quoted(&mut self) -> Token<'a> {
        let rest = &self.sql[self.at..];
        let tag = rest[1..].find('$').map(|length| &rest[..length + 2]);
        let is_tag = |tag: &&str| {
            let name = &tag[1..tag.len() - 1];
            name.chars().all(|c| c.is_alphanumeric() || c == '_')
                && !name.starts_with(|c: char| c.is_ascii_digit())
        };
        match tag.filter(is_tag) {
            Some(tag) => {
                let inside = &rest[tag.len()..];
                let end = inside.find(tag).map_or(rest.len(), |end| 2 * tag.len() + end);
                self.at += end;
            }
            None => self.at += 1,
        }
        Token::Other
    }

    /// How far the semicolons before the statement reach.
    fn leading_semicolons(&self) -> usize {
        let mut scanner = Scanner { sql: self.sql, at: 0 };
        let mut begin = 0;
        while let Some((_, Token::Semicolon)) = scanner.next() {
            begin = scanner.at;
        }
        begin
    }
}

/// The length of a comment, with the comments inside it.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        let rest = &text[at..];
        let (open, close) = (rest.find("/*"), rest.find("*/"));
        match (open, close) {
            (Some(open), Some(close)) if open < close => {
                depth += 1;
                at += open + 2;
            }
            (Some(open), None) if depth == 0 => {
                depth = 1;
                at += open + 2;
            }
            (_, Some(close)) => {
                depth -= 1;
                at += close + 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => return text.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(sql: &str, expected: &str) {
        assert_eq!(one_that_reads(sql).unwrap(), expected, "{sql}");
    }

    fn refused(sql: &str, expected: &str) {
        assert_eq!(one_that_reads(sql).unwrap_err().to_string(), expected, "{sql}");
    }

    #[test]
    fn one_statement_may_end_with_a_semicolon_and_a_comment() {
        reads("select 1", "select 1");
        reads("select 1;", "select 1");
        reads("  select 1 ; -- fin\n /* vraiment */ ;", "  select 1 ");
        reads(";;select 1", "select 1");
        reads("-- tout\nSELECT 1", "-- tout\nSELECT 1");
        reads("(select 1) union (select 2)", "(select 1) union (select 2)");
        reads("WITH a AS (SELECT 1) SELECT * FROM a", "WITH a AS (SELECT 1) SELECT * FROM a");
    }

    #[test]
    fn a_semicolon_in_a_quote_or_a_comment_ends_nothing() {
        reads("select ';' as a", "select ';' as a");
        reads("select 'l''été;' as \"a;\"\"b\"", "select 'l''été;' as \"a;\"\"b\"");
        reads(r"select E'a\';b'", r"select E'a\';b'");
        reads("select $$;$$, $x$;$$;$x$", "select $$;$$, $x$;$$;$x$");
        reads("select 1 /* ; /* ; */ ; */ + 1", "select 1 /* ; /* ; */ ; */ + 1");
        reads("select 1 -- ;\n + 1", "select 1 -- ;\n + 1");
        reads("select 'never closed;", "select 'never closed;");
    }

    #[test]
    fn a_second_statement_is_refused_with_its_place() {
        refused(
            "select 1;\nselect 2",
            "more than one statement: a second one begins at line 2, column 1",
        );
        refused(
            "select 1; drop table a",
            "more than one statement: a second one begins at line 1, column 11",
        );
        refused(
            "select ''; 'x'",
            "more than one statement: a second one begins at line 1, column 12",
        );
    }

    #[test]
    fn a_statement_that_does_not_read_is_refused() {
        refused("delete from a", "the query begins with DELETE, and only reading is allowed");
        refused(
            "  /* x */ Insert into a values (1)",
            "the query begins with INSERT, and only reading is allowed",
        );
        refused("", "the query is empty");
        refused(" ; -- rien\n", "the query is empty");
    }
}
