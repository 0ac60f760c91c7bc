//! Trees drawn from a seed: of all kinds, with all keys, and all that a builder takes.
use super::{
    drawn::Draw,
    written::{Child, Code, Field, Flag, Node, Value, What, text},
};

/// How deep supervisors nest.
const DEPTH: u32 = 4;

/// The tree of this seed. It is one that starts.
pub(crate) fn tree(seed: u64) -> Node {
    Draw::of(seed).supervisor(0, false)
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

impl Draw {
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
        let base = self.base("standing(@)");
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
        let node = self.node(kind, fields, tail);
        Node { base, ..node }
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

    /// What a node takes over, now and then.
    fn base(&mut self, form: &str) -> Option<Code> {
        self.dice.once_in(10).then(|| {
            let mark = self.mark();
            self.form(form, mark)
        })
    }

    fn worker(&mut self, ends: bool) -> Node {
        match self.base("worker(\"base-@\", @)") {
            Some(base) => self.taken_over(base, ends),
            None => self.constructed(ends),
        }
    }

    fn taken_over(&mut self, base: Code, ends: bool) -> Node {
        let mut fields = Vec::new();
        if self.dice.once_in(2) {
            fields.push(Field::Name(self.name()));
        }
        let limits = Limits {
            significant: ends,
            ..Limits::default()
        };
        self.rules(limits, &mut fields);
        let node = self.node("Worker", fields, Vec::new());
        Node {
            base: Some(base),
            ..node
        }
    }

    fn constructed(&mut self, ends: bool) -> Node {
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
        Node {
            kind,
            fields,
            base: None,
            tail,
        }
    }
}

fn always(key: &'static str, code: Code) -> Field {
    Field::Setting {
        key,
        value: Value::Code(code),
        condition: None,
    }
}
