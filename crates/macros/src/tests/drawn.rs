//! What is drawn of values: each in every form in which it can be written.
use super::{
    dice::Dice,
    written::{Code, Field, Flag, Part, Path, Value, text},
};
use std::time::Duration;

/// The enums whose variants the macro takes alone, and what is drawn of them.
pub(crate) const WORDS: [(&str, &[&str]); 7] = [
    ("Strategy", &["OneForOne", "OneForAll", "RestForOne"]),
    ("StartOrder", &["LeftToRight", "RightToLeft"]),
    (
        "AutoShutdown",
        &["AnySignificant", "AllSignificant", "Never"],
    ),
    ("OnAbandoned", &["GiveUp", "Overlap"]),
    ("Restart", &["Temporary", "Transient", "Permanent"]),
    ("Shutdown", &["Kill", "Indefinitely", "Timeout"]),
    ("AtLimit", &["Escalate", "StayDown", "CoolOff"]),
];

const MINUTE: Duration = Duration::from_secs(60);

/// Spans for backoffs: at most a minute.
const SHORT: [(&str, Duration); 6] = [
    ("5ms", Duration::from_millis(5)),
    ("250us", Duration::from_micros(250)),
    ("1s", Duration::from_secs(1)),
    ("1.5s", Duration::from_millis(1_500)),
    ("1s500ms", Duration::from_millis(1_500)),
    ("900_000ns", Duration::from_micros(900)),
];

/// Spans in which nothing runs out of time.
const LONG: [(&str, Duration); 12] = [
    ("10s", Duration::from_secs(10)),
    ("12_345ms", Duration::from_millis(12_345)),
    ("1m30s", Duration::from_secs(90)),
    ("1m 30s", Duration::from_secs(90)),
    ("2h", Duration::from_secs(7_200)),
    ("1d", Duration::from_secs(86_400)),
    ("12.5s", Duration::from_millis(12_500)),
    ("3min", Duration::from_secs(180)),
    ("12000001us", Duration::from_micros(12_000_001)),
    ("1h2m3s4ms5us6ns", Duration::new(3_723, 4_005_006)),
    ("2weeks", Duration::from_secs(1_209_600)),
    ("10000000001ns", Duration::from_nanos(10_000_000_001)),
];

/// Windows that no backoff here outlasts.
const WINDOWS: [(&str, Duration); 4] = [
    ("1h", Duration::from_secs(3_600)),
    ("2h30m", Duration::from_secs(9_000)),
    ("90m", Duration::from_secs(5_400)),
    ("1day 2h", Duration::from_secs(93_600)),
];

/// Draws one thing after the other.
pub(crate) struct Draw {
    pub(crate) dice: Dice,
    /// How many bodies and names there are: each has its own.
    marks: u64,
}

impl Draw {
    pub(crate) fn of(seed: u64) -> Self {
        Self {
            dice: Dice::of(seed),
            marks: 0,
        }
    }

    pub(crate) fn shutdown(&mut self) -> Code {
        match self.dice.below(6) {
            0 => vec![self.word_part("Shutdown", 0)],
            1 => vec![self.word_part("Shutdown", 1)],
            2 => vec![
                self.word_part("Shutdown", 2),
                text("("),
                self.long(false),
                text(")"),
            ],
            _ => vec![self.long(true)],
        }
    }

    /// One that the backoffs below leave within reach.
    pub(crate) fn tolerance(&mut self) -> Code {
        let limit = self.dice.below(6);
        let window = |draw: &mut Self, may_be_text| draw.span(&WINDOWS, may_be_text);
        match self.dice.below(5) {
            0 => vec![text(format!("Tolerance::ever({limit})"))],
            1 => vec![
                text(format!("Tolerance::new({limit}, ")),
                window(self, false),
                text(")"),
            ],
            2 => vec![
                text(format!("Tolerance::new({limit}, ")),
                window(self, false),
                text(").then("),
                self.word_part("AtLimit", 1),
                text(")"),
            ],
            3 => vec![
                text(format!("Tolerance::new({limit}, ")),
                window(self, false),
                text(").then("),
                self.word_part("AtLimit", 2),
                text("("),
                self.long(false),
                text("))"),
            ],
            _ => vec![text(format!("({limit}, ")), window(self, true), text(")")],
        }
    }

    pub(crate) fn backoff(&mut self) -> Code {
        let short = |draw: &mut Self| draw.span(&SHORT, false);
        if self.dice.once_in(2) {
            return vec![text("Backoff::constant("), short(self), text(")")];
        }
        let mut backoff = vec![
            text("Backoff::exponential("),
            short(self),
            text(", "),
            self.span(&[("1m", MINUTE)], false),
            text(")"),
        ];
        match self.dice.below(3) {
            0 => backoff.push(text(".without_jitter()")),
            1 => backoff.extend([text(".reset_after("), self.long(false), text(")")]),
            _ => {}
        }
        backoff
    }

