//! The engine's sentences in French: each is still made as the table has it, and each is found.

use std::path::{Path, PathBuf};

use super::fitting::{Hole, Shape};
use super::put_together::PUT_TOGETHER;
use super::shapes;
use super::tests_of_sources::python;
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

/// As the history has them, of real runs.
#[test]
fn a_publication_that_failed_says_why_in_french() {
    check(
        "notebook `ventes` failed in cell 4 (Export)\n  row 3 has \"n/a: vide\" in `montant`, which a column of type \
         numeric(12,2) in pennylane.ventes cannot hold\n  hint: correct the value, or publish under another column \
         name than \"montant\"\n  2 │ penny.publish(df, \"ventes\")",
        "le notebook « ventes » a échoué dans la cellule 4 (Export)\n  la ligne 3 a \"n/a: vide\" dans `montant`, une \
         valeur qui ne tient pas dans cette colonne de pennylane.ventes, de type « montant (12 ; 2) »\n  conseil : \
         corrigez la valeur, ou publiez sous un autre nom de colonne que \"montant\"\n  2 │ penny.publish(df, \
         \"ventes\")",
    );
    check(
        "pennylane.ventes was held by another connection (DBeaver 24, user penny, for 312 s) for more than 60 s: \
         canceling statement due to lock timeout",
        "pennylane.ventes est restée occupée plus de 60 s par une autre connexion (DBeaver 24, utilisateur penny, \
         depuis 312 s) : l’attente a dépassé sa limite",
    );
    check(
        "the PostgreSQL user may not make the schema of compta.ventes: permission denied for database penny",
        "l’utilisateur PostgreSQL n’a pas le droit de créer le schéma de compta.ventes : pas de droit sur la base penny",
    );
    check(
        "the PostgreSQL user may not change the columns of compta.t (`n` added, `d` from date to text): must be owner \
         of table t",
        "l’utilisateur PostgreSQL n’a pas le droit de changer les colonnes de compta.t (`n` ajoutée ; `d`, de « date » \
         à « texte ») : il faut être propriétaire de la table t",
    );
    check(
        "column 2 of the data, ``, cannot be published: it has no name",
        "la colonne 2 des données, ``, ne peut pas être publiée : elle n’a pas de nom",
    );
    check(
        "the view compta.v does not work with the new column types of compta.t (`n` from bigint to text, `d` from date \
         to timestamp without time zone): it was paused",
        "la vue compta.v ne fonctionne pas avec les nouveaux types des colonnes de compta.t (`n`, de « nombre entier » \
         à « texte » ; `d`, de « date » à « date et heure ») : il était en pause",
    );
    check(
        "column `n`: 3 values had nanoseconds; PostgreSQL keeps microseconds",
        "colonne `n` : nanosecondes retirées de 3 valeurs, car PostgreSQL s’arrête aux microsecondes",
    );
    check(
        "column `x` mixes kinds of values (str in row 1, int in row 2): written as text",
        "colonne `x` : des valeurs de plusieurs sortes (texte à la ligne 1, nombre entier à la ligne 2), écrite en texte",
    );
    check(
        "Two columns are called `montant`: number 2 and number 5.\nhint: rename one of them, for example with df.rename \
         or df.columns = […].",
        "Deux colonnes s’appellent `montant` : la 2 et la 5.\nconseil : renommez l’une d’elles, par exemple par \
         df.rename ou df.columns = […].",
    );
}

