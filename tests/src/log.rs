//! What functions log in a test, kept apart by thread.

use std::cell::RefCell;
use std::io::Write;
use std::sync::Once;

use runtime::lambda::log_to;

thread_local! {
    static HEARD: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Listens to what functions log on this thread from now on. There is one subscriber for the whole binary, since a call
/// site that another thread meets first would be switched off for a subscriber of this one.
#[must_use]
pub fn hear() -> Log {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| drop(tracing::subscriber::set_global_default(log_to(|| ThisThread))));
    HEARD.with_borrow_mut(Vec::clear);
    Log(())
}

/// What was logged on this thread.
#[derive(Debug)]
pub struct Log(());

impl Log {
    /// All of it: a JSON object per line.
    #[must_use]
    pub fn text(&self) -> String {
        HEARD.with_borrow(|heard| String::from_utf8_lossy(heard).into_owned())
    }
}

struct ThisThread;

impl Write for ThisThread {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        HEARD.with_borrow_mut(|heard| heard.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
