//! The engine's sentences in French: each is still made as the table has it, and each is found.

use std::path::{Path, PathBuf};

use super::fitting::{Hole, Shape};
use super::shapes::{OF_OTHERS, SHAPES};
use super::*;

#[track_caller]
fn check(english: &str, french: &str) {
    let said = said(english, Language::French);
    assert_eq!(said.to_string().replace(['\u{a0}', '\u{202f}'], " "), french);
    assert!(said.is_known(), "{said:?}");
    assert_eq!(sentence(english, Language::English), english);
}

#[test]
fn what_happened_is_told_in_french() {
    check("failed in cell 4 (Extraction)", "a échoué dans la cellule 4 (Extraction)");
    check(
        "crashed in cell 2 (the parameters that penny.toml gives)",
        "s’est arrêté brutalement dans la cellule 2 (les paramètres de penny.toml)",
    );
    check(
        "took longer than its limit, 1 h 05 min, and was ended in cell 2",
        "a dépassé sa limite de temps, 1 h 05, et a été arrêté dans la cellule 2",
    );
    check("PostgreSQL did not answer within 5 s", "PostgreSQL n’a pas répondu en 5 s");
    check(
        "was cancelled in cell 2 (Export) by the dashboard",
        "a été annulé dans la cellule 2 (Export) par le tableau de bord",
    );
    check(
        "it comes after `ventes`, which did not succeed",
        "il vient après « ventes », qui n’a pas réussi",
    );
    check(
        "it no longer publishes p.clients, which keeps its 1,204 rows of 1 November 2026, 05:18: is its export cell gone?",
        "il ne publie plus p.clients, qui garde ses 1 204 lignes du 1er novembre 2026 à 5 h 18 : sa cellule d’export \
         a-t-elle disparu ?",
    );
    check(
        "it was paused (3 times, the first on 23 November, 08:00)",
        "il était en pause (3 fois, la première le 23 novembre à 8 h 00)",
    );
    check(
        "attempt 1 failed (kernel lost): notebook `ventes` crashed in cell 3 (Calcul: la marge)",
        "la tentative 1 a échoué (noyau perdu) : le notebook « ventes » s’est arrêté brutalement dans la cellule 3 \
         (Calcul: la marge)",
    );
}

#[test]
fn a_cause_a_place_a_table_and_a_hint_keep_their_parts() {
    check(
        "nothing listens at 127.0.0.1:5433/db: error connecting to server: Connection refused (os error 111)",
        "rien n’écoute à 127.0.0.1:5433/db : connexion impossible : connexion refusée",
    );
    check(
        "C:/livres/penny.toml:77:8: notebook `a`: there is no file data/b c.ipynb\n  77 │ file = \"could not run\"\n  \
         hint: did you mean `c`?",
        "C:/livres/penny.toml:77:8 : notebook « a » : il n’y a pas de fichier data/b c.ipynb\n  77 │ file = \"could not \
         run\"\n  conseil : s’agit-il de `c` ?",
    );
    check(
        "pennylane.clients: the data has no rows, so the table is empty now",
        "pennylane.clients : les données n’ont aucune ligne : la table est vide à présent",
    );
}

#[test]
fn what_is_not_penny_s_stays_and_says_so() {
    #[track_caller]
    fn check(english: &str, french: &str, foreign: &[&str]) {
        let said = said(english, Language::French);
        assert_eq!(said.to_string().replace(['\u{a0}', '\u{202f}'], " "), french);
        let parts = said.parts().iter();
        let found = parts.filter_map(|part| match part {
            Part::Foreign(text) => Some(text.as_str()),
            Part::Own(_) => None,
        });
        assert_eq!(found.collect::<Vec<_>>(), foreign);
    }
    check(
        "failed in cell 3 (Ventes): KeyError: 'nom'",
        "a échoué dans la cellule 3 (Ventes) : KeyError: 'nom'",
        &["KeyError: 'nom'"],
    );
    check("KeyError: 'nom'", "KeyError: 'nom'", &["KeyError: 'nom'"]);
    check(
        "the moon is full: it was paused",
        "the moon is full: it was paused",
        &["the moon is full: it was paused"],
    );
    check("KeyError: network", "KeyError: network", &["KeyError: network"]);
    check(
        "PostgreSQL at h:1/d is not ready: the database system is starting up",
        "PostgreSQL, à h:1/d, n’est pas prêt : the database system is starting up",
        &["the database system is starting up"],
    );
    let long = format!("failed in cell 3 ({})", "é".repeat(5000));
    check(&long, &long, &[&long]);
    check("", "", &[]);
}

