//! The sentences that Penny makes in English, and what they are in French: the only place where both are written.
//!
//! What is in brackets is filled in, `{cell}`, `{number}`, `{why}` (see `Hole`); a number at its end tells two of a kind
//! apart. Tests hold each against the very code that makes the sentence.

/// English and French, side by side.
pub const SHAPES: &[(&str, &str)] = &[
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
        "the Python `{name}` cannot run notebooks: ipykernel is not installed in it; install it with `{name2}`",
        "le Python `{name}` ne peut pas exécuter de notebooks : ipykernel n’y est pas installé ; installez-le par `{name2}`",
    ),
    (
        "the kernel did not say that all output of this cell had been sent",
        "le noyau n’a pas dit que toute la sortie de cette cellule avait été envoyée",
    ),
    (
        "a message of this cell's output was lost on its way from the kernel",
        "un message de la sortie de cette cellule s’est perdu en chemin",
    ),
    (
        "{number} messages of this cell's output were lost on their way from the kernel",
        "{number} messages de la sortie de cette cellule se sont perdus en chemin",
    ),
    // What is good to know of a run.
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
    // What is good to know of a publication.
    (
        "the data has no rows, so the table is empty now",
        "les données n’ont aucune ligne : la table est vide à présent",
    ),
    (
        "the role `{name}` that is to read the table does not exist",
        "le rôle `{name}`, qui doit lire la table, n’existe pas",
    ),
    (
        "the role `{name}` could not be given the right to read the table: {why}",
        "le rôle `{name}` n’a pas pu recevoir le droit de lire la table : {why}",
    ),
    (
        "column `{name}`: the data is of type {path} and the table's column is {path2}, so it was written as text",
        "colonne `{name}` : les données sont de type {path} et la colonne de la table est {path2} ; elles ont été écrites en texte",
    ),
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
    // The settings.
    ("penny.toml was changed by somebody else meanwhile", "penny.toml a été modifié entre-temps"),
    (
        "nothing was written: look at the schedule as it is now, and change it again",
        "rien n’a été enregistré : regardez l’horaire tel qu’il est, et changez-le de nouveau",
    ),
    (
        "Penny cannot change this schedule where it stands",
        "Penny ne peut pas changer cet horaire là où il est écrit",
    ),
    ("change it by hand: {path}", "changez-le à la main : {path}"),
    ("penny.toml is not TOML: {why}", "penny.toml n’est pas du TOML : {why}"),
    ("the file is not UTF-8", "le fichier n’est pas en UTF-8"),
    ("unknown key `{name}` in {word}", "clé `{name}` inconnue dans {word}"),
    ("unknown key `{name}` at the top", "clé `{name}` inconnue en tête de fichier"),
    ("known here: {path}", "connues ici : {path}"),
    ("did you mean `{name}`?", "s’agit-il de `{name}` ?"),
    (
        "two notebooks are called `{name}` (the first on line {number})",
        "deux notebooks s’appellent « {name} » (le premier à la ligne {number})",
    ),
    ("give one of them another name", "donnez un autre nom à l’un d’eux"),
    ("`{name}` comes after itself", "« {name} » vient après lui-même"),
    (
        "these notebooks wait for each other: {path}",
        "ces notebooks s’attendent l’un l’autre : {path}",
    ),
    (
        "was it renamed? the folder has {path}: write that name in penny.toml",
        "a-t-il été renommé ? le dossier contient {path} : écrivez ce nom dans penny.toml",
    ),
    (
        "put the notebook back, or remove its section from penny.toml",
        "remettez le notebook en place, ou retirez sa section de penny.toml",
    ),
    // Files.
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
    // PostgreSQL.
    ("Penny's own PostgreSQL does not run", "le PostgreSQL de Penny n’est pas en marche"),
    ("Penny's own PostgreSQL is starting", "le PostgreSQL de Penny démarre"),
    ("PostgreSQL did not answer within {length}", "PostgreSQL n’a pas répondu en {length}"),
    (
        "PostgreSQL at {word} did not answer within {length}",
        "PostgreSQL, à {word}, n’a pas répondu en {length}",
    ),
    ("nothing listens at {word}", "rien n’écoute à {word}"),
    ("the host `{name}` is unknown", "l’hôte « {name} » est inconnu"),
    (
        "PostgreSQL at {word} does not accept the password of user `{name}`",
        "PostgreSQL, à {word}, n’accepte pas le mot de passe de l’utilisateur « {name} »",
    ),
    (
        "PostgreSQL at {word} wants a password of user `{name}`, and none is configured",
        "PostgreSQL, à {word}, demande un mot de passe pour l’utilisateur « {name} », et aucun n’est configuré",
    ),
    (
        "PostgreSQL at {word} does not let user `{name}` in: {why}",
        "PostgreSQL, à {word}, ne laisse pas entrer l’utilisateur « {name} » : {why}",
    ),
    ("the database `{name}` does not exist at {word}", "la base « {name} » n’existe pas à {word}"),
    ("PostgreSQL at {word} is not ready: {why}", "PostgreSQL, à {word}, n’est pas prêt : {why}"),
    (
        "PostgreSQL at {word} has no connection left",
        "PostgreSQL, à {word}, n’a plus de connexion libre",
    ),
    (
        "PostgreSQL at {word} and Penny cannot agree on TLS: {why}",
        "PostgreSQL, à {word}, et Penny ne s’accordent pas sur TLS : {why}",
    ),
    (
        "the certificate of PostgreSQL at {word} is not trusted: {why}",
        "le certificat de PostgreSQL, à {word}, n’est pas digne de confiance : {why}",
    ),
    (
        "the connection to {word} broke while it was opened",
        "la connexion à {word} s’est rompue pendant l’ouverture",
    ),
    (
        "PostgreSQL at {word} refused the connection: {why}",
        "PostgreSQL, à {word}, a refusé la connexion : {why}",
    ),
    (
        "check how the host is spelled, and the network or VPN",
        "vérifiez le nom de l’hôte, et le réseau ou le VPN",
    ),
    (
        "check the host and the port, and that PostgreSQL is running there",
        "vérifiez l’hôte et le port, et que PostgreSQL y est en marche",
    ),
    ("check the user and the password", "vérifiez l’utilisateur et le mot de passe"),
    ("configure the password", "configurez le mot de passe"),
    ("try again in a moment", "réessayez dans un instant"),
    (
        "close other programs that are connected, or raise max_connections",
        "fermez d’autres programmes connectés, ou augmentez max_connections",
    ),
    (
        "check the network, the VPN and the firewall between here and the server",
        "vérifiez le réseau, le VPN et le pare-feu entre ici et le serveur",
    ),
    (
        "check that it is PostgreSQL that listens at this port",
        "vérifiez que c’est PostgreSQL qui écoute à ce port",
    ),
    (
        "the connection to PostgreSQL was lost while Penny tried to {path} {word}",
        "la connexion à PostgreSQL s’est perdue pendant la publication de {word}",
    ),
    // Pennylane.
    (
        "Pennylane does not accept the token (401): {why}",
        "Pennylane n’accepte pas le jeton (401) : {why}",
    ),
    (
        "the Pennylane token may not read `{name}` (403): it lacks the scope `{name2}`",
        "le jeton Pennylane n’a pas le droit de lire `{name}` (403) : il lui manque la portée `{name2}`",
    ),
    (
        "Pennylane's rate limit is used up: `{name}` was refused {path}",
        "la limite de débit de Pennylane est atteinte : `{name}` a été refusé",
    ),
    (
        "there is no token for Pennylane's API: PENNYLANE_API_TOKEN is empty in .env",
        "il n’y a pas de jeton pour l’API de Pennylane : PENNYLANE_API_TOKEN est vide dans .env",
    ),
    (
        "the data share is not configured: {word} is empty in .env",
        "le data share n’est pas configuré : {word} est vide dans .env",
    ),
    ("try again in a few minutes", "réessayez dans quelques minutes"),
];

/// What the system and libraries say so often that a reader should not have to know it in English.
pub const OF_OTHERS: &[(&str, &str)] = &[
    ("No such file or directory (os error 2)", "ce fichier n’existe pas"),
    ("Permission denied (os error 13)", "accès refusé"),
    ("No space left on device (os error 28)", "le disque est plein"),
    ("Connection refused (os error 111)", "connexion refusée"),
    ("error connecting to server", "connexion impossible"),
];
