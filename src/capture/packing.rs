//! Compressed files: unpacked piece by piece while they are read, never as a whole.

use std::error::Error;
use std::io::{self, BufRead, BufReader, Read};

use flate2::read::MultiGzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Xz,
    Zstd,
}

/// What unpacking may need for the bytes that are repeated from, in KiB: twice what `xz -9` asks for. The decoder of zstd
/// has the same limit by itself.
const XZ_WINDOW: u32 = 128 << 10;

/// So much is read of the compressed bytes at once.
const READ: usize = 32 << 10;

impl Packing {
    /// Recognises it by the first four bytes, gzip by two. No capture begins with any of these.
    pub(super) fn recognise(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x1F, 0x8B, ..] => Some(Self::Gzip),
            [0xFD, b'7', b'z', b'X', ..] => Some(Self::Xz),
            // A frame, or one that is to be skipped (RFC 8878 sections 3.1.1 and 3.1.2).
            [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// How it is called.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
        }
    }

    /// What these bytes unpack to.
    pub(super) fn unpack(self, packed: impl Read + Send + 'static) -> Box<dyn Read + Send> {
        match self {
            Self::Gzip => Box::new(MultiGzDecoder::new(BufReader::new(packed))),
            Self::Xz => {
                let packed = BufReader::with_capacity(READ, Patient(packed));
                Box::new(Ended { reader: XzReader::new_mem_limit(packed, true, XZ_WINDOW), failed: false })
            }
            Self::Zstd => {
                let packed = BufReader::with_capacity(READ, Patient(packed));
                Box::new(Ended {
                    reader: Zstd { packed, frame: FrameDecoder::new(), inside: false },
                    failed: false,
                })
            }
        }
    }
}

/// Waits for what is not there yet: these unpackers cannot go on where they were when something was missing.
struct Patient<R>(R);

impl<R: Read> Read for Patient<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return result,
            }
        }
    }
}

/// Does not ask an unpacker again that has failed.
struct Ended<R> {
    reader: R,
    failed: bool,
}

impl<R: Read> Read for Ended<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.failed {
            return Ok(0);
        }
        let read = self.reader.read(buffer);
        self.failed = read.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        read
    }
}

/// One frame of zstd behind the other, and what is to be skipped between them.
struct Zstd<R> {
    packed: R,
    frame: FrameDecoder,
    inside: bool,
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.inside && !self.begin()? {
                return Ok(0);
            }
            let count = self.frame.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            if self.frame.is_finished() {
                let [said, found] =
                    [self.frame.get_checksum_from_data(), self.frame.get_calculated_checksum()];
                if said.is_some() && said != found {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "the checksum does not fit"));
                }
                self.inside = false;
            } else {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                self.frame.decode_blocks(&mut self.packed, one).map_err(reason)?;
            }
        }
    }
}

impl<R: BufRead> Zstd<R> {
    /// Begins the next frame, if there is one.
    fn begin(&mut self) -> io::Result<bool> {
        while !self.packed.fill_buf()?.is_empty() {
            match self.frame.init(&mut self.packed) {
                Ok(()) => {
                    self.inside = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = u64::from(length);
                    if io::copy(&mut self.packed.by_ref().take(length), &mut io::sink())? < length {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(reason(error)),
            }
        }
        Ok(false)
    }
}

/// What stopped the decoder: the reader where it is that, so that an early end is told from damage.
fn reason(error: FrameDecoderError) -> io::Error {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(read) = inner.downcast_ref::<io::Error>() {
            return io::Error::new(read.kind(), read.to_string());
        }
        source = inner.source();
    }
    io::Error::new(io::ErrorKind::InvalidData, error)
}
