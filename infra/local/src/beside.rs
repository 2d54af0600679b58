//! Commands beside a running `docket serve`: it holds the data folder, so they reach the AWS in its process through a socket that
//! only the same user can open. The port of the desk never answers for that AWS.

mod client;
mod server;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub(crate) use client::OverSocket;
pub(crate) use server::listen;

/// How programs of the same user find a running `docket serve`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Card {
    /// Address of the desk.
    pub(crate) address: String,
    /// Lets a program use the API.
    pub(crate) token: String,
    /// The socket for commands.
    pub(crate) socket: PathBuf,
}

impl Card {
    fn path(data: &Path) -> PathBuf {
        data.join("serve.json")
    }

    /// The card in a data folder, if there is one.
    pub(crate) fn read(data: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(Self::path(data)).ok()?).ok()
    }

    /// Puts the card into a data folder, readable for this user only. It is removed when the answer is dropped.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn put(&self, data: &Path) -> std::io::Result<Placed> {
        let path = Self::path(data);
        // A new file, so that nobody else has opened it while others might read it.
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        serde_json::to_writer(options.open(&path)?, self)?;
        Ok(Placed(path))
    }
}

/// A card in its folder. What a crash leaves behind lets nobody in: the next `docket serve` has another token and socket.
pub(crate) struct Placed(PathBuf);

impl Drop for Placed {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
