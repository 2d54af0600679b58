//! Implements the five phases for each service.
//!
//! [`extract`], [`classify`], [`review`], [`validate`] and [`generate`] are the deployed functions: the `main` of
//! `functions/<phase>` starts one of them, and the local pipeline registers the same five. Each looks up the order's
//! service in the table of services (`shared/domain/src/service/table.rs`) and calls its [`Service`] method for the phase.
//!
//! A service of this crate is a module (`cma`, `canary`); one with a crate of its own is only named
//! in the table and in this crate's `Cargo.toml`.

mod canary;
mod cma;

use domain::failure::{Failure, NOT_OFFERED};
use domain::for_each_service;
use domain::phase::Phase;
use domain::service::ServiceCode;
use runtime::environment::{Environment, MissingVariable};
use runtime::invocation::Invocation;
use runtime::lambda::Fault;
use runtime::phase::{Job, Outcome};
use runtime::service::{Desk, Presentation, Resources, Service};
use serde_json::Value;

// One match per phase instead of one table of all services' methods, so that a binary only links what its own phase calls.
// The parsers of `extract` are thus in no other function.
macro_rules! phase_functions {
    ($($phase:ident = $variant:ident),*) => {$(
        #[doc = concat!("The `", stringify!($phase), "` function.")]
        pub mod $phase {
            use super::*;

            /// The resources that the function may touch, built from the environment.
            ///
            /// # Errors
            /// [`MissingVariable`] names the first variable that is missing.
            pub fn resources(environment: &Environment) -> Result<Resources, MissingVariable> {
                Resources::of_phase(environment, Phase::$variant)
            }

            /// Handles one invocation.
            ///
            /// # Errors
            /// [`Fault`] when the event is not from SQS.
            pub async fn handle(resources: &Resources, invocation: Invocation, event: Value) -> Result<Value, Fault> {
                let work = async |job: &mut Job| super::$phase(resources, job).await;
                runtime::phase::handle(&resources.pipeline, Phase::$variant, &invocation, event, work).await
            }
        }

        for_each_service!(dispatch $phase);
    )*};
}

macro_rules! dispatch {
    (($phase:ident) $($(#[$_:meta])* $variant:ident = $code:literal $(planned)? $(by $service:path)? { $($description:tt)* };)*) => {
        async fn $phase(resources: &Resources, job: &mut Job) -> Result<Outcome, Failure> {
            match job.order.service_code() {
                $(ServiceCode::$variant => call!($phase(resources, job) $($service)?),)*
            }
        }
    };
}

macro_rules! call {
    ($phase:ident($resources:ident, $job:ident)) => {
        Err(NOT_OFFERED)
    };
    ($phase:ident($resources:ident, $job:ident) $service:path) => {
        <$service as Service>::$phase($resources, $job).await
    };
}

phase_functions!(extract = Extract, classify = Classify, review = Review, validate = Validate, generate = Generate);

macro_rules! presentation {
    (() $($(#[$_:meta])* $variant:ident = $code:literal $(planned)? $(by $service:path)? { $($description:tt)* };)*) => {
        /// How the `docket` command presents a service.
        #[must_use]
        pub fn presentation(service: ServiceCode) -> Presentation {
            match service {
                $(ServiceCode::$variant => presentation_of!($($service)?),)*
            }
        }
    };
}

macro_rules! presentation_of {
    () => {
        Presentation::PLAIN
    };
    ($service:path) => {
        <$service as Service>::PRESENTATION
    };
}

for_each_service!(presentation);

macro_rules! desk {
    (() $($(#[$_:meta])* $variant:ident = $code:literal $(planned)? $(by $service:path)? { $($description:tt)* };)*) => {
        /// How the desk presents a service.
        #[must_use]
        pub fn desk(service: ServiceCode) -> Desk {
            match service {
                $(ServiceCode::$variant => desk_of!($($service)?),)*
            }
        }
    };
}

macro_rules! desk_of {
    () => {
        Desk::PLAIN
    };
    ($service:path) => {
        <$service as Service>::DESK
    };
}

for_each_service!(desk);

macro_rules! implementations {
    (() $($(#[$_:meta])* $variant:ident = $code:literal $(planned)? $(by $service:path)? { $($description:tt)* };)*) => {
        const IMPLEMENTATIONS: &[&str] = &[$($(stringify!($service),)?)*];
    };
}

for_each_service!(implementations);

/// Names of the crates that implement services, as they appear in log lines.
pub fn crates() -> impl Iterator<Item = &'static str> {
    IMPLEMENTATIONS.iter().map(|path| match path.split("::").next().map(str::trim) {
        Some("self") | None => env!("CARGO_CRATE_NAME"),
        Some(name) => name,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_service_of_this_crate_logs_in_its_name() {
        assert!(super::crates().any(|name| name == "services"));
    }
}