/// Each shape, filled in with what fits, is found as itself, and not as one before it.
#[test]
fn no_sentence_hides_another() {
    for (english, _) in SHAPES.iter().chain(OF_OTHERS) {
        let text = filled(english);
        let first = SHAPES
            .iter()
            .chain(OF_OTHERS)
            .find(|(other, _)| Shape::new(other).fit(&text).is_some());
        assert_eq!(first.map(|(other, _)| other), Some(english), "{text}");
        assert!(said(&text, Language::French).is_known(), "{text}");
    }
}

fn filled(shape: &str) -> String {
    let mut parts = shape.split(['{', '}']);
    let mut text = parts.next().unwrap_or_default().to_owned();
    while let (Some(hole), Some(words)) = (parts.next(), parts.next()) {
        text.push_str(match Hole::named(hole) {
            Hole::Name | Hole::Path => "le nom",
            Hole::Word => "mot",
            Hole::Cell => "cell 4 (Le titre)",
            Hole::Length => "1 h 05 min",
            Hole::Number => "41,210",
            Hole::Size => "1.5 GB",
            Hole::Moment => "22 November 2026, 14:05",
            Hole::Who => "the dashboard",
            Hole::Why => "it was paused",
        });
        text.push_str(words);
    }
    text
}

/// Both languages of a shape have the same holes.
#[test]
fn nothing_is_left_out_in_french_but_what_it_cannot_say() {
    for (english, french) in SHAPES {
        let of = |text: &str| -> Vec<String> {
            let holes = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
            holes.map(|(hole, _)| hole.to_owned()).collect()
        };
        let (english_holes, french_holes) = (of(english), of(french));
        assert!(french_holes.iter().all(|hole| english_holes.contains(hole)), "{french}");
    }
}

/// The words of each sentence stand in the code that makes it: whoever changes them there changes them here.
#[test]
fn every_sentence_is_still_made() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for one in std::fs::read_dir(&crates).expect("the crates").flatten() {
        gather(&one.path().join("src"), &mut files);
    }
    let own = Path::new("src").join("language");
    let code: String = files
        .iter()
        .filter(|path| !path.parent().is_some_and(|folder| folder.ends_with(&own)))
        .map(|path| joined(&std::fs::read_to_string(path).expect("it is read")))
        .collect();
    let mut gone = Vec::new();
    for (english, _) in SHAPES {
        let words = english.split(['{', '}']).step_by(2);
        let longest = words.max_by_key(|words| words.len()).unwrap_or_default();
        let made = PUT_TOGETHER.iter().find(|(whole, _)| whole == english);
        if !code.contains(made.map_or(longest.trim(), |(_, made)| made)) {
            gone.push(*english);
        }
    }
    assert!(gone.is_empty(), "no code says so any more: {gone:#?}");
}

/// Sentences of which the code has a word or a count with its noun apart: as they stand there.
const PUT_TOGETHER: &[(&str, &str)] = &[
    ("was cancelled in {cell} by {who}", "was {what} in {place}{by}"),
    ("was cancelled between two cells by {who}", "was {what} between two cells{by}"),
    ("was stopped in {cell}", "was {what} in {place}{by}"),
    ("was stopped between two cells", "was {what} between two cells{by}"),
    (
        "{cell} ended the notebook with exit(): 1 cell after it did not run",
        " ended the notebook with exit(): {others} after it did not run",
    ),
    (
        "{cell} ended the notebook with exit(): {number} cells after it did not run",
        " ended the notebook with exit(): {others} after it did not run",
    ),
    (
        "it shows {path}: masked 1 time in the output notebook",
        "it shows {}: masked {times} in the output notebook",
    ),
    (
        "it shows {path}: masked {number} times in the output notebook",
        "it shows {}: masked {times} in the output notebook",
    ),
    (
        "it no longer publishes {word}, which keeps its 1 row of {moment}: is its export cell gone?",
        "it no longer publishes {}, which keeps its {} of {}: is its export cell gone?",
    ),
];

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Code with the lines of a text put together, which `\` at their end means.
fn joined(code: &str) -> String {
    let mut text = String::with_capacity(code.len());
    let mut continues = false;
    for line in code.lines() {
        let line = if continues { line.trim_start() } else { line };
        continues = line.ends_with('\\');
        text.push_str(line.strip_suffix('\\').unwrap_or(line));
        if !continues {
            text.push('\n');
        }
    }
    text.replace("\\\"", "\"")
}
