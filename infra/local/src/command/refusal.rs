//! Says what to do when AWS does not do what a command about a deployed stage asks.

#[cfg(test)]
mod tests;

use super::Problem;
use super::place::Deployed;

/// Codes of credentials that were valid once.
const EXPIRED: [&str; 4] = ["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"];
/// Codes of credentials, or of signatures made with them, that AWS does not accept.
const NOT_ACCEPTED: [&str; 14] = [
    "AuthFailure",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSecurity",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "NotAuthorized",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];
/// Codes of calls that the caller may not make.
const DENIED: [&str; 8] = [
    "AccessDenied",
    "AccessDeniedException",
    "AllAccessDisabled",
    "AuthorizationError",
    "Forbidden",
    "KMS.AccessDeniedException",
    "KmsAccessDenied",
    "UnauthorizedOperation",
];
/// Codes of a table, a queue or a bucket that does not exist in the region.
const ABSENT: [&str; 6] = [
    "AWS.SimpleQueueService.NonExistentQueue",
    "NoSuchBucket",
    "PermanentRedirect",
    "QueueDoesNotExist",
    "ResourceNotFoundException",
    "com.amazonaws.sqs#QueueDoesNotExist",
];

/// How credentials get into the environment.
pub(super) const EXPORT: &str = "export the credentials of the account, for example with `aws configure export-credentials \
                                 --format env`, and AWS_REGION";

/// One sentence about a failed call, which says what to do.
pub(super) fn explain(deployed: &Deployed, error: &aws::Error) -> Problem {
    match error {
        aws::Error::Unavailable { code, .. } if code == "no connection" => Problem::Failed(format!(
            "AWS cannot be reached in the region {}; check the network and AWS_REGION",
            deployed.region
        )),
        aws::Error::Unavailable { operation, code } => {
            let action = Action::of(deployed, operation);
            Problem::Failed(format!("{} is temporarily unavailable ({code}); try again in a minute", action.name))
        }
        aws::Error::Refused { operation, code } => refused(deployed, operation, code),
        aws::Error::Damaged { operation } => {
            let resource = Action::of(deployed, operation).resource;
            Problem::Failed(format!(
                "the {resource} holds something that cannot be read: a newer version of docket wrote it, or it is damaged; \
                 use the docket of the deployed version"
            ))
        }
        aws::Error::Missing { .. } | aws::Error::TooLarge { .. } => Problem::failed(error),
    }
}

fn refused(deployed: &Deployed, operation: &str, code: &str) -> Problem {
    let Action { name, resource } = Action::of(deployed, operation);
    let Deployed { stage, region, .. } = deployed;
    if EXPIRED.contains(&code) {
        return Problem::Failed(format!("the credentials have expired; sign in again, then {EXPORT}"));
    }
    if NOT_ACCEPTED.contains(&code) {
        return Problem::Failed(format!(
            "AWS does not accept the credentials ({code}); check this machine's clock, and {EXPORT}"
        ));
    }
    if DENIED.contains(&code) {
        let absent =
            if operation == "GetObject" { "; S3 also answers so for an object that does not exist" } else { "" };
        return Problem::Failed(format!(
            "these credentials may not {name} on the {resource}{absent}; docs/guide/OPERATIONS.md has the policy that an \
             operator needs, and what a key of your own needs in addition"
        ));
    }
    if ABSENT.contains(&code) {
        return Problem::Usage(format!(
            "there is no stage {stage} in {region} that these credentials may see: no {resource} ({name}); check --stage, \
             AWS_REGION and whose credentials they are"
        ));
    }
    Problem::Failed(format!(
        "AWS refused {name} on the {resource} ({code}); check --stage, AWS_REGION and AWS_ENDPOINT_URL"
    ))
}

/// What a call needs the permission for.
struct Action {
    name: String,
    resource: String,
}

impl Action {
    /// The action of an API operation, as policies name it, and the stage's resource that a command calls it on.
    fn of(deployed: &Deployed, operation: &str) -> Self {
        let stage = &deployed.stage;
        let (name, resource) = match operation {
            "GetQueueUrl" | "SendMessage" => (format!("sqs:{operation}"), format!("queue {}", stage.command_queue())),
            "HeadObject" => ("s3:GetObject".to_owned(), format!("bucket {}", stage.document_bucket("<account>"))),
            "GetObject" | "PutObject" => {
                (format!("s3:{operation}"), format!("bucket {}", stage.document_bucket("<account>")))
            }
            "Query" => ("dynamodb:Query".to_owned(), format!("table {} and its index by_firm", stage.table())),
            _ => (format!("dynamodb:{operation}"), format!("table {}", stage.table())),
        };
        Self { name, resource }
    }
}
