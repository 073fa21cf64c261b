//! The Python of the notebooks.

use super::Pair;

/// English and French, side by side.
pub const PYTHON: &[Pair] = &[
    ("the Python environment could not be made", "l’environnement Python n’a pas pu être fait"),
    (
        "the Python libraries could not be installed",
        "les bibliothèques Python n’ont pas pu être installées",
    ),
    ("this Python has no venv module", "ce Python n’a pas le module venv"),
    ("the disk is full", "le disque est plein"),
    ("free about 1 GB, then run the command again", "libérez environ 1 Go, puis recommencez"),
    (
        "the package index's certificate is not trusted",
        "le certificat du dépôt de bibliothèques n’est pas digne de confiance",
    ),
    (
        "behind a company proxy, set PIP_CERT (or SSL_CERT_FILE) to its certificate file",
        "derrière un proxy d’entreprise, donnez à PIP_CERT (ou SSL_CERT_FILE) le fichier de son certificat",
    ),
    ("the package index cannot be reached", "le dépôt de bibliothèques est injoignable"),
    (
        "check the network; behind a proxy, set HTTPS_PROXY; for an index of your own, PIP_INDEX_URL (UV_INDEX_URL with uv)",
        "vérifiez le réseau ; derrière un proxy, donnez HTTPS_PROXY ; pour un dépôt à vous, PIP_INDEX_URL (UV_INDEX_URL avec uv)",
    ),
    (
        "the package index has no `{name}` for this Python",
        "le dépôt de bibliothèques n’a pas de `{name}` pour ce Python",
    ),
    (
        "these libraries do not go together: {text}",
        "ces bibliothèques ne vont pas ensemble : {text}",
    ),
    ("change their versions in requirements.txt", "changez leurs versions dans requirements.txt"),
    ("correct its line in requirements.txt", "corrigez sa ligne dans requirements.txt"),
    (
        "correct what it says, then run the command again",
        "corrigez ce qui est dit là, puis recommencez",
    ),
    ("{path} does not start", "{path} ne démarre pas"),
    ("{path} said nothing for 15 minutes", "{path} n’a rien dit pendant 15 minutes"),
    (
        "there is no Python on this computer (none was found on PATH)",
        "il n’y a pas de Python sur cet ordinateur (aucun dans le PATH)",
    ),
    (
        "the Python of this computer is too old: {path} is {word}, and 3.9 or later is needed",
        "le Python de cet ordinateur est trop ancien : {path} est en version {word}, et il faut au moins 3.9",
    ),
    ("install it: {text}", "installez-le : {text}"),
    (
        "install it from the Microsoft Store, or: winget install Python.Python.3.12",
        "installez-le depuis le Microsoft Store, ou : winget install Python.Python.3.12",
    ),
    (
        "install Python from python.org, or install uv",
        "installez Python depuis python.org, ou installez uv",
    ),
    ("{path} is not a Python interpreter", "{path} n’est pas un interpréteur Python"),
    (
        "{path} is Python {word}, and 3.9 or later is needed",
        "{path} est Python {word}, et il faut au moins 3.9",
    ),
    (
        "correct `interpreter` in penny.toml, or remove the line: Penny then makes an environment",
        "corrigez `interpreter` dans penny.toml, ou retirez la ligne : Penny fait alors un environnement",
    ),
    (
        "name another as `interpreter` in penny.toml, or remove the line: Penny then makes an environment",
        "nommez-en un autre par `interpreter` dans penny.toml, ou retirez la ligne : Penny fait alors un environnement",
    ),
    ("{path} lacks {text}", "il manque à {path} : {text}"),
    ("run: {text}", "lancez : {text}"),
    (
        "another penny command has been making the Python environment for 30 minutes",
        "une autre commande penny prépare l’environnement Python depuis 30 minutes",
    ),
    ("end it, then run this one again", "arrêtez-la, puis relancez celle-ci"),
];
