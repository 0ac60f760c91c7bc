//! A tree as somebody writes it who has no macro.
use super::written::{Child, Code, Field, Flag, Node, Part, Path, Value, What};
use std::time::Duration;

pub(crate) fn node(node: &Node) -> String {
    let calls: String = node.fields.iter().map(calls).collect();
    let tail = node.tail.iter();
    let tail: String = tail
        .map(|(method, value)| format!(".{method}({})", code(value)))
        .collect();
    format!("{}{calls}{tail}", constructed(node))
}

fn constructed(node: &Node) -> String {
    let (mut name, mut body, mut notifies) = (None, None, false);
    for field in &node.fields {
        match field {
            Field::Name(given) => name = Some(value("name", given)),
            Field::Body(key, given) => body = Some((*key, value(key, given))),
            Field::Notifies(given) => notifies = *given != Flag::False,
            _ => {}
        }
    }
    if let Some(base) = &node.base {
        let named = name.map_or_else(String::new, |name| format!(".named({name})"));
        return code(base) + &named;
    }
    let builder = match node.kind {
        "Dynamic" => "DynamicSupervisor",
        kind => kind.trim_start_matches("regrow::"),
    };
    let (constructor, arguments) = match (body, name) {
        (None, name) => ("new", name.unwrap_or_default()),
        (Some(("of", body)), None) => ("of", body),
        (Some(("of", body)), Some(name)) => {
            return format!("::regrow::{builder}::of({body}).named({name})");
        }
        (Some((key, body)), name) => {
            let constructor = match (key, notifies) {
                ("start", false) => "new",
                ("start", true) => "with_notify_start",
                ("thread", true) => "thread_with_notify_start",
                (key, _) => key,
            };
            (constructor, format!("{}, {body}", name.unwrap_or_default()))
        }
    };
    format!("::regrow::{builder}::{constructor}({arguments})")
}

fn calls(field: &Field) -> String {
    match field {
        Field::Name(_) | Field::Body(..) | Field::Notifies(_) => String::new(),
        Field::Flag(_, Flag::False) => String::new(),
        Field::Flag(key, _) => format!(".{key}()"),
        Field::Setting {
            condition: Some(false),
            ..
        } => String::new(),
        Field::Setting { key, value, .. } => format!(".{key}({})", self::value(key, value)),
        Field::Children(children) => children.iter().map(child).collect(),
    }
}

fn value(key: &str, value: &Value) -> String {
    match value {
        Value::Alone => key.to_owned(),
        Value::Code(value) => code(value),
    }
}

fn child(child: &Child) -> String {
    match &child.what {
        _ if child.condition == Some(false) => String::new(),
        What::Node(below) => format!("\n.child({})", node(below)),
        What::Given(given) => format!("\n.child({})", code(given)),
        What::Spread(many) => format!("\n.children({})", code(many)),
    }
}

fn code(code: &Code) -> String {
    let parts = code.iter().map(|part| match part {
        Part::Text(text) => text.clone(),
        Part::Span(span, _) => self::span(*span),
        Part::Word(of, word, Path::None) => format!("::regrow::{of}::{word}"),
        Part::Word(of, word, Path::Name) => format!("{of}::{word}"),
        Part::Word(of, word, Path::Whole) => format!("regrow::{of}::{word}"),
    });
    parts.collect()
}

fn span(span: Duration) -> String {
    let (seconds, nanos) = (span.as_secs(), span.subsec_nanos());
    if nanos == 0 {
        format!("::core::time::Duration::from_secs({seconds})")
    } else if nanos % 1_000_000 == 0 {
        let millis = span.as_millis();
        format!("::core::time::Duration::from_millis({millis})")
    } else {
        format!("::core::time::Duration::new({seconds}, {nanos})")
    }
}
