//! What is looked at, as JSON.
mod ground;

use ground::{SEC, idle, until};
use regrow_core::Backoff;
use regrow_supervisor::Supervisor;
use serde_json::{json, to_value};

#[tokio::test(start_paused = true)]
async fn small_tree_as_json() {
    let patient = idle("acceptor").backoff(Backoff::constant(SEC * 60));
    let tree = Supervisor::new("root")
        .child(idle("store"))
        .child(Supervisor::new("web").child(patient))
        .start()
        .await
        .unwrap();
    let mut events = tree.subscribe();
    tokio::time::advance(SEC * 3 / 2).await;
    tree.kill("web/acceptor").unwrap();
    let failed = loop {
        let event = events.next().await.unwrap().unwrap();
        if event.is_failure() {
            break event;
        }
    };
    let child = |name: &str, path: &str, kind: &str, restarts: u64| {
        json!({
            "name": name, "runtime_name": path, "kind": kind, "state": "up",
            "incarnation": 1, "restarts": restarts, "uptime": 1.5, "children": [],
        })
    };
    let store = child("store", "root/store", "worker", 0);
    let mut acceptor = child("acceptor", "root/web/acceptor", "worker", 0);
    acceptor["state"] = json!("restarting");
    acceptor["uptime"] = json!(null);
    let mut web = child("web", "root/web", "supervisor", 0);
    web["incarnation"] = json!(2);
    web["children"] = json!([acceptor]);
    let mut root = child("root", "root", "supervisor", 0);
    root["children"] = json!([store, web]);
    assert_eq!(to_value(tree.snapshot()).unwrap(), root);

    let mut info = store.clone();
    info.as_object_mut().unwrap().remove("children");
    assert_eq!(to_value(&tree.children()[0]).unwrap(), info);

    tokio::time::advance(SEC / 4).await;
    let expected = json!({
        "healthy": false,
        "children": [{
            "runtime_name": "root/web/acceptor", "kind": "worker", "state": "restarting",
            "age": 0.25, "cause": "killed",
        }],
    });
    assert_eq!(to_value(tree.health()).unwrap(), expected);

    let expected = json!({
        "sequence": failed.sequence, "runtime_name": "root/web/acceptor", "kind": "worker",
        "incarnation": 1, "change": "failed", "text": "killed",
    });
    assert_eq!(to_value(&failed).unwrap(), expected);
    until(&mut events, "+web/acceptor").await;
    let healthy = json!({ "healthy": true, "children": [] });
    assert_eq!(to_value(tree.health()).unwrap(), healthy);
}
