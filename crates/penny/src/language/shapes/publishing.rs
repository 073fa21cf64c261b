//! What a publication tells, and why one did not happen.

use super::Pair;

/// What penny-postgres and `penny load` say.
pub const PUBLISHING: &[Pair] = &[
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
        "column `{name}`: the data is of type {type} and the table's column is {type2}, so it was written as text",
        "colonne `{name}` : les données sont de type « {type} » et la colonne de la table de type « {type2} » ; elles ont été écrites en texte",
    ),
    (
        "column `{name}`: row {number} has {text}, which {type} cannot hold; it is published as {type2}",
        "colonne `{name}` : la ligne {number} a {text}, qui ne tient pas dans le type « {type} » ; elle est publiée en « {type2} »",
    ),
    (
        "column `{name}`: row {number} has {text}, which {type} cannot hold; the column is now {type2}",
        "colonne `{name}` : la ligne {number} a {text}, qui ne tient pas dans le type « {type} » ; la colonne passe en « {type2} »",
    ),
    (
        "column `{name}`: {values} had NUL characters, which PostgreSQL does not allow; they were taken out",
        "colonne `{name}` : caractères nuls retirés de {values}, car PostgreSQL ne les accepte pas",
    ),
    (
        "column `{name}`: {values} became NULL, since the column's type has no infinity",
        "colonne `{name}` : {values} sans équivalent (infini) dans le type de la colonne, cases laissées vides",
    ),
    (
        "column `{name}`: {values} had nanoseconds; PostgreSQL keeps microseconds",
        "colonne `{name}` : nanosecondes retirées de {values}, car PostgreSQL s’arrête aux microsecondes",
    ),
    (
        "{path} was made without a primary key and is left so; the key ({path2}) is not checked",
        "{path} a été créée sans clé primaire et reste ainsi ; la clé ({path2}) n’est pas vérifiée",
    ),
    (
        "the primary key of {path} is ({path2}) and is left so, not ({path3})",
        "la clé primaire de {path} est ({path2}) et le reste, au lieu de ({path3})",
    ),
    // The name of a table.
    (
        "`{name}` cannot be the name of a table: {why}",
        "`{name}` ne peut pas être le nom d’une table : {why}",
    ),
    ("it has more than one dot", "il contient plus d’un point"),
    ("a double quote is not closed", "un guillemet n’est pas refermé"),
    ("the schema has no name", "le schéma n’a pas de nom"),
    ("the table has no name", "la table n’a pas de nom"),
    (
        "the name of the schema has {number} bytes, and PostgreSQL allows {number2}",
        "le nom du schéma est trop long : {number} octets, et PostgreSQL en permet {number2} (une lettre accentuée en prend deux)",
    ),
    (
        "the name of the table has {number} bytes, and PostgreSQL allows {number2}",
        "le nom de la table est trop long : {number} octets, et PostgreSQL en permet {number2} (une lettre accentuée en prend deux)",
    ),
    (
        "the name of the schema contains a NUL character",
        "le nom du schéma contient un caractère nul",
    ),
    (
        "the name of the table contains a NUL character",
        "le nom de la table contient un caractère nul",
    ),
    (
        "write a name such as customers, or schema.customers",
        "écrivez un nom tel que customers, ou schema.customers",
    ),
    (
        "the table `{name}` is not in the schema `{name2}`",
        "la table `{name}` n’est pas dans le schéma `{name2}`",
    ),
    (
        "name the schema once: before the table's name, or as the schema",
        "nommez le schéma une seule fois : devant le nom de la table, ou à part",
    ),
    // Columns of the data.
    (
        "the data has no columns, so there is nothing to publish",
        "les données n’ont aucune colonne : il n’y a rien à publier",
    ),
    (
        "check that the DataFrame is the one you mean to publish",
        "vérifiez que ce DataFrame est bien celui que vous voulez publier",
    ),
    (
        "the table would have {number} columns, and PostgreSQL allows 1600",
        "la table aurait {number} colonnes, et PostgreSQL en permet 1600",
    ),
    (
        "publish fewer columns, for example df[[\"date\", \"amount\"]]",
        "publiez moins de colonnes, par exemple df[[\"date\", \"amount\"]]",
    ),
    (
        "column {number} of the data, `{name}`, cannot be published: {why}",
        "la colonne {number} des données, `{name}`, ne peut pas être publiée : {why}",
    ),
    ("it has no name", "elle n’a pas de nom"),
    (
        "its name has {number} bytes, and PostgreSQL allows {number2}",
        "son nom est trop long : {number} octets, et PostgreSQL en permet {number2} (une lettre accentuée en prend deux)",
    ),
    ("its name contains a NUL character", "son nom contient un caractère nul"),
    (
        "every table of PostgreSQL has a hidden column of that name",
        "toute table de PostgreSQL a déjà une colonne cachée de ce nom",
    ),
    ("give it a name with df.columns = […]", "donnez-lui un nom par df.columns = […]"),
    (
        "columns {number} and {number2} of the data have the same name, `{name}`",
        "les colonnes {number} et {number2} des données portent le même nom, `{name}`",
    ),
    (
        "rename it with df.rename({text}), or df.columns = […]",
        "renommez-la par df.rename({text}), ou df.columns = […]",
    ),
    (
        "the key names the column `{name}`, which the data does not have",
        "la clé nomme la colonne `{name}`, qui manque dans les données",
    ),
    (
        "check how it is spelled, capital letters included",
        "vérifiez son orthographe, majuscules comprises",
    ),
    (
        "column {number} of the data, `{name}`, is of the Arrow type {text}, which Penny cannot publish",
        "la colonne {number} des données, `{name}`, est du type Arrow {text}, que Penny ne sait pas publier",
    ),
    (
        "turn it into text with df[{text}].astype(str)",
        "transformez-la en texte par df[{text}].astype(str)",
    ),
    // What the table is.
    (
        "{path} is {why}, and only a table can be published to",
        "{path} est {why}, et l’on ne peut publier que dans une table",
    ),
    ("a view", "une vue"),
    ("a materialized view", "une vue matérialisée"),
    ("a foreign table", "une table d’un autre serveur"),
    ("a sequence", "une séquence (un compteur)"),
    ("an index", "un index"),
    ("a composite type", "un type composé"),
    ("something else than a table", "autre chose qu’une table"),
    ("choose another name for the table", "choisissez un autre nom pour la table"),
    (
        "the column `{name}` of {path} must have a value in every row, and the data has no such column",
        "la colonne `{name}` de {path} est obligatoire, et elle manque dans les données",
    ),
    (
        "add the column to the data, or allow empty values: ALTER TABLE … ALTER COLUMN {text} DROP NOT NULL",
        "ajoutez la colonne aux données, ou permettez les cases vides : ALTER TABLE … ALTER COLUMN {text} DROP NOT NULL",
    ),
    (
        "add the column to the data, or take the primary key from the table: ALTER TABLE … DROP CONSTRAINT …",
        "ajoutez la colonne aux données, ou retirez la clé primaire de la table : ALTER TABLE … DROP CONSTRAINT …",
    ),
    (
        "PostgreSQL computes the column `{name}` of {path} by itself, so it cannot be published",
        "PostgreSQL calcule lui-même la colonne `{name}` de {path} : elle ne peut pas être publiée",
    ),
    ("remove it with df.drop(columns=[{text}])", "retirez-la par df.drop(columns=[{text}])"),
    (
        "the column `{name}` of {path} cannot be dropped: the view {path2} uses it",
        "la colonne `{name}` de {path} ne peut pas être supprimée : la vue {path2} s’en sert",
    ),
    ("change the view first, or keep the column", "changez d’abord la vue, ou gardez la colonne"),
    (
        "the view {path} does not work with the new column types of {path2} ({changes}): {why}",
        "la vue {path} ne fonctionne pas avec les nouveaux types des colonnes de {path2} ({changes}) : {why}",
    ),
    (
        "change the view so that it works with both types, or convert the column in the notebook",
        "changez la vue pour qu’elle accepte les deux types, ou convertissez la colonne dans le notebook",
    ),
    // Values.
    (
        "row {number} has no value in `{name}`, and {path} demands one in every row",
        "la ligne {number} n’a pas de valeur dans `{name}`, obligatoire dans {path}",
    ),
    (
        "fill it with df[{text}].fillna(…), or drop the row",
        "remplissez-la par df[{text}].fillna(…), ou retirez la ligne",
    ),
    (
        "row {number} has {text} in `{name}`, which a column of type {type} in {path} cannot hold",
        "la ligne {number} a {text} dans `{name}`, une valeur qui ne tient pas dans cette colonne de {path}, de type « {type} »",
    ),
    (
        "correct the value, or publish under another column name than {text}",
        "corrigez la valeur, ou publiez sous un autre nom de colonne que {text}",
    ),
    (
        "two rows have the same value in a key of {path}: {why}",
        "deux lignes ont la même valeur dans une clé de {path} : {why}",
    ),
    (
        "drop the duplicates with df.drop_duplicates(subset=[…]), or publish without a key",
        "retirez les doublons par df.drop_duplicates(subset=[…]), ou publiez sans clé",
    ),
    ("a rule of {path} refuses the data: {why}", "une règle de {path} refuse les données : {why}"),
    (
        "correct the data, or change the rule of the table",
        "corrigez les données, ou changez la règle de la table",
    ),
    // Others at the same table.
    (
        "{path} was held by {why} for more than {length}",
        "{path} est restée occupée plus de {length} par {why}",
    ),
    (
        "another connection ({text}, user {path}, for {length})",
        "une autre connexion ({text}, utilisateur {path}, depuis {length})",
    ),
    ("another connection", "une autre connexion"),
    (
        "close the other program's transaction, then run again",
        "terminez la transaction de l’autre programme (ou fermez-le), puis relancez",
    ),
    (
        "{path} was changed by others each time that Penny was about to write it",
        "{path} a été modifiée par d’autres chaque fois que Penny allait y écrire",
    ),
    (
        "let only one program alter the table, then run again",
        "laissez un seul programme modifier la table, puis relancez",
    ),
    // The server.
    (
        "the PostgreSQL user may not {doing} {path}: {why}",
        "l’utilisateur PostgreSQL n’a pas le droit de {doing} {path} : {why}",
    ),
    (
        "the PostgreSQL user may not change the columns of {path} ({changes}): {why}",
        "l’utilisateur PostgreSQL n’a pas le droit de changer les colonnes de {path} ({changes}) : {why}",
    ),
    (
        "the row-level security of {path} hides rows of it from the PostgreSQL user",
        "la sécurité au niveau des lignes de {path} cache des lignes à l’utilisateur PostgreSQL",
    ),
    (
        "the connection to PostgreSQL was lost while Penny tried to {doing} {path}",
        "la connexion à PostgreSQL s’est perdue pendant la publication de {path}",
    ),
    (
        "readers see the table whole, as it was or as it should be; run again once PostgreSQL is back",
        "la table reste entière, telle qu’avant ou telle que voulue ; relancez quand PostgreSQL est de retour",
    ),
    ("PostgreSQL could not {doing} {path}: {why}", "PostgreSQL n’a pas pu {doing} {path} : {why}"),
    (
        "take the character out in the notebook, or publish to a database whose encoding is UTF8",
        "retirez ce caractère dans le notebook, ou publiez dans une base dont l’encodage est UTF8",
    ),
    ("free space on the disk of PostgreSQL", "libérez de la place sur le disque de PostgreSQL"),
    (
        "this server only reads (a replica?): publish to the one that writes",
        "ce serveur est en lecture seule (une copie ?) : publiez sur celui qui écrit",
    ),
    // The way of the data.
    (
        "the data broke off after {number} rows, so nothing was published",
        "les données se sont interrompues après {number} lignes : rien n’a été publié",
    ),
    (
        "its sender ended before it had sent everything",
        "l’expéditeur s’est arrêté avant d’avoir tout envoyé",
    ),
    (
        "the reason is in the notebook's output; run it again",
        "la raison est dans les sorties du notebook ; relancez-le",
    ),
    (
        "batch {number} of the data has other columns than were announced, so nothing was published",
        "le lot {number} des données a d’autres colonnes que celles annoncées : rien n’a été publié",
    ),
    ("the data has more than {number} rows", "les données ont plus de {number} lignes"),
    (
        "publish fewer rows, for example one fiscal year at a time",
        "publiez moins de lignes, par exemple un exercice à la fois",
    ),
    (
        "the temporary file with the data cannot be written or read in {path}",
        "le fichier temporaire des données ne peut pas être écrit ou lu dans {path}",
    ),
    (
        "free space there, or let TMPDIR (TEMP on Windows) name another folder",
        "libérez-y de la place, ou nommez un autre dossier par TMPDIR (TEMP sous Windows)",
    ),
    ("standard input is no Arrow stream", "l’entrée n’est pas un flux Arrow"),
    (
        "use penny.publish(df, \"table\") in a notebook, or pipe an Arrow IPC stream in",
        "utilisez penny.publish(df, \"table\") dans un notebook, ou envoyez un flux Arrow IPC",
    ),
    (
        "PENNY_RUN is set by Penny alone: unset it",
        "PENNY_RUN n’est posée que par Penny : retirez-la",
    ),
];
