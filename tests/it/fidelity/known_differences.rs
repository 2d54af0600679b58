//! Lists the known differences between the two implementations, explained in `docs/evidence/FIDELITY.md`. A sequence
//! ends at one.

use serde_json::Value;

/// A difference: its name in the document, and how to recognise it.
struct Known {
    name: &'static str,
    is: fn(step: &str, ours: &Value, theirs: &Value) -> bool,
}

const KNOWN: &[Known] = &[
    Known {
        name: "topic: an empty message",
        is: |step, ours, _| step.contains("size: 0,") && ours["code"] == "InvalidParameter",
    },
    Known {
        name: "topic: a line break in a subject",
        is: |step, ours, _| step.contains("two\\nlines") && ours["code"] == "InvalidParameter",
    },
    Known {
        name: "message attribute without a value",
        is: |step, ours, theirs| step.contains("attributes: WithoutValue") && refused(ours) && !refused(theirs),
    },
    Known {
        name: "queue: a message attribute of an unknown type",
        is: |step, ours, theirs| step.contains("attributes: UnknownType") && refused(ours) && !refused(theirs),
    },
    Known {
        name: "topic: a subject of more than 100 characters",
        is: |step, ours, _| step.contains(&"x".repeat(101)) && ours["code"] == "InvalidParameter",
    },
    Known {
        name: "queue: more than ten message attributes",
        is: |step, ours, theirs| step.contains("attributes: TooMany") && refused(ours) && !refused(theirs),
    },
    Known {
        name: "queue: a delay beyond the limits",
        is: |step, ours, theirs| {
            let refused = refused(ours) || ours["failed"][0][1] == "InvalidParameterValue";
            (step.contains("delay_s: Some(901)") || step.contains("delay_s: Some(-1)"))
                && refused
                && !self::refused(theirs)
        },
    },
    Known {
        name: "queue: visibility of a message that is not in flight",
        is: |step, ours, theirs| {
            let ours = ours["code"] == "AWS.SimpleQueueService.MessageNotInflight"
                || ours["failed"][0][1] == "AWS.SimpleQueueService.MessageNotInflight";
            step.starts_with("Hide") && ours && theirs["status"].is_null()
        },
    },
    Known {
        name: "table: a repeated transaction with numbers not in their plain form",
        is: |step, ours, theirs| {
            let theirs_differs = theirs[1]["code"] == "IdempotentParameterMismatchException";
            step.contains("repeated: Some") && ours[0] == theirs[0] && ours[1] == "done" && theirs_differs
        },
    },
    Known {
        name: "table: begins_with on a number",
        is: |step, ours, theirs| {
            step.contains("begins_with(")
                && ours["code"] != "ValidationException"
                && theirs["code"] == "ValidationException"
        },
    },
    Known {
        name: "queue: a receipt from before a message moved",
        is: |step, ours, theirs| {
            let moved = |answer: &Value| {
                answer["code"] == "ReceiptHandleIsInvalid"
                    || answer["failed"]
                        .as_array()
                        .is_some_and(|all| all.iter().any(|one| one[1] == "ReceiptHandleIsInvalid"))
            };
            (step.starts_with("Delete") || step.starts_with("Hide")) && ours["status"] != 500 && moved(theirs)
        },
    },
    Known {
        name: "table: which of two errors is reported",
        is: |step, ours, theirs| step.contains("nowhere: true") && refused(ours) && refused(theirs),
    },
    Known {
        name: "table: an empty index key in a transaction that a condition cancels",
        is: |step, ours, theirs| {
            step.starts_with("Transact(")
                && step.contains("S(\"\")")
                && ours["code"] == "TransactionCanceledException"
                && theirs["code"] == "ValidationException"
        },
    },
    Known {
        name: "table: a filter on a key",
        is: |step, ours, theirs| {
            step.starts_with("Query") && ours["code"] == "ValidationException" && theirs["items"].is_array()
        },
    },
    Known {
        name: "table: reasons next to a validation error",
        is: |_, ours, theirs| {
            // A repeated transaction has two answers.
            let (ours, theirs) = if ours.is_array() { (&ours[0], &theirs[0]) } else { (ours, theirs) };
            let reasons = ours["reasons"].as_array().map(Vec::as_slice).unwrap_or_default();
            ours["code"] == theirs["code"] && reasons.iter().any(|reason| reason[0] == "ValidationError")
        },
    },
    Known {
        name: "table: removing below an absent attribute",
        is: |step, ours, _| step.contains("REMOVE ") && ours["code"] == "ValidationException",
    },
    Known { name: "bucket: a page size over 1000", is: |step, _, _| step.contains("count: Some(1001)") },
    Known {
        name: "bucket: a page size of 0",
        is: |step, _, _| step.starts_with("List") && step.contains("count: Some(0)"),
    },
    Known {
        name: "bucket: a range of an empty object",
        is: |_, ours, theirs| ours["code"] == "InvalidRange" && theirs[0][2] == 0,
    },
];

/// The name of the known difference between two answers to `step`, if it is one.
pub(super) fn name(step: &str, ours: &Value, theirs: &Value) -> Option<&'static str> {
    KNOWN.iter().find(|known| (known.is)(step, ours, theirs)).map(|known| known.name)
}

fn refused(answer: &Value) -> bool {
    answer["status"] == 400
}