#[test]
fn a_source_or_a_python_that_is_not_to_be_had_says_why_in_french() {
    check(
        "no answer from app.pennylane.com after 5 attempts: its name leads to no address (DNS)\nhint: check the internet \
         connection (VPN, Wi-Fi) and the API's base URL\nhint: this may pass by itself: try again in a minute",
        "pas de réponse de app.pennylane.com après 5 essais : son nom ne mène à aucune adresse (DNS)\nconseil : vérifiez \
         la connexion à Internet (VPN, Wi-Fi) et l’adresse de l’API\nconseil : cela peut passer de soi-même : réessayez \
         dans une minute",
    );
    check(
        "Pennylane's rate limit is used up: `/customers` was refused after 5 attempts",
        "la limite de débit de Pennylane est atteinte : `/customers` a été refusé après 5 essais",
    );
    check(
        "`customers` cannot be filtered on `nom`; it can be on `id`, `name`",
        "`customers` ne peut pas être filtrée sur `nom` ; elle peut l’être sur `id`, `name`",
    );
    check(
        "there is no table `ventes` in this database (line 2, column 6)",
        "il n’y a pas de table `ventes` dans cette base (ligne 2, colonne 6)",
    );
    check(
        "the general ledger was not ready after 60 s",
        "l’export « grand livre » n’était pas prêt après 60 s",
    );
    check(
        "the Python libraries could not be installed: the package index has no `pandsa` for this Python",
        "les bibliothèques Python n’ont pas pu être installées : le dépôt de bibliothèques n’a pas de `pandsa` pour ce \
         Python",
    );
    check(
        "cannot make the folder /livres/.penny: Permission denied (os error 13)",
        "impossible de créer le dossier /livres/.penny : accès refusé",
    );
    check(
        "PostgreSQL cannot be used: port 5433 on 127.0.0.1 is used by another program",
        "PostgreSQL ne peut pas être utilisé : le port 5433 de 127.0.0.1 est utilisé par un autre programme",
    );
}

#[test]
fn a_mistake_of_the_settings_is_told_in_french() {
    check(
        "/livres/penny.toml:4:9: `every` in [schedule] should be a length of time in quotes, such as \"30m\" or \"2h\", \
         and is a whole number\n  4 │ every = 2\nerror: /livres/penny.toml:9:1: [[notebook]] has no `file`\n  9 │ \
         [[notebook]]\n  hint: add a line `file = \"…\"`",
        "/livres/penny.toml:4:9 : `every`, dans [schedule], devrait être une durée entre guillemets, comme \"30m\" ou \
         \"2h\", et c’est un nombre entier\n  4 │ every = 2\nerreur : /livres/penny.toml:9:1 : [[notebook]] n’a pas de \
         `file`\n  9 │ [[notebook]]\n  conseil : ajoutez une ligne `file = \"…\"`",
    );
    check(
        "`timezone`: `Europe/Pari` is not a time zone: did you mean `Europe/Paris`?",
        "`timezone` : `Europe/Pari` n’est pas un fuseau horaire : s’agit-il de `Europe/Paris` ?",
    );
    check(
        "/livres/.env:3: there is no `=` in it: write NAME=value",
        "/livres/.env:3 : il n’y a pas de `=` : écrivez NOM=valeur",
    );
    check(
        "POSTGRES_PORT in .env is no port number: abc",
        "POSTGRES_PORT, dans .env, n’est pas un numéro de port : abc",
    );
    check(
        "`parallel` in [execution] is 0: write a whole number from 1 to 64",
        "`parallel`, dans [execution], vaut 0 : écrivez un nombre entier de 1 à 64",
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
    check(
        "PostgreSQL could not write pennylane.t: could not extend file \"base/1/2\": No space left on device",
        "PostgreSQL n’a pas pu écrire dans pennylane.t : could not extend file \"base/1/2\": No space left on device",
        &["could not extend file \"base/1/2\": No space left on device"],
    );
    let long = format!("failed in cell 3 ({})", "é".repeat(5000));
    check(&long, &long, &[&long]);
    check("", "", &[]);
}

#[test]
fn what_a_notebook_raised_is_english_only_beside_a_sentence_of_penny_s() {
    let text = "le compte 471 n’est pas soldé\nPostgreSQL could not write p.t: too many rows\n  KeyError: 'x'";
    let said = raised(text, Language::French);
    let foreign = said.parts().iter().filter(|part| matches!(part, Part::Foreign(_)));
    assert_eq!(foreign.collect::<Vec<_>>(), [&Part::Foreign("too many rows".to_owned())]);
    assert!(said.to_string().starts_with("le compte 471 n’est pas soldé\nPostgreSQL n’a pas pu"));
    assert!(said.to_string().ends_with("\n  KeyError: 'x'"));
}

#[test]
fn an_exception_of_a_notebook_s_own_stays_as_it_was_written() {
    #[track_caller]
    fn check(text: &str) {
        assert_eq!(raised(text, Language::French), Said::plain(text));
    }
    for class in ["ValueError", "EcartDeCaisse", "error", "Écart"] {
        check(&format!("{class}: Écart de caisse\ndatabase: compta\nrate limit\nrun: x\na table"));
        check(&format!("{class}: it was paused\nit was paused\nhint: wait until it has ended"));
        check(&format!("{class}: \nPython does not start"));
        check(class);
    }
    // Raised as Penny raises: its sentences are told, and words that are part of one are not.
    check("Écart de caisse\ndatabase: compta\nrate limit\nnetwork\na table");
    let said = raised("pennylane.t is not there\nit was paused", Language::French).to_string();
    assert_eq!(said, "pennylane.t is not there\nil était en pause");
    // Nothing that Penny raises looks like an exception.
    for (english, _) in shapes::own().filter(|(english, _)| !shapes::PARTS.contains(english)) {
        assert!(!is_exception(&filled(english)), "{english}");
    }
    for part in shapes::PARTS {
        assert!(shapes::own().any(|(english, _)| english == part), "{part}");
    }
}

#[test]
fn of_a_text_without_end_only_the_beginning_is_looked_at() {
    let french = |said: Said| said.to_string().matches("il était en pause").count();
    let lines = ["it was paused"; 1000].join("\n");
    assert_eq!(french(raised(&lines, Language::French)), 40);
    assert_eq!(french(said(&lines, Language::French)), 200);
    assert!(raised(&lines, Language::French).to_string().ends_with("\nit was paused"));
    assert!(!said(&lines, Language::French).is_known());

    // A cause is looked for after the first colons of a line.
    let heading = |colons: usize| format!("failed in cell 4 ({}a): KeyError", "a: ".repeat(colons));
    let begins = |text: String| sentence(&text, Language::French).starts_with("a échoué");
    assert!(begins(heading(3)));
    assert!(!begins(heading(12)));

    // A megabyte of what nearly fits.
    let line = "column `a`, `a`, `a` (a: a: a, not a from a to a: ";
    for text in [line.repeat(20_000), format!("{}\n", line.repeat(38)).repeat(500)] {
        assert_eq!(raised(&text, Language::French), Said::plain(text.as_str()));
    }
}

/// Each shape, filled in with what fits, is found as itself, and not as one before it.
#[test]
fn no_sentence_hides_another() {
    let known: Vec<_> = shapes::all().map(|(english, _)| (english, Shape::new(english))).collect();
    for (english, _) in &known {
        let text = filled(english);
        let first = known.iter().find(|(_, shape)| shape.fit(&text).is_some());
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
            Hole::Values => "3 values",
            Hole::Type => "bigint",
            Hole::Changes => "`n` from bigint to text",
            Hole::Examples => "str in row 3, int in row 5",
            Hole::Doing => "alter",
            Hole::Text => "du texte",
        });
        text.push_str(words);
    }
    text
}

