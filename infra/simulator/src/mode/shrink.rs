//! Delta debugging: finds a small subset of the faults that still fails.

/// Limit on the runs that shrinking takes.
const RUN_COUNT_MAX: usize = 400;

/// A subset of `all` that still `fails`. Within the limit on runs, nothing more can be left out of it.
pub(crate) fn shrink<T: Clone>(all: Vec<T>, fails: impl Fn(&[T]) -> bool) -> Vec<T> {
    let mut kept = all;
    let mut parts = 2;
    let mut runs = 0;
    while !kept.is_empty() && runs < RUN_COUNT_MAX {
        let size = kept.len().div_ceil(parts).max(1);
        let smaller = (0..kept.len()).step_by(size).find_map(|from| {
            runs += 1;
            let rest: Vec<T> = kept.iter().take(from).chain(kept.iter().skip(from + size)).cloned().collect();
            (runs <= RUN_COUNT_MAX && fails(&rest)).then_some(rest)
        });
        match smaller {
            Some(rest) => {
                kept = rest;
                parts = parts.saturating_sub(1).max(2);
            }
            None if size == 1 => break,
            None => parts = (parts * 2).min(kept.len()),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_is_kept_and_nothing_else() {
        let fails = |kept: &[u32]| kept.contains(&17) && kept.contains(&83);
        assert_eq!(shrink((0..100).collect(), fails), [17, 83]);
    }

    #[test]
    fn a_run_that_fails_without_faults_needs_none() {
        assert!(shrink((0..100).collect::<Vec<u32>>(), |_| true).is_empty());
    }
}
