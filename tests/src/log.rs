//! Captures what functions log in a test, separately per thread.

use std::cell::RefCell;
use std::io::Write;
use std::sync::Once;

use runtime::lambda::log_to;

thread_local! {
    static CAPTURED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Captures what functions log on this thread from now on. There is one subscriber for the whole binary, because a call
/// site first reached on another thread would stay disabled for a subscriber of this one.
#[must_use]
pub fn capture() -> Log {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| drop(tracing::subscriber::set_global_default(log_to(|| ThisThread))));
    CAPTURED.with_borrow_mut(Vec::clear);
    Log(())
}

/// The log of this thread.
#[derive(Debug)]
pub struct Log(());

impl Log {
    /// All captured lines, one JSON object each.
    #[must_use]
    pub fn text(&self) -> String {
        CAPTURED.with_borrow(|captured| String::from_utf8_lossy(captured).into_owned())
    }
}

struct ThisThread;

impl Write for ThisThread {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        CAPTURED.with_borrow_mut(|captured| captured.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
