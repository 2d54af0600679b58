//! The services that a client can order.

#[macro_use]
mod table;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::{DocumentNumber, Subject};
use crate::phase::Phase;

/// A text that is no service's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such service; the services are {}", list(ServiceCode::ALL))]
pub struct UnknownService;

/// What the pipeline needs to know about a service. `shared/services` holds what its phases do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Description {
    /// Whether an order must bring at least one document.
    pub needs_documents: bool,
    /// Names of the processors of each phase, as executions record them. The first one of `extract` executes documents.
    pub processors: &'static [(Phase, &'static str)],
    /// Progress of an order from phase to phase.
    pub progress: Bands,
}

/// A service with documents and the usual progress. A row of the table states only what differs.
const STANDARD: Description = Description { needs_documents: true, processors: &[], progress: Bands::STANDARD };

/// Each phase's share of the progress. A phase begins where the previous one ends, so there are no gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bands {
    ends_percent: [u8; Phase::ALL.len()],
}

impl Bands {
    /// Bands for a service whose phases take about as long as those of most others.
    pub const STANDARD: Self = Self::ending_at([25, 50, 60, 80, 100]);

    /// Bands by the percentage at which each phase ends. Does not compile in the table unless they rise to 100.
    #[must_use]
    pub const fn ending_at(ends_percent: [u8; Phase::ALL.len()]) -> Self {
        let mut index = 1;
        while index < ends_percent.len() {
            assert!(ends_percent[index - 1] <= ends_percent[index], "a phase ends before it begins");
            index += 1;
        }
        assert!(ends_percent[ends_percent.len() - 1] == 100, "the last phase ends at 100 %");
        Self { ends_percent }
    }

    /// Where a phase begins and ends, in percent.
    #[must_use]
    pub fn of(self, phase: Phase) -> (u8, u8) {
        let end = |phase: Phase| self.ends_percent[phase as usize];
        let start = Phase::ALL.into_iter().rfind(|earlier| *earlier < phase).map_or(0, end);
        (start, end(phase))
    }
}

macro_rules! service_code {
    (() $($(#[$documentation:meta])* $variant:ident = $code:literal $(planned)? $(by $service:path)? { $($description:tt)* };)*) => {
        /// A service by its code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum ServiceCode {
            $($(#[$documentation])* #[serde(rename = $code)] $variant,)*
        }

        impl ServiceCode {
            /// All services, planned ones included.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The code as it is stored and shown.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// Whether orders for it are carried out. An order for a planned service fails with
            /// [`NOT_OFFERED`](crate::failure::NOT_OFFERED).
            #[must_use]
            pub fn is_offered(self) -> bool {
                match self { $(Self::$variant => is_implemented!($($service)?),)* }
            }

            /// What the pipeline needs to know about it.
            #[must_use]
            pub fn description(self) -> &'static Description {
                use Phase::*;
                match self { $(Self::$variant => const { &Description { $($description)* } },)* }
            }
        }
    };
}

macro_rules! is_implemented {
    () => {
        false
    };
    ($service:path) => {
        true
    };
}

for_each_service!(service_code);

impl ServiceCode {
    /// Whether an order of this service must bring at least one document.
    #[must_use]
    pub fn needs_documents(self) -> bool {
        self.description().needs_documents
    }

    /// Names of the processors that work in a phase.
    pub fn processors(self, phase: Phase) -> impl Iterator<Item = &'static str> {
        let all = self.description().processors.iter();
        all.filter(move |(works_in, _)| *works_in == phase).map(|(_, name)| *name)
    }

    /// Name of the processor that executes one document, as executions record it.
    #[must_use]
    pub fn document_processor(self) -> &'static str {
        self.processors(Phase::Extract).next().unwrap_or_default()
    }

    /// The execution with a number among those of an order: its processor and what it works on. So far each document is
    /// executed by one processor, so the number is the document's.
    #[must_use]
    pub fn execution(self, number: DocumentNumber) -> (&'static str, Subject) {
        (self.document_processor(), Subject::Document(number))
    }

    /// Progress in percent at a phase's start and at its end.
    #[must_use]
    pub fn progress_percent(self, phase: Phase) -> (u8, u8) {
        self.description().progress.of(phase)
    }
}

/// The codes of services as part of a sentence: `CMA, UNDERWRITING and CANARY`.
#[must_use]
pub fn list(services: &[ServiceCode]) -> String {
    let codes: Vec<_> = services.iter().map(|service| service.as_str()).collect();
    match codes.as_slice() {
        [first @ .., before, last] => {
            let first: String = first.iter().flat_map(|code| [code, ", "]).collect();
            format!("{first}{before} and {last}")
        }
        few => few.concat(),
    }
}

impl FromStr for ServiceCode {
    type Err = UnknownService;

    fn from_str(text: &str) -> Result<Self, UnknownService> {
        let named = |service: &&Self| service.as_str().eq_ignore_ascii_case(text);
        Self::ALL.iter().find(named).copied().ok_or(UnknownService)
    }
}

impl fmt::Display for ServiceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_stored_and_parsed_as_they_are_shown() {
        for service in ServiceCode::ALL {
            let stored = serde_json::to_value(service).unwrap_or_default();
            assert_eq!(stored, service.as_str());
            assert_eq!(serde_json::from_value::<ServiceCode>(stored).ok(), Some(*service));
            assert_eq!(service.to_string().to_lowercase().parse(), Ok(*service));
        }
        assert_eq!("TAX".parse::<ServiceCode>(), Err(UnknownService));
        assert_eq!(
            UnknownService.to_string(),
            "there is no such service; the services are CMA, UNDERWRITING, REPOSITORY_DOCS and CANARY"
        );
    }

    #[test]
    fn a_list_reads_like_a_sentence() {
        let [first, second, third, ..] = *ServiceCode::ALL else { unreachable!("there are more than three services") };
        assert_eq!(list(&[]), "");
        assert_eq!(list(&[first]), "CMA");
        assert_eq!(list(&[first, second]), "CMA and UNDERWRITING");
        assert_eq!(list(&[first, second, third]), "CMA, UNDERWRITING and REPOSITORY_DOCS");
    }

    #[test]
    fn the_progress_of_every_service_goes_from_0_to_100_without_a_gap() {
        for service in ServiceCode::ALL {
            let mut reached = 0;
            for phase in Phase::ALL {
                let (start, end) = service.progress_percent(phase);
                assert!(start == reached && start <= end, "{service} {phase}: {start} to {end} after {reached}");
                reached = end;
            }
            assert_eq!(reached, 100, "{service}");
        }
    }

    #[test]
    fn every_service_names_the_processor_of_its_documents() {
        for service in ServiceCode::ALL {
            assert!(service.document_processor().starts_with("p_"), "{service}");
        }
    }
}
