//! What is wrong with penny.toml and .env.

use super::Pair;

/// English and French, side by side.
pub const SETTINGS: &[Pair] = &[
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
    // What a key should hold.
    ("{word} has no `{name}`", "{word} n’a pas de `{name}`"),
    ("add a line `{text}`", "ajoutez une ligne `{text}`"),
    ("`{name}` in {word} is empty", "`{name}`, dans {word}, est vide"),
    (
        "`{name}` in {word} is \"{path}\": write {text}",
        "`{name}`, dans {word}, vaut « {path} » : écrivez {text}",
    ),
    (
        "`{name}` in {word} is {word2}: write {why}",
        "`{name}`, dans {word}, vaut {word2} : écrivez {why}",
    ),
    (
        "`{name}` in {word} should be {why}, and is {why2}",
        "`{name}`, dans {word}, devrait être {why}, et c’est {why2}",
    ),
    ("`{name}` should be {why}, and is {why2}", "`{name}` devrait être {why}, et c’est {why2}"),
    ("a text in quotes", "un texte entre guillemets"),
    ("true or false", "true ou false"),
    ("a text", "un texte"),
    ("a whole number", "un nombre entier"),
    ("a list", "une liste"),
    ("a table", "une table de valeurs"),
    ("a whole number from {number} to {number2}", "un nombre entier de {number} à {number2}"),
    (
        "a whole number, or a list of them as in [1, 3, -1]",
        "un nombre entier, ou une liste comme [1, 3, -1]",
    ),
    ("a list of texts, as in [\"{text}\"]", "une liste de textes, comme [\"{text}\"]"),
    ("a table, as in {text}", "une table de valeurs, comme {text}"),
    (
        "a length of time in quotes, such as \"30m\" or \"2h\"",
        "une durée entre guillemets, comme \"30m\" ou \"2h\"",
    ),
    (
        "a size in quotes, such as \"500 MB\" or \"2 GB\"",
        "une taille entre guillemets, comme \"500 MB\" ou \"2 GB\"",
    ),
    (
        "a cron expression in quotes, such as \"30 8 * * 1-5\"",
        "une expression cron entre guillemets, comme \"30 8 * * 1-5\"",
    ),
    (
        "\"FR\" for the working days of France, or false",
        "\"FR\" pour les jours ouvrés de France, ou false",
    ),
    (
        "an age in quotes, such as \"90d\", \"18 months\" or \"10 years\"",
        "un âge entre guillemets, comme \"90d\", \"18 months\" ou \"10 years\"",
    ),
    (
        "\"90d\", \"10 years\", 200, \"500 MB\" or \"all\"",
        "\"90d\", \"10 years\", 200, \"500 MB\" ou \"all\"",
    ),
    (
        "`{name}` should list texts, each in quotes",
        "`{name}` devrait être une liste de textes, chacun entre guillemets",
    ),
    (
        "`{name}`: `{name2}` is not a size: write one such as \"500 MB\" or \"2 GB\"",
        "`{name}` : `{name2}` n’est pas une taille : écrivez par exemple \"500 MB\" ou \"2 GB\"",
    ),
    (
        "`{name}` should be longer than nothing: the shortest is `1s`",
        "`{name}` devrait durer plus que rien : le plus court est `1s`",
    ),
    (
        "`max_age`: `{name}` is no age: write {why}",
        "`max_age` : `{name}` n’est pas un âge : écrivez {why}",
    ),
    (
        "`keep`: `{name}` does not say what to keep: write {why}",
        "`keep` : `{name}` ne dit pas ce qu’il faut garder : écrivez {why}",
    ),
    (
        "`{name}` should be a section: write {word}",
        "`{name}` devrait être une section : écrivez {word}",
    ),
    ("`{name}`: there is no file {path}", "`{name}` : il n’y a pas de fichier {path}"),
    (
        "write its path, from the root of the disk or from the folder of penny.toml",
        "écrivez son chemin, depuis la racine du disque ou depuis le dossier de penny.toml",
    ),
    ("in a path, write / in place of \\", "dans un chemin, écrivez / au lieu de \\"),
    (
        "a text is in quotes, as in name = \"customers\", and ends on its own line",
        "un texte est entre guillemets, comme name = \"customers\", et finit sur sa ligne",
    ),
    ("keep one of the two", "gardez l’une des deux"),
    (
        "a section begins with its name in brackets, as in [schedule]; a notebook with [[notebook]]",
        "une section commence par son nom entre crochets, comme [schedule] ; un notebook par [[notebook]]",
    ),
    ("a setting is a line such as every = \"2h\"", "un réglage est une ligne comme every = \"2h\""),
    ("save it as UTF-8 in your editor", "enregistrez-le en UTF-8 dans votre éditeur"),
    ("{path} is not UTF-8", "{path} n’est pas en UTF-8"),
    // Notebooks.
    (
        "write each notebook under a line [[notebook]], with two brackets",
        "écrivez chaque notebook sous une ligne [[notebook]], à doubles crochets",
    ),
    ("`notebook` is not a list", "`notebook` n’est pas une liste"),
    (
        "`{name}` cannot name a notebook: its outputs are called after it",
        "`{name}` ne peut pas être le nom d’un notebook : ses sorties portent ce nom",
    ),
    ("use letters, digits, _ and -", "utilisez des lettres, des chiffres, _ et -"),
    ("take its own name out of `after`", "retirez son propre nom de `after`"),
    (
        "`{name}` comes after `{name2}`, but penny.toml lists no such notebook",
        "« {name} » vient après « {name2} », que penny.toml ne contient pas",
    ),
    ("take one of the names out of `after`", "retirez l’un des noms de `after`"),
    (
        "add a [[notebook]] section with a `name` and a `file` to it",
        "ajoutez-y une section [[notebook]] avec un `name` et un `file`",
    ),
    ("it lists: {text}", "il contient : {text}"),
    ("`penny status` says where", "`penny status` dit où"),
    ("change it by hand in penny.toml", "changez-le à la main dans penny.toml"),
    // Schedules.
    ("{word} has both `{name}` and `{name2}`", "{word} a à la fois `{name}` et `{name2}`"),
    (
        "keep one of them; a working day of the month goes with `daily_at`",
        "gardez l’un des deux ; un jour ouvré du mois va avec `daily_at`",
    ),
    ("keep one of them", "gardez l’un des deux"),
    (
        "`longest_pause` is shorter than `first_pause`",
        "`longest_pause` est plus courte que `first_pause`",
    ),
    (
        "pauses grow from the first to the longest",
        "les pauses s’allongent de la première à la plus longue",
    ),
    (
        "`{name}` is not a length of time: write a number and a unit, such as `30m`, `2h`, `1h30m` or `1d`",
        "`{name}` n’est pas une durée : écrivez un nombre et une unité, comme `30m`, `2h`, `1h30m` ou `1d`",
    ),
    (
        "`{name}` is too short for a schedule: the shortest interval is one minute, `1m`",
        "`{name}` est trop court pour un horaire : l’intervalle le plus court est d’une minute, `1m`",
    ),
    (
        "`{name}` is too long: the longest length of time is 366 days, `366d`",
        "`{name}` est trop long : la plus longue durée est de 366 jours, `366d`",
    ),
    (
        "`{name}` is not a time of day: write hours and minutes, such as `08:00` or `13:30`",
        "`{name}` n’est pas une heure : écrivez heures et minutes, comme `08:00` ou `13:30`",
    ),
    (
        "a daily schedule needs at least one time of day, such as `08:00`",
        "un horaire quotidien demande au moins une heure, comme `08:00`",
    ),
    (
        "`{name}` is in the daily schedule twice: name each time once",
        "`{name}` est deux fois dans l’horaire quotidien : une seule suffit",
    ),
    (
        "`{name}` is not a time zone: write its name, such as `Europe/Paris` or `UTC`",
        "`{name}` n’est pas un fuseau horaire : écrivez son nom, comme `Europe/Paris` ou `UTC`",
    ),
    (
        "`{name}` is not a time zone: did you mean `{name2}`?",
        "`{name}` n’est pas un fuseau horaire : s’agit-il de `{name2}` ?",
    ),
    (
        "`{name}` has {number} {word}, and a cron expression has 5: minute, hour, day of the month, month, day of the week, as in `30 8 * * 1-5` (Monday to Friday at 08:30)",
        "`{name}` a {number} champ(s), et une expression cron en a 5 : minute, heure, jour du mois, mois, jour de la semaine, comme `30 8 * * 1-5` (du lundi au vendredi à 8 h 30)",
    ),
    (
        "`{name}` has {number} {word}, and a cron expression has 5: minute, hour, day of the month, month, day of the week, as in `30 8 * * 1-5` (Monday to Friday at 08:30); there are no seconds",
        "`{name}` a {number} champ(s), et une expression cron en a 5 : minute, heure, jour du mois, mois, jour de la semaine, comme `30 8 * * 1-5` (du lundi au vendredi à 8 h 30) ; il n’y a pas de secondes",
    ),
    (
        "`{name}` cannot be the {path} of `{name2}`: {text}; right are {text2}",
        "`{name}` ne convient pas à sa place dans `{name2}` ; conviennent {text2}",
    ),
    (
        "`{name}` says no time: write @hourly, @daily, @weekly, @monthly or @yearly, or five fields as in `30 8 * * 1-5`; at each start is said with `at_start = true`",
        "`{name}` ne dit aucun moment : écrivez @hourly, @daily, @weekly, @monthly ou @yearly, ou cinq champs comme `30 8 * * 1-5` ; à chaque démarrage se dit `at_start = true`",
    ),
    (
        "no day ever fits `{name}`: the month is too short, or the day is a holiday",
        "aucun jour ne convient jamais à `{name}` : le mois est trop court, ou le jour est férié",
    ),
    (
        "`{name}` is not a calendar of working days: write \"FR\" for France, or \"FR-AM\" for Alsace and Moselle",
        "`{name}` n’est pas un calendrier de jours ouvrés : écrivez \"FR\" pour la France, ou \"FR-AM\" pour l’Alsace et la Moselle",
    ),
    (
        "{word} is not a working day of every month: write a number from 1 to {number}, or from -1 (the last working day) to -{number2}",
        "{word} n’est pas un jour ouvré de chaque mois : écrivez un nombre de 1 à {number}, ou de -1 (le dernier jour ouvré) à -{number2}",
    ),
    (
        "a list of working days of the month names at least one, and each once: as in [1, 3, -1]",
        "une liste de jours ouvrés du mois en nomme au moins un, et chacun une seule fois : comme [1, 3, -1]",
    ),
    (
        "every {path} could fall on days off again and again: on working days, an interval is at most a day, or times are named with `daily_at`",
        "un intervalle de {path} pourrait tomber sans cesse sur des jours chômés : les jours ouvrés, il est au plus d’un jour, ou les heures se nomment par `daily_at`",
    ),
    // Alerts.
    (
        "write each alert under a line [[alert]], with two brackets",
        "écrivez chaque alerte sous une ligne [[alert]], à doubles crochets",
    ),
    ("`alert` is not a list", "`alert` n’est pas une liste"),
    ("two alerts are called `{name}`", "deux alertes s’appellent `{name}`"),
    (
        "`stale_after` in [[alert]]: how old a table may get is said of the table",
        "`stale_after`, dans [[alert]] : l’âge permis d’une table se dit de la table",
    ),
    (
        "write it under [limits] for every table, or under a [[notebook]] for its own",
        "écrivez-le sous [limits] pour toutes les tables, ou sous un [[notebook]] pour les siennes",
    ),
    (
        "`{name}` means nothing to an alert to \"{word}\"",
        "`{name}` ne dit rien à une alerte vers « {word} »",
    ),
    ("remove this line", "retirez cette ligne"),
    (
        "`{name}` should name a variable of .env, and is something else",
        "`{name}` devrait nommer une variable de .env, et c’est autre chose",
    ),
    (
        "write the address into .env, as in COMPTA_WEBHOOK_URL=https://…, and its name here",
        "écrivez l’adresse dans .env, comme COMPTA_WEBHOOK_URL=https://…, et son nom ici",
    ),
    (
        "an alert to \"email\" has nobody to write to",
        "une alerte vers « email » n’a personne à qui écrire",
    ),
    (
        "add a line addresses = [\"compta@example.com\"]",
        "ajoutez une ligne addresses = [\"compta@example.com\"]",
    ),
    ("`{name}` is no e-mail address", "`{name}` n’est pas une adresse électronique"),
    ("`on`: there is no alert on \"{text}\"", "`on` : il n’y a pas d’alerte sur « {text} »"),
    ("did you mean \"{text}\"?", "s’agit-il de « {text} » ?"),
    ("write some of: {text}", "écrivez quelques-uns de : {text}"),
    (
        "`on` has \"recovery\" alone, which is told to those who were told before",
        "`on` ne contient que « recovery », qui se dit à ceux qui ont été prévenus avant",
    ),
    ("`on` is empty: this alert would tell nothing", "`on` est vide : cette alerte ne dirait rien"),
    ("remove this line, and everything is told", "supprimez cette ligne, et tout est dit"),
    (
        "add what may have to recover: on = [\"failure\", \"recovery\"]",
        "ajoutez ce dont on peut se remettre : on = [\"failure\", \"recovery\"]",
    ),
    (
        "`notebooks`: there is no notebook called `{name}`",
        "`notebooks` : il n’y a pas de notebook « {name} »",
    ),
    ("write the `name` of a [[notebook]] section", "écrivez le `name` d’une section [[notebook]]"),
    // How notebooks run, and the dashboard.
    ("`gateway_url`: {word} is no web address", "`gateway_url` : {word} n’est pas une adresse web"),
    (
        "write the address of the Jupyter server, as in \"https://jupyter.example.com\"",
        "écrivez l’adresse du serveur Jupyter, comme \"https://jupyter.example.com\"",
    ),
    (
        "`executor` is \"gateway\", but penny.toml names no gateway",
        "`executor` vaut « gateway », mais penny.toml ne nomme pas de gateway",
    ),
    (
        "add its address to [execution]: gateway_url = \"https://…\"",
        "ajoutez son adresse à [execution] : gateway_url = \"https://…\"",
    ),
    (
        "`listen` in [web]: `{text}` is no address with a port",
        "`listen`, dans [web] : `{text}` n’est pas une adresse avec un port",
    ),
    (
        "`hosts` in [web]: `{text}` is no name of a computer",
        "`hosts`, dans [web] : `{text}` n’est pas un nom d’ordinateur",
    ),
    (
        "write the name alone, as in \"penny.example.com\"",
        "écrivez le nom seul, comme \"penny.example.com\"",
    ),
    (
        "write it as in \"127.0.0.1:8787\"; \"0.0.0.0:8787\" lets the network in",
        "écrivez-la comme \"127.0.0.1:8787\" ; \"0.0.0.0:8787\" laisse entrer le réseau",
    ),
    // Lines of .env.
    ("there is no `=` in it: write NAME=value", "il n’y a pas de `=` : écrivez NOM=valeur"),
    (
        "the name before `=` may hold letters, digits and _ only",
        "le nom avant `=` ne peut contenir que des lettres, des chiffres et _",
    ),
    ("a quote is opened and never closed", "un guillemet est ouvert et jamais refermé"),
    (
        "there is more after the closing quote: put all of it in quotes",
        "il y a autre chose après le guillemet fermant : mettez le tout entre guillemets",
    ),
];
