//! PostgreSQL: the connection, and Penny's own server.

use super::Pair;

/// English and French, side by side.
pub const SERVERS: &[Pair] = &[
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
    // The address.
    (
        "the address of PostgreSQL is not right: {why}",
        "l’adresse de PostgreSQL n’est pas juste : {why}",
    ),
    (
        "write postgresql://USER:PASSWORD@HOST:PORT/DATABASE",
        "écrivez postgresql://UTILISATEUR:MOT_DE_PASSE@HÔTE:PORT/BASE",
    ),
    (
        "it names no user before an @ (in a password, write / as %2F)",
        "elle ne nomme pas d’utilisateur avant un @ (dans un mot de passe, écrivez / comme %2F)",
    ),
    ("it names no host", "elle ne nomme pas d’hôte"),
    ("it does not begin with postgresql://", "elle ne commence pas par postgresql://"),
    (
        "the address in brackets has no closing bracket",
        "l’adresse entre crochets n’a pas de crochet fermant",
    ),
    (
        "an IPv6 address is written in brackets, as in [::1]:5432",
        "une adresse IPv6 s’écrit entre crochets, comme [::1]:5432",
    ),
    (
        "the port is not a number between 1 and 65535",
        "le port n’est pas un nombre entre 1 et 65535",
    ),
    (
        "connect_timeout is not a number of seconds",
        "connect_timeout n’est pas un nombre de secondes",
    ),
    (
        "in the {word}, a percent sign is not followed by two hexadecimal digits (write % as %25)",
        "dans « {word} », un signe % n’est pas suivi de deux chiffres hexadécimaux (écrivez % comme %25)",
    ),
    (
        "the {word} is not UTF-8 once its percent signs are decoded",
        "« {word} » n’est pas en UTF-8 une fois ses signes % décodés",
    ),
    ("the {word} contains a NUL character", "« {word} » contient un caractère nul"),
    ("sslmode `{name}` is unknown", "sslmode `{name}` est inconnu"),
    (
        "it is one of disable, allow, prefer, require, verify-ca, verify-full",
        "c’est l’un de disable, allow, prefer, require, verify-ca, verify-full",
    ),
    (
        "the certificates in {path} cannot be read",
        "les certificats de {path} ne peuvent pas être lus",
    ),
    ("the file contains no certificate", "le fichier ne contient aucun certificat"),
    (
        "sslrootcert names a PEM file, with -----BEGIN CERTIFICATE----- in it",
        "sslrootcert nomme un fichier PEM, qui contient -----BEGIN CERTIFICATE-----",
    ),
    ("TLS cannot be prepared", "TLS ne peut pas être préparé"),
    ("the name has no address", "ce nom n’a pas d’adresse"),
    (
        "check the user's name; if it is right, whoever looks after the server grants it, with GRANT CONNECT ON DATABASE … TO {word} or a line in pg_hba.conf",
        "vérifiez le nom de l’utilisateur ; s’il est juste, le responsable du serveur lui donne l’accès, par GRANT CONNECT ON DATABASE … TO {word} ou une ligne de pg_hba.conf",
    ),
    (
        "check its name, or create it with: CREATE DATABASE {text}",
        "vérifiez son nom, ou créez-la par : CREATE DATABASE {text}",
    ),
    (
        "if the server is yours and local, sslmode=prefer or disable does without TLS",
        "si le serveur est le vôtre, sur place, sslmode=prefer ou disable se passe de TLS",
    ),
    (
        "name the file of the authority that signed it with sslrootcert, and connect by the name that the certificate bears",
        "nommez par sslrootcert le fichier de l’autorité qui l’a signé, et connectez-vous par le nom que porte le certificat",
    ),
    // What .env says of it.
    ("DATABASE_URL in .env: {why}", "DATABASE_URL dans .env : {why}"),
    (
        "{word} in .env is no port number: {text}",
        "{word}, dans .env, n’est pas un numéro de port : {text}",
    ),
    ("write a number from 1 to 65535", "écrivez un nombre de 1 à 65535"),
    ("{word} in .env: {why}", "{word} dans .env : {why}"),
    // Penny's own server.
    ("PostgreSQL did not start", "PostgreSQL n’a pas démarré"),
    ("its log: {path}", "son journal : {path}"),
    (
        "another penny command has been starting or ending PostgreSQL for too long",
        "une autre commande penny démarre ou arrête PostgreSQL depuis trop longtemps",
    ),
    (
        "`penny db stop` ends it; then run this command again",
        "`penny db stop` l’arrête ; relancez ensuite cette commande",
    ),
    (
        "another `penny db guard` of this workspace has PostgreSQL and does not end",
        "un autre `penny db guard` de cet espace de travail tient PostgreSQL et ne s’arrête pas",
    ),
    (
        "end that process, or restart the computer; then run this command again",
        "arrêtez ce processus ou redémarrez l’ordinateur ; relancez ensuite cette commande",
    ),
    (
        "{path} changes again and again, and {name} could not be added to it",
        "{path} change sans cesse, et {name} n’a pas pu y être ajouté",
    ),
    (
        "end what writes it; then run this command again",
        "arrêtez ce qui l’écrit ; relancez ensuite cette commande",
    ),
    ("PostgreSQL cannot be used", "PostgreSQL ne peut pas être utilisé"),
    (
        "port {number} is taken by another program: PostgreSQL is on port {number2} this time (Power BI must use it too; POSTGRES_PORT in .env chooses another for good)",
        "le port {number} est pris par un autre programme : PostgreSQL est cette fois sur le port {number2} (Power BI doit l’utiliser aussi ; POSTGRES_PORT, dans .env, en choisit un autre pour de bon)",
    ),
    (
        "PostgreSQL could not look for the database: {why}",
        "PostgreSQL n’a pas pu chercher la base : {why}",
    ),
    (
        "PostgreSQL could not make the database: {why}",
        "PostgreSQL n’a pas pu créer la base : {why}",
    ),
    (
        "PostgreSQL could not look for the schema: {why}",
        "PostgreSQL n’a pas pu chercher le schéma : {why}",
    ),
    (
        "PostgreSQL could not make the schema: {why}",
        "PostgreSQL n’a pas pu créer le schéma : {why}",
    ),
    (
        "PostgreSQL could not make the schema `{name}`: {why}",
        "PostgreSQL n’a pas pu créer le schéma `{name}` : {why}",
    ),
    (
        "write the schema that is yours to write in as POSTGRES_SCHEMA in .env, or ask the server's owner: {text}",
        "écrivez dans .env, par POSTGRES_SCHEMA, le schéma où vous avez le droit d’écrire, ou demandez au propriétaire du serveur : {text}",
    ),
    (
        "PostgreSQL could not look for the login: {why}",
        "PostgreSQL n’a pas pu chercher l’utilisateur : {why}",
    ),
    (
        "PostgreSQL could not look for the rights of the login: {why}",
        "PostgreSQL n’a pas pu chercher les droits de l’utilisateur : {why}",
    ),
    (
        "PostgreSQL could not let {path} read the tables: {why}",
        "PostgreSQL n’a pas pu laisser {path} lire les tables : {why}",
    ),
    (
        "POWERBI_SERVER in .env is no server: {text}",
        "POWERBI_SERVER, dans .env, n’est pas un serveur : {text}",
    ),
    (
        "write its name and port, such as localhost:5433",
        "écrivez son nom et son port, comme localhost:5433",
    ),
    (
        "PostgreSQL could not make the login {path}: {why}",
        "PostgreSQL n’a pas pu créer l’utilisateur {path} : {why}",
    ),
    ("ask the server's owner: {text}", "demandez au propriétaire du serveur : {text}"),
    (
        "no PostgreSQL server could be obtained: {why}",
        "aucun serveur PostgreSQL n’a pu être obtenu : {why}",
    ),
    (
        "install PostgreSQL yourself ({text}), or name an existing server in .env",
        "installez PostgreSQL vous-même ({text}), ou nommez dans .env un serveur existant",
    ),
    (
        "{path} is not empty and holds no PostgreSQL, so nothing was put there",
        "{path} n’est pas vide et ne contient pas PostgreSQL : rien n’y a été mis",
    ),
    (
        "move what is in {path} elsewhere, then try again",
        "déplacez ce que contient {path}, puis recommencez",
    ),
    (
        "the data folder {path} was made by PostgreSQL {word}, and PostgreSQL {number} cannot read it",
        "le dossier de données {path} a été fait par PostgreSQL {word}, et PostgreSQL {number} ne peut pas le lire",
    ),
    (
        "install PostgreSQL {word} again, or move {path} away: a new one is made and the next sync fills it",
        "réinstallez PostgreSQL {word}, ou déplacez {path} : un nouveau dossier sera fait, que la prochaine synchronisation remplira",
    ),
    (
        "{path} is not empty and is not a PostgreSQL data folder",
        "{path} n’est pas vide et n’est pas un dossier de données de PostgreSQL",
    ),
    (
        "the password of the database superuser is empty or contains a line break",
        "le mot de passe du superutilisateur de la base est vide ou contient un retour à la ligne",
    ),
    ("choose a password of one line", "choisissez un mot de passe d’une ligne"),
    (
        "the data folder {path} could not be made: {why}",
        "le dossier de données {path} n’a pas pu être créé : {why}",
    ),
    (
        "PostgreSQL already runs on {path} (process {number}, port {number2})",
        "PostgreSQL est déjà en marche sur {path} (processus {number}, port {number2})",
    ),
    (
        "use it as it is, or stop it with `penny db stop`",
        "utilisez-le tel quel, ou arrêtez-le par `penny db stop`",
    ),
    (
        "port {number} on 127.0.0.1 is used by another program",
        "le port {number} de 127.0.0.1 est utilisé par un autre programme",
    ),
    (
        "stop the other program, or choose another port for the database",
        "arrêtez l’autre programme, ou choisissez un autre port pour la base",
    ),
    (
        "PostgreSQL could not start on {path}: the disk is full",
        "PostgreSQL n’a pas pu démarrer sur {path} : le disque est plein",
    ),
    (
        "free some space on that disk, then start again",
        "libérez de la place sur ce disque, puis relancez",
    ),
    (
        "PostgreSQL could not start: the system refused shared memory ({text})",
        "PostgreSQL n’a pas pu démarrer : le système a refusé la mémoire partagée ({text})",
    ),
    (
        "stop other PostgreSQL servers, or give the container more shared memory (docker run --shm-size=256m)",
        "arrêtez d’autres serveurs PostgreSQL, ou donnez au conteneur plus de mémoire partagée (docker run --shm-size=256m)",
    ),
    (
        "PostgreSQL cannot use the data folder {path}: {why}",
        "PostgreSQL ne peut pas utiliser le dossier de données {path} : {why}",
    ),
    (
        "run Penny as the user who made this folder, and leave its rights as they are",
        "exécutez Penny sous l’utilisateur qui a créé ce dossier, et laissez ses droits tels quels",
    ),
    (
        "PostgreSQL ended while starting ({path}): {why}",
        "PostgreSQL s’est arrêté pendant son démarrage ({path}) : {why}",
    ),
    ("it said nothing", "il n’a rien dit"),
    (
        "PostgreSQL on port {number} was not ready after {length}",
        "PostgreSQL, sur le port {number}, n’était pas prêt après {length}",
    ),
    ("read the end of {path}", "lisez la fin de {path}"),
    (
        "PostgreSQL (process {number}) could not be stopped",
        "PostgreSQL (processus {number}) n’a pas pu être arrêté",
    ),
    ("end process {number} by hand", "arrêtez le processus {number} à la main"),
    ("{path} could not be run", "{path} n’a pas pu être exécuté"),
    (
        "run Penny as an ordinary user, or choose a data folder that the user `postgres` can reach, such as one in /var/lib/penny",
        "exécutez Penny sous un utilisateur ordinaire, ou choisissez un dossier de données que l’utilisateur `postgres` peut atteindre, par exemple dans /var/lib/penny",
    ),
    (
        "check that there is space on the disk and that you may write to this folder",
        "vérifiez qu’il y a de la place sur le disque et que vous pouvez écrire dans ce dossier",
    ),
];
