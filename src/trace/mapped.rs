//! A mapped file, which another program may cut while it is read.
//!
//! Reading a page of a map that lies behind the end of its file is answered by the system with SIGBUS, which ends the
//! program. Nobody can look before: between the look and the reading the file may be cut. So on Unix a handler of that
//! signal puts pages of zeros in the place of those that are gone, and notes from where on; whoever reads asks
//! [`lost_from`](Mapped::lost_from) from time to time. systemd reads its journal in this way. Windows refuses to cut a
//! file that is mapped.

use std::fs::File;
use std::io;
use std::ops::Deref;

use memmap2::Mmap;

/// A mapped file.
#[derive(Debug)]
pub(super) struct Mapped {
    /// Watches over the map; goes before it.
    #[cfg(unix)]
    guard: guard::Guard,
    map: Mmap,
    file: File,
}

impl Mapped {
    /// Maps a file, which is not empty.
    pub(super) fn new(file: &File) -> io::Result<Self> {
        let file = file.try_clone()?;
        // SAFETY: the map is only read. That another program may change the bytes meanwhile is harmless: all of them are
        // read as bytes from outside. Where it cuts the file, the guard puts zeros in place of them.
        #[allow(unsafe_code)]
        let map = unsafe { Mmap::map(&file)? };
        #[cfg(unix)]
        let _ = map.advise(memmap2::Advice::Sequential); // A hint; nothing is lost where it is refused.
        Ok(Self {
            #[cfg(unix)]
            guard: guard::Guard::over(&map)?,
            map,
            file,
        })
    }

    /// The first byte that is not there any more, because the file was cut or cannot be read; none while all are.
    pub(super) fn lost_from(&self) -> Option<u64> {
        let length = self.file.metadata().map_or(u64::MAX, |facts| facts.len());
        let cut = (length < self.map.len() as u64).then_some(length);
        #[cfg(unix)]
        let cut = cut.into_iter().chain(self.guard.lost_from()).min();
        cut
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map
    }
}

/// The handler of SIGBUS, and what it knows.
#[cfg(unix)]
#[allow(unsafe_code)]
mod guard {
    use std::io;
    use std::mem::MaybeUninit;
    use std::ptr;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

    use libc::{c_int, c_void, siginfo_t};

    /// A map that is watched over, or was. These are never freed, since the handler may look at them at any time, and are
    /// used again.
    #[derive(Debug)]
    struct Watched {
        used: AtomicBool,
        /// The address of the first byte, and that behind the last page; both 0 while nothing is watched.
        begin: AtomicUsize,
        end: AtomicUsize,
        /// How far behind the first byte the first lost page begins.
        lost: AtomicUsize,
        next: AtomicPtr<Watched>,
    }

    /// Nothing is lost.
    const NOTHING: usize = usize::MAX;

    static FIRST: AtomicPtr<Watched> = AtomicPtr::new(ptr::null_mut());

    /// How large a page is.
    static PAGE: AtomicUsize = AtomicUsize::new(4096);

    /// What handled the signal before; none where the handler could not be installed.
    static BEFORE: OnceLock<Option<libc::sigaction>> = OnceLock::new();

