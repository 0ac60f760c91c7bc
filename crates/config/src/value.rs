//! Values, wherever they come from.
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;
use toml::{Spanned, de::DeTable, de::DeValue};

/// A value, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Value {
    pub(crate) kind: Kind,
    /// Its line, from 1, when it is of a text.
    pub(crate) line: Option<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Text(String),
    Number(u64),
    Flag(bool),
    Table(Vec<(String, Value)>),
    /// What no key takes, as people call it.
    Other(&'static str),
}

impl Value {
    /// What it is, as it stands in an error.
    pub(crate) fn told(&self) -> String {
        match &self.kind {
            Kind::Text(text) => format!("{text:?}"),
            Kind::Number(number) => number.to_string(),
            Kind::Flag(flag) => flag.to_string(),
            Kind::Table(_) => "a table".into(),
            Kind::Other(what) => (*what).into(),
        }
    }

    /// Of a TOML document.
    pub(crate) fn document(text: &str) -> Result<Self, toml::de::Error> {
        let table = DeTable::parse(text)?;
        Ok(Self {
            kind: kind_of_table(text, table.get_ref()),
            line: None,
        })
    }

    fn toml(text: &str, value: &Spanned<DeValue<'_>>) -> Self {
        let kind = match value.get_ref() {
            DeValue::String(string) => Kind::Text(string.to_string()),
            DeValue::Integer(number) => {
                let digits = u64::from_str_radix(number.as_str(), number.radix());
                digits.map_or(Kind::Other("such a number"), Kind::Number)
            }
            DeValue::Boolean(flag) => Kind::Flag(*flag),
            DeValue::Table(table) => kind_of_table(text, table),
            DeValue::Array(_) => Kind::Other("a list"),
            DeValue::Float(_) => Kind::Other("a fraction"),
            DeValue::Datetime(_) => Kind::Other("a date"),
        };
        let line = Some(line(text, value.span().start));
        Self { kind, line }
    }
}

fn kind_of_table(text: &str, table: &DeTable<'_>) -> Kind {
    let pairs = table.iter().map(|(key, value)| {
        let mut value = Value::toml(text, value);
        // A table under a heading begins where the heading stands.
        value.line = Some(line(text, key.span().start));
        (key.get_ref().to_string(), value)
    });
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort_by_key(|(_, value)| value.line);
    Kind::Table(pairs)
}

/// The line of this byte, from 1.
pub(crate) fn line(text: &str, at: usize) -> usize {
    let before = text.bytes().take(at);
    before.filter(|byte| *byte == b'\n').count() + 1
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let kind = deserializer.deserialize_any(AnyKind)?;
        Ok(Self { kind, line: None })
    }
}

struct AnyKind;

impl<'de> Visitor<'de> for AnyKind {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number, a flag or a table")
    }

    fn visit_str<E>(self, text: &str) -> Result<Kind, E> {
        Ok(Kind::Text(text.to_owned()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Kind, E> {
        Ok(Kind::Number(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Kind, E> {
        Ok(u64::try_from(number).map_or(Kind::Other("such a number"), Kind::Number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Kind, E> {
        Ok(Kind::Other("a fraction"))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Kind, E> {
        Ok(Kind::Flag(flag))
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Other("nothing"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Kind, A::Error> {
        while list.next_element::<Value>()?.is_some() {}
        Ok(Kind::Other("a list"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Kind, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Kind::Table(pairs))
    }
}
