use aws_types::SdkConfig;
use aws_types::region::Region;

use super::*;

fn explained(operation: &'static str, code: &str) -> (bool, String) {
    let configuration = SdkConfig::builder().region(Region::new("ap-south-1")).build();
    let deployed = Deployed::new("prod".parse().unwrap(), "acme".parse().unwrap(), &configuration);
    let problem = explain(&deployed, &aws::Error::Refused { operation, code: code.to_owned() });
    (matches!(problem, Problem::Usage(_)), problem.to_string())
}

#[test]
fn a_missing_permission_is_named_with_what_it_is_missing_on() {
    for (operation, code, names) in [
        ("GetItem", "AccessDeniedException", "may not dynamodb:GetItem on the table docket-prod;"),
        ("Query", "AccessDeniedException", "may not dynamodb:Query on the table docket-prod and its index by_firm;"),
        ("GetObject", "AccessDenied", "may not s3:GetObject on the bucket docket-prod-documents-<account>;"),
        ("HeadObject", "AccessDenied", "may not s3:GetObject on"),
        ("PutObject", "AccessDenied", "may not s3:PutObject on"),
        ("SendMessage", "AccessDenied", "may not sqs:SendMessage on the queue docket-prod-command;"),
        ("SendMessage", "KMS.AccessDeniedException", "may not sqs:SendMessage on the queue"),
        ("GetQueueUrl", "AccessDenied", "may not sqs:GetQueueUrl on the queue docket-prod-command;"),
    ] {
        let (is_usage, text) = explained(operation, code);
        assert!(!is_usage && text.contains(names) && text.contains("OPERATIONS.md"), "{operation}: {text}");
    }
}

#[test]
fn expired_and_unknown_credentials_are_told_apart() {
    assert!(explained("GetQueueUrl", "ExpiredToken").1.starts_with("the credentials have expired; sign in again"));
    let (_, unknown) = explained("GetQueueUrl", "InvalidClientTokenId");
    assert!(unknown.starts_with("AWS does not accept the credentials (InvalidClientTokenId)"), "{unknown}");
}

#[test]
fn a_stage_that_does_not_exist_is_wrong_usage_and_the_region_is_named() {
    for (operation, code) in [
        ("GetQueueUrl", "AWS.SimpleQueueService.NonExistentQueue"),
        ("GetItem", "ResourceNotFoundException"),
        ("GetObject", "NoSuchBucket"),
    ] {
        let (is_usage, text) = explained(operation, code);
        assert!(is_usage && text.starts_with("there is no stage prod in ap-south-1"), "{text}");
    }
}

#[test]
fn every_problem_is_one_line() {
    for code in ["ExpiredToken", "AuthFailure", "AccessDenied", "NoSuchBucket", "ValidationException"] {
        let (_, text) = explained("GetItem", code);
        assert!(!text.contains('\n') && text.contains("; "), "{text}");
    }
}
