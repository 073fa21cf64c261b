//! Files and disks.

use super::Pair;

/// English and French, side by side.
pub const FILES: &[Pair] = &[
    // Files.
    ("cannot read the folder {path}", "impossible de lire le dossier {path}"),
    ("cannot make the folder {path}", "impossible de créer le dossier {path}"),
    ("cannot create the folder {path}", "impossible de créer le dossier {path}"),
    ("cannot find the folder {path}", "impossible de trouver le dossier {path}"),
    ("cannot write to the folder {path}", "impossible d’écrire dans le dossier {path}"),
    ("cannot change the owner of {path}", "impossible de changer le propriétaire de {path}"),
    (
        "cannot rename the new data folder to {path}",
        "impossible de renommer le nouveau dossier de données en {path}",
    ),
    ("cannot write the log {path}", "impossible d’écrire le journal {path}"),
    ("cannot read the log {path}", "impossible de lire le journal {path}"),
    ("cannot read {path}", "impossible de lire {path}"),
    ("cannot write {path}", "impossible d’écrire {path}"),
    ("cannot open {path}", "impossible d’ouvrir {path}"),
    ("cannot make {path}", "impossible de créer {path}"),
    (
        "give your user the right to write there, or put the workspace elsewhere",
        "donnez à votre utilisateur le droit d’y écrire, ou mettez l’espace de travail ailleurs",
    ),
    (
        "the disk is full: free some space, then run the command again",
        "le disque est plein : libérez de la place, puis recommencez",
    ),
    ("cannot lock {path}", "impossible de réserver {path}"),
    ("cannot remove {path}", "impossible de supprimer {path}"),
    ("cannot start {path}", "impossible de démarrer {path}"),
    ("initdb took longer than {length}", "initdb a duré plus de {length}"),
    ("initdb could not be run: {why}", "initdb n’a pas pu être exécuté : {why}"),
];