    /// Watches over a map as long as it lives.
    #[derive(Debug)]
    pub(super) struct Guard(&'static Watched);

    impl Guard {
        pub(super) fn over(map: &[u8]) -> io::Result<Self> {
            if BEFORE.get_or_init(install).is_none() {
                return Err(io::Error::other("the handler of SIGBUS cannot be set"));
            }
            let watched = free();
            let begin = map.as_ptr() as usize;
            watched.lost.store(NOTHING, Ordering::Relaxed);
            watched.begin.store(begin, Ordering::Relaxed);
            let end = (begin + map.len()).next_multiple_of(PAGE.load(Ordering::Relaxed));
            watched.end.store(end, Ordering::Release);
            Ok(Self(watched))
        }

        pub(super) fn lost_from(&self) -> Option<u64> {
            let lost = self.0.lost.load(Ordering::Acquire);
            (lost != NOTHING).then_some(lost as u64)
        }
    }

    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.end.store(0, Ordering::Release);
            self.0.begin.store(0, Ordering::Release);
            self.0.used.store(false, Ordering::Release);
        }
    }

    /// One that watches over nothing.
    fn free() -> &'static Watched {
        let mut at = FIRST.load(Ordering::Acquire);
        // SAFETY: what stands in the list was leaked, so it is there for good.
        while let Some(watched) = unsafe { at.as_ref() } {
            if !watched.used.swap(true, Ordering::AcqRel) {
                return watched;
            }
            at = watched.next.load(Ordering::Acquire);
        }
        let new: &'static Watched = Box::leak(Box::new(Watched {
            used: AtomicBool::new(true),
            begin: AtomicUsize::new(0),
            end: AtomicUsize::new(0),
            lost: AtomicUsize::new(NOTHING),
            next: AtomicPtr::new(ptr::null_mut()),
        }));
        let mut first = FIRST.load(Ordering::Acquire);
        loop {
            new.next.store(first, Ordering::Release);
            let place = ptr::from_ref(new).cast_mut();
            match FIRST.compare_exchange(first, place, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return new,
                Err(other) => first = other,
            }
        }
    }

    /// Installs the handler. Returns what was there before.
    fn install() -> Option<libc::sigaction> {
        // SAFETY: the calls have no conditions but valid pointers, and all of a sigaction that is not set may be zero. The
        // handler does only what a handler may: it reads atomics and calls the system.
        unsafe {
            let page = libc::sysconf(libc::_SC_PAGESIZE);
            PAGE.store(usize::try_from(page).ok().filter(|page| page.is_power_of_two())?, Ordering::Relaxed);
            let mut action: libc::sigaction = MaybeUninit::zeroed().assume_init();
            action.sa_sigaction = handle as extern "C" fn(c_int, *mut siginfo_t, *mut c_void) as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigemptyset(&raw mut action.sa_mask);
            let mut before = MaybeUninit::<libc::sigaction>::zeroed();
            (libc::sigaction(libc::SIGBUS, &raw const action, before.as_mut_ptr()) == 0)
                .then(|| before.assume_init())
        }
    }

    /// Puts zeros in place of the pages of a map that are gone. Any other cause is left to whoever handled the signal before.
    extern "C" fn handle(signal: c_int, info: *mut siginfo_t, _: *mut c_void) {
        // SAFETY: the system hands over a valid description of the signal. Pages are replaced only within a map that is
        // watched over, which belongs to this program and which nobody writes to; a thread that reads there, and caused the
        // signal, reads zeros when it goes on.
        unsafe {
            let raised = (*info).si_code <= 0; // By somebody who sent it, not by reading.
            let at = (*info).si_addr() as usize;
            if !raised && replace(at) {
                return;
            }
            if let Some(Some(before)) = BEFORE.get() {
                libc::sigaction(signal, ptr::from_ref(before), ptr::null_mut());
            }
            // One that was caused by reading is caused again.
            if raised {
                libc::raise(signal);
            }
        }
    }

    /// Whether the address lies in a map that is watched over, and what was there from its page on could be replaced.
    ///
    /// # Safety
    /// To be called by the handler alone.
    unsafe fn replace(at: usize) -> bool {
        let mut place = FIRST.load(Ordering::Acquire);
        // SAFETY: what stands in the list was leaked, so it is there for good.
        while let Some(watched) = unsafe { place.as_ref() } {
            let end = watched.end.load(Ordering::Acquire);
            let begin = watched.begin.load(Ordering::Acquire);
            if begin != 0 && (begin..end).contains(&at) {
                let page = at & !(PAGE.load(Ordering::Relaxed) - 1);
                // SAFETY: the pages are those of the map that is watched over, see the handler.
                let replaced = unsafe {
                    libc::mmap(
                        page as *mut c_void,
                        end - page,
                        libc::PROT_READ,
                        libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED,
                        -1,
                        0,
                    )
                };
                watched.lost.fetch_min(page - begin, Ordering::AcqRel);
                return replaced != libc::MAP_FAILED;
            }
            place = watched.next.load(Ordering::Acquire);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// A file of so many pages of ones, mapped.
    fn ones(pages: usize) -> (tempfile::NamedTempFile, Mapped) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&vec![1; pages * 4096]).unwrap();
        let mapped = Mapped::new(file.as_file()).unwrap();
        (file, mapped)
    }

    fn ones_in(bytes: &[u8]) -> usize {
        bytes.iter().map(|byte| usize::from(*byte)).sum()
    }

    #[cfg(unix)]
    #[test]
    fn what_another_program_cuts_off_is_zeros_and_is_known_to_be_lost() {
        let (file, mapped) = ones(64);
        let (other, untouched) = ones(64);
        assert_eq!(mapped.lost_from(), None);
        assert_eq!(ones_in(&mapped), 64 * 4096);
        file.as_file().set_len(10 * 4096 + 100).unwrap();
        assert_eq!(mapped.lost_from(), Some(10 * 4096 + 100));
        let there = ones_in(&mapped);
        assert_eq!(there, 10 * 4096 + 100);
        assert!(mapped[there..].iter().all(|byte| *byte == 0));
        // Cut once more, and grown again: what was lost stays lost.
        file.as_file().set_len(0).unwrap();
        assert!(mapped.iter().all(|byte| *byte == 0));
        file.as_file().set_len(64 * 4096).unwrap();
        assert_eq!(mapped.lost_from(), Some(0));
        // Others are not touched, nor is a map that comes to stand in the same place.
        assert_eq!(untouched.lost_from(), None);
        assert!(untouched.iter().all(|byte| *byte == 1));
        drop(mapped);
        for _ in 0..100 {
            let (_file, again) = ones(64);
            assert_eq!(again.lost_from(), None);
            assert!(again.iter().all(|byte| *byte == 1));
        }
        drop((other, untouched));
    }

    #[cfg(unix)]
    #[test]
    fn maps_are_cut_in_many_threads_at_once() {
        std::thread::scope(|scope| {
            for thread in 1..8usize {
                scope.spawn(move || {
                    for round in 0..50 {
                        let (file, mapped) = ones(32);
                        let kept = (thread * 5 + round) % 32 * 4096;
                        file.as_file().set_len(kept as u64).unwrap();
                        assert_eq!(ones_in(&mapped), kept);
                        assert_eq!(mapped.lost_from(), Some(kept as u64));
                    }
                });
            }
        });
    }
}
