//! Lambda: what is deployed is told as the API tells it.

use std::collections::BTreeMap;

use aws_sdk_lambda::Client;

use super::deployed;
use crate::Aws;
use crate::lambda::Alias;

const FUNCTIONS: &str = "
Resources:
  Letters: { Type: AWS::SQS::Queue, Properties: { QueueName: letters } }
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: hello
      Runtime: provided.al2023
      Architectures: [arm64]
      MemorySize: 512
      Tags: { Team: post }
      ReservedConcurrentExecutions: 5
      Environment: { Variables: { LETTERS_URL: !Ref Letters } }
      Events:
        Letters: { Type: SQS, Properties: { Queue: !GetAtt Letters.Arn, ScalingConfig: { MaximumConcurrency: 3 } } }
  Other: { Type: AWS::Serverless::Function, Properties: { FunctionName: other } }
";

fn account() -> (Aws, Client) {
    let (aws, _) = deployed(FUNCTIONS);
    let client = Client::new(&aws.sdk_config());
    (aws, client)
}

#[tokio::test(start_paused = true)]
async fn a_function_is_described_with_its_configuration_tags_and_concurrency() {
    let (aws, client) = account();
    let whole = client.get_function().function_name("hello").send().await.unwrap();
    let configuration = client.get_function_configuration().function_name("hello").send().await.unwrap();
    assert_eq!(configuration.memory_size(), Some(512));
    let digest = whole.configuration().and_then(|configuration| configuration.code_sha256());
    assert!(digest.is_some_and(|digest| digest.len() == 44));
    assert_eq!(configuration.code_sha256(), digest);
    let variables = configuration.environment().and_then(|environment| environment.variables()).unwrap();
    assert_eq!(variables["LETTERS_URL"], aws.account().queue_url("letters"));
    let arn = configuration.function_arn().unwrap();
    let tags = client.list_tags().resource(arn).send().await.unwrap().tags.unwrap();
    assert_eq!((tags["Team"].as_str(), whole.tags()), ("post", Some(&tags)));
    let concurrency = client.get_function_concurrency().function_name("hello").send().await.unwrap();
    assert_eq!(concurrency.reserved_concurrent_executions(), Some(5));
}

#[tokio::test(start_paused = true)]
async fn lists_are_paged() {
    let (aws, client) = account();
    let first = client.list_functions().max_items(1).send().await.unwrap();
    assert_eq!(first.functions()[0].function_name(), Some("hello"));
    let second = client.list_functions().marker(first.next_marker().unwrap()).send().await.unwrap();
    assert_eq!(second.functions()[0].function_name(), Some("other"));
    assert_eq!(second.next_marker(), None);
    let alias = Alias { version: "1".to_owned(), further: BTreeMap::from([("2".to_owned(), 0.25)]) };
    aws.change_functions(|functions| {
        let hello = functions.get_mut("hello").unwrap();
        hello.versions.extend([("1".to_owned(), "a".to_owned()), ("2".to_owned(), "b".to_owned())]);
        hello.aliases.insert("live".to_owned(), alias);
    });
    let versions = client.list_versions_by_function().function_name("hello").send().await.unwrap();
    let numbers: Vec<_> = versions.versions().iter().filter_map(|version| version.version()).collect();
    assert_eq!(numbers, ["$LATEST", "1", "2"]);
    let aliases = client.list_aliases().function_name("hello").send().await.unwrap();
    let weights = aliases.aliases()[0].routing_config().and_then(|routing| routing.additional_version_weights());
    assert_eq!(weights.map(|weights| weights["2"].to_string()).as_deref(), Some("0.25"));
}

#[tokio::test(start_paused = true)]
async fn mappings_belong_to_the_function_or_the_alias_they_invoke() {
    let (aws, client) = account();
    let list = async |name: &str| {
        let listed = client.list_event_source_mappings().function_name(name).send().await.unwrap();
        listed.event_source_mappings.unwrap_or_default()
    };
    let mappings = list("hello").await;
    assert_eq!(mappings[0].event_source_arn(), Some(aws.account().arn("sqs", "letters").as_str()));
    assert_eq!(mappings[0].scaling_config().and_then(|scaling| scaling.maximum_concurrency()), Some(3));
    assert!(list("hello:live").await.is_empty());
    aws.change_functions(|functions| functions.get_mut("hello").unwrap().mappings[0].alias = Some("live".to_owned()));
    assert_eq!((list("hello").await.len(), list("hello:live").await.len()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn an_absent_function_is_not_found() {
    let (_, client) = account();
    let error = client.list_aliases().function_name("absent").send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_not_found_exception());
}
