//! GBK text as UTF-8, a block at a time. Bytes that are no text become U+FFFD, which a row is rejected for.

use std::io::{self, Read};

const BLOCK_BYTES: usize = 1 << 16;

/// Reads GBK (as GB 18030, its superset) and gives UTF-8.
pub(super) struct Transcoder<R> {
    inner: R,
    decoder: encoding_rs::Decoder,
    input: Vec<u8>,
    input_start: usize,
    output: Vec<u8>,
    output_start: usize,
    ended: bool,
}

impl<R: Read> Transcoder<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner,
            decoder: encoding_rs::GB18030.new_decoder_without_bom_handling(),
            input: Vec::new(),
            input_start: 0,
            output: Vec::new(),
            output_start: 0,
            ended: false,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.input_start == self.input.len() {
            self.input.resize(BLOCK_BYTES, 0);
            let read = self.inner.read(&mut self.input)?;
            self.input.truncate(read);
            self.input_start = 0;
            self.ended = read == 0;
        }
        self.output.resize(BLOCK_BYTES, 0);
        let rest = self.input.get(self.input_start..).unwrap_or_default();
        let (_, read, written, _) = self.decoder.decode_to_utf8(rest, &mut self.output, self.ended);
        self.input_start += read;
        self.output.truncate(written);
        self.output_start = 0;
        Ok(())
    }
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.output_start == self.output.len() {
            if self.ended {
                return Ok(0);
            }
            self.fill()?;
        }
        let ready = self.output.get(self.output_start..).unwrap_or_default();
        let length = ready.len().min(buffer.len());
        buffer[..length].copy_from_slice(&ready[..length]);
        self.output_start += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::Transcoder;

    /// Gives one byte at a time, so that every character is cut in two.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let length = self.0.len().min(buffer.len()).min(1);
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    #[test]
    fn characters_survive_being_cut_and_bad_bytes_are_marked() {
        let (bytes, _, _) = encoding_rs::GBK.encode("会员,金额\n张伟,12.50\n");
        let mut text = String::new();
        Transcoder::new(Drip(&bytes)).read_to_string(&mut text).expect("utf-8");
        assert_eq!(text, "会员,金额\n张伟,12.50\n");
        text.clear();
        Transcoder::new(&b"a\xFF\n"[..]).read_to_string(&mut text).expect("utf-8");
        assert_eq!(text, "a\u{FFFD}\n");
    }
}
