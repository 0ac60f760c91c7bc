//! What a life is given.

mod ground;

use ground::Ground;
use regrow_core::Incarnation;
use regrow_tasks::{Context, ExitReason, Start, Stopped};
use std::{
    future::pending,
    sync::{Arc, Mutex},
};
use tokio_util::sync::CancellationToken;

const FIRST: Incarnation = Incarnation::new(1);

#[tokio::test]
async fn asked_life_stops() {
    let ground = Ground::new();
    ground.spawn(Start::plain(|ctx: Context| async move {
        ctx.until_stopped(pending::<()>()).await?;
        Ok::<(), Stopped>(())
    }));
    ground.until(|told| told == ["started"]).await;
    ground.entry.ask(FIRST);
    assert!(matches!(ground.exited().await, ExitReason::Stopped));
}

#[tokio::test]
async fn stop_is_seen_by_a_loop_whose_work_is_always_ready() {
    let ground = Ground::new();
    let entry = ground.entry.clone();
    ground.spawn(Start::plain(move |ctx: Context| {
        entry.ask(FIRST);
        async move {
            loop {
                ctx.until_stopped(async {}).await?;
            }
            #[expect(unreachable_code, reason = "it tells the type")]
            Ok::<(), Stopped>(())
        }
    }));
    assert!(matches!(ground.exited().await, ExitReason::Stopped));
}

#[tokio::test]
async fn an_older_life_stays_asked() {
    let ground = Ground::new();
    let kept = Arc::new(Mutex::new(None));
    let keep = kept.clone();
    ground.spawn(Start::plain(move |ctx: Context| {
        *keep.lock().unwrap() = Some(ctx);
        async {}
    }));
    ground.exited().await;
    let old = kept.lock().unwrap().take().unwrap();
    assert!(old.is_stopping(), "a life that is over is asked to stop");
    old.stopped().await;
}

#[tokio::test]
async fn token_is_cancelled_with_the_stop_or_the_end() {
    let ground = Ground::new();
    let kept: Arc<Mutex<Vec<CancellationToken>>> = Arc::default();
    let keep = kept.clone();
    ground.spawn(Start::plain(move |ctx: Context| {
        let tokens = [ctx.token(), ctx.token()];
        keep.lock().unwrap().extend(tokens);
        async move { ctx.stopped().await }
    }));
    ground.until(|told| told == ["started"]).await;
    let tokens = kept.lock().unwrap().clone();
    assert!(tokens.iter().all(|token| !token.is_cancelled()));
    ground.entry.ask(FIRST);
    for token in tokens {
        token.cancelled().await;
    }

    let ground = Ground::new();
    let keep = kept.clone();
    ground.spawn(Start::plain(move |ctx: Context| {
        keep.lock().unwrap().push(ctx.token());
        async {}
    }));
    ground.exited().await;
    let last = kept.lock().unwrap().pop().unwrap();
    assert!(last.is_cancelled(), "the life is over");
}

#[tokio::test]
async fn code_inside_a_life_knows_where_it_runs() {
    fn deep_inside() -> Option<String> {
        Context::current().map(|ctx| ctx.runtime_name().to_string())
    }

    assert_eq!(deep_inside(), None);
    let ground = Ground::new();
    let seen: Arc<Mutex<Vec<Option<String>>>> = Arc::default();
    let see = seen.clone();
    ground.spawn(Start::plain(move |_| {
        let see = see.clone();
        async move {
            see.lock().unwrap().push(deep_inside());
            tokio::task::yield_now().await;
            see.lock().unwrap().push(deep_inside());
            let outside = tokio::spawn(async { deep_inside() }).await.unwrap();
            see.lock().unwrap().push(outside);
        }
    }));
    ground.exited().await;
    let root = Some("root".to_owned());
    assert_eq!(*seen.lock().unwrap(), [root.clone(), root, None]);
}

#[tokio::test]
async fn abandoned_life_holds_its_name_until_it_ends() {
    let ground = Ground::new();
    let life = ground.spawn(Start::plain(|_| pending::<()>()));
    ground.until(|told| told == ["started"]).await;
    let abandoned = ground.entry.abandon(FIRST).expect("it lives");
    let reaper = ground.entry.directory().tree().reaper();
    assert_eq!(abandoned.runtime_name, "root");
    assert!(reaper.reserves(&ground.entry.runtime_name()).is_some());
    life.kill();
    ground.until(|told| told.len() == 3).await;
    assert_eq!(
        ground.told(),
        ["started", "exited: killed", "root #1 is gone"]
    );
    assert!(reaper.is_empty());
    assert!(ground.entry.abandon(FIRST).is_none(), "it is over");
}
