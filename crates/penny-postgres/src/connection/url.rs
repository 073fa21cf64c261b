//! The address as a URL, read and written, percent-encoding included.

use std::path::PathBuf;
use std::time::Duration;

use super::{ConnectionError, Secret, SslMode, Target};

const PORT: u16 = 5432;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const APPLICATION_NAME: &str = "penny";

pub(super) fn parse(url: &str) -> Result<Target, ConnectionError> {
    let rest = after_scheme(url.trim())?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let query = query.split('#').next().unwrap_or_default();
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    // A password with a bare `@` in it is common; the host comes after the last one.
    let (credentials, address) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    let user = decode(user, "user")?;
    if user.is_empty() {
        return Err(wrong("it names no user before an @ (in a password, write / as %2F)"));
    }
    let (host, port) = split_address(address)?;
    let mut target = Target {
        host,
        port,
        database: decode(path, "database")?,
        password: Secret::new(decode(password, "password")?),
        sslmode: SslMode::Prefer,
        sslrootcert: None,
        connect_timeout: CONNECT_TIMEOUT,
        application_name: APPLICATION_NAME.to_owned(),
        user,
    };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        apply_parameter(&mut target, name, decode(value, name)?)?;
    }
    if target.host.is_empty() {
        return Err(wrong("it names no host"));
    }
    if target.database.is_empty() {
        // As libpq does: a role's own database bears its name.
        target.database.clone_from(&target.user);
    }
    Ok(target)
}

pub(super) fn write(target: &Target, with_password: bool) -> String {
    let mut url = format!("postgresql://{}", encode(&target.user));
    if with_password && !target.password.expose().is_empty() {
        url.push(':');
        url.push_str(&encode(target.password.expose()));
    }
    url.push('@');
    let socket = target.host.starts_with('/');
    if target.host.contains(':') {
        url.push_str(&format!("[{}]", target.host));
    } else if !socket {
        url.push_str(&encode(&target.host));
    }
    url.push_str(&format!(":{}/{}", target.port, encode(&target.database)));
    let mut parameters = Vec::new();
    if socket {
        parameters.push(format!("host={}", encode(&target.host)));
    }
    if target.sslmode != SslMode::Prefer {
        parameters.push(format!("sslmode={}", target.sslmode));
    }
    if let Some(path) = &target.sslrootcert {
        parameters.push(format!("sslrootcert={}", encode(&path.to_string_lossy())));
    }
    if !parameters.is_empty() {
        url.push('?');
        url.push_str(&parameters.join("&"));
    }
    url
}

fn after_scheme(url: &str) -> Result<&str, ConnectionError> {
    let (scheme, rest) =
        url.split_once("://").ok_or_else(|| wrong("it does not begin with postgresql://"))?;
    // SQLAlchemy writes its driver behind a plus sign: postgresql+psycopg2://.
    match scheme.split('+').next() {
        Some("postgresql" | "postgres") => Ok(rest),
        _ => Err(wrong("it does not begin with postgresql://")),
    }
}

fn split_address(address: &str) -> Result<(String, u16), ConnectionError> {
    let (host, port) = if let Some(bracketed) = address.strip_prefix('[') {
        let (host, rest) = bracketed
            .split_once(']')
            .ok_or_else(|| wrong("the address in brackets has no closing bracket"))?;
        (host.to_owned(), rest.strip_prefix(':').unwrap_or(rest))
    } else {
        let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
        if host.contains(':') {
            return Err(wrong("an IPv6 address is written in brackets, as in [::1]:5432"));
        }
        (decode(host, "host")?, port)
    };
    Ok((host, parse_port(port)?))
}

fn parse_port(text: &str) -> Result<u16, ConnectionError> {
    match text {
        "" => Ok(PORT),
        text => match text.parse() {
            Ok(port) if port > 0 => Ok(port),
            // The text is not repeated: it may be a part of a password.
            _ => Err(wrong("the port is not a number between 1 and 65535")),
        },
    }
}

fn apply_parameter(target: &mut Target, name: &str, value: String) -> Result<(), ConnectionError> {
    match name {
        "sslmode" => target.sslmode = value.parse()?,
        "sslrootcert" if value != "system" => target.sslrootcert = Some(PathBuf::from(value)),
        "host" => target.host = value,
        "port" => target.port = parse_port(&value)?,
        "application_name" => target.application_name = value,
        "connect_timeout" => {
            let seconds: u64 =
                value.parse().map_err(|_| wrong("connect_timeout is not a number of seconds"))?;
            // As libpq does: zero means no limit of one's own, and less than two is two.
            if seconds > 0 {
                target.connect_timeout = Duration::from_secs(seconds.max(2));
            }
        }
        _ => {}
    }
    Ok(())
}

