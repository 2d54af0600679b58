//! Alerts that cannot be read stop no other.

use super::*;

/// Failures of a kind that this version does not know, in every shard of the index, as a newer version may have left them.
async fn put_unreadable_alerts(pipeline: &Pipeline, like: &Item, per_shard: u128) {
    for number in 0..4 * per_shard {
        let id = OrderId::from_parts(1, 1_000 + number);
        let text = |text: String| AttributeValue::S(text);
        let mut one = like.clone();
        one.extend(key(id));
        one.extend([
            ("sk".to_owned(), text("FAILURE#r1-extract".to_owned())),
            ("order_id".to_owned(), text(id.to_string())),
            ("failure_id".to_owned(), text("r1-extract".to_owned())),
            ("category".to_owned(), text("of_a_newer_version".to_owned())),
            ("alert".to_owned(), text("pending".to_owned())),
            ("watch".to_owned(), text(format!("alert-{}", number % 4))),
            ("watch_since".to_owned(), AttributeValue::N("1".to_owned())),
        ]);
        put(pipeline, one).await;
    }
}

#[tokio::test(start_paused = true)]
async fn alerts_that_cannot_be_read_are_reported_once_and_stop_no_other() {
    let mut pipeline = Pipeline::new();
    pipeline.intercept(Arc::new(Disconnected(|call| call.service == Service::Sns)));
    let id = pipeline.submit(&OrderRequest::canary_with(1, &[1])).await;
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(30))).await;
    lose_messages(&pipeline).await;
    let mut failure = key(id);
    failure.insert("sk".to_owned(), AttributeValue::S("FAILURE#r1-extract".to_owned()));
    let (client, name) = table(&pipeline);
    let failure = client.get_item().table_name(name).set_key(Some(failure)).send().await.unwrap().item.unwrap();
    put_unreadable_alerts(&pipeline, &failure, 3).await;
    pipeline.local.aws.intercept(None);
    run_for_hours(&mut pipeline, 1).await;
    assert!(pipeline.client.failures(id).await.unwrap().iter().all(|failure| failure.alert == AlertState::Sent));
    let reported =
        || outcome::alerts(&pipeline).into_keys().filter(|id| id.contains("reconcile.alert_damaged")).count();
    assert_eq!(reported(), 11, "ten by themselves, and a digest of two");
    let published = outcome::publication_count(&pipeline);
    // Later passes say nothing more, and leave the alerts to a version that can read them.
    let log = capture();
    run_for_hours(&mut pipeline, 30).await;
    assert_eq!(outcome::publication_count(&pipeline), published);
    assert!(!log.text().contains("cannot be repaired"), "{}", log.text());
    let store = store(&pipeline);
    let (waiting, _) = store.watched(WatchList::Alerts, Timestamp::MAX, 1_000).await.unwrap();
    assert_eq!(waiting.len(), 12);
    // A newer version, or whoever repairs them, has them published within a day.
    for number in 0..12 {
        let mut one = failure.clone();
        let id = OrderId::from_parts(1, 1_000 + number);
        one.extend(key(id));
        one.insert("sk".to_owned(), AttributeValue::S("FAILURE#r1-extract".to_owned()));
        let stored = {
            let (client, name) = table(&pipeline);
            let key: Item = one
                .iter()
                .filter(|(name, _)| *name == "pk" || *name == "sk")
                .map(|(n, v)| (n.clone(), v.clone()))
                .collect();
            client.get_item().table_name(name).set_key(Some(key)).send().await.unwrap().item.unwrap()
        };
        put(
            &pipeline,
            Item::from_iter(
                stored.into_iter().chain([("category".to_owned(), AttributeValue::S("permanent".to_owned()))]),
            ),
        )
        .await;
    }
    run_for_hours(&mut pipeline, 25).await;
    assert_eq!(watched_count(&pipeline).await, 0);
}
