//! Contexts inside that of a life.

use std::future::pending;
use std::time::Duration;

use regrow::{BoxError, Cancelled, Change, Context, ExitReason, NestedContext, Restart, Worker};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use crate::story::{SECOND, Story, bounded, root};

const fn millis(span: u64) -> Duration {
    Duration::from_millis(span)
}

/// A tree of one worker, and that worker's context.
async fn lent() -> (Story, Context) {
    let (give, given) = oneshot::channel();
    let w = Worker::once("w", move |context| async move {
        give.send(context.clone()).expect("the story waits");
        context.stopped().await;
    });
    let story = Story::start(root().child(w), "+w +.").await;
    (story, given.await.expect("it lives"))
}

/// Ended for this reason, however it is asked.
async fn assert_ended(context: &NestedContext, why: Cancelled) {
    assert_eq!(bounded(context.cancelled()).await, why);
    assert_eq!(context.cancellation(), Some(why));
    assert!(context.is_cancelled() && context.token().is_cancelled());
    let work = context.until_cancelled(async { panic!("it is not begun") });
    assert_eq!(work.await, Err::<(), _>(why));
    // What is made of it has ended too.
    assert_eq!(context.nested().cancelled().await, why);
    let longer = context.with_timeout(100 * SECOND);
    assert_eq!(longer.cancellation(), Some(why));
}

async fn assert_pending(context: &NestedContext) {
    assert_eq!(context.cancellation(), None);
    assert!(!context.is_cancelled() && !context.token().is_cancelled());
    assert_eq!(context.until_cancelled(async { 1 }).await, Ok(1));
}

async fn cap_101_308_cancelled() {
    let (story, life) = lent().await;
    let context = life.nested();
    assert_eq!(context.context().runtime_name(), life.runtime_name());
    let waiting = tokio::spawn({
        let context = context.clone();
        async move { context.until_cancelled(pending::<()>()).await }
    });
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert_pending(&context).await;
    assert!(!waiting.is_finished());
    context.cancel();
    assert_ended(&context, Cancelled::Cancelled).await;
    assert_eq!(bounded(waiting).await.unwrap(), Err(Cancelled::Cancelled));
    // The life goes on.
    assert!(!life.is_stopping());
    assert_pending(&life.nested()).await;
    story.stops_cleanly("-w -.").await;
}

async fn cap_102_305_child_is_cancelled() {
    let (story, life) = lent().await;
    for parent in [life.nested(), life.with_timeout(100 * SECOND)] {
        let [child, sibling] = [parent.nested(), parent.with_timeout(200 * SECOND)];
        child.cancel();
        assert_ended(&child, Cancelled::Cancelled).await;
        assert_pending(&parent).await;
        assert_pending(&sibling).await;
    }
    story.stops_cleanly("-w -.").await;
}

async fn cap_103_306_309_parent_is_cancelled() {
    let (story, life) = lent().await;
    for parent in [life.nested(), life.with_timeout(100 * SECOND)] {
        let [child, grandchild] = {
            let child = parent.with_timeout(50 * SECOND);
            [child.clone(), child.nested()]
        };
        parent.cancel();
        for context in [&grandchild, &child, &parent] {
            assert_ended(context, Cancelled::Cancelled).await;
        }
    }
    story.stops_cleanly("-w -.").await;
}

async fn cap_104_301_time_is_up() {
    let (story, life) = lent().await;
    let context = life.with_timeout(millis(100));
    assert_pending(&context).await;
    sleep(millis(50)).await;
    assert_pending(&context).await;
    let began = Instant::now();
    let work = context.until_cancelled(pending::<()>()).await;
    assert_eq!(work, Err(Cancelled::TimedOut(millis(100))));
    assert_eq!(began.elapsed(), millis(50));
    assert_ended(&context, Cancelled::TimedOut(millis(100))).await;
    assert!(!life.is_stopping());
    story.stops_cleanly("-w -.").await;
}