    /// Ten seconds or more.
    pub(crate) fn long(&mut self, may_be_text: bool) -> Part {
        self.span(&LONG, may_be_text)
    }

    /// One of these; some need more than one word, which only a text can have.
    pub(crate) fn span(&mut self, spans: &[(&str, Duration)], may_be_text: bool) -> Part {
        let (spoken, span) = self.dice.pick(spans);
        if spoken.contains(' ') && !may_be_text {
            return Part::Span(span, spoken.replace(' ', ""));
        }
        if spoken.contains(' ') || may_be_text && self.dice.once_in(4) {
            let spoken = spoken.replace('_', "");
            return Part::Span(span, format!("\"{spoken}\""));
        }
        Part::Span(span, spoken.to_owned())
    }

    /// A piece of code with a mark in the place of `@`, and a span in that of `$`.
    pub(crate) fn form(&mut self, form: &str, mark: u64) -> Code {
        let form = form.replace('@', &mark.to_string());
        match form.split_once('$') {
            Some((before, after)) => vec![text(before), self.long(false), text(after)],
            None => vec![text(form)],
        }
    }

    pub(crate) fn mark(&mut self) -> u64 {
        self.marks += 1;
        self.marks
    }

    pub(crate) fn name(&mut self) -> Value {
        let mark = self.mark();
        let name = self.dice.pick(&[
            "\"db-@\"",
            "\"loop_@\"",
            "\"@\"",
            "\"two words @\"",
            "\"größe.@\"",
            "r\"raw-@\"",
            "format!(\"{}-{}\", \"made\", @)",
        ]);
        Value::Code(vec![text(name.replace('@', &mark.to_string()))])
    }

    pub(crate) fn condition(&mut self) -> Option<bool> {
        let condition = self.dice.pick(&[true, false]);
        self.dice.once_in(10).then_some(condition)
    }

    pub(crate) fn setting(
        &mut self,
        key: &'static str,
        alone: bool,
        code: Code,
        fields: &mut Vec<Field>,
    ) {
        let condition = self.condition();
        let value = if alone {
            Value::Alone
        } else {
            Value::Code(code)
        };
        fields.push(Field::Setting {
            key,
            value,
            condition,
        });
    }

    pub(crate) fn flag(&mut self, key: &'static str, fields: &mut Vec<Field>) {
        if self.dice.once_in(6) {
            let given = self.dice.pick(&[Flag::Alone, Flag::True, Flag::False]);
            fields.push(Field::Flag(key, given));
        }
    }

    pub(crate) fn notifies(&mut self, notifies: bool, fields: &mut Vec<Field>) {
        if notifies {
            let given = self.dice.pick(&[Flag::Alone, Flag::True]);
            fields.push(Field::Notifies(given));
        } else if self.dice.once_in(6) {
            fields.push(Field::Notifies(Flag::False));
        }
    }

    /// One of the first `most` variants, once in `times`.
    pub(crate) fn word_setting(
        &mut self,
        key: &'static str,
        of: &'static str,
        most: u64,
        times: u64,
        fields: &mut Vec<Field>,
    ) {
        if self.dice.once_in(times) {
            let word = self.word(of, most);
            self.setting(key, false, word, fields);
        }
    }

    /// One of the first `most` variants.
    pub(crate) fn word(&mut self, of: &'static str, most: u64) -> Code {
        let at = self.dice.below(most);
        if at == 0 && self.dice.once_in(4) {
            return vec![
                text("if 1 < 2 { "),
                self.word_part(of, 0),
                text(" } else { "),
                self.word_part(of, 1),
                text(" }"),
            ];
        }
        vec![self.word_part(of, at)]
    }

    pub(crate) fn word_part(&mut self, of: &'static str, at: u64) -> Part {
        let path = self
            .dice
            .pick(&[Path::None, Path::None, Path::Name, Path::Whole]);
        let (_, words) = WORDS
            .iter()
            .find(|(known, _)| *known == of)
            .expect("it is one of them");
        let at = usize::try_from(at).expect("it is small");
        Part::Word(of, words[at], path)
    }

    pub(crate) fn tail(&mut self, method: &'static str, value: &str) -> Vec<(&'static str, Code)> {
        if self.dice.once_in(8) {
            vec![(method, vec![text(value)])]
        } else {
            Vec::new()
        }
    }
}
