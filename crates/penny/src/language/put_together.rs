//! Sentences that the code puts together: what the tests look for in their place.

/// Sentences of which the code has a word or a count with its noun apart: as they stand there.
pub const PUT_TOGETHER: &[(&str, &str)] = &[
    ("was cancelled in {cell} by {who}", "was {what} in {place}{by}"),
    ("was cancelled between two cells by {who}", "was {what} between two cells{by}"),
    ("was stopped in {cell}", "was {what} in {place}{by}"),
    ("was stopped between two cells", "was {what} between two cells{by}"),
    (
        "{cell} ended the notebook with exit(): 1 cell after it did not run",
        " ended the notebook with exit(): {others} after it did not run",
    ),
    (
        "{cell} ended the notebook with exit(): {number} cells after it did not run",
        " ended the notebook with exit(): {others} after it did not run",
    ),
    (
        "it shows {path}: masked 1 time in the output notebook",
        "it shows {}: masked {times} in the output notebook",
    ),
    (
        "it shows {path}: masked {number} times in the output notebook",
        "it shows {}: masked {times} in the output notebook",
    ),
    (
        "it no longer publishes {word}, which keeps its 1 row of {moment}: is its export cell gone?",
        "it no longer publishes {}, which keeps its {} of {}: is its export cell gone?",
    ),
    ("the schema has no name", "{what} has no name"),
    ("the table has no name", "{what} has no name"),
    (
        "the name of the schema has {number} bytes, and PostgreSQL allows {number2}",
        "the name of {what} has {} bytes, and PostgreSQL allows {NAME_BYTES_MAX}",
    ),
    (
        "the name of the table has {number} bytes, and PostgreSQL allows {number2}",
        "the name of {what} has {} bytes, and PostgreSQL allows {NAME_BYTES_MAX}",
    ),
    (
        "the name of the schema contains a NUL character",
        "the name of {what} contains a NUL character",
    ),
    ("the name of the schema contains a NUL character", "the schema"),
    (
        "the name of the table contains a NUL character",
        "the name of {what} contains a NUL character",
    ),
    ("the name of the table contains a NUL character", "the table"),
    (
        "column `{name}`: {values} had NUL characters, which PostgreSQL does not allow; they were taken out",
        "column `{name}`: {count} {values} {what}",
    ),
    (
        "column `{name}`: {values} had NUL characters, which PostgreSQL does not allow; they were taken out",
        "had NUL characters, which PostgreSQL does not allow; they were taken out",
    ),
    (
        "column `{name}`: {values} became NULL, since the column's type has no infinity",
        "became NULL, since the column's type has no infinity",
    ),
    (
        "column `{name}`: {values} had nanoseconds; PostgreSQL keeps microseconds",
        "had nanoseconds; PostgreSQL keeps microseconds",
    ),
    (
        "column `{name}`: row {number} has {text}, which {type} cannot hold; it is published as {type2}",
        "column `{name}`: row {} has {shown}, which {from} cannot hold; {now} {to}",
    ),
    (
        "column `{name}`: row {number} has {text}, which {type} cannot hold; it is published as {type2}",
        "it is published as",
    ),
    (
        "column `{name}`: row {number} has {text}, which {type} cannot hold; the column is now {type2}",
        "the column is now",
    ),
    (
        "the column `{name}` of {path} cannot be dropped: the view {path2} uses it",
        "the column `{column}` of {table} cannot be dropped: {users} uses it",
    ),
    ("the column `{name}` of {path} cannot be dropped: the view {path2} uses it", "the view {}"),
    (
        "The name of the table is a text such as 'customers', not {text}.",
        "The name of the {what} is a text such as 'customers', not {name!r}.",
    ),
    (
        "The name of the schema is a text such as 'customers', not {text}.",
        "The name of the {what} is a text such as 'customers', not {name!r}.",
    ),
    (
        "The filter on `{name}` with {word} takes a list of values, not {text}.",
        "The filter on `{field}` with {operator!r} takes {wants}, not {value!r}.",
    ),
    ("The filter on `{name}` with {word} takes a list of values, not {text}.", "a list of values"),
    ("The filter on `{name}` with {word} takes a single value, not {text}.", "a single value"),
    (
        "Column `{name}` ({word}), rows {number} to {number2} cannot be published: {why}",
        ", rows {start + 1} to {stop}",
    ),
    (
        "Column `{name}` ({path}) cannot be published: {why}",
        "Column `{name}` ({kind}){place} cannot be published: {error}",
    ),
    (
        "column `{name}` mixes kinds of values ({examples}): written as text",
        "column `{name}` {verb} ({examples}): written as text",
    ),
    (
        "column `{name}` mixes kinds of values ({examples}): written as text",
        "mixes kinds of values",
    ),
    (
        "column `{name}` holds objects without a type in PostgreSQL ({examples}): written as text",
        "holds objects without a type in PostgreSQL",
    ),
    (
        "The `penny` program ended with exit status {number} without saying why.",
        "The `penny` program {_ending(status)} without saying why.",
    ),
    (
        "The `penny` program ended with exit status {number} without saying why.",
        "ended with exit status {status}",
    ),
    (
        "The `penny` program was ended by {path} without saying why.",
        "was ended by {signal.Signals(-status).name}",
    ),
    (
        "The `penny` program was ended by {path} without saying why.",
        "was ended by signal {-status}",
    ),
    ("cannot make the folder {path}", "make the folder"),
    ("cannot lock {path}", "lock"),
    ("cannot remove {path}", "remove"),
    ("cannot start {path}", "start"),
    ("PostgreSQL could not look for the database: {why}", "PostgreSQL could not {what}: {why}"),
    ("PostgreSQL could not look for the database: {why}", "look for the database"),
    ("PostgreSQL could not make the database: {why}", "make the database"),
    ("PostgreSQL could not look for the schema: {why}", "look for the schema"),
    ("PostgreSQL could not make the schema: {why}", "make the schema"),
    ("PostgreSQL could not make the schema `{name}`: {why}", "make the schema `{schema}`"),
    ("PostgreSQL could not look for the login: {why}", "look for the login"),
    ("PostgreSQL could not make the login {path}: {why}", "make the login {user}"),
    (
        "PostgreSQL could not look for the rights of the login: {why}",
        "look for the rights of the login",
    ),
    ("PostgreSQL could not let {path} read the tables: {why}", "let {reader} read the tables"),
    (
        "copy the whole token from Pennylane: Paramètres > Connectivité > Développeurs (Settings > Connectivity > Developers)",
        "copy the whole token from Pennylane: {DEVELOPERS}",
    ),
    (
        "copy the whole token from Pennylane: Paramètres > Connectivité > Développeurs (Settings > Connectivity > Developers)",
        "Paramètres > Connectivité > Développeurs (Settings > Connectivity > Developers)",
    ),
    (
        "the token is wrong, expired or revoked; make a new one in Pennylane: Paramètres > Connectivité > Développeurs (Settings > Connectivity > Developers)",
        "the token is wrong, expired or revoked; make a new one in Pennylane: {DEVELOPERS}",
    ),
    (
        "in Pennylane, Paramètres > Connectivité > Développeurs (Settings > Connectivity > Developers), make a token that has the scope {word}",
        "in Pennylane, {DEVELOPERS}, make a token that has the scope {scope}",
    ),
    ("no answer from {word} at the first attempt: {why}", "no answer from {host} {}: {trouble}"),
    ("no answer from {word} at the first attempt: {why}", "at the first attempt"),
    ("no answer from {word} after {number} attempts: {why}", "after {attempts} attempts"),
    (
        "Pennylane's rate limit is used up: `{name}` was refused at the first attempt",
        "Pennylane's rate limit is used up: `{path}` was refused {}",
    ),
    (
        "Pennylane is out of order: `{name}` answered {number} at the first attempt",
        "Pennylane is out of order: `{path}` answered {status} {}",
    ),
    (
        "Pennylane refuses `{name}` ({number}): {why}",
        "Pennylane refuses `{path}` ({status}): {text}{}",
    ),
    (
        "{word} answered with a web page instead of data",
        "{host} answered with a web page{} instead of data",
    ),
    ("{word} answered with a web page (“{path}”) instead of data", " (“{title}”)"),
    ("{word} wants to send `{name}` elsewhere", "{host} wants to send `{path}` elsewhere{}"),
    ("{word} wants to send `{name}` elsewhere, to {word2}", ", to {host}"),
    (
        "`{name}` cannot be filtered on `{name2}`; it can be on {text}",
        "`{resource}` cannot be filtered on `{field}`; {}",
    ),
    ("`{name}` cannot be filtered on `{name2}`; it can be on {text}", "it can be on"),
    (
        "`{name}` cannot be filtered on `{name2}`; it has no filters at all",
        "it has no filters at all",
    ),
    (
        "`{name}` cannot be sorted by `{name2}`; it can be by {text}",
        "`{resource}` cannot be sorted by `{field}`; {}",
    ),
    ("`{name}` cannot be sorted by `{name2}`; it can be by {text}", "it can be by"),
    ("`{name}` cannot be sorted by `{name2}`; its order is fixed", "its order is fixed"),
    (
        "`{name}` has no parameter `{name2}`; it has {text}",
        "`{resource}` has no parameter `{name}`; {}",
    ),
    ("`{name}` has no parameter `{name2}`; it has {text}", "it has"),
    ("`{name}` has no parameter `{name2}`; it has none", "it has none"),
    (
        "the filter `{name}` of `{name2}` needs {why}, not {text}",
        "the filter `{field} {operator}` of `{resource}` needs {needs}, not {value}",
    ),
    (
        "Pennylane's API has no list called `{name}`",
        "Pennylane's API has no list called `{name}`{}",
    ),
    (
        "Pennylane's API has no list called `{name}`; did you mean `{name2}`?",
        "; did you mean `{name}`?",
    ),
    (
        "there is no table `{name}` in this database",
        "there is no table `{relation}` in this database{}",
    ),
    (
        "there is no table `{name}` in this database ({why})",
        "there is no table `{relation}` in this database{}",
    ),
    ("the SQL is not valid: {why}", "the SQL is not valid{}: {said}"),
    ("the SQL is not valid ({why}): {why2}", "the SQL is not valid{}: {said}"),
    ("the database refused the query: {why}", "the database refused the query{}: {said}"),
    ("the database refused the query ({why}): {why2}", "the database refused the query{}: {said}"),
    (
        "the Python of this computer is too old: {path} is {word}, and 3.9 or later is needed",
        "the Python of this computer is too old: {} is {}.{}, and 3.9 or later is needed",
    ),
    (
        "{path} is Python {word}, and 3.9 or later is needed",
        "{} is Python {}.{}, and 3.9 or later is needed",
    ),
    ("unknown key `{name}` in {word}", "unknown key `{key}` {place}"),
    ("unknown key `{name}` in {word}", "in {title}"),
    ("unknown key `{name}` at the top", "at the top"),
    (
        "`{name}`: `{name2}` is not a size: write one such as \"500 MB\" or \"2 GB\"",
        "`{key}`: `{text}` is not a size: write one {SUCH_AS}",
    ),
    (
        "`{name}`: `{name2}` is not a size: write one such as \"500 MB\" or \"2 GB\"",
        "such as \"500 MB\" or \"2 GB\"",
    ),
    (
        "`{name}` in {word} should be {why}, and is {why2}",
        "`{key}`{place} should be {wanted}, and is {found}",
    ),
    (
        "`{name}` should be {why}, and is {why2}",
        "`{key}`{place} should be {wanted}, and is {found}",
    ),
    (
        "`{name}` is not a time zone: write its name, such as `Europe/Paris` or `UTC`",
        "`{name}` is not a time zone{}",
    ),
    (
        "`{name}` is not a time zone: write its name, such as `Europe/Paris` or `UTC`",
        ": write its name, such as `Europe/Paris` or `UTC`",
    ),
    ("`{name}` is not a time zone: did you mean `{name2}`?", ": did you mean `{nearest}`?"),
    (
        "`{name}` has {number} {word}, and a cron expression has 5: minute, hour, day of the month, month, day of the week, as in `30 8 * * 1-5` (Monday to Friday at 08:30)",
        "`{cron}` has {found} {}, and a cron expression has 5: minute, hour, day of the month, month, day of the week, as in `30 8 * * 1-5` (Monday to Friday at 08:30){}",
    ),
    (
        "`{name}` has {number} {word}, and a cron expression has 5: minute, hour, day of the month, month, day of the week, as in `30 8 * * 1-5` (Monday to Friday at 08:30); there are no seconds",
        "; there are no seconds",
    ),
    (
        "penny.toml lists no notebook called `{name}`",
        "penny.toml lists no notebook called {listed}",
    ),
    ("the file is not UTF-8", "{}:{line}: the file is not UTF-8"),
    ("the file is not UTF-8", "{}: the file is not UTF-8"),
    ("{word} is empty in .env", "PENNYLANE_API_TOKEN is empty in .env"),
    ("{word} is empty in .env", "{name} is empty in .env"),
    (
        "the output notebook {path} could not be saved: {why}; it was saved as {path2} instead",
        "the output notebook {} could not be saved: {what}",
    ),
    (
        "the output notebook {path} could not be saved: {why}; it was saved as {path2} instead",
        "{trouble}; it was saved as {} instead",
    ),
    (
        "the output notebook {path} could not be saved: {why}; the file there is an earlier state, and what came after it is lost",
        "{trouble}; the file there is an earlier state, and what came after it is lost",
    ),
    (
        "the output notebook {path} could not be saved: {why}; the outputs of this run are lost",
        "{trouble}; the outputs of this run are lost",
    ),
    (
        "the kernel `{name}` was not ready within {length}; if the machine is busy, allow more time",
        "the kernel `{kernel}` was not ready within {} s; if the machine is busy, allow more time{}",
    ),
    (
        "the kernel `{name}` was not ready within {length}; if the machine is busy, allow more time; it last wrote:",
        "; it last wrote:",
    ),
    (
        "the kernel `{name}` runs, but does not speak Jupyter's protocol",
        "the kernel `{kernel}` runs, but does not speak Jupyter's protocol{}",
    ),
    (
        "the kernel `{name}` runs, but does not speak Jupyter's protocol; it last wrote:",
        "the kernel `{kernel}` runs, but does not speak Jupyter's protocol{}",
    ),
    (
        "the kernel `{name}` did not start: {why}; it last wrote:",
        "the kernel `{kernel}` did not start: {death}{}",
    ),
    (
        "the gateway `{name}` could not {path}: it answered HTTP {path2}",
        "the gateway `{url}` could not {wish}: it answered HTTP {status}{}",
    ),
];
