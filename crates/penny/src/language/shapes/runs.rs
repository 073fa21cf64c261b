//! How runs and kernels end, and why some did not begin.

use super::Pair;

/// English and French, side by side.
pub const RUNS: &[Pair] = &[
    // How a run ends.
    ("failed in {cell}", "a échoué dans la {cell}"),
    ("crashed in {cell}", "s’est arrêté brutalement dans la {cell}"),
    ("could not run", "n’a pas pu s’exécuter"),
    (
        "took longer than its limit, {length}, and was ended in {cell}",
        "a dépassé sa limite de temps, {length}, et a été arrêté dans la {cell}",
    ),
    (
        "was ended in {cell}, which took longer than the limit of a cell, {length}",
        "a été arrêté dans la {cell}, qui a dépassé la limite d’une cellule, {length}",
    ),
    (
        "was ended in {cell}: the whole sync took longer than its limit, {length}",
        "a été arrêté dans la {cell} : la synchronisation entière a dépassé sa limite de temps, {length}",
    ),
    ("was cancelled in {cell} by {who}", "a été annulé dans la {cell} par {who}"),
    ("was cancelled between two cells by {who}", "a été annulé entre deux cellules par {who}"),
    ("was stopped in {cell}", "a été interrompu dans la {cell}"),
    ("was stopped between two cells", "a été interrompu entre deux cellules"),
    (
        "`timeout` under this notebook in penny.toml sets its limit",
        "cette limite est `timeout`, sous ce notebook, dans penny.toml",
    ),
    (
        "`cell_timeout` under this notebook in penny.toml sets that limit",
        "cette limite est `cell_timeout`, sous ce notebook, dans penny.toml",
    ),
    (
        "`sync` under [limits] in penny.toml sets that limit",
        "cette limite est `sync`, sous [limits], dans penny.toml",
    ),
    (
        "the cell waits for an answer (input), and nobody is there to give one",
        "la cellule attend une réponse (input), et personne n’est là pour la donner",
    ),
    (
        "write the value into the notebook, or into `parameters` under it in penny.toml",
        "écrivez la valeur dans le notebook, ou dans `parameters` sous ce notebook dans penny.toml",
    ),
    (
        "this may pass by itself: try again in a minute",
        "cela peut passer de soi-même : réessayez dans une minute",
    ),
    // How a kernel ends.
    (
        "the kernel was killed by {word} ({word2})",
        "le noyau a été tué par le signal {word} ({word2})",
    ),
    ("the kernel was killed by signal {number}", "le noyau a été tué par le signal {number}"),
    (
        "the kernel crashed with exit status {word}",
        "le noyau s’est arrêté brutalement (code {word})",
    ),
    (
        "the kernel ended by itself with exit status {word}",
        "le noyau s’est arrêté de lui-même (code {word})",
    ),
    ("the kernel ended, how is not known", "le noyau s’est arrêté, on ne sait comment"),
    (
        "the kernel was ended: it used more memory than its limit of {size}",
        "le noyau a été arrêté : il utilisait plus de mémoire que sa limite de {size}",
    ),
    (
        "the kernel was killed by the system, which had run out of memory",
        "le noyau a été tué par le système, qui n’avait plus de mémoire",
    ),
    (
        "the kernel was ended: it had closed its connections, and nobody could reach it",
        "le noyau a été arrêté : il avait fermé ses connexions, et on ne pouvait plus le joindre",
    ),
    (
        "the kernel was ended: the process it was forked from had ended",
        "le noyau a été arrêté : le processus dont il était issu s’était arrêté",
    ),
    (
        "the system does that when memory runs out: load fewer rows or columns at a time",
        "le système fait cela quand la mémoire manque : chargez moins de lignes ou de colonnes à la fois",
    ),
    ("load fewer rows or columns at a time", "chargez moins de lignes ou de colonnes à la fois"),
    (
        "load fewer rows or columns at a time, or give it more with `memory` in penny.toml",
        "chargez moins de lignes ou de colonnes à la fois, ou donnez-lui-en plus par `memory` dans penny.toml",
    ),
    ("it had used up to {size} of memory", "il avait utilisé jusqu’à {size} de mémoire"),
    (
        "the kernel `{name}` did not start: {why}; it last wrote:",
        "le noyau « {name} » n’a pas démarré : {why} ; il a écrit en dernier :",
    ),
    ("the kernel `{name}` did not start: {why}", "le noyau « {name} » n’a pas démarré : {why}"),
    (
        "the kernel `{name}` cannot start: the program `{name2}` cannot be run",
        "le noyau « {name} » ne peut pas démarrer : le programme `{name2}` ne peut pas être exécuté",
    ),
    (
        "there is no kernel named `{name}`; installed: {path}",
        "il n’y a pas de noyau « {name} » ; sont installés {path}",
    ),
    (
        "there is no kernel named `{name}`; did you mean `{name2}`? (installed: {path})",
        "il n’y a pas de noyau « {name} » ; s’agit-il de `{name2}` ? (installés : {path})",
    ),
    (
        "there is no kernel named `{name}`: no kernel at all is installed",
        "il n’y a pas de noyau « {name} » : aucun noyau n’est installé",
    ),
    (
        "the Python `{name}` cannot run notebooks: ipykernel is not installed in it; install it with `{text}`",
        "le Python `{name}` ne peut pas exécuter de notebooks : ipykernel n’y est pas installé ; installez-le par `{text}`",
    ),
    (
        "the kernel did not say that all output of this cell had been sent",
        "le noyau n’a pas dit que toute la sortie de cette cellule avait été envoyée",
    ),
    (
        "a message of this cell's output was lost on its way from the kernel, or could not be read",
        "un message de la sortie de cette cellule s’est perdu en chemin, ou n’a pas pu être lu",
    ),
    (
        "{number} messages of this cell's output were lost on their way from the kernel, or could not be read",
        "{number} messages de la sortie de cette cellule se sont perdus en chemin, ou n’ont pas pu être lus",
    ),
    // What is good to know of a run.
    (
        "{cell} ended the notebook with exit(): it is the last one",
        "la {cell} a terminé le notebook par exit() : c’est la dernière",
    ),
    (
        "{cell} ended the notebook with exit(): 1 cell after it did not run",
        "la {cell} a terminé le notebook par exit() : la cellule qui suit ne s’est pas exécutée",
    ),
    (
        "{cell} ended the notebook with exit(): {number} cells after it did not run",
        "la {cell} a terminé le notebook par exit() : les {number} cellules qui suivent ne se sont pas exécutées",
    ),
    (
        "{cell}: the first {number} bytes of its output were kept, {number2} more were not (`output_mb_per_cell` under [limits] in penny.toml sets how much)",
        "{cell} : les {number} premiers octets de sa sortie ont été gardés, {number2} autres non (`output_mb_per_cell`, sous [limits], dans penny.toml, dit combien)",
    ),
    (
        "it shows {path}: masked 1 time in the output notebook",
        "il affiche {path} : masqué 1 fois dans le notebook exécuté",
    ),
    (
        "it shows {path}: masked {number} times in the output notebook",
        "il affiche {path} : masqué {number} fois dans le notebook exécuté",
    ),
    (
        "it no longer publishes {word}, which keeps its 1 row of {moment}: is its export cell gone?",
        "il ne publie plus {word}, qui garde sa ligne du {moment} : sa cellule d’export a-t-elle disparu ?",
    ),
    (
        "it no longer publishes {word}, which keeps its {number} rows of {moment}: is its export cell gone?",
        "il ne publie plus {word}, qui garde ses {number} lignes du {moment} : sa cellule d’export a-t-elle disparu ?",
    ),
    ("attempt {number} failed ({why}): {why2}", "la tentative {number} a échoué ({why}) : {why2}"),
    (
        "notebook `{name}`: there is no file {path}",
        "notebook « {name} » : il n’y a pas de fichier {path}",
    ),
    ("notebook `{name}` {why}", "le notebook « {name} » {why}"),
    ("rate limit", "limite de débit"),
    ("network", "réseau"),
    ("database", "base de données"),
    ("kernel lost", "noyau perdu"),
    ("temporary", "passager"),
    (
        "no cell of the notebook has the tag `parameters`: the values go to its top, and a cell below that sets the same names wins",
        "aucune cellule du notebook n’a l’étiquette `parameters` : les valeurs vont tout en haut, et une cellule plus bas qui pose les mêmes noms l’emporte",
    ),
    (
        "the notebook's parameters cell does not set `{name}`",
        "la cellule des paramètres du notebook ne pose pas `{name}`",
    ),
    (
        "the notebook's parameters cell does not set `{name}`; did you mean `{name2}`?",
        "la cellule des paramètres du notebook ne pose pas `{name}` ; s’agit-il de `{name2}` ?",
    ),
    // Where a kernel came from.
    ("penny.toml says so", "penny.toml le dit ainsi"),
    (
        "no other notebook of the sync shares its imports",
        "aucun autre notebook de la synchronisation ne partage ses imports",
    ),
    (
        "its imports are shared with other notebooks",
        "ses imports sont partagés avec d’autres notebooks",
    ),
    ("it imports {word}, which {why}", "il importe {word} : {why}"),
    (
        "kernels cannot be forked on this system",
        "les noyaux ne peuvent pas être dérivés sur ce système",
    ),
    (
        "the kernel `{name}` is not an ordinary ipykernel",
        "le noyau « {name} » n’est pas un ipykernel ordinaire",
    ),
    ("no template was planned for its Python", "aucun modèle n’était prévu pour son Python"),
    // Why a run did not come to its turn.
    (
        "it comes after `{name}`, which did not succeed",
        "il vient après « {name} », qui n’a pas réussi",
    ),
    ("it was paused", "il était en pause"),
    ("the run before was still going", "l’exécution d’avant n’était pas terminée"),
    (
        "the computer was asleep, or Penny was not running",
        "l’ordinateur était en veille, ou Penny n’était pas en marche",
    ),
    (
        "{why} ({number} times, the first on {moment})",
        "{why} ({number} fois, la première le {moment})",
    ),
    (
        "the sync was cancelled before its turn by {who}",
        "la synchronisation a été annulée avant son tour par {who}",
    ),
    ("Penny was stopped before its turn", "Penny a été arrêté avant son tour"),
    (
        "the whole sync took longer than its limit, {length}, before its turn came",
        "la synchronisation entière a dépassé sa limite de temps, {length}, avant son tour",
    ),
    // Why the service does not do what is asked.
    ("`penny start` was stopped before its turn", "`penny start` a été arrêté avant son tour"),
    (
        "the history cannot be written at the moment: try again later",
        "l’historique ne peut pas être écrit en ce moment : réessayez plus tard",
    ),
    ("run {number} is not under way", "l’exécution n° {number} n’est pas en cours"),
    ("sync {number} is not under way", "la synchronisation n° {number} n’est pas en cours"),
    ("run {number} of `{name}` succeeded", "l’exécution n° {number} de « {name} » a réussi"),
    ("`{name}` runs the notebook once more", "`{name}` exécute le notebook encore une fois"),
    ("run {number} is still under way", "l’exécution n° {number} est encore en cours"),
    ("wait until it has ended", "attendez qu’elle soit terminée"),
    (
        "run {number} was given a secret for `{name}`, which Penny does not keep",
        "l’exécution n° {number} a reçu pour `{name}` un secret, que Penny ne garde pas",
    ),
    ("run it anew with that value: {why}", "relancez-la avec cette valeur : {why}"),
    (
        "penny.toml lists no notebook called `{name}`",
        "penny.toml ne contient pas de notebook « {name} »",
    ),
    ("penny.toml lists no notebook to run", "penny.toml ne contient aucun notebook"),
];
