//! The sentences that Penny makes in English, and what they are in French: the only place where both are written.
//!
//! What is in brackets is filled in, `{cell}`, `{number}`, `{why}` (see `Hole`); a number at its end tells two of a kind
//! apart. Tests hold each against the very code that makes the sentence, and the code against them.

mod files;
mod module;
mod notebooks;
mod pennylane;
mod publishing;
mod python;
mod runs;
mod servers;
mod settings;

use files::FILES;
use module::MODULE;
use notebooks::NOTEBOOKS;
use pennylane::PENNYLANE;
use publishing::PUBLISHING;
use python::PYTHON;
use runs::RUNS;
use servers::SERVERS;
use settings::SETTINGS;

/// A sentence in English and in French.
pub type Pair = (&'static str, &'static str);

/// Penny's own sentences; of two that fit, the earlier counts.
pub fn own() -> impl Iterator<Item = &'static Pair> {
    [RUNS, NOTEBOOKS, PENNYLANE, SERVERS, PUBLISHING, MODULE, FILES, PYTHON, SETTINGS]
        .into_iter()
        .flatten()
}

/// The same, and what others say.
pub fn all() -> impl Iterator<Item = &'static Pair> {
    own().chain(OF_OTHERS)
}

/// What stands in other sentences only, as the kind of something, or is a hint: as a line of an error it is somebody
/// else's.
pub const PARTS: &[&str] = &[
    "rate limit",
    "network",
    "database",
    "kernel lost",
    "temporary",
    "a text in quotes",
    "true or false",
    "a text",
    "a whole number",
    "a list",
    "a table",
    "run: {text}",
];

/// What the system and libraries say so often that a reader should not have to know it in English.
const OF_OTHERS: &[Pair] = &[
    ("No such file or directory (os error 2)", "ce fichier n’existe pas"),
    ("Permission denied (os error 13)", "accès refusé"),
    ("No space left on device (os error 28)", "le disque est plein"),
    ("Connection refused (os error 111)", "connexion refusée"),
    ("error connecting to server", "connexion impossible"),
    ("error communicating with the server", "l’échange avec le serveur s’est interrompu"),
    ("connection closed", "la connexion s’est fermée"),
    ("canceling statement due to lock timeout", "l’attente a dépassé sa limite"),
    (
        "terminating connection due to administrator command",
        "un administrateur du serveur a mis fin à la connexion",
    ),
    ("permission denied for table {text}", "pas de droit sur la table {text}"),
    ("permission denied for schema {text}", "pas de droit sur le schéma {text}"),
    ("permission denied for database {text}", "pas de droit sur la base {text}"),
    ("must be owner of table {text}", "il faut être propriétaire de la table {text}"),
    ("Key ({path})=({text}) already exists", "la clé ({path})=({text}) existe déjà"),
    ("Key ({path})=({text}) is duplicated", "la clé ({path})=({text}) est en double"),
    ("External error: {why}", "{why}"),
];
