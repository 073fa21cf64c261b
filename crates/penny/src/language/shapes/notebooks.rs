//! Notebooks that cannot be read, kernels that do not start, outputs that are not saved.

use super::Pair;

/// English and French, side by side.
pub const NOTEBOOKS: &[Pair] = &[
    // The file of a notebook.
    (
        "this is not UTF-8 text (byte {number}, line {number2}): open it in Jupyter and save it again",
        "ce n’est pas un texte en UTF-8 (octet {number}, ligne {number2}) : ouvrez-le dans Jupyter et enregistrez-le de nouveau",
    ),
    (
        "this is not a notebook's JSON (line {number}, column {number2}: {why}): open it in Jupyter, or restore an earlier version",
        "ce n’est pas le JSON d’un notebook (ligne {number}, colonne {number2} : {why}) : ouvrez-le dans Jupyter, ou reprenez une version antérieure",
    ),
    (
        "it is nested deeper than 127 levels (line {number}), and Penny reads no deeper: clear that output in Jupyter and save the notebook",
        "il est imbriqué sur plus de 127 niveaux (ligne {number}), et Penny ne lit pas plus profond : effacez cette sortie dans Jupyter et enregistrez le notebook",
    ),
    ("this is not a Jupyter notebook: {why}", "ce n’est pas un notebook Jupyter : {why}"),
    (
        "this notebook has format {word}, and Penny reads formats 3 and 4: open it in Jupyter and save it again",
        "ce notebook est au format {word}, et Penny lit les formats 3 et 4 : ouvrez-le dans Jupyter et enregistrez-le de nouveau",
    ),
    ("it holds {why} and not an object", "il contient {why} et non un objet"),
    (
        "format 3 was read as format 4.5; the file itself is unchanged",
        "le format 3 a été lu comme le format 4.5 ; le fichier lui-même n’a pas changé",
    ),
    ("it has no `nbformat`", "il n’a pas de `nbformat`"),
    ("it has no `cells`", "il n’a pas de `cells`"),
    ("its `cells` is {why} and not a list", "ses `cells` sont {why} et non une liste"),
    (
        "its cell {number} is {why} and not an object",
        "sa cellule {number} est {why} et non un objet",
    ),
    ("its cell {number} has no `cell_type`", "sa cellule {number} n’a pas de `cell_type`"),
    (
        "{number} values that JSON has no number for (NaN, Infinity) were read as null",
        "{number} valeurs sans équivalent en JSON (NaN, Infinity) ont été lues comme null",
    ),
    ("git left the two sides of a merge here", "git a laissé ici les deux côtés d’une fusion"),
    ("the file ends while{text}", "le fichier s’arrête trop tôt"),
    ("an object", "un objet"),
    (
        "{number} halves of a broken character were read as {text}",
        "{number} moitiés de caractère illisibles ont été lues comme {text}",
    ),
    // Its output.
    (
        "the output notebook {path} could not be saved: {why}; it was saved as {path2} instead",
        "le notebook exécuté {path} n’a pas pu être enregistré : {why} ; il l’a été comme {path2}",
    ),
    (
        "the output notebook {path} could not be saved: {why}; the file there is an earlier state, and what came after it is lost",
        "le notebook exécuté {path} n’a pas pu être enregistré : {why} ; ce fichier est un état antérieur, et ce qui a suivi est perdu",
    ),
    (
        "the output notebook {path} could not be saved: {why}; the outputs of this run are lost",
        "le notebook exécuté {path} n’a pas pu être enregistré : {why} ; les sorties de cette exécution sont perdues",
    ),
    ("Penny may not write there", "Penny n’a pas le droit d’y écrire"),
    ("nothing can be made in that folder", "rien ne peut être créé dans ce dossier"),
    ("it left no output notebook", "elle n’a pas laissé de notebook exécuté"),
    (
        "its output notebook was removed to keep to the retention",
        "son notebook exécuté a été supprimé, comme la durée de conservation le veut",
    ),
    ("its output notebook {path} is no longer there", "son notebook exécuté {path} n’est plus là"),
    (
        "run {number} has no attempt {number2}",
        "l’exécution n° {number} n’a pas de tentative {number2}",
    ),
    ("it was tried {number} times", "elle a été tentée {number} fois"),
    // Its kernel.
    (
        "open it in Jupyter, choose a kernel and save it",
        "ouvrez-le dans Jupyter, choisissez un noyau et enregistrez-le",
    ),
    (
        "the notebook is written in {word} and names no kernel",
        "le notebook est écrit en {word} et ne nomme pas de noyau",
    ),
    (
        "the notebook is written in {word}: install a kernel for it on this computer",
        "le notebook est écrit en {word} : installez un noyau pour ce langage sur cet ordinateur",
    ),
    (
        "in penny.toml, `kernel = \"penny\"` under `{name}` runs it with the workspace's Python",
        "dans penny.toml, `kernel = \"penny\"` sous « {name} » l’exécute avec le Python de l’espace de travail",
    ),
    ("the kernelspec `{name}` cannot be read", "la description du noyau « {name} » est illisible"),
    (
        "the kernelspec `{name}` is not valid JSON; install this kernel again",
        "la description du noyau « {name} » n’est pas du JSON valable ; réinstallez ce noyau",
    ),
    (
        "the kernelspec `{name}` is not usable: {why}; install this kernel again",
        "la description du noyau « {name} » est inutilisable : {why} ; réinstallez ce noyau",
    ),
    ("`argv` must be a list of words", "`argv` doit être une liste de mots"),
    (
        "`interrupt_mode` is `{name}`, not `signal` or `message`",
        "`interrupt_mode` vaut `{name}`, et non `signal` ou `message`",
    ),
    ("`env` must be an object", "`env` doit être un objet"),
    ("`env.{name}` must be a text", "`env.{name}` doit être un texte"),
    (
        "the kernel `{name}` cannot start: there is no program `{name2}`; install it, or choose another kernel for the notebook",
        "le noyau « {name} » ne peut pas démarrer : il n’y a pas de programme `{name2}` ; installez-le, ou choisissez un autre noyau pour le notebook",
    ),
    (
        "the kernel cannot start in `{name}`: there is no such folder",
        "le noyau ne peut pas démarrer dans `{name}` : ce dossier n’existe pas",
    ),
    (
        "the kernel `{name}` cannot be forked from the template",
        "le noyau « {name} » ne peut pas être dérivé du modèle",
    ),
    (
        "the folder for running kernels, `{name}`, cannot be used",
        "le dossier des noyaux en marche, `{name}`, ne peut pas être utilisé",
    ),
    (
        "the kernel `{name}` was not ready within {length}; if the machine is busy, allow more time",
        "le noyau « {name} » n’était pas prêt en {length} ; si l’ordinateur est occupé, donnez-lui plus de temps",
    ),
    (
        "the kernel `{name}` was not ready within {length}; if the machine is busy, allow more time; it last wrote:",
        "le noyau « {name} » n’était pas prêt en {length} ; si l’ordinateur est occupé, donnez-lui plus de temps ; il a écrit en dernier :",
    ),
    (
        "the kernel `{name}` runs, but does not speak Jupyter's protocol",
        "le noyau « {name} » est en marche, mais ne parle pas le protocole de Jupyter",
    ),
    (
        "the kernel `{name}` runs, but does not speak Jupyter's protocol; it last wrote:",
        "le noyau « {name} » est en marche, mais ne parle pas le protocole de Jupyter ; il a écrit en dernier :",
    ),
    ("the kernel could not be started: {why}", "le noyau n’a pas pu être démarré : {why}"),
    ("it last printed: {text}", "il a affiché en dernier : {text}"),
    // A gateway.
    ("penny.toml names no gateway", "penny.toml ne nomme pas de gateway"),
    (
        "the gateway's address `{name}` is wrong: {why}",
        "l’adresse du gateway, `{name}`, est fausse : {why}",
    ),
    (
        "the gateway's token holds a space, an accent or a line break; a token has none",
        "le jeton du gateway contient une espace, un accent ou un retour à la ligne ; un jeton n’en a pas",
    ),
    (
        "a secure connection to the gateway `{name}` cannot be prepared; check its certificate",
        "une connexion sûre au gateway `{name}` ne peut pas être préparée ; vérifiez son certificat",
    ),
    (
        "the gateway `{name}` cannot be reached; check its address, and that it runs",
        "le gateway `{name}` est injoignable ; vérifiez son adresse, et qu’il est en marche",
    ),
    (
        "the gateway `{name}` did not answer within {length}; try again, or ask who runs it",
        "le gateway `{name}` n’a pas répondu en {length} ; réessayez, ou demandez à son responsable",
    ),
    (
        "the gateway `{name}` refuses the token (HTTP {number}); check it, or ask for another",
        "le gateway `{name}` refuse le jeton (HTTP {number}) ; vérifiez-le, ou demandez-en un autre",
    ),
    (
        "the gateway `{name}` wants a token (HTTP {number}), and none is set",
        "le gateway `{name}` demande un jeton (HTTP {number}), et aucun n’est donné",
    ),
    (
        "write it into .env, as JUPYTER_GATEWAY_TOKEN=…",
        "écrivez-le dans .env, sous la forme JUPYTER_GATEWAY_TOKEN=…",
    ),
    (
        "the gateway `{name}` has no kernel `{name2}`; it has {text}",
        "le gateway `{name}` n’a pas de noyau « {name2} » ; il a {text}",
    ),
    ("the gateway `{name}` no longer has the kernel", "le gateway `{name}` n’a plus le noyau"),
    (
        "the gateway `{name}` answers, but opens no websocket (HTTP {number}); a proxy between it and this machine may not let websockets pass",
        "le gateway `{name}` répond, mais n’ouvre pas de websocket (HTTP {number}) ; un proxy entre lui et cet ordinateur ne les laisse peut-être pas passer",
    ),
    (
        "the kernel `{name}` on the gateway `{name2}` was not ready within {length}; if the gateway is busy, allow more time",
        "le noyau « {name} » du gateway `{name2}` n’était pas prêt en {length} ; si le gateway est occupé, donnez-lui plus de temps",
    ),
    (
        "the kernel `{name}` did not start on the gateway `{name2}`: {why}",
        "le noyau « {name} » n’a pas démarré sur le gateway `{name2}` : {why}",
    ),
    (
        "the kernel `{name}` on the gateway `{name2}` could not be prepared: {why}",
        "le noyau « {name} » du gateway `{name2}` n’a pas pu être préparé : {why}",
    ),
    (
        "the gateway `{name}` could not {path}: it answered HTTP {path2}",
        "le gateway `{name}` n’a pas fait ce qui lui était demandé : il a répondu HTTP {path2}",
    ),
    (
        "what answers at `{name}` is no Jupyter gateway: it was asked to {path}, and its answer is not the JSON that a gateway would send; check the address and its path",
        "ce qui répond à `{name}` n’est pas un gateway Jupyter : sa réponse n’est pas celle qu’un gateway donnerait ; vérifiez l’adresse et son chemin",
    ),
];
