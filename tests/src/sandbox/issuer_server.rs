//! Serves the stand-in issuer on a loopback port, for functions in other processes.

use std::io::Error;

use api::access::issuer::Ask;
use tokio::io::BufStream;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

use super::http;
use crate::issuer::Issuer;

/// The server. It serves until it is dropped.
pub struct IssuerServer {
    url: String,
    accepting: AbortHandle,
}

impl IssuerServer {
    /// Listens on a free port.
    ///
    /// # Errors
    /// When no port is available.
    pub async fn listen() -> Result<Self, Error> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let issuer = Issuer::at(&url);
        let served = url.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (issuer, url) = (issuer.clone(), served.clone());
                tokio::spawn(async move {
                    // Broken connections are reported by the client.
                    let _ = serve(stream, &issuer, &url).await;
                });
            }
        });
        Ok(Self { url, accepting: accepting.abort_handle() })
    }

    /// The issuer's address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for IssuerServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(stream: TcpStream, issuer: &Issuer, url: &str) -> Result<(), Error> {
    let mut stream = BufStream::new(stream);
    while let Some((head, body)) = http::read(&mut stream).await? {
        let url = format!("{url}{}", head.target);
        let ask = match head.method.as_str() {
            "POST" => Ask::Post { url, form: String::from_utf8_lossy(&body).into_owned() },
            _ => Ask::Get { url },
        };
        let Some(answer) = issuer.answer(&ask) else { return Ok(()) };
        http::write(&mut stream, answer.status, &[], &answer.body).await?;
    }
    Ok(())
}
