//! Pennylane: its API and its data share.

use super::Pair;

/// English and French, side by side.
pub const PENNYLANE: &[Pair] = &[
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
        "there is no token for Pennylane's API: PENNYLANE_API_TOKEN is empty in .env",
        "il n’y a pas de jeton pour l’API de Pennylane : PENNYLANE_API_TOKEN est vide dans .env",
    ),
    (
        "the data share is not configured: {word} is empty in .env",
        "le data share n’est pas configuré : {word} est vide dans .env",
    ),
    ("try again in a few minutes", "réessayez dans quelques minutes"),
    (
        "the API's base URL `{name}` cannot be used: {why}",
        "l’adresse de l’API, `{name}`, ne peut pas être utilisée : {why}",
    ),
    (
        "it is no web address; it begins with https://",
        "ce n’est pas une adresse web ; elle commence par https://",
    ),
    (
        "it holds a user or password; the token belongs in .env",
        "elle contient un utilisateur ou un mot de passe ; le jeton se met dans .env",
    ),
    (
        "http:// would send the token unprotected; use https://",
        "http:// enverrait le jeton sans protection ; utilisez https://",
    ),
    ("it begins with https://", "elle commence par https://"),
    ("it ends before any ? or #", "elle s’arrête avant tout ? ou #"),
    ("Pennylane's own is {word}", "celle de Pennylane est {word}"),
    (
        "the Pennylane token cannot be used: {why}",
        "le jeton Pennylane ne peut pas être utilisé : {why}",
    ),
    ("it is empty", "il est vide"),
    (
        "it holds a space, an accent or a line break; a token has none",
        "il contient une espace, un accent ou un retour à la ligne ; un jeton n’en a pas",
    ),
    (
        "make one in Pennylane (Paramètres > Connectivité > Développeurs) and write it there",
        "créez-en un dans Pennylane (Paramètres > Connectivité > Développeurs) et écrivez-le là",
    ),
    (
        "copy the whole token from Pennylane: Paramètres > Connectivité > Développeurs (Settings > Connectivity > Developers)",
        "copiez le jeton entier depuis Pennylane : Paramètres > Connectivité > Développeurs",
    ),
    (
        "the token is wrong, expired or revoked; make a new one in Pennylane: Paramètres > Connectivité > Développeurs (Settings > Connectivity > Developers)",
        "le jeton est faux, expiré ou révoqué ; créez-en un nouveau dans Pennylane : Paramètres > Connectivité > Développeurs",
    ),
    (
        "in Pennylane, Paramètres > Connectivité > Développeurs (Settings > Connectivity > Developers), make a token that has the scope {word}",
        "dans Pennylane, Paramètres > Connectivité > Développeurs, créez un jeton qui a la portée {word}",
    ),
    (
        "secure connections cannot be made on this machine",
        "cet ordinateur ne peut pas établir de connexions sûres",
    ),
    (
        "install the system's root certificates (Debian and Ubuntu: apt install ca-certificates)",
        "installez les certificats racine du système (Debian et Ubuntu : apt install ca-certificates)",
    ),
    // No answer, or not the right one.
    (
        "no answer from {word} at the first attempt: {why}",
        "pas de réponse de {word} au premier essai : {why}",
    ),
    (
        "no answer from {word} after {number} attempts: {why}",
        "pas de réponse de {word} après {number} essais : {why}",
    ),
    ("its name leads to no address (DNS)", "son nom ne mène à aucune adresse (DNS)"),
    ("it refuses connections", "il refuse les connexions"),
    ("there is no network connection to it", "aucun réseau n’y mène"),
    ("its certificate is not accepted (TLS)", "son certificat n’est pas accepté (TLS)"),
    ("the proxy does not let the connection through", "le proxy ne laisse pas passer la connexion"),
    ("it did not answer in time", "il n’a pas répondu à temps"),
    (
        "the connection ended in the middle of the answer",
        "la connexion s’est interrompue au milieu de la réponse",
    ),
    (
        "check the internet connection (VPN, Wi-Fi) and the API's base URL",
        "vérifiez la connexion à Internet (VPN, Wi-Fi) et l’adresse de l’API",
    ),
    (
        "check that the server runs, and the host and port of the base URL",
        "vérifiez que le serveur est en marche, ainsi que l’hôte et le port de l’adresse",
    ),
    (
        "check the internet connection, the VPN and the firewall",
        "vérifiez la connexion à Internet, le VPN et le pare-feu",
    ),
    (
        "check this machine's date and time; if a company proxy inspects traffic, its root certificate must be trusted by the system",
        "vérifiez la date et l’heure de cet ordinateur ; si un proxy d’entreprise inspecte les échanges, le système doit faire confiance à son certificat racine",
    ),
    (
        "check the proxy settings (HTTPS_PROXY, NO_PROXY) with your IT team",
        "vérifiez les réglages du proxy (HTTPS_PROXY, NO_PROXY) avec votre service informatique",
    ),
    (
        "try again later; a slow VPN or proxy can also be the cause",
        "réessayez plus tard ; un VPN ou un proxy lent peut aussi en être la cause",
    ),
    (
        "try again; if it happens often, a proxy or firewall cuts long answers",
        "réessayez ; si cela se répète, un proxy ou un pare-feu coupe les longues réponses",
    ),
    ("Pennylane has nothing at `{name}`: {why}", "Pennylane n’a rien à `{name}` : {why}"),
    (
        "check the base URL; Pennylane's own is {word}",
        "vérifiez l’adresse de l’API ; celle de Pennylane est {word}",
    ),
    (
        "Pennylane refuses `{name}` ({number}): {why}",
        "Pennylane refuse `{name}` ({number}) : {why}",
    ),
    ("dates are written 2026-01-31", "les dates s’écrivent 2026-01-31"),
    (
        "check the filter, the sort and the parameters",
        "vérifiez le filtre, le tri et les paramètres",
    ),
    (
        "Pennylane's rate limit is used up: `{name}` was refused at the first attempt",
        "la limite de débit de Pennylane est atteinte : `{name}` a été refusé au premier essai",
    ),
    (
        "Pennylane's rate limit is used up: `{name}` was refused after {number} attempts",
        "la limite de débit de Pennylane est atteinte : `{name}` a été refusé après {number} essais",
    ),
    (
        "other programs use the same token: give each its own, or try again later",
        "d’autres programmes utilisent le même jeton : donnez à chacun le sien, ou réessayez plus tard",
    ),
    (
        "Pennylane is out of order: `{name}` answered {number} at the first attempt",
        "Pennylane est en panne : `{name}` a répondu {number} au premier essai",
    ),
    (
        "Pennylane is out of order: `{name}` answered {number} after {number2} attempts",
        "Pennylane est en panne : `{name}` a répondu {number} après {number2} essais",
    ),
    (
        "{word} answered with a web page instead of data",
        "{word} a répondu par une page web au lieu de données",
    ),
    (
        "{word} answered with a web page (“{path}”) instead of data",
        "{word} a répondu par une page web (« {path} ») au lieu de données",
    ),
    (
        "a company proxy or Wi-Fi portal may ask for a login first (open a browser), or the base URL is wrong; Pennylane's own is {word}",
        "un proxy d’entreprise ou un portail Wi-Fi demande peut-être d’abord une connexion (ouvrez un navigateur), ou l’adresse de l’API est fausse ; celle de Pennylane est {word}",
    ),
    ("{word} wants to send `{name}` elsewhere", "{word} veut envoyer `{name}` ailleurs"),
    (
        "{word} wants to send `{name}` elsewhere, to {word2}",
        "{word} veut envoyer `{name}` ailleurs, vers {word2}",
    ),
    ("the answer to `{name}` cannot be read", "la réponse à `{name}` est illisible"),
    (
        "the answer to `{name}` is not what Pennylane's contract says: {why}",
        "la réponse à `{name}` n’est pas celle que Pennylane annonce : {why}",
    ),
    ("nothing is asked before `next`", "rien n’est demandé avant `next`"),
    ("it is no object", "ce n’est pas un objet"),
    ("it has no `items`", "elle n’a pas d’`items`"),
    ("an item is no object", "un élément n’est pas un objet"),
    ("there is more, but no `next_cursor`", "il y a une suite, mais pas de `next_cursor`"),
    ("the new export has no `id`", "le nouvel export n’a pas d’`id`"),
    ("the export's status is {text}", "l’état de l’export est {text}"),
    ("an event is not understood: {text}", "un événement n’est pas compris : {text}"),
    (
        "the answer to `{name}` is longer than {number} bytes",
        "la réponse à `{name}` dépasse {number} octets",
    ),
    (
        "the list `{name}` goes in circles: page {number} has a cursor that was there before",
        "la liste `{name}` tourne en rond : la page {number} a un curseur déjà vu",
    ),
    (
        "the records of `{name}` do not make a table",
        "les enregistrements de `{name}` ne forment pas une table",
    ),
    // Changes and exports.
    (
        "the changelog of `{name}` no longer goes back to {word}",
        "le journal des modifications de `{name}` ne remonte plus jusqu’au {word}",
    ),
    (
        "Pennylane keeps four weeks of changes: read the whole list once",
        "Pennylane garde quatre semaines de modifications : lisez une fois la liste entière",
    ),
    (
        "Pennylane keeps no changelog of `{name}`",
        "Pennylane ne tient pas de journal des modifications de `{name}`",
    ),
    ("read the whole list", "lisez la liste entière"),
    (
        "Pennylane could not make the {why2} from {word} to {word2}",
        "Pennylane n’a pas pu faire l’export « {why2} » du {word} au {word2}",
    ),
    (
        "the {why2} was not ready after {length}",
        "l’export « {why2} » n’était pas prêt après {length}",
    ),
    (
        "the file of the {why2} cannot be downloaded: {why}",
        "le fichier de l’export « {why2} » ne peut pas être téléchargé : {why}",
    ),
    ("Pennylane gave no address for it", "Pennylane n’en a pas donné l’adresse"),
    ("its address is not protected (https)", "son adresse n’est pas protégée (https)"),
    ("{word} answered {path}", "{word} a répondu {path}"),
    (
        "try a shorter period, or again later",
        "essayez une période plus courte, ou réessayez plus tard",
    ),
    (
        "run it again: the link is good for some minutes only",
        "relancez : le lien n’est valable que quelques minutes",
    ),
    ("general ledger", "grand livre"),
    ("analytical general ledger", "grand livre analytique"),
    // What a list is asked.
    (
        "Pennylane's API has no list called `{name}`",
        "l’API de Pennylane n’a pas de liste « {name} »",
    ),
    (
        "Pennylane's API has no list called `{name}`; did you mean `{name2}`?",
        "l’API de Pennylane n’a pas de liste « {name} » ; s’agit-il de `{name2}` ?",
    ),
    (
        "this table is in Pennylane's data share: {text}",
        "cette table est dans le partage de données de Pennylane : {text}",
    ),
    ("the lists are: {text}", "les listes sont : {text}"),
    (
        "the filter `{text}` is not understood: it is a list like {text2}",
        "le filtre `{text}` n’est pas compris : c’est une liste comme {text2}",
    ),
    (
        "`{name}` is no filter operator; there are {text}",
        "`{name}` n’est pas un opérateur de filtre ; il y a {text}",
    ),
    (
        "`{name}` cannot be filtered on `{name2}`; it can be on {text}",
        "`{name}` ne peut pas être filtrée sur `{name2}` ; elle peut l’être sur {text}",
    ),
    (
        "`{name}` cannot be filtered on `{name2}`; it has no filters at all",
        "`{name}` ne peut pas être filtrée sur `{name2}` ; elle n’a aucun filtre",
    ),
    (
        "`{name}` cannot be filtered on `{name2}` with `{name3}`; it accepts {text}",
        "`{name}` ne peut pas être filtrée sur `{name2}` par `{name3}` ; sont acceptés {text}",
    ),
    (
        "the filter `{name}` of `{name2}` needs {why}, not {text}",
        "le filtre `{name}` de `{name2}` veut {why}, et non {text}",
    ),
    (
        "`{name}` cannot be sorted by `{name2}`; it can be by {text}",
        "`{name}` ne peut pas être triée par `{name2}` ; elle peut l’être par {text}",
    ),
    (
        "`{name}` cannot be sorted by `{name2}`; its order is fixed",
        "`{name}` ne peut pas être triée par `{name2}` ; son ordre est fixe",
    ),
    (
        "`{name}` needs the parameter `{name2}`, {why}",
        "`{name}` demande le paramètre `{name2}`, {why}",
    ),
    (
        "`{name}` has no parameter `{name2}`; it has none",
        "`{name}` n’a pas de paramètre `{name2}` ; elle n’en a aucun",
    ),
    (
        "`{name}` has no parameter `{name2}`; it has {text}",
        "`{name}` n’a pas de paramètre `{name2}` ; elle a {text}",
    ),
    (
        "the parameter `{name}` of `{name2}` needs {why}, not `{text}`",
        "le paramètre `{name}` de `{name2}` veut {why}, et non `{text}`",
    ),
    ("a list of days like [\"2026-01-31\"]", "une liste de jours comme [\"2026-01-31\"]"),
    ("a list of at least one value", "une liste d’au moins une valeur"),
    ("a day like 2026-01-31", "un jour comme 2026-01-31"),
    ("one value", "une seule valeur"),
    ("`{name}` is no time", "`{name}` n’est pas un moment"),
    ("write 2026-11-01 or 2026-11-01T08:00:00Z", "écrivez 2026-11-01 ou 2026-11-01T08:00:00Z"),
    ("the data could not be handed on", "les données n’ont pas pu être transmises"),
    // The data share.
    (
        "Pennylane shows the values under Paramètres > Connectivité > Data sharing",
        "Pennylane montre ces valeurs sous Paramètres > Connectivité > Data sharing",
    ),
    ("the query is empty", "la requête est vide"),
    ("write one SELECT", "écrivez un SELECT"),
    (
        "more than one statement: a second one begins at {why}",
        "plus d’une instruction : une deuxième commence à la {why}",
    ),
    ("line {number}, column {number2}", "ligne {number}, colonne {number2}"),
    ("read each statement on its own", "lisez chaque instruction à part"),
    (
        "the query begins with {word}, and only reading is allowed",
        "la requête commence par {word}, et seule la lecture est permise",
    ),
    ("begin the query with SELECT or WITH", "commencez la requête par SELECT ou WITH"),
    (
        "the query has {number} placeholder(s) such as $1, and nothing fills them",
        "la requête a {number} emplacement(s) comme $1, et rien ne les remplit",
    ),
    ("write the values into the query", "écrivez les valeurs dans la requête"),
    ("the query returns no columns", "la requête ne rend aucune colonne"),
    ("name at least one column after SELECT", "nommez au moins une colonne après SELECT"),
    (
        "the query returns more than one column named {text}",
        "la requête rend plus d’une colonne nommée {text}",
    ),
    ("give each its own name: … AS {text}", "donnez à chacune son nom : … AS {text}"),
    (
        "the server described {number} columns and sent {number2}",
        "le serveur a annoncé {number} colonnes et en a envoyé {number2}",
    ),
    (
        "run the query again: its tables were just changed",
        "relancez la requête : ses tables viennent d’être modifiées",
    ),
    (
        "row {number}, column `{name}`: \"{text}\" is not {why}",
        "ligne {number}, colonne `{name}` : « {text} » n’est pas {why}",
    ),
    ("a boolean", "un oui ou non"),
    ("an integer", "un nombre entier"),
    ("a number", "un nombre"),
    ("a date", "une date"),
    ("a timestamp", "une date avec l’heure"),
    (
        "convert the column in the query: CAST(… AS VARCHAR)",
        "convertissez la colonne dans la requête : CAST(… AS VARCHAR)",
    ),
    ("the database refuses to let you read: {why}", "la base ne vous laisse pas lire : {why}"),
    (
        "Pennylane's data share follows the rights of your Pennylane user: ask an administrator of your company there",
        "le partage de données suit les droits de votre utilisateur Pennylane : demandez-les à un administrateur de votre société",
    ),
    (
        "there is no table `{name}` in this database",
        "il n’y a pas de table `{name}` dans cette base",
    ),
    (
        "there is no table `{name}` in this database ({why})",
        "il n’y a pas de table `{name}` dans cette base ({why})",
    ),
    ("write pennylane.{word}", "écrivez pennylane.{word}"),
    (
        "write pennylane.{word}, and connect to Pennylane's data share",
        "écrivez pennylane.{word}, et connectez-vous au partage de données de Pennylane",
    ),
    ("write pennylane. and one of: {text}", "écrivez pennylane. et l’une de : {text}"),
    ("the SQL is not valid: {why}", "le SQL n’est pas valable : {why}"),
    ("the SQL is not valid ({why}): {why2}", "le SQL n’est pas valable ({why}) : {why2}"),
    (
        "correct the query there, then run it again",
        "corrigez la requête à cet endroit, puis relancez",
    ),
    (
        "the query was cancelled at the server: {why}",
        "la requête a été annulée sur le serveur : {why}",
    ),
    ("run it again when the server is less busy", "relancez quand le serveur est moins occupé"),
    (
        "the query took longer than allowed, and the server ended it",
        "la requête a duré plus que permis, et le serveur l’a arrêtée",
    ),
    ("the server has said nothing for {length}", "le serveur n’a rien dit pendant {length}"),
    (
        "read fewer rows or columns, or allow the query more time",
        "lisez moins de lignes ou de colonnes, ou donnez plus de temps à la requête",
    ),
    ("the connection to the database was lost", "la connexion à la base s’est perdue"),
    ("the server ended the connection: {why}", "le serveur a mis fin à la connexion : {why}"),
    (
        "run it again: a connection that is idle for some minutes is dropped",
        "relancez : une connexion inactive pendant quelques minutes est coupée",
    ),
    ("the database refused the query: {why}", "la base a refusé la requête : {why}"),
    (
        "the database refused the query ({why}): {why2}",
        "la base a refusé la requête ({why}) : {why2}",
    ),
    // The simulated Pennylane.
    ("{path} is not understood", "{path} n’est pas compris"),
    (
        "remove the file: a new company is then made",
        "supprimez ce fichier : une nouvelle société sera faite",
    ),
    ("the simulated company could not be made", "la société simulée n’a pas pu être faite"),
    ("{word} is empty in .env", "{word} est vide dans .env"),
    (
        "write any word there: the simulated Pennylane takes it as its token",
        "écrivez-y un mot quelconque : le Pennylane simulé le prend pour jeton",
    ),
    (
        "write any value there: the simulated data share takes it",
        "écrivez-y une valeur quelconque : le partage de données simulé la prend",
    ),
    (
        "port {number} of this computer cannot be used",
        "le port {number} de cet ordinateur ne peut pas être utilisé",
    ),
    ("choose another with --port", "choisissez-en un autre par --port"),
];
