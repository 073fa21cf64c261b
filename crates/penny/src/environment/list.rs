//! The list of libraries as pip reads it, with the other lists that it names.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// More lists than this are no list of libraries.
const LISTS_MAX: usize = 100;
/// What names another list: libraries, or the versions that they may have.
const NAMES_A_LIST: &[&str] = &["--requirement", "--constraint", "-r", "-c"];

/// The text of a list, in the encoding that its first bytes tell: PowerShell's `pip freeze >` writes
/// UTF-16, which pip reads. What is no UTF-8 otherwise is pip's to judge.
///
/// # Errors
/// It cannot be read.
pub fn read(path: &Path) -> io::Result<String> {
    let bytes = std::fs::read(path)?;
    let units = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    Ok(match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => units(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        all => String::from_utf8_lossy(all).into_owned(),
    })
}

/// The text of a list, and of those that it names, and so on: a change in any of them is one of the
/// environment. One that is not there adds nothing: the installer will say so.
pub fn with_others(path: &Path, text: &str) -> String {
    let mut all = text.to_owned();
    let mut known = BTreeSet::from([path.to_owned()]);
    let mut named = named(path, text);
    while let Some(other) = named.pop() {
        if known.len() < LISTS_MAX
            && known.insert(other.clone())
            && let Ok(text) = read(&other)
        {
            named.extend(self::named(&other, &text));
            all.push_str(&text);
        }
    }
    all
}

/// The lists that a list names, from where it is itself.
fn named(path: &Path, text: &str) -> Vec<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let other = |line: &str| {
        let rest = NAMES_A_LIST.iter().find_map(|option| line.trim().strip_prefix(option))?;
        let name = rest.split(" #").next().unwrap_or_default();
        let name = name.trim_start_matches([' ', '\t', '=']).trim_end();
        let is_file = !name.is_empty() && !name.contains("://");
        is_file.then(|| folder.join(name))
    };
    text.lines().filter_map(other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_powershell_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("requirements.txt");
        let utf16 = |first: &[u8], unit: fn(u16) -> [u8; 2]| {
            let units = "pandas==2.3\r\n".encode_utf16().flat_map(unit);
            first.iter().copied().chain(units).collect::<Vec<u8>>()
        };
        for bytes in [
            utf16(&[0xff, 0xfe], u16::to_le_bytes),
            utf16(&[0xfe, 0xff], u16::to_be_bytes),
            b"\xef\xbb\xbfpandas==2.3\r\n".to_vec(),
        ] {
            std::fs::write(&path, bytes).expect("written");
            assert_eq!(read(&path).expect("read"), "pandas==2.3\r\n");
        }
        std::fs::write(&path, b"pandas # biblioth\xe8que").expect("written");
        assert!(read(&path).expect("read").starts_with("pandas # biblioth"));
    }

    #[test]
    fn a_change_in_a_list_that_another_names_is_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("written");
        };
        let path = folder.path().join("requirements.txt");
        let text = "pandas\n-r more.txt # ours\n--constraint=c.txt\n-r https://x.fr/y\n-r none.txt";
        write("more.txt", "six\n-r requirements.txt\n-c c.txt");
        write("c.txt", "six==1.16");
        let first = with_others(&path, text);
        assert!(first.starts_with(text) && first.contains("six==1.16"), "{first}");
        write("c.txt", "six==1.17");
        assert_ne!(with_others(&path, text), first);
        assert_eq!(with_others(&path, "pandas\n"), "pandas\n");
    }
}
