//! What an event costs depends on the rows it concerns, never on how many siblings lie idle.
use regrow_core::{
    Backoff, ChildSpec, Exit, Incarnation, Life, Moment, Name, Strategy, Tolerance,
    engine::{Ask, BranchEngine, Command, DynamicEngine, Engine, Event, Flags, Request},
};
use std::{sync::Arc, time::Duration};

const SIZES: [u64; 3] = [10, 10_000, 1_000_000];

fn now() -> Moment {
    Moment::default()
}

fn spec(name: Name) -> ChildSpec<()> {
    ChildSpec::worker(name, ())
}

/// The lives that the engine begins now; all other commands are dropped.
fn begun(poll: impl FnMut() -> Option<Command>) -> Vec<Life> {
    let begun = |command| match command {
        Command::Start(life) => Some(life),
        _ => None,
    };
    std::iter::from_fn(poll).filter_map(begun).collect()
}

/// The lives that are to end now.
fn stopped(poll: impl FnMut() -> Option<Command>) -> Vec<Life> {
    let stopped = |command| match command {
        Command::Stop(life, _) => Some(life),
        _ => None,
    };
    std::iter::from_fn(poll).filter_map(stopped).collect()
}

/// An ordered engine of so many children, all up.
fn ordered(size: u64) -> (Engine<()>, Vec<Life>) {
    let specs = (0..size).map(|number| spec(Name::ordinal(number)));
    let mut engine = Engine::new(Strategy::OneForOne, Flags::default(), specs, now());
    let mut lives = Vec::new();
    while let [life] = begun(|| engine.poll_command())[..] {
        lives.push(life);
        engine.handle(now(), Event::Started(life));
    }
    engine.handle(now(), Event::Confirmed);
    assert_eq!(lives.len() as u64, size);
    (engine, lives)
}

/// A dynamic engine of so many children that share their spec, all up.
fn dynamic(size: u64) -> (DynamicEngine<()>, Vec<Life>) {
    let mut engine = DynamicEngine::new(Flags::default(), usize::MAX);
    let shared = Arc::new(spec(Name::ordinal(0)));
    for ask in 0..size {
        let request = Request::Start(Arc::clone(&shared));
        engine.handle(now(), Event::Request(Ask(ask), request));
    }
    let lives = begun(|| engine.poll_command());
    for &life in &lives {
        engine.handle(now(), Event::Started(life));
    }
    assert_eq!(lives.len() as u64, size);
    while engine.poll_command().is_some() {}
    (engine, lives)
}

/// A branch of so many groups of two, all up. The second of each waits before it starts again.
fn branch(groups: u64) -> (BranchEngine<()>, Vec<[Life; 2]>) {
    let flags = Flags {
        tolerance: Tolerance::new(u32::MAX, Duration::from_secs(1)),
        ..Flags::default()
    };
    let body = spec(Name::ordinal(0));
    let mut engine = BranchEngine::new(flags, body, Incarnation::new(1), now());
    let [body] = begun(|| engine.poll_command())[..] else {
        panic!("a body begins")
    };
    engine.handle(now(), Event::Started(body));
    let minute = Backoff::constant(Duration::from_secs(60));
    let pair = [
        spec(Name::ordinal(1)),
        spec(Name::ordinal(2)).with_backoff(Some(minute)),
    ];
    let mut lives = Vec::new();
    for group in 0..groups {
        let request = Request::Run(pair.to_vec());
        engine.handle(now(), Event::Request(Ask(group), request));
        let [one, two] = begun(|| engine.poll_command())[..] else {
            panic!("a group begins")
        };
        engine.handle(now(), Event::Started(one));
        engine.handle(now(), Event::Started(two));
        lives.push([one, two]);
    }
    while engine.poll_command().is_some() {}
    (engine, lives)
}

/// How many rows the restart of one group touches from one end to the other.
fn group_restart(engine: &mut BranchEngine<()>, [one, two]: [Life; 2], at: Moment) -> u64 {
    let before = engine.rows_touched();
    engine.handle(at, Event::Exited(one, Exit::Panicked));
    assert_eq!(stopped(|| engine.poll_command()), [two]);
    engine.handle(at, Event::Exited(two, Exit::Stopped));
    let again = begun(|| engine.poll_command());
    assert_eq!(again.len(), 2);
    for life in again {
        engine.handle(at, Event::Started(life));
    }
    engine.rows_touched() - before
}

/// All are the same, and few.
fn assert_constant(touched: &[u64]) {
    assert!(
        touched.iter().all(|&rows| rows == touched[0]),
        "{touched:?}"
    );
    assert!(touched[0] <= 30, "{touched:?}");
}

/// No more than so many rows a child, at any size.
fn assert_linear(touched: u64, size: u64) {
    assert!(touched <= 10 * size + 20, "{touched} rows of {size}");
}

#[test]
fn a_restart_touches_its_own_row_under_one_for_one() {
    let touched = SIZES.map(|size| {
        let (mut engine, lives) = ordered(size);
        let before = engine.rows_touched();
        engine.handle(
            now(),
            Event::Exited(lives[size as usize / 2], Exit::Panicked),
        );
        let again = begun(|| engine.poll_command());
        engine.handle(now(), Event::Started(again[0]));
        engine.rows_touched() - before
    });
    assert_constant(&touched);
}