/// Both languages of a shape have the same holes.
#[test]
fn nothing_is_left_out_in_french_but_what_it_cannot_say() {
    for (english, french) in shapes::all() {
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
    let mut files = Vec::new();
    for one in std::fs::read_dir(crates()).expect("the crates").flatten() {
        gather(&one.path().join("src"), &mut files);
    }
    gather(&crates().join("../python/penny"), &mut files);
    let own = Path::new("src").join("language");
    let code: String = files
        .iter()
        .filter(|path| !path.ancestors().any(|folder| folder.ends_with(&own)))
        .map(|path| match std::fs::read_to_string(path).expect("it is read") {
            code if path.extension().is_some_and(|extension| extension == "py") => {
                python(&code).join("\n") + "\n"
            }
            code => joined(&code),
        })
        .collect();
    let mut gone = Vec::new();
    for (english, _) in shapes::own() {
        let words = english.split(['{', '}']).step_by(2);
        let longest = words.max_by_key(|words| words.len()).unwrap_or_default();
        let mut made = PUT_TOGETHER.iter().filter(|(whole, _)| whole == english).peekable();
        let is_made = match made.peek() {
            Some(_) => made.all(|(_, made)| code.contains(made)),
            None => code.contains(longest.trim()),
        };
        if !is_made {
            gone.push(*english);
        }
    }
    assert!(gone.is_empty(), "no code says so any more: {gone:#?}");
}

/// The folder of the crates.
pub fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The sources in a folder, or the one that it is.
pub fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    if folder.is_file() {
        files.push(folder.to_owned());
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "py") {
            files.push(path);
        }
    }
}

/// Code with the lines of a text put together, which `\` at their end means.
pub fn joined(code: &str) -> String {
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
