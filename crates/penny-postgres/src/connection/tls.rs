//! TLS as libpq's modes understand it: whom to trust, and whether the name counts.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{ConnectionError, Target};

/// Which certificates of a server are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Any: the connection is private, but not authenticated.
    Anyone,
    /// Those of a trusted authority, whatever their name.
    Chain,
    /// Those of a trusted authority that bear the host's name.
    ChainAndName,
}

pub(super) fn connector(
    target: &Target,
    trust: Trust,
) -> Result<MakeRustlsConnect, ConnectionError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verification = verification(target, trust, &provider)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|source| ConnectionError::TlsSetup { source })?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verification))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn verification(
    target: &Target,
    trust: Trust,
    provider: &Arc<CryptoProvider>,
) -> Result<Verification, ConnectionError> {
    let mut verification = Verification {
        trust,
        roots: Vec::new(),
        authorities: None,
        provider: Arc::clone(provider),
    };
    if trust == Trust::Anyone {
        return Ok(verification);
    }
    if let Some(path) = &target.sslrootcert {
        verification.roots = certificates(path)?;
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(verification.roots.iter().cloned());
        let authorities =
            WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
                .build()
                .map_err(|error| ConnectionError::CertificateFile {
                    path: path.clone(),
                    source: error.into(),
                })?;
        verification.authorities = Some(authorities);
    } else {
        verification.trust = Trust::ChainAndName;
        let authorities = rustls_platform_verifier::Verifier::new(Arc::clone(provider))
            .map_err(|source| ConnectionError::TlsSetup { source })?;
        verification.authorities = Some(Arc::new(authorities));
    }
    Ok(verification)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, ConnectionError> {
    let unreadable = |source: Box<dyn std::error::Error + Send + Sync>| {
        ConnectionError::CertificateFile { path: path.to_owned(), source }
    };
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(error.into()))?;
    if certificates.is_empty() {
        return Err(unreadable("the file contains no certificate".into()));
    }
    Ok(certificates)
}

#[derive(Debug)]
struct Verification {
    trust: Trust,
    /// The certificates that `sslrootcert` names, as they are.
    roots: Vec<CertificateDer<'static>>,
    /// Checks the chain, and the name; `None` when anyone is trusted.
    authorities: Option<Arc<dyn ServerCertVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verification {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(authorities) = &self.authorities else {
            return Ok(ServerCertVerified::assertion());
        };
        // A self-signed certificate that is named itself as the authority: usual with PostgreSQL, and
        // refused by webpki as an authority that acts as a server.
        if self.roots.iter().any(|root| root == end_entity) {
            if self.trust == Trust::ChainAndName {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        match authorities.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        ) {
            // The chain is checked before the name, so a wrong name means that the chain is right.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.trust == Trust::Chain => Ok(ServerCertVerified::assertion()),
            result => result,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
