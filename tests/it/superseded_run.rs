//! Checks that a job stays with its own run and shows its progress when other functions change its order meanwhile.

use std::cell::RefCell;
use std::rc::Rc;

use domain::event::{Event, EventKind};
use domain::failure::Failure;
use domain::id::RunNumber;
use domain::lifecycle::decide;
use domain::order::{Artifact, Order};
use domain::phase::Phase;
use domain::status::OrchestrationStatus;
use engine::InvokeError;
use runtime::phase::{Job, Outcome};
use runtime::pipeline::Pipeline as Clients;
use tests::pipeline::{OrderRequest, Pipeline};

const GENERATE: &str = "GenerateFunction";

/// Changes the order concurrently, as another function would.
async fn change_order(clients: &Clients, order: Order, kind: EventKind) -> Order {
    let event = Event::new(clients.clock.now(), kind.name().to_owned(), kind);
    let decision = decide(&order, &event).unwrap();
    assert!(matches!(clients.store.write(&decision).await.unwrap(), aws::store::Written::Done));
    decision.into_order()
}

fn artifact(run: RunNumber) -> Artifact {
    Artifact { version: 0, run, name: "a".to_owned(), sha256: "0".to_owned(), bytes: 1 }
}

/// Makes generate do `work` inside the real handling of a phase.
fn register_generate(
    pipeline: &mut Pipeline,
    work: impl AsyncFn(&Clients, &mut Job) -> Result<Outcome, Failure> + 'static,
) {
    let environment = pipeline.local.environment(GENERATE).unwrap();
    let clients = Rc::new(Clients::of_phase(&environment, Phase::Generate).unwrap());
    let work = Rc::new(work);
    let handler = move |invocation: engine::Invocation| {
        let (clients, work) = (Rc::clone(&clients), Rc::clone(&work));
        async move {
            let engine::Invocation { request_id, deadline, event, .. } = invocation;
            let invocation = runtime::invocation::Invocation { request_id, deadline };
            let work = async |job: &mut Job| work(&clients, job).await;
            let answer = runtime::phase::handle(&clients, Phase::Generate, &invocation, event, work).await;
            answer.map_err(|fault| InvokeError::Failed(fault.to_string()))
        }
    };
    pipeline.local.driver.register(GENERATE, handler).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_superseded_run_does_not_render_for_the_next_run() {
    let mut pipeline = Pipeline::new();
    let rendered = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&rendered);
    register_generate(&mut pipeline, async move |clients, job| {
        if job.order.run().get() == 2 {
            let cancelled = change_order(clients, job.order.clone(), EventKind::Cancelled).await;
            let again = EventKind::Regenerated { run: cancelled.run(), start_from: Phase::Classify };
            change_order(clients, cancelled, again).await;
        }
        job.start_rendering(clients).await?;
        seen.borrow_mut().push((job.unit.run.get(), job.order.run().get()));
        Ok(Outcome::Artifacts(vec![artifact(job.unit.run)]))
    });
    let id = pipeline.submit(&OrderRequest::canary()).await;
    pipeline.settle().await;
    let run = pipeline.order(id).await.run();
    let again = domain::message::Command::Regenerate { run, start_from: None };
    pipeline.client.command(id, again).await.unwrap();
    pipeline.settle().await;
    assert_eq!(rendered.borrow()[..2], [(1, 1), (2, 2)], "the second job stays with its run");
}

#[tokio::test(start_paused = true)]
async fn an_order_shows_that_it_renders_although_another_function_writes_it_meanwhile() {
    for written_meanwhile in [false, true] {
        let mut pipeline = Pipeline::new();
        let shown = Rc::new(RefCell::new(Vec::new()));
        let seen = Rc::clone(&shown);
        register_generate(&mut pipeline, async move |clients, job| {
            if written_meanwhile {
                let resent = EventKind::HandOffResent { run: job.unit.run, phase: Phase::Generate };
                change_order(clients, job.order.clone(), resent).await;
            }
            job.start_rendering(clients).await?;
            let stored = clients.store.order(job.order.firm_id(), job.order.order_id()).await.unwrap().unwrap();
            seen.borrow_mut().push(stored.orchestration_status());
            Ok(Outcome::Artifacts(vec![artifact(job.unit.run)]))
        });
        pipeline.submit(&OrderRequest::canary()).await;
        pipeline.settle().await;
        assert_eq!(*shown.borrow(), [OrchestrationStatus::Rendering], "written meanwhile: {written_meanwhile}");
    }
}
