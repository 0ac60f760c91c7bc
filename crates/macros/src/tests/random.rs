//! Trees drawn from a seed: of all kinds, with all keys, and all that a builder takes.
use super::{
    dice::Dice,
    written::{Child, Code, Field, Flag, Node, Part, Path, Value, What, text},
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

/// How deep supervisors nest.
const DEPTH: u32 = 4;

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

/// The tree of this seed. It is one that starts.
pub(crate) fn tree(seed: u64) -> Node {
    let mut grower = Grower {
        dice: Dice::of(seed),
        marks: 0,
    };
    grower.supervisor(0, false)
}

struct Grower {
    dice: Dice,
    /// How many bodies and names there are: each has its own.
    marks: u64,
}

/// What a child must not have, or can.
#[derive(Clone, Copy, Default)]
struct Limits {
    notifies: bool,
    /// It has but one life.
    once: bool,
    /// Its supervisor ends with it.
    significant: bool,
}

impl Grower {
    fn child(&mut self, depth: u32, ends: bool) -> Child {
        let condition = self.condition();
        let docs = self.dice.once_in(8);
        let what = match self.dice.below(12) {
            0 | 1 if depth < DEPTH => What::Node(self.supervisor(depth, ends)),
            2 => What::Node(self.dynamic(ends)),
            3 => What::Node(self.branch(ends)),
            4 => What::Given(self.given()),
            5 => What::Spread(self.many()),
            _ => What::Node(self.worker(ends)),
        };
        Child {
            condition,
            docs,
            what,
        }
    }

    fn supervisor(&mut self, depth: u32, ends: bool) -> Node {
        let mut fields = vec![Field::Name(self.name())];
        self.word_setting("strategy", "Strategy", 3, 2, &mut fields);
        self.word_setting("start_order", "StartOrder", 2, 4, &mut fields);
        let ends_with = self.dice.once_in(3);
        if ends_with {
            let value = self.word("AutoShutdown", 2);
            fields.push(always("auto_shutdown", value));
        }
        self.flags(&mut fields);
        if self.dice.once_in(10) {
            let built = format!("|_| Children::new().child({})", self.built());
            fields.push(always("build_with", vec![text(built)]));
        }
        if depth == 0 {
            self.root(&mut fields);
        } else {
            let limits = Limits {
                notifies: true,
                significant: ends,
                ..Limits::default()
            };
            self.rules(limits, &mut fields);
        }
        for _ in 0..self.dice.below(3).min(1 + u64::from(depth == 0)) {
            let most = if depth == 0 { 6 } else { 4 };
            let children = (0..=self.dice.below(most))
                .map(|_| self.child(depth + 1, ends_with))
                .collect();
            fields.push(Field::Children(children));
        }
        if self.dice.once_in(12) {
            let mark = self.mark();
            let many = self.form("workers::<u8, 2>(\"more-@\", @)", mark);
            fields.push(always("children", many));
        }
        let kind = self
            .dice
            .pick(&["Supervisor", "Supervisor", "regrow::Supervisor"]);
        let tail = self.tail("strategy", "Strategy::OneForOne");
        self.node(kind, fields, tail)
    }

    /// What only the root has.
    fn root(&mut self, fields: &mut Vec<Field>) {
        if self.dice.once_in(4) {
            fields.push(always("event_capacity", vec![text("1 << 6 | 1")]));
        }
        if self.dice.once_in(4) {
            let listener = "Listener::new(|_: Delivery| async {})";
            fields.push(always("listener", vec![text(listener)]));
        }
        for key in ["report_all", "allow_panic_abort"] {
            self.flag(key, fields);
        }
    }

    fn dynamic(&mut self, ends: bool) -> Node {
        let mut fields = vec![Field::Name(self.name())];
        if self.dice.once_in(2) {
            let most = self.dice.pick(&["10_000", "if 1 < 2 { 3 } else { 4 }"]);
            let alone = self.dice.once_in(4);
            self.setting("max_children", alone, vec![text(most)], &mut fields);
        }
        self.flags(&mut fields);
        let limits = Limits {
            notifies: true,
            significant: ends,
            ..Limits::default()
        };
        self.rules(limits, &mut fields);
        let kind = self.dice.pick(&["Dynamic", "DynamicSupervisor"]);
        let tail = self.tail("max_children", "7");
        self.node(kind, fields, tail)
    }

    fn branch(&mut self, ends: bool) -> Node {
        let notifies = self.dice.once_in(2);
        let mark = self.mark();
        let body = if notifies {
            format!("|ctx, notify| session_up(ctx, notify, {mark})")
        } else {
            format!("move |ctx: BranchContext| session(ctx, {mark})")
        };
        let mut fields = vec![
            Field::Name(self.name()),
            Field::Body("start", Value::Code(vec![text(body)])),
        ];
        self.notifies(notifies, &mut fields);
        if self.dice.once_in(3) {
            let shutdown = self.shutdown();
            self.setting("body_shutdown", false, shutdown, &mut fields);
        }
        self.flags(&mut fields);
        let limits = Limits {
            notifies: true,
            significant: ends,
            ..Limits::default()
        };
        self.rules(limits, &mut fields);
        let tail = self.tail("seed", "7");
        self.node("Branch", fields, tail)
    }

    fn worker(&mut self, ends: bool) -> Node {
        let key = self.dice.pick(&[
            "start",
            "start",
            "start",
            "start",
            "once",
            "thread",
            "blocking",
            "local",
            "future",
            "joining",
            "from_join_handle",
            "of",
        ]);
        let limits = Limits {
            notifies: ["start", "thread"].contains(&key) && self.dice.once_in(2),
            once: ["once", "future", "from_join_handle"].contains(&key),
            significant: ends,
        };
        let alone = key == "start" && !limits.notifies && self.dice.once_in(8);
        let body = if alone {
            Value::Alone
        } else {
            Value::Code(self.body(key, limits.notifies))
        };
        let mut fields = vec![Field::Body(key, body)];
        // A component has a name of its own.
        if key != "of" || self.dice.once_in(2) {
            fields.push(Field::Name(self.name()));
        }
        if limits.notifies || ["start", "thread"].contains(&key) {
            self.notifies(limits.notifies, &mut fields);
        }
        self.rules(limits, &mut fields);
        let mark = self.mark();
        for hook in ["on_completion", "on_failure", "on_termination"] {
            if self.dice.once_in(8) {
                let hook_code = format!("move |ctx, ended| told(ctx, ended, {mark})");
                self.setting(hook, false, vec![text(hook_code)], &mut fields);
            }
        }
        // The others do not hear of it, and would be waited for.
        if ["start", "once", "of"].contains(&key) && self.dice.once_in(6) {
            let span = self.long(true);
            // One that is killed has no time to drain.
            fields.retain(|field| {
                !matches!(
                    field,
                    Field::Setting {
                        key: "shutdown",
                        ..
                    }
                )
            });
            self.setting("drain", false, vec![span], &mut fields);
        }
        if !limits.once && self.dice.once_in(8) {
            self.setting("on", false, vec![text("handle.clone()")], &mut fields);
        }
        let new_name = format!("\"again-{mark}\"");
        let tail = self.tail("named", &new_name);
        self.node("Worker", fields, tail)
    }

    fn body(&mut self, key: &str, notifies: bool) -> Code {
        let mark = self.mark();
        let forms: &[&str] = match (key, notifies) {
            ("start", false) => &[
                "|ctx| live(ctx, @)",
                "live_of::<u8, @>",
                "boxed(@)",
                "move |ctx: Context| { let (mark, _) = (@, 0); async move { live(ctx, mark).await } }",
                "move |ctx: Context| -> Life<u8, u64> { Life::of(ctx, @) }",
                "|ctx| async move { live(ctx, @ as u64 | 0).await }",
                "|ctx| live_for(ctx, @, $)",
                "if @ < 3 { boxed(@) } else { boxed(@) }",
            ],
            ("start", true) => &[
                "|ctx, notify| up(ctx, notify, @)",
                "move |ctx: Context, notify: NotifyStart| async move { up(ctx, notify, @).await }",
                "up_of::<u8, @>",
            ],
            ("once", _) => &[
                "{ let owned = Owned(@); move |ctx| owned.live(ctx) }",
                "|ctx| live(ctx, @)",
            ],
            ("thread", true) => &["|ctx, notify| sit_up(ctx, notify, @)"],
            ("thread" | "blocking", _) => &[
                "|ctx| sit(ctx, @)",
                "move |ctx: ThreadContext| -> Result<(), BoxError> { sit(ctx, @); Ok(()) }",
            ],
            ("local", _) => &["|ctx| live_locally(ctx, @)"],
            ("future", _) => &["forever(@)", "async move { forever(@).await }"],
            ("joining", _) => &["|_| tokio::spawn(forever(@))"],
            ("from_join_handle", _) => &["tokio::spawn(forever(@))"],
            _ => &["Piece { mark: @ }", "Piece::of::<u8, u16>(@)"],
        };
        let form = self.dice.pick(forms);
        self.form(form, mark)
    }

    /// A worker that an expression makes.
    fn built(&mut self) -> String {
        let mark = self.mark();
        format!("worker(\"built-{mark}\", {mark})")
    }

    fn given(&mut self) -> Code {
        let mark = self.mark();
        let form = self.dice.pick(&[
            "worker(\"given-@\", @)",
            "worker(\"given-@\", @).build()",
            "if @ < 3 { worker(\"low-@\", 0) } else { worker(\"high-@\", @) }",
            "Worker::new(\"given-@\", |ctx| live(ctx, @)).shutdown($)",
            "::regrow::Worker::new(\"given-@\", live_of::<u8, @>)",
        ]);
        self.form(form, mark)
    }

    fn many(&mut self) -> Code {
        let mark = self.mark();
        let form = self.dice.pick(&[
            "workers::<u8, 2>(\"many-@\", @)",
            "(0..2).map(|n| worker(&format!(\"many-@-{n}\"), @))",
            "[worker(\"left-@\", @), worker(\"right-@\", @)]",
        ]);
        self.form(form, mark)
    }

    /// What every child can have.
    fn rules(&mut self, limits: Limits, fields: &mut Vec<Field>) {
        if limits.significant && self.dice.once_in(2) {
            let restart = if limits.once { 1 } else { 2 };
            let restart = self.word("Restart", restart);
            fields.push(always("restart", restart));
            let given = self.dice.pick(&[Flag::Alone, Flag::True]);
            fields.push(Field::Flag("significant", given));
        } else {
            if self.dice.once_in(8) {
                fields.push(Field::Flag("significant", Flag::False));
            }
            if !limits.once && self.dice.once_in(8) {
                fields.push(Field::Setting {
                    key: "restart",
                    value: Value::Alone,
                    condition: None,
                });
            } else if limits.once {
                self.word_setting("restart", "Restart", 1, 3, fields);
            } else {
                self.word_setting("restart", "Restart", 3, 2, fields);
            }
        }
        if self.dice.once_in(2) {
            let shutdown = self.shutdown();
            let alone = self.dice.once_in(8);
            self.setting("shutdown", alone, shutdown, fields);
        }
        if limits.notifies && self.dice.once_in(4) {
            let span = self.long(true);
            self.setting("start_timeout", false, vec![span], fields);
        } else {
            self.flag("no_start_timeout", fields);
        }
        if self.dice.once_in(3) {
            let backoff = self.backoff();
            self.setting("backoff", false, backoff, fields);
        }
        if self.dice.once_in(4) {
            let tolerance = self.tolerance();
            self.setting("own_tolerance", false, tolerance, fields);
        }
        if self.dice.once_in(6) {
            let capture = self.dice.pick(&["true", "false", "1 < 2"]);
            self.setting("capture_panic", false, vec![text(capture)], fields);
        }
        self.word_setting("on_abandoned", "OnAbandoned", 2, 6, fields);
    }

    /// What every supervisor can have.
    fn flags(&mut self, fields: &mut Vec<Field>) {
        if self.dice.once_in(3) {
            let tolerance = self.tolerance();
            let alone = self.dice.once_in(4);
            self.setting("tolerance", alone, tolerance, fields);
        }
        if self.dice.once_in(4) {
            let span = self.long(true);
            let alone = self.dice.once_in(4);
            self.setting("kill_wait", alone, vec![span], fields);
        }
        for _ in 0..self.dice.below(4).saturating_sub(1) {
            let mark = self.mark();
            let value = self.dice.pick(&["Red(@)", "Blue::<u8, u16>::of(@)"]);
            let value = value.replace('@', &mark.to_string());
            fields.push(always("provide", vec![text(value)]));
        }
        if self.dice.once_in(6) {
            let alone = self.dice.once_in(4);
            self.setting("seed", alone, vec![text("1 | 2")], fields);
        }
    }

    fn shutdown(&mut self) -> Code {
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
    fn tolerance(&mut self) -> Code {
        let limit = self.dice.below(6);
        let window = |grower: &mut Self, may_be_text| grower.span(&WINDOWS, may_be_text);
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

    fn backoff(&mut self) -> Code {
        let short = |grower: &mut Self| grower.span(&SHORT, false);
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
    fn long(&mut self, may_be_text: bool) -> Part {
        self.span(&LONG, may_be_text)
    }

    /// One of these; some need more than one word, which only a text can have.
    fn span(&mut self, spans: &[(&str, Duration)], may_be_text: bool) -> Part {
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
    fn form(&mut self, form: &str, mark: u64) -> Code {
        let form = form.replace('@', &mark.to_string());
        match form.split_once('$') {
            Some((before, after)) => vec![text(before), self.long(false), text(after)],
            None => vec![text(form)],
        }
    }
}

/// What is drawn for many keys.
impl Grower {
    fn mark(&mut self) -> u64 {
        self.marks += 1;
        self.marks
    }

    fn name(&mut self) -> Value {
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

    fn condition(&mut self) -> Option<bool> {
        let condition = self.dice.pick(&[true, false]);
        self.dice.once_in(10).then_some(condition)
    }

    fn setting(&mut self, key: &'static str, alone: bool, code: Code, fields: &mut Vec<Field>) {
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

    fn flag(&mut self, key: &'static str, fields: &mut Vec<Field>) {
        if self.dice.once_in(6) {
            let given = self.dice.pick(&[Flag::Alone, Flag::True, Flag::False]);
            fields.push(Field::Flag(key, given));
        }
    }

    fn notifies(&mut self, notifies: bool, fields: &mut Vec<Field>) {
        if notifies {
            let given = self.dice.pick(&[Flag::Alone, Flag::True]);
            fields.push(Field::Notifies(given));
        } else if self.dice.once_in(6) {
            fields.push(Field::Notifies(Flag::False));
        }
    }

    /// One of the first `most` variants, once in `times`.
    fn word_setting(
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
    fn word(&mut self, of: &'static str, most: u64) -> Code {
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

    fn word_part(&mut self, of: &'static str, at: u64) -> Part {
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

    fn tail(&mut self, method: &'static str, value: &str) -> Vec<(&'static str, Code)> {
        if self.dice.once_in(8) {
            vec![(method, vec![text(value)])]
        } else {
            Vec::new()
        }
    }

    /// The fields in any order.
    fn node(
        &mut self,
        kind: &'static str,
        mut fields: Vec<Field>,
        tail: Vec<(&'static str, Code)>,
    ) -> Node {
        let length = fields.len() as u64;
        for at in (1..fields.len()).rev() {
            let with = self.dice.below(at as u64 + 1).min(length);
            fields.swap(at, usize::try_from(with).expect("it is below a length"));
        }
        Node { kind, fields, tail }
    }
}

fn always(key: &'static str, code: Code) -> Field {
    Field::Setting {
        key,
        value: Value::Code(code),
        condition: None,
    }
}
