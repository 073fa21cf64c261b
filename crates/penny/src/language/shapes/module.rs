//! What the Python module `penny` says in a notebook.

use super::Pair;

/// Of a DataFrame that is published, and of the program behind the module.
pub const MODULE: &[Pair] = &[
    // Names of columns.
    (
        "Two columns are called `{name}`: number {number} and number {number2}.",
        "Deux colonnes s’appellent `{name}` : la {number} et la {number2}.",
    ),
    (
        "rename one of them, for example with df.rename or df.columns = […].",
        "renommez l’une d’elles, par exemple par df.rename ou df.columns = […].",
    ),
    ("Column number {number} has no name.", "La colonne {number} n’a pas de nom."),
    (
        "name it, for example with df.columns = […].",
        "donnez-lui un nom, par exemple par df.columns = […].",
    ),
    (
        "The name of column number {number} has a NUL character: {text}.",
        "Le nom de la colonne {number} contient un caractère nul : {text}.",
    ),
    (
        "The name of column number {number} is not valid text: {text}.",
        "Le nom de la colonne {number} n’est pas un texte valable : {text}.",
    ),
    (
        "The name of column number {number}, `{name}`, is {number2} bytes long; PostgreSQL takes {number3} at most.",
        "Le nom de la colonne {number}, `{name}`, est trop long : {number2} octets, et PostgreSQL en permet {number3}.",
    ),
    (
        "shorten it with df.rename({text}); an accented letter counts for two bytes.",
        "raccourcissez-le par df.rename({text}) ; une lettre accentuée compte pour deux octets.",
    ),
    // What is published.
    (
        "The DataFrame has no columns, so there is no table to publish.",
        "Le DataFrame n’a aucune colonne : il n’y a pas de table à publier.",
    ),
    (
        "penny.publish takes a pandas DataFrame, not a {word}.",
        "penny.publish publie un DataFrame de pandas, et a reçu un {word}.",
    ),
    (
        "the DataFrame comes first: penny.publish(df, \"customers\")",
        "le DataFrame vient d’abord : penny.publish(df, \"customers\")",
    ),
    ("give it as df.to_pandas().", "donnez-le par df.to_pandas()."),
    (
        "The name of the table is a text such as 'customers', not {text}.",
        "Le nom de la table est un texte tel que 'customers', et non {text}.",
    ),
    (
        "The name of the schema is a text such as 'customers', not {text}.",
        "Le nom du schéma est un texte tel que 'customers', et non {text}.",
    ),
    (
        "The key names the column `{name}`, which the DataFrame does not have.",
        "La clé nomme la colonne `{name}`, qui manque dans le DataFrame.",
    ),
    ("its columns are {text}.", "ses colonnes sont {text}."),
    (
        "The column `{name}` cannot be a key: its name has a comma.",
        "La colonne `{name}` ne peut pas servir de clé : son nom contient une virgule.",
    ),
    ("rename it.", "renommez-la."),
    ("The key names no column.", "La clé ne nomme aucune colonne."),
    (
        "the index ({text}) was not written; `index=True` writes it too",
        "l’index ({text}) n’a pas été écrit ; `index=True` l’écrit aussi",
    ),
    // Values.
    (
        "Column `{name}` ({word}), rows {number} to {number2} cannot be published: {why}",
        "La colonne `{name}` ({word}) ne peut pas être publiée, lignes {number} à {number2} : {why}",
    ),
    (
        "Column `{name}` ({path}) cannot be published: {why}",
        "La colonne `{name}` ({path}) ne peut pas être publiée : {why}",
    ),
    (
        "Column `{name}`, row {number}: the cell holds a whole {word}, not a value.",
        "Colonne `{name}`, ligne {number} : la case contient un {word} entier, et non une valeur.",
    ),
    (
        "publish it as a table of its own, or turn it into a list with .tolist().",
        "publiez-le comme une table à part, ou faites-en une liste par .tolist().",
    ),
    (
        "Column `{name}`, row {number}: the {word} has no text: {why}",
        "Colonne `{name}`, ligne {number} : le {word} n’a pas de forme en texte : {why}",
    ),
    (
        "Column `{name}`, row {number}: the {word} has no JSON: {why}.",
        "Colonne `{name}`, ligne {number} : le {word} n’a pas de forme en JSON : {why}.",
    ),
    ("it contains itself", "il se contient lui-même"),
    (
        "column `{name}`: {number} text(s) had a broken character, replaced by `{text}` (first in row {number2})",
        "colonne `{name}` : caractères illisibles dans {number} texte(s), remplacés par `{text}` (le premier à la ligne {number2})",
    ),
    (
        "column `{name}` holds integers above 64 bits (row {number}): written as numeric",
        "colonne `{name}` : des nombres entiers de plus de 64 bits (ligne {number}), écrits comme montants",
    ),
    (
        "column `{name}` holds an integer of {number} digits (row {number2}): written as text",
        "colonne `{name}` : un nombre entier de {number} chiffres (ligne {number2}), écrite en texte",
    ),
    (
        "column `{name}` mixes floats with integers too long for them (row {number}): rounded",
        "colonne `{name}` : des nombres décimaux mêlés à des entiers trop longs pour eux (ligne {number}), arrondis",
    ),
    (
        "column `{name}`: {word} in row {number} is not a number, left empty",
        "colonne `{name}` : {word} à la ligne {number} n’est pas un nombre, case laissée vide",
    ),
    (
        "column `{name}` holds decimals of more than {number} digits: written as text",
        "colonne `{name}` : des nombres décimaux de plus de {number} chiffres, écrite en texte",
    ),
    (
        "column `{name}` mixes instants with a time zone (row {number}) and without (row {number2}): the latter taken as UTC",
        "colonne `{name}` : des heures avec fuseau (ligne {number}) et sans (ligne {number2}), celles-ci prises pour UTC",
    ),
    (
        "column `{name}` holds a duration too long to be one: written as text",
        "colonne `{name}` : une durée trop longue pour en être une, écrite en texte",
    ),
    (
        "column `{name}` holds a time of day with a time zone (row {number}): written as text",
        "colonne `{name}` : une heure du jour avec un fuseau (ligne {number}), écrite en texte",
    ),
    (
        "column `{name}` mixes kinds of values ({examples}): written as text",
        "colonne `{name}` : des valeurs de plusieurs sortes ({examples}), écrite en texte",
    ),
    (
        "column `{name}` holds objects without a type in PostgreSQL ({examples}): written as text",
        "colonne `{name}` : des objets que PostgreSQL ne connaît pas ({examples}), écrite en texte",
    ),
    // What is asked of Pennylane.
    (
        "The first argument is the name of a list such as 'customers', not {text}.",
        "Le premier argument est le nom d’une liste tel que 'customers', et non {text}.",
    ),
    (
        "The first argument is the text of a query: SELECT … FROM pennylane.<table>.",
        "Le premier argument est le texte d’une requête : SELECT … FROM pennylane.<table>.",
    ),
    (
        "`limit` is a number of rows such as 100, not {text}.",
        "`limit` est un nombre de lignes tel que 100, et non {text}.",
    ),
    (
        "A filter looks like ('date', '>=', '2026-01-01'), not {text}.",
        "Un filtre s’écrit ('date', '>=', '2026-01-01'), et non {text}.",
    ),
    (
        "A condition of a filter looks like ('date', '>=', '2026-01-01'), not {text}.",
        "Une condition de filtre s’écrit ('date', '>=', '2026-01-01'), et non {text}.",
    ),
    (
        "The filter is {number} characters long; the limit is {number2}.",
        "Le filtre fait {number} caractères, et la limite est de {number2}.",
    ),
    (
        "ask for fewer values at a time, and put the answers together with pd.concat.",
        "demandez moins de valeurs à la fois, et réunissez les réponses par pd.concat.",
    ),
    (
        "The filter on `{name}` has the unknown operator {text}.",
        "Le filtre sur `{name}` a un opérateur inconnu, {text}.",
    ),
    ("use one of {text}.", "utilisez l’un de {text}."),
    (
        "The filter on `{name}` with {word} takes a list of values, not {text}.",
        "Le filtre sur `{name}` avec {word} prend une liste de valeurs, et non {text}.",
    ),
    (
        "The filter on `{name}` with {word} takes a single value, not {text}.",
        "Le filtre sur `{name}` avec {word} prend une seule valeur, et non {text}.",
    ),
    (
        "The parameter `{name}` is one text, number or date, not {text}.",
        "Le paramètre `{name}` est un texte, un nombre ou une date, et non {text}.",
    ),
    (
        "`{name}` is an instant such as '2026-01-31T08:00:00Z', not {text}.",
        "`{name}` est un instant tel que '2026-01-31T08:00:00Z', et non {text}.",
    ),
    ("The value for `{name}` is missing ({text}).", "Il manque la valeur de `{name}` ({text})."),
    (
        "The value for `{name}` is a text, number, date or list, not {text}.",
        "La valeur de `{name}` est un texte, un nombre, une date ou une liste, et non {text}.",
    ),
    // What a query is filled with.
    (
        "`params` is a dict, its names standing in the query as %(name)s.",
        "`params` est un dict, dont les noms figurent dans la requête sous la forme %(name)s.",
    ),
    ("redshift(\"… {text}", "redshift(\"… {text}"),
    (
        "The query has %({path})s, but `params` has no `{name}` (it has: {text}).",
        "La requête contient %({path})s, mais `params` n’a pas de `{name}` (il a : {text}).",
    ),
    (
        "The query has a lone % on line {number}; write %% for a percent sign.",
        "La requête contient un % seul à la ligne {number} ; écrivez %% pour un signe pour cent.",
    ),
    (
        "%({path})s stands between quotes in the query, where a value cannot be put.",
        "%({path})s se trouve entre guillemets dans la requête, où aucune valeur ne peut être mise.",
    ),
    (
        "remove the quotes; Penny writes them. For a part of a text: {text}",
        "retirez les guillemets : Penny les écrit. Pour une partie d’un texte : {text}",
    ),
    (
        "The parameter `{name}` is a {word}, which has no form in SQL.",
        "Le paramètre `{name}` est un {word}, qui n’a pas de forme en SQL.",
    ),
    (
        "The parameter `{name}` is an infinite decimal, which has no form in SQL.",
        "Le paramètre `{name}` est un nombre infini, qui n’a pas de forme en SQL.",
    ),
    (
        "The parameter `{name}` has a NUL character, which SQL does not take.",
        "Le paramètre `{name}` contient un caractère nul, que SQL n’accepte pas.",
    ),
    (
        "The list `{name}` is empty, and SQL has no empty list.",
        "La liste `{name}` est vide, et SQL n’a pas de liste vide.",
    ),
    (
        "The list `{name}` has lists inside, which has no form in SQL.",
        "La liste `{name}` contient des listes, ce qui n’a pas de forme en SQL.",
    ),
    // The program behind the module.
    (
        "The `penny` program was not found: it is not on the PATH, and PENNY_BIN is not set.",
        "Le programme `penny` est introuvable : il n’est pas dans le PATH, et PENNY_BIN n’est pas posée.",
    ),
    (
        "PENNY_BIN names `{name}`, and there is no such file.",
        "PENNY_BIN nomme `{name}`, et ce fichier n’existe pas.",
    ),
    (
        "run the notebook with `penny run`, or choose the kernel « Penny (Python) » in Jupyter.",
        "exécutez le notebook par `penny run`, ou choisissez le noyau « Penny (Python) » dans Jupyter.",
    ),
    (
        "The `penny` program at `{name}` could not be started: {why}",
        "Le programme `penny`, `{name}`, n’a pas pu démarrer : {why}",
    ),
    (
        "The `penny` program answered something that cannot be read: {why}",
        "Le programme `penny` a donné une réponse illisible : {why}",
    ),
    (
        "check that PENNY_BIN names the `penny` program of the same version as this module.",
        "vérifiez que PENNY_BIN nomme le programme `penny` de la même version que ce module.",
    ),
    (
        "The `penny` program closed its output but did not end within {number} seconds.",
        "Le programme `penny` a fermé sa sortie, mais ne s’est pas arrêté en {number} secondes.",
    ),
    (
        "The `penny` program ended with exit status {number} without saying why.",
        "Le programme `penny` s’est arrêté (code {number}) sans dire pourquoi.",
    ),
    (
        "The `penny` program was ended by {path} without saying why.",
        "Le programme `penny` a été arrêté par le signal {path}, sans dire pourquoi.",
    ),
];
