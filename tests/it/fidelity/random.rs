//! Makes random sequences of calls to both implementations, and finds the shortest one on which they differ.

use std::collections::BTreeMap;
use std::fmt::Debug;

use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;

use super::emulator::Emulator;
use super::known_differences;
use super::side::Side;

/// Attempts to shorten a failing sequence.
const SHRINK_COUNT_MAX: usize = 25;
/// The first seed, unless `FIDELITY_SEED` sets it.
const SEED_DEFAULT: usize = 1;

/// The resources of one service in one implementation, to which sequences of calls are made.
pub(super) trait World: Sized {
    /// One call, or a few that belong together.
    type Step: Debug + Clone + 'static;

    /// Sequences of calls.
    fn sequences() -> BoxedStrategy<Vec<Self::Step>>;

    /// Creates resources whose names contain `name`.
    async fn create(side: Side, name: &str) -> Self;

    /// Makes a call and returns its answer, without what may legitimately differ between two implementations.
    async fn call(&mut self, step: &Self::Step) -> Value;
}

/// A difference between the implementations, at the last of `steps`.
struct Difference<S> {
    steps: Vec<S>,
    ours: Value,
    theirs: Value,
}

/// Makes at least `count` calls to both implementations.
///
/// # Panics
/// When they differ, with the seed and the shortest sequence found.
pub(super) async fn compare<W: World>(emulator: &Emulator, count: usize) {
    let first = number("FIDELITY_SEED", SEED_DEFAULT) as u64;
    let (mut made, mut seed, mut met, mut found) = (0, first, BTreeMap::new(), Vec::new());
    while made < count && found.len() < number("FIDELITY_DIFFERENCES", 1) {
        let mut tree = sequence::<W>(seed);
        match differ::<W>(emulator, tree.current(), &mut met).await {
            Ok(calls) => made += calls,
            Err(difference) => found.push(report(seed, &shrink::<W>(emulator, tree.as_mut(), difference).await)),
        }
        seed += 1;
    }
    eprintln!("{made} calls in {} sequences answered the same; known differences met: {met:?}", seed - first);
    assert!(found.is_empty(), "the answers differ\n{}", found.join("\n"));
}

/// The number in an environment variable, or `default`.
fn number(variable: &str, default: usize) -> usize {
    std::env::var(variable).map_or(default, |text| text.parse().expect("a number"))
}

type Tree<S> = Box<dyn ValueTree<Value = Vec<S>>>;

fn sequence<W: World>(seed: u64) -> Tree<W::Step> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    Box::new(W::sequences().new_tree(&mut runner).expect("a sequence can be made"))
}

/// Runs one sequence on both implementations and counts its calls.
async fn differ<W: World>(
    emulator: &Emulator,
    steps: Vec<W::Step>,
    met: &mut BTreeMap<&'static str, usize>,
) -> Result<usize, Difference<W::Step>> {
    // Names are never reused, not even by another run against the same emulator.
    let name = format!("f{:016x}", fastrand::u64(..));
    let mut ours = W::create(Side::ours(), &name).await;
    let mut theirs = W::create(Side::theirs(emulator), &name).await;
    for (index, step) in steps.iter().enumerate() {
        let (our, their) = (ours.call(step).await, theirs.call(step).await);
        if our == their {
            continue;
        }
        match known_differences::name(&format!("{step:?}"), &our, &their) {
            // From here on the two may hold different data.
            Some(name) => {
                *met.entry(name).or_default() += 1;
                return Ok(index);
            }
            None => return Err(Difference { steps: steps[..=index].to_vec(), ours: our, theirs: their }),
        }
    }
    Ok(steps.len())
}

async fn shrink<W: World>(
    emulator: &Emulator,
    tree: &mut dyn ValueTree<Value = Vec<W::Step>>,
    found: Difference<W::Step>,
) -> Difference<W::Step> {
    let mut shortest = found;
    let mut more = tree.simplify();
    for _ in 0..SHRINK_COUNT_MAX {
        if !more {
            break;
        }
        more = match differ::<W>(emulator, tree.current(), &mut BTreeMap::new()).await {
            Ok(_) => tree.complicate(),
            Err(shorter) => {
                shortest = shorter;
                tree.simplify()
            }
        };
    }
    shortest
}

fn report<S: Debug>(seed: u64, found: &Difference<S>) -> String {
    use std::fmt::Write;
    let mut text = format!("run it again with FIDELITY_SEED={seed}\n");
    for step in &found.steps {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {step:?}");
    }
    text + &format!("ours:   {}\ntheirs: {}\n", found.ours, found.theirs)
}
