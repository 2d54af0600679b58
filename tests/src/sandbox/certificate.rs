//! Creates a certificate for loopback, trusted only by clients that are given it.

use std::io::Error;
use std::path::Path;
use std::sync::Arc;

use rcgen::CertifiedKey;
use tempfile::NamedTempFile;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// A self-signed certificate and its key.
pub struct Certificate {
    server: Arc<ServerConfig>,
    file: NamedTempFile,
}

impl Certificate {
    /// A new certificate for 127.0.0.1.
    ///
    /// # Errors
    /// When its file cannot be written.
    ///
    /// # Panics
    /// When it cannot be generated.
    pub fn new() -> Result<Self, Error> {
        let CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate for loopback");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![cert.der().clone()], key))
            .expect("the certificate matches its key");
        let file = NamedTempFile::new()?;
        std::fs::write(file.path(), cert.pem())?;
        Ok(Self { server: Arc::new(server), file })
    }

    /// The certificate's PEM file, for the `SSL_CERT_FILE` of a client that is to trust it.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.server))
    }
}