fn decode(text: &str, part: &str) -> Result<String, ConnectionError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes().iter();
    while let Some(&byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|&byte| char::from(byte).to_digit(16));
        match (digit(), digit()) {
            (Some(high), Some(low)) => bytes.push((high * 16 + low) as u8),
            _ => {
                return Err(wrong(&format!(
                    "in the {part}, a percent sign is not followed by two hexadecimal digits (write % as %25)"
                )));
            }
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        wrong(&format!("the {part} is not UTF-8 once its percent signs are decoded"))
    })?;
    if text.contains('\0') {
        return Err(wrong(&format!("the {part} contains a NUL character")));
    }
    Ok(text)
}

fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn wrong(reason: &str) -> ConnectionError {
    ConnectionError::WrongUrl { reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(url: &str, expected: (&str, u16, &str, &str, &str)) {
        let target = parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
        let (host, port, database, user, password) = expected;
        assert_eq!(target.host, host, "{url}");
        assert_eq!(target.port, port, "{url}");
        assert_eq!(target.database, database, "{url}");
        assert_eq!(target.user, user, "{url}");
        assert_eq!(target.password.expose(), password, "{url}");
    }

    #[test]
    fn every_usual_form_is_read() {
        check("postgresql://u:p@localhost:5433/db", ("localhost", 5433, "db", "u", "p"));
        check("postgres://u@h/db", ("h", 5432, "db", "u", ""));
        check("postgresql+psycopg2://u:p@h:1/db", ("h", 1, "db", "u", "p"));
        check("postgresql://u:p%40%3A%2F@h/db%20x", ("h", 5432, "db x", "u", "p@:/"));
        check("postgresql://u:p@ss@h/db", ("h", 5432, "db", "u", "p@ss"));
        check("postgresql://u:p@[::1]:6000/db", ("::1", 6000, "db", "u", "p"));
        check("postgresql://u:p@h", ("h", 5432, "u", "u", "p"));
        check(
            "postgresql://u:p@/db?host=/var/run/postgresql",
            ("/var/run/postgresql", 5432, "db", "u", "p"),
        );
    }

    #[test]
    fn tls_parameters_are_read() {
        let target =
            parse("postgresql://u:p@h/db?sslmode=verify-full&sslrootcert=%2Fa%20b.pem").unwrap();
        assert_eq!(target.sslmode, SslMode::VerifyFull);
        assert_eq!(target.sslrootcert, Some(PathBuf::from("/a b.pem")));
    }

    #[test]
    fn a_wrong_url_is_a_sentence_without_the_password() {
        for (url, fragment) in [
            ("mysql://u:secret@h/db", "does not begin with postgresql://"),
            ("localhost:5433", "does not begin with postgresql://"),
            ("postgresql://h/db", "names no user"),
            ("postgresql://u:secret@/db", "names no host"),
            ("postgresql://u:secret@h:abc/db", "the port is not a number"),
            ("postgresql://u:secret@h:0/db", "the port is not a number"),
            ("postgresql://u:secret%zz@h/db", "percent sign"),
            ("postgresql://u:secret@h/db?sslmode=often", "verify-full"),
            ("postgresql://u:secret/x@h:1/db", "write / as %2F"),
            ("postgresql://u:secret@::1/db", "brackets"),
        ] {
            let error = parse(url).expect_err(url);
            let message = format!("{error} {}", error.hint().unwrap_or_default());
            assert!(message.contains(fragment), "{url}: {message}");
            assert!(!message.contains("secret"), "{url}: {message}");
        }
    }

    #[test]
    fn neither_debug_nor_display_shows_the_password() {
        let target = parse("postgresql://u:hush@localhost:5433/pennylane_db").unwrap();
        assert_eq!(target.to_string(), "localhost:5433/pennylane_db");
        assert!(!format!("{target:?}").contains("hush"));
        assert!(!target.to_url_without_password().contains("hush"));
    }

    proptest! {
        #[test]
        fn a_written_url_is_read_back(
            user in "[^\0]{1,12}", password in "[^\0]{0,12}", database in "[^\0]{1,12}",
            host in "[a-z.]{1,12}|::1|/tmp/[a-z é]{1,6}", port in 1u16.., root in proptest::option::of("/[a-z é]{1,9}"),
        ) {
            let target = Target {
                host, port, database, user,
                password: Secret::new(password),
                sslmode: SslMode::VerifyCa,
                sslrootcert: root.map(PathBuf::from),
                connect_timeout: CONNECT_TIMEOUT,
                application_name: APPLICATION_NAME.to_owned(),
            };
            prop_assert_eq!(parse(&target.to_url()).unwrap(), target);
        }
    }
}
