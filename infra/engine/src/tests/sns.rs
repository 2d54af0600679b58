//! SNS: what is published can be listed.

use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;

use super::deployed;

const TOPIC: &str = "
Resources:
  Alerts: { Type: AWS::SNS::Topic, Properties: { TopicName: alerts } }
";

#[tokio::test(start_paused = true)]
async fn a_publication_is_listed_as_it_was_sent() {
    let (aws, stack) = deployed(TOPIC);
    let client = Client::new(&aws.sdk_config());
    let attribute = MessageAttributeValue::builder().data_type("String").string_value("f-1").build().unwrap();
    let text = "Order 1 failed: a < b & \"c\" = 100 %\nReconnect.";
    let publish = client.publish().topic_arn(&stack.topics["Alerts"].arn).subject("Failed").message(text);
    let published = publish.message_attributes("failure_id", attribute).send().await.unwrap();
    let listed = aws.publications(0).unwrap();
    assert_eq!((listed[0].message.as_str(), listed[0].subject.as_deref()), (text, Some("Failed")));
    assert_eq!(Some(listed[0].id.as_str()), published.message_id());
    assert_eq!(listed[0].attributes["failure_id"]["StringValue"], "f-1");
    assert!(aws.publications(listed[0].number).unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_absent_topic_is_not_found() {
    let (aws, _) = deployed(TOPIC);
    let client = Client::new(&aws.sdk_config());
    let publish = client.publish().topic_arn(aws.account().arn("sns", "absent")).message("x").send().await;
    assert!(publish.unwrap_err().into_service_error().is_not_found_exception());
    let publish = client.publish().topic_arn(aws.account().arn("sns", "alerts")).message("").send().await;
    assert!(publish.unwrap_err().into_service_error().is_invalid_parameter_exception());
    assert_eq!(client.list_topics().send().await.unwrap().topics().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn attributes_have_a_value_and_count_towards_the_size_of_a_message() {
    let (aws, stack) = deployed(TOPIC);
    let client = Client::new(&aws.sdk_config());
    let publish = |length: usize, value: Option<&str>| {
        let attribute = MessageAttributeValue::builder().data_type("String").set_string_value(value.map(str::to_owned));
        let request = client.publish().topic_arn(&stack.topics["Alerts"].arn).message("x".repeat(length));
        request.message_attributes("kind", attribute.build().unwrap()).send()
    };
    let without_value = publish(1, None).await.unwrap_err().into_service_error();
    assert!(without_value.is_invalid_parameter_value_exception());
    // "kind", "String" and "failure" are 17 bytes.
    publish(256 * 1024 - 17, Some("failure")).await.unwrap();
    let too_long = publish(256 * 1024 - 16, Some("failure")).await.unwrap_err().into_service_error();
    assert!(too_long.is_invalid_parameter_exception());
}
