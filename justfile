# Everyday commands. Each recipe is one command that works without `just`; CONTRIBUTING.md lists them in prose.

# List the recipes.
default:
    @just --list

# Take the sample borrower through the pipeline: out/<order>/CMA.xlsx.
sample:
    cargo run -p docket -- run --service CMA samples/shree-ganpati/*.xlsx

# Compile everything, tests included, without building binaries.
check:
    cargo check --workspace --all-targets

# Run all tests, or those whose name contains FILTER: `just test fan_in`.
test FILTER='':
    cargo test --workspace {{ FILTER }}

# Format, then lint as the gate does.
lint:
    cargo fmt --all
    cargo clippy --workspace --all-targets -- -D warnings

# Random faults by seed: `just simulate 0..999`. Built with optimisation, which takes some minutes the first time.
simulate SEEDS='0..99':
    cargo run --profile bench-fast -p docket -- simulate --seeds {{ SEEDS }}

# Change the rules of an order line by line and list the changes that no test notices. Needs cargo-mutants.
mutants:
    cargo mutants -p domain --test-package domain --exclude '**/diagram.rs' -- --lib --test rules

# What the pipeline itself costs: seq5 or fan8. For any number of documents: docket bench --documents N.
bench WORKLOAD='seq5':
    cargo run --release -p docket -- bench --workload {{ WORKLOAD }} --orders 400 --in-flight 16

# Rewrite the generated parts of the docs: the lifecycle's picture and table, the costs, and the counts of calls and units.
docs:
    DOCKET_UPDATE=1 cargo test -p tests --test it -- docs cost counts

# Lint the templates, the workflows and this file.
template:
    .ci/template

# Check licences, banned crates, sources and unused dependencies.
dependencies:
    .ci/dependencies

# Everything that must hold before a merge.
gate:
    .ci/run
