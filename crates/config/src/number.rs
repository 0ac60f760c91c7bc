//! Values of keys, as numbers of children.
use crate::value::{Kind, Value};
use humantime::parse_duration;
use regrow_core::{Backoff, Shutdown, Tolerance};
use regrow_supervisor::Override;
use std::time::Duration;

const KEYS: &str =
    "shutdown, start_timeout, backoff, own_tolerance, tolerance, kill_wait or max_children";
const TOLERANCE: &str = "\"3 in 5s\", { limit = 3, window = \"5s\" }, \"10 ever\" or \"unlimited\"";
const BACKOFF: &str = "{ first = \"100ms\", cap = \"5s\" }, a span such as \"5s\", or \"none\"";

/// Sets what this key stands for; else says what was expected.
pub(crate) fn set(given: &mut Override, key: &str, value: &Value) -> Result<(), String> {
    match key {
        "shutdown" => given.shutdown = Some(shutdown(value)?),
        "start_timeout" => {
            given.start_timeout = Some(match text(value) {
                Some("none") => None,
                _ => Some(span(value, "a span such as \"5s\", or \"none\"")?),
            });
        }
        "backoff" => given.backoff = Some(backoff(value)?),
        "own_tolerance" => given.own_tolerance = Some(tolerance(value)?),
        "tolerance" => given.tolerance = Some(tolerance(value)?),
        "kill_wait" => given.kill_wait = Some(span(value, "a span such as \"5s\"")?),
        "max_children" => {
            let most = number(value).and_then(|most| most.try_into().ok());
            let most = most.ok_or_else(|| not(value, "a number such as 1000"))?;
            given.max_children = Some(most);
        }
        _ => return Err(format!("no such key: expected {KEYS}")),
    }
    Ok(())
}

fn not(value: &Value, expected: &str) -> String {
    format!("expected {expected}, not {}", value.told())
}

fn text(value: &Value) -> Option<&str> {
    match &value.kind {
        Kind::Text(text) => Some(text),
        _ => None,
    }
}

const fn number(value: &Value) -> Option<u64> {
    match &value.kind {
        Kind::Number(number) => Some(*number),
        _ => None,
    }
}

fn span(value: &Value, expected: &str) -> Result<Duration, String> {
    let span = text(value).and_then(|text| parse_duration(text).ok());
    span.ok_or_else(|| not(value, expected))
}

fn shutdown(value: &Value) -> Result<Shutdown, String> {
    match text(value) {
        Some("indefinitely") => Ok(Shutdown::Indefinitely),
        Some("kill") => Ok(Shutdown::Kill),
        _ => {
            let expected = "a span such as \"5s\", \"indefinitely\" or \"kill\"";
            span(value, expected).map(Shutdown::Timeout)
        }
    }
}

fn tolerance(value: &Value) -> Result<Tolerance, String> {
    let wrong = || not(value, TOLERANCE);
    match &value.kind {
        Kind::Text(text) => in_words(text).ok_or_else(wrong),
        Kind::Table(pairs) => {
            let (mut limit, mut window) = (None, None);
            for (key, value) in pairs {
                match key.as_str() {
                    "limit" => {
                        let given = number(value).and_then(|number| number.try_into().ok());
                        limit = Some(given.ok_or_else(|| {
                            format!("limit: {}", not(value, "a number such as 3"))
                        })?);
                    }
                    "window" => {
                        let given = span(value, "a span such as \"5s\"");
                        window = Some(given.map_err(|wrong| format!("window: {wrong}"))?);
                    }
                    key => return Err(format!("{key}: no such key: expected limit or window")),
                }
            }
            let tolerance = limit.zip(window);
            tolerance.map(Tolerance::from).ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}

/// `3 in 5s`, `10 ever`, `unlimited`.
fn in_words(text: &str) -> Option<Tolerance> {
    if text == "unlimited" {
        return Some(Tolerance::unlimited());
    }
    if let Some(limit) = text.strip_suffix(" ever") {
        return limit.parse().ok().map(Tolerance::ever);
    }
    let (limit, window) = text.split_once(" in ")?;
    Some(Tolerance::new(
        limit.parse().ok()?,
        parse_duration(window).ok()?,
    ))
}

fn backoff(value: &Value) -> Result<Option<Backoff>, String> {
    let pairs = match &value.kind {
        Kind::Text(text) if text == "none" => return Ok(None),
        Kind::Table(pairs) => pairs,
        _ => return span(value, BACKOFF).map(|span| Some(Backoff::constant(span))),
    };
    let (mut first, mut cap, mut jitter, mut reset_after) = (None, None, true, None);
    for (key, value) in pairs {
        let given = || {
            let given = span(value, "a span such as \"5s\"");
            given.map(Some).map_err(|wrong| format!("{key}: {wrong}"))
        };
        match (key.as_str(), &value.kind) {
            ("first", _) => first = given()?,
            ("cap", _) => cap = given()?,
            ("reset_after", _) => reset_after = given()?,
            ("jitter", Kind::Flag(flag)) => jitter = *flag,
            ("jitter", _) => return Err(format!("jitter: {}", not(value, "true or false"))),
            _ => {
                let expected = "first, cap, jitter or reset_after";
                return Err(format!("{key}: no such key: expected {expected}"));
            }
        }
    }
    let (Some(first), Some(cap)) = (first, cap) else {
        return Err(format!("expected first and cap, as in {BACKOFF}"));
    };
    let mut backoff = Backoff::exponential(first, cap);
    if !jitter {
        backoff = backoff.without_jitter();
    }
    if let Some(span) = reset_after {
        backoff = backoff.reset_after(span);
    }
    Ok(Some(backoff))
}
