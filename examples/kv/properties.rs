//! What holds of all bytes: for the fuzzer, which invents them, and for the ordinary tests, which try those that it kept.
//!
//! The fuzzer is in `tests/fuzz` and has its own list of the modules that this needs.

use bytes::{Bytes, BytesMut};

use crate::{
    command::Command,
    data::{Key, Operation, Table, redo},
    log::frame::{Frame, Frames, seal},
    resp::{Parser, Request, Writer},
};

/// Bytes from a client: wherever they are cut they are the same requests, and each is read or refused in one line.
pub(crate) fn parser(bytes: &[u8]) {
    let (cut, bytes) = bytes.split_first().unwrap_or((&0, &[]));
    let piece = usize::from(*cut).max(1);
    let whole = requests([bytes].into_iter());
    assert_eq!(requests(bytes.chunks(piece)), whole, "in pieces of {piece}");
    for request in whole.0 {
        assert!(!request.is_empty());
        let mut again = Writer::default();
        again.bulks(&request.iter().map(|word| &word[..]).collect::<Vec<_>>());
        assert_eq!(
            requests([again.bytes()].into_iter()),
            (vec![request.clone()], None)
        );
        if let Err(refusal) = Command::read(request) {
            let mut reply = Writer::default();
            reply.error(refusal.bytes());
            let line = reply.bytes();
            let end = line.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            assert_eq!(end, Some(line.len() - 2));
        }
    }
}

/// Bytes as a log: what can be read of them is what would be written for it; and a log of what clients asked for gives the same
/// data, or, with a bit turned or its end cut off, the data of some moment before, and never other data.
pub(crate) fn log(bytes: &[u8]) {
    let read = read(bytes);
    let mut frame = Vec::new();
    let mut again = Vec::new();
    for records in &read {
        seal(records, &mut frame);
        again.extend_from_slice(&frame);
    }
    assert!(bytes.starts_with(&again));
    for records in read {
        // It may be no change; it must not panic.
        let _ = redo(records, &mut Table::default());
    }
    let (place, bytes) = bytes.split_at(bytes.len().min(4));
    let place = place
        .iter()
        .fold(0, |place, byte| (place << 8) | usize::from(*byte));
    history(bytes, place);
}

/// All keys with their values and deadlines.
type Dump = Vec<(Bytes, Vec<u8>, Option<i64>)>;

/// Does what the bytes ask for, and replays its log, whole and broken at that place.
fn history(bytes: &[u8], place: usize) {
    let (mut table, mut log, mut frame) = (Table::default(), Vec::new(), Vec::new());
    let mut moments = vec![dump(&table)];
    let (requests, _) = requests([bytes].into_iter());
    for (now, operation) in (1000..).zip(requests.into_iter().filter_map(operation)) {
        let (mut replies, mut records) = (Writer::default(), Writer::default());
        table.apply(&operation, now, &mut replies, &mut records);
        if records.len() == 0 {
            table.roll_back();
            assert_eq!(
                Some(&dump(&table)),
                moments.last(),
                "changed without a trace"
            );
            continue;
        }
        table.roll_back();
        assert_eq!(Some(&dump(&table)), moments.last(), "not taken back");
        records.clear();
        table.apply(&operation, now, &mut replies, &mut records);
        table.commit();
        seal(records.bytes(), &mut frame);
        log.extend_from_slice(&frame);
        moments.push(dump(&table));
    }
    assert_eq!(Some(&replayed(&log)), moments.last());
    if !log.is_empty() {
        let (byte, bit) = (place / 8 % log.len(), place % 8);
        assert!(moments.contains(&replayed(&log[..byte])), "cut at {byte}");
        log[byte] ^= 1 << bit;
        assert!(
            moments.contains(&replayed(&log)),
            "bit {bit} of {byte} turned"
        );
    }
}

/// The requests that are whole, and what was wrong with what came then.
fn requests<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Request>, Option<String>) {
    let (mut parser, mut found) = (Parser::new(), Vec::new());
    for piece in pieces {
        parser.room().extend_from_slice(piece);
        loop {
            match parser.next() {
                Ok(Some(request)) => found.push(request),
                Ok(None) => break,
                Err(error) => return (found, Some(error.to_string())),
            }
        }
    }
    (found, None)
}

fn operation(request: Request) -> Option<Operation> {
    match Command::read(request) {
        Ok(Command::Store(operation)) => Some(operation),
        _ => None,
    }
}

/// The records of all frames, up to the first that is not whole.
fn read(bytes: &[u8]) -> Vec<BytesMut> {
    let mut frames = Frames::new(bytes, bytes.len() as u64);
    let mut found = Vec::new();
    while let Ok(Frame::Records(records)) = frames.next() {
        found.push(records);
    }
    found
}

fn replayed(log: &[u8]) -> Dump {
    let mut table = Table::default();
    for records in read(log) {
        redo(records, &mut table).expect("what was done can be done again");
    }
    dump(&table)
}

fn dump(table: &Table) -> Dump {
    let entries = table.from(Key::first_of(0));
    entries
        .map(|(key, entry)| {
            let bytes = Bytes::copy_from_slice(key.bytes());
            (bytes, entry.value.clone(), entry.deadline)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    /// What the fuzzer kept.
    fn corpus(target: &str) -> Vec<Vec<u8>> {
        let tests = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests"));
        let files = fs::read_dir(tests.join("fuzz/corpus").join(target)).unwrap();
        let inputs = files.map(|file| fs::read(file.unwrap().path()).unwrap());
        let inputs: Vec<_> = inputs.collect();
        assert!(inputs.len() > 20, "{} inputs for {target}", inputs.len());
        inputs
    }

    #[test]
    fn the_corpus_of_the_parser_holds() {
        corpus("parser")
            .iter()
            .for_each(|input| super::parser(input));
    }

    #[test]
    fn the_corpus_of_the_log_holds() {
        corpus("log").iter().for_each(|input| super::log(input));
    }
}