async fn cap_105_303_time_of_the_parent_is_up() {
    let (story, life) = lent().await;
    let parent = life.with_timeout(millis(50));
    let child = parent.with_timeout(millis(100));
    assert_pending(&child).await;
    sleep(millis(51)).await;
    for context in [&child, &parent] {
        assert_ended(context, Cancelled::TimedOut(millis(50))).await;
    }
    story.stops_cleanly("-w -.").await;
}

async fn cap_106_302_time_of_the_child_is_up() {
    let (story, life) = lent().await;
    let parent = life.with_timeout(millis(100));
    let child = parent.with_timeout(millis(50));
    sleep(millis(51)).await;
    assert_ended(&child, Cancelled::TimedOut(millis(50))).await;
    assert_pending(&parent).await;
    let began = Instant::now();
    assert_eq!(parent.cancelled().await, Cancelled::TimedOut(millis(100)));
    assert_eq!(began.elapsed(), millis(49));
    // A child that is told twice keeps its first reason.
    assert_ended(&child, Cancelled::TimedOut(millis(50))).await;
    story.stops_cleanly("-w -.").await;
}

async fn cap_304_cancelled_before_its_time() {
    let (story, life) = lent().await;
    let context = life.with_timeout(millis(100));
    sleep(millis(50)).await;
    context.cancel();
    assert_ended(&context, Cancelled::Cancelled).await;
    sleep(millis(100)).await;
    assert_ended(&context, Cancelled::Cancelled).await;
    // Nor is one cancelled whose time was up before.
    let context = life.with_timeout(millis(100));
    sleep(millis(101)).await;
    context.cancel();
    assert_ended(&context, Cancelled::TimedOut(millis(100))).await;
    story.stops_cleanly("-w -.").await;
}

async fn stop_of_the_life_ends_what_is_in_it() {
    let (story, life) = lent().await;
    let [plain, limited] = [life.nested(), life.with_timeout(100 * SECOND)];
    let below = plain.with_timeout(100 * SECOND);
    let stopped = Cancelled::Stopped(regrow::Stopped);
    let waiting = tokio::spawn({
        let below = below.clone();
        async move { below.cancelled().await }
    });
    story.stops_cleanly("-w -.").await;
    assert_eq!(bounded(waiting).await.unwrap(), stopped);
    for context in [&plain, &limited, &below] {
        assert_ended(context, stopped).await;
    }
}

async fn token_cancels_and_is_cancelled() {
    let (story, life) = lent().await;
    let parent = life.nested();
    let child = parent.nested();
    let token = child.token();
    parent.cancel();
    bounded(token.cancelled()).await;
    let context = life.nested();
    context.token().cancel();
    assert_ended(&context, Cancelled::Cancelled).await;
    story.stops_cleanly("-w -.").await;
}

/// What a body returns whose work takes too long, or is stopped before.
async fn limited(ctx: Context) -> Result<(), BoxError> {
    let limited = ctx.with_timeout(SECOND);
    limited.until_cancelled(pending::<()>()).await?;
    Ok(())
}

async fn time_that_is_up_is_a_failure_and_a_stop_is_none() {
    let w = || Worker::new("w", limited).restart(Restart::Temporary);
    let mut story = Story::start(root().child(w()), "+w +.").await;
    let Change::Failed(ExitReason::Failed(error)) = story.next_signed().await.change else {
        panic!("it fails");
    };
    assert_eq!(error.find(), Some(&Cancelled::TimedOut(SECOND)));
    assert_eq!(error.to_string(), "not done within 1s");
    story.start_child(w()).await.unwrap();
    story.told("+w").await;
    story.stops_cleanly("-w -.").await;
}

stories! {
    both:
        cap_101_308_cancelled,
        cap_102_305_child_is_cancelled,
        cap_103_306_309_parent_is_cancelled,
        stop_of_the_life_ends_what_is_in_it,
        token_cancels_and_is_cancelled;
    paused:
        cap_104_301_time_is_up,
        cap_105_303_time_of_the_parent_is_up,
        cap_106_302_time_of_the_child_is_up,
        cap_304_cancelled_before_its_time,
        time_that_is_up_is_a_failure_and_a_stop_is_none;
}
