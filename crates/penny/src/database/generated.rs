//! The passwords that `.env` lacks: generated, and added to the user's own file, of which nothing may be lost.

use std::io;
use std::path::Path;

use crate::config::dotenv;
use crate::error::{Error, Result};
use crate::files;
use crate::workspace::new_password;

/// Somebody who saves the file so often between two looks is a program.
const TRIES_MAX: usize = 20;

/// The password of this name, which is generated and added to the file once.
///
/// The file is read again, since another part of this command may have added it meanwhile; and once more just before
/// it is replaced, since the user may be editing it.
///
/// # Errors
/// The file is there and cannot be read, or cannot be written: it is left as it is.
pub fn password(env_file: &Path, name: &str) -> Result<String> {
    let value = new_password();
    for _ in 0..TRIES_MAX {
        let before = read(env_file)?;
        let text = before.as_deref().unwrap_or_default();
        let present = dotenv::parse(text, &|_| None).unwrap_or_default();
        if let Some((_, value)) = present.into_iter().rfind(|(n, v)| n == name && !v.is_empty()) {
            return Ok(value);
        }
        if add(env_file, before.as_deref(), name, &value)? {
            return Ok(value);
        }
    }
    Err(Error::missing(format!(
        "{} changes again and again, and {name} could not be added to it",
        env_file.display()
    ))
    .hint("end what writes it; then run this command again"))
}

/// What the file says; nothing when there is none. One that cannot be read is not an empty one.
fn read(env_file: &Path) -> Result<Option<String>> {
    let bytes = match std::fs::read(env_file) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::file("read", env_file, e)),
    };
    String::from_utf8(bytes).map(Some).map_err(|_| {
        Error::usage(format!("{} is not UTF-8", env_file.display()))
            .hint("save it as UTF-8 in your editor")
    })
}

/// Adds a line to what the file said, unless it says something else by now: whether it was added.
fn add(env_file: &Path, before: Option<&str>, name: &str, value: &str) -> Result<bool> {
    let mut text = before.unwrap_or_default().to_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    // An empty `NAME=` is filled in where it stands; the last line of a name wins anyway.
    let empty = format!("\n{name}=\n");
    let filled = format!("\n{name}={value}\n");
    text = if format!("\n{text}").contains(&empty) {
        format!("\n{text}").replacen(&empty, &filled, 1)[1..].to_owned()
    } else {
        format!("{text}{name}={value}\n")
    };
    files::replace_private(env_file, before.map(str::as_bytes), text.as_bytes())
        .map_err(|e| Error::file("write", env_file, e))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_that_cannot_be_read_is_told_and_left_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(".env");
        let latin = b"PENNYLANE_API_TOKEN=secret\n# cl\xe9\n";
        fs::write(&file, latin).expect("written");
        let error = password(&file, "POSTGRES_PASSWORD").expect_err("it is not text");
        assert_eq!(error.sentence(), format!("{} is not UTF-8", file.display()));
        assert_eq!(fs::read(&file).expect("read"), latin);
        // Whoever runs the tests may read any file: a folder is read by nobody.
        fs::remove_file(&file).expect("removed");
        fs::create_dir(&file).expect("made");
        let error = password(&file, "POSTGRES_PASSWORD").expect_err("it is a folder").sentence();
        assert!(error.starts_with(&format!("cannot read {}: ", file.display())), "{error}");
        assert!(file.is_dir());
    }

    #[test]
    fn what_is_saved_between_the_reading_and_the_writing_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(".env");
        let check = |before: Option<&str>, saved: Option<&str>| {
            let _ = fs::remove_file(&file);
            if let Some(saved) = saved {
                fs::write(&file, saved).expect("written");
            }
            let added = add(&file, before, "POSTGRES_PASSWORD", "p").expect("it can be written");
            assert_eq!(added, before == saved, "{before:?} {saved:?}");
            if !added {
                assert_eq!(fs::read_to_string(&file).ok().as_deref(), saved);
            }
            let value = password(&file, "POSTGRES_PASSWORD").expect("made");
            let text = fs::read_to_string(&file).expect("read");
            assert_eq!(text, format!("{}POSTGRES_PASSWORD={value}\n", saved.unwrap_or_default()));
            assert_eq!(password(&file, "POSTGRES_PASSWORD").expect("there"), value);
        };
        check(None, None);
        check(None, Some("TOKEN=saved\n"));
        check(Some("TOKEN=old\n"), Some("TOKEN=saved\n"));
        check(Some("TOKEN=old\n"), Some("TOKEN=old\n"));
        check(Some("TOKEN=old\n"), None);
    }
}
