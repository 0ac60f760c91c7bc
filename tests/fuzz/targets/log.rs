#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| regrow_fuzz::log(bytes));
