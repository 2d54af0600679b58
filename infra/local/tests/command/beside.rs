//! Commands beside a running `docket serve`.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::folder::{Folder, sample};

/// A desk that is open; it is closed when this is dropped.
struct Desk<'a> {
    folder: &'a Folder,
    child: Child,
}

impl<'a> Desk<'a> {
    fn open(folder: &'a Folder) -> Self {
        let (child, _, _) = folder.start(&["serve", "--port", "0"]);
        let desk = Self { folder, child };
        wait_for(|| desk.card().is_some());
        desk
    }

    fn card(&self) -> Option<Value> {
        serde_json::from_slice(&std::fs::read(self.folder.path(".docket/serve.json")).ok()?).ok()
    }

    fn end(&mut self, signal: Signal) {
        let _ = kill_process(Pid::from_child(&self.child), signal);
        let _ = self.child.wait();
    }
}

impl Drop for Desk<'_> {
    fn drop(&mut self) {
        self.end(Signal::KILL);
    }
}

fn wait_for(holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < end, "it took too long");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn commands_work_beside_an_open_desk_and_after_it() {
    let folder = Folder::new();
    let mut desk = Desk::open(&folder);
    let ordered = folder.order(&["--skip-review", "--out", "cma"], &sample());
    assert_eq!(ordered.code, 0, "{ordered:?}");
    assert!(folder.path("cma/CMA.xlsx").exists());
    let order = ordered.order_id();
    assert_eq!(folder.show(&order)["status"], "COMPLETED");
    let listed = folder.docket(&["orders"]);
    assert!(listed.code == 0 && listed.out.contains(&order), "{listed:?}");
    let retried = folder.docket(&["retry", &order]);
    assert_eq!((retried.code, retried.err.contains("only a failed order can be retried")), (2, true), "{retried:?}");

    desk.end(Signal::INT);
    assert!(!folder.path(".docket/serve.json").exists(), "a desk that is closed takes its card away");
    assert_eq!(folder.show(&order)["status"], "COMPLETED");
}

#[test]
fn an_order_that_waits_is_resumed_and_one_is_cancelled_beside_an_open_desk() {
    let folder = Folder::new();
    let _desk = Desk::open(&folder);
    let waiting = |folder: &Folder| {
        let ordered = folder.order(&["--auto-approve-above", "1"], &sample());
        assert_eq!(ordered.code, 3, "{ordered:?}");
        ordered.order_id()
    };
    let (first, second) = (waiting(&folder), waiting(&folder));
    let resumed = folder.docket(&["resume", &first]);
    assert_eq!(resumed.code, 0, "{resumed:?}");
    let cancelled = folder.docket(&["cancel", &second]);
    assert!(cancelled.has_no_panic(), "{cancelled:?}");
    assert_eq!(folder.show(&second)["status"], "CANCELLED");
}

#[test]
fn only_the_same_user_reaches_an_open_desk() {
    let folder = Folder::new();
    let desk = Desk::open(&folder);
    assert_eq!(mode(&folder.path(".docket/serve.json")), 0o600);
    let socket = desk.card().unwrap()["socket"].as_str().unwrap().to_owned();
    assert_eq!(mode(Path::new(&socket).parent().unwrap()), 0o700);
}

#[test]
fn what_a_killed_desk_leaves_behind_is_in_nobodys_way() {
    let folder = Folder::new();
    let mut desk = Desk::open(&folder);
    let first = desk.card().unwrap();
    desk.end(Signal::KILL);
    assert!(folder.path(".docket/serve.json").exists());
    assert_eq!(folder.docket(&["orders"]).code, 0);
    let again = Desk::open(&folder);
    wait_for(|| again.card().is_some_and(|card| card != first));
    assert_eq!(folder.docket(&["orders"]).code, 0);
    let _ = std::fs::remove_dir_all(Path::new(first["socket"].as_str().unwrap()).parent().unwrap());
}
