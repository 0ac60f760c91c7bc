//! A tree as the argument of the macro.
use super::written::{Child, Code, Field, Flag, Node, Part, Path, Value, What};

pub(crate) fn node(node: &Node) -> String {
    let base = node.base.iter().map(|base| format!("..{}", code(base)));
    let fields: Vec<String> = node.fields.iter().map(field).chain(base).collect();
    let tail = node.tail.iter();
    let tail: String = tail
        .map(|(method, value)| format!(".{method}({})", code(value)))
        .collect();
    format!("{} {{ {} }}{tail}", node.kind, fields.join(", "))
}

fn field(field: &Field) -> String {
    match field {
        Field::Name(name) => value("name", name),
        Field::Body(key, body) => value(key, body),
        Field::Notifies(given) => flag("notify_start", *given),
        Field::Flag(key, given) => flag(key, *given),
        Field::Setting {
            key,
            value,
            condition,
        } => format!("{}{}", marked(*condition), self::value(key, value)),
        Field::Children(children) => {
            let children: String = children.iter().map(|one| child(one) + ",\n").collect();
            format!("children: [\n{children}]")
        }
    }
}

fn value(key: &str, value: &Value) -> String {
    match value {
        Value::Alone => key.to_owned(),
        Value::Code(value) => format!("{key}: {}", code(value)),
    }
}

fn flag(key: &str, given: Flag) -> String {
    match given {
        Flag::Alone => key.to_owned(),
        Flag::True => format!("{key}: true"),
        Flag::False => format!("{key}: false"),
    }
}

fn marked(condition: Option<bool>) -> &'static str {
    match condition {
        None => "",
        Some(true) => "#[cfg(all())] ",
        Some(false) => "#[cfg(any())] ",
    }
}

fn child(child: &Child) -> String {
    let docs = if child.docs { "/// One of them.\n" } else { "" };
    let what = match &child.what {
        What::Node(below) => node(below),
        What::Given(given) => code(given),
        What::Spread(many) => format!("..{}", code(many)),
    };
    format!("{docs}{}{what}", marked(child.condition))
}

fn code(code: &Code) -> String {
    let parts = code.iter().map(|part| match part {
        Part::Text(text) => text.clone(),
        Part::Span(_, spoken) => spoken.clone(),
        Part::Word(of, word, path) => match path {
            Path::None => (*word).to_owned(),
            Path::Name => format!("{of}::{word}"),
            Path::Whole => format!("regrow::{of}::{word}"),
        },
    });
    parts.collect()
}
