//! Catches panics of the work on a unit. Only the place in the program is kept: what a panic says may hold text of a document,
//! so it is neither logged nor recorded.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Once;
use std::task::Poll;

use domain::failure::{Failure, PANICKED, Vetted};

thread_local! {
    static GUARDS: Cell<u32> = const { Cell::new(0) };
    static PLACE: RefCell<Option<Place>> = const { RefCell::new(None) };
}

/// Where the program panicked.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    /// The file within its crate, e.g. `cma/src/case.rs`.
    file: String,
    line: u32,
}

/// Some work panicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panicked(Option<Place>);

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("The program crashed")?;
        if let Some(Place { file, line }) = &self.0 {
            write!(f, " at {file}, line {line}")?;
        }
        f.write_str(". Report this to whoever maintains it; retry the order once it is corrected.")
    }
}

impl Vetted for Panicked {
    fn code(&self) -> &'static str {
        PANICKED
    }
}

/// Runs a computation on a thread of its own, so that the deadline of the invocation can end the work that waits for it.
///
/// Whatever computes for longer than some milliseconds belongs here: while a phase computes on its own thread, no timer runs.
///
/// # Errors
/// `phase.panicked` when it panics. The failure names the place in the program and nothing else.
pub async fn compute<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    let result = tokio::task::spawn_blocking(move || guard(work)).await;
    // The other error is a thread that never began, because the process ends.
    result.unwrap_or(Err(Panicked(None))).map_err(|panicked| Failure::vetted(&panicked))
}

/// The result of some work, unless it panics.
///
/// # Errors
/// [`Panicked`] when it panics; it says where in the program, and nothing else.
pub async fn catch<T>(work: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut work = pin!(work);
    poll_fn(|context| match guard(|| work.as_mut().poll(context)) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(result)) => Poll::Ready(Ok(result)),
        Err(panicked) => Poll::Ready(Err(panicked)),
    })
    .await
}

fn guard<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    install_hook();
    PLACE.set(None);
    GUARDS.set(GUARDS.get() + 1);
    let result = catch_unwind(AssertUnwindSafe(work));
    GUARDS.set(GUARDS.get() - 1);
    result.map_err(|_| Panicked(PLACE.take()))
}

/// Replaces what prints a panic's message, for threads that work on a unit.
fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if GUARDS.get() == 0 {
                return before(panic);
            }
            let place = panic.location().map(|at| Place { file: within_crate(at.file()), line: at.line() });
            if let Some(Place { file, line }) = &place {
                tracing::error!(panic.file = %file, panic.line = line, "the program panicked");
            }
            PLACE.set(place);
        }));
    });
}

/// The part of a source file's path that does not depend on where the program was built.
fn within_crate(path: &str) -> String {
    let parts: Vec<&str> = path.split(['/', '\\']).collect();
    let source = parts.iter().rposition(|part| *part == "src").unwrap_or_default();
    parts.get(source.saturating_sub(1)..).unwrap_or_default().join("/")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "Acme Traders, balance 4711";

    #[tokio::test]
    async fn a_computation_that_panics_fails_with_its_place_and_without_its_message() {
        let computed = compute(|| -> u32 { panic!("{SECRET}") }).await;
        let Err(failure) = computed else { unreachable!("it panicked") };
        assert_eq!(failure.code, PANICKED);
        assert!(failure.message.contains("runtime/src/panics.rs, line "), "{}", failure.message);
        assert!(!failure.message.contains("Acme") && !failure.message.contains("4711"), "{}", failure.message);
        assert_eq!(compute(|| 3).await, Ok(3));
    }

    #[tokio::test]
    async fn work_that_panics_after_it_waited_is_caught_too() {
        let work = async {
            tokio::task::yield_now().await;
            panic!("{SECRET}")
        };
        let caught: Result<(), Panicked> = catch(work).await;
        let Err(Panicked(Some(place))) = caught else { unreachable!("it panicked at a place") };
        assert_eq!(place.file, "runtime/src/panics.rs");
        assert_eq!(catch(async { 3 }).await, Ok(3));
    }

    #[test]
    fn once_guarded_work_is_over_a_panic_is_reported_as_on_any_other_thread() {
        assert_eq!(guard(|| GUARDS.get()).ok(), Some(1));
        assert_eq!(GUARDS.get(), 0);
        assert!(guard(|| panic!("{SECRET}")).is_err());
        assert_eq!(GUARDS.get(), 0, "also after work that panicked");
    }

    #[test]
    fn a_place_says_nothing_about_the_machine_that_built_the_program() {
        assert_eq!(within_crate("/builds/registry/src/index-1949cf/zip-4.2.0/src/read.rs"), "zip-4.2.0/src/read.rs");
        assert_eq!(within_crate("shared/cma/src/case/sums.rs"), "cma/src/case/sums.rs");
        assert_eq!(within_crate("C:\\src\\documents\\src\\read.rs"), "documents/src/read.rs");
        assert_eq!(within_crate("src/main.rs"), "src/main.rs");
        assert_eq!(within_crate("main.rs"), "main.rs");
    }

    proptest! {
        #[test]
        fn the_name_of_any_file_is_the_end_of_its_path(path in "[^\\\\]*") {
            prop_assert!(path.ends_with(&within_crate(&path)));
        }
    }
}