#[test]
fn a_restart_touches_its_own_row_under_a_dynamic_supervisor() {
    let touched = SIZES.map(|size| {
        let (mut engine, lives) = dynamic(size);
        let before = engine.rows_touched();
        engine.handle(
            now(),
            Event::Exited(lives[size as usize / 2], Exit::Panicked),
        );
        let again = begun(|| engine.poll_command());
        engine.handle(now(), Event::Started(again[0]));
        engine.rows_touched() - before
    });
    assert_constant(&touched);
}

#[test]
fn a_group_restart_touches_its_own_rows() {
    let touched = [10, 10_000, 100_000].map(|groups| {
        let (mut engine, lives) = branch(groups);
        group_restart(&mut engine, lives[groups as usize / 2], now())
    });
    assert_constant(&touched);
}

/// Others may be going down, and others may wait for a backoff.
#[test]
fn a_group_restart_does_not_touch_groups_that_restart_as_well() {
    let touched = [10, 1_000, 10_000].map(|groups| {
        let (mut engine, lives) = branch(groups);
        for (number, &[one, two]) in lives.iter().enumerate().skip(1) {
            if number % 2 == 0 {
                engine.handle(now(), Event::Exited(one, Exit::Panicked));
            } else {
                engine.handle(now(), Event::Exited(two, Exit::Panicked));
                engine.handle(now(), Event::Exited(one, Exit::Stopped));
            }
        }
        while engine.poll_command().is_some() {}
        group_restart(&mut engine, lives[0], now())
    });
    assert_constant(&touched);
}

/// A time-out is about those whose time has come.
#[test]
fn a_timeout_touches_the_rows_that_are_due() {
    let touched = [10, 1_000, 10_000].map(|groups| {
        let (mut engine, lives) = branch(groups);
        let second = |number| Moment::new(Duration::from_secs(number));
        // the first is to be killed after five seconds, all others one later
        for (number, &[one, _]) in lives.iter().enumerate() {
            let at = second(u64::from(number > 0));
            engine.handle(at, Event::Exited(one, Exit::Panicked));
        }
        while engine.poll_command().is_some() {}
        let before = engine.rows_touched();
        assert_eq!(engine.poll_timeout(), Some(second(5)));
        engine.handle(second(5), Event::Timeout);
        assert_eq!(engine.poll_command(), Some(Command::Kill(lives[0][1])));
        engine.rows_touched() - before
    });
    assert_constant(&touched);
}

#[test]
fn requests_touch_the_rows_they_are_about() {
    let touched = SIZES.map(|size| {
        let (mut engine, lives) = ordered(size);
        let (slot, before) = (lives[3].slot, engine.rows_touched());
        engine.handle(now(), Event::Request(Ask(1), Request::Terminate(slot)));
        engine.handle(now(), Event::Exited(lives[3], Exit::Stopped));
        engine.handle(now(), Event::Request(Ask(2), Request::Delete(slot)));
        let request = Request::Start(spec(Name::ordinal(size)));
        engine.handle(now(), Event::Request(Ask(3), request));
        engine.rows_touched() - before
    });
    assert_constant(&touched);
}

#[test]
fn a_million_idle_children_arm_no_timer() {
    assert_eq!(ordered(1_000_000).0.poll_timeout(), None);
    assert_eq!(dynamic(1_000_000).0.poll_timeout(), None);
}

/// A timer goes with the life it was for, though others are left.
#[test]
fn no_dead_timer_is_left() {
    let (mut engine, lives) = ordered(10);
    let request = Request::Terminate(lives[4].slot);
    engine.handle(now(), Event::Request(Ask(1), request));
    let due = Moment::default().after(Duration::from_secs(5));
    assert_eq!(engine.poll_timeout(), Some(due));
    engine.handle(now(), Event::Exited(lives[4], Exit::Stopped));
    assert_eq!(engine.poll_timeout(), None);
}

#[test]
fn a_start_and_a_stop_are_linear_under_one_for_one() {
    for size in SIZES {
        let (mut engine, _) = ordered(size);
        assert_linear(engine.rows_touched(), size);
        let before = engine.rows_touched();
        engine.handle(now(), Event::Shutdown(None));
        let mut ended = 0;
        while let [life] = stopped(|| engine.poll_command())[..] {
            ended += 1;
            engine.handle(now(), Event::Exited(life, Exit::Stopped));
        }
        assert_eq!(ended, size);
        assert_linear(engine.rows_touched() - before, size);
    }
}

#[test]
fn a_start_and_a_stop_are_linear_under_a_dynamic_supervisor() {
    for size in SIZES {
        let (mut engine, _) = dynamic(size);
        assert_linear(engine.rows_touched(), size);
        let before = engine.rows_touched();
        engine.handle(now(), Event::Shutdown(None));
        let lives = stopped(|| engine.poll_command());
        assert_eq!(lives.len() as u64, size);
        for life in lives {
            engine.handle(now(), Event::Exited(life, Exit::Stopped));
        }
        assert_linear(engine.rows_touched() - before, size);
    }
}
